"""The scenes of a quarter's opening: the analyst is asked, the proof is made, the requests go out.

Before that newcomers are introduced, and a proof with all that follows is made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from csp_workflow.chase.beat import foresee_quarter
from csp_workflow.forms.refusals import explain_refusal
from csp_workflow.letters.catalogue import LetterNotRendered
from csp_workflow.rehearsal.specimens.stage import KEY, Filling, Stage, Story, filled, form, open_quarter
from csp_workflow.request import introducing
from csp_workflow.request import proof as proofs
from csp_workflow.request.opening import REQUESTS, decide_renewed_proof, decide_scheduled_proof
from csp_workflow.request.proof import Mailing, OpeningFacts, write_proof_pack
from csp_workflow.terms.cells import seal_reference
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import as_utc, london, london_day
from csp_workflow.terms.events import REMINDERS, ComingLetter, Happened, Letter, QueuedLetter, Sending
from csp_workflow.terms.messages import Attachment, Mark
from csp_workflow.terms.people import Absence, Undeliverable
from csp_workflow.terms.returns import ReadForm
from csp_workflow.terms.service_status import ServiceStatus
from csp_workflow.terms.site import Respondent, RespondentKind, Role
from csp_workflow.terms.status import CycleStatus, fold_cycle


def beforehand(stage: Stage) -> Iterator[Letter]:
    """The introductions with their proof; the proof pack of a quarter played ahead, and what changed in it since."""
    site = replace(stage.site, offsets=replace(stage.site.offsets, introduction=3))
    facts = stage.opening_facts(site=site)
    first = london(introducing.find_day(site, stage.dates), site.digest_at)
    yield from introducing.write_introductions(facts, stage.dates, first)
    try:
        yield from introducing.decide_introduction_proof(facts, first).decision.letters
        yield from _proved_twice(stage)
    except LetterNotRendered:  # what the proofs show is found unfit by itself
        return


def _proved_twice(stage: Stage) -> Iterator[Letter]:
    """A proof, and the one that follows when the rungs of the ladder are moved."""
    morning = london(stage.dates.open, stage.site.digest_at)
    planned = CycleStatus(quarter=stage.quarter)

    def foresee(sendings: Sequence[Sending], now: datetime) -> tuple[ComingLetter, ...]:
        return foresee_quarter(CycleView(site=stage.site, dates=stage.dates, status=planned), sendings, now)

    facts = stage.opening_facts(foresee=foresee)
    proved = decide_scheduled_proof(facts, morning).decision
    yield from proved.letters
    fewer = replace(stage.site, ladder=stage.site.ladder[1:])
    later = replace(
        facts,
        site=fewer,
        events=proved.events,
        shown=(as_utc(morning),),
        status=fold_cycle(stage.quarter, proved.events, onto=planned),
    )
    yield from decide_renewed_proof(later, morning, part=REQUESTS).decision.letters


_A_FEW = 2
_TOO_LARGE = Attachment(name="Large form.xlsx", data=bytes(20 * 1024 * 1024))  # for no message


def opening(stage: Stage) -> Iterator[Letter]:
    """Everything that opens the quarter; then some of it anew, to whoever stands in; and proofs out of the ordinary."""
    yield from stage.opened
    again = _again(stage)
    yield from open_quarter(again, _second_time(again)).opened
    nobody = replace(stage, site=replace(stage.site, respondents=()))
    yield from open_quarter(nobody, nobody.opening_facts()).opened
    yield from _too_large(stage)


def _too_large(stage: Stage) -> Iterator[Letter]:
    """A proof whose workbooks are more than one message holds."""
    entries = tuple(replace(entry, workbook=_TOO_LARGE) for entry in stage.entries[1:2])
    laid = Mailing(entries=(*stage.entries[:1], *entries))
    try:
        yield write_proof_pack(laid, stage.site, stage.dates, environment=stage.templates, key=b"", remarks=())
    except LetterNotRendered:
        return


def _again(stage: Stage) -> Stage:
    """A few of each kind, without a meeting, in a pre-election period; all of a kind share the first one's people.

    On any site one officer may come to answer for several.
    """
    kinds: dict[RespondentKind, list[Respondent]] = {}
    for respondent in stage.site.respondents:
        kinds.setdefault(respondent.kind, []).append(respondent)
    shared = tuple(replace(r, contacts=mine[0].contacts) for mine in kinds.values() for r in mine[:_A_FEW])
    return replace(
        stage,
        site=replace(stage.site, respondents=shared),
        dates=replace(stage.dates, papers=(), pre_election=True),
    )


def _second_time(stage: Stage) -> OpeningFacts:
    """A second revision of every form, while letters come back from every lead but the analyst's."""
    mark = Undeliverable(since=stage.moment(stage.dates.due, -20), status="5.1.1")
    asked = [r for r in stage.site.respondents if r.kind is not RespondentKind.ANALYST]
    lost = {lead.address.lower(): mark for r in asked for lead in r.people(Role.LEAD, stage.dates.open)}
    return stage.opening_facts(
        revisions={r.key: 1 for r in stage.site.respondents},
        service=ServiceStatus(undeliverable=lost),
    )


