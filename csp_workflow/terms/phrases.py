"""How dates, numbers, lists and figures are said to people, in whatever is sent. British English, London time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.dates import YEAR_TO, Quarter, in_london, period_end
from csp_workflow.terms.figures import (
    Figure,
    FigureStatus,
    Frequency,
    Polarity,
    Series,
    is_few,
    is_share,
    is_small,
    is_summed,
)
from csp_workflow.terms.grants import POUNDS, say_pounds

_PLAIN_THOUSANDS = re.compile(r"[1-9]\d{3,}(\.\d+)?")
_FOLLOWED = re.compile(r"(?:^| )(?:of|for|per|in|with|who|whose|that|which|where|to|by|at|on|from)\b|[(,;]")
_SINGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman", "lives": "life"}
_NEITHER = ("ss", "us", "is", "series", "news", "species", "means")
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


SOUGHT_IN_SHORT = {p: str(p).removesuffix(" sought") for p in Polarity} | {Polarity.AMBIGUOUS: "none"}


def say_frequency(frequency: Frequency) -> str:
    """How often a series has a new value, in words."""
    return "each event" if frequency is Frequency.EVENT else str(frequency)


def say_sought(polarity: Polarity) -> str:
    """The direction that is sought of a measure, in words."""
    none = {Polarity.NONE: "no direction is sought", Polarity.AMBIGUOUS: "more may also be better reporting"}
    return none.get(polarity, str(polarity))


def day(when: date) -> str:
    """Such as "Thursday 30 October 2014". An aware instant is said as its day in London."""
    return f"{_local_day(when):%A} {plain_day(when)}"


def weekday(when: date) -> str:
    """Such as "Thursday 30 October", where the year is plain."""
    return day(when).rpartition(" ")[0]


def plain_day(when: date) -> str:
    """Such as "30 October 2014"."""
    local = _local_day(when)
    return f"{local.day} {local:%B} {local.year}"


def short_day(when: date) -> str:
    """Such as "30 Oct 2014", for tables."""
    local = _local_day(when)
    return f"{local.day} {local:%b} {local.year}"


def brief_day(when: date) -> str:
    """Such as "30 Oct", where the year is plain."""
    return short_day(when).rpartition(" ")[0]


def clock(when: datetime) -> str:
    """The London wall-clock time as people say it: "5pm", "9:30am", "midday", "midnight"."""
    local = in_london(_aware(when))
    if local.minute == 0 and local.hour in (0, 12):
        return "midday" if local.hour else "midnight"
    minutes = f":{local.minute:02d}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'pm' if local.hour >= 12 else 'am'}"


def moment(when: datetime) -> str:
    """Such as "5pm on Thursday 30 October 2014", London time, whatever zone the instant is kept in."""
    return f"{clock(when)} on {day(when)}"


def number(value: Decimal | int | float | None) -> str:
    """Such as "1,204" or "12.5". None, a value that is not there, is said as "no figure"."""
    if value is None:
        return "no figure"
    return _without_zeros(f"{Decimal(str(value)):,f}")


def say_as_number(typed: str) -> str:
    """What somebody typed: a plain number with its thousands parted ("1,204"), all else as it is."""
    return f"{Decimal(typed):,f}" if _PLAIN_THOUSANDS.fullmatch(typed) else typed


SAYS_NOTHING = (
    *("n/a", "not applicable", "tbc", "to be confirmed", "tba", "to follow", "as discussed", "as above", "see above"),
    *("as below", "see below", "attached", "as attached", "see attached", "see email"),
)
"""Words that stand where there are none yet, or that are elsewhere."""


_ELSEWHERE = re.compile(
    r"(?:please )?(?:see|find|refer to|read)(?: (?:the|our|my|your))? (?:attach\w+|enclosed|separate|accompanying|"
    r"covering|above|below|word|e-?mail|report|document|appendix|summary)\b(?: [\w'\u2019-]+){0,8}|"
    r"(?:(?:the |our )?(?:text|words|wording|summary|details?|update) )?(?:is |are )?(?:(?:to be|will be) "
    r"(?:confirmed|advised|supplied|provided|sent)|(?:to|will) follow|tbc|tba|awaited|pending)(?: [\w'\u2019-]+){0,6}|"
    r"(?:(?:the )?same )?as (?:in |per |for |at )?(?:q[1-4]|last (?:quarter|time)|before|previous(?:ly| quarter)?)|x+"
)
"""The same in a sentence of their own."""


def says_something(text: str) -> bool:
    """Whether a text tells anything: mere signs and digits ("-", "43") do not, nor do "n/a" and "see attached"."""
    said = " ".join(text.split()).rstrip(".").casefold()
    return text.upper() != text.lower() and not (said in SAYS_NOTHING or _ELSEWHERE.fullmatch(said))


def plain_number(value: Decimal) -> str:
    """A number as people type it: "1204" or "12.5"."""
    return _without_zeros(f"{value:f}")


def words(count: int) -> str:
    """A small count in words ("two"), from ten in figures ("12")."""
    return _WORDS[count] if 0 <= count < len(_WORDS) else number(count)


def plural(count: int, one: str, many: str = "", *, spelt: bool = False) -> str:
    """A count with its noun: "1 cell", "2 cells", "3 replies"; with `spelt` small counts are in words."""
    noun = one if count == 1 else many or _many(one)
    return f"{words(count) if spelt else number(count)} {noun}"


def agree_unit(unit: str, value: Decimal | int | None) -> str:
    """A unit as it is said behind a number: "cases", but "1 case", "1 young person", "1 call for service"."""
    if value is None or abs(value) != 1:
        return unit
    followed = _FOLLOWED.search(unit)
    counted, rest = (unit[: followed.start()], unit[followed.start() :]) if followed else (unit, "")
    kinds = [_say_one_of(kind) for kind in re.split(r" (?:and|or) ", counted)]
    return f"{' or '.join(kinds)}{rest}"


def _say_one_of(many: str) -> str:
    """The last word in it that stands for several, made one: "sports sessions held" is "sports session held"."""
    parts = many.split(" ")
    for at in range(len(parts) - 1, -1, -1):
        word = parts[at].lower()
        if word in _SINGULAR or (word.endswith("s") and not word.endswith(_NEITHER)):
            parts[at] = _SINGULAR.get(word) or _cut_plural(parts[at])
            break
    return " ".join(parts)


def _cut_plural(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes", "zes")) else word[:-1]


def joined(things: Iterable[object], word: str = "and") -> str:
    """Such as "A", "A and B" or "A, B and C"; "" for nothing.

    What holds an "and" itself is set off by a comma, and what holds a comma by a semicolon: "A, and B and C".
    """
    texts = [str(thing) for thing in things]
    if len(texts) < 2:
        return "".join(texts)
    between = ";" if any(", " in text for text in texts) else ","
    is_clear = between == "," and not any(f" {word} " in text for text in texts)
    return f"{f'{between} '.join(texts[:-1])}{'' if is_clear else between} {word} {texts[-1]}"


_MOST_NAMED = 5


def name_or_count(names: Sequence[str], one: str, many: str = "") -> str:
    """Those of whom the same is to be said: by name, and more than a few by their number, "6 respondents"."""
    return joined(names) if len(names) <= _MOST_NAMED else plural(len(names), one, many)


def say_numbers(numbers: Iterable[int]) -> str:
    """Whole numbers as a list, three or more in a row as a range: "1 to 4, 7 and 9"."""
    rows: list[list[int]] = []
    for one in sorted(set(numbers)):
        if rows and one == rows[-1][-1] + 1:
            rows[-1].append(one)
        else:
            rows.append([one])
    return joined(part for row in rows for part in ([f"{row[0]} to {row[-1]}"] if len(row) > 2 else row))


def capital(text: str) -> str:
    """The text with its first letter as a capital; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def uncapital(text: str) -> str:
    """The text with its first letter small, unless the word is written in capitals: "ASB cases opened"."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _without_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _many(one: str) -> str:
    if one.endswith("y") and one[-2:-1] not in "aeiou":
        return f"{one[:-1]}ies"
    if one.endswith(("s", "x", "ch", "sh")):
        return f"{one}es"
    return f"{one}s"


def _local_day(when: date) -> date:
    return in_london(_aware(when)).date() if isinstance(when, datetime) else when


def _aware(when: datetime) -> datetime:
    """A naive time has no meaning to people in two zones. Raises ValueError on one."""
    if when.tzinfo is None:
        raise ValueError("A time without a zone cannot be said to people.")
    return when


# Figures --------------------------------------------------------------------------------------------

NOT_AVAILABLE = "not available"
"""What stands in a form where no figure is known."""

NOT_SUPPLIED = "not supplied"
"""What stands in a letter or a paper where no figure was given."""

SUPPRESSED = str(FigureStatus.SUPPRESSED)
"""What stands in the place of a number that is known and not shown."""

_NO_NUMBER = {FigureStatus.SUPPRESSED, FigureStatus.NOT_APPLICABLE}
"""What is said instead of a number, and is an answer all the same."""

_NARROW = 10
"""So many characters stay together on one line of a narrow cell."""

_QUALIFIED = {FigureStatus.PROVISIONAL, FigureStatus.ESTIMATED, FigureStatus.REVISED}


def say_figure(figure: Figure | None, *, missing: str = NOT_SUPPLIED, in_unit: bool = False) -> str:
    """A figure to whoever gave it: "1,204", "37.5 per cent (15 of 40, provisional)", "nil"; None as `missing`.

    `in_unit` says of a count also what is counted: "1,204 visits".
    """
    if figure is None:
        return missing
    if figure.status is FigureStatus.NIL or figure.value is None:
        return str(figure.status)
    status = "" if figure.status is FigureStatus.FINAL else str(figure.status)
    remarks = ", ".join(filter(None, (say_counts(figure), status)))
    unit = "per cent" if "per cent" in figure.unit else agree_unit(figure.unit, figure.value) * in_unit
    is_money = figure.unit == POUNDS
    said = say_pounds(figure.value) if is_money else f"{number(figure.value)} {unit}".rstrip()
    return f"{said} ({remarks})" if remarks else said


def say_past_figure(figure: Figure | None, series: Series, known: KnownFigures) -> str:
    """A figure in a form, for comparison: "412", "431 (revised from 412)", "fewer than 5", "not available"."""
    if figure is None:
        return NOT_AVAILABLE
    if is_small(figure, series):
        return say_small(figure, series)
    if figure.value is None:
        return str(figure.status)
    before = _find_replaced(figure, series, known)
    qualified = f"revised from {number(before)}" if before is not None else _qualify(figure)
    behind = _say_base(figure, series)
    if len(behind) <= _NARROW:
        behind = behind.replace(" ", "\u00a0")
    return _with_remarks(figure, "; ".join(filter(None, (behind, qualified))))


def say_published_figure(
    figure: Figure | None, series: Series, known: KnownFigures, *, reported: str = "", hidden: str = ""
) -> str:
    """A figure in a paper: "1,204", "62.5 (75 of 120)", "431 (previously reported 412, revised)", "fewer than 5".

    `reported` is what an earlier paper printed of it, where that was something else, and `hidden` what stands in the
    place of one that this paper does not show.
    """
    if figure is None:
        return NOT_SUPPLIED
    before = None if reported else _find_replaced(figure, series, known)
    previously = f"previously reported {reported or number(before)}" if reported or before is not None else ""
    if said := hidden or _say_instead(figure, series):
        return f"{said} ({previously})" if reported else said
    return _with_remarks(figure, ", ".join(filter(None, (previously, _say_base(figure, series), _qualify(figure)))))


def say_figure_period(series: Series, quarter: Quarter) -> str:
    """What the value that stands at a quarter's end is of: "July to September 2014", "year 2013/14"."""
    match series.frequency:
        case Frequency.YEARLY:
            return f"year {quarter.financial_year}"
        case Frequency.HALF_YEARLY:
            return f"{quarter.plus(-1).start:%B} to {quarter.end:%B %Y}"
        case Frequency.ROLLING_12_MONTHS:
            return f"twelve months to {quarter.end:%B %Y}"
    return quarter.months


