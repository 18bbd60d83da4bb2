"""Who plays in the rehearsal, and what each of them will do. Codes are those on the forms.

Among them: on time and right; numbers as text; a sorted table; an inserted row; last quarter's form;
another partnership's form; an unchanged form; a PDF; no attachment; a password; a stranger; twice the
same; two different versions; late after two reminders; out-of-office; a question; nil; declined; an
approval "subject to"; silence; a lead who is away with a date; a chair whose address is dead.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from csp_workflow.rehearsal.partners import excel, habits
from csp_workflow.rehearsal.partners.habits import SharedDrive, in_subject, saying, with_form
from csp_workflow.rehearsal.partners.mail import Post, Reply, Sending, write_message
from csp_workflow.rehearsal.partners.people import DeadAddress, Person, Turn


def _hours(n: float) -> timedelta:
    return timedelta(hours=n)


def _days(n: float) -> timedelta:
    return timedelta(days=n)


@dataclass(frozen=True, kw_only=True)
class Who:
    """A name and an address, as a directory has them."""

    name: str
    address: str


def cast_lead(
    codes: tuple[str, ...], who: Who, *, seed: int, old: Mapping[str, tuple[str, bytes]], drive: SharedDrive
) -> Person:
    """The officer who fills the forms of one or several partnerships."""
    plans = [_LEADS.get(code, _careful)(code, old.get(code), drive) for code in codes]
    return Person(address=who.address, name=who.name, plans=plans, seed=seed)


def cast_chair(code: str, who: Who, *, seed: int) -> Person:
    """A chair: approves, is away first, attaches a condition, or says nothing."""
    return Person(address=who.address, name=who.name, plans=[_CHAIRS.get(code, _approving)()], seed=seed)


def cast_dead(who: Who, *, seed: int) -> DeadAddress:
    """An address that sends everything back."""
    return DeadAddress(address=who.address, name=who.name, seed=seed)


def cast_contributor(code: str, who: Who, *, seed: int) -> Person:
    """A body that owns figures the partnerships do not."""
    return Person(address=who.address, name=who.name, plans=[_CONTRIBUTORS.get(code, _plain)(code)], seed=seed)


def cast_analyst(code: str, who: Who, *, seed: int) -> Person:
    """The force's analyst, who owes the extract before the cycle opens."""
    return Person(address=who.address, name=who.name, plans=[_plain(code)], seed=seed)


def write_as_stranger(*, office: str, at: datetime, seed: int) -> Sending:
    """Somebody nobody knows sends in a workbook of their own."""
    reply = Reply(
        sender="helper@consultancy.example",
        name="A Consultant",
        subject="Community safety figures",
        text="Please find figures for the quarter attached. Could you confirm which areas have not replied yet?",
        files=(("figures.xlsx", habits.make_own_workbook(at)),),
    )
    raw = write_message(reply, to=office, at=at, number=zlib.crc32(f"{seed}:stranger".encode()))
    return Sending(at=at, raw=raw, told="whom nobody knows, sent in a workbook and asked who had not replied")


# Leads --------------------------------------------------------------------------------------------

_Old = tuple[str, bytes] | None


def _turn(notices: Callable[[Post], bool], act: habits.Act, after: timedelta, told: str, *, skip: int = 0) -> Turn:
    return Turn(notices=notices, act=act, after=after, told=told, skip=skip)


def _plain(code: str) -> list[Turn]:
    return [_turn(with_form(code), habits.returns(code), _days(4) + _hours(1), "returned its form, filled in")]


def _careful(code: str, old: _Old, drive: SharedDrive) -> list[Turn]:
    return _plain(code)


def _sends_it_twice(code: str, old: _Old, drive: SharedDrive) -> list[Turn]:
    act = habits.returns(code, times=2)
    return [_turn(with_form(code), act, _days(2), "returned its form on time and right, and then once more")]


def _types_text(code: str, old: _Old, drive: SharedDrive) -> list[Turn]:
    act = habits.returns(code, typed=habits.as_text)
    return [_turn(with_form(code), act, _days(5), "typed its figures as text ('1,204', 'c. 35', '12 (est)')")]


def _forgets_then_sorts(code: str, old: _Old, drive: SharedDrive) -> list[Turn]:
    return [
        _turn(with_form(code), habits.forgets_the_attachment(), _days(3), "forgot the attachment"),
        _turn(in_subject(code), habits.returns(code, change=excel.sort_by_ref), _hours(5), "returned a sorted table"),
    ]


def _finds_the_old_form(code: str, old: _Old, drive: SharedDrive) -> list[Turn]:
    right = _turn(in_subject(code), habits.returns(code), _hours(20), "returned the right form")
    if old is None:
        return [right]
    name, data = old
    first = _turn(with_form(code), habits.old_form(data, name), _days(4), "returned last quarter's form")
    return [first, right]


