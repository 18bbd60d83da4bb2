"""The letters that ask: for what has not come, to leads and to a chair; and a chair for approval of one submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from csp_workflow.letters.kinds import Audience, Conversation, Ground, Kind, Matter, writes
from csp_workflow.letters.requests import ReplyWords
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.events import About, Manner
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import plural
from csp_workflow.terms.queries import Group
from csp_workflow.terms.site import Contact, Respondent


@dataclass(frozen=True, kw_only=True)
class Owed:
    """A return that has not come. `days` are working days from its due date to the day of the letter.

    `rung` is the ladder's ("overdue+2"). `thing` is what the respondent owes: "return", or "extract" for the force's
    analyst. `why` says in a sentence why somebody who is not its lead is written to ("" for the lead).
    """

    respondent: str
    code: str
    name: str
    thing: str
    due: datetime
    days: int
    rung: str
    why: str = ""

    @property
    def about(self) -> About:
        """What a letter is about that asks for it."""
        return About(respondent=self.respondent, rung=self.rung, due=london_day(self.due))

    @property
    def standing(self) -> str:
        """Such as "due in three working days", "due today" or "two working days late"."""
        if self.days == 0:
            return "due today"
        if self.days > 0:
            return f"{plural(self.days, 'working day', spelt=True)} late"
        return f"due in {plural(-self.days, 'working day', spelt=True)}"


@dataclass(frozen=True, kw_only=True)
class Unmended:
    """A return that came with faults which nobody has mended yet: `faults` are grouped, a line for many cells.

    `reminder` is the number of this reminder of it; `why` is as for a return that has not come. `returned` is when the
    co-ordinator sent it back (None: she did not) and `reason` why, in her words.
    """

    respondent: str
    code: str
    name: str
    submission: str
    reminder: int
    received: datetime
    faults: tuple[Group, ...]
    why: str = ""
    returned: datetime | None = None
    reason: str = ""

    @property
    def about(self) -> About:
        """What a letter is about that reminds of it."""
        return About(respondent=self.respondent, submission=self.submission, reminder=self.reminder)

    @property
    def cells(self) -> int:
        """How many cells are still to be mended."""
        return sum(len(group.cells) for group in self.faults)


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What a letter of the chase is written for: the cause that makes a repeat a no-op, and the hard deadline.

    `close` is that of what the letter is about, None when it is past; `longer` says that it is after the quarter's.
    """

    quarter: Quarter
    cause: str
    close: datetime | None
    words: ReplyWords
    longer: bool = False


def _reminder_kind(name: str, *about: str, ground: Ground, audience: Audience = Audience.CONTACT) -> Kind:
    """A letter to a lead goes on with the request; a chair has had none, only a note of it."""
    return Kind(
        name=name,
        manner=Manner.TIMED,
        audience=audience,
        about=("respondent", *about),
        ground=ground,
        continues=Conversation.RETURN if audience is Audience.CONTACT else None,
        is_dated=True,
    )


_MISSING = Ground.RETURN_MISSING


def _remind(to: Contact, owed: Sequence[Owed], occasion: Occasion, *, forms: tuple[Attachment, ...] = ()) -> Matter:
    """Remind a lead of returns, with their `forms`."""
    things = {o.thing for o in owed}
    facts = {
        "codes": tuple(o.code for o in owed),
        "returns": tuple(owed),
        "thing": things.pop() if len(things) == 1 else "return",
        "close": occasion.close,
        "nil_word": occasion.words.nil,
        "decline_word": occasion.words.decline,
    }
    return _timed(to, tuple(o.about for o in owed), occasion, facts, forms)


reminder_before_due = writes(_reminder_kind("reminder-before-due", "rung", "due", ground=_MISSING))(_remind)
"""Remind a lead that returns are due soon."""

reminder_due_today = writes(_reminder_kind("reminder-due-today", "rung", "due", ground=_MISSING))(_remind)
"""Remind a lead that returns are due today."""

reminder_overdue = writes(_reminder_kind("reminder-overdue", "rung", "due", ground=_MISSING))(_remind)
"""Tell a lead that returns have not come, and how to ask for time."""


@writes(_reminder_kind("overdue-chair", "rung", "due", ground=_MISSING, audience=Audience.CHAIR))
def overdue_chair(to: Contact, owed: Owed, occasion: Occasion, *, lead: str, reminded: Sequence[date] = ()) -> Matter:
    """Tell a chair, with the co-ordinator's yes, that a return has not come; `reminded`: when we wrote to the lead."""
    facts = {
        "codes": (owed.code,),
        "owed": owed,
        "close": occasion.close,
        "longer": occasion.longer,
        "lead": lead,
        "reminded": tuple(reminded),
    }
    return _timed(to, (owed.about,), occasion, facts)


@writes(_reminder_kind("query-reminder", "submission", "reminder", ground=Ground.FAULTS_OPEN))
def query_reminder(
    to: Contact, unmended: Sequence[Unmended], occasion: Occasion, *, last: bool, forms: tuple[Attachment, ...] = ()
) -> Matter:
    """Remind a lead that something in a return still has to be mended, with the marked forms as they were sent.

    `last` when no further reminder follows.
    """
    facts = {
        "codes": tuple(u.code for u in unmended),
        "returns": tuple(unmended),
        "close": occasion.close,
        "last": last,
        "enclosed": len(forms),
    }
    return _timed(to, tuple(u.about for u in unmended), occasion, facts, forms)


