"""What is taken for bank details, and what is not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.terms.bank_details import BANK_KEPT_BACK, has_bank_details, keep_back_bank_details

HELD = (
    "Sort code: 12-34-56 Account number: 12345678",
    "sort code 123456, account 12345678",
    "Sort Code\tAccount No\n20-11-22\t87654321",
    "Please pay to 40-12-34 12345678",
    "Sort code,Account\n12-34-56,12345678",
    "GB29 NWBK 6016 1331 9268 19",
    "iban: GB29NWBK60161331926819 thanks",
    "DE89370400440532013000",
    "S/C 12 34 56 A/C 1234 5678",
    "Account number 12345678, bank: Lloyds",
    "Sort code: \uff11\uff12-\uff13\uff14-\uff15\uff16",
    "Sort code 12\u201334\u201356",
    "Sort\u200b code 12-34-56",
    "account name Safer Charnwood, account number 12345678, sort code 12.34.56",
    "sortcode=12/34/56",
    "Sort code:\n\n12-34-56\n\nAccount:\n\n12345678",
    "Our bank details have changed.",
    "Please note that we have changed our bank.",
    "We have new bank details",
    "Please pay the grant into our new account.",
    "The council's bank account details have changed",
    "Please update our bank details",
    "Our bank\naccount details have\nchanged.",
    "Please use the following bank details for the grant",
    "change of bank details",
    "Please send payment to a different account",
    "We have moved to a new bank account.",
    "Our banking details are now different.",
    "Our payment details have been updated.",
)

LET_THROUGH = (
    "Call 0116 496 0123 or 07700 900123",
    "+44 116 496 0123, extension 12345678",
    "Incident 14001234 of 05-11-14",
    "On 12-10-14 14005678 was recorded",
    "Crime ref 26/1234567/14",
    "Our bank details have not changed.",
    "We will never change our bank details by email. If you receive an email that says so, call us.",
    "Scams in which residents are told that their bank details have changed",
    "The food bank helped 12345678 people",
    "Council tax account number 12345678",
    "2014-10-20 12345678",
    "43 thefts from a bank account were recorded",
    "Ref E22000165 M11.1 43 72",
    "new bank holiday dates",
    "We changed our plan for bank holidays",
    "Fraud: victims asked to update bank details",
    "CSP-2014-Q2-Charn-ABCD12345678",
    "GB12 ABCD 1234 5678 9012 34",
    "12 34 56 12345678",
    "The account of 12345678",
    "Bank Street account 12345 residents",
    "The grant of 12,000.00 was spent, 12k is committed",
    "The account that the officer gave was new.",
)


@pytest.mark.parametrize("text", HELD)
def test_bank_details_are_seen(text: str) -> None:
    assert has_bank_details(text)
    assert has_bank_details(f"Dear all,\n\n{text}\n\nKind regards")
    assert keep_back_bank_details(text) == BANK_KEPT_BACK


@pytest.mark.parametrize("text", LET_THROUGH)
def test_numbers_and_words_of_the_work_are_none(text: str) -> None:
    assert not has_bank_details(text)
    assert keep_back_bank_details(text) == text


_PAIRS = st.tuples(*(st.integers(0, 99) for _ in range(3)))


@given(
    _PAIRS,
    st.integers(0, 99_999_999),
    st.sampled_from(["-", " ", ""]),
    st.sampled_from(["sort code", "Sort Code:", "SORT-CODE", "sortcode is"]),
    st.sampled_from(["account", "Account number:", "a/c no.", "acct"]),
    st.sampled_from([" ", "\n", ", ", "\t"]),
)
def test_any_labelled_pair_is_seen(
    pairs: tuple[int, int, int], account: int, mark: str, code: str, label: str, gap: str
) -> None:
    written = mark.join(f"{one:02}" for one in pairs)
    assert has_bank_details(f"{code} {written}{gap}{label} {account:08}")


_WRITTEN = st.sampled_from(["%d-%m-%y", "%d.%m.%Y", "%d/%m/%y", "%Y-%m-%d"])


@given(st.dates(min_value=date(1900, 1, 1)), st.integers(10_000_000, 99_999_999), _WRITTEN)
def test_a_day_beside_a_case_number_is_none(day: date, case: int, how: str) -> None:
    written = f"{day:{how}}"
    assert not has_bank_details(f"Incident {case} was recorded on {written}.")
    assert not has_bank_details(f"{written} {case}")


@given(st.from_regex(r"0(1\d{3}|20|7\d{3}|116)[ -]?\d{3}[ -]?\d{3,4}", fullmatch=True))
def test_a_telephone_number_is_none(number: str) -> None:
    assert not has_bank_details(f"Please ring me on {number}, or the bank on {number}.")


@given(st.lists(st.integers(0, 9_999), min_size=3, max_size=12), st.sampled_from(["\t", " ", ", ", "\n"]))
def test_a_row_of_figures_is_none(row: list[int], gap: str) -> None:
    assert not has_bank_details(gap.join(map(str, row)))
