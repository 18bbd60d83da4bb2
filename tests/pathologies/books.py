"""Builds the files people attach: forms filled in, and forms spoilt in every usual way."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import cache

from csp_workflow.forms import layout
from csp_workflow.forms.writing import write_workbook
from csp_workflow.terms.queries import Filled
from csp_workflow.terms.returns import FormDefinition
from tests.forms.binary_workbook import binary_workbook, in_binary
from tests.intake.intake_county import EVERYBODY, NOW, Q1, form_of
from tests.pathologies import outlook, signing

_BY_KEY = {respondent.key: respondent for respondent in EVERYBODY}
_WORDS = "Two joint patrols were held."


def form(key: str, *, count: str = "43", quarter: object = None) -> bytes:
    """A respondent's form, filled in on time and right; `count` is its first figure."""
    definition = form_of(_BY_KEY[key], **({"quarter": quarter} if quarter else {}))  # type: ignore[arg-type]
    return _written(definition, count)


@cache
def _written(definition: FormDefinition, count: str) -> bytes:
    first, second, given = definition.figures
    rows = (
        (layout.FIGURES, layout.figure_key(first.area.code, first.ref), layout.THIS_QUARTER, count),
        (layout.FIGURES, layout.figure_key(second.area.code, second.ref), layout.THIS_QUARTER, "72"),
        (layout.FIGURES, layout.figure_key(given.area.code, given.ref), layout.STATUS, layout.CONFIRMED),
        (layout.SUMMARY, "T1", layout.HAPPENED, _WORDS),
        (layout.SIGN_OFF, layout.COMPLETED_BY, layout.ENTRY, "A. Lead"),
        (layout.SIGN_OFF, layout.POSITION, layout.ENTRY, "Officer"),
        (layout.SIGN_OFF, layout.DATE, layout.ENTRY, "20/10/2014"),
    )
    return write_workbook(definition, created=NOW, filled=Filled(values=rows))


def zipped(*files: tuple[str, bytes]) -> bytes:
    """A zip folder with these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name, (2014, 10, 20, 9, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def locked(data: bytes) -> bytes:
    """A zip folder whose entries say that they are encrypted."""
    changed = bytearray(data)
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found = changed.find(sign)
        while found >= 0:
            changed[found + at] |= 1
            found = changed.find(sign, found + 4)
    return bytes(changed)


def with_macros(data: bytes) -> bytes:
    """A workbook saved with macros (.xlsm)."""
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(zipfile.ZipInfo("xl/vbaProject.bin", (2014, 10, 20, 9, 0, 0)), b"macros")
    return out.getvalue()


def with_password(data: bytes) -> bytes:
    """A workbook that Excel encrypted with a password."""
    from msoffcrypto.format.ooxml import OOXMLFile

    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt("not ours", out)
    return out.getvalue()


def with_label() -> bytes:
    """A workbook that a sensitivity label encrypted: rights management, no password."""
    spaces = "\x06DataSpaces"
    return outlook.compound(
        {
            f"{spaces}/Version": "Microsoft.Container.DataSpaces".encode("utf-16-le"),
            f"{spaces}/DataSpaceMap": b"\x08\0\0\0\x01\0\0\0",
            f"{spaces}/DataSpaceInfo/DRMEncryptedDataSpace": b"\x08\0\0\0\x01\0\0\0",
            f"{spaces}/TransformInfo/DRMEncryptedTransform/\x06Primary": b"\x58\0\0\0\x01\0\0\0",
            "EncryptedPackage": b"\x00\x20" + bytes(6) + b"\x9d" * 6_000,
        }
    )


def _entity(key: str) -> bytes:
    """What lies inside a signature: the words and the form."""
    from tests.pathologies.raw import filled_in

    return filled_in(_INSIDE.replace(b"KEY", key.encode()))


def broken(winmail: bytes) -> bytes:
    """Without the mark that an attachment begins, so that nothing after it makes sense."""
    return winmail.replace(b"\x02\x02\x90\x06\x00", b"\x02\x03\x90\x06\x00", 1)


def _saved(key: str) -> bytes:
    """A message saved as an .eml file."""
    return b"Received: from mail.charnwood.example\nFrom: lead@charnwood.example\nSubject: Our return\n" + _entity(key)


_INSIDE = b"""Content-Type: multipart/mixed; boundary="----=_NextPart_inner"

------=_NextPart_inner
Content-Type: text/plain; charset="us-ascii"

Please find our return attached.

------=_NextPart_inner
Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet; name="return.xlsx"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="return.xlsx"

@@form KEY@@
------=_NextPart_inner--
"""

_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 600 + b"\xff\xd9"
_PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
_PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
_SHOWN_AS_EXCEL = (
    b"<html xmlns:x='urn:schemas-microsoft-com:office:excel'><table><tr><td>All crime</td><td>412</td></table>"
)
_CSV = b"Ref,Measure,This quarter\r\nCHARN.L1,Incidents in the town centre,43\r\nM11.1,All crime,412\r\n"
_RPMSG = b"\x76\xe8\x04\x60\xc4\x11\xe3\x86\xd0\x00\x00\x00" + b"\x5f" * 400

FILES: dict[str, Callable[[str], bytes]] = {
    "form": form,
    "old-form": lambda key: form(key, quarter=Q1),
    "other-form": lambda key: form(key, count="44"),
    "winmail": lambda key: outlook.winmail([("return.xlsx", form(key))]),
    "winmail-damaged": lambda key: broken(outlook.winmail([("return.xlsx", form(key))])),
    "winmail-empty": lambda _: outlook.winmail([]),
    "msg": lambda key: outlook.saved_message([("image001.png", _PNG), ("return.xlsx", form(key))]),
    "msg-in-msg": lambda key: outlook.saved_message([("note.pdf", _PDF)], inside=[("return.xlsx", form(key))]),
    "msg-empty": lambda _: outlook.saved_message([]),
    "signed": lambda key: signing.signed(_entity(key)),
    "signed-in-pieces": lambda key: signing.signed_in_pieces(_entity(key)),
    "signed-approval": lambda _: signing.signed(b"Content-Type: text/plain\n\nApproved\n"),
    "signature": lambda _: signing.signed(None),
    "encrypted": lambda _: signing.encrypted(),
    "rpmsg": lambda _: _RPMSG,
    "zip": lambda key: zipped(("Return Q2/return.xlsx", form(key)), ("__MACOSX/._return.xlsx", b"\0\5\x16\7x")),
    "zip-two": lambda key: zipped(("a.xlsx", form(key)), ("b.xlsx", form(key, count="44"))),
    "zip-none": lambda _: zipped(("notes.pdf", _PDF)),
    "zip-locked": lambda key: locked(zipped(("return.xlsx", form(key)))),
    "zip-bomb": lambda _: zipped(("return.xlsx", bytes(30_000_000))),
    "zip-in-zip": lambda key: zipped(("return.zip", zipped(("return.xlsx", form(key))))),
    "password": lambda key: with_password(form(key)),
    "label": lambda _: with_label(),
    "xlsm": lambda key: with_macros(form(key)),
    "xlsb": lambda key: in_binary(form(key)) if key else binary_workbook({"Figures": {(1, 1): "Ref", (2, 1): 43}}),
    "csv": lambda _: _CSV,
    "pdf": lambda _: _PDF,
    "photo": lambda _: _JPEG,
    "logo": lambda _: _PNG,
    "eml": _saved,
    "excel-html": lambda _: _SHOWN_AS_EXCEL,
}
"""Every file a message may carry, by the word that stands for it in tests/pathologies/messages, given a respondent."""
