"""The quarter's work: `cycle`, `return`, `report`, `action`, `figures`; `hold`, `resume`, `release`, `explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from csp_workflow.cli.context import Call, ExitCode, UsageFault, parse_quarter
from csp_workflow.letters.proofs import ProofLetter
from csp_workflow.terms.dates import CycleDates, Quarter, in_london
from csp_workflow.terms.events import PreconditionFailed

app = typer.Typer()
cycle_app = typer.Typer(no_args_is_help=True, help="One quarter's round.")
return_app = typer.Typer(no_args_is_help=True, help="One respondent's return.")
report_app = typer.Typer(no_args_is_help=True, help="The paper for each board.")
measures_app = typer.Typer(no_args_is_help=True, help="The measures of a year, agreed with each partnership.")
action_app = typer.Typer(no_args_is_help=True, help="What the boards asked of somebody.")
figures_app = typer.Typer(no_args_is_help=True, help="History, published figures and the force's extract.")
app.add_typer(cycle_app, name="cycle")
app.add_typer(return_app, name="return")
app.add_typer(report_app, name="report")
app.add_typer(action_app, name="action")
app.add_typer(measures_app, name="measures")
app.add_typer(figures_app, name="figures")

_Q = Annotated[Quarter, typer.Argument(parser=parse_quarter, metavar="Q", help="The quarter, such as 2014/15-Q2.")]
_WHO = Annotated[str, typer.Argument(metavar="RESPONDENT", help="Its key in the config.")]
_ANALYST = Annotated[str, typer.Argument(metavar="ANALYST", help="The force's analyst: only the extract's request.")]
_WHY = Annotated[str, typer.Option(help="Why; it is kept and shown.")]
_BOARD = Annotated[str, typer.Option(help="The board's key in the config; without it, every board.")]
_BY = "the command line"


@measures_app.command("agree")
def prove_measures(ctx: Call, year: Annotated[str, typer.Argument(metavar="YEAR", help="Such as 2015/16.")]) -> None:
    """Make the proof of the letters that ask for the measures (AGREE does). Nothing goes to anyone else."""
    _order(ctx, f"AGREE {year}", "", None)


@measures_app.command("send")
def send_measures(ctx: Call) -> None:
    """Send those letters as proved (SEND MEASURES does)."""
    _order(ctx, "SEND MEASURES", "", None)


@measures_app.command("agreed")
def agree_measures(ctx: Call, respondent: _WHO) -> None:
    """Agree a partnership's measures as its chair approved them (AGREED CODE does)."""
    _order(ctx, "AGREED {code}", respondent, None)


@measures_app.command("status")
def show_measures(ctx: Call) -> None:
    """Where the agreeing with each partnership stands."""
    with ctx.obj.site() as (wired, _):
        standings = wired.outside.store.service_status().agreeing.standings.values()
    rows = [
        {"year": s.year, "respondent": s.respondent, "state": str(s.state), "version": s.version, "agreed": s.agreed}
        for s in standings
    ]
    ctx.obj.show(rows, table=("year", "respondent", "state", "version", "agreed"))


@cycle_app.command("plan")
def plan_cycle(ctx: Call, q: _Q) -> None:
    """Work the quarter's dates back from its meetings, keep them, and list every letter to come if nobody answers."""
    from csp_workflow.steps import cycle

    with ctx.obj.site() as (wired, now):
        dates = cycle.plan_cycle(wired.outside, q, now)
        letters, told = cycle.plan_letters(wired.outside, q, now)
    if ctx.obj.json:
        ctx.obj.show({**_describe_dates(dates), "letters": list(map(_describe_letter, letters)), "told": list(told)})
    else:
        ctx.obj.show(_list_dates(dates), table=("what", "when"))
        ctx.obj.show(list(map(_describe_letter, letters)), table=("day", "to", "letter", "only", "about"))
    for sentence in told:
        ctx.obj.say(sentence)


@cycle_app.command("open")
def prove_cycle(ctx: Call, q: _Q, respondent: _ANALYST = "") -> None:
    """Make the proof pack for the co-ordinator. Nothing goes to anyone else before SEND."""
    from csp_workflow.steps import cycle

    if respondent:
        _order(ctx, "PROOF {code}", respondent, q)
        return
    with ctx.obj.site() as (wired, now):
        cycle.plan_cycle(wired.outside, q, now)
        count = cycle.make_proof(wired.outside, q, now, by=_BY)
        wired.post(now)
    ctx.obj.say(
        f"The proof pack of {q} is on its way to the co-ordinator: {count} forms. "
        f"Send the requests with: csp-workflow cycle send {q.key}"
    )


