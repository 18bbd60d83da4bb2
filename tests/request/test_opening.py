"""Opening a cycle: the analyst first, then the proof, and nothing to anybody else before SEND."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import pytest
from request_told import (
    BLABY,
    CHARNWOOD,
    DATES,
    HINCKLEY,
    MELTON,
    PLANNED,
    Q2,
    SITE,
    TEMPLATES,
    at,
    facts,
    figure,
    status,
    with_framework,
    with_respondent,
)  # fmt: skip

from csp_workflow.letters.catalogue import render
from csp_workflow.request import opening
from csp_workflow.terms.dates import CycleState
from csp_workflow.terms.events import Event, Happened, Manner, PreconditionFailed
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.service_status import ServiceStatus, fold_service
from csp_workflow.terms.status import fold_cycle
from csp_workflow.terms.waivers import Waiver

OPENING = at(15)
ASKED = {"blaby-hinckley", "charnwood", "melton", "public-health", "lscb"}


def proved(now=OPENING, **changes):
    """The events of a cycle whose proof was made."""
    return opening.decide_proof(facts(**changes), now).decision.events


def by_kind(letters, kind):
    return [letter for letter in letters if letter.kind == kind]


def words(letter):
    return " ".join(render(letter, SITE.office, environment=TEMPLATES).text.split())


# The extract's request ---------------------------------------------------------------------------


def proved_extract(**changes):
    """The events of a cycle in which the extract's request was proved."""
    return opening.decide_extract_proof(facts(**changes), at(1)).decision.events


def asked_extract():
    """The events of a cycle in which the analyst was asked as proved."""
    events = proved_extract()
    return (*events, *opening.decide_asking(facts(*events), at(1)).decision.events)


@pytest.mark.parametrize(
    ("now", "is_due"),
    [(at(1, 0), False), (at(1, 8), True), (at(14, 16), True), (at(30, 23, month=9), False), (at(14, 17), False)],
)
def test_the_extracts_request_is_proved_from_the_plans_morning_until_the_extract_was_due(now, is_due):
    assert opening.extract_proof_is_due(SITE, DATES, status(), now) is is_due
    made = opening.decide_extract_proof(facts(), now).decision
    assert bool(made) is is_due
    assert {(x.kind, x.recipient, x.manner) for x in made.letters} <= {
        ("extract-proof", "coordinator@opcc.example", Manner.OFFICE)
    }
    assert not made.requests


def test_the_small_proof_shows_the_analysts_letter_its_workbook_and_the_dates_and_is_made_once():
    made = opening.decide_extract_proof(facts(), at(1))
    (pack,) = made.decision.letters
    text = words(pack)
    assert "analyst@force.example" in text
    assert "Extract due" in text
    assert "Nobody has been asked yet" in text
    assert made.mailing.entries[0].workbook in pack.attachments
    assert [event.kind for event in made.decision.events] == [Happened.EXPECTED, Happened.EXTRACT_PROVED]
    after = facts(*made.decision.events)
    assert after.status.state is CycleState.PLANNED
    assert not opening.decide_extract_proof(after, at(2)).decision


def test_send_gives_the_analyst_one_letter_with_the_form_as_it_was_proved_once_introduced():
    proof = opening.decide_extract_proof(facts(), at(1))
    made = opening.decide_asking(facts(*proof.decision.events), at(2))
    introduced, letter = made.decision.letters
    assert (introduced.kind, letter.kind) == ("introduction", "request-analyst")
    assert letter.manner is Manner.TIMED
    assert letter.recipient == "analyst@force.example"
    assert made.workbooks == proof.workbooks
    (request,) = made.decision.requests
    assert request.workbook == hashlib.sha256(letter.attachments[0].data).hexdigest()
    assert [event.kind for event in made.decision.events] == [Happened.REQUESTED]
    known = opening.decide_asking(facts(*proof.decision.events, written=frozenset({letter.recipient})), at(2))
    assert known.decision.letters == (letter,)
    assert "due Tuesday 14 October 2014" in render(letter, SITE.office, environment=TEMPLATES).subject


