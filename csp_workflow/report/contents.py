"""A paper's contents: the configured headings in their order, each filled by its kind, then the appendices.

The money of grants is a table with a line for each grant, as its partnership stated it. What the Office itself writes
is asked for where it belongs, and left out of the copy until it is there: the draft says what is asked; whoever puts
words in its place in Word keeps them there through every later draft.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

from csp_workflow.report import annual, page_one, quality
from csp_workflow.report.appendices import list_appendices, write_appendices
from csp_workflow.report.basis import figure_key
from csp_workflow.report.blocks import Block, Contents, Heading, Lines, Numbered, Plain, Run, Table, Text
from csp_workflow.report.contributions import write_contributions
from csp_workflow.report.edits.body import list_pieces, name_style
from csp_workflow.report.edits.keeping import DOCUMENT, read_body
from csp_workflow.report.facts import ReportFacts, list_missing
from csp_workflow.report.performance import write_performance
from csp_workflow.report.word.package import W, pack_parts, parse_part, unpack_parts, write_part
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.grants import Grant, GrantLine, say_line
from csp_workflow.terms.phrases import NOT_SUPPLIED, capital, day, joined, plain_day, plural, short_day
from csp_workflow.terms.report_form import ReportForm, ReportHeading
from csp_workflow.terms.site import Respondent, RespondentKind


def write_money(facts: ReportFacts) -> Iterator[Block]:
    """Every grant that the quarter asked about; what has not come is said so, and none is set beside another."""
    rows = [
        _write_row(facts, partnership, grant)
        for partnership in facts.partnerships()
        for grant in partnership.grants
        if grant.is_asked(facts.quarter)
    ]
    if not rows:
        yield Plain(text="No partnership was asked about a grant.")
        return
    yield Table(
        caption=f"Grant money, 1 April to {plain_day(facts.quarter.end)}",
        description="For each grant its allocation, what is spent, committed and forecast, and what may be left.",
        headers=("Partnership and grant", *(capital(line.heading) for line in GrantLine), "Why", "Certified"),
        rows=tuple(rows),
        weights=(22, 11, 11, 11, 11, 11, 13, 10),
        numeric=(1, 2, 3, 4, 5),
        note="As each partnership stated it in its return, and its budget holder certified it where a day stands. A "
        "forecast may still change.",
    )


def _write_row(facts: ReportFacts, partnership: Respondent, grant: Grant) -> tuple[Text, ...]:
    version = facts.submissions.get(partnership.key)
    given = {figure.series: figure for figure in (version.figures if version else ())}
    lines = [given.get(series.ref) for _, series in grant.lines]
    why = lines[-1].note if lines[-1] and lines[-1].value != Decimal(0) else ""
    yes = facts.stands(partnership.key).certificate if any(lines) else None
    certified = "" if not any(lines) else short_day(yes.at) if yes else "not yet"
    return (f"{partnership.name}: {grant.title}", *map(_say, lines), why, certified)


def _say(figure: Figure | None) -> Text:
    return NOT_SUPPLIED if figure is None else (Run(text=say_line(figure), figure=figure_key(figure)),)


TO_WRITE = "[To be written by the Office"
"""How a text begins in whose place the Office puts its own."""


def ask_for_text(heading: ReportHeading, parts: Iterable[str] = ("",)) -> Iterator[Plain]:
    """What stands below a heading, or each part of it, until somebody edits the draft: what is asked of its author."""
    for part in parts:
        key = "/".join(filter(None, ("to write", heading.title, part)))
        yield Plain(lead=part, text=f"{TO_WRITE}: {heading.text.strip()}]", key=key)


def find_unwritten(data: bytes, form: ReportForm) -> tuple[str, ...]:
    """The headings of a paper's Word file below which something is still to be written."""
    if not any(heading.kind.startswith("to write") for heading in form.headings):
        return ()
    return tuple(dict.fromkeys(where for where, _ in _list_unwritten(read_body(data))))


def _list_unwritten(body: Any) -> Iterator[tuple[str, Any]]:
    """What of ours is still to be written, with the heading above: whoever else writes so is quoted."""
    where = ""
    for piece in list_pieces(body):
        where = piece.text if _level(piece.holder) else where
        if name_style(piece.holder) == "Listed" and TO_WRITE in piece.text:
            yield where, piece.holder


def leave_out_unwritten(data: bytes, form: ReportForm) -> bytes:
    """The file without what is still to be written, and without a heading that nothing else stands below."""
    if not find_unwritten(data, form):
        return data
    parts = unpack_parts(data)
    root = parse_part(parts[DOCUMENT])
    body = root.find(f"{W}body")
    for _, holder in list(_list_unwritten(body)):
        holder.getparent().remove(holder)
    for one, after in list(pairwise(body)):
        if 0 < _level(after) <= _level(one):
            body.remove(one)
    return pack_parts({**parts, DOCUMENT: write_part(root)})


def _level(element: Any) -> int:
    """Of a heading, 2 below the title; 0 of anything else."""
    name = name_style(element)
    return int(name[-1]) if name.startswith("Heading") and name[-1].isdigit() else 0


