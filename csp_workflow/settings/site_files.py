"""The other files of a site, a table for each kind of entry; an entry that says all of a frozen value becomes one.

`partnerships.toml`, `contributors.toml`, `framework-<year>.toml`, `calendar.toml`, `report.toml`, `peers.toml`,
`waivers.toml`, `checks.toml`, `actions.toml`, `words.toml` and `topics.toml`. What one file says of another is looked
at in `checks`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from csp_workflow.mail.words import plain_words
from csp_workflow.settings.fields import (
    Address,
    AreaCode,
    Code,
    ContactEntry,
    CsvName,
    Day,
    FinancialYear,
    FromTable,
    Key,
    Line,
    QuarterKey,
    Text,
    TomlTable,
    WholeDays,
    fault_of_value,
    quote,
    table_of,
)
from csp_workflow.terms.checks import CheckOutcome
from csp_workflow.terms.dates import Board, Meeting
from csp_workflow.terms.figures import AskedWhen, Frequency, Geography, MeasureKind, Polarity, Priority, Route, Theme
from csp_workflow.terms.grants import Grant
from csp_workflow.terms.report_form import EditedWords, PaperReader, ReportHeading, TermsClause
from csp_workflow.terms.site import Area, Offsets, PeerGroup
from csp_workflow.terms.waivers import Waiver
from csp_workflow.terms.year_end import FIRST_OF_TEXT, NO_YEAR_END, YearEnd, YearText

# Partnerships and contributors --------------------------------------------------------------------


class AreaTable(TomlTable):
    """A CSP area with its ONS code and the upper tier it lies in."""

    code: AreaCode
    name: Text
    upper_tier: AreaCode


class BreakTable(TomlTable):
    """What may mean another thing from a day on (for a reason), or only be said in other words since one."""

    break_from: Day | None = None
    break_reason: Line = ""
    reworded_on: Day | None = None


class CountedTable(BreakTable):
    """What is counted: its figures may be comparable from an earlier day than a break, having been counted anew."""

    comparable_from: Day | None = None


class LocalMeasureTable(CountedTable):
    """Something a partnership itself counts in one of its areas."""

    ref: Text
    area: AreaCode
    title: Text
    unit: Text
    kind: MeasureKind
    polarity: Polarity
    definition: Text
    priorities: Annotated[tuple[int, ...], Field(min_length=1)]
    agreed: Day
    valid_to: Day = date.max
    frequency: Frequency = Frequency.QUARTERLY
    denominator: Line = ""
    suppress_below: WholeDays = 0
    suppress_as: Line = ""
    zero_is_shown: bool = False


class ObjectiveTable(TomlTable):
    """Something a partnership itself aims at."""

    ref: Text
    wording: Text
    priorities: Annotated[tuple[int, ...], Field(min_length=1)]
    agreed: Day
    valid_to: Day = date.max
    reworded_on: Day | None = None


class GrantTable(TomlTable):
    """A grant that a partnership spends, asked for in each quarter, or those named, that ends between two days."""

    ref: Text
    title: Text
    agreed: Day
    valid_to: Day = date.max
    asked_in: tuple[Literal["Q1", "Q2", "Q3", "Q4"], ...] = ()


class PartnershipTable(BreakTable):
    """One partnership; `predecessors` are the keys of those whose work it has taken over on its first day."""

    key: Key
    code: Code
    name: Text
    valid_from: Day = date.min
    valid_to: Day = date.max
    predecessors: tuple[Text, ...] = ()
    areas: Annotated[tuple[Annotated[Area, FromTable(AreaTable)], ...], Field(min_length=1)]
    contacts: tuple[ContactEntry, ...] = ()
    local_measures: tuple[LocalMeasureTable, ...] = ()
    objectives: tuple[ObjectiveTable, ...] = ()
    grants: tuple[Annotated[Grant, FromTable(GrantTable)], ...] = ()


class PartnershipsFile(TomlTable):
    """The whole of partnerships.toml."""

    partnerships: Annotated[tuple[PartnershipTable, ...], Field(min_length=1)]


class PlaceTable(TomlTable):
    """A policing area, an upper tier or the force."""

    code: AreaCode
    name: Text
    geography: Geography


class ContributorTable(TomlTable):
    """One contributor; `areas` are codes of places and of CSP areas."""

    key: Key
    code: Code
    name: Text
    kind: Literal["contributor", "analyst"]
    valid_from: Day = date.min
    valid_to: Day = date.max
    areas: Annotated[tuple[AreaCode, ...], Field(min_length=1)]
    contacts: tuple[ContactEntry, ...] = ()


class ContributorsFile(TomlTable):
    """The whole of contributors.toml: places larger than an area, the contributors and the force's analyst."""

    areas: Annotated[tuple[Annotated[Area, FromTable(PlaceTable)], ...], Field(min_length=1)]
    contributors: Annotated[tuple[ContributorTable, ...], Field(min_length=1)]