def test_the_analyst_is_asked_once_and_only_as_proved():
    with pytest.raises(PreconditionFailed, match="PROOF FORCE makes it"):
        opening.decide_asking(facts(), at(1))
    after = facts(*asked_extract())
    assert after.status.returns["force-analyst"].state is ReturnState.REQUESTED
    for rule in (opening.decide_asking, opening.decide_ordered_extract_proof):
        with pytest.raises(PreconditionFailed, match="asked for already"):
            rule(after, at(2))
    late = (figure("M11", MELTON, "2014/15-Q1", "31", as_at=date(2014, 10, 1)),)
    with pytest.raises(PreconditionFailed, match=r"Force Analyst \(the figures shown\)"):
        opening.decide_asking(facts(*proved_extract(), figures=late), at(1))


def test_a_small_proof_that_shows_what_would_not_be_sent_is_made_again_by_itself():
    events = proved_extract()
    changed = replace(SITE.respondent("force-analyst").contacts[0], address="new.analyst@force.example")
    site = with_respondent("force-analyst", contacts=(changed,))
    assert not opening.decide_renewed_proof(facts(*events), at(2), part=opening.EXTRACT).decision
    (pack,) = opening.decide_renewed_proof(facts(*events, site=site), at(2), part=opening.EXTRACT).decision.letters
    assert "new.analyst@force.example" in words(pack)
    asked = facts(*asked_extract(), site=site)
    assert not opening.decide_renewed_proof(asked, at(2), part=opening.EXTRACT).decision
    named = Event(kind=Happened.CONTACT_CONFIRMED, at=at(2), by="test")
    for told, is_old in (((*events, named), True), (events, False), ((*asked_extract(), named), False)):
        before = opening.count_unproved(opening.EXTRACT, SITE, status(*told), [e for e in told if e is not named])
        assert (opening.count_unproved(opening.EXTRACT, SITE, status(*told), told) > before) is is_old


def test_past_its_due_time_the_extract_is_asked_for_with_a_later_day_only():
    events = (*proved_extract(), *proved())
    with pytest.raises(PreconditionFailed, match=r"which is past\. EXTEND FORCE TO a later day"):
        opening.decide_asking(facts(*events), at(15))
    given = Event(
        kind=Happened.EXTENDED, at=at(15), by="test", quarter=Q2, respondent="force-analyst",
        facts={"until": "2014-10-20", "reason": "asked late"},
    )  # fmt: skip
    again = opening.decide_renewed_proof(facts(*events, given), at(15), part=opening.EXTRACT).decision
    (pack,) = again.letters
    assert "Monday 20 October 2014" in words(pack)
    asking = opening.decide_asking(facts(*events, given, *again.events), at(15))
    (letter,) = by_kind(asking.decision.letters, "request-analyst")
    assert "20 October 2014" in words(letter)


def test_a_proof_that_could_not_be_sent_is_made_and_says_so_in_the_place_of_send():
    late = words(opening.decide_proof(facts(), at(31, 10)).decision.letters[0])
    assert "cannot be sent as it stands" in late
    assert "reply with SEND" not in late
    assert "EXTEND ALL TO a later day" in late
    assert "reply with SEND" in words(opening.decide_proof(facts(), OPENING).decision.letters[0])


def test_past_their_due_time_the_requests_go_with_a_later_day_only():
    events, late = proved(), at(31, 10)
    with pytest.raises(PreconditionFailed, match=r"which is past\. EXTEND ALL TO a later day"):
        opening.decide_sending(facts(*events), late)
    given = [
        Event(
            kind=Happened.EXTENDED, at=late, by="test", quarter=Q2, respondent=event.respondent,
            facts={"until": "2014-11-10", "reason": "sent late"},
        )
        for event in events
        if event.kind is Happened.EXPECTED
    ]  # fmt: skip
    again = opening.decide_renewed_proof(facts(*events, *given), late, part=opening.REQUESTS).decision
    sent = opening.decide_sending(facts(*events, *given, *again.events), late).decision
    assert "10 November 2014" in words(by_kind(sent.letters, "request")[0])


def test_an_analyst_nobody_leads_is_told_in_the_small_proof_and_nobody_is_asked():
    site = with_respondent("force-analyst", contacts=())
    made = opening.decide_extract_proof(facts(site=site), at(1)).decision
    assert "Reply CONTACT FORCE lead Name Surname <address>" in words(made.letters[0])
    with pytest.raises(PreconditionFailed, match="CONTACT FORCE lead"):
        opening.decide_asking(facts(*made.events, site=site), at(1))


