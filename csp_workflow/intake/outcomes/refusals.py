"""Outcomes that take nothing: what waits for a person, and files and forms that cannot be taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from csp_workflow.forms import writing
from csp_workflow.intake.facts import CycleFacts, IntakeFacts, close_of, due_of
from csp_workflow.intake.outcomes import colleagues
from csp_workflow.intake.outcomes.outcome import about, judged, still_due, waits_for_a_person
from csp_workflow.intake.sender.authenticate import Authority, Standing, address_of
from csp_workflow.intake.sender.correspondents import correspondents
from csp_workflow.letters import answers
from csp_workflow.letters.answers import UnreadFile
from csp_workflow.letters.phrases import joined
from csp_workflow.terms.decisions import Decision
from csp_workflow.terms.events import Happened
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Attachment, IncomingMessage, Verdict
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Respondent, Role
from csp_workflow.terms.working_days import london_day

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TWO_VERSIONS = "two versions"
"""Why a message is held that only its sender can settle, by sending one form."""

_TELLS_LEAD = {Standing.ELSEWHERE, Standing.COLLEAGUE, Standing.STRANGER}
_HOSTILE = {"hostile"}


def held(
    message: IncomingMessage,
    facts: IntakeFacts,
    now: datetime,
    *,
    respondents: Sequence[Respondent],
    quarter: Quarter | None,
    reason: str,
    authority: Authority | None = None,
) -> Decision:
    """Keep a message for the co-ordinator. Its sender gets no answer; a registered lead learns that something came.

    When a colleague of theirs wrote it, the lead is asked whether it counts.
    """
    events = waits_for_a_person(Happened.MESSAGE_HELD, message, facts, now, respondents=respondents, quarter=quarter)
    tells = authority is not None and authority.standing in _TELLS_LEAD and len(respondents) == 1
    # Only what waits in a cycle can be taken on a lead's word.
    may_ask = tells and authority is not None and authority.standing is Standing.COLLEAGUE and events[0].quarter
    asked = colleagues.asked(message, facts, respondents[0], events[0].quarter) if may_ask else ()
    if asked:
        said = f"{reason} We asked {joined(x.recipient_name for x in asked)} whether it counts."
        return judged(message, Verdict.HELD, said, respondents=respondents, events=events, letters=asked)
    letters = _something_arrived(message, facts, respondents[0], quarter) if tells else ()
    return judged(message, Verdict.HELD, reason, respondents=respondents, events=events, letters=letters)


def unreadable(
    message: IncomingMessage,
    facts: IntakeFacts,
    respondents: Sequence[Respondent],
    quarter: Quarter | None,
    files: Sequence[UnreadFile],
    reasons: Sequence[str],
) -> Decision:
    """Answer files that are no form we can read. A hostile one is put aside as well."""
    to = correspondents(respondents[0], address_of(message), london_day(message.received))
    due = still_due(facts, respondents, quarter)
    letters = tuple(
        answers.unreadable_file(c, about(message, quarter, respondents, c.address), files=files, due=due) for c in to
    )
    is_hostile = bool(_HOSTILE & set(reasons))
    verdict = Verdict.QUARANTINED if is_hostile else Verdict.UNREADABLE
    what = "built in an unsafe way" if is_hostile else "not a form we can read"
    reason = f"What was attached is {what} ({', '.join(dict.fromkeys(reasons))}); its sender was told what to send."
    return judged(message, verdict, reason, respondents=respondents, letters=letters)


def no_workbook(
    message: IncomingMessage,
    facts: IntakeFacts,
    respondents: Sequence[Respondent],
    quarter: Quarter | None,
    *,
    has_link: bool,
    has_table: bool = False,
) -> Decision:
    """Answer a message that speaks of a form but brings none."""
    to = correspondents(respondents[0], address_of(message), london_day(message.received))
    due = still_due(facts, respondents, quarter)
    letters = tuple(
        answers.no_workbook(
            c, about(message, quarter, respondents, c.address), has_link=has_link, has_table=has_table, due=due
        )
        for c in to
    )
    what = "a link in place of a form" if has_link else "figures in its words" if has_table else "no form"
    return judged(
        message, Verdict.NO_WORKBOOK, f"It brought {what}; its sender was asked for it.", respondents=respondents,
        letters=letters,
    )  # fmt: skip


def wrong_quarter(
    message: IncomingMessage, facts: IntakeFacts, now: datetime, respondent: Respondent, sent_for: Quarter
) -> tuple[str, tuple[Letter, ...]]:
    """A form of another quarter: kept out of both. The reason, and the letter with the current form."""
    current = facts.current(respondent.key)
    form, due = (None, None) if current is None else _current_form(facts, current, respondent, now)
    quarter = current.quarter if current else sent_for
    letters = tuple(
        answers.wrong_quarter(
            c, about(message, quarter, (respondent,), c.address), sent_for=sent_for, due=due, form=form
        )
        for c in correspondents(respondent, address_of(message), london_day(message.received))
    )
    return f"It is {respondent.name}'s form for {sent_for.label}, which is not the one asked for now.", letters


def _current_form(
    facts: IntakeFacts, cycle: CycleFacts, respondent: Respondent, now: datetime
) -> tuple[Attachment, datetime]:
    """The form last sent to a respondent, written anew, and when it is due (the close once that is past)."""
    form = cycle.requests[respondent.key][-1].form
    due = due_of(facts, cycle, respondent)
    book = Attachment(name=writing.file_name(form), data=writing.write(form, created=now), content_type=XLSX)
    return book, due if due >= now else close_of(facts, cycle, respondent)


def _something_arrived(
    message: IncomingMessage, facts: IntakeFacts, respondent: Respondent, quarter: Quarter | None
) -> tuple[Letter, ...]:
    day = london_day(message.received)
    leads = respondent.people(Role.LEAD, day) or respondent.people(Role.CHAIR, day)
    cycle = facts.cycle(quarter) or facts.current(respondent.key)
    known = about(message, cycle.quarter if cycle else None, (respondent,))
    return tuple(answers.something_arrived(lead, known, day=day) for lead in leads)
