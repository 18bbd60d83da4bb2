"""What one respondent is asked in one cycle: only what it owes, with all that is known already filled in.

A partnership is shown the force's figures for its areas and asked for its own; a contributor is asked for what it
supplies, once, at its own geography; the force's analyst for every area of every police series.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from csp_workflow.analysis.peers import Comparators, say_groups
from csp_workflow.request import rows
from csp_workflow.request.rows import Question
from csp_workflow.terms.cells import OF_OBJECTIVE, QuickAnswer, seal_reference
from csp_workflow.terms.checks import CheckOutcome, Checks, name_subject
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleDates, Quarter
from csp_workflow.terms.figures import (
    AskedWhen,
    Break,
    Figure,
    Framework,
    Geography,
    LocalMeasure,
    Measure,
    MeasureKind,
    Objective,
    Route,
    Series,
    Theme,
    list_comparable,
)
from csp_workflow.terms.grants import GrantLine, find_line
from csp_workflow.terms.personal import keep_back
from csp_workflow.terms.phrases import joined, uncapital
from csp_workflow.terms.returns import (
    ASKED_OF_BOARD,
    FORM_VERSION,
    OBJECTIVE,
    EarlierNarrative,
    Entry,
    FigureRow,
    FormDefinition,
    SummaryRow,
)
from csp_workflow.terms.site import ActionRow, Area, Respondent, RespondentKind, Site
from csp_workflow.terms.status import CycleStatus
from csp_workflow.terms.year_end import NO_YEAR_END

_BOARD_CAN = (
    "A decision, money or help that only the Board can give, in a sentence: it stands in the list of what the Board is "
    "asked. Leave it empty if there is nothing."
)
_REQUEST_WORDS = 40
_WORDS = 60
"""How many words do for a theme, or for something that is told in words."""


@dataclass(frozen=True, kw_only=True)
class _Asking:
    """Who is asked, for which quarter, on which day; `narratives` is what it wrote last quarter, by ref.

    Of a respondent that has taken over from others and has not returned yet, it is what they wrote.
    """

    respondent: Respondent
    quarter: Quarter
    site: Site
    framework: Framework
    day: date
    narratives: Mapping[str, Sequence[EarlierNarrative]]

    def is_waived(self, *refs: str) -> bool:
        """Whether any of these refs is waived for the respondent."""
        return any(self.framework.is_waived(self.respondent.key, ref, self.day) for ref in refs)

    def asks_for(self, series: Series) -> bool:
        """Whether a series is due in the quarter and not waived."""
        return rows.is_asked_for(series, self.quarter) and not self.is_waived(series.ref)

    def keep_checked(self, row: FigureRow) -> FigureRow:
        """A row with what the checks would ask about it, and nothing else, so that the form asks the same."""
        subject, is_compared = name_subject(row.ref, row.kind), row.entry is Entry.VALUE and row.kind.is_number
        repeated, shared = (self.checks.find(f"equals-{what}", subject) for what in ("last-quarter", "neighbour"))
        is_left = row.kind is MeasureKind.GRANT and find_line(row.ref) is GrantLine.UNDERSPEND
        summed = self.checks.find("grant-sum" if is_left else "other-area", subject)
        is_compared = is_compared and row.kind is not MeasureKind.GRANT
        return replace(
            row,
            usual=row.usual if self.checks.find("unusual", subject) else None,
            least_repeated=repeated.number if repeated and is_compared else None,
            least_shared=shared.number if shared and is_compared else None,
            least_summed=summed.number if summed and (is_left or (is_compared and not row.kind.is_share)) else None,
            checked=rows.list_checked(row, self.quarter, self.checks) if row.entry is Entry.VALUE else (),
        )

    def is_missed(self, ref: str) -> bool:
        """Whether words that are missing under a ref must be mended."""
        check = self.checks.find("blank-text", name_subject(ref, MeasureKind.NARRATIVE))
        return check is not None and check.finding is CheckOutcome.FAULT

    @cached_property
    def checks(self) -> Checks:
        """The checks in force for the respondent on the day."""
        return self.site.checks_of(self.respondent.key, self.day)

    def holds(self, one: LocalMeasure | Objective) -> bool:
        """Whether something of the respondent's own was agreed by the quarter's end, though the form goes later, and
        has not ended since."""
        return one.agreed <= self.quarter.end and self.day <= one.valid_to

    def own_measures(self) -> Iterator[LocalMeasure]:
        """What the respondent itself counts, or has taken over, in its areas: agreed for the quarter, and asked for."""
        areas = {area.code for area in self.respondent.areas}
        for local in self.framework.local_measures:
            is_ours = self.respondent.follows(local.respondent) and local.area in areas
            if is_ours and self.holds(local) and self.asks_for(local.series):
                yield local

    def say_taken_over(self, respondent: str) -> str:
        """From whom something was taken over, in a sentence; "" for what is the respondent's own."""
        name = self.name_other(respondent)
        return f"Taken over from {name}." if name else ""

    def name_other(self, respondent: str) -> str:
        """The name of another respondent; "" for the one that is asked."""
        if respondent == self.respondent.key:
            return ""
        return next((r.name for r in self.site.respondents if r.key == respondent), respondent)


