"""What a paper states of each thing, apart from how it is laid out: kept when it is drafted, compared once it is out.

A statement is found again by its key, whatever the thing is called by then: a figure by series, area and period, a
reading by series and area, words by who wrote them and what they are about. What a paper left open (a return that
had not come, a figure that was not supplied) is no statement, so that what comes later adds to it and contradicts
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from csp_workflow.analysis.readings import Direction, YearReading
from csp_workflow.report.facts import ReportFacts, Row
from csp_workflow.report.pieces import list_answers, list_contributed, list_pieces
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import Figure, FigureStatus, Slot, ends_in, is_small, newest_quarter, period_of, slot_of
from csp_workflow.terms.phrases import day, number, plain_day, say_figure_period, say_value
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.year_end import is_text_of_year

WORDS, _RETURN, _STORY = "words", "return", "story"
"""How the keys of somebody's own words, of returns and of changes told begin."""

_ANSWERED = {ReturnState.NIL: "a nil return was made", ReturnState.DECLINED: "the request was declined"}


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What is stated of one thing: `what` names it to a reader; `source` is who says so and when, `note` why."""

    what: str
    said: str
    source: str = ""
    note: str = ""


Statements = Mapping[str, Statement]


@dataclass(frozen=True, kw_only=True)
class Disclosed:
    """What a paper's facts told of figures that have a rule for small numbers.

    `shown` are those it could show, by `figure_key`, and `linked` those it hid for the sake of another.
    """

    shown: Mapping[str, str] = field(default_factory=dict)
    linked: frozenset[Slot] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Report:
    """What went out to a board: a paper, or an erratum to it, with all that it stated, and what it disclosed."""

    board: str
    quarter: Quarter
    at: datetime
    statements: Statements
    disclosed: Disclosed = Disclosed()


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing as it was stated ("" for not at all) and as it stands now ("": no more)."""

    key: str
    what: str
    was: str
    now: str
    source: str = ""
    note: str = ""

    @property
    def about(self) -> str:
        """Which sort of thing it is: the first word of its key."""
        return self.key.partition(" ")[0]

    @property
    def is_words(self) -> bool:
        """Whether it is somebody's own words, which may be long."""
        return self.about == WORDS


def find_changes(was: Statements, now: Statements) -> tuple[Change, ...]:
    """What is stated otherwise now, in the order of the paper; what is stated no more comes last.

    What is not asked for any more was not taken back: nothing is said of it.
    """
    every = (key for key in dict.fromkeys((*now, *was)) if _is_looked_up(key, now))
    pairs = ((key, _given(was.get(key)), _given(now.get(key))) for key in every)
    return tuple(_change(key, one, other) for key, one, other in pairs if not _agree(one, other))


def find_otherwise(
    reports: Sequence[Report], now: Statements, quarters: Iterable[Quarter]
) -> Iterator[tuple[Report, Change]]:
    """What earlier reports stated otherwise, each thing once with the latest of them that did.

    Of those of the `quarters` what is new is told where a return had not come, and what is stated no more.
    """
    told: set[str] = set()
    for report in reversed(reports):
        is_whole = report.quarter in quarters
        for change in find_changes(report.statements, now):
            is_told = change.was and (change.now or is_whole)
            is_told = is_told or (is_whole and change.key.startswith(f"{_RETURN} {report.quarter.key}"))
            if is_told and change.key not in told:
                told.add(change.key)
                yield report, change


def _is_looked_up(key: str, now: Statements) -> bool:
    """Whether `now` would have it: empty where there is nothing to state; words are found by their return.

    A story is looked up by the next paper alone: what it rests on is stated by itself. So is a text about the year by
    the paper of that year, which states that there is none.
    """
    what, *about = key.split(" ")[:3]
    if what == _STORY:
        return False
    is_of_year = what == WORDS and is_text_of_year(key.rsplit(" ", maxsplit=1)[-1])
    return key in now or (what == WORDS and not is_of_year and " ".join((_RETURN, *about)) in now)


