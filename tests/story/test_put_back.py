"""A store that came from elsewhere (put back, copied, on another machine): nothing leaves before RELEASE."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from csp_workflow import upkeep
from csp_workflow.cli import run
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.whereabouts import NOTE
from tests.story.closed_told import CHARN, CHARN_CHAIR, LEIC, SECRETARIAT, told_in_the_paper
from tests.story.site_told import CO_ORDINATOR, Q2, Played, at, filled

REMINDED = "21 Oct 09:30"
"""When everybody who has not answered is reminded."""


@pytest.fixture(scope="module")
def at_work(sent_out: Played, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A quarter that was sent out; the service looked again some days later, and then stopped."""
    site = sent_out.copied_to(tmp_path_factory.mktemp("at-work") / "opcc")
    site.beat("17 Oct 09:30")
    site.new_letters()
    site.close()
    return site


def copied(site: Played, place: Path) -> Played:
    """The whole folder somewhere else, as anybody copies it."""
    shutil.copytree(site.place, place)
    return Played(place, set(site.read), site.written)


def told(site: Played) -> Post:
    """The one letter that left."""
    (letter,) = site.new_letters()
    assert letter.to == CO_ORDINATOR
    assert "Nothing leaves until you say so" in letter.subject
    return letter


def test_a_copy_of_a_site_sends_nothing_but_one_letter_that_says_so(at_work: Played, tmp_path: Path) -> None:
    copy, original = copied(at_work, tmp_path / "copy"), at_work.copied_to(tmp_path / "opcc")
    copy.beat(REMINDED)
    copy.beat("21 Oct 15:00")
    assert "in another place" in told(copy).text
    original.beat(REMINDED)
    reminded = [x for x in original.new_letters() if x.to != CO_ORDINATOR]
    assert len(reminded) >= 18


def test_a_copy_lets_nothing_leave_by_command_either(at_work: Played, tmp_path: Path) -> None:
    copy = copied(at_work, tmp_path / "copy")
    place = ["--config", str(copy.place / "config"), "--state", str(copy.place / "state")]
    assert run([*place, "--now", "2014-10-21T09:30", "cycle", "extend", "2014/15-Q2", "melton", "2014-11-05",
                "--reason", "the analyst is ill"]) == 0  # fmt: skip
    assert run([*place, "--now", "2014-10-21T09:31", "release"]) == 4
    assert copy.new_letters() == []
    copy.beat("21 Oct 09:32")
    told(copy)


def test_what_the_copy_was_told_to_release_goes_on(at_work: Played, tmp_path: Path) -> None:
    copy = copied(at_work, tmp_path / "copy")
    copy.beat(REMINDED)
    letter = told(copy)
    copy.write(CO_ORDINATOR, "RELEASE", "RELEASE")
    copy.beat("21 Oct 09:40")
    (refused,) = copy.new_letters()
    assert "reply RELEASE to the letter" in " ".join(refused.text.split())
    copy.reply(letter, CO_ORDINATOR, "RELEASE")
    copy.beat("21 Oct 09:50")
    copy.beat("21 Oct 09:51")
    new = copy.new_letters()
    assert [x for x in new if x.to == CO_ORDINATOR and "goes on from here" in " ".join(x.text.split())]
    assert len([x for x in new if x.to != CO_ORDINATOR]) >= 18
    copy.beat("22 Oct 10:00")
    copy.close()
    assert run(["--config", str(copy.place / "config"), "--state", str(copy.place / "state"), "release"]) == 4


def test_her_morning_letter_of_the_next_day_asks_again_and_takes_the_answer(at_work: Played, tmp_path: Path) -> None:
    copy = copied(at_work, tmp_path / "copy")
    copy.beat(REMINDED)
    told(copy)
    copy.beat("22 Oct 09:30")
    (digest,) = copy.new_letters()
    assert "Nothing leaves until you say so" in " ".join(digest.text.split())
    assert "Reply: RELEASE" in digest.text
    copy.reply(digest, CO_ORDINATOR, "RELEASE")
    copy.beat("22 Oct 09:40")
    assert len(copy.new_letters()) > 1


def lose_the_note(site: Played) -> None:
    (site.place / "state" / NOTE).unlink()


