"""What a paper is given of what boards asked: open, overdue, closed since the last paper, each with its answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from csp_workflow.report.facts import report_actions
from csp_workflow.terms.actions import Action, ActionState
from csp_workflow.terms.returns import Narrative
from tests.chase.quarter_told import CHARNWOOD, Told, at

DAY = date(2015, 2, 20)
ASKED = Action(
    ref="A1", respondent="charnwood", board="speb", wording="Say how.", asked=date(2014, 12, 4), due=date(2015, 1, 16)
)
CLOSED = replace(ASKED, ref="A2", closed=datetime(2014, 12, 10, tzinfo=UTC), reason="it is done")


def test_an_action_stands_as_it_is_on_the_day_with_its_answer() -> None:
    told = Told()
    told.arrive(CHARNWOOD, at(29))
    (version,) = told.submissions["charnwood"]
    answered = replace(version, narratives=(Narrative(ref="A1", text=" By patrols. ", sheet="Actions", cell="F7"),))
    later = replace(ASKED, ref="A3", due=DAY)
    not_yet = replace(ASKED, ref="A4", asked=date(2015, 3, 5))
    elsewhere = replace(ASKED, ref="A5", respondent="melton")
    every = (ASKED, CLOSED, later, not_yet, elsewhere)
    found = report_actions(every, {"charnwood": answered}, DAY, since=None)
    assert [(a.ref, a.state, a.answer) for a in found] == [
        ("A1", ActionState.OVERDUE, "By patrols."),
        ("A2", ActionState.CLOSED, ""),
        ("A3", ActionState.OPEN, ""),
        ("A5", ActionState.OVERDUE, ""),
    ]


def test_what_was_closed_stands_in_one_more_paper() -> None:
    for since, refs in ((datetime(2014, 12, 9, tzinfo=UTC), ["A2"]), (datetime(2014, 12, 11, tzinfo=UTC), [])):
        assert [a.ref for a in report_actions((CLOSED,), {}, DAY, since=since)] == refs
