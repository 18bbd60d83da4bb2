"""Mode drafts as she lives it: what waits in her Drafts, what she sends, changes, deletes and takes back."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from csp_workflow import upkeep
from csp_workflow.terms.events import LetterState, QueuedLetter
from tests.story.closed_told import CHARN, CHARN_CHAIR
from tests.story.site_told import CO_ORDINATOR, Played, at, filled, said

_PLAIN = policy.SMTP.clone(max_line_length=900)


@pytest.fixture(scope="module", autouse=True)
def live() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CSP_ENVIRONMENT", "live")
        yield


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The quarter was proved, and sent by SEND: the forms lie in Drafts; not played on."""
    site = Played.laid_out(tmp_path_factory.mktemp("by-hand") / "opcc")
    file = site.place / "config" / "service.toml"
    text = file.read_text().replace('mode = "rehearsal"', 'mode = "drafts"')
    file.write_text(text.replace("unguarded = false", "unguarded = true"))
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    return site


@pytest.fixture
def site(asked: Played, tmp_path: Path) -> Played:
    return asked.copied_to(tmp_path / "opcc")


def drafts(site: Played) -> dict[str, Path]:
    """What lies in her Drafts, by whom it goes to."""
    found = sorted((site.place / "state" / "mail" / "drafts" / "cur").glob("*"))
    return {re.search(r"<([^>]*)>", str(_read(path)["To"]))[1]: path for path in found}  # type: ignore[index]


def _read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)


def sends(site: Played, when: str, *to: str, change: Callable[[bytes], bytes] = bytes) -> None:
    """She presses Send on what goes to these, or on all of it."""
    mail = site.place / "state" / "mail"
    for person, draft in drafts(site).items():
        if not to or person in to:
            copy = mail / "sent" / "new" / f"hand-{draft.name.partition(':')[0]}"
            copy.write_bytes(change(draft.read_bytes()))
            os.utime(copy, (at(when).timestamp(), at(when).timestamp()))
            draft.unlink()


def letters(site: Played, *states: LetterState) -> tuple[QueuedLetter, ...]:
    return tuple(site.ask(lambda outside: outside.store.letters(*states)))  # type: ignore[arg-type]


def _pass(site: Played) -> None:
    """Some quiet days, so that the service was not silent."""
    site.beat("17 Oct 11:00")
    site.beat("20 Oct 11:00")


def test_the_forms_lie_in_drafts_and_nobody_has_them(site: Played) -> None:
    lying = drafts(site)
    assert {CHARN, CHARN_CHAIR} <= lying.keys()
    assert {letter.to for letter in site.new_letters()} == {CO_ORDINATOR}
    body = _read(lying[CHARN])
    assert [part.get_filename() for part in body.iter_attachments()]
    assert len(letters(site, LetterState.IN_DRAFTS)) == len(lying)


def test_the_morning_letter_says_how_many_wait_and_since_when(site: Played) -> None:
    site.beat("16 Oct 07:35")
    letter = site.the_letter(CO_ORDINATOR, "letters wait in your Drafts folder since Wednesday 15 October 2014")
    assert f"{len(drafts(site))} letters wait" in said(letter)
    assert "press Send" in said(letter)


def test_what_she_sends_counts_from_when_she_sent_it(site: Played) -> None:
    sends(site, "16 Oct 09:20", CHARN)
    site.beat("16 Oct 09:30")
    (row,) = (x for x in letters(site, LetterState.SENT) if x.recipient == CHARN)
    assert row.sent == at("16 Oct 09:20")
    form = site.the_letter(CHARN, "Please fill in")
    site.reply(form, CHARN, "Our return.", filled(form))
    site.beat("17 Oct 10:00")
    assert CHARN in drafts(site), "the receipt waits for her as well"
    assert site.state("charnwood") == "complete"


def test_nobody_is_reminded_of_a_form_that_still_lies_there(site: Played) -> None:
    sends(site, "15 Oct 12:00", CHARN)
    for day in ("16", "20", "21", "22", "24", "27", "28", "29", "30"):
        site.beat(f"{day} Oct 09:05")
        site.beat(f"{day} Oct 11:00")
    kinds = {x.kind for x in letters(site) if x.kind.startswith("reminder") and x.recipient != CHARN}
    assert kinds == set()
    assert [x for x in letters(site) if x.kind.startswith("reminder") and x.recipient == CHARN]


def test_a_reminder_of_yesterday_gives_way_to_todays(site: Played) -> None:
    sends(site, "15 Oct 12:00")
    _pass(site)
    site.beat("21 Oct 09:05")
    (first,) = (x for x in letters(site, LetterState.IN_DRAFTS) if x.recipient == CHARN)
    site.beat("22 Oct 07:40")
    assert CHARN not in drafts(site)
    site.beat("22 Oct 09:05")
    (second,) = (x for x in letters(site, LetterState.IN_DRAFTS) if x.recipient == CHARN)
    assert second.kind == first.kind
    assert second.id != first.id


def test_a_return_that_comes_takes_the_reminder_out(site: Played) -> None:
    sends(site, "15 Oct 12:00")
    site.beat("15 Oct 12:10")
    form = site.the_letter(CHARN, "Please fill in")
    _pass(site)
    site.beat("21 Oct 09:05")
    assert "reminder" in next(x.kind for x in letters(site, LetterState.IN_DRAFTS) if x.recipient == CHARN)
    site.reply(form, CHARN, "Our return.", filled(form))
    site.beat("21 Oct 09:30")
    waiting = {x.kind for x in letters(site, LetterState.IN_DRAFTS) if x.recipient == CHARN}
    assert waiting == {"receipt"}


