"""A year at any time: its paper as far as its quarters are known, and what goes over into the next.

What the next year's configuration should say is proposed as the set-up workbook, filled in; it holds from APPLY on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from csp_workflow.desk.facts import OrderFacts, StepOrder
from csp_workflow.desk.looking import write_letter
from csp_workflow.desk.setup import LookedAt, note_offer
from csp_workflow.forms.setup_sheets import SetupLine, find_sheet
from csp_workflow.report.carried import Carried, Fate, YearTurn, count_kinds, list_turn
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.roll_up import say_missing_quarters
from csp_workflow.request.calendar import plan_quarter
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.papers import compile_companion, compile_facts, gather_report, with_reported
from csp_workflow.steps.sent_papers import gather_returned
from csp_workflow.steps.setting_up import look_at_file, offer_file, write_copy
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.events import Decision, together
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import joined, plain_day
from csp_workflow.terms.setup import FRAMEWORKS, SetupPlace


@dataclass(frozen=True, kw_only=True)
class CompiledYear:
    """The annual paper of a year as it stands, the workbook beside it, and what the year still lacks, in a sentence."""

    paper: bytes
    workbook: bytes
    missing: str


def compile_year(outside: Outside, year: str, now: datetime) -> CompiledYear:
    """Compile the paper of a year ("2014/15"). Raises PreconditionFailed where nothing says how, with what to do."""
    facts = with_reported(outside, gather_year_report(outside, year, now))
    return CompiledYear(
        paper=compile_facts(outside, facts)[0], workbook=compile_companion(facts), missing=say_missing_quarters(facts)
    )


def gather_year_report(outside: Outside, year: str, now: datetime) -> ReportFacts:
    """All that the annual paper of a year is compiled from, whether or not its last quarter was planned."""
    last, site = _require_year(outside, year), outside.site
    yearly = {board.key for board in site.boards if board.yearly}
    laid_out = {form.board for form in site.report_forms} & yearly
    if not laid_out:
        raise PreconditionFailed(
            "No board of calendar.toml has yearly = true and a paper in report.toml. The board 'annual' of a new site "
            "shows both: csp-workflow init --update brings them, or shows what to take over."
        )
    dates = outside.store.plan_of(last) or plan_quarter(last, site)
    paper = next((one for one in dates.papers if one.board in laid_out), None)
    if paper is None:
        boards = ", ".join(sorted(laid_out))
        raise PreconditionFailed(
            f"No day is on record on which {boards} takes the year {year}. SETUP brings the meetings: add one "
            f"for {last.label}."
        )
    return gather_report(outside, last, paper.board, now, paper=paper)


def _require_year(outside: Outside, year: str) -> Quarter:
    """The last quarter of a year that there is a framework of. Raises PreconditionFailed."""
    known = [framework.year for framework in outside.site.frameworks]
    if year not in known:
        raise PreconditionFailed(f"There is no framework for {year}. There is: {joined(known)}.")
    return Quarter.parse(f"{year}-Q4")


# What goes over into the next year -------------------------------------------------------------------


def turn_year(outside: Outside, year: str, now: datetime) -> YearTurn:
    """All that is known at the turn of a year. Raises PreconditionFailed for one without a framework."""
    last = _require_year(outside, year)
    versions = gather_returned(outside, last, outside.store.cycle_status(last))
    return YearTurn(site=outside.site, last=last, submissions=versions, day=london_day(now))


def propose_year(outside: Outside, turn: YearTurn, now: datetime) -> Attachment:
    """The set-up workbook with what the next year begins with filled in: its framework, and the last days of what ends.

    What was agreed with a partnership is not in it: that is asked anew by the catalogue of measures.
    """
    agreed = {whose for whose, _, _ in outside.store.service_status().agreeing.agreed}
    ended = [one for one in list_turn(turn) if one.kind == "objective" and one.is_said and one.respondent not in agreed]
    last_day = max(turn.last.end, london_day(now))

    def fill(lines: Sequence[SetupLine]) -> Sequence[SetupLine]:
        return tuple(_fill_lines(lines, turn, {one.ref: last_day for one in ended}))

    return write_copy(outside, now, filled=fill)[0]


def _fill_lines(lines: Sequence[SetupLine], turn: YearTurn, ended: dict[str, date]) -> Iterator[SetupLine]:
    for line in lines:
        day = ended.get(str(line.entry.get("ref"))) if line.place.lists[-1:] == ("objectives",) else None
        yield replace(line, entry={**line.entry, "valid_to": day}) if day else line
    year = turn.last.plus(1).financial_year
    place = SetupPlace(file=f"{FRAMEWORKS}{year.replace('/', '-')}.toml", lists=())
    if turn.begins is None and not any(line.place == place for line in lines):
        entry = {"year": year, "title": _move_years(turn.ends.title, turn.last.year)}
        yield SetupLine(sheet=find_sheet(place), number=0, place=place, entry=entry)


def _move_years(title: str, year: int) -> str:
    """A title with its years a year later: "2014-2015" is "2015-2016"."""
    return re.sub(rf"\b({year}|{year + 1})\b", lambda found: str(int(found[1]) + 1), title)


# By order ---------------------------------------------------------------------------------------------


def decide_year(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    """The letter that brings a year as it stands to whoever asked, with what goes over into the next."""
    year = wanted.year or find_year(outside, now)
    compiled, turn = compile_year(outside, year, now), turn_year(outside, year, now)
    proposal = propose_year(outside, turn, now)
    looked = look_at_file(outside, proposal.data, proposal.name, now, by=facts.by)
    offer = offer_file(outside, proposal, looked) if looked is not None and looked.changes else None
    name = f"The year {year.replace('/', '-')}"
    files = [
        Attachment(name=f"{name}.docx", data=compiled.paper),
        Attachment(name=f"{name} figures.xlsx", data=compiled.workbook),
        *([proposal] if offer else []),
    ]
    said = (
        f"Attached are the paper of {year} and its workbook as things stand on {plain_day(now)}. Nobody else was sent "
        f"them. {compiled.missing}".strip(),
        *tell_turn(turn),
        *_tell_proposal(looked, offer.code if offer else ""),
    )
    letter = write_letter(facts, f"The year {year}, and what goes over", said, wanted, now, tuple(files))
    noted = Decision(events=(note_offer(offer, now, by=facts.by),)) if offer else Decision()
    return together(letter, noted)


def find_year(outside: Outside, now: datetime) -> str:
    """The year of the newest quarter that anybody was asked for; that of today before there was one."""
    states = outside.store.cycle_states()
    asked = [quarter for quarter in states if outside.store.cycle_status(quarter).returns]
    return (max(asked) if asked else Quarter.of_day(london_day(now))).financial_year


def tell_turn(turn: YearTurn) -> Iterator[str]:
    """What goes over, in paragraphs: how much of each kind, and by name what does not simply go on."""
    things, year = list_turn(turn), turn.last.plus(1).financial_year
    yield f"Into {year}: {count_kinds(things)}."
    heads = {Fate.ENDED: "Ended", Fate.CHANGES: "Changes", Fate.NEW: "New", Fate.OPEN: "To be decided"}
    for fate, head in heads.items():
        if named := [one for one in things if one.fate is fate and one.kind != "open question"]:
            yield f"{head}: {_name_things(named)}."


_MOST_NAMED, _MOST_FAULTS = 12, 3


def _name_things(things: Sequence[Carried]) -> str:
    listed = [f"{one.kind} {one.ref}{_say_about(one)}" for one in things[:_MOST_NAMED]]
    more = len(things) - len(listed)
    rest = f"; and {more} more, all in the workbook under Carried over" if more > 0 else ""
    return f"{'; '.join(listed)}{rest}"


def _say_about(one: Carried) -> str:
    said = ", ".join(filter(None, (f"“{one.what.rstrip('.')}”", one.why)))
    return f" ({said})" if said else ""


def _tell_proposal(looked: LookedAt | None, code: str) -> Iterator[str]:
    if looked is not None and looked.faults:
        more = len(looked.faults) - _MOST_FAULTS
        rest = f" And {more} more: csp-workflow config check lists them." if more > 0 else ""
        yield f"The next year's set-up could not be proposed: {' '.join(looked.faults[:_MOST_FAULTS])}{rest}"
    elif looked is not None and looked.changes and code:
        yield f"The attached set-up workbook begins the next year: {' '.join(looked.changes)}"
        yield f"Reply APPLY {code} to have it so, or change the workbook and send it back. Nothing is changed before."
