"""Case, politeness, order of lines, signature and quoted text change no order that is read; doubt never acts."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.desk.commands import HARMLESS, Command, Verb
from csp_workflow.desk.reading import parse
from csp_workflow.desk.usages import USAGES, fill_in
from tests.chase.quarter_told import MELTON, SITE
from tests.desk.reading import LISTS, NAMES, TODAY, read

_NAMED = {"CODE": "MELT", "BOARD": "speb", "LETTER": "abcd1234", "ID": "3fa9c1d2", "REF": "A3"}
_SITES_OWN = {Verb.CLOSE, Verb.ANSWER, Verb.SEND, Verb.PROOF}
"""What only is an order with words below it, with something that this small site lacks, or for the analyst."""
_ONLY_LOUD = {Verb.LATER, Verb.AGREED}
"""What people also write for another purpose: "later", "Agreed"."""


def write(written: str) -> str:
    """An order as a person would write it: everything named, her own words in it."""
    words = fill_in(written)
    for room, name in _NAMED.items():
        words = re.sub(rf"\b{room}\b", name, words)
    for before, day in (("FROM", "3 November"), ("TO", "14 November"), ("BY", "14 November")):
        words = words.replace(f"{before} day", f"{before} {day}")
    return words.replace(" address", " lead@melton.example")


EVERY = [write(usage.written) for usage in USAGES if usage.verb not in _SITES_OWN]
QUIET = [words for words in EVERY if Verb[words.split()[0]] not in _ONLY_LOUD]
SAID = st.sampled_from(EVERY)


def bare(command: Command) -> Command:
    """An order without the line it was read from; her own words are compared whatever their case."""
    return replace(
        command,
        words="",
        reason=command.reason.casefold(),
        whom=command.whom.casefold(),
        text=command.text.casefold(),
        message=command.message.casefold(),
        person=None,
    )


def orders(text: str) -> list[Command]:
    return [bare(command) for command in read(text).commands]


@pytest.mark.parametrize("words", EVERY)
def test_every_way_that_is_listed_is_read_and_said_back_as_the_same(words: str) -> None:
    parsed = read(words)
    assert not parsed.not_understood, [line.fault for line in parsed.not_understood]
    (command,) = parsed.commands
    (again,) = read(command.write()).commands
    assert bare(again) == bare(command)


@given(st.sampled_from(QUIET), st.sampled_from([str.lower, str.upper, str.capitalize, str.title]))
def test_case_changes_nothing(words: str, change: object) -> None:
    said = change(words)  # type: ignore[operator]
    assert orders(said) == orders(words), said


BEFORE = st.sampled_from(["", "please ", "Could you please ", "OK, ", "Thanks - please ", "- ", "1. ", "**", "Now "])
AFTER = st.sampled_from(["", ".", ", please", ", thanks", " - many thanks"])


@given(st.sampled_from([words for words in EVERY if not words.startswith("ACTION")]), BEFORE, AFTER)
def test_politeness_changes_nothing(words: str, before: str, after: str) -> None:
    assert orders(f"{before}{words}{after}") == orders(words)


@given(st.lists(SAID, min_size=2, max_size=4, unique=True).flatmap(st.permutations))
def test_the_order_of_lines_changes_no_order(lines: list[str]) -> None:
    every = [order for line in lines for order in orders(line)]
    assert orders("\n\n".join(lines)) == every


SIGNATURES = st.sampled_from(
    ["\n\nKind regards\n\nJane Doe\nPerformance Co-ordinator\n0116 496 0000", "\n\nThanks,\nJane", "\n\nJane Doe"]
)
QUOTED = st.sampled_from(["> {}", "| {}", "-----Original Message-----\n{}", "On Fri 31 Oct 2014, Pat Lead wrote:\n{}",
                          "From: Pat Lead\nSent: 31 October 2014\n\n{}"])  # fmt: skip


@given(SAID, SIGNATURES, QUOTED, SAID)
def test_what_is_signed_or_quoted_below_adds_no_order(words: str, signed: str, quoted: str, theirs: str) -> None:
    assert orders(f"{words}{signed}\n\n{quoted.format(theirs)}") == orders(words)


@given(QUOTED, SAID)
def test_no_word_of_a_quoted_letter_acts(quoted: str, theirs: str) -> None:
    assert not orders(quoted.format(theirs))


@given(st.sampled_from([usage.written for usage in USAGES if "CODE" in usage.written and usage.verb not in _SITES_OWN]))
def test_no_order_with_a_name_that_two_have_acts(written: str) -> None:
    rural = replace(MELTON, key="melton-rural", code="MELR", name="Melton Rural", areas=())
    urban = replace(MELTON, key="melton-urban", code="MELU", name="Melton Urban", areas=())
    others = tuple(r for r in SITE.respondents if r != MELTON)
    site = replace(SITE, courtesies=LISTS, respondents=(*others, rural, urban))
    words = write(written.replace("CODE", "Melton"))
    assert not parse(words, today=TODAY, site=site, names=NAMES).commands


@given(SAID, st.sampled_from(["but not to Melton", "?", "unless they object", "tomorrow maybe", "or HOLD MELT"]))
def test_what_is_added_to_a_line_is_never_passed_over(words: str, more: str) -> None:
    """It is read as her own words where the order has room for them, and else the line is asked about."""
    parsed = read(f"{words} {more}")
    added = [one for one in parsed.commands if bare(one) in orders(words)]
    assert parsed.not_understood or all(one.verb in HARMLESS for one in added)
