"""What goes on under the same names: who has taken over from whom, and whether a reference means what it meant.

People answer under references (a key, a code, a ref), and next quarter's form, the comparisons and the papers join what
stands under the same one. So nothing may silently come to mean something else than when it was last asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from csp_workflow.request.form import asked_questions
from csp_workflow.request.rows import EXAMPLE, Question
from csp_workflow.settings.fields import find_repeats, suggest
from csp_workflow.settings.files import CONTRIBUTORS, PARTNERSHIPS, ConfigFiles
from csp_workflow.settings.site_files import BreakTable, CountedTable, PartnershipTable
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.figures import Break, Framework, MeasureKind, Series, asked_quarter, say_base
from csp_workflow.terms.phrases import plain_day
from csp_workflow.terms.returns import OBJECTIVE, Entry, FigureRow, FormDefinition, SummaryRow
from csp_workflow.terms.site import Area, Respondent, RespondentKind, Site

Found = Iterator[tuple[str, str]]


def check_continuity(files: ConfigFiles) -> Found:
    """What is wrong with the predecessors and the breaks that the files name."""
    yield from _check_predecessors(files.partnerships.partnerships if files.partnerships else ())
    for file, where, table in _list_dated(files):
        if table.break_from and not table.break_reason:
            yield file, f"{where}.break_reason is missing. Say in a few words what has changed; it is printed."
        if table.break_reason and not table.break_from:
            yield file, f"{where}.break_from is missing. Write the first day from which it is so, like 2014-10-01."
        if (
            isinstance(table, CountedTable)
            and table.break_from
            and (table.comparable_from or date.min) > table.break_from
        ):
            yield (
                file,
                f"{where}.comparable_from is after break_from. Leave it out: nothing earlier is compared anyway.",
            )


def _check_predecessors(partnerships: Sequence[PartnershipTable]) -> Found:
    """Whoever takes over begins after those have ended, so that nobody is asked twice, and no chain is a ring."""
    known = {entry.key: entry for entry in partnerships}
    for entry in partnerships:
        where = f"partnerships[{entry.key}].predecessors"
        for key in find_repeats(entry.predecessors):
            yield PARTNERSHIPS, f"{where}: '{key}' stands twice. Leave it once."
        for key in entry.predecessors:
            if key not in known:
                yield PARTNERSHIPS, f"{where}: one is '{key}', which is not known.{suggest(key, known)}"
            elif known[key].valid_to >= entry.valid_from:
                dates = f"Give it a valid_to, and {entry.key} a valid_from after that day."
                yield PARTNERSHIPS, f"{where}: '{key}' must end before {entry.key} begins. {dates}"


def _list_dated(files: ConfigFiles) -> Iterator[tuple[str, str, BreakTable]]:
    for entry in files.partnerships.partnerships if files.partnerships else ():
        where = f"partnerships[{entry.key}]"
        yield PARTNERSHIPS, where, entry
        yield from ((PARTNERSHIPS, f"{where}.local_measures[{one.ref}]", one) for one in entry.local_measures)
    for name, framework in files.frameworks.items():
        for measure in framework.measures:
            yield name, f"measures[{measure.ref}]", measure
            yield from ((name, f"measures[{measure.ref}].series[{one.ref}]", one) for one in measure.series)


# Against what was last sent -------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SentForm:
    """A form as it was sent, and when (None: not known); `is_open` while its quarter is not put away."""

    form: FormDefinition
    at: datetime | None
    is_open: bool


_ADDED = (
    *("Please ", "A later one is not yet", "For ", "This quarter's figure", "Only if ", "Leave it "),
    *("Counted so since ", "Comparable from ", "Taken over from ", "Asked because "),
)
"""How the sentences begin that a form adds to a definition."""

_ASKED_AFTER = timedelta(days=14)
"""So long after its end, about, a quarter is asked for."""


def find_redefined(site: Site, sent: Sequence[SentForm]) -> tuple[str, ...]:
    """What has come to mean another thing than in the forms that were last sent, a sentence each, with what to do.

    `sent` are the latest forms of each respondent and quarter, oldest first. The last one that asked for a reference
    counts, and it is held against the framework of its year and of every later one.
    """
    asked = _Asked(site)
    seen: set[tuple[str, str]] = set()
    found: dict[str, None] = {}
    for one in reversed(sent):
        key = one.form.respondent
        if (key, "") not in seen:
            found |= dict.fromkeys(_find_other_body(site, one))
        rows: list[FigureRow | SummaryRow] = [*one.form.figures, *one.form.summary]
        new = [row for row in rows if (key, row.ref) not in seen]
        if key in asked.respondents:
            found |= dict.fromkeys(_find_other_meaning(one, new, asked))
        seen |= {(key, ""), *((key, row.ref) for row in new)}
    return tuple(found)


class _Asked:
    """What everybody is asked by the configuration: worked out once for a quarter."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._found: dict[Quarter, dict[str, tuple[Question, ...]]] = {}
        self.respondents = {respondent.key for respondent in site.respondents}

    def since(self, quarter: Quarter) -> Iterator[tuple[Framework, dict[str, tuple[Question, ...]]]]:
        """The framework and the questions of a quarter, and of the same one in every later year."""
        for framework in self._site.frameworks:
            later = Quarter(int(framework.year[:4]), quarter.number)
            if later >= quarter:
                yield framework, self._list(later)

    def _list(self, quarter: Quarter) -> dict[str, tuple[Question, ...]]:
        if quarter not in self._found:
            day, every = quarter.end + _ASKED_AFTER, self._site.respondents
            self._found[quarter] = {r.key: asked_questions(r, quarter, self._site, day) for r in every}
        return self._found[quarter]


