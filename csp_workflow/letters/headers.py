"""Header lines of a letter, written so that no value can start another header.

The standard library refolds what it is given and has lost quotes and separators in doing so
(CVE-2025-1795, gh-121284). A letter has a dozen headers, so they are written here, byte by byte.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote

from csp_workflow.letters.wording import one_line

_LINE = 76
_WORD_BYTES = 42  # so that "=?utf-8?B?...?=" stays below the 75 characters RFC 2047 allows
_LONGEST_NAME = 120
_ADDRESS = re.compile(r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$")
_MESSAGE_ID = re.compile(r"^<[!-;=?-~]{1,250}>$")
_CONTENT_TYPE = re.compile(r"^[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,100}$")
_NO_FILE_NAME = re.compile(r'[<>:"/\\|?*]')
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
    "txt": "text/plain",
    "csv": "text/csv",
}


class LetterRefused(ValueError):
    """A letter cannot be made into a message; the sentence says what is wrong with it."""


def header(name: str, value: str) -> bytes:
    """One header line, CRLF at its end. Plain values are folded at spaces, others become encoded words."""
    value = one_line(value)
    if value.isascii() and "=?" not in value and len(max(value.split(" "), key=len)) < _LINE:
        return _folded(name, value.split(" "))
    return _folded(name, _encoded_words(value))


def mailbox_header(name: str, person: str, address: str) -> bytes:
    """A From or To header with exactly one mailbox. Raises LetterRefused on what is not one plain address."""
    if not _ADDRESS.match(address) or ".." in address:
        raise LetterRefused(f"'{one_line(address)}' is not one plain e-mail address.")
    person = one_line(person)[:_LONGEST_NAME]
    if not person:
        return _folded(name, [f"<{address}>"])
    if person.isascii() and "=?" not in person:
        quoted = person.replace("\\", "\\\\").replace('"', '\\"')
        return _folded(name, [f'"{quoted}"', f"<{address}>"])
    return _folded(name, [*_encoded_words(person), f"<{address}>"])


def ids_header(name: str, ids: Iterable[str]) -> bytes:
    """A header of Message-IDs; nothing at all when there are none."""
    found = list(ids)
    return _folded(name, found) if found else b""


def believable_id(text: str) -> str:
    """A Message-ID that may be quoted in a header, in its brackets, or "" for anything else."""
    bare = text.strip().strip("<>").strip()
    return f"<{bare}>" if _MESSAGE_ID.match(f"<{bare}>") else ""


def safe_name(name: str) -> str:
    """A file name any system can keep: no path, no invisible characters, at most 120, with its extension."""
    plain = _NO_FILE_NAME.sub("-", one_line(name)).strip(" .") or "attachment"
    stem, dot, extension = plain.rpartition(".")
    if len(plain) <= _LONGEST_NAME or not dot or len(extension) > 8:
        return plain[:_LONGEST_NAME]
    return f"{stem[: _LONGEST_NAME - len(extension) - 1].rstrip(' .')}.{extension}"


def file_headers(name: str, content_type: str) -> bytes:
    """The headers of an attached file: its type, and its name for old programs and, by RFC 2231, for all others."""
    name = safe_name(name)
    known = _TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    kind = content_type.lower() if _CONTENT_TYPE.match(content_type.lower()) else known
    if kind == "application/octet-stream":
        kind = known
    charset = ["charset=utf-8;"] if kind.startswith("text/") else []
    plain = "".join(letter if letter.isascii() else "_" for letter in name)
    wide = [] if name.isascii() else _continued(quote(name, safe=""))
    return (
        _folded("Content-Type", [f"{kind};", *charset, f'name="{plain}"'])
        + b"Content-Transfer-Encoding: base64\r\n"
        + _folded("Content-Disposition", ["attachment;", f'filename="{plain}"{";" if wide else ""}', *wide])
    )


def _continued(escaped: str) -> list[str]:
    """A long RFC 2231 value in numbered pieces, cut between escapes."""
    pieces, room = [""], 50
    for sign in re.findall(r"%[0-9A-F]{2}|.", escaped):
        if len(pieces[-1]) + len(sign) > room:
            pieces.append("")
        pieces[-1] += sign
    if len(pieces) == 1:
        return [f"filename*=UTF-8''{pieces[0]}"]
    named = [
        f"filename*{place}*={'UTF-8' + 2 * chr(39) if not place else ''}{piece}" for place, piece in enumerate(pieces)
    ]
    return [f"{part};" for part in named[:-1]] + named[-1:]


def _folded(name: str, words: list[str]) -> bytes:
    """The words of a header on lines of about 76; a word (a quoted name, an address) is never broken."""
    lines, line = [], f"{name}:"
    for word in words:
        if len(line) + 1 + len(word) > _LINE and line.strip() and line != f"{name}:":
            lines.append(line)
            line = ""
        line = f"{line} {word}"
    return "\r\n".join([*lines, line]).encode("ascii") + b"\r\n"


def _encoded_words(text: str) -> list[str]:
    """The text as RFC 2047 words, cut between characters."""
    chunks, chunk = [], b""
    for letter in text:
        encoded = letter.encode("utf-8")
        if len(chunk) + len(encoded) > _WORD_BYTES:
            chunks.append(chunk)
            chunk = b""
        chunk += encoded
    return [f"=?utf-8?B?{b64encode(part).decode('ascii')}?=" for part in [*chunks, chunk]]
