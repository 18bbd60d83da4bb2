"""What simulated people do with a letter: fill the form well or badly, ask, decline, approve, say nothing."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from openpyxl.workbook import Workbook

from csp_workflow.rehearsal.partners import excel
from csp_workflow.rehearsal.partners.mail import Post, Reply
from csp_workflow.rehearsal.partners.people import Person

Act = Callable[[Person, Post, datetime], Iterable[Reply]]
Typed = Callable[[float], object]

STORY = {
    "T1": "Restorative work with the youth offending service continued in two schools.",
    "T2": "The outreach worker held surgeries in four villages; more people came forward than last year.",
    "T3": "Alley gates were fitted after residents' reports. Vehicle crime was discussed with the neighbourhood team.",
    "T4": "Front-line staff were briefed on the signs of exploitation.",
    "T5": "Partners share one analyst, which has saved duplicate work.",
}

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


# What a letter is, as its reader sees it ---------------------------------------------------------


def with_form(code: str = "") -> Callable[[Post], bool]:
    """The letter carries a form (of that code)."""
    return lambda post: any(not code or excel.form_code(data) == code for _, data in post.workbooks)


def saying(*words: str) -> Callable[[Post], bool]:
    """The subject or the text has one of these words."""
    pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
    return lambda post: bool(pattern.search(post.subject) or pattern.search(" ".join(post.text.split())))


def in_subject(*words: str) -> Callable[[Post], bool]:
    """The subject has one of these words."""
    pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
    return lambda post: bool(pattern.search(post.subject))


# Filling ------------------------------------------------------------------------------------------


def plain(value: float) -> object:
    """Type a number as a number."""
    return round(value)


def careless(value: float) -> object:
    """Leave one cell empty, another with an Excel error, a third with words."""
    number = round(value)
    return {0: None, 1: "#DIV/0!", 2: "see attached"}.get(number % 7, number)


def as_text(value: float) -> object:
    """Type numbers the way people do: "1,204", "c. 35", "12 (est)"."""
    number = round(value)
    return {0: f"{number:,}", 1: f" {number} ", 2: f"c. {number}", 3: f"{number} (est)"}[number % 4]


def _choose_figure(person: Person, area: str, ref: str, unit: str, seen: float | None) -> float:
    """What a real quarter might bring: near the last figure where one stands beside the cell."""
    share = person.draw("figure", area, ref)
    if seen is not None:
        return seen + (2 * share - 1) * min(0.12 * seen, 1.5 * math.sqrt(seen))
    if "per cent" in unit or "%" in unit:
        return round(45 + 40 * share)
    if "£" in unit or "GBP" in unit:
        return round(20_000 + 9_000 * share)
    return round(6 + 60 * share)


def fill_form(
    person: Person,
    data: bytes,
    now: datetime,
    *,
    typed: Typed = plain,
    shift: int = 0,
    change: Callable[[Workbook], None] | None = None,
) -> bytes:
    """A form filled in full. `shift` moves every figure, as a later version would."""

    def number(area: str, ref: str, unit: str, seen: float | None) -> object:
        return typed(_choose_figure(person, area, ref, unit, seen) + shift)

    def status(area: str, ref: str) -> str:
        return "Provisional" if person.draw("status", area, ref) < 0.2 else "Final"

    def words(ref: str) -> str:
        return STORY.get(ref[:2], f"Work on this went on as planned with our partners ({ref}).")

    return excel.fill(data, number=number, status=status, words=words, now=now, change=change)


def _find_forms(person: Person, letter: Post, code: str) -> Iterator[tuple[str, bytes]]:
    """The forms in the letter, or else in the latest one that brought any: people save their attachments."""
    for post in (letter, *reversed(person.letters)):
        found = [(name, data) for name, data in post.workbooks if not code or excel.form_code(data) == code]
        if found:
            yield from found
            return


# Acts ---------------------------------------------------------------------------------------------


def returns(
    code: str = "",
    *,
    typed: Typed = plain,
    shift: int = 0,
    change: Callable[[Workbook], None] | None = None,
    text: str = "Please find our return attached.",
    times: int = 1,
) -> Act:
    """Fill the form (or all forms in the letter) and send it back, once or more often."""

    def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
        done = [
            (name, fill_form(person, data, now, typed=typed, shift=shift, change=change))
            for name, data in _find_forms(person, letter, code)
        ]
        for _ in range(times):
            yield person.say(text, *done)

    return act


def returns_two_versions(code: str = "") -> Act:
    """Attach two different versions to one message: the draft and the one meant."""

    def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
        name, data = next(_find_forms(person, letter, code))
        draft, final = (fill_form(person, data, now, shift=shift) for shift in (0, 3))
        yield person.say("Our return attached.", (f"draft {name}", draft), (name, final))

    return act


def returns_it_unchanged(code: str = "") -> Act:
    """Send the form back as it came."""

    def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
        yield person.say("As requested.", next(_find_forms(person, letter, code)))

    return act


def attaches(name: str, content: Callable[[], bytes], text: str = "Our figures attached.") -> Act:
    """Attach some other file."""

    def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
        yield person.say(text, (name, content()))

    return act


def attaches_a_pdf() -> Act:
    """Print the form to PDF and attach that."""
    return attaches("Quarterly return.pdf", make_printed_page)


def attaches_a_locked_workbook() -> Act:
    """Put a password on the workbook."""
    return attaches("Return protected.xlsx", make_locked_workbook, "Our return. I will ring with the password.")


def forgets_the_attachment() -> Act:
    """Write the note and forget the file."""
    return writes_words("Hi,\n\nPlease find attached our quarterly return.\n\nKind regards")


def writes_words(text: str) -> Act:
    """Reply in words only."""

    def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
        yield person.say(text)

    return act


def is_away(until: str) -> Act:
    """The mail program answers by itself."""

    def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
        yield Reply(
            sender=person.address,
            name=person.name,
            subject=f"Automatic reply: {letter.subject}",
            text=f"I am out of the office until {until} and will answer on my return.",
            quoting=False,
            automatic=True,
        )

    return act


def old_form(data: bytes, name: str) -> Act:
    """Use last quarter's file, found in one's own folder."""

    def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
        yield person.say("Our return attached.", (name, fill_form(person, data, now)))

    return act


class SharedDrive:
    """A folder that several councils can open. `keep` puts a form there by its code."""

    def __init__(self) -> None:
        self._forms: dict[str, tuple[str, bytes]] = {}

    def keep(self, letter: Post) -> None:
        """Somebody saves the forms of a letter there."""
        for name, data in letter.workbooks:
            code = excel.form_code(data)
            if code:
                self._forms.setdefault(code, (name, data))

    def keeping(self, act: Act) -> Act:
        """An act whose doer saves the letter's forms on the drive first, where the neighbours see them."""

        def kept(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
            self.keep(letter)
            yield from act(person, letter, now)

        return kept

    def returns_anothers(self, code: str) -> Act:
        """Fill and send the form of another respondent, found on the drive, as one's own."""

        def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
            name, data = self._forms[code]
            yield person.say("Our return attached.", (name, fill_form(person, data, now)))

        return act


# Files that people attach by mistake --------------------------------------------------------------------


def make_printed_page() -> bytes:
    """A one-page PDF, as from "Save as PDF"."""
    content = b"BT /F1 12 Tf 72 720 Td (Quarterly return - please see figures below) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def make_own_workbook(now: datetime) -> bytes:
    """A workbook that is no form of anybody's."""
    book = Workbook()
    sheet = book.active or book.create_sheet()
    for row in (("Area", "Offences"), ("City", 512), ("County", 734)):
        sheet.append(row)
    return excel.save_book(book, now)


def make_locked_workbook() -> bytes:
    """What Excel saves under a password: an OLE container with EncryptionInfo and EncryptedPackage."""
    package = bytes((n * 89 + 7) % 256 for n in range(8 * _SECTOR))
    info = struct.pack("<HHI", 4, 4, 0x40) + b"<encryption/>".ljust(4096 - 8, b" ")
    info_sectors, package_sectors = len(info) // _SECTOR, len(package) // _SECTOR
    fat = [_FAT, _END]
    fat += _chain(2, info_sectors) + _chain(2 + info_sectors, package_sectors)
    fat += [_FREE] * (_SECTOR // 4 - len(fat))
    directory = b"".join(
        (
            _entry("Root Entry", 5, child=1, start=_END, size=0),
            _entry("EncryptionInfo", 2, right=2, start=2, size=len(info)),
            _entry("EncryptedPackage", 2, start=2 + info_sectors, size=len(package)),
            _entry("", 0, start=0, size=0),
        )
    )
    return _header() + struct.pack("<128I", *fat) + directory + info + package


def _header() -> bytes:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    return head + struct.pack("<I", 0) + struct.pack("<108I", *([_FREE] * 108))


def _chain(first: int, count: int) -> list[int]:
    return [first + n + 1 for n in range(count - 1)] + [_END]


def _entry(name: str, kind: int, *, right: int = _FREE, child: int = _FREE, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le")
    head = encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded) + 2 if name else 0, kind, 1)
    return head + struct.pack("<III", _FREE, right, child) + bytes(16 + 4 + 16) + struct.pack("<IQ", start, size)
