"""Papers: compiled at any moment, drafted on their date, cleared and circulated by order; errata after that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import pairwise

from csp_workflow.analysis.readings import QUARTERS_BACK
from csp_workflow.letters.papers import say_changed, say_moved
from csp_workflow.report import circulate, errata
from csp_workflow.report.blocks import Contents
from csp_workflow.report.check import find_problems
from csp_workflow.report.contents import find_unwritten, leave_out_unwritten
from csp_workflow.report.disclosure import hide_figures, list_disclosed, without_threshold
from csp_workflow.report.edits import keeping
from csp_workflow.report.edits.copying import make_copy, strip_notes, take_margins, take_out_emptied
from csp_workflow.report.edits.keeping import Edit, Written
from csp_workflow.report.edits.notes import add_notes
from csp_workflow.report.edits.telling import list_notes, tell_redrawn, tell_words
from csp_workflow.report.edits.tracking import track_changes
from csp_workflow.report.facts import ReportFacts, report_actions
from csp_workflow.report.persons import find_named
from csp_workflow.report.reading_back import restore_marks
from csp_workflow.report.statements import dump_statements, find_changes, list_statements
from csp_workflow.steps.commit import commit_current, look_when_more
from csp_workflow.steps.outside import Outside, list_disputed, live_quarters, require_dates
from csp_workflow.steps.sent_papers import fetch_statements, find_withdrawn, gather_returned, gather_year, list_sent
from csp_workflow.terms.dates import CycleState, PaperDates, Quarter
from csp_workflow.terms.events import NOTHING, Decision, Happened, PreconditionFailed
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.phrases import joined, plain_day
from csp_workflow.terms.queries import add_answers
from csp_workflow.terms.report_form import EditedWords
from csp_workflow.terms.site import Contact, RespondentKind
from csp_workflow.terms.status import CycleStatus

BY = "the calendar"


@dataclass(frozen=True, kw_only=True)
class EditedPaper:
    """A draft that came back: the file, its name, and the draft it was made from, by number and archive hash."""

    quarter: Quarter
    board: str
    number: int
    given: str
    name: str
    data: bytes


def draft_papers(outside: Outside, now: datetime) -> None:
    """Draft each paper on its date, and again when something has changed since, once a day until clearance."""
    for quarter in live_quarters(outside):
        if outside.store.cycle_status(quarter).state not in {CycleState.OPEN, CycleState.CLOSED}:
            continue
        for paper in require_dates(outside, quarter).papers:
            if circulate.is_draft_due(paper, (*outside.store.events(quarter), *outside.store.events(None)), now):
                make_draft(outside, quarter, paper.board, now, by=BY)


def ask_readers(outside: Outside, now: datetime) -> None:
    """Ask everybody who must agree to a draft, or remind them."""
    for quarter in live_quarters(outside):
        if outside.store.cycle_status(quarter).state in {CycleState.OPEN, CycleState.CLOSED}:
            for paper in require_dates(outside, quarter).papers if outside.store.cycle_status(quarter).papers else ():
                commit_current(outside, partial(_decide_asking, outside, quarter, paper, now), now)


def _decide_asking(outside: Outside, quarter: Quarter, dates: PaperDates, now: datetime) -> Decision:
    status = outside.store.cycle_status(quarter)
    paper = status.papers.get(dates.board)
    if paper is None or not circulate.is_asking_due(outside.site, paper, now):
        return NOTHING
    return circulate.decide_asking(outside.site, status, dates, outside.archive.fetch(paper.content), now)


def correct_papers(outside: Outside, now: datetime) -> None:
    """Draft an erratum to a paper that went out, where what it states, or left open, is another thing now."""
    for quarter in live_quarters(outside):
        for paper in outside.store.cycle_status(quarter).papers.values():
            if paper.reported:
                _correct_paper(outside, quarter, paper.board, now)


def _correct_paper(outside: Outside, quarter: Quarter, board: str, now: datetime) -> None:
    store = outside.store
    later = (event for one in store.cycle_states() if one >= quarter for event in store.events(one))
    news = str(errata.count_news((*later, *store.events(None))))
    decide = partial(_decide_erratum, outside, quarter, board, now)
    look_when_more(outside, _name_look(quarter, board), news, lambda: commit_current(outside, decide, now))


def _name_look(quarter: Quarter, board: str) -> str:
    return f"erratum looked for {quarter.key} {board}"


def _decide_erratum(outside: Outside, quarter: Quarter, board: str, now: datetime) -> Decision:
    """Nothing when the board was sent, or the co-ordinator shown, all that came."""
    facts = gather_report(outside, quarter, board, now)
    paper, stated = facts.status.papers[board], list_statements(facts)
    reported = fetch_statements(outside, paper.reported[-1][1])
    shown = (fetch_statements(outside, paper.erratum.statements) if paper.erratum else None) or reported
    if reported is None or shown is None or not find_changes(shown, stated):
        return NOTHING
    changes = find_changes(reported, stated)
    if not changes:
        return errata.decide_withdrawing(facts, now, by=BY)
    draft, copy = (errata.write_erratum(facts, changes, draft=is_draft) for is_draft in (True, False))
    copies = _keep(outside, facts, _build(outside, draft), _build(outside, copy))
    tracked = _track_since_paper(outside, facts)
    copies = replace(copies, changes=tracked, changes_hash=outside.archive.keep(tracked))
    return errata.decide_erratum(facts, changes, copies, now, by=BY)


def _track_since_paper(outside: Outside, facts: ReportFacts) -> bytes:
    """The paper as it would go out now; what is otherwise than in the file that the board has is a tracked change."""
    events, board = outside.store.events(facts.quarter), facts.paper.board
    sent = [e for e in events if e.kind is Happened.PAPER_CIRCULATED and e.subject == board]
    made, copy = compile_facts(outside, facts)
    now = make_copy(keeping.put_edits(made, _fetch_written(outside, facts).edits).file, copy)
    return track_changes(outside.archive.fetch(str(sent[-1].facts["content"])), now, as_at=facts.as_at)


def circulate_erratum(
    outside: Outside, quarter: Quarter, board: str, now: datetime, *, by: str, number: int, as_written: bool = False
) -> str:
    """Send the open erratum of that number to the board's secretariat. A sentence that says so."""

    def decide() -> Decision:
        status = outside.store.cycle_status(quarter)
        return decide_erratum_circulation(outside, status, board, now, by=by, number=number, as_written=as_written)

    names = ", ".join(letter.recipient_name for letter in commit_current(outside, decide, now).letters)
    return f"Number {number} to the paper for {board} goes to: {names}."


