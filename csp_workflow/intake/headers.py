"""Headers of a message, read so that nothing raises: decoded, on one line, and the sender strictly or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.header import decode_header
from email.message import Message
from typing import Any, TypeVar

T = TypeVar("T")

_ADDRESS = r"[^\s<>@,;:\"()\[\]]+@[^\s<>@,;:\"()\[\]]+"
_FROM = re.compile(rf'^\s*(?P<name>"(?:[^"\\]|\\.)*"|[^<>",;:]*?)\s*<(?P<address>{_ADDRESS})>\s*$')
_BARE = re.compile(rf"^\s*(?P<address>{_ADDRESS})\s*$")
_MENTIONED = re.compile(r"[^\s<>@,;:\"()]+@[^\s<>@,;:\"()]+")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]+")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_CHARSETS = re.compile(
    r"(?:us-)?ascii|utf-?(?:8|16|32)(?:-?(?:le|be|sig))?|iso-?8859-?\d{1,2}|latin-?\d{1,2}|(?:cp|windows-?)(?:125\d|437|85\d|874)"
    r"|mac-?roman|koi8-[ru]|gb(?:k|2312|18030)|big5|shift[-_]jis|iso-2022-jp|euc-(?:jp|kr)",
    re.IGNORECASE,
)
_LONGEST = 20_000


def safely(call: Callable[[], T], otherwise: T) -> T:
    """What `call` gives, or `otherwise`: the standard library raises nearly anything on other people's mail."""
    try:
        return call()
    except Exception:  # noqa: BLE001 - one message must never stop the mailbox; what was lost shows as `otherwise`
        return otherwise


def decoded(data: bytes, charset: str) -> str:
    """Bytes as text, whatever they claim to be; only charsets of real mail are believed (idna is quadratic)."""
    name = charset.strip().strip("\"'") if charset else "utf-8"
    if not _CHARSETS.fullmatch(name):
        name = "utf-8"
    strict = safely(lambda: data.decode(name), None)
    return strict if strict is not None else data.decode("cp1252", "replace")


def unfolded(value: object) -> str:
    """A header value on one line with encoded words decoded and without unseen characters."""
    raw = safely(lambda: str(value), "")[:_LONGEST]
    plain: list[tuple[Any, str | None]] = [(raw, None)]
    parts = safely(lambda: decode_header(raw), plain) if "=?" in raw else plain
    text = "".join(decoded(part, charset or "") if isinstance(part, bytes) else str(part) for part, charset in parts)
    return " ".join(_UNSEEN.sub(" ", text).split())


def all_headers(message: Message) -> tuple[tuple[str, str], ...]:
    """Every header in order, decoded."""
    return tuple((_UNSEEN.sub("", str(name)), unfolded(value)) for name, value in _raw(message))


def sender_of(message: Message) -> tuple[str, str]:
    """The one address a message is from, in lower case, and the display name. ("", "") when it cannot be trusted.

    Trusted is exactly one From with one address, whose display name shows no other address.
    """
    values = [value for name, value in _raw(message) if str(name).lower() == "from"]
    if len(values) != 1:
        return "", ""
    raw = " ".join(safely(lambda: str(values[0]), "")[:_LONGEST].split())
    match = _FROM.match(raw) or _BARE.match(raw)
    if not match or _UNSEEN.search(raw):
        return "", ""
    address = match["address"].lower()
    name = unfolded(match.groupdict().get("name") or "").strip('"').strip()
    others = {found.lower().strip("'.") for found in _MENTIONED.findall(name)} - {address}
    return ("", "") if others else (address, name)


def _raw(message: Message) -> list[tuple[Any, Any]]:
    nothing: list[tuple[Any, Any]] = []
    return safely(lambda: list(message.raw_items()), nothing)


def message_ids(value: str) -> tuple[str, ...]:
    """The Message-IDs in a header value, in order."""
    return tuple(_MESSAGE_ID.findall(value[:_LONGEST]))


def answered_by(headers: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The Message-IDs a message replies to, nearest first: In-Reply-To, then References from the end."""
    found: list[str] = []
    for wanted, step in (("in-reply-to", 1), ("references", -1)):
        for name, value in headers:
            if name.lower() == wanted:
                found.extend(message_ids(value)[::step])
    return tuple(dict.fromkeys(found))
