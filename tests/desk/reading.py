"""Her replies, read for the small site of the chase's tests, with short lists of what only greets and thanks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from csp_workflow.desk.commands import Command, Parsed
from csp_workflow.desk.reading import parse
from csp_workflow.terms.messages import Courtesies
from tests.chase.quarter_told import SITE

TODAY = date(2014, 10, 31)
"""A Friday."""
LISTS = Courtesies(
    greetings=("dear", "hi", "hello", "good morning", "morning"),
    thanks=("thank you", "many thanks", "thanks"),
    closings=("kind regards", "regards", "many thanks", "best wishes"),
    footers=("sent from my",),
    disclaimers=("intended recipient",),
)
NAMES = ("Jane Doe",)


def read(text: str, *, today: date = TODAY, subject: str = "") -> Parsed:
    """A reply of hers."""
    return parse(text, today=today, site=replace(SITE, courtesies=LISTS), names=NAMES, subject=subject)


def read_one(text: str, *, today: date = TODAY) -> Command:
    """The one order of a reply that is understood."""
    parsed = read(text, today=today)
    assert not parsed.not_understood, parsed.not_understood
    (command,) = parsed.commands
    return command


def ask_about(text: str) -> str:
    """What is said of the one line that is not understood."""
    (line,) = read(text).not_understood
    return line.fault