def decide_erratum_circulation(
    outside: Outside, status: CycleStatus, board: str, now: datetime, *, by: str, number: int, as_written: bool = False
) -> Decision:
    """What CIRCULATE of an erratum decides; the caller commits it. Refused when it is no longer all that came."""
    erratum = errata.require_erratum(status, board, number)
    facts = gather_report(outside, status.quarter, board, now)
    stated, reported = list_statements(facts), fetch_statements(outside, status.papers[board].reported[-1][1])
    if find_changes(fetch_statements(outside, erratum.statements) or {}, stated):
        outside.store.set_stamp(_name_look(status.quarter, board), "")  # whatever has changed it, it is looked for now
        is_right_again = reported is not None and not find_changes(reported, stated)
        raise PreconditionFailed(
            f"Since {erratum.called} {number} to the paper for {facts.board.name} was drafted something came that is "
            f"not in it. Nothing was sent; {errata.NOTHING_LEFT if is_right_again else errata.NEW_ONE_COMES}"
        )
    data = outside.archive.fetch(erratum.copy)
    what = f"The {erratum.called} to the paper for {board}"
    _refuse_problems(data, what)
    if not as_written:
        named = find_named(data, stated, outside.site)
        circulate.refuse_named(what, named, f"CIRCULATE {board} ERRATUM {erratum.number}", board)
    changes = outside.archive.fetch(erratum.changes) if erratum.changes else b""
    return errata.decide_erratum_circulation(
        outside.site, status, facts.paper, data, now, by=by, changes=changes, as_written=as_written
    )


def boards(outside: Outside, quarter: Quarter, board: str) -> tuple[str, ...]:
    """The boards that take a quarter: the one named, or all. Raises PreconditionFailed with their keys."""
    keys = tuple(paper.board for paper in require_dates(outside, quarter).papers)
    if board and board not in keys:
        known = ", ".join(keys) or "none"
        raise PreconditionFailed(f"No paper for '{board}' is planned in {quarter}. The boards are: {known}.")
    return (board,) if board else keys


