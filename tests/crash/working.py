"""Several workers at one site: processes that beat beside each other, each a machine of its own; some are killed."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from csp_workflow import wiring
from csp_workflow.mailboxes.maildir import Maildir
from csp_workflow.rehearsal import staging
from csp_workflow.rehearsal.partners import excel, mail
from csp_workflow.steps import beat, cycle, post
from csp_workflow.steps.outside import Outside
from csp_workflow.store import inbox, outbox
from csp_workflow.terms.events import LetterState
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.service import Mode
from csp_workflow.terms.site import Service, Site
from tests.crash.receiving import OPENED, Q2, ROOT, answer, close
from tests.sandbox.reading_here import NoChild

MORNING = OPENED.replace(day=17)
LEASE = 8.0
"""Seconds after which a dead worker's messages and letters are anybody's, in place of a hundred."""

DEADLY = 0.02
"""How likely it is at each point that a worker is killed there."""

_ON_THE_WAY = {LetterState.QUEUED, LetterState.CLAIMED, LetterState.HANDING}


@cache
def site(partnerships: int) -> Site:
    """The configured site with so many partnerships, whose receipts all leave in one hour."""
    return staging.site_for(ROOT / "config", partnerships=partnerships)


@dataclass
class Fleet:
    """A site at `url` whose machines have a state folder each, and share the database, with the archive in it.

    `child` says whether forms are read in the sandbox's child, which takes most of the time.
    """

    url: str
    place: Path
    partnerships: int
    child: bool = False

    def open(self, machine: str = "first", **others: object) -> Outside:
        """The outside of one machine; all read the same mailbox."""
        state, made = self.place / machine, site(self.partnerships)
        state.mkdir(parents=True, exist_ok=True)
        (state / "key").write_bytes(b"k" * 32)
        others["mailbox"] = Maildir(self.place / "mail", limit=made.limits.message_bytes)
        if not self.child:
            others["sandbox"] = NoChild(limits=made.limits)
        service = Service(mode=Mode.REHEARSAL, adapter="maildir", database=self.url, archive="database")
        return wiring.wire(made, service, config=ROOT / "config", state=state, **others).outside

    def prepare(self) -> int:
        """Open the quarter, and let every lead answer. How many messages they wrote."""
        (self.place / "mail").mkdir(parents=True)
        outside = self.open()
        cycle.plan_cycle(outside, Q2, OPENED)
        cycle.make_proof(outside, Q2, OPENED, by="test")
        cycle.send_requests(outside, Q2, OPENED, by="test")
        post.post(outside, OPENED)
        outside.store.saw(OPENED)
        requests = outside.store.letters(kind="request")
        for number, row in enumerate(requests):
            letter = mail.open_letter((self.place / "mail" / "sent" / "new" / row.id).read_bytes())
            files = [(name, _fill(form)) for name, form in letter.workbooks]
            reply = answer(letter, row.recipient, f"Our return, number {number}.", *files)
            outside.mailbox.deliver(reply, f"{number:04}")  # type: ignore[attr-defined]
        close(outside)
        return len(requests)

    def play(self, workers: int, *, kills: int = 0, seconds: float = 300.0) -> float:
        """Workers until all is judged and has left, some of them killed and replaced meanwhile. The seconds it took."""
        began = time.monotonic()
        at_work = {self._start(number, dies=kills > 0): number for number in range(workers)}
        try:
            while at_work:
                assert time.monotonic() - began < seconds, "the workers do not come to an end"
                ended, status = os.waitpid(-1, os.WNOHANG)
                if not ended:
                    time.sleep(0.05)
                    continue
                number = at_work.pop(ended) + workers
                if code := os.waitstatus_to_exitcode(status):
                    assert code == -signal.SIGKILL
                    kills -= 1
                    at_work[self._start(number, dies=kills > 0)] = number
        finally:
            for process in at_work:
                os.kill(process, signal.SIGKILL)
        return time.monotonic() - began

    def _start(self, number: int, *, dies: bool) -> int:
        """A process of its own, forked so that a dozen are affordable, which ends when nothing is left to do.

        One that `dies` is killed at any of the points that it reaches.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child:
            return child
        try:
            inbox.LEASE = outbox.LEASE = LEASE
            outside = self.open(f"machine-{number}", **{"reached": _killing(number)} if dies else {})
            while _tick(outside):
                time.sleep(0.2)
        except Exception as fault:  # noqa: BLE001 - the child's end is told by its exit code
            sys.stderr.write(f"{type(fault).__name__}: {fault}\n")
            os._exit(1)
        os._exit(0)

    def find_wrong(self, messages: int) -> Iterator[str]:
        """What was lost, done twice or wrongly judged, in sentences."""
        outside = self.open()
        verdicts = Counter(row.verdict for row in outside.store.messages())
        if verdicts != {Verdict.RETURN: messages}:
            yield f"the verdicts are {verdicts}"
        for respondent in site(self.partnerships).respondents:
            versions = outside.store.submissions(Q2, respondent.key)
            if len(versions) > 1:
                yield f"{respondent.key} has {len(versions)} submissions"
        letters = outside.store.letters()
        delivered = Counter(path.name for path in (self.place / "mail" / "sent" / "new").iterdir())
        for letter in letters:
            if letter.state not in {LetterState.SENT, LetterState.WITHDRAWN} or delivered[letter.id] > 1:
                yield f"{letter.kind} is {letter.state} and was delivered {delivered[letter.id]} times"
        receipts = sum(letter.kind == "receipt" for letter in letters)
        if receipts != messages:
            yield f"{receipts} receipts"
        close(outside)


def _killing(number: int) -> Callable[[str], None]:
    draw = random.Random(number)

    def reached(_: str) -> None:
        if draw.random() < DEADLY:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


def _fill(form: bytes) -> bytes:
    words = "What was done about {}."
    return excel.fill(form, number=lambda *_: 17, status=lambda *_: "Final", words=words.format, now=OPENED)


def _tick(outside: Outside) -> bool:
    """One beat. Whether there is more to do."""
    done = beat.tick(outside, MORNING)
    is_left = any(letter.state in _ON_THE_WAY for letter in outside.store.letters())
    return bool(done.failed_steps) or not done.drained or is_left
