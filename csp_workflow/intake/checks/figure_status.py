"""How firm a figure is: its Status, and what its note says of that. What says nothing else than Final stays final.

A Status that is none of ours is read where it is near one; what a note says beside it outweighs a Final, or nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib.resources import files

from csp_workflow.forms import layout
from csp_workflow.intake.checks.cell_values import normalise_text, read_typed_text
from csp_workflow.intake.checks.findings import ask_about_row, short_text
from csp_workflow.intake.checks.share_values import UnderstoodRow, list_typed
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import FigureStatus
from csp_workflow.terms.returns import FigureRow, Finding, ReadFigureRow, Reading

STATUS_OF = {layout.same(words): meaning for words, meaning in layout.STATUS_MEANS.items()}
_WORDS = tomllib.loads(files(__package__).joinpath("figure_words.toml").read_text("utf-8"))
_NEAR = {FigureStatus(status): re.compile(words) for status, words in _WORDS["near"].items()}
"""What else people write for a Status, in small letters."""

_WITHHOLDS = re.compile("|".join(_WORDS["withholds"]))
"""A note that says that the figure is not to be used."""

_COUNTED = r"(?:figures?|numbers?|total|counts?|data|returns?)"
_SETTLED = r"(?:(?:valid|confirm|verif|audit|check|agree|final|reconcil|approv)\w*|sign(?:ed)?[- ]?off)"
_NOT = r"(?:not|(?:is|are|has|have)n['\u2019]?t) (?:yet |fully |been )*"
_UNFIRM = (
    rf"prov(?:isional(?:ly)?)?\b|tbc\b|(?:draft|interim|prelim\w*)\b|(?:un|{_NOT}){_SETTLED}|"
    r"(?:(?:(?:yet |still |has |have |needs? )?(?:to be|being)|await(?:ing|s)|subject to|pending)(?: \w+)?|"
    rf"(?:may|might|could|will|(?:likely|liable) to)(?: still)?(?: be)?) (?:{_SETTLED}|(?:revis|chang|amend|updat)\w*)"
)
_WHY = (
    r"only|with|from|at present|for now|until|till|subject to|pending|await\w*|based on|because|since|due|while|and|"
    r"as (?:at|of|we|not|some|the|data|figures)"
)
_PLAINLY = re.compile(
    r"(?:^|[.;,:()\n\u2013\u2014]|(?<= )- )\W*(?:(?:this|the|these|it|is|are|all|our|figures?|number|total|count|data|"
    r"still|only|an?|currently|at present|for now|pl(?:ea)?se?|treat|as|note|that|quarter|remains|they) )*"
    rf"(?:(?P<provisional>{_UNFIRM})|(?:est|estimate[sd]?|estimation|approx\w*|(?:best |rough )?guess\w*)\b)"
    rf"(?=\W*$|[;,()\n]|(?<!\bprov)(?<!\best)(?<!\bapprox)\.| - |\W*{_COUNTED}(?: only)?\W*$|\W+(?:{_WHY})\b)"
)
"""A clause that says of its figure that it is not the last word: “provisional licences” are another thing."""

_FIRM = re.compile(r"\bnow (?:final|confirmed|checked|validated|agreed)|\bno longer\b")
_MONTH = r"(?:jan|feb|march\b|apr|may\b|june?\b|july?\b|aug|sept?|oct|nov|dec)\w*"
_OF_IT = rf"(?=\W*$|[.;,:()\n]| - | (?:{_COUNTED}|{_WHY}|at|by|that|yet|from|for|but|using)\b)"
_DOUBTED = "|".join(_WORDS["doubted"]).replace("{counted}", _COUNTED)
"""What says, whatever else is said, that a figure may not be right."""
_MAY_BE_WRONG = re.compile(_DOUBTED)
_PERHAPS = re.compile(
    r"(?P<not>\b(?:not|never|no longer|no|isn['\u2019]?t|aren['\u2019]?t|nothing)(?: an?| yet)? )?\b(?:(?:provisional|"
    rf"estimate[sd]?|best guess|tbc(?!:)|incomplete|partial|(?:un|{_NOT})(?:valid|confirm|verif|audit|final|updat)\w*|"
    rf"(?:no {_COUNTED}|nothing)(?: yet)?(?= from )|"
    rf"draft {_COUNTED}|(?:missing|(?:a?waiting|no {_COUNTED})(?: for)?|without|exclud(?:ing|es)|not includ(?:e|ing)) "
    rf"(?:{_COUNTED} for )?{_MONTH}|(?:{_COUNTED}|{_MONTH}) (?:is |are |still |for \w+ )*(?:missing|outstanding|"
    rf"coming in|not (?:yet )?(?:in|received|complete)|to (?:come|follow))){_OF_IT}|"
    rf"{_COUNTED} (?:is |are |still |only |has |have )*(?:{_UNFIRM})|"
    rf"{_COUNTED} (?:may|might|could|likely to) (?:still )?(?:rise|fall|go|increase)(?! (?:up )?(?:in|over|as|during))|"
    rf"{_DOUBTED})"
)
"""What may say, anywhere in a note, that a figure is not the last word, or not the whole quarter's."""

