"""Whether a timed letter that is queued still has its cause: post asks before each hand-over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from csp_workflow.chase import facts as known
from csp_workflow.chase import ladder, queries, quiet
from csp_workflow.chase.facts import ChaseFacts
from csp_workflow.letters.catalogue import kind_of, rules_by_ground
from csp_workflow.letters.chases import reminder_due_today
from csp_workflow.letters.kinds import Audience, Ground
from csp_workflow.letters.standing_in import lost
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.letters import About, QueuedLetter
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Respondent, Role


def gone(letter: QueuedLetter, facts: ChaseFacts, now: datetime) -> str:
    """Why a letter of the chase must be withdrawn, or "" when it may leave.

    What stands on other grounds is not judged here. A rule that withdraws a letter never loses it: what
    is still due is written afresh, with today's count of days.
    """
    judge = _JUDGES[kind_of(letter.kind).ground]
    reasons = (judge(letter, facts, respondent, now) for respondent in _its_respondents(letter, facts))
    return next(filter(None, reasons), "") or _stale(letter, now)


def _its_respondents(letter: QueuedLetter, facts: ChaseFacts) -> tuple[Respondent, ...]:
    return tuple(r for r, _ in known.owing(facts) if r.key in letter.respondents)


def _stale(letter: QueuedLetter, now: datetime) -> str:
    return quiet.written_for_another_day(letter.queued, now) if kind_of(letter.kind).is_dated else ""


def _reminder_gone(letter: QueuedLetter, facts: ChaseFacts, respondent: Respondent, now: datetime) -> str:
    reason = quiet.not_chased(facts, respondent)
    if reason:
        return reason
    if not {ladder.about(facts, respondent, rung) for rung in facts.site.ladder} & set(letter.about):
        return "The due date has been moved since."
    late = known.due_of(facts, respondent) <= now
    if late and letter.kind == reminder_due_today.kind.name:
        return "The due time has passed since."
    return _recipient_gone(letter, facts, respondent, now)


def _recipient_gone(letter: QueuedLetter, facts: ChaseFacts, respondent: Respondent, now: datetime) -> str:
    """Whether a letter's recipient may still have it: what is due is written afresh to whoever gets the letters now.

    A chair's letter goes to a chair only: one who left office last night is not written to this morning.
    """
    today = london_day(now)
    unreached = lost(letter.recipient, facts.service)
    if unreached:
        return unreached
    if kind_of(letter.kind).audience is not Audience.CHAIR:
        return "" if respondent.is_registered(letter.recipient, today) else "The recipient is no longer a contact."
    in_office = any(known.same(c.address, letter.recipient) for c in respondent.people(Role.CHAIR, today))
    return "" if in_office else "The recipient is no longer the chair."


def _approval_gone(letter: QueuedLetter, facts: ChaseFacts, respondent: Respondent, now: datetime) -> str:
    status = facts.status.returns[respondent.key]
    if status.state is not ReturnState.COMPLETE:
        return f"The return is {status.state} now."
    if not any(one.submission == status.submission for one in letter.about):
        return "A later submission has come since."
    is_reminder = any(one.reminder for one in letter.about)
    is_held = quiet.respondent_is_paused if is_reminder else quiet.respondent_is_held
    return is_held(facts, respondent) or _recipient_gone(letter, facts, respondent, now)


def _queries_gone(letter: QueuedLetter, facts: ChaseFacts, respondent: Respondent, now: datetime) -> str:
    reason = queries.not_reminded(facts, respondent)
    if reason:
        return reason
    status = facts.status.returns[respondent.key]
    if not any(one.submission == status.submission for one in letter.about):
        return "A later submission has come since."
    return _recipient_gone(letter, facts, respondent, now)


def _extension_gone(letter: QueuedLetter, facts: ChaseFacts, respondent: Respondent, now: datetime) -> str:
    status = facts.status.returns[respondent.key]
    if status.state.is_in:
        return f"The return is {status.state} now."
    if status.due is None or About(respondent=respondent.key, due=status.due) not in letter.about:
        return "The due date has been moved since."
    return _recipient_gone(letter, facts, respondent, now)


def _not_judged(_: QueuedLetter, __: ChaseFacts, ___: Respondent, ____: datetime) -> str:
    return ""


_Judge = Callable[[QueuedLetter, ChaseFacts, Respondent, datetime], str]
_JUDGES: Mapping[Ground, _Judge] = rules_by_ground(
    {
        Ground.NONE: _not_judged,
        Ground.REQUEST: _not_judged,
        Ground.RETURN_MISSING: _reminder_gone,
        Ground.EXTENSION: _extension_gone,
        Ground.FAULTS_OPEN: _queries_gone,
        Ground.APPROVAL_MISSING: _approval_gone,
        Ground.ADDRESS_LOST: _not_judged,
        Ground.PROOF: _not_judged,
        Ground.STATE_OF_THINGS: _not_judged,
    }
)