# The framework ------------------------------------------------------------------------------------


class SeriesTable(CountedTable):
    """One of several things counted under a bullet; what it does not say is as in its measure."""

    ref: Text
    title: Text
    unit: Line | None = None
    kind: MeasureKind | None = None
    polarity: Polarity | None = None
    geography: Geography | None = None
    frequency: Frequency | None = None
    owner: Text | None = None
    lag_quarters: WholeDays | None = None
    denominator: Line | None = None
    suppress_below: WholeDays | None = None
    suppress_as: Line | None = None
    zero_is_shown: bool | None = None


class MeasureTable(CountedTable):
    """One bullet of Appendix A."""

    ref: Text
    priority: int
    wording: Text
    kind: MeasureKind
    polarity: Polarity
    route: Route
    owner: Text | None = None
    definition: Text
    definition_from: Day
    open_question: Line
    asked_when: AskedWhen | None = None
    title: Line = ""
    unit: Line = ""
    geography: Geography
    frequency: Frequency | None = None
    lag_quarters: WholeDays = 0
    denominator: Line = ""
    suppress_below: WholeDays = 0
    suppress_as: Line = ""
    zero_is_shown: bool = False
    series: tuple[SeriesTable, ...] = ()


class YearTextTable(TomlTable):
    """One text about the year, which the form of the fourth quarter asks."""

    ref: Annotated[Text, Field(pattern=rf"^{FIRST_OF_TEXT}\d{{1,2}}$")]
    title: Text
    prompt: Text
    words: Annotated[int, Field(ge=10, le=1000)] = 120
    required: bool = True
    printed: bool = True


class YearEndTable(TomlTable):
    """What the fourth quarter asks beside a usual one."""

    objectives: bool = False
    texts: tuple[Annotated[YearText, FromTable(YearTextTable)], ...] = ()


class FrameworkFile(TomlTable):
    """The whole of framework-<year>.toml: themes, priorities, measures and what is counted under them."""

    year: FinancialYear
    title: Text
    themes: Annotated[tuple[Annotated[Theme, FromTable(table_of(Theme))], ...], Field(min_length=1)]
    priorities: Annotated[tuple[Annotated[Priority, FromTable(table_of(Priority))], ...], Field(min_length=1)]
    measures: Annotated[tuple[MeasureTable, ...], Field(min_length=1)]
    year_end: Annotated[YearEnd, FromTable(YearEndTable)] = NO_YEAR_END


# The calendar -------------------------------------------------------------------------------------


class NamedDayTable(TomlTable):
    """A day with what it is."""

    day: Day
    name: Text


class HolidaysTable(TomlTable):
    """The file of bank holidays and what changed since it was made."""

    file: CsvName
    extra: tuple[NamedDayTable, ...] = ()
    worked: tuple[NamedDayTable, ...] = ()


class PeriodTable(TomlTable):
    """A pre-election period, both ends included."""

    first: Day
    last: Day
    reason: Line = ""


class CalendarFile(TomlTable):
    """The whole of calendar.toml: lead times, boards, meetings, holiday overrides and pre-election periods."""

    offsets: Annotated[Offsets, FromTable(table_of(Offsets, WholeDays))]
    boards: Annotated[tuple[Annotated[Board, FromTable(table_of(Board, WholeDays, key=Key))], ...], Field(min_length=1)]
    meetings: tuple[Annotated[Meeting, FromTable(table_of(Meeting, board=Line, quarter=QuarterKey))], ...] = ()
    holidays: HolidaysTable
    pre_election: tuple[PeriodTable, ...] = ()


# The papers ---------------------------------------------------------------------------------------

HeadingKind = Literal[
    "text", "to write", "to write by theme", "recommendations", "quarter", "missing", "changes", "introduction",
    "framework", "how to read", "performance", "contributions", "not received", "data quality", "officers",
    "background papers", "grant money", "appendices", "year", "year returns", "year by theme", "year accounts",
    "year revisions", "carried over", "year appendices",
]  # fmt: skip
"""What fills a heading; "text" prints only its own text."""

_TO_FILL_IN = re.compile(
    r"\{\{|\[\[|\[(?:insert|add|enter|name|date|number|tbc|to follow)\b|\bTB[CA]\b|\bX{3,}\b", re.IGNORECASE
)


def _refuse_unfilled(given: str) -> str:
    """Our own words go to a board as they stand here; what people return is quoted, whatever it holds."""
    if found := _TO_FILL_IN.search(given):
        raise fault_of_value(f"has {quote(found[0])} in it, a place to be filled in. Write what is to be printed.")
    return given


Printed = Annotated[Text, AfterValidator(_refuse_unfilled)]
_Paragraphs = Annotated[Line, AfterValidator(_refuse_unfilled)]
Heading = Annotated[
    ReportHeading,
    FromTable(table_of(ReportHeading, kind=HeadingKind, title=Printed, text=(_Paragraphs, ""))),
]