def compile_paper(outside: Outside, quarter: Quarter, board: str, now: datetime) -> bytes:
    """The draft as things stand now, as a Word file; nothing is kept or sent."""
    return compile_facts(outside, with_reported(outside, gather_report(outside, quarter, board, now)))[0]


def rebuild_paper(outside: Outside, quarter: Quarter, board: str, at: datetime, *, edits: str) -> tuple[bytes, ...]:
    """A draft, its circulation copy and the workbook beside it once more, with what people wrote into it (the hash of
    that, "" for nothing). The store must be the one that it was made from, as it stood before."""
    facts = gather_report(outside, quarter, board, at)
    written = keeping.load_written(outside.archive.fetch(edits)).edits if edits else ()
    made, copy = compile_facts(outside, with_reported(outside, facts))
    draft = _annotate(outside, facts, keeping.put_edits(made, written))
    return *_finish(facts, draft, copy, written), compile_companion(facts)


def make_draft(outside: Outside, quarter: Quarter, board: str, now: datetime, *, by: str) -> None:
    """Compile a draft, keep it with its circulation copy, and send it to the co-ordinator."""
    commit_current(outside, lambda: decide_draft(outside, quarter, board, now, by=by), now)


def decide_draft(
    outside: Outside, quarter: Quarter, board: str, now: datetime, *, by: str, status: CycleStatus | None = None
) -> Decision:
    """What DRAFT decides: a new draft as things stand; the caller commits it.

    `status` is the cycle's after what the caller has decided before.
    """
    return _decide_draft(outside, gather_report(outside, quarter, board, now, status=status), now, by=by)


def _decide_draft(outside: Outside, facts: ReportFacts, now: datetime, *, by: str) -> Decision:
    """What people wrote into the draft before stands in this one too."""
    edits = _fetch_written(outside, facts).edits
    made, copy = compile_facts(outside, with_reported(outside, facts))
    placed = keeping.put_edits(made, edits)
    written = Written(edits=edits, made=_keep_made(outside, made, edits))
    copies = _keep_edited(outside, facts, _annotate(outside, facts, placed), copy, written)
    return circulate.decide_draft(facts, copies, now, by=by, words=tell_words(placed))


def _annotate(outside: Outside, facts: ReportFacts, placed: keeping.Placed) -> bytes:
    """A draft with our comments."""
    notes = list_notes(_fetch_before(outside, facts), placed, facts.status.papers.get(facts.paper.board))
    return add_notes(placed.file, notes, facts.as_at)


def _keep_made(outside: Outside, made: bytes, edits: Sequence[Edit]) -> str:
    """The hash of a paper as it was made, which is kept beside what people wrote into it ("": they wrote nothing)."""
    return outside.archive.keep(made) if edits else ""


def _finish(facts: ReportFacts, draft: bytes, copy: bytes, edits: Sequence[Edit]) -> tuple[bytes, bytes]:
    """The draft, its edited words marked where the site wants that, and the copy that is made from exactly it."""
    if facts.form.edited_words is not EditedWords.LETTER:
        draft = keeping.mark_edited(draft, edits)
    return draft, leave_out_unwritten(make_copy(draft, copy), facts.form)


def _fetch_before(outside: Outside, facts: ReportFacts) -> bytes:
    """The draft before, without our comments; b"" for the first one."""
    paper = facts.status.papers.get(facts.paper.board)
    return strip_notes(outside.archive.fetch(paper.content)) if paper and paper.content else b""


def decide_edited(outside: Outside, edited: EditedPaper, now: datetime, *, by: Contact, answers: str) -> Decision:
    """What becomes of a draft that somebody edited and sent back: it is the next draft, or its words stand in it.

    It is the draft as it came where nothing has come since the one it was made from. NOTHING when it says the same.
    """
    facts = gather_report(outside, edited.quarter, edited.board, now)
    given = outside.archive.fetch(edited.given)
    theirs = take_out_emptied(strip_notes(restore_marks(edited.data, given)))
    new, redrawn = keeping.find_edits(strip_notes(given), theirs), tell_redrawn(given, theirs)
    if not (new or redrawn):
        return NOTHING
    made, copy = compile_facts(outside, with_reported(outside, facts))
    is_latest = facts.status.papers[edited.board].content == edited.given
    before, edits = _combine(outside, facts, theirs if is_latest else b"", new)
    placed = keeping.put_edits(made, edits)
    whole = is_latest and not say_changed(facts.site, facts.status, edited.board)
    file = take_margins(theirs, made) if whole else placed.file
    written = Written(edits=edits, made=_keep_made(outside, before if whole else made, edits))
    copies = _keep_edited(outside, facts, file, copy, written)
    told = tell_words(placed, whole=whole, redrawn=redrawn)
    words = replace(told, file=edited.name, made_from=edited.number)
    return circulate.decide_draft(facts, copies, now, by=by.address, words=words, to=by, answers=answers)


