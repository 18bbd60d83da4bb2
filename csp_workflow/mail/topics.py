"""What else a message may be about: an information request, a complaint, a press enquiry, a safeguarding concern.

Told a sentence at a time by phrases that a site lists. To pass one too many on costs somebody a glance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from csp_workflow.mail.bodies import plain_words
from csp_workflow.mail.courtesies import split_sentences
from csp_workflow.terms.topics import Topic, Topics

_GAP = r"(?: \w+){0,10}? "
_SPEAKS = re.compile(r"\b(?:i|me|my|myself)\b")
_GOES_ON = re.compile(r"(?<=[^.!?:;\n]{30})\n(?=\S)|\n(?=[a-z(\"'\u2018\u201c])")
"""Where a program has wrapped a line: the sentence goes on below a long line, and in one that begins small."""

_MARK = re.compile(r"^(?:[ \t]*>)+[ \t]?", re.MULTILINE)
_MOST = 40_000
"""Characters that are looked through."""


def find_topics(texts: Iterable[str], topics: Topics) -> tuple[Topic, ...]:
    """The topics that some texts (a subject, words, the names of files) may be about, in the site's order."""
    said = [one for text in texts for one in _split_said(text[:_MOST])]
    spoken = [one for one in said if _SPEAKS.search(one) or not _compile(topics.footers).search(one)]
    plain = [one for one in spoken if not _compile(topics.reporting).search(one)]
    return tuple(topic for topic in topics.topics if _stands(topic.phrases, spoken) or _stands(topic.mentions, plain))


def _stands(phrases: tuple[str, ...], said: Sequence[str]) -> bool:
    return any(_compile(phrases).search(one) for one in said)


def _split_said(text: str) -> Iterator[str]:
    """The sentences of a text in plain words, each between two blanks."""
    for line in _GOES_ON.sub(" ", _MARK.sub("", text)).split("\n"):
        yield from (f" {plain_words(one)} " for one in split_sentences(line))


@cache
def _compile(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern for any of some phrases; one that nothing fits for none."""
    return re.compile(f" (?:{'|'.join(map(_write_pattern, phrases)) or '(?!)'}) ")


def _write_pattern(phrase: str) -> str:
    """ "wish|want to ... complain*" as a pattern over plain words."""
    parts = (" ".join(map(_write_word, part.split())) for part in phrase.split("..."))
    return _GAP.join(parts)


def _write_word(word: str) -> str:
    either = (re.escape(plain_words(one)) + (r"\w*" if one.endswith("*") else "") for one in word.split("|"))
    return f"(?:{'|'.join(either)})"
