"""The scenes of what arrives: returns, files that are none, words, people who cannot be written to any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from csp_workflow.forms.refusals import explain_refusal
from csp_workflow.intake.case import OpenedFile
from csp_workflow.rehearsal.specimens.filled import Filling, filled
from csp_workflow.rehearsal.specimens.stage import KEY, Party, Stage
from csp_workflow.rehearsal.specimens.story import Story, form
from csp_workflow.request import proof as proofs
from csp_workflow.request.proof import Proof, ProofEntry
from csp_workflow.terms.letters import Letter, QueuedLetter
from csp_workflow.terms.messages import Attachment, Mark
from csp_workflow.terms.returns import ReadForm, seal_reference
from csp_workflow.terms.site import Respondent

_NOT_FORMS = ("password", "pdf")
_QUESTION = "Our analyst is away until Monday.\nCan we send the figures a week later?"
_FORGOTTEN = "Please find our return attached."
_LEFT = "I no longer work on this.\nPlease write to the community safety team."
_TABLE = ("All crime\t412", "Burglary in a dwelling\t38", "Theft of a vehicle\t7")


def arrivals(stage: Stage) -> Iterator[Letter]:
    """Every sort of message from everybody who is asked, and the letters that follow from each."""
    for place, party in enumerate(stage.parties):
        yield from _returns(stage, party)
        if not place or len(party.entries) > 1:
            yield from _after_the_close(stage, party)
        yield from _files_of_no_use(stage, party)
        yield from _words(stage, party)
        yield from _nothing_to_report(stage, party)
        yield from _out_of_reach(stage, party)
        for entry in party.entries:
            yield from _approvals(stage, party, entry)


def _returns(stage: Stage, party: Party) -> Iterator[Letter]:
    """In time, and a later version after the due date, twice. Returns with faults are a scene of the chase."""
    sender, story = party.contact.address, Story(stage)
    for days, filling in ((-2, Filling.WELL), (1, Filling.ODD), (2, Filling.ODD)):
        yield from story.send_in(sender, stage.moment(party.due, days), party.entries, filling).letters


def _after_the_close(stage: Stage, party: Party) -> Iterator[Letter]:
    """With faults in the first form, and entries that may be right in the others."""
    forms = [form(e, Filling.ODD if place else Filling.FAULTY) for place, e in enumerate(party.entries)]
    yield from Story(stage).receive(party.contact.address, stage.moment(stage.dates.close, 1), opened=forms).letters


def _files_of_no_use(stage: Stage, party: Party) -> Iterator[Letter]:
    """Forms that came back empty, in two versions or of another quarter; other files, links, tables, nothing.

    Some of it again when the return is in and nothing is due any more.
    """
    sender, at, first = party.contact.address, stage.moment(party.due, -1), party.entries[0]
    is_out, is_in = Story(stage), Story(stage)
    yield from is_out.send_in(sender, at, party.entries, Filling.EMPTY).letters
    versions = [form(first, Filling.WELL), form(first, Filling.CHANGED, name="Return (2).xlsx")]
    yield from Story(stage).receive(sender, at, opened=versions).letters
    is_in.send_in(sender, at, party.entries, Filling.WELL)
    for story in (is_out, is_in):
        files = [(Attachment(name=f"Return.{reason}", data=b""), explain_refusal(reason)) for reason in _NOT_FORMS]
        own = Attachment(name="Our figures.xlsx", data=b""), ReadForm()
        yield from story.receive(sender, at, "Here it is.", opened=[*files, own]).letters
        yield from story.receive(sender, at, _FORGOTTEN).letters
    yield from is_out.receive(sender, at, "It is here.", links=("https://share.example/return",)).letters
    yield from is_out.receive(sender, at, "The figures are below.", rows=_TABLE).letters
    for is_running in (True, False):
        for entry in party.entries:
            yield from Story(stage).receive(sender, at, opened=[_last_quarters(entry)], is_running=is_running).letters


def _last_quarters(entry: ProofEntry) -> OpenedFile:
    """The form of the quarter before, filled in now."""
    ours, before = entry.form.reference, entry.form.quarter.previous
    sealed = seal_reference(ours.code, before.code, ours.form, 1, key=KEY)
    attachment, _ = form(entry, Filling.WELL, name=f"Return {before.code}.xlsx")
    return attachment, filled(replace(entry.form, reference=sealed), Filling.WELL)


def _words(stage: Stage, party: Party) -> Iterator[Letter]:
    """A question, in a quarter and between two; one too many; and what people write who are not registered."""
    sender, at, first = party.contact.address, stage.moment(party.due, -1), party.entries[0]
    picture = [(Attachment(name="Screenshot.png", data=b""), explain_refusal("image"))]
    yield from Story(stage).receive(sender, at, _QUESTION).letters
    yield from Story(stage).receive(sender, at, _QUESTION, opened=picture, is_running=False).letters
    enough = (_QUESTION,) * stage.site.limits.answers_a_day
    yield from Story(stage).receive(sender, at, _QUESTION, answers_today=enough).letters
    ask = _request(stage, first)
    for stranger in (f"a.colleague@{sender.rpartition('@')[2]}", "somebody@elsewhere.example"):
        for opened in ([], [form(first, Filling.WELL)]):
            yield from Story(stage).receive(stranger, at, "Here it is.", opened=opened, answered=ask).letters


def _nothing_to_report(stage: Stage, party: Party) -> Iterator[Letter]:
    """Nil and declined: ticked with a reason, twice; and written in a reply, without one."""
    sender, at, site = party.contact.address, stage.moment(party.due, -1), stage.site
    for filling in (Filling.NIL, Filling.DECLINED):
        story = Story(stage)
        for _ in range(2):
            yield from story.send_in(sender, at, party.entries, filling).letters
    for phrase in (site.nil_phrases[0], site.decline_phrases[0]):
        for entry in party.entries:
            yield from Story(stage).receive(sender, at, f"{phrase} {entry.respondent.code}").letters


def _approvals(stage: Stage, party: Party, entry: ProofEntry) -> Iterator[Letter]:
    """A chair approves what is the latest version; and one that another, complete or with faults, has replaced."""
    day, phrase = stage.day(party.due, -2), stage.site.approval_phrases[0]
    for later in (None, Filling.CHANGED, Filling.FAULTY):
        story = Story(stage)
        story.send_in(party.contact.address, stage.moment(party.due, -3), [entry], Filling.WELL)
        asked = [letter.recipient for letter in story.chase(day, day) if entry.respondent.key in letter.respondents]
        if later:
            story.send_in(party.contact.address, stage.moment(party.due, -1), [entry], later)
        for ask in (x for x in story.letters if x.recipient in asked):
            yield from story.receive(ask.recipient, stage.moment(party.due, 0), phrase, answered=ask).letters


# People who cannot be written to ------------------------------------------------------------------


def _out_of_reach(stage: Stage, party: Party) -> Iterator[Letter]:
    """Somebody has left; letters come back, with a code and without; nobody else is there; the secretariat's fail."""
    sender, at, ask = party.contact.address, stage.moment(party.due, -1), _request(stage, party.entries[0])
    yield from Story(stage).receive(sender, at, _LEFT).letters
    for status in ("5.1.1", ""):
        yield from _came_back(Story(stage), replace(ask, recipient=sender), status)
    yield from _came_back(Story(_alone(stage, party)), replace(ask, recipient=sender), "5.1.1")
    for person in stage.site.office.secretariat[:1]:
        yield from _came_back(Story(stage), replace(ask, recipient=person.address), "5.1.1")


