"""The scenes at the office: orders and their answers, the digest half way, the papers, answers that were stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from csp_workflow.chase import beat
from csp_workflow.digest import digest as digests
from csp_workflow.digest.facts import DigestFacts, Round
from csp_workflow.letters.desk import WaitingMessage
from csp_workflow.post import leaving
from csp_workflow.rehearsal.specimens.filled import Filling
from csp_workflow.rehearsal.specimens.stage import Stage
from csp_workflow.rehearsal.specimens.story import Story, form
from csp_workflow.report import circulate
from csp_workflow.report.circulate import Copies
from csp_workflow.report.readings import ReportFacts
from csp_workflow.request.proof import ProofEntry
from csp_workflow.terms.dates import PaperDates, in_london
from csp_workflow.terms.events import Decision, Happened
from csp_workflow.terms.figures import KnownFigures
from csp_workflow.terms.letters import Letter, LetterState, QueuedLetter
from csp_workflow.terms.site import Site
from csp_workflow.terms.status import ServiceStatus

_REPLIES = (
    "HOLD\nEXTEND {code} TO {day} BECAUSE the analyst is ill\nNIL NOBODY BECAUSE we telephoned\nSend it all please",
    "HOLD",
    "What about the paper?\nNIL NOBODY BECAUSE we telephoned",
    "NIL NOBODY BECAUSE we telephoned",
    "What about the paper?",
    "",
)


def to_the_office(stage: Stage) -> Iterator[Letter]:
    """All that the co-ordinator, her deputy and the secretariat get."""
    half_way, waiting = _half_way(stage)
    yield from _answers_to_orders(stage)
    yield from _digests(stage, half_way, waiting)
    for paper in stage.dates.papers:
        yield from _papers(stage, half_way, paper)
    yield from _stopped(stage)


def _answers_to_orders(stage: Stage) -> Iterator[Letter]:
    day = stage.day(stage.dates.due, 2)
    for words in _REPLIES:
        text = words.format(code=stage.entries[0].respondent.code, day=f"{day.day} {day:%B}")
        yield from Story(stage).order(text, stage.moment(stage.dates.due, -1))


# A round half way ---------------------------------------------------------------------------------


def _half_way(stage: Stage) -> tuple[Story, tuple[WaitingMessage, ...]]:
    """A round as it may stand after the due date; the respondents take turns at how far they have come."""
    story = Story(stage)
    waiting: list[WaitingMessage] = []
    for place, entry in enumerate(stage.entries):
        at, sender = stage.moment(entry.form.due, 1), (entry.leads or entry.respondent.contacts)[:1]
        for contact in sender:
            waiting += _takes_a_turn(story, entry, place % 6, contact.address, at)
    ask = form(stage.entries[-1], Filling.WELL)
    stranger = story.receive("somebody@elsewhere.example", stage.moment(stage.dates.due, 2), opened=[ask])
    waiting += _waits(stranger, story, "somebody@elsewhere.example")
    return story, tuple(waiting)


def _takes_a_turn(story: Story, entry: ProofEntry, turn: int, sender: str, at: datetime) -> Iterator[WaitingMessage]:
    if turn <= 2:
        earlier = (Filling.WELL,) if turn == 1 else ()
        for filling in (*earlier, (Filling.WELL, Filling.CHANGED, Filling.FAULTY)[turn]):
            story.send_in(sender, at, [entry], filling)
    submission = story.latest.get(entry.respondent.key)
    if turn == 0 and submission and entry.respondent.needs_approval:
        story.happen(Happened.APPROVED, entry.respondent.key, at, submission.id)
    if turn == 3:
        for kind in (Happened.CHAIR_LETTER_PROPOSED, Happened.PHONE_CALL_DUE):
            story.happen(kind, entry.respondent.key, at)
    if turn == 4:
        yield from _waits(story.receive(sender, at, "Can we send the figures a week later?"), story, sender)
    if turn == 5:
        story.receive(sender, at, f"{story.stage.site.nil_phrases[0]} {entry.respondent.code}")


def _waits(decision: Decision, story: Story, sender: str) -> Iterator[WaitingMessage]:
    """A message as it waits for the co-ordinator, with the reason it was judged by."""
    for judged in filter(None, (decision.judgement,)):
        yield WaitingMessage(
            id=judged.message,
            sender=sender,
            subject="The figures",
            received=story.stage.moment(story.stage.dates.due, 2),
            verdict=judged.verdict,
            reason=judged.reason,
            respondents=judged.respondents,
        )


# The digest ---------------------------------------------------------------------------------------


def _digests(stage: Stage, story: Story, waiting: tuple[WaitingMessage, ...]) -> Iterator[Letter]:
    """The morning's, with a copy for the deputy while the co-ordinator is away; and one with nothing to say."""
    now = stage.moment(stage.dates.due, 3)
    office = stage.site.office
    day = in_london(now).date()
    away = replace(office, deputy=office.deputy or office.co_ordinator, absences=((day, day),))
    ahead = beat.foresee_letters(story.view_cycle(), now, days=5)
    silent = ServiceStatus(gap_hold=True)
    facts = DigestFacts(
        site=replace(stage.site, office=away),
        service=silent,
        # A morning's digest tells what came since the one before; here the whole round came since.
        rounds=(_round(story, silent, now, ahead),),
        waiting=waiting,
    )
    yield from digests.decide_digest(facts, now).letters
    quiet = DigestFacts(site=stage.site, service=ServiceStatus())
    yield from digests.decide_digest_on_request(quiet, now, to=office.co_ordinator, cause="specimen: quiet").letters


