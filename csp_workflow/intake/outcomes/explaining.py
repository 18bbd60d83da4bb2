"""An answer in words to what we asked about a return: bound to the one question that it plainly answers.

It is plain where the words name one row that is asked about, or only one question is open. The words are kept with the
figure as its note, so that they are printed where it is; the question stays settled while the value that they explain
stays. Everything else that people write goes before the co-ordinator, as ever.

The force's analyst answers in words too, about a disputed figure: why it stands, or that it is to be another. A reason
that plainly is about one dispute goes to whoever disputed it. Another figure is never taken from words: it is asked for
in the extract, which revises every form and paper.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from csp_workflow.forms import layout
from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.intake.checks.cell_values import parse_number
from csp_workflow.intake.checks.check_figures import list_put_in_place, read_said_figure
from csp_workflow.intake.checks.findings import CheckedForm, FormParts, Origin, SeenForm
from csp_workflow.intake.outcomes.beside import FILLING, SaidFigure, find_said_figures, reserves_something
from csp_workflow.intake.outcomes.holding import offer_orders, pass_on_question
from csp_workflow.intake.outcomes.laying import find_row, lay_form, make_fresh_form
from csp_workflow.intake.outcomes.merging import find_place, lay_out_blank
from csp_workflow.intake.outcomes.one_return import FoundForm, ReturnCase
from csp_workflow.intake.sender import Identity
from csp_workflow.letters.disputes import ABOUT_DISPUTES, dispute_answered, dispute_figure_asked, find_passed
from csp_workflow.mail.words import holds_any, plain_words
from csp_workflow.terms.cells import Cell, CellType, Input
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.personal import find_personal_details, keep_back_lines
from csp_workflow.terms.queries import (
    Dispute,
    call_row,
    list_disputes,
    list_open_queries,
    name_disputed,
    number_findings,
)
from csp_workflow.terms.returns import Entry, FigureRow, Finding, FormDefinition, ReadText, ReturnState, Submission
from csp_workflow.terms.site import Respondent, RespondentKind

_LONGEST = 600
_NUMBER = re.compile(r"(?<![\w.])\d")
_SAYS_NOTHING = frozenset(
    plain_words(
        "yes no not n a na is it s that this the all are both ok okay good fine right correct true confirmed available "
        "applicable known none nil zero nought nothing sorry apologies indeed definitely sure happy with "
        "one two three four five six seven eight nine"
    ).split()
)
"""Words of which an answer is made that says why of no figure: "No", "Yes, that's correct", "n/a", "It is five"."""

_TO_US = re.compile(r"\b(?:i|me|my|mine|you|your|yours|please)\b")
"""Who speaks of themselves, or to us, writes a letter, and no sentence to be printed beside a figure."""

_LEADS_IN = re.compile(
    r"^(?:(?:please note|please be advised|(?:i|we) (?:can )?(?:confirm|think|believe|understand|checked)"
    r"|(?:i|we) have (?:checked|been told)|i am told|as far as (?:i|we) know)(?: and| that)? )+"
)
"""How a letter leads in to what it says of a figure."""

_POINTS = re.compile(
    r"\bsee\b(?! (?:more|fewer|less)\b)|\bas (?:above|below|before|per|attached)\b|\b(?:attached|enclosed|ditto)\b"
    r"|^(?:the )?same\b"
)
"""What points to words that stand elsewhere."""

_OPEN = {ReturnState.QUERIED, ReturnState.COMPLETE}


def find_explained(case: MessageCase, mine: Sequence[Respondent], quarter: Quarter | None) -> ReturnCase | None:
    """The return with an answer in words laid over it; None for other words.

    Words beside a file, a question back, a reservation, or what may name somebody are for a person to read. So is what
    comes to a return that is approved, or after the close: it changes what others have seen.
    """
    said = " ".join(case.message.matter)
    cycles = ((r, case.facts.cycle(quarter) or case.facts.current(r.key)) for r in mine)
    asked = [(r, c) for r, c in cycles if c and r.key in c.latest and c.stands(r.key).state in _OPEN]
    is_plain = 0 < len(said) <= _LONGEST and "?" not in said and not case.message.attachments
    if len(asked) != 1 or not is_plain or reserves_something(case) or find_personal_details(said):
        return None
    (respondent, cycle), *_ = asked
    latest, form = cycle.latest[respondent.key], cycle.requests[respondent.key][-1].form
    asked_now, answers_us = list_open_queries(latest, cycle.events), _answers_about(case, latest)
    if case.now >= cycle.close_time(respondent):
        return None
    if figures := find_said_figures(case.message.matter, form):
        is_all = answers_us and len(figures) == len(case.message.matter)
        answers = _bind_figures(figures.values(), latest, form, asked_now) if is_all else {}
        return lay_answer(case, cycle, respondent, answers) if answers else None
    answers = _part_answers(case.message.matter, asked_now, form) if answers_us else {}
    if not answers and (only := _find_answered(said, asked_now, form, answers_us=answers_us and not latest.faults)):
        answers = {only: _leave_out_label(said, asked_now[only], form)}
    about = {asked_now[number].key for number in answers}
    explains = not any(_corrects_or_waits(case, words, latest, asked_now[n], form) for n, words in answers.items())
    if not answers or not explains or _says_another(case, latest, form) or _names_other_row(said, about, form):
        return None
    return lay_answer(case, cycle, respondent, answers)


def _part_answers(lines: Sequence[str], open_ones: Mapping[str, Finding], form: FormDefinition) -> dict[str, str]:
    """The answers of lines that each begin with the name of another row that is asked about; {} where any does not.

    Several may stand on one line: "L1: new provider. L2: two services."
    """
    names = {name for finding in open_ones.values() for name in _name_row_asked(finding, form) if name}
    begins = re.compile(rf"(?<=[.,;!])\s+(?=(?:{'|'.join(map(re.escape, names)) or '(?!)'})\s*:)", re.IGNORECASE)
    answers: dict[str, str] = {}
    for line in (part for whole in lines for part in begins.split(whole)):
        label = line.partition(":")[0]
        named = [n for n, finding in open_ones.items() if _is_label(label, finding, form)]
        if len(named) != 1 or named[0] in answers or not line.partition(":")[2].strip():
            return {}
        answers[named[0]] = line.partition(":")[2].strip()
    return answers


def _corrects_or_waits(case: MessageCase, words: str, latest: Submission, asked: Finding, form: FormDefinition) -> bool:
    """Whether words give another figure than the one that is asked about, say that an answer is to come, are an act of
    their own, point elsewhere or say nothing of the figure: they explain nothing."""
    lists, site = case.site.courtesies, case.site
    said, row = _leave_out_name(words, asked, form), find_row(form, asked.key)
    stands = _list_values(latest).get(asked.key)
    plain = _LEADS_IN.sub("", plain_words(said))
    left = " ".join(word for word in plain.split() if word not in _SAYS_NOTHING | FILLING)
    is_other = (row and (read_said_figure(said, row) or read_said_figure(left, row))) or any(
        stands is None or parse_number(number) != stands for number in list_put_in_place(words)
    )
    acts = (*site.approval_phrases, *site.nil_phrases, *site.decline_phrases)
    is_act = plain in map(plain_words, acts) or bool(_TO_US.search(plain))
    is_empty = not left or bool(_POINTS.search(plain))
    is_revised = bool(_NUMBER.search(said)) and holds_any(said, lists.revising)
    return bool(is_other) or is_act or is_empty or is_revised or holds_any(said, lists.postponing)


def _names_other_row(said: str, about: Collection[str], form: FormDefinition) -> bool:
    """Whether words name a row that they do not answer for: by its ref, or by half of the words of its title."""
    mine = {row.ref for row in form.figures if layout.figure_key(row.area.code, row.ref) in about}
    known = {word for row in form.figures if row.ref in mine for word in plain_words(row.title).split()} | FILLING
    words = set(plain_words(said).split())
    for row in form.figures:
        title = set(plain_words(row.title).split()) - FILLING
        is_titled = 2 * len(words & title - known) >= len(title) > 0
        if row.ref not in mine and (is_titled or holds_any(said, [plain_words(name) for name in call_row(row.ref)])):
            return True
    return False


def _list_values(submission: Submission) -> dict[str, Decimal | None]:
    return {layout.figure_key(f.area, f.series): f.value for f in submission.figures}


def _says_another(case: MessageCase, latest: Submission, form: FormDefinition) -> bool:
    """Whether a line gives another figure than the one that stands."""
    stands = _list_values(latest)
    said = find_said_figures(case.message.matter, form, is_alone=False).values()
    named = ((layout.figure_key(one.row.area.code, one.row.ref), one.value) for one in said if one.row)
    return any(stands.get(key) != value for key, value in named)


def _bind_figures(
    figures: Iterable[SaidFigure], latest: Submission, form: FormDefinition, queries: Mapping[str, Finding]
) -> dict[str, str]:
    """What each of some lines answers, by number: a figure that stands is explained, one that was asked for is given.

    All or none: nothing where two lines of one row differ, or one gives another figure than the one that stands, which
    is never taken from words.
    """
    stands = _list_values(latest)
    answers: dict[str, str] = {}
    told: dict[str, str] = {}
    for said in figures:
        key = layout.figure_key(said.row.area.code, said.row.ref) if said.row else ""
        if not key or told.setdefault(key, said.text) != said.text:
            return {}
        is_same = said.value is not None and stands.get(key) == said.value
        asked = queries if is_same else _list_wanted(latest, key, said.row)
        numbers = [n for n, finding in asked.items() if finding.key == key]
        if not (numbers or is_same):
            return {}
        for number in numbers:
            answers[number] = _leave_out_label(said.line, asked[number], form) if is_same else said.text
    return answers


def _list_wanted(latest: Submission, key: str, row: FigureRow | None) -> dict[str, Finding]:
    """The faults of a row whose figure is asked for, where it is one number."""
    faults = {n: f for n, f in number_findings(latest).items() if f.is_fault and f.key == key}
    is_one = row is not None and row.entry is Entry.VALUE and not row.is_counted
    return {n: f for n, f in faults.items() if is_one and (p := find_place(f)) and p[1] is Input.THIS_QUARTER}


def note_said_figures(case: MessageCase, mine: Sequence[Respondent], told: Decision) -> Decision:
    """A question before the co-ordinator, with the figures that it says where each of its lines says one: a form that
    has them settles it."""
    figures = {r.key: _list_said(case, cycle.requests[r.key][-1].form) for r, cycle in _list_current(case, mine)}
    events = (
        replace(e, facts={**e.facts, "figures": figures[e.respondent]})
        if e.kind is Happened.QUESTION_ASKED and figures.get(e.respondent)
        else e
        for e in told.events
    )
    return replace(told, events=tuple(events))


def _list_current(case: MessageCase, mine: Sequence[Respondent]) -> Iterator[tuple[Respondent, CycleFacts]]:
    yield from ((r, cycle) for r in mine if (cycle := case.facts.current(r.key)))


def has_return(case: MessageCase, mine: Sequence[Respondent]) -> bool:
    """Whether a return of theirs has come: figures in words are no part of it, but may be meant to change it."""
    return any(r.key in cycle.latest for r, cycle in _list_current(case, mine))


def _list_said(case: MessageCase, form: FormDefinition) -> str:
    lines = case.message.matter
    said = find_said_figures(lines, form, is_alone=False).values()
    if reserves_something(case) or len(said) < len(lines) or not all(one.row and one.value is not None for one in said):
        return ""
    return "; ".join(f"{layout.figure_key(o.row.area.code, o.row.ref)} = {o.text}" for o in said if o.row)


def settle_said_figures(one: ReturnCase, submission: Submission) -> Iterator[Event]:
    """The questions in words that said figures which a form now has, each without anything left to ask about it."""
    stands = _list_values(submission)
    left = {finding.key for finding in submission.faults}
    waiting = one.cycle.stands(one.respondent.key).open_questions
    for event in one.cycle.events:
        if (
            event.kind is Happened.QUESTION_ASKED
            and event.respondent == one.respondent.key
            and event.subject in waiting
        ):
            said = [part.rpartition(" = ") for part in str(event.facts.get("figures") or "").split("; ")]
            if all(key in stands and key not in left and stands[key] == Decimal(value) for key, _, value in said):
                yield one.event(Happened.QUESTION_ANSWERED, subject=event.subject)


def _answers_about(case: MessageCase, latest: Submission) -> bool:
    """Whether it replies to a letter of ours about the version that stands."""
    letter = case.facts.answered
    return letter is not None and any(one.submission == latest.id for one in letter.about)


def _find_answered(said: str, open_ones: Mapping[str, Finding], form: FormDefinition, *, answers_us: bool) -> str:
    """The number of the one question that words answer: the only one they name, else the only one open; "" for none."""
    named = [number for number, finding in open_ones.items() if _is_named(finding, said, form)]
    if len(named) == 1:
        return named[0]
    is_only = not named and len(open_ones) == 1 and answers_us
    return next(iter(open_ones), "") if is_only else ""


def _is_named(finding: Finding, said: str, form: FormDefinition) -> bool:
    """Whether words name the row of a question: by its ref, with or without the partnership's code, or by its title."""
    return any(holds_any(said, [plain_words(name)]) for name in _name_row_asked(finding, form) if plain_words(name))


