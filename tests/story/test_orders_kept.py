"""What she ordered in the words that a letter offered waits for her next morning letter; everything else is answered at
once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.story.site_told import CO_ORDINATOR, Played, said


@pytest.fixture
def site(sent_out: Played, tmp_path: Path) -> Played:
    """The requests are out, and orders are answered as they are by default."""
    copy = sent_out.copied_to(tmp_path / "opcc")
    config = copy.place / "config" / "service.toml"
    config.write_text(config.read_text("utf-8").replace("orders_at_once = true", "orders_at_once = false"), "utf-8")
    copy.beat("16 Oct 07:35")
    copy.new_letters()
    return copy


def order(site: Played, words: str, day: str) -> list[str]:
    """The subjects of what she has got two minutes after she wrote."""
    site.write(CO_ORDINATOR, "Orders", words)
    site.beat(f"{day} 11:00")
    site.beat(f"{day} 11:02")
    return [letter.subject.partition(" [")[0] for letter in site.new_letters(CO_ORDINATOR)]


def test_several_orders_wait_for_one_morning_letter_and_are_told_once(site: Played) -> None:
    assert not order(site, "NIL MELT BECAUSE they told me", "16 Oct")
    assert not order(site, "DECLINE RUTL BECAUSE they told me", "17 Oct")
    found = []
    for day in range(20, 25):
        site.beat(f"{day} Oct 07:35")
        found += [said(letter) for letter in site.new_letters(CO_ORDINATOR)]
    (told,) = (text for text in found if "What you ordered, all done" in text)
    assert "Thursday 16 October: NIL MELT BECAUSE they told me" in told
    assert "Friday 17 October: DECLINE RUTL BECAUSE they told me" in told
    assert "Orders carried out" not in told
    assert not [text for text in found if "You wrote" in text], "they have no letter of their own"


def test_what_was_understood_from_other_words_or_not_at_all_is_answered_at_once(site: Played) -> None:
    (answer,) = order(site, "please chase Melton", "16 Oct")
    assert answer.startswith("Nothing was done")
    (answer,) = order(site, "Nil Melton, because they told me", "16 Oct")
    assert answer.startswith("Done"), "she sees how it was understood"
    (answer,) = order(site, "NIL MELT BECAUSE they told me", "16 Oct")
    assert answer.startswith("Not done")
    (answer,) = order(site, "DECLINE RUTL BECAUSE they told me\nThe pink form is in the post", "16 Oct")
    assert answer.startswith("Not")


def test_what_brings_a_letter_is_said_by_that_letter_alone(site: Played) -> None:
    assert [one[:7] for one in order(site, "STATUS", "16 Oct")] == ["Nothing"]
    assert order(site, "EXPLAIN MELT", "16 Oct") == ["Where Safer Melton Partnership stands"]


def test_while_sending_is_on_hold_each_order_is_answered(site: Played) -> None:
    assert order(site, "HOLD", "16 Oct") == ["Done: HOLD"]
    assert order(site, "NIL MELT BECAUSE they told me", "16 Oct") == ["Done: NIL MELT BECAUSE they told me"]
