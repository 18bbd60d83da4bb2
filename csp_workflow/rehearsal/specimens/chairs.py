"""The scenes of chairs out of the ordinary: who leads as well, who sends the return, who is deputy chair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from csp_workflow.rehearsal.specimens.stage import Filling, Stage, Story, form
from csp_workflow.request import proof
from csp_workflow.request.proof import Mailing, MailingEntry
from csp_workflow.terms.letters import REMINDERS, Letter
from csp_workflow.terms.site import Contact, Role


def chairs(stage: Stage) -> Iterator[Letter]:
    """A partnership's lead who chairs it too, alone and beside one that they only lead; chairs who send the return."""
    chaired = [entry for entry in stage.entries if entry.respondent.needs_approval and entry.leads]
    for first, *others in (chaired[:1], chaired[:2]) if chaired else ():
        led = (replace(entry, leads=first.leads[:1]) for entry in others)
        both = replace(first, leads=first.leads[:1], chairs=(_as_chair(first.leads[0]),))
        yield from proof.write_letters(Mailing(entries=(both, *led)), stage.site, stage.dates)
    for entry in chaired:
        for chair in entry.respondent.people(Role.CHAIR, stage.dates.open)[:1]:
            yield from _sent_by(chair, entry, replace(stage, entries=(entry,)))
            yield from _deputised(chair, entry, replace(stage, entries=(entry,)))
            yield from _silent_chairs(chair, entry, replace(stage, entries=(entry,)))


def _as_chair(lead: Contact) -> Contact:
    return replace(lead, role=Role.CHAIR)


def _sent_by(chair: Contact, entry: MailingEntry, stage: Stage) -> Iterator[Letter]:
    """With a yes beside it; twice without one, so that they are reminded; and for a lead who chairs."""
    at, yes = stage.moment(stage.first_due, -1), stage.site.approval_phrases[0]
    yield from Story(stage).receive(chair.address, at, yes, opened=[form(entry, Filling.WELL)]).letters
    story, reminded = Story(stage), stage.day(at, stage.site.limits.approval_reminder_days)
    for filling in (Filling.WELL, Filling.CHANGED):
        for letter in story.send_in(chair.address, at, [entry], filling).letters:
            story.send(letter, at)
            yield letter
    yield from story.chase(reminded, reminded)
    people = (replace(chair, role=Role.DEPUTY), stage.lead, _as_chair(stage.lead))
    theirs = replace(entry.respondent, contacts=people)
    led_by_chair = replace(stage, site=replace(stage.site, respondents=(theirs,)))
    yield from Story(led_by_chair).send_in(chair.address, at, [entry], Filling.WELL).letters


def _deputised(chair: Contact, entry: MailingEntry, stage: Stage) -> Iterator[Letter]:
    """Nobody is in the chair: the deputy chair is asked, reminded, approves, and says so again."""
    deputy = replace(chair, role=Role.DEPUTY_CHAIR, address=f"deputy.{chair.address}")
    theirs = replace(entry.respondent, contacts=(stage.lead, deputy))
    stage = replace(stage, site=replace(stage.site, respondents=(theirs,)))
    story, at, days = Story(stage), stage.moment(stage.first_due, -1), stage.site.limits.approval_reminder_days
    yield from story.send_in(stage.lead.address, at, [entry], Filling.WELL).letters
    yield from story.chase(stage.day(at, 0), stage.day(at, days))
    for ask in story.letters[:1]:
        for hours in (0, 1):
            yes, said_at = stage.site.approval_phrases[0], at + timedelta(hours=hours)
            yield from story.receive(ask.recipient, said_at, yes, answered=ask).letters


def _silent_chairs(chair: Contact, entry: MailingEntry, stage: Stage) -> Iterator[Letter]:
    """The chair does not answer: the deputy chair is asked in time, and the chair is told."""
    deputy = replace(chair, role=Role.DEPUTY_CHAIR, address=f"deputy.{chair.address}")
    theirs = replace(entry.respondent, contacts=(stage.lead, chair, deputy))
    stage = replace(stage, site=replace(stage.site, respondents=(theirs,)))
    at, days = stage.moment(stage.first_due, -1), stage.site.limits.approval_reminder_days
    story = Story(stage)
    yield from story.send_in(stage.lead.address, at, [entry], Filling.WELL).letters
    yield from story.chase(stage.day(at, 0), stage.day(at, (REMINDERS + 1) * days + 2))
