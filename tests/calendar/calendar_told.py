"""What the calendar's tests share: England's bank holidays, offsets, boards and drawn values."""

from __future__ import annotations

from datetime import time, timedelta

import holidays
from hypothesis import strategies as st

from csp_workflow.request.calendar import reckon_dates
from csp_workflow.terms.dates import Board, Meeting, Quarter, WorkingDays, in_london
from csp_workflow.terms.site import Offsets

ENGLAND = WorkingDays(
    frozenset(holidays.country_holidays("GB", subdiv="ENG", years=range(2013, 2043))), first_year=2013, last_year=2042
)
OFFSETS = Offsets(
    extract_request=1, extract_due=10, open=11, due=20, close=25, drafting=5, clearance=2, due_time=time(17)
)
PANEL = Board(key="panel", name="Police and Crime Panel", public=True, clear_days=5, lead_days=2)
SPEB = Board(key="speb", name="Strategic Partnership Executive Board", public=False, lead_days=7)
Q2 = Quarter(2014, 2)

quarters = st.builds(Quarter, st.integers(2013, 2040), st.integers(1, 4))
counts = st.integers(0, 12)


@st.composite
def offsets(draw):
    """Offsets in order, as a config may have them."""
    steps = [draw(st.integers(1, 8)), draw(counts), draw(counts), draw(st.integers(1, 12)), draw(st.integers(1, 12))]
    days = [sum(steps[: place + 1]) for place in range(5)]
    return Offsets(
        extract_request=days[0],
        extract_due=days[1],
        open=days[2],
        due=days[3],
        close=days[4],
        drafting=draw(counts),
        clearance=draw(counts),
        due_time=draw(st.times().map(lambda at: at.replace(microsecond=0))),
    )


boards = st.builds(
    Board,
    key=st.just("board"),
    name=st.just("The Board"),
    public=st.booleans(),
    clear_days=st.integers(0, 6),
    lead_days=st.integers(0, 10),
)


def planned(quarter=Q2, meetings=(), these=(PANEL, SPEB), by=OFFSETS, **more):
    """A plan; meetings are (board key, day) pairs that take the quarter."""
    sat = [Meeting(board=board, day=day, quarter=quarter) for board, day in meetings]
    return reckon_dates(quarter, meetings=sat, boards=these, offsets=by, working_days=ENGLAND, **more)


def a_meeting(dates, ahead):
    """A day so many days after the due date, whatever day of the week it is."""
    return in_london(dates.due).date() + timedelta(days=ahead)
