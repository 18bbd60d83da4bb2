"""The scenes of what changes under way: days (more time, a holiday, a meeting that moves), and what forms show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from csp_workflow.forms.writing import attach_workbook
from csp_workflow.rehearsal.specimens.stage import Filling, Stage, Story
from csp_workflow.request import corrections
from csp_workflow.terms.dates import PaperState, london, london_day
from csp_workflow.terms.events import NOTHING, Request
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.paper_status import PaperStatus
from csp_workflow.terms.returns import FormDefinition
from csp_workflow.terms.site import RespondentKind


def days(stage: Stage) -> Iterator[Letter]:
    """Everything about days that change."""
    yield from _more_time(stage)
    yield from _moved(stage)
    yield from _overtaken(stage)
    yield from _noted(stage)


def _more_time(stage: Stage) -> Iterator[Letter]:
    """The co-ordinator gives everybody more time, and nobody uses it."""
    story = Story(stage)
    for entry in stage.entries:
        day = stage.day(entry.form.due, 3)
        words = f"EXTEND {entry.respondent.code} TO {day.day} {day:%B %Y} BECAUSE the analyst is ill"
        yield from story.order(words, stage.moment(entry.form.due, -1))
    yield from story.chase(london_day(stage.first_due), london_day(stage.dates.close))


def _moved(stage: Stage) -> Iterator[Letter]:
    """A holiday is announced for the due day, and the meetings come sooner."""
    cycle, dates, next_day = Story(stage).view_cycle(), stage.dates, timedelta(days=1)
    papers = tuple(replace(paper, clearance=stage.day(dates.close, 1)) for paper in dates.papers)
    later = replace(dates, extract_due=dates.extract_due + next_day, due=dates.due + next_day, papers=papers)
    now = stage.moment(stage.first_due, -1)
    yield from corrections.decide_moving(replace(cycle, dates=later), dates, now, by="").letters
    asked = {key: replace(stands, approval_asked="asked") for key, stands in cycle.status.returns.items()}
    status = replace(cycle.status, returns=asked)
    yield from corrections.decide_moving(replace(cycle, dates=later, status=status), dates, now, by="").letters


def _overtaken(stage: Stage) -> Iterator[Letter]:
    """The extract comes after the forms, of which some are in, and a wording is put right: all go anew. Then once more,
    with a wording alone, and to those who returned alone."""
    story, now = Story(stage), stage.moment(stage.first_due, -2)
    for place, one in enumerate(stage.people):
        if place % 2:
            story.send_in(one.lead.address, stage.moment(one.first_due, -3), one.entries, Filling.WELL)
    asked = {e.respondent.key: e.form for e in stage.entries if e.respondent.kind is not RespondentKind.ANALYST}
    yield from _send_anew(story, {key: _word_otherwise(_without_extract(form)) for key, form in asked.items()}, now)
    yield from _send_anew(story, {key: _word_otherwise(form) for key, form in asked.items()}, now + timedelta(hours=1))
    returned = {key: _without_extract(asked[key]) for key in story.submissions if key in asked}
    yield from _send_anew(story, returned, now + timedelta(hours=2))


def _noted(stage: Stage) -> Iterator[Letter]:
    """A board has met: everybody is told, some with what it asked; once more what it asked of them later."""
    story, (paper, *_) = Story(stage), stage.dates.papers
    boards = tuple(replace(board, notes_to_all=True) for board in stage.site.boards)
    story.stage = replace(stage, site=replace(stage.site, boards=boards))
    at = london(stage.site.working_days.plus(paper.meeting, 1), stage.site.window.opens)
    yield from story.order(f"NOTES {paper.board}", at)
    story.papers[paper.board] = PaperStatus(
        board=paper.board, state=PaperState.CIRCULATED, circulated_at=at, noted=at, shows=story.status.returns
    )
    for one in (*stage.entries[:1], *stage.entries[-1:]):
        day = f"{at + timedelta(days=20):%d %B %Y}"
        asked = f"ACTION {paper.board} {one.respondent.code} BY {day}: Say what was done."
        yield from story.order(asked, at)
    first = london_day(at) + timedelta(days=1)
    yield from story.chase(first, first + timedelta(days=20))


def _send_anew(story: Story, sent: Mapping[str, FormDefinition], now: datetime) -> Iterator[Letter]:
    facts = story.stage.opening_facts(status=story.status)
    yield from story.keep(corrections.decide_overtaken(facts, sent, now)).letters
    fresh = corrections.list_fresh(facts, {key: (form,) for key, form in sent.items()}, now)
    reached = facts.service.written_to
    changed = [one for one in fresh if one.changes and reached(one.respondent, london_day(now))]
    filled = {
        one.respondent.key: (Request(form=one.form, workbook=""), attach_workbook(one.form, created=now))
        for one in changed
        if one.respondent.key in story.submissions
    }
    decided = (
        corrections.decide_reissue(replace(facts, status=story.status), changed, filled, now) if changed else NOTHING
    )
    yield from story.keep(decided).letters


def _without_extract(form: FormDefinition) -> FormDefinition:
    return replace(form, figures=tuple(replace(row, given=None) for row in form.figures))


def _word_otherwise(form: FormDefinition) -> FormDefinition:
    """As it was worded before its first row or box was put right."""
    rows = tuple(replace(row, title=f"{row.title} (as first worded)") for row in form.figures[:1])
    boxes = tuple(replace(box, heading=f"{box.heading} (as first worded)") for box in form.summary[:1])
    return replace(form, figures=(*rows, *form.figures[1:]), summary=(*boxes, *form.summary[1:]))