def _combine(
    outside: Outside, facts: ReportFacts, theirs: bytes, new: Sequence[Edit]
) -> tuple[bytes, tuple[Edit, ...]]:
    """The latest draft as it was made, and all edits in it with new ones: `theirs` is that draft with them, b"" where
    they were made on another, into which the earlier ones may have come since."""
    written, draft = _fetch_written(outside, facts), _fetch_before(outside, facts)
    if written.edits and not written.made:  # kept by an earlier version
        return draft, (*written.edits, *new)
    made = outside.archive.fetch(written.made) if written.made else draft
    if theirs:
        return made, keeping.combine_edits(made, theirs, written.edits)
    onto = keeping.put_edits(draft, new)
    return made, (*keeping.combine_edits(made, onto.file, written.edits, later=new), *onto.unplaced)


def decide_dismissing(outside: Outside, status: CycleStatus, board: str, now: datetime, *, by: str) -> Decision:
    """What DISMISS of words decides: those without a place in the paper are kept no longer. Refused where all have."""
    facts = gather_report(outside, status.quarter, board, now, status=status)
    written = _fetch_written(outside, facts)
    placed = keeping.put_edits(compile_facts(outside, with_reported(outside, facts))[0], written.edits)
    if not placed.unplaced:
        raise PreconditionFailed(f"Everything that was written into the paper for {facts.board.name} has its place.")
    left = replace(written, edits=tuple(edit for edit in written.edits if edit not in placed.unplaced))
    kept = outside.archive.keep(keeping.dump_written(left)) if left.edits else ""
    event = circulate.note_of_paper(Happened.WORDS_DISMISSED, status.quarter, board, now, by=by, edits=kept)
    return Decision(events=(event,))


def _fetch_written(outside: Outside, facts: ReportFacts) -> Written:
    """What people wrote into the paper so far."""
    paper = facts.status.papers.get(facts.paper.board)
    return keeping.load_written(outside.archive.fetch(paper.edits)) if paper and paper.edits else Written()


def _keep_edited(outside: Outside, facts: ReportFacts, draft: bytes, copy: bytes, written: Written) -> circulate.Copies:
    """The draft with the copy that is made from exactly it, and what people wrote into it."""
    draft, copy = _finish(facts, draft, copy, written.edits)
    companion, before = compile_companion(facts), _fetch_before(outside, facts)
    kept = _keep(outside, facts, draft, copy, companion)
    pages = circulate.mark_pages(draft, facts, written.edits)
    return replace(
        kept,
        unwritten=find_unwritten(draft, facts.form),
        companion=companion,
        companion_hash=outside.archive.keep(companion),
        edits=outside.archive.keep(keeping.dump_written(written)) if written.edits else "",
        changes=track_changes(before, draft, as_at=facts.as_at) if before else b"",
        pages=pages,
    )


def _keep(outside: Outside, facts: ReportFacts, draft: bytes, copy: bytes, companion: bytes = b"") -> circulate.Copies:
    keep, stated = outside.archive.keep, list_statements(facts)
    kept = keep(dump_statements(stated, list_disclosed(facts)))
    named = find_named(copy, stated, outside.site, companion)
    return circulate.Copies(draft=draft, draft_hash=keep(draft), copy_hash=keep(copy), statements=kept, named=named)


def decide_showing(outside: Outside, status: CycleStatus, board: str, now: datetime, *, by: str) -> Decision:
    """What SHOW decides: each partnership gets what the latest draft says of it; the caller commits it."""
    facts = gather_report(outside, status.quarter, board, now, status=status)
    draft = outside.archive.fetch(status.papers[board].content)
    pages = circulate.read_pages(draft, facts.partnerships(), _fetch_written(outside, facts).edits)
    return circulate.decide_showing(facts, pages, now, by=by, letters=outside.store.letters(quarter=status.quarter))


