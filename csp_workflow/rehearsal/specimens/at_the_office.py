"""The scenes at the office: orders and their answers, the digest half way, the papers, answers that were stopped.

Then a draft under way, with somebody's own words in it and those who must agree to it; what is about no return, passed
on; and a store that came from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from csp_workflow.chase import beat
from csp_workflow.chase.watching import LONG, WatchFacts, judge_troubles
from csp_workflow.digest import digest as digests
from csp_workflow.digest.facts import DigestFacts, Round
from csp_workflow.letters.before_clearance import ShownWords
from csp_workflow.letters.office import WaitingMessage
from csp_workflow.letters.topics import MOST_TOLD, FoundMessage
from csp_workflow.post import leaving
from csp_workflow.rehearsal.specimens.stage import Filling, Stage, Story, form
from csp_workflow.report import circulate, errata
from csp_workflow.report.edits.keeping import Edit, Placed
from csp_workflow.report.edits.telling import tell_words
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.statements import Change
from csp_workflow.request import corrections
from csp_workflow.request import proof as proofs
from csp_workflow.request.proof import Mailing, MailingEntry
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.dates import PaperDates, in_london, london_day
from csp_workflow.terms.events import Decision, Foreseen, Happened, Letter, LetterState, QueuedLetter, together
from csp_workflow.terms.messages import Topic, Topics, Verdict
from csp_workflow.terms.people import Undeliverable
from csp_workflow.terms.report_form import PaperReader, ReaderRole
from csp_workflow.terms.service import Lying, Place
from csp_workflow.terms.service_status import ServiceStatus, fold_service
from csp_workflow.terms.site import Role, Site

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
_COPIES = circulate.Copies(draft=_FILE, draft_hash="draft", copy_hash="copy", statements="stated", companion=_FILE)


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


_DRAFTED = circulate.Copies(
    draft=b"A specimen, edited.", draft_hash="edited", copy_hash="copy", statements="stated", pages=""
)
_EDITS = (
    Edit(place="words one", was="Burglary rose to 164.", text="Burglary rose to 146."),
    Edit(text="A sentence of her own.", after="paragraph one", beside="Burglary rose to 164."),
    Edit(place="words two", was="Nothing else is known."),
)


def drafts(stage: Stage) -> Iterator[Letter]:
    """A draft that the co-ordinator edited, as it came and put into a later one; then its readers, one of each role."""
    for paper in stage.dates.papers:
        story = Story(replace(stage, site=_with_readers(stage.site, paper.board)))
        yield from _edited(story, paper)
        yield from _agreed(story, paper)
        yield from _shown(story, paper)


def _gather(story: Story, paper: PaperDates) -> ReportFacts:
    stage = story.stage
    return ReportFacts(
        site=stage.site,
        quarter=stage.quarter,
        paper=paper,
        status=story.status,
        submissions={},
        known=KnownFigures(stage.figures, stage.dates.open),
        as_at=stage.moment(stage.dates.close, 3),
    )


def _shown(story: Story, paper: PaperDates) -> Iterator[Letter]:
    """What is printed about a partnership, as it wrote it, changed and taken out; then what it answers."""
    facts = _gather(story, paper)
    facts = replace(facts, site=_with_days(facts.site, paper.board))
    keys = [one.key for one in facts.partnerships() if one.people(Role.LEAD, london_day(facts.as_at))]
    held = "Two patrols were held."
    theirs = (
        ShownWords(heading="", text=held),
        ShownWords(heading="Its own measures", text="Measure: Patrols; Year: 8"),
    )
    ours = (ShownWords(heading="", text="Patrols were held.", was=held), ShownWords(heading="", text="", was=held))
    for words in (theirs, ours):
        pages = dict.fromkeys(keys, words)
        letters = circulate.decide_showing(facts, pages, facts.as_at, by="her").letters if keys else ()
        yield from letters
        for letter in letters[:1]:
            sent = story.send(letter, facts.as_at)
            yield from story.receive(letter.recipient, facts.as_at, "That is not what we wrote.", answered=sent).letters


def _edited(story: Story, paper: PaperDates) -> Iterator[Letter]:
    facts = _gather(story, paper)
    now = facts.as_at
    taken = ((_EDITS[0], "Burglary rose to 170."), *((edit, edit.was) for edit in _EDITS[1:]))
    placed = Placed(file=b"", taken=taken, unplaced=(Edit(text="What has no place any more."),))
    for whole in (True, False):
        words = replace(tell_words(placed, whole=whole), file="My version.docx", made_from=1)
        drafted = circulate.decide_draft(replace(facts, status=story.status), _DRAFTED, now, by="her", words=words)
        yield from story.keep(drafted).letters


def _agreed(story: Story, paper: PaperDates) -> Iterator[Letter]:
    stage = story.stage
    site, now = stage.site, stage.moment(stage.dates.close, 3)
    for days in (3, 20):
        at = stage.moment(stage.dates.close, days)
        asked = circulate.decide_asking(site, story.status, paper, _DRAFTED.draft, at)
        yield from story.keep(asked).letters
    letters = [story.send(letter, now) for letter in asked.letters]
    at = stage.moment(stage.dates.close, 21)
    story.keep(circulate.decide_clearing(site, story.status, paper.board, at, by="her", unwaited=True))
    for letter in letters:
        yield from story.receive(letter.recipient, at, "Why is it so high?", answered=letter).letters
        yield from story.receive(letter.recipient, at, site.approval_phrases[0], answered=letter).letters
    older = replace(letters[0], about=(replace(letters[0].about[0], draft=1),))
    yield from story.receive(older.recipient, at, site.approval_phrases[0], answered=older).letters
    alone = replace(story.status.papers[paper.board], agreements=(), wanted=False)
    story.papers[paper.board] = replace(alone, state=alone.state.DRAFT)
    for letter in letters:
        yield from story.receive(letter.recipient, at, site.approval_phrases[0], answered=letter).letters


def _with_days(site: Site, board: str) -> Site:
    """The site with days to object, also where it gives none."""
    forms = (replace(f, objection_days=f.objection_days or 3) if f.board == board else f for f in site.report_forms)
    return replace(site, report_forms=tuple(forms))


def _with_readers(site: Site, board: str) -> Site:
    """The site with its own readers of a board's paper; one that asks nobody is shown as if it asked two."""
    person = site.office.co_ordinator
    shown = tuple(
        PaperReader(name=f"The {role}", address=f"{role.name.lower()}@{person.address.partition('@')[2]}", role=role)
        for role in ReaderRole
    )
    forms = (replace(f, readers=f.readers or shown) if f.board == board else f for f in site.report_forms)
    return replace(site, report_forms=tuple(forms))


