"""What a paper says of its figures is true of them: under which period, and where anything was compared at all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from csp_workflow.analysis.peers import PeerReading, Position, tell_beside
from csp_workflow.report.blocks import Numbered, plain_text
from csp_workflow.report.contents import compile_contents
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.quality import list_changed
from csp_workflow.terms.figures import Figure, Frequency
from csp_workflow.terms.phrases import say_rate_period
from csp_workflow.terms.returns import Revision
from tests.report.paper_told import NOW, Q2, eight, facts, figure, status
from tests.report.test_contents import CHARNWOOD, burgled, series_of, table, words

BODY = "Making Communities and Neighbourhoods Safer: all areas"
EVERY = "Making Communities and Neighbourhoods Safer: every area"


def counted(of: ReportFacts, ref: str, **others: object) -> ReportFacts:
    """The facts where a series is counted otherwise: later, or less often."""
    framework = of.framework
    measures = tuple(
        replace(m, series=tuple(replace(s, **others) if s.ref == ref else s for s in m.series))
        for m in framework.measures
    )
    return replace(of, site=replace(of.site, frameworks=(replace(framework, measures=measures),)))


def everywhere(*newest_first: int, apart: int = 1, back: int = 0) -> list[Figure]:
    """The same burglaries in every area."""
    areas = facts().areas_of(series_of("M12a"))
    return [
        figure("M12a", area.code, Q2.plus(-back - apart * at), value)
        for area in areas
        for at, value in enumerate(newest_first)
    ]


@pytest.mark.parametrize(
    ("frequency", "lag", "figures", "year"),
    [
        (Frequency.QUARTERLY, 2, everywhere(*[300] * 4, *[160] * 4, back=2), "twelve months to March 2014"),
        (Frequency.HALF_YEARLY, 0, everywhere(*[600, 310] * 4, apart=2), "April to September 2014"),
    ],
)
def test_a_count_of_another_time_never_stands_under_the_paper_s_year(
    frequency: Frequency, lag: int, figures: list[Figure], year: str
) -> None:
    contents = compile_contents(counted(facts(*figures), "M12a", frequency=frequency, lag_quarters=lag))
    (line,) = [row for row in table(contents, BODY) if "burglary" in row[0]]
    assert line[0] == f"Domestic burglary ({year})"
    if lag:
        assert f"All areas together: 10,800 offences ({year}), 5,760 a year before." in words(contents)
        told = table(contents, "changes in the year to 30 September 2014")
        assert all(row[0].startswith(f"Domestic burglary ({year})\n") for row in told)
        assert all(row[1].endswith("January to March 2014 300, was 160") for row in told)
        assert "\u201cWas\u201d is" not in words(contents), "of no quarter that is named there"
        lines = [row[1] for row in table(contents, EVERY) if row[0] == "Domestic burglary"]
        assert lines[:2] == ["January to March 2014", "Twelve months to March 2014"]


def test_what_is_of_the_paper_s_own_year_needs_no_word_of_it() -> None:
    contents = compile_contents(facts(*burgled()))
    assert any(row[0] == "Domestic burglary" for row in table(contents, BODY))
    assert table(contents, "One change in the year to 30 September 2014")[0][0] == "Domestic burglary\nCharnwood"


def test_a_rate_stands_under_its_own_period() -> None:
    assert say_rate_period("12 months to 2014/15-Q2") == "year to 30 September 2014"
    assert say_rate_period("2013/14") == "year to 31 March 2014"
    assert say_rate_period("2014/15-Q2") == "July to September 2014"


@pytest.mark.parametrize(
    ("rate", "low", "high", "words", "said"),
    [
        ("6.40", "3.60", "5.21", Position.ABOVE, "Above: 6.4\nGroup 4.4 (3.6\u20135.2)"),
        ("5.24", "3.60", "5.21", Position.ABOVE, "Above: 5.24\nGroup 4.40 (3.60\u20135.21)"),
        ("3.6449", "3.6451", "5.21", Position.BELOW, "Below: 3.64\nGroup 4.40 (3.65\u20135.21)"),
        ("0.2312", "0.2349", "5.21", Position.BELOW, "Below: 0.231\nGroup 4.40 (0.235\u20135.21)"),
        ("5.26", "3.60", "5.31", Position.SIMILAR, "Similar: 5.3\nGroup 4.4 (3.6\u20135.3)"),
    ],
)
def test_a_rate_is_printed_with_as_many_places_as_show_where_it_lies(
    rate: str, low: str, high: str, words: Position, said: str
) -> None:
    peers = PeerReading(
        words=words, rate=Decimal(rate), average=Decimal("4.4"), low=Decimal(low), high=Decimal(high), unit="x"
    )
    beside = tell_beside(peers)
    assert f"{beside.place}: {beside.rate}\nGroup {beside.average} ({beside.limits})" == said


def test_none_is_said_only_where_something_was_compared() -> None:
    contents = compile_contents(facts(*burgled(), *eight("M11", CHARNWOOD, *[100] * 4)))
    by_measure = {row[0]: row for row in table(contents, BODY)}
    assert by_measure["All crime"][-1] == "not compared"
    assert by_measure["Domestic burglary"][-1] == "Charnwood"


def test_all_is_said_of_the_police_figures_only_where_all_were_compared() -> None:
    steady = [155, 150, 160, 155, 160, 150, 155, 160]
    two = facts(*eight("M12a", CHARNWOOD, *steady), *eight("M11", CHARNWOOD, *steady), status=status(charnwood=()))
    assert "Both police figures that could be compared are as usual." in words(compile_contents(two))
    refs = [s.ref for s in two.police_series() if any(row.area.code == CHARNWOOD for row in two.rows(s))]
    every = facts(*(f for ref in refs for f in eight(ref, CHARNWOOD, *steady)), status=status(charnwood=()))
    assert "All nine police figures are as usual." in words(compile_contents(every))


@pytest.mark.parametrize("was", [90, None])
def test_what_was_taken_back_is_told_with_its_number_and_what_never_had_one_is_not(was: int | None) -> None:
    asked = status(charnwood=())
    moved = replace(asked.returns["charnwood"], revisions=(Revision(at=NOW, figures=1, came=0, wordings=0),))
    of = facts(status=replace(asked, returns={**asked.returns, "charnwood": moved}))
    of = replace(of, withdrawn={("M11", CHARNWOOD): figure("M11", CHARNWOOD, Q2, was)})
    said = " ".join(plain_text(block.text) for block in list_changed(of, most=5) if isinstance(block, Numbered))
    assert "Police figures were revised on" in said
    assert ("(previously 90)" in said) is (was is not None)
    assert "no figure" not in said
