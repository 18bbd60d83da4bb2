"""How firm a figure is: its Status, and what its note says of that. What says nothing else than Final stays final.

A Status that is none of ours is read where it is near one; what a note says beside it outweighs a Final, or nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from csp_workflow.forms import layout
from csp_workflow.intake.checks.cell_values import normalise_text, read_typed_text
from csp_workflow.intake.checks.findings import ask_about_row, short_text
from csp_workflow.intake.checks.share_values import UnderstoodRow, list_typed
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import FigureStatus
from csp_workflow.terms.returns import FigureRow, Finding, ReadFigureRow, Reading

STATUS_OF = {layout.same(words): meaning for words, meaning in layout.STATUS_MEANS.items()}
_NEAR = {
    FigureStatus.SUPPRESSED: re.compile(
        r"suppress|small num|hidden|withheld|not (?:shown|to be (?:shown|published))|do not publish|c$"
    ),
    FigureStatus.PROVISIONAL: re.compile(
        r"prov|p$|draft|interim|prelim|(?:un|not (?:yet )?(?:been )?)(?:valid|confirm|verif|audit|check|agree|final)"
    ),
    FigureStatus.ESTIMATED: re.compile(r"est|e$|approx"),
    FigureStatus.REVISED: re.compile(r"rev(?:ised?)?$|r$|amended|corrected"),
    FigureStatus.FINAL: re.compile(r"(?:final(?:ised)?|f|actual|validated|confirmed)$"),
    FigureStatus.NIL: re.compile(r"nil"),
}
"""What else people write for a Status, in small letters."""

_WITHHOLDS = re.compile(
    r"\b(?:do not|don['\u2019]?t|must not|should not|not to be|not for) (?:be )?"
    r"(?:publi\w+|print\w*|releas\w+|quot\w+|circulat\w+|use (?:this|it|the figure))\b|\bembargoed\b|"
    r"(?:^\W*(?:please )?(?:ignore|disregard)|\b(?:ignore|disregard) (?:this|it|that|the figure))\b|"
    r"\bwrong (?:number|figure|total|count)\b|^\W*(?:suppressed|small numbers?|(?:data |figure )?not available)\W*$|"
    r"^\W*(?:confidential|do not share|internal (?:\w+ )?only)\W*$|"
    r"\b(?:number|figure|total|count|this|it) is (?:wrong|incorrect|not (?:right|correct))\b",
    re.IGNORECASE,
)
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
_WRONGLY = r"(?:(?:under|over|mis|double)[- ]?(?:count|estimat|stat|record|report)(?:e?d|e|ing|ement)?s?\b)"
_MONTH = r"(?:jan|feb|march\b|apr|may\b|june?\b|july?\b|aug|sept?|oct|nov|dec)\w*"
_OF_IT = rf"(?=\W*$|[.;,:()\n]| - | (?:{_COUNTED}|{_WHY}|at|by|that|yet|from|for|but|using)\b)"
_PART = r"(?:teams?|schools?|providers?|agenc(?:y|ies)|councils?|services?|sites?|boroughs?|districts?|hospitals?)"
"""Whoever gives a part of a figure."""
_DOUBTFUL = (
    r"double-? ?check\w*|quer(?:y|ied)|"
    r"(?:needs?|requires?) (?:\w+ )?(?:check|verif|confirm|correct|revis|updat)\w*|"
    r"(?:pl(?:ea)?se )?(?:check|verify)|(?:\w+ )?to (?:check|verify|confirm)|final to follow|"
    r"confirmation (?:awaited|pending)|"
    r"(?:not|un)(?: yet| be)? ?(?:certain|sure|reliable|safe|official|approved|signed[- ]off)|accuracy not \w+|"
    r"not (?:yet |be )?(?:accurate|right|correct|counted)(?: yet)?|inaccurate|indicative|tentative|dubious|"
    rf"doubtful|questionable|suspect|disputed|{_WRONGLY}(?: is)?(?: suspected| likely| possible)?|"
    r"(?:looked|looking) into|(?:in|under) (?:review|query|question|dispute|investigation)|errors?|typo|wrong(?=\W*$)|"
    r"incorrect|(?:at a )?minimum|(?:only )?part(?:ly|ially) (?:counted|complete|recorded)|at least(?!,)|"
    r"(?:to|will) be (?:added|replaced|corrected)|"
    r"(?:more|others?|late (?:cases|entries|returns)) (?:to (?:come|follow|be added)|expected)|"
    r"being (?:replaced|corrected)|cumulative|rounded(?: to .*)?|place ?holder|dummy|ball-? ?park|from memory|"
    r"a stab in the dark|pro[- ]rata|extrapolated|projected|modelled|forecast|proxy|sample|test|"
    r"(?:six|6|nine|9) months['\u2019]?s?|(?:copied|carried) (?:forward|from (?:last|previous) (?:quarter|year))|"
    r"(?:out by|plus or minus) \d+|subject to (?:late|further|more) \w+|(?:includes|contains) duplicates"
)
"""What says of a figure, as the whole of a clause, that it may not be right, or not that of the quarter."""
_SEEMS = r"(?:seems?|looks?|appears?|feels?) (?:a bit |rather |very |too )?(?:low|high|odd|wrong|off)(?: to (?:me|us))?"
_DOUBTED = (
    rf"(?:probably|likely|possibly|perhaps|maybe|(?:may|might|could|will) (?:well )?be) (?:an? )?(?:\w+ )?{_WRONGLY}|"
    rf"(?:^|\. )(?:(?:i|we|it|this|that|the|these|{_COUNTED}|is|are|an?|still|only|currently|being|very|surely|"
    rf"possibly|probably|likely|maybe|may|might|could|must|be|am|to) )*(?:{_DOUBTFUL}|working(?= {_COUNTED})|{_SEEMS})"
    rf"(?=\W*$|[.;,()]| - | (?:{_COUNTED}|about (?:it|this)|with|by|at present|for now|only|until|as|because)\b)|"
    rf"[,;:(] ?(?:an? |still )?(?:{_WRONGLY}|under review)(?=\W*$|[.;,)])|"
    rf"\b(?:not |un)(?:sure|certain) (?:if |whether |that )?(?:(?:this|it|that|(?:the )?{_COUNTED}) )?(?:is |are )?"
    rf"(?:right|correct|accurate|complete)\b|\b(?:think|believe|suspect|fear) (?:that )?(?:it|this|that|(?:the )?"
    rf"{_COUNTED}) (?:is|(?:may|might) be) (?:wrong|incomplete|(?:too )?(?:low|high))(?=\W*$)|"
    r"\b(?:can['\u2019]?t|can ?not) be (?:right|correct)\b|\bwill (?:send|correct|amend|revise|update|replace) (?:this|"
    rf"it|the (?:right|correct|final|revised|full))\b|\b{_PART} (?:has|have|did) not (?:yet )?(?:report|respond|"
    rf"submit|(?:sen[dt]|return)(?:ed)? .{{0,20}}{_COUNTED})|^(?:missing|exclud(?:es|ing)|(?:does not|not) "
    rf"includ(?:e|es|ing)) \w+ {_PART}{_OF_IT}|"
    rf"{_COUNTED} (?:(?:is |are )?(?:still |currently |being )*(?:under review|too low|too high)|{_SEEMS})\b|"
    rf"(?:^|\. |\b(?:please|be) )(?:treat|use|handle|read)(?:ed|d)?(?: (?:it|this|(?:the |this )?{_COUNTED}))? with "
    r"(?:caution|care)\b|\bdata quality (?:issue|concern|problem)|"
    r"\bdouble[- ]count(?:s|ed|ing)?\b|\bbacklog (?:in|of) (?:recording|input|data entry)|\b(?:recording|inputting|"
    r"data entry) backlog|\bnot (?:yet (?:been )?(?:recorded|counted|logged|entered)|(?:all )?entered yet)\b|"
    r"^\W*\?+\W*$|^(?:is (?:this|it|that) )?(?:right|correct|ok) ?\?"
)
"""What says that a figure may not be right."""
_MAY_BE_WRONG = re.compile(_DOUBTED)
_SHORTLY = r"(?:annual|yearly|monthly|(?:last|previous) (?:quarter|year))"
_BEGUN = rf"(?:^(?!{_SHORTLY}[.;)]+ \w)|[.;,(] ?(?!{_SHORTLY}(?:$|[.;)])))"
"""Where a clause begins of which one word is no aside: “the fair (annual)” says nothing of the figure."""
_PERHAPS = re.compile(
    r"(?P<not>\b(?:not|never|no longer|no|isn['\u2019]?t|aren['\u2019]?t|nothing)(?: an?| yet)? )?\b(?:(?:provisional|"
    rf"estimate[sd]?|best guess|tbc(?!:)|incomplete|partial|part(?:ial)? (?:quarter|year)|(?:un|{_NOT})"
    rf"(?:valid|confirm|verif|audit|final)\w*|draft {_COUNTED}|"
    rf"(?:one|two|1|2) months?'?(?:s'?)? (?:only|of data|data)|(?:{_COUNTED}|only|\d+) (?:so far|to date)|"
    rf"(?:missing|(?:a?waiting|no {_COUNTED})(?: for)?|without|excluding|excludes|not includ(?:e|ing)) "
    rf"(?:{_COUNTED} for )?{_MONTH}|(?:{_COUNTED}|{_MONTH}) (?:is |are |still |for \w+ )*(?:missing|"
    r"outstanding|coming in|not (?:yet )?(?:in|received|complete)|to (?:come|follow))|"
    rf"(?:(?:(?:figures?|numbers?|total|counts?|data) (?:only )?|(?<=^))(?:until|up to|to)(?: the)?(?: end)?(?: of)?"
    rf"(?: \d+)?|(?<=^){_MONTH} (?:and|to|&|-)) (?P<to>{_MONTH})){_OF_IT}|"
    rf"not all {_COUNTED}|final {_COUNTED} (?:to|will|due|expected)\b|"
    rf"{_COUNTED} (?:is |are |still |only |has |have )*(?:{_UNFIRM})|"
    rf"{_COUNTED} (?:may|might|could|likely to) (?:still )?(?:rise|fall|go|increase)(?! (?:up )?(?:in|over|as|during))|"
    rf"(?<!from )(?<!since )(?<!in ){_MONTH} only{_OF_IT})|{_DOUBTED}|"
    rf"{_BEGUN}(?:(?:this|it|(?:the )?figure)(?: is| covers)? )?(?:the |a )?(?:(?:last|previous) (?:quarter|year)"
    r"(?:['\u2019]s)?|(?:rolling )?(?:12|twelve)[- ]months?|rolling|annual|yearly|year to date|ytd|monthly|"
    rf"in thousands)(?: (?:{_COUNTED}|average|year))*(?: (?:carried \w+|only|not \w+))?(?=$|[.;)]|, not\b)"
)
"""What may say, anywhere in a note, that a figure is not the last word, or not the whole quarter's."""


