"""The scenes of what is said about a return: questions asked again, disputed figures, corrections after the close."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from csp_workflow.chase.disputes import decide_disputes
from csp_workflow.intake.case import OpenedFile
from csp_workflow.letters.disputes import ABOUT_DISPUTES, find_passed
from csp_workflow.rehearsal.specimens.stage import Filling, Stage, Story, form
from csp_workflow.request import corrections
from csp_workflow.request.proof import MailingEntry
from csp_workflow.terms.dates import london
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.queries import list_disputes
from csp_workflow.terms.returns import ReadForm
from csp_workflow.terms.site import RespondentKind

_WHY = "A late batch of cases was entered after the quarter."


def conversation(stage: Stage) -> Iterator[Letter]:
    """What is asked of the first who answers, and what the force's analyst is asked for all."""
    for one in stage.people[:1]:
        yield from _ask_again(one, Filling.ODD)
        yield from _ask_again(one, Filling.FAULTY)
        yield from _revise(one, "")
        yield from _revise(one, _WHY)
    yield from _dispute(stage)


def _ask_again(stage: Stage, filling: Filling) -> Iterator[Letter]:
    """The same entries in four versions, of which only the words are others."""
    story = Story(stage)
    for version in range(4):
        opened = [_say_more(form(entry, filling, name=f"{version}.xlsx"), version) for entry in stage.entries]
        yield from story.receive(stage.lead.address, stage.moment(stage.first_due, version - 6), opened=opened).letters


def _say_more(opened: OpenedFile, version: int) -> OpenedFile:
    attachment, read = opened
    if not isinstance(read, ReadForm):
        return opened
    more = (replace(box, value=replace(box.value, text=f"{box.value.text} {version}")) for box in read.summary)
    return attachment, replace(read, summary=tuple(more))


def _revise(stage: Stage, why: str) -> Iterator[Letter]:
    """A return in time, and another after the close, with its reason or without; then the reason."""
    story, late = Story(stage), stage.moment(stage.dates.close, 1)
    story.send_in(stage.lead.address, stage.moment(stage.first_due, -2), stage.entries, Filling.WELL)
    opened = [form(entry, Filling.CHANGED) for entry in stage.entries]
    held = story.receive(stage.lead.address, late, why, opened, matter=(why,) if why else ()).letters
    yield from held
    for letter in held[:1]:
        asked = story.send(letter, late)
        yield from story.receive(stage.lead.address, late, _WHY, answered=asked, matter=(_WHY,)).letters


def _dispute(stage: Stage) -> Iterator[Letter]:
    """Everybody disputes a figure; the analyst is told and reminded, names a figure, puts it off, and says why."""
    ours = [e for e in stage.entries if e.respondent.kind is RespondentKind.ANALYST and e.leads]
    story = Story(stage)
    for analyst in ours[:1]:
        story.send_in(analyst.leads[0].address, stage.moment(analyst.form.due, -2), [analyst], Filling.WELL)
        for one in stage.people:
            mine = [e for e in one.entries if e.respondent.kind is RespondentKind.PARTNERSHIP]
            story.send_in(one.lead.address, stage.moment(stage.dates.due, -6), mine, Filling.WELL) if mine else None
        yield from _write_to_analyst(story)
        yield from _answer(story, analyst)
        yield from _tell_revised(story)


def _write_to_analyst(story: Story) -> Iterator[Letter]:
    stage = story.stage
    for days in range(-5, 6):
        now = london(stage.day(stage.dates.due, days), stage.site.window.opens)
        for letter in story.keep(decide_disputes(story.view_cycle(), now)).letters:
            yield letter
            story.send(letter, now)


def _answer(story: Story, analyst: MailingEntry) -> Iterator[Letter]:
    told = [x for x in story.letters if x.kind in ABOUT_DISPUTES]
    at, site = story.stage.moment(story.stage.dates.due, 6), story.stage.site
    passed = find_passed(story.letters)
    open_ones = [
        d for mine in story.submissions.values() for d in list_disputes(mine, story.events, passed) if d.is_open
    ]
    for dispute in open_ones[:1] if told else ():
        whose = site.respondent(dispute.respondent)
        why = f"{dispute.ref} of {whose.name} stands: the offences were recorded in July."
        for words in ("40 should be 52.", "We look into it.", why):
            sender = analyst.leads[0].address
            yield from story.receive(sender, at, words, answered=told[0], matter=(words,)).letters
        mine = [e for e in story.stage.entries if e.respondent == whose and e.leads]
        for entry in mine:
            yield from story.send_in(entry.leads[0].address, at, [entry], Filling.CHANGED).letters


def _tell_revised(story: Story) -> Iterator[Letter]:
    """The force's figures that are disputed are others than they were."""
    stage, passed = story.stage, find_passed(story.letters)
    disputed = {key: [(d, None) for d in list_disputes(mine, (), passed)] for key, mine in story.submissions.items()}
    sent = {entry.respondent.key: entry.form for entry in stage.entries if disputed.get(entry.respondent.key)}
    facts = stage.opening_facts(status=story.status, service=story.service)
    now = stage.moment(stage.dates.due, 6)
    yield from corrections.decide_overtaken(facts, sent, now, disputed=disputed).letters
