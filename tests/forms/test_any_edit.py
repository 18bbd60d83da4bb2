"""Forms edited at random: what is recorded is what a person sees, or it is asked about; nothing seen is lost."""

from __future__ import annotations

import csv
import io
import random
import re
import resource
import shutil
import subprocess
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import pytest
from box_edits import BOX_EDITS, INPUTS, Box, answer_note, clear_box, colour_box, comment_box, list_boxes
from edits import BOOK_EDITS, FIGURE_EDITS, FORMULA, STATUSES, Hand, add_rule, clear, copy_sheet, find_head, strike
from form_factory import CREATED, LOCAL, joint_form
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from returning import found
from screen import Seen, count_of
from verdicts import LISTED, LOST, OF, TAKEN, VALUE, VERDICTS, WRONG, Done, Outcome

from csp_workflow.forms import layout
from csp_workflow.forms.writing import write_workbook
from csp_workflow.intake.checks.findings import Origin
from csp_workflow.intake.outcomes.merging import Sender, merge_form
from csp_workflow.intake.outcomes.settling import settle_form
from csp_workflow.terms.cells import QuickAnswer
from csp_workflow.terms.figures import MeasureKind
from csp_workflow.terms.queries import Filled, Mark
from csp_workflow.terms.returns import Entry, FigureRow, FormDefinition
from tests.opened_books import open_book
from tests.shipped_checks import CHECKS, check_form

ORIGIN = Origin(message="m", attachment="a", day=date(2014, 10, 20))
SENDER = Sender(may_change=bool, removing=())
FORMS, MANY = 56, 900
FIGURES_EDITED, BOXES_EDITED = 12, 12
"""Of one form; and the whole book besides."""
EDITS_IN_ALL, EDITS_IN_MANY = 1_300, 20_000
AT_ONCE = 12
"""So many forms are given to a process, and told of when they are done."""
SHOWN_FORMS = 20
EDITED = {edit.__name__ for edit in (*FIGURE_EDITS, *BOX_EDITS)} | {"choose_status"}
COMPARED = {"type_text", "type_number", "format_number", "format_text", "write_rich", "calculate", "nothing"}
"""Edits of which LibreOffice's list of cells tells what is seen; it tells nothing of colours and of what is struck."""

UNUSED = (layout.BACKGROUND, layout.ABOUT, layout.MAP)
"""Sheets that most of these forms come back without, since each takes its time."""

MARKS = (
    Mark(sheet=layout.FIGURES, key="E07000129 BLABHIN.L2", column=layout.THIS_QUARTER, sentence="Is it so?",
         is_fault=False, saw="We found: 21."),
    Mark(sheet=layout.SUMMARY, key="T1", column=layout.HAPPENED, sentence="Please say more.", is_fault=False),
    Mark(sheet=layout.POLICE, key="E07000129 M11", column=layout.NOTE, sentence="Why?", is_fault=False),
)  # fmt: skip


@cache
def form_of_all_kinds() -> FormDefinition:
    """The joint partnership's form with a dozen more rows: counts, costs, per cents, and shares as two counts.

    Of its summary some boxes may be answered quickly, and some ask what became of a promise.
    """
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
    quick = (QuickAnswer.NOTHING_NEW, QuickAnswer.STILL_HOLDS)
    boxes = (
        replace(box, quick=quick * (n % 2), played_back="We met monthly.", promise="Two more patrols." * (n % 3 == 0))
        for n, box in enumerate(form.summary)
    )
    return replace(form, figures=(*form.figures, *more), summary=tuple(boxes))


@cache
def filled_form(*, is_whole: bool) -> bytes:
    """The form with a figure in every box that is asked for, words in most of its summary, and who filled it in."""
    form, values = form_of_all_kinds(), []
    headers = {c.header for c in layout.figure_columns(form) if c.is_input}
    for n, row in enumerate(layout.list_own(form)):
        key = layout.figure_key(row.area.code, row.ref)
        values.append((layout.FIGURES, key, layout.THIS_QUARTER, str(21 + n)))
        values += [(layout.FIGURES, key, h, "90000") for h in headers & set(OF) if row.out_of]
    values += [(layout.SUMMARY, box.ref, layout.HAPPENED, f"What we did about {box.ref}.") for box in form.summary[::2]]
    values += [(layout.SIGN_OFF, layout.COMPLETED_BY, layout.ENTRY, "A. Lead")]
    data = write_workbook(form, created=CREATED, filled=Filled(values=tuple(values), marks=MARKS))
    if is_whole:
        return data
    book = open_book(data, rich_text=True)
    for name in UNUSED:
        del book[name]
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def play(number: int) -> tuple[bytes, list[Done], str, str]:
    """A form edited: its bytes, what was done to its boxes, to the whole book, and words put beside them."""
    dice = random.Random(number)
    book = open_book(filled_form(is_whole=not number % 8), rich_text=True)
    pages = {name: book[name] for name in INPUTS}
    on, whole = dice.choice((layout.FIGURES, *INPUTS)), dice.choice(BOOK_EDITS)
    is_first = dice.random() < 0.5
    words = whole(book, pages[on], dice) if is_first else ""
    copied = on if is_first and whole is copy_sheet else ""
    done = [
        *edit_figures(pages[layout.FIGURES], dice, is_copied=copied == layout.FIGURES, may_move=not is_first),
        *edit_boxes(pages, dice, copied),
    ]
    words = words if is_first else whole(book, pages[on], dice)
    return calculated(saved(book)), done, f"{whole.__name__}", words