@cycle_app.command("send")
def send_requests(ctx: Call, q: _Q, respondent: _ANALYST = "") -> None:
    """Send the requests as proved (what the co-ordinator's reply SEND does)."""
    from csp_workflow.steps import cycle

    if respondent:
        _order(ctx, "SEND {code}", respondent, q)
        return
    with ctx.obj.site() as (wired, now):
        count = cycle.send_requests(wired.outside, q, now, by=_BY)
        summary = wired.post(now)
    ctx.obj.say(
        f"{count} letters queued, {summary.sent} sent now. The rest leave in the sending window, by `tick` or `run`."
    )


@cycle_app.command("status")
def show_status(ctx: Call, q: _Q) -> None:
    """Where each return of the quarter stands."""
    from csp_workflow.steps import telling

    with ctx.obj.site(working=False) as (wired, _):
        found = telling.cycle_status(wired.outside, q)
    if ctx.obj.json:
        ctx.obj.show(found)
        return
    ctx.obj.show(f"{found['quarter']}: {found['state']}. Due {found['due']}, closes {found['close']}.")
    for sentence in found["waits"]:
        ctx.obj.show(sentence)
    ctx.obj.show(found["returns"], table=("respondent", "state", "due", "submissions", "findings", "approved"))


@cycle_app.command("close")
def close_cycle(ctx: Call, q: _Q) -> None:
    """Close the quarter now: what has not arrived is reported as not received."""
    from csp_workflow.steps import cycle

    with ctx.obj.site() as (wired, now):
        missing = cycle.close_cycle(wired.outside, q, now, by=_BY)
    ctx.obj.say(f"{q} is closed. Not received: {', '.join(missing) or 'none'}.")


