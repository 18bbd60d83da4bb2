"""What simulated people do with a letter: fill the form well or badly, ask, decline, approve, say nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from openpyxl.workbook import Workbook

from csp_workflow.rehearsal.partners import excel, files
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


# What a letter is, as its reader sees it ---------------------------------------------------------


def with_form(code: str = "") -> Callable[[Post], bool]:
    """The letter carries a form (of that code)."""
    return lambda post: any(not code or excel.form_code(data) == code for _, data in post.workbooks)


def saying(*words: str) -> Callable[[Post], bool]:
    """The subject or the text has one of these words."""
    pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
    return lambda post: bool(pattern.search(post.subject) or pattern.search(" ".join(post.text.split())))


def about(*words: str) -> Callable[[Post], bool]:
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


def _typed(person: Person, area: str, ref: str, unit: str, seen: float | None) -> float:
    """What a real quarter might bring: near the last figure where one stands beside the cell."""
    share = person.draw("figure", area, ref)
    if seen is not None:
        return seen + (2 * share - 1) * min(0.12 * seen, 1.5 * math.sqrt(seen))
    if "per cent" in unit or "%" in unit:
        return round(45 + 40 * share)
    if "£" in unit or "GBP" in unit:
        return round(20_000 + 9_000 * share)
    return round(6 + 60 * share)


def filled(
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
        return typed(_typed(person, area, ref, unit, seen) + shift)

    def status(area: str, ref: str) -> str:
        return "Provisional" if person.draw("status", area, ref) < 0.2 else "Final"

    def words(ref: str) -> str:
        return STORY.get(ref[:2], f"Work on this went on as planned with our partners ({ref}).")

    return excel.fill(data, number=number, status=status, words=words, now=now, change=change)


def _forms(person: Person, letter: Post, code: str) -> Iterator[tuple[str, bytes]]:
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
            (name, filled(person, data, now, typed=typed, shift=shift, change=change))
            for name, data in _forms(person, letter, code)
        ]
        for _ in range(times):
            yield person.says(text, *done)

    return act


def returns_two_versions(code: str = "") -> Act:
    """Attach two different versions to one message: the draft and the one meant."""

    def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
        name, data = next(_forms(person, letter, code))
        draft, final = (filled(person, data, now, shift=shift) for shift in (0, 3))
        yield person.says("Our return attached.", (f"draft {name}", draft), (name, final))

    return act


def returns_it_unchanged(code: str = "") -> Act:
    """Send the form back as it came."""

    def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
        yield person.says("As requested.", next(_forms(person, letter, code)))

    return act


def attaches(name: str, content: Callable[[], bytes], text: str = "Our figures attached.") -> Act:
    """Attach some other file."""

    def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
        yield person.says(text, (name, content()))

    return act


def attaches_a_pdf() -> Act:
    """Print the form to PDF and attach that."""
    return attaches("Quarterly return.pdf", files.printed_page)


def attaches_a_locked_workbook() -> Act:
    """Put a password on the workbook."""
    return attaches("Return protected.xlsx", files.locked_workbook, "Our return. I will ring with the password.")


def forgets_the_attachment() -> Act:
    """Write the note and forget the file."""
    return writes("Hi,\n\nPlease find attached our quarterly return.\n\nKind regards")


def writes(text: str) -> Act:
    """Reply in words only."""

    def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
        yield person.says(text)

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
        yield person.says("Our return attached.", (name, filled(person, data, now)))

    return act
