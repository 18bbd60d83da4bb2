"""What may name a person, and why somebody is away, as people write them; and what only looks like it."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.terms.personal import (
    KEPT_BACK,
    REASON_KEPT_BACK,
    find_personal_details,
    keep_back,
    keep_back_lines,
    keep_back_reasons,
    show_return,
)
from csp_workflow.terms.returns import Narrative, Reading, ReturnState, SignOff
from tests.chase.quarter_told import CHARNWOOD, Told, at
from tests.terms import personal_told

OURS = "0116 496 0100 csp-returns@opcc.example"
PLAIN = """
Mr Bees nursery took part in the child safety week.
Dr Martens Way is now covered by CCTV.
Call Crimestoppers on 0800 555 111 or 101.
The helpline is 0303 123 1234.
E22000164 and E07000130 are the areas.
Reference CHARN-1415Q2-F1-R1-7K3M9QXA.
Reference CHARN-1415Q2-F2.1-R1-7K3M9QXA.
Burglary fell from 1,204 to 1,100 in 2014/15.
Operation Tiger: 12 victims, 9 offenders.
Victim Support Leicestershire saw 41 people.
The victim care team moved.
Child Sexual Exploitation training reached 60 drivers.
Offender Management Unit: Integrated Offender Management cases rose.
Mr Smith chairs the group.
Cllr Mrs Jones opened the hub.
PC Taylor and PCSO Green patrolled.
Contact info@safer.example for posters.
FY14 ASB incidents were 302.
Budget 0.123456789 and 0116496 in total.
Born to Run, a charity race, took place in May.
Students at Loughborough University aged 18 to 24.
Residents of Melton Mowbray aged 65 and over were visited.
Man Friday project; Woman's Aid; Youth Offending Service.
In the week of 12 May 2014 there were 14 incidents.
The M1 and A46; LE3 ward; J21.
Phone 999 in an emergency.
The figures 01 02 03 04 05 06 07 08 09 are week numbers.
Missing Persons fell to 31. Boy Racers in Wigston.
Community Safety Partnership, Beaumont Leys, New Parks.
The tenant Housing Options service; tenants of Charnwood Neighbourhood Housing.
Mother and Baby unit at Glenfield Hospital.
Weeks 100-200-3000 odd
Ward profile 485 777 3450.
Tel 0116 496 0100 is the office.
Case numbers fell by 12, incident numbers from 345 to 300.
Crime reference group met; custody 2013/14 and 2014/15 are compared.
Offences rose in cases of burglary: 2014 compared to 2013.
They stand in Appendix A. It sets no numbers. The MARAC heard 57 cases.
On the a6 2nd phase began at co2 4th street; mp3 3rd.
""".strip().splitlines()
PERSONAL = """
The victim, Jane Doe, was helped.
Victim: John Smith
A boy named Tom Brown was found.
Mrs Smith, the victim, was moved.
Mr. J Smith was arrested for the burglary.
John Smith, aged 14, was arrested.
John Smith (14M) is a nominal.
DOB 12.03.2001
date of birth: 1999-03-12
born on 12th March 1999
Born in March 1999
NHS number 485 777 3456
NHS no: 4857773456
943 476 5919
AB123456C
ab 12-34-56 c
FX12 ABC
FX12ABC was seen
jane.doe@mail.example
07700 900123
07700-900-123
+44 7700 900123
0044 7700 900 123
(0116) 496 0123
0116 496 0123
+44 (0)116 496 0123
12 high street, oadby, le1 5aa
LE1 5AA
The offender John Smith was sentenced.
Jane Doe was assaulted in May.
her son Tom Brown was taken into care
Miss A. Jones is the complainant.
Dr Patel's patient was attacked
Professor Adeyemi was robbed.
crime reference 26/1234567/14
Crime ref no. 12/14/00123
case no: LE-2014-0456
Incident 345 of 3 May
URN 33AB0012314
custody record 33CB/1234/14
Niche occurrence 14000123456
ASB/14/0123 goes to court
they live near le13 1qt
write to karen.w (at) home.example
The offender J.S. is known to us.
""".strip().splitlines()
REASONS = """
Our analyst is ill.
I am off sick until Monday.
She is on maternity leave.
I have been in hospital.
My father died, so I am late.
He had an operation.
I shall be away due to a bereavement.
Sorry, I was not well.
Kim has been signed off.
The lead is having surgery
Absent because of illness
Mae hi mewn ysbyty and she is off sick
""".strip().splitlines()
NO_REASONS = """
Hospital admissions for alcohol fell.
Our analyst is away until Monday.
I am on leave next week.
The operation was run by our officers.
Drug-related sickness rose.
Can we send the figures a week later?
She left the council.
Our officer is well placed to answer.
""".strip().splitlines()


@pytest.mark.parametrize("text", PERSONAL)
def test_what_may_name_a_person_is_found(text: str) -> None:
    assert find_personal_details(text, ours=OURS)
    assert keep_back(f"We met. {text}", ours=OURS) == KEPT_BACK


@pytest.mark.parametrize("text", PLAIN)
def test_figures_places_references_officers_and_help_lines_name_nobody(text: str) -> None:
    assert keep_back(text, ours=OURS) == text


def test_people_in_a_cell_are_told_from_places_and_from_those_who_do_the_work() -> None:
    missed = [text for text in personal_told.CASES if not find_personal_details(text)]
    alarms = [text for text in personal_told.ORDINARY if find_personal_details(text)]
    assert len(missed) <= 0.1 * len(personal_told.CASES), missed
    assert len(alarms) <= 0.02 * len(personal_told.ORDINARY), alarms


@pytest.mark.parametrize("name", ["Sarah_Tonks_victim.xlsx", "Victim Zebedee Quillfeather", "MARAC_Lee_Sands.pdf"])
def test_names_of_files_and_sheets_are_read_as_words(name: str) -> None:
    assert keep_back(name) == KEPT_BACK


def test_a_long_text_of_names_is_read_in_a_moment() -> None:
    for text in ("John Smith ", "Mr A ", "John ", "victim John, ", "1 A "):
        begun = process_time()
        find_personal_details(text * 8_000)
        assert process_time() - begun < 10


@pytest.mark.parametrize("text", REASONS)
def test_why_somebody_is_away_is_kept_back_and_nothing_else(text: str) -> None:
    assert keep_back_reasons(f"We met. {text} Ring us.").startswith("We met.")
    assert REASON_KEPT_BACK in keep_back_reasons(text)


@pytest.mark.parametrize("text", NO_REASONS)
def test_what_gives_no_reason_stands(text: str) -> None:
    assert keep_back_lines(f"{text}\n\n  As it is,  with its blanks.") == f"{text}\n\n  As it is,  with its blanks."


def test_only_the_lines_that_may_name_a_person_are_kept_back_and_all_where_one_goes_over_two() -> None:
    assert keep_back_lines("Two joint patrols.\nRing 07700 900123\nThank you") == (
        f"Two joint patrols.\n{KEPT_BACK}\nThank you"
    )
    assert keep_back_lines("the victim was born\non 12 March 1999") == KEPT_BACK


@given(st.text(max_size=300))
def test_what_is_shown_holds_nothing_that_may_name_a_person(text: str) -> None:
    assert not find_personal_details(keep_back_lines(text))
    assert not find_personal_details(keep_back(text))


@pytest.mark.parametrize("state", list(ReturnState))
def test_a_return_shows_it_once_it_is_settled(state: ReturnState) -> None:
    told = Told().open(at(15))
    told.arrive(CHARNWOOD, at(20))
    person = "Ring 07700 900123"
    one = replace(
        told.submissions["charnwood"][-1],
        narratives=(Narrative(ref="T1", text="Two patrols.", sheet="s", cell="c", promise=person),),
        readings=(Reading(sheet="s", cell="c", typed=person, recorded="1"),),
        disputes=(("E1", "M1", person),),
        remarks=(person,),
        sign_off=SignOff(completed_by="A. Lead", position=person),
        words=person,
    )
    shown = show_return(one, state)
    is_settled = state in {ReturnState.COMPLETE, ReturnState.APPROVED}
    assert ("07700" in str(shown)) is is_settled
    assert "07700" not in shown.words, "what stands beside a form is no part of the return"
    assert shown.sign_off.completed_by == "A. Lead"
