"""Where each return stands, as a paper says it: as what it is, neutrally. No silence of a chair blocks a paper."""

from __future__ import annotations

from collections.abc import Iterator

from csp_workflow.letters.phrases import day, joined, plural
from csp_workflow.report.blocks import Block, Numbered
from csp_workflow.report.facts import ReportFacts, day_of
from csp_workflow.terms.returns import ReturnState, Severity
from csp_workflow.terms.site import Respondent


def sentence(facts: ReportFacts, respondent: Respondent) -> str:  # noqa: PLR0911 - one flat table, a case a state
    """One sentence on a respondent's return."""
    stands = facts.stands(respondent.key)
    received = (
        f"A return was received on {day(day_of(stands.received))}" if stands.received else "A return was received"
    )
    late = ", after the day on which it was due" if stands.late else ""
    match stands.state:
        case ReturnState.APPROVED:
            approved = day(day_of(stands.approved_at)) if stands.approved_at else "a day on record"
            return f"{received}{late}{',' if late else ''} and approved by the Chair on {approved}."
        case ReturnState.COMPLETE if respondent.needs_approval:
            return f"{received}{late}. It is complete; the Chair had not approved it by {day(day_of(facts.as_at))}."
        case ReturnState.COMPLETE:
            return f"{received}{late}. It is complete."
        case ReturnState.QUERIED | ReturnState.RECEIVED:
            return f"{received}{late}. {plural(stands.faults, 'entry', 'entries')} had still to be mended."
        case ReturnState.NIL:
            return "A nil return was made: there was nothing to report this quarter."
        case ReturnState.DECLINED:
            return "No return was made this quarter; the request was declined."
    return f"No return was received by {day(day_of(facts.as_at))}."


def not_received(facts: ReportFacts) -> Iterator[Block]:
    """Who has not returned, declined, or had nothing; the police figures stand all the same."""
    groups = (
        (ReturnState.NOT_RECEIVED, ReturnState.REQUESTED, ReturnState.EXPECTED),
        (ReturnState.DECLINED,),
        (ReturnState.NIL,),
    )
    texts = (
        f"No return was received by {day(day_of(facts.as_at))} from {{}}.",
        "The request was declined by {}.",
        "A nil return, meaning that there was nothing to report, was made by {}.",
    )
    said = False
    for states, text in zip(groups, texts, strict=True):
        names = [r.name for r in (*facts.partnerships(), *facts.contributors()) if facts.stands(r.key).state in states]
        if names:
            said = True
            yield Numbered(text=text.format(joined(names)))
    if not said:
        yield Numbered(text="Every return was received.")
    else:
        yield Numbered(text="Figures that the police supply are shown for every area, whether or not it made a return.")


def data_quality(facts: ReportFacts) -> Iterator[Block]:
    """What a reader must know before quoting a figure."""
    if facts.site.illustrative:
        yield Numbered(
            text="This paper is illustrative. Figures in it were made up for demonstration, except where a published "
            "source is named in Appendix B, and must not be used."
        )
    yield Numbered(
        text="Figures for the quarter are the force's and the partners' own and provisional. They are not official "
        "statistics and may be revised; where a figure has been revised the table says so."
    )
    yield from _disputes(facts)
    queries = sum(finding.severity is Severity.QUERY for s in facts.submissions.values() for finding in s.findings)
    if queries:
        yield Numbered(
            text=f"{plural(queries, 'entry', 'entries')} differed from what was expected and had not been explained "
            "when this paper was compiled. They are shown as they were returned."
        )
    yield Numbered(
        text="Counts below the number set by their owner are not shown, nor is any total from which they could be "
        "reckoned. Areas do not add up to the force: some offences cannot be placed in an area."
    )


def _disputes(facts: ReportFacts) -> Iterator[Block]:
    """Police figures that a partnership disputes: which, not what it wrote, which stands with its contribution."""
    names = {area.code: area.name for r in facts.site.respondents for area in r.areas}
    titles = {series.ref: series.title for series in facts.framework.series()}
    disputed = [
        f"{titles.get(ref, ref)} in {names.get(area, area)}"
        for submission in facts.submissions.values()
        for area, ref, _ in submission.disputes
    ]
    if disputed:
        yield Numbered(text=f"Partnerships dispute {plural(len(disputed), 'police figure')}: {joined(disputed)}.")
