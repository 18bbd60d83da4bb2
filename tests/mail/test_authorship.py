"""Whose each word of an answer is: ours however it is quoted, theirs wherever it stands, nobody else's ever."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.mail.authorship import find_own_passages
from csp_workflow.mail.bodies import html_to_text
from csp_workflow.terms.messages import Passage
from tests.mail.quoting import LETTERS, QUOTINGS

TYPED = (
    "SEND",
    "APPROVED",
    "Approved",
    "HOLD MELT",
    "Dear colleague,\n\nApproved.\n\nKind regards,\nChair",
    "Approved\n\nbut please change the burglary figure to 43 first",
    "I approve the return of Charnwood Community Safety Partnership for July to September 2014.",
    "Nil return",
    "Why was 43 asked for? It rose because of one offender: see what we wrote in Q1.",
)
ADDED = ("Sent from my iPhone", "Get Outlook for Android<https://aka.ms/x>")


def own_words(body: str, letter: str = "") -> str:
    """All that is theirs, on one line, without what a telephone's program adds."""
    said = " ".join(p.text for p in find_own_passages(body, ours=(letter,) if letter else ()))
    for one in ADDED:
        said = said.replace(one, "")
    return " ".join(said.split())


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
@pytest.mark.parametrize("quoting", QUOTINGS.values(), ids=QUOTINGS)
def test_what_was_typed_above_is_theirs_and_nothing_of_our_letter(quoting, letter) -> None:  # type: ignore[no-untyped-def]
    for typed in TYPED:
        assert own_words(quoting(typed, letter), letter) == " ".join(typed.split())


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
@pytest.mark.parametrize("name", [name for name in QUOTINGS if name != "nothing quoted"])
def test_what_was_typed_below_or_between_is_theirs_too(name: str, letter: str) -> None:
    quoted = QUOTINGS[name]("", letter).strip("\n").split("\n")
    typed = "It rose because of one offender; change 43 to 27."
    assert own_words("\n".join((*quoted, "", typed)), letter) == typed
    blank = next(at for at, line in enumerate(quoted) if not line.strip(" >|CR") and at > len(quoted) // 2)
    assert own_words("\n".join((*quoted[: blank + 1], typed, "", *quoted[blank + 1 :])), letter) == typed


def test_an_answer_stands_beside_the_line_that_it_answers() -> None:
    body = (
        "Please see below.\n\nOn 20/10/2014 09:00, returns@opcc.example wrote:\n"
        "> Why did burglary fall to 43?\nTwo offenders went to prison.\n> Is 72 right for thefts?\nNo, it must be 27."
    )
    wanted = (
        Passage(text="Please see below."),
        Passage(text="Two offenders went to prison.", beside="Why did burglary fall to 43?"),
        Passage(text="No, it must be 27.", beside="Is 72 right for thefts?"),
    )
    assert find_own_passages(body) == wanted, "without our letter at hand"
    letter = "Why did burglary fall to 43?\nIs 72 right for thefts?"
    assert find_own_passages(body, ours=(letter,)) == wanted


def test_words_typed_into_a_line_of_ours_are_found() -> None:
    letter = LETTERS["question"]
    line = next(line for line in letter.split("\n") if len(line.split()) > 6)
    body = QUOTINGS["Gmail"]("See below.", letter).replace(line, f"{line} Tuesday, if the figures came")
    assert own_words(body, letter) == "See below. Tuesday, if the figures came"


def test_new_words_inside_a_blockquote_are_theirs() -> None:
    letter = "Could you say why it rose?\n\nAnd when the meeting of the partnership will be held?"
    html = (
        "<div>See below</div><blockquote><p>Could you say why it rose?</p><p>One offender.</p>"
        "<p>And when the meeting of the partnership will be held?</p><p>On 3 November.</p></blockquote>"
    )
    assert own_words(html_to_text(html), letter) == "See below One offender."


def test_a_translated_copy_of_our_letter_is_nobody_s_words() -> None:
    body = (
        "APPROVED\n\nVon: CSP returns <returns@opcc.example>\nGesendet: Montag, 20. Oktober 2014 09:00\n"
        "An: Vorsitz <chair@charnwood.example>\nBetreff: Bitte\n\nSehr geehrte Damen und Herren,\n\n"
        "der Bericht von Charnwood Community Safety Partnership ist fertig.\n\nHOLD MELT\n\nMit freundlichen Grüßen"
    )
    assert own_words(body, LETTERS["approval"]) == "APPROVED"


@pytest.mark.parametrize(
    "forward",
    [
        "---------- Forwarded message ----------\nFrom: A Third <a@third.example>\nDate: 1 October 2014\n\n{}",
        "Begin forwarded message:\n\n> From: A Third <a@third.example>\n> Date: 1 October 2014\n> \n> {}",
        "-----Original Message-----\nFrom: A Third [mailto:a@third.example]\nSent: 1 October 2014 10:00\n\n{}",
        "From: A Third <a@third.example>\nSent: 01 October 2014 10:00\nTo: Lead\nSubject: x\n\n{}",
        "On 1 October 2014 at 10:00, A Third <a@third.example> wrote:\n\n{}",
    ],
)
@pytest.mark.parametrize("letter", ["", LETTERS["approval"]])
def test_what_a_third_party_wrote_is_never_the_sender_s(forward: str, letter: str) -> None:
    assert own_words(forward.format("APPROVED"), letter) == ""
    assert own_words(f"For information.\n\n{forward.format('APPROVED')}", letter) == "For information."


def test_an_older_answer_of_their_own_below_our_letter_is_history() -> None:
    letter = LETTERS["approval"]
    older = "On 13/10/2014 09:00, Chair <chair@charnwood.example> wrote:\n> APPROVED\n> HOLD MELT"
    nested = f"{letter}\n\n{older}"
    assert own_words(QUOTINGS["Outlook"]("Not yet.", nested), letter) == "Not yet."
    assert own_words(QUOTINGS["Thunderbird"]("Not yet.", nested), letter) == "Not yet."


def test_figures_in_lines_with_colons_are_no_head_of_a_message() -> None:
    body = "Burglary: 43\nTheft: 27\nSubject to change: yes\n\nApproved by the board."
    assert own_words(body) == " ".join(body.split())


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_words_at_all_are_read(body: str, letter: str) -> None:
    find_own_passages(body, ours=(letter,))


@given(st.lists(st.sampled_from(["burglary", "rose", "in", "blaby", "43", "please", "change", "it"]), min_size=1))
def test_what_is_not_quoted_and_not_ours_is_never_lost(words: list[str]) -> None:
    typed = " ".join(words)
    assert own_words(QUOTINGS["Outlook"](typed, LETTERS["approval"]), LETTERS["approval"]) == typed
