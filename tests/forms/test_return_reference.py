"""The return reference: sealed, found in any text, and told from a made-up one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from form_factory import KEY
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.terms.cells import FormVersion, find_reference, is_genuine, seal_reference
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.returns import FORM_VERSION, FormAge, find_age

CODES = st.from_regex(r"[A-Z][A-Z0-9]{1,8}", fullmatch=True)
VERSIONS = st.builds(FormVersion, st.integers(1, 12), st.integers(0, 12))
PERIODS = st.builds(lambda y, n: Quarter(y, n).code, st.integers(2013, 2040), st.integers(1, 4))


@given(CODES, PERIODS, VERSIONS, st.integers(1, 99))
def test_a_sealed_reference_is_found_again_in_a_sentence_and_is_genuine(code, period, form, revision):
    made = seal_reference(code, period, form, revision, key=KEY)
    assert find_reference(f"Return reference: {made}, thank you") == made
    assert is_genuine(made, key=KEY)


@given(CODES, PERIODS, st.integers(1, 99))
def test_another_revision_code_or_key_is_not_genuine(code, period, revision):
    made = seal_reference(code, period, FormVersion(2, 1), revision, key=KEY)
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
@pytest.mark.parametrize("version", [FormVersion(1), FormVersion(2, 10)], ids=str)
def test_a_mangled_reference_is_still_understood(change, version):
    made = seal_reference("CHARN", "1415Q2", version, 1, key=KEY)
    head, sealed = str(made)[:-8], str(made)[-8:]
    text = change(str(made)) if "O" not in change("0") else head + change(sealed)
    assert find_reference(text) == made


@pytest.mark.parametrize(
    "text", ["", "CHARN-1415Q2", "CHARN-1415Q5-F1-R1-7K3M9QXA", "a-b-c-d-e", "1415Q2-F1-R1-7K3M9QXA"]
)
def test_what_is_no_reference_is_not_found(text):
    assert find_reference(text) is None


def test_a_reference_of_a_form_that_is_out_is_what_it_was_before_there_were_minor_versions():
    assert str(seal_reference("CHARN", "1415Q2", FormVersion(2, 0), 1, key=KEY)).startswith("CHARN-1415Q2-F2-R1-")
    assert find_reference("BLABHIN-1415Q2-F2-R1-SKSCXHQV") == seal_reference(
        "BLABHIN", "1415Q2", FormVersion(2), 1, key=KEY
    )


@given(VERSIONS, VERSIONS)
def test_versions_are_told_by_their_numbers_whatever_their_texts_sort_as(one, other):
    assert FormVersion.parse(str(one)) == one
    assert (one < other) is ((one.major, one.minor) < (other.major, other.minor))


def test_what_a_layout_is_beside_todays():
    now = FORM_VERSION
    ages = {
        FormVersion(1): FormAge.MAJOR,
        FormVersion(1, 9): FormAge.MAJOR,
        FormVersion(now.major, now.minor - 1): FormAge.MINOR,
        now: FormAge.CURRENT,
        FormVersion(now.major, now.minor + 1): FormAge.NEWER,
        FormVersion(now.major + 1): FormAge.NEWER,
    }
    assert {version: find_age(version) for version in ages} == ages


def test_the_seal_has_eight_letters_that_nobody_confuses():
    sealed = "".join(seal_reference("CHARN", "1415Q2", FormVersion(1), n, key=KEY).seal for n in range(200))
    assert len(sealed) == 1600
    assert not set(sealed) & set("ILOU")
