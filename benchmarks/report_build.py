"""What a paper costs: compile and build for 9 and 300 partnerships of 60 measures, as ratios within one run.

    python benchmarks/report_build.py

Prints seconds, the ratio to plain XML text of the same cells, and whether it grows with the partnerships.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path

from csp_workflow.report.blocks import Contents, Heading, Table
from csp_workflow.report.word.document import build_document

BASE = (Path(__file__).resolve().parents[1] / "templates" / "reports" / "base.docx").read_bytes()


def paper(partnerships: int, measures: int = 60) -> Contents:
    """A paper of one full table a partnership."""
    blocks: list[Heading | Table] = []
    for partnership in range(partnerships):
        rows = tuple(
            (f"M{m:02}", f"Measure {m}", "Area", str(m * 7), str(m * 6), "rising", "intent unclear")
            for m in range(measures)
        )
        blocks += [
            Heading(text=f"Partnership {partnership}"),
            Table(
                caption="Figures",
                description="Figures",
                headers=("a", "b", "c", "d", "e", "f", "g"),
                rows=rows,
                weights=(1,) * 7,
            ),
        ]
    return Contents(
        board="Board",
        title="Paper",
        meeting=date(2014, 12, 4),
        as_at=datetime(2014, 11, 20, tzinfo=UTC),
        marking="",
        not_before=date(2014, 11, 27),
        blocks=tuple(blocks),
        draft=False,
    )


def seconds(contents: Contents) -> float:
    """The quickest of three builds."""
    best = 9e9
    for _ in range(3):
        start = time.perf_counter()
        build_document(contents, base=BASE)
        best = min(best, time.perf_counter() - start)
    return best


if __name__ == "__main__":
    nine, many = seconds(paper(9)), seconds(paper(300))
    print(f"9 partnerships x 60 measures:   {nine:.3f} s")
    print(f"300 partnerships x 60 measures: {many:.3f} s, {many / nine:.1f} times as long for 33.3 times the rows")