_LEXICON = {kind: re.compile("|".join(words.split())) for kind, words in _WORDS["words"].items()}
"""What people say of a figure itself, by kind: a clause that has no other words is about the figure."""
_MONTHS = ("apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "jan", "feb", "mar")
_CLAUSES = re.compile(
    r"[;()\[\]\n]+|(?<!\bc)(?<!exc)(?<!excl)(?<!est)(?<!approx)(?<!prov)\.(?!\d)|,(?!\d)| - (?!"
    rf"{'|'.join(_MONTHS)})| but |\b(?:because|while|though|although|after|by(?= [a-z]))\b[^.;,()]*"
)
_WORD = re.compile(
    r"[qh][1234]\b|t\.b\.c|est\.? (?:19|20)\d\d|(?:under|over|mis)[- ]?(?:count|record|report|stat|estimat)[a-z]*|"
    r"so far|to date|up to|or so\b|as expected|reported to|half.years?|(?:about|nearly|at least)(?= \d)|"
    r"[1-9] (?:out )?of (?:the )?[1-9](?= (?:team|provider|school|agenc|service|site|partner))|"
    r"(?<!\d)\+\d+|\d[\d,.]*\+(?!\d)|(?:in|under) (?:review|query|question|investigation|dispute)|"
    r"[a-z]+(?:['\u2019][a-z]+)?|\d[\d,.]*[a-z%/]*\d*|[?*!+~\u00b1]"
)
_MONTH_SAID = re.compile(rf"({'|'.join(_MONTHS).replace('may|', '')})(?:il|e|y|ust|t|t?ember|ober|uary|ruary|ch)?")
_PERIOD_SAID = re.compile(r"q[1-4]|h[12]|(?:19|20)\d\d(?:/\d\d)?")
_LONGEST = 20
"""Words of a clause beyond which it speaks of more than a figure."""
_ALONE = {"only", "just", "exc", "excl", "excluding", "excludes", "except", "excluded", "total"}
_RATE = re.compile(r"(\d[\d,.]*) (?:an?|per|each|every) [a-z\d,]+")
"""So many a week, or of so many: another thing than the figure, unless it is the figure itself."""
_BEFORE = re.compile(
    r"last|previous|than|of|in|year|quarter|q[1-4]|annual(?:ly)?|yearly|monthly|expected|coming|follow|least|"
    r"under investigation"
)
"""What a number is compared with; in few words beside another clause these say nothing of the figure."""

_RUN = re.compile(r"(\W{4})\W+|(\d{20})\d+")


def normalise_words(text: str) -> str:
    """What stands beside a figure, in plain small letters; of a long run of signs or digits the first few."""
    return _RUN.sub(r"\1\2", normalise_text(text))


@dataclass(frozen=True, kw_only=True)
class _Clause:
    """A clause of a note: its words, the places of those of each kind and how many are of none, the months that it
    names (April is 0), and its numbers that are no days or years."""

    words: list[str]
    kinds: Mapping[str, set[int]]
    unknown: int
    months: list[int]
    numbers: list[str]

    def has(self, kind: str, of: str = "") -> bool:
        """Whether a word of a kind stands in it, and one of another kind."""
        return bool(self.kinds[kind] and self.kinds[of or kind])


def _read_clause(said: Sequence[str], row: FigureRow) -> _Clause:
    words = [word.removesuffix("'s") for word in said]
    every, own = dict(enumerate(words)), f"{row.title} {row.unit} {row.area.name}".lower().split()
    kinds = {kind: {n for n, word in every.items() if of.fullmatch(word)} for kind, of in _LEXICON.items()}
    months = {n: _MONTHS.index(found[1]) for n, word in every.items() if (found := _MONTH_SAID.fullmatch(word))}
    kinds["odd"] = kinds["odd"] if kinds["seems"] else set()
    kinds["doubtful"] = {n for n in kinds["doubtful"] if words[n] not in own}
    known = set(months).union(*(places for kind, places in kinds.items() if kind != "sort"))
    days = {n + step for n in months for step in (-1, 1)}
    numbers = [word.rstrip(".,").replace(",", "") for n, word in every.items() if n not in days]
    return _Clause(
        words=words,
        kinds=kinds,
        unknown=sum(n not in known and word not in own for n, word in every.items()),
        months=list(months.values()),
        numbers=[number for number in numbers if re.fullmatch(r"(?!(?:19|20)\d\d$)\d+(?:\.\d+)?", number)],
    )


def _is_in_doubt(said: str, row: FigureRow, value: Decimal | None, quarter: Quarter) -> bool:
    """Whether a clause speaks of nothing but the figure, and not as of the last word on the whole quarter and area."""
    plain = _RATE.sub(lambda found: found[0] if found[1] == str(value) else "elsewhere", said)
    every = (_WORD.findall(part) for part in _CLAUSES.split(plain))
    clauses = [_read_clause(words, row) for words in every if 0 < len(words) <= _LONGEST]
    parts = [int(number) for number in re.findall(r"\d{1,9}", said)]
    if len(parts) > 1 and sum(parts) == value:
        return False
    another = () if row.kind.is_share or len(clauses) > 1 else (str(value),)
    return any(
        _is_part(one) or (not one.unknown and not _is_aside(one, clauses) and _doubts(one, another, quarter))
        for one in clauses
    )


def _is_part(one: _Clause) -> bool:
    """Whether it names what alone is counted, or is not: "Loughborough only", "Shepshed not included"."""
    is_left_out = {one.words[0], one.words[-1]} & _ALONE or (one.has("not") and " includ" in " ".join(one.words))
    return (
        one.unknown <= 2
        and len(one.words) < 6
        and not (one.months or one.numbers or one.kinds["sort"])
        and bool(is_left_out and (one.unknown or one.has("not")))
    )


def _is_aside(one: _Clause, every: Sequence[_Clause]) -> bool:
    """Whether its number is compared with another time's, or it stands beside others with too little to say."""
    is_short = len(every) > 1 and len(one.words) < 3 and "to date" not in one.words
    is_own = any(word.startswith(("includ", "belong", "month", "week")) for word in one.words)
    is_compared = one.numbers and not is_own
    has_before = any(map(_BEFORE.fullmatch, one.words))
    return (has_before and bool(is_compared or is_short)) or {"all", "months"} <= {*one.words}


def _doubts(one: _Clause, value: tuple[str, ...], quarter: Quarter) -> bool:
    """`value` is the figure where a number can be no other thing."""
    doubtful = one.kinds["doubtful"] - {n + step for n in one.kinds["not"] for step in (1, 2)}
    is_undone = one.has("settled", "not") or one.has("settled", "to_do") or one.has("counted", "not")
    is_odd = one.has("odd", "seems") or one.has("method", "changed") or "?" in one.words or one.has("secret")
    is_another = bool(value) and any(number not in value for number in one.numbers)
    return bool(doubtful) or is_undone or is_odd or is_another or _is_of_another_time(one, quarter)


def _is_of_another_time(one: _Clause, quarter: Quarter) -> bool:
    """Whether it names other months than the quarter's, fewer or more, or another quarter or year."""
    ours = {f"q{quarter.number}", str(quarter.start.year), *quarter.label.lower().split()}
    since = [(month - 3 * (quarter.number - 1)) % 12 for month in one.months]
    if one.numbers or one.has("changed") or not since:
        return not one.numbers and any(_PERIOD_SAID.fullmatch(word) and word not in ours for word in one.words)
    days = [int(word) for word in one.words if word.isdecimal() and int(word) < 32]
    is_cut = since[-1] not in range(2, 6) or (since[-1] == 2 and days and days[-1] < 28)
    is_longer = len(since) > 1 and since[0] != 0
    return bool(is_cut) or is_longer or one.has("not") or bool({"only", "since"}.intersection(one.words))


def may_be_wrong(note: str, row: FigureRow, quarter: Quarter) -> bool:
    """Whether a note says of the force's figure that it may not be right."""
    said, value = normalise_words(note), row.given.value if row.given else None
    is_doubted = not _PLAINLY.search(said) and _is_in_doubt(said, row, value, quarter)
    return is_doubted or bool(_MAY_BE_WRONG.search(said))


def read_with_status(typed: UnderstoodRow, row: FigureRow, seen: ReadFigureRow, quarter: Quarter) -> UnderstoodRow:
    """A figure's cells with its Status, and with what its note says of how firm it is, or whether it may be used."""
    return _hear_note(_withhold(_with_status(typed, row, seen), row, seen), row, seen, quarter)


def _withhold(read: UnderstoodRow, row: FigureRow, seen: ReadFigureRow) -> UnderstoodRow:
    """A figure without its value, and asked for, where its note says that it is not to be used."""
    if read.value is None or not _WITHHOLDS.search(normalise_words(seen.note.text)):
        return read
    found = f"{list_typed(seen)}, with the note “{short_text(seen.note.text)}”"
    odd = ask_about_row("note-withholds", row, read.cell, found, is_fault=True)
    return UnderstoodRow(cell=read.cell, findings=(*read.findings, odd))


def _hear_note(read: UnderstoodRow, row: FigureRow, seen: ReadFigureRow, quarter: Quarter) -> UnderstoodRow:
    """A figure that counts as final as its note has it: provisional or an estimate where that is plainly said, and
    asked about where it may be."""
    if read.value is None or read.status is not FigureStatus.FINAL:
        return read
    for at, column in ((seen.note, layout.NOTE), (seen.drove_it, layout.NOTE), (seen.status, layout.STATUS)):
        said = normalise_words(at.text)
        plain = None if _FIRM.search(said) else _PLAINLY.search(said)
        if plain:
            status = FigureStatus.PROVISIONAL if plain["provisional"] else FigureStatus.ESTIMATED
            typed = Reading(sheet=at.sheet, cell=at.cell, typed=short_text(at.text), recorded=status.value)
            return replace(read, status=status, readings=(*read.readings, typed))
        is_doubted = any(not found["not"] for found in _PERHAPS.finditer(said))
        if is_doubted or _is_in_doubt(said, row, read.value, quarter):
            found = f"{list_typed(seen)}, with the words “{short_text(at.text)}”"
            odd = ask_about_row("note-unfirm", row, at, found, column=column)
            return replace(read, findings=(*read.findings, odd))
    return read


def _with_status(typed: UnderstoodRow, row: FigureRow, seen: ReadFigureRow) -> UnderstoodRow:
    """The figure's cells and the Status cell read together; what the Status says outweighs an unclear figure."""
    if seen.status.is_blank:
        return typed
    said = short_text(seen.status.text)
    chosen = _read_status(seen.status.text, row)
    if chosen:
        of, at = _choose_status(typed, chosen, seen, row), seen.status
        is_ours = layout.same(at.text) in STATUS_OF or of.status is not chosen
        taken = Reading(sheet=at.sheet, cell=at.cell, typed=said, recorded=chosen.value)
        return of if is_ours else replace(of, readings=(*of.readings, taken))
    # What is no status leaves a figure in doubt: it may say that the figure is not to be used.
    is_doubted = typed.value is not None
    odd = ask_about_row("unknown-status", row, seen.status, said, column=layout.STATUS, is_fault=is_doubted)
    left = UnderstoodRow(cell=typed.cell, findings=typed.findings) if is_doubted else typed
    return replace(left, findings=(*typed.findings, odd))


def _read_status(text: str, row: FigureRow) -> FigureStatus | None:
    """What a Status says: a choice of ours, or a word near one. None for any other; it never stands for Final."""
    plain = normalise_text(text).strip("[]()*. ")
    near = (status for status, words in _NEAR.items() if words.match(plain))
    typed = read_typed_text(text, row)
    return STATUS_OF.get(layout.same(text)) or next(near, None) or (typed.status if typed.value is None else None)


def _choose_status(typed: UnderstoodRow, chosen: FigureStatus, seen: ReadFigureRow, row: FigureRow) -> UnderstoodRow:
    if typed.value is None:
        return _without_value(typed, chosen, seen)
    is_none = typed.value == 0 and not typed.count  # of many a few are less than is shown of a per cent
    if chosen.has_value and (chosen is not FigureStatus.NIL or is_none):
        # "c. 35" stays an estimate even where the list was left at Final.
        return replace(typed, status=typed.status if chosen is FigureStatus.FINAL else chosen)
    if chosen is FigureStatus.SUPPRESSED:
        return UnderstoodRow(cell=typed.cell, status=chosen, note=typed.note)
    return UnderstoodRow(cell=typed.cell, findings=(_contradiction(row, seen),))


def _without_value(typed: UnderstoodRow, chosen: FigureStatus, seen: ReadFigureRow) -> UnderstoodRow:
    said = list_typed(seen)
    if chosen is FigureStatus.NIL:
        is_clear = not said or {f.code for f in typed.findings} & {"nil-or-zero", "which-is-it"}
        return UnderstoodRow(cell=typed.cell, value=Decimal(0), status=chosen) if is_clear else typed
    if chosen.has_value:
        return typed
    return UnderstoodRow(cell=typed.cell, status=chosen, note=typed.note or said)


def _contradiction(row: FigureRow, seen: ReadFigureRow) -> Finding:
    cell = seen.this_quarter
    found = f"{list_typed(seen)}, with the Status “{seen.status.text.strip()}”"
    return ask_about_row("figure-and-status-differ", row, cell, found, is_fault=True)
