"""What our letters write where her own words are to stand is taken for none."""

from __future__ import annotations

import pytest

from tests.desk.reading import ask_about, read, read_one


@pytest.mark.parametrize(
    "line",
    [
        "APPROVED MELT BY whom BECAUSE evidence",
        "APPROVED MELT BY whom BECAUSE she said so by telephone",
        "APPROVED MELT BY Cllr Jones BECAUSE evidence",
        "APPROVED MELT BY the chair's name BECAUSE and how you know",
        "approved Melton by <whom> because <evidence>",
        "NIL MELT BECAUSE reason",
        "DECLINE MELT BECAUSE [reason]",
        "RETURN MELT BECAUSE the reason",
        "RETURN MELT BECAUSE and the reason in a few words.",
        "EXTEND MELT TO 5 November BECAUSE reason",
        "CONTACT MELT lead Name Surname <pat@melton.example>",
    ],
)
def test_words_that_only_show_where_hers_go_are_no_order(line: str) -> None:
    assert not read(line).commands
    assert ask_about(line)


@pytest.mark.parametrize("why", ["reasons of staffing", "no evidence came", "whom we asked was ill", "name unknown"])
def test_such_a_word_among_others_is_hers(why: str) -> None:
    assert read_one(f"NIL MELT BECAUSE {why}").reason == why