_RUN = re.compile(r"(\W{4})\W+|(\d{20})\d+")


def normalise_words(text: str) -> str:
    """What stands beside a figure, in plain small letters; of a long run of signs or digits the first few."""
    return _RUN.sub(r"\1\2", normalise_text(text))


def may_be_wrong(note: str) -> bool:
    """Whether a note says of its figure, whoever's it is, that it may not be right."""
    return bool(_MAY_BE_WRONG.search(normalise_words(note)))


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
    ends = quarter.months.partition(" to ")[2].lower()
    for at in (seen.note, seen.drove_it):
        said = normalise_words(at.text)
        plain = None if _FIRM.search(said) else _PLAINLY.search(said)
        if plain:
            status = FigureStatus.PROVISIONAL if plain["provisional"] else FigureStatus.ESTIMATED
            typed = Reading(sheet=at.sheet, cell=at.cell, typed=short_text(at.text), recorded=status.value)
            return replace(read, status=status, readings=(*read.readings, typed))
        if any(not (found["not"] or ends.startswith((found["to"] or "-")[:3])) for found in _PERHAPS.finditer(said)):
            found = f"{list_typed(seen)}, with the words “{short_text(at.text)}”"
            odd = ask_about_row("note-unfirm", row, at, found, column=layout.NOTE)
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