# The scenes of the chase: silence, somebody away, more time, faults that nobody mends, chairs who are asked


def chase(stage: Stage) -> Iterator[Letter]:
    """Every scene of the chase, each played from the beginning."""
    yield from _silence(stage)
    yield from _everybody_away(stage)
    yield from _faults(stage)
    chaired = tuple(entry for entry in stage.entries if entry.respondent.needs_approval and entry.leads)
    yield from _approval_reminders(replace(stage, entries=chaired))
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
    for letter in proofs.write_letters(Mailing(entries=stage.entries), stage.site, stage.dates):
        story.send(letter, stage.moment(stage.dates.due, -12))
    first_rung = stage.day(stage.dates.due, min((rung.days for rung in stage.site.ladder), default=0))
    yield from story.chase(first_rung, first_rung)


def _faults(stage: Stage) -> Iterator[Letter]:
    """Everybody returns a form with faults, sends the same again in place of mending them, and is away at last."""
    story = Story(stage)
    for one in stage.people:
        for days in (-2, -1):
            at = stage.moment(one.first_due, days)
            yield from story.send_in(one.lead.address, at, one.entries, Filling.FAULTY).letters
    days = stage.site.limits.query_reminder_days
    yield from story.chase(london_day(stage.first_due), stage.day(stage.dates.due, days - 1))
    story.service = _leads_away(stage)
    yield from story.chase(stage.day(stage.dates.due, days), stage.day(stage.dates.due, REMINDERS * days))


def _approval_reminders(stage: Stage) -> Iterator[Letter]:
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
        phrase = story.stage.site.approval_phrases[0]
        yield from story.receive(ask.recipient, at, f"{phrase}\n{_RESERVED}", answered=ask).letters
        decision = story.receive(ask.recipient, at, phrase, answered=ask)
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


# The scenes of what arrives: returns, files that are none, words, people who cannot be written to any more


_NOT_FORMS = ("password", "pdf")
_QUESTION = "Our analyst is away until Monday.\nCan we send the figures a week later?"
_RESERVED = "But please wait for one figure, which follows on Friday."
_FORGOTTEN = "Please find our return attached."
_LEFT = "I no longer work on this.\nPlease write to the community safety team."
_TABLE = ("All crime\t412", "Burglary in a dwelling\t38", "Theft of a vehicle\t7")


def arrivals(stage: Stage) -> Iterator[Letter]:
    """Every sort of message from everybody who is asked, and the letters that follow from each."""
    for place, one in enumerate(stage.people):
        yield from _returns(one)
        if not place or len(one.entries) > 1:
            yield from _after_the_close(one)
        yield from _files_of_no_use(one)
        yield from _forms_of_another_quarter(one)
        yield from _words(one)
        yield from _nothing_to_report(one)
        yield from _out_of_reach(one)
        yield from _approvals(one)


