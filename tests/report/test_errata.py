"""What is stated, what has changed since, and what is an erratum or an addendum: the same for the same facts."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.report import errata
from csp_workflow.report.check import find_problems
from csp_workflow.report.circulate import Copies, decide_circulating, decide_clearing, decide_draft
from csp_workflow.report.contents import compile_contents
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.statements import (
    Disclosed,
    Report,
    Statement,
    Statements,
    dump_statements,
    find_changes,
    list_statements,
    load_disclosed,
    load_statements,
)
from csp_workflow.report.word.document import build_document
from csp_workflow.request.calendar import plan_quarter
from csp_workflow.request.form import define_form
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.dates import PaperState
from csp_workflow.terms.events import Decision, Event, Happened, PreconditionFailed
from csp_workflow.terms.figures import Break, FigureStatus, MeasureKind
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.site import Site
from csp_workflow.terms.status import CycleStatus, fold_cycle
from tests.report.paper_told import BASE, NOW, Q2, facts, figure, status, submission, told
from tests.report.test_contents import words

CHARNWOOD = "E22000165"
COPIES = Copies(draft=b"x", draft_hash="d", copy_hash="c", statements="s")
RECEIVED = (Happened.RECEIVED, Happened.COMPLETE)


def stated(of: ReportFacts) -> Statements:
    return load_statements(dump_statements(list_statements(of), Disclosed()))


def returned(value: int | None, said: str = "Two schools joined.", note: str = "") -> ReportFacts:
    """A quarter in which one partnership counted something and wrote something."""
    counted = figure("CHARN.L1", CHARNWOOD, Q2, value, note=note)
    mine = submission("charnwood", told("T1", said, "More."), figures=(counted,))
    return facts(counted, status=status(charnwood=RECEIVED), submissions={"charnwood": mine})


def changes(before: ReportFacts, after: ReportFacts) -> dict[str, tuple[str, str]]:
    now = list_statements(after)
    return {change.key: (change.was, change.now) for change in find_changes(stated(before), now)}


KEY = "figure CHARN.L1 E22000165 2014/15-Q2"


def test_a_corrected_figure_changes_what_was_stated_and_nothing_else() -> None:
    assert changes(returned(97), returned(97)) == {}
    assert changes(returned(97), returned(12)) == {KEY: ("97", "12")}
    assert changes(returned(97), returned(None)) == {KEY: ("97", "")}
    assert changes(returned(None), returned(12)) == {KEY: ("", "12")}


def test_words_are_compared_whoever_heads_them() -> None:
    assert changes(returned(97), returned(97, "Three schools joined.")) == {
        "words 2014/15-Q2 charnwood T1": ("Two schools joined.", "Three schools joined.")
    }


def test_what_only_adds_is_an_addendum() -> None:
    nobody = facts(status=status())
    late = errata.name_erratum(find_changes(stated(nobody), list_statements(returned(12))))
    assert late == "addendum", "its return had not been received"
    declined = facts(status=status(charnwood=(Happened.DECLINED,)))
    said = find_changes(stated(declined), list_statements(returned(12)))
    assert errata.name_erratum(said) == "erratum", "it was said to have declined"


def test_what_is_not_asked_for_any_more_was_not_taken_back() -> None:
    after = returned(97)
    framework = after.site.framework(Q2)
    fewer = tuple(m for m in framework.local_measures if m.series.ref != "CHARN.L1")
    ended = replace(after.site, frameworks=(replace(framework, local_measures=fewer),))
    assert changes(returned(97), replace(after, site=ended)) == {}


def test_whoever_has_left_the_configuration_took_nothing_back() -> None:
    of = returned(97)
    without = tuple(r for r in of.site.respondents if r.key != "charnwood")
    heir = replace(of.site.respondent("charnwood"), key="soar", name="Soar Valley", predecessors=("charnwood",))
    assert changes(of, replace(of, site=replace(of.site, respondents=without))) == {}
    assert changes(of, replace(of, site=replace(of.site, respondents=(*without, heir)))) == {}
    assert (
        errata.with_reported(of, [Report(board="panel", quarter=Q2, at=NOW, statements=stated(of))], {}).otherwise == ()
    )


def test_a_note_beside_a_number_that_is_not_told_is_not_told_either() -> None:
    def told_of(status: FigureStatus) -> str:
        counted = figure("CHARN.L1", CHARNWOOD, Q2, None, status=status, note="Three cases, not 97.")
        mine = submission("charnwood", figures=(counted,))
        after = facts(counted, status=circulated(returned(97)), submissions={"charnwood": mine})
        found = find_changes(stated(returned(97)), list_statements(after))
        return words(errata.write_erratum(after, found, draft=False))

    assert "Three cases" not in told_of(FigureStatus.SUPPRESSED)
    assert "Three cases" in told_of(FigureStatus.NOT_APPLICABLE)


def test_what_counts_another_thing_since_is_read_as_it_was_answered() -> None:
    counts = (90, 95, 90, 95, 160, 150, 155, 160)
    before = facts(*(figure("M12a", CHARNWOOD, Q2.plus(-back), value) for back, value in enumerate(counts)))
    dates = plan_quarter(Q2, before.site)
    charnwood = before.site.respondent("charnwood")
    asked = define_form(charnwood, Q2, site=before.site, dates=dates, figures=(), narratives={}, revision=1, key=b"k")
    framework = before.site.framework(Q2)

    def since(day: date) -> ReportFacts:
        now = {"kind": MeasureKind.PERCENT, "broken": Break(day=day, reason="Per cent are asked")}
        measures = tuple(
            replace(m, series=tuple(replace(s, **now) if s.ref == "M12a" else s for s in m.series))  # type: ignore[arg-type]
            for m in framework.measures
        )
        site = replace(before.site, frameworks=(replace(framework, measures=measures),))
        return replace(before, site=site, answered={"charnwood": asked})

    assert changes(before, since(Q2.plus(1).start)) == {}
    assert changes(before, since(Q2.start)) != {}


def test_an_estimate_that_becomes_final_changes_no_figure() -> None:
    final = replace(returned(97).submissions["charnwood"].figures[0], status=FigureStatus.FINAL)
    assert changes(returned(97), replace(returned(97), known=KnownFigures([final], NOW.date()))) == {}


def test_a_revision_of_an_earlier_quarter_changes_the_totals_and_readings_that_were_printed() -> None:
    def police(*, last: int) -> ReportFacts:
        values = (60, last, 60, 60, *[40] * 8)
        return facts(*(figure("M12a", CHARNWOOD, Q2.plus(-back), value) for back, value in enumerate(values)))

    assert changes(police(last=10), police(last=100)) == {
        "year 2014/15-Q2 M12a E22000165": ("190, usually 160: no clear change", "280, usually 160: rising")
    }


def circulated(of: ReportFacts) -> CycleStatus:
    """The Board's paper as it stands, sent."""
    kinds = (Happened.PAPER_DRAFTED, Happened.PAPER_CLEARED, Happened.PAPER_CIRCULATED)
    about = {"content": "d", "copy": "c", "statements": "s"}
    events = [Event(kind=kind, at=NOW, by="test", quarter=Q2, subject="speb", facts=about) for kind in kinds]
    return fold_cycle(Q2, events, onto=of.status)


