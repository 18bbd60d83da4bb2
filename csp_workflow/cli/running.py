"""`tick`, `run`, `rehearse`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from csp_workflow.cli import exits
from csp_workflow.cli.context import Context, UsageFault, quarter


def add_to(parent: typer.Typer) -> None:
    """Put these commands under the main one."""
    parent.command()(tick)
    parent.command()(run)
    parent.command()(rehearse)


def tick(context: typer.Context) -> None:
    """One beat: fetch, decide, post everything due now."""
    ctx: Context = context.obj
    with ctx.site() as (wired, now):
        beat = wired.tick(now)
    ctx.show(beat.told(), table=None)
    if beat.failed_steps:
        raise typer.Exit(exits.TRY_LATER)
    if beat.set_aside:
        raise typer.Exit(exits.PARTLY)


def run(context: typer.Context) -> None:
    """The service: a beat a minute until SIGTERM."""
    from csp_workflow.service import serve

    ctx: Context = context.obj
    if ctx.now is not None:
        raise UsageFault("A running service never lies about time: use --now with `tick`, not with `run`.")
    with ctx.site() as (wired, _):
        serve(wired.tick, stopping=wired.stopping)


def rehearse(
    context: typer.Context,
    q: Annotated[str, typer.Option("--quarter", metavar="Q", help="The quarter to play.")] = "2014/15-Q2",
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    partnerships: Annotated[int, typer.Option(help="How many partnerships; 0 for those of the config.")] = 0,
    out: Annotated[Path, typer.Option(help="Where to leave mailbox, forms, digests and papers.")] = Path("rehearsal"),
) -> None:
    """Play a whole quarter in virtual time against simulated people. Nothing leaves this machine."""
    from csp_workflow.rehearsal import play

    ctx: Context = context.obj
    story = play.rehearse(ctx.config, quarter=quarter(q), seed=seed, partnerships=partnerships, out=out, say=ctx.say)
    ctx.show(story.as_data() if ctx.json else story.as_text())
