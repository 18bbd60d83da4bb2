"""A mailbox on the internet: read by IMAP, letters leave by SMTP. Nothing goes unencrypted."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime

from csp_workflow.mailboxes.internet.connection import INBOX, MICROSOFT, Credentials, ImapConnection
from csp_workflow.mailboxes.internet.receiving import ImapInbox, Number, can_part
from csp_workflow.mailboxes.internet.sending import Smtp
from csp_workflow.mailboxes.line import SECONDS, MailLine
from csp_workflow.mailboxes.mailbox import FOLDERS, Absence, Check, Fetched, Proof
from csp_workflow.terms.faults import MessageGone, WorldFault
from csp_workflow.terms.mailboxes import InternetMailbox, ProofBy, Secrets

_REACH = "Look at internet.{side} in service.toml (host, port, tls, user) and at the secret in the environment."
_FOLDERS = "Let the user make folders in the mailbox, or make Processed, Held and Quarantine there yourself."
_SENT = 'Write internet.sent_folder as it is called there, or proof = "own copy".'
_SENDER = "Let the user send as the office's mailbox, and look at internet.own_copy in service.toml."


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
        self._settings, self._address = settings, address
        credentials = Credentials(settings, secrets, authority=authority, seconds=seconds)
        line = MailLine(settings.ca_file, "internet.ca_file", total=seconds)
        self._connection = ImapConnection(settings, credentials, line)
        self._inbox = ImapInbox(self._connection, limit=limit)
        self._smtp = Smtp(settings, credentials, line, reached)

    # Receiving ------------------------------------------------------------------------------------

    def list_new(self, cursor: str, since: datetime | None = None) -> tuple[tuple[str, ...], str]:
        """What has come after the cursor; everything when the cursor is of another numbering."""
        return self._inbox.list_new(cursor, since)

    def count_messages(self) -> int:
        """How many messages lie in the inbox."""
        return self._inbox.count_messages()

    def get(self, source: str, now: datetime) -> Fetched:
        """A message, or its headers when it is larger than allowed. Received when the server says."""
        return self._inbox.fetch(Number.parse(source), now)

    def file(self, source: str, folder: str) -> None:
        """Move a message; one that is gone is no matter."""
        with contextlib.suppress(MessageGone):
            self._inbox.move(Number.parse(source), folder)

    # Sending --------------------------------------------------------------------------------------

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Hand a letter over once; the proof is what the server said on accepting it."""
        accepted = self._smtp.send(content, self._address, recipient, self._own_copy)
        return Proof(evidence=f"smtp:{delivery_id}:{accepted}")

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        """Look for our own copy, or in the folder where the server puts what it sent. Absence proves nothing."""
        folders = (INBOX, *FOLDERS) if self._own_copy else (self._settings.sent_folder,)
        folder = self._inbox.find(folders, "X-CSP-Delivery", delivery_id)
        return Proof(evidence=f"imap:{folder}:{delivery_id}") if folder else Absence.UNPROVED

    @property
    def _own_copy(self) -> str:
        return self._settings.own_copy if self._settings.proof is ProofBy.OWN_COPY else ""

    # The connections ------------------------------------------------------------------------------

    def close(self) -> None:
        """Say goodbye to both servers."""
        self._connection.close()
        self._smtp.close()

    def examine(self, now: datetime) -> Iterator[Check]:  # noqa: ARG002 - neither server tells the time
        """IMAP, its folders, SMTP and the right to send."""
        wanted = (self._settings.sent_folder,) if not self._own_copy else ()
        yield from _examine_imap(self._connection, made=FOLDERS, wanted=wanted)
        yield from _examine_smtp(self._smtp, self._address, self._own_copy)


# What `doctor` asks of the servers, one thing after the other ---------------------------------------


def _examine_imap(connection: ImapConnection, *, made: tuple[str, ...], wanted: tuple[str, ...]) -> Iterator[Check]:
    """Whether the mailbox can be read, and has the folders that are `made` in it or `wanted` there already."""
    try:
        with connection.work() as session:
            parts = can_part(session.client)
            missing = [folder for folder in wanted if not session.has_folder(folder)]
    except WorldFault as fault:
        yield Check(what="IMAP", problem=str(fault), remedy=_REACH.format(side="imap"))
        return
    yield Check(what="IMAP: name, encryption and login")
    yield _check_parting(can=parts)
    yield _check_folders(connection, made)
    problem = "".join(f"The mailbox has no folder '{folder}', so no letter can be proved." for folder in missing)
    if wanted:
        yield Check(what="the folder of sent letters", problem=problem, remedy=_SENT if problem else "")


def _examine_smtp(smtp: Smtp, sender: str, own_copy: str) -> Iterator[Check]:
    """Whether letters may leave: the server is asked as for a letter, which is then not sent."""
    try:
        smtp.connect()
    except WorldFault as fault:
        yield Check(what="SMTP", problem=str(fault), remedy=_REACH.format(side="smtp"))
        return
    yield Check(what="SMTP: name, encryption and login")
    try:
        smtp.ask(sender, own_copy or sender)
    except WorldFault as fault:
        yield Check(what=f"the right to send as {sender}", problem=str(fault), remedy=_SENDER)
    else:
        yield Check(what=f"the right to send as {sender}")


def _check_parting(*, can: bool) -> Check:
    problem = "" if can else "The IMAP server can neither move a message nor delete one alone."
    remedy = "" if can else "Messages that were read are copied to their folders and stay in the inbox as well."
    return Check(what="filing of messages", problem=problem, remedy=remedy, is_warning=not can)


def _check_folders(connection: ImapConnection, folders: tuple[str, ...]) -> Check:
    what = f"the folders {', '.join(folders)}"
    try:
        with connection.work() as session:
            for folder in folders:
                session.make_folder(folder)
    except WorldFault:
        return Check(what=what, problem="The folders are not there and cannot be made.", remedy=_FOLDERS)
    return Check(what=what)