def _round(story: Story, service: ServiceStatus, now: datetime, ahead: tuple[tuple[date, str, int], ...]) -> Round:
    lately = now - timedelta(minutes=5)
    return Round(
        site=story.stage.site,
        service=service,
        dates=story.stage.dates,
        status=story.status,
        letters=tuple(_troubled(story)),
        events=tuple(replace(event, at=lately) for event in story.events),
        ahead=ahead,
    )


def _troubled(story: Story) -> Iterator[QueuedLetter]:
    """Two reminders that did not go as they should."""
    day = story.stage.day(story.stage.dates.due, 1)
    reminders = tuple(Story(story.stage).chase(day, day))
    ends = ((LetterState.FAILED, "The address does not exist."), (LetterState.FOR_A_PERSON, ""))
    for letter, (state, reason) in zip(reminders, ends, strict=False):
        yield replace(beat.as_sent(letter, story.stage.moment(story.stage.dates.due, 1)), state=state, reason=reason)


# Papers, and answers that were stopped -------------------------------------------------------------


def _papers(stage: Stage, half_way: Story, paper: PaperDates) -> Iterator[Letter]:
    """A draft half way, one with nothing open, and the paper circulated: for publication and not."""
    now = stage.moment(stage.dates.close, 3)
    all_in = Story(stage)
    for entry in stage.entries:
        for contact in entry.leads[:1]:
            all_in.receive(contact.address, now, f"{stage.site.nil_phrases[0]} {entry.respondent.code}")
    for story in (half_way, all_in):
        copies = Copies(draft=b"A specimen, not a Word file.", draft_hash="draft", copy_hash="copy")
        drafted = circulate.decide_draft(_report_facts(story, paper, now), copies, now, by="a specimen")
        all_in.keep(drafted)
        yield from drafted.letters
    for site in _published_and_not(stage.site, paper.board):
        copy = ("copy", b"A specimen, not a Word file.")
        yield from circulate.decide_circulating(site, all_in.status, paper, copy, now, by="a specimen").letters


def _report_facts(story: Story, paper: PaperDates, now: datetime) -> ReportFacts:
    stage = story.stage
    return ReportFacts(
        site=stage.site,
        quarter=stage.quarter,
        paper=paper,
        status=story.status,
        submissions=story.latest,
        known=KnownFigures(stage.figures, stage.dates.open),
        as_at=now,
    )


def _published_and_not(site: Site, board: str) -> Iterator[Site]:
    """What a secretariat is told depends on whether the paper is published. A site may name no secretariat yet."""
    office = replace(site.office, secretariat=site.office.secretariat or (site.office.co_ordinator,))
    for is_public in (True, False):
        boards = tuple(replace(b, public=is_public) if b.key == board else b for b in site.boards)
        yield replace(site, office=office, boards=boards)


def _stopped(stage: Stage) -> Iterator[Letter]:
    """As many automatic answers left within an hour as stop them."""
    now = stage.moment(stage.dates.due, 0)
    answers = [
        beat.as_sent(letter, now)
        for party in stage.parties[:1]
        for letter in Story(stage).send_in(party.contact.address, now, party.entries, Filling.WELL).letters
    ]
    handed = answers * stage.site.limits.answers_an_hour
    yield from leaving.decide_stopping(handed, (), site=stage.site, service=ServiceStatus(), now=now).letters
