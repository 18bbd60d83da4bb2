"""Looking a Microsoft 365 mailbox over before the service relies on it, for the command `doctor`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import quote, urlsplit

from csp_workflow.mailboxes.graph.answers import Answer, make_unreachable
from csp_workflow.mailboxes.graph.connection import Calls, SignInRefused
from csp_workflow.mailboxes.graph.receiving import GraphInbox
from csp_workflow.mailboxes.mailbox import FOLDERS, Check, check_clocks
from csp_workflow.terms.faults import MailboxUnreachable, WorldFault
from csp_workflow.terms.mailboxes import GraphMailbox

Look = Callable[[], tuple[Check, bool]]
"""Looks at one thing: what was found, and whether there is sense in looking further."""


_ASK = "Ask whoever runs Microsoft 365"
_READ, _SEND = "Mail.ReadWrite", "Mail.Send"
_OPEN_ROUTE = "Allow this machine to reach {host} on port 443 (look at name service, firewall and proxy)."
_TRUST = "If your network opens encrypted connections, name its certificates' file in graph.ca_file in service.toml."
_SCOPE = (
    f"{_ASK} to grant the application's rights in Exchange (RBAC for Applications) for this mailbox only, and to take "
    "away the same rights in Entra, which count for every mailbox; it takes over an hour to show."
)
_NAME_ONE = "Name a mailbox that it must not be able to open in graph.outside in service.toml."


class Examination:
    """What to look at, in order. Nothing here is sent, and nothing is changed but a missing folder made."""

    def __init__(self, calls: Calls, inbox: GraphInbox, settings: GraphMailbox, *, address: str) -> None:
        self._calls, self._inbox, self._settings, self._address = calls, inbox, settings, address

    def checks(self, now: datetime) -> Iterator[Check]:
        """Check after check; ends where there is no sense in looking further."""
        looks: tuple[Look, ...] = (
            lambda: self._check_connection(self._settings.authority),
            lambda: self._check_connection(self._settings.endpoint),
            self._check_sign_in,
            self._check_mailbox,
            self._check_folders,
            self._check_rights,
            lambda: self._check_clock(now),
            self._check_scope,
        )
        for look in looks:
            self._calls.line.begin()
            check, goes_on = look()
            yield check
            if not goes_on:
                return

    def _check_connection(self, url: str) -> tuple[Check, bool]:
        host = urlsplit(url).hostname or url
        what = f"connection to {host}"
        try:
            self._calls.try_server(url, host)
        except MailboxUnreachable as fault:
            problem = f"{host} does not answer." if self._calls.line.is_asked else str(fault)
            remedy = _TRUST if "certificate" in problem else _OPEN_ROUTE.format(host=host)
            return _make_problem(what, problem, remedy), False
        return Check(what=what), True

    def _check_sign_in(self) -> tuple[Check, bool]:
        what = "sign-in to Microsoft 365"
        try:
            self._calls.sign_in.get_token()
        except SignInRefused as fault:
            return _make_problem(what, str(fault), fault.remedy), False
        except MailboxUnreachable as fault:
            return _make_problem(what, str(fault), "Try again in some minutes."), False
        return Check(what=what), True

    def _check_mailbox(self) -> tuple[Check, bool]:
        what = f"mailbox {self._address}"
        try:
            answer = self._open_mailbox(self._address)
        except WorldFault as fault:
            return _make_problem(what, str(fault), "Try again in some minutes."), False
        if answer.is_good:
            return Check(what=what), True
        if answer.status == 403:
            remedy = f"{_ASK} to grant the application {_READ} for this mailbox; it may take an hour to show."
            return _make_problem(what, "The application is not allowed to open the mailbox.", remedy), False
        if answer.status == 404:
            remedy = "In service.toml look at office.mailbox; it must be the address of a mailbox in Microsoft 365."
            return _make_problem(what, "There is no such mailbox in Microsoft 365.", remedy), False
        return _make_problem(what, str(make_unreachable(answer)), "Try again in some minutes."), False

    def _check_folders(self) -> tuple[Check, bool]:
        what = f"folders {', '.join(FOLDERS)}"
        try:
            for name in FOLDERS:
                self._inbox.find_folder(name)
        except WorldFault as fault:
            remedy = f"{_ASK} to grant the application {_READ}, or make the folders by hand beside the inbox."
            return _make_problem(what, str(fault), remedy), True
        return Check(what=what), True

    def _check_rights(self) -> tuple[Check, bool]:
        """Rights granted in Exchange do not show in the token; those that a letter needs are proved by sending one."""
        what = "right to send"
        try:
            roles = self._calls.sign_in.read_roles()
        except WorldFault as fault:
            return _make_problem(what, str(fault), "Try again in some minutes."), False
        if roles & {_READ, "Mail.Read"} and _SEND not in roles:
            problem = f"The directory grants the application {_READ} but not {_SEND}."
            remedy = f"{_ASK} to grant {_SEND} too, unless it is granted in Exchange."
            return Check(what=what, problem=problem, remedy=remedy, is_warning=True), True
        return Check(what=what), True

    def _check_clock(self, now: datetime) -> tuple[Check, bool]:
        theirs = self._calls.line.server_time
        if theirs is None:
            return Check(what="clock", problem="Microsoft 365 did not tell its time.", is_warning=True), True
        return check_clocks(theirs, now, server="Microsoft 365"), True

    def _check_scope(self) -> tuple[Check, bool]:
        what, outside = "mailboxes out of reach", self._settings.outside
        if not outside:
            problem = "It was not tried whether the application can open other people's mailboxes."
            return Check(what=what, problem=problem, remedy=_NAME_ONE, is_warning=True), True
        try:
            answer = self._open_mailbox(outside)
        except WorldFault as fault:
            return Check(what=what, problem=str(fault), remedy="Try again in some minutes.", is_warning=True), True
        if answer.is_good:
            return _make_problem(
                what, f"The application can open {outside}, and so perhaps every mailbox.", _SCOPE
            ), True
        if answer.status == 403:
            return Check(what=what), True
        problem = f"{outside} could be neither opened nor refused, so that its test says nothing."
        return Check(what=what, problem=problem, remedy=_NAME_ONE, is_warning=True), True

    def _open_mailbox(self, address: str) -> Answer:
        return self._calls.read(f"/users/{quote(address, safe='@')}/mailFolders/inbox", {"$select": "displayName"})


def _make_problem(what: str, problem: str, remedy: str) -> Check:
    return Check(what=what, problem=problem, remedy=remedy)
