"""Values at their edges: what cannot be made, what is not there, and what never shows its content."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.dates import PaperState, Quarter, as_utc
from csp_workflow.terms.events import Decision, Event, Happened, together
from csp_workflow.terms.figures import Figure, FigureStatus, Framework, Provenance
from csp_workflow.terms.messages import Attachment, Judgement, Verdict
from csp_workflow.terms.phrases import joined, say_numbers
from csp_workflow.terms.status import fold_cycle
from tests.chase.quarter_told import SITE

Q2 = Quarter.parse("2014/15-Q2")


def figure(year: str, value: int | None) -> Figure:
    return Figure(
        series="M01.1",
        area="E1",
        period=year,
        as_at=date(2014, 7, 1),
        value=None if value is None else Decimal(value),
        status=FigureStatus.FINAL if value is not None else FigureStatus.SUPPRESSED,
        provenance=Provenance(source="test"),
    )


@pytest.mark.parametrize("number", [0, 5])
def test_a_year_has_four_quarters(number: int) -> None:
    with pytest.raises(ValueError, match="numbered 1 to 4"):
        Quarter(2014, number)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        as_utc(datetime(2014, 10, 15, 9))


def test_what_the_config_does_not_have_is_named() -> None:
    with pytest.raises(KeyError, match="2014/15"):
        SITE.framework(Q2)
    with pytest.raises(KeyError, match="nobody"):
        SITE.board("nobody")
    with pytest.raises(KeyError, match="nobody"):
        SITE.respondent("nobody")


def test_each_financial_year_has_its_own_framework() -> None:
    years = ("2013/14", "2014/15")
    made = tuple(Framework(year=year, title=year, themes=(), priorities=(), measures=()) for year in years)
    assert replace(SITE, frameworks=made).framework(Q2).title == "2014/15"


def test_an_attachment_never_shows_its_content() -> None:
    assert repr(Attachment(name="a.xlsx", data=b"secret")) == "Attachment('a.xlsx', 6 bytes)"


def test_a_message_has_one_verdict_however_many_decisions_are_committed_together() -> None:
    one = Decision(judgement=Judgement(message="m", verdict=Verdict.NOISE, reason=""))
    assert together(one, Decision()).judgement == one.judgement
    with pytest.raises(ValueError, match="exactly one verdict"):
        together(one, one)


def test_the_latest_year_is_the_latest_that_has_a_value() -> None:
    known = KnownFigures([figure("2012/13", 40), figure("2013/14", None)], date(2014, 10, 1))
    found = known.latest_year("M01.1", "E1")
    assert found is not None
    assert found.period == "2012/13"
    assert known.latest_year("M01.1", "elsewhere") is None


def test_a_published_paper_keeps_when_it_was_circulated() -> None:
    told = (
        (Happened.PAPER_DRAFTED, {"content": "c"}),
        (Happened.PAPER_CLEARED, {"content": "c"}),
        (Happened.PAPER_CIRCULATED, {}),
        (Happened.PAPER_PUBLISHED, {}),
    )
    events = [
        Event(kind=kind, at=datetime(2014, 11, 18 + n, 9, tzinfo=UTC), by="t", quarter=Q2, subject="speb", facts=facts)
        for n, (kind, facts) in enumerate(told)
    ]
    (paper,) = fold_cycle(Q2, events).papers.values()
    assert (paper.state, paper.circulated_at) == (PaperState.PUBLISHED, events[2].at)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["Blaby", "Melton"], "Blaby and Melton"),
        (["Charnwood", "Hinckley and Bosworth"], "Charnwood, and Hinckley and Bosworth"),
        (["Blaby", "Oadby and Wigston", "Melton"], "Blaby, Oadby and Wigston, and Melton"),
        (["Police, analysis", "Surveys"], "Police, analysis; and Surveys"),
        (["A, b", "C and d", "E"], "A, b; C and d; and E"),
    ],
)
def test_a_name_that_holds_and_or_a_comma_is_told_from_the_next(names: list[str], said: str) -> None:
    assert joined(names) == said


@pytest.mark.parametrize(
    ("numbers", "said"),
    [([], ""), ([7], "7"), ([16, 15], "15 and 16"), ([1, 2, 3, 4, 7, 9], "1 to 4, 7 and 9"), ([3, 3, 1, 2], "1 to 3")],
)
def test_numbers_in_a_row_are_a_range(numbers: list[int], said: str) -> None:
    assert say_numbers(numbers) == said
