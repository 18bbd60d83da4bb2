"""The return reference: sealed, found in any text, and told from a made-up one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from form_factory import KEY
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.references import find_reference, is_genuine, seal_reference

CODES = st.from_regex(r"[A-Z][A-Z0-9]{1,8}", fullmatch=True)
PERIODS = st.builds(lambda y, n: Quarter(y, n).code, st.integers(2013, 2040), st.integers(1, 4))


@given(CODES, PERIODS, st.integers(1, 9), st.integers(1, 99))
def test_a_sealed_reference_is_found_again_in_a_sentence_and_is_genuine(code, period, form, revision):
    made = seal_reference(code, period, form, revision, key=KEY)
    assert find_reference(f"Return reference: {made}, thank you") == made
    assert is_genuine(made, key=KEY)


@given(CODES, PERIODS, st.integers(1, 99))
def test_another_revision_code_or_key_is_not_genuine(code, period, revision):
    made = seal_reference(code, period, 1, revision, key=KEY)
    assert not is_genuine(replace(made, revision=revision + 1), key=KEY)
    assert not is_genuine(replace(made, code=made.code + "X"), key=KEY)
    assert not is_genuine(made, key=b"another key")


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda t: t.replace("-", " - "),
        lambda t: t.replace("-", "\N{EN DASH}"),
        lambda t: t.replace("-", "\N{NON-BREAKING HYPHEN}"),
        lambda t: t.replace("-", "_"),
        lambda t: f"(copy of) CSP return {t}.xlsx",
        lambda t: t.replace("0", "O").replace("1", "I") if "0" in t[-8:] else t,
    ],
)
def test_a_mangled_reference_is_still_understood(change):
    made = seal_reference("CHARN", "1415Q2", 1, 1, key=KEY)
    head, sealed = str(made)[:-8], str(made)[-8:]
    text = change(str(made)) if "O" not in change("0") else head + change(sealed)
    assert find_reference(text) == made


@pytest.mark.parametrize(
    "text", ["", "CHARN-1415Q2", "CHARN-1415Q5-F1-R1-7K3M9QXA", "a-b-c-d-e", "1415Q2-F1-R1-7K3M9QXA"]
)
def test_what_is_no_reference_is_not_found(text):
    assert find_reference(text) is None


def test_the_seal_has_eight_letters_that_nobody_confuses():
    sealed = "".join(seal_reference("CHARN", "1415Q2", 1, n, key=KEY).seal for n in range(200))
    assert len(sealed) == 1600
    assert not set(sealed) & set("ILOU")
