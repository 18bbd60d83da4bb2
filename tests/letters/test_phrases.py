"""How dates, numbers and lists are said to people."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from csp_workflow.letters.catalogue import paragraphs, wrap_text
from csp_workflow.mail.compose import clean_text, put_on_one_line
from csp_workflow.terms import phrases
from csp_workflow.terms.figures import Figure, FigureStatus, Provenance


def test_a_moment_is_said_in_london_time_in_summer_and_in_winter():
    assert phrases.moment(datetime(2014, 7, 30, 16, 0, tzinfo=UTC)) == "5pm on Wednesday 30 July 2014"
    assert phrases.moment(datetime(2014, 10, 30, 17, 0, tzinfo=UTC)) == "5pm on Thursday 30 October 2014"


def test_an_instant_late_in_the_summer_evening_is_said_as_the_next_day():
    assert phrases.day(datetime(2014, 6, 30, 23, 30, tzinfo=UTC)) == "Tuesday 1 July 2014"
    assert phrases.short_day(datetime(2014, 6, 30, 23, 30, tzinfo=UTC)) == "1 Jul 2014"


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [(0, 0, "midnight"), (12, 0, "midday"), (9, 30, "9:30am"), (12, 5, "12:05pm"), (0, 5, "12:05am"), (17, 0, "5pm")],
)
def test_the_time_of_day_is_said_as_people_say_it(hour, minute, said):
    assert phrases.clock(datetime(2014, 12, 1, hour, minute, tzinfo=UTC)) == said


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        phrases.moment(datetime(2014, 12, 1, 9))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Decimal(1204), "1,204"),
        (Decimal("12.50"), "12.5"),
        (Decimal("1E+3"), "1,000"),
        (Decimal(100), "100"),
        (0, "0"),
        (-1204, "-1,204"),
        (0.1, "0.1"),
        (None, "no figure"),
    ],
)
def test_numbers_have_commas_and_no_idle_noughts(value, said):
    assert phrases.number(value) == said


@pytest.mark.parametrize(
    ("status", "value", "said"),
    [
        (FigureStatus.FINAL, Decimal(1204), "1,204"),
        (FigureStatus.PROVISIONAL, Decimal(12), "12 (provisional)"),
        (FigureStatus.SUPPRESSED, None, "suppressed"),
        (FigureStatus.NIL, Decimal(0), "nil"),
        (FigureStatus.FINAL, Decimal(0), "0"),
    ],
)
def test_a_figure_is_said_with_its_status_unless_it_is_final(status, value, said):
    given = Figure(
        series="S",
        area="A",
        period="2014/15-Q2",
        as_at=date(2014, 10, 1),
        value=value,
        status=status,
        provenance=Provenance(source="test"),
    )
    assert phrases.say_figure(given) == said
    assert phrases.say_figure(None) == "not supplied"


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((15, 40), "37.5 per cent (15 of 40)"),
        ((None, 1200), "37.5 per cent (n = 1,200)"),
        ((15, None), "37.5 per cent"),
    ],
)
def test_a_share_is_said_with_its_counts(counts, said):
    given = Figure(
        series="S",
        area="A",
        period="2014/15-Q2",
        as_at=date(2014, 10, 1),
        value=Decimal("37.5"),
        count=counts[0],
        base=counts[1],
        unit="per cent of adults in treatment",
        status=FigureStatus.FINAL,
        provenance=Provenance(source="test"),
    )
    assert phrases.say_figure(given) == said


def test_counts_take_their_noun():
    assert phrases.plural(1, "cell") == "1 cell"
    assert phrases.plural(0, "cell") == "0 cells"
    assert phrases.plural(1204, "reply") == "1,204 replies"
    assert phrases.plural(2, "day") == "2 days"
    assert phrases.plural(2, "address") == "2 addresses"
    assert phrases.plural(2, "person", "people", spelt=True) == "two people"
    assert phrases.plural(12, "form", spelt=True) == "12 forms"


def test_lists_are_joined_as_in_a_sentence():
    assert phrases.joined([]) == ""
    assert phrases.joined(["A"]) == "A"
    assert phrases.joined(("A", "B")) == "A and B"
    assert phrases.joined(iter("ABC"), "or") == "A, B or C"


def test_somebodys_writing_becomes_paragraphs_and_no_markup():
    assert paragraphs("One <b>\n\n two") == "<p>One &lt;b&gt;</p><p>two</p>"
    assert phrases.capital("the Board") == "The Board"


def test_text_loses_what_cannot_be_seen_and_keeps_what_can():
    assert clean_text("a\x00b\x1b[0m\r\nc\u2028d\u202ee\ud800\tf£") == "ab[0m\nc\nde\N{REPLACEMENT CHARACTER}\tf£"
    assert put_on_one_line(" a\r\nBcc: b\x85c\t d ") == "a Bcc: b c d"


def test_long_lines_are_broken_at_72_and_list_items_hang():
    text = wrap_text("- " + "word " * 30 + "\n\n\n\n1. " + "word " * 30 + "\n  " + "word " * 30)
    assert max(map(len, text.splitlines())) <= 72
    assert "\n\n\n" not in text
    assert {line[:3] for line in text.splitlines() if line} == {"- w", "  w", "1. ", "   "}


def test_short_lines_are_never_joined_and_long_words_never_broken():
    address = "x" * 90
    assert wrap_text(f"Form: a\nDue: b\n{address}") == f"Form: a\nDue: b\n{address}\n"


@pytest.mark.parametrize(
    ("unit", "one"),
    [
        ("cases", "case"), ("offences", "offence"), ("young people", "young person"), ("children", "child"),
        ("calls for service", "call for service"), ("burglaries", "burglary"), ("losses", "loss"), ("boxes", "box"),
        ("reports and referrals", "report or referral"), ("sports sessions held", "sports session held"),
        ("officer hours", "officer hour"), ("business crimes", "business crime"),
        ("per cent of cases", "per cent of cases"),
        ("households (all tenures)", "household (all tenures)"), ("staff", "staff"), ("in words", "in words"), ("", ""),
    ],
)  # fmt: skip
def test_one_of_anything_is_said_as_one(unit, one):
    assert phrases.agree_unit(unit, Decimal("1.0")) == one
    assert phrases.agree_unit(unit, -1) == one
    for many in (0, 2, Decimal("1.5"), None):
        assert phrases.agree_unit(unit, many) == unit
