"""What one respondent is asked in one cycle: only what it owes, with all that is known already filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from csp_workflow.request.asked import Asking
from csp_workflow.request.boxes import boxes
from csp_workflow.request.questions import questions
from csp_workflow.request.rows import RowMaker, source_line
from csp_workflow.terms.dates import CycleDates, Quarter
from csp_workflow.terms.figures import Figure, KnownFigures
from csp_workflow.terms.phrases import plain_day
from csp_workflow.terms.returns import FORM_VERSION, FormDefinition, Narrative, seal_reference
from csp_workflow.terms.site import ActionRow, Respondent, RespondentKind, Site


def define(
    respondent: Respondent,
    quarter: Quarter,
    *,
    site: Site,
    dates: CycleDates,
    figures: Iterable[Figure] | KnownFigures,
    narratives: Mapping[str, Narrative],
    revision: int,
    key: bytes,
) -> FormDefinition:
    """The form of a respondent for a quarter.

    `figures` are all that are stored (none later than the day the cycle opens is shown), or what is
    known on another day. `narratives` is what it wrote last quarter, by ref. Raises KeyError when the
    config has no framework for the quarter's year.
    """
    day = asked_on(respondent, dates)
    known = figures if isinstance(figures, KnownFigures) else KnownFigures(figures, day)
    asking = Asking(
        respondent=respondent,
        quarter=quarter,
        site=site,
        framework=site.framework(quarter),
        day=day,
        narratives=narratives,
    )
    rows = RowMaker(quarter, site, known)
    made = tuple(rows.row(question) for question in questions(asking))
    return FormDefinition(
        reference=seal_reference(respondent.code, quarter.code, FORM_VERSION, revision, key=key),
        respondent=respondent.key,
        respondent_name=respondent.name,
        kind=respondent.kind,
        quarter=quarter,
        due=due_of(respondent, dates),
        office=site.office.name,
        ask=_whom_to_ask(site),
        history=rows.history if made else (),
        figures=made,
        summary=tuple(boxes(asking)),
        actions=_actions(asking),
        sources=_sources(rows),
        illustrative=_is_illustrative(rows, site),
        marking=site.marking,
    )


def asks_nothing(form: FormDefinition) -> bool:
    """Whether a form has nothing to ask, so that it is not sent."""
    return not (form.figures or form.summary or form.actions)


def asked_on(respondent: Respondent, dates: CycleDates) -> date:
    """The day on which a respondent is asked: the force's analyst earlier than everybody else."""
    return dates.extract_request if respondent.kind is RespondentKind.ANALYST else dates.open


def due_of(respondent: Respondent, dates: CycleDates) -> datetime:
    """When a respondent's return is due."""
    return dates.extract_due if respondent.kind is RespondentKind.ANALYST else dates.due


def _actions(asking: Asking) -> tuple[ActionRow, ...]:
    """What the boards have asked of the respondent by the day it is asked; config drops what is answered."""
    actions = (asking.site.actions or {}).get(asking.respondent.key, ())
    return tuple(action for action in actions if action.asked <= asking.day)


def _whom_to_ask(site: Site) -> str:
    """The co-ordinator by name and telephone; mail goes to the mailbox, where nothing is lost."""
    phone = site.office.phone or site.office.co_ordinator.phone
    reach = " or ".join(filter(None, (phone, site.office.mailbox)))
    return f"{site.office.co_ordinator.name}, {reach}. Or just reply to our letter."


def _sources(rows: RowMaker) -> tuple[str, ...]:
    lines = [source_line(figure) for figure in rows.shown]
    lines += [
        f"Comparator: the plain average of the areas of '{group.title}', as the group stands since "
        f"{plain_day(group.version)}. The areas differ in size, so it is for reading, not for ranking."
        for group in rows.groups
    ]
    return tuple(dict.fromkeys(filter(None, lines)))


def _is_illustrative(rows: RowMaker, site: Site) -> bool:
    """Whether any figure shown was made up; on an illustrative site every one counts as such."""
    return any(figure.provenance.illustrative or site.illustrative for figure in (*rows.shown, *rows.compared))
