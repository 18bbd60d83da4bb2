"""File names of attachments: every spelling mail programs use, and what is left of a name as a safe label."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from email.message import Message
from urllib.parse import unquote_to_bytes

from csp_workflow.mail.headers import decoded, raw_header, unfolded

_NOT_IN_NAMES = re.compile(
    '[\x00-\x1f\x7f-\x9f<>:"|?*\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]'
)
_LONGEST = 100
# A quoted value, else everything up to the next parameter: some programs leave the quotes out round spaces.
_PARAMETER = re.compile(
    r";\s*(?P<name>[A-Za-z-]{1,40})(?:\*(?P<number>\d{1,3}))?(?P<encoded>\*)?\s*=\s*"
    r"(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|(?P<bare>[^;]*))"
)
_MOST_PIECES = 100


def file_name(part: Message) -> str:
    """The name a sender gave a part, decoded, or "": filename*, else filename, else the Content-Type's name."""
    for header, name in (("content-disposition", "filename"), ("content-type", "name")):
        found = _parameter(raw_header(part, header), name)
        if found:
            return found
    return ""


def label(name: str) -> str:
    """A file name as a label: no path, nothing unseen, at most 100 characters with its ending kept."""
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8", "replace"))
    text = " ".join(_NOT_IN_NAMES.sub("", re.split(r"[\\/]", text)[-1]).split()).strip(". ")
    if len(text) > _LONGEST:
        stem, dot, ending = text.rpartition(".")
        ending = f"{dot}{ending}"[:12] if stem else ""
        text = text[: _LONGEST - len(ending)].rstrip() + ending
    return text or "attachment"


def _parameter(header: str, wanted: str) -> str:
    pieces = [match for match in _found(header) if match["name"].lower() == wanted]
    extended = [match for match in pieces if match["number"] or match["encoded"]]
    if extended:
        joined = _joined(extended)
        if joined:
            return unfolded(joined)
    plain = next((match for match in pieces if match not in extended), None)
    return unfolded(_value(plain)) if plain else ""


def _found(header: str) -> Iterator[re.Match[str]]:
    for at, match in enumerate(_PARAMETER.finditer(header)):
        if at >= _MOST_PIECES:
            return
        yield match


def _value(match: re.Match[str]) -> str:
    if match["quoted"] is not None:
        # A quoted backslash is a path of an old Windows program more often than an escape.
        return match["quoted"].replace('\\"', '"')
    return match["bare"].strip()


def _joined(pieces: list[re.Match[str]]) -> str:
    """The pieces of a long name in their order, with percent signs decoded in one charset."""
    ordered = sorted(pieces, key=lambda match: int(match["number"] or 0))
    charset, data = "", b""
    for at, match in enumerate(ordered):
        text = _value(match)
        if not match["encoded"]:
            data += text.encode("utf-8", "surrogateescape")
            continue
        if at == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        data += unquote_to_bytes(text.encode("utf-8", "surrogateescape"))
    return decoded(data, charset)