def _name_row_asked(finding: Finding, form: FormDefinition) -> tuple[str, ...]:
    """What the row of a question may be called."""
    if row := find_row(form, finding.key):
        return *call_row(row.ref), row.title
    box = next((b for b in form.summary if b.ref == finding.key), None)
    return finding.key, box.heading if box else ""


def _leave_out_name(said: str, finding: Finding, form: FormDefinition) -> str:
    """What words say of a question's row, without its name at their beginning, whatever stands behind that."""
    names = sorted(filter(None, _name_row_asked(finding, form)), key=len, reverse=True)
    begun = rf"^\W*(?:(?:the )?(?:figure|number|total|count)? ?(?:for|of|at|in) )?(?:{'|'.join(map(re.escape, names))})"
    return re.sub(rf"{begun}(?![\w.])\W*", "", said, flags=re.IGNORECASE)


def _leave_out_label(said: str, finding: Finding, form: FormDefinition) -> str:
    """Words without the row's name before them: they are printed where the row is."""
    name, _, words = said.partition(":")
    return words.strip() or said if _is_label(name, finding, form) else said


def _is_label(name: str, finding: Finding, form: FormDefinition) -> bool:
    """Whether what stands before a colon is a name of a question's row."""
    return plain_words(name) in {plain_words(known) for known in _name_row_asked(finding, form) if known}


