"""Files inside files: Outlook's winmail.dat and saved messages, zip folders, signed mail. Bytes in, files out.

What is here decodes other people's bytes: `open_container`, `signed_entity` and `read_messages` run in the sandbox's
child only.
"""

from __future__ import annotations

import email
import importlib
import io
import pkgutil
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any

from csp_workflow.mail.bodies import LONGEST, read_bodies, tidy_lines
from csp_workflow.mail.files import OUR_FAILURES, FileRefused, read_file_words, sniff_kind
from csp_workflow.mail.headers import find_message_ids, make_label, safely
from csp_workflow.mail.unpack import MOST_PARTS, MessageParts, enclose, parse_message
from csp_workflow.terms.messages import EnclosedMessage

DEEPEST = 3
"""How many containers inside one another are opened."""

MOST_ENTRIES = 20
ZIP_BYTES = 100 * 1024 * 1024
LARGEST_RATIO = 100
_SMALL_ENTRY = 64 * 1024
_ENCRYPTED_ENTRY = 0x1
_BOOKS = {"xlsx", "xlsm", "xls", "xlsb", "ods", "password", "label"}
_OF_THE_SYSTEM = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TNEF = b"\x78\x9f\x3e\x22"
_RPMSG = b"\x76\xe8\x04\x60\xc4\x11\xe3\x86"
_PKCS7 = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_AUTHENTICATED = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17"
_CMS_KINDS = {2: "signed", 3: "encrypted"}
_PARTS_OF_BOOKS = (b"xl/", b"mimetypeapplication/vnd.oasis", "Workbook".encode("utf-16-le"))
_ENCRYPTED_BOOK = "EncryptedPackage".encode("utf-16-le")
_EMBEDDED = "__substg1.0_3701000D"
_FILE = "__substg1.0_37010102"
_SUBJECT, _SENDER, _PLAIN, _HTML, _RICH, _ID, _ANSWERS = "0037", "0C1A", "1000", "1013", "1009", "1035", "1042"
"""What the streams of a message that Outlook saved are numbered by."""

_OUTLOOK = "__properties_version1.0".encode("utf-16-le")
_RICH_START = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n"
    b"\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
"""What every rich text that Outlook packs may refer back to, as its format lays down."""

_RICH_WINDOW = 4096
_SAVED_IN_ZIP = re.compile(rb"\.(?:eml|msg)|winmail\.dat", re.IGNORECASE)
_RICH_TABLES = re.compile(rb"\{\\(?:\*|fonttbl|colortbl|stylesheet|info)(?:[^{}]|\{[^{}]*\})*\}")
"""What stands in a rich text and is none of its words; tags of a web page that it was made from among them."""


@dataclass(frozen=True, kw_only=True)
class InnerFile:
    """A file found in a container; its name is a label."""

    name: str
    data: bytes


def import_openers() -> None:
    """Import what opens the containers, and what the e-mail library imports on its way."""
    for found in pkgutil.iter_modules(email.__path__):
        importlib.import_module(f"email.{found.name}")
    import olefile  # noqa: F401
    from asn1crypto import cms  # noqa: F401
    from oxmsg import attachment, storage  # noqa: F401
    from tnefparse import TNEF  # noqa: F401


def container_kind(data: bytes) -> str:
    """One of "winmail", "outlook", "message", "zip", "signed", "encrypted", or "" for what is no container."""
    if data.startswith(_TNEF):
        return "winmail"
    if data.startswith(_RPMSG):
        return "encrypted"
    if data.startswith(_OLE):
        return "outlook" if _is_outlook(data) else ""
    if data[:1] == b"\x30":
        return _cms_kind(data)
    kind = sniff_kind(data)
    return kind if kind in {"zip", "message"} else ""


def open_container(kind: str, data: bytes) -> tuple[InnerFile, ...]:
    """The files of a container. Raises FileRefused, with the reason, when it is not to be opened."""
    opened = _OPENERS[kind](data)
    if len(opened) > MOST_PARTS:
        raise FileRefused("too many")
    return tuple(InnerFile(name=make_label(name), data=inner) for name, inner in opened)


def may_be_saved_message(data: bytes) -> bool:
    """Whether a file may be a message that somebody saved, or that a program packed, told cheaply."""
    if data.startswith(_OLE):
        return _OUTLOOK in data
    if data.startswith(b"PK"):
        return bool(_SAVED_IN_ZIP.search(data))
    return data.startswith((_TNEF, b"\x30")) or sniff_kind(data) == "message"


def read_messages(data: bytes, depth: int = 0) -> tuple[EnclosedMessage, ...]:
    """What a saved message says, and each message in it; () for anything else."""
    found: list[EnclosedMessage] = safely(lambda: list(_list_messages(data, depth)), []) if depth <= DEEPEST else []
    return tuple(found[:MOST_PARTS])


