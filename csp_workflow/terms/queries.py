"""What is open about a return: its questions ("Q1"), how they are marked, grouped, said, settled; its disputes ("D1").

A dispute is a police figure that the partnership says is wrong, until the force's analyst has answered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import takewhile
from typing import Protocol, TypeVar

from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.phrases import day, plain_day, say_as_number
from csp_workflow.terms.returns import Entry, Finding, FormDefinition, Severity, Submission
from csp_workflow.terms.site import Assent, Respondent, Site
from csp_workflow.terms.status import ReturnStatus
from csp_workflow.terms.written_days import find_named_day

ASKED = 2
"""So often a question is asked of a partnership. What is open after that is for the co-ordinator."""


def number_findings(submission: Submission) -> dict[str, Finding]:
    """The questions about a version by their numbers: "Q1"."""
    return {f"Q{n}": finding for n, finding in enumerate(order_questions(submission.findings), start=1)}


def identify_finding(finding: Finding) -> tuple[object, ...]:
    """What makes a finding the same one in a later version: where it is, its rule, and what stands there."""
    return finding.key, finding.column, finding.code, finding.found


def list_explained(events: Iterable[Event], respondent: str) -> Iterator[tuple[object, ...]]:
    """The queries that were answered, or taken as they are: each as it stood, so that another value is asked about."""
    for event in events:
        if event.kind is Happened.QUERY_ANSWERED and event.respondent == respondent:
            yield tuple(event.facts[name] for name in ("key", "column", "code", "found"))


def list_open_queries(submission: Submission, events: Iterable[Event]) -> dict[str, Finding]:
    """The queries of a version that nobody has answered, by their numbers."""
    known = set(list_explained(events, submission.respondent))
    numbered = number_findings(submission).items()
    return {n: one for n, one in numbered if not one.is_fault and identify_finding(one) not in known}


def offer_queries(submission: Submission, events: Iterable[Event], words: str) -> dict[str, Finding]:
    """Those that somebody's words may answer: where they name rows that we asked about, those of these rows alone."""
    rows = {f.key: "|".join(map(re.escape, call_row(f.key.rpartition(" ")[2]))) for f in submission.findings if f.key}
    named = [key for key, name in rows.items() if re.search(rf"(?<![\w.])(?:{name})(?!\.?\w)", words, re.IGNORECASE)]
    queries = list_open_queries(submission, events).items()
    return {number: query for number, query in queries if not named or query.key in named}


def call_row(ref: str) -> tuple[str, ...]:
    """What a row is called by its ref, with or without the partnership's code."""
    tail = ref.rpartition(".")[2]
    return tuple(dict.fromkeys((ref,) if tail.isdigit() else (ref, tail)))


def count_askings(versions: Sequence[Submission], finding: Finding) -> int:
    """How often a finding was asked of whoever was asked it most: in the answer to each version that they sent with it.

    Versions count up to the last one, without a gap. What somebody else sent between is not theirs to have answered in.
    """
    asked = identify_finding(finding)
    held = takewhile(lambda v: any(identify_finding(one) == asked for one in v.findings), reversed(versions))
    return max(Counter(version.sender.lower() for version in held).values(), default=0)


def is_spent(versions: Sequence[Submission], finding: Finding) -> bool:
    """Whether the answer to the last of some versions asks a query no more: those before it have asked it enough."""
    return not finding.is_fault and count_askings(versions, finding) > ASKED


def say_query(number: str, query: Finding) -> str:
    """A question with its number, as one sentence quotes it: where, what we found, and what we asked."""
    return f"{_say_found(number, query)}. {query.wanted}".strip()


def say_queries(queries: Mapping[str, Finding]) -> Iterator[str]:
    """Questions by their numbers, for somebody who was not asked them; what several ask alike is said once."""
    alike: dict[str, list[str]] = {}
    for number, query in queries.items():
        alike.setdefault(query.wanted, []).append(_say_found(number, query))
    for wanted, found in alike.items():
        yield f"{'; '.join(found)}.{f' We asked: “{wanted}”' if wanted else ''}"


def _say_found(number: str, query: Finding) -> str:
    at = f"{query.sheet} {query.cell}".strip()
    where = f"{query.key.rpartition(' ')[2]}, {at}" if query.key and at else query.key or at
    return f"{number} ({where}): we found {query.found.rstrip('.')}"


class _Asked(Protocol):
    @property
    def is_fault(self) -> bool: ...


Q = TypeVar("Q", bound=_Asked)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A cell to be asked about in a fresh form: its row, its column, what was seen there, and what is asked."""

    sheet: str
    key: str
    column: str
    sentence: str
    is_fault: bool
    saw: str = ""


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What a fresh form is filled with: the text each input held, by (sheet, key, column)."""

    values: tuple[tuple[str, str, str, str], ...] = ()
    marks: tuple[Mark, ...] = ()