def edit_figures(sheet: Worksheet, dice: random.Random, *, is_copied: bool, may_move: bool) -> Iterator[Done]:
    """Edits on a dozen rows; all others are as they were. What is on a copy of the sheet as well may not be changed."""
    rows = dict(list_rows(sheet))
    chosen = dice.sample(sorted(rows), FIGURES_EDITED)
    for n, row in sorted(rows.items()):
        key, cell = layout.figure_key(row.area.code, row.ref), sheet.cell(n, find_column(sheet, VALUE))
        if n not in chosen:
            yield Done("nothing", layout.FIGURES, key, layout.THIS_QUARTER, Seen(text=str(cell.value)))
        elif dice.random() < 0.15:
            said = dice.choice(STATUSES)
            sheet.cell(n, find_column(sheet, (layout.STATUS,))).value = said
            seen = Seen(text=said, is_doubtful=is_copied)
            yield Done("choose_status", layout.FIGURES, key, layout.STATUS, seen)
        else:
            edit = dice.choices(tuple(FIGURE_EDITS), tuple(FIGURE_EDITS.values()))[0]
            # openpyxl leaves a rule where it was when it moves the cells below it, as no spreadsheet program does.
            edit = strike if may_move and edit is add_rule else edit
            before = str(cell.value)
            seen = edit(Hand(cell, count_of(row), dice))
            seen = show_beside_copy(seen, before, is_cleared=edit is clear) if is_copied else seen
            yield Done(edit.__name__, layout.FIGURES, key, layout.THIS_QUARTER, seen)


def edit_boxes(pages: Mapping[str, Worksheet], dice: random.Random, copied: str) -> Iterator[Done]:
    """Edits on a dozen other boxes; `copied` is the sheet that stands in a copy as well."""
    for box in dice.sample(list(list_boxes(pages, dice)), BOXES_EDITED):
        edit = dice.choices(tuple(BOX_EDITS), tuple(BOX_EDITS.values()))[0]
        before = str(box.cell.value or "")
        seen = edit(box)
        seen = show_beside_copy(seen, before, is_cleared=edit is clear_box) if box.sheet == copied else seen
        yield Done(edit.__name__, box.sheet, box.key, box.header, seen)


def show_beside_copy(seen: Seen, before: str, *, is_cleared: bool) -> Seen:
    """What is seen of a box of which a copy stands: an empty one says nothing against it, another answer is asked."""
    return Seen(text=before) if is_cleared else replace(seen, is_doubtful=bool(before) and seen.text != before)


def list_rows(sheet: Worksheet) -> Iterator[tuple[int, FigureRow]]:
    """The rows that are filled in, by where they stand."""
    head = find_head(sheet)
    at = {c.value: c.column for c in sheet[head]}
    asked = {(row.area.code, row.ref): row for row in layout.list_own(form_of_all_kinds())}
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


def take(data: bytes) -> Outcome:
    """What is recorded of a form, as the first version of a return."""
    form, read = form_of_all_kinds(), found(data)
    alone = check_form(form, read, ORIGIN, before={}, checks=CHECKS, marks=MARKS)
    merged = merge_form(form, alone.seen.read, SENDER, accepted=None, base=None)
    return Outcome(form, settle_form(form, alone, merged, None, version=1, say=str))


