"""What a reader with a pencil finds in the papers of a rehearsal: `python -m tests.report.solved_rehearsal FOLDER`.

FOLDER is what `csp-workflow rehearse` left. Numbers are read from the workbooks beside the papers, which hold all that
the papers print, figures behind them from the store.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import is_share
from tests.report.paper_read import read_sheets
from tests.report.paper_told import Q2, site
from tests.report.solving import FAR, Printed

_NUMBER = re.compile(r"-?[\d,]+(?:\.\d+)?(?= |$)")
_SHARE = re.compile(r"\d+(?:\.\d+)? \(([\d,]+) of ([\d,]+)")
_VALUES = {"As printed": 0, "A year before": 4}
_YEARS = {"Twelve months": 0, "Twelve months before": 4}
"""Columns, with how many quarters back they end."""


def read_truth(folder: Path) -> dict[tuple[str, str, str], int]:
    """The figures as they are known last, by series, name of the area and period."""
    names = {area.code: area.name for r in site().respondents for area in r.areas}
    with sqlite3.connect(folder / "state" / "csp.sqlite") as store:
        rows = store.execute("select series, area, period, value from figure where value is not null order by as_at")
        return {(s, names.get(a, a), p): round(Decimal(str(v))) for s, a, p, v in rows}


def solve(folder: Path) -> Counter[str]:
    """How many figures are hidden in all papers together, and how many of them nothing else could be."""
    truth, found, printed = read_truth(folder), Counter[str](), Printed()
    series = {one.ref: one for one in site().framework(Q2).series()}
    hidden: set[tuple[str, str, str]] = set()
    for book in sorted((folder / "papers").glob("*circulation*.xlsx")):
        for row in read_sheets(book.read_bytes())["Figures"]:
            ref, area = row["Ref"], row["Area"]
            below, newest = series[ref].suppression.below, Q2.plus(-series[ref].lag_quarters)
            if is_share(series[ref]):
                found["shares that tell of too few"] += sum(_tells_few(row[cell], below) for cell in _VALUES)
                found["shares hidden"] += sum(row[cell].startswith(("fewer", "suppressed")) for cell in _VALUES)
                continue
            for column, back in _VALUES.items():
                place = ref, area, newest.plus(-back).key
                hidden |= _learn(printed, place, row[column], truth, below)
            for column, back in _YEARS.items():
                _learn_year(printed, (ref, area, newest.plus(-back)), row[column], truth)
    found["counts hidden"] = len(hidden)
    found["pinned"] = sum(printed.is_pinned(one) for one in hidden)
    return found


def _learn(
    printed: Printed, place: tuple[str, str, str], cell: str, truth: dict[tuple[str, str, str], int], below: int
) -> set[tuple[str, str, str]]:
    if place not in truth:
        return set()
    if number := _NUMBER.match(cell):
        value = round(Decimal(number[0].replace(",", "")))
        printed.learn(place, value, value, value)
        return set()
    printed.learn(place, truth[place], 0, *((below - 1,) if cell.startswith("fewer") else (FAR,)))
    return {place} if cell.startswith(("fewer", "suppressed")) else set()


def _learn_year(
    printed: Printed, place: tuple[str, str, Quarter], cell: str, truth: dict[tuple[str, str, str], int]
) -> None:
    ref, area, end = place
    quarters = [(ref, area, end.plus(-back).key) for back in range(4)]
    number = _NUMBER.match(cell)
    if number and all(quarter in truth for quarter in quarters):
        value = round(Decimal(number[0].replace(",", "")))
        for quarter in quarters:
            if quarter not in printed.ranges:
                printed.learn(quarter, truth[quarter], 0, FAR)
        year = ref, area, f"year to {end.key}"
        printed.learn(year, value, value, value)
        printed.sums.add((year, tuple(quarters)))


def _tells_few(cell: str, below: int) -> bool:
    share = _SHARE.match(cell)
    if share is None or not below:
        return bool(below and _NUMBER.match(cell))  # of how many is not said
    inside, people = (int(number.replace(",", "")) for number in share.groups())
    return min(people, inside, people - inside) < below


if __name__ == "__main__":
    for what, count in solve(Path(sys.argv[1])).items():
        sys.stdout.write(f"{what}: {count}\n")
