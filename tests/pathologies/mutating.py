"""Damages messages the way mail systems, programs and attackers do. The same seed gives the same damage."""

from __future__ import annotations

import random
import re

_CHARSETS = (
    b"idna",
    b"utf-7",
    b"utf-16",
    b"hex",
    b"no-such",
    b"unicode_escape",
    b"\xff",
    b"us-ascii",
    b"punycode",
    b"",
)
_PIECES = (
    b"\n", b"\n\n", b"\r", b"\x00", b"\xff", b"--", b"=?", b"?=", b"=?utf-8?b?", b":", b";", b'"', b"<", b"<tr><td>",
    b"boundary=", b"charset=", b"filename*0*=", b"message/rfc822", b"message/delivery-status", b"multipart/mixed",
    b"base64", b"quoted-printable", b"x-uuencode", b"Action: failed\n", b"From: a@b.example\n",
    b"https://a.sharepoint.com/",
)  # fmt: skip
_BOUNDARY = re.compile(rb"^--.*$", re.MULTILINE)
_CHARSET = re.compile(rb"charset=\"?[\w-]*\"?", re.IGNORECASE)
_HEADER = re.compile(rb"^[A-Za-z-]{2,40}:.*\n", re.MULTILINE)


def mutated(raw: bytes, others: tuple[bytes, ...], chance: random.Random) -> bytes:
    """A message after one to six kinds of damage, mostly one."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        raw = chance.choice(_DAMAGES)(raw, others, chance)
    return raw[:400_000]


def _bits(raw: bytes, _: tuple[bytes, ...], chance: random.Random) -> bytes:
    changed = bytearray(raw)
    for _n in range(chance.randint(1, 20) if changed else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(raw: bytes, _: tuple[bytes, ...], chance: random.Random) -> bytes:
    return raw[: chance.randint(0, len(raw))]


def _gap(raw: bytes, _: tuple[bytes, ...], chance: random.Random) -> bytes:
    at = chance.randint(0, len(raw))
    return raw[:at] + raw[at + chance.randint(1, 200) :]


def _splice(raw: bytes, others: tuple[bytes, ...], chance: random.Random) -> bytes:
    other = chance.choice(others)
    begin, at = chance.randint(0, len(other)), chance.randint(0, len(raw))
    return raw[:at] + other[begin : begin + chance.randint(1, 3_000)] + raw[at:]


def _piece(raw: bytes, _: tuple[bytes, ...], chance: random.Random) -> bytes:
    at = chance.randint(0, len(raw))
    return raw[:at] + chance.choice(_PIECES) * chance.choice((1, 1, 1, 2, 50)) + raw[at:]


def _again(raw: bytes, _: tuple[bytes, ...], chance: random.Random) -> bytes:
    """A header stands twice, perhaps elsewhere."""
    headers = list(_HEADER.finditer(raw))
    if not headers:
        return raw
    one, other = chance.choice(headers), chance.choice(headers)
    return raw[: other.start()] + one[0] + raw[other.start() :]


def _without(raw: bytes, _: tuple[bytes, ...], chance: random.Random) -> bytes:
    headers = list(_HEADER.finditer(raw))
    if not headers:
        return raw
    gone = chance.choice(headers)
    return raw[: gone.start()] + raw[gone.end() :]


def _boundary(raw: bytes, _: tuple[bytes, ...], chance: random.Random) -> bytes:
    lines = list(_BOUNDARY.finditer(raw))
    if not lines:
        return raw
    line = chance.choice(lines)
    instead = chance.choice(
        (b"", b"--", line[0] + b"--", line[0][:-1], line[0] + b" ", b"\n" + line[0] + b"\n" + line[0])
    )
    return raw[: line.start()] + instead + raw[line.end() :]


def _charset(raw: bytes, _: tuple[bytes, ...], chance: random.Random) -> bytes:
    return _CHARSET.sub(b"charset=" + chance.choice(_CHARSETS), raw, count=chance.randint(1, 3))


_DAMAGES = (_bits, _cut, _gap, _splice, _piece, _again, _without, _boundary, _charset)