@dataclass
class Run:
    """All verdicts by kind of edit; and what was silently wrong, or lost, or spoilt by what was done beside it."""

    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)

    def add(self, number: int) -> None:
        """Edit a form, and judge what is read of it."""
        data, done, whole, words = play(number)
        outcome = take(data)
        for one in done:
            verdict = outcome.judge(one)
            self.verdicts[one.kind, verdict] += 1
            if verdict in {WRONG, LOST} or (one.kind == "nothing" and verdict != TAKEN):
                self.bad.append(f"{number} {whole} {one.kind} {one.sheet} {one.key} {one.column} {verdict}: {one.seen}")
        is_told = outcome.tells(words)
        self.verdicts[whole, LISTED if words and is_told else TAKEN if is_told else LOST] += 1
        self.bad += [] if is_told else [f"{number} {whole}: {words}"]

    @property
    def edits(self) -> int:
        """How many boxes were edited."""
        return sum(count for (kind, _), count in self.verdicts.items() if kind in EDITED)

    def __str__(self) -> str:
        lines = (
            f"{kind:20}" + "".join(f"{self.verdicts[kind, c]:>12}" for c in VERDICTS)
            for kind in sorted({kind for kind, _ in self.verdicts})
        )
        return "\n".join((f"{'':20}" + "".join(f"{c:>12}" for c in VERDICTS), *lines))


def run(numbers: Iterable[int]) -> Run:
    """Many forms, one after another."""
    made = Run()
    for number in numbers:
        made.add(number)
    return made


def run_at_once(numbers: range, tell: Callable[[str], object]) -> Run:
    """Many forms in as many processes as there are cores; how far they are is told."""
    made, done = Run(), 0
    parts = [numbers[at : at + AT_ONCE] for at in range(0, len(numbers), AT_ONCE)]
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        for part in pool.map(run, parts):
            made.verdicts.update(part.verdicts)
            made.bad += part.bad
            done += AT_ONCE
            tell(f"{min(done, len(numbers))} of {len(numbers)} forms, {made.edits} edits, {len(made.bad)} bad")
            list(map(tell, part.bad))
    return made


@pytest.fixture(scope="module")
def ran() -> Run:
    made = run(range(FORMS))
    sys.stdout.write(f"\n{made}\n")
    return made


def test_nothing_is_recorded_that_nobody_sees_and_nothing_seen_is_lost(ran: Run) -> None:
    assert ran.edits > EDITS_IN_ALL
    assert ran.bad == []


@pytest.mark.sweep
def test_nothing_is_wrong_or_lost_in_many_forms(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        made = run_at_once(range(FORMS, MANY), lambda line: sys.stdout.write(f"\n{line}"))
        sys.stdout.write(f"\n{made}\n")
    assert made.edits > EDITS_IN_MANY
    assert made.bad == []


@pytest.mark.parametrize("edit", [comment_box, answer_note, colour_box])
def test_what_is_done_where_a_formula_of_ours_stood_is_told(edit: Callable[[Box], Seen]) -> None:
    """An empty column moves the last box to where the form that was sent said what is still to do."""
    book = open_book(filled_form(is_whole=False), rich_text=True)
    book[layout.SUMMARY].insert_cols(2)
    pages = {name: book[name] for name in INPUTS}
    box = next(one for one in list_boxes(pages, random.Random(0)) if (one.key, one.header) == ("T1", layout.NEXT))
    done = Done(edit.__name__, box.sheet, box.key, box.header, edit(box))
    assert take(saved(book)).judge(done) != LOST


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
        subprocess.run(command, check=True, capture_output=True, preexec_fn=_bound_work)
        for number in batch:
            shown = read_shown(folder.glob(f"f{number}-*.csv"))
            for one in played[number][1]:
                texts = shown[one.key]
                is_read = (one.sheet, one.column) == (layout.FIGURES, layout.THIS_QUARTER) and one.kind in COMPARED
                if is_read and bare(one.seen.text) not in map(bare, texts):
                    differing.append(f"{number} {one.kind}: {one.seen.text!r}, where LibreOffice shows {texts}")
    return differing


def _bound_work() -> None:
    """Processor time, and not time on the clock: others may be using the machine."""
    resource.setrlimit(resource.RLIMIT_CPU, (1_800, 1_800))


def read_shown(files: Iterable[Path]) -> dict[str, list[str]]:
    """What is shown of each row's figure, on whatever sheet."""
    shown: dict[str, list[str]] = defaultdict(list)
    for file in sorted(files):
        at: dict[str, int] = {}
        for line in csv.reader(io.StringIO(file.read_text("utf-8"), newline="")):
            if {"Area code", "Ref", "This quarter"} <= set(line):
                at = {header: n for n, header in enumerate(line)}
            elif at:
                shown[layout.figure_key(line[at["Area code"]], line[at["Ref"]])].append(line[at["This quarter"]])
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
