"""Reads an Authentication-Results header (RFC 8601, and Microsoft's kind without a name): what was tested and found."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 8_000
"""Characters of a header that are read; a longer one is no mail server's."""

_COMMENT_OR_QUOTED = re.compile(r'[()"]|\\.', re.DOTALL)
_SYNTAX = re.compile(r'[\s;=()"\\]')
_AROUND_EQUALS = re.compile(r"\s*=\s*")


@dataclass(frozen=True, kw_only=True)
class Tested:
    """One test with its result, in lower case ("dmarc", "pass"), and what it was about ("header.from", "x.example")."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of a property, in lower case."""
        return tuple(value for key, value in self.properties if key == name)


@dataclass(frozen=True, kw_only=True)
class Results:
    """A header as read: the name of the server that wrote it, in lower case ("" where it gives none), and its tests."""

    authserv_id: str
    tests: tuple[Tested, ...]


def read(value: str) -> Results | None:
    """What an unfolded header says; None when quotation marks or brackets do not close, or it is far too long.

    Comments say nothing, and what is quoted is never taken for a test of its own.
    """
    plain = _without_comments(value) if len(value) <= LONGEST else None
    if plain is None:
        return None
    first, *others = (_AROUND_EQUALS.sub("=", part).split() for part in plain.lower().split(";"))
    is_named = bool(first) and "=" not in "".join(first)
    # Microsoft begins with a test, and puts the name of the receiving domain between the tests.
    parts = others if is_named else [first, *others]
    return Results(
        authserv_id=first[0] if is_named else "",
        tests=tuple(_tested(words) for words in parts if words and "=" in words[0]),
    )


def _tested(words: list[str]) -> Tested:
    (method, result), *properties = (_pair(word) for word in words)
    return Tested(method=method.partition("/")[0], result=result, properties=tuple(properties))


def _pair(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, value


def _without_comments(value: str) -> str | None:
    """The text without its comments, and with nothing in quoted text that could be taken for syntax."""
    kept: list[str] = []
    depth, quoted, end = 0, False, 0
    for match in _COMMENT_OR_QUOTED.finditer(value):
        kept.append(_shown(value[end : match.start()], depth, quoted=quoted))
        end, mark = match.end(), match[0]
        if quoted:
            quoted = mark != '"'
        elif mark == '"' and not depth:
            quoted = True
        elif mark == "(":
            depth += 1
        elif mark == ")":
            depth -= 1
        if depth < 0:
            return None
    kept.append(_shown(value[end:], depth, quoted=quoted))
    return None if depth or quoted else "".join(kept)


def _shown(text: str, depth: int, *, quoted: bool) -> str:
    if depth:
        return " "
    return _SYNTAX.sub("?", text) if quoted else text
