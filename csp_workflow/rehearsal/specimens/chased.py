"""The scenes of the chase: silence, somebody away, more time, faults that nobody mends, chairs who are asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from csp_workflow.rehearsal.specimens.filled import Filling
from csp_workflow.rehearsal.specimens.stage import Stage
from csp_workflow.rehearsal.specimens.story import Story
from csp_workflow.request import proof as proofs
from csp_workflow.request.proof import Proof
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Happened
from csp_workflow.terms.letters import REMINDERS, Letter
from csp_workflow.terms.presence import Absence
from csp_workflow.terms.site import Role
from csp_workflow.terms.status import ServiceStatus


def chase(stage: Stage) -> Iterator[Letter]:
    """Every scene of the chase, each played from the beginning."""
    yield from _silence(stage)
    yield from _everybody_away(stage)
    yield from _more_time(stage)
    yield from _faults(stage)
    chaired = tuple(entry for entry in stage.entries if entry.respondent.needs_approval and entry.leads)
    yield from _approvals(replace(stage, entries=chaired))
    yield from _asked_after_the_papers(replace(stage, entries=chaired))


def _silence(stage: Stage) -> Iterator[Letter]:
    """Nobody returns anything, and the co-ordinator lets us write to the chairs."""
    story = Story(stage)
    for entry in stage.entries:
        for kind in (Happened.CHAIR_LETTER_PROPOSED, Happened.CHAIR_LETTER_ALLOWED):
            story.happen(kind, entry.respondent.key, stage.moment(entry.form.due, 1))
    yield from story.chase(stage.dates.extract_request, london_day(stage.dates.close))


def _everybody_away(stage: Stage) -> Iterator[Letter]:
    """Every lead had the form and is away: whoever stands in gets it with the reminder."""
    story = Story(stage, service=_leads_away(stage))
    laid = Proof(quarter=stage.quarter, entries=stage.entries)
    for letter in proofs.write_letters(laid, stage.site, stage.dates):
        story.send(letter, stage.moment(stage.dates.due, -12))
    first_rung = stage.day(stage.dates.due, min((rung.days for rung in stage.site.ladder), default=0))
    yield from story.chase(first_rung, first_rung)


def _more_time(stage: Stage) -> Iterator[Letter]:
    """The co-ordinator gives everybody more time, and nobody uses it."""
    story = Story(stage)
    for entry in stage.entries:
        day = stage.day(entry.form.due, 3)
        words = f"EXTEND {entry.respondent.code} TO {day.day} {day:%B %Y} BECAUSE the analyst is ill"
        yield from story.order(words, stage.moment(entry.form.due, -1))
    yield from story.chase(_first_due(stage), london_day(stage.dates.close))


def _faults(stage: Stage) -> Iterator[Letter]:
    """Everybody returns a form with faults, sends the same again in place of mending them, and is away at last."""
    story = Story(stage)
    for party in stage.parties:
        for days in (-2, -1):
            at = stage.moment(party.due, days)
            yield from story.send_in(party.contact.address, at, party.entries, Filling.FAULTY).letters
    days = stage.site.limits.query_reminder_days
    yield from story.chase(_first_due(stage), stage.day(stage.dates.due, days - 1))
    story.service = _leads_away(stage)
    yield from story.chase(stage.day(stage.dates.due, days), stage.day(stage.dates.due, REMINDERS * days))


def _approvals(stage: Stage) -> Iterator[Letter]:
    """Each chair is asked, reminded, asked again about a second version, approves it, and is asked about a third."""
    story, days = Story(stage), REMINDERS * stage.site.limits.approval_reminder_days + 1
    for place, filling in enumerate((Filling.WELL, Filling.CHANGED, Filling.ODD)):
        day = stage.day(stage.dates.due, place - 4)
        for entry in stage.entries:
            at = stage.moment(stage.dates.due, place - 4)
            story.send_in(entry.leads[0].address, at, [entry], filling)
        yield from story.chase(day, stage.day(stage.dates.due, place - 4 + (days if not place else 0)))
        if filling is Filling.CHANGED:
            yield from _approved(story)


def _approved(story: Story) -> Iterator[Letter]:
    """Every chair says yes to the last letter that asked for it."""
    at = story.stage.moment(story.stage.dates.due, 9)
    for ask in {letter.recipient: letter for letter in story.letters}.values():
        decision = story.receive(ask.recipient, at, story.stage.site.approval_phrases[0], answered=ask)
        for letter in decision.letters:
            story.send(letter, at)
        yield from decision.letters


def _asked_after_the_papers(stage: Stage) -> Iterator[Letter]:
    """A second version, about which a chair was never asked, when every paper has gone out."""
    story = Story(stage)
    story.settle_papers()
    for entry in stage.entries:
        for days, filling in ((-2, Filling.ODD), (1, Filling.CHANGED)):
            story.send_in(entry.leads[0].address, stage.moment(stage.dates.due, days), [entry], filling)
    yield from story.chase(stage.day(stage.dates.due, 2), stage.day(stage.dates.due, 2))


def _leads_away(stage: Stage) -> ServiceStatus:
    absence = Absence(until=london_day(stage.dates.close))
    leads = (c for e in stage.entries for c in e.respondent.people(Role.LEAD, stage.dates.open))
    return ServiceStatus(absences={lead.address.lower(): absence for lead in leads})


def _first_due(stage: Stage) -> date:
    return min(london_day(entry.form.due) for entry in stage.entries)
