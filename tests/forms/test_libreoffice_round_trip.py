"""A form opened and saved by another program still reads the same, and its counters count right."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from random import Random

import pytest
from form_factory import CREATED, analyst_form, contributor_form, joint_form
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from returning import figures_by_key, found, numbered

from csp_workflow.forms import layout
from csp_workflow.forms.still_to_do import is_to_do
from csp_workflow.forms.writing import write_workbook
from csp_workflow.intake.checks.findings import Origin
from csp_workflow.terms.cells import OF_OBJECTIVE, QuickAnswer
from csp_workflow.terms.comparisons import UsualRange
from csp_workflow.terms.figures import MeasureKind
from csp_workflow.terms.grants import Grant, GrantLine, find_grant
from csp_workflow.terms.queries import Filled
from tests.shipped_checks import CHECKS, check_form

pytestmark = pytest.mark.needs_libreoffice
ORIGIN = Origin(message="m", attachment="a", day=date(2014, 10, 20))
RECALCULATE = "xlsx:Calc MS Excel 2007 XML"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """LibreOffice with a profile of its own, told to calculate everything when it opens a file."""
    soffice = shutil.which("soffice")
    assert soffice, "LibreOffice is not installed"
    home = tmp_path_factory.mktemp("office")
    (home / "profile/user").mkdir(parents=True)
    (home / "profile/user/registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        '<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">'
        "<value>0</value></prop></item></oor:items>"
    )

    def convert(path: Path, to: str, *others: Path) -> Path:
        """The first of some files in another format; the others stand beside it, as it starts but once for all."""
        out = path.parent / f"{to[:4]}-{path.stem}"
        command = [soffice, f"-env:UserInstallation=file://{home}/profile", "--headless", "--convert-to", to]
        files = map(str, (path, *others))
        subprocess.run([*command, "--outdir", str(out), *files], check=True, capture_output=True, timeout=300)
        return next(out.glob(f"{path.stem}.*"))

    return convert


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    path = tmp_path_factory.mktemp("sent") / "form.xlsx"
    path.write_bytes(numbered()[1])
    return path


@pytest.mark.parametrize("way", [("xlsx",), ("ods", "xlsx"), ("xls", "xlsx")])
def test_a_form_saved_by_libreoffice_reads_the_same(office, sent, way):
    path = sent
    for step in way:
        path = office(path, step)
    before, after = found(sent.read_bytes()), found(path.read_bytes())
    assert figures_by_key(after) == figures_by_key(before)
    assert [row.named for row in after.figures] == [row.named for row in before.figures]
    assert [text.ref for text in after.summary] == [text.ref for text in before.summary]
    assert {line.ref for line in after.sign_off} == {line.ref for line in before.sign_off}
    assert {text for _, text in after.references} == {text for _, text in before.references}
    assert not after.missing_headers
    assert not after.remarks


NUMBERS = ("", "0", "5", "37", "84", "1204", "-3", "12.5")
COUNTS = ("", "0", "5", "40", "1204")
WORDS = ("", "One two", "Reports rose after the summer campaign.", "Four words\nand  two more.", "word " * 190)


def fill_by_chance(form, draw):
    """What somebody may type and choose in every box of a form."""
    for row in layout.list_own(form):
        key = layout.figure_key(row.area.code, row.ref)
        yield layout.FIGURES, key, layout.THIS_QUARTER, draw.choice(NUMBERS)
        yield layout.FIGURES, key, layout.OUT_OF, draw.choice(COUNTS) if row.out_of else ""
        yield layout.FIGURES, key, layout.STATUS, draw.choice(("", "", "Final", *layout.STATUS_MEANS, "Perhaps"))
        yield layout.FIGURES, key, layout.DROVE_IT, draw.choice(("", "", layout.DROVE_IT_CHOICES[0]))
        yield layout.FIGURES, key, layout.NOTE, draw.choice(WORDS[:3])
    for area, row in layout.list_all_rows(form):
        key = layout.figure_key(area, row.ref if row else layout.ALL)
        yield layout.POLICE, key, layout.CONFIRM, draw.choice(("", "", *layout.CONFIRM_CHOICES, "Perhaps"))
        if row and row.given:
            yield layout.POLICE, key, layout.DROVE_IT, draw.choice(("", layout.DROVE_IT_CHOICES[0]))
            yield layout.POLICE, key, layout.NOTE, draw.choice(WORDS[:3])
    for box in form.summary:
        sheet = layout.sheet_of_box(box)
        if box.promise:
            yield sheet, box.ref, layout.PROMISE_NOW, draw.choice(("", "Perhaps", *layout.PROMISE_MEANS))
        if box.quick:
            yield sheet, box.ref, layout.QUICK, draw.choice(("", "", "Perhaps", *layout.quick_choices(box)))
        yield sheet, box.ref, layout.HAPPENED, draw.choice((*WORDS, box.played_back))
    for action in form.actions:
        yield layout.ACTIONS, action.ref, layout.ANSWER, draw.choice(("", "Agreed."))
        yield layout.ACTIONS, action.ref, layout.STATUS, draw.choice(("", "Done"))
    yield layout.SIGN_OFF, layout.COMPLETED_BY, layout.ENTRY, draw.choice(("", "A. Lead"))


def fill_alike(form):
    """The same figures for every area, of every second row last quarter's too; some are explained, or outweighed."""
    refs = sorted({row.ref for row in form.figures})
    for n, row in enumerate(layout.list_own(form)):
        figure = "1204" if refs.index(row.ref) % 2 else "84"
        key = layout.figure_key(row.area.code, row.ref)
        yield layout.FIGURES, key, layout.THIS_QUARTER, "5" if row.is_counted else figure
        yield layout.FIGURES, key, layout.OUT_OF, "40" if row.out_of else ""
        yield layout.FIGURES, key, layout.STATUS, ("", "", "Provisional", "", layout.NO_FIGURE[0])[n % 5]
        yield layout.FIGURES, key, layout.NOTE, WORDS[2] if n % 4 == 3 else ""


