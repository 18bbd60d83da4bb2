"""The co-ordinator's orders as they were read, with the line that each was read from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from csp_workflow.desk.persons import Person
from csp_workflow.desk.verbs import Verb
from csp_workflow.terms.phrases import day as full_day
from csp_workflow.terms.written_days import Longer

_SAY_BY = {Verb.APPROVED, Verb.CERTIFIED, Verb.NIL, Verb.DECLINE}
_SAY_WHOM = {Verb.DISMISS, Verb.REISSUE, Verb.SEND, Verb.EXTEND, Verb.HELP, Verb.DASHBOARD, Verb.SHOW}
"""Orders about a group that has a word of its own."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """One order as read. `respondent` and `board` are codes that the site has; `message` and `address` as typed.

    `words` is the line it was read from, to be said back. An ANSWER has a `text` to go on, names `files` of the mail
    that it came in, and may say in words to `whom`. A CONTACT has the rest of what it says in `person`;
    a CIRCULATE may be `as_cleared`, whatever came since, and `as_written`, though it may name a person; a CLEAR
    `unwaited`, though partnerships were not shown what is printed of them, or may still object. `erratum` is the number
    of the erratum to a paper that is meant, 0 where none is given; None: it is about the paper itself.
    `unplaced`: words of hers that have no place in a paper are meant. What an ACTION asks stands in `text`, and the ref
    of what a CLOSE closes in `action`. An AWAY begins on the day `since`; `letter` is the id of one of ours, as typed.
    An EXTEND names a day, or how much `longer` than the one that stands. Whom a FIND or EXPORT is about stands in
    `text`. `questions` are the numbers of what an ANSWERS or an ACCEPT is about: "Q2".
    """

    verb: Verb
    words: str
    respondent: str = ""
    day: date | None = None
    longer: Longer | None = None
    reason: str = ""
    board: str = ""
    message: str = ""
    address: str = ""
    whom: str = ""
    text: str = ""
    files: tuple[str, ...] = ()
    person: Person | None = None
    as_cleared: bool = False
    as_written: bool = False
    unwaited: bool = False
    erratum: int | None = None
    action: str = ""
    unplaced: bool = False
    questions: tuple[str, ...] = ()
    since: date | None = None
    letter: str = ""

    def write(self) -> str:
        """The order as it was understood, in the words that the list of orders has."""
        if self.person:
            return f"{self.verb.value} {self.respondent} {_write_person(self.person)}"
        if self.verb is Verb.ACTION and self.day:
            named = " ".join(filter(None, (self.board, self.respondent)))
            return f"{self.verb.value} {named} BY {full_day(self.day)}: {self.text}"
        if self.verb is Verb.CALLED:
            until = f" UNTIL {full_day(self.day)}" if self.day else ""
            return f"{self.verb.value} {self.respondent} {self.whom}".rstrip() + f"{until}: {self.reason}"
        if self.verb is Verb.AWAY and self.since and self.day:
            return f"{self.verb.value} FROM {full_day(self.since)} TO {full_day(self.day)}"
        ok = "OK " if self.verb is Verb.ADDRESS else ""
        named = " ".join(
            filter(None, (self.message or self.letter, self.address and f"{ok}{self.address}", self.board, self.action))
        )
        named = (
            self.text if self.verb in {Verb.AGREE, Verb.YEAR, Verb.APPLY, Verb.FIND, Verb.EXPORT, Verb.ERASE} else named
        )
        named += "" if self.erratum is None else f" ERRATUM {self.erratum or ''}".rstrip()
        named = f"{named} WORDS".strip() if self.unplaced else named
        whom = f"TO {self.respondent}" if self.verb is Verb.ASSIGN else self.respondent
        whom = f"{whom} {self.whom.upper()}".strip() if self.verb in _SAY_WHOM else whom
        whom = " ".join((whom, *self.questions)).strip()
        by = f"BY {self.whom}" if self.whom and self.verb in _SAY_BY else ""
        until = f"TO {full_day(self.day)}" if self.day else f"BY {self.longer}" if self.longer else by
        why = f"BECAUSE {self.reason}" if self.reason else ""
        how = " AND ".join(["AS CLEARED"] * self.as_cleared + ["AS WRITTEN"] * self.as_written)
        how += "WITHOUT WAITING" * self.unwaited
        return " ".join(filter(None, (self.verb.value, named, whom, until, why, how)))


def _write_person(person: Person) -> str:
    since = f"FROM {full_day(person.since)}" if person.since else ""
    until = f"TO {full_day(person.until)}" if person.until else ""
    instead = f"INSTEAD OF {person.instead_of}" if person.instead_of else ""
    return " ".join(filter(None, (person.role.value, person.name, f"<{person.address}>", since, until, instead)))


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of hers: what it orders, and what in it was not understood ("" for nothing), in a sentence."""

    words: str
    commands: tuple[Command, ...] = ()
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """A reply's lines in their order, without those that only greet, thank or sign.

    `has_files`: something is attached that is not used, so that it may not say all she means.
    """

    lines: tuple[Line, ...] = ()
    has_files: bool = False

    @property
    def commands(self) -> tuple[Command, ...]:
        """All that it orders."""
        return tuple(command for line in self.lines for command in line.commands)

    @property
    def not_understood(self) -> tuple[Line, ...]:
        """The lines to ask about."""
        return tuple(line for line in self.lines if line.fault)

    @property
    def halts(self) -> bool:
        """Whether it says STOP."""
        return any(command.verb is Verb.STOP for command in self.commands)
