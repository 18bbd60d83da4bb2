"""The page that each partnership is shown is read from the draft that would be cleared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csp_workflow.letters.papers import say_objectable
from csp_workflow.report.blocks import Block, Heading, Numbered, Plain, Table
from csp_workflow.report.circulate import decide_showing, mark_pages, read_pages
from csp_workflow.report.edits.keeping import find_edits
from csp_workflow.terms.events import Event, Happened, LetterState, PreconditionFailed, QueuedLetter
from csp_workflow.terms.paper_status import dump_marks, load_marks
from csp_workflow.terms.status import ReturnStatus, fold_cycle
from tests.post.post_told import queued
from tests.report.edited_told import removed, retyped
from tests.report.paper_told import NOW, Q2, facts
from tests.report.test_edits import paper

FACTS = facts()
CHARNWOOD = FACTS.site.respondent("charnwood")
MELTON = FACTS.site.respondent("melton")
BOTH = (CHARNWOOD, MELTON)


def draft(*more: Block, day: str = "Thursday 20 November 2014", patrols: str = "8") -> bytes:
    return paper(
        Heading(text="Performance"),
        Numbered(text="Nothing stands out."),
        Plain(text="Fewer came.", lead="Melton", quoted=True, about=("melton", "M11")),
        Heading(text="Contributions"),
        Heading(text=CHARNWOOD.name, level=3),
        Numbered(text=f"No return was received by {day}.", key="part/charnwood"),
        Plain(text="Patrols were held.", quoted=True, about=("charnwood", "T1")),
        *more,
        Table(
            caption=f"{CHARNWOOD.name}: its own measures",
            description="Own",
            headers=("Measure", "Quarter"),
            rows=(("Patrols", patrols), ("Visits", "3")),
            weights=(1, 1),
        ),
        Heading(text="Appendix"),
        Numbered(text="Not theirs."),
    )


def texts(data: bytes, of: str = "charnwood") -> list[tuple[str, str, str]]:
    edits = find_edits(draft(), data)
    return [(one.heading, one.text, one.was) for one in read_pages(data, BOTH, edits)[of]]


def test_a_page_is_all_below_its_name_and_its_words_wherever_they_stand() -> None:
    assert texts(draft()) == [
        ("", "No return was received by Thursday 20 November 2014.", ""),
        ("", "Patrols were held.", ""),
        (f"{CHARNWOOD.name}: its own measures", "Measure: Patrols; Quarter: 8\nMeasure: Visits; Quarter: 3", ""),
    ]
    assert texts(draft(), "melton") == [("", "Melton. Fewer came.", "")]


def test_what_the_office_changed_stands_beside_what_it_was() -> None:
    assert ("", "Many patrols were held.", "Patrols were held.") in texts(
        retyped(draft(), "Patrols were", "Many patrols were held.")
    )
    assert ("", "9", "8") in texts(retyped(draft(), "8", "9")), "a cell"
    assert ("", "", "Patrols were held.") in texts(removed(draft(), "Patrols were"))
    plain = draft(Numbered(text="A paragraph that stands for itself."))
    hers = retyped(plain, "A paragraph that", "A paragraph that stands for us.")
    pages = read_pages(hers, BOTH, find_edits(plain, hers))
    assert ("A paragraph that stands for us.", "A paragraph that stands for itself.") in {
        (p.text, p.was) for p in pages["charnwood"]
    }


def test_a_page_is_another_when_what_it_says_is_and_not_with_the_day_of_the_draft() -> None:
    marks = load_marks(mark_pages(draft(), FACTS))
    again = load_marks(dump_marks(marks))
    assert again == marks
    assert set(marks) == {"charnwood", "melton"}
    assert load_marks(mark_pages(draft(day="Friday 21 November 2014"), FACTS)) == marks
    later = load_marks(mark_pages(draft(patrols="9"), FACTS))
    assert [key for key in marks if later[key] != marks[key]] == ["charnwood"]


def shown_before(data: bytes, now: bytes, *edits: bytes) -> object:
    """The facts once one board's draft was shown, and another's says `now` (`edits`: before the office changed it)."""
    marks = {
        "speb": mark_pages(data, FACTS),
        "panel": mark_pages(now, FACTS, [e for was in edits for e in find_edits(was, now)]),
    }
    kinds = (Happened.PAPER_DRAFTED, "speb"), (Happened.PAPER_SHOWN, "speb"), (Happened.PAPER_DRAFTED, "panel")
    told = [
        Event(
            kind=kind,
            at=NOW,
            by="test",
            quarter=Q2,
            subject=board,
            facts={"content": "d", "copy": "c", "pages": marks[board], "until": "2014-11-24"},
        )
        for kind, board in kinds
    ]
    panel = replace(FACTS.paper, board="panel")
    return replace(FACTS, status=fold_cycle(Q2, told, onto=FACTS.status), paper=panel)


def drafted(pages: str, *more: Happened) -> object:
    about = {"content": "d", "copy": "c", "number": 1, "pages": pages, "until": "2014-11-24"}
    kinds = (Happened.PAPER_DRAFTED, *more)
    told = [Event(kind=kind, at=NOW, by="test", quarter=Q2, subject="speb", facts=about) for kind in kinds]
    return replace(FACTS, status=fold_cycle(Q2, told, onto=FACTS.status))


def sent_before(data: bytes, state: LetterState = LetterState.SENT) -> list[QueuedLetter]:
    """The letters that showed a draft to all whom it is about."""
    drafted_now = drafted(mark_pages(data, FACTS))
    letters = decide_showing(drafted_now, read_pages(data, BOTH), NOW, by="her").letters  # type: ignore[arg-type]
    return [queued(letter, f"<{number}@opcc.example>", state=state) for number, letter in enumerate(letters)]


def narrow(*more: Block) -> bytes:
    """Another board's paper, which says less of the same in other places."""
    return paper(
        Heading(text="Contributions"),
        Heading(text=CHARNWOOD.name, level=3),
        Plain(text="Patrols were held.", quoted=True, about=("charnwood", "T1")),
        *more,
        Table(
            caption="Measures",
            description="Own",
            headers=("Measure", "Quarter"),
            rows=(("Visits", "3"),),
            weights=(1, 1),
        ),
    )


