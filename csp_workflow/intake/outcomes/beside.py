"""What stands beside an act or a form in somebody's own words.

An act counts when nothing does. Words beside a form are kept with the return; those that reserve, ask or correct
something wait for the co-ordinator besides. A sentence that only presents the form says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from csp_workflow.intake.case import MessageCase
from csp_workflow.mail.bodies import plain_words
from csp_workflow.mail.courtesies import only_thanks, reserves
from csp_workflow.terms.site import Respondent

_SENTENCE = re.compile(r"[.!;\n]+(?:\s|$)")
_ABOUT = frozenset(
    plain_words(
        "this the that it its return returns report submission figures form for of from on behalf attached and please "
        "quarter quarterly all our your as chair we i by in with thanks thank you many yes "
        "csp community safety partnership"
    ).split()
)
"""Words around a listed phrase that change nothing about it. None of them reserves, asks or puts off."""


def read_act(case: MessageCase, phrases: Sequence[str], whose: Sequence[Respondent]) -> bool | None:
    """Whether somebody's words are an act by the listed phrases and nothing else; None when they are no such act.

    False for an act with anything beside it: a condition, a question, a sentence more, or a file.
    """
    is_plain = read_sentences(case, list(split_matter(case)), phrases, whose)
    return None if is_plain is None else is_plain and not case.message.attachments


def read_sentences(
    case: MessageCase, sentences: Sequence[str], phrases: Sequence[str], whose: Sequence[Respondent]
) -> bool | None:
    """The same of some sentences of theirs, whatever is attached."""
    listed, around = sort_phrases(phrases), _list_around(case, whose)
    rests = [rest_of(sentence, listed) for sentence in sentences]
    if all(rest is None for rest in rests):
        return None
    said = (plain_words(s).split() if rest is None else rest for s, rest in zip(sentences, rests, strict=True))
    lists = case.site.courtesies
    is_plain = all(around.issuperset(words) or only_thanks(" ".join(words), lists) for words in said)
    return is_plain and "?" not in "".join(sentences)


def rest_of(sentence: str, listed: Sequence[str]) -> list[str] | None:
    """The words of a sentence behind the phrase that begins it; None when none does."""
    said = plain_words(sentence)
    begun = next((phrase for phrase in listed if f"{said} ".startswith(f"{phrase} ")), None)
    return None if begun is None else said.removeprefix(begun).split()


def split_matter(case: MessageCase) -> Iterator[str]:
    """The sentences of somebody's own words, without greetings and thanks."""
    for line in case.message.matter:
        yield from (s.strip() for s in _SENTENCE.split(line) if plain_words(s))


def sort_phrases(phrases: Sequence[str]) -> list[str]:
    """Phrases in plain words, longer ones first."""
    return sorted(map(plain_words, phrases), key=len, reverse=True)


def _list_around(case: MessageCase, whose: Sequence[Respondent]) -> frozenset[str]:
    """The words that may stand around a phrase: those that change nothing, and the return's own name and quarter."""
    names = {word for r in whose for word in plain_words(f"{r.name} {r.code} {r.key}").split()}
    quarters = {w for c in case.facts.cycles for w in plain_words(f"{c.quarter.label} {c.quarter.months}").split()}
    return _ABOUT | names | quarters


def find_words_beside(case: MessageCase, whose: Sequence[Respondent]) -> str:
    """What somebody wrote beside their form, "" when it only presents the form."""
    return "\n".join(case.message.matter) if _list_beside(case, whose) else ""


def acts_beside(case: MessageCase, phrases: Sequence[str], whose: Sequence[Respondent]) -> bool:
    """Whether somebody's words beside their one form are an act by the listed phrases and nothing else."""
    is_plain = read_sentences(case, _list_beside(case, whose), phrases, whose)
    return bool(is_plain) and len(case.facts.opened) == 1


def _list_beside(case: MessageCase, whose: Sequence[Respondent]) -> list[str]:
    """The sentences that do more than present a form."""
    presenting, around = sort_phrases(case.site.courtesies.presenting), _list_around(case, whose)
    rests = ((sentence, rest_of(sentence, presenting)) for sentence in split_matter(case))
    return [sentence for sentence, rest in rests if rest is None or not around.issuperset(rest)]


def reserves_something(case: MessageCase) -> bool:
    """Whether somebody's own words ask, reserve or correct something."""
    return any(reserves(sentence, case.site.courtesies) for sentence in split_matter(case))
