"""Rows <-> values of `terms`, each way said out, so that a name in the code may change and no stored one does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Any

from csp_workflow.store import words
from csp_workflow.store.documents import forms
from csp_workflow.store.documents.events import ABOUT_A_MESSAGE, ABOUT_A_SUBMISSION, dump_facts, load_facts
from csp_workflow.store.tables import (
    AreaRow,
    CycleRow,
    DisputeRow,
    EventRow,
    FigureRow,
    FindingRow,
    LetterAboutRow,
    LetterRow,
    NarrativeRow,
    PlannedPaperRow,
    PlanRow,
    PlanWarningRow,
    RemarkRow,
    RequestRow,
    SeriesRow,
    SubmissionRow,
    TypedCellRow,
)
from csp_workflow.terms.dates import CycleDates, PaperDates, Quarter, in_london
from csp_workflow.terms.events import Event, Request
from csp_workflow.terms.figures import Figure, Provenance, TracedFigure
from csp_workflow.terms.letters import About, Letter, LetterState, QueuedLetter
from csp_workflow.terms.returns import Finding, Narrative, Reading, SignOff, Submission


@cache
def quarter_of(key: str | None) -> Quarter | None:
    """A quarter from its key, None for none."""
    return Quarter.parse(key) if key else None


# Cycles ---------------------------------------------------------------------------------------------------


def cycle_row(quarter: Quarter) -> CycleRow:
    """A quarter's round as its row."""
    return CycleRow(quarter=quarter.key, starts=quarter.start, ends=quarter.end)


def plan_row(dates: CycleDates) -> PlanRow:
    """A cycle's dates as their row; the papers' and the warnings have rows of their own."""
    return PlanRow(
        quarter=dates.quarter.key,
        extract_request=dates.extract_request,
        extract_due=dates.extract_due,
        open=dates.open,
        due=dates.due,
        close=dates.close,
        pre_election=dates.pre_election,
    )


def paper_rows(dates: CycleDates) -> list[PlannedPaperRow]:
    """The dates of a plan's papers as rows."""
    return [
        PlannedPaperRow(
            quarter=dates.quarter.key,
            position=position,
            board=paper.board,
            meeting=paper.meeting,
            papers_out=paper.papers_out,
            clearance=paper.clearance,
            draft=paper.draft,
        )
        for position, paper in enumerate(dates.papers)
    ]


def warning_rows(dates: CycleDates) -> list[PlanWarningRow]:
    """A plan's warnings as rows."""
    return [
        PlanWarningRow(quarter=dates.quarter.key, position=position, sentence=sentence)
        for position, sentence in enumerate(dates.warnings)
    ]


def dates_of(row: PlanRow, papers: Sequence[PlannedPaperRow], warnings: Sequence[PlanWarningRow]) -> CycleDates:
    """A cycle's dates; their instants are London time, as the calendar gives them."""
    return CycleDates(
        quarter=Quarter.parse(row.quarter),
        extract_request=row.extract_request,
        extract_due=in_london(row.extract_due),
        open=row.open,
        due=in_london(row.due),
        close=in_london(row.close),
        papers=tuple(
            PaperDates(
                board=paper.board,
                meeting=paper.meeting,
                papers_out=paper.papers_out,
                clearance=paper.clearance,
                draft=paper.draft,
            )
            for paper in papers
        ),
        pre_election=row.pre_election,
        warnings=tuple(warning.sentence for warning in warnings),
    )


# Events ---------------------------------------------------------------------------------------------------


def event_row(happened: Event) -> EventRow:
    """An event as its row."""
    shape, facts = dump_facts(happened.kind, happened.facts)
    is_of_submission = happened.kind in ABOUT_A_SUBMISSION and happened.subject
    is_of_message = happened.kind in ABOUT_A_MESSAGE and happened.subject
    return EventRow(
        quarter=happened.quarter.key if happened.quarter else None,
        at=happened.at,
        kind=words.EVENT_KINDS.word(happened.kind),
        by=happened.by,
        respondent=happened.respondent or None,
        submission=happened.subject if is_of_submission else None,
        message=happened.subject if is_of_message else None,
        subject="" if is_of_submission or is_of_message else happened.subject,
        facts_shape=shape,
        facts=facts,
    )


def event_of(row: EventRow) -> Event:
    """An event from its row. Raises StoredWordUnknown, DocumentUnreadable."""
    kind = words.EVENT_KINDS.member(row.kind)
    return Event(
        kind=kind,
        at=row.at,
        by=row.by,
        quarter=quarter_of(row.quarter),
        respondent=row.respondent or "",
        subject=row.submission or row.message or row.subject,
        facts=load_facts(kind, row.facts_shape, row.facts),
    )


# Requests -------------------------------------------------------------------------------------------------


def request_row(request: Request) -> RequestRow:
    """A request as its row."""
    form = request.form
    return RequestRow(
        quarter=form.quarter.key,
        respondent=form.respondent,
        revision=form.reference.revision,
        workbook=request.workbook,
        form_shape=forms.LATEST,
        form=forms.dump_form(form),
    )


