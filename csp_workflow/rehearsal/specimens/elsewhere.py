"""The scenes of what is about no return: others' matters, passed on; and a store that came from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from csp_workflow.chase import beat
from csp_workflow.chase.watching import LONG, WatchFacts, judge_troubles
from csp_workflow.letters.troubles import MOST_TOLD, FoundMessage
from csp_workflow.post import leaving
from csp_workflow.rehearsal.specimens.stage import Filling, Stage, Story, form
from csp_workflow.request import proof as proofs
from csp_workflow.request.proof import Mailing
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.mailboxes import Lying, Place
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.presence import Undeliverable
from csp_workflow.terms.service_status import ServiceStatus, fold_service
from csp_workflow.terms.topics import Topic, Topics

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