def order_questions(asked: Iterable[Q]) -> list[Q]:
    """What is asked, in the order in which it is numbered from Q1 on: what must be mended first."""
    return sorted(asked, key=lambda one: not one.is_fault)


_FEW = 3
"""With so few cells in a line each is named in full; more would bury the sentence on a phone."""

_AREA = re.compile(r"^[A-Z]\d{8} ")
"""The area's code before a row's ref: nobody calls a row by it."""

_MANY = 12
"""More cells than this are counted in a line, not listed."""


@dataclass(frozen=True, kw_only=True)
class Group(Finding):
    """Findings of one kind in one column, for a single line of a letter: `cell` lists every cell."""

    cells: tuple[str, ...]


def group(findings: Iterable[Finding], form: FormDefinition | None = None) -> tuple[Group, ...]:
    """One line for each thing asked, sheet and column with its cells listed; faults first, then queries."""
    gathered: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        asked = (finding.severity, finding.code, finding.wanted, finding.sheet, finding.column)
        gathered.setdefault(asked, []).append(finding)
    lines = [_group_line(members, form) for members in gathered.values()]
    return tuple(sorted(lines, key=lambda line: line.severity is not Severity.FAULT))


def _group_line(members: list[Finding], form: FormDefinition | None) -> Group:
    first = members[0]
    titled = len(members) <= _FEW
    cells = tuple(dict.fromkeys(_where(member, form, titled=titled) for member in members))
    said = tuple(dict.fromkeys(say_as_number(member.found) for member in members))
    shown = members[:_MANY]
    each = "; ".join(f"{member.cell or member.key}: {say_as_number(member.found)}" for member in shown)
    each += f"; and {len(members) - _MANY} more" if len(members) > _MANY else ""
    found = said[0] if len(said) == 1 else each
    return Group(**vars(first) | {"cell": _list_cells(cells, first.severity), "found": found, "cells": cells})


def _list_cells(cells: tuple[str, ...], severity: Severity) -> str:
    """The first cells, and how many more there are; a form with faults goes back with every cell marked."""
    more = len(cells) - _MANY
    if more <= 0:
        return ", ".join(cells)
    marked = ", marked in the form" if severity is Severity.FAULT else ""
    return f"{', '.join(cells[:_MANY])} and {more} more{marked}"


def _where(finding: Finding, form: FormDefinition | None, *, titled: bool) -> str:
    """Such as "L7 (M11.1 All crime, Charnwood)": the cell for Excel, the row for a reader whose rows have moved."""
    code, space, ref = finding.key.partition(" ")
    is_row = form is not None and space and any(row.area.code == code for row in form.figures)
    name = name_row(form, code, ref, titled=titled) if form and is_row else _AREA.sub("", finding.key)
    return f"{finding.cell} ({name})" if finding.cell and name else finding.cell or name


def name_row(form: FormDefinition, area: str, ref: str, *, titled: bool = True) -> str:
    """A row for a reader, such as "M11.1 All crime, Charnwood": the area where the form has several."""
    areas = {row.area.code: row.area.name for row in form.figures}
    title = next((row.title for row in form.figures if row.ref == ref), "") if titled else ""
    said = f"{ref} {title}".strip()
    return f"{said}, {areas.get(area, area)}" if len(areas) > 1 or area not in areas else said


# Disputes --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """A police figure that a partnership disputes, in its words, under a number that stays ("D1").

    `submission` is the first version that says so. `passed` is when the letter with the reason was handed over to the
    force's analyst, None before, and `letter` the version that it was about; `answer` what came back, an explanation in
    the force's words or that the figure was revised.
    """

    respondent: str
    number: str
    area: str
    ref: str
    reason: str
    submission: str
    since: datetime
    passed: datetime | None = None
    letter: str = ""
    answer: str = ""
    answered: datetime | None = None
    by: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the force has it, and has not answered."""
        return self.passed is not None and self.answered is None


def list_disputes(
    versions: Sequence[Submission], events: Iterable[Event] = (), handed: Mapping[str, datetime] | None = None
) -> tuple[Dispute, ...]:
    """The disputes of the last of some versions; `handed` is when the letter about a version's disputes left.

    The same reason in a later version is the same dispute; other words on the same figure are another one.
    """
    if not versions:
        return ()
    places = list(dict.fromkeys((area, ref) for version in versions for area, ref, _ in version.disputes))
    answers = [e for e in events if e.kind is Happened.DISPUTE_ANSWERED and e.respondent == versions[-1].respondent]
    return tuple(
        _find_dispute(versions, dispute, f"D{places.index(dispute[:2]) + 1}", answers, handed or {})
        for dispute in versions[-1].disputes
    )