def request_of(row: RequestRow) -> Request:
    """A request from its row. Raises StoredWordUnknown, DocumentUnreadable."""
    return Request(form=forms.load_form(row.form, row.form_shape), workbook=row.workbook)


# Submissions ----------------------------------------------------------------------------------------------


@dataclass
class SubmissionParts:
    """The rows of a submission's parts, each in its order."""

    figures: list[FigureRow] = field(default_factory=list)
    narratives: list[NarrativeRow] = field(default_factory=list)
    findings: list[FindingRow] = field(default_factory=list)
    typed_cells: list[TypedCellRow] = field(default_factory=list)
    disputes: list[DisputeRow] = field(default_factory=list)
    remarks: list[RemarkRow] = field(default_factory=list)


def submission_row(submission: Submission) -> SubmissionRow:
    """A submission as its row; its parts have rows of their own."""
    return SubmissionRow(
        id=submission.id,
        quarter=submission.quarter.key,
        respondent=submission.respondent,
        sequence=submission.sequence,
        content=submission.content,
        message=submission.message,
        attachment=submission.attachment,
        revision=submission.revision,
        received=submission.received,
        sender=submission.sender,
        completed_by=submission.sign_off.completed_by,
        completed_as=submission.sign_off.position,
        completed_on=submission.sign_off.date,
        late=submission.late,
    )


def part_rows(submission: Submission) -> SubmissionParts:
    """The rows of a submission's parts."""
    of = submission.id
    return SubmissionParts(
        figures=[
            figure_row(figure, submission=of, respondent=submission.respondent, position=n)
            for n, figure in enumerate(submission.figures)
        ],
        narratives=[
            NarrativeRow(
                submission=of, position=n, ref=x.ref, text=x.text, sheet=x.sheet, cell=x.cell, promise=x.promise
            )
            for n, x in enumerate(submission.narratives)
        ],
        findings=[
            FindingRow(
                submission=of,
                position=n,
                code=x.code,
                severity=words.SEVERITIES.word(x.severity),
                sheet=x.sheet,
                cell=x.cell,
                line=x.key,
                header=x.column,
                found=x.found,
                wanted=x.wanted,
                example=x.example,
            )
            for n, x in enumerate(submission.findings)
        ],
        typed_cells=[
            TypedCellRow(
                submission=of,
                position=n,
                sheet=x.sheet,
                cell=x.cell,
                typed=x.typed,
                recorded=x.recorded,
                remark=x.remark,
            )
            for n, x in enumerate(submission.readings)
        ],
        disputes=[
            DisputeRow(submission=of, position=n, area=area, series=series, reason=reason)
            for n, (area, series, reason) in enumerate(submission.disputes)
        ],
        remarks=[
            RemarkRow(submission=of, position=n, sentence=sentence) for n, sentence in enumerate(submission.remarks)
        ],
    )


def submission_of(row: SubmissionRow, parts: SubmissionParts) -> Submission:
    """A submission, whole. Raises StoredWordUnknown."""
    return Submission(
        id=row.id,
        quarter=Quarter.parse(row.quarter),
        respondent=row.respondent,
        sequence=row.sequence,
        content=row.content,
        message=row.message,
        attachment=row.attachment,
        revision=row.revision,
        received=row.received,
        sender=row.sender,
        figures=tuple(map(figure_of, parts.figures)),
        narratives=tuple(map(narrative_of, parts.narratives)),
        findings=tuple(map(finding_of, parts.findings)),
        readings=tuple(
            Reading(sheet=x.sheet, cell=x.cell, typed=x.typed, recorded=x.recorded, remark=x.remark)
            for x in parts.typed_cells
        ),
        disputes=tuple((x.area, x.series, x.reason) for x in parts.disputes),
        sign_off=SignOff(completed_by=row.completed_by, position=row.completed_as, date=row.completed_on),
        remarks=tuple(x.sentence for x in parts.remarks),
        late=row.late,
    )


def narrative_of(row: NarrativeRow) -> Narrative:
    """A narrative from its row."""
    return Narrative(ref=row.ref, text=row.text, sheet=row.sheet, cell=row.cell, promise=row.promise)


def finding_of(row: FindingRow) -> Finding:
    """A finding from its row. Raises StoredWordUnknown."""
    return Finding(
        code=row.code,
        severity=words.SEVERITIES.member(row.severity),
        sheet=row.sheet,
        cell=row.cell,
        key=row.line,
        column=row.header,
        found=row.found,
        wanted=row.wanted,
        example=row.example,
    )


# Figures --------------------------------------------------------------------------------------------------


