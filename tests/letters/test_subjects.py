"""Subjects: a tag that nobody else can make, and conversations that keep their name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.letters.catalogue import (
    LONGEST_SUBJECT,
    Tag,
    continue_subject,
    find_tag,
    find_topic,
    make_tag,
    strip_tag,
    write_subject,
)
from csp_workflow.terms.dates import Quarter

KEY = b"a key of thirty-two bytes, no less"
Q2 = Quarter(2014, 2)
CHARN = make_tag(Q2, ("CHARN",), key=KEY)


def test_the_tag_says_quarter_and_codes_and_carries_a_seal() -> None:
    assert CHARN.startswith("[CSP 2014/15-Q2 CHARN #")
    assert make_tag(Q2, ("CHARN", "MELTN"), key=KEY).startswith("[CSP 2014/15-Q2 CHARN MELTN #")
    assert make_tag(None, key=KEY).startswith("[CSP #")


@pytest.mark.parametrize("codes", [(), ("CHARN",), ("CHARN", "MELTN")])
@pytest.mark.parametrize("quarter", [Q2, None])
@pytest.mark.parametrize("change", [str, str.lower, "RE: {}".format, "FW: x {} y".format, "{} (was: z)".format])
def test_our_tag_is_read_back_whatever_a_mail_program_puts_around_it(quarter, codes, change) -> None:
    assert find_tag(change(make_tag(quarter, codes, key=KEY)), key=KEY) == Tag(quarter=quarter, codes=codes)


@pytest.mark.parametrize(
    "forged",
    [
        "[CSP 2014/15-Q2 CHARN]",
        "[CSP 2014/15-Q2 CHARN #AAAAAA]",
        CHARN.replace("CHARN", "MELTN"),
        CHARN.replace("Q2", "Q3"),
        CHARN.replace("#", ""),
        make_tag(Q2, ("CHARN",), key=b"another key"),
        "",
    ],
)
def test_a_tag_without_our_seal_says_nothing(forged: str) -> None:
    assert find_tag(forged, key=KEY) is None


def test_of_several_tags_the_first_of_ours_counts() -> None:
    both = f"RE: [CSP 2014/15-Q2 MELTN] {CHARN} {make_tag(Q2, ('MELTN',), key=KEY)}"
    assert find_tag(both, key=KEY) == Tag(quarter=Q2, codes=("CHARN",))


@given(st.text(max_size=300))
def test_no_subject_raises_or_is_taken_for_ours(text: str) -> None:
    assert find_tag(text, key=KEY) is None
    assert len(continue_subject(find_topic(text), CHARN)) <= LONGEST_SUBJECT
    assert "\n" not in continue_subject(find_topic(text), CHARN)
    assert strip_tag(strip_tag(text)) == strip_tag(text)


@pytest.mark.parametrize(
    "subject_line",
    ["RE: Return {}", "Re: RE: Fwd: Return {}", "[EXTERNAL] RE: Return {}", "AW: Return {}", "re[2]: Return", "Return"],
)
def test_a_conversation_is_called_the_same_however_it_was_answered(subject_line: str) -> None:
    assert find_topic(subject_line.format(CHARN)) == "Return"


def test_a_letter_that_goes_on_keeps_the_name_and_the_marking_once() -> None:
    first = write_subject("Return for July", CHARN, marking="OFFICIAL")
    assert first == f"OFFICIAL: Return for July {CHARN}"
    assert continue_subject(find_topic(first), CHARN, marking="OFFICIAL") == f"RE: OFFICIAL: Return for July {CHARN}"
    assert (
        continue_subject(find_topic(f"RE: {first}"), CHARN, marking="OFFICIAL")
        == f"RE: OFFICIAL: Return for July {CHARN}"
    )
    assert continue_subject("Our figures", CHARN, marking="OFFICIAL") == f"RE: OFFICIAL: Our figures {CHARN}"
