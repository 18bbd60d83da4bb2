"""Forms that do not show any more what stands: the extract came or was revised after they went, or a wording was
corrected. The co-ordinator is told what changed and by how much; REISSUE sends the forms anew, with what was typed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from csp_workflow.forms.writing import attach_workbook
from csp_workflow.letters.disputes import dispute_answered
from csp_workflow.letters.requests import Reissued, form_reissued, forms_overtaken
from csp_workflow.request import proof
from csp_workflow.request.opening import REQUESTS
from csp_workflow.request.proof import OpeningFacts
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleState, london_day
from csp_workflow.terms.events import Decision, Event, Happened, Request, note_issue, together
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.personal import keep_back_lines
from csp_workflow.terms.phrases import say_figure
from csp_workflow.terms.queries import Dispute, name_disputed
from csp_workflow.terms.returns import FormDefinition, ReturnState, RowChange, list_changes
from csp_workflow.terms.site import Contact, Respondent

LOOKED_AT = {CycleState.OPEN, CycleState.CLOSED}
"""While forms are out."""

_MAY_OVERTAKE = {Happened.FIGURES_IMPORTED, Happened.CONFIG_TAKEN, Happened.SETUP_APPLIED}


@dataclass(frozen=True, kw_only=True)
class Fresh:
    """A respondent's form as it would be sent now, and what in it is otherwise than on the form it has."""

    respondent: Respondent
    form: FormDefinition
    changes: tuple[RowChange, ...]


def count_overtaking(analysts: Collection[str], events: Iterable[Event]) -> int:
    """How many things happened that forms which are out may not show; `events` are the cycle's and the service's."""
    return sum(e.kind in _MAY_OVERTAKE or (e.kind is Happened.RECEIVED and e.respondent in analysts) for e in events)


def list_fresh(facts: OpeningFacts, sent: Mapping[str, Sequence[FormDefinition]], now: datetime) -> tuple[Fresh, ...]:
    """The forms as they would be sent now to all (but the analyst) who were sent one, each with what changed.

    `sent` has the issues to compare with, the latest last: the first in which anything was otherwise counts.
    """
    among = [r.key for r in facts.site.respondents if r.kind in REQUESTS.kinds and r.key in sent]
    if facts.dates is None:
        return ()
    return tuple(
        Fresh(respondent=respondent, form=form, changes=next(filter(None, changes), ()))
        for respondent, form in proof.define_forms(facts, facts.dates, now, among=among)
        for changes in [(list_changes(issue, form) for issue in reversed(sent[respondent.key]))]
    )


def decide_overtaken(
    facts: OpeningFacts,
    sent: Mapping[str, FormDefinition],
    now: datetime,
    *,
    kept: Collection[str] = (),
    disputed: Mapping[str, Sequence[tuple[Dispute, Figure | None]]] | None = None,
) -> Decision:
    """What changed on which form is noted once, and told to whoever is in charge in one letter.

    A form that is `kept`, since its letter has not left, is written anew by itself: of that she need not hear.
    `disputed` are the force's figures that each respondent disputes, as they stood then: who disputes one is told what
    came in its place.
    """
    last = {key: (form,) for key, form in sent.items() if key in facts.status.returns}
    fresh = list_fresh(facts, last, now)
    revised = together(*(_tell_revised(one, facts, now, (disputed or {}).get(one.respondent.key, ())) for one in fresh))
    noted = tuple(event for one in fresh for event in _note_change(one, facts, now))
    told = [one for one in fresh if one.changes and one.respondent.key not in kept]
    if not noted or not told or facts.dates is None:
        return together(Decision(events=noted), revised)
    cycle = CycleView(site=facts.site, dates=facts.dates, status=facts.status)
    rows = tuple((one.respondent, change) for one in told for change in one.changes)
    cause = f"{facts.quarter.key} {now.isoformat()}"
    states = [facts.status.returns[one.respondent.key].state for one in told]
    letters = tuple(
        forms_overtaken(
            to,
            facts.quarter,
            rows,
            cause=cause,
            returned=sum(state.is_made for state in states),
            waiting=states.count(ReturnState.REQUESTED),
            gone=cycle.settled_boards,
        )
        for to in facts.site.office.in_charge(london_day(now))
    )
    return together(Decision(events=noted, letters=letters), revised)


