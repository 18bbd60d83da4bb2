"""The letters about trouble with the service itself: one when it begins, one when it is over."""

from __future__ import annotations

from datetime import datetime

from csp_workflow.letters.kinds import Audience, Kind, Matter, writes
from csp_workflow.terms.letters import Manner
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