def corrected(before: ReportFacts, after: ReportFacts) -> tuple[ReportFacts, Decision]:
    """The paper sent as it stood before, and what is drafted of what stands after."""
    later = replace(after, status=circulated(after))
    found = find_changes(stated(before), list_statements(after))
    return later, errata.decide_erratum(later, found, COPIES, NOW, by="test")


def test_the_document_says_what_was_printed_what_it_is_now_by_whom_and_why_and_nothing_else() -> None:
    after = returned(12, "Three schools joined.", note="Two cases were counted ten times.")
    found = find_changes(stated(returned(97)), list_statements(after))
    later = replace(after, status=circulated(after))
    contents = errata.write_erratum(later, found, draft=False)
    assert contents.title.startswith("Erratum: ")
    text = words(contents)
    assert "97\n12\nCharnwood Community Safety Partnership, Friday 24 October 2014. Two cases were counted" in text
    assert "as printed\nTwo schools joined." in text
    assert "Three schools joined." in text
    assert "More." not in text
    assert find_problems(build_document(contents, base=BASE)) == ()
    draft = build_document(errata.write_erratum(later, found, draft=True), base=BASE)
    assert "There is the word DRAFT in the header." in find_problems(draft)


def test_what_is_taken_back_says_so_and_not_that_it_follows_from_figures() -> None:
    before, kept = returned(17), facts(status=status(charnwood=(Happened.DECLINED,)))
    office = kept.site.office.co_ordinator.address
    ended = replace(kept.status.returns["charnwood"], answered_by=office)
    kept = replace(kept, status=replace(kept.status, returns={**kept.status.returns, "charnwood": ended}))
    said = {change.about: change for change in find_changes(stated(before), list_statements(kept))}
    assert errata.say_why(said["figure"]) == "taken back"
    assert "as the Office recorded on" in errata.say_why(said["return"])
    again = facts(status=status(charnwood=()))
    (asked,) = [c for c in find_changes(stated(kept), list_statements(again)) if c.about == "return"]
    rows = words(errata.write_erratum(replace(again, status=circulated(again)), [asked], draft=False))
    assert "the request was declined" in rows
    assert "none has been received" in rows
    assert "asked for again by the Office" in rows


