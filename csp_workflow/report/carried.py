"""What goes over from one year into the next, what ended, and what changes: by the configuration and by what was said.

Nothing is decided here: what nobody has settled is listed as to be decided, so that a year does not begin in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from csp_workflow.report.blocks import Block, Numbered, Run, Table
from csp_workflow.report.facts import ReportFacts
from csp_workflow.terms.cells import QuickAnswer
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.figures import Break, Framework, Measure, Objective
from csp_workflow.terms.phrases import capital, joined, plain_day, plural, short_day
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.site import Respondent, RespondentKind, Site


class Fate(StrEnum):
    """What becomes of something at the turn of a year."""

    GOES_ON = "goes on"
    CHANGES = "changes"
    NEW = "new"
    ENDED = "ended"
    OPEN = "to be decided"


@dataclass(frozen=True, kw_only=True)
class Carried:
    """One thing at the turn of a year: what it is (`kind`), whose (a name, "" for the Plan), and why so.

    `is_said`: its partnership ended it with the year's account, and the configuration does not say so yet.
    """

    kind: str
    whose: str
    ref: str
    what: str
    fate: Fate
    why: str = ""
    respondent: str = ""
    is_said: bool = False


@dataclass(frozen=True, kw_only=True)
class YearTurn:
    """A year that ends with `last`, what was returned in its last quarter, and the site as it is known on a day."""

    site: Site
    last: Quarter
    submissions: Mapping[str, Submission]
    day: date

    @property
    def ends(self) -> Framework:
        """The framework of the year that ends. Raises KeyError when there is none."""
        return self.site.framework(self.last)

    @property
    def begins(self) -> Framework | None:
        """That of the next year, None while there is none."""
        year = self.last.plus(1).financial_year
        return next((one for one in self.site.frameworks if one.year == year), None)

    @property
    def start(self) -> date:
        """The first day of the next year."""
        return self.last.plus(1).start


def list_turn(turn: YearTurn) -> tuple[Carried, ...]:
    """All that goes over, changes, is new, ended or is to be decided, kind by kind."""
    return (
        *_turn_partnerships(turn),
        *_turn_measures(turn),
        *_turn_local_measures(turn),
        *_turn_objectives(turn),
        *_turn_actions(turn),
        *_turn_promises(turn),
    )


def _list_partnerships(turn: YearTurn) -> list[Respondent]:
    """Those that served in the year, or begin with the next."""
    first = Quarter(turn.last.year, 1).start
    every = (r for r in turn.site.respondents if r.kind is RespondentKind.PARTNERSHIP)
    return [r for r in every if r.valid_to >= first and r.valid_from <= turn.start]


def _turn_partnerships(turn: YearTurn) -> Iterator[Carried]:
    every = _list_partnerships(turn)
    for one in every:
        heir = next((r for r in every if one.key in r.predecessors), None)
        if one.valid_to < turn.start:
            why = f"until {plain_day(one.valid_to)}{f'; {heir.name} took over its work' if heir else ''}"
            yield _of(one, "partnership", one.code, one.name, Fate.ENDED, why)
        elif one.valid_from > Quarter(turn.last.year, 1).start:
            names = joined(r.name for r in turn.site.respondents if r.key in one.predecessors)
            why = f"since {plain_day(one.valid_from)}{f', in the place of {names}' if names else ''}"
            yield _of(one, "partnership", one.code, one.name, Fate.NEW, why)
        else:
            yield _of(one, "partnership", one.code, one.name, Fate.GOES_ON)


def _of(whose: Respondent, kind: str, ref: str, what: str, fate: Fate, why: str = "") -> Carried:
    return Carried(kind=kind, whose=whose.name, ref=ref, what=what, fate=fate, why=why, respondent=whose.key)


# The Plan's measures ---------------------------------------------------------------------------------


def _turn_measures(turn: YearTurn) -> Iterator[Carried]:
    now, later = turn.ends, turn.begins
    after = {m.ref: m for m in later.measures} if later else {}
    for one in now.measures:
        fate, why = _compare(one, after.get(one.ref), turn) if later else (Fate.GOES_ON, _NO_FRAMEWORK)
        yield Carried(kind="measure", whose="", ref=one.ref, what=one.wording, fate=fate, why=why)
        asked = after.get(one.ref, one)
        if asked.open_question:
            what = f"{one.ref}: {asked.open_question}"
            yield Carried(kind="open question", whose="", ref=one.ref, what=what, fate=Fate.OPEN)
    known = {m.ref for m in now.measures}
    for one in later.measures if later else ():
        if one.ref not in known:
            yield Carried(kind="measure", whose="", ref=one.ref, what=one.wording, fate=Fate.NEW)


_NO_FRAMEWORK = "as long as no framework for the next year says otherwise"


def _compare(was: Measure, now: Measure | None, turn: YearTurn) -> tuple[Fate, str]:
    """What becomes of a measure, with what is otherwise about it."""
    if now is None:
        return Fate.ENDED, "not in the framework of the next year"
    changed = [name for name in ("wording", "definition", "owner", "route", "priority") if _differs(was, now, name)]
    old, new = ({s.ref: s for s in m.series} for m in (was, now))
    said = [f"its {name}" for name in changed]
    said += [f"{ref} is no longer counted" for ref in old.keys() - new.keys()]
    said += [f"{ref} is counted too" for ref in sorted(new.keys() - old.keys())]
    for ref in sorted(old.keys() & new.keys()):
        if reason := _find_break(new[ref].broken, turn):
            said.append(f"{ref} is counted otherwise: {reason}")
        else:
            names = ("unit", "geography", "frequency", "polarity")
            said += [f"{ref}: its {name}" for name in names if _differs(old[ref], new[ref], name)]
    return (Fate.CHANGES, "; ".join(said)) if said else (Fate.GOES_ON, "")


def _differs(one: object, other: object, name: str) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


def _find_break(broken: Break | None, turn: YearTurn) -> str:
    """Since when, and why, something is counted otherwise in the next year; "" where it is not."""
    if broken is None or not turn.start <= broken.day <= turn.last.plus(4).end:
        return ""
    return f"{broken.reason.rstrip('.')}, from {plain_day(broken.day)}"


# What partnerships count, aim at and promised -------------------------------------------------------------


def _serving(turn: YearTurn) -> Iterator[Respondent]:
    return (one for one in _list_partnerships(turn) if one.valid_to >= turn.start)


def _turn_local_measures(turn: YearTurn) -> Iterator[Carried]:
    owned = {one.respondent: one.respondent for one in turn.ends.local_measures}
    names = {r.key: r.name for r in turn.site.respondents if r.key in owned}
    for one in turn.ends.local_measures:
        heirs = [r for r in _serving(turn) if r.follows(one.respondent) and one.area in {a.code for a in r.areas}]
        whose = heirs[0] if heirs else turn.site.respondent(one.respondent)
        taken = f"taken over from {names[one.respondent]}" if whose.key != one.respondent else ""
        if one.valid_to < turn.start:
            fate, why = Fate.ENDED, f"agreed until {plain_day(one.valid_to)}"
        elif not heirs:
            fate, why = Fate.ENDED, "nobody serves its area any more"
        elif reason := _find_break(one.series.broken, turn):
            fate, why = Fate.CHANGES, reason
        else:
            fate, why = Fate.GOES_ON, taken or f"agreed on {plain_day(one.agreed)}"
        yield _of(whose, "local measure", one.series.ref, one.series.title, fate, why)


def _turn_objectives(turn: YearTurn) -> Iterator[Carried]:
    for one in turn.ends.objectives:
        heirs = [r for r in _serving(turn) if r.follows(one.respondent)]
        for whose in heirs or [turn.site.respondent(one.respondent)]:
            fate, why = _settle_objective(turn, one, whose, is_served=bool(heirs))
            said = _of(whose, "objective", one.ref, one.wording, fate, why)
            yield replace(said, is_said=why in _SAID_ENDS.values())


_SAID_ENDS = {QuickAnswer.REACHED: "the partnership says it was reached", QuickAnswer.ENDS: "the partnership ends it"}


def _settle_objective(turn: YearTurn, one: Objective, of: Respondent, *, is_served: bool) -> tuple[Fate, str]:
    """What its partnership said with the year's account counts; without a word it is to be decided."""
    if one.valid_to < turn.start:
        return Fate.ENDED, f"agreed until {plain_day(one.valid_to)}"
    if not is_served:
        return Fate.ENDED, "its partnership ended, and nobody took over"
    submission = turn.submissions.get(of.key)
    said = next((n for n in submission.narratives if n.ref == one.ref), None) if submission else None
    if said is not None and said.answer in _SAID_ENDS:
        return Fate.ENDED, _SAID_ENDS[said.answer]
    if said is not None and said.answer is QuickAnswer.GOES_ON:
        return Fate.GOES_ON, "confirmed by the partnership"
    return Fate.OPEN, "the partnership has not said whether it goes on"