def say_year(series: Series, quarter: Quarter) -> str:
    """What the newest year is of: "twelve months to September 2014"; where it is no sum, what its value is of."""
    return f"twelve months to {quarter.end:%B %Y}" if is_summed(series) else say_figure_period(series, quarter)


def say_rate_period(period: str) -> str:
    """Of what a rate is, by the key of its period: "year to 30 September 2014"; a quarter's own, "July to ..."."""
    is_quarter = "-Q" in period and not period.startswith(YEAR_TO)
    return Quarter.parse(period).months if is_quarter else f"year to {plain_day(period_end(period))}"


def say_value(figure: Figure, series: Series) -> str:
    """What a figure comes to in a paper, apart from what is remarked on it; "" where none could be given."""
    if is_small(figure, series):
        return say_small(figure, series)
    if figure.value is None:
        return str(figure.status) if figure.status in _NO_NUMBER else ""
    return _with_remarks(figure, _say_base(figure, series))


def say_small(figure: Figure, series: Series) -> str:
    """What stands in the place of a figure that the owner's rule hides: its own words, where they are true of it."""
    if not is_few(figure, series):
        return SUPPRESSED
    return series.suppression.shown_as or f"fewer than {series.suppression.below}"


def _say_instead(figure: Figure, series: Series) -> str:
    """What a paper says in the place of a number; "" where there is one to print."""
    if is_small(figure, series):
        return say_small(figure, series)
    if figure.status is FigureStatus.SUPPRESSED:
        return "suppressed by its supplier"
    return str(figure.status) if figure.value is None else ""


def _with_remarks(figure: Figure, remarks: str) -> str:
    return f"{number(figure.value)} ({remarks})" if remarks else number(figure.value)


def _find_replaced(figure: Figure, series: Series, known: KnownFigures) -> Decimal | None:
    """The value it replaced, where that may be shown."""
    before = known.replaced(figure)
    return before.value if before and not is_small(before, series) else None


def _say_base(figure: Figure, series: Series) -> str:
    """The numbers behind a share, which says little without them."""
    return say_counts(figure) if is_share(series) else ""


def say_counts(figure: Figure) -> str:
    """How many a share counts, out of how many: "15 of 40", "n = 40" where only that is known, else ""."""
    if figure.base is None:
        return ""
    return f"n = {number(figure.base)}" if figure.count is None else f"{number(figure.count)} of {number(figure.base)}"


def _qualify(figure: Figure) -> str:
    return str(figure.status) if figure.status in _QUALIFIED else ""
