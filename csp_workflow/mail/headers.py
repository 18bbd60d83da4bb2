"""Headers of a message, read so that nothing raises: decoded, on one line, the sender strictly or not at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from email.errors import MisplacedEnvelopeHeaderDefect
from email.header import decode_header
from email.message import Message
from itertools import islice
from typing import Any, TypeVar
from unicodedata import normalize
from urllib.parse import unquote_to_bytes

T = TypeVar("T")

# Plain ASCII only: letters that look alike become plain ones in lower case (the Kelvin sign is one). No encoded word.
_ADDRESS = r"(?!\S*=\?)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9_.-]+"
_NAME = r"""(?:[^<>",;:()\[\]\\]|\([^<>"()\\]*\))*?"""
_FROM = re.compile(rf'^\s*(?P<name>"(?:[^"\\]|\\.)*"|{_NAME})\s*<(?P<address>{_ADDRESS})>\s*$')
# Programs and gateways put commas and brackets into names without quoting them: "Smith, Jo", "[EXT] Jo". With a single
# "@" in it nobody reads a second address there.
_LOOSE = re.compile(rf'^\s*(?P<name>(?:[^<>";:()\\@=]|\([^<>"()\\@=]*\))+?)\s*<(?P<address>{_ADDRESS})>\s*$')
_COMMENTED = re.compile(rf'^\s*(?P<address>{_ADDRESS})\s*\((?P<name>[^<>"()\\@=]*)\)\s*$')
_BARE = re.compile(rf"^\s*(?P<address>{_ADDRESS})\s*$")
_MENTIONED = re.compile(r"[^\s<>@,;:\"()]+@[^\s<>@,;:\"()]+")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]+")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_CHARSETS = re.compile(
    r"(?:us-)?ascii|utf-?(?:8|16|32)(?:-?(?:le|be|sig))?|iso-?8859-?\d{1,2}|latin-?\d{1,2}|(?:cp|windows-?)(?:125\d|437|85\d|874)"
    r"|mac-?roman|koi8-[ru]|gb(?:k|2312|18030)|big5|shift[-_]jis|iso-2022-jp|euc-(?:jp|kr)",
    re.IGNORECASE,
)
_BY_SERVERS = {"authentication-results", "received", "x-ms-exchange-organization-authas"}
_LONGEST = 20_000
_NOT_IN_NAMES = re.compile(
    '[\x00-\x1f\x7f-\x9f<>:"|?*\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]'
)
_LONGEST_NAME = 100
# A quoted value, else everything up to the next parameter: some programs leave the quotes out round spaces.
_PARAMETER = re.compile(
    r";\s*(?P<name>[A-Za-z-]{1,40})(?:\*(?P<number>\d{1,3}))?(?P<encoded>\*)?\s*=\s*"
    r"(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|(?P<bare>[^;]*))"
)
_MOST_PIECES = 100


def safely(call: Callable[[], T], otherwise: T) -> T:
    """What `call` gives, or `otherwise`: the standard library raises nearly anything on other people's mail."""
    try:
        return call()
    except (MemoryError, ImportError):  # which no mail brings about
        raise
    except Exception:  # noqa: BLE001 - one message must never stop the mailbox; what was lost shows as `otherwise`
        return otherwise


def decode_text(data: bytes, charset: str) -> str:
    """Bytes as text, whatever they claim to be; only charsets of real mail are believed (idna is quadratic)."""
    name = charset.strip().strip("\"'") if charset else "utf-8"
    if not _CHARSETS.fullmatch(name):
        name = "utf-8"
    strict = safely(lambda: data.decode(name), None)
    return strict if strict is not None else data.decode("cp1252", "replace")


def unfold_header(value: object) -> str:
    """A header value on one line with encoded words decoded and without unseen characters."""
    raw = _as_written(value)
    plain: list[tuple[Any, str | None]] = [(raw, None)]
    parts = safely(lambda: decode_header(raw), plain) if "=?" in raw else plain
    text = "".join(
        decode_text(part, charset or "") if isinstance(part, bytes) else str(part) for part, charset in parts
    )
    return _one_line(text)


def raw_header(message: Message, name: str) -> str:
    """The first value of a header as it was written, with raw characters decoded, or ""."""
    return next((_as_written(value) for key, value in _raw(message) if str(key).lower() == name), "")


def plain_header(message: Message, name: str) -> str:
    """The first value of a header, decoded and on one line, or ""."""
    return unfold_header(raw_header(message, name))


def _as_written(value: object) -> str:
    """A value with its raw 8-bit characters as people saw them; the library keeps their bytes as surrogates."""
    text = safely(lambda: str(value), "")[:_LONGEST]
    if text.isascii():
        return text
    return safely(lambda: decode_text(text.encode("utf-8", "surrogateescape"), "utf-8"), text)


