"""What simulated people do with a letter: fill the form well or badly, ask, decline, approve, say nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from openpyxl.workbook import Workbook

from csp_workflow.rehearsal.partners import excel
from csp_workflow.rehearsal.partners.mail import File, Post, Reply
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

_FILES = Path(__file__).with_name("files")
"""Files that people attach by mistake: a form printed to PDF; a workbook as Excel saves it under a password."""


# What a letter is, as its reader sees it ---------------------------------------------------------


def with_form(code: str) -> Callable[[Post], bool]:
    """The letter carries a form of that code."""
    return lambda post: any(excel.form_code(data) == code for _, data in post.workbooks)


def saying(words: str) -> Callable[[Post], bool]:
    """The subject or the text has these words."""
    return lambda post: words.lower() in f"{post.subject} {' '.join(post.text.split())}".lower()


def in_subject(word: str) -> Callable[[Post], bool]:
    """The subject has this word."""
    return lambda post: word.lower() in post.subject.lower()


# Filling ------------------------------------------------------------------------------------------


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
    typed: Typed = round,
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


def _find_form(person: Person, letter: Post, code: str) -> File:
    """The form of that code in the letter, or else in the latest one that brought it: people save their attachments."""
    posts = (letter, *reversed(person.letters))
    return next((name, data) for post in posts for name, data in post.workbooks if excel.form_code(data) == code)


# Acts ---------------------------------------------------------------------------------------------


def returns(
    code: str,
    *,
    typed: Typed = round,
    shift: int = 0,
    change: Callable[[Workbook], None] | None = None,
    times: int = 1,
) -> Act:
    """Fill the form of that code and send it back, once or more often."""

    def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
        name, data = _find_form(person, letter, code)
        done = fill_form(person, data, now, typed=typed, shift=shift, change=change)
        for _ in range(times):
            yield person.say("Please find our return attached.", (name, done))

    return act


def returns_two_versions(code: str) -> Act:
    """Attach two different versions to one message: the draft and the one meant."""

    def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
        name, data = _find_form(person, letter, code)
        draft, final = (fill_form(person, data, now, shift=shift) for shift in (0, 3))
        yield person.say("Our return attached.", (f"draft {name}", draft), (name, final))

    return act


def returns_it_unchanged(code: str, drive: dict[str, File]) -> Act:
    """Send the form back as it came, and leave it on a drive that the neighbouring councils can open."""

    def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
        drive[code] = _find_form(person, letter, code)
        yield person.say("As requested.", drive[code])

    return act


def returns_anothers(code: str, drive: dict[str, File]) -> Act:
    """Fill and send the form of another respondent, found on the drive, as one's own."""

    def act(person: Person, letter: Post, now: datetime) -> Iterable[Reply]:
        return returns_found(*drive[code])(person, letter, now)

    return act


def returns_found(name: str, data: bytes) -> Act:
    """Fill and send a form that lay in some folder, such as last quarter's."""
    return lambda person, letter, now: [person.say("Our return attached.", (name, fill_form(person, data, now)))]


def attaches_a_pdf() -> Act:
    """Print the form to PDF and attach that."""
    return _attaches("Quarterly return.pdf", "Our figures attached.")


def attaches_a_locked_workbook() -> Act:
    """Put a password on the workbook."""
    return _attaches("Return protected.xlsx", "Our return. I will ring with the password.")


def _attaches(name: str, text: str) -> Act:
    return lambda person, letter, now: [person.say(text, (name, (_FILES / name).read_bytes()))]


def writes_words(text: str) -> Act:
    """Reply in words only."""
    return lambda person, letter, now: [person.say(text)]


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


def make_own_workbook(now: datetime) -> bytes:
    """A workbook that is no form of anybody's."""
    book = Workbook()
    sheet = book.active or book.create_sheet()
    for row in (("Area", "Offences"), ("City", 512), ("County", 734)):
        sheet.append(row)
    return excel.save_book(book, now)
