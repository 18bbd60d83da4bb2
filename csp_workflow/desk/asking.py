"""Reading what a board asked of somebody, as an order has it: of whom, which board, by when, and what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from csp_workflow.desk.names import Directory
from csp_workflow.terms.written_days import DayNotRead, split_day

WRITE = "Write: ACTION board CODE BY 28 November: and what is asked"
_DUE = re.compile(r"[\s,;(]*\b(?:due|to be done)?[\s,]*\b(?:by|until|before|due)\b[\s:]*", re.IGNORECASE)
_LEADS_IN = re.compile(
    r"^[\s,;:.()\u2013\u2014-]*(?:(?:to|for|of|from|on|at|by|the|and|asks?|asked|requests?|requested|board|points?|required)\b[\s,:]*)*",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s,;:(\u2013\u2014-]+(?:(?:from|for|of|at|to|asks?|asked|by)\b\s*)*", re.IGNORECASE)
_EDGES = " \t,;:.()\u2013\u2014-"


class AskingNotRead(Exception):
    """What is asked could not be read; the sentence says how to write it."""


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What an order says that a board asked: the codes of whom, the board's key ("": not named), the day, the words."""

    codes: tuple[str, ...]
    board: str
    day: date
    wording: str


def read_asking(rest: str, *, respondents: Directory, boards: Directory, today: date) -> Asking:
    """Names and day stand before the words, in any order, mostly with a colon between; the day may also end the words.

    Without a colon it may also be a sentence, as minutes have it: "Charnwood to say how ... by 28 November". Raises
    AskingNotRead, NotFound, DayNotRead.
    """
    head, colon, words = rest.partition(":")
    if not colon and (said := _read_sentence(rest, respondents, boards, today)):
        return said
    found = _DUE.search(head)
    if found is None and not colon:
        raise AskingNotRead(f"It does not say by when. {WRITE}.")
    before, after = (head[: found.start()], head[found.end() :]) if found else (head, "")
    names = _read_names(before, respondents, boards)
    if found is None:
        day, words = _read_last_day(words, today)
    else:
        day, left = split_day(after, today=today)
        names, left = _read_names_behind(names, left, respondents, boards)
        words = f"{left}{colon}{words}" if left else words
    if not names.codes:
        raise AskingNotRead(
            respondents.explain_unknown(names.more) if names.more else f"It does not say of whom. {WRITE}."
        )
    if names.more:
        raise AskingNotRead(f"'{names.more}' was not understood. {WRITE}.")
    return Asking(codes=names.codes, board=names.board, day=day, wording=_write_sentence(words))


def _write_sentence(words: str) -> str:
    wording = words.strip(" \t,;:()\u2013\u2014-").strip()
    if not wording:
        raise AskingNotRead(f"It does not say what is asked. {WRITE}.")
    wording = wording[0].upper() + wording[1:]
    return wording if wording[-1] in ".?!" else f"{wording}."


def _read_sentence(rest: str, respondents: Directory, boards: Directory, today: date) -> Asking | None:
    """Who, to do what, by when; None where the words do not end with a day, or nothing stands between."""
    try:
        day, words = _read_last_day(rest, today)
    except AskingNotRead:
        return None
    names = _read_names(words, respondents, boards)
    if not names.codes or not names.more:
        return None
    return Asking(codes=names.codes, board=names.board, day=day, wording=_write_sentence(names.more))


def _read_last_day(words: str, today: date) -> tuple[date, str]:
    """Words that end with the day: "Say how ... by 28 November"."""
    for found in reversed(list(_DUE.finditer(words))):
        try:
            day, more = split_day(words[found.end() :].strip().rstrip("."), today=today)
        except DayNotRead:
            continue
        if not more:
            return day, words[: found.start()]
    raise AskingNotRead(f"It does not say by when. {WRITE}.")


class _Names(NamedTuple):
    """The respondents' codes, the board's key or "", and what of the words is neither."""

    codes: tuple[str, ...]
    board: str
    more: str


def _read_names(text: str, respondents: Directory, boards: Directory) -> _Names:
    """A board may stand before the respondents or behind them."""
    rest, named = _LEADS_IN.sub("", text).strip(_EDGES), list[str]()
    while rest and (found := boards.split(rest))[0]:
        named += found[0]
        rest = _LEADS_IN.sub("", found[1])
    if not named and rest:
        last, rest = _split_last_board(rest, boards)
        named += last
    if len(named) > 1:
        raise AskingNotRead("One order records what one board asked. Write one for each board.")
    codes, more = respondents.split(rest) if rest else ((), "")
    return _Names(codes, "".join(named), _LEADS_IN.sub("", more).strip(_EDGES))


def _read_names_behind(before: _Names, left: str, respondents: Directory, boards: Directory) -> tuple[_Names, str]:
    """The names with those behind the day, and what is left: where somebody is named before it, it may all be words."""
    left = left.strip(_EDGES)
    if not left:
        return before, ""
    behind = _read_names(left, respondents, boards)
    is_named = not behind.more and bool(behind.codes or behind.board)
    if before.codes and not is_named:
        return before, left
    return _Names(before.codes or behind.codes, before.board or behind.board, before.more), behind.more


def _split_last_board(said: str, boards: Directory) -> tuple[tuple[str, ...], str]:
    """The board whose name ends some words, and the words before it."""
    for parting in _BETWEEN.finditer(said):
        named, more = boards.split(said[parting.end() :])
        if named and not more:
            return named, said[: parting.start()]
    return (), said
