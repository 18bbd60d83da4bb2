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

from csp_workflow.mail.headers import safely
from csp_workflow.terms.service import Trust, TrustProfile

Headers: TypeAlias = Sequence[tuple[str, str]]
"""Names and values in the order of the message, the newest line first; trace headers not decoded."""

_RESULTS = "authentication-results"
_INSIDE = "x-ms-exchange-organization-authas"
_PASSED_ON = {"resent-from", "resent-sender"}
_LONGEST_DOMAIN = 253
_CHANGED_BY_GATEWAY = "130"
"""Microsoft: ARC of a sealer that the tenant trusts made up for the failed DMARC."""


@dataclass(frozen=True, kw_only=True)
class SenderEvidence:
    """What is known of whether a sender's address is genuine; `reason` is a sentence."""

    reason: str


class SenderProof(SenderEvidence):
    """A server we believe vouches for the sender's domain."""


class SenderForgery(SenderEvidence):
    """A server we believe says that the address is forged."""


class NoSenderProof(SenderEvidence):
    """No server we believe says anything about the sender's domain."""


_FORGED = SenderForgery(reason="A mail server says that its sender's address is forged.")
_SILENT = NoSenderProof(reason="Our mail server says nothing about whether its sender's address is genuine.")


def examine_sender(headers: Headers, trust: Trust, domain: str) -> SenderEvidence:
    """Whether the sender's domain, as it stands in the address (without an "@"), is vouched for. Never raises."""
    return _BY_PROFILE[trust.profile](headers, trust, domain.lower())


# One way of asking for each profile ---------------------------------------------------------------


def _ask_nobody(headers: Headers, _: Trust, __: str) -> SenderEvidence:
    """Nobody's word counts as a proof; a failure that anybody reports is taken as one all the same."""
    found = map(read_results, _values(headers, _RESULTS))
    return _FORGED if any(_say_forged(results.tests) for results in found if results) else _SILENT


def _ask_named_server(headers: Headers, trust: Trust, domain: str) -> SenderEvidence:
    """The server of the configured name, above the boundary. One header there that cannot be read spoils the others."""
    name = trust.authserv_id.lower()
    found = [read_results(value) for value in _values(_headers_above(headers, trust.boundary), _RESULTS)]
    ours = [one for one in found if one and name and one.authserv_id == name]
    return _SILENT if None in found else _weigh_tests([test for one in ours for test in one.tests], trust, domain)


def _ask_microsoft(headers: Headers, trust: Trust, domain: str) -> SenderEvidence:
    """Microsoft gives its header no name, but puts it above every other; mail from inside carries a mark."""
    if _is_from_inside(headers):
        return _from_inside(domain)
    top = read_results(next(_values(headers, _RESULTS), ""))
    return _weigh_tests(top.tests if top else (), trust, domain)


def _ask_exchange(headers: Headers, trust: Trust, domain: str) -> SenderEvidence:
    """Exchange's mark for mail from inside; for mail from outside the named server, where there is one."""
    if _is_from_inside(headers):
        return _from_inside(domain)
    return _ask_named_server(headers, trust, domain) if trust.authserv_id and trust.boundary else _SILENT


_BY_PROFILE: dict[TrustProfile, Callable[[Headers, Trust, str], SenderEvidence]] = {
    TrustProfile.NONE: _ask_nobody,
    TrustProfile.RFC8601: _ask_named_server,
    TrustProfile.EXCHANGE_ONLINE: _ask_microsoft,
    TrustProfile.INTERNAL: _ask_exchange,
}


# What the headers say -----------------------------------------------------------------------------


def _weigh_tests(tests: Sequence[AuthenticationTest], trust: Trust, domain: str) -> SenderEvidence:
    """A failure outweighs everything; a pass counts when every check of the From was of this very domain."""
    if _say_forged(tests):
        return _FORGED
    checks = [test for test in tests if test.method == "dmarc"]
    if not checks:
        return _SILENT
    checked = [tuple(map(_host, test.values("header.from"))) for test in checks]
    if any(names != (domain,) for names in checked):
        return NoSenderProof(
            reason=f"Our mail server checked another domain than {domain}, which its sender's address has."
        )
    if any(test.result == "fail" for test in checks):
        return _by_gateway(trust, domain)
    if all(_has_passed(test) for test in checks) or _passes_in_all(tests):
        return SenderProof(reason=f"Our mail server vouches for {domain}.")
    return NoSenderProof(reason=f"Our mail server could not prove that it comes from {domain}.")


def _say_forged(tests: Sequence[AuthenticationTest]) -> bool:
    """Whether one header's tests call the address forged. A DMARC that a gateway broke on the way does not."""
    failed = {test.method for test in tests if test.result == "fail"}
    return "compauth" in failed or ("dmarc" in failed and not _was_changed_by_gateway(tests))


