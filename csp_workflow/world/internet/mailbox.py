"""A mailbox on the internet: read by IMAP, letters leave by SMTP. Nothing goes unencrypted."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from csp_workflow.terms.faults import MailboxUnreachable, MessageGone
from csp_workflow.terms.mailboxes import InternetMailbox, ProofBy, Secrets
from csp_workflow.world.checks import Check
from csp_workflow.world.internet import examination
from csp_workflow.world.internet.imap import INBOX, Imap
from csp_workflow.world.internet.login import MICROSOFT, Credentials, tls
from csp_workflow.world.internet.smtp import Smtp
from csp_workflow.world.mailbox import Absence, Fetched, Proof

FOLDERS = ("Processed", "Held", "Quarantine")
SECONDS = 60.0
_CURSOR = re.compile(r"(\d{1,10}):(\d{1,10})")


class Internet:
    """The five verbs by IMAP and SMTP. `limit` is the largest message taken whole, `seconds` the longest a verb takes.

    A cursor is "UIDVALIDITY:last UID", an id "UIDVALIDITY:UID". With ProofBy.OWN_COPY every letter goes to our
    own address as well: one answer of the server covers both, so the copy's arrival proves the letter's acceptance.
    """

    server_time: datetime | None = None

    def __init__(
        self,
        settings: InternetMailbox,
        secrets: Secrets,
        *,
        address: str,
        limit: int,
        seconds: float = SECONDS,
        authority: str = MICROSOFT,
        reached: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._settings, self._address, self._limit = settings, address, limit
        credentials = Credentials(settings, secrets, authority)
        context: Callable[[], ssl.SSLContext] = partial(tls, settings)
        self._imap = Imap(settings, credentials, context=context, seconds=seconds)
        self._smtp = Smtp(settings, credentials, context=context, seconds=seconds, reached=reached)

    # Receiving ------------------------------------------------------------------------------------

    def list_new(self, cursor: str) -> tuple[tuple[str, ...], str]:
        """What has come since the cursor; everything when the cursor is of another numbering."""
        validity, last = _numbers(cursor)
        with self._imap.at_work():
            now = self._imap.validity
        found = self._imap.uids_after(last if validity == now else 0)
        if self._imap.validity != now:
            raise MailboxUnreachable("The mailbox was rebuilt while it was read.")
        highest = max([last if validity == now else 0, *found])
        return tuple(f"{now}:{uid}" for uid in found), f"{now}:{highest}"

    def get(self, source: str, now: datetime) -> Fetched:  # noqa: ARG002 - the server knows when it came
        """A message, or its headers when it is larger than allowed."""
        uid = self._uid(source)
        size, received = self._imap.size_and_time(uid)
        whole = size <= self._limit
        raw = self._imap.content(uid, headers_only=not whole)
        return Fetched(source=source, raw=raw, size=len(raw) if whole else size, received=received, whole=whole)

    def file(self, source: str, folder: str) -> None:
        """Move a message; one that is gone is no matter."""
        try:
            uid = self._uid(source)
        except MessageGone:
            return
        self._imap.move(uid, folder)

    def _uid(self, source: str) -> int:
        """The UID of an id, if the mailbox still numbers its messages as it did then. Raises MessageGone."""
        validity, uid = _numbers(source)
        if not uid:
            raise MessageGone
        with self._imap.at_work():
            if self._imap.validity != validity:
                raise MessageGone
        return uid

    # Sending --------------------------------------------------------------------------------------

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Hand a letter over once; the proof is what the server said on accepting it."""
        own = (self._settings.own_copy,) if self._settings.proof is ProofBy.OWN_COPY else ()
        accepted = self._smtp.send(content, self._address, (recipient, *own))
        return Proof(evidence=f"smtp:{delivery_id}:{accepted}")

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        """Look for our own copy, or in the folder where the server puts what it sent. Absence proves nothing."""
        by_copy = self._settings.proof is ProofBy.OWN_COPY
        folders = (INBOX, *FOLDERS) if by_copy else (self._settings.sent_folder,)
        for folder in folders:
            if self._imap.holds(folder, "X-CSP-Delivery", delivery_id):
                return Proof(evidence=f"imap:{folder}:{delivery_id}")
        return Absence.UNPROVED

    def close(self) -> None:
        """Say goodbye to both servers."""
        self._imap.close()
        self._smtp.close()

    def examine(self, now: datetime) -> Iterator[Check]:  # noqa: ARG002 - neither server tells the time
        """IMAP, its folders, and SMTP."""
        return examination.examine(self._settings, self._imap, self._smtp)


def _numbers(text: str) -> tuple[int, int]:
    match = _CURSOR.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else (0, 0)
