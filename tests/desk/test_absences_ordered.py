"""AWAY and BACK: her own absence; RESEND, FOUND and WITHDRAW: letters of ours that are stuck."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from csp_workflow.desk.commands import Refused
from csp_workflow.desk.orders import carry_out, list_working
from csp_workflow.terms.events import LetterState
from csp_workflow.terms.service_status import fold_service
from csp_workflow.terms.site import Contact, Role
from tests.chase.quarter_told import OFFICE, Told, at
from tests.desk.reading import ask_about, read, read_one
from tests.desk.test_orders_done import HELD, NOW, facts, forwarded, order, refused

DEPUTY = Contact(name="Sam Deputy", role=Role.DEPUTY, address="deputy@opcc.example")


@pytest.fixture
def told() -> Told:
    told = Told().open(at(15))
    told.site = replace(told.site, office=replace(OFFICE, deputy=DEPUTY))
    return told


@pytest.mark.parametrize(
    ("line", "first", "last", "whom"),
    [
        ("AWAY FROM 3 November TO 14 November", date(2014, 11, 3), date(2014, 11, 14), ""),
        ("Away 3 November - 14 November, Sam Deputy", date(2014, 11, 3), date(2014, 11, 14), "Sam Deputy"),
        ("AWAY from Monday until Friday; deputy Sam", date(2014, 11, 3), date(2014, 11, 7), "Sam"),
        ("AWAY until 7 November", date(2014, 10, 31), date(2014, 11, 7), ""),
    ],
)
def test_an_absence_is_read_in_many_words(line: str, first: date, last: date, whom: str) -> None:
    command = read_one(line)
    assert (command.since, command.day) == (first, last)
    assert whom in {"", command.whom}
    again = read_one(command.write())
    assert (again.since, again.day) == (first, last)


@pytest.mark.parametrize(
    "line", ["AWAY", "AWAY next week", "AWAY FROM 14 November TO 3 November", "AWAY until", "BACK on Monday", "RESEND",
             "RESEND the lot", "AWAY FROM 3 November at noon TO 4 November"],
)  # fmt: skip
def test_an_absence_that_is_not_whole_is_asked_about(line: str) -> None:
    assert not read(line).commands
    assert ask_about(line)


def test_an_absence_stands_beside_those_of_the_site_and_back_ends_it(told: Told) -> None:
    done = order(told, "AWAY FROM 3 November TO 14 November")
    assert "Sam Deputy gets each morning's letter too, and may order" in done.sentences[1]
    assert fold_service(told.service_events).away_days == ((date(2014, 11, 3), date(2014, 11, 14)),)
    order(told, "BACK", at(6, month=11))
    assert fold_service(told.service_events).away_days == ((date(2014, 11, 3), date(2014, 11, 5)),)
    assert "No absence is recorded" in refused(told, "BACK", at(7, month=11))


def test_an_absence_that_has_not_begun_is_taken_back_whole(told: Told) -> None:
    order(told, "AWAY FROM 3 November TO 14 November")
    order(told, "BACK")
    assert fold_service(told.service_events).away_days == ()


def test_back_ends_no_absence_that_she_wrote_of_after_it_and_away_from_before_it_begins_none(told: Told) -> None:
    order(told, "AWAY FROM 3 November TO 14 November")
    order(told, "BACK", at(6, month=11), came=at(6, month=11))
    order(told, "AWAY FROM 10 November TO 14 November", at(7, month=11), came=at(7, month=11))
    still = (date(2014, 11, 3), date(2014, 11, 5)), (date(2014, 11, 10), date(2014, 11, 14))
    assert "wrote AWAY after this" in refused(told, "BACK", at(10, month=11), came=at(6, month=11))
    assert fold_service(told.service_events).away_days == still
    assert "wrote BACK after this" in refused(told, "AWAY until 12 November", at(10, month=11), came=at(5, month=11))
    order(told, "BACK", at(11, month=11), came=at(11, month=11))
    assert fold_service(told.service_events).away_days == (still[0], (date(2014, 11, 10), date(2014, 11, 10)))


def test_a_back_that_is_read_late_leaves_what_she_wrote_of_meanwhile(told: Told) -> None:
    order(told, "AWAY FROM 3 November TO 7 November")
    order(told, "AWAY FROM 20 November TO 21 November", at(6, month=11), came=at(6, month=11))
    order(told, "BACK", at(7, month=11), came=at(5, month=11))
    days = fold_service(told.service_events).away_days
    assert days == ((date(2014, 11, 3), date(2014, 11, 4)), (date(2014, 11, 20), date(2014, 11, 21)))


def test_nobody_but_the_entered_deputy_stands_in(told: Told) -> None:
    assert "The deputy who is entered is Sam Deputy" in refused(told, "AWAY until 7 November, deputy Eve Other")
    told.site = replace(told.site, office=replace(OFFICE, deputy=None))
    assert "No deputy is entered" in refused(told, "AWAY until 7 November")


def test_one_that_the_files_name_is_not_ended_here(told: Told) -> None:
    entered = ((date(2014, 10, 30), date(2014, 11, 7)),)
    told.site = replace(told.site, office=replace(told.site.office, absences=entered))
    assert "the site's own files" in refused(told, "BACK")


def test_a_stuck_letter_is_settled_as_its_state_allows(told: Told) -> None:
    stuck = replace(forwarded(HELD), id="abcd1234ef567890", state=LetterState.FAILED)
    done = order(told, "RESEND letter abcd1234", stuck=(stuck,))
    assert done.order is not None
    assert (done.order.kind, done.order.letter, done.order.reason) == ("stuck letter", stuck.id, "again")
    assert "FOUND cannot settle it" in refused(told, "FOUND abcd1234", stuck=(stuck,))
    assert any(list_working("WITHDRAW LETTER", facts(told, stuck=(stuck,)), NOW))
    assert not any(list_working("FOUND LETTER", facts(told, stuck=(stuck,)), NOW))
    with pytest.raises(Refused, match="Stuck, or in Drafts: none"):
        carry_out(read_one("RESEND abcd1234"), facts(told), NOW)