def test_what_was_taken_back_and_what_was_added_are_told_apart() -> None:
    after = returned(None, "")
    found = find_changes(stated(returned(97)), list_statements(after))
    text = words(errata.write_erratum(replace(after, status=circulated(after)), found, draft=False))
    assert "97\nno longer given" in text
    assert "What was not known" not in text
    added = find_changes(stated(facts(status=status())), list_statements(returned(5)))
    text = words(errata.write_erratum(replace(after, status=circulated(after)), added, draft=False))
    assert "What was not known when the paper was written" in text


def test_many_changes_are_counted_in_the_letter_and_stand_in_the_document() -> None:
    many = {f"figure {n}": Statement(what="A thing", said=str(n)) for n in range(30)}
    later = replace(returned(1), status=circulated(returned(1)))
    (letter,) = errata.decide_erratum(later, find_changes({}, many), COPIES, NOW, by="test").letters
    assert len(letter.facts["changes"]) == 21
    assert letter.facts["changes"][-1] == "10 more, which stand in the file"
    words_only = {"words 2014/15-Q2 charnwood T1": Statement(what="A thing", said="Told.")}
    (letter,) = errata.decide_erratum(later, find_changes({}, words_only), COPIES, NOW, by="test").letters
    assert letter.facts["changes"] == ("1 text in the respondents' own words, which stand in the file",)


def test_each_goes_to_its_own_board_s_secretariat_once_and_only_as_she_saw_it() -> None:
    later, drafted = corrected(returned(97), returned(12))
    (letter,) = drafted.letters
    assert (letter.recipient, letter.about[0].board) == ("co-ordinator@opcc.example", "speb")
    open_ = fold_cycle(Q2, drafted.events, onto=later.status)
    with pytest.raises(PreconditionFailed, match="Number 2 is not the latest"):
        errata.require_erratum(open_, "speb", 2)
    sent = errata.decide_erratum_circulation(later.site, open_, later.paper, b"x", NOW, by="her")
    assert [x.recipient for x in sent.letters] == ["secretariat@opcc.example"]
    nobody = replace(later.site, office=replace(later.site.office, secretariat=()))
    with pytest.raises(PreconditionFailed, match="names nobody in the secretariat"):
        errata.decide_erratum_circulation(nobody, open_, later.paper, b"x", NOW, by="her")
    done = fold_cycle(Q2, sent.events, onto=open_)
    assert len(done.papers["speb"].reported) == 2
    with pytest.raises(PreconditionFailed, match="erratum 1 to the paper for speb is settled already"):
        errata.require_erratum(done, "speb", 1)
    with pytest.raises(PreconditionFailed, match="There is no erratum"):
        errata.require_erratum(done, "panel", 1)