def compile_contents(facts: ReportFacts, *, draft: bool = True) -> Contents:
    """Compile a board's paper from what has arrived. A return that has not come never blanks a table.

    Raises KeyError or LookupError when the config has no board, no paper or no framework for it.
    """
    return Contents(
        board=facts.board.name,
        title=facts.form.title,
        covers=_name_year(facts.quarter) if facts.year else facts.quarter.months,
        meeting=facts.paper.meeting,
        as_at=facts.as_at,
        marking=facts.form.marking if draft else facts.site.marking,
        not_before=facts.paper.papers_out,
        blocks=tuple(_write_blocks(facts)),
        draft=draft,
        version=_name_version(facts, draft=draft),
        illustrative=facts.site.illustrative,
    )


def _name_year(last: Quarter) -> str:
    return f"April {last.year} to {last.end:%B %Y}"


def _name_version(facts: ReportFacts, *, draft: bool) -> str:
    """Which draft it is; of the copy only when its data were cut."""
    paper = facts.status.papers.get(facts.paper.board)
    number = (paper.drafts if paper else 0) + 1
    return f"Draft {number}, {plain_day(facts.as_at)}" if draft else f"As at {plain_day(facts.as_at)}"


def _write_blocks(facts: ReportFacts) -> Iterator[Block]:
    for heading in facts.form.headings:
        if heading.kind in TEXT_WRITERS:
            written = tuple(TEXT_WRITERS[heading.kind](facts, heading))
        else:
            written = (*page_one.write_own_text(heading), *HEADING_WRITERS[heading.kind](facts))
        if written:
            yield Heading(text=heading.title)
            yield from written
    if facts.otherwise and not any(heading.kind == "data quality" for heading in facts.form.headings):
        yield Heading(text="What earlier papers stated otherwise")
        yield from quality.list_otherwise(facts)
    yield from annual.write_year_tables(facts) if facts.board.yearly else write_appendices(facts)


def _nothing(_: ReportFacts) -> Iterator[Block]:
    return iter(())


def _introduction(facts: ReportFacts) -> Iterator[Block]:
    covers = f"{facts.quarter.months} ({facts.quarter.label})"
    if facts.year:
        covers = f"the financial year {facts.quarter.financial_year}, {_name_year(facts.quarter)}"
    yield Numbered(
        text=f"This report covers {covers}. It shows what had been received by {day(facts.as_at)}.",
        key="introduction",
    )


def _framework(facts: ReportFacts) -> Iterator[Block]:
    """How much is asked in this year's framework, as it is configured."""
    framework = facts.framework
    counts = (
        (framework.themes, "theme"),
        (framework.priorities, "strategic priority"),
        (framework.measures, "measure"),
    )
    yield Numbered(
        text=f"The framework has {joined(plural(len(of), noun, spelt=True) for of, noun in counts)}; all are in "
        "Appendix A. It sets no numbers to be reached: this report describes the direction of travel.",
        key="framework",
    )


def _officers(facts: ReportFacts) -> Iterator[Block]:
    """Each with their own lines side by side, none of them broken where it is short: "Tel: 0116 496 0100"."""
    for first, *others in facts.form.officers:
        yield Lines(lines=(first, ", ".join(o.replace(" ", _TOGETHER) if len(o) <= _SHORT else o for o in others)))


_SHORT, _TOGETHER = 45, "\N{NO-BREAK SPACE}"


def _background(facts: ReportFacts) -> Iterator[Block]:
    """The list the proper officer confirms: what is configured, and what this paper was in fact made from."""
    came = {key for quarter in facts.year for key in quarter.submissions} or facts.submissions.keys()
    own = [r.name for r in facts.site.respondents if r.key in came and r.kind is RespondentKind.PARTNERSHIP]
    others = [r.name for r in facts.contributors() if r.key in came]
    made_from, of = (("Returns", own), ("Figures", others)), facts.quarter.label
    of = facts.quarter.financial_year if facts.year else of
    listed = (
        *facts.form.background_papers,
        *(f"{what} for {of} of: {'; '.join(names)}" for what, names in made_from if names),
    )
    yield from (Plain(text=line) for line in listed)
    if not listed:
        yield Plain(text="None.")


HEADING_WRITERS: dict[str, Callable[[ReportFacts], Iterator[Block]]] = {
    "text": _nothing,
    "framework": _framework,
    "introduction": _introduction,
    "quarter": page_one.write_quarter,
    "missing": page_one.write_missing,
    "changes": page_one.write_changes,
    "how to read": quality.explain_method,
    "performance": write_performance,
    "contributions": write_contributions,
    "not received": list_missing,
    "data quality": quality.write_data_quality,
    "background papers": _background,
    "grant money": write_money,
    "officers": _officers,
    "appendices": list_appendices,
    **annual.YEAR_WRITERS,
}
"""How each kind of heading is filled, below its own text."""

TEXT_WRITERS: dict[str, Callable[[ReportFacts, ReportHeading], Iterator[Block]]] = {
    "recommendations": page_one.write_asks,
    "to write": lambda _, heading: ask_for_text(heading),
    "to write by theme": lambda facts, heading: ask_for_text(heading, (t.title for t in facts.framework.themes)),
}
"""How a kind of heading is filled that makes something of its own text."""
