"""Two people's copies of one form, in either order: one result, but where they differ, which both are asked by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csp_workflow.forms import layout
from csp_workflow.forms.writing import leave_out_workbooks
from tests.intake.intake_factory import FORMS, LATER, Typed, after, came_back, cycle, decided, facts, mail
from tests.intake.test_merging import CHAIR, L1, L2, LEAD

POLICE = "M11.1"
KEYS = {row.ref: layout.figure_key(row.area.code, row.ref) for row in FORMS["charnwood"].figures}
FIELDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("figures", L1): ("", "43", "58", "c. 43", "43.0"),
    ("figures", L2): ("", "72", "61.5", "nothing we know"),
    ("statuses", L1): ("", "Provisional", "Final", "perhaps"),
    ("statuses", POLICE): ("", "Confirmed", "Disputed"),
    ("notes", L1): ("", "From the spring panel", "A new team"),
    ("notes", POLICE): ("", "Two counted twice"),
    ("causes", L1): ("", "A new team"),
    ("texts", "T1"): ("", "We met.", " We  met. ", "Two joint patrols were held."),
}
"""What people may type into each box. Two statuses without a figure are a story of their own (`test_merging`)."""

HANDS = st.fixed_dictionaries({place: st.sampled_from(texts) for place, texts in FIELDS.items()})
_INPUTS = {"figures": "this_quarter", "statuses": "status", "notes": "note", "causes": "drove_it", "texts": "value"}
Hand = Mapping[tuple[str, str], str]


def typed(hand: Hand) -> Typed:
    """A form filled in by one hand."""
    said = {name: {ref: text for (of, ref), text in hand.items() if of == name and text} for name in _INPUTS}
    return Typed(**said, signed={layout.COMPLETED_BY: "A. Lead"})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Stands:
    """What stands after both forms: the texts by box, the values, and what is asked by code and row."""

    texts: dict[tuple[str, str], str]
    values: dict[str, tuple[object, ...]]
    asked: set[tuple[str, str, str]]
    clashes: dict[tuple[str, str], str]


def settle(*forms: tuple[str, Hand]) -> Stands:
    """What stands after some forms, one after the other; of one that says nothing new no version is made."""
    stands, versions = cycle(), []
    with leave_out_workbooks():
        for n, (who, hand) in enumerate(forms):
            form = came_back(FORMS["charnwood"], typed(hand))
            decision = decided(mail(f"Part {n}.", sender=who), facts(form, cycles=(stands,)), LATER)
            stands, versions = after(decision, stands), [*versions, *decision.submissions]
    last = versions[-1]
    return Stands(
        texts={(one.key, one.input.value): " ".join(one.text.split()) for one in last.inputs},
        values={f.series: (f.value, f.status, f.note, f.drove_it) for f in last.figures},
        asked={(f.code, f.key, f.column) for f in last.findings},
        clashes={(f.key, f.column): f.found for f in last.findings if f.code == "two-answers"},
    )


def differ(one: str, other: str) -> bool:
    """Whether two entries say different things."""
    a, b = (" ".join(text.split()).removesuffix(".0") for text in (one, other))
    return bool(a and b and a != b)


def place_of(name: str, ref: str) -> tuple[str, str]:
    return KEYS.get(ref, ref), _INPUTS[name]


UNREAD = frozenset({"perhaps", "nothing we know"})
"""What nobody can take: it is asked about until something that can be taken comes in its place, from whomever.

A figure that comes answers for its Status too. Where both give one, and one a Status that nobody can take, the figure
stands if it stood before that came: then the doubt is asked about, and takes away nothing that was accepted.
"""


def check_both_orders(first: Hand, second: Hand) -> None:
    forth, back = settle((LEAD, first), (CHAIR, second)), settle((CHAIR, second), (LEAD, first))
    apart = {place_of(*p)[0] for p in FIELDS if not {first[p], second[p]} & UNREAD and differ(first[p], second[p])}
    for place in FIELDS:
        key, name = place_of(*place)
        for stands, hands in ((forth, (first, second)), (back, (second, first))):
            said = [hand[place] for hand in hands if hand[place]]
            taken = [text for text in said if text not in UNREAD]
            if taken:
                assert not differ(stands.texts.get((key, name), "nothing"), taken[0]), (place, stands)
            elif said and not (name == "status" and (key, "this_quarter") in stands.texts):
                assert any(asked == key for _, asked, _ in stands.asked), (place, stands)
    unread = {place_of(*p)[0] for p in FIELDS if {first[p], second[p]} & UNREAD}
    for stands in (forth, back):
        assert apart <= {key for key, _ in stands.clashes} <= apart | unread
    assert all(found.count("sent by") == 2 for found in (*forth.clashes.values(), *back.clashes.values()))
    assert leave_out(forth.texts, apart) == leave_out(back.texts, apart)
    both = {first["statuses", L1], second["statuses", L1]}, {first["figures", L1], second["figures", L1]}
    if not apart and not ("perhaps" in both[0] and "" not in both[1]):
        assert forth.values == back.values
    if not apart and not {*first.values(), *second.values()} & UNREAD:
        assert forth.asked == back.asked


def leave_out(texts: Mapping[tuple[str, str], str], apart: set[str]) -> dict[tuple[str, str], str]:
    """The texts of the rows in which nothing is said in two ways."""
    return {place: text.removesuffix(".0") for place, text in texts.items() if place[0] not in apart}


NOBODY = dict.fromkeys(FIELDS, "")


def test_words_for_a_figure_that_came_without_it_stand_beside_it_in_either_order() -> None:
    words = {("statuses", L1): "perhaps", ("causes", L1): "A new team", ("notes", L1): "From the spring panel"}
    for typed_number in ("43", "c. 43"):
        check_both_orders({**NOBODY, **words}, {**NOBODY, ("figures", L1): typed_number})


@settings(max_examples=20, deadline=None)
@given(first=HANDS, second=HANDS)
def test_two_hands_make_the_same_return_in_either_order_or_are_both_asked(first: Hand, second: Hand) -> None:
    check_both_orders(first, second)


@pytest.mark.sweep
@settings(max_examples=1_500, deadline=None)
@given(first=HANDS, second=HANDS)
def test_many_hands_make_the_same_return_in_either_order_or_are_both_asked(first: Hand, second: Hand) -> None:
    check_both_orders(first, second)
