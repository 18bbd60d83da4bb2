"""The mailbox adapter for Microsoft 365: a mailbox's verbs, by Graph."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from urllib.parse import quote, urlsplit

from csp_workflow.mailboxes.graph.connection import Answer, Calls, explain_mailbox
from csp_workflow.mailboxes.graph.receiving import GraphInbox
from csp_workflow.mailboxes.graph.sending import Outgoing
from csp_workflow.mailboxes.line import OTHER_NAME, SECONDS, MailLine
from csp_workflow.mailboxes.mailbox import (
    FOLDERS,
    Absence,
    Check,
    Fetched,
    Look,
    Proof,
    check_clocks,
    make_checks,
    tell,
    tell_fault,
)
from csp_workflow.terms.service import GraphMailbox, Lying, MailboxUnreachable, Secrets, ServerCertificate, WorldFault

_ASK = "Ask whoever runs Microsoft 365"
_READ, _SEND = "Mail.ReadWrite", "Mail.Send"
_OPEN_ROUTE = "Allow this machine to reach {host} on port 443 (look at name service, firewall and proxy)."
_SCOPE = (
    f"{_ASK} to grant the application's rights in Exchange (RBAC for Applications) for this mailbox only, and to take "
    "away the same rights in Entra, which count for every mailbox; it takes over an hour to show."
)
_NAME_ONE = "Name a mailbox that it must not be able to open in graph.outside in service.toml."


class Graph:
    """A mailbox in Microsoft 365. `limit` is the largest message taken whole, in bytes.

    A verb takes at most `seconds`. `reached` is told each point around an effect of sending; `clock` counts
    seconds and only goes forward, and `wait` lets them pass.
    """

    def __init__(
        self,
        settings: GraphMailbox,
        secrets: Secrets,
        *,
        address: str,
        limit: int,
        seconds: float = SECONDS,
        reached: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._line = MailLine(settings.ca_file, "graph.ca_file", total=seconds, clock=clock)
        self._calls = Calls(settings, secrets, self._line, wait=wait)
        self._inbox = GraphInbox(self._calls, address=address, limit=limit)
        self._outgoing = Outgoing(self._calls, address=address, reached=reached)
        self._settings, self._address = settings, address

    def close(self) -> None:
        """Close every connection."""
        self._calls.close()

    @property
    def server_time(self) -> datetime | None:
        """The time that stood in Microsoft 365's latest answer."""
        return self._line.server_time

    @property
    def certificates(self) -> Sequence[ServerCertificate]:
        """What the servers showed."""
        return tuple(self._line.certificates.values())

    def list_new(self, cursor: str, since: datetime | None = None) -> tuple[tuple[str, ...], str]:
        """Ids of what came into the inbox after `cursor`, oldest first, and the next cursor."""
        self._line.begin()
        return self._inbox.list_new(cursor, since)

    def list_filed(
        self, cursor: str, since: datetime | None = None, *, ours: bool = False
    ) -> tuple[tuple[str, ...], str]:
        """Ids of a page of what lies in the other folders, and the next cursor."""
        self._line.begin()
        return self._inbox.list_filed(cursor, since, ours=ours)

    def count_messages(self) -> int:
        """How many messages lie in the inbox."""
        self._line.begin()
        return self._inbox.count_messages()

    def get(self, source: str, now: datetime) -> Fetched:
        """A message by id. Raises MessageGone, MailboxUnreachable."""
        self._line.begin()
        return self._inbox.get(source, now)

    def file(self, source: str, folder: str) -> None:
        """Move a message to a folder beside the inbox. Raises MailboxUnreachable."""
        self._line.begin()
        self._inbox.file(source, folder)

    def remove(self, source: str) -> None:
        """Remove a message for good. Raises MailboxUnreachable."""
        self._line.begin()
        self._inbox.remove(source)

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Hand over frozen bytes once. Raises MailboxUnreachable, NotAccepted, NotAcceptedForGood, SendUnknown."""
        self._line.begin()
        return self._outgoing.send(content, recipient, delivery_id)

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        """Look up whether a letter was handed over. Raises MailboxUnreachable."""
        self._line.begin()
        return self._outgoing.find_sent(delivery_id)

    def list_sent(self, delivery_id: str) -> tuple[str, ...]:
        """The copies of a letter, in whatever folder. Raises MailboxUnreachable."""
        self._line.begin()
        return self._outgoing.list_sent(delivery_id)

    def put_draft(self, content: bytes, recipient: str, delivery_id: str) -> None:  # noqa: ARG002 - it is in it
        """Put a letter into Drafts. Raises MailboxUnreachable, NotAccepted, NotAcceptedForGood."""
        self._line.begin()
        self._outgoing.put_draft(content, delivery_id)

    def list_drafts(self, since: datetime) -> tuple[Lying, ...]:
        """What lies in Drafts, is on its way out, or was sent since an instant. Raises MailboxUnreachable."""
        self._line.begin()
        return self._outgoing.list_drafts(since)

    # Looking the mailbox over, for the command `doctor` --------------------------------------------

    def examine(self, now: datetime) -> Iterator[Check]:
        """Check after check; ends where there is no sense in looking further.

        Nothing here is sent, and nothing is changed but a missing folder made.
        """
        settings, folders, clock = (
            self._settings,
            f"folders {', '.join(FOLDERS)}",
            "clock, compared with Microsoft 365's",
        )
        looks: tuple[tuple[str, Look], ...] = (
            *(self._reaching(url) for url in (settings.authority, settings.endpoint)),
            ("sign-in to Microsoft 365", lambda what: tell(what, self._calls.sign_in.get_token)),
            (f"mailbox {self._address}", self._check_mailbox),
            (folders, self._check_folders),
            ("right to send", self._check_rights),
            (clock, partial(self._check_clock, now)),
            ("mailboxes out of reach", self._check_scope),
        )
        yield from make_checks(((what, self._timed(look)) for what, look in looks), goes_on_after=(folders, clock))

    def _timed(self, look: Look) -> Look:
        def begin(what: str) -> Check:
            self._line.begin()
            return look(what)

        return begin

    def _reaching(self, url: str) -> tuple[str, Look]:
        host = urlsplit(url).hostname or url

        def look(what: str) -> Check:
            try:
                self._calls.try_server(url, host)
            except MailboxUnreachable as fault:
                problem = f"{host} does not answer." if self._line.is_asked else str(fault)
                # Whoever answers in Microsoft's place stands on the way there.
                is_theirs = "certificate" in problem and not problem.endswith(str(OTHER_NAME))
                remedy = fault.remedy if is_theirs else _OPEN_ROUTE.format(host=host)
                return Check(what=what, problem=problem, remedy=remedy)
            return Check(what=what)

        return f"connection to {host}", look

    def _check_mailbox(self, what: str) -> Check:
        try:
            answer = self._open_mailbox(self._address)
        except WorldFault as fault:
            return tell_fault(what, fault)
        return Check(what=what) if answer.is_good else tell_fault(what, explain_mailbox(answer))

    def _check_folders(self, what: str) -> Check:
        remedy = f"{_ASK} to grant the application {_READ}, or make the folders by hand beside the inbox."
        return tell(what, lambda: [self._inbox.find_folder(name) for name in FOLDERS], remedy)

    def _check_rights(self, what: str) -> Check:
        """Rights granted in Exchange do not show in the token; those that a letter needs are proved by sending one."""
        try:
            roles = self._calls.sign_in.read_roles()
        except WorldFault as fault:
            return tell_fault(what, fault)
        if roles & {_READ, "Mail.Read"} and _SEND not in roles:
            problem = f"The directory grants the application {_READ} but not {_SEND}."
            remedy = f"{_ASK} to grant {_SEND} too, unless it is granted in Exchange."
            return Check(what=what, problem=problem, remedy=remedy, is_warning=True)
        return Check(what=what)

    def _check_clock(self, now: datetime, what: str) -> Check:
        theirs = self.server_time
        if theirs is None:
            return Check(what=what, unmade="Microsoft 365 does not tell its time")
        return check_clocks(theirs, now, server="Microsoft 365")

    def _check_scope(self, what: str) -> Check:
        outside = self._settings.outside
        if not outside:
            problem = "It was not tried whether the application can open other people's mailboxes."
            return Check(what=what, problem=problem, remedy=_NAME_ONE, is_warning=True)
        try:
            answer = self._open_mailbox(outside)
        except WorldFault as fault:
            return replace(tell_fault(what, fault), is_warning=True)
        if answer.is_good:
            problem = f"The application can open {outside}, and so perhaps every mailbox."
            return Check(what=what, problem=problem, remedy=_SCOPE)
        if answer.status == 403:
            return Check(what=what)
        problem = f"{outside} could be neither opened nor refused, so that its test says nothing."
        return Check(what=what, problem=problem, remedy=_NAME_ONE, is_warning=True)

    def _open_mailbox(self, address: str) -> Answer:
        return self._calls.read(f"/users/{quote(address, safe='@')}/mailFolders/inbox", {"$select": "displayName"})