# The proof ---------------------------------------------------------------------------------------


def test_the_proof_goes_to_the_co_ordinator_alone_and_records_what_it_shows():
    made = opening.decide_proof(facts(), OPENING)
    (pack,) = made.decision.letters
    assert pack.kind == "proof-pack"
    assert pack.recipient == "coordinator@opcc.example"
    assert pack.manner is Manner.OFFICE
    assert made.decision.requests == ()
    kinds = [event.kind for event in made.decision.events]
    assert kinds == [Happened.EXPECTED] * 5 + [Happened.PROOF_MADE]
    after = fold_cycle(Q2, (PLANNED, *made.decision.events))
    assert after.state is CycleState.IN_PROOF
    assert set(after.returns) == ASKED
    assert {stands.state for stands in after.returns.values()} == {ReturnState.EXPECTED}


def test_the_proof_shows_every_recipient_letter_and_workbook():
    made = opening.decide_proof(facts(), OPENING)
    (pack,) = made.decision.letters
    text = words(pack)
    for address in ("lead@joint.example", "chair@joint.example", "officer@county.example", "lead@health.example"):
        assert address in text
    assert {entry.respondent.key for entry in made.mailing.entries} == ASKED
    for entry in made.mailing.entries:
        assert entry.file in text
        assert entry.workbook in pack.attachments
        assert entry.leaves == date(2014, 10, 15)
    assert "Nothing is due from Probation" in text


def test_a_proof_after_hours_says_the_next_working_day():
    made = opening.decide_proof(facts(), at(17, 19))
    assert {entry.leaves for entry in made.mailing.entries} == {date(2014, 10, 20)}


def test_the_proof_says_that_the_extract_has_not_come_what_the_forms_say_then_and_which_chair_is_missing():
    site = with_respondent("charnwood", contacts=SITE.respondent("charnwood").contacts[:1])
    text = words(opening.decide_proof(facts(site=site), OPENING).decision.letters[0])
    assert "The force's extract for July to September 2014 was not asked for" in text
    assert '12 police figures will read "not yet supplied". You may SEND all the same' in text
    assert "Letters reach no chair at Charnwood" in text
    asked = asked_extract()
    assert "has not come yet" in words(opening.decide_proof(facts(*asked), OPENING).decision.letters[0])
    extract = tuple(
        figure(ref, area, Q2.key, "900", as_at=date(2014, 10, 13))
        for ref in ("M11", "M12a", "M17a")
        for area in (BLABY, HINCKLEY, CHARNWOOD, MELTON)
    )
    assert "extract for" not in words(opening.decide_proof(facts(figures=extract), OPENING).decision.letters[0])
    some = words(opening.decide_proof(facts(*came(asked), figures=extract[1:]), OPENING).decision.letters[0])
    assert "came without some of its figures: on the forms 1 police figure will read" in some


def came(events):
    """The events, and the extract came."""
    received = Event(
        kind=Happened.RECEIVED, at=at(13), by="test", quarter=Q2, respondent="force-analyst", subject="one"
    )
    return (*events, received)


def test_the_proof_says_what_is_waived():
    waiver = Waiver(respondent="melton", measure="M03e", reason="Decided against.", until=date(2015, 3, 31))
    text = words(opening.decide_proof(facts(site=with_framework(waivers=(waiver,))), OPENING).decision.letters[0])
    assert "Melton is not asked for M03e until Tuesday 31 March 2015: Decided against." in text
    over = with_framework(waivers=(replace(waiver, until=date(2014, 10, 14)),))
    assert "M03e" not in words(opening.decide_proof(facts(site=over), OPENING).decision.letters[0])


def test_a_chair_entered_twice_gets_one_note_of_one_return():
    lead, chair = SITE.respondent("melton").contacts
    twice = with_respondent("melton", contacts=(lead, chair, replace(chair, address="Chair@Melton.example")))
    sent = opening.decide_sending(facts(*proved(site=twice), site=twice), OPENING).decision.letters
    assert [x.respondents for x in sent if x.recipient.lower() == chair.address] == [("melton",)]


