"""What every mailbox must do, whatever stands behind it: the suite that each adapter's tests run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from csp_workflow.terms.faults import MessageGone
from csp_workflow.world.mailbox import Absence, Mailbox, Proof

NOW = datetime(2014, 10, 16, 9, 30, tzinfo=UTC)
RAW = b"From: a@b.example\r\nSubject: Our return\r\n\r\nDear all\r\n"
LETTER = b"To: lead@charnwood.example\r\nX-CSP-Delivery: 0123456789abcdef\r\n\r\nDear colleague\r\n"
ID = "0123456789abcdef0123456789abcdef"


class Post(Protocol):
    """The mail system behind the mailbox, as the world sees it."""

    mailbox: Mailbox

    def delivers(self, raw: bytes, number: int = 1) -> None:
        """A message arrives, the `number`-th."""

    def removes_everything(self) -> None:
        """A person empties the inbox."""

    def was_given(self) -> list[bytes]:
        """What recipients got."""


class MailboxContract:
    """Inherit, and give a fixture `post`."""

    def test_what_arrives_is_listed_oldest_first_and_got_whole(self, post: Post) -> None:
        for number in (1, 2, 3):
            post.delivers(RAW + b"%d" % number, number)
        sources, _ = post.mailbox.list_new("")
        got = [post.mailbox.get(source, NOW) for source in sources]
        assert [fetched.raw for fetched in got] == [RAW + b"%d" % number for number in (1, 2, 3)]
        assert all(fetched.whole and fetched.size == len(fetched.raw) for fetched in got)
        assert [fetched.source for fetched in got] == list(sources)

    def test_an_empty_mailbox_lists_nothing(self, post: Post) -> None:
        assert post.mailbox.list_new("")[0] == ()

    def test_a_message_is_listed_again_until_it_is_filed(self, post: Post) -> None:
        post.delivers(RAW)
        sources, cursor = post.mailbox.list_new("")
        post.mailbox.file(sources[0], "Processed")
        assert post.mailbox.list_new(cursor)[0] == ()

    def test_a_message_that_somebody_removed_is_gone(self, post: Post) -> None:
        post.delivers(RAW)
        sources, _ = post.mailbox.list_new("")
        post.removes_everything()
        with pytest.raises(MessageGone):
            post.mailbox.get(sources[0], NOW)

    def test_filing_a_message_that_is_gone_is_no_matter(self, post: Post) -> None:
        post.delivers(RAW)
        sources, _ = post.mailbox.list_new("")
        post.removes_everything()
        post.mailbox.file(sources[0], "Processed")

    def test_the_time_of_receipt_does_not_move(self, post: Post) -> None:
        post.delivers(RAW)
        (source,), _ = post.mailbox.list_new("")
        first = post.mailbox.get(source, NOW).received
        assert post.mailbox.get(source, NOW + timedelta(days=3)).received == first

    def test_a_message_larger_than_allowed_is_not_taken_whole(self, post: Post) -> None:
        post.delivers(RAW + b"x" * 20_000)
        (source,), _ = post.mailbox.list_new("")
        fetched = post.mailbox.get(source, NOW)
        assert not fetched.whole
        assert fetched.size == len(RAW) + 20_000
        assert fetched.raw == RAW.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

    def test_a_letter_is_handed_over_byte_for_byte_and_can_be_looked_up(self, post: Post) -> None:
        assert isinstance(post.mailbox.find_sent(ID), Absence)
        proof = post.mailbox.send(LETTER, "lead@charnwood.example", ID)
        assert proof.evidence
        assert post.was_given() == [LETTER]
        assert isinstance(post.mailbox.find_sent(ID), Proof)
        assert isinstance(post.mailbox.find_sent(ID.replace("0", "f")), Absence)
