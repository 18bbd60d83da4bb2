"""What else a message may be about is told from its sentences; what only reports on the work is not taken for it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from csp_workflow import settings
from csp_workflow.intake.outcomes.passing import find_topics
from csp_workflow.terms.dates import WorkingDays
from csp_workflow.terms.messages import Topic, Topics
from tests.mail import topics_more, topics_told, topics_whole
from tests.mail.lists import TOPICS

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "emails"
OURS = {"passed-on"}
"""The letter that says what a message may be about."""


def keys(*texts: str) -> list[str]:
    return [topic.key for topic in find_topics(texts, TOPICS)]


@pytest.mark.parametrize("told", [topics_told, topics_more])
def test_what_people_write_is_recognised_and_what_they_write_about_returns_is_not(told) -> None:
    missed = [line for topic, line in told.CASES if topic not in keys(line)]
    alarms = [line for line in told.ORDINARY if keys(line)]
    assert len(missed) <= 0.03 * len(told.CASES), missed
    assert len(alarms) <= 0.03 * len(told.ORDINARY), alarms


def test_whole_messages_of_strangers_and_of_contacts_are_told_apart() -> None:
    def found(text: str, is_stranger: bool) -> list[str]:
        return [topic.key for topic in find_topics([text], TOPICS, is_stranger=is_stranger)]

    missed = [text for topic, text, is_stranger in topics_whole.CASES if topic not in found(text, is_stranger)]
    alarms = [text for text, is_stranger in topics_whole.ORDINARY if found(text, is_stranger)]
    assert len(missed) <= 0.1 * len(topics_whole.CASES), missed
    assert len(alarms) <= 0.03 * len(topics_whole.ORDINARY), alarms


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Please find it attached.\n\nI wish to make a\ncomplaint about your office.", ["complaint"]),
        ("> I WISH TO\n> complain!", ["complaint"]),
        ("I wish to complain. Under FOI, please send me the minutes.", ["information-request", "complaint"]),
        ("If you wish to make a complaint, see our website.", []),
        ("This e-mail may be disclosed under the\nFreedom of Information Act 2000.", []),
        ("The return rose.\nComplaint", ["complaint"]),
        ("", []),
    ],
)
def test_a_sentence_counts_wherever_a_program_broke_it(text: str, found: list[str]) -> None:
    assert keys(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "The form won't let me type in it",
        "Excel won't let me save it",
        "Outlook won't let them see it",
        "The system won't let me go past the first page",
        "It won't let me out of the first cell",
        "They won't let me see the file at work",
        "I'm concerned about the child exploitation figure",
        "I take my own life in my hands with this spreadsheet",
    ],
)
def test_a_form_or_a_program_that_does_not_let_somebody_is_no_concern(text: str) -> None:
    assert keys(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "My boyfriend won't let me out of the house",
        "He will not let her see her sister",
        "She never lets him eat",
        "They won't let me leave.",
        "Child at risk, please ring me urgently",
        "A 15 yr old has been sending pictures to a man online",
        "A member of staff is having a relationship with a pupil",
        "An elderly lady has been given money to and scammed by a carer",
        "I don't want to be here any more",
        "He says he will take his own life",
    ],
)
def test_what_sounds_like_harm_to_somebody_is_a_concern(text: str) -> None:
    assert keys(text) == ["safeguarding"]


def test_no_letter_of_ours_is_about_anything_else() -> None:
    """It would be passed on each time that somebody quotes it in a way that we do not know."""
    for file in TEMPLATES.rglob("*.txt"):
        if file.parent.name not in OURS:
            assert keys(re.sub(r"\{[{%].*?[%}]\}", "", file.read_text("utf-8"))) == [], file


def test_a_site_without_topics_finds_none_and_a_phrase_is_words_choices_gaps_and_beginnings() -> None:
    assert find_topics(["I wish to complain"], Topics()) == ()
    one = Topic(key="k", name="a matter", phrases=("see|hear ... badger*",))
    for text, is_found in (
        ("I hear of two badgers!", True),
        ("see badger", True),
        ("badgers see", False),
        ("seen: a badger", False),
        ("see " + "one " * 11 + "badger", False),
    ):
        assert bool(find_topics([text], Topics(topics=(one,)))) is is_found, text


@pytest.mark.parametrize(
    ("phrase", "text", "is_found"),
    [
        ("badger & hurt", "The badger is in the lane. It was hurt.", True),
        ("badger & hurt", "It was hurt. Do you see? A badger.", False),
        ("old * badger", "my old grey badger", True),
        ("old * badger", "my old badger", False),
        ("^ badger $", "Hello\nBadger!\nThanks", True),
        ("^ badger $", "The badger", False),
        ("badger ... ?", "Is the badger well? Thanks.", True),
        ("badger ... ?", "The badger is well. Is it?", False),
        ("badgers", "I saw badgrs", True),
        ("badger", "badgr", False),
    ],
)
def test_a_phrase_may_join_sentences_mark_where_they_end_and_be_mistyped(
    phrase: str, text: str, is_found: bool
) -> None:
    topics = Topics(topics=(Topic(key="k", name="a matter", phrases=(phrase,)),))
    assert bool(find_topics([text], topics)) is is_found


def test_what_strangers_ask_is_their_request_what_contacts_ask_is_their_work() -> None:
    topics = Topics(topics=(Topic(key="k", name="a matter", phrases=("badger",), strangers=("?",)),))
    for is_stranger in (True, False):
        assert bool(find_topics(["How are you?"], topics, is_stranger=is_stranger)) is is_stranger


@pytest.mark.parametrize(
    ("topic", "came", "due"),
    [
        ("information-request", date(2014, 10, 20), date(2014, 11, 17)),
        ("information-request", date(2014, 12, 12), date(2015, 1, 14)),
        ("information-request", date(2014, 10, 25), date(2014, 11, 21)),
        ("information-request", date(2016, 12, 20), None),
        ("subject-access", date(2014, 10, 20), date(2014, 11, 20)),
        ("subject-access", date(2015, 1, 31), date(2015, 2, 28)),
        ("subject-access", date(2014, 12, 31), date(2015, 1, 31)),
        ("complaint", date(2014, 10, 20), None),
    ],
)
def test_the_day_that_the_law_sets(topic: str, came: date, due: date | None) -> None:
    holidays = frozenset({date(2014, 12, 25), date(2014, 12, 26), date(2015, 1, 1)})
    assert TOPICS.find(topic).find_due(came, WorkingDays(holidays, 2014, 2016)) == due


def test_a_topic_that_the_site_lists_no_more_is_called_by_its_key() -> None:
    assert replace(TOPICS, topics=()).find("complaint").name == "complaint"


def test_the_shipped_file_goes_to_the_co_ordinator_until_a_site_says_otherwise() -> None:
    site, _ = settings.load(settings.find_defaults() / "config", environment={})
    (topic, *_) = site.topics.topics
    assert site.handlers(topic, date(2014, 10, 20)) == (site.office.co_ordinator,)
    elsewhere = replace(topic, office="Information team", address="foi@opcc.example")
    (handler,) = site.handlers(elsewhere, date(2014, 10, 20))
    assert (handler.name, handler.address) == ("Information team", "foi@opcc.example")