def test_an_unchanged_proof_made_again_is_the_same_letter_and_a_changed_one_another():
    first = opening.decide_proof(facts(), OPENING)
    again = opening.decide_proof(facts(*first.decision.events), OPENING)
    assert again.decision.letters[0].cause == first.decision.letters[0].cause
    assert [event.kind for event in again.decision.events] == [Happened.PROOF_MADE]
    changed = opening.decide_proof(facts(figures=(figure("M11", CHARNWOOD, "2014/15-Q1", "7"),)), OPENING)
    assert changed.decision.letters[0].cause != first.decision.letters[0].cause


def test_without_dates_there_is_no_proof():
    with pytest.raises(PreconditionFailed, match=r"no dates yet.*cycle plan 2014/15-Q2"):
        opening.decide_proof(facts(dates=None, status=fold_cycle(Q2, ())), OPENING)


def test_a_respondent_without_a_lead_stops_the_proof_and_is_named_with_its_file():
    site = with_respondent("melton", contacts=())
    with pytest.raises(PreconditionFailed, match=r"Melton has no lead, deputy or chair in office .*CONTACT MELT lead"):
        opening.decide_proof(facts(site=site), OPENING)
    left = replace(SITE.respondent("lscb").contacts[0], valid_to=date(2014, 10, 14))
    with pytest.raises(PreconditionFailed, match=r"Board has no lead, deputy or chair.*CONTACT LSCB lead"):
        opening.decide_proof(facts(site=with_respondent("lscb", contacts=(left,))), OPENING)


def test_a_site_without_respondents_has_nothing_to_prove():
    with pytest.raises(PreconditionFailed, match="Nobody owes anything"):
        opening.decide_proof(facts(site=replace(SITE, respondents=())), OPENING)


@pytest.mark.parametrize(
    ("now", "is_due"),
    [(at(15, 7), False), (at(15, 8), True), (at(16, 1), True), (at(14, 12), False), (at(4, 17, 11), False)],
)
def test_on_the_opening_morning_the_proof_is_made_by_itself(now, is_due):
    assert opening.proof_is_due(SITE, DATES, status(), now) is is_due
    made = opening.decide_scheduled_proof(facts(), now).decision
    assert bool(made) is is_due
    assert {letter.kind for letter in made.letters} <= {"proof-pack"}
    assert Happened.CYCLE_OPENED not in {event.kind for event in made.events}


def test_a_proof_already_made_is_not_made_again_by_itself():
    assert not opening.decide_scheduled_proof(facts(*proved(at(13))), OPENING).decision


def test_the_schedule_tells_in_the_pack_what_would_refuse_an_order():
    made = opening.decide_scheduled_proof(facts(site=with_respondent("melton", contacts=())), OPENING)
    assert "Melton has no lead, deputy or chair in office" in words(made.decision.letters[0])
    with pytest.raises(PreconditionFailed, match="Melton has no lead, deputy or chair"):
        opening.decide_sending(facts(*made.decision.events, site=with_respondent("melton", contacts=())), OPENING)


# Nobody to ask -----------------------------------------------------------------------------------


def lost(*addresses: str) -> ServiceStatus:
    return fold_service(Event(kind=Happened.ADDRESS_FAILED, at=at(10), by="test", subject=a) for a in addresses)


NOBODY_AT_CHARNWOOD = lost("officer@county.example", "chair@charnwood.example")


def test_a_respondent_whose_every_address_failed_stops_proof_and_send_and_is_named_with_what_to_do():
    for rule in (opening.decide_proof, opening.decide_sending):
        events = proved() if rule is opening.decide_sending else ()
        with pytest.raises(PreconditionFailed) as refusal:
            rule(facts(*events, service=NOBODY_AT_CHARNWOOD), OPENING)
        said = str(refusal.value)
        assert "nobody to ask at Charnwood" in said
        assert "Reply CONTACT CHARN lead Name Surname <address>" in said
        assert "ADDRESS OK chair@charnwood.example" in said
        assert "contact = true in config/waivers.toml" in said
        assert "Melton" not in said, "its chair can be asked"


