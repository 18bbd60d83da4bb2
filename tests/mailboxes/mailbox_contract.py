"""What every mailbox must do, whatever stands behind it: the suite that each adapter's tests run."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from csp_workflow.mailboxes.mailbox import MORE, Absence, Mailbox, Proof
from csp_workflow.terms.service import MailboxUnreachable, MessageGone, NotAccepted, Place

NOW = datetime(2014, 10, 16, 9, 30, tzinfo=UTC)
LONG_AGO = datetime(2010, 1, 1, tzinfo=UTC)
LIMIT = 10_000
"""The size limit in bytes that every mailbox of the suite is opened with."""

RAW = (
    b"From: a@b.example\r\n"
    b"Subject: Our return\r\n"
    b"Date: Thu, 16 Oct 2014 10:20:00 +0100\r\n"
    b"Message-ID: <1@b.example>\r\n"
    b"\r\n"
    b"Dear all\r\n"
)
"""With all that a server would add to a message that lacks it."""

ID = "0123456789abcdef0123456789abcdef"
RECIPIENT = "lead@csp.example"
LETTER = (
    b"From: Office <csp-returns@opcc.example>\r\n"
    b"To: Lead <lead@csp.example>\r\n"
    b"Subject: [CSP 2014/15-Q2 CHARN] Your quarterly return\r\n"
    b"Date: Thu, 16 Oct 2014 10:30:00 +0100\r\n"
    b"Message-ID: <csp.abcdefghijklmnopqrstuvwxyz234567@opcc.example>\r\n"
    b"X-CSP-Delivery: " + ID.encode() + b"\r\n"
    b"Auto-Submitted: auto-generated\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n"
    b"\r\n"
    b"Dear colleague\r\n"
    b".\r\n"
    b"..a line of dots is part of the letter\r\n"
    b"From here on nothing is changed either\r\n"
)


class Post(Protocol):
    """The mail system behind a mailbox for csp-returns@opcc.example, as the world sees it."""

    mailbox: Mailbox

    def delivers(self, raw: bytes, number: int = 1) -> None:
        """A message arrives, the `number`-th. When this returns it can be listed."""

    def removes_everything(self) -> None:
        """A person empties the inbox."""

    def moves_everything_away(self) -> None:
        """A person moves all that is in the inbox to another folder."""

    def moves_in(self, raw: bytes) -> None:
        """A person moves an older message from another folder into the inbox."""

    def reads_everything(self) -> None:
        """A person opens every message, so that none is unread."""

    def renumbers(self) -> None:
        """The mail system is rebuilt: the same messages lie there, but no earlier cursor or id means anything."""

    def goes_down(self) -> None:
        """The mail system cannot be worked with for now (stopped, throttling, answering only with errors)."""

    def comes_back(self) -> None:
        """It can be worked with again."""

    def sends_drafts(self) -> None:
        """A person presses Send on all that lies in Drafts."""

    def was_given(self) -> list[bytes]:
        """What recipients got, each as delivered (a mail system may put trace lines on top)."""


class MailboxContract:
    """Inherit, and give a fixture `post`."""

    # Receiving ------------------------------------------------------------------------------------

    def test_what_arrives_is_listed_oldest_first_and_got_whole(self, post: Post) -> None:
        for number in (1, 2, 3):
            post.delivers(_numbered(number), number)
        sources, _ = post.mailbox.list_new("")
        got = [post.mailbox.get(source, NOW) for source in sources]
        assert [_ours(fetched.raw) for fetched in got] == [_numbered(number) for number in (1, 2, 3)]
        assert all(fetched.whole and fetched.size == len(fetched.raw) for fetched in got)
        assert [fetched.source for fetched in got] == list(sources)

    def test_an_empty_mailbox_lists_nothing(self, post: Post) -> None:
        assert post.mailbox.list_new("")[0] == ()

    def test_what_comes_after_a_cursor_is_listed_with_it(self, post: Post) -> None:
        post.delivers(_numbered(1), 1)
        _, cursor = post.mailbox.list_new("")
        post.delivers(_numbered(2), 2)
        sources, cursor = post.mailbox.list_new(cursor)
        assert _numbered(2) in self._all(post, sources)
        post.delivers(_numbered(3), 3)
        sources, _ = post.mailbox.list_new(cursor)
        assert _numbered(3) in self._all(post, sources)

    def test_a_message_that_was_filed_is_not_listed_again(self, post: Post) -> None:
        post.delivers(RAW)
        (source,), cursor = post.mailbox.list_new("")
        post.mailbox.file(source, "Processed")
        assert post.mailbox.list_new(cursor)[0] == ()
        assert post.mailbox.list_new("")[0] == ()

    def test_a_message_that_was_not_filed_is_still_there_for_whoever_has_lost_the_cursor(self, post: Post) -> None:
        post.delivers(RAW)
        post.mailbox.list_new("")
        assert self._all(post, post.mailbox.list_new("")[0]) == [RAW]

    @pytest.mark.parametrize("cursor", ["nonsense", "0", '{"a": 1}', "\x00", "9" * 40])
    def test_a_cursor_that_means_nothing_lists_everything(self, post: Post, cursor: str) -> None:
        post.delivers(RAW)
        assert self._all(post, post.mailbox.list_new(cursor)[0]) == [RAW]

    def test_a_rebuilt_mailbox_lists_everything_again(self, post: Post) -> None:
        for number in (1, 2):
            post.delivers(_numbered(number), number)
        _, cursor = post.mailbox.list_new("")
        post.renumbers()
        sources, cursor = post.mailbox.list_new(cursor)
        assert sorted(self._all(post, sources)) == [_numbered(1), _numbered(2)]
        post.delivers(_numbered(3), 3)
        assert _numbered(3) in self._all(post, post.mailbox.list_new(cursor)[0])

    def test_the_same_message_delivered_twice_is_listed_twice(self, post: Post) -> None:
        post.delivers(RAW, 1)
        post.delivers(RAW, 2)
        sources, _ = post.mailbox.list_new("")
        assert len(set(sources)) == 2
        assert self._all(post, sources) == [RAW, RAW]

    def test_an_older_message_that_a_person_moves_in_is_listed_too(self, post: Post) -> None:
        post.delivers(_numbered(2), 2)
        _, cursor = post.mailbox.list_new("")
        post.moves_in(_numbered(1))
        assert _numbered(1) in self._all(post, post.mailbox.list_new(cursor)[0])

    def test_whether_a_person_has_opened_it_is_no_matter(self, post: Post) -> None:
        post.delivers(RAW)
        post.reads_everything()
        sources, _ = post.mailbox.list_new("")
        assert self._all(post, sources) == [RAW]

    def test_getting_a_message_does_not_use_it_up(self, post: Post) -> None:
        post.delivers(RAW)
        (source,), _ = post.mailbox.list_new("")
        assert post.mailbox.get(source, NOW) == post.mailbox.get(source, NOW)

    def test_a_message_that_somebody_removed_is_gone(self, post: Post) -> None:
        post.delivers(RAW)
        (source,), _ = post.mailbox.list_new("")
        post.removes_everything()
        with pytest.raises(MessageGone):
            post.mailbox.get(source, NOW)

    def test_a_message_that_somebody_moved_away_is_gone_or_still_found(self, post: Post) -> None:
        post.delivers(RAW)
        (source,), _ = post.mailbox.list_new("")
        post.moves_everything_away()
        with contextlib.suppress(MessageGone):
            assert _ours(post.mailbox.get(source, NOW).raw) == RAW
        assert post.mailbox.list_new("")[0] == ()

    @pytest.mark.parametrize("source", ["nonsense", "", "../../etc/passwd", "1:99999999", "\x00", "AAMk="])
    def test_an_id_that_never_was_is_gone(self, post: Post, source: str) -> None:
        with pytest.raises(MessageGone):
            post.mailbox.get(source, NOW)
        post.mailbox.file(source, "Processed")

    def test_filing_a_message_that_is_gone_is_no_matter(self, post: Post) -> None:
        post.delivers(RAW)
        (source,), _ = post.mailbox.list_new("")
        post.removes_everything()
        post.mailbox.file(source, "Processed")

    def test_filing_twice_is_no_matter_and_touches_nothing_else(self, post: Post) -> None:
        post.delivers(_numbered(1), 1)
        post.delivers(_numbered(2), 2)
        (first, _), _ = post.mailbox.list_new("")
        post.mailbox.file(first, "Held")
        post.mailbox.file(first, "Held")
        assert self._all(post, post.mailbox.list_new("")[0]) == [_numbered(2)]

    def test_the_time_of_receipt_does_not_move(self, post: Post) -> None:
        post.delivers(RAW)
        (source,), _ = post.mailbox.list_new("")
        first = post.mailbox.get(source, NOW).received
        assert first.tzinfo is not None
        assert post.mailbox.get(source, NOW + timedelta(days=3)).received == first

    def test_a_message_larger_than_allowed_is_not_taken_whole(self, post: Post) -> None:
        post.delivers(RAW + (b"x" * 78 + b"\r\n") * (LIMIT // 40))
        (source,), _ = post.mailbox.list_new("")
        fetched = post.mailbox.get(source, NOW)
        assert not fetched.whole
        assert fetched.size > 2 * LIMIT
        assert _ours(fetched.raw) == RAW.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

    # The other folders ----------------------------------------------------------------------------

    def test_what_lies_in_the_other_folders_is_listed_and_got_as_it_came(self, post: Post) -> None:
        for number in (1, 2):
            post.delivers(_numbered(number), number)
        (first, second), _ = post.mailbox.list_new("")
        came = [post.mailbox.get(source, NOW).received for source in (first, second)]
        post.mailbox.file(first, "Processed")
        post.moves_everything_away()
        later = NOW + timedelta(days=3)
        got = [post.mailbox.get(source, later) for source in self._filed(post)]
        assert sorted(_ours(fetched.raw) for fetched in got) == [_numbered(1), _numbered(2)]
        assert all(fetched.whole for fetched in got)
        assert came[0] in {fetched.received for fetched in got}
        assert post.mailbox.list_new("")[0] == ()

    def test_the_folders_in_which_messages_are_filed_are_listed_alone_too(self, post: Post) -> None:
        for number in (1, 2):
            post.delivers(_numbered(number), number)
        (first, _), _ = post.mailbox.list_new("")
        post.mailbox.file(first, "Processed")
        post.moves_everything_away()
        listed, cursor = post.mailbox.list_filed("", ours=True)
        while cursor.startswith(MORE):
            more, cursor = post.mailbox.list_filed(cursor, ours=True)
            listed += more
        assert self._all(post, listed) == [_numbered(1)]

    def test_the_inbox_and_what_was_sent_are_no_other_folders(self, post: Post) -> None:
        post.delivers(RAW)
        post.mailbox.send(LETTER, RECIPIENT, ID)
        assert self._filed(post) == []

    def test_what_was_filed_before_a_day_is_left_out(self, post: Post) -> None:
        post.delivers(RAW)
        (source,), _ = post.mailbox.list_new("")
        received = post.mailbox.get(source, NOW).received
        post.mailbox.file(source, "Processed")
        assert len(self._filed(post, received - timedelta(minutes=1))) == 1
        assert self._filed(post, received + timedelta(minutes=1)) == []

    @pytest.mark.parametrize("cursor", ["nonsense", "\x00", "more ", "more nonsense", "1:99999999"])
    def test_a_place_in_the_other_folders_that_means_nothing_ends_in_no_fault(self, post: Post, cursor: str) -> None:
        post.delivers(RAW)
        post.mailbox.file(post.mailbox.list_new("")[0][0], "Processed")
        assert len(post.mailbox.list_filed(cursor)[0]) in {0, 1}

    @pytest.mark.parametrize("source", ["filed ", "filed nonsense", "filed ../../etc/passwd", "filed 1:2:Nowhere"])
    def test_an_id_in_another_folder_that_never_was_is_gone(self, post: Post, source: str) -> None:
        with pytest.raises(MessageGone):
            post.mailbox.get(source, NOW)

    def test_while_the_mail_system_is_down_no_folder_is_taken_for_an_empty_one(self, post: Post) -> None:
        post.mailbox.list_filed("")
        post.goes_down()
        with pytest.raises(MailboxUnreachable):
            post.mailbox.list_filed("")
        post.comes_back()

    def test_one_message_is_removed_for_good_and_nothing_else_with_it(self, post: Post) -> None:
        for number in (1, 2, 3):
            post.delivers(_numbered(number), number)
        (first, second, third), _ = post.mailbox.list_new("")
        post.mailbox.file(first, "Processed")
        post.mailbox.file(second, "Processed")
        filed = {_ours(post.mailbox.get(source, NOW).raw): source for source in self._filed(post)}
        post.mailbox.remove(filed[_numbered(1)])
        post.mailbox.remove(filed[_numbered(1)])
        post.mailbox.remove(third)
        assert self._all(post, tuple(self._filed(post))) == [_numbered(2)]
        assert post.mailbox.list_new("")[0] == ()

    @pytest.mark.parametrize("source", ["nonsense", "", "filed ../../etc/passwd", "filed 1:2:Nowhere", "AAMk="])
    def test_removing_what_never_was_is_no_matter(self, post: Post, source: str) -> None:
        post.delivers(RAW)
        post.mailbox.remove(source)
        assert self._all(post, post.mailbox.list_new("")[0]) == [RAW]

    def test_what_is_kept_of_a_letter_that_was_sent_is_removed_for_good(self, post: Post) -> None:
        post.mailbox.send(LETTER, RECIPIENT, ID)
        assert post.mailbox.list_sent(ID.replace("0", "f")) == ()
        kept = post.mailbox.list_sent(ID)
        assert kept
        for source in kept:
            post.mailbox.remove(source)
        assert post.mailbox.list_sent(ID) == ()

    @staticmethod
    def _filed(post: Post, since: datetime | None = None) -> list[str]:
        sources, cursor = post.mailbox.list_filed("", since)
        found = list(sources)
        while cursor.startswith(MORE):
            sources, cursor = post.mailbox.list_filed(cursor, since)
            found += sources
        return found

    # Sending --------------------------------------------------------------------------------------

    def test_a_letter_is_handed_over_byte_for_byte_and_can_be_looked_up(self, post: Post) -> None:
        assert isinstance(post.mailbox.find_sent(ID), Absence)
        proof = post.mailbox.send(LETTER, RECIPIENT, ID)
        assert proof.evidence
        (given,) = post.was_given()
        assert given.endswith(LETTER)
        assert isinstance(post.mailbox.find_sent(ID), Proof)
        assert isinstance(post.mailbox.find_sent(ID.replace("0", "f")), Absence)

    def test_looking_up_sends_nothing(self, post: Post) -> None:
        post.mailbox.find_sent(ID)
        assert post.was_given() == []

    # Drafts that a person sends -------------------------------------------------------------------

    def test_a_letter_is_put_into_drafts_whole_and_marked_and_goes_nowhere(self, post: Post) -> None:
        assert post.mailbox.list_drafts(LONG_AGO) == ()
        post.mailbox.put_draft(LETTER, RECIPIENT, ID)
        (lying,) = post.mailbox.list_drafts(LONG_AGO)
        assert (lying.place, lying.mark) == (Place.DRAFTS, ID)
        got = post.mailbox.get(lying.source, NOW)
        assert got.raw.endswith(LETTER)
        assert post.was_given() == []
        assert isinstance(post.mailbox.find_sent(ID), Absence)
        assert self._filed(post) == []

    def test_what_a_person_sends_of_drafts_lies_among_the_sent_letters_since_then(self, post: Post) -> None:
        post.mailbox.put_draft(LETTER, RECIPIENT, ID)
        post.sends_drafts()
        (lying,) = post.mailbox.list_drafts(LONG_AGO)
        assert (lying.place, lying.mark) == (Place.SENT, ID)
        assert lying.message_id == "<csp.abcdefghijklmnopqrstuvwxyz234567@opcc.example>"
        assert "Your quarterly return" in lying.subject
        assert lying.since.tzinfo is not None
        assert post.mailbox.get(lying.source, NOW).raw.endswith(LETTER)
        assert post.mailbox.list_drafts(lying.since + timedelta(minutes=1)) == ()

    def test_a_draft_is_taken_out_alone_and_twice_is_no_matter(self, post: Post) -> None:
        other = ID.replace("0", "f")
        post.mailbox.put_draft(LETTER, RECIPIENT, ID)
        post.mailbox.put_draft(LETTER.replace(ID.encode(), other.encode()), RECIPIENT, other)
        found = {lying.mark: lying.source for lying in post.mailbox.list_drafts(LONG_AGO)}
        assert set(found) == {ID, other}
        post.mailbox.remove(found[ID])
        post.mailbox.remove(found[ID])
        assert [lying.mark for lying in post.mailbox.list_drafts(LONG_AGO)] == [other]

    def test_what_the_service_sent_itself_is_told_from_drafts(self, post: Post) -> None:
        post.mailbox.send(LETTER, RECIPIENT, ID)
        assert [lying.place for lying in post.mailbox.list_drafts(LONG_AGO)] in ([Place.SENT], [])

    def test_while_the_mail_system_is_down_no_draft_is_taken_for_gone(self, post: Post) -> None:
        post.mailbox.put_draft(LETTER, RECIPIENT, ID)
        post.goes_down()
        with pytest.raises(MailboxUnreachable):
            post.mailbox.list_drafts(LONG_AGO)
        with pytest.raises((MailboxUnreachable, NotAccepted)):
            post.mailbox.put_draft(LETTER, RECIPIENT, ID)
        post.comes_back()
        assert [lying.mark for lying in post.mailbox.list_drafts(LONG_AGO)] == [ID]

    # Bad days -------------------------------------------------------------------------------------

    def test_while_the_mail_system_is_down_nothing_is_lost_and_afterwards_all_goes_on(self, post: Post) -> None:
        post.delivers(_numbered(1), 1)
        _, cursor = post.mailbox.list_new("")
        post.delivers(_numbered(2), 2)
        post.goes_down()
        with pytest.raises(MailboxUnreachable):
            post.mailbox.list_new(cursor)
        with pytest.raises((NotAccepted, MailboxUnreachable)) as refused:
            post.mailbox.send(LETTER, RECIPIENT, ID)
        assert refused.value.passing
        post.comes_back()
        assert post.was_given() == []
        assert _numbered(2) in self._all(post, post.mailbox.list_new(cursor)[0])
        post.mailbox.send(LETTER, RECIPIENT, ID)
        assert len(post.was_given()) == 1

    @staticmethod
    def _all(post: Post, sources: tuple[str, ...]) -> list[bytes]:
        return [_ours(post.mailbox.get(source, NOW).raw) for source in sources]


def _numbered(number: int) -> bytes:
    return RAW.replace(b"Our return", b"Our return %d" % number)


def _ours(raw: bytes) -> bytes:
    """A message without the trace lines that a mail system put on top of it."""
    return raw[raw.index(b"From: a@b.example") :]