def _given(one: Statement | None) -> Statement | None:
    return one if one and one.said else None


def _agree(one: Statement | None, other: Statement | None) -> bool:
    return (one.said if one else "") == (other.said if other else "")


def _change(key: str, was: Statement | None, now: Statement | None) -> Change:
    named = now or was or Statement(what="", said="")
    source, note = (now.source, now.note) if now else ("", "")
    return Change(
        key=key, what=named.what, was=was.said if was else "", now=now.said if now else "", source=source, note=note
    )


# What a paper states --------------------------------------------------------------------------------


def list_statements(facts: ReportFacts) -> dict[str, Statement]:
    """All that a paper states, by key."""
    found = dict(_list_returns(facts))
    for series in facts.framework.series():
        for row in facts.rows(series) if series.kind.is_number else ():
            found.update(_list_of_row(facts, row))
    found.update(_list_words(facts))
    found.update(_list_stories(facts))
    return found


def _list_returns(facts: ReportFacts) -> Iterator[tuple[str, Statement]]:
    for respondent in (*facts.partnerships(), *facts.contributors()):
        state = facts.stands(respondent.key).state
        said = _ANSWERED.get(state, "a return was received") if state.is_in else ""
        source = _say_received(facts, respondent.key)
        yield (
            f"{_RETURN} {facts.quarter.key} {respondent.key}",
            Statement(what=f"Return of {respondent.name} for {facts.quarter.months}", said=said, source=source),
        )


def _say_received(facts: ReportFacts, respondent: str) -> str:
    """Who a return is from, and when it came or was answered."""
    stands, names = facts.stands(respondent), {r.key: r.name for r in facts.site.respondents}
    name = names.get(respondent, respondent)  # it may have left the configuration since
    when, office = stands.answered or stands.received, facts.site.office
    if stands.answered and stands.answered_by in {one.address for one in (office.co_ordinator, office.deputy) if one}:
        return f"{name}, as the Office recorded on {day(stands.answered)}"
    return f"{name}, {day(when)}" if when else name


def _list_of_row(facts: ReportFacts, row: Row) -> Iterator[tuple[str, Statement]]:
    """The figures of a row and what its newest year says; empty where there is none to give."""
    named, newest = f"{row.series.title} ({row.series.ref}), {row.area.name}", newest_quarter(row.series, facts.quarter)
    told = [(row.figure, newest), (row.before, newest.plus(-4))]
    ends = [q for one in facts.year for q in (one.quarter, one.quarter.year_ago) if ends_in(row.series, q)]
    told += [(facts.known.latest(row.series.ref, row.area.code, period_of(row.series, q)), q) for q in ends]
    for figure, quarter in told:
        said = (facts.say_hidden(figure) or say_value(figure, row.series)) if figure else ""
        source, note = _trace(facts, figure) if figure and said else ("", "")
        if figure and (is_small(figure, row.series) or figure.status is FigureStatus.SUPPRESSED):
            note = ""  # it may tell the number that is not told
        key = f"figure {row.series.ref} {row.area.code} {period_of(row.series, quarter)}"
        what = f"{named}, {say_figure_period(row.series, quarter)}"
        yield key, Statement(what=what, said=said, source=source, note=note)
    what = f"{named}, {row.year_words} against what is usual"
    key = f"year {facts.quarter.key} {row.series.ref} {row.area.code}"
    yield key, Statement(what=what, said=_say_reading(row.year))


def _say_reading(year: YearReading) -> str:
    if not year.direction.is_judged or year.now is None or year.usual is None:
        return ""
    return f"{number(year.now.value)}, usually {number(year.usual)}: {year.direction}"


def _trace(facts: ReportFacts, figure: Figure) -> tuple[str, str]:
    """Whom a figure is from, with the day; and what was noted beside it."""
    if given := facts.returned.get((slot_of(figure), figure.value)):
        return _say_received(facts, given[0]), given[1].note
    return f"{figure.provenance.source.rstrip('. ')}, as at {plain_day(figure.as_at)}", ""