def test_a_waiver_of_the_contact_opens_the_quarter_without_asking_them():
    waiver = Waiver(respondent="charnwood", contact=True, reason="By telephone.", until=date(2014, 10, 31))
    given = {"site": with_framework(waivers=(waiver,)), "service": NOBODY_AT_CHARNWOOD}
    proof = opening.decide_proof(facts(**given), OPENING)
    pack = proof.decision.letters[0]
    assert "No request goes to Charnwood. Its form is attached here, for you to send." in words(pack)
    assert any("CHARN-1415Q2" in attached.name for attached in pack.attachments)
    made = opening.decide_sending(facts(*proof.decision.events, **given), at(15, 10)).decision
    assert "charnwood" not in {key for letter in made.letters for key in letter.respondents}
    after = fold_cycle(Q2, (PLANNED, *proof.decision.events, *made.events))
    assert after.returns["charnwood"].state is ReturnState.EXPECTED
    assert "charnwood" in {request.form.respondent for request in made.requests}
    over = replace(waiver, until=date(2014, 10, 14))
    with pytest.raises(PreconditionFailed, match="nobody to ask at Charnwood"):
        opening.decide_proof(facts(site=with_framework(waivers=(over,)), service=NOBODY_AT_CHARNWOOD), OPENING)


def test_where_letters_reach_no_lead_the_request_goes_to_the_chair_and_says_why():
    service = lost("officer@county.example")
    proof = opening.decide_proof(facts(service=service), OPENING)
    assert "The request to Melton goes to" in words(proof.decision.letters[0])
    letters = opening.decide_sending(facts(*proof.decision.events, service=service), OPENING).decision.letters
    (melton,) = [x for x in letters if x.respondents == ("melton",)]
    assert (melton.kind, melton.recipient) == ("request", "chair@melton.example")
    assert "You get this because County Officer cannot be reached by email." in words(melton)


def test_an_address_that_fails_after_the_proof_stops_send():
    with pytest.raises(PreconditionFailed, match=r"Melton \(the people written to\)"):
        opening.decide_sending(facts(*proved(), service=lost("officer@county.example")), OPENING)


# SEND --------------------------------------------------------------------------------------------


def test_send_asks_each_person_once_and_tells_each_chair():
    made = opening.decide_sending(facts(*proved()), at(15, 10)).decision
    people = [(letter.kind, letter.recipient.lower(), letter.respondents) for letter in made.letters]
    assert people == [
        ("request", "lead@joint.example", ("blaby-hinckley",)),
        ("request", "officer@county.example", ("charnwood", "melton")),
        ("request-contributor", "lead@health.example", ("public-health",)),
        ("request-contributor", "lead@lscb.example", ("lscb",)),
        ("request-chair", "chair@joint.example", ("blaby-hinckley",)),
        ("request-chair", "chair@charnwood.example", ("charnwood",)),
        ("request-chair", "chair@melton.example", ("melton",)),
    ]
    assert all(letter.manner is Manner.TIMED for letter in made.letters)


def test_an_officer_of_two_districts_gets_one_letter_with_two_forms_and_the_joint_lead_one_with_both_areas():
    letters = opening.decide_sending(facts(*proved()), OPENING).decision.letters
    joint, officer = by_kind(letters, "request")
    assert len(officer.attachments) == 2
    assert "CHARN-1415Q2-F2.1-R1-" in officer.attachments[0].name
    assert "MELT-1415Q2-F2.1-R1-" in officer.attachments[1].name
    assert len(joint.attachments) == 1


def test_somebody_who_leads_a_partnership_and_a_contributor_gets_one_letter():
    site = with_respondent("lscb", contacts=SITE.respondent("charnwood").contacts[:1])
    letters = opening.decide_sending(facts(*proved(site=site), site=site), OPENING).decision.letters
    (officer,) = [letter for letter in letters if letter.recipient == "officer@county.example"]
    assert officer.kind == "request"
    assert officer.respondents == ("charnwood", "melton", "lscb")


def test_a_chair_who_leads_too_gets_the_request_only():
    lead = SITE.respondent("melton").contacts[0]
    both = (lead, replace(SITE.respondent("melton").contacts[1], address=lead.address))
    site = with_respondent("melton", contacts=both)
    letters = opening.decide_sending(facts(*proved(site=site), site=site), OPENING).decision.letters
    assert "melton" not in {key for letter in by_kind(letters, "request-chair") for key in letter.respondents}