def define_form(
    respondent: Respondent,
    quarter: Quarter,
    *,
    site: Site,
    dates: CycleDates,
    figures: Iterable[Figure] | KnownFigures,
    narratives: Mapping[str, Sequence[EarlierNarrative]],
    revision: int,
    key: bytes,
    status: CycleStatus | None = None,
    comparators: Comparators | None = None,
) -> FormDefinition:
    """The form of a respondent for a quarter, due on its own day where it was given one (`status` says so).

    `figures` are all that are stored (none later than the day the cycle opens is shown), or what is
    known on another day, without those from beyond a break. `narratives` is what it wrote last quarter, by ref
    (`list_earlier`). `comparators` are the groups that areas stand beside (None: those of the site, no extract's).
    Raises KeyError when the config has no framework for the quarter's year.
    """
    day = _day_of_asking(respondent, dates)
    asking = _ask(respondent, quarter, site, day, narratives=narratives)
    if isinstance(figures, KnownFigures):
        known = figures
    else:
        known = KnownFigures(list_comparable(figures, asking.framework, quarter), day)
    maker = rows.RowMaker(quarter, site, known, comparators or Comparators(known, site.peers))
    made = tuple(asking.keep_checked(maker.make_row(question)) for question in _list_questions(asking))
    return FormDefinition(
        reference=seal_reference(respondent.code, quarter.code, FORM_VERSION, revision, key=key),
        respondent=respondent.key,
        respondent_name=respondent.name,
        kind=respondent.kind,
        quarter=quarter,
        due=CycleView(site=site, dates=dates, status=status or CycleStatus(quarter=quarter)).due_time(respondent),
        office=site.office.name,
        ask=_say_whom_to_ask(site),
        history=maker.history if made else (),
        figures=made,
        summary=tuple(box for box in _list_boxes(asking, made) if not asking.is_waived(box.ref)),
        actions=_list_actions(asking),
        sources=_say_sources(maker),
        illustrative=_is_illustrative(maker, site),
        marking=site.marking,
    )


def _ask(
    respondent: Respondent,
    quarter: Quarter,
    site: Site,
    day: date,
    *,
    narratives: Mapping[str, Sequence[EarlierNarrative]],
) -> _Asking:
    return _Asking(
        respondent=respondent,
        quarter=quarter,
        site=site,
        framework=site.framework(quarter),
        day=day,
        narratives=narratives,
    )


def asked_questions(respondent: Respondent, quarter: Quarter, site: Site, day: date) -> tuple[Question, ...]:
    """The figures that a respondent is asked for in a quarter by the configuration alone."""
    return _list_questions(_ask(respondent, quarter, site, day, narratives={}))


def list_earlier(
    respondent: Respondent, site: Site, written: Mapping[str, Mapping[str, EarlierNarrative]]
) -> Mapping[str, Sequence[EarlierNarrative]]:
    """What a respondent wrote last, by ref; before its first return, what those wrote whom it has taken over from.

    `written` is what each respondent wrote last, by key and ref.
    """
    before = [key for key in respondent.predecessors if written.get(key)]
    followed = {key for r in site.respondents if r.key in before for key in r.predecessors}
    latest = [key for key in before if key not in followed]
    keys = [respondent.key] if written.get(respondent.key) else latest
    refs = dict.fromkeys(ref for key in keys for ref in written[key])
    return {ref: tuple(written[key][ref] for key in keys if ref in written[key]) for ref in refs}


def asks_nothing(form: FormDefinition) -> bool:
    """Whether a form has nothing to ask, so that it is not sent."""
    return not (form.figures or form.summary or form.actions)


def _day_of_asking(respondent: Respondent, dates: CycleDates) -> date:
    """The day on which a respondent is asked: the force's analyst earlier than everybody else."""
    return dates.extract_request if respondent.kind is RespondentKind.ANALYST else dates.open