def test_a_page_of_another_board_that_says_less_of_the_same_is_nothing_new() -> None:
    assert shown_before(draft(), narrow()).status.list_unshown("panel") == ()  # type: ignore[attr-defined]
    with pytest.raises(PreconditionFailed, match="Each partnership was shown"):
        decide_showing(shown_before(draft(), narrow()), read_pages(narrow(), BOTH), NOW, by="her")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("new", "shown"),
    [
        (
            Numbered(text="A return came late. It asks for more patrols."),
            "A return came late. It asks for more patrols.",
        ),
        (
            Table(
                caption="More",
                description="Own",
                headers=("Measure", "Quarter", "Sought"),
                rows=(("Patrols", "8", "rise"), ("Visits", "4", "rise")),
                weights=(1, 1, 1),
            ),
            "Measure: Patrols; Quarter: 8; Sought: rise\nMeasure: Visits; Quarter: 4; Sought: rise",
        ),
        (
            Table(
                caption="More",
                description="Own",
                headers=("Measure", "Quarter"),
                rows=(("Patrols", "8"), ("Visits", "4")),
                weights=(1, 1),
            ),
            "Measure: Visits; Quarter: 4",
        ),
    ],
)
def test_of_another_board_s_page_that_alone_is_shown_which_is_new_with_the_day_of_the_rest(
    new: Block, shown: str
) -> None:
    said, pages = shown_before(draft(), narrow(new)), read_pages(narrow(new), BOTH)
    letters = decide_showing(said, pages, NOW, by="her", letters=sent_before(draft())).letters  # type: ignore[arg-type]
    (page,) = letters[0].facts["pages"]
    assert ([one.text for one in page.words], page.since, page.of.key) == ([shown], NOW.date(), "charnwood")


@pytest.mark.parametrize("letters", [(), sent_before(draft(), LetterState.WITHDRAWN)])
def test_who_was_sent_nothing_of_a_page_is_shown_all_of_it_and_whoever_was_only_what_is_new(
    letters: list[QueuedLetter],
) -> None:
    new = narrow(Numbered(text="A return came late."))
    said, pages = shown_before(draft(), new), read_pages(new, BOTH)
    (letter,) = decide_showing(said, pages, NOW, by="her", letters=letters).letters  # type: ignore[arg-type]
    assert [(page.words, page.since) for page in letter.facts["pages"]] == [(pages["charnwood"], None)]


