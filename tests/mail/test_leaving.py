"""Who says that they have left: by hand, by automatic reply, in other languages; and whom they name instead."""

from __future__ import annotations

import pytest

from csp_workflow.mail.absence import find_named, says_has_left


@pytest.mark.parametrize(
    "words",
    [
        "I no longer work for Charnwood Borough Council.",
        "I no longer work at the county.",
        "I have now left the council. Please contact Sam.",
        "I have left my role with the partnership.",
        "I left the council on 3 October.",
        "I am no longer with the authority.",
        "I'm no longer employed by the council.",
        "I have now left Charnwood Borough Council, please write to sam@charnwood.example",
        "My last day was Friday 3 October.",
        "I have finished working for the council.",
        "Je ne travaille plus à la mairie.",
        "Ich arbeite nicht mehr hier.",
        "Ya no trabajo en el ayuntamiento.",
        "Ik werk niet meer bij de gemeente.",
        "Non lavoro più qui.",
        "Já não trabalho aqui.",
        "Nu mai lucrez aici.",
        "Już nie pracuję w urzędzie.",
        "Rwyf wedi gadael y cyngor.",
        "I no longer chair the CSP. Please contact Ann New.",
        "I no longer chair the partnership.",
        "I have handed this over to Priya Shah.",
        "I am no longer responsible for this.",
        "I am no longer at Charnwood Borough Council.",
        "I have stepped down as chair.",
        "Cllr New has taken over as chair from me.",
    ],
)
def test_ways_to_say_so_by_hand_or_not(words: str) -> None:
    assert says_has_left(words)
    assert says_has_left(
        f"Thank you for your e-mail.\n\nPlease note that this is automatic.\n\n{words}", is_machine=True
    )


@pytest.mark.parametrize(
    "words",
    [
        "Jo Lead has now left the council.",
        "Jo Lead no longer works for Charnwood Borough Council.",
        "Jo is no longer employed here.",
        "This mailbox is no longer monitored. Please write to sam@charnwood.example.",
        "This e-mail address is no longer in use.",
    ],
)
def test_an_automatic_reply_speaks_of_its_owner_and_a_person_of_others(words: str) -> None:
    assert says_has_left(words, is_machine=True)
    assert not says_has_left(words)


@pytest.mark.parametrize(
    "words",
    [
        "I am out of the office until Monday.",
        "Cllr New has taken over as chair.",
        "I no longer chair the meeting on Thursdays.",
        "I have left for the day.",
        "I have left the office and will be back on Monday.",
        "I no longer work on Fridays.",
        "I no longer work at weekends.",
        "I have left two boxes empty.",
        "I left the burglary figure out.",
        "I will be leaving on 31 October.",
        "Jo has left the office for today.",
        "A new operator has taken over this car park so incidents rose.",
        "I have handed this to the chair for sign off, should be with you Monday.",
        "I'm no longer at my desk today, will send it tomorrow.",
        "I am no longer at County Hall, we have moved and my email is the same.",
        "I have left a message for the partnership analyst and will send the figures when she rings back.",
        "I am no longer responsible for L2, the BID collects that now.",
        "Please take me off the copy list for the chair letters.",
    ],
)
def test_being_away_is_not_leaving(words: str) -> None:
    assert not says_has_left(words)
    assert not says_has_left(words, is_machine=True)


def test_a_site_adds_its_own_words() -> None:
    assert not says_has_left("So long, and thanks for all the figures.")
    assert says_has_left("So long, and thanks for all the figures.", more=("so long",))


def test_the_addresses_named_are_found_but_for_the_writers_and_ours() -> None:
    words = "Please write to Sam.Smith@charnwood.example, or team@charnwood.example. From lead@charnwood.example"
    assert find_named(words, ("lead@charnwood.example",)) == ("sam.smith@charnwood.example", "team@charnwood.example")
    assert find_named("nobody", ()) == ()
