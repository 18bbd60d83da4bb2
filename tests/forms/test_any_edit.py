"""Forms edited at random: what is recorded is what a person sees, or it is asked about; nothing seen is lost."""

from __future__ import annotations

import csv
import io
import random
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from edits import BOOK_EDITS, FIGURE_EDITS, FORMULA, STATUSES, Hand, add_rule, clear, copy_sheet, find_head, strike
from form_factory import CREATED, LOCAL, joint_form
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from returning import found
from screen import Meaning, Seen, mean

from csp_workflow.forms import layout
from csp_workflow.forms.writing import write_workbook
from csp_workflow.intake.checks.findings import CheckedForm, Origin
from csp_workflow.terms.figures import MeasureKind
from csp_workflow.terms.fresh_forms import Filled
from csp_workflow.terms.returns import Entry, FigureRow, FormDefinition
from tests.shipped_checks import CHECKS, check_form

ORIGIN = Origin(message="m", attachment="a", day=date(2014, 10, 20))
FORMS, MANY = 80, 1_600
EDITS = 13
"""Of one form; of its figures, its statuses, and one of the whole book."""
EDITS_IN_ALL = 900
SHOWN_FORMS = 20
EDITED = {edit.__name__ for edit in FIGURE_EDITS} | {"choose_status"}
COMPARED = {"type_text", "type_number", "format_number", "format_text", "write_rich", "calculate", "nothing"}
"""Edits of which LibreOffice's list of cells tells what is seen; it tells nothing of colours and of what is struck."""

VALUE, OF, STATUS = ("This quarter", "How many"), ("Out of", "Out of how many"), ("Status",)
RIGHT, ASKED, NEEDLESS, WRONG, LOST = "right", "asked", "refused needlessly", "silently wrong", "lost"


@cache
def form_of_all_kinds() -> FormDefinition:
    """The joint partnership's form with a dozen more rows: counts, costs, per cents, and shares as two counts."""
    form = joint_form()
    own = [row for row in form.figures if row.entry is Entry.VALUE]
    per_cent, count = (
        next(row for row in own if row.kind is kind) for kind in (MeasureKind.PERCENT, MeasureKind.COUNT)
    )
    cost = next(row for row in own if row.kind is MeasureKind.COST)
    made = (per_cent, count, replace(cost, required=True), count, replace(per_cent, out_of="cases closed"))
    more = (
        replace(row, ref=f"BLABHIN.X{n}", title=f"{row.title} {'ABCDEFGHIJKLMNO'[n]}") for n, row in enumerate(made * 3)
    )
    assert len(LOCAL) == len(own)
    return replace(form, figures=(*form.figures, *more))


@cache
def filled_form() -> bytes:
    """The form with a figure in every box that is asked for."""
    rows = [row for row in form_of_all_kinds().figures if row.entry is Entry.VALUE]
    values = []
    for n, row in enumerate(rows):
        key = layout.figure_key(row.area.code, row.ref)
        sheet = layout.FIGURES
        how_many = layout.figure_columns(form_of_all_kinds())
        headers = {c.header for c in how_many if c.is_input}
        counted = next(h for h in ("How many", "This quarter") if h in headers) if row.out_of else "This quarter"
        values.append((sheet, key, counted, str(21 + n)))
        values += [(sheet, key, h, "90000") for h in headers & set(OF) if row.out_of]
    return write_workbook(form_of_all_kinds(), created=CREATED, filled=Filled(values=tuple(values)))


@dataclass(frozen=True)
class Done:
    """An edit as it was done: what kind, on which row and column, and what is seen there now."""

    kind: str
    row: FigureRow
    column: str
    seen: Seen


def play(number: int) -> tuple[bytes, list[Done], str, str]:
    """A form edited: its bytes, what was done to its figures, to the whole book, and words put beside them."""
    dice = random.Random(number)
    book = load_workbook(io.BytesIO(filled_form()), rich_text=True)
    sheet, whole = book[layout.FIGURES], dice.choice(BOOK_EDITS)
    is_first = dice.random() < 0.5
    words = whole(book, sheet, dice) if is_first else ""
    done = [*edit_figures(sheet, dice, is_copied=is_first and whole is copy_sheet, may_move=not is_first)]
    words = words if is_first else whole(book, sheet, dice)
    out = io.BytesIO()
    book.save(out)
    return calculated(out.getvalue()), done, whole.__name__, words


