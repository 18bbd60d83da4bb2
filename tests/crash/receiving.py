"""The paths of intake and approval: a return arrives, and a chair approves it, on the real service and config."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from pathlib import Path
from typing import Any

from csp_workflow import settings, wiring
from csp_workflow.rehearsal.partners import excel, mail
from csp_workflow.steps import beat, cycle, post
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import LetterState
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.service import Mode
from csp_workflow.terms.site import Service, Site
from tests.sandbox.reading_here import NoChild
from tests.store.laying_out import lay_out_store

ROOT = Path(__file__).resolve().parents[2]
Q2 = Quarter.parse("2014/15-Q2")
OPENED = datetime(2014, 10, 15, 9, 0, tzinfo=UTC)
LEAD, CHAIR = "lead@leicester.example", "chair@leicester.example"


@cache
def site() -> Site:
    """The configured site with one partnership: a beat is short, and every step of it is real.

    It is shown no page of a paper, so that its lead is told of an approval by a letter.
    """
    whole, _ = settings.load(ROOT / "config", environment={})
    forms = tuple(replace(form, objection_days=0) for form in whole.report_forms)
    return replace(whole, respondents=tuple(r for r in whole.respondents if r.key == "leicester"), report_forms=forms)


def opened(place: Path, **others: Any) -> Outside:
    """The outside of a site folder."""
    service = Service(mode=Mode.REHEARSAL, adapter="maildir")
    # Leases run by the machine's clock; one that stands still lets equal work leave equal bytes.
    return wiring.wire(site(), service, config=ROOT / "config", state=place, clock=lambda: 0.0, **others).outside


def sent(place: Path, kind: str, outside: Outside) -> mail.Post:
    """The letter of a kind, as its reader gets it."""
    row = next(row for row in outside.store.letters() if row.kind == kind and row.state is LetterState.SENT)
    return mail.open_letter((place / "mail" / "sent" / "new" / row.id).read_bytes())


def answer(letter: mail.Post, sender: str, text: str, *files: tuple[str, bytes]) -> bytes:
    """A reply as a mail program writes it."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, letter.sender
    message["Subject"], message["Message-ID"] = f"RE: {letter.subject}", f"<answer-{len(text)}@{sender.split('@')[1]}>"
    message["In-Reply-To"] = letter.message_id
    message.set_content(text)
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


@dataclass(frozen=True)
class Receiving:
    """A lead's filled form lies in the inbox; one beat receives, reads, stores and answers it.

    `child` says whether the form is read in the sandbox's child, which takes most of the time.
    """

    child: bool = True

    name = "intake of a return"
    all_on_disk = True

    def prepare(self, place: Path) -> None:
        """A cycle that is open, and the reply to its request."""
        self._open_the_quarter(place)
        outside = opened(place)
        self._deliver_the_return(place, outside)
        close(outside)

    def open(self, place: Path) -> Outside:
        """The real outside."""
        return opened(place) if self.child else opened(place, sandbox=NoChild(limits=site().limits))

    def beat(self, outside: Outside, number: int) -> None:
        """One beat of the whole service."""
        done = beat.tick(outside, self.now(number))
        assert not done.failed_steps, done.failed_steps
        outside.sandbox.close()

    def now(self, number: int) -> datetime:
        """The time of a beat: a morning, some minutes apart."""
        return OPENED + timedelta(days=2, minutes=10 * number)

    def violations(self, place: Path, sends: Counter[str]) -> list[str]:
        """One message with one verdict, one submission, one receipt; every letter delivered once.

        A second `send` call is right when the first was killed before it took effect, a third never.
        """
        outside = opened(place)
        wrong = self._wrong(outside)
        delivered = Counter(path.name for path in (place / "mail" / "sent" / "new").iterdir())
        for row in outside.store.letters():
            if row.state is LetterState.SENT and delivered[row.id] != 1:
                wrong.append(f"{row.kind} was delivered {delivered[row.id]} times")
            if sends[row.id] > 2:
                wrong.append(f"{row.kind} was handed over {sends[row.id]} times")
        for row in outside.store.messages():
            if row.verdict is None or not outside.archive.fetch(row.content):
                wrong.append("a message has no verdict, or its bytes are lost")
        close(outside)
        return wrong

    def _wrong(self, outside: Outside) -> list[str]:
        wrong = []
        if len(outside.store.messages()) != 1:
            wrong.append(f"{len(outside.store.messages())} messages are known instead of 1")
        if len(outside.store.submissions(Q2, "leicester")) != 1:
            wrong.append("there is not exactly one submission")
        return wrong + self._counted(outside, {"receipt": 1, "approval-request": 1})

    def _counted(self, outside: Outside, wanted: dict[str, int]) -> list[str]:
        counted = Counter(row.kind for row in outside.store.letters() if row.state is LetterState.SENT)
        return [f"{counted[kind]} letters '{kind}' instead of {n}" for kind, n in wanted.items() if counted[kind] != n]

    def _open_the_quarter(self, place: Path) -> None:
        (place / "key").write_bytes(b"k" * 32)
        lay_out_store(place / "csp.sqlite")
        outside = opened(place)
        cycle.plan_cycle(outside, Q2, OPENED)
        cycle.make_proof(outside, Q2, OPENED, by="test")
        cycle.send_requests(outside, Q2, OPENED, by="test")
        post.post(outside, OPENED)
        outside.store.saw(OPENED)
        close(outside)

    def _deliver_the_return(self, place: Path, outside: Outside) -> None:
        letter = sent(place, "request", outside)
        name, form = letter.workbooks[0]
        filled = excel.fill(
            form,
            number=lambda *_: 17,
            status=lambda *_: "Final",
            words=lambda ref: f"What was done about {ref}.",
            now=OPENED,
        )
        outside.mailbox.deliver(answer(letter, LEAD, "Our return.", (name, filled)), "return")  # type: ignore[attr-defined]


class Approving(Receiving):
    """The chair's APPROVED lies in the inbox; one beat records it and thanks."""

    name = "approval by a chair"

    def prepare(self, place: Path) -> None:
        """As after the receipt: the chair was asked."""
        super().prepare(place)
        outside = opened(place)
        for number in (-3, -2):
            beat.tick(outside, self.now(number))
        reply = answer(sent(place, "approval-request", outside), CHAIR, "APPROVED\n\nThank you.")
        outside.mailbox.deliver(reply, "approval")  # type: ignore[attr-defined]
        close(outside)

    def _wrong(self, outside: Outside) -> list[str]:
        wrong = []
        stands = outside.store.cycle_status(Q2).returns["leicester"]
        if stands.state is not ReturnState.APPROVED or stands.approved != stands.submission:
            wrong.append(f"the return is {stands.state}, not approved")
        approvals = [e for e in outside.store.events(Q2) if e.kind.value == "return approved"]
        if len(approvals) != 1:
            wrong.append(f"{len(approvals)} approvals are on record")
        return wrong + self._counted(outside, {"approval-noted": 1, "receipt": 1})


def close(outside: Outside) -> None:
    """Let go."""
    outside.sandbox.close()
    outside.store.close()