def _sends_two_versions(code: str, old: _Old, drive: SharedDrive) -> list[Turn]:
    return [
        _turn(with_form(code), habits.returns_two_versions(code), _days(6), "attached two different versions"),
        _turn(in_subject(code), habits.returns(code, shift=3), _hours(18), "sent the version that was meant"),
    ]


def _returns_it_unchanged(code: str, old: _Old, drive: SharedDrive) -> list[Turn]:
    act = habits.returns(code, change=excel.insert_a_row)
    unchanged = drive.keeping(habits.returns_it_unchanged(code))
    knows = habits.writes_words("The new chair takes up office in January. Please write to me until then.")
    return [
        _turn(with_form(code), unchanged, _days(3) + _hours(2), "returned the form unchanged"),
        _turn(saying("who should we write to"), knows, _hours(4), "was asked who to write to, and answered"),
        _turn(saying("nothing filled in"), act, _days(1), "returned the form with a row of its own inserted"),
    ]


def _late_and_locked(code: str, old: _Old, drive: SharedDrive) -> list[Turn]:
    locked = habits.attaches_a_locked_workbook()
    away = habits.is_away("Monday 27 October 2014")
    return [
        _turn(with_form(code), away, _hours(0), "was away: the mail program answered, naming a day"),
        _turn(
            in_subject(code), locked, _hours(3), "answered after its reminders, with a password on the workbook", skip=1
        ),
        _turn(in_subject(code), habits.returns(code), _hours(26), "returned its form, late"),
    ]


def _takes_the_neighbours(code: str, old: _Old, drive: SharedDrive) -> list[Turn]:
    return [
        _turn(
            with_form(code), drive.returns_anothers("NWL"), _days(5) + _hours(4), "returned another partnership's form"
        ),
        _turn(in_subject(code), habits.returns(code), _days(2), "returned its own form"),
    ]


_LEADS = {
    "LEIC": _sends_it_twice,
    "BLHB": _types_text,
    "CHARN": _forgets_then_sorts,
    "HARB": _finds_the_old_form,
    "MELT": _sends_two_versions,
    "NWL": _returns_it_unchanged,
    "OADW": _late_and_locked,
    "RUTL": _takes_the_neighbours,
}

# Chairs -------------------------------------------------------------------------------------------

_ASKED = saying("reply to this letter with the word")


def _approving() -> list[Turn]:
    return [_turn(_ASKED, habits.writes_words("APPROVED\n\nThank you."), _hours(22), "approved") for _ in range(3)]


def _away_then_approving() -> list[Turn]:
    away = _turn(in_subject(""), habits.is_away("Monday 20 October 2014"), _hours(0), "answered out of office")
    return [away, *_approving()]


def _conditional() -> list[Turn]:
    text = "Approved subject to the burglary figure being checked with the force."
    subject_to = _turn(_ASKED, habits.writes_words(text), _hours(20), "approved 'subject to' a check")
    return [subject_to, *_approving()]


_CHAIRS = {"BLHB": _away_then_approving, "CHARN": _conditional}

# Contributors -------------------------------------------------------------------------------------


def _asks(code: str) -> list[Turn]:
    text = "Should we count people who moved into the county during treatment? Please advise before we fill this in."
    answered = _turn(in_subject(code), habits.returns(code), _days(3), "returned its form, filled in", skip=1)
    return [_turn(with_form(code), habits.writes_words(text), _days(1), "asked a question"), answered]


def _prints(code: str) -> list[Turn]:
    return [
        _turn(with_form(code), habits.attaches_a_pdf(), _days(2), "returned a PDF"),
        _turn(in_subject(code), habits.returns(code), _days(1), "returned its form, filled in"),
    ]


def _is_careless(code: str) -> list[Turn]:
    return [
        _turn(with_form(code), habits.returns(code, typed=habits.careless), _days(2), "left cells empty or wrong"),
        _turn(with_form(code), habits.returns(code), _hours(20), "mended the marked cells in the fresh form"),
    ]


def _has_nothing(code: str) -> list[Turn]:
    text = "Nil return\n\nWe have nothing to report this quarter."
    return [_turn(with_form(code), habits.writes_words(text), _days(2), "made a nil return")]


def _declines(code: str) -> list[Turn]:
    text = "We decline\n\nThe group did not meet this quarter."
    return [_turn(with_form(code), habits.writes_words(text), _days(3), "declined")]


def _says_nothing(code: str) -> list[Turn]:
    return []


_CONTRIBUTORS = {
    "PUBH": _asks,
    "FAMILY": _prints,
    "YOS": _is_careless,
    "LSCB": _has_nothing,
    "MHPG": _declines,
    "HATE": _says_nothing,
}