def fill_summed(form):
    """Figures of which the last is often the sum of the others; some are explained, or left out by their Status."""
    counts = Counter(row.ref for row in layout.list_own(form))
    at = Counter()
    for row in layout.list_own(form):
        key, n, last = layout.figure_key(row.area.code, row.ref), at[row.ref], counts[row.ref] - 1
        at[row.ref] += 1
        yield layout.FIGURES, key, layout.THIS_QUARTER, str(sum(range(50, 50 + last)) if n == last else 50 + n)
        yield layout.FIGURES, key, layout.OUT_OF, "9000" if row.out_of else ""
        yield layout.FIGURES, key, layout.STATUS, layout.NO_FIGURE[0] if n == 1 and row.ref[-1] in "135" else ""
        yield layout.FIGURES, key, layout.NOTE, WORDS[2] if n == last and row.ref[-1] in "246" else ""


def granted_form():
    """A form with the money of two grants."""
    form = joint_form()
    like = next(row for row in layout.list_own(form) if row.kind is MeasureKind.COUNT)
    lines = (line for n in (1, 10) for line in Grant(ref=f"CHARN.G{n}", title="Fund", agreed=date(2014, 4, 1)).lines)
    summed = {GrantLine.UNDERSPEND: Decimal(0)}
    before = replace(GIVEN, area=like.area.code, value=Decimal(8000), period="2014/15-Q1")
    checked = {
        GrantLine.SPENT: (("spent-falls", Decimal(8000)),),
        GrantLine.FORECAST: (("grant-left", Decimal(60)),),
        GrantLine.UNDERSPEND: (("grant-over", Decimal(0)), ("underspend-unsaid", Decimal(0))),
    }
    money = (
        replace(
            like,
            ref=s.ref,
            title=s.title,
            unit=s.unit,
            kind=s.kind,
            least_summed=summed.get(line),
            previous=replace(before, series=s.ref),
            checked=checked.get(line, ()),
        )
        for line, s in lines
    )
    return replace(form, figures=(*form.figures, *money))


MONEY = ("12000", "8000", "4000", "1000", "0", "-1000", "-4000")


def fill_money(form, draw):
    """Lines of grants, some of which come to the allocation."""
    for _, lines in groupby(layout.list_grants(form), lambda row: find_grant(row.ref)):
        parts = [draw.choice(MONEY[:4]) for _ in range(3)] + [draw.choice(MONEY)]
        whole = sum(map(int, parts)) + draw.choice((0, 0, 500))
        for row, typed in zip(lines, (str(whole), *parts), strict=True):
            key = layout.figure_key(row.area.code, row.ref)
            yield layout.GRANTS, key, layout.THIS_QUARTER, typed if draw.random() > 0.05 else ""
            yield layout.GRANTS, key, layout.NOTE, draw.choice((WORDS[2], WORDS[2], ""))


ODD_MONEY = (
    ("20000", "9000", "8000", "4000", "-1000"),
    ("25000", "8000", "2000", "15000", "0"),
    ("20000", "7999.99", "8000", "4000", "0.01"),
    ("20000", "9000", "8000", "4000", "1000"),
)
"""Lines of grants of which nothing says why they are as they are."""


