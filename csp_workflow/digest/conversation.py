"""What the morning letter says of questions about returns: words that may answer one, and what was asked in vain."""

from __future__ import annotations

from datetime import date, datetime

from csp_workflow.digest.facts import DigestFacts, Round
from csp_workflow.letters.disputes import find_passed
from csp_workflow.letters.office import WaitingMessage
from csp_workflow.mail.words import plain_words
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.personal import keep_back_lines
from csp_workflow.terms.phrases import plural
from csp_workflow.terms.queries import (
    ASKED,
    count_askings,
    list_disputes,
    list_open_queries,
    name_disputed,
    say_queries,
)
from csp_workflow.terms.returns import Finding
from csp_workflow.terms.site import Respondent, RespondentKind
from csp_workflow.terms.status import ReturnStatus

_OFFERED = 4


def offer_questions(facts: DigestFacts, message: WaitingMessage) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which open questions of ours somebody's words may answer, each as asked, and the orders that say so."""
    said: list[str] = []
    words: list[str] = []
    is_no = plain_words(message.words) in map(plain_words, facts.site.no_phrases)
    for cycle in facts.shown if not is_no else ():
        for of, _ in cycle.owed_returns():
            if of.key in message.respondents and (queries := _list_queries(cycle, of)):
                is_alone = sum(of.key in one.respondents and not one.is_held for one in facts.waiting) == 1
                name = of.code if is_alone else f"{message.short} {of.code}"
                offered = dict(list(queries.items())[:_OFFERED])
                whose = f"{of.code} " if len(message.respondents) > 1 else ""
                said += [f"{whose}{one}" for one in say_queries(offered)]
                words += [f"ANSWERS {name} {number}" for number in offered]
    disputed, orders = _offer_disputes(facts, message)
    return (*said, *disputed), (*words, *orders)


def _list_queries(cycle: Round, of: Respondent) -> dict[str, Finding]:
    latest = cycle.latest_submission(of)
    return list_open_queries(latest, cycle.events) if latest else {}


def say_asked_in_vain(cycle: Round, of: Respondent, status: ReturnStatus, now: datetime) -> tuple[str, tuple[str, ...]]:
    """The questions that were asked of a partnership as often as they are, and had no answer: what she may do."""
    versions = cycle.submissions.get(of.key, ())
    asked = {
        number: query
        for number, query in _list_queries(cycle, of).items()
        if (times := count_askings(versions, query)) > ASKED or (times == ASKED and _is_overdue(cycle, status, now))
    }
    if not asked:
        return "", ()
    them = "it" if len(asked) == 1 else "them"
    quoted = " ".join(say_queries(asked))
    sentence = f"{of.name} was asked {plural(len(asked), 'question')} twice, has not answered, and is not asked again."
    keeps = f"ACCEPT takes what stands there as it is; RETURN asks about {them} in your words."
    accept = f"ACCEPT {of.code} {' '.join(asked)}"
    back = () if status.returned else (f"RETURN {of.code} BECAUSE reason",)
    return f"{sentence} {quoted} {keeps if back else ''}".strip(), (accept, *back)


def _is_overdue(cycle: Round, status: ReturnStatus, now: datetime) -> bool:
    """Whether as long has passed since they were asked last as before a reminder."""
    since = london_day(status.counted or now)
    return cycle.site.working_days.between(since, london_day(now)) >= cycle.site.limits.query_reminder_days


def say_disputed(cycle: Round, of: Respondent, _: ReturnStatus, now: datetime) -> tuple[str, tuple[str, ...]]:
    """The police figures that a partnership disputes and the force, reminded once, has not answered; with their age."""
    versions, today = cycle.submissions.get(of.key, ()), london_day(now)
    waits = [d for d in list_disputes(versions, cycle.events, find_passed(cycle.letters)) if d.is_open]
    late = [d for d in waits if _count_days(cycle, d.passed, today) >= cycle.site.limits.query_reminder_days]
    if not late:
        return "", ()
    said = (f"{d.number} ({name_disputed(cycle.site, d)}): {keep_back_lines(d.reason)}" for d in late)
    ages = sorted({_count_days(cycle, d.passed, today) for d in late})
    had = f"{ages[0]} to {ages[-1]} working days" if len(ages) > 1 else plural(ages[0], "working day")
    them = "it" if len(late) == 1 else "them"
    sentence = (
        f"{of.name} disputes {plural(len(late), 'police figure')}, and the force, which has had {them} for {had}, "
        "has not answered."
    )
    return f"{sentence} {' '.join(said)} ACCEPT takes the force's figure as it stands.", tuple(
        f"ACCEPT {of.code} {d.number}" for d in late
    )


def _offer_disputes(facts: DigestFacts, message: WaitingMessage) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which disputes of partnerships the words of the force's analyst may answer, and the orders that say so."""
    analysts = {r.key for r in facts.site.respondents if r.kind is RespondentKind.ANALYST}
    if not analysts & {*message.respondents}:
        return (), ()
    open_ones = [
        (cycle, of, dispute)
        for cycle in facts.shown
        for of, _ in cycle.owed_returns()
        for dispute in list_disputes(cycle.submissions.get(of.key, ()), cycle.events, find_passed(cycle.letters))
        if dispute.is_open
    ][:_OFFERED]
    named = ((of.code, name_disputed(cycle.site, one), one) for cycle, of, one in open_ones)
    said = tuple(f"{code} {one.number} ({name}): {keep_back_lines(one.reason)}" for code, name, one in named)
    return said, tuple(f"ANSWERS {of.code} {d.number}" for _, of, d in open_ones)


def _count_days(cycle: Round, since: datetime | None, today: date) -> int:
    return cycle.site.working_days.between(london_day(since), today) if since else 0
