"""One quarter as one file: what came and went, what was read, said and decided, with a table of contents.

The same store gives the same bytes. One thing is in memory at a time, and nothing of another quarter is in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path, PurePath

from csp_workflow.mail.unpack import unpack_message
from csp_workflow.report.facts import ReportFacts
from csp_workflow.steps import papers
from csp_workflow.steps.bundling import Exported, make_table, write_bundle
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.tracing import add_certificates
from csp_workflow.store import LandedMessage
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Event, Happened, LetterState, PreconditionFailed
from csp_workflow.terms.returns import Submission

_LEFT = {LetterState.SENT, LetterState.UNKNOWN, LetterState.FOR_A_PERSON}
_DRAFTS = {Happened.PAPER_DRAFTED: "draft", Happened.ERRATUM_DRAFTED: "erratum"}
_KEPT = {
    "content": ("", ".docx"),
    "copy": ("-as-circulated", ".docx"),
    "companion": ("-figures", ".xlsx"),
    "changes": ("-changes", ".docx"),
    "statements": ("-states", ".json"),
    "edits": ("-edits", ".json"),
}
_ACTIONS = {Happened.ACTION_ASKED, Happened.ACTION_CLOSED}
_NOTICE = """{quarter}: everything of one round of reporting

INDEX.csv has the SHA-256 of every other file. messages/ holds each message as it came, workbooks/ the forms as they
were sent and as they came back (one that lay inside another file stands in its message only), letters/ what left,
papers/ each draft with the copy that was made of it to circulate, and what it states. figures.csv has the figures of
every version and those imported for the quarter, with where each was read; readings-BOARD.csv what the paper for that
board says of them. audit/ has every event, message and letter with what became of it. Morning letters tell of several
quarters at once, and are not here.

PERSONAL DATA. This file holds names, addresses and whatever people wrote, also what was kept back from papers, and
numbers so small that they may point to a person. Keep it as safe as the mailbox, give it to nobody who may not read
that, and delete it when it has served.
"""


def export_quarter(outside: Outside, quarter: Quarter, file: Path) -> int:
    """Write everything of a quarter to a new file that only its owner may read. How many files are in it.

    Raises PreconditionFailed for a quarter of which nothing is known, FileExistsError where the file is there.
    """
    if quarter not in outside.store.cycle_states():
        raise PreconditionFailed(f"{quarter} was never planned here, so there is nothing to export.")
    return write_bundle(file, _list_files(outside, quarter))


def _list_files(outside: Outside, quarter: Quarter) -> Iterator[Exported]:
    events = _list_events(outside, quarter)
    yield Exported(name="README.txt", data=_NOTICE.format(quarter=quarter).encode(), what="What is in here")
    yield from _list_messages(outside, quarter)
    yield from _list_forms(outside, quarter)
    yield from _list_letters(outside, quarter)
    yield from _list_papers(outside, events)
    yield from _list_figures(outside, quarter)
    yield from _list_readings(outside, quarter, events)
    lines = "".join(f"{json.dumps(describe_event(event), sort_keys=True)}\n" for event in events)
    yield Exported(name="audit/events.jsonl", data=lines.encode(), what="What happened, in its order")


def _list_events(outside: Outside, quarter: Quarter) -> tuple[Event, ...]:
    """The quarter's events, and those on what was asked at its meetings, which belong to the service."""
    plan = outside.store.plan_of(quarter)
    meetings = {(paper.board, paper.meeting) for paper in plan.papers} if plan else set()
    asked = {action.ref for action in outside.site.actions if (action.board, action.asked) in meetings}
    mine = (e for e in outside.store.events(None) if e.kind in _ACTIONS and e.subject in asked)
    return tuple(sorted((*outside.store.events(quarter), *mine), key=lambda event: event.at))


def describe_event(event: Event) -> dict[str, object]:
    """An event as the audit has it."""
    return {
        "at": event.at.isoformat(),
        "kind": event.kind.value,
        "by": event.by,
        "respondent": event.respondent,
        "subject": event.subject,
        "facts": dict(event.facts),
    }


# What came --------------------------------------------------------------------------------------------


def _list_messages(outside: Outside, quarter: Quarter) -> Iterator[Exported]:
    """Each message that brought something of the quarter, is told of in it, or answers a letter of it."""
    brought: dict[str, list[Submission]] = {}
    for version in outside.store.submissions(quarter):
        brought.setdefault(version.message, []).append(version)
    rows = []
    for place, row in enumerate(_find_messages(outside, quarter, set(brought)), start=1):
        raw = fetch_kept(outside, row.content)
        name = f"messages/{place:04}-{row.id[:10]}.eml" if raw is not None else ""
        respondents = " ".join(row.respondents)
        verdict = row.verdict.value if row.verdict else ""
        about = (row.id, row.received.isoformat(), row.sender, row.subject, verdict, row.reason, respondents)
        rows.append((name or "no longer kept", *about))
        if raw is not None:
            yield Exported(name=name, data=raw, what="A message as it came")
            yield from _list_workbooks(raw, row, brought.get(row.id, ()))
    columns = ("file", "id", "received", "from", "subject", "verdict", "reason", "respondents")
    yield make_table("audit/messages.csv", "Every message and its verdict", columns, rows)


