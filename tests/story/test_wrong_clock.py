"""A clock that is wrong for a beat closes nothing, and one word puts it right."""

from __future__ import annotations

from datetime import timedelta

from tests.story.closed_told import CHARN
from tests.story.site_told import CO_ORDINATOR, Played, at, filled, said


def test_a_beat_a_year_ahead_closes_nothing_and_release_heals_it(site: Played) -> None:
    site.new_letters()
    ahead = at("16 Oct 10:00") + timedelta(days=365)
    site.opened(ahead).tick(ahead)
    state = site.ask(lambda outside: {s.value for s in outside.store.cycle_states().values()}, "16 Oct 10:01")
    assert "closed" not in state  # type: ignore[operator]
    site.beat("16 Oct 10:05")
    site.write(CO_ORDINATOR, "Clock", "RELEASE")
    site.beat("16 Oct 10:06")
    assert "Requests and reminders go again" in said(site.the_letter(CO_ORDINATOR, "Done"))
    for when in ("16 Oct 10:07", "17 Oct 10:00", "20 Oct 10:00", "21 Oct 10:00"):
        site.beat(when)
    doubted = site.ask(lambda outside: outside.store.service_status().clock_doubted, "21 Oct 10:01")
    assert doubted is False
    assert any("due" in x.subject for x in site.new_letters("lead@leicester.example")), "reminders go again"


def test_after_a_silence_the_close_waits_for_release(site: Played) -> None:
    site.beat("06 Nov 10:00")
    assert (site.state("charnwood"), site.state("leicester")) == ("requested", "requested")
    site.write(CO_ORDINATOR, "Silence", "RELEASE")
    site.beat("06 Nov 10:05")
    site.beat("06 Nov 10:06")
    assert site.state("charnwood") == "not received"


def test_what_comes_after_a_morning_letter_of_a_clock_that_was_ahead_is_told(site: Played) -> None:
    ahead = at("21 Oct 07:35")
    site.opened(ahead).tick(ahead)
    request = site.the_letter(CHARN, "Please fill in")
    site.reply(request, CHARN, "Our return. The new hub opened in quillow.", filled(request))
    site.beat("16 Oct 10:05")
    site.write(CO_ORDINATOR, "Clock", "RELEASE")
    site.beat("16 Oct 10:06")
    for day in range(17, 32):
        site.beat(f"{day} Oct 07:35")
    assert any("quillow" in said(letter) for letter in site.new_letters(CO_ORDINATOR))
