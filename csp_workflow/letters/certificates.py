"""The letters about a certificate: a budget holder's yes to what a return says of grant money, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from csp_workflow.letters.answers import Incoming
from csp_workflow.letters.chases import Asking, Change
from csp_workflow.letters.kinds import Audience, Conversation, Ground, Kind, Matter, writes
from csp_workflow.terms.events import About, Manner
from csp_workflow.terms.grants import GrantStatement, state_money
from csp_workflow.terms.personal import keep_back
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.site import Contact, Respondent, Role


@dataclass(frozen=True, kw_only=True)
class StatedMoney:
    """What one version of a return says of grant money, as letters show it.

    `by` is the day by which a certificate helps most, `gone` names boards whose paper is settled already.
    """

    respondent: str
    code: str
    name: str
    submission: str
    received: datetime
    grants: tuple[GrantStatement, ...]
    completed_by: str = ""
    by: date | None = None
    gone: tuple[str, ...] = ()


def show_money(respondent: Respondent, submission: Submission) -> StatedMoney:
    """What a version says of grant money; a person's name in it is kept back."""
    sign_off = submission.sign_off
    return StatedMoney(
        respondent=respondent.key,
        code=respondent.code,
        name=respondent.name,
        submission=submission.id,
        received=submission.received,
        grants=tuple(state_money(respondent.grants, submission.figures)),
        completed_by=keep_back(", ".join(filter(None, (sign_off.completed_by, sign_off.position)))),
    )


def list_informed(respondent: Respondent, day: date, *, besides: Sequence[Contact] = ()) -> tuple[Contact, ...]:
    """Who gets a statement once it is certified: the leads and the chief finance officers, each once."""
    people = (*respondent.people(Role.LEAD, day), *respondent.people(Role.FINANCE, day))
    found = {c.address.lower(): c for c in people if not any(c.is_at(one.address) for one in besides)}
    return tuple(found.values())


def _asking_kind(name: str, *more: str, **says: Any) -> Kind:
    about, ground = ("respondent", "submission", *more), Ground.CERTIFICATE_MISSING
    return Kind(name=name, manner=Manner.TIMED, audience=Audience.HOLDER, about=about, ground=ground, **says)


@writes(_asking_kind("certificate-request", begins=Conversation.CERTIFICATE))
def certificate_request(
    to: Contact, stated: StatedMoney, asking: Asking, *, changes: Sequence[Change] = (), was_asked: bool = False
) -> Matter:
    """Ask a budget holder to certify grant money; `changes` are what differs from what they were shown before."""
    return _ask(to, stated, asking, {"changes": tuple(changes), "was_asked": was_asked})


@writes(_asking_kind("certificate-reminder", "reminder", continues=Conversation.CERTIFICATE, is_dated=True))
def certificate_reminder(to: Contact, stated: StatedMoney, asking: Asking, *, asked: date, last: bool) -> Matter:
    """Remind a budget holder of a certificate asked for on a day. `last` when no further reminder follows."""
    return _ask(to, stated, asking, {"asked": asked, "last": last})


def _ask(to: Contact, stated: StatedMoney, asking: Asking, more: dict[str, object]) -> Matter:
    facts = {"codes": (stated.code,), "stated": stated, "phrase": asking.phrase, "role": to.role.value}
    return Matter(
        to=to,
        cause=asking.cause,
        about=(About(respondent=stated.respondent, submission=stated.submission, reminder=asking.reminder),),
        quarter=asking.quarter,
        facts={**facts, "why": asking.why, **more},
    )


@writes(
    Kind(
        name="certificate-deputy",
        manner=Manner.TIMED,
        audience=Audience.HOLDER,
        about=("respondent", "submission"),
        ground=Ground.LATEST_VERSION,
    )
)
def certificate_deputy(
    to: Contact, stated: StatedMoney, asking: Asking, *, deputy: str, because: str, was_asked: bool
) -> Matter:
    """Tell a budget holder that the deputy is asked to certify, and why."""
    facts = {"codes": (stated.code,), "name": stated.name, "deputy": deputy, "because": because}
    return Matter(
        to=to,
        cause=f"deputy of {asking.cause}",
        about=(About(respondent=stated.respondent, submission=stated.submission),),
        quarter=asking.quarter,
        facts={**facts, "was_asked": was_asked},
    )


def _answer_kind(name: str, audience: Audience) -> Kind:
    about = ("respondent", "submission")
    return Kind(name=name, manner=Manner.ANSWER, audience=audience, about=about, answers_news=True)


@writes(_answer_kind("certificate-recorded", Audience.HOLDER))
def certificate_recorded(to: Contact, stated: StatedMoney, known: Incoming, *, at: datetime) -> Matter:
    """Confirm to a budget holder that exactly this grant money is certified, and who is told."""
    return _tell(to, stated, known, {"at": at})


@writes(_answer_kind("certified-statement", Audience.MONEY))
def certified_statement(
    to: Contact, stated: StatedMoney, known: Incoming, *, by: str, role: str, at: datetime, evidence: str = ""
) -> Matter:
    """Give somebody the statement as certified, by whom; `evidence` says how the office knows, where that was not by
    their own letter."""
    return _tell(to, stated, known, {"by": by, "role": role, "at": at, "evidence": evidence, "reads": to.role.value})


@writes(_answer_kind("certificate-out-of-date", Audience.HOLDER))
def certificate_out_of_date(to: Contact, stated: StatedMoney, known: Incoming, *, is_complete: bool) -> Matter:
    """Tell a budget holder that other grant money was stated since they were asked."""
    return _tell(to, stated, known, {"is_complete": is_complete})


def _tell(to: Contact, stated: StatedMoney, known: Incoming, facts: dict[str, object]) -> Matter:
    return Matter(
        to=to,
        cause=f"certificate:{stated.submission} {known.message}",
        about=(About(respondent=stated.respondent, submission=stated.submission),),
        quarter=known.quarter,
        facts={"codes": (stated.code,), "stated": stated, **facts},
        answers=known.thread,
    )
