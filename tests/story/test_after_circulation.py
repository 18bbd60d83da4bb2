"""What comes after a paper went out: an erratum or an addendum to that board, and a word in the other board's paper."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from csp_workflow.rehearsal.partners import excel
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps import papers
from csp_workflow.steps.outside import running_quarter
from tests.story.closed_told import CHARN, LEIC, PANEL, SECRETARIAT, hold_correction, read_file, send_correction
from tests.story.site_told import CO_ORDINATOR, Q2, Played, at, filled, said

Circulated = tuple[Played, dict[str, Post]]


@pytest.fixture(scope="module")
def gone(closed: Circulated, tmp_path_factory: pytest.TempPathFactory) -> Circulated:
    """The Board's paper has gone out, and nothing came since; not played on."""
    site = closed[0].copied_to(tmp_path_factory.mktemp("gone") / "opcc")
    site.beat("20 Nov 09:05")
    site.reply(
        site.the_letter(CO_ORDINATOR, "is attached (speb"), CO_ORDINATOR, "CLEAR speb WITHOUT WAITING\nCIRCULATE speb"
    )
    site.beat("20 Nov 10:00")
    site.beat("20 Nov 10:01")
    assert site.the_letter(SECRETARIAT, "ready for the agenda").files
    site.new_letters()
    return site, closed[1]


@pytest.fixture
def circulated(gone: Circulated, tmp_path: Path) -> Circulated:
    return gone[0].copied_to(tmp_path / "opcc"), gone[1]


def test_a_corrected_figure_becomes_an_erratum_that_goes_on_her_word_alone(circulated: Circulated) -> None:
    site, asked = circulated
    send_correction(site, asked[CHARN], filled(asked[CHARN], number=20), "20 Nov 11:00")
    shown = site.the_letter(CO_ORDINATOR, "Erratum 1 to it is attached")
    words = read_file(shown)
    assert any(line.startswith("This erratum belongs to the paper on July to September 2014") for line in words)
    rows = [line for line in words if "ASB cases opened" in line and line.count(" | ") == 3]
    by_whom = "Charnwood Community Safety Partnership, Thursday 20 November 2014"
    assert rows == [f"ASB cases opened (CHARN.L1), Charnwood, July to September 2014 | 17 | 20 | {by_whom}"]
    assert not [line for line in words if "work went on" in line.lower()], "words that did not change are not repeated"
    site.beat("20 Nov 11:05")
    assert not site.new_letters(SECRETARIAT)
    assert "CIRCULATE speb ERRATUM 1" in said(status_of(site, "20 Nov 11:06"))
    site.reply(shown, CO_ORDINATOR, "CIRCULATE speb ERRATUM 1")
    site.beat("20 Nov 11:10")
    sent = site.the_letter(SECRETARIAT, "has an erratum")
    assert [line for line in read_file(sent) if "CHARN.L1" in line] == rows
    assert not [line for line in read_file(sent) if "DRAFT" in line]
    assert not site.new_letters(PANEL), "each board has its own secretariat"
    assert "ERRATUM" not in said(status_of(site, "20 Nov 11:11"))


def test_an_erratum_that_may_name_a_person_waits_for_her_word_as_a_paper_does(circulated: Circulated) -> None:
    site, asked = circulated
    words = "Mrs Karen Whitfield was assaulted at 14 Orchard Close, LE13 1QT."
    send_correction(site, asked[CHARN], filled(asked[CHARN], number=20, words=words), "20 Nov 11:00")
    shown = site.the_letter(CO_ORDINATOR, "Erratum 1 to it is attached")
    assert "in what Charnwood Community Safety Partnership wrote" in said(shown)
    assert "CIRCULATE speb ERRATUM 1 AS WRITTEN" in said(shown)
    site.reply(shown, CO_ORDINATOR, "CIRCULATE speb ERRATUM 1")
    site.beat("20 Nov 11:05")
    assert "may name a person" in said(site.the_letter(CO_ORDINATOR, "so that it is not circulated"))
    assert not site.new_letters(SECRETARIAT)
    site.reply(shown, CO_ORDINATOR, "CIRCULATE speb ERRATUM 1 AS WRITTEN")
    site.beat("20 Nov 11:10")
    sent = site.the_letter(SECRETARIAT, "has an erratum")
    assert not [line for line in read_file(sent) if "Whitfield" in line], "it was kept back, and stays so"


def status_of(site: Played, when: str) -> Post:
    site.write(CO_ORDINATOR, "Where are we?", "STATUS")
    site.beat(when)
    return site.the_letter(CO_ORDINATOR, "you today")


