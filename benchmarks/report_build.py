"""What a paper costs, each way in a process of its own: 60 measures and two native charts a partnership; and a whole
paper of this product, from figures to the Word file with its charts and the workbook beside it.

    python benchmarks/report_build.py [--slow]

Prints seconds of the processor (the quickest of three), the most memory of the process, and the size of the file,
beside python-docx's own ways to fill a table and docxtpl where it is installed. `--slow` adds python-docx's cell API.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csp_workflow.report.facts import ReportFacts

ROOT = Path(__file__).resolve().parents[1]
BASE = ROOT / "templates" / "reports" / "base.docx"
AS_AT = datetime(2014, 11, 20, tzinfo=UTC)
HEADERS = ("Ref", "Measure", "Area", "This quarter", "Last year", "Reading", "Intent")
MEASURES = 60


def rows(partnership: int) -> tuple[tuple[str, ...], ...]:
    """The same cells for every way."""
    return tuple(
        (f"M{m:02}", f"Measure {m}", f"Area {partnership}", f"{m * 7}", f"{m * 6}", "rising", "intent unclear")
        for m in range(MEASURES)
    )


def build_ours(partnerships: int, *, charts: bool = True) -> bytes:
    """A heading, a full table and two charts a partnership."""
    from csp_workflow.report.blocks import Contents, GroupChart, Heading, SeriesChart, Table
    from csp_workflow.report.word.document import build_document

    quarters = tuple(f"Q{place}" for place in range(12))
    areas = tuple(f"Area {place}" for place in range(9))
    some = tuple(Decimal(5 + place) for place in range(12))
    blocks: list[Heading | Table | SeriesChart | GroupChart] = []
    for partnership in range(partnerships):
        own = rows(partnership)
        blocks += [
            Heading(text=f"Partnership {partnership}"),
            Table(
                caption="Figures", description="Figures", headers=HEADERS, rows=own, weights=(1,) * 7, numeric=(3, 4)
            ),
        ]
        if charts:
            blocks += [
                SeriesChart(caption="Own", description="Own", name="Recorded", categories=quarters, values=some,
                            low=Decimal(6), high=Decimal(14), average=Decimal(10), outside=(0, 11), labelled=(0, 11)),
                GroupChart(caption="Group", description="Group", categories=areas, rates=some[:9], averages=some[:9],
                           lows=some[:9], highs=some[3:]),
            ]  # fmt: skip
    contents = Contents(
        board="Board",
        title="Paper",
        meeting=date(2014, 12, 4),
        as_at=AS_AT,
        marking="",
        not_before=date(2014, 11, 27),
        blocks=tuple(blocks),
        draft=False,
    )
    return build_document(contents, base=BASE.read_bytes())


def build_tables(partnerships: int) -> bytes:
    """Ours without charts."""
    return build_ours(partnerships, charts=False)


def build_whole(partnerships: int) -> bytes:
    """A paper of so many partnerships, each with 20 quarters of its police measures, a return and a request: readings,
    peers, disclosure, contents, the Word file, the workbook."""
    from csp_workflow.report.appendices import list_companion
    from csp_workflow.report.companion import build_companion
    from csp_workflow.report.contents import compile_contents
    from csp_workflow.report.disclosure import hide_figures
    from csp_workflow.report.word.document import build_document

    facts = hide_figures(gather_facts(partnerships))
    made = build_document(compile_contents(facts, draft=False), base=BASE.read_bytes())
    sheets = tuple((table.caption, table) for table in list_companion(facts))
    return made + build_companion(facts.form.title, sheets, as_at=facts.as_at)


@cache
def gather_facts(partnerships: int) -> ReportFacts:
    """What the paper is made from; made up before anything is measured."""
    from csp_workflow.rehearsal.staging import site_for
    from csp_workflow.report.facts import ReportFacts
    from csp_workflow.request.calendar import plan_quarter
    from csp_workflow.terms.comparisons import KnownFigures
    from csp_workflow.terms.dates import Quarter
    from csp_workflow.terms.figures import Figure, FigureStatus, Provenance, Route
    from csp_workflow.terms.returns import ASKED_OF_BOARD, Narrative, Submission
    from csp_workflow.terms.site import PeerGroup, RespondentKind
    from csp_workflow.terms.status import fold_cycle

    quarter, site, dice = Quarter.parse("2014/15-Q2"), site_for(ROOT / "config", partnerships=partnerships), Random(1)
    owing = [one for one in site.respondents if one.kind is RespondentKind.PARTNERSHIP]
    codes = tuple(area.code for one in owing for area in one.areas)
    groups = tuple(
        PeerGroup(key=f"g{first}", title="Chosen", version=date(2014, 4, 1), areas=codes[first : first + 15])
        for first in range(0, len(codes), 15)
    )
    origin = Provenance(source="Made up", licence="None needed")

    def figure(series: str, area: str, period: str, value: int) -> Figure:
        return Figure(series=series, area=area, period=period, as_at=date(2014, 10, 14), value=Decimal(value),
                      status=FigureStatus.FINAL, provenance=origin)  # fmt: skip

    police = [s for m in site.framework(quarter).measures if m.route is Route.POLICE for s in m.series]
    crimes = (
        figure(one.ref, code, quarter.plus(-back).key, dice.randint(80, 120) + 60 * (back < 4 and dice.random() < 0.02))
        for one in police
        for code in codes
        for back in range(20)
    )
    people = (figure("residents", code, "mid-2013", 90_000 + dice.randint(0, 90_000)) for code in codes)
    words = tuple(
        Narrative(ref=ref, text="We worked on it. " * 30, sheet="Summary", cell="C6")
        for ref in ("T1", "T2", "T3", "T4", ASKED_OF_BOARD)
    )
    returned = {
        one.key: Submission(id=one.key, quarter=quarter, respondent=one.key, sequence=1, content="c", message="m",
                            attachment="a", revision=1, received=AS_AT, sender="a@b.example", narratives=words)
        for one in owing
    }  # fmt: skip
    return ReportFacts(
        site=replace(site, peers=groups),
        quarter=quarter,
        paper=next(paper for paper in plan_quarter(quarter, site).papers if paper.board == "speb"),
        status=fold_cycle(quarter, []),
        submissions=returned,
        known=KnownFigures([*crimes, *people], AS_AT.date()),
        as_at=AS_AT,
    )


def build_cells(partnerships: int) -> bytes:
    """python-docx, `table.cell(row, column)`."""
    import docx

    document = docx.Document()
    for partnership in range(partnerships):
        document.add_heading(f"Partnership {partnership}")
        table = document.add_table(rows=MEASURES + 1, cols=len(HEADERS))
        for row, texts in enumerate((HEADERS, *rows(partnership))):
            for column, text in enumerate(texts):
                table.cell(row, column).text = text
    return saved(document)


def build_rows(partnerships: int) -> bytes:
    """python-docx, `table.add_row().cells`."""
    import docx

    document = docx.Document()
    for partnership in range(partnerships):
        document.add_heading(f"Partnership {partnership}")
        table = document.add_table(rows=0, cols=len(HEADERS))
        for texts in (HEADERS, *rows(partnership)):
            for cell, text in zip(table.add_row().cells, texts, strict=True):
                cell.text = text
    return saved(document)


def build_docxtpl(partnerships: int) -> bytes:
    """docxtpl, a template with a loop over partnerships and one over rows."""
    import docx
    from docxtpl import DocxTemplate

    template = docx.Document()
    template.add_paragraph("{%p for p in partnerships %}")
    template.add_heading("{{ p.name }}")
    table = template.add_table(rows=4, cols=len(HEADERS))
    for column, header in enumerate(HEADERS):
        table.cell(0, column).text = header
        table.cell(2, column).text = f"{{{{ row[{column}] }}}}"
    table.cell(1, 0).text, table.cell(3, 0).text = "{%tr for row in p.rows %}", "{%tr endfor %}"
    template.add_paragraph("{%p endfor %}")
    made = DocxTemplate(io.BytesIO(saved(template)))
    every = [{"name": f"Partnership {one}", "rows": rows(one)} for one in range(partnerships)]
    made.render({"partnerships": every}, autoescape=True)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


WAYS: dict[str, Callable[[int], bytes]] = {
    "a whole paper with its workbook": build_whole,
    "ours, two charts a partnership": build_ours,
    "ours, tables alone": build_tables,
    "docxtpl, tables alone": build_docxtpl,
    "python-docx rows, tables alone": build_rows,
    "python-docx cells, tables alone": build_cells,
}


def measure(way: str, partnerships: int) -> dict[str, float]:
    """The quickest of three builds in this process, and what it took."""
    best, size = 9e9, 0
    if way.startswith("a whole"):
        gather_facts(partnerships)
    for _ in range(1 if way.startswith("python-docx") else 3):
        start = time.process_time()
        size = len(WAYS[way](partnerships))
        best = min(best, time.process_time() - start)
    return {"seconds": best, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "size": size}


def list_runs(*, slow: bool) -> list[tuple[str, int]]:
    """Every way for 9 and for 300, but for what would take minutes."""
    ways = [way for way in WAYS if "docxtpl" not in way or find_spec("docxtpl")]
    runs = [(way, partnerships) for way in ways for partnerships in (9, 300)]
    return [(way, many) for way, many in runs if "cells" not in way or (slow and many == 9)]


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
        sys.exit()
    print(f"{'':34}{'partnerships':>13}{'seconds':>9}{'MB':>6}{'file, KB':>10}")
    for way, partnerships in list_runs(slow="--slow" in sys.argv):
        done = subprocess.run([sys.executable, __file__, way, str(partnerships)], check=True, capture_output=True)
        found = json.loads(done.stdout)
        print(f"{way:34}{partnerships:13}{found['seconds']:9.2f}{found['megabytes']:6.0f}{found['size'] / 1024:10.0f}")
