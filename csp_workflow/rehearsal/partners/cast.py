"""Who plays in the rehearsal, and what each of them will do. Codes are those on the forms.

Among them: on time and right; numbers as text; a sorted table; an inserted row; last quarter's form;
another partnership's form; an unchanged form; a PDF; no attachment; a password; a stranger; twice the
same; two different versions; late after two reminders; out-of-office; a question; nil; declined; an
approval "subject to"; silence; a lead who is away with a date; a chair whose address is dead.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from openpyxl.workbook import Workbook

from csp_workflow.rehearsal.beside import begin
from csp_workflow.rehearsal.partners import excel, summaries
from csp_workflow.rehearsal.partners.mail import File, Post, Reply, Sending, write_message
from csp_workflow.rehearsal.partners.people import Luck, Person, Turn

Act = Callable[[Person, Post, datetime], Iterable[Reply]]
Typed = Callable[[float], object]
Share = Callable[[int, int], dict[str, object]]

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


def as_two_counts(many: int, out_of: int) -> dict[str, object]:
    """Fill in both boxes of a share, as they are asked."""
    return {excel.HOW_MANY: many, excel.OUT_OF: out_of}


def in_one_box(many: int, out_of: int) -> dict[str, object]:
    """Write both counts of a share into one box."""
    return {excel.FIGURES_HEADER: f"{many} of {out_of}"}


def with_n_in_the_note(many: int, out_of: int) -> dict[str, object]:
    """Reckon the per cent oneself, and put the number behind it where it was asked for in other years."""
    return {excel.FIGURES_HEADER: f"{round(100 * many / out_of, 1)}%", excel.WHY: f"n = {out_of}"}


def _choose_figure(luck: Luck, area: str, ref: str, unit: str, seen: float | None) -> float:
    """What a real quarter might bring: near the earlier figures where some stand beside the cell."""
    share = luck.draw("figure", area, ref)
    if seen is not None and ("per cent" in unit or "%" in unit):
        return min(max(seen + (2 * share - 1) * 4, 0), 100)
    if seen is not None:
        return seen + (2 * share - 1) * min(0.12 * seen, 1.5 * math.sqrt(seen))
    if "per cent" in unit or "%" in unit:
        return round(45 + 40 * share)
    if "£" in unit or "GBP" in unit:
        return round(20_000 + 9_000 * share)
    return round(6 + 60 * share)


def fill_form(
    luck: Luck,
    data: bytes,
    now: datetime,
    *,
    typed: Typed = round,
    told: Share = as_two_counts,
    shift: int = 0,
    change: Callable[[Workbook], None] | None = None,
) -> bytes:
    """A form filled in full. `shift` moves every figure, as a later version would."""

    def number(area: str, ref: str, unit: str, seen: float | None) -> object:
        return typed(_choose_figure(luck, area, ref, unit, seen) + shift)

    def share(area: str, ref: str, per_cent: object, before: int | None) -> dict[str, object]:
        if not isinstance(per_cent, int | float):
            return {excel.HOW_MANY: per_cent}
        out_of = round((before or 150) * (0.9 + 0.2 * luck.draw("out of", area, ref))) or 1
        return told(min(round(out_of * per_cent / 100), out_of), out_of)

    def status(area: str, ref: str) -> str:
        return "Provisional" if luck.draw("status", area, ref) < 0.2 else "Final"

    def words(ref: str) -> str:
        return summaries.tell(luck, code, ref)

    def explain(area: str, ref: str) -> str:
        return summaries.explain_change(code, ref)

    code = excel.form_code(data)
    return excel.fill(
        data,
        number=number,
        share=share,
        status=status,
        words=words,
        now=now,
        explain=explain,
        change=change,
    )


def _find_form(person: Person, letter: Post, code: str) -> File:
    """The form of that code in the letter, or else in the latest one that brought it: people save their attachments."""
    posts = (letter, *reversed(person.letters))
    return next((name, data) for post in posts for name, data in post.workbooks if excel.form_code(data) == code)


# Acts ---------------------------------------------------------------------------------------------


def returns(
    code: str,
    *,
    typed: Typed = round,
    told: Share = as_two_counts,
    shift: int = 0,
    change: Callable[[Workbook], None] | None = None,
    times: int = 1,
) -> Act:
    """Fill the form of that code and send it back, once or more often."""

    def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
        name, data = _find_form(person, letter, code)
        done = begin(fill_form, person.luck, data, now, typed=typed, told=told, shift=shift, change=change)
        for _ in range(times):
            yield person.say("Please find our return attached.", (name, done))

    return act


def _sort_and_dispute(book: Workbook) -> None:
    """Sort the table, and dispute a figure of the force's."""
    excel.sort_by_ref(book)
    excel.dispute(book, ref="M12a", why="Four of these were sheds, not dwellings, by the beat team's list.")


def returns_two_versions(code: str) -> Act:
    """Attach two different versions to one message: the draft and the one meant."""

    def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
        name, data = _find_form(person, letter, code)
        draft, final = (begin(fill_form, person.luck, data, now, shift=shift) for shift in (0, 3))
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
    return lambda person, letter, now: [
        person.say("Our return attached.", (name, begin(fill_form, person.luck, data, now)))
    ]


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


# Who does what, and when ----------------------------------------------------------------------------

_AT_ONCE = timedelta()


def _hours(n: float) -> timedelta:
    return timedelta(hours=n)


def _days(n: float, hours: float = 0) -> timedelta:
    return timedelta(days=n, hours=hours)


def plan_plainly(code: str) -> list[Turn]:
    """What everybody does who is not named here, and the force's analyst."""
    return [Turn(with_form(code), returns(code), _days(4, 1), "returned its form, filled in")]


