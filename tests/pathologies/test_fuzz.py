"""Thousands of damaged messages: nothing raises, each ends in one verdict, and nobody unregistered is answered."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from csp_workflow.intake import opening
from csp_workflow.intake.case import IntakeFacts
from csp_workflow.intake.decide import decide
from csp_workflow.mail.bounces import read_bounce
from csp_workflow.mail.classify import awaits_scan, was_blocked
from csp_workflow.mail.unpack import identify_content, unpack_message
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.messages import Mark
from tests.intake.intake_factory import NOW, OFFICE, SITE, cycle, facts
from tests.pathologies.books import FILES
from tests.pathologies.judging import OURS, run_here
from tests.pathologies.mutating import mutated
from tests.pathologies.raw import beginning, every_name, raw

SEED = 20141020
MANY = 1_500
SWEEP = 60_000
CONTAINERS = ("winmail", "msg", "msg-in-msg", "signed", "signed-in-pieces", "encrypted", "zip", "eml", "label")
_REGISTERED = {c.address for r in SITE.respondents for c in r.contacts} | {OFFICE.co_ordinator.address}


def look_at(data: bytes, known: IntakeFacts, marks: frozenset[Mark]) -> None:
    """Everything that is done with a message's bytes before a person sees it."""
    message = replace(unpack_message(data, received=NOW), marks=marks)
    assert message.id == identify_content(data)
    assert len(message.id) == 64
    message = opening.strip_signature(message, run_here)
    bounce = read_bounce(message)
    assert bounce is None or all("@" in one.address or one.address == "" for one in bounce.recipients)
    assert not (awaits_scan(message) and was_blocked(message)) or message.text
    told = replace(known, opened=opening.open_files(message, run_here))
    decision = decide(message, told, NOW)
    assert decision.judgement is not None
    assert decision.judgement.message == message.id
    assert {letter.recipient for letter in decision.letters} <= _REGISTERED
    assert all(SITE.respondent(s.respondent).contacts for s in decision.submissions)
    assert london_day(message.received) == london_day(NOW)


def fuzz(seeds: tuple[bytes, ...], count: int, seed: int) -> None:
    chance = random.Random(seed)
    known = facts(cycles=(cycle(),), own_message_ids=frozenset({OURS}))
    for n in range(count):
        data = mutated(seeds[n % len(seeds)], seeds, chance)
        marks = frozenset({chance.choice(tuple(Mark))}) if chance.random() < 0.1 else frozenset()
        try:
            look_at(data, known, marks)
        except Exception as fault:
            raise AssertionError(f"number {n} of seed {seed}: {data[:2_000]!r}") from fault


def beginnings() -> tuple[bytes, ...]:
    return tuple(beginning(name) for name in every_name())


def fuzz_containers(count: int, seed: int) -> None:
    chance = random.Random(seed)
    seeds = tuple(FILES[name]("charnwood") for name in CONTAINERS)
    for n in range(count):
        data = mutated(seeds[n % len(seeds)], seeds, chance)
        for function in (opening.READER, opening.UNWRAPPER):
            try:
                reply = run_here(function, data)
            except Exception as fault:
                raise AssertionError(f"number {n} of seed {seed} of {CONTAINERS[n % len(seeds)]}") from fault
            assert isinstance(reply, dict)


@pytest.fixture(autouse=True)
def _nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What a library logs of a message may hold addresses and words of people. In the sandbox's child none is heard.

    Nor is any here of those that open containers: one damaged file had 262,144 lines to say.
    """
    for library in ("tnefparse", "olefile"):
        caplog.set_level(logging.CRITICAL + 1, logger=library)
    yield
    assert not [record.name for record in caplog.get_records("call") if record.levelno >= logging.WARNING]


def test_damaged_messages_each_end_in_one_verdict() -> None:
    fuzz(beginnings(), MANY, SEED)


def test_damaged_containers_are_opened_or_refused() -> None:
    fuzz_containers(300, SEED)


@pytest.mark.sweep
@pytest.mark.parametrize("part", range(6))
def test_a_sweep_of_damaged_messages(part: int) -> None:
    fuzz(beginnings(), SWEEP // 6, SEED + 1 + part)


@pytest.mark.sweep
def test_a_sweep_of_damaged_messages_with_whole_files() -> None:
    fuzz(tuple(raw(name) for name in every_name()), 3_000, SEED + 50)


@pytest.mark.sweep
def test_a_sweep_of_damaged_containers() -> None:
    fuzz_containers(10_000, SEED + 100)
