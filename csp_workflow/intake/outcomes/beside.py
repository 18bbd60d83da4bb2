"""What stands beside an act or a form in somebody's own words.

An act counts when nothing does. Words beside a form are kept with the return; those that reserve, ask or correct
something wait for the co-ordinator besides. A sentence that only presents the form says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from csp_workflow.intake.case import MessageCase
from csp_workflow.intake.checks.cell_values import read_typed_text
from csp_workflow.intake.checks.check_figures import list_put_in_place
from csp_workflow.mail.words import holds_any, only_thanks, plain_words, reserves, say_enclosed, strip_links
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import FigureStatus
from csp_workflow.terms.messages import Courtesies, EnclosedMessage, IncomingMessage
from csp_workflow.terms.personal import find_personal_details, keep_back
from csp_workflow.terms.phrases import plain_number
from csp_workflow.terms.queries import call_row
from csp_workflow.terms.returns import FigureRow, FormDefinition, ReadFigureRow, ReadForm, Unreadable
from csp_workflow.terms.site import Respondent

_SENTENCE = re.compile(r"[.!;\n]+(?:\s|$)")
_FILE = re.compile(r"[^\s<>]+\.(?:xls[xmb]?|ods|csv|pdf|docx?|zip)\b", re.IGNORECASE)
_FIGURE = re.compile(r"[-+]?£?\d{1,3}(?:,?\d{3})*(?:\.\d+)? ?%?")
_WORDS = re.compile(r"[A-Za-z]{2,}|\bM\d")
_ATTACHED = re.compile(r"\b(?:attach(?:ed|ing)?|enclosed?|herewith)\b", re.IGNORECASE)
_PLEASE = re.compile(r"\bplease (?!take this as )")
_SIGN = r"[^\w\s.,:;!?()'\"\[\]\u2018-\u201f]"
_VALUE = re.compile(
    r"(?P<before>[a-z,' ]*+(?:[:=]|[-\u2013\u2014](?= ))?+[a-z,' ]*+)"
    rf"(?P<text>(?:{_SIGN} ?)*+(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?(?!\w)(?: ?(?![-\u2013\u2014]){_SIGN})*+)"
    r"(?P<after>\D*)",
    re.IGNORECASE,
)
"""What stands behind a row's name: one mark that parts them, and a number with every sign that stands at it."""
_EMPHASIS = re.compile(r"\*([^*]+)\*")
"""How programs show bold type in plain words."""

_FEWEST_ROWS = 2
_FEWEST_WORDS = 2
"""So many words of a title name its row; a single one is too common."""

FILLING = frozenset(
    plain_words(
        "is are was were it now a the figure figures number total at stands equals comes to for of in should be"
    ).split()
)
_CONFIRMING = frozenset(
    plain_words(
        "is right correct yes sure confirmed true fine ok okay please thanks thank you that the this figure number and "
        "indeed definitely now final count total"
    ).split()
)
"""Words before a figure and after it that say nothing else about it."""

_ABOUT = frozenset(
    plain_words(
        "this the that it its return returns report submission figures form for of from on behalf attached and please "
        "quarter quarterly all our your as chair we i by in with thanks thank you many yes "
        "csp community safety partnership"
    ).split()
)
"""Words around a listed phrase that change nothing about it. None of them reserves, asks or puts off."""


_ACTS = frozenset({"yes"})


def read_act(
    case: MessageCase, phrases: Sequence[str], whose: Sequence[Respondent], quarter: Quarter | None, *, version: int = 0
) -> bool | None:
    """Whether somebody's words are an act by the listed phrases and nothing else; None when they are no such act.

    False for an act with anything beside it: a condition, a question, a sentence more, another quarter or version than
    is asked about, or a file.
    """
    is_plain = read_sentences(list(split_matter(case)), phrases, whose, quarter, case.site.courtesies, version=version)
    is_alone = not case.message.attachments and not any(one.matter for one in _list_attached(case))
    return None if is_plain is None else is_plain and is_alone