def plan_lead(code: str, *, old: File | None, drive: dict[str, File]) -> list[Turn]:
    """What the officer does who fills a partnership's form. `old` is last quarter's, if it lies about.

    `drive` is what several councils can open: forms by their codes.
    """
    form, subject = with_form(code), in_subject(code)
    plans = {
        "LEIC": [
            Turn(form, returns(code, times=2), _days(2), "returned its form on time and right, and then once more")
        ],
        "BLHB": [
            Turn(
                form, returns(code, typed=as_text), _days(5), "typed its figures as text ('1,204', 'c. 35', '12 (est)')"
            )
        ],
        "CHARN": [
            Turn(
                form,
                writes_words("Hi,\n\nPlease find attached our quarterly return.\n\nKind regards"),
                _days(3),
                "forgot the attachment",
            ),
            Turn(
                subject,
                returns(code, change=_sort_and_dispute),
                _hours(5),
                "returned a sorted table, and disputed a police figure",
            ),
        ],
        "HARB": [
            *([Turn(form, returns_found(*old), _days(4), "returned last quarter's form")] if old else []),
            Turn(subject, returns(code), _hours(20), "returned the right form"),
        ],
        "MELT": [
            Turn(form, returns_two_versions(code), _days(6), "attached two different versions"),
            Turn(subject, returns(code, shift=3), _hours(18), "sent the version that was meant"),
        ],
        "NWL": _return_it_unchanged_first(code, drive),
        "OADW": _be_away_and_late(code),
        "RUTL": [
            Turn(form, returns_anothers("NWL", drive), _days(5, 4), "returned another partnership's form"),
            Turn(subject, returns(code), _days(2), "returned its own form"),
        ],
    }
    return plans.get(code) or plan_plainly(code)


def _return_it_unchanged_first(code: str, drive: dict[str, File]) -> list[Turn]:
    knows = writes_words("The new chair takes up office in January. Please write to me until then.")
    inserted = returns(code, change=excel.insert_a_row)
    return [
        Turn(saying("who should we write to"), knows, _hours(4), "was asked who to write to, and answered"),
        Turn(with_form(code), returns_it_unchanged(code, drive), _days(3, 2), "returned the form unchanged"),
        Turn(saying("nothing filled in"), inserted, _days(1), "returned the form with a row of its own inserted"),
    ]


def _be_away_and_late(code: str) -> list[Turn]:
    away, locked = is_away("Monday 27 October 2014"), "answered after its reminders, with a password on the workbook"
    return [
        Turn(with_form(code), away, _AT_ONCE, "was away: the mail program answered, naming a day"),
        Turn(in_subject(code), attaches_a_locked_workbook(), _hours(3), locked, skip=1),
        Turn(in_subject(code), returns(code), _hours(26), "returned its form, late"),
    ]


def plan_chair(code: str, *, plainly: bool = False) -> list[Turn]:
    """What a chair does: approves; unless they do so plainly two of them are away first, or attach a condition."""
    asked = saying("reply to this letter with the word")
    condition = "Approved subject to the burglary figure being checked with the force."
    first = {
        "BLHB": [Turn(in_subject(""), is_away("Monday 20 October 2014"), _AT_ONCE, "answered out of office")],
        "CHARN": [Turn(asked, writes_words(condition), _hours(20), "approved 'subject to' a check")],
    }
    approve = Turn(asked, writes_words("APPROVED\n\nThank you."), _hours(22), "approved")
    return [*([] if plainly else first.get(code, [])), approve, approve, approve]


def plan_contributor(code: str) -> list[Turn]:
    """What a body does that owns figures the partnerships do not."""
    form, subject = with_form(code), in_subject(code)
    question = (
        "Should we count people who moved into the county during treatment? Please advise before we fill this in."
    )
    nil = "Nil return\n\nWe have nothing to report this quarter."
    decline = "We decline\n\nThe group did not meet this quarter."
    plans = {
        "PUBH": [
            Turn(form, writes_words(question), _days(1), "asked a question"),
            Turn(
                subject,
                returns(code, told=in_one_box),
                _days(3),
                "returned its form, both counts of each share in one box",
                skip=1,
            ),
        ],
        "FAMILY": [
            Turn(form, attaches_a_pdf(), _days(2), "returned a PDF"),
            Turn(
                subject,
                returns(code, told=with_n_in_the_note),
                _days(1),
                "returned its form, per cents with the n in the last column",
            ),
        ],
        "YOS": [
            Turn(form, returns(code, typed=careless), _days(2), "left cells empty or wrong"),
            Turn(form, returns(code), _hours(20), "mended the marked cells in the fresh form"),
        ],
        "LSCB": [Turn(form, writes_words(nil), _days(2), "made a nil return")],
        "MHPG": [Turn(form, writes_words(decline), _days(3), "declined")],
        "HATE": [],
    }
    return plans.get(code, plan_plainly(code))


def write_as_stranger(*, office: str, at: datetime, seed: int) -> Sending:
    """Somebody nobody knows sends in a workbook of their own."""
    reply = Reply(
        sender="helper@consultancy.example",
        name="A Consultant",
        subject="Community safety figures",
        text="Please find figures for the quarter attached. Could you confirm which areas have not replied yet?",
        files=(("figures.xlsx", make_own_workbook(at)),),
    )
    write = partial(write_message, reply, to=office, at=at, number=zlib.crc32(f"{seed}:stranger".encode()))
    return Sending(at=at, write=write, told="whom nobody knows, sent in a workbook and asked who had not replied")