def fill_odd_money(form, two):
    """Each of two grants as it may be asked about."""
    for row, typed in zip(layout.list_grants(form), [line for lines in two for line in lines], strict=True):
        yield layout.GRANTS, layout.figure_key(row.area.code, row.ref), layout.THIS_QUARTER, typed


PER_CENTS = ("0.25", "0.251", "0.125", "12.5", "12.6", "100", "0", "-0.1", "0.26", "13")


def per_cent_form():
    """A form with per cents that are asked as such."""
    form = joint_form()
    before = replace(GIVEN, value=Decimal("12.5"))
    asked = (row for row in layout.list_own(form) if row.kind is MeasureKind.PERCENT)
    rows = [
        replace(
            row,
            ref=f"CHARN.L{n}",
            checked=(("factor-of-100", Decimal(50)),),
            previous=replace(before, series=f"CHARN.L{n}"),
        )
        for row in asked
        for n in range(len(PER_CENTS))
    ]
    return replace(form, figures=tuple(rows))


def fill_per_cents(form):
    """Per cents, some of which are a part of one."""
    for row, typed in zip(layout.list_own(form), PER_CENTS, strict=False):
        yield layout.FIGURES, layout.figure_key(row.area.code, row.ref), layout.THIS_QUARTER, typed


def as_checked(form):
    """A form that is checked for likeness, with figures of last quarter that may well be typed again."""
    return replace(
        form,
        figures=tuple(
            replace(
                row,
                previous=replace(
                    GIVEN,
                    series=row.ref,
                    area=row.area.code,
                    value=Decimal("12.5") if row.is_counted else Decimal(1204),
                    count=5 if row.is_counted else None,
                    base=40 if row.is_counted else None,
                ),
                least_repeated=Decimal(30),
                least_shared=Decimal(30),
                least_summed=Decimal(30),
            )
            for row in form.figures
        ),
    )


GIVEN = next(row.given for row in joint_form().figures if row.given)
LIKENESS = ("equals-last-quarter", "equals-neighbour", "other-area")
CHECKS_OF_LIKENESS = replace(
    CHECKS, every=tuple(replace(c, number=Decimal(30)) if c.rule in LIKENESS else c for c in CHECKS.every)
)


def usual_form():
    """A joint form with shares, usual ranges, promises, quick answers, a figure that has not come, the year's sheet."""
    form, usual = joint_form(), UsualRange(low=Decimal(60), high=Decimal(120), rest=Decimal(40))
    share = UsualRange(low=Decimal(20), high=Decimal(60), rest=Decimal(10), base=100)
    rows = tuple(
        replace(
            row,
            out_of="cases" if row.ref.endswith(".L1") else "",
            usual=share if row.ref.endswith(".L1") else usual if row.ref != "M14a.1" else None,
            given=None if row.ref == "M02a" else row.given,
        )
        for row in form.figures
    )
    quick = tuple(one for one in QuickAnswer if one not in OF_OBJECTIVE)
    boxes = tuple(
        replace(box, quick=quick if n % 3 else (), played_back="We met.", promise="More visits." if n % 2 else "")
        for n, box in enumerate(form.summary)
    )
    blank = replace(boxes[0], prompt="", played_back="", promise="", quick=())
    of_year = (
        *(replace(blank, ref=f"Y{n}", required=n < 3) for n in (1, 2, 3)),
        *(replace(blank, ref=f"CHARN.O{n}", quick=OF_OBJECTIVE, required=n < 4) for n in (1, 2, 3, 4)),
    )
    return replace(form, figures=rows, summary=(*boxes, *of_year))


def still_to_do(path):
    """What each row of each sheet says is still to do, by sheet and key; and what the first sheet counts."""
    book, said = load_workbook(io.BytesIO(path.read_bytes()), data_only=True), {}
    for sheet in book.worksheets:
        heads = [cell.value for cell in sheet[6]]
        if sheet.sheet_state != "visible" or layout.STILL_TO_DO not in heads or sheet.title == layout.START:
            continue
        for row in sheet.iter_rows(min_row=7):
            line = dict(zip(heads, (cell.value for cell in row), strict=False))
            key = " ".join(str(line[h]) for h in (layout.AREA_CODE, layout.REF, layout.ITEM) if line.get(h))
            if line[layout.STILL_TO_DO]:
                said[sheet.title, key] = line[layout.STILL_TO_DO]
    counts = [[cell.value for cell in row] for row in book[layout.START].iter_rows(max_col=4)]
    return said, {line[0]: line[3] for line in counts if line[3]}


