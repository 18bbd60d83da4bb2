"""A mailbox on the internet: read by IMAP, letters leave by SMTP. Nothing goes unencrypted."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from csp_workflow.mailboxes.internet import connection, sending
from csp_workflow.mailboxes.internet.connection import INBOX, MICROSOFT, Credentials, ImapConnection, Session
from csp_workflow.mailboxes.internet.receiving import ImapInbox, Number, can_part
from csp_workflow.mailboxes.internet.sending import Smtp
from csp_workflow.mailboxes.line import ASK, FULL, SECONDS, MailLine
from csp_workflow.mailboxes.mailbox import (
    FOLDERS,
    Absence,
    Check,
    Fetched,
    Look,
    Proof,
    make_checks,
    tell,
    tell_fault,
)
from csp_workflow.terms.service import (
    InternetMailbox,
    Lying,
    MailServer,
    MessageGone,
    ProofBy,
    Secrets,
    ServerCertificate,
    Tls,
    WorldFault,
)

_REACH = (
    "Look at internet.{} in service.toml (host, port, tls), at user and login, and at the secret in the environment."
)
_FOLDERS = "Let the user make folders in the mailbox, or make Processed, Held and Quarantine there yourself."
_NO_FOLDER = "The mailbox has no folder '{}', so no letter can be proved."
_SENT = 'Write internet.sent_folder as it is called there, or proof = "own copy".'
_SENT_BY_DEFAULT = "Sent"
_SENDER = "Let the user send as the office's mailbox, and look at internet.own_copy in service.toml."
_RIGHTS = f"{ASK} to give the user the right to it: messages that were read are filed."
_COPIED = "Messages that were read are copied to their folders and stay in the inbox as well."
_WORKED_IN = {"read": "r", "delete": "td", "move": "ed"}
_NEARLY, _UNITS = 0.99, {"STORAGE": "KB", "MESSAGE": "messages"}
_FULL = re.compile(r"\b[45]\.2\.2\b|: [45]52 (?![45]\.)")
"""How an SMTP server says that our own mailbox is full, with or without the longer code (RFC 3463)."""


class Internet:
    """The verbs by IMAP and SMTP. `limit` is the largest message taken whole, `seconds` the longest a verb takes.

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
        self._line = line = MailLine(settings.ca_file, "internet.ca_file", total=seconds)
        self._connection = ImapConnection(settings, credentials, line)
        self._inbox = ImapInbox(self._connection, limit=limit)
        self._smtp = Smtp(settings, credentials, line, reached)

    @property
    def certificates(self) -> Sequence[ServerCertificate]:
        """What the servers showed."""
        return tuple(self._line.certificates.values())

    # Receiving ------------------------------------------------------------------------------------

    def list_new(self, cursor: str, since: datetime | None = None) -> tuple[tuple[str, ...], str]:
        """What has come after the cursor; everything when the cursor is of another numbering."""
        return self._inbox.list_new(cursor, since)

    def list_filed(
        self, cursor: str, since: datetime | None = None, *, ours: bool = False
    ) -> tuple[tuple[str, ...], str]:
        """What lies in the other folders; that of the sent letters is left out."""
        left_out = [name for name in (self._settings.sent_folder, self._settings.drafts_folder) if name]
        return self._inbox.list_filed(cursor, since, left_out=left_out, ours=ours)

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

    def remove(self, source: str) -> None:
        """Remove a message; one that is gone is no matter."""
        with contextlib.suppress(MessageGone):
            self._inbox.remove(Number.parse(source))

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

    def list_sent(self, delivery_id: str) -> tuple[str, ...]:
        """Our own copies, and what the server put into its folder of sent letters."""
        folders = dict.fromkeys((INBOX, *FOLDERS, self._settings.sent_folder))
        return tuple(map(str, self._inbox.list_marked(tuple(folders), "X-CSP-Delivery", delivery_id)))

    def put_draft(self, content: bytes, recipient: str, delivery_id: str) -> None:  # noqa: ARG002 - both are in it
        """Put a letter into the folder of drafts. Raises MailboxUnreachable."""
        self._inbox.put(self._settings.drafts_folder, content)

    def list_drafts(self, since: datetime) -> tuple[Lying, ...]:
        """What lies in the folders of drafts and of sent letters. Raises MailboxUnreachable."""
        sent = self._settings.sent_folder
        # "Sent" is what nobody chose: then the server's own word counts.
        return self._inbox.list_lying(self._settings.drafts_folder, "" if sent == _SENT_BY_DEFAULT else sent, since)

    @property
    def _own_copy(self) -> str:
        return self._settings.own_copy if self._settings.proof is ProofBy.OWN_COPY else ""

    # The connections ------------------------------------------------------------------------------

    def close(self) -> None:
        """Say goodbye to both servers."""
        self._connection.close()
        self._smtp.close()

    # Looking the mailbox over, for the command `doctor` --------------------------------------------

    def examine(self, now: datetime) -> Iterator[Check]:  # noqa: ARG002 - neither server tells the time
        """IMAP, its folders, SMTP and the right to send. Nothing is changed but missing folders made."""
        imap, smtp, folders = self._settings.imap, self._settings.smtp, f"the folders {', '.join(FOLDERS)}"
        sent = () if self._own_copy else (("the folder of sent letters", self._asking(self._find_sent_folder, _SENT)),)
        yield from make_checks(
            (
                ("IMAP: name and encryption", self._reaching("The IMAP server", imap, connection.ask_starttls)),
                ("IMAP: login", self._asking(lambda _: "", _REACH.format("imap"))),
                ("rights in the inbox", self._asking(partial(_find_lacking, folder=INBOX, wanted=_WORKED_IN), _RIGHTS)),
                ("room in the mailbox", self._asking(_find_full, FULL.remedy)),
                ("filing of messages", self._asking(_find_parting, _COPIED, is_warning=True)),
                (folders, self._asking(_find_folders, _FOLDERS)),
                *sent,
            ),
            goes_on_after=("rights in the inbox", "room in the mailbox", folders),
        )
        yield from make_checks(
            (
                ("SMTP: name and encryption", self._reaching("The SMTP server", smtp, sending.ask_starttls)),
                ("SMTP: login", lambda what: tell(what, self._smtp.connect, _REACH.format("smtp"))),
                (f"the right to send as {self._address}", self._check_sender),
            )
        )

    def _reaching(self, name: str, server: MailServer, ask: Callable[[Any], bool]) -> Look:
        """Whether a server can be reached, as which, and with which encryption."""

        def reach() -> None:
            reason = self._line.find_reason(server.host, server.port, ask if server.tls is Tls.STARTTLS else None)
            if reason:
                raise reason.make_fault(name, "internet")

        return lambda what: tell(what, reach)

    def _asking(self, find: Callable[[Session], str | None], remedy: str = "", *, is_warning: bool = False) -> Look:
        """What problem there is in the mailbox; `find` says None when the server does not tell."""

        def look(what: str) -> Check:
            try:
                with self._connection.work() as session:
                    problem = find(session)
            except WorldFault as fault:
                return tell_fault(what, fault, remedy)
            if problem is None:
                return Check(what=what, unmade="the IMAP server does not tell")
            if not problem:
                return Check(what=what)
            return Check(what=what, problem=problem, remedy=remedy, is_warning=is_warning)

        return look

    def _find_sent_folder(self, session: Session) -> str:
        folder = self._settings.sent_folder
        return "" if session.has_folder(folder) else _NO_FOLDER.format(folder)

    def _check_sender(self, what: str) -> Check:
        """The server is asked as for a letter, which is then not sent."""
        try:
            self._smtp.ask(self._address, self._own_copy or self._address)
        except WorldFault as fault:
            is_full = _FULL.search(str(fault)) is not None
            return tell_fault(what, fault, FULL.remedy if is_full else _SENDER)
        return Check(what=what)


# What is asked of the mailbox ------------------------------------------------------------------------


def _find_lacking(session: Session, *, folder: str, wanted: Mapping[str, str]) -> str | None:
    """Rights that the user has not; each is granted by any one of its letters (RFC 4314, and 2086 before it)."""
    rights = session.list_rights(folder)
    if rights is None:
        return None
    lacking = [right for right, letters in wanted.items() if not rights & set(letters)]
    return f"In {folder} the user may not {' and not '.join(lacking)} messages." if lacking else ""


def _find_full(session: Session) -> str | None:
    quotas = session.list_quotas()
    if quotas is None:
        return None
    full = [quota for quota in quotas if quota.limit and quota.usage >= quota.limit * _NEARLY]
    return "".join(
        f"The mailbox is full: {quota.usage} of {quota.limit} {_UNITS.get(quota.resource, '')}." for quota in full[:1]
    )


def _find_parting(session: Session) -> str:
    return "" if can_part(session.client) else "The IMAP server can neither move a message nor delete one alone."


def _find_folders(session: Session) -> str:
    for folder in FOLDERS:
        session.make_folder(folder)
    lacking = (_find_lacking(session, folder=folder, wanted={"put": "i"}) for folder in FOLDERS)
    return next((said for said in lacking if said), "")
