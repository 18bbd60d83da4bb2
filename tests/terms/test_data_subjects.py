"""Whoever is asked about is found in any text, however it is written, and nobody else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.terms.data_subjects import DataSubject, make_number

KEY = b"k" * 32
JO = DataSubject(names=("Zoë O'Brien-Smith", "Jo Smith"), addresses=("jo.smith@charnwood.example",))


@pytest.mark.parametrize(
    "text",
    [
        "Ask Jo Smith.",
        "JO SMITH",
        "Smith, Jo",
        "Jo A. Smith signed",
        "Jo\r\n Smith",
        "Jo\u00a0Smith",
        "Return_Jo_Smith_v2.xlsx",
        "jo.smith return.docx",
        "Zoe O\u2019Brien Smith",
        "Jo Smith <x@y.example>",
        "JO.SMITH+returns@CHARNWOOD.example",
        "mail jo.smith@charnwood.example.cjsm.net now",
        "to jo.smith@charnwood.example.",
        "Zoe\u0308 O'Brien-Smith",
    ],
)
def test_she_is_found(text: str) -> None:
    assert JO.is_in(text)
    assert not JO.is_in(JO.erase_from(text, KEY))


@pytest.mark.parametrize(
    "text",
    [
        "Jo Smithers",
        "Banjo Smith",
        "Mary.jo.smith@charnwood.example",
        "jo.smith@charnwood.example.org",
        "Jo, then Ann Smith",
        "Smith and Jo",
        "",
    ],
)
def test_nobody_else_is(text: str) -> None:
    assert not JO.is_in(text)
    assert JO.erase_from(text, KEY) == text


def test_the_same_person_has_the_same_number_everywhere_and_only_the_key_tells_it() -> None:
    erased = JO.erase_from("jo.smith@charnwood.example, Jo.Smith+x@charnwood.example", KEY)
    first, second = erased.split(", ")
    assert first == second == f"erased-{make_number('JO.SMITH@charnwood.example', KEY)}@erased.invalid"
    assert make_number("jo.smith@charnwood.example", KEY) != make_number("jo.smith@charnwood.example", b"other")
    assert JO.number(KEY) in first


@given(before=st.text(max_size=40), after=st.text(max_size=40))
def test_what_stands_around_her_stays(before: str, after: str) -> None:
    erased = JO.erase_from(f"{before} | Jo Smith | {after}", KEY)
    assert f" | [erased {make_number('Jo Smith', KEY)}] | " in erased
    assert not JO.is_in(erased)