def lay_answer(case: MessageCase, cycle: CycleFacts, respondent: Respondent, answers: Mapping[str, str]) -> ReturnCase:
    """The return with answers to some questions, by number, laid over it as if they stood on the sheet of questions."""
    request, latest = cycle.requests[respondent.key][-1], cycle.latest[respondent.key]
    cells = {n: Cell(sheet=layout.QUESTIONS, cell="", type=CellType.TEXT, text=said) for n, said in answers.items()}
    questions = tuple(ReadText(ref=number, value=cell) for number, cell in cells.items())
    read = replace(lay_out_blank(request.form), questions=questions)
    origin = Origin(message=case.message.id, attachment="", day=case.day)
    alone = CheckedForm(parts=FormParts(touched=True), seen=SeenForm(read=read))
    return ReturnCase(
        case=case,
        respondent=respondent,
        cycle=cycle,
        request=request,
        found=FoundForm(name="", digest="", read=read, identity=Identity(), authority=None),
        checked=alone,
        settled=lay_form(case, cycle, respondent, request, alone, origin, asked=latest),
    )


# What the analyst answers about a disputed figure -----------------------------------------------------

_SHORTEST = 4
"""Fewer words than this beside a number say no more than the number."""
_WHOLE_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?![\w.]*\d)")
_YEAR = re.compile(r"(?:19|20)\d\d")


