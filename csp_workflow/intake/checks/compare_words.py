"""Words beside others: those of last quarter, and those of the other boxes. What was confirmed may be as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher

from csp_workflow.forms import layout
from csp_workflow.intake.checks.findings import ask_about, short_text
from csp_workflow.terms.cells import Cell, CellType
from csp_workflow.terms.checks import Check, Checks, CheckSubject
from csp_workflow.terms.returns import Finding, FormDefinition, Narrative

_COMPARED = 600
"""So many words of a text are compared, so that the longest cell takes no time."""
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")


def compare_words(
    form: FormDefinition,
    told: Iterable[Narrative],
    before: Mapping[str, Narrative],
    subjects: Mapping[str, CheckSubject],
    checks: Checks,
) -> Iterator[Finding]:
    """What is odd about words that stood elsewhere. `before` are those of last quarter; the form played them back."""
    columns = {row.ref: layout.HAPPENED for row in form.summary} | {row.ref: layout.ANSWER for row in form.actions}
    played_back = {row.ref: row.played_back for row in form.summary}
    first: dict[tuple[str, ...], str] = {}
    for one in told:
        if one.ref not in columns or one.answer is not None or not one.text:
            continue
        earlier = (before[one.ref].text if one.ref in before else "", played_back.get(one.ref, ""))
        again, pasted = (checks.find(rule, subjects[one.ref]) for rule in ("same-as-last-quarter", "pasted"))
        found = {
            "same-as-last-quarter": _find_repeat(one, earlier, again) if again else "",
            "pasted": _find_pasted(one, first, pasted) if pasted else "",
        }
        cell = Cell(sheet=one.sheet, cell=one.cell, type=CellType.TEXT, text=one.text)
        yield from (ask_about(rule, cell, one.ref, columns[one.ref], said) for rule, said in found.items() if said)


def _find_repeat(one: Narrative, earlier: Iterable[str], check: Check) -> str:
    share = max((_share(one.text, text) for text in earlier if text), default=0.0)
    if not share or share < check.number:
        return ""
    return "the same words as last quarter" if share == 1 else "nearly the same words as last quarter"


def _find_pasted(one: Narrative, first: dict[tuple[str, ...], str], check: Check) -> str:
    """A sentence that stood under another ref before; `first` says where each was found first, and is added to."""
    sentences = {tuple(_list_words(s)): s for s in _SENTENCE.split(one.text) if len(s.split()) >= check.number}
    again = next((key for key in sentences if key in first), ())
    for key in sentences:
        first.setdefault(key, one.ref)
    return f"“{short_text(sentences[again])}”, as under {first[again]}" if again else ""


def _share(one: str, other: str) -> float:
    """How much of two texts is the same, word by word in order, from 0 to 1."""
    first, second = _list_words(one), _list_words(other)
    if first == second:
        return 1
    first, second = first[:_COMPARED], second[:_COMPARED]
    return SequenceMatcher(a=first, b=second, autojunk=False).ratio()


def _list_words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
