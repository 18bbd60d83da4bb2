"""Files inside files: Outlook's winmail.dat and saved messages, zip folders, signed mail. Bytes in, files out.

What is here decodes other people's bytes: `open_container`, `signed_entity` and `read_words` run in the sandbox's child
only.
"""

from __future__ import annotations

import email
import importlib
import io
import pkgutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from csp_workflow.mail.bodies import LONGEST, html_to_text
from csp_workflow.mail.file_kinds import OUR_FAILURES, FileRefused, sniff_kind
from csp_workflow.mail.headers import make_label, plain_header, safely
from csp_workflow.mail.unpack import MOST_PARTS, parse_message

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
_WORD_STREAMS = ("0037", "1000")
"""The subject and the plain words of a message that Outlook saved."""


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


def read_words(data: bytes) -> str:
    """The subject and the words of a saved message; "" for anything else."""
    kind = container_kind(data)
    if kind == "message":
        message, found = parse_message(data)
        return "\n\n".join(
            (plain_header(message, "subject"), *found.plain, *map(html_to_text, found.html), *found.enclosed)
        )
    return safely(lambda: "\n\n".join(_outlook_words(data)), "") if kind == "outlook" else ""


def _outlook_words(data: bytes) -> Iterator[str]:
    import olefile

    with olefile.OleFileIO(io.BytesIO(data)) as ole:
        for name in (f"__substg1.0_{tag}" for tag in _WORD_STREAMS):
            if ole.exists(f"{name}001F"):
                yield ole.openstream(f"{name}001F").read(4 * LONGEST).decode("utf-16-le", "replace")
            elif ole.exists(f"{name}001E"):
                yield ole.openstream(f"{name}001E").read(4 * LONGEST).decode("cp1252", "replace")


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
    """The one workbook in a zip folder. Raises FileRefused when there is not exactly one.

    A folder inside a folder is not opened, and neither is one with a password, or far larger than it looks.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            books = list(_books(archive, _entries(archive)))
    except FileRefused:
        raise
    except OUR_FAILURES:
        raise
    except Exception as fault:  # a damaged folder brings out faults of every kind in the library
        raise FileRefused("zip damaged") from fault
    if len(books) > 1:
        raise FileRefused("zip several")
    if not books:
        raise FileRefused("zip")
    return books


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


def _books(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    """The library never inflates an entry beyond the size it gives, so that the sum above bounds this."""
    for entry in entries:
        data = archive.read(entry)
        if sniff_kind(data) in _BOOKS:
            yield entry.filename, data


_OPENERS: dict[str, Callable[[bytes], list[tuple[str, bytes]]]] = {
    "winmail": _open_winmail,
    "outlook": _open_outlook,
    "message": _open_saved_message,
    "signed": _open_signed,
    "encrypted": _refuse_encrypted,
    "zip": _open_zip,
}