def clear_paper(
    outside: Outside, quarter: Quarter, board: str, now: datetime, *, by: str, unwaited: bool = False
) -> str:
    """Clear the latest draft, `unwaited`: whatever the partnerships may object. A sentence that says so."""

    def decide() -> Decision:
        status = outside.store.cycle_status(quarter)
        return circulate.decide_clearing(outside.site, status, board, now, by=by, unwaited=unwaited)

    commit_current(outside, decide, now)
    paper = outside.store.cycle_status(quarter).papers[board]
    if paper.wanted:
        awaited = joined(reader.name for reader in paper.list_awaited(outside.site.readers_of(board)))
        return f"The paper for {board} is cleared when {awaited} has agreed to it."
    return f"The paper for {board} is cleared. Circulate it with: csp-workflow report circulate {quarter.key}"


def circulate_paper(outside: Outside, quarter: Quarter, board: str, now: datetime, *, by: str, **how: bool) -> str:
    """Send the cleared paper to the secretariat; `how` as for deciding it. A sentence that says so."""

    def decide() -> Decision:
        return decide_circulation(outside, outside.store.cycle_status(quarter), board, now, by=by, **how)

    decision = commit_current(outside, decide, now)
    names = ", ".join(letter.recipient_name for letter in decision.letters)
    return f"The cleared paper for {board} goes to: {names}."


def decide_circulation(
    outside: Outside,
    status: CycleStatus,
    board: str,
    now: datetime,
    *,
    by: str,
    as_cleared: bool = False,
    as_written: bool = False,
) -> Decision:
    """What CIRCULATE decides as a cycle stands; the caller commits it.

    Refused while the copy has anything of a draft in it, or may name a person and is not to go `as_written`.
    """
    cleared = circulate.require_cleared(status, board)
    data = outside.archive.fetch(cleared.copy)
    companion = outside.archive.fetch(cleared.companion) if cleared.companion else b""
    _refuse_problems(data, f"The paper for {board}")
    if not as_written:
        stated = fetch_statements(outside, cleared.statements) or {}
        named = find_named(data, stated, outside.site, companion)
        circulate.refuse_named(f"The paper for {board}", named, f"CIRCULATE {board}", board)
    before = outside.store.cycle_status(status.quarter).papers.get(board)
    return circulate.decide_circulating(
        outside.site,
        status,
        _find_paper(outside, status.quarter, board),
        (cleared.copy, data),
        now,
        by=by,
        companion=companion,
        as_cleared=as_cleared,
        as_written=as_written,
        unsent=circulate.list_unsent(before, cleared, outside.store.letters(quarter=status.quarter)),
    )


def _refuse_problems(data: bytes, what: str) -> None:
    found = find_problems(data)
    if found:
        raise PreconditionFailed(f"{what} cannot be circulated. {' '.join(found)}")


def compile_facts(outside: Outside, facts: ReportFacts) -> tuple[bytes, bytes]:
    """The paper twice from the same facts: marked as a draft, and as it would circulate."""
    from csp_workflow.report.contents import compile_contents

    version = f"Draft {circulate.number_draft(facts)}, {plain_day(facts.as_at)}"
    draft = replace(compile_contents(facts), version=version)
    return _build(outside, draft), _build(outside, compile_contents(facts, draft=False))


def compile_companion(facts: ReportFacts) -> bytes:
    """The workbook that accompanies a paper: every figure with its source, and the words that it has no room for."""
    from csp_workflow.report.annual_sheets import list_year_sheets
    from csp_workflow.report.appendices import list_companion
    from csp_workflow.report.companion import build_companion

    note = "Figures in it were made up for demonstration." if facts.site.illustrative else ""
    sheets = tuple((table.caption, table) for table in (list_year_sheets if facts.year else list_companion)(facts))
    return build_companion(facts.form.title, sheets, as_at=facts.as_at, note=note)


def _build(outside: Outside, contents: Contents) -> bytes:
    from csp_workflow.report.word.document import build_document

    base = outside.report_base()
    if not base:
        raise PreconditionFailed("templates/reports holds no Word file. Copy base.docx there from a new site.")
    return build_document(contents, base=base)