def _say_sent(one: SentForm) -> str:
    when = f"on {plain_day(one.at)}" if one.at else "last"
    return f"in the form sent {when} for {one.form.quarter.months}"


def _find_other_body(site: Site, one: SentForm) -> Iterator[str]:
    """A respondent that is gone, or another one under its key or code."""
    form, code = one.form, one.form.reference.code
    now = next((r for r in site.respondents if r.key == form.respondent), None)
    file = PARTNERSHIPS if form.kind is RespondentKind.PARTNERSHIP else CONTRIBUTORS
    holder = site.by_code(code)
    if holder and holder.key != form.respondent:
        yield (
            f"{file}: the code {code} is {holder.key}'s now, and was {form.respondent}'s {_say_sent(one)}. A form that "
            f"comes back would be taken for {holder.key}'s. Give {holder.key} a code of its own."
        )
    elif now is None and one.is_open:
        yield (
            f"{file}: {form.respondent} is not there any more, and was asked {_say_sent(one)}. Put it back, with "
            "valid_to = its last day; whoever takes its work over names it under predecessors."
        )
    if now and now.kind is not form.kind:
        yield f"{file}: {now.key} is a {now.kind}, and was a {form.kind} {_say_sent(one)}. Give it a key of its own."
    if now and holder is None:
        yield (
            f"{file}: [{now.key}].code is '{now.code}', and was '{code}' {_say_sent(one)}. Put '{code}' back: forms "
            "that are out carry it."
        )
    if now:
        yield from _find_other_areas(now, one, file)


def _find_other_areas(now: Respondent, one: SentForm, file: str) -> Iterator[str]:
    # the money of a grant is its own as a whole
    mine = (row for row in one.form.figures if row.kind is not MeasureKind.GRANT)
    was, areas = {row.area.code for row in mine}, {area.code for area in now.areas}
    is_whole = any(row.entry is Entry.CONFIRM for row in one.form.figures)  # the police count in each of its areas
    is_other = bool(was - areas or (is_whole and areas - was)) and now.kind is RespondentKind.PARTNERSHIP
    if is_other and not _is_dated(now.broken, one.form.quarter):
        yield (
            f"{file}: [{now.key}].areas are {', '.join(sorted(areas))}, and were {', '.join(sorted(was))} "
            f"{_say_sent(one)}. End it with valid_to and add the new body with predecessors = ['{now.key}']; or, when "
            f"it is the same body, date the change: {_say_keys(one.form.quarter)}."
        )


def _is_dated(broken: Break | None, asked: Quarter) -> bool:
    """Whether a break lies after what was last asked: its answers were given to the old meaning."""
    return broken is not None and broken.day > asked.end


def _say_keys(asked: Quarter) -> str:
    return f"break_from = {asked.plus(1).start} (or later) and break_reason"


def _find_other_meaning(one: SentForm, rows: Sequence[FigureRow | SummaryRow], asked: _Asked) -> Iterator[str]:
    for framework, questions in asked.since(one.form.quarter):
        own = {local.series.ref for local in framework.local_measures}
        if any(isinstance(row, SummaryRow) for row in rows):
            yield from _compare_objectives(one, framework)
        for row in rows:
            file = PARTNERSHIPS if row.ref in own else f"framework-{framework.year.replace('/', '-')}.toml"
            if isinstance(row, FigureRow):
                found = _compare_row(row, one, questions)
            else:
                found = _compare_box(row, one, framework)
            yield from (f"{file}: [{row.ref}]{sentence}" for sentence in found)