def _list_messages(data: bytes, depth: int) -> Iterator[EnclosedMessage]:
    kind = container_kind(data)
    if kind == "message":
        yield from _list_parsed(*parse_message(data), depth)
    elif kind == "signed":
        entity = signed_entity(data)
        yield from _list_parsed(*parse_message(entity), depth) if entity else ()
    elif kind == "outlook":
        yield from _list_outlook(data, depth)
    elif kind == "zip":
        for _, inner in _read_entries(data):
            yield from read_messages(inner, depth + 1)
    elif kind == "winmail":
        from tnefparse import TNEF

        yield from _list_tnef(TNEF(data, do_checksum=False), depth)


def _list_parsed(message: Message, found: MessageParts, depth: int) -> Iterator[EnclosedMessage]:
    found.head = message
    yield enclose(found)
    yield from found.enclosed
    for attachment in found.attachments:
        yield from read_messages(attachment.data, depth + 1)


def _list_outlook(data: bytes, depth: int) -> Iterator[EnclosedMessage]:
    """The messages in one that Outlook saved: each lies in a folder of its own."""
    import olefile

    with olefile.OleFileIO(io.BytesIO(data)) as ole:
        for path in ole.listdir():
            within = [part.upper() for part in path[:-1]]
            if path[-1] == "__properties_version1.0" and within.count(_EMBEDDED.upper()) <= DEEPEST:
                if not within or within[-1] == _EMBEDDED.upper():
                    yield _read_outlook(ole, "".join(f"{part}/" for part in path[:-1]))
            elif path[-1].upper() == _FILE.upper():
                yield from read_messages(ole.openstream(path).read(), depth + 1)


def _read_outlook(ole: Any, folder: str) -> EnclosedMessage:
    def read(number: str) -> str:
        for kind, charset in (("001F", "utf-16-le"), ("001E", "cp1252"), ("0102", "utf-8")):
            name = f"{folder}__substg1.0_{number}{kind}"
            if ole.exists(name):
                return str(ole.openstream(name).read(4 * LONGEST).decode(charset, "replace"))
        return ""

    rich = f"{folder}__substg1.0_{_RICH}0102"
    packed = ole.openstream(rich).read() if ole.exists(rich) else b""
    ids = tuple(one for number in (_ID, _ANSWERS) for one in find_message_ids(read(number)))
    return _make_message(read(_SUBJECT), read(_SENDER), read(_PLAIN), read(_HTML), packed, ids)


def _list_tnef(opened: Any, depth: int) -> Iterator[EnclosedMessage]:
    """What Outlook packed as winmail.dat: the message itself, in most mail a second time."""
    plain, html = _decode(opened.body), _decode(opened.htmlbody)
    yield _make_message("", "", plain, html, opened._rtfbody or b"", ())  # noqa: SLF001 - what is public wants a further library
    for attachment in opened.attachments:
        if inner := getattr(attachment, "embed", None):
            yield from _list_tnef(inner, depth + 1) if depth < DEEPEST else ()
        else:
            yield from read_messages(bytes(attachment.data or b""), depth + 1)


def _decode(text: object) -> str:
    if isinstance(text, (list, tuple)):
        text = next(iter(text), "")
    return (text.decode("cp1252", "replace") if isinstance(text, bytes) else str(text or "")).rstrip("\0")


def _make_message(
    subject: str, sender: str, plain: str, html: str, rich: bytes, ids: tuple[str, ...]
) -> EnclosedMessage:
    text, shown = read_bodies(plain, html)
    if not text:
        text = safely(lambda: tidy_lines(read_file_words(_RICH_TABLES.sub(b"", unpack_rich_text(rich)))), "")
    return EnclosedMessage(
        sender=sender,
        subject=subject[:500],
        text=text,
        html_text=shown,
        ids=ids,
    )


def unpack_rich_text(packed: bytes) -> bytes:
    """The rich text (RTF) of a message that Outlook packed (MS-OXRTFCP). Raises on what is none."""
    if packed[8:12] == b"MELA":  # which is not packed at all
        return packed[16 : 16 + 4 * LONGEST]
    known, at = bytearray(_RICH_START), 16
    while at < len(packed) and len(known) < 4 * LONGEST:
        flags, at = packed[at], at + 1
        for bit in range(8):
            if not flags >> bit & 1:
                known.extend(packed[at : at + 1])
                at += 1
                continue
            back, at = int.from_bytes(packed[at : at + 2], "big"), at + 2
            far = (len(known) - (back >> 4)) % _RICH_WINDOW
            if not far:
                return bytes(known[len(_RICH_START) :])
            for _ in range((back & 15) + 2):
                known.append(known[-far])
    return bytes(known[len(_RICH_START) :])


def signed_entity(data: bytes) -> bytes:
    """The message inside an opaque signature. The signature is not checked and proves nothing. Raises FileRefused."""
    from asn1crypto import cms

    try:
        content: Any = cms.ContentInfo.load(data)["content"]["encap_content_info"]["content"]
        entity = content.native
    except OUR_FAILURES:
        raise
    except Exception as fault:
        raise FileRefused("message damaged") from fault
    return entity if isinstance(entity, bytes) else b""


def may_hold_workbook(data: bytes) -> bool:
    """Whether a file may be a workbook or hold one, told cheaply; for what is looked into only then."""
    if data.startswith((b"PK", _OLE)):
        return any(part in data for part in (*_PARTS_OF_BOOKS, _ENCRYPTED_BOOK))
    return data.startswith(_TNEF)


