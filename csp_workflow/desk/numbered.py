"""Questions and disputes as orders name them: "Q2", "question 2", "D1"; and the id of a message in front of them."""

from __future__ import annotations

import re

_NUMBERED = re.compile(r"(?<!\w)(q(?:uestion)?|d(?:ispute)?)[\s.:#]*(\d{1,3})(?!\w)", re.IGNORECASE)
_OF_THEM = re.compile(r"\b(?:(?:of|for|from|about|to)\s+|the\s+)", re.IGNORECASE)
_BETWEEN = re.compile(r"^(?:and\b|[\s,;:&])+|(?:\band|[\s,;:&])+$", re.IGNORECASE)
_ID = re.compile(r"^(?:message\s+)?[\[<#(]*(?P<id>(?=[a-f]*\d)[0-9a-f]{4,64})[\])>]*[\s,:]+", re.IGNORECASE)


def split_numbers(words: str) -> tuple[tuple[str, ...], str]:
    """The numbers that words name, such as "Q2", and what else they say."""
    said = _OF_THEM.sub(" ", words)
    numbers = dict.fromkeys(f"{found[1][0].upper()}{int(found[2])}" for found in _NUMBERED.finditer(said))
    return tuple(numbers), _BETWEEN.sub("", _NUMBERED.sub(" ", said))


def split_id(words: str) -> tuple[str, str]:
    """The beginning of a message's id with which words begin, "" for none, and the rest."""
    named = _ID.match(words)
    return (named["id"].lower(), words[named.end() :]) if named else ("", words)