def test_what_they_ask_is_the_same_under_whatever_it_stands() -> None:
    asked, of = (
        Numbered(text=f'{lead}: "More officers."') for lead in ("What it asks for", "What it asks of the Board")
    )
    assert not shown_before(draft(asked), narrow(of)).status.list_unshown("panel")  # type: ignore[attr-defined]
    other = Numbered(text='What it asks of the Board: "More money."')
    assert shown_before(draft(asked), narrow(other)).status.list_unshown("panel") == ("charnwood",)  # type: ignore[attr-defined]


def test_what_the_office_took_out_or_changed_is_new_though_less_is_said() -> None:
    more = Numbered(text="A paragraph that stands for itself.")
    gone = removed(narrow(more), "A paragraph that")
    facts_now = shown_before(draft(more), gone, narrow(more))
    assert facts_now.status.list_unshown("panel") == ()  # type: ignore[attr-defined]
    words = removed(narrow(), "Patrols were")
    assert shown_before(draft(), words, narrow()).status.list_unshown("panel") == ("charnwood",)  # type: ignore[attr-defined]
    changed = retyped(narrow(), "3", "4")
    found = shown_before(draft(), changed, narrow())
    pages = read_pages(changed, BOTH, find_edits(narrow(), changed))
    before = sent_before(draft())
    (page,) = decide_showing(found, pages, NOW, by="her", letters=before).letters[0].facts["pages"]  # type: ignore[arg-type]
    assert ("4", "3") in {(one.text, one.was) for one in page.words}


def test_what_cannot_be_shown_is_said() -> None:
    pages = read_pages(draft(), BOTH)
    with pytest.raises(PreconditionFailed, match="says nothing of any partnership"):
        decide_showing(drafted(""), {}, NOW, by="her")
    with pytest.raises(PreconditionFailed, match="Each partnership was shown what the paper"):
        decide_showing(drafted("charnwood=1", Happened.PAPER_SHOWN), pages, NOW, by="her")
    forms = tuple(replace(form, objection_days=0) for form in FACTS.site.report_forms)
    silent = replace(drafted("charnwood=1"), site=replace(FACTS.site, report_forms=forms))
    with pytest.raises(PreconditionFailed, match="gives no days to object"):
        decide_showing(silent, pages, NOW, by="her")


def test_a_draft_of_before_whose_pages_have_no_marks_is_shown_to_all() -> None:
    letters = decide_showing(drafted(""), read_pages(draft(), BOTH), NOW, by="her").letters
    assert {about.respondent for letter in letters for about in letter.about} == {"charnwood", "melton"}


def test_the_same_words_in_another_board_s_paper_are_shown_once_and_what_is_said_of_them_counts_for_both() -> None:
    told = [
        Event(kind=kind, at=NOW, by="test", quarter=Q2, subject=board, facts={"content": "d", "copy": "c"} | about)
        for kind, board, about in (
            (Happened.PAPER_DRAFTED, "panel", {"pages": "charnwood=1 melton=2", "until": ""}),
            (Happened.PAPER_DRAFTED, "speb", {"pages": "charnwood=1 melton=3"}),
            (Happened.PAPER_SHOWN, "speb", {"until": "2014-12-24"}),
        )
    ]
    status = fold_cycle(Q2, told, onto=FACTS.status)
    assert (status.list_unshown("speb"), status.list_unshown("panel")) == ((), ("melton",))
    waits = say_objectable(FACTS.site, status, "panel", NOW.date())
    assert waits == (
        f"What it prints about {MELTON.name} was not shown to them.",
        "The partnerships may object until Wednesday 24 December 2014.",
    )
    objects = {"objections": (("speb", "m" * 64),), "open_questions": ("m" * 64,)}
    returns = {of.key: replace(ReturnStatus(respondent=of.key), **objects) for of in BOTH}  # type: ignore[arg-type]
    said = say_objectable(FACTS.site, replace(status, returns=returns), "panel", NOW.date())[2:]
    assert said == (f"{CHARNWOOD.name} objects (DONE {'m' * 10} once you have dealt with it).",), "Melton's is another"
