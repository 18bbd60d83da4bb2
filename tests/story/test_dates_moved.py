"""Dates that move after people were told them."""

from __future__ import annotations

from csp_workflow.rehearsal.partners.mail import Post
from tests.story.site_told import CO_ORDINATOR, Q2, Played, filled, said

CHARN, CHARN_CHAIR = "lead@charnwood.example", "chair@charnwood.example"


def edit(site: Played, file: str, old: str, new: str) -> None:
    path = site.place / "config" / file
    text = path.read_text("utf-8")
    assert text.count(old) == 1, (file, old, text.count(old))
    path.write_text(text.replace(old, new), "utf-8")


def test_a_holiday_on_the_due_day_moves_it_and_everybody_who_was_told_is_told(site: Played) -> None:
    asked = site.the_letter(CHARN, "Please fill in")
    site.new_letters()
    holidays = site.place / "config" / "bank-holidays.csv"
    holidays.write_text(holidays.read_text("utf-8").rstrip("\n") + "\n2014-10-28,A day of mourning\n", "utf-8")
    site.beat("17 Oct 10:00")
    told = said(site.the_letter(CHARN, "A date has moved"))
    assert "due: 5pm on Wednesday 29 October 2014 (before: 5pm on Tuesday 28 October 2014)" in told
    closes = "close: 5pm on Wednesday 5 November 2014 (before: 5pm on Tuesday 4 November 2014)"
    assert closes in told
    assert closes in said(site.the_letter(CHARN_CHAIR, "A date has moved"))
    site.beat("20 Oct 07:35")
    digest = said(site.the_letter(CO_ORDINATOR, "Returns are due on Wednesday 29 October 2014, not Tuesday 28"))
    assert "Returns close on Wednesday 5 November 2014, not Tuesday 4 November 2014" in digest
    site.new_letters()
    site.beat("20 Oct 10:00")
    assert not [x for x in site.new_letters() if "has moved" in x.subject], "one letter each"
    site.reply(asked, CHARN, "Our return.", filled(asked))
    site.beat("29 Oct 16:00")
    assert "came after" not in said(site.the_letter(CHARN, "nothing is missing"))
    assert site.state("charnwood") == "complete"


def test_a_holiday_taken_back_shortens_nobodys_time(site: Played) -> None:
    holidays = site.place / "config" / "bank-holidays.csv"
    before = holidays.read_text("utf-8")
    holidays.write_text(before.rstrip("\n") + "\n2014-10-28,A day of mourning\n", "utf-8")
    site.beat("17 Oct 10:00")
    holidays.write_text(before, "utf-8")
    site.new_letters()
    site.beat("20 Oct 10:00")
    assert not [x for x in site.new_letters() if "has moved" in x.subject]
    dates = site.ask(lambda outside: outside.store.plan_of(Q2), "20 Oct 10:01")
    assert dates.due.day == 29  # type: ignore[attr-defined]


def test_a_meeting_that_comes_sooner_is_told_to_the_chairs_who_were_asked(site: Played) -> None:
    asked = site.the_letter(CHARN, "Please fill in")
    for when in ("17 Oct", "21 Oct", "23 Oct", "27 Oct", "29 Oct", "31 Oct", "04 Nov"):
        site.beat(f"{when} 10:00")
    site.reply(asked, CHARN, "Our return.", filled(asked))
    site.beat("05 Nov 10:00")
    assert "by Tuesday 25 November 2014" in said(site.the_letter(CHARN_CHAIR, "Please approve"))
    site.new_letters()
    edit(site, "calendar.toml", "day = 2014-12-04", "day = 2014-11-20")
    site.beat("06 Nov 10:00")
    told = said(site.the_letter(CHARN_CHAIR, "A date has moved"))
    assert "wanted by: Tuesday 11 November 2014 (before: Tuesday 25 November 2014)" in told
    assert "the new date is earlier than the one before" in told
    assert [x.to for x in site.new_letters() if "has moved" in x.subject] == []
    edit(site, "calendar.toml", "day = 2014-11-20", "day = 2014-12-04")
    site.beat("07 Nov 10:00")
    back = said(site.the_letter(CHARN_CHAIR, "A date has moved"))
    assert "wanted by: Tuesday 25 November 2014 (before: Tuesday 11 November 2014)" in back, "there and back, each told"
    assert "There is nothing to open" in back


def test_more_time_past_the_close_comes_with_a_calendar_entry(site: Played) -> None:
    site.new_letters()
    site.write(CO_ORDINATOR, "More time", "EXTEND CHARN TO 7 November BECAUSE of the flood")
    site.beat("17 Oct 10:00")
    given = site.the_letter(CHARN, "is now due at 5pm on Friday 7 November 2014")
    ((name, entry),) = given.files
    assert name == "Due date.ics"
    assert b"\r\nDTSTART:20141107T170000Z\r\n" in entry
    assert all(len(line) <= 75 for line in entry.split(b"\r\n"))
    assert "before the next paper is settled on Tuesday 25 November 2014" in said(site.the_letter(CO_ORDINATOR, "Done"))
    for when in ("21 Oct", "22 Oct", "24 Oct", "28 Oct", "30 Oct", "03 Nov"):
        site.beat(f"{when} 10:00")
    site.beat("04 Nov 17:05")
    assert (site.state("charnwood"), site.state("leicester")) == ("requested", "not received")
    site.beat("05 Nov 10:00")
    site.beat("07 Nov 10:00")
    assert "due today" in said(site.new_letters(CHARN)[-1])


def test_a_paper_that_names_another_day_than_its_meetings_says_so_to_the_secretariat(
    cleared: tuple[Played, dict[str, Post], Post],
) -> None:
    site = cleared[0]
    edit(site, "calendar.toml", "day = 2014-12-04", "day = 2014-12-11")
    site.beat("21 Nov 10:00")
    site.write(CO_ORDINATOR, "Papers", "CIRCULATE speb AS CLEARED")
    site.beat("21 Nov 11:00")
    told = said(site.the_letter("secretariat@opcc.example", "ready for the agenda"))
    assert "Its meeting is on Thursday 11 December 2014; it says Thursday 4 December 2014." in told