def _timed(
    to: Contact,
    about: tuple[About, ...],
    occasion: Occasion,
    facts: Mapping[str, object],
    forms: tuple[Attachment, ...] = (),
) -> Matter:
    return Matter(to=to, cause=occasion.cause, about=about, quarter=occasion.quarter, facts=facts, attachments=forms)


# The letters that ask a chair to approve exactly one submission, to be read and answered on a phone


@dataclass(frozen=True, kw_only=True)
class FigureLine:
    """One figure as the chair reads it: what it is, this quarter, the same quarter last year, and the lead's note.

    `direction` is what the paper's reading says of its twelve months, "" where it says nothing of change.
    """

    what: str
    now: str
    year_ago: str
    note: str = ""
    direction: str = ""
    is_story: bool = False


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something that differs from the version the chair saw before. `words` when it is a text, not a figure."""

    what: str
    was: str
    now: str
    words: bool = False


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The submission a chair is asked about, as its letter shows it.

    `version` counts the respondent's submissions; `own` are the partnership's figures and `force`
    the police figures it confirmed or disputed; `disputes` and `summary` are (heading, text) pairs, `questions` says
    what the lead was asked and has not answered, in a line each.
    `told` are those who hear of the approval, by the paper alone where it `is_printed`; `by` is the day by which it
    helps most, `gone` names boards whose paper is settled already.
    `corrected`: an earlier version was approved. `revised` are police figures that changed since the form went that was
    answered, as they stand since `revised_on`.
    """

    respondent: str
    code: str
    name: str
    submission: str
    version: int
    received: datetime
    completed_by: str
    own: tuple[FigureLine, ...] = ()
    force: tuple[FigureLine, ...] = ()
    disputes: tuple[tuple[str, str], ...] = ()
    questions: tuple[str, ...] = ()
    summary: tuple[tuple[str, str], ...] = ()
    told: tuple[str, ...] = ()
    is_printed: bool = False
    by: date | None = None
    gone: tuple[str, ...] = ()
    late: bool = False
    corrected: bool = False
    revised: tuple[str, ...] = ()
    revised_on: date | None = None

    @property
    def foremost(self) -> tuple[FigureLine, ...]:
        """The figures to see first: those whose year is a story, then the partnership's own, as on the form."""
        return tuple(sorted((*self.own, *self.force), key=lambda line: not line.is_story)[:_FOREMOST])


_FOREMOST = 3
"""So many figures leave room, on a telephone's first screen, for what is asked and what is open."""


@dataclass(frozen=True, kw_only=True)
class Asking:
    """On what occasion a chair is written to, and the exact phrase that approves. `reminder` 1, 2, or 0 for an ask.

    `why` says in a sentence why a deputy chair is asked, "" for the chair.
    """

    quarter: Quarter
    cause: str
    phrase: str
    reminder: int = 0
    why: str = ""


def _approval_kind(name: str, *more: str, **says: Any) -> Kind:
    about = ("respondent", "submission", *more)
    ground = Ground.APPROVAL_MISSING
    return Kind(name=name, manner=Manner.TIMED, audience=Audience.CHAIR, about=about, ground=ground, **says)


@writes(_approval_kind("approval-request", begins=Conversation.APPROVAL))
def approval_request(to: Contact, seen: Seen, asking: Asking) -> Matter:
    """Ask a chair to approve a return: figures, disputes, open queries and summary in the body."""
    return _approval(to, seen, asking, {})


@writes(_approval_kind("approval-again", continues=Conversation.APPROVAL))
def approval_again(to: Contact, seen: Seen, asking: Asking, *, changes: Sequence[Change], was_approved: bool) -> Matter:
    """Ask again after a later submission: only what changed since the version the chair was shown."""
    return _approval(to, seen, asking, {"changes": tuple(changes), "was_approved": was_approved})


@writes(_approval_kind("approval-reminder", "reminder", continues=Conversation.APPROVAL, is_dated=True))
def approval_reminder(
    to: Contact, seen: Seen, asking: Asking, *, asked: date, last: bool, is_theirs: bool = False
) -> Matter:
    """Remind a chair of an approval asked on a day. `last` when no further reminder follows.

    `is_theirs`: the chair sent the return, and was asked in the receipt.
    """
    return _approval(to, seen, asking, {"asked": asked, "last": last, "is_theirs": is_theirs})


def _approval(to: Contact, seen: Seen, asking: Asking, more: dict[str, object]) -> Matter:
    return Matter(
        to=to,
        cause=asking.cause,
        about=(About(respondent=seen.respondent, submission=seen.submission, reminder=asking.reminder),),
        quarter=asking.quarter,
        facts={
            "codes": (seen.code,),
            "seen": seen,
            "phrase": asking.phrase,
            "role": to.role.value,
            "why": asking.why,
            **more,
        },
    )


@writes(
    Kind(
        name="deputy-asked",
        manner=Manner.TIMED,
        audience=Audience.CHAIR,
        about=("respondent", "submission"),
        ground=Ground.LATEST_VERSION,
    )
)
def deputy_asked(
    to: Contact,
    respondent: Respondent,
    quarter: Quarter,
    *,
    submission: str,
    deputy: str,
    because: str,
    was_asked: bool,
) -> Matter:
    """Tell a chair that the deputy chair is asked to approve, and why."""
    return Matter(
        to=to,
        cause=f"deputy:{quarter.key}:{submission}",
        about=(About(respondent=respondent.key, submission=submission),),
        quarter=quarter,
        facts={
            "codes": (respondent.code,),
            "name": respondent.name,
            "deputy": deputy,
            "because": because,
            "was_asked": was_asked,
        },
    )
