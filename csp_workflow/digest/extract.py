"""What the morning letter says of the force's extract: its request waits, it is late, or it came after the forms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from csp_workflow.digest.facts import Round, say_by_phone
from csp_workflow.letters.morning import Item, Need
from csp_workflow.terms.dates import CycleState, london_day
from csp_workflow.terms.phrases import day, joined, moment, plural
from csp_workflow.terms.returns import ReturnState, Revision
from csp_workflow.terms.site import Respondent, RespondentKind, Role
from csp_workflow.terms.status import ReturnStatus

_NOTHING: tuple[str, tuple[str, ...]] = ("", ())
_NAMED = 3


def say_extract_proof(cycle: Round, of: Respondent, status: ReturnStatus, now: datetime) -> tuple[str, tuple[str, ...]]:
    """The request for the force's extract, while its proof waits for SEND and there is time."""
    due = cycle.due_time(of)
    if not _is_awaited(cycle, of) or not status.is_unasked or now >= due:
        return _NOTHING
    late_from = day(cycle.site.working_days.plus(london_day(due), 1))
    waits = f"The proof of the request for the extract to {of.name} waits for you"
    return f"{waits}. The extract is due at {moment(due)}, and late from {late_from}.", (f"SEND {of.code}",)


def say_extract(cycle: Round, of: Respondent, status: ReturnStatus, now: datetime) -> tuple[str, tuple[str, ...]]:
    """The force's extract that has not come by its day; and what may be done now."""
    due = cycle.due_time(of)
    if not _is_awaited(cycle, of) or london_day(now) < london_day(due):
        return _NOTHING
    later = f"EXTEND {of.code} TO day BECAUSE reason", f"DECLINE {of.code} BECAUSE reason"
    if status.is_unasked and now >= due:
        past = f"{of.name} was not asked for the extract, which was to be due at {moment(due)}."
        return f"{past} {_say_without(cycle)} A later day makes a new proof of its request.", later
    if status.state is not ReturnState.REQUESTED:
        return _NOTHING
    asked = f", asked on {day(status.requested)}," if status.requested else ""
    late = cycle.days_from_due(of, london_day(now))
    stands = f"is {plural(late, 'working day')} late" if late > 0 else f"is due at {moment(due)} and has not come yet"
    people = of.people(Role.LEAD, london_day(now))
    call = f" Please phone {say_by_phone(people)}." if status.wants_call(london_day(now)) else ""
    send = ("SEND",) if cycle.status.state is CycleState.IN_PROOF else ()
    return f"The extract of {of.name}{asked} {stands}. {_say_without(cycle)}{call}", (*send, *later)


def _is_awaited(cycle: Round, of: Respondent) -> bool:
    return of.kind is RespondentKind.ANALYST and cycle.waits_for(of) and not cycle.is_settled


def _say_without(cycle: Round) -> str:
    """What it means that the extract has not come."""
    if cycle.status.state is CycleState.OPEN:
        return "The forms went out without its figures; when it comes, you are told what it changes."
    return "You may wait, or let the forms go without it: its figures then read \u201cnot yet supplied\u201d."


def list_overtaken(cycle: Round) -> Iterator[Need]:
    """The forms that do not show any more what stands, until they go anew or are left as they are.

    Put off by the code of the first whom it concerns.
    """
    found = [(r, stands.overtaken) for r, stands in cycle.owed_returns() if stands.asks_reissue and stands.overtaken]
    if not found or cycle.is_settled:
        return
    since, names = max(revision.at for _, revision in found), [r.name for r, _ in found]
    more = [plural(len(names) - _NAMED, "other")] if len(names) > _NAMED else []
    yield Need(
        title="Forms that show old figures",
        sentence=f"Since the forms went, {say_counted([revision for _, revision in found])} (last at {moment(since)}), "
        f"for {joined([*names[:_NAMED], *more])}. The forms may go out anew, with what was typed; or stay as they are.",
        words=("REISSUE", "REISSUE NOBODY"),
        item=Item(about=found[0][0].key, what="forms overtaken", called="the forms that changed"),
    )


def say_counted(revisions: list[Revision]) -> str:
    """What changed on forms, counted: "12 police figures were revised and 3 police figures came ..."."""
    parts = (
        (sum(r.figures for r in revisions), "police figure", "revised"),
        (sum(r.came for r in revisions), "missing police figure", "supplied"),
        (sum(r.wordings for r in revisions), "wording", "put right"),
    )
    counted = (f"{plural(n, what)} {'was' if n == 1 else 'were'} {done}" for n, what, done in parts if n)
    return joined(counted) or "everything stands again as the forms show it"