def _turn_actions(turn: YearTurn) -> Iterator[Carried]:
    names = {r.key: r for r in turn.site.respondents}
    for action in turn.site.actions:
        if action.asked <= turn.day and action.closed is None:
            asked = names.get(action.respondent)
            heir = next((r for r in _serving(turn) if asked and r.follows(asked.key)), asked)
            board = turn.site.board(action.board).name
            why = f"asked by the {board} on {short_day(action.asked)}, due {short_day(action.due)}"
            name, key = (heir.name, heir.key) if heir else (action.respondent, "")
            yield Carried(
                kind="action",
                whose=name,
                ref=action.ref,
                what=action.wording,
                fate=Fate.GOES_ON,
                why=why,
                respondent=key,
            )


def _turn_promises(turn: YearTurn) -> Iterator[Carried]:
    """What was promised with the last return, of which the next form asks what became; and texts that still hold."""
    for one in _serving(turn):
        submission = turn.submissions.get(one.key)
        for said in submission.narratives if submission else ():
            if said.promise.strip():
                yield _of(one, "promise", said.ref, said.promise.strip(), Fate.GOES_ON, "asked about on the next form")
            if said.answer is QuickAnswer.STILL_HOLDS and said.text.strip():
                yield _of(one, "text", said.ref, said.text.strip(), Fate.GOES_ON, "confirmed with the last return")