def _came_back(story: Story, letter: QueuedLetter, status: str) -> Iterator[Letter]:
    report = f"Final-Recipient: rfc822; {letter.recipient}\nAction: failed\n{f'Status: {status}' if status else ''}"
    decision = story.receive(
        "mailer-daemon@mail.example",
        story.stage.moment(story.stage.dates.due, -1),
        answered=letter,
        report=(report,),
        originals=(letter.message_id,),
        marks=frozenset({Mark.BOUNCE}),
    )
    yield from decision.letters


def _alone(stage: Stage, party: Party) -> Stage:
    """Nobody else serves for what a person answers for, and we have no telephone number."""
    keys = {entry.respondent.key for entry in party.entries}
    alone = (replace(party.contact, phone=""),)

    def without_others(respondent: Respondent) -> Respondent:
        return replace(respondent, contacts=alone) if respondent.key in keys else respondent

    return replace(stage, site=replace(stage.site, respondents=tuple(map(without_others, stage.site.respondents))))


def _request(stage: Stage, entry: ProofEntry) -> QueuedLetter:
    """The letter that asked for one return, as it was sent."""
    laid = Proof(quarter=stage.quarter, entries=(entry,))
    first, *_ = proofs.write_letters(laid, stage.site, stage.dates)
    return Story(stage).send(first, stage.moment(stage.dates.due, -9))