class OfficerTable(TomlTable):
    """Whom to ask about a paper: the lines as printed."""

    lines: Annotated[tuple[Printed, ...], Field(min_length=1)]


ReaderEntry = Annotated[PaperReader, FromTable(table_of(PaperReader, address=Address))]


class PaperTable(TomlTable):
    """How one board's paper is laid out; without officers of its own it has the file's."""

    board: Line
    title: Printed
    marking: Line = ""
    background_papers: tuple[Printed, ...] = ()
    officers: tuple[OfficerTable, ...] | None = None
    readers: tuple[ReaderEntry, ...] = ()
    objection_days: Annotated[int, Field(ge=0, le=30)] = 2
    edited_words: EditedWords = EditedWords.BOTH
    takes_requests: bool = True
    own_pages: bool = False
    headings: Annotated[tuple[Heading, ...], Field(min_length=1)]


Clause = Annotated[TermsClause, FromTable(table_of(TermsClause, title=Printed, text=_Paragraphs))]


class ReportFile(TomlTable):
    """The whole of report.toml: each board's paper, its headings in order, its officers; the terms of reference."""

    officers: tuple[OfficerTable, ...] = ()
    papers: Annotated[tuple[PaperTable, ...], Field(min_length=1)]
    terms: tuple[Clause, ...] = ()


# Comparison groups, waivers, what boards asked ----------------------------------------------------


class ElsewhereTable(TomlTable):
    """An area outside the force, for comparison only."""

    code: AreaCode
    name: Text


Areas = Annotated[tuple[AreaCode, ...], Field(min_length=2)]
Group = Annotated[PeerGroup, FromTable(table_of(PeerGroup, key=Key, areas=Areas))]


class PeersFile(TomlTable):
    """The whole of peers.toml."""

    groups: tuple[Group, ...] = ()
    elsewhere: tuple[ElsewhereTable, ...] = ()


class WaiversFile(TomlTable):
    """The whole of waivers.toml."""

    waivers: tuple[Annotated[Waiver, FromTable(table_of(Waiver, respondent=Line))], ...] = ()


class CheckTable(TomlTable):
    """How one rule is applied; `Check` says what each value is. What it leaves out is as the program has it."""

    rule: Text
    finding: CheckOutcome
    words: Line = ""
    number: Annotated[float, Field(ge=0)] | None = None
    phrases: tuple[Text, ...] = ()
    measures: tuple[Text, ...] = ()
    kinds: tuple[MeasureKind, ...] = ()


class ChecksFile(TomlTable):
    """The whole of checks.toml."""

    checks: tuple[CheckTable, ...] = ()


class ActionTable(TomlTable):
    """Something a board asked of a respondent."""

    ref: Text
    respondent: Line
    board: Line
    wording: Text
    asked: Day
    due: Day


class ActionsFile(TomlTable):
    """The whole of actions.toml."""

    actions: tuple[ActionTable, ...] = ()


# What says nothing in people's mail ------------------------------------------------------------------

Listed = Annotated[tuple[Text, ...], AfterValidator(lambda phrases: tuple(map(plain_words, phrases)))]


class WordsFile(TomlTable):
    """The whole of words.toml; `Courtesies` says what each list is."""

    markings: Listed = ()
    banners: Listed = ()
    banner_words: Listed = ()
    greetings: Listed = ()
    thanks: Listed = ()
    harmless: Listed = ()
    closings: Listed = ()
    footers: Listed = ()
    disclaimers: Listed = ()
    reservations: Listed = ()
    presenting: Listed = ()
    revising: Listed = ()
    postponing: Listed = ()


# What else mail may be about -------------------------------------------------------------------------

_Phrases = tuple[Text, ...]
NAMED = re.compile(r"\{(\w+)\}")
"""A list of words that a phrase names."""


class TopicTable(TomlTable):
    """One topic; `Topic` says what each value is."""

    key: Key
    name: Text
    office: Line = ""
    address: Address | Literal[""] = ""
    working_days: Annotated[int, Field(ge=0, le=250)] = 0
    months: Annotated[int, Field(ge=0, le=24)] = 0
    phrases: Annotated[_Phrases, Field(min_length=1)]
    mentions: _Phrases = ()
    strangers: _Phrases = ()


class TopicsFile(TomlTable):
    """The whole of topics.toml."""

    words: Mapping[str, Text] = {}
    footers: _Phrases = ()
    reporting: _Phrases = ()
    topics: tuple[TopicTable, ...] = ()

    def list_unknown_words(self) -> tuple[str, ...]:
        """The lists of words that phrases name and that are not there."""
        told = (phrase for topic in self.topics for phrase in (*topic.phrases, *topic.mentions, *topic.strangers))
        named = NAMED.findall(" ".join((*told, *self.footers, *self.reporting)))
        return tuple(name for name in dict.fromkeys(named) if name not in self.words)
