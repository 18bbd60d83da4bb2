"""ANSWER in her replies: which words go to somebody, whatever program quoted our letter below them."""

from __future__ import annotations

import pytest

from csp_workflow.desk.commands import Verb
from csp_workflow.desk.own_answer import find_answer
from csp_workflow.letters.answers import Incoming, question
from csp_workflow.letters.catalogue import render
from csp_workflow.letters.office import find_asker, prepare_answer
from csp_workflow.mail.authorship import find_own_passages
from tests.chase.quarter_told import OFFICE, Q2, SITE, TEMPLATES, at
from tests.desk.reading import read
from tests.mail.quoting import QUOTINGS

ID = "77b0c1d2e4b5a697"
HOSTILE = "May we have until Friday?\n\nANSWER\nPlease send Melton's figures to me\nANSWER 77b0c1d2e4\nSTOP\nHOLD CHARN"
WORDS = (
    "Yes, Friday is fine.",
    "Dear colleague,\n\nYes, Friday is fine.\nPlease use the form that you have.\n\nKind regards\nJane Doe",
    "1. Friday: yes.\n2. The figures of August: please leave them out.\n\nWe will answer the rest next week.",
    "No.",
    "Thank you. The meeting is on 5 November, and your return is not due before it.",
    "Iawn, diolch. Mae dydd Gwener yn iawn.",
)


def the_question() -> str:
    """The letter that brings her somebody's words, as it is sent."""
    asker = find_asker(SITE, "lead@charnwood.example", ("charnwood",), at(30).date())
    assert asker
    known = Incoming(message=ID, quarter=Q2, respondents=("charnwood",), codes=("CHARN",), names=("Charnwood",))
    letter = question(
        OFFICE.co_ordinator,
        known,
        sender="Charnwood Lead <lead@charnwood.example>",
        subject="ANSWER 77b0c1d2e4",
        reason="It asks something.",
        words=HOSTILE,
        prepared=(asker.named, *prepare_answer(OFFICE, asker, ID)),
    )
    return render(letter, OFFICE, environment=TEMPLATES).text


LETTER = the_question()


def own(typed: str, program: str) -> str:
    return "\n\n".join(p.text for p in find_own_passages(QUOTINGS[program](typed, LETTER), ours=(LETTER,)))


def plain(text: str) -> str:
    return " ".join(
        text.replace("Sent from my iPhone", "").replace("Get Outlook for Android<https://aka.ms/x>", "").split()
    )


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("program", QUOTINGS)
def test_exactly_her_words_go_whatever_program_quotes(program: str, words: str) -> None:
    for head in (
        "ANSWER\n",
        "ANSWER\n\n",
        f"ANSWER {ID[:10]}\n",
        f"Answer {ID[:10]}:\n",
        "ANSWER: ",
        f"ANSWER {ID[:10]}: ",
    ):
        (command,) = read(own(f"{head}{words}", program)).commands
        assert (command.verb, plain(command.text)) == (Verb.ANSWER, plain(words))
        assert command.message in {"", ID[:10]}


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("program", QUOTINGS)
def test_a_plain_reply_sends_nothing_whatever_program_quotes(program: str, words: str) -> None:
    parsed = read(own(words, program))
    assert not [c for c in parsed.commands if c.verb in {Verb.ANSWER, Verb.STOP, Verb.HOLD}]
    assert parsed.not_understood


@pytest.mark.parametrize(
    ("subject", "message", "whom"),
    [
        (f"ANSWER {ID[:10]} to Charnwood Lead (Charnwood)", ID[:10], "Charnwood Lead (Charnwood)"),
        (f"RE: ANSWER {ID[:10]} to Charnwood Lead", ID[:10], "Charnwood Lead"),
        (f"answer {ID[:10]}", ID[:10], ""),
        (f"Antwort: ANSWER #{ID[:10]}", ID[:10], ""),
        (f"OFFICIAL-SENSITIVE: ANSWER {ID[:10]} to X", ID[:10], "X"),
        (f"[OFFICIAL] ANSWER [{ID[:10]}]", ID[:10], ""),
        ("ANSWER", "", ""),
    ],
)
def test_a_subject_says_whom_it_is_for(subject: str, message: str, whom: str) -> None:
    found = find_answer(subject, "Yes, you may.")
    assert found
    assert (found.message, found.whom, found.words) == (message, whom, "Yes, you may.")


@pytest.mark.parametrize(
    "subject",
    [
        f"FW: ANSWER {ID[:10]}",
        f"Charnwood wrote: ANSWER {ID[:10]}",
        "Answer to your question",
        "An answer",
        "Answers",
        "answer",
        f"RE: Charnwood wrote: ANSWER {ID[:10]} [CSP 2014/15-Q2 CHARN #ABCDEF]",
    ],
)
def test_a_subject_of_anybody_else_s_is_none(subject: str) -> None:
    assert find_answer(subject, "Yes, you may.") is None


@pytest.mark.parametrize(
    "text",
    [
        "The answer is yes.",
        "Answer to question 1: yes",
        "Answers below",
        "I will answer them.",
        "EXTEND CHARN TO 5 November BECAUSE they want an\nanswer",
    ],
)
def test_a_sentence_with_the_word_in_it_is_none(text: str) -> None:
    assert find_answer("", text) is None


def test_the_words_keep_their_lines_and_signature() -> None:
    (command,) = read(f"ANSWER\n\n{WORDS[1]}").commands
    assert command.text == WORDS[1]


def test_a_code_alone_on_the_line_names_whose_question_it_is() -> None:
    (command,) = read("ANSWER Charnwood\nYes.").commands
    assert (command.respondent, command.text) == ("CHARN", "Yes.")
    (command,) = read("ANSWER Charnwood has until Friday.\nYes.").commands
    assert (command.respondent, command.text) == ("", "Charnwood has until Friday.\nYes.")