def test_one_that_is_left_unsent_keeps_her_reason_and_what_is_right_again_is_withdrawn() -> None:
    later, drafted = corrected(returned(97), returned(12))
    open_ = fold_cycle(Q2, drafted.events, onto=later.status)
    (left,) = errata.decide_dismissing(open_, "speb", 1, NOW, by="her", reason="The Board was told").events
    assert left.facts == {"reason": "The Board was told", "moot": False}
    settled = fold_cycle(Q2, [left], onto=open_)
    assert (settled.papers["speb"].erratum or open_.papers["speb"].erratum) != open_.papers["speb"].erratum
    assert len(settled.papers["speb"].reported) == 1
    (moot,) = errata.decide_withdrawing(replace(later, status=open_), NOW, by="test").events
    assert (moot.kind, moot.facts["reason"]) == (Happened.ERRATUM_DISMISSED, "What was printed is what stands again.")
    for before in (open_, settled):
        again = fold_cycle(Q2, [moot], onto=before).papers["speb"]
        assert again.erratum
        assert again.erratum.statements == again.reported[-1][1], "changed once more, it is drafted once more"


def test_statements_of_an_unknown_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="shape 4"):
        load_statements(b'{"shape": 4, "statements": {}}')


@pytest.mark.parametrize("shape", [b"1", b"2"])
def test_readings_that_were_reckoned_otherwise_are_not_held_against_those_of_now(shape: bytes) -> None:
    kept = b"""{"shape": SHAPE, "statements": {"figure M12a E1 2014/15-Q2": ["Burglary", "164"],
        "quarter 2014/15-Q2 M12a E1": ["Burglary, against the same quarter last year", "rising"],
        "year 2014/15-Q2 M12a E1": ["Burglary, twelve months", "625 against 370: rising"]}}"""
    assert list(load_statements(kept.replace(b"SHAPE", shape))) == ["figure M12a E1 2014/15-Q2"]


def test_what_was_disclosed_is_kept_and_the_first_shape_knows_nothing_of_it() -> None:
    told = Disclosed(shown={"figure M01.1 E1 2014/15-Q1": "9"}, linked=frozenset({("M01.1", "E2", "2014/15-Q1")}))
    assert load_disclosed(dump_statements({}, told)) == told
    first = b'{"shape": 1, "statements": {"a": ["What", "7"]}}'
    assert load_disclosed(first) == Disclosed()
    assert load_statements(first) == {"a": Statement(what="What", said="7")}


# Later papers ---------------------------------------------------------------------------------------


def with_reported(now: ReportFacts, *before: ReportFacts, quarter: int = 0) -> ReportFacts:
    reports = [
        Report(board="speb", quarter=Q2.plus(quarter), at=NOW + timedelta(days=n), statements=stated(one))
        for n, one in enumerate(before)
    ]
    return errata.with_reported(now, reports, list_statements(now))


def test_the_other_board_s_paper_says_what_was_previously_reported_beside_the_figure_and_why() -> None:
    text = words(compile_contents(with_reported(returned(12, note="Counted twice."), returned(97))))
    assert "12 (previously reported 97)" in text
    assert "97 (Strategic Partnership Executive Board, 20 November 2014)\n12\nCharnwood" in text
    assert "Counted twice." in text
    assert "previously reported" not in words(compile_contents(with_reported(returned(97), returned(97)))).lower()
    again = words(compile_contents(with_reported(returned(12), returned(97), returned(12))))
    assert "12 (previously reported 97)" in again, "also where an erratum has told the first board"


