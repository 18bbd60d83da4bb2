"""What specimens are made from: a site's own respondents, people and forms in one quarter, at fixed moments."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cached_property

from csp_workflow.forms.writing import file_name
from csp_workflow.letters.answers import Incoming
from csp_workflow.letters.requests import Enclosure, ReplyWords
from csp_workflow.rehearsal.illustrate import make_extract, make_history
from csp_workflow.request.calendar import plan_quarter
from csp_workflow.request.form import define_form
from csp_workflow.request.proof import XLSX, Proof, ProofEntry, reply_words
from csp_workflow.terms.cycles import CycleDates
from csp_workflow.terms.deadlines import due_of
from csp_workflow.terms.forms import FormDefinition
from csp_workflow.terms.known import Known
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Contact, Respondent, RespondentKind, Role
from csp_workflow.terms.site import Site
from csp_workflow.terms.working_days import in_london, london

KEY = b"specimens are sealed with a key that everybody may know"
"""No real form is sealed with it, so that no specimen passes for one."""

_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, kw_only=True)
class Case:
    """One respondent with the form it is asked, and who answers for it on the day it is asked.

    `why` is the sentence that says why it goes to somebody else than a lead ("" when it does not).
    """

    respondent: Respondent
    form: FormDefinition
    leads: tuple[Contact, ...]
    chairs: tuple[Contact, ...]
    due: datetime
    why: str = ""

    @property
    def workbook(self) -> Attachment:
        """An attachment with the form's own name; its bytes are no workbook, which no letter looks into."""
        return _book(self.form)

    @property
    def fresh(self) -> Attachment:
        """The attachment of the form's next revision, as a correction brings it."""
        reference = replace(self.form.reference, revision=self.form.reference.revision + 1)
        return _book(replace(self.form, reference=reference))

    @property
    def enclosure(self) -> Enclosure:
        """The form with its attachment, as a letter takes it."""
        return Enclosure(form=self.form, workbook=self.workbook, why=self.why)

    @property
    def thing(self) -> str:
        """What the respondent owes, as letters call it."""
        return "extract" if self.respondent.kind is RespondentKind.ANALYST else "return"


@dataclass(frozen=True, kw_only=True)
class Party:
    """One person with everything the person answers for."""

    contact: Contact
    cases: tuple[Case, ...]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A site in one quarter: its dates and its cases, in the order of the config."""

    site: Site
    quarter: Quarter
    dates: CycleDates
    cases: tuple[Case, ...]

    @property
    def words(self) -> ReplyWords:
        """What a respondent writes alone in a reply."""
        return reply_words(self.site)

    @property
    def chaired(self) -> tuple[Case, ...]:
        """The cases that a chair approves."""
        return tuple(case for case in self.cases if case.respondent.needs_approval and case.chairs)

    @cached_property
    def parties(self) -> tuple[Party, ...]:
        """The first lead of each case, each person once with all cases."""
        found: dict[str, tuple[Contact, list[Case]]] = {}
        for case in self.cases:
            for lead in case.leads[:1]:
                found.setdefault(lead.address.lower(), (lead, []))[1].append(case)
        return tuple(Party(contact=contact, cases=tuple(cases)) for contact, cases in found.values())

    def proof(self, kinds: Collection[RespondentKind]) -> Proof:
        """All that opens the cycle for these kinds of respondent, as the proof pack lays it out."""
        entries = tuple(self._entry(case) for case in self.cases if case.respondent.kind in kinds)
        return Proof(quarter=self.quarter, entries=entries)

    def _entry(self, case: Case) -> ProofEntry:
        return ProofEntry(
            respondent=case.respondent,
            form=case.form,
            workbook=case.workbook,
            leads=case.leads,
            chairs=case.chairs if case.respondent.needs_approval else (),
            leaves=self.dates.open,
            why=case.why,
        )

    def day(self, due: datetime, days: int) -> date:
        """The working day so many working days from a due date."""
        return self.site.working_days.plus(in_london(due).date(), days)

    def moment(self, due: datetime, days: int, at: time = time(10, 12)) -> datetime:
        """An instant on the working day so many working days from a due date."""
        return london(self.day(due, days), at)


def set_up(site: Site, quarter: Quarter, *, among: Collection[str] | None = None) -> Stage:
    """The stage of a quarter, for every respondent that serves when it is asked (or those of these keys).

    The figures on the forms are made up. Raises KeyError when no framework covers the quarter,
    HolidaysRunOut when the bank holiday table is too short.
    """
    dates = plan_quarter(quarter, site)
    numbers = _even_numbers()
    figures = (*make_history(site, quarter, draw=numbers.__next__), *make_extract(site, quarter, draw=numbers.__next__))
    known = Known(figures, dates.open)
    return Stage(
        site=site,
        quarter=quarter,
        dates=dates,
        cases=tuple(
            _case(respondent, site, dates, known)
            for respondent in site.serving(dates.open)
            if among is None or respondent.key in among
        ),
    )


def about(party: Party, quarter: Quarter | None, *cases: Case) -> Incoming:
    """What an answer to a person's message refers to: these cases, or all of the person's."""
    told = cases or party.cases
    return Incoming(
        message=digest(f"message of {party.contact.address}"),
        quarter=quarter,
        respondents=tuple(case.respondent.key for case in told),
        codes=tuple(case.respondent.code for case in told),
        names=tuple(case.respondent.name for case in told),
        thread="<specimen@example>",
    )


def digest(text: str) -> str:
    """An id as the service makes them: the same text, the same id."""
    return hashlib.sha256(f"specimen: {text}".encode("utf-8", "replace")).hexdigest()


def _book(form: FormDefinition) -> Attachment:
    return Attachment(name=file_name(form), data=b"A specimen, not a workbook.", content_type=XLSX)


def _case(respondent: Respondent, site: Site, dates: CycleDates, known: Known) -> Case:
    form = define_form(
        respondent, dates.quarter, site=site, dates=dates, figures=known, narratives={}, revision=1, key=KEY
    )
    return Case(
        respondent=respondent,
        form=form,
        leads=respondent.people(Role.LEAD, dates.open),
        chairs=respondent.people(Role.CHAIR, dates.open),
        due=due_of(respondent, None, dates, site),
    )


def _even_numbers() -> Iterator[float]:
    """Numbers from 0 to 1, spread evenly: what the made-up figures draw instead of chance."""
    place = 0.5
    while True:
        place = (place + _GOLDEN) % 1.0
        yield place