def figure_row(figure: Figure, *, submission: str = "", respondent: str = "", position: int = 0) -> FigureRow:
    """A figure as its row; `position` tells two equal figures of one submission apart."""
    origin = figure.provenance
    row = FigureRow(
        id="",
        submission=submission or None,
        position=position,
        respondent=respondent or None,
        series=figure.series,
        area=figure.area,
        period=figure.period,
        as_at=figure.as_at,
        exact=None if figure.value is None else str(figure.value),
        unit=figure.unit,
        status=words.FIGURE_STATUSES.word(figure.status),
        base=figure.base,
        note=figure.note,
        drove_it=figure.drove_it,
        source=origin.source,
        message=origin.message or None,
        attachment=origin.attachment,
        sheet=origin.sheet,
        cell=origin.cell,
        licence=origin.licence,
        illustrative=origin.illustrative,
    )
    row.id = figure_identity(row)
    return row


def figure_identity(row: Any) -> str:
    """SHA-256 over what a figure's row says, its unit apart: older rows were stored without one."""
    said = (
        row.submission,
        row.position,
        row.series,
        row.area,
        row.period,
        row.as_at.isoformat(),
        row.exact,
        row.status,
        row.base,
        row.note,
        row.drove_it,
        row.source,
        row.message,
        row.attachment,
        row.sheet,
        row.cell,
        row.licence,
        bool(row.illustrative),
    )
    return sha256("\0".join("\1" if part is None else str(part) for part in said).encode()).hexdigest()


def figure_of(row: FigureRow) -> Figure:
    """A figure from its row. Raises StoredWordUnknown."""
    return Figure(
        series=row.series,
        area=row.area,
        period=row.period,
        as_at=row.as_at,
        value=None if row.exact is None else Decimal(row.exact),
        status=words.FIGURE_STATUSES.member(row.status),
        provenance=Provenance(
            source=row.source,
            message=row.message or "",
            attachment=row.attachment,
            sheet=row.sheet,
            cell=row.cell,
            licence=row.licence,
            illustrative=row.illustrative,
        ),
        unit=row.unit,
        base=row.base,
        note=row.note,
        drove_it=row.drove_it,
    )


def traced_figure_of(
    row: FigureRow,
    series: SeriesRow,
    area: AreaRow,
    submission: SubmissionRow | None,
    respondents: Mapping[str, str],
) -> TracedFigure:
    """A figure with names and version, from its row and those it points to; `respondents` has names by key."""
    return TracedFigure(
        figure=figure_of(row),
        area_name=area.name,
        measure=series.measure,
        title=series.title,
        respondent=row.respondent or "",
        respondent_name=respondents.get(row.respondent or "", ""),
        submission=row.submission or "",
        version=submission.sequence if submission is not None else None,
    )


# Letters --------------------------------------------------------------------------------------------------


def letter_row(letter: Letter, *, id_: str, message_id: str, subject: str, content: str, at: datetime) -> LetterRow:
    """A letter as the row of one that was queued just now; what it is about has rows of its own."""
    return LetterRow(
        id=id_,
        kind=letter.kind,
        cause=letter.cause,
        recipient=letter.recipient,
        quarter=letter.quarter.key if letter.quarter else None,
        manner=words.MANNERS.word(letter.manner),
        subject=subject,
        message_id=message_id,
        content=content,
        state=words.LETTER_STATES.word(LetterState.QUEUED),
        queued=at,
        not_before=at,
        handed=None,
        sent=None,
        reason="",
        proof="",
        token=0,
        attempts=0,
        resubmissions=0,
        lease_until=0.0,
    )


def about_rows(letter: Letter, id_: str) -> list[LetterAboutRow]:
    """What a letter is about as rows."""
    return [
        LetterAboutRow(
            letter=id_,
            position=position,
            respondent=one.respondent or None,
            submission=one.submission or None,
            rung=one.rung or None,
            due=one.due,
            reminder=one.reminder or None,
            message=one.message or None,
            board=one.board or None,
            draft=one.draft or None,
            address=one.address or None,
        )
        for position, one in enumerate(letter.about)
    ]


def letter_of(row: LetterRow, about: Iterable[LetterAboutRow]) -> QueuedLetter:
    """A letter from its row and those of what it is about. Raises StoredWordUnknown."""
    return QueuedLetter(
        id=row.id,
        kind=row.kind,
        cause=row.cause,
        recipient=row.recipient,
        about=tuple(map(_about_of, about)),
        quarter=quarter_of(row.quarter),
        manner=words.MANNERS.member(row.manner),
        subject=row.subject,
        message_id=row.message_id,
        content=row.content,
        state=words.LETTER_STATES.member(row.state),
        queued=row.queued,
        sent=row.sent,
        reason=row.reason,
        proof=row.proof,
        token=row.token,
        attempts=row.attempts,
    )


def _about_of(row: LetterAboutRow) -> About:
    return About(
        respondent=row.respondent or "",
        submission=row.submission or "",
        rung=row.rung or "",
        due=row.due,
        reminder=row.reminder or 0,
        message=row.message or "",
        board=row.board or "",
        draft=row.draft or 0,
        address=row.address or "",
    )