def _tell_revised(
    one: Fresh, facts: OpeningFacts, now: datetime, disputed: Sequence[tuple[Dispute, Figure | None]]
) -> Decision:
    """What a respondent disputed and the force has given anew: it is answered, and told in one letter."""
    given = {(row.area.code, row.ref): row.given for row in one.form.figures}
    revised = [
        (dispute, f"The force has revised it: {say_figure(was)}, now {say_figure(given.get(place))}.")
        for dispute, was in disputed
        if (place := (dispute.area, dispute.ref)) in given and say_figure(was) != say_figure(given[place])
    ]
    rows = [(name_disputed(facts.site, d), keep_back_lines(d.reason), said) for d, said in revised]
    people = facts.service.written_to(one.respondent, london_day(now)) if rows else ()
    return Decision(
        events=tuple(
            Event(
                kind=Happened.DISPUTE_ANSWERED, at=now, by=facts.by, quarter=facts.quarter,
                respondent=one.respondent.key, facts={"area": d.area, "ref": d.ref, "words": said},
            )
            for d, said in revised
        ),
        letters=tuple(
            dispute_answered(
                to, one.respondent, facts.quarter, rows, cause=f"{one.respondent.key} {now.isoformat()}", at=now,
                is_revised=True,
            )
            for to in people
        ),
    )  # fmt: skip


def _note_change(one: Fresh, facts: OpeningFacts, now: datetime) -> Iterator[Event]:
    known = facts.status.returns[one.respondent.key].overtaken
    figures = [change for change in one.changes if change.is_figure]
    wordings = [change for change in one.changes if not change.is_figure]
    seen = [(c.place, c.ref, c.now and (c.now.value, c.now.status)) for c in figures], [c.wording for c in wordings]
    mark = ":".join(proof.digest_values(part, facts.key) for part in seen) if one.changes else ""
    if mark == (known.mark if known else ""):
        return
    came = sum(change.was is None for change in figures)
    counted = {"figures": len(figures) - came, "came": came, "wordings": len(wordings)}
    yield Event(
        kind=Happened.FORM_OVERTAKEN,
        at=now,
        by=facts.by,
        quarter=facts.quarter,
        respondent=one.respondent.key,
        facts={"mark": mark, **counted},
    )


def decide_reissue(
    facts: OpeningFacts, fresh: Iterable[Fresh], filled: Mapping[str, tuple[Request, Attachment]], now: datetime
) -> Decision:
    """The forms anew to whoever gets letters about them, one letter to each; `filled` has the workbooks of those who
    returned, with what they typed. Raises PreconditionFailed when letters reach nobody."""
    people: dict[str, tuple[Contact, list[Reissued]]] = {}
    sent: list[Fresh] = []
    for one in fresh:
        told = facts.service.written_to(one.respondent, london_day(now))
        made = filled.get(one.respondent.key)
        workbook = made[1] if made else attach_workbook(one.form, created=now)
        brought = Reissued(
            form=one.form,
            workbook=workbook,
            changes=one.changes,
            is_in=facts.status.returns[one.respondent.key].state.is_in,
            is_filled=one.respondent.key in filled,
        )
        sent += [one] if told else []
        for contact in told:
            people.setdefault(contact.address.lower(), (contact, []))[1].append(brought)
    if not sent:
        raise PreconditionFailed("Letters reach nobody to whom a form would go.")
    workbooks = {
        r.form.respondent: hashlib.sha256(r.workbook.data).hexdigest() for _, mine in people.values() for r in mine
    }
    return Decision(
        events=tuple(note_issue(facts.quarter, one.form, now, by=facts.by) for one in sent),
        letters=tuple(
            form_reissued(contact, facts.quarter, mine, today=london_day(now)) for contact, mine in people.values()
        ),
        requests=tuple(
            filled[key][0] if (key := one.respondent.key) in filled else Request(form=one.form, workbook=workbooks[key])
            for one in sent
        ),
    )
