"""Letters whose fate is in doubt: what a look-up finds, and that none leaves twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from csp_workflow.mailboxes.graph import Graph
from csp_workflow.mailboxes.mailbox import Absence, Proof
from csp_workflow.steps.post import BELIEVED, post
from csp_workflow.terms.service import MailboxUnreachable, SendUnknown
from tests.mailboxes.graph.acts import sends
from tests.mailboxes.graph.conftest import Opener
from tests.mailboxes.graph.fake_graph import FakeGraph
from tests.mailboxes.mailbox_contract import ID, LETTER, RECIPIENT
from tests.post.post_told import NOW, letter, make_site, outside, queue, states

HOURS = 3600


def test_a_letter_that_left_although_nobody_said_so_is_found(fake: FakeGraph, mailbox: Graph) -> None:
    fake.drops("POST", "/send", after=True)
    assert not sends(mailbox, SendUnknown).passing
    assert isinstance(mailbox.find_sent(ID), Proof)
    assert isinstance(mailbox.send(LETTER, RECIPIENT, ID), Proof)
    assert len(fake.mailbox.given) == 1


def test_a_draft_that_lies_still_for_five_minutes_was_certainly_not_sent(fake: FakeGraph, mailbox: Graph) -> None:
    fake.drops("POST", "/send", after=False)
    sends(mailbox, SendUnknown)
    assert mailbox.find_sent(ID) is Absence.UNPROVED
    fake.mailbox.passes(299)
    assert mailbox.find_sent(ID) is Absence.UNPROVED
    fake.mailbox.passes(1)
    assert mailbox.find_sent(ID) is Absence.CERTAIN
    mailbox.send(LETTER, RECIPIENT, ID)
    assert len(fake.mailbox.given) == 1


def test_an_old_draft_that_is_tried_again_must_lie_still_again(fake: FakeGraph, mailbox: Graph) -> None:
    fake.refuses("POST", "/send", 429)
    sends(mailbox, MailboxUnreachable)
    fake.mailbox.passes(2 * HOURS)
    fake.drops("POST", "/send", after=False)
    sends(mailbox, SendUnknown)
    assert mailbox.find_sent(ID) is Absence.UNPROVED
    assert len(fake.mailbox.items) == 1


def test_of_two_drafts_both_must_lie_still(fake: FakeGraph, mailbox: Graph) -> None:
    for number in (1, 2):
        fake.refuses("POST", "/send", 429)
        sends(mailbox, MailboxUnreachable)
        fake.mailbox.items[number].values["ccRecipients"] = [{"emailAddress": {"address": "x@csp.example"}}]
        fake.mailbox.passes(200)
    assert len(fake.mailbox.items) == 2
    assert mailbox.find_sent(ID) is Absence.UNPROVED
    fake.mailbox.passes(100)
    assert mailbox.find_sent(ID) is Absence.CERTAIN


def test_a_letter_on_its_way_to_sent_items_is_in_doubt_until_it_is_there(fake: FakeGraph, mailbox: Graph) -> None:
    fake.mailbox.sent_copies_come_late = True
    fake.drops("POST", "/send", after=True)
    sends(mailbox, SendUnknown)
    fake.mailbox.passes(HOURS)
    assert mailbox.find_sent(ID) is Absence.UNPROVED
    fake.mailbox.settle()
    assert isinstance(mailbox.find_sent(ID), Proof)


def test_a_draft_that_was_taken_for_sending_is_in_doubt_however_long_it_lies(fake: FakeGraph, mailbox: Graph) -> None:
    fake.mailbox.draft_flags_go_late = True
    fake.drops("POST", "/send", after=True)
    sends(mailbox, SendUnknown)
    fake.mailbox.passes(HOURS)
    assert mailbox.find_sent(ID) is Absence.UNPROVED
    fake.mailbox.settle()
    assert isinstance(mailbox.find_sent(ID), Proof)
    assert len(fake.mailbox.given) == 1


def test_a_letter_nobody_knows_of_is_not_certainly_unsent(mailbox: Graph) -> None:
    assert mailbox.find_sent(ID) is Absence.UNPROVED


def test_looking_up_while_microsoft_is_down_says_so(fake: FakeGraph, mailbox: Graph) -> None:
    fake.is_down = True
    with pytest.raises(MailboxUnreachable):
        mailbox.find_sent(ID)


def test_a_sending_whose_answer_is_never_understood_is_asked_for_three_times_and_no_more(
    fake: FakeGraph, mailbox: Graph, tmp_path: Path
) -> None:
    """A gateway answers with a page of its own, and the draft lies there."""
    make_site(tmp_path)
    world = outside(tmp_path, mailbox=mailbox)
    queue(world, letter("receipt"), letter("receipt", number=2))
    fake.refuses("POST", "/send", 200, times=99)
    for beat in range(12):
        post(world, NOW + timedelta(minutes=6 * beat))
        fake.mailbox.passes(360)
    assert set(states(world).values()) == {"for a person"}
    assert fake.count("POST", "/send") == BELIEVED + 1 + 1, "and of the next letter once"


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    ("point", "then"),
    [
        ("graph:draft made", Absence.UNPROVED),
        ("graph:draft marked", Absence.CERTAIN),
        ("graph:before send", Absence.CERTAIN),
        ("graph:send answered", None),
    ],
)
def test_wherever_the_process_ends_the_letter_leaves_once(
    fake: FakeGraph, opened: Opener, point: str, then: Absence | None
) -> None:
    def dies(reached: str) -> None:
        if reached == point:
            raise Killed

    with pytest.raises(Killed):
        opened(reached=dies).send(LETTER, RECIPIENT, ID)
    again = opened()
    fake.mailbox.passes(900)
    found = again.find_sent(ID)
    assert found == then if then else isinstance(found, Proof)
    again.send(LETTER, RECIPIENT, ID)
    assert fake.mailbox.given == [((RECIPIENT,), LETTER)]
