"""`figures import FILE`: history, published figures and the force's extract. `figures export FILE`: all that stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from csp_workflow.cli import exits
from csp_workflow.cli.context import Context
from csp_workflow.terms.faults import PreconditionFailed

app = typer.Typer(no_args_is_help=True, help="History, published figures and the force's extract.")


def add_to(parent: typer.Typer) -> None:
    """Put these commands under the main one."""
    parent.add_typer(app, name="figures")


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be taken.")] = False,
) -> None:
    """Load figures and report, row by row, what was taken and refused."""
    from csp_workflow.steps import figures

    ctx: Context = context.obj
    with ctx.site() as (wired, now):
        report = figures.import_figures(wired.outside, file.read_bytes(), file.name, now, keep=not dry_run)
    ctx.show(report) if ctx.json else ctx.show(report["rows"], table=("sheet", "row", "taken", "column", "sentence"))
    for remark in report["remarks"]:
        ctx.say(remark)
    kept = " (dry run: none kept)" if dry_run else ""
    ctx.say(f"{report['taken']} figures taken, {report['refused']} refused{kept}.")
    if report["refused"]:
        raise typer.Exit(exits.PARTLY)


@app.command()
def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="Ends in .csv or .xlsx.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write the figures that stand, each with where it was read. Small numbers are among them: not to publish."""
    from csp_workflow.analysis.figures_export import write_csv, write_excel

    ctx: Context = context.obj
    writers = {".csv": write_csv, ".xlsx": write_excel}
    write = writers.get(file.suffix.lower())
    if write is None:
        raise typer.BadParameter(f"'{file.name}' must end in .csv or .xlsx.", param_hint="FILE")
    if file.exists() and not force:
        raise PreconditionFailed(f"{file} is there already. Name another file, or add --force.")
    with ctx.site(working=False) as (wired, _):
        figures = wired.outside.store.traced_figures()
    file.write_bytes(write(figures))
    if ctx.json:
        ctx.show({"file": str(file), "figures": len(figures)})
    ctx.say(f"{len(figures)} figures written to {file}.")