def spoil_the_note(site: Played) -> None:
    (site.place / "state" / NOTE).write_text("[1, 2]")


@pytest.mark.parametrize("change", [lose_the_note, spoil_the_note])
def test_a_store_beside_which_nothing_is_noted_is_not_believed(
    at_work: Played, tmp_path: Path, change: Callable[[Played], None]
) -> None:
    site = at_work.copied_to(tmp_path / "opcc")
    change(site)
    site.beat(REMINDED)
    told(site)


def test_another_machine_on_the_same_store_is_noticed_and_so_is_the_way_back(
    at_work: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = at_work.copied_to(tmp_path / "opcc")
    monkeypatch.setenv("CSP_MACHINE", "the-new-one")
    site.beat(REMINDED)
    assert "on another machine" in told(site).text
    site.close()
    monkeypatch.delenv("CSP_MACHINE")
    site.beat("21 Oct 10:30")
    assert "on another machine" in told(site).text


def test_an_earlier_store_in_the_place_of_a_later_one_takes_again_what_was_filed_with_its_time(
    at_work: Played, tmp_path: Path
) -> None:
    """As somebody puts back a file of the database alone, without a command of ours: return, and approval too."""
    site = at_work.copied_to(tmp_path / "opcc")
    site.close()
    store = site.place / "state" / "csp.sqlite"
    shutil.copy(store, tmp_path / "earlier")
    site.read.clear()
    request = next(x for x in site.new_letters() if x.workbooks and x.to == "lead@charnwood.example")
    site.reply(request, request.to, "Our return.", filled(request))
    site.beat("20 Oct 15:00")
    site.beat("20 Oct 15:01")
    asked = next(x for x in site.new_letters() if x.to == "chair@charnwood.example")
    site.reply(asked, asked.to, "Approved.\n\nBest wishes")
    site.beat("20 Oct 16:00")
    assert site.state("charnwood") == "approved"
    site.new_letters()
    site.close()
    shutil.copy(tmp_path / "earlier", store)
    site.beat(REMINDED)
    letter = told(site)
    text = " ".join(letter.text.split())
    assert "an earlier one, or a backup, was put in its place" in text
    assert "3pm on Monday 20 October 2014" in text
    assert "taken as: approval (Charnwood" in text
    assert site.state("charnwood") == "approved"
    site.reply(letter, CO_ORDINATOR, "RELEASE")
    site.beat("21 Oct 10:00")
    site.beat("21 Oct 10:01")
    assert not [x.subject for x in site.new_letters() if x.to in {request.to, asked.to}]


def test_doctor_says_that_a_copy_sends_nothing(
    at_work: Played, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for copy in (at_work.copied_to(tmp_path / "opcc"), copied(at_work, tmp_path / "copy")):
        run(["--config", str(copy.place / "config"), "--state", str(copy.place / "state"), "doctor", "--no-probe"])
    settled, moved = capsys.readouterr().out.split("well     configuration")[1:]
    assert "well     the store in its own place" in settled
    assert "warning  the store in its own place: The store was last at work in another place" in moved


def test_a_whole_machine_set_back_is_noticed_by_what_was_filed_since(at_work: Played, tmp_path: Path) -> None:
    """Store and note are of an earlier day together; only the mailbox went on."""
    site = at_work.copied_to(tmp_path / "opcc")
    site.close()
    state, earlier = site.place / "state", tmp_path / "earlier"
    earlier.mkdir()
    for name in ("csp.sqlite", NOTE):
        shutil.copy(state / name, earlier)
    site.read.clear()
    request = next(x for x in site.new_letters() if x.workbooks and x.to == "lead@charnwood.example")
    site.reply(request, request.to, "Our return.", filled(request))
    site.beat("20 Oct 16:00")
    site.new_letters()
    site.close()
    for name in ("csp.sqlite", NOTE):
        shutil.copy(earlier / name, state)
    site.beat(REMINDED)
    assert "that this store has never seen" in " ".join(told(site).text.split())
    assert site.state("charnwood") == "complete"


def test_two_services_on_one_mailbox_do_not_both_write(at_work: Played, tmp_path: Path) -> None:
    one, other = at_work.copied_to(tmp_path / "one"), at_work.copied_to(tmp_path / "other")
    for site in (one, other):
        site.beat("20 Oct 09:00")
        site.close()
    shutil.rmtree(other.place / "state" / "mail")
    (other.place / "state" / "mail").symlink_to(one.place / "state" / "mail")
    one.write("lead@melton.example", "A question", "Whom may we ask about the figures?")
    one.beat("20 Oct 10:00")
    one.new_letters()
    other.read.clear()
    other.new_letters()
    other.beat("20 Oct 10:30")
    assert "another service is at work on the mailbox" in " ".join(told(other).text.split())


def test_a_paper_that_is_made_anew_and_says_another_thing_leaves_though_one_left_before(
    closed: tuple[Played, dict[str, Post]], tmp_path: Path
) -> None:
    """The store is put back to before the draft, whose number, like the circulation, was used up by what left."""
    site, asked = closed[0].copied_to(tmp_path / "opcc"), closed[1]
    site.close()
    config, state = site.place / "config", site.place / "state"
    upkeep.make_backup(config, state, tmp_path / "backup", at("19 Nov 12:00"))
    site.beat("20 Nov 09:05")
    draft = site.the_letter(CO_ORDINATOR, "is attached (speb")
    site.reply(draft, CO_ORDINATOR, "CLEAR speb WITHOUT WAITING\nCIRCULATE speb")
    site.beat("20 Nov 10:00")
    assert site.the_letter(SECRETARIAT, "ready for the agenda")
    site.reply(asked[LEIC], LEIC, "Late.", filled(asked[LEIC]))
    site.beat("20 Nov 11:00")
    site.new_letters()
    site.close()
    upkeep.restore_backup(config, state, tmp_path / "backup", at("20 Nov 12:00"), replace=True)
    site.beat("20 Nov 12:05")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing leaves until you say so"), CO_ORDINATOR, "RELEASE")
    site.beat("20 Nov 12:10")
    site.beat("20 Nov 12:11")
    again = site.the_letter(CO_ORDINATOR, "is attached (speb")
    assert "No return was received" in told_in_the_paper(draft, "Safer Leicester Partnership")
    assert "A return was received" in told_in_the_paper(again, "Safer Leicester Partnership")
    site.reply(again, CO_ORDINATOR, "CLEAR speb WITHOUT WAITING\nCIRCULATE speb")
    site.beat("20 Nov 12:20")
    sent = site.the_letter(SECRETARIAT, "ready for the agenda")
    assert "A return was received" in told_in_the_paper(sent, "Safer Leicester Partnership")


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_yes_to_an_earlier_version_approves_no_later_one(at_work: Played, tmp_path: Path, is_lost: bool) -> None:
    """Nor where somebody threw the earlier one away, so that the later has its number now."""
    site = at_work.copied_to(tmp_path / "opcc")
    config, state = site.place / "config", site.place / "state"
    upkeep.make_backup(config, state, tmp_path / "backup", at("17 Oct 10:00"))
    site.read.clear()
    request = site.the_letter(CHARN, "Please fill in")
    site.reply(request, CHARN, "Our return.", filled(request))
    site.beat("20 Oct 15:00")
    site.reply(site.the_letter(CHARN_CHAIR, "Please approve"), CHARN_CHAIR, "APPROVED")
    site.beat("20 Oct 16:00")
    assert site.state("charnwood") == "approved"
    (first,) = (path for path in (state / "mail" / "inbox").rglob("cur/*") if b"Our return." in path.read_bytes())
    site.reply(request, CHARN, "Corrected.", filled(request, number=40))
    site.beat("20 Oct 17:00")
    assert site.state("charnwood") == "complete"
    site.close()
    if is_lost:
        first.unlink()
    upkeep.restore_backup(config, state, tmp_path / "backup", at("20 Oct 18:00"), replace=True)
    site.beat("21 Oct 09:30")
    assert site.state("charnwood") == "complete"


def test_what_was_ordered_of_a_draft_that_is_lost_sends_no_earlier_one(
    closed: tuple[Played, dict[str, Post]], tmp_path: Path
) -> None:
    site, asked = closed[0].copied_to(tmp_path / "opcc"), closed[1]
    config, state = site.place / "config", site.place / "state"
    site.beat("20 Nov 09:05")
    site.new_letters()
    upkeep.make_backup(config, state, tmp_path / "backup", at("20 Nov 12:00"))
    site.reply(asked[LEIC], LEIC, "Late.", filled(asked[LEIC]))
    site.beat("20 Nov 13:00")
    site.beat("21 Nov 09:05")
    second = next(x for x in site.new_letters(CO_ORDINATOR) if x.subject.startswith("Draft 2"))
    site.reply(second, CO_ORDINATOR, "CLEAR speb WITHOUT WAITING\nCIRCULATE speb")
    site.beat("21 Nov 10:00")
    site.new_letters()
    site.close()
    upkeep.restore_backup(config, state, tmp_path / "backup", at("21 Nov 12:00"), replace=True)
    site.beat("21 Nov 12:05")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing leaves until you say so"), CO_ORDINATOR, "RELEASE")
    for when in ("21 Nov 12:10", "21 Nov 12:11", "24 Nov 09:10"):
        site.beat(when)
    assert not site.new_letters(SECRETARIAT)
    paper = site.ask(lambda o: o.store.cycle_status(Q2).papers["speb"])
    assert paper.state == "draft"  # type: ignore[attr-defined]


@pytest.mark.parametrize("orders", [("HOLD MELT", "re: RESUME MELT", "HOLD MELT"), ("re: HOLD MELT", "RESUME MELT")])
def test_a_hold_of_the_lost_days_stands_in_whatever_order_they_are_read_again(
    at_work: Played, tmp_path: Path, orders: tuple[str, ...]
) -> None:
    """What answers a letter that is lost is read last, so the last word may come first; a hold too many is told."""
    site = at_work.copied_to(tmp_path / "opcc")
    config, state = site.place / "config", site.place / "state"
    upkeep.make_backup(config, state, tmp_path / "backup", at("17 Oct 10:00"))
    digest = site.told_in_full("20 Oct 07:40")
    for place, order in enumerate(orders):
        words = order.removeprefix("re: ")
        if words != order:
            site.reply(digest, CO_ORDINATOR, words)
        else:
            site.write(CO_ORDINATOR, words, words)
        site.beat(f"20 Oct 09:{30 + 5 * place}")
    site.close()
    upkeep.restore_backup(config, state, tmp_path / "backup", at("20 Oct 11:00"), replace=True)
    site.beat("20 Oct 11:05")
    assert site.ask(lambda o: o.store.service_status().held_respondents) == {"melton"}


def test_a_return_to_a_form_that_left_after_the_backup_is_held_and_taken_after_send(tmp_path: Path) -> None:
    site = Played.laid_out(tmp_path / "opcc")
    config, state, file = site.place / "config", site.place / "state", tmp_path / "backup"
    site.beat("14 Oct 09:35")
    upkeep.make_backup(config, state, file, at("14 Oct 09:36"))
    site.beat("15 Oct 07:35")
    pack = site.the_letter(CO_ORDINATOR, "To check before anything leaves")
    site.reply(pack, CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    letter = next(x for x in site.new_letters() if x.to == LEIC)
    site.reply(letter, LEIC, "Ours", filled(letter))
    site.beat("16 Oct 10:00")
    site.new_letters()
    site.close()
    upkeep.restore_backup(config, state, file, at("16 Oct 11:00"), replace=True)
    site.beat("16 Oct 13:00")
    asked = told(site)
    (held,) = [m for m in site.ask(lambda o: o.store.messages()) if m.sender == LEIC]  # type: ignore[attr-defined]
    assert held.verdict == "held"
    assert "was not sent yet by what is known here" in held.reason
    site.reply(asked, CO_ORDINATOR, "RELEASE")
    site.beat("16 Oct 13:10")
    site.reply(pack, CO_ORDINATOR, "SEND")
    site.beat("16 Oct 13:20")
    site.write(CO_ORDINATOR, "One", f"ASSIGN {held.id[:10]} LEIC")
    site.beat("16 Oct 13:30")
    assert site.state("leicester") == "complete"