def test_send_opens_the_cycle_and_keeps_what_was_asked():
    made = opening.decide_sending(facts(*proved()), at(15, 10))
    after = fold_cycle(Q2, (PLANNED, *proved(), *made.decision.events))
    assert after.state is CycleState.OPEN
    assert {stands.state for stands in after.returns.values()} == {ReturnState.REQUESTED}
    attached = {hashlib.sha256(a.data).hexdigest() for letter in made.decision.letters for a in letter.attachments}
    assert {request.workbook for request in made.decision.requests} == attached
    assert {hashlib.sha256(book).hexdigest() for book in made.workbooks} == attached


def test_what_is_sent_is_byte_for_byte_what_was_proved():
    proof = opening.decide_proof(facts(), OPENING)
    sent = opening.decide_sending(facts(*proof.decision.events), at(20, 15))
    assert sent.workbooks == proof.workbooks


def test_without_a_proof_nothing_is_sent():
    with pytest.raises(PreconditionFailed, match=r"no proof pack.*PROOF makes it"):
        opening.decide_sending(facts(), OPENING)


def test_a_second_send_sends_nothing():
    events = (*proved(), *opening.decide_sending(facts(*proved()), at(15, 10)).decision.events)
    for rule in (opening.decide_sending, opening.decide_proof):
        with pytest.raises(PreconditionFailed, match="sent already at 10am on Wednesday 15 October 2014"):
            rule(facts(*events), at(16))
    assert not opening.decide_scheduled_proof(facts(*events), at(16)).decision


def test_a_changed_figure_stops_send_and_is_named():
    late = (figure("M11", MELTON, "2014/15-Q1", "31", as_at=date(2014, 10, 15)),)
    with pytest.raises(PreconditionFailed) as refusal:
        opening.decide_sending(facts(*proved(), figures=late), at(15, 10))
    assert "Melton (the figures shown)" in str(refusal.value)
    assert "Charnwood" not in str(refusal.value)
    assert "Nothing was sent." in str(refusal.value)


def test_changed_contacts_questions_dates_and_respondents_stop_send_and_are_named():
    chair = replace(SITE.respondent("charnwood").contacts[1], address="new.chair@charnwood.example")
    contacts = (SITE.respondent("charnwood").contacts[0], chair)
    changes = {
        "Charnwood (the people written to)": {"site": with_respondent("charnwood", contacts=contacts)},
        "Charnwood (what is asked)": {"site": with_framework(objectives=())},
        "Melton (the dates)": {"dates": replace(DATES, close=at(5, 17, 11))},
        "melton (is no longer asked)": {"site": with_respondent("melton", valid_to=date(2014, 10, 1))},
        "Melton (the wording)": {"site": replace(SITE, marking="OFFICIAL-SENSITIVE")},
    }
    for sentence, changed in changes.items():
        with pytest.raises(PreconditionFailed) as refusal:
            opening.decide_sending(facts(*proved(), **changed), OPENING)
        assert sentence in str(refusal.value)
        assert "PROOF makes a new one" in str(refusal.value)


def test_a_respondent_new_since_the_proof_stops_send():
    without = proved(site=with_respondent("melton", valid_from=date(2014, 11, 1)))
    with pytest.raises(PreconditionFailed, match=r"Melton \(was not in the proof\)"):
        opening.decide_sending(facts(*without), OPENING)


def test_the_same_dates_in_another_time_zone_are_no_change():
    elsewhere = replace(DATES, close=DATES.close.astimezone(at(1).tzinfo), due=DATES.due.astimezone(at(1).tzinfo))
    assert opening.decide_sending(facts(*proved(), dates=elsewhere), OPENING).decision


def test_events_hold_no_address_and_no_narrative():
    events = (*proved(), *opening.decide_sending(facts(*proved()), OPENING).decision.events)
    assert "@" not in repr([event.facts for event in events])


def test_a_proof_ordered_by_someone_says_who():
    made = opening.decide_proof(facts(by="the command line"), OPENING).decision
    assert {event.by for event in made.events} == {"the command line"}
    assert isinstance(made.events[0], Event)


def test_a_second_form_in_a_cycle_has_the_next_revision():
    made = opening.decide_proof(facts(revisions={"charnwood": 2}), OPENING)
    found = {entry.respondent.key: entry.form.reference.revision for entry in made.mailing.entries}
    assert found["charnwood"] == 3
    assert found["melton"] == 1
