"""`init`, `config check`, `db upgrade|check`, `letters preview`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from csp_workflow.cli.context import Context
from csp_workflow.terms.faults import PreconditionFailed

config_app = typer.Typer(no_args_is_help=True, help="The site's configuration.")
db_app = typer.Typer(no_args_is_help=True, help="The store.")
letters_app = typer.Typer(no_args_is_help=True, help="The letters.")


def add_to(parent: typer.Typer) -> None:
    """Put these commands under the main one."""
    parent.command()(init)
    parent.add_typer(config_app, name="config")
    parent.add_typer(db_app, name="db")
    parent.add_typer(letters_app, name="letters")


def init(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The new site's folder.")],
) -> None:
    """Lay out a new site: config, templates and an empty store."""
    from csp_workflow import wiring

    ctx: Context = context.obj
    wiring.lay_out(directory)
    ctx.say(
        f"A new site is in {directory}. Next: edit the files in {directory / 'config'}, then run\n"
        f"  cd {directory} && csp-workflow config check"
    )


@config_app.command("check")
def check(context: typer.Context) -> None:
    """Load everything, render every letter for every respondent, and report every fault at once."""
    from csp_workflow.rehearsal.specimens.checking import checked

    ctx: Context = context.obj
    found = checked(ctx.config)
    ctx.show(found.counts)
    for warning in found.warnings:
        ctx.say(f"Please note: {warning}")
    ctx.say("No faults.")


@db_app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the store to this version's shape (creates nothing in a folder that `init` did not lay out)."""
    from csp_workflow import wiring

    ctx: Context = context.obj
    ctx.say(wiring.upgraded(ctx.config, ctx.state))


@db_app.command("check")
def check_store(context: typer.Context) -> None:
    """Whether the store is sound and in this version's shape."""
    from csp_workflow import wiring

    ctx: Context = context.obj
    faults = wiring.store_faults(ctx.config, ctx.state)
    if faults:
        raise PreconditionFailed("\n".join(faults))
    ctx.say("The store is sound.")


@letters_app.command()
def preview(context: typer.Context, directory: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Write one specimen of every letter for every sort of respondent, with an index page."""
    from csp_workflow.rehearsal.specimens.previewing import preview as previewed

    ctx: Context = context.obj
    count = previewed(ctx.config, directory)
    ctx.show({"letters": count})
    ctx.say(f"Open {directory / 'index.html'}.")
