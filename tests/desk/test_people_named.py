"""CONTACT: who is named, in which role and from when, in the words that people use."""

from __future__ import annotations

from datetime import date

import pytest

from csp_workflow.desk.commands import HARMLESS, Verb
from csp_workflow.terms.site import Role
from tests.desk.reading import TODAY, ask_about, read, read_one

JANE = "jane.smith@melton.example"


@pytest.mark.parametrize(
    "line",
    [f"CONTACT MELT remove {JANE}", f"CONTACT MELT lead Removed <{JANE}>", f"CONTACT MELT Jane has left {JANE}"],
)
def test_who_is_to_be_taken_off_is_not_named(line: str) -> None:
    assert "was not understood" in ask_about(line)
    assert not read(line).commands


@pytest.mark.parametrize(
    "text",
    [
        f"CONTACT MELT lead Jane Smith <{JANE}>",
        f"contact melt Jane Smith {JANE}",
        f"CONTACT MELT Jane Smith ({JANE})",
        f"CONTACT Melton lead officer: Jane Smith, {JANE}.",
        f"CONTACT MELT lead {JANE} (Jane Smith)",
        f"CONTACT MELT <{JANE}> Jane Smith",
        f"Contact: MELT - Jane Smith - {JANE}",
        f"Please contact MELT lead Jane Smith <{JANE}<mailto:{JANE}>>, thanks",
        f"CONTACT lead for MELT is Jane Smith <{JANE}>",
        f"CONTACT Jane Smith <{JANE}> as lead for MELT",
        f"New lead for MELT is Jane Smith <{JANE}>",
        f"The new lead for Melton is Jane Smith, {JANE}",
        f"Melton's new lead is Jane Smith {JANE}",
        f"Jane Smith <{JANE}> is the new lead for MELT",
        f"CONTACT MELT lead jane smith {JANE.upper()}",
        f"CONTACT MELT lead Smith, Jane <{JANE}>",
        f"CONTACT MELT interim lead Jane Smith <{JANE}>",
        f"Lead for Melton: Jane Smith {JANE}",
        f"*CONTACT MELT lead Jane Smith <{JANE}>*",
    ],
)
def test_a_lead_is_named_in_many_ways(text: str) -> None:
    command = read_one(text)
    assert (command.verb, command.respondent, command.address) == (Verb.CONTACT, "MELT", JANE)
    assert command.person is not None
    assert (command.person.role, command.person.name.title()) == (Role.LEAD, "Jane Smith")


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("CONTACT MELT chair Cllr Jo O'Neil <jo@melton.example>", Role.CHAIR),
        ("CONTACT MELT chairman Cllr Jo O'Neil <jo@melton.example>", Role.CHAIR),
        ("CONTACT MELT deputy Jo <jo@melton.example>", Role.DEPUTY),
        ("CONTACT MELT deputy lead officer Jo <jo@melton.example>", Role.DEPUTY),
        ("new chair for Melton is jo@melton.example", Role.CHAIR),
        ("CONTACT MELT deputy chair Jo <jo@melton.example> from 1 November to 20 November", Role.DEPUTY_CHAIR),
        ("CONTACT MELT vice-chair Jo <jo@melton.example>", Role.DEPUTY_CHAIR),
        ("The new deputy chair for Melton is jo@melton.example", Role.DEPUTY_CHAIR),
        ("CONTACT MELT budget holder Jo Smith <jo@melton.example>", Role.BUDGET_HOLDER),
        ("CONTACT MELT deputy budget holder Jo <jo@melton.example>", Role.DEPUTY_HOLDER),
        ("The new budget-holder for Melton is jo@melton.example", Role.BUDGET_HOLDER),
        ("CONTACT MELT chief finance officer Jo Smith <jo@melton.example>", Role.FINANCE),
        ("CONTACT MELT jo@melton.example", Role.LEAD),
    ],
)
def test_the_role_is_the_leads_where_none_is_named(text: str, role: Role) -> None:
    person = read_one(text).person
    assert person is not None
    assert person.role is role


