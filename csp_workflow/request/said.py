"""How a known figure is said on a form, with its source."""

from __future__ import annotations

import re

from csp_workflow.letters.phrases import number
from csp_workflow.terms.figures import Figure, FigureStatus, KnownFigures, Series, is_share, is_small, suppress_small

NOT_AVAILABLE = "not available"
"""What stands in a form where no figure is known."""

_QUALIFIED = {FigureStatus.PROVISIONAL, FigureStatus.ESTIMATED, FigureStatus.REVISED}


def said(figure: Figure | None, series: Series, known: KnownFigures) -> str:
    """A figure of the past in one short text: "412", "431 (revised from 412)", "fewer than 5", "not available"."""
    if figure is None:
        return NOT_AVAILABLE
    may_show = suppress_small(figure, series)
    if may_show.value is None:
        is_suppressed = may_show.status is FigureStatus.SUPPRESSED
        return (series.suppression.shown_as if is_suppressed else "") or str(may_show.status)
    texts = filter(None, (_base(figure, series), _qualified(figure, series, known)))
    remark = "; ".join(texts)
    return f"{number(figure.value)} ({remark})" if remark else number(figure.value)


def _base(figure: Figure, series: Series) -> str:
    """The number behind a share, kept together on one line."""
    return f"n\u00a0=\u00a0{number(figure.base)}" if is_share(series) and figure.base is not None else ""


def _qualified(figure: Figure, series: Series, known: KnownFigures) -> str:
    before = known.replaced(figure)
    if before and before.value is not None and not is_small(before, series):
        return f"revised from {number(before.value)}"
    return str(figure.status) if figure.status in _QUALIFIED else ""


_LICENCE_END = re.compile(r"[.\s]+$")


def short_source(source: str) -> str:
    """A source's name without what was done to it: "Home Office, police recorded crime ..." is "Home Office"."""
    name: list[str] = []
    for part in re.split(r"[:;(]", source)[0].split(", "):
        if name and not part[:1].isupper():
            break
        name.append(part.strip())
    return ", ".join(name).strip()


def source_line(figure: Figure) -> str:
    """The line that is printed with a figure: its source and licence."""
    parts = (figure.provenance.source, figure.provenance.licence)
    return " ".join(f"{_LICENCE_END.sub('', part)}." for part in parts if part.strip())