def _compare_row(row: FigureRow, one: SentForm, questions: Mapping[str, Sequence[Question]]) -> Iterator[str]:
    mine = [q for q in questions[one.form.respondent] if q.series.ref == row.ref]
    if not mine:
        asked = ((key, q.series) for key, every in questions.items() for q in every if q.entry is Entry.VALUE)
        others = ((key, series) for key, series in asked if series.ref == row.ref and row.entry is Entry.VALUE)
        for other, series in islice(others, 1):
            last = asked_quarter(series, one.form.quarter)
            if not _is_dated(series.broken, last):
                yield (
                    f" is asked of {other}, and was of {one.form.respondent} {_say_sent(one)}. Give it a ref of its "
                    f"own, put the owner back, or date the change: {_say_keys(last)}."
                )
        return
    series = mine[0].series
    yield from _say_changed(series, one, _list_changed(row, mine, one))


def _say_changed(series: Series, one: SentForm, changed: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """What has changed (its name, as it is and as it was), unless it is dated."""
    last = asked_quarter(series, one.form.quarter)
    for what, is_now, was in changed if not _is_dated(series.broken, last) else ():
        is_worded = what in {"unit", "denominator", "definition"}
        reworded = " Where only the words changed, write reworded_on and the day." if is_worded else ""
        yield (
            f".{what} is '{is_now}', and was '{was}' {_say_sent(one)}. Give what is meant now a ref of its own, or "
            f"date the change: {_say_keys(last)}.{reworded}"
        )


def _list_changed(row: FigureRow, mine: list[Question], one: SentForm) -> Iterator[tuple[str, str, str]]:
    """What of a row is not as it was: the unit, the kind, where it is counted, what is counted."""
    series, definition = mine[0].series, mine[0].definition
    is_reworded = _is_reworded(series.reworded, one)
    unit, was_unit = series.unit.removesuffix(EXAMPLE), row.unit.removesuffix(EXAMPLE)
    if not is_reworded and unit != was_unit:
        yield "unit", unit, was_unit
    if not is_reworded and row.out_of and say_base(series) != row.out_of:
        yield "denominator", say_base(series), row.out_of
    if series.kind is not row.kind:
        yield "kind", series.kind.value, row.kind.value
    areas, was = {q.area for q in mine}, {r.area for r in one.form.figures if r.ref == row.ref}
    is_elsewhere = {a.code for a in areas}.isdisjoint(a.code for a in was)
    if is_elsewhere or {a.geography for a in areas} != {a.geography for a in was}:
        yield "geography", _name_places(areas), _name_places(was)
    if not is_reworded and not _says(row.definition, definition):
        yield "definition", definition, _strip_added(row.definition)


def _name_places(areas: Iterable[Area]) -> str:
    return ", ".join(sorted(f"{area.code} ({area.geography})" for area in areas))


def _is_reworded(reworded: date | None, one: SentForm) -> bool:
    """Whether only the words were changed since a form was sent."""
    return reworded is not None and (one.at is None or reworded >= london_day(one.at))


def _says(sent: str, definition: str) -> bool:
    """Whether a form says a definition: it may add sentences of its own behind it."""
    definition = definition.strip()
    rest = sent.removeprefix(definition).strip()
    return sent.startswith(definition) and (not rest or rest.startswith(_ADDED))


def _strip_added(sent: str) -> str:
    """A definition without what a form has added, so that many forms say the same of one."""
    ends = [sent.find(f" {begin}") for begin in _ADDED]
    return sent[: min((end for end in ends if end > 0), default=len(sent))]


def _compare_objectives(one: SentForm, framework: Framework) -> Iterator[str]:
    """The objectives that stood under a form's themes, by their words: one that is gone, and what stands instead."""
    stood = [line for box in one.form.summary for line in box.prompt.splitlines() if line.startswith(OBJECTIVE)]
    mine = {
        f"{OBJECTIVE}{o.wording.rstrip('.')}.": o
        for o in framework.objectives
        if o.respondent == one.form.respondent and (one.at is None or o.agreed <= one.at.date())
    }
    gone = [line.removeprefix(OBJECTIVE) for line in stood if line not in mine]
    new = [o for line, o in mine.items() if line not in stood and not _is_reworded(o.reworded, one)]
    for was, objective in zip(gone, new, strict=False):
        yield (
            f"{PARTNERSHIPS}: [{objective.ref}].wording is '{objective.wording}', and was '{was}' {_say_sent(one)}. "
            "End that one with valid_to and give the new one a ref of its own; where only the words changed, write "
            "reworded_on and the day."
        )


def _compare_box(box: SummaryRow, one: SentForm, framework: Framework) -> Iterator[str]:
    """A measure told in words. A theme may be retitled: its old title is played back with words."""
    told = [(m.series[0], m.definition) for m in framework.measures if m.ref == box.ref and m.series]
    told += [(x.series, x.definition) for x in framework.local_measures if x.series.ref == box.ref]
    for series, definition in told:
        if not _is_reworded(series.reworded, one) and not _says(box.prompt, definition):
            yield from _say_changed(series, one, [("definition", definition, _strip_added(box.prompt))])