def _list_words(facts: ReportFacts) -> Iterator[tuple[str, Statement]]:
    """Each piece of somebody's own words, wherever it is printed."""
    for of in facts.partnerships() if facts.year else ():
        for text in facts.framework.year_end.list_printed():
            what = f"{of.name}: {text.title}"
            yield f"{WORDS} {facts.quarter.key} {of.key} {text.ref}", Statement(what=what, said="")
    own = (piece for p in facts.partnerships() for piece in (*list_pieces(facts, p), *list_answers(facts, p)))
    for piece in (*list_contributed(facts), *own):
        respondent, ref = piece.about
        name = facts.site.respondent(respondent).name
        what = piece.heading if name in piece.heading else f"{name}: {piece.heading}"
        key = f"{WORDS} {facts.quarter.key} {respondent} {ref}"
        yield key, Statement(what=what, said=piece.text, source=_say_received(facts, respondent))


def _list_stories(facts: ReportFacts) -> Iterator[tuple[str, Statement]]:
    """What the paper tells as a change; and that it tells stories at all, so that none can be told from never."""
    quarter = facts.quarter.key
    yield f"{_STORY} {quarter}", Statement(what="", said="told")
    for row in facts.stories():
        key = f"{_STORY} {quarter} {row.series.ref} {row.area.code}"
        yield key, Statement(what="", said=str(row.year.direction))


_PLACED = 3


def find_told(reports: Sequence[Report], board: str, quarter: Quarter) -> Mapping[tuple[str, str], Direction] | None:
    """What the last paper of an earlier quarter told a board as changes, by series and area; None without one."""
    mine = [report for report in reports if report.board == board and report.quarter < quarter]
    if not mine or f"{_STORY} {mine[-1].quarter.key}" not in mine[-1].statements:
        return None
    named = ((key.split(" "), one) for key, one in mine[-1].statements.items())
    return {(key[2], key[3]): Direction(one.said) for key, one in named if key[0] == _STORY and len(key) > _PLACED}


# As it is kept -------------------------------------------------------------------------------------

_SHAPE = 3
_JUDGED_OTHERWISE = ("quarter ", "year ")
"""Keys of earlier shapes: readings that were reckoned otherwise, which those of now neither confirm nor contradict.
Shape 1 held two numbers together, and said nothing of what was disclosed; shape 2 knew nothing of how years swing."""


def dump_statements(statements: Statements, disclosed: Disclosed) -> bytes:
    """What is kept beside a paper: what each of its statements is about and says, and what it disclosed."""
    kept = {key: [one.what, one.said] for key, one in statements.items() if one.said}
    of_figures = {"shown": dict(disclosed.shown), "linked": sorted(disclosed.linked)}
    return json.dumps({"shape": _SHAPE, "statements": kept, "disclosed": of_figures}, ensure_ascii=False).encode()


def load_statements(data: bytes) -> Statements:
    """Statements as they were kept. Raises ValueError on a shape that this version does not know."""
    kept = _load(data)
    left_out = _JUDGED_OTHERWISE if kept["shape"] < _SHAPE else ()
    return {
        key: Statement(what=what, said=said)
        for key, (what, said) in kept["statements"].items()
        if not key.startswith(left_out)
    }


def load_disclosed(data: bytes) -> Disclosed:
    """What a paper disclosed; nothing is known of the first ones. Raises ValueError as above."""
    kept = _load(data).get("disclosed", {"shown": {}, "linked": ()})
    return Disclosed(shown=kept["shown"], linked=frozenset((s, area, period) for s, area, period in kept["linked"]))


def _load(data: bytes) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(data)
    if kept["shape"] not in range(1, _SHAPE + 1):
        raise ValueError(f"Statements of shape {kept['shape']} are not known to this version.")
    return kept
