"""Where each return stands, neutrally; no silence of a chair blocks a paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from csp_workflow.report.blocks import Block, Numbered
from csp_workflow.report.facts import ReportFacts
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.phrases import day, joined, plural
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Respondent
from csp_workflow.terms.status import GivenAssent, ReturnStatus


def say_standing(facts: ReportFacts, respondent: Respondent) -> str:
    """What became of a respondent's return, in a sentence or two: each thing on its own day, whatever came later."""
    stands = facts.stands(respondent.key)
    match stands.state:
        case ReturnState.NIL:
            return "It supplied nothing for this quarter and said so (a nil return)."
        case ReturnState.DECLINED:
            return "No return was made this quarter; the request was declined."
    if is_to_follow(facts, respondent):
        return f"No return was received by {day(facts.as_at)}; more time was given, and it is to follow."
    if not stands.versions:
        return f"No return was received by {day(facts.as_at)}."
    return f"{_say_coming(stands)}{_say_end(stands, respondent, facts.as_at)}"


def _say_coming(stands: ReturnStatus) -> str:
    """How a return came and was corrected, as the beginning of a sentence; with its approval before a correction."""
    first, latest = stands.versions[0], stands.versions[-1]
    came = f"A return was received on {day(first.received)}"
    came += ", after the day on which it was due," if first.late else ""
    corrected = f"corrected on {day(latest.received)}"
    if before := _approval_before(stands):
        return f"{came} and {_say_approver(before, stands)}. It was {corrected}"
    is_corrected = london_day(first.received) != london_day(latest.received)
    return f"{came} and last {corrected}" if is_corrected else came.removesuffix(",")


def _say_end(stands: ReturnStatus, respondent: Respondent, as_at: date) -> str:
    """How it stands now, as the end of that sentence."""
    before = _approval_before(stands)
    if stands.approval:
        comma = "," if before or stands.late else ""
        return f"{comma} and {'the correction was ' if before else ''}{_say_approver(stands.approval, stands)}."
    if stands.returned:
        return ". It was sent back to be corrected, and no later version had come."
    if stands.state is not ReturnState.COMPLETE:
        return f". {plural(stands.faults, 'entry', 'entries')} had still to be corrected."
    if not respondent.needs_approval:
        return ". It is complete."
    if before:
        asked = "has been asked again and " if stands.approval_asked else ""
        return f"; the Chair {asked}had not approved the correction by {day(as_at)}."
    return f". It is complete; the Chair had not approved it by {day(as_at)}."


def _approval_before(stands: ReturnStatus) -> GivenAssent | None:
    """The last approval of a version that was corrected since."""
    return next((one for one in reversed(stands.approvals) if one.submission != stands.submission), None)


def _say_approver(given: GivenAssent, stands: ReturnStatus) -> str:
    """Who approved, that it was not by their own letter where it was not, and on which police figures."""
    revised = stands.find_revised(given.asked or given.at)
    before = f", on the police figures before those of {day(revised.at)}" if revised else ""
    if not given.evidence:
        return f"approved by the {str(given.role).title()} on {day(given.at)}{before}"
    return f"recorded on {day(given.at)} as approved by {given.by} ({given.evidence}){before}"


def is_to_follow(facts: ReportFacts, respondent: Respondent) -> bool:
    """Whether a return has not come and was given longer than this paper waited."""
    stands = facts.stands(respondent.key)
    return not stands.state.is_in and stands.due is not None and stands.due >= london_day(facts.as_at)


def list_missing(facts: ReportFacts) -> Iterator[Block]:
    """Who has not returned, declined, or had nothing; the police figures stand all the same."""
    respondents = (*facts.partnerships(), *facts.contributors())
    follow = [r for r in respondents if is_to_follow(facts, r)]
    states = {r.key: facts.stands(r.key).state for r in respondents}
    groups = (
        (
            [r for r in respondents if not states[r.key].is_in and r not in follow],
            f"No return was received by {day(facts.as_at)} from {{}}.",
        ),
        (follow, "More time was given to {}: what they return is to follow."),
        ([r for r in respondents if states[r.key] is ReturnState.DECLINED], "The request was declined by {}."),
        (
            [r for r in respondents if states[r.key] is ReturnState.NIL],
            "A nil return, which says that there is nothing for this quarter, came from {}.",
        ),
    )
    named = [(text, [r.name for r in those]) for those, text in groups]
    missing = [Numbered(text=text.format(joined(names))) for text, names in named if names]
    yield from missing
    if not missing:
        yield Numbered(text="Every return was received.")
