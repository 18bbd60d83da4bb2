"""The letter that tells the office that nothing leaves, since the store came from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from csp_workflow.letters.kinds import Audience, Kind, Matter, writes
from csp_workflow.terms.letters import Manner, QueuedLetter
from csp_workflow.terms.mailboxes import Lying
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.site import Contact

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