def _passes_in_all(tests: Sequence[AuthenticationTest]) -> bool:
    """Whether Microsoft's judgement over all its tests is a pass."""
    return {test.result for test in tests if test.method == "compauth"} == {"pass"}


def _was_changed_by_gateway(tests: Sequence[AuthenticationTest]) -> bool:
    """Whether Microsoft let a message pass by the word of a gateway before it (reason 130)."""
    reasons = {reason for test in tests if test.method == "compauth" for reason in test.values("reason")}
    return _passes_in_all(tests) and reasons == {_CHANGED_BY_GATEWAY}


def _by_gateway(trust: Trust, domain: str) -> SenderEvidence:
    """What a gateway's word is worth to this site."""
    if trust.gateway:
        return SenderProof(reason=f"Our mail server takes a trusted gateway's word for {domain}.")
    return NoSenderProof(
        reason=f"It was changed on its way here, so that our mail server could not prove that it comes from {domain}. "
        "Where a gateway of yours changes mail, gateway in the [trust] table of config/service.toml says so."
    )


def _has_passed(test: AuthenticationTest) -> bool:
    return test.result == "pass" and set(test.values("action")) <= {"none"}


def _host(written: str) -> str:
    """A domain in its ASCII form; "" for one that has none, or is not the usual spelling of it."""
    if written.isascii() or len(written) > _LONGEST_DOMAIN:
        return written
    plain = safely(lambda: written.encode("idna").decode("ascii").lower(), "")
    return plain if plain and safely(lambda: plain.encode("ascii").decode("idna"), "") == written else ""


def _headers_above(headers: Headers, boundary: str) -> Headers:
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


def _from_inside(domain: str) -> SenderProof:
    return SenderProof(reason=f"Our mail server says that it was written inside the organisation, from {domain}.")


def _values(headers: Headers, wanted: str) -> Iterator[str]:
    return (value for name, value in headers if name.lower() == wanted)


# Authentication-Results (RFC 8601, and Microsoft's kind without a name) ---------------------------


LONGEST = 8_000
"""Characters of a header that are read; a longer one is no mail server's."""

_COMMENT_OR_QUOTED = re.compile(r'[()"]|\\.', re.DOTALL)
_SYNTAX = re.compile(r'[\s;=()"\\]')
_AROUND_EQUALS = re.compile(r"\s*=\s*")


@dataclass(frozen=True, kw_only=True)
class AuthenticationTest:
    """One test with its result, in lower case ("dmarc", "pass"), and what it was about ("header.from", "x.example")."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of a property, in lower case."""
        return tuple(value for key, value in self.properties if key == name)


@dataclass(frozen=True, kw_only=True)
class AuthenticationResults:
    """A header as read: the name of the server that wrote it, in lower case ("" where it gives none), and its tests."""

    authserv_id: str
    tests: tuple[AuthenticationTest, ...]


def read_results(value: str) -> AuthenticationResults | None:
    """What an unfolded header says; None when quotation marks or brackets do not close, or it is far too long.

    Comments say nothing, and what is quoted is never taken for a test of its own.
    """
    plain = _without_comments(value) if len(value) <= LONGEST else None
    if plain is None:
        return None
    first, *others = (_AROUND_EQUALS.sub("=", part).split() for part in plain.lower().split(";"))
    is_named = bool(first) and "=" not in "".join(first)
    # Microsoft begins with a test, and puts the name of the receiving domain between the tests.
    parts = others if is_named else [first, *others]
    return AuthenticationResults(
        authserv_id=first[0] if is_named else "",
        tests=tuple(_read_test(words) for words in parts if words and "=" in words[0]),
    )


def _read_test(words: list[str]) -> AuthenticationTest:
    (method, result), *properties = (_pair(word) for word in words)
    return AuthenticationTest(method=method.partition("/")[0], result=result, properties=tuple(properties))


def _pair(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, value


def _without_comments(value: str) -> str | None:
    """The text without its comments, and with nothing in quoted text that could be taken for syntax."""
    kept: list[str] = []
    depth, quoted, end = 0, False, 0
    for match in _COMMENT_OR_QUOTED.finditer(value):
        kept.append(_hide_syntax(value[end : match.start()], depth, quoted=quoted))
        end, mark = match.end(), match[0]
        if quoted:
            quoted = mark != '"'
        elif mark == '"' and not depth:
            quoted = True
        elif mark == "(":
            depth += 1
        elif mark == ")":
            depth -= 1
        if depth < 0:
            return None
    kept.append(_hide_syntax(value[end:], depth, quoted=quoted))
    return None if depth or quoted else "".join(kept)


def _hide_syntax(text: str, depth: int, *, quoted: bool) -> str:
    if depth:
        return " "
    return _SYNTAX.sub("?", text) if quoted else text
