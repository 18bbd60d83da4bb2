"""What a mailbox can do: ten verbs, behind which every mail system stands."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import getaddresses
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

from csp_workflow.mail.headers import unfold_header
from csp_workflow.terms.dates import in_london
from csp_workflow.terms.messages import Mark
from csp_workflow.terms.service import (
    ExchangeMailbox,
    GraphMailbox,
    InternetMailbox,
    Login,
    Lying,
    MailboxUnreachable,
    Place,
    ServerCertificate,
    WorldFault,
)

FOLDERS = ("Processed", "Held", "Quarantine")
"""Where messages are filed."""

BATCH = 250
"""About so many messages are listed at once."""

MORE = "more "
"""How a cursor begins behind which more messages are listed at once."""

FILED = "filed "
"""How the id of a message begins that lies in another folder than the inbox. It is got as any is, and never filed."""

DELIVERY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,127}")
"""What a delivery id looks like, so that it can be asked for in any mail system's words."""

_VERBS = {
    *("list_new", "list_filed", "get", "file", "remove", "send", "find_sent", "list_sent"),
    *("put_draft", "list_drafts"),
}
_TO = re.compile(rb"^To:.*?\r\n(?=\S)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A message as fetched. `received` is the server's time.

    `whole` is False when it is larger than allowed: then `raw` holds its headers only and the
    message itself stays in the mailbox. `marks` is what the mail system says of it beside its bytes.
    """

    source: str
    raw: bytes
    size: int
    received: datetime
    whole: bool = True
    marks: frozenset[Mark] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Evidence that a letter was handed over: what the mail system called it."""

    evidence: str


class Absence(StrEnum):
    """What it means that a letter was not found."""

    CERTAIN = "it was certainly not sent"
    UNPROVED = "it may have been sent all the same"


LYING_HEADERS = ("X-CSP-Delivery", "Message-ID", "Subject", "To", "Cc", "Bcc")
"""What of a message tells which letter it is."""


def describe_lying(headers: bytes, *, source: str, place: Place, since: datetime) -> Lying:
    """A message by its headers, whoever wrote them."""
    read = message_from_bytes(headers, policy=policy.compat32)
    said = {name: " ".join(str(read.get(name) or "").split()) for name in LYING_HEADERS}
    people = getaddresses([str(value) for name in LYING_HEADERS[3:] for value in read.get_all(name) or ()])
    return Lying(
        source=source,
        place=place,
        since=since,
        mark=said["X-CSP-Delivery"],
        message_id=said["Message-ID"],
        subject=unfold_header(said["Subject"]),
        recipients=frozenset(address.lower() for _, address in people if address),
    )


class Mailbox(Protocol):
    """A mailbox to receive from and to send through. Faults are `terms.service.WorldFault`s."""

    @property
    def server_time(self) -> datetime | None:
        """The mail system's clock as it last told it, for comparison with ours; None when it tells nothing."""

    @property
    def certificates(self) -> Sequence[ServerCertificate]:
        """What its servers showed when they were last reached; none for the embedded one."""

    def list_new(self, cursor: str, since: datetime | None = None) -> tuple[tuple[str, ...], str]:
        """Ids of messages not seen before `cursor`, oldest first, and the next cursor, which says MORE while there are.

        An id may be listed again (a cursor may be lost); the caller knows messages by content. Where the list begins
        with the mailbox's first message, those received before `since` are left out and not looked into; what somebody
        moves into the inbox later is listed whatever its age.
        """

    def list_filed(
        self, cursor: str, since: datetime | None = None, *, ours: bool = False
    ) -> tuple[tuple[str, ...], str]:
        """Ids of the messages in every other folder, a part at a time, and the next cursor, which says MORE while there
        are.

        What was received before `since` is left out; so is what never came in (sent letters, drafts) and junk. `ours`
        are only the folders in which messages are filed.
        """

    def get(self, source: str, now: datetime) -> Fetched:
        """A message by id. Raises MessageGone when a person moved or deleted it."""

    def file(self, source: str, folder: str) -> None:
        """Move a message to a folder, after commit only. A hint to people, never state."""

    def remove(self, source: str) -> None:
        """Remove one message for good, in whatever folder. Only for what is disposed of by order. Gone is no matter."""

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Hand over frozen bytes once. Raises NotAccepted, or SendUnknown when nobody can tell."""

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        """Look up whether a letter was handed over before, and if it is not found, what that means."""

    def list_sent(self, delivery_id: str) -> tuple[str, ...]:
        """Ids of the copies of a letter that the mailbox keeps, for `remove`."""

    def put_draft(self, content: bytes, recipient: str, delivery_id: str) -> None:
        """Put a letter into Drafts, marked, for a person to send. Raises NotAccepted, or MailboxUnreachable.

        After the latter it may lie there all the same, which `list_drafts` shows.
        """

    def list_drafts(self, since: datetime) -> tuple[Lying, ...]:
        """What lies in Drafts, and all that was sent since an instant, by whomever. Ids are for `get` and `remove`."""

    def close(self) -> None:
        """Let connections go. The next verb makes new ones."""


LONGEST_WAIT = timedelta(hours=4)
"""However long a server asks to be left alone: it may be wrong, and mail waits there."""


class PatientMailbox:
    """A mailbox that is left alone, by every verb, as long as its server has asked for. `clock` counts seconds.

    All else is as the mailbox behind.
    """

    def __init__(self, mailbox: Mailbox, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._mailbox, self._clock = mailbox, clock
        self._until = clock()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._mailbox, name)
        return partial(self._ask, found) if name in _VERBS else found

    def _ask(self, verb: Callable[..., Any], *values: Any, **options: Any) -> Any:
        left = self._until - self._clock()
        if left > 0:
            raise MailboxUnreachable("The mail server asked to be left alone for now.", wait=timedelta(seconds=left))
        try:
            return verb(*values, **options)
        except MailboxUnreachable as fault:
            if fault.wait:
                self._until = self._clock() + min(fault.wait, LONGEST_WAIT).total_seconds()
            raise


class RedirectedMailbox:
    """A mailbox whose every recipient is rewritten here, inside the adapter, where nothing can go round it.

    Every letter is really sent, but to the co-ordinator, whoever it was meant for. All else is as the mailbox behind.
    """

    def __init__(self, mailbox: Mailbox, *, to: str) -> None:
        self._mailbox, self._to = mailbox, to

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._mailbox, verb)

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Send to the co-ordinator; whom it was meant for stands in a header of its own."""
        meant = f"To: <{self._to}>\r\nX-CSP-Meant-For: {recipient}\r\n".encode("ascii", "replace")
        head, gap, body = content.partition(b"\r\n\r\n")
        rewritten = _TO.sub(lambda _: meant, head + b"\r\n", count=1).removesuffix(b"\r\n")
        return self._mailbox.send(rewritten + gap + body, self._to, delivery_id)


class RealMailbox(Mailbox, Protocol):
    """A mailbox on a mail system, which can be examined as well."""

    def count_messages(self) -> int:
        """How many messages lie in the inbox, read or not."""

    def examine(self, now: datetime) -> Iterator[Check]:
        """Check after check, for `doctor`; ends at the first problem that leaves nothing more to see. Never raises."""


# What an examination of a mailbox finds, one thing after the other, for the command `doctor` ------


EWS_BLOCKED, EWS_ENDS = date(2026, 10, 1), date(2027, 4, 1)
"""Since when Exchange Online answers EWS only where the tenant lists the application, and when it ends for good."""

CLOCKS_APART = timedelta(minutes=10)
"""How far the clocks may be apart."""

_MICROSOFT = (
    *("microsoft.com", "microsoftonline.com"),
    *("office365.com", "outlook.com", "office.com", "office365.us", "outlook.cn"),
)
_USE_GRAPH = 'In service.toml write adapter = "graph" and fill in the table [graph].'


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing looked at: `problem` is "" when it is well, else a sentence, and `remedy` says what to do.

    A warning does not keep the service from working. `unmade` says why it was not looked at ("": it was).
    """

    what: str
    problem: str = ""
    remedy: str = ""
    is_warning: bool = False
    unmade: str = ""

    @property
    def state(self) -> str:
        """What came of it, in a word."""
        if self.unmade:
            return "not made"
        return ("warning" if self.is_warning else "problem") if self.problem else "well"


Look = Callable[[str], Check]
"""Looks at one thing, whose name it is given."""


def make_checks(looks: Iterable[tuple[str, Look]], *, goes_on_after: Collection[str] = ()) -> Iterator[Check]:
    """Look after look. After a problem the others are not made, but for one after which there is more to see."""
    unmade = ""
    for what, look in looks:
        if unmade:
            yield Check(what=what, unmade=unmade)
            continue
        check = look(what)
        yield check
        if check.state == "problem" and what not in goes_on_after:
            unmade = f"the problem with {what} comes first"


def tell(what: str, act: Callable[[], object], remedy: str = "") -> Check:
    """Whether something can be done."""
    try:
        act()
    except WorldFault as fault:
        return tell_fault(what, fault, remedy)
    return Check(what=what)


def tell_fault(what: str, fault: WorldFault, remedy: str = "") -> Check:
    """A fault as a problem, with what to do: as the fault has it, else as whoever asked does."""
    return Check(what=what, problem=str(fault), remedy=fault.remedy or remedy or "Try again in some minutes.")


def check_adapter(mailbox: InternetMailbox | ExchangeMailbox | GraphMailbox | None, today: date) -> Iterator[Check]:
    """Whether the adapter is the right one for the mail system behind it, with Microsoft's dates."""
    what = "adapter fits the mail system"
    if isinstance(mailbox, ExchangeMailbox) and _is_microsofts(mailbox.endpoint.split("/")[2]):
        yield Check(what=what, problem=_describe_ews(today), remedy=_USE_GRAPH, is_warning=today < EWS_ENDS)
    elif isinstance(mailbox, InternetMailbox) and _is_microsofts(mailbox.imap.host):
        yield _check_imap_at_microsoft(what, mailbox.login)
    elif mailbox is None:
        yield Check(what="embedded mailbox, from which nothing leaves this machine")
    else:
        yield Check(what=what)


_SOON = timedelta(days=61)
_RENEW_SERVERS = "Please ask whoever runs the mail server to put in a new certificate before."
_RENEW_OURS = "Please ask whoever runs the service to make a new one before and to put it in (docs/running.md)."


def list_expiring(
    shown: Sequence[ServerCertificate], sign_in_until: date | None, today: date
) -> Iterator[tuple[str, str]]:
    """What mail depends on and that is good for two months at most: until when, and what to do, in sentences.

    A server's counts from the last quarter of its time on: short ones are renewed by programs, and later. Those of
    Microsoft's are Microsoft's own care.
    """
    if sign_in_until and sign_in_until - today <= _SOON:
        said = f"What the service signs in to the mailbox with is good until {sign_in_until:%-d %B %Y}"
        yield f"{said}; after that no mail is read or sent.", _RENEW_OURS
    for one in shown:
        left, whole = one.ends.date() - today, one.ends - one.begins
        if left <= min(_SOON, whole / 4) and not _is_microsofts(one.host):
            said = f"The certificate of the mail server {one.host} is good until {one.ends:%-d %B %Y}"
            yield f"{said}; after that no mail is read or sent.", _RENEW_SERVERS


def check_clocks(theirs: datetime, ours: datetime, *, server: str = "the mail server") -> Check:
    """Whether the mail server's clock and this machine's agree."""
    what = f"clock, compared with {server}'s"
    if abs(theirs - ours) <= CLOCKS_APART:
        return Check(what=what)
    problem = f"This machine says {_write_time(ours)}, {server} says {_write_time(theirs)}."
    return Check(
        what=what,
        problem=problem,
        remedy="Set this machine's clock, best by a time server; until then nothing is sent.",
    )


def _write_time(moment: datetime) -> str:
    return f"{in_london(moment):%-d %B %Y %H:%M:%S}"


def _is_microsofts(host: str) -> bool:
    name = host.partition(":")[0].lower()
    return any(name == domain or name.endswith(f".{domain}") for domain in _MICROSOFT)


def _describe_ews(today: date) -> str:
    if today >= EWS_ENDS:
        return "Microsoft 365 has not answered this adapter (EWS) since 1 April 2027."
    since = "has blocked" if today >= EWS_BLOCKED else "blocks"
    return (
        f"Microsoft 365 {since} this adapter (EWS) since 1 October 2026 except for applications that the tenant lists, "
        "and ends it for good on 1 April 2027."
    )


def _check_imap_at_microsoft(what: str, login: Login) -> Check:
    if login is Login.PASSWORD:
        problem = "Microsoft 365 takes no password for IMAP, and after December 2026 none for SMTP unless allowed."
        return Check(what=what, problem=problem, remedy=_USE_GRAPH)
    problem = "The mailbox is in Microsoft 365, where graph needs fewer rights and proves each letter better."
    return Check(what=what, problem=problem, remedy=_USE_GRAPH, is_warning=True)