def _list_actions(asking: _Asking) -> tuple[ActionRow, ...]:
    """What the boards have asked of the respondent by the day it is asked, until it is closed."""
    site, respondent = asking.site, asking.respondent
    return tuple(
        ActionRow(
            ref=action.ref,
            board=site.board(action.board).name,
            wording=" ".join(filter(None, (action.wording, asking.say_taken_over(key)))),
            asked=action.asked,
            due=action.due,
        )
        for key in (respondent.key, *respondent.predecessors)
        for action in site.actions
        if action.respondent == key and action.asked <= asking.day and action.closed is None
    )


def _say_whom_to_ask(site: Site) -> str:
    """The co-ordinator by name and telephone; mail goes to the mailbox, where nothing is lost."""
    phone = site.office.phone or site.office.co_ordinator.phone
    reach = " or ".join(filter(None, (phone, site.office.mailbox)))
    return f"{site.office.co_ordinator.name}, {reach}. Or just reply to our letter."


def _say_sources(maker: rows.RowMaker) -> tuple[str, ...]:
    lines = [rows.say_source(figure) for figure in maker.shown]
    lines += [
        f"Comparator: the area's rate beside the average of {say_groups([peers])}, and the limits between which areas "
        "like it would lie. It is for reading: no target and no ranking."
        for peers in maker.compared
    ]
    return tuple(dict.fromkeys(filter(None, lines)))


def _is_illustrative(maker: rows.RowMaker, site: Site) -> bool:
    """Whether any figure shown was made up; on an illustrative site every one counts as such."""
    made_up = (*(f.provenance.illustrative for f in maker.shown), *(peers.is_illustrative for peers in maker.compared))
    return any(is_made_up or site.illustrative for is_made_up in made_up)


# Which series it is asked for, in which areas -------------------------------------------------------


def _list_questions(asking: _Asking) -> tuple[Question, ...]:
    """The rows to ask, in the order of the form: an area's rows stand together."""
    match asking.respondent.kind:
        case RespondentKind.PARTNERSHIP:
            counted = (question for area in asking.respondent.areas for question in _list_of_area(asking, area))
            return (*counted, *_list_of_grants(asking))
        case RespondentKind.ANALYST:
            found = tuple(_list_supplied(asking))
            places = {code: place for place, code in enumerate(dict.fromkeys(q.area.code for q in found))}
            return tuple(sorted(found, key=lambda question: places[question.area.code]))
        case RespondentKind.CONTRIBUTOR:
            return tuple(_list_supplied(asking))


def _list_of_area(asking: _Asking, area: Area) -> Iterator[Question]:
    """What the partnership itself counts in an area, then the force's figures for it, to be confirmed."""
    for local in asking.own_measures():
        if local.area == area.code and local.series.kind.is_number:
            yield Question(
                series=local.series,
                area=area,
                wording=local.series.title,
                definition=" ".join(filter(None, (local.definition, asking.say_taken_over(local.respondent)))),
                entry=Entry.VALUE,
            )
    for measure in asking.framework.measures:
        if measure.route is Route.POLICE:
            for series in _list_series(asking, measure):
                if series.geography is Geography.AREA:
                    yield _make_question(measure, series, area, Entry.CONFIRM)


def _list_of_grants(asking: _Asking) -> Iterator[Question]:
    """The money of a partnership's grants, line by line: it is the partnership's as a whole, and no area's."""
    whole = Area(code=asking.respondent.code, name=asking.respondent.name)
    for grant in asking.respondent.grants:
        for line, series in grant.lines if grant.is_asked(asking.quarter) else ():
            if asking.asks_for(series):
                yield Question(
                    series=series, area=whole, wording=series.title, definition=line.definition, entry=Entry.VALUE
                )


def _list_supplied(asking: _Asking) -> Iterator[Question]:
    """What a contributor supplies by name, and on the police route the force's analyst."""
    is_analyst = asking.respondent.kind is RespondentKind.ANALYST
    for measure in asking.framework.measures:
        if measure.route is Route.PARTNERSHIP:
            continue
        for series in _list_series(asking, measure):
            is_named = (series.owner or measure.owner) == asking.respondent.key
            if is_named or (is_analyst and measure.route is Route.POLICE):
                for area in _list_places(asking, series):
                    yield _make_question(measure, series, area, Entry.VALUE)


def _list_series(asking: _Asking, measure: Measure) -> Iterator[Series]:
    """A measure's series in numbers that are asked for in this quarter."""
    if not asking.is_waived(measure.ref):
        yield from (series for series in measure.series if series.kind.is_number and asking.asks_for(series))


