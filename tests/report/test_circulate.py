"""Drafting, clearing and circulating a paper: what is refused, and in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from csp_workflow.letters.papers import say_changed
from csp_workflow.report.circulate import (
    Copies,
    decide_circulating,
    decide_clearing,
    decide_draft,
    is_draft_due,
    require_cleared,
)
from csp_workflow.terms.events import Event, Fact, Happened, PreconditionFailed
from csp_workflow.terms.status import CycleStatus, fold_cycle
from tests.report.paper_told import NOW, Q2, facts, site

COPIES = Copies(draft=b"x", draft_hash="d", copy_hash="c")
CLEARED = (Happened.PAPER_DRAFTED, Happened.PAPER_CLEARED)
GONE = (*CLEARED, Happened.PAPER_CIRCULATED)


def events(*kinds: Happened) -> list[Event]:
    about = {"content": "d", "copy": "c"}
    moment = datetime(2014, 11, 19, 9, tzinfo=UTC)
    return [Event(kind=kind, at=moment, by="test", quarter=Q2, subject="speb", facts=about) for kind in kinds]


def after(*kinds: Happened) -> CycleStatus:
    return fold_cycle(Q2, events(*kinds))


def test_a_paper_that_went_out_is_not_drafted_again() -> None:
    assert decide_draft(facts(status=after(*CLEARED)), COPIES, NOW, by="her").letters
    with pytest.raises(PreconditionFailed, match="Executive Board was circulated already; it is not drafted again"):
        decide_draft(facts(status=after(*GONE)), COPIES, NOW, by="her")


def test_a_paper_is_drafted_again_after_a_file_was_loaded_and_only_once() -> None:
    paper, (drafted,) = replace(facts().paper, draft=date(2014, 11, 18)), events(Happened.PAPER_DRAFTED)
    loaded = Event(kind=Happened.FIGURES_IMPORTED, at=drafted.at + timedelta(hours=2), by="a file", subject="f")
    assert not is_draft_due(paper, [drafted], NOW)
    assert is_draft_due(paper, [drafted, loaded], NOW)
    assert not is_draft_due(paper, [drafted, replace(loaded, at=drafted.at - timedelta(hours=2))], NOW)


MOVED_SINCE: tuple[tuple[tuple[Happened, ...], Happened, dict[str, Fact], str], ...] = (
    ((), Happened.EXTENDED, {"until": "2014-11-28", "reason": "a flood"}, "was given until Friday 28 November 2014"),
    ((Happened.DECLINED,), Happened.REOPENED, {"reason": "a mistake"}, "declined is no longer so"),
    ((Happened.RECEIVED, Happened.COMPLETE), Happened.APPROVED, {}, "was approved at"),
    ((Happened.RECEIVED, Happened.COMPLETE, Happened.APPROVED), Happened.RETURNED, {"reason": "x"}, "was sent back at"),
    ((Happened.RECEIVED,), Happened.COMPLETE, {}, "is complete now"),
    ((Happened.RECEIVED,), Happened.DISPUTE_ANSWERED, {}, "What was disputed by Charnwood"),
)


@pytest.mark.parametrize(("before", "then", "about", "said"), MOVED_SINCE)
def test_whatever_moves_a_return_after_the_draft_brings_a_new_one_and_is_told(
    before: tuple[Happened, ...], then: Happened, about: dict[str, Fact], said: str
) -> None:
    (drafted,) = events(Happened.PAPER_DRAFTED)
    of = {"by": "test", "quarter": Q2, "respondent": "charnwood", "subject": "v1"}
    kinds = (Happened.REQUESTED, *before)
    earlier = [Event(kind=kind, at=drafted.at - timedelta(days=1), **of) for kind in kinds]  # type: ignore[arg-type]
    later = Event(kind=then, at=drafted.at + timedelta(hours=2), facts=about, **of)  # type: ignore[arg-type]
    as_drafted = [*earlier, drafted]
    assert not say_changed(site(), fold_cycle(Q2, as_drafted), "speb")
    assert not is_draft_due(facts().paper, as_drafted, NOW)
    (told,) = say_changed(site(), fold_cycle(Q2, [*as_drafted, later]), "speb")
    assert said in told
    assert is_draft_due(replace(facts().paper, draft=date(2014, 11, 18)), [*as_drafted, later], NOW)


def test_what_is_so_of_many_since_a_draft_is_one_sentence() -> None:
    (drafted,) = events(Happened.PAPER_DRAFTED)
    partnerships = [r.key for r in site().respondents if r.needs_approval]

    def told(kind: Happened, count: int, **about: Fact) -> tuple[str, ...]:
        later = [
            Event(
                kind=kind,
                at=drafted.at + timedelta(hours=n),
                by="test",
                quarter=Q2,
                respondent=key,
                subject=key,
                facts=about,
            )
            for n, key in enumerate(partnerships[:count], start=1)
        ]
        return say_changed(site(), fold_cycle(Q2, [drafted, *later]), "speb")

    (two,) = told(Happened.EXTENDED, 2, until="2014-11-28", reason="a flood")
    assert " and " in two
    assert two.endswith("were given until Friday 28 November 2014.")
    (many,) = told(Happened.EXTENDED, 6, until="2014-11-28", reason="a flood")
    assert many == "6 respondents were given until Friday 28 November 2014."
    (came,) = told(Happened.RECEIVED, 6)
    assert came == "The returns of 6 respondents came, the last at 3pm on Wednesday 19 November 2014."
    assert len(told(Happened.RECEIVED, 1)) == 1


def test_only_a_draft_is_cleared_and_only_once() -> None:
    (cleared,) = decide_clearing(site(), after(Happened.PAPER_DRAFTED), "speb", NOW, by="her").events
    assert (cleared.kind, cleared.subject) == (Happened.PAPER_CLEARED, "speb")
    assert cleared.facts == {"content": "d", "number": 1}
    with pytest.raises(PreconditionFailed, match="There is no draft of the paper for speb yet"):
        decide_clearing(site(), after(), "speb", NOW, by="her")
    with pytest.raises(PreconditionFailed, match="The paper for speb is cleared already"):
        decide_clearing(site(), after(*CLEARED), "speb", NOW, by="her")


@pytest.mark.parametrize(
    ("kinds", "said"),
    [((), "is not cleared"), ((Happened.PAPER_DRAFTED,), "is not cleared"), (GONE, "is circulated already")],
)
def test_only_the_copy_of_what_was_cleared_circulates(kinds: tuple[Happened, ...], said: str) -> None:
    assert require_cleared(after(*CLEARED), "speb").copy == "c"
    with pytest.raises(PreconditionFailed, match=said):
        require_cleared(after(*kinds), "speb")


def test_a_paper_goes_to_its_board_s_secretariat_and_to_nobody_without_one() -> None:
    sent = decide_circulating(site(), after(*CLEARED), facts().paper, ("c", b"x"), NOW, by="her")
    assert [x.recipient for x in sent.letters] == ["secretariat@opcc.example"]
    of_all = tuple(replace(person, boards=()) for person in site().office.secretariat)
    everybody = replace(site(), office=replace(site().office, secretariat=of_all))
    sent = decide_circulating(everybody, after(*CLEARED), facts().paper, ("c", b"x"), NOW, by="her")
    assert [x.recipient for x in sent.letters] == [person.address for person in of_all]
    alone = replace(site(), office=replace(site().office, secretariat=()))
    with pytest.raises(PreconditionFailed, match="names nobody in the secretariat"):
        decide_circulating(alone, after(*CLEARED), facts().paper, ("c", b"x"), NOW, by="her")
