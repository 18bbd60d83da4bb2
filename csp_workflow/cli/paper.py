"""`report compile|clear|circulate|check`: the Board paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from csp_workflow.cli import exits
from csp_workflow.cli.context import Context, quarter
from csp_workflow.cli.cycle import BY

app = typer.Typer(no_args_is_help=True, help="The paper for each board.")
_Q = Annotated[str, typer.Argument(metavar="Q", help="The quarter, such as 2014/15-Q2.")]
_BOARD = Annotated[str, typer.Option(help="The board's key in the config; without it, every board.")]


def add_to(parent: typer.Typer) -> None:
    """Put these commands under the main one."""
    parent.add_typer(app, name="report")


@app.command("compile")
def compile_(
    context: typer.Context,
    q: _Q,
    board: _BOARD = "",
    out: Annotated[Path | None, typer.Option(help="Write the draft here and send nothing.")] = None,
) -> None:
    """Compile the draft as things stand now and send it to the co-ordinator (or write it to --out)."""
    from csp_workflow.steps import papers

    ctx: Context = context.obj
    with ctx.site() as (wired, now):
        for key in papers.boards(wired.outside, quarter(q), board):
            if out:
                target = out if board else out.with_stem(f"{out.stem}-{key}")
                target.write_bytes(papers.compile_paper(wired.outside, quarter(q), key, now))
                ctx.say(f"Wrote {target}.")
            else:
                papers.make_draft(wired.outside, quarter(q), key, now, by=BY)
                ctx.say(f"The draft for {key} is on its way to the co-ordinator.")
        wired.post(now)


@app.command()
def clear(context: typer.Context, q: _Q, board: _BOARD = "") -> None:
    """Clear the latest draft for circulation."""
    _act(context, q, board, "clear_paper")


@app.command()
def circulate(context: typer.Context, q: _Q, board: _BOARD = "") -> None:
    """Send the cleared paper to the secretariat."""
    _act(context, q, board, "circulate_paper")


def _act(context: typer.Context, q: str, board: str, act: str) -> None:
    from csp_workflow.steps import papers

    ctx: Context = context.obj
    with ctx.site() as (wired, now):
        for key in papers.boards(wired.outside, quarter(q), board):
            ctx.say(getattr(papers, act)(wired.outside, quarter(q), key, now, by=BY))
        wired.post(now)


@app.command()
def check(context: typer.Context, file: Annotated[Path, typer.Argument(metavar="FILE", exists=True)]) -> None:
    """Check a Word file before circulation: draft marks, comments, empty cells, headings."""
    from csp_workflow.report.check import problems

    ctx: Context = context.obj
    found = problems(file.read_bytes())
    ctx.show(list(found) if ctx.json else "\n".join(found) or "Nothing found.")
    if found:
        raise typer.Exit(exits.FAILED)