def answer_disputed(case: MessageCase, mine: Sequence[Respondent]) -> Decision | None:
    """What becomes of the analyst's answer to our letter about disputes; None for all other words."""
    letter, analyst = case.facts.answered, next((r for r in mine if r.kind is RespondentKind.ANALYST), None)
    cycle = case.facts.cycle(letter.quarter) if letter and letter.kind in ABOUT_DISPUTES else None
    said = " ".join(case.message.matter)
    if analyst is None or cycle is None or not said or case.message.attachments:
        return None
    if _names_figure(case, said):
        return _ask_for_figure(case, cycle, analyst, said)
    bound = _bind(case, list_open_disputes(cycle))
    is_plain = len(said) <= _LONGEST and "?" not in said and not find_personal_details(said)
    if not (bound and is_plain) or reserves_something(case) or holds_any(said, case.site.courtesies.postponing):
        return offer_orders(pass_on_question(case, (analyst,), cycle.quarter), tuple(_list_orders(case, cycle)))
    told = case.conclude(Verdict.COMMAND, "It says why a disputed figure stands.", respondents=(analyst,))
    return Decision(
        judgement=told.judgement,
        events=tuple(e for dispute, words in bound for e in take_answer_to_dispute(case, cycle, dispute, words).events),
        letters=tuple(x for one, words in bound for x in take_answer_to_dispute(case, cycle, one, words).letters),
    )


def _list_orders(case: MessageCase, cycle: CycleFacts) -> Iterator[tuple[str, str]]:
    """The orders that say which dispute the words answer, each with what is disputed."""
    for one in list_open_disputes(cycle):
        said = f"{one.number} ({name_disputed(case.site, one)}): {keep_back_lines(one.reason)}"
        yield f"ANSWERS {case.site.respondent(one.respondent).code} {one.number}", said


def list_open_disputes(cycle: CycleFacts) -> tuple[Dispute, ...]:
    """What the force was sent and has not answered."""
    passed = find_passed(cycle.letters)
    return tuple(
        dispute
        for versions in cycle.versions.values()
        for dispute in list_disputes(versions, cycle.events, passed)
        if dispute.is_open
    )


