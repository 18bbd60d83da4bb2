"""The scenes of those who must say yes.

To a year's measures: asked for, answered well and badly, approved, sent back, agreed, told. To grant money: stated by a
partnership, certified by its budget holder, late, in vain, or by word. To a return: its chair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from csp_workflow.chase.measures import MeasuresView, decide_measures_chase, write_agreed, write_returned
from csp_workflow.digest.digest import decide_digest_on_request
from csp_workflow.digest.facts import DigestFacts
from csp_workflow.forms import catalogue as words
from csp_workflow.rehearsal.specimens.stage import KEY, Filling, Stage, Story, digest, form, open_quarter
from csp_workflow.request import proof
from csp_workflow.request.measures import MeasuresFacts, decide_measures_proof, decide_measures_sending
from csp_workflow.request.proof import Mailing, MailingEntry
from csp_workflow.terms.cells import Cell, CellType, ReadRow
from csp_workflow.terms.events import REMINDERS, Decision, Letter, QueuedLetter
from csp_workflow.terms.grants import Grant
from csp_workflow.terms.measure_sets import MeasureSet, seal_for
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.returns import ReadForm
from csp_workflow.terms.service_status import Agreeing
from csp_workflow.terms.site import Assent, Contact, Respondent, Role

_TERMS = Attachment(name="Terms of reference.docx", data=b"")


def agreeing(stage: Stage) -> Iterator[Letter]:
    """Everybody is asked and reminded; each answers as last year, some after a fault; all are agreed and sent back."""
    mine = tuple(
        e.respondent
        for e in stage.entries
        if e.respondent.needs_approval and e.respondent.people(Role.LEAD, stage.dates.open)
    )
    if not mine:
        return
    site, year, at = replace(stage.site, respondents=mine), stage.quarter.financial_year, stage.dates.due
    told = _Told(Story(replace(stage, site=site)), MeasuresFacts(site=site, agreeing=Agreeing(), key=KEY, year=year))
    yield from told.follow(decide_measures_proof(told.now(), at), at)
    yield from told.tell_office(at)
    yield from told.follow(decide_measures_sending(told.now(), at), at)
    asked = told.story.letters
    yield from told.chase(at, site.offsets.measures_days + 1)
    at = stage.moment(at, site.offsets.measures_days + 2)
    for place, of in enumerate(mine):
        yield from told.answer(of, next(x for x in asked if of.key in x.respondents), at, is_faulty=not place % 2)
    yield from told.tell_office(at)
    yield from told.chase(at + timedelta(hours=1), site.limits.approval_reminder_days + 1)
    at = stage.moment(at, site.limits.approval_reminder_days + 2)
    for of in mine:
        yield from told.settle(of, at)
    yield from told.tell_office(at)


class _Told:
    """The story as it goes on, with the sets that were proposed."""

    def __init__(self, story: Story, facts: MeasuresFacts) -> None:
        self.story, self._facts = story, facts
        self.sets: dict[tuple[str, str], MeasureSet] = {}

    def now(self) -> MeasuresFacts:
        """The facts as they are."""
        return replace(self._facts, agreeing=self.story.service.agreeing)

    def follow(self, decision: Decision, at: datetime) -> Iterator[Letter]:
        """What was decided is kept, and its letters leave."""
        self.story.keep(decision)
        yield from self._send(decision, at)

    def _send(self, decision: Decision, at: datetime) -> Iterator[Letter]:
        self.sets |= {(one.year, one.respondent): one for one in decision.measure_sets}
        for letter in decision.letters:
            self.story.send(letter, at)
            yield letter

    def chase(self, since: datetime, days: int) -> Iterator[Letter]:
        """What is chased in the days after a moment."""
        for day in range(days + 1):
            at = self.story.stage.moment(since, day)
            view = MeasuresView(
                site=self._facts.site,
                service=self.story.service,
                letters=self.story.letters,
                sets=self.sets,
                attach=lambda stands: self._attach(stands.respondent),
                enclose=lambda _: _TERMS,
            )
            yield from self.follow(decide_measures_chase(view, at), at)

    def _attach(self, respondent: str) -> Attachment:
        return Attachment(name=f"CSP measures {respondent}.xlsx", data=b"")

    def answer(self, of: Respondent, asked: QueuedLetter, at: datetime, *, is_faulty: bool) -> Iterator[Letter]:
        """A workbook with a fault first, or at once the words that all stays."""
        if is_faulty:
            reference = str(seal_for(of, self._facts.year, 1, key=KEY))
            file = Attachment(name="Measures.xlsx", data=digest(of.key).encode())
            read = ReadForm(references=(("A2", reference),), catalogue=(_faulty_row(of),), remarks=(_OTHER_SHEET,))
            yield from self._send(self.story.receive(asked.recipient, at, opened=[(file, read)], answered=asked), at)
        words_of_all = self._facts.site.as_last_year_phrases[0]
        whole = replace(asked, about=tuple(one for one in asked.about if one.respondent == of.key))
        yield from self._send(self.story.receive(asked.recipient, at, words_of_all, answered=whole), at)

    def settle(self, of: Respondent, at: datetime) -> Iterator[Letter]:
        """The chair says yes; it is agreed, and then sent back all the same."""
        letters = [x for x in self.story.letters if any(a.version and a.respondent == of.key for a in x.about)]
        ask = next((x for x in letters if any(c.is_at(x.recipient) for c in of.chairs(at.date()))), None)
        one = self.sets.get((self._facts.year, of.key))
        if ask is None or one is None:
            return
        yes = self._facts.site.approval_phrases[0]
        yield from self._send(self.story.receive(ask.recipient, at, yes, answered=ask), at)
        yield from self.tell_office(at)
        yield from self.story.order(f"AGREED {of.code}", at)
        yield from write_agreed(self._facts.site, one, _TERMS, at).letters
        reason = "one of the measures is counted by nobody"
        yield from self.story.order(f"RETURNED {of.code} BECAUSE {reason}", at)
        stands = self.story.service.agreeing.stands(self._facts.year, of.key)
        file, due = self._attach(of.key), self._facts.due(at)
        yield from write_returned(of, stands, file, at, due=due, reason=reason).letters

    def tell_office(self, at: datetime) -> Iterator[Letter]:
        """The morning letter as things stand."""
        facts = DigestFacts(site=self._facts.site, service=self.story.service, letters=self.story.letters)
        to = self._facts.site.office.co_ordinator
        yield from decide_digest_on_request(facts, at, to=to, cause="measures").letters


_OTHER_SHEET = "We did not read the sheet 'Workings', which is not ours."


def _faulty_row(of: Respondent) -> ReadRow:
    def cell(column: str, text: str) -> Cell:
        return Cell(sheet=words.MEASURES, cell=f"{column}20", type=CellType.TEXT if text else CellType.BLANK, text=text)

    typed = (
        (words.COUNT_WHAT, cell("B", "Visits")),
        (words.COUNTS, cell("C", "")),
        (words.PRIORITIES, cell("J", "99")),
    )
    return ReadRow(table="measures", ref=f"{of.code}.L99", sheet=words.MEASURES, row=20, cells=typed)


def grant_money(stage: Stage) -> Iterator[Letter]:
    """Each partnership that has grants by itself, or else the first one with such as it may have."""
    day = stage.dates.open
    mine = [e.respondent for e in stage.entries if e.leads and e.respondent.people(Role.CHAIR, day)]
    for respondent in [r for r in mine if r.needs_approval and r.grants] or mine[:1]:
        site = replace(stage.site, respondents=(_give_grant(respondent, stage),))
        alone = replace(stage, site=site, entries=(), opened=())
        alone = open_quarter(alone, alone.opening_facts())
        yield from (letter for letter in alone.opened if letter.kind == "request")
        yield from _certified(alone)
        yield from _silent(alone)


def _give_grant(of: Respondent, stage: Stage) -> Respondent:
    """The same with a grant, a budget holder, a deputy and a chief finance officer."""
    chair = of.people(Role.CHAIR, stage.dates.open)[0]
    domain, roles = chair.address.partition("@")[2], (*Assent.CERTIFICATE.roles, Role.FINANCE)
    lacking = (role for role in roles if not of.people(role, stage.dates.open))
    people = (
        replace(chair, role=role, name=f"The {role}", address=f"{role.replace(' ', '.')}@{domain}", also=())
        for role in lacking
    )
    grant = Grant(ref=f"{of.code}.G1", title="Community safety fund", agreed=stage.quarter.start)
    return replace(of, contacts=(*of.contacts, *people), grants=of.grants or (grant,))


def _certified(stage: Stage) -> Iterator[Letter]:
    """Asked, answered with another word, asked anew about other money, answered too late, and at last certified."""
    story, at, entries = Story(stage), stage.moment(stage.first_due, -3), list(stage.entries)
    holder = stage.site.respondents[0].people(Role.BUDGET_HOLDER, stage.dates.open)[0]
    for days, filling in enumerate((Filling.WELL, Filling.CHANGED)):
        at = stage.moment(stage.first_due, days - 3)
        yield from story.send_in(stage.lead.address, at, entries, filling).letters
        yield from story.chase(stage.day(at, 0), stage.day(at, 0))
    first, *later = [x for x in story.letters if x.recipient == holder.address]
    asks, phrases = [first, first, *later[-1:]], stage.site.certify_phrases
    for ask, said in zip(asks, (stage.site.approval_phrases[0], phrases[0], phrases[0]), strict=False):
        yield from story.receive(holder.address, at, said, answered=ask).letters


def _silent(stage: Stage) -> Iterator[Letter]:
    """Nobody answers: the budget holder is reminded, the deputy asked, and the office records it at last."""
    story, at, days = Story(stage), stage.moment(stage.first_due, -3), stage.site.limits.approval_reminder_days
    yield from story.send_in(stage.lead.address, at, stage.entries, Filling.WELL).letters
    last = stage.moment(stage.first_due, (REMINDERS + 1) * days)
    yield from story.chase(stage.day(at, 0), stage.day(last, 0))
    code = stage.entries[0].respondent.code
    yield from story.order(f"CERTIFIED {code} BY the budget holder BECAUSE he told me by telephone", last)


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