def test_a_late_return_is_an_addendum_a_newer_one_takes_its_place_and_the_other_board_s_paper_says_so(
    circulated: Circulated,
) -> None:
    site, asked = circulated
    site.reply(asked[LEIC], LEIC, "Late.", filled(asked[LEIC]))
    site.beat("20 Nov 11:00")
    first = site.the_letter(CO_ORDINATOR, "Addendum 1 to it is attached")
    assert not [line for line in read_file(first) if "What was printed" in line]
    send_correction(site, asked[LEIC], filled(asked[LEIC], number=40), "20 Nov 11:10")
    second = site.the_letter(CO_ORDINATOR, "Addendum 2 to it is attached")
    site.reply(first, CO_ORDINATOR, "CIRCULATE")
    site.beat("20 Nov 11:15")
    assert "number 2 has taken its place" in said(site.the_letter(CO_ORDINATOR, "is not the latest"))
    site.reply(second, CO_ORDINATOR, "DISMISS speb ERRATUM 2 BECAUSE the Board was told by telephone")
    site.beat("20 Nov 11:20")
    assert "is not sent; the reason is kept" in said(site.the_letter(CO_ORDINATOR, "not sent"))
    (left,) = [e for e in site.ask(lambda o: o.store.events(Q2)) if e.kind == "erratum dismissed"]  # type: ignore[attr-defined]
    assert left.facts["reason"] == "the Board was told by telephone"
    site.write(CO_ORDINATOR, "Papers", "DRAFT panel")
    site.beat("20 Nov 11:30")
    paper = read_file(site.the_letter(CO_ORDINATOR, "is attached (panel"))
    assert "Earlier papers said otherwise of what follows." in paper
    assert any("no return had been received (Strategic Partnership Executive Board" in line for line in paper)
    assert not site.new_letters(SECRETARIAT), "nothing was sent without her word"


def test_what_she_sends_as_cleared_is_followed_by_what_came_meanwhile(
    cleared: tuple[Played, dict[str, Post], Post],
) -> None:
    site, asked, draft = cleared
    site.reply(asked[LEIC], LEIC, "Late.", filled(asked[LEIC]))
    site.beat("20 Nov 11:00")
    site.reply(draft, CO_ORDINATOR, "CIRCULATE speb as cleared")
    site.beat("20 Nov 11:05")
    shown = site.the_letter(CO_ORDINATOR, "Addendum 1 to it is attached")
    site.write(CO_ORDINATOR, "Yes", hold_correction(site, asked[LEIC], filled(asked[LEIC], number=40), "20 Nov 11:08"))
    site.reply(shown, CO_ORDINATOR, "CIRCULATE")
    site.beat("20 Nov 11:10")
    letters = {letter.subject.split(" to ")[0]: letter for letter in site.new_letters(CO_ORDINATOR)}
    assert any("something came that is not in it. Nothing was sent" in said(one) for one in letters.values())
    assert site.the_letter(SECRETARIAT, "ready for the agenda")
    assert "Addendum 2" in letters
    now = at("20 Nov 11:15")
    done = site.ask(
        lambda o: papers.circulate_erratum(o, Q2, "speb", now, by="the command line", number=2), "20 Nov 11:15"
    )
    assert done == "Number 2 to the paper for speb goes to: Board Secretariat."
    site.beat("20 Nov 11:15")
    assert site.the_letter(SECRETARIAT, "has an addendum").files


def test_what_was_printed_and_stands_again_is_not_promised_as_a_new_one(circulated: Circulated) -> None:
    site, asked = circulated
    send_correction(site, asked[CHARN], filled(asked[CHARN], number=20), "20 Nov 11:00")
    shown = site.the_letter(CO_ORDINATOR, "Erratum 1 to it is attached")
    name, data = asked[CHARN].workbooks[0]
    back = excel.fill(
        data,
        number=lambda *_: 17,
        status=lambda *_: "Provisional",
        words=lambda ref: f"Work went on. ({ref})",
        now=at("20 Nov 09:00"),
    )
    site.write(CO_ORDINATOR, "Yes", hold_correction(site, asked[CHARN], (name, back), "20 Nov 11:08"))
    site.reply(shown, CO_ORDINATOR, "CIRCULATE")
    site.beat("20 Nov 11:10")
    refused = said(site.the_letter(CO_ORDINATOR, "Not done"))
    assert "Nothing was sent; what was printed is what stands again, so that there is nothing to send." in refused
    assert "Erratum 2" not in "".join(one.subject for one in site.new_letters(CO_ORDINATOR))


