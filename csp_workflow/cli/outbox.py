"""`outbox list|show|resolve`: every letter and where it stands."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from csp_workflow.cli.context import Context

app = typer.Typer(no_args_is_help=True, help="Every letter, and where it stands.")
_ID = Annotated[str, typer.Argument(metavar="ID", help="The letter's id, or enough of its beginning.")]


class Resolution(StrEnum):
    """What a person found out about a letter whose fate is unknown."""

    SENT = "sent"
    AGAIN = "again"
    WITHDRAWN = "withdrawn"


def add_to(parent: typer.Typer) -> None:
    """Put these commands under the main one."""
    parent.add_typer(app, name="outbox")


@app.command("list")
def list_(context: typer.Context) -> None:
    """Every letter, oldest first."""
    from csp_workflow.steps import telling

    ctx: Context = context.obj
    with ctx.site(working=False) as (wired, _):
        rows = telling.outbox(wired.outside)
    ctx.show(rows, table=("id", "queued", "kind", "respondent", "to", "subject", "state", "sent"))


@app.command()
def show(context: typer.Context, letter: _ID) -> None:
    """One letter as it was or will be sent."""
    from csp_workflow.steps import telling

    ctx: Context = context.obj
    with ctx.site(working=False) as (wired, _):
        ctx.show(telling.print_letter(wired.outside, letter))


@app.command()
def resolve(context: typer.Context, letter: _ID, found: Annotated[Resolution, typer.Argument()]) -> None:
    """Settle a letter whose fate is unknown: it was sent, send it again, or leave it."""
    from csp_workflow.steps import handling

    ctx: Context = context.obj
    with ctx.site() as (wired, now):
        told = handling.resolve_letter(wired.outside, letter, found.value, now)
    ctx.say(told)
