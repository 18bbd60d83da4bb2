"""`inbox list|show|add|assign|replay`: every message and its verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from csp_workflow.cli.context import Context, UsageFault

app = typer.Typer(no_args_is_help=True, help="Every message that came in, and its verdict.")
_ID = Annotated[str, typer.Argument(metavar="ID", help="The message's id, or enough of its beginning.")]


def add_to(parent: typer.Typer) -> None:
    """Put these commands under the main one."""
    parent.add_typer(app, name="inbox")


@app.command("list")
def list_(context: typer.Context) -> None:
    """Every message, oldest first."""
    from csp_workflow.steps import telling

    ctx: Context = context.obj
    with ctx.site(working=False) as (wired, _):
        rows = telling.inbox(wired.outside)
    ctx.show(rows, table=("id", "received", "from", "subject", "verdict", "respondent", "reason"))


@app.command()
def show(context: typer.Context, message: _ID) -> None:
    """One message: its verdict, the reason and its text."""
    from csp_workflow.steps import telling

    ctx: Context = context.obj
    with ctx.site(working=False) as (wired, _):
        ctx.show(telling.describe_message(wired.outside, message))


@app.command()
def add(context: typer.Context, file: Annotated[Path, typer.Argument(metavar="FILE", exists=True)]) -> None:
    """Put a message (an .eml file) into the embedded mailbox, as if it had been delivered."""
    from csp_workflow.steps import handling

    ctx: Context = context.obj
    with ctx.site(working=False) as (wired, _):
        handling.deliver_message(wired.outside, file.read_bytes())
    ctx.say("Delivered. The next `tick` will look at it.")


@app.command()
def assign(
    context: typer.Context,
    message: _ID,
    respondent: Annotated[str, typer.Argument(metavar="RESPONDENT")],
) -> None:
    """Say whose a held message is; it is then taken as that respondent's."""
    from csp_workflow.steps import ordering

    ctx: Context = context.obj
    with ctx.site() as (wired, now):
        told = ordering.order(
            wired.outside, f"ASSIGN {message} TO {{code}}", respondent=respondent, quarter=None, now=now
        )
        wired.post(now)
    ctx.say(told)


@app.command()
def replay(context: typer.Context, message: _ID) -> None:
    """Look again at a quarantined message, after a fix."""
    from csp_workflow.steps import handling

    ctx: Context = context.obj
    with ctx.site() as (wired, now):
        verdict = handling.replay_message(wired.outside, message, now)
        wired.post(now)
    if not verdict:
        raise UsageFault(f"There is no quarantined message '{message}'. See: csp-workflow inbox list")
    ctx.say(f"Looked at again: {verdict}.")
