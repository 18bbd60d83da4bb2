"""The letters of a year's agreeing: the measures of each partnership, asked for, answered, approved and agreed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from csp_workflow.letters.answers import Incoming
from csp_workflow.letters.kinds import Audience, Ground, Kind, Matter, writes
from csp_workflow.terms.events import About, Manner
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.site import Contact, Respondent

_WHOSE = ("respondent", "year")


@dataclass(frozen=True, kw_only=True)
class AskedMeasures:
    """Whose measures a letter is about: of which year, due when; which version and which reminder (0: none)."""

    year: str
    respondents: tuple[Respondent, ...]
    due: datetime | None = None
    version: int = 0
    reminder: int = 0

    @property
    def about(self) -> tuple[About, ...]:
        """What the letter is about."""
        whose = (r.key for r in self.respondents)
        parts = {"year": self.year, "version": self.version, "reminder": self.reminder}
        return tuple(About(respondent=key, **parts) for key in whose)  # type: ignore[arg-type]

    @property
    def facts(self) -> dict[str, Any]:
        """What every template of these may say."""
        return {
            "codes": tuple(r.code for r in self.respondents),
            "names": tuple(r.name for r in self.respondents),
            "year": self.year,
            "due": self.due,
            "version": self.version,
            "reminder": self.reminder,
        }

    def cause(self, what: str) -> str:
        """Why a letter is written, to be told from any other."""
        whose = " ".join(r.key for r in self.respondents)
        return f"measures:{self.year}:{whose}:{what}:{self.version}:{self.reminder}"


def _matter(to: Contact, asked: AskedMeasures, what: str, files: Sequence[Attachment] = (), **more: Any) -> Matter:
    names = tuple(file.name for file in files)
    return Matter(
        to=to,
        cause=asked.cause(what),
        about=asked.about,
        quarter=None,
        facts={**asked.facts, "files": names, **more},
        attachments=tuple(files),
    )


@writes(Kind(name="measures-proof", manner=Manner.OFFICE, audience=Audience.OFFICE, ground=Ground.STATE_OF_THINGS))
def measures_proof(
    to: Contact,
    year: str,
    rows: Sequence[tuple[str, str]],
    *,
    due: datetime,
    files: tuple[Attachment, ...],
    at: datetime,
) -> Matter:
    """Show the co-ordinator whom the letters would go to (partnership, people), with every workbook."""
    facts = {"codes": (), "year": year, "rows": tuple(rows), "due": due}
    cause = f"measures-proof:{year}:{at.isoformat()}"
    return Matter(to=to, cause=cause, about=(), quarter=None, facts=facts, attachments=files)


@writes(
    Kind(
        name="measures-request",
        manner=Manner.TIMED,
        audience=Audience.CONTACT,
        about=_WHOSE,
        ground=Ground.MEASURES_OPEN,
    )
)
def measures_request(to: Contact, asked: AskedMeasures, files: tuple[Attachment, ...], *, phrase: str) -> Matter:
    """Ask a lead for the measures of all partnerships that they answer for."""
    return _matter(to, asked, "request", files, phrase=phrase.upper())


@writes(
    Kind(
        name="measures-reminder",
        manner=Manner.TIMED,
        audience=Audience.CONTACT,
        about=_WHOSE,
        ground=Ground.MEASURES_OPEN,
        is_dated=True,
    )
)
def measures_reminder(
    to: Contact, asked: AskedMeasures, files: tuple[Attachment, ...], *, phrase: str, day: str
) -> Matter:
    """Remind a lead, kindly, with the workbook once more."""
    return _matter(to, asked, f"reminder {day}", files, phrase=phrase.upper())


def _answer(
    to: Contact, asked: AskedMeasures, incoming: Incoming, files: Sequence[Attachment] = (), **more: Any
) -> Matter:
    matter = _matter(to, asked, "answer", files, **more)
    return Matter(
        to=to,
        cause=f"answer:{incoming.message}:{' '.join(r.key for r in asked.respondents)}",
        about=tuple(replace(one, message=incoming.message) for one in matter.about),
        quarter=None,
        facts=matter.facts,
        attachments=matter.attachments,
        answers=incoming.thread,
    )


@writes(
    Kind(name="measures-correction", manner=Manner.ANSWER, audience=Audience.CONTACT, about=_WHOSE, answers_news=True)
)
def measures_correction(
    to: Contact,
    asked: AskedMeasures,
    incoming: Incoming,
    file: Attachment,
    *,
    faults: Sequence[Any],
    remarks: Sequence[str],
) -> Matter:
    """Tell a sender what must be mended, cell by cell, with what they typed in a fresh workbook."""
    return _answer(to, asked, incoming, (file,), faults=tuple(faults), remarks=tuple(remarks))


@writes(Kind(name="measures-receipt", manner=Manner.ANSWER, audience=Audience.CONTACT, about=_WHOSE, answers_news=True))
def measures_receipt(
    to: Contact, asked: AskedMeasures, incoming: Incoming, *, told: Sequence[str], remarks: Sequence[str], mark: str
) -> Matter:
    """Tell a sender what was recorded of each measure, and that the chair is asked next."""
    return _answer(to, asked, incoming, told=tuple(told), remarks=tuple(remarks), mark=mark)


@writes(
    Kind(
        name="measures-approval",
        manner=Manner.TIMED,
        audience=Audience.LEAD_OR_CHAIR,
        about=(*_WHOSE, "version"),
        ground=Ground.MEASURES_VERSION,
    )
)
def measures_approval(
    to: Contact, asked: AskedMeasures, lines: Sequence[str], files: tuple[Attachment, ...], *, mark: str, phrase: str
) -> Matter:
    """Ask a chair to approve exactly one version, with the terms of reference; a lead gets the same to read."""
    more = {"lines": tuple(lines), "mark": mark, "phrase": phrase.upper(), "asks": to.role.approves}
    return _matter(to, asked, "approval", files, **more)


@writes(
    Kind(name="measures-approved", manner=Manner.ANSWER, audience=Audience.CONTACT, about=_WHOSE, answers_news=True)
)
def measures_approved(to: Contact, asked: AskedMeasures, incoming: Incoming, *, mark: str) -> Matter:
    """Tell a chair that the yes is recorded, and for which version."""
    return _answer(to, asked, incoming, mark=mark)


@writes(
    Kind(
        name="measures-returned",
        manner=Manner.TIMED,
        audience=Audience.CONTACT,
        about=_WHOSE,
        ground=Ground.MEASURES_OPEN,
    )
)
def measures_returned(
    to: Contact, asked: AskedMeasures, files: tuple[Attachment, ...], *, reason: str, order: str
) -> Matter:
    """Send the measures back to a lead with the co-ordinator's reason and a workbook as things stand."""
    return _matter(to, asked, f"returned {order}", files, reason=reason)


@writes(
    Kind(
        name="measures-agreed",
        manner=Manner.TIMED,
        audience=Audience.LEAD_OR_CHAIR,
        about=(*_WHOSE, "version"),
        ground=Ground.MEASURES_VERSION,
    )
)
def measures_agreed(
    to: Contact, asked: AskedMeasures, lines: Sequence[str], files: tuple[Attachment, ...], *, since: date, mark: str
) -> Matter:
    """Tell leads and chairs which measures are agreed, and from when the forms ask them."""
    return _matter(to, asked, "agreed", files, lines=tuple(lines), since=since, mark=mark)
