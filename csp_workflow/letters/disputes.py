"""The letters about police figures that partnerships dispute: to the force's analyst, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from csp_workflow.letters.kinds import Audience, Conversation, Kind, Matter, writes
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.events import About, LetterState, Manner, QueuedLetter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.site import Contact, Respondent


@dataclass(frozen=True, kw_only=True)
class Disputed:
    """What one partnership disputes: rows of what it is, and why in its words, as its form says they are passed on.

    `submission` is the version that says so; `since` is when the analyst was written to first, where that is past.
    """

    respondent: str
    name: str
    submission: str
    rows: tuple[tuple[str, str], ...]
    since: datetime | None = None


def _write_to_analyst(
    to: Contact, analyst: Respondent, quarter: Quarter, disputed: Sequence[Disputed], reminder: int = 0
) -> Matter:
    """Pass on what was disputed since the last such letter, one a day, with each reason; or ask for it once more."""
    return Matter(
        to=to,
        cause=" ".join(one.submission for one in disputed),
        about=tuple(
            About(respondent=analyst.key, submission=one.submission, reminder=reminder) for one in disputed
        ),
        quarter=quarter,
        facts={"codes": (analyst.code,), "disputed": tuple(disputed)},
    )  # fmt: skip


def _kind_to_analyst(name: str) -> Kind:
    return Kind(name=name, manner=Manner.TIMED, audience=Audience.ANALYST, about=("respondent", "submission"))


pass_disputes = writes(_kind_to_analyst("disputes"))(_write_to_analyst)
remind_of_disputes = writes(_kind_to_analyst("disputes-reminder"))(_write_to_analyst)

ABOUT_DISPUTES = frozenset({pass_disputes.kind.name, remind_of_disputes.kind.name})
"""The letters that the analyst answers about a disputed figure."""

_NEVER_LEFT = {LetterState.WITHDRAWN, LetterState.FAILED, LetterState.HELD}


def find_passed(letters: Iterable[QueuedLetter]) -> dict[str, datetime]:
    """When the letter with a version's disputes was handed over, by the version; only then may a letter say so."""
    told = (x for x in letters if x.kind == pass_disputes.kind.name and x.state not in _NEVER_LEFT and x.sent)
    return {about.submission: x.sent for x in told for about in x.about if x.sent}


@writes(
    Kind(
        name="dispute-answered",
        manner=Manner.TIMED,
        audience=Audience.CONTACT,
        about=("respondent",),
        continues=Conversation.RETURN,
    )
)
def dispute_answered(
    to: Contact,
    respondent: Respondent,
    quarter: Quarter,
    rows: Sequence[tuple[str, str, str]],
    *,
    cause: str,
    at: datetime,
    is_revised: bool = False,
    is_closed: bool = False,
) -> Matter:
    """Tell whoever disputed a police figure what came back: rows of what it is, their reason, and the force's words.

    `is_revised`: the force has given another figure, which the words say. `is_closed`: the force has not answered, and
    the office asks no more, as the words say.
    """
    return Matter(
        to=to,
        cause=cause,
        about=(About(respondent=respondent.key),),
        quarter=quarter,
        facts={
            "codes": (respondent.code,), "name": respondent.name, "rows": tuple(rows), "is_revised": is_revised,
            "is_closed": is_closed, "day": london_day(at),
        },
    )  # fmt: skip


@writes(
    Kind(
        name="dispute-figure-asked",
        manner=Manner.ANSWER,
        audience=Audience.ANALYST,
        about=("respondent", "message"),
        answers_news=True,
    )
)
def dispute_figure_asked(
    to: Contact, analyst: Respondent, quarter: Quarter, *, message: str, words: str, form: Attachment | None
) -> Matter:
    """Ask the analyst, whose words name another figure, to put it into the extract: no figure is taken from words."""
    return Matter(
        to=to,
        cause=message,
        about=(About(respondent=analyst.key, message=message),),
        quarter=quarter,
        facts={"codes": (analyst.code,), "words": words, "file": form.name if form else ""},
        attachments=(form,) if form else (),
    )
