"""Mode drafts: letters wait in the Drafts folder, a person sends them, and what became of each is known."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from csp_workflow.post.drafts import say_changes
from csp_workflow.steps.drafting import WAIT
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.post import post
from csp_workflow.terms.events import Event, Happened, LetterState, QueuedLetter
from csp_workflow.terms.service import MailboxUnreachable, Mode, NotAccepted, NotAcceptedForGood
from csp_workflow.terms.site import Site
from tests.post.post_told import (
    NOW,
    SITE,
    composed,
    happened,
    letter,
    make_site,
    outside,
    queue,
    reference,
    returned,
    states,
    workbook,
)

MINUTE = timedelta(minutes=1)
BY_HAND = replace(SITE, mode=Mode.DRAFTS)
EDITED = policy.SMTP.clone(max_line_length=900)


def opened(place: Path, site: Site = BY_HAND, **others: Any) -> Outside:
    make_site(place)
    return outside(place, settings=SimpleNamespace(assemble=lambda _: site), **others)


@pytest.fixture
def world(tmp_path: Path) -> Outside:
    return opened(tmp_path)


def drafts(place: Path) -> list[Path]:
    return sorted((place / "mail" / "drafts" / "cur").glob("*"))


def sent(place: Path) -> list[Path]:
    return sorted(path for part in ("new", "cur") for path in (place / "mail" / "sent" / part).iterdir())


def presses_send(
    place: Path, at: datetime, *, change: Callable[[EmailMessage], None] | None = None, name: str = "1.her.program"
) -> None:
    """She sends the one draft, as a mail program of her own writes it."""
    (draft,) = drafts(place)
    raw = draft.read_bytes()
    if change:
        message = message_from_bytes(raw, policy=EDITED)
        change(message)
        raw = message.as_bytes()
    copy = place / "mail" / "sent" / "cur" / f"{name}:2,S"
    copy.write_bytes(raw)
    os.utime(copy, (at.timestamp(), at.timestamp()))
    draft.unlink()


def only(world: Outside) -> QueuedLetter:
    (row,) = world.store.letters()
    return row


# Put there once -----------------------------------------------------------------------------------


def test_a_letter_waits_in_drafts_and_is_not_handed_over(world: Outside, tmp_path: Path) -> None:
    queue(world, letter(attachments=(workbook(reference()),)))
    done = post(world, NOW)
    assert (done.sent, done.drafted) == (0, 1)
    row = only(world)
    assert (row.state, row.drafted, row.handed, row.sent) == (LetterState.IN_DRAFTS, NOW, None, None)
    assert [path.read_bytes() for path in drafts(tmp_path)] == [world.archive.fetch(row.content)]
    assert sent(tmp_path) == []
    assert post(world, NOW + MINUTE).drafted == 0
    assert len(drafts(tmp_path)) == 1


def test_what_no_hold_stops_goes_by_itself(world: Outside, tmp_path: Path) -> None:
    queue(world, letter("digest"), letter("proof-pack"))
    assert post(world, NOW).sent == 2
    assert drafts(tmp_path) == []


def test_a_letter_that_crosses_is_never_put_there(world: Outside, tmp_path: Path) -> None:
    queue(world, letter(attachments=(workbook(reference("MELT")),)))
    post(world, NOW)
    assert only(world).state is LetterState.HELD
    assert drafts(tmp_path) == []


def test_a_timed_letter_waits_for_its_hour_and_an_answer_does_not(world: Outside, tmp_path: Path) -> None:
    queue(world, letter("reminder-overdue"), letter("receipt"))
    post(world, NOW.replace(hour=20))
    assert states(world) == {"reminder-overdue:1": "queued", "receipt:1": "in drafts"}


def test_a_second_reminder_waits_while_the_first_lies_there(world: Outside, tmp_path: Path) -> None:
    queue(world, letter("reminder-overdue"))
    post(world, NOW)
    queue(world, letter("query-reminder", number=2))
    post(world, NOW + MINUTE)
    assert states(world) == {"reminder-overdue:1": "in drafts", "query-reminder:2": "queued"}


# She sends it -------------------------------------------------------------------------------------


def test_the_copy_among_the_sent_letters_proves_it_and_says_when(world: Outside, tmp_path: Path) -> None:
    queue(world, letter())
    post(world, NOW)
    presses_send(tmp_path, NOW + 20 * MINUTE)
    assert post(world, NOW + 25 * MINUTE).sent == 1
    row = only(world)
    assert (row.state, row.sent, row.handed) == (LetterState.SENT, NOW + 20 * MINUTE, NOW + 20 * MINUTE)
    assert (row.as_left, row.missed) == ("", None)
    assert post(world, NOW + 26 * MINUTE).sent == 0


def test_a_program_that_keeps_the_message_id_alone_is_known_by_that(world: Outside, tmp_path: Path) -> None:
    queue(world, letter())
    post(world, NOW)

    def loses_mark(message: EmailMessage) -> None:
        del message["X-CSP-Delivery"]

    presses_send(tmp_path, NOW + MINUTE, change=loses_mark)
    assert post(world, NOW + 2 * MINUTE).sent == 1


def _loses_all(message: EmailMessage) -> None:
    del message["X-CSP-Delivery"]
    del message["Message-ID"]
    message["Message-ID"] = "<new@her.example>"
    message.replace_header("Subject", "A subject")  # as the store has it


def test_a_program_that_keeps_neither_is_known_by_subject_and_recipient(world: Outside, tmp_path: Path) -> None:
    queue(world, letter())
    post(world, NOW)
    presses_send(tmp_path, NOW + MINUTE, change=_loses_all)
    assert post(world, NOW + 2 * MINUTE).sent == 1


@pytest.mark.parametrize("both", [True, False])
def test_where_two_letters_that_have_gone_fit_neither_is_taken_for_sent(
    world: Outside, tmp_path: Path, both: bool
) -> None:
    queue(world, letter(), letter("receipt"))
    post(world, NOW)
    kept = drafts(tmp_path)[0]
    raw = kept.read_bytes()
    kept.unlink()
    presses_send(tmp_path, NOW + MINUTE, change=_loses_all)
    if not both:
        kept.write_bytes(raw)
    assert post(world, NOW + 2 * MINUTE).sent == (not both)


def test_what_she_changed_is_kept_as_it_left(world: Outside, tmp_path: Path) -> None:
    queue(world, letter())
    post(world, NOW)

    def edits(message: EmailMessage) -> None:
        message.replace_header("To", "somebody.else@charnwood.example")
        plain = message.get_body(("plain",))
        assert plain is not None
        plain.set_content("Dear colleague,\n\nPlease reply by Friday.\n")

    presses_send(tmp_path, NOW + MINUTE, change=edits)
    post(world, NOW + 2 * MINUTE)
    row = only(world)
    assert row.state is LetterState.SENT
    left = world.archive.fetch(row.as_left)
    assert b"by Friday" in left
    assert say_changes(world.archive.fetch(row.content), left, NOW) == (
        "It went to somebody.else@charnwood.example.",
        "It did not go to lead@charnwood.example.",
    )


def test_each_kind_of_change_is_said() -> None:
    _, ours = composed(letter(attachments=(workbook(reference()),)), text="Dear colleague,\n\nPlease reply.\n")
    message = message_from_bytes(ours, policy=EDITED)
    for part in message.walk():
        if part.get_content_maintype() == "text":
            part.set_content("Dear colleague,\n\nPlease do reply soon.\n", subtype=part.get_content_subtype())
    message.replace_header("Subject", "Now then")
    message["Cc"] = "Her Manager <manager@opcc.example>"
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="Map.pdf")
    assert say_changes(ours, message.as_bytes(), NOW) == (
        "It went to manager@opcc.example as well.",
        'Its subject was changed to "Now then".',
        'Words were added: "do soon".',
        'The file "Map.pdf" was added.',
    )
    assert say_changes(ours, ours, NOW) == ()


def test_a_letter_made_anew_by_a_mail_system_is_not_called_changed() -> None:
    _, ours = composed(letter(), text="Dear colleague,\n\nPlease reply, see https://a.example/x.\n")
    message = message_from_bytes(ours, policy=EDITED)
    words = message.get_body(("html",))
    assert words is not None
    alone = EmailMessage(policy=EDITED)
    for name in ("From", "To", "Subject", "Message-ID"):
        alone[name] = message[name]
    alone.set_content(str(words.get_content()).replace("<p>", '<p class="MsoNormal">'), subtype="html")
    assert say_changes(ours, alone.as_bytes(), NOW) == ()


# It may not lie there any more --------------------------------------------------------------------


def test_a_letter_whose_cause_has_gone_is_taken_out(world: Outside, tmp_path: Path) -> None:
    queue(world, letter("reminder-overdue"))
    post(world, NOW)
    returned(world, "charnwood")
    post(world, NOW + MINUTE)
    assert only(world).state is LetterState.WITHDRAWN
    assert drafts(tmp_path) == []


def test_a_hold_takes_it_out_and_it_comes_back_after_it(world: Outside, tmp_path: Path) -> None:
    queue(world, letter())
    post(world, NOW)
    happened(world, Event(kind=Happened.HELD, at=NOW, by="x"))
    post(world, NOW + MINUTE)
    assert only(world).state is LetterState.QUEUED
    assert drafts(tmp_path) == []
    happened(world, Event(kind=Happened.RESUMED, at=NOW, by="x"))
    post(world, NOW + 2 * MINUTE)
    assert drafts(tmp_path) == [], "it may have been sent in the moment it was taken out"
    post(world, NOW + 2 * MINUTE + WAIT)
    assert only(world).state is LetterState.IN_DRAFTS
    assert len(drafts(tmp_path)) == 1


def test_one_that_was_sent_in_the_moment_it_was_taken_out_was_sent(world: Outside, tmp_path: Path) -> None:
    queue(world, letter("reminder-overdue"))
    post(world, NOW)
    copy = drafts(tmp_path)[0].read_bytes()
    returned(world, "charnwood")
    post(world, NOW + MINUTE)
    (tmp_path / "mail" / "sent" / "cur" / "2.her:2,S").write_bytes(copy)
    assert post(world, NOW + 3 * MINUTE).sent == 1
    assert only(world).state is LetterState.SENT


def test_what_she_had_written_in_one_that_is_taken_out_is_kept(world: Outside, tmp_path: Path) -> None:
    queue(world, letter("reminder-overdue"))
    post(world, NOW)
    (draft,) = drafts(tmp_path)
    message = message_from_bytes(draft.read_bytes(), policy=EDITED)
    for part in message.walk():
        if part.get_content_maintype() == "text":
            part.set_content("My own words", subtype=part.get_content_subtype())
    draft.write_bytes(message.as_bytes())
    returned(world, "charnwood")
    post(world, NOW + MINUTE)
    row = only(world)
    assert row.state is LetterState.WITHDRAWN
    assert b"My own words" in world.archive.fetch(row.as_left)


def test_in_mode_live_what_still_lies_there_is_taken_out_and_leaves(world: Outside, tmp_path: Path) -> None:
    queue(world, letter())
    post(world, NOW)
    live = outside(tmp_path, settings=SimpleNamespace(assemble=lambda _: replace(SITE, mode=Mode.LIVE)))
    post(live, NOW + MINUTE)
    assert drafts(tmp_path) == []
    assert post(live, NOW + MINUTE + WAIT).sent == 1
    assert len(sent(tmp_path)) == 1


def test_one_whose_recipient_is_a_contact_no_more_is_taken_out(world: Outside, tmp_path: Path) -> None:
    queue(world, letter("receipt"))
    post(world, NOW)
    nobody = replace(BY_HAND, respondents=BY_HAND.respondents[1:])
    later = outside(tmp_path, settings=SimpleNamespace(assemble=lambda _: nobody))
    post(later, NOW + MINUTE)
    assert only(later).state is LetterState.HELD
    assert drafts(tmp_path) == []


# It is gone ---------------------------------------------------------------------------------------


def test_a_draft_that_she_deleted_waits_for_her_word_once_its_copy_could_have_come(
    world: Outside, tmp_path: Path
) -> None:
    queue(world, letter())
    post(world, NOW)
    drafts(tmp_path)[0].unlink()
    post(world, NOW + MINUTE)
    assert only(world).state is LetterState.IN_DRAFTS
    post(world, NOW + MINUTE + WAIT)
    row = only(world)
    assert row.state is LetterState.FOR_A_PERSON
    assert "not in Drafts any more" in row.reason
    post(world, NOW + 2 * WAIT + MINUTE)
    assert drafts(tmp_path) == [], "it is not put there again unasked"
    assert world.store.move(row, LetterState.QUEUED, again=True)
    post(world, NOW + 2 * WAIT + 2 * MINUTE)
    assert len(drafts(tmp_path)) == 1


def test_a_copy_that_comes_late_settles_what_waits_for_her(world: Outside, tmp_path: Path) -> None:
    queue(world, letter())
    post(world, NOW)
    copy = drafts(tmp_path)[0].read_bytes()
    drafts(tmp_path)[0].unlink()
    post(world, NOW + MINUTE)
    post(world, NOW + MINUTE + WAIT)
    (tmp_path / "mail" / "sent" / "cur" / "3.her:2,S").write_bytes(copy)
    assert post(world, NOW + timedelta(hours=3)).sent == 1
    assert only(world).state is LetterState.SENT


def test_a_draft_that_comes_back_waits_again(world: Outside, tmp_path: Path) -> None:
    queue(world, letter())
    post(world, NOW)
    (draft,) = drafts(tmp_path)
    raw = draft.read_bytes()
    draft.unlink()
    post(world, NOW + MINUTE)
    draft.write_bytes(raw)
    post(world, NOW + 2 * MINUTE)
    assert only(world).missed is None
    draft.unlink()
    post(world, NOW + 3 * MINUTE)
    post(world, NOW + 3 * MINUTE + WAIT)
    assert only(world).state is LetterState.FOR_A_PERSON
    draft.write_bytes(raw)
    post(world, NOW + timedelta(hours=2))
    assert only(world).state is LetterState.IN_DRAFTS


def test_of_two_copies_the_changed_one_stays(world: Outside, tmp_path: Path) -> None:
    queue(world, letter())
    post(world, NOW)
    (draft,) = drafts(tmp_path)
    draft.with_name("4.twice:2,D").write_bytes(draft.read_bytes())
    post(world, NOW + MINUTE)
    (left,) = drafts(tmp_path)
    changed = message_from_bytes(left.read_bytes(), policy=EDITED)
    changed.replace_header("Subject", "In my words")
    left.with_name("5.mine:2,D").write_bytes(changed.as_bytes())
    post(world, NOW + 2 * MINUTE)
    assert [path.name for path in drafts(tmp_path)] == ["5.mine:2,D"]


def test_a_leftover_draft_of_a_sent_letter_is_removed(world: Outside, tmp_path: Path) -> None:
    queue(world, letter())
    post(world, NOW)
    copy = drafts(tmp_path)[0].read_bytes()
    presses_send(tmp_path, NOW + MINUTE)
    post(world, NOW + 2 * MINUTE)
    (tmp_path / "mail" / "drafts" / "cur" / "6.left:2,D").write_bytes(copy)
    post(world, NOW + 3 * MINUTE)
    assert drafts(tmp_path) == []


# Faults -------------------------------------------------------------------------------------------


class Faulty:
    """The embedded mailbox, whose Drafts fail."""

    def __init__(self, mailbox: Any, *, putting: Exception | None = None, looking: Exception | None = None) -> None:
        self._mailbox, self.putting, self.looking, self.lands = mailbox, putting, looking, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mailbox, name)

    def put_draft(self, content: bytes, recipient: str, delivery_id: str) -> None:
        if not self.putting or self.lands:
            self._mailbox.put_draft(content, recipient, delivery_id)
        if self.putting:
            raise self.putting

    def list_drafts(self, since: datetime) -> Any:
        if self.looking:
            raise self.looking
        return self._mailbox.list_drafts(since)


def faulty(world: Outside, **more: Any) -> tuple[Outside, Faulty]:
    mailbox = Faulty(world.mailbox, **more)
    return replace(world, mailbox=mailbox), mailbox


def test_where_drafts_is_out_of_reach_letters_wait_and_the_digest_goes(world: Outside, tmp_path: Path) -> None:
    world, mailbox = faulty(world, looking=MailboxUnreachable("No."))
    queue(world, letter(), letter("receipt"), letter("digest"))
    assert post(world, NOW).sent == 1
    assert states(world) == {"request:1": "queued", "receipt:1": "queued", "digest:1": "sent"}
    mailbox.looking = None
    assert post(world, NOW + MINUTE).drafted == 2


def test_while_it_cannot_be_seen_nothing_is_taken_for_gone(world: Outside, tmp_path: Path) -> None:
    world, mailbox = faulty(world)
    queue(world, letter())
    post(world, NOW)
    mailbox.looking = MailboxUnreachable("No.")
    for hours in range(1, 5):
        post(world, NOW + timedelta(hours=hours))
    assert (only(world).state, only(world).missed) == (LetterState.IN_DRAFTS, None)


@pytest.mark.parametrize("lands", [True, False])
@pytest.mark.parametrize("fault", [MailboxUnreachable("The line broke."), NotAccepted("Not now.")])
def test_a_put_that_was_not_answered_is_looked_for_and_done_once(
    world: Outside, tmp_path: Path, fault: Exception, lands: bool
) -> None:
    world, mailbox = faulty(world, putting=fault)
    mailbox.lands = lands
    queue(world, letter())
    post(world, NOW)
    assert (only(world).state, only(world).proof) == (LetterState.IN_DRAFTS, "")
    mailbox.putting = None
    post(world, NOW + MINUTE)
    assert only(world).proof
    assert len(drafts(tmp_path)) == 1


def test_one_that_is_refused_for_good_could_not_be_sent(world: Outside, tmp_path: Path) -> None:
    world, _ = faulty(world, putting=NotAcceptedForGood("Too large."))
    queue(world, letter())
    post(world, NOW)
    assert (only(world).state, only(world).reason) == (LetterState.FAILED, "Too large.")


def test_a_store_of_an_earlier_day_puts_nothing_there_twice(world: Outside, tmp_path: Path) -> None:
    queue(world, letter(), letter("receipt"))
    earlier = (tmp_path / "csp.sqlite").read_bytes()
    post(world, NOW)
    assert len(drafts(tmp_path)) == 2
    world.store.close()
    (tmp_path / "csp.sqlite").write_bytes(earlier)
    for left in tmp_path.glob("csp.sqlite-*"):
        left.unlink()
    again = outside(tmp_path, settings=SimpleNamespace(assemble=lambda _: BY_HAND))
    post(again, NOW + MINUTE)
    assert len(drafts(tmp_path)) == 2
    assert set(states(again).values()) == {"in drafts"}


def test_a_draft_that_a_backup_brought_back_of_a_letter_that_left_is_removed_at_once(
    world: Outside, tmp_path: Path
) -> None:
    queue(world, letter())
    post(world, NOW)
    (draft,) = drafts(tmp_path)
    raw = draft.read_bytes()
    presses_send(tmp_path, NOW + MINUTE)
    draft.write_bytes(raw)
    assert post(world, NOW + 2 * MINUTE).sent == 1
    assert drafts(tmp_path) == []