# In the paper -------------------------------------------------------------------------------------------


def _turn_of(facts: ReportFacts) -> YearTurn:
    return YearTurn(site=facts.site, last=facts.quarter, submissions=facts.submissions, day=london_day(facts.as_at))


def count_fates(things: Iterable[Carried]) -> str:
    """How many things there are of each fate: "31 go on, two ended and four are to be decided"."""
    found = [one.fate for one in things]
    said = {
        Fate.GOES_ON: ("goes on", "go on"),
        Fate.CHANGES: ("changes", "change"),
        Fate.NEW: ("is new", "are new"),
        Fate.ENDED: ("ended", "ended"),
        Fate.OPEN: ("is to be decided", "are to be decided"),
    }
    counted = ((found.count(fate), words) for fate, words in said.items())
    return joined(
        plural(count, "", spelt=True).rstrip("s ") + f" {words[count > 1]}" for count, words in counted if count
    )


def count_kinds(things: Sequence[Carried]) -> str:
    """The same kind by kind: "measures of the Plan: 38 go on and two change; objectives: ..."."""
    kinds = dict.fromkeys(one.kind for one in things)
    return "; ".join(f"{_MANY[kind]}: {count_fates(one for one in things if one.kind == kind)}" for kind in kinds)


def write_carried(facts: ReportFacts) -> Iterator[Block]:
    """How much of each kind goes over; by name what does not simply go on."""
    things, year = list_turn(_turn_of(facts)), facts.quarter.plus(1).financial_year
    yield Numbered(text=(Run(text=f"Into {year}: ", strong=True), Run(text=f"{count_kinds(things)}.")), key="carried")
    odd = [one for one in things if one.fate is not Fate.GOES_ON and one.kind != "open question"]
    if odd:
        yield Table(
            caption=f"What ended, changes, is new or is to be decided, for {year}",
            description="Each thing that does not simply go on, whose it is, what becomes of it, and why.",
            headers=("What", "Whose", "Becomes", "Why"),
            rows=tuple(
                (f"{capital(one.kind)} {one.ref}: {one.what}", one.whose or "the Plan", *_end(one)) for one in odd
            ),
            weights=(42, 22, 12, 24),
            note="All that goes on is in the accompanying workbook, under Carried over.",
        )


_MANY = {
    "partnership": "partnerships",
    "measure": "measures of the Plan",
    "open question": "open questions of the framework",
    "local measure": "local measures",
    "objective": "objectives",
    "action": "actions that boards asked",
    "promise": "promises",
    "text": "texts that still hold",
}


def _end(one: Carried) -> tuple[str, str]:
    return str(one.fate), one.why or "as configured"


def list_carried(facts: ReportFacts) -> Table:
    """Everything at the turn of the year, a row each, as a sheet."""
    return Table(
        caption="Carried over",
        description="Each thing at the turn of the year: whose it is, what becomes of it, and why.",
        headers=("Kind", "Ref", "Whose", "What", "Becomes", "Why"),
        rows=tuple(
            (one.kind, one.ref, one.whose or "the Plan", one.what, *_end(one)) for one in list_turn(_turn_of(facts))
        ),
        weights=(1,) * 6,
    )
