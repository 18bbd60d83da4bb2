"""What the co-ordinator should know before she sends, and what stops the sending, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from csp_workflow.letters.phrases import day as said_day
from csp_workflow.letters.phrases import joined
from csp_workflow.request.facts import OpeningFacts
from csp_workflow.request.proof import Proof
from csp_workflow.terms.cycles import CycleDates
from csp_workflow.terms.framework import Route
from csp_workflow.terms.respondents import Respondent, RespondentKind


def refusals(facts: OpeningFacts, laid: Proof, today: date) -> tuple[str, ...]:
    """Why the cycle could not be sent as it stands; () when it could."""
    if not laid.entries:
        return (f"Nobody owes anything for {facts.quarter}: the config has no respondents that serve today.",)
    return tuple(
        f"{entry.respondent.name} has no lead in office on {said_day(today)}, so there is nobody to ask. "
        f"Add one to config/{_file(entry.respondent)}."
        for entry in laid.entries
        if not entry.leads
    )


def remarks(facts: OpeningFacts, dates: CycleDates, laid: Proof, today: date) -> tuple[str, ...]:
    """What is not in the way of sending and still worth knowing."""
    found = [*_of_extract(facts, dates, today)]
    without_chair = [e.respondent.name for e in laid.entries if e.respondent.needs_approval and not e.chairs]
    if without_chair:
        found.append(f"No chair is in office at {joined(without_chair)}: nobody could approve the return.")
    if laid.idle:
        names = joined(respondent.name for respondent in laid.idle)
        found.append(f"Nothing is due from {names} for {facts.quarter.months}, so no request goes there.")
    return (*found, *_of_waivers(facts, dates))


def _of_waivers(facts: OpeningFacts, dates: CycleDates) -> Iterator[str]:
    names = {respondent.key: respondent.name for respondent in facts.site.respondents}
    for waiver in facts.site.framework(facts.quarter).waivers:
        if waiver.until >= dates.open:
            who = names.get(waiver.respondent, waiver.respondent)
            reason = waiver.reason.rstrip(".")
            yield f"{who} is not asked for {waiver.measure} until {said_day(waiver.until)}: {reason}."


def _of_extract(facts: OpeningFacts, dates: CycleDates, today: date) -> Iterator[str]:
    """Where the force's extract stands, as long as it has not come."""
    measures = facts.site.framework(facts.quarter).measures
    police = {series.ref for measure in measures if measure.route is Route.POLICE for series in measure.series}
    if any(figure.period == facts.quarter.key and figure.series in police for figure in facts.figures):
        return
    for respondent in facts.site.serving(today):
        if respondent.kind is RespondentKind.ANALYST:
            stands = facts.status.returns.get(respondent.key)
            is_asked = stands is not None and stands.requested is not None
            told = "has not come yet" if is_asked else "was not asked for"
            yield (
                f"The force's extract for {facts.quarter.months} {told} "
                f"(due {said_day(dates.extract_due)}): the forms say that its figures are awaited. "
                "You may also load it with: csp-workflow figures import FILE"
            )


def _file(respondent: Respondent) -> str:
    is_partnership = respondent.kind is RespondentKind.PARTNERSHIP
    return "partnerships.toml" if is_partnership else "contributors.toml"
