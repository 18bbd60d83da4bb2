"""The scenes of what changes under way, and of what is said about a return.

Days (more time, a holiday, a meeting that moves), and what forms show; then questions asked again, disputed figures,
corrections after the close.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from csp_workflow.chase.notes import decide_disputes
from csp_workflow.forms.writing import attach_workbook
from csp_workflow.intake.case import OpenedFile
from csp_workflow.letters.disputes import ABOUT_DISPUTES, find_passed
from csp_workflow.rehearsal.specimens.stage import Filling, Stage, Story, form
from csp_workflow.request import corrections
from csp_workflow.request.proof import MailingEntry
from csp_workflow.terms.dates import PaperState, london, london_day
from csp_workflow.terms.events import NOTHING, Letter, Request
from csp_workflow.terms.paper_status import PaperStatus
from csp_workflow.terms.queries import list_disputes
from csp_workflow.terms.returns import FormDefinition, ReadForm
from csp_workflow.terms.site import RespondentKind


def days(stage: Stage) -> Iterator[Letter]:
    """Everything about days that change."""
    yield from _more_time(stage)
    yield from _moved(stage)
    yield from _overtaken(stage)
    yield from _noted(stage)


def _more_time(stage: Stage) -> Iterator[Letter]:
    """The co-ordinator gives everybody more time, and nobody uses it."""
    story = Story(stage)
    for entry in stage.entries:
        day = stage.day(entry.form.due, 3)
        words = f"EXTEND {entry.respondent.code} TO {day.day} {day:%B %Y} BECAUSE the analyst is ill"
        yield from story.order(words, stage.moment(entry.form.due, -1))
    yield from story.chase(london_day(stage.first_due), london_day(stage.dates.close))


def _moved(stage: Stage) -> Iterator[Letter]:
    """A holiday is announced for the due day, and the meetings come sooner."""
    cycle, dates, next_day = Story(stage).view_cycle(), stage.dates, timedelta(days=1)
    papers = tuple(replace(paper, clearance=stage.day(dates.close, 1)) for paper in dates.papers)
    later = replace(dates, extract_due=dates.extract_due + next_day, due=dates.due + next_day, papers=papers)
    now = stage.moment(stage.first_due, -1)
    yield from corrections.decide_moving(replace(cycle, dates=later), dates, now, by="").letters
    asked = {key: replace(stands, approval_asked="asked") for key, stands in cycle.status.returns.items()}
    status = replace(cycle.status, returns=asked)
    yield from corrections.decide_moving(replace(cycle, dates=later, status=status), dates, now, by="").letters


def _overtaken(stage: Stage) -> Iterator[Letter]:
    """The extract comes after the forms, of which some are in, and a wording is put right: all go anew. Then once more,
    with a wording alone, and to those who returned alone."""
    story, now = Story(stage), stage.moment(stage.first_due, -2)
    for place, one in enumerate(stage.people):
        if place % 2:
            story.send_in(one.lead.address, stage.moment(one.first_due, -3), one.entries, Filling.WELL)
    asked = {e.respondent.key: e.form for e in stage.entries if e.respondent.kind is not RespondentKind.ANALYST}
    yield from _send_anew(story, {key: _word_otherwise(_without_extract(form)) for key, form in asked.items()}, now)
    yield from _send_anew(story, {key: _word_otherwise(form) for key, form in asked.items()}, now + timedelta(hours=1))
    returned = {key: _without_extract(asked[key]) for key in story.submissions if key in asked}
    yield from _send_anew(story, returned, now + timedelta(hours=2))


def _noted(stage: Stage) -> Iterator[Letter]:
    """A board has met: everybody is told, some with what it asked; once more what it asked of them later."""
    story, (paper, *_) = Story(stage), stage.dates.papers
    boards = tuple(replace(board, notes_to_all=True) for board in stage.site.boards)
    story.stage = replace(stage, site=replace(stage.site, boards=boards))
    at = london(stage.site.working_days.plus(paper.meeting, 1), stage.site.window.opens)
    yield from story.order(f"NOTES {paper.board}", at)
    story.papers[paper.board] = PaperStatus(
        board=paper.board, state=PaperState.CIRCULATED, circulated_at=at, noted=at, shows=story.status.returns
    )
    for one in (*stage.entries[:1], *stage.entries[-1:]):
        day = f"{at + timedelta(days=20):%d %B %Y}"
        asked = f"ACTION {paper.board} {one.respondent.code} BY {day}: Say what was done."
        yield from story.order(asked, at)
    first = london_day(at) + timedelta(days=1)
    yield from story.chase(first, first + timedelta(days=20))


def _send_anew(story: Story, sent: Mapping[str, FormDefinition], now: datetime) -> Iterator[Letter]:
    facts = story.stage.opening_facts(status=story.status)
    yield from story.keep(corrections.decide_overtaken(facts, sent, now)).letters
    fresh = corrections.list_fresh(facts, {key: (form,) for key, form in sent.items()}, now)
    reached = facts.service.written_to
    changed = [one for one in fresh if one.changes and reached(one.respondent, london_day(now))]
    filled = {
        one.respondent.key: (Request(form=one.form, workbook=""), attach_workbook(one.form, created=now))
        for one in changed
        if one.respondent.key in story.submissions
    }
    decided = (
        corrections.decide_reissue(replace(facts, status=story.status), changed, filled, now) if changed else NOTHING
    )
    yield from story.keep(decided).letters


def _without_extract(form: FormDefinition) -> FormDefinition:
    return replace(form, figures=tuple(replace(row, given=None) for row in form.figures))


def _word_otherwise(form: FormDefinition) -> FormDefinition:
    """As it was worded before its first row or box was put right."""
    rows = tuple(replace(row, title=f"{row.title} (as first worded)") for row in form.figures[:1])
    boxes = tuple(replace(box, heading=f"{box.heading} (as first worded)") for box in form.summary[:1])
    return replace(form, figures=(*rows, *form.figures[1:]), summary=(*boxes, *form.summary[1:]))


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
