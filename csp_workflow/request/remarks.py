"""What the co-ordinator should know before she sends, and what stops the sending, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from csp_workflow.letters.contacts import file_of
from csp_workflow.letters.standing_in import missing
from csp_workflow.request.facts import OpeningFacts
from csp_workflow.request.proof import Proof
from csp_workflow.terms.dates import CycleDates
from csp_workflow.terms.figures import Route
from csp_workflow.terms.phrases import day as said_day
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.site import Respondent, RespondentKind


def refusals(facts: OpeningFacts, laid: Proof, today: date) -> tuple[str, ...]:
    """Why the cycle could not be sent as it stands; () when it could."""
    if not laid.entries:
        return (f"Nobody owes anything for {facts.quarter}: the config has no respondents that serve today.",)
    framework = facts.site.framework(facts.quarter)
    return tuple(
        _nobody_to_ask(facts, entry.respondent, today)
        for entry in laid.entries
        if not entry.leads and framework.contact_waiver(entry.respondent.key, today) is None
    )


def _nobody_to_ask(facts: OpeningFacts, respondent: Respondent, today: date) -> str:
    """Why nobody at a respondent can be asked, and what would help."""
    serving = [c for c in respondent.contacts if c.serves_on(today)]
    lost = joined(missing(c, facts.service, today) for c in serving)
    why = lost if serving else f"{respondent.name} has no lead, deputy or chair in office on {said_day(today)}"
    where = f" at {respondent.name}" if serving else ""
    again = joined((f"ADDRESS OK {c.address}" for c in serving), "or")
    return (
        f"{why}, so there is nobody to ask{where}. Put somebody into {file_of((respondent,))}"
        f"{f', or reply {again} if that works again' if serving else ''}. To open without them, grant a waiver with "
        f"contact = true in config/waivers.toml."
    )


def remarks(facts: OpeningFacts, dates: CycleDates, laid: Proof, today: date) -> tuple[str, ...]:
    """What is not in the way of sending and still worth knowing."""
    found = [*_of_extract(facts, dates, today)]
    without_chair = [e.respondent.name for e in laid.entries if e.respondent.needs_approval and not e.chairs]
    if without_chair:
        found.append(f"Letters reach no chair at {joined(without_chair)}: nobody could approve the return.")
    found += _stand_ins(laid)
    if laid.idle:
        names = joined(respondent.name for respondent in laid.idle)
        found.append(f"Nothing is due from {names} for {facts.quarter.months}, so no request goes there.")
    return (*found, *_of_waivers(facts, dates))


def _stand_ins(laid: Proof) -> Iterator[str]:
    """The requests that go to somebody else than a lead, or to nobody."""
    for entry in laid.entries:
        if not entry.leads:
            yield f"No request goes to {entry.respondent.name}. Its form is attached here, for you to send."
        if entry.why:
            because = entry.why.removeprefix("You get this ")
            yield f"The request to {entry.respondent.name} goes to {joined(c.name for c in entry.leads)}, {because}"


def _of_waivers(facts: OpeningFacts, dates: CycleDates) -> Iterator[str]:
    names = {respondent.key: respondent.name for respondent in facts.site.respondents}
    for waiver in facts.site.framework(facts.quarter).waivers:
        if waiver.until >= dates.open:
            who = names.get(waiver.respondent, waiver.respondent)
            reason = waiver.reason.rstrip(".")
            what = "may have nobody we can write to" if waiver.contact else f"is not asked for {waiver.measure}"
            yield f"{who} {what} until {said_day(waiver.until)}: {reason}."


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
