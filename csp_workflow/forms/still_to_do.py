"""What is still to do in a row of a form: one list of rules for a row, as a formula beside it and as its value now.

The first rule that fits says what is missing; the last says what was understood, with its unit. A cell's text is what
somebody typed; a number is a number in Excel's sense and, for the value now, a plain one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from csp_workflow.forms.draft import is_plain_number
from csp_workflow.terms.phrases import SAYS_NOTHING, agree_unit, plain_number, says_something
from csp_workflow.terms.shares import is_hundredfold, reckon_per_cent

DONE, OPTIONAL, SEE, LEAVE = "Done", "Optional", "See", "Leave"
SETTLED = (DONE, OPTIONAL, SEE, LEAVE)
"""How a row begins in which nothing is to be done; what is to be seen elsewhere is counted there."""

EXPLAINED = 3
"""So many words say why."""

Cells = Mapping[str, str]
"""Where a row's cells are, by header: "H7"."""

Texts = Mapping[str, str]
"""What stands in them, by header; "" where nothing does."""


@dataclass(frozen=True)
class Condition:
    """Something that holds of a row, as a formula of its cells and as a function of their texts."""

    formula: Callable[[Cells], str]
    holds: Callable[[Texts], bool]


@dataclass(frozen=True)
class Saying:
    """What is said of a row, as a formula of its cells and as a function of their texts; `fixed` where it is always the
    same."""

    formula: Callable[[Cells], str]
    text: Callable[[Texts], str]
    fixed: str = ""


Rules = Sequence[tuple[Condition, Saying]]


def quote_text(text: str) -> str:
    """A text in a formula."""
    return '"' + text.replace('"', '""') + '"'


def say(text: str) -> Saying:
    """The same words, whatever stands in the row."""
    return Saying(lambda _: quote_text(text), lambda _: text, text)


def make_formula(rules: Rules, cells: Cells) -> str:
    """The rules as one formula; the last one always fits."""
    formula = rules[-1][1].formula(cells)
    for condition, saying in reversed(rules[:-1]):
        formula = f"IF({condition.formula(cells)},{saying.formula(cells)},{formula})"
    return f"={formula}"


def find_saying(rules: Rules, texts: Texts) -> str:
    """What the formula comes to now."""
    return next(saying.text(texts) for condition, saying in rules if condition.holds(texts))


def is_to_do(saying: str) -> bool:
    """Whether a row says that something is still to be done in it."""
    return not saying.startswith(SETTLED)


def count_to_do(cells: str) -> str:
    """The same as a formula over the cells that say so; rows that people insert count for nothing."""
    settled = "".join(f'*(LEFT({cells},{len(word)})<>"{word}")' for word in SETTLED)
    return f"SUMPRODUCT((LEN({cells})>0){settled})"


# Conditions -----------------------------------------------------------------------------------------

ALWAYS = Condition(lambda _: "TRUE", lambda _: True)


def has(header: str) -> Condition:
    """Something stands under a header."""
    return Condition(lambda at: f'TRIM({at[header]})<>""', lambda said: bool(said[header].strip()))


def tells(header: str) -> Condition:
    """Words that tell anything stand under a header."""
    nothing = ",".join(quote_text(f"{words}{end}") for words in SAYS_NOTHING for end in ("", "."))
    return Condition(
        lambda at: (
            f"AND(NOT(EXACT(UPPER({at[header]}),LOWER({at[header]}))),ISNA(MATCH(TRIM({at[header]}),{{{nothing}}},0)))"
        ),
        lambda said: says_something(said[header]),
    )


def says(header: str, *choices: str) -> Condition:
    """One of these choices stands there, in whatever case."""
    same = {choice.casefold() for choice in choices}
    return Condition(
        lambda at: "OR(" + ",".join(f"TRIM({at[header]})={quote_text(choice)}" for choice in choices) + ")",
        lambda said: " ".join(said[header].split()).casefold() in same,
    )


def both(*conditions: Condition) -> Condition:
    """All of these hold."""
    return Condition(
        lambda at: "AND(" + ",".join(one.formula(at) for one in conditions) + ")",
        lambda said: all(one.holds(said) for one in conditions),
    )


def either(*conditions: Condition) -> Condition:
    """One of these holds."""
    return Condition(
        lambda at: "OR(" + ",".join(one.formula(at) for one in conditions) + ")",
        lambda said: any(one.holds(said) for one in conditions),
    )


def lacks(condition: Condition) -> Condition:
    """Something does not hold."""
    return Condition(lambda at: f"NOT({condition.formula(at)})", lambda said: not condition.holds(said))


def is_number(header: str) -> Condition:
    """A number stands there."""
    return Condition(lambda at: f"ISNUMBER({at[header]})", lambda said: _number(said[header]) is not None)


def _compare(header: str, formula: Callable[[str], str], holds: Callable[[Decimal], bool]) -> Condition:
    def of_text(said: Texts) -> bool:
        number = _number(said[header])
        return number is not None and holds(number)

    return Condition(lambda at: f"IF(ISNUMBER({at[header]}),{formula(at[header])},FALSE)", of_text)


def is_below(header: str, limit: Decimal) -> Condition:
    """A number below a limit stands there."""
    return _compare(header, lambda cell: f"{cell}<{limit:f}", lambda number: number < limit)


