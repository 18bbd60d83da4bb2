"""The letters about trouble with the service itself: when it begins, when it is over, and when nothing leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from csp_workflow.letters.kinds import Audience, Kind, Matter, writes
from csp_workflow.terms.letters import Manner, QueuedLetter
from csp_workflow.terms.mailboxes import Lying
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.site import Contact
from csp_workflow.terms.watching import Trouble

REMEDIES = {
    Trouble.MAILBOX_UNREAD: "see why the mail system does not answer. Nothing is lost: what arrives waits there",
    Trouble.LETTERS_STUCK: "see what became of the letters. None is lost, and none leaves twice",
    Trouble.DIGEST_BACK: "put the co-ordinator's address right in service.toml. Meanwhile her deputy gets her letters",
    Trouble.DISK_FULL: "make room. Without it messages stay unread in the mailbox",
    Trouble.TABLES_END: "add what is missing to the configuration, before the quarter begins",
}
"""What to do about each trouble, behind "Please"."""


@writes(Kind(name="alert", manner=Manner.OFFICE, audience=Audience.WATCHER))
def alert(to: Contact, trouble: Trouble, why: str, at: datetime) -> Matter:
    """Say that something stops the service, why, and what to do."""
    facts = {"codes": (), "trouble": trouble.value, "why": why, "remedy": REMEDIES[trouble], "at": at}
    return Matter(to=to, cause=f"{trouble.name}:{at.isoformat()}", about=(), quarter=None, facts=facts)


@writes(Kind(name="all-clear", manner=Manner.OFFICE, audience=Audience.WATCHER))
def all_clear(to: Contact, trouble: Trouble, since: datetime, at: datetime) -> Matter:
    """Say that a trouble is over."""
    facts = {"codes": (), "trouble": trouble.value, "since": since, "at": at}
    return Matter(to=to, cause=f"{trouble.name}:{since.isoformat()}", about=(), quarter=None, facts=facts)


MOST_TOLD = 100
"""So many messages and letters are listed one by one."""


@dataclass(frozen=True, kw_only=True)
class FoundMessage:
    """A message that lay in the mailbox and was not known: who wrote, under which subject, when, and what it is."""

    sender: str
    subject: str
    received: datetime
    verdict: Verdict
    names: tuple[str, ...]


@writes(Kind(name="mailbox-compared", manner=Manner.OFFICE, audience=Audience.OFFICE))
def mailbox_compared(
    to: Contact,
    *,
    why: str,
    found: Sequence[FoundMessage],
    left: Sequence[QueuedLetter],
    waiting: int,
    at: datetime,
    drafts: Sequence[Lying] = (),
) -> Matter:
    """Tell the office that nothing leaves since the store came from elsewhere, and what the mailbox holds beyond it;
    `drafts` are letters of ours that lie in Drafts and are not known."""
    facts = {
        "codes": (),
        "why": why,
        "at": at,
        "found": tuple(found),
        "left": tuple((letter.subject, letter.recipient) for letter in left),
        "drafts": tuple((one.subject, ", ".join(sorted(one.recipients))) for one in drafts),
        "most": MOST_TOLD,
        "waiting": waiting,
        "order": "RELEASE",
    }
    return Matter(to=to, cause=f"compared:{at.isoformat()}", about=(), quarter=None, facts=facts)
