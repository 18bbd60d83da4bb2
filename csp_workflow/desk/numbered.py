"""Questions and disputes as orders name them: "Q2", "question 2", "D1"; and the id of a message in front of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LETTER, _AND, _UP_TO = r"(?:q(?:uestions?)?|d(?:isputes?)?)", r"(?:,(?:\s*and\b)?|\band\b|&)", r"(?:-|\u2013|\bto\b)"
_NUMBERED = re.compile(
    rf"(?<!\w)({_LETTER})[\s.:#]*(\d{{1,3}}(?:\s*(?:{_AND}|{_UP_TO})\s*(?:{_LETTER}[\s.:#]*)?\d{{1,3}}(?!\w))*)(?!\w)",
    re.IGNORECASE,
)
"""Numbers of one letter in a row: "Q2", "questions 1 and 3", "Q1-3", "Q1 to Q3"."""
_ONE = re.compile(rf"({_UP_TO})?\s*(?:(?<![a-z])({_LETTER}))?[\s.:#]*(\d{{1,3}})", re.IGNORECASE)
_LONGEST_RUN = 50
_OF_THEM = re.compile(r"\b(?:(?:of|for|from|about|to)\s+|the\s+)", re.IGNORECASE)
_BETWEEN = re.compile(r"^(?:and\b|[\s,;:&])+|(?:\band|[\s,;:&])+$", re.IGNORECASE)
_ID = re.compile(r"^(?:message\s+)?[\[<#(]*(?P<id>(?=[a-f]*\d)[0-9a-f]{4,64})[\])>]*[\s,:]+", re.IGNORECASE)


def split_numbers(words: str) -> tuple[tuple[str, ...], str]:
    """The numbers that words name, such as "Q2", and what else they say."""
    numbers = dict.fromkeys(number for found in _NUMBERED.finditer(words) for number in _count(found[0]))
    return tuple(numbers), _BETWEEN.sub("", " ".join(_OF_THEM.sub(" ", _NUMBERED.sub(" ", words)).split()))


def _count(run: str) -> Iterator[str]:
    """Each number of a run; a number without a letter has that of the one before it."""
    letter, last = "", 0
    for up_to, said, number in _ONE.findall(run):
        letter, at = said[:1].upper() or letter, int(number)
        first = last + 1 if up_to and last < at <= last + _LONGEST_RUN else at
        yield from (f"{letter}{each}" for each in range(first, at + 1))
        last = at


def split_id(words: str) -> tuple[str, str]:
    """The beginning of a message's id with which words begin, "" for none, and the rest."""
    named = _ID.match(words)
    return (named["id"].lower(), words[named.end() :]) if named else ("", words)