@cycle_app.command("export")
def export_cycle(
    ctx: Call,
    q: _Q,
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="Ends in .zip.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Everything of a quarter in one zip with an index: messages, forms, figures, papers, letters, audit."""
    from csp_workflow.steps import exporting

    if file.exists() and not force:
        raise PreconditionFailed(f"{file} is there already. Name another file, or add --force.")
    with ctx.obj.site(working=False) as (wired, _):
        count = exporting.export_quarter(wired.outside, q, file)
    if ctx.obj.json:
        ctx.obj.show({"file": str(file), "files": count})
    ctx.obj.say(f"{count} files written to {file}. It holds personal data: keep it as safe as the mailbox.")


@cycle_app.command("extend")
def extend_due_date(
    ctx: Call,
    q: _Q,
    respondent: _WHO,
    day: Annotated[str, typer.Argument(metavar="DATE", help="The new due date, such as 2014-11-05.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept and shown.")] = "",
) -> None:
    """Give one respondent its own due date."""
    if not reason.strip():
        raise UsageFault('An extension needs a reason, for example: --reason "the analyst is on leave".')
    _order(ctx, f"EXTEND {{code}} TO {day} BECAUSE {reason}", respondent, q)


@app.command("hold")
def hold_sending(ctx: Call, respondent: Annotated[str, typer.Argument()] = "") -> None:
    """Stop all sending (or one respondent's) before the next hand-over. Receiving goes on."""
    _order(ctx, "HOLD {code}", respondent)


@app.command("resume")
def resume_sending(ctx: Call, respondent: Annotated[str, typer.Argument()] = "") -> None:
    """Take a hold back."""
    _order(ctx, "RESUME {code}", respondent)


@app.command("release")
def release_letters(ctx: Call) -> None:
    """After a long gap: let the requests and reminders that were held go out."""
    _order(ctx, "RELEASE", "")


def _order(ctx: Call, words: str, respondent: str, quarter: Quarter | None = None) -> None:
    """Carry out what the co-ordinator could have ordered by email, in the same words."""
    from csp_workflow.steps import ordering

    # An order is one commit, so it may be given while `run` works: post asks again before each hand-over.
    with ctx.obj.site(working=False) as (wired, now):
        answer = ordering.order(wired.outside, words, respondent=respondent, quarter=quarter, now=now)
    ctx.obj.say(answer)


@app.command("explain")
def explain_letters(ctx: Call, q: _Q, respondent: _WHO) -> None:
    """Why each letter was or was not sent to a respondent, with the facts."""
    from csp_workflow.steps import telling

    with ctx.obj.site(working=False) as (wired, now):
        sentences = telling.explain_letters(wired.outside, q, respondent, now)
    ctx.obj.show(sentences if ctx.obj.json else "\n".join(sentences))


def _list_dates(dates: CycleDates) -> list[dict[str, Any]]:
    """A cycle's dates as table rows, for people."""
    rows = [
        ("the force's analyst is asked", f"{dates.extract_request:%a %d %b %Y}"),
        ("the force's extract is due", f"{in_london(dates.extract_due):%a %d %b %Y %H:%M}"),
        ("requests go out", f"{dates.open:%a %d %b %Y}"),
        ("returns are due", f"{in_london(dates.due):%a %d %b %Y %H:%M}"),
        ("the quarter closes", f"{in_london(dates.close):%a %d %b %Y %H:%M}"),
    ]
    for paper in dates.papers:
        rows += [
            (f"{paper.board}: draft", f"{paper.draft:%a %d %b %Y}"),
            (f"{paper.board}: clearance", f"{paper.clearance:%a %d %b %Y}"),
            (f"{paper.board}: papers out", f"{paper.papers_out:%a %d %b %Y}"),
            (f"{paper.board}: meeting", f"{paper.meeting:%a %d %b %Y}"),
        ]
    return [{"what": what, "when": when} for what, when in rows]


def _describe_letter(planned: ProofLetter) -> dict[str, Any]:
    """A letter to come: on which day, to whom, what it is and asks for, with its words."""
    return {
        "day": planned.leaves,
        "to": planned.letter.recipient,
        "name": planned.letter.recipient_name,
        "letter": planned.title,
        "kind": planned.letter.kind,
        "only": planned.condition,
        "about": ", ".join(planned.names),
        "asks": list(planned.asks),
        "attached": list(planned.files),
        "subject": planned.subject,
        "text": planned.text,
    }


def _describe_dates(dates: CycleDates) -> dict[str, Any]:
    """A cycle's dates for --json."""
    return {
        "quarter": dates.quarter.key,
        "extract_request": dates.extract_request,
        "extract_due": dates.extract_due.isoformat(),
        "open": dates.open,
        "due": dates.due.isoformat(),
        "close": dates.close.isoformat(),
        "papers": [vars(paper) for paper in dates.papers],
        "warnings": list(dates.warnings),
    }


# return -------------------------------------------------------------------------------------------


@return_app.command("show")
def show_return(ctx: Call, q: _Q, respondent: _WHO) -> None:
    """What was received: every version, its figures, where each was read, and what is open."""
    from csp_workflow.steps import telling

    with ctx.obj.site(working=False) as (wired, _):
        found = telling.describe_return(wired.outside, q, respondent)
    if ctx.obj.json:
        ctx.obj.show(found)
        return
    ctx.obj.show({key: value for key, value in found.items() if not isinstance(value, list)})
    ctx.obj.show(found["figures"], table=("series", "area", "value", "status", "sheet", "cell"))
    ctx.obj.show(found["findings"], table=("severity", "sheet", "cell", "found", "wanted"))


@return_app.command("accept")
def accept_return(ctx: Call, q: _Q, respondent: _WHO) -> None:
    """Take a queried return as complete, its faults standing."""
    _order(ctx, "ACCEPT {code}", respondent, q)


@return_app.command("nil")
def record_nil(ctx: Call, q: _Q, respondent: _WHO, reason: _WHY = "") -> None:
    """Record that a respondent has nothing to report."""
    _order(ctx, f"NIL {{code}} BECAUSE {_require_reason(reason)}", respondent, q)


@return_app.command("decline")
def record_decline(ctx: Call, q: _Q, respondent: _WHO, reason: _WHY = "") -> None:
    """Record that a respondent declines to report."""
    _order(ctx, f"DECLINE {{code}} BECAUSE {_require_reason(reason)}", respondent, q)


def _require_reason(reason: str) -> str:
    if not reason.strip():
        raise UsageFault('This needs a reason, for example: --reason "told us by phone on 3 November".')
    return reason


# report -------------------------------------------------------------------------------------------


@report_app.command("compile")
def compile_paper(
    ctx: Call,
    q: _Q,
    board: _BOARD = "",
    out: Annotated[Path | None, typer.Option(help="Write the draft here and send nothing.")] = None,
) -> None:
    """Compile the draft as things stand now and send it to the co-ordinator (or write it to --out)."""
    from csp_workflow.steps import papers

    with ctx.obj.site() as (wired, now):
        for key in papers.boards(wired.outside, q, board):
            if out:
                target = out if board else out.with_stem(f"{out.stem}-{key}")
                target.write_bytes(papers.compile_paper(wired.outside, q, key, now))
                ctx.obj.say(f"Wrote {target}.")
            else:
                papers.make_draft(wired.outside, q, key, now, by=_BY)
                ctx.obj.say(f"The draft for {key} is on its way to the co-ordinator.")
        wired.post(now)


@report_app.command("clear")
def clear_paper(
    ctx: Call,
    q: _Q,
    board: _BOARD = "",
    unwaited: Annotated[
        bool, typer.Option("--without-waiting", help="Whoever was not shown it or may still object.")
    ] = False,
) -> None:
    """Clear the latest draft for circulation, once the partnerships have had their days to object."""
    _act_on_papers(ctx, q, board, "clear_paper", unwaited=unwaited)


@report_app.command("circulate")
def circulate_paper(
    ctx: Call,
    q: _Q,
    board: _BOARD = "",
    as_cleared: Annotated[bool, typer.Option("--as-cleared", help="Without what came since it was cleared.")] = False,
    as_written: Annotated[bool, typer.Option("--as-written", help="Though it may name a person.")] = False,
    erratum: Annotated[int, typer.Option(help="Send the erratum of this number to a paper that went out.")] = 0,
) -> None:
    """Send the cleared paper to the secretariat."""
    if erratum:
        _act_on_papers(ctx, q, board, "circulate_erratum", number=erratum, as_written=as_written)
    else:
        _act_on_papers(ctx, q, board, "circulate_paper", as_cleared=as_cleared, as_written=as_written)


def _act_on_papers(ctx: Call, q: Quarter, board: str, act: str, **how: int) -> None:
    from csp_workflow.steps import papers

    with ctx.obj.site() as (wired, now):
        for key in papers.boards(wired.outside, q, board):
            ctx.obj.say(getattr(papers, act)(wired.outside, q, key, now, by=_BY, **how))
        wired.post(now)


@report_app.command("check")
def check_paper(ctx: Call, file: Annotated[Path, typer.Argument(metavar="FILE", exists=True)]) -> None:
    """Check a Word file before circulation, or the base that papers are built on."""
    from csp_workflow.report.check import find_problems

    found = find_problems(file.read_bytes())
    ctx.obj.show(list(found) if ctx.obj.json else "\n".join(found) or "Nothing found.")
    if found:
        raise typer.Exit(ExitCode.FAILED)


@report_app.command("trace")
def trace_paper(
    ctx: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    figure: Annotated[str, typer.Option(metavar="TEXT", help="Only this one: as printed, or its bookmark.")] = "",
) -> None:
    """Where each figure of a paper came from: message, file and hash, sheet and cell, version, who approved it."""
    from csp_workflow.steps import tracing

    with ctx.obj.site(working=False) as (wired, _):
        found = tracing.trace_paper(wired.outside, file.read_bytes(), figure)
    if ctx.obj.json:
        ctx.obj.show(found)
    elif figure:
        for row in (*found["figures"], *found["reckoned"]):
            for shown in ({k: v for k, v in row.items() if k != "parts"}, *row.get("parts", ())):
                ctx.obj.show({name: value for name, value in shown.items() if value not in (None, "", [])})
    else:
        columns = ("printed", "series", "area_name", "period", "respondent", "version", "file", "sheet", "cell")
        ctx.obj.show(found["figures"], table=(*columns, "approved_by"))
        made_of = [row | {"made of": len(row["parts"])} for row in found["reckoned"]]
        ctx.obj.show(made_of, table=("printed", "made", "series", "value", "made of", "bookmark"))
    for sentence in tracing.say_traced(found):
        ctx.obj.say(sentence)
    if found["untraced"] or any(row["as_stored"] is False for row in (*found["figures"], *found["reckoned"])):
        raise typer.Exit(ExitCode.PARTLY)


@report_app.command("verify")
def verify_paper(
    ctx: Call,
    file: Annotated[str, typer.Argument(metavar="FILE|Q", help="A paper, or a quarter whose kept papers are meant.")],
    board: _BOARD = "",
) -> None:
    """Build a paper again from what stood then, and compare it part by part."""
    from csp_workflow.steps import papers, tracing

    with ctx.obj.site(working=False) as (wired, _):
        if Path(file).is_file():
            found = [tracing.verify_file(wired.outside, Path(file).read_bytes())]
        else:
            q = parse_quarter(file)
            found = tracing.verify_kept(wired.outside, q, papers.boards(wired.outside, q, board))
    ctx.obj.show([one.describe() for one in found] if ctx.obj.json else "\n".join(one.say() for one in found))
    for sentence in dict.fromkeys(caveat for one in found if one.parts for caveat in one.caveats):
        ctx.obj.say(sentence)
    if any(one.parts for one in found):
        raise typer.Exit(ExitCode.FAILED)


# action -------------------------------------------------------------------------------------------

_ASKED_BY = Annotated[str, typer.Option("--board", help="The board's key; without it, the one that met lately.")]


@action_app.command("list")
def show_actions(ctx: Call) -> None:
    """What the boards asked, where each stands, and by when it is due."""
    from csp_workflow.steps import telling

    with ctx.obj.site(working=False) as (wired, now):
        rows = telling.describe_actions(wired.outside, now)
    ctx.obj.show(rows, table=("ref", "state", "due", "board", "asked", "respondent", "wording", "reason"))


@action_app.command("record")
def record_action(
    ctx: Call,
    respondent: _WHO,
    day: Annotated[str, typer.Argument(metavar="DATE", help="By when, such as 2015-01-15.")],
    words: Annotated[str, typer.Argument(metavar="WORDS", help="What is asked.")],
    board: _ASKED_BY = "",
) -> None:
    """Record what a board asked of a respondent (what the co-ordinator's reply ACTION does)."""
    _order(ctx, f"ACTION {board} {{code}} BY {day}: {words}", respondent)


@action_app.command("close")
def close_action(ctx: Call, ref: Annotated[str, typer.Argument(metavar="REF")], reason: _WHY = "") -> None:
    """Close what a board asked."""
    _order(ctx, f"CLOSE {ref} BECAUSE {_require_reason(reason)}", "")


@action_app.command("notes")
def order_notes(ctx: Call, board: Annotated[str, typer.Argument(metavar="BOARD", help="Its key.")]) -> None:
    """Tell every partnership after a meeting what the board noted and asked."""
    _order(ctx, f"NOTES {board}", "")


# figures ------------------------------------------------------------------------------------------


@figures_app.command("import")
def import_figures(
    ctx: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be taken.")] = False,
) -> None:
    """Load figures, or an extract of comparison groups, and report, row by row, what was taken and refused."""
    from csp_workflow.steps import setting_up

    with ctx.obj.site() as (wired, now):
        report = setting_up.import_figures(wired.outside, file.read_bytes(), file.name, now, keep=not dry_run)
    ctx.obj.show(report) if ctx.obj.json else ctx.obj.show(
        report["rows"], table=("sheet", "row", "taken", "column", "sentence")
    )
    for remark in report["remarks"]:
        ctx.obj.say(remark)
    kept = " (dry run: none kept)" if dry_run else ""
    ctx.obj.say(f"{report['taken']} figures taken, {report['refused']} refused{kept}.")
    if report["refused"]:
        raise typer.Exit(ExitCode.PARTLY)


@figures_app.command("export")
def export_figures(
    ctx: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="Ends in .csv or .xlsx.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    groups: Annotated[bool, typer.Option("--groups", help="Rates beside comparison groups, in their place.")] = False,
) -> None:
    """Write the figures that stand, each with where it was read. Small numbers are among them: not to publish."""
    from csp_workflow.analysis.figures_export import FIGURES, GROUPS, write_csv, write_excel
    from csp_workflow.steps.tracing import add_certificates

    writers = {".csv": write_csv, ".xlsx": write_excel}
    write = writers.get(file.suffix.lower())
    if write is None:
        raise typer.BadParameter(f"'{file.name}' must end in .csv or .xlsx.", param_hint="FILE")
    if file.exists() and not force:
        raise PreconditionFailed(f"{file} is there already. Name another file, or add --force.")
    with ctx.obj.site(working=False) as (wired, _):
        store = wired.outside.store
        rows = store.group_rates() if groups else add_certificates(wired.outside, store.traced_figures())
    file.write_bytes(write(rows, GROUPS if groups else FIGURES))
    if ctx.obj.json:
        ctx.obj.show({"file": str(file), "figures": len(rows)})
    ctx.obj.say(f"{len(rows)} {'rates' if groups else 'figures'} written to {file}.")