def _returns(stage: Stage) -> Iterator[Letter]:
    """In time, and a later version after the due date, twice. Returns with faults are a scene of the chase."""
    story = Story(stage)
    for days, filling in ((-2, Filling.WELL), (1, Filling.ODD), (2, Filling.ODD)):
        at = stage.moment(stage.first_due, days)
        yield from story.send_in(stage.lead.address, at, stage.entries, filling).letters


def _after_the_close(stage: Stage) -> Iterator[Letter]:
    """With faults in the first form, and entries that may be right in the others."""
    forms = [form(e, Filling.ODD if place else Filling.FAULTY) for place, e in enumerate(stage.entries)]
    yield from Story(stage).receive(stage.lead.address, stage.moment(stage.dates.close, 1), opened=forms).letters


def _files_of_no_use(stage: Stage) -> Iterator[Letter]:
    """Forms that came back empty or in two versions; other files, links, tables, nothing.

    Some of it again when the return is in and nothing is due any more.
    """
    sender, at, first = stage.lead.address, stage.moment(stage.first_due, -1), stage.entries[0]
    is_out, is_in = Story(stage), Story(stage)
    yield from is_out.send_in(sender, at, stage.entries, Filling.EMPTY).letters
    versions = [form(first, Filling.WELL), form(first, Filling.CHANGED, name="Return (2).xlsx")]
    yield from Story(stage).receive(sender, at, opened=versions).letters
    is_in.send_in(sender, at, stage.entries, Filling.WELL)
    for story in (is_out, is_in):
        files = [(Attachment(name=f"Return.{reason}", data=b""), explain_refusal(reason)) for reason in _NOT_FORMS]
        own = Attachment(name="Our figures.xlsx", data=b""), ReadForm()
        yield from story.receive(sender, at, "Here it is.", opened=[*files, own]).letters
        yield from story.receive(sender, at, _FORGOTTEN).letters
    yield from is_out.receive(sender, at, "It is here.", links=("https://share.example/return",)).letters
    yield from is_out.receive(sender, at, "The figures are below.", rows=_TABLE).letters


def _forms_of_another_quarter(stage: Stage) -> Iterator[Letter]:
    """The form of the quarter before, filled in now; in a quarter and between two."""
    sender, at = stage.lead.address, stage.moment(stage.first_due, -1)
    for is_running in (True, False):
        for entry in stage.entries:
            ours, before = entry.form.reference, entry.form.quarter.previous
            sealed = seal_reference(ours.code, before.code, ours.form, 1, key=KEY)
            attachment, _ = form(entry, Filling.WELL, name=f"Return {before.code}.xlsx")
            opened = attachment, filled(replace(entry.form, reference=sealed), Filling.WELL)
            yield from Story(stage).receive(sender, at, opened=[opened], is_running=is_running).letters


def _words(stage: Stage) -> Iterator[Letter]:
    """A question, in a quarter and between two; one too many; and what people write who are not registered."""
    sender, at, first = stage.lead.address, stage.moment(stage.first_due, -1), stage.entries[0]
    picture = [(Attachment(name="Screenshot.png", data=b""), explain_refusal("image"))]
    yield from Story(stage).receive(sender, at, _QUESTION).letters
    yield from Story(stage).receive(sender, at, _QUESTION, opened=picture, is_running=False).letters
    enough = (_QUESTION,) * stage.site.limits.answers_a_day
    yield from Story(stage).receive(sender, at, _QUESTION, known={"answers_today": {sender.lower(): enough}}).letters
    ask = _request(stage)
    for stranger in (f"a.colleague@{sender.rpartition('@')[2]}", "somebody@elsewhere.example"):
        for opened in ([], [form(first, Filling.WELL)]):
            yield from Story(stage).receive(stranger, at, "Here it is.", opened=opened, answered=ask).letters


