"""NIL and DECLINE by order, who is told; REOPEN; EXTEND ALL; DISMISS ALL and its way back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csp_workflow.letters.catalogue import render
from csp_workflow.terms.events import Happened
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.service_status import FoundTopic
from csp_workflow.terms.status import fold_cycle
from tests.chase.quarter_told import CHARNWOOD, MELTON, OFFICE, Q2, TEMPLATES, Told, at
from tests.desk.reading import ask_about, read, read_one
from tests.desk.test_orders_done import HELD, QUESTION, forwarded, order, refused


@pytest.fixture
def told() -> Told:
    return Told().open(at(15))


def state(told: Told, key: str) -> ReturnState:
    return fold_cycle(Q2, told.events).returns[key].state


@pytest.mark.parametrize("verb", ["NIL", "DECLINE"])
def test_who_said_so_is_kept_and_the_lead_is_told(told: Told, verb: str) -> None:
    done = order(told, f"{verb} CHARN BY Jane Smith BECAUSE their analyst has left")
    (letter,) = done.decision.letters
    assert letter.recipient == CHARNWOOD.contacts[0].address
    text = " ".join(render(letter, OFFICE, environment=TEMPLATES).text.split())
    assert "though not by an email to us" in text
    assert "Jane Smith told us: their analyst has left." in text
    (ended,) = [e for e in told.events if e.facts.get("said_by")]
    assert ended.facts["said_by"] == "Jane Smith"
    assert "is told so" in " ".join(done.sentences)


def test_without_who_said_so_only_why_is_said(told: Told) -> None:
    done = order(told, "DECLINE CHARN BECAUSE no return this year")
    text = render(done.decision.letters[0], OFFICE, environment=TEMPLATES).text
    assert "Why: no return this year." in text


def test_nobody_is_told_of_what_nobody_was_asked() -> None:
    told = Told()
    told.happen(Happened.EXPECTED, at(14), "charnwood")
    done = order(told, "NIL CHARN BECAUSE nothing to report this time")
    assert not done.decision.letters
    assert "nothing was asked" in " ".join(done.sentences)


@pytest.mark.parametrize("verb", ["NIL", "DECLINE"])
def test_reopen_takes_it_back_and_says_so(told: Told, verb: str) -> None:
    order(told, f"{verb} CHARN BECAUSE told so")
    done = order(told, "REOPEN CHARN BECAUSE they do report after all")
    assert state(told, "charnwood") is ReturnState.REQUESTED
    text = " ".join(render(done.decision.letters[0], OFFICE, environment=TEMPLATES).text.split())
    assert "we ask you for the return again" in text
    assert "they do report after all" in text


def test_reopened_after_its_due_day_says_how_to_give_longer(told: Told) -> None:
    order(told, "NIL CHARN BECAUSE told so")
    done = order(told, "REOPEN CHARN BECAUSE a mistake", at(6, month=11))
    assert "EXTEND CHARN TO day BECAUSE reason" in " ".join(done.sentences)
    assert "It was due at" in " ".join(render(done.decision.letters[0], OFFICE, environment=TEMPLATES).text.split())


def test_what_was_in_before_counts_as_it_did(told: Told) -> None:
    told.arrive(MELTON, at(29), faults=1)
    told.arrive(CHARNWOOD, at(29))
    before = {key: state(told, key) for key in ("melton", "charnwood")}
    for code in ("MELT", "CHARN"):
        order(told, f"NIL {code} BECAUSE they say so")
        done = order(told, f"REOPEN {code} BECAUSE a mistake of mine")
        (letter,) = done.decision.letters
        assert letter.facts["recorded"].version == 1, "its lead is told that it counts, and not to send it again"
    assert {key: state(told, key) for key in before} == before


def test_an_unasked_return_is_expected_again() -> None:
    told = Told()
    told.happen(Happened.EXPECTED, at(14), "charnwood")
    order(told, "NIL CHARN BECAUSE nothing to report this time")
    order(told, "REOPEN CHARN BECAUSE a mistake of mine")
    assert state(told, "charnwood") is ReturnState.EXPECTED


def test_what_was_not_ended_is_not_reopened(told: Told) -> None:
    assert "nothing about it was ended" in refused(told, "REOPEN CHARN BECAUSE why not")
    told.arrive(MELTON, at(29))
    assert "RETURN MELT" in refused(told, "REOPEN MELT BECAUSE why not")
    told.happen(Happened.NOT_RECEIVED, at(30), "charnwood")
    assert "EXTEND CHARN" in refused(told, "REOPEN CHARN BECAUSE why not")


def test_everybody_who_owes_gets_longer_and_is_told(told: Told) -> None:
    told.arrive(MELTON, at(29))
    done = order(told, "EXTEND ALL TO 14 November BECAUSE the force was late")
    extended = {e.respondent for e in told.kinds(Happened.EXTENDED)}
    assert "melton" not in extended
    assert {"charnwood", "rutland"} <= extended
    assert len(done.decision.letters) >= len(extended)
    assert "Charnwood" in done.sentences[0]
    again = refused(told, "EXTEND ALL TO 14 November BECAUSE the force was late")
    assert again.endswith("14 November 2014 already.")


@pytest.mark.parametrize("words", ["extend everyone to 14 November, leave", "EXTEND all partnerships till 14/11: ill"])
def test_everybody_is_called_in_many_ways(words: str) -> None:
    command = read_one(words)
    assert (command.whom, command.respondent) == ("all", "")
    assert read_one(command.write()).whom == "all"


def test_everybody_but_somebody_is_no_order() -> None:
    assert not read("EXTEND ALL but Melton TO 14 November BECAUSE leave").commands


def test_held_messages_that_she_was_told_of_are_put_aside_together(told: Told) -> None:
    newer = replace(HELD, id="aaaabbbbcccc0001", received=at(31, 8, 59))
    told.happen(Happened.DIGEST_MADE, at(31, 7, 30), day="2014-10-31")
    done = order(told, "DISMISS ALL", waiting=(HELD, QUESTION, newer))
    settled = {e.subject for e in done.decision.events if e.kind is Happened.MESSAGE_SETTLED}
    assert settled == {HELD.id}
    assert "1 message that came since" in done.sentences[1]


def test_what_may_be_about_something_else_is_not_put_aside_with_the_others(told: Told) -> None:
    topic = FoundTopic(message=HELD.id, topic="foi", due=None, passed=True)
    told.happen(Happened.DIGEST_MADE, at(31, 7, 30), day="2014-10-31")
    said = refused(told, "DISMISS ALL messages", waiting=(replace(HELD, topics=(topic,)),))
    assert "No held message waits" in said


def test_a_message_put_aside_waits_again(told: Told) -> None:
    done = order(told, "REOPEN 3fa9c1d2", others=(HELD,))
    (event, _) = done.decision.events
    assert (event.kind, event.subject) == (Happened.MESSAGE_HELD, HELD.id)
    done = order(told, "REOPEN 77b0c1d2", others=(QUESTION,))
    assert fold_cycle(Q2, told.events).returns["charnwood"].open_questions == (QUESTION.id,)
    assert "Reminders to Charnwood wait" in done.sentences[0]
    assert "already" in refused(told, "REOPEN 3fa9c1d2", waiting=(HELD,), answered=forwarded(HELD))


@pytest.mark.parametrize(
    "line", ["REOPEN", "REOPEN CHARN", "NIL CHARN BY whom BECAUSE told so", "NIL CHARN BY Jane", "DISMISS ALL but one"]
)
def test_what_is_not_whole_is_asked_about(line: str) -> None:
    assert not read(line).commands
    assert ask_about(line)


def test_reopened_after_the_close_is_not_received_and_says_so(told: Told) -> None:
    order(told, "NIL CHARN BECAUSE told so")
    told.happen(Happened.CYCLE_CLOSED, at(14, 17, month=11))
    done = " ".join(order(told, "REOPEN CHARN BECAUSE a mistake", at(17, month=11)).sentences)
    assert "Returns closed on Friday 14 November 2014: it is not received, and nobody is reminded of it." in done
    assert "asked for again" not in done
    assert "EXTEND CHARN TO day BECAUSE reason gives a later day." in done


def test_done_says_whose_reminders_wait_for_something_else(told: Told) -> None:
    told.happen(Happened.MESSAGE_HELD, at(29), "charnwood", subject=HELD.id)
    told.happen(Happened.QUESTION_ASKED, at(29), "charnwood", subject=QUESTION.id)
    done = order(told, f"DONE {QUESTION.short}", waiting=(HELD, QUESTION))
    assert done.sentences[0].endswith(f"Reminders to Charnwood still wait for message {HELD.short}.")
    order(told, "HOLD CHARN")
    done = order(told, f"DISMISS {HELD.short}", waiting=(HELD,))
    assert done.sentences[0].endswith("Reminders to Charnwood still wait for RESUME CHARN.")
    order(told, "RESUME CHARN")
    told.happen(Happened.MESSAGE_HELD, at(29), "charnwood", subject=HELD.id)
    done = order(told, f"DISMISS {HELD.short}", waiting=(HELD,))
    assert done.sentences[0].endswith("Reminders to Charnwood go on where they are due.")