def test_what_she_changed_is_told_the_next_morning(site: Played) -> None:
    def changes(raw: bytes) -> bytes:
        message = message_from_bytes(raw, policy=_PLAIN)
        message["Cc"] = "her.manager@opcc.example"
        for part in message.walk():
            if part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
                text = f"{part.get_content()}\nRing me any time before noon."
                part.set_content(text, subtype=part.get_content_subtype())
        return message.as_bytes()

    sends(site, "15 Oct 12:00", CHARN, change=changes)
    site.beat("15 Oct 12:10")
    site.beat("16 Oct 07:35")
    letter = said(site.the_letter(CO_ORDINATOR, "wait in your Drafts folder"))
    assert "You changed this letter before you sent it" in letter
    assert "It went to her.manager@opcc.example as well." in letter
    assert 'Words were added: "Ring me any time before noon".' in letter


def test_a_draft_that_she_deleted_is_asked_about_and_comes_again_or_lies(site: Played) -> None:
    sends(site, "15 Oct 12:00", *(to for to in drafts(site) if to not in {CHARN, CHARN_CHAIR}))
    for draft in drafts(site).values():
        draft.unlink()
    site.beat("15 Oct 12:10")
    site.beat("15 Oct 12:30")
    rows = {x.recipient: x.id[:8] for x in letters(site, LetterState.FOR_A_PERSON)}
    assert rows.keys() == {CHARN, CHARN_CHAIR}
    site.beat("16 Oct 07:35")
    letter = site.the_letter(CO_ORDINATOR, "2 letters that left Drafts without a copy")
    assert "If you sent it, reply FOUND" in said(letter)
    site.reply(letter, CO_ORDINATOR, f"RESEND {rows[CHARN]}\nWITHDRAW {rows[CHARN_CHAIR]}")
    site.beat("16 Oct 09:05")
    assert "is put into Drafts again" in said(site.the_letter(CO_ORDINATOR, "Done"))
    site.beat("16 Oct 09:30")
    assert set(drafts(site)) == {CHARN}


def test_she_takes_one_back_by_reply(site: Played) -> None:
    row = next(x for x in letters(site, LetterState.IN_DRAFTS) if x.recipient == CHARN)
    site.write(CO_ORDINATOR, "Our letters", f"WITHDRAW {row.id[:8]}")
    site.beat("15 Oct 10:00")
    site.beat("15 Oct 10:01")
    assert CHARN not in drafts(site)
    assert next(x for x in letters(site) if x.id == row.id).state is LetterState.WITHDRAWN


def test_stop_empties_drafts_and_resume_fills_them_again(site: Played) -> None:
    count = len(drafts(site))
    site.write(CO_ORDINATOR, "Our letters", "STOP")
    site.beat("15 Oct 10:00")
    assert drafts(site) == {}
    assert f"Still here: {count} letters waiting to leave." in said(site.the_letter(CO_ORDINATOR, "Done: STOP"))
    site.write(CO_ORDINATOR, "Our letters", "RESUME")
    site.beat("15 Oct 10:05")
    site.beat("15 Oct 10:30")
    assert len(drafts(site)) == count


def test_in_mode_live_what_lay_there_leaves_by_itself(site: Played) -> None:
    count = len(drafts(site))
    site.new_letters()
    file = site.place / "config" / "service.toml"
    file.write_text(file.read_text().replace('mode = "drafts"', 'mode = "live"'))
    site.beat("15 Oct 10:00")
    assert (drafts(site), site.new_letters()) == ({}, [])
    site.beat("15 Oct 10:20")
    assert len([x for x in site.new_letters() if x.to != CO_ORDINATOR]) == count


def test_a_store_that_was_put_back_tells_what_lies_in_drafts_and_puts_none_there_twice(
    asked: Played, tmp_path: Path
) -> None:
    """The backup is of the night before: what was put into Drafts by day bears our mark and is not known to it."""
    site, place = asked.copied_to(tmp_path / "opcc"), tmp_path / "opcc"
    sends(site, "15 Oct 09:20")
    site.beat("15 Oct 10:00")
    _pass(site)
    upkeep.make_backup(place / "config", place / "state", tmp_path / "backup", at("20 Oct 12:00"))
    site.beat("21 Oct 09:31")
    before = {person: path.read_bytes() for person, path in drafts(site).items()}
    assert before, "reminders"
    site.close()
    site.new_letters()
    upkeep.restore_backup(place / "config", place / "state", tmp_path / "backup", at("21 Oct 10:00"), replace=True)
    site.beat("21 Oct 10:30")
    letter = site.the_letter(CO_ORDINATOR, "In your Drafts folder, and not known here")
    assert all(f"{person}: " in said(letter) for person in before)
    site.reply(letter, CO_ORDINATOR, "RELEASE")
    site.beat("21 Oct 11:00")
    site.beat("21 Oct 11:01")
    lying = sorted((place / "state" / "mail" / "drafts" / "cur").glob("*"))
    assert sorted(path.read_bytes() for path in lying) == sorted(before.values())