# What a paper states, and what earlier ones stated ----------------------------------------------------


_EARLIER = 4
"""A paper prints the same quarter last year too, so that it may say otherwise than papers of so many quarters."""


def with_reported(outside: Outside, facts: ReportFacts) -> ReportFacts:
    """The facts with what the papers that went out of this quarter and of those before stated otherwise."""
    sent = list_sent(outside, first=facts.quarter.plus(-_EARLIER), last=facts.quarter)
    reports = [without_threshold(report, facts) for report in sent]
    if not reports:
        return facts
    stated = list_statements(facts)
    before, board = facts.quarter.plus(-1), facts.paper.board
    if any((report.quarter, report.board) == (before, board) for report in reports):
        stated = {**list_statements(gather_report(outside, before, board, facts.as_at)), **stated}
    return errata.with_reported(facts, reports, stated)


def gather_report(
    outside: Outside,
    quarter: Quarter,
    board: str,
    now: datetime,
    *,
    status: CycleStatus | None = None,
    paper: PaperDates | None = None,
) -> ReportFacts:
    """All that a board's paper is compiled from, as it stands now; its dates where it is not planned yet."""
    from csp_workflow.terms.comparisons import KnownFigures
    from csp_workflow.terms.dates import london_day
    from csp_workflow.terms.figures import list_comparable

    store = outside.store
    status = status or store.cycle_status(quarter)
    latest, moot = gather_returned(outside, quarter, status), find_withdrawn(outside, status)
    replaced, withdrawn = _part_earlier(outside, status)
    figures = (*replaced, *(f for f in store.figures(before=london_day(now)) if not (moot and f in moot)))
    framework, reach = outside.site.framework(quarter), QUARTERS_BACK - 1
    sent = list_sent(outside, first=quarter.plus(-reach), last=quarter.plus(reach))  # that share a period with it
    earlier = [(report.quarter, report.at) for report in sent if report.board == board and report.quarter < quarter]
    since = min((at for of, at in earlier if of == max(earlier)[0]), default=None)  # the paper, before its errata
    facts = ReportFacts(
        site=outside.site,
        quarter=quarter,
        paper=paper or _find_paper(outside, quarter, board),
        status=status,
        submissions={
            key: add_answers(one, list_disputed(store, quarter, key)) if one.disputes else one
            for key, one in latest.items()
        },
        known=KnownFigures(list_comparable(figures, framework, quarter), london_day(now)),
        as_at=now,
        groups=tuple(list_comparable(store.group_rates(), framework, quarter)),
        withdrawn={(f.series, f.area): f for f in withdrawn if f.period == quarter.key},
        answered={
            request.form.respondent: request.form
            for request in store.request_history(quarter)
            if (one := latest.get(request.form.respondent)) and one.revision == request.form.reference.revision
        },
        actions=report_actions(outside.site.actions, latest, london_day(now), since=since),
        year=gather_year(outside, quarter) if outside.site.board(board).yearly else (),
    )
    return hide_figures(facts, sent)


def _part_earlier(outside: Outside, status: CycleStatus) -> tuple[list[Figure], list[Figure]]:
    """The force's figures that stood while forms were out and were revised since, and those that were taken back: a
    paper says what they were."""
    replaced: list[Figure] = []
    withdrawn: list[Figure] = []
    for analyst in (r for r in outside.site.respondents if r.kind is RespondentKind.ANALYST):
        versions = outside.store.submissions(status.quarter, analyst.key)
        latest = {(f.series, f.area, f.period) for one in versions[-1:] for f in one.figures}
        for one, after in pairwise(versions):
            if status.opened is not None and after.received > status.opened:
                for f in one.figures:
                    (replaced if (f.series, f.area, f.period) in latest else withdrawn).append(f)
    return replaced, withdrawn


def _find_paper(outside: Outside, quarter: Quarter, board: str) -> PaperDates:
    planned = next((paper for paper in require_dates(outside, quarter).papers if paper.board == board), None)
    drafted = outside.store.cycle_status(quarter).papers.get(board)
    if planned is None and drafted and drafted.moved:
        raise PreconditionFailed(f"{say_moved(drafted)[0]} Its paper waits for another: SETUP brings the meetings.")
    (key,) = boards(outside, quarter, board)
    return planned or next(paper for paper in require_dates(outside, quarter).papers if paper.board == key)
