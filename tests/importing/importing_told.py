"""What the tests of figures from files share: a small site, and files made by hand."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from openpyxl import Workbook

from csp_workflow.forms.table import read_table
from csp_workflow.request.figures_table import Imported
from csp_workflow.request.groups_file import read_import
from csp_workflow.terms.dates import WorkingDays
from csp_workflow.terms.figures import (
    Figure,
    Framework,
    Frequency,
    Geography,
    LocalMeasure,
    Measure,
    MeasureKind,
    Polarity,
    Provenance,
    Route,
    Series,
)
from csp_workflow.terms.service import Mode
from csp_workflow.terms.site import (
    Area,
    Contact,
    Limits,
    Office,
    Offsets,
    Respondent,
    RespondentKind,
    Role,
    SendingWindow,
    Site,
)

_WRITTEN = (
    "series",
    "area",
    "period",
    "as_at",
    "value",
    "numerator",
    "base",
    "status",
    "source",
    "licence",
    "illustrative",
    "note",
)
TODAY = date(2014, 10, 14)
AREAS = (
    Area(code="E22000164", name="Blaby"),
    Area(code="E22000167", name="Hinckley and Bosworth"),
    Area(code="E22000168", name="Leicester"),
    Area(code="E06000016", name="Leicester", geography=Geography.UPPER_TIER),
    Area(code="E23000021", name="The force area", geography=Geography.FORCE),
)


def series(ref: str, title: str, **changes: Any) -> Series:
    values: dict[str, Any] = {
        "ref": ref,
        "measure": ref.partition(".")[0],
        "title": title,
        "unit": "offences",
        "kind": MeasureKind.COUNT,
        "polarity": Polarity.FALL,
        "geography": Geography.AREA,
        "frequency": Frequency.QUARTERLY,
        "owner": "force-analyst",
    }
    return Series(**(values | changes))


def measure(*counted: Series) -> Measure:
    return Measure(
        ref=counted[0].measure,
        priority=1,
        wording="Wording",
        kind=counted[0].kind,
        polarity=Polarity.FALL,
        route=Route.POLICE,
        owner="force-analyst",
        definition="",
        definition_from=date(2014, 4, 1),
        open_question="",
        series=counted,
    )


SHARE = {"kind": MeasureKind.PERCENT, "unit": "per cent of adults", "geography": Geography.UPPER_TIER}
SITE = Site(
    office=Office(
        name="Office",
        co_ordinator=Contact(name="Co-ordinator", role=Role.LEAD, address="coordinator@opcc.example"),
        deputy=None,
        secretariat=(),
        mailbox="returns@opcc.example",
        phone="",
    ),
    respondents=(
        Respondent(
            key="all",
            code="ALL",
            name="All",
            kind=RespondentKind.PARTNERSHIP,
            areas=AREAS,
            contacts=(),
        ),
    ),
    frameworks=(
        Framework(
            year="2014/15",
            title="The Plan",
            themes=(),
            priorities=(),
            measures=(
                measure(series("M11", "All crime")),
                measure(series("M12a", "Domestic burglary")),
                measure(series("M14a.1", "Theft from motor vehicle"), series("M14a.2", "Theft of motor vehicle")),
                measure(series("M03a.1", "Successful completions", **SHARE)),
                measure(series("M17b", "Police cost", kind=MeasureKind.COST, unit="pounds", geography=Geography.FORCE)),
                measure(series("M03e", "Late night levy", kind=MeasureKind.MILESTONE)),
            ),
            local_measures=(
                LocalMeasure(
                    respondent="all",
                    area="E22000164",
                    series=series("BLAB.L1", "Cases opened"),
                    definition="",
                    priorities=(),
                    agreed=date(2014, 4, 1),
                ),
            ),
        ),
    ),
    boards=(),
    meetings=(),
    working_days=WorkingDays(frozenset(), 2013, 2020),
    offsets=Offsets(
        extract_request=1, extract_due=10, open=11, due=20, close=25, drafting=3, clearance=2, due_time=time(17)
    ),
    ladder=(),
    window=SendingWindow(opens=time(8), closes=time(17)),
    limits=Limits(),
    mode=Mode.REHEARSAL,
    marking="",
    approval_phrases=(),
    nil_phrases=("nil",),
    decline_phrases=("decline",),
    report_forms=(),
)


@dataclass
class Told:
    """An import as its report tells it."""

    found: Imported

    @property
    def values(self) -> list[tuple[str, str, str, str | None]]:
        return [(f.series, f.area, f.period, None if f.value is None else str(f.value)) for f in self.found.figures]

    @property
    def refused(self) -> list[tuple[int, str, str]]:
        return [(r.row, r.column, r.sentence) for r in self.found.refused]


def load(data: bytes, name: str = "figures.csv", as_at: date = TODAY) -> Told:
    return Told(read_import(read_table(data), file(name), site=SITE, as_at=as_at))


def file(name: str = "figures.csv", content: str = "f" * 64) -> Provenance:
    return Provenance(source=name, attachment=content)


def lines(*rows: str) -> Told:
    return load("\n".join(rows).encode())


def one(value: str = "412", *, series: str = "M11", area: str = "E22000164", period: str = "2014/15-Q2", **others: str):
    """A file of one row, with more columns as given."""
    names = ["series", "area", "period", "value", *others]
    cells = [series, area, period, value, *others.values()]
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    return lines(",".join(names), quoted)


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rewritten(book: bytes, old: bytes = b"", new: bytes = b"", *, more: tuple[tuple[str, bytes], ...] = ()) -> bytes:
    """The same workbook with some bytes of its parts replaced and `more` parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            part = before.read(name)
            after.writestr(name, part.replace(old, new) if old else part)
        for name, part in more:
            after.writestr(name, part)
    return out.getvalue()


def as_csv(figures: Iterable[Figure]) -> bytes:
    """Figures as a file that `read_figures` takes whole."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_WRITTEN)
    for f in figures:
        origin = f.provenance
        counted = ("" if f.value is None else f"{f.value:f}", f.count, f.base, f.status.value)
        words = (origin.source, origin.licence, "yes" if origin.illustrative else "no", f.note)
        writer.writerow((f.series, f.area, f.period, f.as_at.isoformat(), *counted, *words))
    return out.getvalue().encode()