def _is_outlook(data: bytes) -> bool:
    import olefile

    def has_properties() -> bool:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            return bool(ole.exists("__properties_version1.0"))

    return safely(has_properties, False)


def _cms_kind(data: bytes) -> str:
    """By the type that stands at the start of every CMS file."""
    if _AUTHENTICATED in data[:40]:
        return "encrypted"
    at = data[:40].find(_PKCS7)
    return _CMS_KINDS.get(data[at + len(_PKCS7)], "") if 0 <= at < len(data) - len(_PKCS7) else ""


# One opener for each kind --------------------------------------------------------------------------


def _open_winmail(data: bytes) -> list[tuple[str, bytes]]:
    from tnefparse import TNEF

    try:
        return list(_tnef_files(TNEF(data, do_checksum=False), 0))
    except OUR_FAILURES:
        raise
    except Exception as fault:
        raise FileRefused("winmail") from fault


def _tnef_files(opened: Any, depth: int) -> Iterator[tuple[str, bytes]]:
    for attachment in opened.attachments:
        inner = getattr(attachment, "embed", None)
        if inner is not None:
            if depth < DEEPEST:
                yield from _tnef_files(inner, depth + 1)
        elif attachment.data:
            yield safely(lambda a=attachment: str(a.long_filename()), ""), bytes(attachment.data)  # type: ignore[misc]


def _open_outlook(data: bytes) -> list[tuple[str, bytes]]:
    import olefile
    from oxmsg.storage import Storage

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            files = list(_outlook_files(Storage.from_ole(ole), 0))
    except OUR_FAILURES:
        raise
    except Exception as fault:
        raise FileRefused("message damaged") from fault
    if not files:
        raise FileRefused("message")
    return files


def _outlook_files(storage: Any, depth: int) -> Iterator[tuple[str, bytes]]:
    """The files of a saved message and of the messages it holds."""
    from oxmsg.attachment import Attachment

    for inner in storage.iter_attachment_storages():
        held = next((s for s in inner.storages if s.name.upper() == _EMBEDDED.upper()), None)
        if held is not None:
            if depth < DEEPEST:
                yield from _outlook_files(held, depth + 1)
            continue
        file = Attachment(inner)
        content = safely(lambda f=file: f.file_bytes, None)  # type: ignore[misc]
        if content:
            yield safely(lambda f=file: f.file_name or "", ""), bytes(content)  # type: ignore[misc]


def _open_saved_message(data: bytes) -> list[tuple[str, bytes]]:
    _, found = parse_message(data)
    if not found.attachments:
        raise FileRefused("message")
    return [(attachment.name, attachment.data) for attachment in found.attachments]


def _open_signed(data: bytes) -> list[tuple[str, bytes]]:
    """The files of the message inside; a signature that stands beside its message holds none."""
    entity = signed_entity(data)
    return _open_saved_message(entity) if entity else []


def _refuse_encrypted(_: bytes) -> list[tuple[str, bytes]]:
    raise FileRefused("encrypted")


def _open_zip(data: bytes) -> list[tuple[str, bytes]]:
    """The files of a zip folder with one workbook. Raises FileRefused when there is not exactly one.

    What lies in a folder inside it counts only beside that one. A folder with a password is not opened, and neither is
    one that is far larger than it looks.
    """
    try:
        files = _read_entries(data)
    except FileRefused:
        raise
    except OUR_FAILURES:
        raise
    except Exception as fault:  # a damaged folder brings out faults of every kind in the library
        raise FileRefused("zip damaged") from fault
    books = [name for name, inner in files if sniff_kind(inner) in _BOOKS]
    if len(books) > 1:
        raise FileRefused("zip several")
    if not books:
        raise FileRefused("zip")
    return files


def _read_entries(data: bytes) -> list[tuple[str, bytes]]:
    """The library never inflates an entry beyond the size it gives, so that the sum of these bounds this."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(entry.filename, archive.read(entry)) for entry in _entries(archive)]


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_of_the_system(entry.filename)]
    if len(entries) > MOST_ENTRIES:
        raise FileRefused("zip too large")
    if any(entry.flag_bits & _ENCRYPTED_ENTRY for entry in entries):
        raise FileRefused("zip password")
    if sum(entry.file_size for entry in entries) > ZIP_BYTES or any(map(_is_swollen, entries)):
        raise FileRefused("zip too large")
    return entries


def _is_of_the_system(name: str) -> bool:
    """What computers put into zip folders unasked."""
    plain = name.replace("\\", "/").lower()
    return plain.startswith(_OF_THE_SYSTEM) or plain.rpartition("/")[2] in _OF_THE_SYSTEM


def _is_swollen(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > max(_SMALL_ENTRY, LARGEST_RATIO * max(entry.compress_size, 1))


_OPENERS: dict[str, Callable[[bytes], list[tuple[str, bytes]]]] = {
    "winmail": _open_winmail,
    "outlook": _open_outlook,
    "message": _open_saved_message,
    "signed": _open_signed,
    "encrypted": _refuse_encrypted,
    "zip": _open_zip,
}