@pytest.mark.parametrize(
    ("days", "since", "until"),
    [
        ("", None, None),
        ("FROM 3 November", date(2014, 11, 3), None),
        ("from Monday", date(2014, 11, 3), None),
        ("with effect from 3 November 2014", date(2014, 11, 3), None),
        ("with immediate effect", TODAY, None),
        ("from today", TODAY, None),
        ("FROM 3 November TO 5 December", date(2014, 11, 3), date(2014, 12, 5)),
        ("until 5 December", None, date(2014, 12, 5)),
    ],
)
def test_days_are_understood(days: str, since: date | None, until: date | None) -> None:
    person = read_one(f"CONTACT MELT lead Jane Smith <{JANE}> {days}").person
    assert person is not None
    assert (person.since, person.until, person.name) == (since, until, "Jane Smith")


@pytest.mark.parametrize(
    "text",
    [
        f"CONTACT MELT lead Jane Smith <{JANE}>\nFROM 3 November",
        f"CONTACT MELT lead Jane Smith\n<{JANE}> FROM 3 November",
        f"CONTACT MELT lead Jane Smith <{JANE}> FROM Monday 3\nNovember 2014",
        f"CONTACT MELT lead Jane Smith <{JANE}> FROM 3 November\nINSTEAD OF officer@county.example",
    ],
)
def test_a_line_that_a_mail_program_broke_is_read_whole(text: str) -> None:
    person = read_one(text).person
    assert person is not None
    assert (person.address, person.since) == (JANE, date(2014, 11, 3))


def test_one_person_may_be_named_for_several_and_in_the_place_of_one() -> None:
    commands = read(f"CONTACT MELT, RUTL lead Jane Smith <{JANE}> INSTEAD OF officer@county.example").commands
    assert [c.respondent for c in commands] == ["MELT", "RUTL"]
    assert {c.person.instead_of for c in commands if c.person} == {"officer@county.example"}


@pytest.mark.parametrize(
    "text",
    [
        f"CONTACT MELT lead Jane Smith <{JANE}> FROM 3 November TO 5 December INSTEAD OF officer@county.example",
        f"CONTACT MELT deputy <{JANE}>",
    ],
)
def test_what_was_understood_reads_the_same_again(text: str) -> None:
    command = read_one(text)
    again = read_one(command.write())
    assert (again.person, again.respondent) == (command.person, command.respondent)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("CONTACT MELT lead Jane Smith", "names no email address"),
        ("CONTACT MELT lead jane@melton", "is not an email address"),
        (f"CONTACT MELT lead {JANE}, sam@melton.example", "several addresses"),
        (f"CONTACT lead Jane Smith <{JANE}>", "There is no respondent"),
        (f"CONTACT {JANE}", "For whom?"),
        (f"CONTACT MELT lead Jane Smith <{JANE}>, but ask her first", "was not understood"),
        (f"CONTACT MELT lead Jane Smith <{JANE}> but not yet", "was not understood"),
        (f"CONTACT MELT lead Jane Smith <{JANE}> BUT NOT YET", "was not understood"),
        (f"The new lead for Melton is {JANE}, I think", "was not understood"),
        (f"CONTACT MELT lead Jane Smith <{JANE}> from some day", "not a day we can read"),
        (f"CONTACT MELT joint chair Jane <{JANE}>", "chair or deputy chair"),
        (f"Is the new lead for Melton {JANE}?", "question mark"),
        (f"I wrote to {JANE}", "does not begin with an order"),
    ],
)
def test_what_is_not_wholly_understood_is_asked(text: str, says: str) -> None:
    assert says in ask_about(text)


def test_naming_somebody_lets_letters_leave_and_taking_it_back_does_not() -> None:
    assert Verb.CONTACT not in HARMLESS
    for verb in (Verb.YES, Verb.NO):
        command = read_one(f"{verb} {JANE}<mailto:{JANE}>")
        assert (command.verb, command.address, command.respondent) == (verb, JANE, "")


@pytest.mark.parametrize("line", ["Contact: 0116 496 0100", "Contact: jane.doe@opcc.example", "Contact Centre Manager"])
def test_a_signatures_line_is_no_order(line: str) -> None:
    assert [c.verb for c in read(f"SEND\n\nKind regards\nJane Doe\n{line}").commands] == [Verb.SEND]
