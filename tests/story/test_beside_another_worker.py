"""What a worker leaves alone while another is at it, and what becomes of a message over which workers die."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import text

from csp_workflow.steps import beat, judge, ordering, receive
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.events import Happened
from csp_workflow.terms.messages import Verdict
from csp_workflow.whereabouts import Whereabouts
from tests.story.site_told import CO_ORDINATOR, Played, at, filled

LEIC, CHARN = "lead@leicester.example", "lead@charnwood.example"
MORNING = "16 Oct 10:00"


@pytest.fixture
def worker(site: Played) -> Outside:
    """One of several workers, whose clock stands at 1,000 seconds."""
    site.beat("16 Oct 09:30")
    site.new_letters()
    return replace(site.opened(at(MORNING)).outside, alone=False, clock=lambda: 1000.0)


def taken_by_another(worker: Outside, subject: str) -> None:
    receive.receive(worker, at(MORNING))
    (row,) = [row for row in worker.store.unjudged() if row.subject == subject]
    assert worker.store.claim_message(row.id, clock=1000.0)


def verdicts(worker: Outside) -> dict[str, Verdict | None]:
    return {row.subject: row.verdict for row in worker.store.messages() if row.subject != "SEND"}


def test_what_another_has_in_hand_is_left_to_it_and_so_is_what_its_sender_wrote_later(
    site: Played, worker: Outside
) -> None:
    for subject in ("First", "Second"):
        site.write(LEIC, subject, "Please ring me.")
    site.write(CHARN, "From somebody else", "Please ring me.")
    taken_by_another(worker, "First")
    done = beat.tick(worker, at(MORNING))
    assert (done.judged, done.drained, done.failed_steps) == (1, False, ())
    later = replace(worker, clock=lambda: 1400.0)
    assert beat.tick(later, at(MORNING)).judged == 2, "its lease has ended"
    assert None not in verdicts(worker).values()


def test_nothing_leaves_while_another_reads_a_message_that_may_say_stop(site: Played, worker: Outside) -> None:
    site.write(CO_ORDINATOR, "Halt", "STOP")
    site.write(LEIC, "A question", "Please ring me.")
    taken_by_another(worker, "Halt")
    beat.tick(worker, at(MORNING))
    assert not site.new_letters(LEIC)
    assert beat.tick(replace(worker, clock=lambda: 1400.0), at(MORNING)).judged == 1
    assert worker.store.service_status().on_hold


def test_where_another_reads_the_mailbox_and_sends_a_beat_does_the_rest(site: Played, worker: Outside) -> None:
    site.write(LEIC, "A question", "Please ring me.")
    receive.receive(worker, at(MORNING))
    site.write(CHARN, "Another", "Please ring me.")
    with worker.store.sole_receiver(), worker.store.sole_sender():
        done = beat.tick(worker, at(MORNING))
    assert (done.received, done.judged, done.sent, done.failed_steps) == (0, 1, 0, ())
    assert not done.drained, "so nobody is chased"
    done = beat.tick(worker, at(MORNING))
    assert (done.received, done.drained) == (1, True)
    assert done.sent


def test_a_message_that_kills_its_worker_is_judged_after_all_others_and_at_last_set_aside(
    site: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its own doing nor ours can be told from a death, but six of them are no accident."""
    letter = site.the_letter(LEIC, "Please fill in")
    site.beat("16 Oct 09:30")
    site.write(LEIC, "poison", "Hello")
    site.reply(letter, LEIC, "Our return.", filled(letter))
    site.write(CHARN, "A question", "Please ring me.")
    honest = judge.open_message

    def deadly(outside: Outside, row: object, **how: bool) -> judge.OpenedMessage:
        if row.subject == "poison":  # type: ignore[attr-defined]
            os.kill(os.getpid(), signal.SIGKILL)
        return honest(outside, row, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(judge, "open_message", deadly)
    ends = []
    for minute in range(8):
        site.close()
        child = os.fork()
        if not child:
            site.beat(f"16 Oct 10:{minute:02}")
            os._exit(0)
        ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    assert ends == [*[-signal.SIGKILL] * 6, 0, 0]
    outside = site.opened(at("16 Oct 10:30")).outside
    assert verdicts(outside)["poison"] is Verdict.QUARANTINED
    assert verdicts(outside)["A question"] is Verdict.QUESTION
    assert site.state("leicester") == "complete"


def test_a_process_that_was_killed_over_a_message_costs_it_no_attempt(
    site: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = site.the_letter(LEIC, "Please fill in")
    site.reply(letter, LEIC, "Our return.", filled(letter))
    for minute in range(4):
        site.close()
        child = os.fork()
        if not child:
            monkeypatch.setattr(judge, "decide", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
            site.beat(f"16 Oct 10:{minute:02}")
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert site.beat("16 Oct 10:05").judged == 1
    assert site.state("leicester") == "complete"


def test_orders_of_another_worker_take_a_message_in_hand_at_once(site: Played, worker: Outside) -> None:
    """A replayed message is nobody else's while it is looked at again."""
    site.write(LEIC, "A question", "Please ring me.")
    receive.receive(worker, at(MORNING))
    (row,) = worker.store.unjudged()
    judge._set_aside(worker, row, at(MORNING))
    assert ordering.replay_message(worker, row.id[:10], at(MORNING)) == "question"
    assert ordering.replay_message(worker, row.id[:10], at(MORNING)) == ""


# Where several workers find a store that came from elsewhere, or that nobody has been at work at


@dataclass(frozen=True, kw_only=True)
class Interrupted(Whereabouts):
    """Where another worker beats just as this one notes something for the first time."""

    other: list[Outside]

    def write_note(self, generation: str, mark: int, **before: str) -> None:
        if self.other:
            beat.tick(self.other.pop(), at(MORNING))
        super().write_note(generation, mark, **before)


def two_workers(worker: Outside, place: Path) -> tuple[Outside, Outside]:
    """Two machines at one store, the second of which beats in the midst of the first's beginning."""
    assert worker.here
    facts: Mapping[str, str] = {**worker.here.facts, "machine": "", "folder": ""}
    second = replace(worker, here=Whereabouts(facts=facts, note=place / "second.json"))
    return replace(worker, here=Interrupted(facts=facts, note=place / "first.json", other=[second])), second


def moves(worker: Outside) -> list[object]:
    return [event.facts["why"] for event in worker.store.events(None) if event.kind is Happened.STORE_MOVED]


def test_two_workers_who_begin_at_the_same_moment_take_the_store_for_their_own(worker: Outside, tmp_path: Path) -> None:
    with worker.store._writing() as session:
        session.execute(text("DELETE FROM stamp WHERE name IN ('generation', 'place', 'mailbox name')"))
    first, second = two_workers(worker, tmp_path)
    for each in (first, second, first, second):
        beat.tick(each, at(MORNING))
    assert moves(worker) == []


def test_a_move_that_two_workers_see_is_noted_once_and_settled_once(
    site: Played, worker: Outside, tmp_path: Path
) -> None:
    first, second = two_workers(worker, tmp_path)
    beat.tick(second, at(MORNING))
    worker.store.set_stamp("place", "elsewhere")
    for each in (first, second, first, second):
        beat.tick(each, at(MORNING))
    assert len(moves(worker)) == 1
    (told,) = [x for x in site.new_letters(CO_ORDINATOR) if "Nothing leaves until you say so" in x.subject]
    site.reply(told, CO_ORDINATOR, "RELEASE")
    for each in (first, second, first, second):
        beat.tick(each, at(MORNING))
    assert len(moves(worker)) == 1
    assert not worker.store.service_status().moved


def test_a_store_put_back_under_two_workers_is_noted_once(worker: Outside, tmp_path: Path) -> None:
    first, second = two_workers(worker, tmp_path)
    for each in (first, second):
        beat.tick(each, at(MORNING))
    for each in (first, second):
        assert each.here
        each.here.write_note("7 of a later day", 10_000)
    for each in (first, second, first, second):
        beat.tick(each, at(MORNING))
    assert len(moves(worker)) == 1
