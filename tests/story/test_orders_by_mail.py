"""The co-ordinator orders by mail, as she really writes, and nothing leaves by mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from csp_workflow.steps import beat
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.events import LetterState
from csp_workflow.terms.service import StoreBusy
from tests.story.site_told import CO_ORDINATOR, Played, at, filled

LEIC = "lead@leicester.example"


@pytest.fixture(scope="session")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A site whose proof pack lies with the co-ordinator; to be copied, not played on."""
    site = Played.laid_out(tmp_path_factory.mktemp("proved") / "opcc")
    site.beat("15 Oct 07:35")
    return site


@pytest.fixture
def in_proof(proved: Played, tmp_path: Path) -> Played:
    return proved.copied_to(tmp_path / "opcc")


def order(site: Played, words: str, *files: tuple[str, bytes]) -> None:
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, words, *files)


def queued(site: Played) -> int:
    def count(outside: Outside) -> int:
        return sum(x.recipient != CO_ORDINATOR for x in outside.store.letters(LetterState.QUEUED))

    return int(site.ask(count))  # type: ignore[call-overload]


def others(site: Played) -> set[str]:
    return {letter.to for letter in site.new_letters()} - {CO_ORDINATOR}


def test_a_word_that_is_not_understood_beside_send_sends_nothing_and_is_asked(in_proof: Played) -> None:
    order(in_proof, "SEND\nbut not to Melton")
    in_proof.beat("15 Oct 09:10")
    assert not queued(in_proof)
    answer = in_proof.the_letter(CO_ORDINATOR, "not every line was understood")
    assert "You wrote: but not to Melton" in answer.text
    assert not others(in_proof)
    in_proof.reply(answer, CO_ORDINATOR, "Thank you.\n\nHOLD Melton\n\nSend it, please\n\nKind regards")
    in_proof.beat("15 Oct 09:20")
    told = others(in_proof)
    assert LEIC in told
    assert "community.safety@county.example" not in told


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("STOP", ""),
        ("STOP", "There is a mistake in the burglary figures"),
        ("Urgent", "Please stop everything now"),
        ("Urgent", "Hello,\n\nwe have to STOP this, the figures are wrong!\n\n> SEND\n> HOLD\n"),
    ],
)
def test_stop_halts_what_was_queued_before_the_next_hand_over(in_proof: Played, subject: str, words: str) -> None:
    order(in_proof, "SEND")
    in_proof.beat("15 Oct 08:00")
    assert queued(in_proof)
    in_proof.new_letters()
    in_proof.write(CO_ORDINATOR, subject, words)
    in_proof.beat("15 Oct 09:10")
    waiting = queued(in_proof)
    answer = in_proof.the_letter(CO_ORDINATOR, "All sending is stopped")
    assert not others(in_proof)
    assert f"Still here: {waiting} letters waiting to leave." in " ".join(answer.text.split())
    in_proof.write(CO_ORDINATOR, "Go on", "RESUME")
    in_proof.beat("15 Oct 09:20")
    assert LEIC in others(in_proof)


def test_stop_read_in_the_same_beat_as_send_keeps_everything_here(in_proof: Played) -> None:
    order(in_proof, "SEND")
    in_proof.write(CO_ORDINATOR, "STOP", "Please stop")
    in_proof.beat("15 Oct 09:10")
    assert queued(in_proof)
    assert not others(in_proof)


def test_a_letter_claimed_before_stop_was_read_does_not_leave(in_proof: Played) -> None:
    order(in_proof, "SEND")
    in_proof.beat("15 Oct 08:00")
    in_proof.new_letters()
    in_proof.write(CO_ORDINATOR, "STOP", "")
    outside = in_proof.opened(at("15 Oct 09:10")).outside
    first = next(x for x in outside.store.letters(LetterState.QUEUED) if x.recipient != CO_ORDINATOR)
    assert outside.store.claim([first.id], clock=outside.clock(), alone=outside.alone)
    in_proof.beat("15 Oct 09:10")
    in_proof.beat("15 Oct 11:10")
    assert not others(in_proof)


def test_stop_waits_for_no_file_that_mail_security_still_checks(in_proof: Played) -> None:
    order(in_proof, "SEND")
    in_proof.write(CO_ORDINATOR, "STOP", "", ("ATP Scan In Progress.html", b"ATP Scan In Progress"))
    in_proof.beat("15 Oct 09:10")
    assert queued(in_proof)
    assert not others(in_proof)


def test_stop_counts_where_a_form_is_attached(site: Played) -> None:
    form = filled(next(x for x in site.new_letters() if x.to == LEIC and x.workbooks))
    site.write(CO_ORDINATOR, "Leicester's return", "STOP, please. This came to me by mistake.", form)
    site.beat("16 Oct 10:00")
    assert site.state("leicester") == "complete"
    answer = site.the_letter(CO_ORDINATOR, "All sending is stopped")
    assert f"{form[0]} went the way of forms." in " ".join(answer.text.split())
    assert not others(site)


def test_a_form_of_hers_without_an_order_is_taken_and_answered_as_before(site: Played) -> None:
    form = filled(next(x for x in site.new_letters() if x.to == LEIC and x.workbooks))
    site.write(CO_ORDINATOR, "Leicester's return", "This came to me by mistake.", form)
    site.beat("16 Oct 10:00")
    assert site.state("leicester") == "complete"
    assert not [x for x in site.new_letters(CO_ORDINATOR) if "You wrote" in x.text]


def test_a_day_counts_from_the_day_on_which_she_wrote(site: Played) -> None:
    site.write(
        CO_ORDINATOR, "More time", "Hi,\nplease extend Leicester to next Wednesday - their analyst is ill\nThanks"
    )
    site.beat("24 Oct 10:00")
    answer = site.the_letter(CO_ORDINATOR, "has until 5pm on")
    assert "Wednesday 29 October 2014" in " ".join(answer.text.split())
    assert "The reason kept with it: their analyst is ill." in " ".join(answer.text.split())


def test_what_is_attached_to_an_order_is_said_to_be_unread(site: Played) -> None:
    site.write(CO_ORDINATOR, "A hold", "HOLD NWL", ("Wording.docx", b"PK"))
    site.beat("16 Oct 10:00")
    answer = " ".join(site.the_letter(CO_ORDINATOR, "Nothing is sent to").text.split())
    assert "Wording.docx was not looked at; what you attach to an order is not used." in answer


def test_an_order_that_cannot_be_taken_back_waits_when_a_file_came_with_it(site: Played) -> None:
    site.write(CO_ORDINATOR, "Time", "EXTEND NWL TO 31 October BECAUSE see the file", ("Wording.docx", b"PK"))
    site.beat("16 Oct 10:00")
    answer = " ".join(site.the_letter(CO_ORDINATOR, "EXTEND NWL").text.split())
    assert "It waits, because a file came with it, which is not used." in answer
    assert "has until" not in answer


def test_nothing_leaves_in_a_beat_in_which_messages_could_not_be_judged(
    in_proof: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(in_proof, "SEND")
    in_proof.beat("15 Oct 08:00")
    in_proof.new_letters()
    in_proof.write(CO_ORDINATOR, "STOP", "")

    def fail(*_: object, **__: object) -> None:
        raise StoreBusy

    with monkeypatch.context() as patched:
        patched.setattr(beat.judge, "judge_all", fail)
        assert in_proof.beat("15 Oct 09:10").failed_steps == ("judge",)
    assert not in_proof.new_letters()
    in_proof.beat("15 Oct 09:20")
    assert not others(in_proof)