def _find_dispute(
    versions: Sequence[Submission],
    dispute: tuple[str, str, str],
    number: str,
    answers: Sequence[Event],
    handed: Mapping[str, datetime],
) -> Dispute:
    area, ref, reason = dispute
    begun = len(versions)
    while begun and dispute in versions[begun - 1].disputes:
        begun -= 1
    first, held = versions[begun], versions[begun:]
    mine = [e for e in answers if (e.facts["area"], e.facts["ref"]) == (area, ref) and e.instant >= first.received]
    last, told = mine[-1] if mine else None, [one.id for one in held if one.id in handed]
    return Dispute(
        respondent=first.respondent,
        number=number,
        area=area,
        ref=ref,
        reason=reason,
        submission=first.id,
        since=first.received,
        passed=handed[told[0]] if told else None,
        letter=told[0] if told else "",
        answer=str(last.facts["words"]) if last else "",
        answered=last.instant if last else None,
        by=last.by if last else "",
    )


def name_disputed(site: Site, dispute: Dispute) -> str:
    """A disputed figure for a reader: its ref, its title and its area."""
    titles = {series.ref: series.title for framework in site.frameworks for series in framework.series()}
    areas = {area.code: area.name for one in site.respondents for area in one.areas}
    return f"{dispute.ref} {titles.get(dispute.ref, '')}, {areas.get(dispute.area, dispute.area)}"


def add_answers(submission: Submission, disputes: Iterable[Dispute]) -> Submission:
    """A version with what the force answered behind each reason for a dispute, as papers print them."""
    answered = {(d.area, d.ref): d.answer for d in disputes if d.answered}
    told = (
        (area, ref, f"{reason} [The answer: {answered[area, ref]}]" if (area, ref) in answered else reason)
        for area, ref, reason in submission.disputes
    )
    return replace(submission, disputes=tuple(told))


def say_passed(dispute: Dispute) -> str:
    """What became of a dispute, for whoever disputes the figure; "" while the force was not written to."""
    if dispute.answered:
        return f"It was answered on {day(london_day(dispute.answered))}: {dispute.answer}"
    return f"We passed that on to the force on {day(london_day(dispute.passed))}." if dispute.passed else ""


def say_dispute(dispute: Dispute, name: str, months: str = "") -> str:
    """By whom and since when a figure is disputed, and what was answered; `months` of which, where of others."""
    whose = f"The figure for {months} is disputed" if months else "Disputed"
    said = f"{whose} by {name} since {day(london_day(dispute.since))}."
    if dispute.answered:
        return f"{said} Answered on {day(london_day(dispute.answered))}: {dispute.answer}"
    return f"{said} Not answered yet."


def lay_disputes(form: FormDefinition, said: Mapping[tuple[str, str], str]) -> FormDefinition:
    """A form that says beside the force's figures, by area and ref, what is disputed of them."""
    rows = (
        replace(row, disputed=said.get((row.area.code, row.ref), row.disputed)) if row.entry is Entry.CONFIRM else row
        for row in form.figures
    )
    return replace(form, figures=tuple(rows))


_TIME = re.compile(
    r"\b(?:extension|extend\w*|more time|extra (?:\w+ )?(?:days?|weeks?|time)|(?:few|couple of) (?:more )?days|"
    r"another (?:week|day|fortnight)|deadline|running late|be late)\b",
    re.IGNORECASE,
)
_APPROVAL = re.compile(r"\b(?:approv\w+|agreed|signed off|cymeradw\w+)", re.IGNORECASE)
_OBJECTS = re.compile(r"(?i)\b(?:wrong|incorrect|mistakes?|object\w*|reject\w*|(?:not|cannot) (?:approve|agree))\b")
_UNSAID = re.compile(r"\b(?:not|no|n't|unless|until|cannot|reject\w*)\b|n[\u2019']t\b", re.IGNORECASE)


def offer_settling(
    of: Respondent, stands: ReturnStatus, words: str, today: date, *, wrote: datetime, owes: bool, is_chairs: bool
) -> Iterator[str]:
    """The orders for a return that is still owed, with the day where the words name one; for one that is complete and
    unapproved; and for one that its own chair (`is_chairs`: who wrote) refuses, or says is wrong. Words about a return
    are about a version that had come when somebody `wrote` them."""
    if owes and _TIME.search(words):
        day = find_named_day(words, london_day(wrote))
        yield f"EXTEND {of.code} TO {plain_day(day) if day and day >= today else 'day'} BECAUSE reason"
    is_approval = of.needs_approval and stands.may_have_meant(Assent.APPROVAL, wrote)
    if is_approval and _APPROVAL.search(words) and not _UNSAID.search(words):
        yield f"APPROVED {of.code} BY whom BECAUSE evidence"
    is_seen = stands.received is not None and stands.received <= wrote
    if is_chairs and is_seen and stands.can_go_back and _OBJECTS.search(words):
        yield f"RETURN {of.code} BECAUSE reason"