def read_sentences(
    sentences: Sequence[str],
    phrases: Sequence[str],
    whose: Sequence[Respondent],
    quarter: Quarter | None,
    lists: Courtesies,
    *,
    version: int = 0,
) -> bool | None:
    """The same of some sentences, whatever is attached."""
    listed, around, harmless = sort_phrases(phrases), _ABOUT | _list_names(whose), _list_harmless(lists)
    named = [*(_say_quarter(quarter) if quarter else ()), *_say_version(version)]

    def read(clause: str) -> tuple[bool, bool]:
        words = _leave_out(clause, named)
        rest = rest_of(words, listed)
        left = words if rest is None else " ".join(rest)
        return rest is not None, around.issuperset(left.split()) or only_thanks(left, harmless)

    parts = [[read(one)] if read(one)[1] else [read(clause) for clause in _split_clauses(one)] for one in sentences]
    # "Seen, and approved" begins with what says nothing; "No, approved" does not.
    if not any(next((begins for begins, is_plain in one if begins or not is_plain), False) for one in parts):
        return None
    whole = {word for one in sentences for word in plain_words(one).split()}
    asks = "?" in "".join(sentences) or any(map(_asks_to_do, sentences))
    is_plain = all(plain for one in parts for _, plain in one)
    return is_plain and not asks and all(_names_whole(whole, one) for one in whose)


_CLAUSE = re.compile(r"[,:()]|\s[-\u2013\u2014]+\s|\band\b", re.IGNORECASE)


def _split_clauses(sentence: str) -> list[str]:
    return [clause for clause in _CLAUSE.split(sentence) if plain_words(clause)]


@cache
def _list_harmless(lists: Courtesies) -> Courtesies:
    """The lists, with all that changes nothing about an act among the thanks."""
    return replace(lists, thanks=tuple(_spell_out(one) for one in (*lists.thanks, *lists.harmless)))


def _leave_out(clause: str, named: Sequence[str]) -> str:
    """Plain words without the quarter and the version they name, whole: any other month or number is left, and is no
    part of an act."""
    words = _spell_out(clause)
    for one in named:
        words = f" {words} ".replace(f" {one} ", " ").strip()
    return words


@cache
def _say_quarter(quarter: Quarter) -> list[str]:
    """How people write a quarter, in plain words, longer ones first."""
    year, months = quarter.financial_year, quarter.months
    short = months.rpartition(" ")[0]
    numbered = [f"{word}{quarter.number}" for word in ("q", "quarter ")]
    dated = [said for one in numbered for said in (f"{year} {one}", f"{one} {year}")]
    spanned = [said.replace(" to ", joint) for said in (months, short) for joint in (" to ", "-")]
    return sort_phrases([*dated, *numbered, *spanned])


def _say_version(version: int) -> list[str]:
    return [f"version {version}", f"v {version}", f"v{version}"] if version else []


def _asks_to_do(sentence: str) -> bool:
    """Whether a "please" is followed by more: "Yes, please return it"."""
    return bool(_PLEASE.search(plain_words(sentence)))


def _names_whole(said: Collection[str], respondent: Respondent) -> bool:
    """Whether words that name areas of a respondent of several name them all: a part is not the whole."""
    if len(respondent.areas) < 2:
        return True
    areas = {word for area in respondent.areas for word in plain_words(area.name).split()} - _ABOUT
    return areas.isdisjoint(said) or areas.issubset(said)


def rest_of(sentence: str, listed: Sequence[str]) -> list[str] | None:
    """The words of a sentence behind the phrase that begins it; None when none does."""
    said = _spell_out(sentence)
    begun = next((phrase for phrase in listed if f"{said} ".startswith(f"{phrase} ")), None)
    return None if begun is None else said.removeprefix(begun).split()