def edit_figures(sheet: Worksheet, dice: random.Random, *, is_copied: bool, may_move: bool) -> Iterator[Done]:
    """Edits on a dozen rows; all others are as they were. What is on a copy of the sheet as well may not be changed."""
    rows = dict(list_rows(sheet))
    chosen = dice.sample(sorted(rows), EDITS - 1)
    for n, row in sorted(rows.items()):
        cell = sheet.cell(n, find_column(sheet, VALUE[::-1] if row.out_of else VALUE))
        if n not in chosen:
            yield Done("nothing", row, "value", Seen(text=str(cell.value)))
        elif dice.random() < 0.15:
            said = dice.choice(STATUSES)
            sheet.cell(n, find_column(sheet, STATUS)).value = said
            yield Done("choose_status", row, "status", Seen(text=said, is_doubtful=is_copied))
        else:
            edit = dice.choices(tuple(FIGURE_EDITS), tuple(FIGURE_EDITS.values()))[0]
            # openpyxl leaves a rule where it was when it moves the cells below it, as no spreadsheet program does.
            edit = strike if may_move and edit is add_rule else edit
            before = str(cell.value)
            seen = edit(Hand(cell, count_of(row), dice))
            if is_copied:
                # An empty cell says nothing against its copy; whatever else does must be asked about.
                seen = Seen(text=before) if edit is clear else replace(seen, is_doubtful=seen.text != before)
            yield Done(edit.__name__, row, "value", seen)


def count_of(row: FigureRow) -> FigureRow:
    """A row as its count is asked, where it is a share."""
    return replace(row, kind=MeasureKind.COUNT, unit=row.out_of) if row.out_of else row


def list_rows(sheet: Worksheet) -> Iterator[tuple[int, FigureRow]]:
    """The rows that are filled in, by where they stand."""
    head = find_head(sheet)
    at = {c.value: c.column for c in sheet[head]}
    asked = {(row.area.code, row.ref): row for row in form_of_all_kinds().figures if row.entry is Entry.VALUE}
    for n in range(head + 1, sheet.max_row + 1):
        place = sheet.cell(n, at["Area code"]).value, sheet.cell(n, at["Ref"]).value
        if place in asked:
            yield n, asked[place]


def find_column(sheet: Worksheet, headers: tuple[str, ...]) -> int:
    """Where the first of some headings stands that is there at all."""
    at = {c.value: c.column for c in sheet[find_head(sheet)]}
    return next(at[header] for header in headers if header in at)