def all_headers(message: Message) -> tuple[tuple[str, str], ...]:
    """Every header in order, decoded but for those that mail servers write: no encoded word belongs there."""
    return tuple((_UNSEEN.sub("", str(name)), _header_value(str(name), value)) for name, value in _raw(message))


def _header_value(name: str, value: object) -> str:
    return _one_line(_as_written(value)) if name.lower() in _BY_SERVERS else unfold_header(value)


def _one_line(text: str) -> str:
    return " ".join(_UNSEEN.sub(" ", text).split())


def read_sender(message: Message) -> tuple[str, str]:
    """The one address a message is from, in lower case, and the display name. ("", "") when it cannot be trusted.

    Trusted is exactly one From with one address, whose display name shows no other address.
    """
    values = [value for name, value in _raw(message) if str(name).lower() == "from"]
    if len(values) != 1 or _has_a_hidden_one(message):
        return "", ""
    raw = " ".join(_as_written(values[0]).split())
    forms = (_FROM, _BARE, _LOOSE, _COMMENTED)
    match = next((found for form in forms if (found := form.match(raw))), None)
    if not match or len(safely(lambda: str(values[0]), "")) > _LONGEST or _UNSEEN.search(raw):
        return "", ""
    address = match["address"].lower()
    name = unfold_header(match.groupdict().get("name") or "").strip('"').strip()
    # An "at" sign of another width looks like one to people, who must not be shown a second address either.
    shown = normalize("NFKC", name).lower()
    others = {found.strip("'.") for found in _MENTIONED.findall(shown)} - {address}
    # Other programs read an address in a name that is not quoted as one more sender.
    is_unclear = "@" in shown and not raw.startswith('"') and shown != address
    return ("", "") if others or is_unclear else (address, name)


def _has_a_hidden_one(message: Message) -> bool:
    """Whether a "From : x" stands there: a sender to a mail server, an envelope line to the standard library."""
    envelope = safely(message.get_unixfrom, None) or ""
    return envelope[4:].lstrip().startswith(":") or any(
        isinstance(defect, MisplacedEnvelopeHeaderDefect) for defect in message.defects
    )


def _raw(message: Message) -> list[tuple[Any, Any]]:
    nothing: list[tuple[Any, Any]] = []
    return safely(lambda: list(message.raw_items()), nothing)


def find_message_ids(value: str) -> tuple[str, ...]:
    """The Message-IDs in a header value, in order."""
    return tuple(_MESSAGE_ID.findall(value[:_LONGEST]))


def find_answered_ids(headers: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The Message-IDs a message replies to, nearest first: In-Reply-To, then References from the end."""
    found: list[str] = []
    for wanted, step in (("in-reply-to", 1), ("references", -1)):
        for name, value in headers:
            if name.lower() == wanted:
                found.extend(find_message_ids(value)[::step])
    return tuple(dict.fromkeys(found))


# File names of attachments ------------------------------------------------------------------------


def read_file_name(part: Message) -> str:
    """The name a sender gave a part, decoded, or "": filename*, else filename, else the Content-Type's name."""
    for header, name in (("content-disposition", "filename"), ("content-type", "name")):
        found = _read_parameter(raw_header(part, header), name)
        if found:
            return found
    return ""


def make_label(name: str) -> str:
    """A file name as a label: no path, nothing unseen, at most 100 characters with its ending kept."""
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8", "replace"))
    text = " ".join(_NOT_IN_NAMES.sub("", re.split(r"[\\/]", text)[-1]).split()).strip(". ")
    if len(text) > _LONGEST_NAME:
        stem, dot, ending = text.rpartition(".")
        ending = f"{dot}{ending}"[:12] if stem else ""
        text = text[: _LONGEST_NAME - len(ending)].rstrip() + ending
    return text or "attachment"


def _read_parameter(header: str, wanted: str) -> str:
    found = islice(_PARAMETER.finditer(header), _MOST_PIECES)
    pieces = [match for match in found if match["name"].lower() == wanted]
    extended = [match for match in pieces if match["number"] or match["encoded"]]
    if joined := _join_pieces(extended):
        return unfold_header(joined)
    plain = next((match for match in pieces if match not in extended), None)
    return unfold_header(_parameter_value(plain)) if plain else ""


def _parameter_value(match: re.Match[str]) -> str:
    if match["quoted"] is not None:
        # A quoted backslash is a path of an old Windows program more often than an escape.
        return match["quoted"].replace('\\"', '"')
    return match["bare"].strip()


def _join_pieces(pieces: list[re.Match[str]]) -> str:
    """The pieces of a long name in their order, with percent signs decoded in one charset."""
    ordered = sorted(pieces, key=lambda match: int(match["number"] or 0))
    charset, data = "", b""
    for at, match in enumerate(ordered):
        text = _parameter_value(match)
        if not match["encoded"]:
            data += text.encode("utf-8", "surrogateescape")
            continue
        if at == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        data += unquote_to_bytes(text.encode("utf-8", "surrogateescape"))
    return decode_text(data, charset)