def split_matter(case: MessageCase) -> Iterator[str]:
    """The sentences of somebody's own words, without greetings and thanks."""
    return _split(case.message.matter)


def _split(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield from (s.strip() for s in _SENTENCE.split(line) if plain_words(s))


def _list_attached(case: MessageCase) -> Iterator[EnclosedMessage]:
    return (one for one in case.message.enclosed if not one.is_quoted)


def sort_phrases(phrases: Sequence[str]) -> list[str]:
    """Phrases in plain words, longer ones first."""
    return sorted(map(_spell_out, phrases), key=len, reverse=True)


_SHORT = {
    "i m": "i am", "im": "i am", "i ve": "i have", "ive": "i have", "i ll": "i will", "i d": "i would",
    "we re": "we are", "we ve": "we have", "we ll": "we will", "that s": "that is", "it s": "it is",
    "don t": "do not", "won t": "will not",
}  # fmt: skip
_SHORTENED = re.compile(rf"\b(?:{'|'.join(_SHORT)})\b")


def _spell_out(line: str) -> str:
    """A line's plain words with none drawn together, so that each way of writing a phrase is the same."""
    return _SHORTENED.sub(lambda found: _SHORT[found[0]], plain_words(line))


def _list_names(whose: Sequence[Respondent]) -> frozenset[str]:
    """The words of some returns' own names."""
    return frozenset(word for r in whose for word in plain_words(f"{r.name} {r.code} {r.key}").split())


def find_words_beside(case: MessageCase, whose: Sequence[Respondent]) -> str:
    """What somebody wrote beside their form, and what messages say that came with it; "" when all only presents it."""
    inside = (say_enclosed(one) for one in case.message.enclosed if _list_beside(case, whose, one.matter))
    return "\n".join(filter(None, (_find_own_beside(case, whose), *inside)))


def _find_own_beside(case: MessageCase, whose: Sequence[Respondent]) -> str:
    return "\n".join(case.message.matter) if _list_beside(case, whose, case.message.matter) else ""


def is_form(read: ReadForm) -> bool:
    """Whether a workbook is one of our forms at all, or somebody's own design."""
    return bool(read.references or read.figures or read.summary or read.sign_off)


def list_unread_files(case: MessageCase) -> Iterator[str]:
    """What came beside a form and is none, each with what it is. A saved message has its words told."""
    for attachment, found in case.facts.opened:
        name = keep_back(attachment.name) or "A file"
        if isinstance(found, ReadForm) and not (is_form(found) or found.catalogue):
            yield f"{name}: a workbook that is not our form"
        elif isinstance(found, Unreadable) and found.reason != "message":
            said = found.sentence.partition(". ")[0].rstrip(".")
            yield f"{name}: {said[:1].lower()}{said[1:]}"


def only_points_to_files(case: MessageCase) -> bool:
    """Whether somebody says no more than that something is attached: what they have to say may stand in it."""
    return all(_ATTACHED.search(line) for line in _find_own_beside(case, ()).split("\n") if line)


def acts_beside(case: MessageCase, phrases: Sequence[str], whose: Respondent, quarter: Quarter) -> bool:
    """Whether somebody's words beside their one form are an act by the listed phrases and nothing else."""
    beside, lists = _list_beside(case, (whose,), case.message.matter), case.site.courtesies
    is_alone = len(case.facts.opened) == 1 and not any(
        _list_beside(case, (whose,), m.matter) for m in _list_attached(case)
    )
    return is_alone and bool(read_sentences(beside, phrases, (whose,), quarter, lists))


def doubts_tick(case: MessageCase, whose: Respondent, quarter: Quarter, *, is_nil: bool) -> bool:
    """Whether words beside a tick leave it in doubt: any others beside a nil, those that reserve beside a decline."""
    if not find_words_beside(case, (whose,)):
        return False
    return not acts_beside(case, case.site.nil_phrases, whose, quarter) if is_nil else reserves_something(case)


def is_row_of_figures(row: str) -> bool:
    """Whether a row of a table (tabs between its cells) names something and gives a figure."""
    cells = [cell.strip() for cell in row.split("\t") if cell.strip()]
    figures = [cell for cell in cells if _FIGURE.fullmatch(cell)]
    return bool(figures) and any(_WORDS.search(cell) for cell in cells if cell not in figures)


def holds_figures(message: IncomingMessage) -> bool:
    """Whether the new part of a message has a table like ours: rows that name something and give a figure."""
    return sum(map(is_row_of_figures, message.rows)) >= _FEWEST_ROWS


@dataclass(frozen=True, kw_only=True)
class SaidFigure:
    """A line that says no more than one row's figure: "L1: 58 is right". `row` is None where several rows fit.

    `text` is what is said as one would type it into the row's cell, `value` what that is, None where it is no plain
    number: a sign at it ("<5", "12*") changes what it says.
    """

    line: str
    row: FigureRow | None
    text: str
    value: Decimal | None


def find_said_figures(lines: Iterable[str], form: FormDefinition, *, is_alone: bool = True) -> dict[str, SaidFigure]:
    """The lines that say one figure of a row, by the line: those that say nothing else, unless not `is_alone`."""
    said = (_read_said_figure(line, form, is_alone=is_alone) for line in lines)
    return {one.line: one for one in said if one}


def _read_said_figure(line: str, form: FormDefinition, *, is_alone: bool) -> SaidFigure | None:
    named, rest = _find_rows_named(_EMPHASIS.sub(r"\1", " ".join(line.split())), form)
    found = _VALUE.fullmatch(rest) if named else None
    if not found or not FILLING.issuperset(plain_words(found["before"]).split()):
        return None
    units = {word for row in named for word in plain_words(f"{row.unit} {row.title}").split()}
    if is_alone and not (_CONFIRMING | units).issuperset(plain_words(found["after"]).split()):
        return None
    meant = read_typed_text(found["text"], named[0])
    value = meant.value if meant.status is FigureStatus.FINAL and not meant.problem else None
    text = found["text"] if value is None else plain_number(value)
    return SaidFigure(line=line, row=named[0] if len(named) == 1 else None, text=text, value=value)


def _find_rows_named(line: str, form: FormDefinition) -> tuple[list[FigureRow], str]:
    """The rows that a line names at its beginning, by their ref or by words of their title, and what stands after."""
    for ref in sorted({row.ref for row in form.figures}, key=len, reverse=True):
        if begun := re.match(rf"\W*(?:{'|'.join(map(re.escape, call_row(ref)))})(?=[^\w.]|$)", line, re.IGNORECASE):
            return [row for row in form.figures if row.ref == ref], line[begun.end() :]
    title = re.match(r"\D*[a-z)](?=[^a-z\d]*\d)", line, re.IGNORECASE)
    words = [w for w in plain_words(title[0]).split() if w not in FILLING] if title else []
    fitting = [row for row in form.figures if set(words).issubset(plain_words(row.title).split())]
    return (fitting, line[title.end() :]) if title and len(words) >= _FEWEST_WORDS else ([], "")


def list_told_figures(case: MessageCase, whose: Sequence[Respondent]) -> tuple[str, ...]:
    """The figures that stand in the words of a message, as they are said back to whoever wrote them."""
    rows = filter(is_row_of_figures, case.message.rows) if holds_figures(case.message) else ()
    tables = [", ".join(cell.strip() for cell in row.split("\t") if cell.strip()) for row in rows]
    lines = (line for form in _list_forms(case, whose) for line in find_said_figures(case.message.matter, form))
    known = set(map(plain_words, tables))
    return (*tables, *(line for line in dict.fromkeys(lines) if plain_words(line) not in known))


def _list_forms(case: MessageCase, whose: Sequence[Respondent]) -> Iterator[FormDefinition]:
    cycles = ((r.key, case.facts.current(r.key)) for r in whose)
    yield from (cycle.requests[key][-1].form for key, cycle in cycles if cycle)


def _list_answered_elsewhere(case: MessageCase, whose: Sequence[Respondent]) -> set[str]:
    """The lines of figures, in plain words, that are told as such; beside a form, those that stand in it too."""
    rows = (row for row in case.message.rows if is_row_of_figures(row) and not reserves(row, case.site.courtesies))
    lines = (line for form in _list_forms(case, whose) for line in find_said_figures(case.message.matter, form))
    read = [row for _, form in case.facts.forms() for row in form.figures]
    told = (line for line in (*rows, *lines) if not read or any(_stands_in(row, line) for row in read))
    return set(map(plain_words, told))


def _stands_in(row: ReadFigureRow, line: str) -> bool:
    """Whether a line names a row as it was read from a form and says a number that stands there."""
    tail = row.ref.rpartition(".")[2]
    numbers = {found[0].replace(",", "") for found in re.finditer(r"\d[\d,]*(?:\.\d+)?", line.replace(row.ref, ""))}
    values = {cell.text for cell in (row.how_many, row.out_of, row.this_quarter) if not cell.is_blank}
    return f" {plain_words(tail)} " in f" {plain_words(line)} " and bool(numbers & values)


def presents_form(case: MessageCase, whose: Sequence[Respondent]) -> bool:
    """Whether a sentence presents a form and does nothing else."""
    return len(_list_beside(case, whose, case.message.matter)) < len(list(split_matter(case)))


def _list_beside(case: MessageCase, whose: Sequence[Respondent], lines: Sequence[str]) -> list[str]:
    """The sentences that do more than present a form; links and rows of figures have an answer of their own."""
    told = _list_answered_elsewhere(case, whose)
    said = (sentence for sentence in _split(lines) if plain_words(sentence) not in told)
    return [sentence for sentence in said if not _only_presents(case, sentence, whose)]


def _only_presents(case: MessageCase, sentence: str, whose: Sequence[Respondent]) -> bool:
    """Whether a sentence begins with a listed phrase, says that something is attached, or only names the return, in
    the usual words alone."""
    labels = (said for c in case.facts.cycles for said in (plain_words(c.quarter.label), *_say_quarter(c.quarter)))
    quarters = {word for said in labels for word in plain_words(said).split()}
    presenting, around = sort_phrases(case.site.courtesies.presenting), _ABOUT | _list_names(whose) | quarters
    words = _spell_out(_FILE.sub(" ", strip_links(sentence)))
    rest = rest_of(words, presenting)
    usual = {word for phrase in presenting for word in phrase.split()} | around
    is_usual = bool(_ATTACHED.search(words)) and usual.issuperset(words.split())
    is_name = (around - _ACTS).issuperset(words.split())
    return is_name or is_usual or (rest is not None and around.issuperset(rest))


def reserves_something(case: MessageCase) -> bool:
    """Whether somebody's own words, or those of a message inside theirs, ask, reserve or correct something."""
    said = (case.message.matter, *(one.matter for one in case.message.enclosed))
    return any(reserves(sentence, case.site.courtesies) for lines in said for sentence in _split(lines))


def needs_decision(case: MessageCase) -> bool:
    """Whether words beside a form reserve something, put a number in a figure's place, or speak of a nil or a decline,
    of whatever return or part; or would be kept back from the co-ordinator: who covers for whom, a number to ring."""
    excuses = sort_phrases((*case.site.nil_phrases, *case.site.decline_phrases))
    said, ours = tuple(split_matter(case)), case.site.office.particulars
    speaks = any(holds_any(_spell_out(one), excuses) or list_put_in_place(one) for one in said)
    is_kept_back = any(find_personal_details(line, ours=ours) for line in case.message.matter)
    return speaks or is_kept_back or reserves_something(case)