def calculated(data: bytes) -> bytes:
    """The same workbook, each number that stands for a formula made one with its result saved."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.namelist():
            content = before.read(part)
            if "worksheets/sheet" in part:
                pattern = rf"<v>{FORMULA}(\d{{4}})</v>".encode()
                content = re.sub(pattern, lambda m: b"<f>A1+B1</f><v>%d</v>" % int(m[1]), content)
            after.writestr(part, content)
    return out.getvalue()


# Verdicts ------------------------------------------------------------------------------------------


def judge(checked: CheckedForm, one: Done) -> str:
    """The verdict on one row."""
    parts, row = checked.parts, one.row
    key = layout.figure_key(row.area.code, row.ref)
    figure = next((f for f in parts.figures if (f.series, f.area) == (row.ref, row.area.code)), None)
    columns = {*VALUE, *OF, "", *(STATUS if one.column == "status" else ())}
    is_asked = any(f.key == key and f.column in columns for f in parts.findings)
    is_asked = is_asked or any(f.code == "missing-column" for f in parts.findings)
    if one.column == "status":
        return judge_status(one, figure, is_asked=is_asked)
    asked = count_of(row)
    is_count = bool(row.out_of) and "%" not in one.seen.text
    meant = None if one.seen.is_doubtful else mean(one.seen.text, asked if is_count else row)
    value = figure and (figure.count if is_count else figure.value)
    is_told = one.seen.words == "" or any(one.seen.words[:30] in text for text in list_told(checked))
    if figure is None:
        if not is_asked:
            return RIGHT if not one.seen.text.strip() and not row.required and is_told else LOST
        is_clear = meant is not None and meant.number is not None and is_possible(meant, asked)
        return NEEDLESS if is_clear else ASKED
    if not is_asked and not is_told:
        return LOST
    if meant is not None and meant.fits(value, figure.status):
        return ASKED if is_asked else RIGHT
    return ASKED if is_asked else WRONG


def list_told(checked: CheckedForm) -> list[str]:
    """All that is said back of a form, or kept of it."""
    parts = checked.parts
    kept = (*(f.note for f in parts.figures), *(n.text for n in parts.narratives), *(r.typed for r in parts.readings))
    return [*parts.remarks, *parts.unrecorded, *(f.found for f in parts.findings), *kept]


def is_possible(meant: Meaning, row: FigureRow) -> bool:
    """Whether a number is one that its row could have."""
    number = meant.number
    if number is None or number < 0:
        return False
    if row.kind is MeasureKind.PERCENT:
        return number <= 100
    return row.kind is MeasureKind.COST or number == number.to_integral_value()


def judge_status(one: Done, figure, *, is_asked: bool) -> str:
    """The verdict on what was chosen, or typed, as a status."""
    means = {words.lower(): status for words, status in layout.STATUS_MEANS.items()}
    meant = means.get(one.seen.text.strip().lower())
    if is_asked:
        return ASKED
    if figure is None:
        return LOST
    if meant is None:
        return WRONG
    return RIGHT if figure.status is meant and (meant.has_value or figure.value is None) else WRONG


@dataclass
class Run:
    """All verdicts by kind of edit; and what was silently wrong, or lost, or spoilt by what was done beside it."""

    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)

    def add(self, number: int) -> None:
        """Edit a form, and judge what is read of it."""
        data, done, whole, words = play(number)
        checked = check_form(form_of_all_kinds(), found(data), ORIGIN, before={}, checks=CHECKS)
        for one in done:
            verdict = judge(checked, one)
            self.verdicts[one.kind, verdict] += 1
            if verdict in {WRONG, LOST} or (one.kind == "nothing" and verdict != RIGHT):
                self.bad.append(f"{number} {whole} {one.kind} {one.row.kind} {verdict}: {one.seen}")
        is_told = not words or any(words in text for text in list_told(checked))
        self.verdicts[whole, RIGHT if is_told else LOST] += 1
        self.bad += [] if is_told else [f"{number} {whole}: {words}"]

    def __str__(self) -> str:
        columns = (RIGHT, ASKED, NEEDLESS, WRONG, LOST)
        lines = (
            f"{kind:20}" + "".join(f"{self.verdicts[kind, c]:>20}" for c in columns)
            for kind in sorted({kind for kind, _ in self.verdicts})
        )
        return "\n".join(("".join(f"{c:>20}" for c in ("", *columns)), *lines))


def run(numbers: range) -> Run:
    """Many forms; the table of verdicts is printed."""
    made = Run()
    for number in numbers:
        made.add(number)
    sys.stdout.write(f"\n{made}\n")
    return made


@pytest.fixture(scope="module")
def ran() -> Run:
    return run(range(FORMS))


def test_nothing_is_recorded_that_nobody_sees_and_nothing_seen_is_lost(ran: Run) -> None:
    assert sum(count for (kind, _), count in ran.verdicts.items() if kind in EDITED) > EDITS_IN_ALL
    assert ran.bad == []


@pytest.mark.sweep
def test_nothing_is_wrong_or_lost_in_many_forms() -> None:
    assert run(range(FORMS, MANY)).bad == []


# What LibreOffice shows of the same forms -------------------------------------------------------------

AS_SHOWN = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"
BATCH = 200
"""LibreOffice leaves out what is beyond 247 files of one command, and says nothing."""


def compare_with_libreoffice(numbers: range, folder: Path) -> list[str]:
    """Where LibreOffice shows another thing than we say is seen."""
    soffice = shutil.which("soffice")
    assert soffice
    played = {number: play(number) for number in numbers}
    differing = []
    for first in range(0, len(numbers), BATCH):
        batch = numbers[first : first + BATCH]
        files = [folder / f"f{number}.xlsx" for number in batch]
        for number, file in zip(batch, files, strict=True):
            file.write_bytes(played[number][0])
        command = [soffice, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", AS_SHOWN]
        command += ["--outdir", str(folder), *map(str, files)]
        subprocess.run(command, check=True, capture_output=True, timeout=900)
        for number in batch:
            shown = read_shown(folder.glob(f"f{number}-*.csv"))
            for one in played[number][1]:
                texts = shown[one.row.area.code, one.row.ref]
                is_read = one.column == "value" and one.kind in COMPARED
                if is_read and bare(one.seen.text) not in map(bare, texts):
                    differing.append(f"{number} {one.kind}: {one.seen.text!r}, where LibreOffice shows {texts}")
    return differing


def read_shown(files: Iterable[Path]) -> dict[tuple[str, str], list[str]]:
    """What is shown of each row's figure, on whatever sheet."""
    shown: dict[tuple[str, str], list[str]] = defaultdict(list)
    for file in sorted(files):
        at: dict[str, int] = {}
        for line in csv.reader(io.StringIO(file.read_text("utf-8"), newline="")):
            if {"Area code", "Ref", "This quarter"} <= set(line):
                at = {header: n for n, header in enumerate(line)}
            elif at:
                shown[line[at["Area code"]], line[at["Ref"]]].append(line[at["This quarter"]])
    return shown


def bare(text: str) -> str:
    """LibreOffice leaves out a point that nothing follows, and spaces an empty whole part."""
    return "".join(text.split()).removesuffix(".")


@pytest.mark.needs_libreoffice
def test_libreoffice_shows_what_we_say_is_seen(tmp_path: Path) -> None:
    assert compare_with_libreoffice(range(SHOWN_FORMS), tmp_path) == []


@pytest.mark.sweep
@pytest.mark.needs_libreoffice
def test_libreoffice_shows_it_in_many_forms(tmp_path: Path) -> None:
    assert compare_with_libreoffice(range(SHOWN_FORMS, MANY), tmp_path) == []
