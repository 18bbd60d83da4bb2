"""The scenes at the office: orders and their answers, the digest half way, the papers, answers that were stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from csp_workflow.chase import beat
from csp_workflow.digest import digest as digests
from csp_workflow.digest.facts import DigestFacts, Round
from csp_workflow.letters.office import WaitingMessage
from csp_workflow.post import leaving
from csp_workflow.rehearsal.specimens.stage import Filling, Stage, Story, form
from csp_workflow.report import circulate, errata
from csp_workflow.report.circulate import Copies
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.statements import Change
from csp_workflow.request import corrections
from csp_workflow.request.proof import MailingEntry
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.dates import PaperDates, in_london
from csp_workflow.terms.events import Decision, Happened, together
from csp_workflow.terms.letters import Foreseen, Letter, LetterState, QueuedLetter
from csp_workflow.terms.service_status import ServiceStatus
from csp_workflow.terms.site import Site

_REPLIES = (
    "HOLD\nEXTEND {code} TO {day} BECAUSE the analyst is ill\nNO {code}\nNIL NOBODY BECAUSE we telephoned",
    "HOLD {code}",
    "CONTACT {code} Jane Smith <jane.smith@council.example>\nCONTACT {code} chair <jo@council.example> FROM {day}",
    "CONTACT {code} deputy Ali Khan <ali.khan@council.example> TO {day}",
    "EXTEND {code} TO {day} BECAUSE the analyst is ill",
    "Please stop everything now",
    "HELP\nHELP ALL",
    "NO {code}\nEXTND {code} TO {day} BECAUSE the analyst is ill",
    "NO {code}",
    "What about the paper?",
    "",
)

_DEFERRED = "This is deferred to the next meeting."


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


def _takes_a_turn(story: Story, entry: MailingEntry, turn: int, sender: str, at: datetime) -> Iterator[WaitingMessage]:
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
    """The morning's, to the deputy too while the co-ordinator is away, and the week's; a quiet one; after a silence."""
    now, office = stage.moment(stage.dates.due, 3), stage.site.office
    day = in_london(now).date()
    manager = office.manager or office.co_ordinator
    away = replace(office, deputy=office.deputy or office.co_ordinator, absences=((day, day),), manager=manager)
    service = ServiceStatus(put_off={(one.id, ""): day + timedelta(days=7) for one in waiting[:1]})
    facts = DigestFacts(
        site=replace(stage.site, office=away),
        service=service,
        # A morning's digest tells what came since the one before; here the whole round came since.
        rounds=(_round(story, service, now, beat.foresee_letters(story.view_cycle(), now, days=5)),),
        waiting=waiting,
    )
    yield from digests.decide_digest(facts, now).letters
    for is_silent, cause in ((False, "specimen: quiet"), (True, "specimen: silence")):
        quiet = DigestFacts(site=stage.site, service=ServiceStatus(gap_hold=is_silent))
        yield from digests.decide_digest_on_request(quiet, now, to=office.co_ordinator, cause=cause).letters


def _round(story: Story, service: ServiceStatus, now: datetime, ahead: tuple[Foreseen, ...]) -> Round:
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

_FILE = b"A specimen, not a file."
_COPIES = Copies(draft=_FILE, draft_hash="draft", copy_hash="copy", statements="stated", companion=_FILE)


def _papers(stage: Stage, half_way: Story, paper: PaperDates) -> Iterator[Letter]:
    """A draft half way, one with nothing open, and the paper circulated: for publication and not."""
    now, known = stage.moment(stage.dates.close, 3), KnownFigures(stage.figures, stage.dates.open)
    all_in = Story(stage)
    for entry in stage.entries:
        for contact in entry.leads[:1]:
            all_in.receive(contact.address, now, f"{stage.site.nil_phrases[0]} {entry.respondent.code}")
    for story in (half_way, all_in):
        facts = ReportFacts(
            site=stage.site,
            quarter=stage.quarter,
            paper=paper,
            status=story.status,
            submissions=story.latest,
            known=known,
            as_at=now,
        )
        drafted = circulate.decide_draft(facts, _COPIES, now, by="a specimen")
        all_in.keep(drafted)
        yield from drafted.letters
    for site in _published_and_not(stage.site, paper.board):
        of = (site, all_in.status, paper, ("copy", _FILE), now)
        out = circulate.decide_circulating(*of, by="a specimen", companion=_FILE)
        yield from out.letters
        for answered in (all_in.send(out.letters[0], now), None):
            yield from all_in.receive(out.letters[0].recipient, now, _DEFERRED, answered=answered).letters
    all_in.keep(together(circulate.decide_clearing(stage.site, all_in.status, paper.board, now, by="a specimen"), out))
    yield from _errata(all_in, replace(facts, status=all_in.status), now)
    yield from _move_meeting(all_in, paper, now)


def _move_meeting(story: Story, paper: PaperDates, now: datetime) -> Iterator[Letter]:
    """The meeting of a paper that went out is on another day, then cancelled."""
    cycle, later = story.view_cycle(), replace(paper, meeting=paper.meeting + timedelta(days=7))
    for site in _published_and_not(cycle.site, paper.board):
        for papers in ((later,), ()):
            view = replace(cycle, site=site, dates=replace(cycle.dates, papers=papers))
            moved = corrections.decide_moving(view, cycle.dates, now, by="a specimen")
            yield from (letter for letter in moved.letters if letter.about[0].board)


def _errata(story: Story, facts: ReportFacts, now: datetime) -> Iterator[Letter]:
    """What came after the paper went out: an addendum, then an erratum, each shown and circulated."""
    name = facts.partnerships()[0].name
    for was in ("", "97"):
        change = Change(key="figure", what="Domestic burglary (M12a)", was=was, now="12", source=name)
        drafted = errata.decide_erratum(replace(facts, status=story.status), [change], _COPIES, now, by="a specimen")
        story.keep(drafted)
        yield from drafted.letters
        for site in _published_and_not(facts.site, facts.paper.board):
            out = errata.decide_erratum_circulation(site, story.status, facts.paper, b"", now, by="a specimen")
            yield from out.letters


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
        for one in stage.people[:1]
        for letter in Story(stage).send_in(one.lead.address, now, one.entries, Filling.WELL).letters
    ]
    yield from leaving.decide_stopping(
        answers * stage.site.limits.answers_an_hour, (), site=stage.site, service=ServiceStatus(), now=now
    ).letters
