"""What she may have meant by a line that was not understood: the orders nearest to it that would succeed now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from difflib import get_close_matches
from itertools import islice

from csp_workflow.desk.commands import Line, OrderFacts, Verb, begins_like_order, find_first_word, strip_politeness
from csp_workflow.desk.names import NotFound, list_respondents
from csp_workflow.desk.orders import list_working
from csp_workflow.desk.usages import ALSO_CALLED, USAGES
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.written_days import find_named_day

HINTED = 5
"""For so many lines, the first, it is looked for what was meant; a long letter is no list of orders."""

_MOST_HINTS = 3
_LOOKED_AT = 30
"""Words of a line in which verbs and names are looked for."""
_AGREES = re.compile(r"^\W*(?:yes|go ahead|all good|looks good|please do)\b|\bgo ahead\b", re.IGNORECASE)
_USUAL = ("SEND", "DONE", "CLEAR", "CIRCULATE")
_USUAL_OF_ONE = (Verb.RESUME, Verb.EXPLAIN, Verb.HOLD)


def list_hints(line: Line, facts: OrderFacts, now: datetime) -> tuple[str, ...]:
    """The two or three orders nearest to a line that was not understood, of those that would work now."""
    if line.commands:
        return ()
    typed = strip_politeness(line.words).casefold()
    begun = find_first_word(typed) if begins_like_order(line.words) else ""  # nobody who wrote ACTION means HOLD
    begun = "" if begun == Verb.YES else begun
    mended = [words for one in _mend(line.words) for words in list_working(one, facts, now)]
    near = (one for one in _list_near(line.words, facts, london_day(now)) if begun in {"", find_first_word(one)})
    working = (words for one in near for words in islice(list_working(one, facts, now), 1))
    different = dict.fromkeys(words for words in (mended or working) if words.casefold() != typed)
    return tuple(islice(different, _MOST_HINTS))


def _mend(words: str) -> Iterator[str]:
    """Her own line with its first word put right."""
    said = strip_politeness(words.removeprefix("Subject: "))
    first = next(iter(re.findall(r"^[A-Za-z'\u2019]+", said)), "")
    for verb in _verbs_like(first) if first else ():
        yield f"{verb} {said[len(first) :].strip()}".strip()


def _list_near(words: str, facts: OrderFacts, today: date) -> Iterator[str]:
    """What the verbs, names and days of her line may mean, and what is usual beside them."""
    typed = re.findall(r"[A-Za-z'\u2019]+", strip_politeness(words))[:_LOOKED_AT]
    near = list(dict.fromkeys(verb for word in typed for verb in _verbs_like(word)))
    codes = _list_named(words, facts)
    day = find_named_day(words, today)
    yield from (f"EXTEND {code} TO {day.day} {day:%B} BECAUSE reason" for code in codes if day)
    for verb in near:
        yield from _write_orders(verb, codes)
    yield from (f"{verb} {code}" for verb in _USUAL_OF_ONE for code in codes)
    yield from _USUAL if near or codes or _AGREES.search(words) else ()


def _verbs_like(word: str) -> list[Verb]:
    close = [one for one in get_close_matches(word.upper(), list(Verb), n=2, cutoff=0.7) if one[0] == word[0].upper()]
    return [*map(Verb, close), *(verb for verb, words in ALSO_CALLED.items() if word.lower() in words)]


def _list_named(words: str, facts: OrderFacts) -> tuple[str, ...]:
    """The codes of the respondents named anywhere in some words."""
    directory, found = list_respondents(facts.site), list[str]()
    typed = words.split()[:_LOOKED_AT]
    for at in range(len(typed)):
        try:
            codes, _ = directory.split(" ".join(typed[at:]))
        except NotFound:
            continue
        found += codes
    return tuple(dict.fromkeys(found))


def _write_orders(verb: Verb, codes: tuple[str, ...]) -> Iterator[str]:
    """The ways to give an order, with the names that she wrote; where she wrote none, those that name nobody."""
    for usage in (one for one in USAGES if one.verb is verb):
        if "CODE" not in usage.written:
            yield usage.written
        else:
            yield from (usage.written.replace("CODE", code) for code in codes)
