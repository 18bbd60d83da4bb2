"""The scene of grant money: a partnership states it, and its budget holder certifies it, late, in vain, or by word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from csp_workflow.rehearsal.specimens.stage import Filling, Stage, Story, open_quarter
from csp_workflow.terms.grants import Grant
from csp_workflow.terms.letters import REMINDERS, Letter
from csp_workflow.terms.site import Assent, Respondent, Role


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
    for ask, words in zip(asks, (stage.site.approval_phrases[0], phrases[0], phrases[0]), strict=False):
        yield from story.receive(holder.address, at, words, answered=ask).letters


def _silent(stage: Stage) -> Iterator[Letter]:
    """Nobody answers: the budget holder is reminded, the deputy asked, and the office records it at last."""
    story, at, days = Story(stage), stage.moment(stage.first_due, -3), stage.site.limits.approval_reminder_days
    yield from story.send_in(stage.lead.address, at, stage.entries, Filling.WELL).letters
    last = stage.moment(stage.first_due, (REMINDERS + 1) * days)
    yield from story.chase(stage.day(at, 0), stage.day(last, 0))
    code = stage.entries[0].respondent.code
    yield from story.order(f"CERTIFIED {code} BY the budget holder BECAUSE he told me by telephone", last)