_WORDS = "I wish to say something about the office."
_DATED = Topic(key="dated", name="a matter with a day set by law", months=1, phrases=(_WORDS,))
_ORIGINAL = b"Subject: Something else\r\n\r\nIt is not about the return.\r\n"


def about_else(stage: Stage) -> Iterator[Letter]:
    """From a contact in a question, beside a form, and about others' return; from strangers, until it is enough."""
    person = stage.site.office.co_ordinator
    undated = replace(
        _DATED, key="undated", name="another matter", months=0, office=person.name, address=person.address
    )
    stage = replace(stage, site=replace(stage.site, topics=Topics(topics=(_DATED, undated))))
    at = stage.moment(stage.first_due, -1)
    for one in stage.people[:1]:
        for opened in ((), (form(one.entries[0], Filling.WELL),)):
            as_it_came = {"original": _ORIGINAL}
            yield from Story(stage).receive(one.lead.address, at, _WORDS, opened, known=as_it_came).letters
        asked, *_ = proofs.write_letters(Mailing(entries=one.entries[:1]), stage.site, stage.dates)
        ask = Story(stage).send(asked, stage.moment(stage.dates.due, -9))
        yield from Story(stage).receive(stage.people[-1].lead.address, at, _WORDS, answered=ask).letters
    handlers = stage.site.handlers(_DATED, london_day(at))
    for passed in (0, stage.site.limits.passed_on_a_day):
        enough = {"passed_today": {c.address.lower(): passed for c in handlers}}
        yield from Story(stage).receive("somebody@elsewhere.example", at, _WORDS, known=enough).letters


def banking(stage: Stage) -> Iterator[Letter]:
    """A contact says that an account has changed."""
    for one in stage.people[:1]:
        at = stage.moment(stage.first_due, -1)
        yield from Story(stage).receive(one.lead.address, at, "Our bank details have changed.").letters


def trouble(stage: Stage) -> Iterator[Letter]:
    """Each trouble begins, and is over."""
    at, site = stage.moment(stage.dates.due, -1), stage.site
    lost = {site.office.co_ordinator.address.lower(): Undeliverable(since=at, status="5.1.1")}
    facts = WatchFacts(
        unread_since=at - LONG, paused_since=at - LONG, free_mebibytes=0, gaps=("A meeting is missing.",)
    )
    begun = judge_troubles(facts, site, ServiceStatus(undeliverable=lost), at)
    yield from begun.letters
    service = fold_service(begun.events)
    yield from judge_troubles(WatchFacts(), site, service, at + LONG).letters


def put_back(stage: Stage) -> Iterator[Letter]:
    """The store was put back: a message was found, letters had left, others wait; or nothing is to be said."""
    at, service = stage.moment(stage.dates.due, -1), ServiceStatus(moved=beat.PUT_BACK)
    person = stage.site.office.co_ordinator
    names = tuple(entry.respondent.name for entry in stage.entries[:1])
    found = FoundMessage(sender=person.address, subject="A return", received=at, verdict=Verdict.RETURN, names=names)
    written = proofs.write_letters(Mailing(entries=stage.entries[:1]), stage.site, stage.dates)
    left = tuple(beat.as_sent(letter, at) for letter in written)
    many = MOST_TOLD + 1
    drafts = (
        Lying(source="1", place=Place.DRAFTS, since=at, subject="A form", recipients=frozenset({person.address})),
    )
    for known, gone, waiting in (((found,), left, 1), ((found,) * many, left * many, 2), ((), (), 0)):
        now, mine = at + timedelta(hours=waiting), drafts * len(known)
        yield from leaving.decide_comparison(
            known, gone, waiting, site=stage.site, service=service, now=now, drafts=mine
        ).letters