def _nothing_to_report(stage: Stage) -> Iterator[Letter]:
    """Nil and declined: ticked with a reason, twice; and written in a reply, without one."""
    sender, at, site = stage.lead.address, stage.moment(stage.first_due, -1), stage.site
    for filling in (Filling.NIL, Filling.DECLINED):
        story = Story(stage)
        for _ in range(2):
            yield from story.send_in(sender, at, stage.entries, filling).letters
    for phrase in (site.nil_phrases[0], site.decline_phrases[0]):
        for entry in stage.entries:
            for words in (f"{phrase} {entry.respondent.code}", f"{phrase} {entry.respondent.code}\n{_RESERVED}"):
                yield from Story(stage).receive(sender, at, words).letters


def _approvals(stage: Stage) -> Iterator[Letter]:
    """A chair approves what is the latest version; and one that another, complete or with faults, has replaced."""
    day, phrase = stage.day(stage.first_due, -2), stage.site.approval_phrases[0]
    for entry in stage.entries:
        for later in (None, Filling.CHANGED, Filling.FAULTY):
            story = Story(stage)
            story.send_in(stage.lead.address, stage.moment(stage.first_due, -3), [entry], Filling.WELL)
            asked = [letter.recipient for letter in story.chase(day, day) if entry.respondent.key in letter.respondents]
            if later:
                story.send_in(stage.lead.address, stage.moment(stage.first_due, -1), [entry], later)
            for ask in (x for x in story.letters if x.recipient in asked):
                yield from story.receive(ask.recipient, stage.moment(stage.first_due, 0), phrase, answered=ask).letters


# People who cannot be written to ------------------------------------------------------------------


def _out_of_reach(stage: Stage) -> Iterator[Letter]:
    """Somebody has left; letters come back, whosever fault it is; nobody else is there; the secretariat's fail."""
    sender, at, ask = stage.lead.address, stage.moment(stage.first_due, -1), _request(stage)
    yield from Story(stage).receive(sender, at, _LEFT).letters
    for status in ("5.1.1", "5.2.2", "4.4.7", "5.7.1", ""):
        yield from _came_back(Story(stage), replace(ask, recipient=sender), status)
    story, office = Story(stage), stage.site.office
    for person in (stage.lead, office.co_ordinator, *office.secretariat):  # several refuse our mail for what it is
        yield from _came_back(story, replace(ask, recipient=person.address), "5.7.1")
    yield from _came_back(Story(_alone(stage)), replace(ask, recipient=sender), "5.1.1")
    for person in stage.site.office.secretariat[:1]:
        yield from _came_back(Story(stage), replace(ask, recipient=person.address), "5.1.1")


def _came_back(story: Story, letter: QueuedLetter, status: str) -> Iterator[Letter]:
    report = f"Final-Recipient: rfc822; {letter.recipient}\nAction: failed\n{f'Status: {status}' if status else ''}"
    yield from story.receive(
        "mailer-daemon@mail.example",
        story.stage.moment(story.stage.dates.due, -1),
        answered=letter,
        report=(report,),
        originals=(letter.message_id,),
        marks=frozenset({Mark.BOUNCE}),
    ).letters


def _alone(stage: Stage) -> Stage:
    """Nobody else serves for what a person answers for, and we have no telephone number."""
    keys = {entry.respondent.key for entry in stage.entries}
    alone = (replace(stage.lead, phone=""),)
    respondents = (replace(r, contacts=alone) if r.key in keys else r for r in stage.site.respondents)
    return replace(stage, site=replace(stage.site, respondents=tuple(respondents)))


def _request(stage: Stage) -> QueuedLetter:
    """The letter that asked for the first return, as it was sent."""
    first, *_ = proofs.write_letters(Mailing(entries=stage.entries[:1]), stage.site, stage.dates)
    return Story(stage).send(first, stage.moment(stage.dates.due, -9))
