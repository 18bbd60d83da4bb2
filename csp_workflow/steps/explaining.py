"""The co-ordinator says which of our questions somebody's words answer: they are laid over the return as such."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from csp_workflow.desk.commands import OrderFacts, StepOrder
from csp_workflow.intake.decide import attribute_words, open_case
from csp_workflow.intake.outcomes.explaining import lay_answer, list_open_disputes, take_answer_to_dispute
from csp_workflow.intake.outcomes.returns import take_answer
from csp_workflow.letters.disputes import find_passed, pass_disputes
from csp_workflow.steps import judge
from csp_workflow.steps.commit import keep_workbooks
from csp_workflow.steps.outside import Outside, gather_facts
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import NOTHING, Decision, PreconditionFailed, together
from csp_workflow.terms.queries import Dispute, list_disputes, list_open_queries
from csp_workflow.terms.returns import Finding


def bind_words(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    """The version that the words make, told to whoever wrote them; the message keeps its verdict."""
    row = outside.store.message(wanted.message)
    if row is None:
        return NOTHING
    message = judge.open_message(outside, row).message
    known = gather_facts(outside, message, now, opened=())
    case = open_case(attribute_words(message, known), known, now)
    lines = case.message.matter or tuple(line for one in case.message.enclosed for line in one.matter)
    said, cycle = " ".join(" ".join(lines).split()), case.facts.cycle(wanted.quarter)
    if not said:
        raise PreconditionFailed("That message has no words of its own, so nothing in it answers a question.")
    if cycle is None or wanted.respondent not in cycle.latest:
        raise PreconditionFailed("That message is not about a return of this quarter.")
    if all(number.startswith("D") for number in wanted.questions):
        open_ones = [d for d in list_open_disputes(cycle) if d.respondent == wanted.respondent]
        bound = [take_answer_to_dispute(case, cycle, d, said) for d in open_ones if d.number in wanted.questions]
        return together(*bound)
    respondent = facts.site.respondent(wanted.respondent)
    taken = take_answer(lay_answer(case, cycle, respondent, dict.fromkeys(wanted.questions, said)))
    # The message itself was answered already, and may be the cause of a receipt of its own.
    letters = tuple(replace(x, cause=f"{x.cause} {' '.join(wanted.questions)}") for x in taken.letters)
    return keep_workbooks(outside, replace(taken, letters=letters))


def list_questions(outside: Outside, quarter: Quarter) -> dict[str, dict[str, Finding | Dispute]]:
    """The open questions about each return of a quarter, and the police figures that it disputes, by their numbers."""
    store, events = outside.store, outside.store.events(quarter)
    passed = find_passed(store.letters(kind=pass_disputes.kind.name, quarter=quarter))
    found: dict[str, dict[str, Finding | Dispute]] = {}
    for key, latest in store.latest_submissions(quarter).items():
        versions = store.submissions(quarter, key) if latest.disputes else ()
        disputed = {d.number: d for d in list_disputes(versions, events, passed) if d.is_open}
        found[key] = {**list_open_queries(latest, events), **disputed}
    return found
