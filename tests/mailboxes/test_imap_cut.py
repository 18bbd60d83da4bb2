"""IMAP servers whose answers are not whole, or in another shape: a beat is lost, and never a message."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from csp_workflow.mailboxes.internet import Internet
from csp_workflow.mailboxes.internet.receiving import SAYINGS
from csp_workflow.mailboxes.mailbox import BATCH, MORE
from csp_workflow.terms.service import MailboxUnreachable, MessageGone
from tests.mailboxes.mailbox_contract import ID, NOW, RAW
from tests.mailboxes.scripted_imap import VALIDITY, ScriptedImap
from tests.mailboxes.test_imap_faults import internet, refused

THREE = {number: RAW.replace(b"Our", b"Our %d." % number) for number in (1, 2, 3)}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ScriptedImap]:
    made = ScriptedImap(tmp_path)
    made.messages = dict(THREE)
    yield made
    made.close()


@pytest.fixture
def mailbox(server: ScriptedImap) -> Iterator[Internet]:
    made = internet(server)
    yield made
    made.close()


def take_all(mailbox: Internet) -> list[bytes]:
    """Whatever is listed, as far as it goes."""
    taken: list[bytes] = []
    with contextlib.suppress(MailboxUnreachable):
        for source in mailbox.list_new("")[0]:
            taken += [mailbox.get(source, NOW).raw]
    return taken


# Not whole ----------------------------------------------------------------------------------------


def check_cuts(server: ScriptedImap, mailbox: Internet, step: int) -> None:
    """The line breaks after so many bytes of each answer in turn."""
    server.messages = {1: RAW}
    mailbox.list_new("")
    for command, length in (("UID SEARCH", 30), ("UID FETCH 1 (RFC822", 90), ("UID FETCH 1 (BODY", len(RAW) + 60)):
        for kept in range(0, length, step):
            server.cut_after = (command, kept)
            taken = take_all(mailbox)
            assert taken in ([], [RAW]), (command, kept)
            server.cut_after = None
            assert take_all(mailbox) == [RAW], (command, kept)


def test_a_line_that_breaks_costs_a_beat(server: ScriptedImap, mailbox: Internet) -> None:
    check_cuts(server, mailbox, step=23)


@pytest.mark.sweep
def test_a_line_that_breaks_at_any_byte_costs_a_beat(server: ScriptedImap, mailbox: Internet) -> None:
    check_cuts(server, mailbox, step=1)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("UID SEARCH", "TAG OK done"),
        ("UID FETCH", "TAG OK done"),
        ("UID FETCH 1 (RFC822", "* 1 FETCH (UID 1 RFC822.SIZE 61)\r\nTAG OK done"),
        ("UID FETCH 1 (RFC822", '* 1 FETCH (UID 1 INTERNALDATE "16-Oct-2014 10:30:00 +0100")\r\nTAG OK done'),
        ("UID FETCH 1 (BODY", "* 1 FETCH (UID 1 FLAGS ())\r\nTAG OK done"),
        ("UID FETCH 1 (BODY", "* 1 FETCH (UID 1 BODY[] {0}\r\n)\r\nTAG OK done"),
        ("UID FETCH 1 (BODY", "* 1 FETCH (UID 1 BODY[] {7}\r\nFrom: a)\r\nTAG OK done"),
        ("UID FETCH 1 (BODY", "* 1 FETCH (UID 1 BODY[] {900}\r\nFrom: a)\r\nTAG OK done\r\ncut"),
    ],
)
def test_an_answer_that_lacks_something_loses_no_message(
    server: ScriptedImap, mailbox: Internet, command: str, answer: str
) -> None:
    server.at[command] = answer
    for _ in range(SAYINGS - 2):
        with pytest.raises(MailboxUnreachable):
            [mailbox.get(source, NOW) for source in mailbox.list_new("")[0]]
    server.at.clear()
    assert take_all(mailbox) == list(THREE.values())


def test_a_message_that_is_gone_is_told_from_one_that_is_not_handed_out(
    server: ScriptedImap, mailbox: Internet
) -> None:
    sources, _ = mailbox.list_new("")
    del server.messages[2]
    with pytest.raises(MessageGone):
        mailbox.get(sources[1], NOW)


def test_a_server_that_counts_otherwise_is_believed_after_some_beats_and_then_at_once(
    server: ScriptedImap, mailbox: Internet
) -> None:
    server.size_added = 5
    first, *others = mailbox.list_new("")[0]
    for _ in range(SAYINGS - 1):
        with pytest.raises(MailboxUnreachable):
            mailbox.get(first, NOW)
    assert mailbox.get(first, NOW).raw == THREE[1]
    assert [mailbox.get(source, NOW).raw for source in others] == [THREE[2], THREE[3]]


def test_a_server_that_says_too_small_a_size_is_believed_in_what_it_hands_out(
    server: ScriptedImap, mailbox: Internet
) -> None:
    server.size_added = -5
    assert take_all(mailbox) == list(THREE.values())


def test_a_search_that_is_not_answered_proves_nothing_of_a_letter(server: ScriptedImap, mailbox: Internet) -> None:
    server.at["UID SEARCH HEADER"] = "TAG OK done"
    with pytest.raises(MailboxUnreachable):
        mailbox.find_sent(ID)


def test_numbers_that_are_given_once_more_are_listed(server: ScriptedImap, mailbox: Internet) -> None:
    """A server that was put back to an earlier day, under the same numbering."""
    _, cursor = mailbox.list_new("")
    server.messages = {1: THREE[1], 2: RAW}
    server.says_next = True
    sources, cursor = mailbox.list_new(cursor)
    assert [mailbox.get(source, NOW).raw for source in sources] == [THREE[1], RAW]
    assert mailbox.list_new(cursor)[0] == ()


# Logins -------------------------------------------------------------------------------------------


def test_a_server_that_takes_no_password_is_shown_none(server: ScriptedImap, mailbox: Internet) -> None:
    server.abilities = "LOGINDISABLED MOVE"
    assert "LOGINDISABLED" in refused(mailbox)
    assert server.logins == []
    assert not any(command.startswith(("LOGIN", "AUTHENTICATE")) for command in server.said)


def test_a_server_that_takes_a_password_in_another_way_is_shown_it(server: ScriptedImap, mailbox: Internet) -> None:
    server.abilities = "LOGINDISABLED AUTH=PLAIN MOVE"
    assert len(mailbox.list_new("")[0]) == 3


# A large inbox ------------------------------------------------------------------------------------


def test_the_inbox_is_selected_once_for_all_that_is_got_and_filed(server: ScriptedImap, mailbox: Internet) -> None:
    for source in mailbox.list_new("")[0]:
        mailbox.get(source, NOW)
        mailbox.file(source, "Processed")
    assert sum(command.startswith("SELECT") for command in server.said) == 1
    assert sum(command.startswith("LIST") for command in server.said) == 1


def test_an_inbox_that_was_selected_long_ago_is_selected_anew(
    server: ScriptedImap, mailbox: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source, *_), _ = mailbox.list_new("")
    start = time.monotonic()
    monkeypatch.setattr(mailbox._connection._line, "clock", lambda: start + 60)
    mailbox.get(source, NOW)
    assert sum(command.startswith("SELECT") for command in server.said) == 2


def test_a_line_that_was_closed_between_two_verbs_is_no_fault(server: ScriptedImap, mailbox: Internet) -> None:
    server.at["NOOP"] = "cut"
    (source, *_), _ = mailbox.list_new("")
    server.hangs_up()
    assert mailbox.get(source, NOW).raw == THREE[1]
    assert server.connections == 2


def test_a_long_list_comes_in_parts_with_a_place_to_go_on_from(server: ScriptedImap, mailbox: Internet) -> None:
    server.messages = dict.fromkeys(range(1, 2 * BATCH + 2), RAW)
    first, cursor = mailbox.list_new("")
    second, following = mailbox.list_new(cursor)
    third, last = mailbox.list_new(following)
    assert [len(part) for part in (first, second, third)] == [BATCH, BATCH, 1]
    assert len({*first, *second, *third}) == 2 * BATCH + 1
    assert (cursor, following) == (f"{MORE}{VALIDITY}:{BATCH}", f"{MORE}{VALIDITY}:{2 * BATCH}")
    assert last == f"{VALIDITY}:{2 * BATCH + 1}"
    assert mailbox.list_new(last) == ((), last)


def test_what_was_received_before_is_neither_listed_nor_looked_into(server: ScriptedImap, mailbox: Internet) -> None:
    server.messages = dict.fromkeys(range(1, 1001), RAW)
    server.times = {999: "16-Oct-2014 11:59:59 +0100", 1000: "16-Oct-2014 12:00:00 +0100"}
    server.time = "15-Oct-2014 23:59:59 -1100"
    since = datetime(2014, 10, 16, 11, 0, tzinfo=UTC)
    sources, cursor = mailbox.list_new("", since)
    assert (sources, cursor) == ((f"{VALIDITY}:1000",), f"{VALIDITY}:1000")
    assert not any("BODY" in command for command in server.said)
    server.messages[1001] = RAW  # somebody moves an old one in
    assert mailbox.list_new(cursor, since)[0] == (f"{VALIDITY}:1001",)
    assert mailbox.list_new("6:1000", since)[0] == (f"{VALIDITY}:1000",)
    assert mailbox.count_messages() == 1001


def test_a_place_to_go_on_from_keeps_to_the_day(server: ScriptedImap, mailbox: Internet) -> None:
    server.messages = dict.fromkeys(range(1, 2 * BATCH + 1), RAW)
    server.times = {2 * BATCH: "01-Jan-2014 12:00:00 +0000"}
    since = datetime(2014, 10, 1, tzinfo=UTC)
    first, cursor = mailbox.list_new("", since)
    second, last = mailbox.list_new(cursor, since)
    assert (len(first), len(second)) == (BATCH, BATCH - 1)
    assert last == f"{VALIDITY}:{2 * BATCH}"


def test_a_day_is_that_of_no_zone(server: ScriptedImap, mailbox: Internet) -> None:
    since = datetime(2014, 10, 16, 0, 30, tzinfo=UTC)
    server.time = "15-Oct-2014 20:00:00 -0600"
    assert len(mailbox.list_new("", since)[0]) == 3
    assert "15-Oct-2014" in next(command for command in server.said if "SINCE" in command)
    assert len(mailbox.list_new("", since + timedelta(days=1))[0]) == 0


# Filing -------------------------------------------------------------------------------------------

KEEPS_ALL = "(\\Seen \\Deleted \\*)"
Setting = tuple[str, str, str]


def copies(server: ScriptedImap) -> int:
    """How often a message was copied or moved."""
    return sum(command.startswith(("UID COPY", "UID MOVE")) for command in server.said)


@pytest.mark.parametrize(
    ("abilities", "permanent", "refusal"),
    [
        ("MOVE UIDPLUS", "(\\Seen)", ""),
        ("UIDPLUS", "(\\Seen)", ""),
        ("", "(\\Seen \\Deleted)", ""),
        ("", "()", ""),
    ],
)
def test_what_cannot_be_filed_without_a_trace_is_not_copied(
    server: ScriptedImap, mailbox: Internet, abilities: str, permanent: str, refusal: str
) -> None:
    server.abilities, server.permanent = f"AUTH=PLAIN {abilities}", permanent
    (source, *_), _ = mailbox.list_new("")
    for _ in range(3):
        with pytest.raises(MailboxUnreachable):
            mailbox.file(source, "Processed")
    assert copies(server) == 0


def test_an_inbox_that_may_only_be_read_is_left_as_it_is(server: ScriptedImap, mailbox: Internet) -> None:
    server.at["SELECT"] = f"* 3 EXISTS\r\n* OK [UIDVALIDITY {VALIDITY}] n\r\nTAG OK [READ-ONLY] done"
    with pytest.raises(MailboxUnreachable):
        mailbox.file(f"{VALIDITY}:1", "Processed")
    assert copies(server) == 0


@pytest.mark.parametrize(
    ("abilities", "refused_command", "most"),
    [("UIDPLUS", "UID STORE 1 +FLAGS.SILENT (\\Deleted", 1), ("UIDPLUS", "UID EXPUNGE", 1), ("", "CREATE", 0)],
)
@pytest.mark.parametrize("answer", ["TAG NO [NOPERM] no", "cut"])
def test_filing_that_is_refused_half_way_makes_no_second_copy(
    server: ScriptedImap, mailbox: Internet, abilities: str, refused_command: str, most: int, answer: str
) -> None:
    server.abilities, server.permanent = f"AUTH=PLAIN {abilities}", KEEPS_ALL
    server.at[refused_command] = answer
    server.at["LIST"] = "TAG OK none"
    for _ in range(4):
        with pytest.raises(MailboxUnreachable):
            mailbox.file(f"{VALIDITY}:1", "Processed")
    assert copies(server) == most
    again = internet(server)  # the service was started anew
    with pytest.raises(MailboxUnreachable):
        again.file(f"{VALIDITY}:1", "Processed")
    again.close()
    assert copies(server) == most


def test_a_mark_counts_in_whatever_letters_the_server_keeps_it(server: ScriptedImap, mailbox: Internet) -> None:
    server.abilities, server.permanent = "AUTH=PLAIN UIDPLUS", "(\\DELETED $cspfiled)"
    server.flags = {1: {"$cspfiled"}}
    mailbox.file(f"{VALIDITY}:1", "Processed")
    assert copies(server) == 0
    assert server.said[-1] == "UID EXPUNGE 1"
    mailbox.file(f"{VALIDITY}:2", "Processed")
    assert copies(server) == 1


def test_a_copy_that_was_refused_is_tried_again_and_one_that_was_not_answered_is_not(
    server: ScriptedImap, mailbox: Internet
) -> None:
    server.abilities, server.permanent = "AUTH=PLAIN UIDPLUS", KEEPS_ALL
    server.at["UID COPY"] = "TAG NO [OVERQUOTA] full"
    for _ in range(2):
        with pytest.raises(MailboxUnreachable):
            mailbox.file(f"{VALIDITY}:1", "Processed")
    assert copies(server) == 2
    server.at["UID COPY"] = "cut"
    with pytest.raises(MailboxUnreachable):
        mailbox.file(f"{VALIDITY}:1", "Processed")
    server.at.clear()
    mailbox.file(f"{VALIDITY}:1", "Processed")
    assert copies(server) == 3


@pytest.mark.parametrize(
    ("is_gone", "outcome"), [(True, contextlib.nullcontext()), (False, pytest.raises(MailboxUnreachable))]
)
def test_a_move_that_is_refused_for_a_message_that_is_gone_is_no_matter(
    server: ScriptedImap, mailbox: Internet, is_gone: bool, outcome: contextlib.AbstractContextManager[object]
) -> None:
    server.at["UID MOVE"] = "TAG NO [SERVERBUG] no"
    (source, *_), _ = mailbox.list_new("")
    if is_gone:
        del server.messages[1]
    with outcome:
        mailbox.file(source, "Processed")


def test_a_move_that_breaks_off_is_a_fault_of_the_world(server: ScriptedImap, mailbox: Internet) -> None:
    server.at["UID MOVE"] = "cut"
    with pytest.raises(MailboxUnreachable):
        mailbox.file(f"{VALIDITY}:1", "Processed")
