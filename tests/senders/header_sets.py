"""Header sets that say, or pretend to say, who a message is from, each with the one right verdict on it.

Most are put together from parts: what a header says, and where it stands among the trace lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from csp_workflow.terms.mailboxes import Trust, TrustProfile

PROVED, DISPROVED, UNKNOWN = "Proved", "Disproved", "Unknown"
RFC8601 = Trust(profile=TrustProfile.RFC8601, authserv_id="mx.opcc.example", boundary="in.opcc.example")
MICROSOFT = Trust(profile=TrustProfile.EXCHANGE_ONLINE)
INTERNAL = Trust(profile=TrustProfile.INTERNAL)
INTERNAL_AND_NAMED = Trust(profile=TrustProfile.INTERNAL, authserv_id="mx.opcc.example", boundary="in.opcc.example")
NOBODY = Trust()
FROM = "From: Lead <lead@charnwood.example>"
AR = "Authentication-Results: "


@dataclass(frozen=True, kw_only=True)
class HeaderSet:
    """Lines as they stand in the message, newest first, the profile they are judged by, and the verdict."""

    name: str
    trust: Trust
    lines: tuple[str, ...]
    verdict: str
    sender: str = FROM

    @property
    def raw(self) -> bytes:
        """The message."""
        return "\r\n".join((*self.lines, self.sender, "Subject: Our return", "", "Here it is.")).encode(
            "utf-8", "surrogateescape"
        )


# A named server and a boundary ----------------------------------------------------------------------

PASSES = {
    "plain": "mx.opcc.example; dmarc=pass header.from=charnwood.example",
    "capitals": "MX.Opcc.EXAMPLE; DMARC=Pass Header.From=Charnwood.EXAMPLE",
    "version": "mx.opcc.example 1; dmarc/1=pass header.from=charnwood.example",
    "several methods": "mx.opcc.example; spf=pass smtp.mailfrom=charnwood.example; dkim=pass header.d=charnwood.example"
    "; dmarc=pass (p=reject dis=none) header.from=charnwood.example",
    "folded": "mx.opcc.example;\r\n\tspf=none;\r\n  dmarc=pass\r\n\theader.from=charnwood.example",
    "comments all over": "(we) mx.opcc.example (are) ; (it) dmarc (says (and nests)) = (a) pass (policy) "
    "header.from=charnwood.example (end)",
    "a failure in a comment": "mx.opcc.example; dmarc=pass (was dmarc=fail; before) header.from=charnwood.example",
    "a failure in quotation marks": 'mx.opcc.example; spf=pass reason="a; dmarc=fail (" smtp.helo=x; '
    "dmarc=pass header.from=charnwood.example",
    "a comment with an escaped bracket": r"mx.opcc.example; dmarc=pass (a \) b) header.from=charnwood.example",
    "quoted values": '"mx.opcc.example"; dmarc=pass header.from="charnwood.example"',
    "an equals sign in another value": "mx.opcc.example; spf=pass smtp.mailfrom=b+1=lead=x.example@send.example; "
    "dmarc=pass header.from=charnwood.example",
    "nothing but spaces between": "mx.opcc.example;dmarc=pass   header.from = charnwood.example;",
}
NO_PROOFS = {
    "another domain": "mx.opcc.example; dmarc=pass header.from=evil.example",
    "a subdomain of ours": "mx.opcc.example; dmarc=pass header.from=mail.charnwood.example",
    "the domain above": "mx.opcc.example; dmarc=pass header.from=example",
    "ours as a beginning": "mx.opcc.example; dmarc=pass header.from=charnwood.example.evil.example",
    "ours as an end": "mx.opcc.example; dmarc=pass header.from=evilcharnwood.example",
    "a trailing full stop": "mx.opcc.example; dmarc=pass header.from=charnwood.example.",
    "a look-alike letter": "mx.opcc.example; dmarc=pass header.from=ch\u0430rnwood.example",
    "wide letters": "mx.opcc.example; dmarc=pass header.from=\uff43harnwood.example",
    "no domain": "mx.opcc.example; dmarc=pass",
    "an empty domain": "mx.opcc.example; dmarc=pass header.from=",
    "two domains": "mx.opcc.example; dmarc=pass header.from=charnwood.example header.from=evil.example",
    "an address": "mx.opcc.example; dmarc=pass header.from=lead@charnwood.example",
    "the domain of another test": "mx.opcc.example; dmarc=pass; dkim=pass header.from=charnwood.example",
    "the domain in a comment": "mx.opcc.example; dmarc=pass (header.from=charnwood.example)",
    "the domain under another name": "mx.opcc.example; dmarc=pass smtp.from=charnwood.example",
    "the pass in a comment": "mx.opcc.example; dmarc=none (dmarc=pass) header.from=charnwood.example",
    "the whole test in a comment": "mx.opcc.example; spf=pass (; dmarc=pass header.from=charnwood.example)",
    "the whole test in quotation marks": 'mx.opcc.example; spf=pass reason="; dmarc=pass '
    'header.from=charnwood.example"',
    "the test behind an encoded word": "mx.opcc.example; =?utf-8?q?dmarc=3Dpass_header=2Efrom=3Dcharnwood=2Eexample?=",
    "a semicolon in an encoded word": "mx.opcc.example; spf=pass smtp.helo==?utf-8?q?x;_dmarc=3Dpass?= "
    "header.from=charnwood.example",
    "a comment that does not close": "mx.opcc.example; dmarc=pass header.from=charnwood.example (",
    "a comment that never opened": "mx.opcc.example; dmarc=pass header.from=charnwood.example )",
    "a quotation that does not close": 'mx.opcc.example; dmarc=pass header.from=charnwood.example "',
    "none": "mx.opcc.example; dmarc=none header.from=charnwood.example",
    "a passing error": "mx.opcc.example; dmarc=temperror header.from=charnwood.example",
    "a lasting error": "mx.opcc.example; dmarc=permerror header.from=charnwood.example",
    "a best guess": "mx.opcc.example; dmarc=bestguesspass header.from=charnwood.example",
    "nearly pass": "mx.opcc.example; dmarc=passed header.from=charnwood.example",
    "other methods only": "mx.opcc.example; spf=pass smtp.mailfrom=charnwood.example; "
    "dkim=pass header.d=charnwood.example",
    "nothing tested": "mx.opcc.example; none",
    "nothing at all": "",
    "a pass for us and one for another": "mx.opcc.example; dmarc=pass header.from=charnwood.example; "
    "dmarc=pass header.from=evil.example",
    "far too long": f"mx.opcc.example; dmarc=pass header.from=charnwood.example ({'x' * 9_000})",
    "another server": "mx.other.example; dmarc=pass header.from=charnwood.example",
    "a server of a longer name": "mx.opcc.example.evil.example; dmarc=pass header.from=charnwood.example",
    "our server in a comment": "mx.evil.example (mx.opcc.example); dmarc=pass header.from=charnwood.example",
    "no server": "dmarc=pass header.from=charnwood.example",
    "our server second": "evil.example; mx.opcc.example; dmarc=pass header.from=charnwood.example",
}
FAILURES = {
    "plain": "mx.opcc.example; dmarc=fail header.from=charnwood.example",
    "capitals": "MX.OPCC.example; DMARC=FAIL header.from=charnwood.example",
    "folded": "mx.opcc.example;\r\n\tdmarc\r\n\t=\r\n\tfail (p=none) header.from=charnwood.example",
    "of another domain": "mx.opcc.example; dmarc=fail header.from=evil.example",
    "beside a pass": "mx.opcc.example; dmarc=pass header.from=charnwood.example; "
    "dmarc=fail header.from=charnwood.example",
    "beside other passes": "mx.opcc.example; spf=pass smtp.mailfrom=evil.example; dkim=pass header.d=evil.example; "
    "dmarc=fail header.from=charnwood.example",
}
_ENTERED = "Received: from relay.charnwood.example (relay.charnwood.example [192.0.2.7]) by in.opcc.example with ESMTPS"
_ENTERED_FOLDED = (
    "Received: from relay.charnwood.example\r\n\t(relay.charnwood.example [192.0.2.7])\r\n\tby IN.opcc.EXAMPLE"
)
_STORED = "Received: from in.opcc.example (in.opcc.example [10.0.0.2]) by store.opcc.example with LMTP"
_BEFORE = "Received: from pc by relay.charnwood.example with ESMTP"
COUNTS = {
    "right above the boundary": (AR + "{}", _ENTERED),
    "above it, with a hop inside on top": (_STORED, AR + "{}", _ENTERED, _BEFORE),
    "on top of a hop inside": (AR + "{}", _STORED, _ENTERED, _BEFORE),
    "above a folded boundary": ("authentication-results: {}", _ENTERED_FOLDED),
}
COUNTS_NOT = {
    "below the boundary": (_ENTERED, AR + "{}"),
    "below it, above its sender's own line": (_STORED, _ENTERED, AR + "{}", _BEFORE),
    "above a second line that pretends to be the boundary": (_ENTERED, AR + "{}", _ENTERED),
    "where no boundary is": (AR + "{}", _BEFORE),
    "where no trace is at all": (AR + "{}",),
    "above a line by a host that begins like the boundary": (
        AR + "{}",
        "Received: from x by in.opcc.example.evil.example with ESMTP",
    ),
    "above a line that only came from the boundary": (AR + "{}", "Received: from in.opcc.example by evil.example"),
    "below a boundary whose line an open bracket spoils": (
        "Received: from pc( (unknown [192.0.2.9]) by in.opcc.example with ESMTP",
        AR + "{}",
        _ENTERED,
    ),
    "below a boundary whose line an encoded word spoils": (
        "Received: from =?utf-8?q?=28?= (unknown [192.0.2.9]) by in.opcc.example with ESMTP",
        AR + "{}",
        _ENTERED,
    ),
    "in a header of another name": ("ARC-Authentication-Results: i=1; {}", "X-" + AR + "{}", _ENTERED),
}


def _named() -> Iterator[HeaderSet]:
    for said, results, places, verdict in (
        ("a pass", PASSES, COUNTS, PROVED),
        ("a pass", PASSES, COUNTS_NOT, UNKNOWN),
        ("no proof", NO_PROOFS, COUNTS, UNKNOWN),
        ("a failure", FAILURES, COUNTS, DISPROVED),
        ("a failure", FAILURES, COUNTS_NOT, UNKNOWN),
    ):
        for how, text in results.items():
            for where, lines in places.items():
                yield HeaderSet(
                    name=f"named: {said} ({how}) {where}",
                    trust=RFC8601,
                    lines=tuple(line.replace("{}", text) for line in lines),
                    verdict=verdict,
                )
    forged, honest, bad = (
        PASSES["plain"],
        "mx.opcc.example; dmarc=none header.from=charnwood.example",
        FAILURES["plain"],
    )
    for name, lines, verdict in (
        ("a forged pass below our none", (AR + honest, _ENTERED, AR + forged), UNKNOWN),
        ("a forged pass below our failure", (AR + bad, _ENTERED, AR + forged), DISPROVED),
        ("a forged failure below our pass", (AR + forged, _ENTERED, AR + bad), PROVED),
        ("spf and dmarc in two headers", (AR + "mx.opcc.example; spf=pass", AR + forged, _ENTERED), PROVED),
        ("two headers that differ", (AR + forged, AR + honest, _ENTERED), UNKNOWN),
        ("a pass and a failure of ours", (AR + forged, AR + bad, _ENTERED), DISPROVED),
        ("a pass and an unreadable header", (AR + forged, AR + "mx.opcc.example; (", _ENTERED), UNKNOWN),
        ("Exchange's mark, which this profile does not know", (_ENTERED, _MARK + "Internal"), UNKNOWN),
    ):
        yield HeaderSet(name=f"named: {name}", trust=RFC8601, lines=lines, verdict=verdict)


# Microsoft, and Exchange at home ----------------------------------------------------------------------

_MARK = "X-MS-Exchange-Organization-AuthAs: "
_RELAYED = "Received: from mail.charnwood.example (192.0.2.7) by frontend.mail.protection.example (10.0.0.4)"
_MS_PASS = (
    "spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=charnwood.example; dkim=pass (signature was verified) "
    "header.d=charnwood.example;dmarc=pass action=none header.from=charnwood.example;compauth=pass reason=100"
)
_MS_OLDER = (
    "spf=softfail (sender IP is 192.0.2.7)\r\n smtp.mailfrom=charnwood.example; opcc.example; dkim=pass (signature "
    "was\r\n verified) header.d=charnwood.example;opcc.example; dmarc=pass action=none\r\n "
    "header.from=charnwood.example;compauth=pass reason=100"
)
MICROSOFTS = {
    "a pass": (_MS_PASS, PROVED),
    "a pass in the older layout": (_MS_OLDER, PROVED),
    "a composite pass without a policy": (
        "dmarc=bestguesspass action=none header.from=charnwood.example; compauth=pass reason=109",
        PROVED,
    ),
    "a pass without the composite": ("dmarc=pass action=none header.from=charnwood.example", PROVED),
    "a composite pass for another domain": ("dmarc=none header.from=evil.example;compauth=pass reason=102", UNKNOWN),
    "a composite pass for no domain": ("compauth=pass reason=100", UNKNOWN),
    "a soft pass": ("dmarc=none action=none header.from=charnwood.example;compauth=softpass reason=202", UNKNOWN),
    "no composite": ("dmarc=none action=none header.from=charnwood.example;compauth=none reason=405", UNKNOWN),
    "a pass acted upon": ("dmarc=pass action=quarantine header.from=charnwood.example", UNKNOWN),
    "two composites": ("dmarc=none header.from=charnwood.example;compauth=pass;compauth=softpass", UNKNOWN),
    "a composite failure": ("dmarc=none action=none header.from=charnwood.example;compauth=fail reason=001", DISPROVED),
    "a failure": ("dmarc=fail action=oreject header.from=charnwood.example;compauth=fail reason=000", DISPROVED),
    "a failure that was overridden": ("dmarc=fail action=none header.from=charnwood.example;compauth=pass", DISPROVED),
    "a pass for another domain": (_MS_PASS.replace("from=charnwood", "from=evil"), UNKNOWN),
    "nothing of the From": ("spf=pass smtp.mailfrom=charnwood.example; dkim=pass header.d=charnwood.example", UNKNOWN),
}


def _microsofts() -> Iterator[HeaderSet]:
    for how, (text, verdict) in MICROSOFTS.items():
        for where, lines in (
            ("alone", (AR + text, _RELAYED)),
            ("with a hop on top", (_STORED, AR + text, _RELAYED, _MARK + "Anonymous")),
            ("over a forged pass", (AR + text, _RELAYED, AR + _MS_PASS)),
            ("over a forged failure", (AR + text, _RELAYED, AR + "dmarc=fail header.from=charnwood.example")),
        ):
            yield HeaderSet(name=f"microsoft: {how}, {where}", trust=MICROSOFT, lines=lines, verdict=verdict)
    yield HeaderSet(name="microsoft: nothing", trust=MICROSOFT, lines=(_RELAYED,), verdict=UNKNOWN)
    yield HeaderSet(
        name="microsoft: an unreadable header over a forged pass",
        trust=MICROSOFT,
        lines=(AR + "spf=pass (", _RELAYED, AR + _MS_PASS),
        verdict=UNKNOWN,
    )


MARKS = {
    "inside": ((_MARK + "Internal",), PROVED),
    "inside, in capitals": (("x-ms-exchange-organization-authas: INTERNAL",), PROVED),
    "outside": ((_MARK + "Anonymous",), UNKNOWN),
    "a partner": ((_MARK + "Partner",), UNKNOWN),
    "nearly inside": ((_MARK + "Internal74",), UNKNOWN),
    "inside in an encoded word": ((_MARK + "=?utf-8?q?Internal?=",), UNKNOWN),
    "no mark": ((), UNKNOWN),
    "both": ((_MARK + "Anonymous", _MARK + "Internal"), UNKNOWN),
    "inside twice": ((_MARK + "Internal", _MARK + "Internal"), UNKNOWN),
    "a mark of another name": (("X-MS-Exchange-CrossTenant-AuthAs: Internal",), UNKNOWN),
    "a mark after a bare line end": (("X-Note: a\r" + _MARK + "Internal", _MARK + "Anonymous"), UNKNOWN),
    "inside, passed on by somebody's mailbox": (("Resent-From: x@opcc.example", _MARK + "Internal"), UNKNOWN),
}


def _marked() -> Iterator[HeaderSet]:
    for how, (lines, verdict) in MARKS.items():
        for trust in (MICROSOFT, INTERNAL, INTERNAL_AND_NAMED):
            yield HeaderSet(name=f"mark: {how}, {trust}", trust=trust, lines=(*lines, _ENTERED), verdict=verdict)
    outside = (AR + PASSES["plain"], _ENTERED, _MARK + "Anonymous")
    yield HeaderSet(name="mark: outside, named", trust=INTERNAL_AND_NAMED, lines=outside, verdict=PROVED)
    yield HeaderSet(name="mark: outside, nobody named", trust=INTERNAL, lines=outside, verdict=UNKNOWN)
    failed = (AR + FAILURES["plain"], _ENTERED, _MARK + "Anonymous")
    yield HeaderSet(name="mark: outside, failed", trust=INTERNAL_AND_NAMED, lines=failed, verdict=DISPROVED)


# Nobody's word, and senders' own spellings ------------------------------------------------------------


def _nobodys() -> Iterator[HeaderSet]:
    for how, text, verdict in (
        ("a pass", PASSES["plain"], UNKNOWN),
        ("a failure", "mx.anywhere.example; dmarc=fail header.from=charnwood.example", DISPROVED),
        ("a composite failure", "spf=pass; compauth=fail reason=001", DISPROVED),
        ("a failure in a comment", "mx.anywhere.example; dmarc=pass (dmarc=fail)", UNKNOWN),
        ("a failure of another test", "mx.anywhere.example; spf=fail; dkim=fail", UNKNOWN),
        ("nothing", "", UNKNOWN),
    ):
        for where, lines in (("above", (AR + text, _BEFORE)), ("below", (_BEFORE, AR + text))):
            yield HeaderSet(name=f"nobody: {how} {where}", trust=NOBODY, lines=lines, verdict=verdict)


def _spelt() -> Iterator[HeaderSet]:
    idna = "From: lead@xn--bcher-kva.example"
    secure = "From: lead@charnwood.example.cjsm.net"
    for name, sender, checked, verdict in (
        ("a domain with an umlaut", idna, "b\u00fccher.example", PROVED),
        ("the same in its plain form", idna, "xn--bcher-kva.example", PROVED),
        ("the same in capitals", idna, "B\u00dcCHER.example", PROVED),
        ("a domain without the umlaut", idna, "bucher.example", UNKNOWN),
        ("the secure network's own domain", secure, "charnwood.example.cjsm.net", PROVED),
        ("the plain domain for a secure address", secure, "charnwood.example", UNKNOWN),
        ("the secure domain for a plain address", FROM, "charnwood.example.cjsm.net", UNKNOWN),
        ("the network alone", secure, "cjsm.net", UNKNOWN),
        ("the sender in capitals", "From: LEAD@CHARNWOOD.EXAMPLE", "charnwood.example", PROVED),
        ("a sender below the domain", "From: lead@mail.charnwood.example", "charnwood.example", UNKNOWN),
    ):
        text = f"mx.opcc.example; dmarc=pass header.from={checked}"
        yield HeaderSet(
            name=f"spelt: {name}", trust=RFC8601, lines=(AR + text, _ENTERED), verdict=verdict, sender=sender
        )


EVERY = (*_named(), *_microsofts(), *_marked(), *_nobodys(), *_spelt())
