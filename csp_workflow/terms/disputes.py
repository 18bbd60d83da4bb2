"""Police figures that partnerships dispute: since when and why, when that was passed on, and what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.phrases import day
from csp_workflow.terms.returns import Entry, FormDefinition, Submission
from csp_workflow.terms.site import Site


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """A police figure that a partnership disputes, in its words, under a number that stays ("D1").

    `submission` is the first version that says so. `passed` is when the letter with the reason was handed over to the
    force's analyst, None before, and `letter` the version that it was about; `answer` what came back, an explanation in
    the force's words or that the figure was revised.
    """

    respondent: str
    number: str
    area: str
    ref: str
    reason: str
    submission: str
    since: datetime
    passed: datetime | None = None
    letter: str = ""
    answer: str = ""
    answered: datetime | None = None
    by: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the force has it, and has not answered."""
        return self.passed is not None and self.answered is None


def list_disputes(
    versions: Sequence[Submission], events: Iterable[Event] = (), handed: Mapping[str, datetime] | None = None
) -> tuple[Dispute, ...]:
    """The disputes of the last of some versions; `handed` is when the letter about a version's disputes left.

    The same reason in a later version is the same dispute; other words on the same figure are another one.
    """
    if not versions:
        return ()
    places = list(dict.fromkeys((area, ref) for version in versions for area, ref, _ in version.disputes))
    answers = [e for e in events if e.kind is Happened.DISPUTE_ANSWERED and e.respondent == versions[-1].respondent]
    return tuple(
        _find_dispute(versions, dispute, f"D{places.index(dispute[:2]) + 1}", answers, handed or {})
        for dispute in versions[-1].disputes
    )


def _find_dispute(
    versions: Sequence[Submission],
    dispute: tuple[str, str, str],
    number: str,
    answers: Sequence[Event],
    handed: Mapping[str, datetime],
) -> Dispute:
    area, ref, reason = dispute
    begun = len(versions)
    while begun and dispute in versions[begun - 1].disputes:
        begun -= 1
    first, held = versions[begun], versions[begun:]
    mine = [e for e in answers if (e.facts["area"], e.facts["ref"]) == (area, ref) and e.instant >= first.received]
    last, told = mine[-1] if mine else None, [one.id for one in held if one.id in handed]
    return Dispute(
        respondent=first.respondent,
        number=number,
        area=area,
        ref=ref,
        reason=reason,
        submission=first.id,
        since=first.received,
        passed=handed[told[0]] if told else None,
        letter=told[0] if told else "",
        answer=str(last.facts["words"]) if last else "",
        answered=last.instant if last else None,
        by=last.by if last else "",
    )


def name_disputed(site: Site, dispute: Dispute) -> str:
    """A disputed figure for a reader: its ref, its title and its area."""
    titles = {series.ref: series.title for framework in site.frameworks for series in framework.series()}
    areas = {area.code: area.name for one in site.respondents for area in one.areas}
    return f"{dispute.ref} {titles.get(dispute.ref, '')}, {areas.get(dispute.area, dispute.area)}"


def add_answers(submission: Submission, disputes: Iterable[Dispute]) -> Submission:
    """A version with what the force answered behind each reason for a dispute, as papers print them."""
    answered = {(d.area, d.ref): d.answer for d in disputes if d.answered}
    told = (
        (area, ref, f"{reason} [The answer: {answered[area, ref]}]" if (area, ref) in answered else reason)
        for area, ref, reason in submission.disputes
    )
    return replace(submission, disputes=tuple(told))


def say_passed(dispute: Dispute) -> str:
    """What became of a dispute, for whoever disputes the figure; "" while the force was not written to."""
    if dispute.answered:
        return f"It was answered on {day(london_day(dispute.answered))}: {dispute.answer}"
    return f"We passed that on to the force on {day(london_day(dispute.passed))}." if dispute.passed else ""


def say_dispute(dispute: Dispute, name: str, months: str = "") -> str:
    """By whom and since when a figure is disputed, and what was answered; `months` of which, where of others."""
    whose = f"The figure for {months} is disputed" if months else "Disputed"
    said = f"{whose} by {name} since {day(london_day(dispute.since))}."
    if dispute.answered:
        return f"{said} Answered on {day(london_day(dispute.answered))}: {dispute.answer}"
    return f"{said} Not answered yet."


def lay_disputes(form: FormDefinition, said: Mapping[tuple[str, str], str]) -> FormDefinition:
    """A form that says beside the force's figures, by area and ref, what is disputed of them."""
    rows = (
        replace(row, disputed=said.get((row.area.code, row.ref), row.disputed)) if row.entry is Entry.CONFIRM else row
        for row in form.figures
    )
    return replace(form, figures=tuple(rows))
