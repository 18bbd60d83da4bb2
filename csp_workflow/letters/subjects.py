"""Subject lines: a letter's own words, or those of the conversation it belongs to, with our sealed tag at the end.

Gmail and Outlook keep letters together only while the subject stays the same, so a letter that goes
on with a conversation is called as the conversation is, and says what is new in its first words.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from csp_workflow.mail.compose import put_on_one_line
from csp_workflow.terms.dates import Quarter

LONGEST = 200

_SEAL = 6
_TAG = re.compile(
    r"\[CSP(?: (?P<quarter>\d{4}/\d{2}-Q[1-4]))?(?P<codes>(?: [A-Z0-9-]{2,16}){0,12})(?: #(?P<seal>[A-Z2-7]{6}))?\]",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"^\s*(?:(?:re|fw|fwd|aw|antw|wg)\s*(?:\[\d+\])?\s*:|\[(?:external|ext|cjsm)\])\s*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Tag:
    """What a tag with our seal names: the quarter (None: none) and respondents' codes."""

    quarter: Quarter | None
    codes: tuple[str, ...]


def tag(quarter: Quarter | None, codes: Sequence[str] = (), *, key: bytes) -> str:
    """The mark at a subject's end by which people and mail rules find the cycle: "[CSP 2014/15-Q2 CHARN #7K3M2Q]".

    Nobody without the key can make one up: a reply is filed by it.
    """
    said = " ".join(("CSP", *([quarter.key] if quarter else []), *codes))
    return f"[{said} #{_seal(said, key)}]"


def found(subject: str, *, key: bytes) -> Tag | None:
    """The tag of ours in a subject that came in, or None when there is none with our seal."""
    for match in _TAG.finditer(subject):
        said = match[0][1:-1].rpartition(" #")[0].upper()
        if match["seal"] and hmac.compare_digest(match["seal"].upper(), _seal(said, key)):
            quarter = Quarter.parse(match["quarter"].upper()) if match["quarter"] else None
            return Tag(quarter=quarter, codes=tuple(match["codes"].upper().split()))
    return None


def untagged(subject: str) -> str:
    """A subject without any tag like ours."""
    return " ".join(_TAG.sub("", subject).split())


def topic(subject: str) -> str:
    """What a conversation is called: a subject without tag, "RE:", "FW:" and a gateway's "[EXTERNAL]"."""
    plain = untagged(put_on_one_line(subject))
    while match := _BEFORE.match(plain):
        plain = plain[match.end() :]
    return plain.strip()


def subject(written: str, end: str, *, marking: str = "") -> str:
    """A letter's own subject: the marking, its words (cut where they are too long), its tag."""
    return _cut(f"{marking}: " if marking else "", written, end)


def going_on(conversation: str, end: str, *, marking: str = "") -> str:
    """The subject of a letter that goes on with a conversation: "RE: " and what it is called."""
    start = f"{marking}: " if marking else ""
    return _cut(f"RE: {start}", conversation.removeprefix(start), end)


def _cut(prefix: str, words: str, end: str) -> str:
    room = max(LONGEST - len(end) - len(prefix) - 1, 20)
    plain = put_on_one_line(words)
    short = plain if len(plain) <= room else f"{plain[: room - 1].rstrip()}…"
    return put_on_one_line(f"{prefix}{short} {end}")


def _seal(said: str, key: bytes) -> str:
    return b32encode(hmac.digest(key, b"csp-subject\0" + said.upper().encode(), sha256)).decode("ascii")[:_SEAL]
