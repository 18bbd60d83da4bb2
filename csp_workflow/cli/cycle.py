"""`cycle plan|open|send|status|close|extend`, `hold`, `resume`, `release`, `explain`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from csp_workflow.cli.context import Context, UsageFault, quarter
from csp_workflow.terms.cycles import CycleDates
from csp_workflow.terms.working_days import in_london

app = typer.Typer(no_args_is_help=True, help="One quarter's round.")
_Q = Annotated[str, typer.Argument(metavar="Q", help="The quarter, such as 2014/15-Q2.")]
_WHO = Annotated[str, typer.Argument(metavar="RESPONDENT", help="Its key in the config.")]
BY = "the command line"


def add_to(parent: typer.Typer) -> None:
    """Put these commands under the main one."""
    parent.add_typer(app, name="cycle")
    parent.command()(hold)
    parent.command()(resume)
    parent.command()(release)
    parent.command()(explain)


@app.command()
def plan(context: typer.Context, q: _Q) -> None:
    """Work the quarter's dates back from its meetings and keep them."""
    from csp_workflow.steps import cycle

    ctx: Context = context.obj
    with ctx.site() as (wired, now):
        dates = cycle.plan_cycle(wired.outside, quarter(q), now)
    if ctx.json:
        ctx.show(dates_shown(dates))
    else:
        ctx.show(rows_of(dates), table=("what", "when"))
    for warning in dates.warnings:
        ctx.say(warning)


@app.command("open")
def open_(context: typer.Context, q: _Q) -> None:
    """Make the proof pack for the co-ordinator. Nothing goes to anyone else before SEND."""
    from csp_workflow.steps import cycle

    ctx: Context = context.obj
    with ctx.site() as (wired, now):
        cycle.plan_cycle(wired.outside, quarter(q), now)
        count = cycle.make_proof(wired.outside, quarter(q), now, by=BY)
        wired.post(now)
    ctx.say(
        f"The proof pack of {quarter(q)} is on its way to the co-ordinator: {count} forms. "
        f"Send the requests with: csp-workflow cycle send {q}"
    )


@app.command()
def send(context: typer.Context, q: _Q) -> None:
    """Send the requests as proved (what the co-ordinator's reply SEND does)."""
    from csp_workflow.steps import cycle

    ctx: Context = context.obj
    with ctx.site() as (wired, now):
        count = cycle.send_requests(wired.outside, quarter(q), now, by=BY)
        summary = wired.post(now)
    ctx.say(
        f"{count} letters queued, {summary.sent} sent now. The rest leave in the sending window, by `tick` or `run`."
    )


@app.command()
def status(context: typer.Context, q: _Q) -> None:
    """Where each return of the quarter stands."""
    from csp_workflow.steps import telling

    ctx: Context = context.obj
    with ctx.site(working=False) as (wired, _):
        told = telling.cycle_status(wired.outside, quarter(q))
    if ctx.json:
        ctx.show(told)
        return
    ctx.show(f"{told['quarter']}: {told['state']}. Due {told['due']}, closes {told['close']}.")
    for sentence in told["waits"]:
        ctx.show(sentence)
    ctx.show(told["returns"], table=("respondent", "state", "due", "submissions", "findings", "approved"))


@app.command()
def close(context: typer.Context, q: _Q) -> None:
    """Close the quarter now: what has not arrived is reported as not received."""
    from csp_workflow.steps import cycle

    ctx: Context = context.obj
    with ctx.site() as (wired, now):
        missing = cycle.close_cycle(wired.outside, quarter(q), now, by=BY)
    ctx.say(f"{quarter(q)} is closed. Not received: {', '.join(missing) or 'none'}.")


@app.command()
def extend(
    context: typer.Context,
    q: _Q,
    respondent: _WHO,
    day: Annotated[str, typer.Argument(metavar="DATE", help="The new due date, such as 2014-11-05.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept and shown.")] = "",
) -> None:
    """Give one respondent its own due date."""
    if not reason.strip():
        raise UsageFault('An extension needs a reason, for example: --reason "the analyst is on leave".')
    _order(context, f"EXTEND {{code}} TO {day} BECAUSE {reason}", respondent, q)


def hold(context: typer.Context, respondent: Annotated[str, typer.Argument()] = "") -> None:
    """Stop all sending (or one respondent's) before the next hand-over. Receiving goes on."""
    _order(context, "HOLD {code}", respondent)


def resume(context: typer.Context, respondent: Annotated[str, typer.Argument()] = "") -> None:
    """Take a hold back."""
    _order(context, "RESUME {code}", respondent)


def release(context: typer.Context) -> None:
    """After a long gap: let the requests and reminders that were held go out."""
    _order(context, "RELEASE", "")


def _order(context: typer.Context, words: str, respondent: str, q: str = "") -> None:
    """Carry out what the co-ordinator could have ordered by e-mail, in the same words."""
    from csp_workflow.steps import ordering

    ctx: Context = context.obj
    # An order is one commit, so it may be given while `run` works: post asks again before each hand-over.
    with ctx.site(working=False) as (wired, now):
        told = ordering.order(wired.outside, words, respondent=respondent, quarter=quarter(q) if q else None, now=now)
    ctx.say(told)


def explain(context: typer.Context, q: _Q, respondent: _WHO) -> None:
    """Why each letter was or was not sent to a respondent, with the facts."""
    from csp_workflow.steps import telling

    ctx: Context = context.obj
    with ctx.site(working=False) as (wired, now):
        sentences = telling.explain_letters(wired.outside, quarter(q), respondent, now)
    ctx.show(sentences if ctx.json else "\n".join(sentences))


def rows_of(dates: CycleDates) -> list[dict[str, Any]]:
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


def dates_shown(dates: CycleDates) -> dict[str, Any]:
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
