"""The scenes of days that change: the co-ordinator gives more time, a holiday is announced, a meeting moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from csp_workflow.rehearsal.specimens.stage import Stage, Story
from csp_workflow.request import moving
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.letters import Letter


def days(stage: Stage) -> Iterator[Letter]:
    """Everything about days that change."""
    yield from _more_time(stage)
    yield from _moved(stage)


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
    yield from moving.decide_moving(replace(cycle, dates=later), dates, now, by="").letters
    asked = {key: replace(stands, approval_asked="asked") for key, stands in cycle.status.returns.items()}
    status = replace(cycle.status, returns=asked)
    yield from moving.decide_moving(replace(cycle, dates=later, status=status), dates, now, by="").letters