def take_answer_to_dispute(case: MessageCase, cycle: CycleFacts, dispute: Dispute, words: str) -> Decision:
    """The force's words kept beside the figure, and told to whoever disputed it."""
    respondent, service = case.site.respondent(dispute.respondent), case.facts.service
    row = name_disputed(case.site, dispute), keep_back_lines(dispute.reason), words
    cause = f"{case.message.id} {dispute.respondent} {dispute.number}"
    return Decision(
        events=(
            case.event(
                Happened.DISPUTE_ANSWERED, quarter=cycle.quarter, respondent=respondent.key, area=dispute.area,
                ref=dispute.ref, words=words,
            ),
        ),
        letters=tuple(
            dispute_answered(to, respondent, cycle.quarter, (row,), cause=cause, at=case.now)
            for to in service.written_to(respondent, case.day)
        ),
    )  # fmt: skip


# To which dispute words belong ----------------------------------------------------------------------


def _bind(case: MessageCase, disputes: Sequence[Dispute]) -> tuple[tuple[Dispute, str], ...]:
    """All words to the one dispute that they are about, else each line to the one that it names; else nothing."""
    lines = case.message.matter
    whole = _find_meant(case, disputes, " ".join(lines))
    if len(whole) == 1:
        return ((whole[0], " ".join(" ".join(lines).split())),)
    each = [_find_meant(case, disputes, line) for line in lines]
    meant = [one[0] for one in each if len(one) == 1]
    is_plain = len(meant) == len(lines) == len({(d.respondent, d.number) for d in meant})
    return tuple(zip(meant, (" ".join(line.split()) for line in lines), strict=True)) if is_plain else ()


def _find_meant(case: MessageCase, disputes: Sequence[Dispute], said: str) -> list[Dispute]:
    """The disputes that words may be about: by their figure, by who disputes it, or all where they name neither."""
    words = f" {plain_words(said)} "
    by_figure = [d for d in disputes if _is_any_named(words, _names_of_figure(case, d))]
    by_place = [d for d in disputes if _is_any_named(words, _names_of_place(case, d))]
    if by_figure and by_place:
        return [d for d in by_figure if d in by_place]
    return by_figure or by_place or list(disputes)


def _is_any_named(words: str, names: Iterator[str]) -> bool:
    return any(f" {plain_words(name)} " in words for name in names if plain_words(name))


def _names_of_figure(case: MessageCase, dispute: Dispute) -> Iterator[str]:
    yield dispute.ref
    yield from (s.title for f in case.site.frameworks for s in f.series() if s.ref == dispute.ref)


def _names_of_place(case: MessageCase, dispute: Dispute) -> Iterator[str]:
    respondent = case.site.respondent(dispute.respondent)
    yield from (respondent.name, respondent.code)
    yield from (area.name for area in respondent.areas if area.code == dispute.area)


# A figure in words ------------------------------------------------------------------------------------


def _names_figure(case: MessageCase, said: str) -> bool:
    """Whether words say that a figure is to be another, or are hardly more than a number."""
    numbers = [n for n in _WHOLE_NUMBER.findall(said) if not _YEAR.fullmatch(n)]
    words = [word for word in plain_words(said).split() if word.isalpha()]
    return bool(numbers) and (len(words) < _SHORTEST or holds_any(said, case.site.courtesies.revising))


def _ask_for_figure(case: MessageCase, cycle: CycleFacts, analyst: Respondent, said: str) -> Decision:
    """Ask for the extract with the figure in it; the form that goes with the letter holds what stands."""
    requests, versions = cycle.requests.get(analyst.key, ()), cycle.versions.get(analyst.key, ())
    form = requests[-1].form if requests else None
    made = None
    if form and versions:
        revision = max(request.form.reference.revision for request in requests) + 1
        made = make_fresh_form(form, versions, revision=revision, key=case.facts.key, now=case.now)
    words = keep_back_lines(said, ours=case.site.office.particulars)
    letters = [
        dispute_figure_asked(
            to, analyst, cycle.quarter, message=case.message.id, words=words, form=made[1] if made else None
        )
        for to in case.correspondents(analyst)
    ]
    reason = "It names another figure in words; its sender was asked for the extract with it."
    told = case.conclude(Verdict.NO_WORKBOOK, reason, respondents=(analyst,), letters=letters)
    return Decision(judgement=told.judgement, letters=told.letters, requests=(made[0],) if made else ())