def _list_places(asking: _Asking, series: Series) -> tuple[Area, ...]:
    """The places a series is asked for: of the analyst every partnership's area; else those of its geography."""
    respondent = asking.respondent
    if series.geography is Geography.AREA and respondent.kind is RespondentKind.ANALYST:
        partnerships = (r for r in asking.site.serving(asking.day) if r.kind is RespondentKind.PARTNERSHIP)
        areas = (area for partnership in partnerships for area in partnership.areas)
        return tuple({area.code: area for area in areas}.values())
    own = tuple(area for area in respondent.areas if area.geography is series.geography)
    # A body whose areas are of another kind is still asked once, for those, never for every district.
    if own or series.geography is Geography.AREA:
        return own or respondent.areas
    return respondent.areas or rows.list_areas(asking.site, lambda area: area.geography is series.geography)


def _make_question(measure: Measure, series: Series, area: Area, entry: Entry) -> Question:
    return Question(series=series, area=area, wording=measure.wording, definition=measure.definition, entry=entry)


# The rows of the Summary sheet: themes with a partnership's own objectives, measures told in words -----------


def _list_boxes(asking: _Asking, figures: Sequence[FigureRow]) -> Iterator[SummaryRow]:
    """The rows to write in, in the order of the form, those that are waived among them."""
    is_partnership = asking.respondent.kind is RespondentKind.PARTNERSHIP
    if is_partnership:
        for theme in asking.framework.themes:
            aims = "\n".join(f"{OBJECTIVE}{one.wording.rstrip('.')}." for one in _list_objectives(asking, theme))
            yield _make_box(asking, f"T{theme.number}", theme.title, aims, quick=_QUICK)
    for measure in asking.framework.measures:
        if _is_told_by(asking, measure):
            yield from _make_measure_box(asking, measure, figures)
    for local in asking.own_measures():
        if not local.series.kind.is_number:
            yield _make_box(asking, local.series.ref, local.series.title, local.definition, quick=_QUICK)
    if is_partnership:
        yield from _list_year_boxes(asking)
        yield _make_box(asking, ASKED_OF_BOARD, "What you ask of the Board", _BOARD_CAN, _REQUEST_WORDS, required=False)


def _list_year_boxes(asking: _Asking) -> Iterator[SummaryRow]:
    """What the framework asks of the year with its last quarter: texts, then each objective of the respondent's."""
    asked = asking.framework.year_end if asking.quarter.ends_year else NO_YEAR_END
    for text in asked.texts:
        prompt = f"{text.prompt} About {text.words} words."
        yield _ask_once(_make_box(asking, text.ref, text.title, prompt, text.words, required=text.required))
    for one in asking.framework.objectives if asked.objectives else ():
        if asking.respondent.follows(one.respondent) and asking.holds(one):
            prompt = " ".join(filter(None, (_OF_OBJECTIVE, asking.say_taken_over(one.respondent))))
            heading = f"{OBJECTIVE}{one.wording.rstrip('.')}"
            yield _ask_once(_make_box(asking, one.ref, heading, prompt, quick=OF_OBJECTIVE))


def _ask_once(box: SummaryRow) -> SummaryRow:
    """A row of the year's sheet, which has no columns for what was said before: a promise stands in what is asked."""
    promised = f" You promised: {box.promise}" if box.promise else ""
    return replace(box, prompt=f"{box.prompt}{promised}", played_back="", promise="")


_OF_OBJECTIVE = "What did it come to this year, and does it go on?"


def _list_objectives(asking: _Asking, theme: Theme) -> Iterator[Objective]:
    """The respondent's own objectives that serve a theme first; what serves none stands under the first theme."""
    themes = {priority.number: priority.theme for priority in asking.framework.priorities}
    for objective in asking.framework.objectives:
        is_ours = asking.respondent.follows(objective.respondent)
        served = next((themes[n] for n in objective.priorities if n in themes), asking.framework.themes[0].number)
        if is_ours and asking.holds(objective) and served == theme.number:
            yield objective


def _is_told_by(asking: _Asking, measure: Measure) -> bool:
    """Whether a measure without a number is this respondent's to tell."""
    if measure.kind.is_number or not _is_told_now(asking, measure):
        return False
    if measure.route is Route.PARTNERSHIP:
        return asking.respondent.kind is RespondentKind.PARTNERSHIP
    owners = {measure.owner, *(series.owner for series in measure.series)}
    return asking.respondent.key in owners


