"""Commands for the set-up as a workbook: out, looked at, taken, and written back into the files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from csp_workflow import upkeep
from csp_workflow.cli.context import Call, parse_quarter
from csp_workflow.terms.events import PreconditionFailed

app = typer.Typer()
setup_app = typer.Typer(no_args_is_help=True, help="People, measures, meetings and absences as a workbook.")
app.add_typer(setup_app, name="setup")

_FILE = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)]
_BY = "the command line"


@setup_app.command("export")
def export_setup(ctx: Call, file: Annotated[Path, typer.Argument(metavar="FILE", help="A new .xlsx file.")]) -> None:
    """Write the set-up as it stands into a workbook (the order SETUP mails it)."""
    from csp_workflow.steps import setting_up

    if file.exists():
        raise PreconditionFailed(f"{file} is there already. Name a new file.")
    with ctx.obj.site() as (wired, now):
        workbook, _ = setting_up.write_copy(wired.outside, now)
    file.write_bytes(workbook.data)
    ctx.obj.say(f"The set-up is in {file}. Next: change it, then run csp-workflow setup preview {file}")


@setup_app.command("next-year")
def propose_year(
    ctx: Call,
    year: Annotated[str, typer.Argument(metavar="YEAR", help="The year that ends, such as 2014/15.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new .xlsx file.")],
) -> None:
    """Say what goes over from a year into the next, and write that as a set-up workbook (the order YEAR mails it)."""
    from csp_workflow.steps import setting_up

    parse_quarter(f"{year}-Q4")
    if file.exists():
        raise PreconditionFailed(f"{file} is there already. Name a new file.")
    with ctx.obj.site() as (wired, now):
        turn = setting_up.turn_year(wired.outside, year, now)
        workbook = setting_up.propose_year(wired.outside, turn, now)
    file.write_bytes(workbook.data)
    told = list(setting_up.tell_turn(turn))
    ctx.obj.show(told if ctx.obj.json else "\n".join(told))
    ctx.obj.say(f"Nothing is changed yet. Next: csp-workflow setup preview {file}")


@setup_app.command("preview")
def preview_setup(ctx: Call, file: _FILE) -> None:
    """Say what a workbook would change, or all that is to be mended in it. Nothing is changed."""
    from csp_workflow.steps import setting_up

    with ctx.obj.site() as (wired, now):
        looked = setting_up.preview_file(wired.outside, file.read_bytes(), file.name, now, by=_BY)
    if looked.faults:
        raise PreconditionFailed("\n".join(looked.faults))
    ctx.obj.show(list(looked.changes) if ctx.obj.json else "\n".join(looked.changes))
    to_change = f"Nothing is changed yet. To change it: csp-workflow setup apply {file}"
    ctx.obj.say(to_change if looked.changes else "It says what holds already.")


@setup_app.command("apply")
def apply_setup(ctx: Call, file: _FILE) -> None:
    """Take a workbook, whole or not at all (the order APPLY does). Say what changed."""
    from csp_workflow.steps import setting_up

    with ctx.obj.site() as (wired, now):
        changes = setting_up.apply_file(wired.outside, file.read_bytes(), file.name, now, by=_BY)
    ctx.obj.show(list(changes) if ctx.obj.json else "\n".join(changes))
    ctx.obj.say("It holds from now on. csp-workflow setup write writes it into the files.")


@setup_app.command("write")
def write_setup(ctx: Call) -> None:
    """Write what was set up by workbook into the files of the configuration; their remarks and order are kept."""
    names = upkeep.write_setup(ctx.obj.config, ctx.obj.state)
    ctx.obj.show({"written": ", ".join(names) or "none"})