def is_above(header: str, limit: Decimal) -> Condition:
    """A number above a limit stands there."""
    return _compare(header, lambda cell: f"{cell}>{limit:f}", lambda number: number > limit)


def is_equal(header: str, value: Decimal) -> Condition:
    """That very number stands there."""
    return _compare(header, lambda cell: f"{cell}={value:f}", lambda number: number == value)


def is_broken(header: str) -> Condition:
    """A number stands there that is not whole."""
    return _compare(header, lambda cell: f"{cell}<>INT({cell})", lambda number: number % 1 != 0)


def is_hundred_times(header: str, before: Decimal, times: Decimal) -> Condition:
    """A number stands there that is so many times another, or as many times less."""

    def write(cell: str) -> str:
        most, least = f"ABS({cell})>={abs(before) * times:f}", f"ROUND(ABS({cell})*{times:f},9)<={abs(before):f}"
        return f"AND({cell}<>0,OR({most},{least}))"

    return _compare(header, write, lambda number: is_hundredfold(number, before, times))


def is_more_than(header: str, other: str) -> Condition:
    """A number stands there that is more than the one under another header."""
    return Condition(
        lambda at: f"IF(COUNT({at[header]},{at[other]})=2,{at[header]}>{at[other]},FALSE)",
        lambda said: _is_more(_number(said[header]), _number(said[other])),
    )


def is_share_beyond(header: str, other: str, limit: Decimal, rest: tuple[Decimal, int], *, above: bool) -> Condition:
    """Two counts come to a per cent above, or below, a limit, together with the rest of the twelve months."""
    more, of = rest
    sign = ">" if above else "<"

    def holds(said: Texts) -> bool:
        part, whole = _number(said[header]), _number(said[other])
        if part is None or not whole:
            return False
        share = reckon_per_cent(more + part, of + whole)
        return share > limit if above else share < limit

    def formula(at: Cells) -> str:
        part, whole = at[header], at[other]
        share = f"ROUND(100*({part}+{more:f})/({whole}+{of}),1)"
        return f"IF(COUNT({part},{whole})=2,IF({whole}>0,{share}{sign}{limit:f},FALSE),FALSE)"

    return Condition(formula, holds)


def is_open(header: str) -> Condition:
    """What is to be done elsewhere is not done."""
    return Condition(
        lambda at: f'LEFT({at[header]},{len(DONE)})<>"{DONE}"', lambda said: not said[header].startswith(DONE)
    )


def has_fewer_words(header: str, count: int) -> Condition:
    """Fewer words than so many stand there."""
    return Condition(lambda at: f"{_words_formula(at[header])}<{count}", lambda said: len(said[header].split()) < count)


def is_same(header: str, other: str) -> Condition:
    """The same words stand under two headers."""
    return Condition(
        lambda at: f"TRIM({at[header]})=TRIM({at[other]})",
        lambda said: " ".join(said[header].split()).casefold() == " ".join(said[other].split()).casefold(),
    )


# Sayings --------------------------------------------------------------------------------------------


@cache
def echo_number(header: str, unit: str) -> Saying:
    """Done, with the number and its unit."""
    one, many = (quote_text(f" {said}".rstrip()) for said in (agree_unit(unit, 1), unit))

    def write(at: Cells) -> str:
        said = many if one == many else f"IF({at[header]}=1,{one},{many})"
        return f'"{DONE}: "&{at[header]}&{said}'

    return Saying(
        write,
        lambda said: f"{DONE}: {_plain(said[header])} {agree_unit(unit, Decimal(said[header]))}".rstrip(),
    )


def echo_share(header: str, other: str) -> Saying:
    """Done, with two counts and the per cent that they come to."""

    def text(said: Texts) -> str:
        part, whole = Decimal(said[header]), Decimal(said[other])
        return (
            f"{DONE}: {_plain(said[header])} of {_plain(said[other])} ({plain_number(reckon_per_cent(part, whole))}%)"
        )

    return Saying(
        lambda at: f'"{DONE}: "&{at[header]}&" of "&{at[other]}&" ("&ROUND(100*{at[header]}/{at[other]},1)&"%)"', text
    )


def echo_choice(header: str) -> Saying:
    """Done, with what was chosen."""
    return Saying(
        lambda at: f'"{DONE}: "&LOWER(TRIM({at[header]}))', lambda said: f"{DONE}: {said[header].strip().lower()}"
    )


def echo_words(header: str) -> Saying:
    """Done, with how many words."""

    def text(said: Texts) -> str:
        count = len(said[header].split())
        return f"{DONE}: {count} word{'s' if count != 1 else ''}"

    def formula(at: Cells) -> str:
        count = _words_formula(at[header])
        return f'"{DONE}: "&{count}&IF({count}=1," word"," words")'

    return Saying(formula, text)


def _words_formula(cell: str) -> str:
    spaced = f'TRIM(SUBSTITUTE({cell},CHAR(10)," "))'
    return f'IF(LEN({spaced})=0,0,LEN({spaced})-LEN(SUBSTITUTE({spaced}," ",""))+1)'


def _number(text: str) -> Decimal | None:
    return Decimal(text) if is_plain_number(text) else None


def _plain(text: str) -> str:
    number = _number(text)
    return text if number is None else plain_number(number)


def _is_more(one: Decimal | None, other: Decimal | None) -> bool:
    return one is not None and other is not None and one > other
