"""What an examination of a mailbox finds, one thing after the other, for the command `doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from csp_workflow.terms.dates import in_london
from csp_workflow.terms.mailboxes import ExchangeMailbox, GraphMailbox, InternetMailbox, Login

EWS_BLOCKED, EWS_ENDS = date(2026, 10, 1), date(2027, 4, 1)
"""Since when Exchange Online answers EWS only where the tenant lists the application, and when it ends for good."""

CLOCKS_APART = timedelta(minutes=10)
"""How far the clocks may be apart."""

_MICROSOFT = ("office365.com", "outlook.com", "office.com", "office365.us", "outlook.cn")
_USE_GRAPH = 'In service.toml write adapter = "graph" and fill in the table [graph].'


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing looked at: `problem` is "" when it is well, else a sentence, and `remedy` says what to do.

    A warning does not keep the service from working.
    """

    what: str
    problem: str = ""
    remedy: str = ""
    is_warning: bool = False


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
