"""What the force's analyst answers about a disputed figure: why it stands, or that it is to be another.

A reason that plainly is about one dispute goes to whoever disputed it. Another figure is never taken from words: it is
asked for in the extract, which revises every form and paper. All else goes before the co-ordinator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.intake.outcomes.beside import reserves_something
from csp_workflow.intake.outcomes.fresh_form import make_fresh_form
from csp_workflow.intake.outcomes.holding import offer_orders, pass_on_question
from csp_workflow.letters.disputes import ABOUT_DISPUTES, dispute_answered, dispute_figure_asked, find_passed
from csp_workflow.mail.bodies import plain_words
from csp_workflow.mail.words import holds_any
from csp_workflow.terms.disputes import Dispute, list_disputes, name_disputed
from csp_workflow.terms.events import Decision, Happened
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.personal import find_personal_details, keep_back_lines
from csp_workflow.terms.site import Respondent, RespondentKind

_LONGEST = 600
_SHORTEST = 4
"""Fewer words than this beside a number say no more than the number."""
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?![\w.]*\d)")
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
    by_figure = [d for d in disputes if _is_named(words, _names_of_figure(case, d))]
    by_place = [d for d in disputes if _is_named(words, _names_of_place(case, d))]
    if by_figure and by_place:
        return [d for d in by_figure if d in by_place]
    return by_figure or by_place or list(disputes)


def _is_named(words: str, names: Iterator[str]) -> bool:
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
    numbers = [n for n in _NUMBER.findall(said) if not _YEAR.fullmatch(n)]
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
