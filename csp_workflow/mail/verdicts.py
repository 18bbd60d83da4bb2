"""Does a mail server that we believe vouch for a sender's domain? One way of asking for each trust profile.

Anybody can write a header. What counts is who wrote it: our own server, above the line at which the
message entered the organisation. And a pass counts only for the very domain that we read as the
sender's, for a server and we may read one From differently.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from csp_workflow.mail.authentication_results import Tested, read
from csp_workflow.mail.headers import safely
from csp_workflow.terms.mailboxes import Trust, TrustProfile

Headers: TypeAlias = Sequence[tuple[str, str]]
"""Names and values in the order of the message, the newest line first; trace headers not decoded."""

_RESULTS = "authentication-results"
_INSIDE = "x-ms-exchange-organization-authas"
_PASSED_ON = {"resent-from", "resent-sender"}
_LONGEST_DOMAIN = 253


@dataclass(frozen=True, kw_only=True)
class Proved:
    """A server we believe vouches for the sender's domain; `reason` is a sentence, here and below."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Disproved:
    """A server we believe says that the address is forged."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """No server we believe says anything about the sender's domain."""

    reason: str


SenderVerdict: TypeAlias = Proved | Disproved | Unknown

_FORGED = Disproved(reason="A mail server says that its sender's address is forged.")
_SILENT = Unknown(reason="Our mail server says nothing about whether its sender's address is genuine.")


def verdict(headers: Headers, trust: Trust, domain: str) -> SenderVerdict:
    """Whether the sender's domain, as it stands in the address (without an "@"), is vouched for. Never raises."""
    return _BY_PROFILE[trust.profile](headers, trust, domain.lower())


# One way of asking for each profile ---------------------------------------------------------------


def _nobody(headers: Headers, _: Trust, __: str) -> SenderVerdict:
    """Nobody's word counts as a proof; a failure that anybody reports is taken as one all the same."""
    found = map(read, _values(headers, _RESULTS))
    tests = (test for results in found if results for test in results.tests)
    return _FORGED if any(_failed(test) for test in tests) else _SILENT


def _by_name(headers: Headers, trust: Trust, domain: str) -> SenderVerdict:
    """The server of the configured name, above the boundary. One header there that cannot be read spoils the others."""
    name = trust.authserv_id.lower()
    found = [read(value) for value in _values(_above(headers, trust.boundary), _RESULTS)]
    ours = [results for results in found if results and name and results.authserv_id == name]
    return _SILENT if None in found else _weighed([test for results in ours for test in results.tests], domain)


def _microsoft(headers: Headers, _: Trust, domain: str) -> SenderVerdict:
    """Microsoft gives its header no name, but puts it above every other; mail from inside carries a mark."""
    if _is_from_inside(headers):
        return _from_inside(domain)
    top = read(next(_values(headers, _RESULTS), ""))
    return _weighed(top.tests if top else (), domain)


def _inside(headers: Headers, trust: Trust, domain: str) -> SenderVerdict:
    """Exchange's mark for mail from inside; for mail from outside the named server, where there is one."""
    if _is_from_inside(headers):
        return _from_inside(domain)
    return _by_name(headers, trust, domain) if trust.authserv_id and trust.boundary else _SILENT


_BY_PROFILE: dict[TrustProfile, Callable[[Headers, Trust, str], SenderVerdict]] = {
    TrustProfile.NONE: _nobody,
    TrustProfile.RFC8601: _by_name,
    TrustProfile.EXCHANGE_ONLINE: _microsoft,
    TrustProfile.INTERNAL: _inside,
}


# What the headers say -----------------------------------------------------------------------------


def _weighed(tests: Sequence[Tested], domain: str) -> SenderVerdict:
    """A failure outweighs everything; a pass counts when every check of the From was of this very domain."""
    if any(_failed(test) for test in tests):
        return _FORGED
    checks = [test for test in tests if test.method == "dmarc"]
    if not checks:
        return _SILENT
    checked = [tuple(map(_host, test.values("header.from"))) for test in checks]
    if any(names != (domain,) for names in checked):
        return Unknown(reason=f"Our mail server checked another domain than {domain}, which its sender's address has.")
    composite = [test.result for test in tests if test.method == "compauth"]
    if all(_passed(test) for test in checks) or (composite and set(composite) == {"pass"}):
        return Proved(reason=f"Our mail server vouches for {domain}.")
    return Unknown(reason=f"Our mail server could not prove that it comes from {domain}.")


def _failed(test: Tested) -> bool:
    return test.method in {"dmarc", "compauth"} and test.result == "fail"


def _passed(test: Tested) -> bool:
    return test.result == "pass" and set(test.values("action")) <= {"none"}


def _host(written: str) -> str:
    """A domain in its ASCII form; "" for one that has none, or is not the usual spelling of it."""
    if written.isascii() or len(written) > _LONGEST_DOMAIN:
        return written
    plain = safely(lambda: written.encode("idna").decode("ascii").lower(), "")
    return plain if plain and safely(lambda: plain.encode("ascii").decode("idna"), "") == written else ""


def _above(headers: Headers, boundary: str) -> Headers:
    """The headers above the newest line by the boundary; none without such a line.

    The line is looked for as text, brackets and all: what a sender calls itself stands in it too, and
    must not be able to hide it, or an older line that the sender wrote would pass for it.
    """
    by = re.compile(rf"\bby\s+{re.escape(boundary)}(?![\w.-])", re.IGNORECASE)
    lines = (at for at, (name, value) in enumerate(headers) if name.lower() == "received" and by.search(value))
    entered = next(lines, None) if boundary else None
    return headers[:entered] if entered is not None else ()


def _is_from_inside(headers: Headers) -> bool:
    """Exchange marks each message itself and takes away the mark that a message from outside brings.

    Two marks are one too many. What somebody's mailbox passed on is from inside whoever wrote it.
    """
    marks = [value.strip().lower() for value in _values(headers, _INSIDE)]
    return marks == ["internal"] and not any(name.lower() in _PASSED_ON for name, _ in headers)


def _from_inside(domain: str) -> Proved:
    return Proved(reason=f"Our mail server says that it was written inside the organisation, from {domain}.")


def _values(headers: Headers, wanted: str) -> Iterator[str]:
    return (value for name, value in headers if name.lower() == wanted)
