"""What is made for people who do not write to us: `dashboard build`, and the year's paper, `report annual`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from csp_workflow.cli.context import Call, parse_quarter
from csp_workflow.cli.cycle import report_app
from csp_workflow.dashboard.parts import Audience
from csp_workflow.terms.events import PreconditionFailed

app = typer.Typer()
dashboard_app = typer.Typer(no_args_is_help=True, help="The dashboard.")
app.add_typer(dashboard_app, name="dashboard")

_MARK = "dashboard.txt"
_NOTICE = "Made by csp-workflow dashboard build, which makes these files anew:\n"


@dashboard_app.command("build")
def build_pages(
    ctx: Call,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="An empty folder, or one that this made.")],
    cycle: Annotated[str, typer.Option(metavar="Q", help="The quarter; the newest whose paper is out.")] = "",
    audience: Annotated[Audience, typer.Option(help="Who is to read it.")] = Audience.PARTNERSHIP,
) -> None:
    """Write what the paper shows as pages that open in any browser. Nothing is sent, and nothing is fetched."""
    from csp_workflow.steps.dashboard import build_dashboard

    q = parse_quarter(cycle) if cycle else None
    with ctx.obj.site(working=False) as (wired, now):
        built = build_dashboard(wired.outside, audience, now, q)
    _lay_out(directory, built.files)
    if ctx.obj.json:
        about = {"quarter": built.quarter.key, "audience": audience.value, "board": built.board}
        ctx.obj.show({**about, "as_at": built.as_at.isoformat(), "whole": built.is_out, "files": sorted(built.files)})
    ctx.obj.say(f"{len(built.files)} files for {built.quarter.label} written to {directory}.")
    ctx.obj.say(f"Open {directory / 'index.html'}." if built.is_out else _APART)


_APART = (
    "The paper is not out, so each partnership has a folder with a page of its own areas alone. Give each to that "
    "partnership only."
)


def _lay_out(directory: Path, files: Mapping[str, bytes]) -> None:
    """In place of what was made there before. Raises PreconditionFailed where the folder holds something else."""
    mark = directory / _MARK
    if directory.exists() and any(directory.iterdir()) and not mark.is_file():
        raise PreconditionFailed(f"{directory} holds something else. Name an empty folder.")
    for name in mark.read_text("utf-8").splitlines()[1:] if mark.is_file() else ():
        old = (directory / name).resolve()
        if old.suffix == ".html" and old.is_relative_to(directory.resolve()):
            old.unlink(missing_ok=True)
    for name, data in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    mark.write_text(_NOTICE + "".join(f"{name}\n" for name in sorted(files)), "utf-8")


@report_app.command("annual")
def compile_annual(
    ctx: Call,
    year: Annotated[str, typer.Argument(metavar="YEAR", help="A financial year, such as 2014/15.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="Ends in .docx.")],
) -> None:
    """Write the year's paper as things stand, and its workbook beside it (.xlsx). Nothing is sent or kept."""
    from csp_workflow.steps.setting_up import compile_year

    parse_quarter(f"{year}-Q4")
    if file.suffix.lower() != ".docx":
        raise typer.BadParameter(f"'{file.name}' must end in .docx.", param_hint="FILE")
    with ctx.obj.site(working=False) as (wired, now):
        found = compile_year(wired.outside, year, now)
    beside = file.with_suffix(".xlsx")
    for path, data in ((file, found.paper), (beside, found.workbook)):
        path.write_bytes(data)
    if ctx.obj.json:
        ctx.obj.show({"paper": str(file), "workbook": str(beside), "missing": found.missing})
    ctx.obj.say(f"Wrote {file} and {beside}. {found.missing}")