def test_a_small_or_missing_figure_says_so_too_and_words_are_not_quoted_twice() -> None:
    told_ = words(compile_contents(with_reported(returned(None, "Other words."), returned(97))))
    assert "97 (Strategic Partnership Executive Board, 20 November 2014)\nno longer given" in told_
    assert "not available (previously reported 97)" in told_
    assert "other words (Strategic Partnership Executive Board" in told_
    assert told_.count("Two schools joined.") == 0
    small = returned(3)
    local = next(m for m in small.framework.local_measures if m.series.ref == "CHARN.L1")
    hidden = replace(local, series=replace(local.series, suppression=replace(local.series.suppression, below=5)))
    framework = replace(small.framework, local_measures=(hidden,))
    site = replace(small.site, frameworks=(framework,))
    assert "fewer than 5 (previously reported 97)" in words(
        compile_contents(with_reported(replace(small, site=site), returned(97)))
    )


def test_a_paper_without_a_part_on_data_quality_says_it_all_the_same() -> None:
    now = returned(12)
    short = tuple(
        replace(f, headings=tuple(h for h in f.headings if h.kind != "data quality")) for f in now.site.report_forms
    )
    now = replace(now, site=replace(now.site, report_forms=short))
    assert "What earlier papers stated otherwise" in words(compile_contents(with_reported(now, returned(97))))
    assert "What earlier papers stated otherwise" not in words(compile_contents(with_reported(now, returned(12))))


def test_a_return_that_an_earlier_paper_missed_is_told_in_a_line() -> None:
    text = words(compile_contents(with_reported(returned(12), facts(status=status()))))
    assert "no return had been received (Strategic Partnership Executive Board, 20 November 2014)\na return" in text
    assert "previously reported" not in text.replace("Previously reported", "")
    gone = words(compile_contents(with_reported(facts(status=status()), returned(12, "Told."))))
    assert "no longer given" in gone
    older = words(compile_contents(with_reported(returned(12), facts(status=status()), quarter=-3)))
    assert "no return had been received" not in older


# Whatever the order ---------------------------------------------------------------------------------

_OF_A_PAPER = ("clear", "circulate", "as cleared", "erratum", "dismiss")
_CORRECT = st.tuples(st.just("correct"), st.sampled_from((12, 40, 97)))
_ACTS = st.lists(
    _CORRECT | st.tuples(st.sampled_from(_OF_A_PAPER), st.sampled_from(("speb", "panel"))), min_size=6, max_size=20
)


@cache
def small_site() -> Site:
    """One partnership that counts one thing: a paper of it is compiled in no time."""
    whole = facts().site
    framework = whole.framework(Q2)
    local = tuple(one for one in framework.local_measures if one.series.ref == "CHARN.L1")
    small = replace(framework, measures=(), objectives=(), local_measures=local)
    return replace(whole, frameworks=(small,), respondents=(whole.respondent("charnwood"),))


