"""What somebody asks waits for the morning letter, which brings it; it goes at once where a day falls before that."""

from __future__ import annotations

import io
import zipfile

import pytest

from csp_workflow.steps import showing
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.events import LetterState
from tests.story.site_told import CO_ORDINATOR, Played, filled, said

LEAD = "lead@charnwood.example"
ASKED = "Do we count a household once, or each call?"


def letters_that_ask(outside: Outside) -> list[tuple[LetterState, str]]:
    """The letters that put somebody's words before the office, with what became of each."""
    return [(x.state, x.reason) for x in outside.store.letters(kind="question")]


def ask(site: Played, when: str) -> None:
    day, _, _ = when.rpartition(" ")
    site.beat(f"{day} 07:35")
    site.new_letters()
    site.write(LEAD, "A question", ASKED)
    site.beat(when)


def test_the_morning_letter_quotes_it_offers_its_orders_and_brings_it_as_it_came(site: Played) -> None:
    ask(site, "16 Oct 10:00")
    assert not site.new_letters(CO_ORDINATOR), "it waits for the morning"
    assert site.new_letters(LEAD), "whoever asked is answered at once"
    site.beat("16 Oct 16:00")
    site.beat("17 Oct 07:29")
    assert not site.new_letters(CO_ORDINATOR)
    site.beat("17 Oct 07:35")
    (morning,) = site.new_letters(CO_ORDINATOR)
    assert f'They wrote: "{ASKED}" Reply: ANSWER' in said(morning)
    (original,) = [data for name, data in morning.files if name.endswith(".eml")]
    assert ASKED.encode() in original
    site.beat("17 Oct 07:40")
    assert site.ask(letters_that_ask) == [
        (LetterState.WITHDRAWN, "It was kept for the morning letter, which has been.")
    ]


def test_a_file_that_goes_to_nobody_does_not_go_with_the_morning_letter(site: Played) -> None:
    unsafe = io.BytesIO()
    with zipfile.ZipFile(unsafe, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/../../x.xml", "<x/>")
    form = filled(site.the_letter(LEAD, "Please fill in"))
    site.beat("16 Oct 07:35")
    site.new_letters()
    site.write(LEAD, "Our return", ASKED, form, ("Figures.xlsx", unsafe.getvalue()))
    site.beat("16 Oct 10:00")
    assert site.state("charnwood") == "complete"
    site.beat("17 Oct 07:35")
    (morning,) = site.new_letters(CO_ORDINATOR)
    assert f'They wrote: "{ASKED}"' in said(morning)
    assert not [name for name, _ in morning.files if name.endswith(".eml")]


def test_what_she_has_dealt_with_before_the_morning_brings_her_nothing(site: Played) -> None:
    ask(site, "16 Oct 10:00")
    everything = site.told_in_full("16 Oct 10:05")
    done = next(line.split("or:")[1].strip() for line in everything.text.splitlines() if "or:    DONE" in line)
    site.write(CO_ORDINATOR, "Dealt with", done)
    site.beat("16 Oct 11:00")
    site.new_letters()
    site.beat("17 Oct 07:35")
    site.beat("17 Oct 09:05")
    assert not [x for x in site.new_letters(CO_ORDINATOR) if ASKED in said(x)]


def test_it_goes_at_once_where_returns_are_due_before_the_morning(site: Played) -> None:
    site.beat("27 Oct 10:00")
    ask(site, "28 Oct 10:00")
    assert ASKED in said(site.the_letter(CO_ORDINATOR, "wrote to us. It asks"))


def test_it_goes_at_once_at_a_site_that_wants_so(site: Played) -> None:
    config = site.place / "config" / "service.toml"
    config.write_text(
        config.read_text("utf-8").replace("questions_at_once = false", "questions_at_once = true"), "utf-8"
    )
    ask(site, "16 Oct 10:00")
    assert ASKED in said(site.the_letter(CO_ORDINATOR, "wrote to us. It asks"))


def test_it_goes_by_itself_where_no_morning_letter_is_made(site: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(site, "16 Oct 10:00")

    def fail(*_: object) -> None:
        raise RuntimeError("no digest")

    site.beat("16 Oct 17:00")
    monkeypatch.setattr(showing, "send_digest", fail)
    site.beat("17 Oct 07:35")
    site.beat("17 Oct 07:40")
    assert ASKED in said(site.the_letter(CO_ORDINATOR, "wrote to us. It asks"))