@pytest.fixture(scope="module")
def by_chance(office, tmp_path_factory):
    """Forms of each kind filled by chance: the definition, the file as written, and as another program calculates."""
    home, draw, found = tmp_path_factory.mktemp("chance"), Random(11), []
    forms = [as_checked(form) for form in [usual_form()] * 5 + [contributor_form(), analyst_form(2)]]
    filled = [(form, tuple(fill_by_chance(form, draw))) for form in forms]
    filled += [(form, tuple(fill_alike(form))) for form in forms[-3:]]
    filled += [(form, tuple(fill_summed(form))) for form in [as_checked(analyst_form(4))]]
    filled += [(granted, tuple(fill_money(granted, draw))) for granted in [granted_form()] * 4]
    odd = granted_form()
    filled += [(odd, tuple(fill_odd_money(odd, two))) for two in (ODD_MONEY[:2], ODD_MONEY[2:])]
    filled += [(form, tuple(fill_per_cents(form))) for form in [per_cent_form()]]
    for n, (form, values) in enumerate(filled):
        path = home / f"form{n}.xlsx"
        path.write_bytes(write_workbook(form, created=CREATED, filled=Filled(values=values)))
        found.append((form, path))
    calculated = office(*[found[0][1], RECALCULATE, *[path for _, path in found[1:]]])
    return [(form, path, calculated.with_name(path.name)) for form, path in found]


def test_what_is_still_to_do_calculates_to_what_was_written(by_chance):
    for _, written, calculated in by_chance:
        assert still_to_do(calculated) == still_to_do(written)


MONEY_SAYS = (
    "Less than before: check, or say why", "Say what the rest is planned for", "Say why more is to be spent",
    "Say why it will not be spent", "Check: per cent as a plain number, such as 12.5",
)  # fmt: skip

ACROSS = ("Same as", "The sum", "Check: the lines")

NOT_SAID = {"pasted"}
"""What is found by looking at sentences in several boxes, of which no row can speak."""


def test_what_is_still_to_do_is_what_the_checks_ask(by_chance):
    """A row has something to do exactly where the check of what comes back finds something in that row by itself."""
    seen = set()
    for form, _, calculated in by_chance:
        said, counts = still_to_do(calculated)
        checked = check_form(form, found(calculated.read_bytes()), ORIGIN, before={}, checks=CHECKS_OF_LIKENESS)
        asked = {find_key(finding, form) for finding in checked.parts.findings if finding.code not in NOT_SAID}
        to_do = {place for place, text in said.items() if is_to_do(text)}
        assert to_do == asked
        seen |= {text for text in said.values() if text.startswith((*ACROSS, *MONEY_SAYS))}
        assert counts["Whole form"] == (f"{len(to_do)} to do" if to_do else "Ready to send")
    assert seen == {
        "Same as last quarter: check, or say why", "Same as another area: check, or say why",
        "The sum of the other areas: check, or say why", "Check: the lines do not come to the allocation", *MONEY_SAYS,
    }  # fmt: skip


def find_key(finding, form):
    police = {layout.figure_key(r.area.code, ref) for r in layout.list_police(form) for ref in (r.ref, layout.ALL)}
    sheet = layout.POLICE if finding.key in police else finding.sheet
    return sheet, finding.key


@pytest.mark.parametrize("to", [RECALCULATE, "ods", "xls"])
def test_what_another_program_saves_shows_nothing_but_what_somebody_added(office, tmp_path, to):
    form, data = numbered()
    plain, more = tmp_path / "plain.xlsx", tmp_path / "more.xlsx"
    plain.write_bytes(data)
    book = load_workbook(io.BytesIO(data))
    sheet = book[layout.FIGURES]
    sheet["A60"], sheet["C7"].fill = "All provisional", PatternFill("solid", fgColor="00B050")
    sheet["C8"].comment = Comment("Not ours", "An officer")
    sheet["C60"].value, sheet["C60"].hyperlink = "see here", "https://files.example/why.xlsx"
    book.properties.description, book.properties.keywords = "Awaiting sign-off", "draft; second"
    book.save(more)
    told = [
        check_form(form, found(office(path, to).read_bytes()), ORIGIN, before={}, checks=CHECKS).parts.unrecorded
        for path in (plain, more)
    ]
    assert told[0] == ()
    added = (
        "All provisional",
        "highlighted C7",
        "Not ours",
        "Comments: Awaiting sign-off",
        "draft",
        "files.example/why",
    )
    assert [words for words in added if not any(words in line for line in told[1])] == []