def edit(site: Played, file: str, old: str, new: str) -> None:
    path = site.place / "config" / file
    before = path.read_text("utf-8")
    assert old in before
    path.write_text(before.replace(old, new, 1), "utf-8")


def test_an_erratum_that_the_configuration_has_overtaken_comes_anew(circulated: Circulated) -> None:
    site, asked = circulated
    send_correction(site, asked[CHARN], filled(asked[CHARN], number=20), "20 Nov 11:00")
    shown = site.the_letter(CO_ORDINATOR, "Erratum 1 to it is attached")
    edit(site, "partnerships.toml", 'ref = "CHARN.L1"\n', 'ref = "CHARN.L1"\nsuppress_below = 30\n')
    site.reply(shown, CO_ORDINATOR, "CIRCULATE")
    site.beat("20 Nov 11:10")
    assert "a new one comes to you in a letter of its own" in said(site.the_letter(CO_ORDINATOR, "Not done"))
    site.beat("20 Nov 11:15")
    (number,) = {p.erratum.number for p in site.ask(lambda o: o.store.cycle_status(Q2).papers.values()) if p.erratum}  # type: ignore[attr-defined]
    assert number == 2, "it came, as was said"


def test_a_meeting_cancelled_after_its_paper_went_out_loses_no_erratum_and_no_later_paper(
    circulated: Circulated,
) -> None:
    site, asked = circulated
    edit(site, "calendar.toml", "day = 2014-12-04\n", "day = 2014-12-04\ncancelled = true\n")
    yes = hold_correction(site, asked[CHARN], filled(asked[CHARN], number=20), "20 Nov 10:55")
    site.write(CO_ORDINATOR, "Yes", yes)
    assert not site.beat("20 Nov 11:00").failed_steps
    shown = site.the_letter(CO_ORDINATOR, "Erratum 1 to it is attached")
    site.reply(shown, CO_ORDINATOR, "CIRCULATE")
    assert not site.beat("20 Nov 11:10").failed_steps
    assert site.the_letter(SECRETARIAT, "has an erratum")


def test_orders_on_a_paper_find_its_quarter_when_the_next_has_begun(circulated: Circulated) -> None:
    site, asked = circulated
    site.write(
        CO_ORDINATOR, "Yes", hold_correction(site, asked[CHARN], filled(asked[CHARN], number=20), "20 Nov 10:55")
    )
    site.write(CO_ORDINATOR, "Papers", "DRAFT panel")
    site.beat("20 Nov 11:00")
    now = datetime(2015, 1, 16, 10, tzinfo=UTC)
    site.opened(now).tick(now)
    assert site.ask(running_quarter) == Q2.plus(1)
    site.new_letters()
    site.write(
        CO_ORDINATOR,
        "As the morning letter offers",
        "CLEAR panel WITHOUT WAITING\nCIRCULATE panel\nDISMISS speb ERRATUM 1 BECAUSE told",
    )
    site.opened(now).tick(now + timedelta(minutes=5))
    answer = said(site.the_letter(CO_ORDINATOR, "CLEAR panel WITHOUT WAITING"))
    assert "Not done" not in answer, answer
    status = site.ask(lambda o: o.store.cycle_status(Q2))
    assert status.papers["panel"].circulated_at  # type: ignore[attr-defined]
    assert not status.papers["speb"].erratum.is_open  # type: ignore[attr-defined]


def test_whoever_declines_after_the_paper_went_out_is_promised_nothing_of_it(circulated: Circulated) -> None:
    site, asked = circulated
    site.reply(asked[LEIC], LEIC, "WE DECLINE")
    site.beat("20 Nov 11:00")
    letter = site.the_letter(LEIC, "will not report")
    assert "The Board's paper, where it is not settled already, says that no return was made." in said(letter)


def test_a_paper_whose_statements_are_lost_stops_nothing(circulated: Circulated) -> None:
    site, asked = circulated
    ((_, name),) = site.ask(lambda o: o.store.cycle_status(Q2).papers["speb"].reported)  # type: ignore[attr-defined]
    (site.place / "state" / "archive" / name[:2] / name[2:]).unlink()
    site.reply(asked[LEIC], LEIC, "Late.", filled(asked[LEIC]))
    assert not site.beat("20 Nov 11:00").failed_steps
    assert site.the_letter(LEIC, "nothing is missing")
    site.write(CO_ORDINATOR, "Papers", "DRAFT panel")
    assert not site.beat("20 Nov 11:10").failed_steps