class Boards:
    """Two boards' papers of one quarter, moved by the rules alone; what each paper stated stands beside it."""

    def __init__(self) -> None:
        came = status(charnwood=RECEIVED)
        self.status = replace(came, returns={"charnwood": came.returns["charnwood"]})
        self.value, self.now = 97, NOW
        self.kept: dict[str, tuple[Statements, ReportFacts]] = {}
        self.received, self.left = 1, set[str]()

    def facts(self, board: str) -> ReportFacts:
        counted = figure("CHARN.L1", CHARNWOOD, Q2, self.value)
        mine: Submission = submission("charnwood", told("T1", f"{self.value} cases."), figures=(counted,))
        made = facts(counted, board=board, submissions={"charnwood": mine})
        made = replace(made, site=small_site(), status=self.status, as_at=self.now)
        return errata.with_reported(made, self.reports(), self.stated(made))

    @staticmethod
    def stated(made: ReportFacts) -> Statements:
        return list_statements(made)

    def reports(self) -> list[Report]:
        sent = [(at, board, name) for board, paper in self.status.papers.items() for at, name in paper.reported]
        return [Report(board=b, quarter=Q2, at=at, statements=self.kept[name][0]) for at, b, name in sorted(sent)]

    def keep(self, made: ReportFacts) -> Copies:
        name = f"s{len(self.kept)}"
        self.kept[name] = self.stated(made), made
        return replace(COPIES, draft_hash=name, copy_hash=name, statements=name)

    def happen(self, events: Iterable[Event]) -> None:
        self.status = fold_cycle(Q2, events, onto=self.status)

    def play(self, act: str, of: object) -> None:
        self.now += timedelta(hours=1)
        if act == "correct":
            self.value, self.received = int(str(of)), self.received + 1
            came = {"late": True, "sequence": self.received, "revision": 1}
            about = {"quarter": Q2, "respondent": "charnwood", "subject": f"charnwood-{self.received}"}
            self.happen([Event(kind=Happened.RECEIVED, at=self.now, by="test", facts=came, **about)])
        else:
            with suppress(PreconditionFailed):
                self.happen(self.order(act, str(of)).events)
        for board in ("speb", "panel"):
            self.correct(board)

    def order(self, act: str, board: str) -> Decision:
        made = self.facts(board)
        match act:
            case "clear":
                self.happen(decide_draft(made, self.keep(made), self.now, by="her").events)
                return decide_clearing(made.site, self.status, board, self.now, by="her")
            case "circulate" | "as cleared":
                if (paper := self.status.papers.get(board)) is None or paper.state is not PaperState.CLEARED:
                    raise PreconditionFailed("It is not cleared.")
                how = act == "as cleared"
                return decide_circulating(
                    made.site, self.status, made.paper, ("c", b"x"), self.now, by="her", as_cleared=how
                )
            case "erratum":
                return errata.decide_erratum_circulation(made.site, self.status, made.paper, b"x", self.now, by="her")
        decision = errata.decide_dismissing(self.status, board, 0, self.now, by="her", reason="why")
        self.left.add(board)
        return decision

    def correct(self, board: str) -> None:
        """As the step does at each beat."""
        paper = self.status.papers.get(board)
        if paper is None or not paper.reported:
            return
        made = self.facts(board)
        now, sent = self.stated(made), self.kept[paper.reported[-1][1]][0]
        shown = self.kept[paper.erratum.statements][0] if paper.erratum else sent
        if not find_changes(shown, now):
            return
        self.left.discard(board)
        found = find_changes(sent, now)
        if found:
            self.happen(errata.decide_erratum(made, found, self.keep(made), self.now, by="test").events)
        else:
            self.happen(errata.decide_withdrawing(made, self.now, by="test").events)


@given(_ACTS)
def test_two_papers_never_disagree_without_a_word(acts: list[tuple[str, object]]) -> None:
    boards = Boards()
    for act, of in acts:
        boards.play(act, of)
    papers = [(board, paper) for board, paper in boards.status.papers.items() if paper.reported]
    for board, paper in papers:
        now = boards.stated(boards.facts(board))
        sent = boards.kept[paper.reported[-1][1]][0]
        shown = boards.kept[paper.erratum.statements][0] if paper.erratum else sent
        is_told = not find_changes(shown, now) or not find_changes(sent, now)
        assert is_told, "whatever came, she has been shown it or the board has it"
        if find_changes(sent, now):
            assert paper.erratum, "an erratum is open, or was left for a reason"
            assert paper.erratum.is_open or board in boards.left, "she left it herself"
        for other, another in papers:
            first, second = another.reported[0], paper.reported[0]
            if other != board and first[0] <= second[0]:
                said, made = boards.kept[second[1]]
                told_of = {one.what for one in made.otherwise}
                was_out = [name for at, name in another.reported if at <= made.as_at]
                for change in find_changes(boards.kept[first[1]][0], said) if was_out else ():
                    assert change.what in told_of
