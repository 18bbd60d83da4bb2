"""Header sets that say, or pretend to say, who a message is from, each with the one right verdict on it.

Most are put together from parts: what a header says, and where it stands among the trace lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from csp_workflow.terms.service import Trust, TrustProfile
from tests.senders.header_parts import (
    AR,
    BEFORE,
    COUNTS,
    COUNTS_NOT,
    ENTERED,
    FAILURES,
    NO_PROOFS,
    PASSES,
    STORED,
)

PROVED, DISPROVED, UNKNOWN = "SenderProof", "SenderForgery", "NoSenderProof"
RFC8601 = Trust(profile=TrustProfile.RFC8601, authserv_id="mx.opcc.example", boundary="in.opcc.example")
MICROSOFT = Trust(profile=TrustProfile.EXCHANGE_ONLINE)
INTERNAL = Trust(profile=TrustProfile.INTERNAL)
INTERNAL_AND_NAMED = Trust(profile=TrustProfile.INTERNAL, authserv_id="mx.opcc.example", boundary="in.opcc.example")
NOBODY = Trust()
FROM = "From: Lead <lead@charnwood.example>"


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
        ("a forged pass below our none", (AR + honest, ENTERED, AR + forged), UNKNOWN),
        ("a forged pass below our failure", (AR + bad, ENTERED, AR + forged), DISPROVED),
        ("a forged failure below our pass", (AR + forged, ENTERED, AR + bad), PROVED),
        ("spf and dmarc in two headers", (AR + "mx.opcc.example; spf=pass", AR + forged, ENTERED), PROVED),
        ("two headers that differ", (AR + forged, AR + honest, ENTERED), UNKNOWN),
        ("a pass and a failure of ours", (AR + forged, AR + bad, ENTERED), DISPROVED),
        ("a pass and an unreadable header", (AR + forged, AR + "mx.opcc.example; (", ENTERED), UNKNOWN),
        ("Exchange's mark, which this profile does not know", (ENTERED, _MARK + "Internal"), UNKNOWN),
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
            ("with a hop on top", (STORED, AR + text, _RELAYED, _MARK + "Anonymous")),
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
            yield HeaderSet(name=f"mark: {how}, {trust}", trust=trust, lines=(*lines, ENTERED), verdict=verdict)
    outside = (AR + PASSES["plain"], ENTERED, _MARK + "Anonymous")
    yield HeaderSet(name="mark: outside, named", trust=INTERNAL_AND_NAMED, lines=outside, verdict=PROVED)
    yield HeaderSet(name="mark: outside, nobody named", trust=INTERNAL, lines=outside, verdict=UNKNOWN)
    failed = (AR + FAILURES["plain"], ENTERED, _MARK + "Anonymous")
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
        for where, lines in (("above", (AR + text, BEFORE)), ("below", (BEFORE, AR + text))):
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
            name=f"spelt: {name}", trust=RFC8601, lines=(AR + text, ENTERED), verdict=verdict, sender=sender
        )


EVERY = (*_named(), *_microsofts(), *_marked(), *_nobodys(), *_spelt())
