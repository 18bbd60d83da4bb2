"""The fullest paper that the body's twelve pages must hold: ten partnerships, each with changes, a request, overdue
actions and more words than it has room for, in long words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from csp_workflow.rehearsal.staging import site_for
from csp_workflow.report.facts import ReportFacts
from csp_workflow.terms.actions import Action, ActionState
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.events import Happened
from csp_workflow.terms.figures import Figure, MeasureKind, Objective, Route, Series
from csp_workflow.terms.returns import ASKED_OF_BOARD, Submission
from csp_workflow.terms.site import PeerGroup, Respondent, RespondentKind, Site
from tests.report.paper_told import NOW, Q2, ROOT, facts, figure, status, submission, told

_SENTENCE = (
    "Multi-agency neighbourhood-management arrangements in Hinckley and Bosworth's under-represented communities were "
    "re-commissioned, notwithstanding interdepartmental reorganisation; co-production workshops for practitioners, "
    "safeguarding representatives and commissioners established counter-proposals that intelligence-led "
    "problem-solving partnerships are implementing. "
)


_CAME = (Happened.RECEIVED, Happened.COMPLETE)
_SILENT = {"survey-owner", "hate-incidents", "change-team", "mental-health"}


def say(words: int) -> str:
    """So many words, long ones."""
    text = (_SENTENCE * (words // 20 + 1)).split()
    return " ".join(text[:words])


def crowded(board: str = "speb", *, partnerships: int = 10) -> ReportFacts:
    """The facts of such a paper."""
    site = site_for(ROOT / "config", partnerships=partnerships)
    owing = [r for r in site.respondents if r.kind is RespondentKind.PARTNERSHIP]
    framework = site.framework(Q2)
    objectives = tuple(
        Objective(ref=f"{r.code}.X1", respondent=r.key, wording=say(14), priorities=(1, 11), agreed=date(2014, 4, 1))
        for r in owing
    )
    site = replace(
        site,
        frameworks=tuple(replace(one, objectives=objectives) if one == framework else one for one in site.frameworks),
    )
    returned = {one.key: _return(site, one) for one in owing}
    made = facts(board=board)
    return replace(
        made,
        site=replace(site, peers=(_group(owing),)),
        submissions=returned,
        status=status(**{r.key.replace("-", "_"): _CAME for r in site.respondents if r.key not in _SILENT}),
        known=KnownFigures(_list_figures(site, owing), NOW.date()),
        actions=tuple(map(_ask, owing)),
    )


def _group(owing: list[Respondent]) -> PeerGroup:
    return PeerGroup(
        key="chosen",
        title="Chosen comparators",
        version=date(2014, 4, 1),
        areas=tuple(area.code for r in owing for area in r.areas),
    )


def _return(site: Site, of: Respondent) -> Submission:
    framework = site.framework(Q2)
    police = [s for m in framework.measures if m.route is Route.POLICE for s in m.series]
    written = [told(f"T{theme.number}", say(150)) for theme in framework.themes]
    written += [told(o.ref, say(38), say(38)) for o in framework.objectives if o.respondent == of.key]
    written += [told(f"{area.code} {series.ref}", say(60)) for area in of.areas for series in police[:3]]
    written += [told(ASKED_OF_BOARD, say(130)), told(f"{of.code}.A1", say(90))]
    return submission(of.key, *written)


def _ask(of: Respondent) -> Action:
    return Action(
        ref=f"{of.code}.A1",
        respondent=of.key,
        board="speb",
        wording=say(25),
        asked=date(2014, 9, 11),
        due=date(2014, 10, 31),
        state=ActionState.OVERDUE,
    )


def _list_figures(site: Site, owing: list[Respondent]) -> Iterator[Figure]:
    framework = site.framework(Q2)
    for place, area in enumerate(area for r in owing for area in r.areas):
        yield replace(figure("residents", area.code, Q2, 90_000 + 3_000 * place), period="mid-2013")
        for series in _list_counts(framework.measures):
            level = 100 + 7 * place
            for back in range(20):
                changed = back < 4 and (place + len(series.ref)) % 3 == 0
                yield figure(series.ref, area.code, Q2.plus(-back), level + (60 if changed else back % 3))


def _list_counts(measures: object) -> Iterator[Series]:
    for measure in measures:  # type: ignore[attr-defined]
        yield from (s for s in measure.series if measure.route is Route.POLICE and s.kind is MeasureKind.COUNT)