def _find_messages(outside: Outside, quarter: Quarter, brought: set[str]) -> Iterator[LandedMessage]:
    store = outside.store
    mine = brought | {event.subject for event in store.events(quarter)}
    letters = store.letters(quarter=quarter)
    mine |= {about.message for letter in letters for about in letter.about}
    ours = {letter.message_id for letter in letters}
    others = {
        event.subject for other in (*store.cycle_states(), None) if other != quarter for event in store.events(other)
    }
    for row in store.messages():
        if row.id in mine or (row.id not in others and _answers(outside, row, ours)):
            yield row


def _answers(outside: Outside, row: LandedMessage, letters: set[str]) -> bool:
    """Whether a message that nothing is said of answers one of some letters: a receipt, a thank-you."""
    raw = fetch_kept(outside, row.content)
    return raw is not None and bool(letters & {*unpack_message(raw, received=row.received).answered})


def _list_workbooks(raw: bytes, row: LandedMessage, versions: Sequence[Submission]) -> Iterator[Exported]:
    if not versions:
        return
    files = {sha256(a.data).hexdigest(): a for a in unpack_message(raw, received=row.received).attachments}
    for version in versions:
        if (file := files.get(version.attachment)) is not None:
            ending = PurePath(file.name).suffix or ".xlsx"
            name = f"workbooks/{version.respondent}/received-{version.sequence}{ending}"
            yield Exported(name=name, data=file.data, what=f"Version {version.sequence} as it came")


# What was sent ------------------------------------------------------------------------------------------


def _list_forms(outside: Outside, quarter: Quarter) -> Iterator[Exported]:
    for request in outside.store.request_history(quarter):
        form = request.form
        data = fetch_kept(outside, request.workbook) if request.workbook else None
        if data is not None:
            name = f"workbooks/{form.respondent}/sent-{form.reference.revision}.xlsx"
            yield Exported(name=name, data=data, what=f"Issue {form.reference.revision} of the form")


def _list_letters(outside: Outside, quarter: Quarter) -> Iterator[Exported]:
    rows = []
    for place, letter in enumerate(outside.store.letters(quarter=quarter), start=1):
        data = fetch_kept(outside, letter.as_left or letter.content) if letter.state in _LEFT else None
        name = f"letters/{place:04}-{letter.kind}.eml" if data is not None else ""
        sent = letter.sent.isoformat() if letter.sent else ""
        about = (letter.kind, " ".join(letter.respondents), letter.recipient, letter.subject)
        rows.append((name, letter.id, *about, letter.state.value, letter.queued.isoformat(), sent, letter.reason))
        if data is not None:
            yield Exported(name=name, data=data, what="A letter as it left")
    columns = ("file", "id", "kind", "respondents", "to", "subject", "state", "queued", "sent", "reason")
    yield make_table("audit/letters.csv", "Every letter and where it stands", columns, rows)


def _list_papers(outside: Outside, events: Iterable[Event]) -> Iterator[Exported]:
    counted: dict[tuple[str, str], int] = {}
    for event in (e for e in events if e.kind in _DRAFTS):
        place = event.subject, _DRAFTS[event.kind]
        counted[place] = counted.get(place, 0) + 1
        for fact, (called, ending) in _KEPT.items():
            data = fetch_kept(outside, str(event.facts.get(fact) or ""))
            if data is not None:
                name = f"papers/{event.subject}/{place[1]}-{counted[place]}{called}{ending}"
                yield Exported(name=name, data=data, what=f"Made at {event.at.isoformat()}")


# Figures and readings -----------------------------------------------------------------------------------


def _list_figures(outside: Outside, quarter: Quarter) -> Iterator[Exported]:
    from csp_workflow.analysis.figures_export import write_csv

    data = write_csv(add_certificates(outside, outside.store.figures_of(quarter)))
    yield Exported(name="figures.csv", data=data, what="Every figure, of each version, with where it was read")


def _list_readings(outside: Outside, quarter: Quarter, events: Sequence[Event]) -> Iterator[Exported]:
    """What each board's paper says of the figures, as at the last that happened: the same however late it is asked."""
    plan = outside.store.plan_of(quarter)
    loaded = (event.at for _, event in outside.store.numbered_events(Happened.FIGURES_IMPORTED))
    at = max((*(event.at for event in events), *loaded), default=None)
    for paper in plan.papers if plan and at else ():
        facts = papers.gather_report(outside, quarter, paper.board, _require(at))
        name, what = f"readings-{paper.board}.csv", "What the figures say, small numbers hidden"
        yield make_table(name, what, _READINGS, _list_rows(facts))


def _require(at: datetime | None) -> datetime:
    if at is None:
        raise ValueError("Nothing has happened.")
    return at


_READINGS = (
    *("series", "title", "area", "area name", "period", "value", "a year before", "twelve months", "usual", "low"),
    *("high", "reading", "why", "beside its group", "group", "rate"),
)


def _list_rows(facts: ReportFacts) -> Iterator[tuple[object, ...]]:
    for series in facts.framework.series():
        for row in facts.rows(series) if series.kind.is_number else ():
            year, peers, quarter = row.year, row.peers, row.quarter
            amounts = (amount.value if amount else None for amount in (quarter.now, quarter.before, year.now))
            yield (
                *(series.ref, series.title, row.area.code, row.area.name, row.period, *amounts),
                *(year.usual, year.low, year.high, year.direction.value, year.why),
                *(str(peers.words), peers.group, peers.rate),
            )


# Files ------------------------------------------------------------------------------------------------


def fetch_kept(outside: Outside, name: str) -> bytes | None:
    """What is kept under a hash; None where it was disposed of, or never kept."""
    try:
        return outside.archive.fetch(name)
    except (KeyError, ValueError):
        return None