def _is_told_now(asking: _Asking, measure: Measure) -> bool:
    if measure.asked_when is AskedWhen.YEAR_END and not asking.quarter.ends_year:
        return False
    return not measure.series or any(rows.is_asked_for(series, asking.quarter) for series in measure.series)


def _make_measure_box(asking: _Asking, measure: Measure, figures: Sequence[FigureRow]) -> Iterator[SummaryRow]:
    """A measure told in words. What only happens now and then, such as a milestone, may be left out; what is asked when
    a figure moves says which did, and "nothing new" is no answer to it."""
    series = measure.series[0] if measure.series else None
    is_required = rows.is_owed(series) if series else True
    where = why = ""
    if measure.kind is MeasureKind.MILESTONE and len(asking.respondent.areas) > 1:
        # Each area has its own licensing authority, and each stands where it stands.
        where = f" Please say it for each area: {'; '.join(area.name for area in asking.respondent.areas)}."
    if measure.asked_when is AskedWhen.FIGURE_MOVES:
        moved = [row for row in figures if _is_moved(asking, measure, row)]
        if not moved:
            return
        why = f" Asked because {joined(map(_say_moved, moved))}. Two lines will do."
    ending = "" if is_required else " Leave it empty if nothing has changed."
    heading = series.title if series and series.title else measure.wording
    prompt = f"{measure.definition}{where}{why}{ending}"
    quick = (QuickAnswer.STILL_HOLDS,) if is_required and not why else ()
    yield _make_box(asking, measure.ref, heading, prompt, required=is_required, quick=quick)


def _is_moved(asking: _Asking, measure: Measure, row: FigureRow) -> bool:
    """Whether a row is a figure of the force's of a measure's priority that is not as usual."""
    refs = {s.ref for one in asking.framework.measures if one.priority == measure.priority for s in one.series}
    return row.ref in refs and bool(row.find_side(row.given))


def _say_moved(row: FigureRow) -> str:
    return f"{uncapital(row.title)} in {row.area.name} lies {row.find_side(row.given)} what is usual for twelve months"


_QUICK = (QuickAnswer.NOTHING_NEW, QuickAnswer.STILL_HOLDS)


def _make_box(
    asking: _Asking,
    ref: str,
    heading: str,
    prompt: str,
    words: int = _WORDS,
    *,
    required: bool = True,
    quick: tuple[QuickAnswer, ...] = (),
) -> SummaryRow:
    """A row, with what was said and promised before; only the own text of last quarter can be said to hold."""
    before = asking.narratives.get(ref, ())
    said = "\n".join(filter(None, (_play_back(asking, ref, one, one.text) for one in before)))
    promised = "\n".join(filter(None, (_play_back(asking, ref, one, one.promise) for one in before)))
    key, last = asking.respondent.key, asking.quarter.plus(-1)
    may_hold = bool(said) and all(one.respondent == key and one.quarter == last for one in before)
    offered = tuple(one for one in quick if one is not QuickAnswer.STILL_HOLDS or may_hold)
    return SummaryRow(
        ref=ref, heading=heading, prompt=prompt, played_back=said, words=words, promise=promised, quick=offered,
        required=required and asking.is_missed(ref),
    )  # fmt: skip


def _play_back(asking: _Asking, ref: str, before: EarlierNarrative, text: str) -> str:
    """What was said or promised, with whose it is, of when and under what, where that is not plain."""
    said = keep_back(text.strip())
    broken = _find_break(asking, ref)
    if not said or (broken and broken.parts(before.quarter.end, asking.quarter.end)):
        return ""
    is_last = before.quarter == asking.quarter.plus(-1)
    origin = (
        asking.name_other(before.respondent),
        "" if is_last else before.quarter.months,
        _find_old_title(asking, ref, before.quarter),
    )
    named = ", ".join(filter(None, origin))
    return f"{named}: {said}" if named else said


def _find_break(asking: _Asking, ref: str) -> Break | None:
    """When another thing came to be meant by a ref; for a theme, when the respondent came to be another body."""
    meant = (s.broken for s in asking.framework.series() if ref in {s.ref, s.measure} and s.broken)
    return next(meant, asking.respondent.broken)


def _find_old_title(asking: _Asking, ref: str, quarter: Quarter) -> str:
    """The title of a theme when something was said under it, where it has another one since."""
    old = next((framework for framework in asking.site.frameworks if framework.year == quarter.financial_year), None)
    now = {f"T{theme.number}": theme.title for theme in asking.framework.themes}
    titles = {f"T{theme.number}": theme.title for theme in old.themes} if old else {}
    return titles.get(ref, "") if titles.get(ref) != now.get(ref) else ""
