"""Many sites: `fleet init`, `add`, `list`, `status` and `beat`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from csp_workflow.cli.context import Call, ExitCode
from csp_workflow.terms.faults import ConfigInvalid, PreconditionFailed, WorldFault

if TYPE_CHECKING:
    from csp_workflow.fleet import Fleet

app = typer.Typer()
fleet_app = typer.Typer(no_args_is_help=True, help="Many sites, worked at side by side.")
app.add_typer(fleet_app, name="fleet")

Site = Annotated[str, typer.Argument(metavar="SITE", help="The site's name: leics.")]
HERE = Path()
_FAULTS = (ConfigInvalid, PreconditionFailed, WorldFault)


@fleet_app.callback()
def choose_fleet(
    ctx: Call, folder: Annotated[Path, typer.Option("--fleet", metavar="DIR", help="The folder of the fleet.")] = HERE
) -> None:
    """Set up what every command of a fleet shares."""
    ctx.obj.fleet = folder


@fleet_app.command("init")
def init_fleet(ctx: Call, directory: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Lay out a folder for many sites."""
    from csp_workflow.fleet import lay_out_fleet

    lay_out_fleet(directory)
    ctx.obj.say(
        f"A fleet is in {directory}. Name its database in {directory / 'fleet.toml'}, then run\n"
        f"  cd {directory} && csp-workflow fleet add NAME"
    )


@fleet_app.command("add")
def add_site(ctx: Call, name: Site) -> None:
    """Lay out a new site."""
    with _opened(ctx) as fleet:
        place = fleet.add(name)
    ctx.obj.say(
        f"The site {name} is in {place.folder}. Next: edit the files in {place.config}, put its secrets into "
        f"{place.folder / 'secrets.env'}, then run\n  csp-workflow --config {place.config} config check"
    )


@fleet_app.command("list")
def list_sites(ctx: Call) -> None:
    """Every site and its folder."""
    with _opened(ctx) as fleet:
        rows = [{"site": name, "folder": str(fleet.place(name).folder)} for name in fleet.list_sites()]
    ctx.obj.show(rows, table=("site", "folder"))


@fleet_app.command("status")
def show_status(ctx: Call) -> None:
    """How every site stands; exit code 5 while one is not well."""
    from csp_workflow.fleet.standing import look_at_all

    with _opened(ctx) as fleet:
        rows = [vars(one) for one in look_at_all(fleet, ctx.obj.moment().timestamp())]
    ctx.obj.show(rows, table=("site", "state", "why", "mode", "mailbox", "beat", "quarters", "letters", "messages"))
    if any(row["state"] != "well" for row in rows):
        raise typer.Exit(ExitCode.PARTLY)


@fleet_app.command("beat")
def beat_sites(ctx: Call, name: Annotated[str, typer.Argument(metavar="SITE", help="One alone.")] = "") -> None:
    """One beat of each site, or of one; what is wrong with a site is said, and the others go on."""
    now = ctx.obj.moment()
    with _opened(ctx) as fleet:
        done = list(_do_each(ctx, [name] if name else fleet.list_sites(), lambda site: fleet.beat(site, now).told()))
    ctx.obj.show(done, table=("site", "received", "judged", "sent", "failed"))
    if any(row["failed"] != "none" for row in done):
        raise typer.Exit(ExitCode.PARTLY)


@contextmanager
def _opened(ctx: Call) -> Iterator[Fleet]:
    from csp_workflow.fleet import Fleet

    with closing(Fleet(ctx.obj.fleet)) as fleet:
        yield fleet


def _do_each(ctx: Call, names: Sequence[str], act: Callable[[str], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What was done at each site. What is wrong with one is said under its name, and stops none of the others."""
    for name in names:
        try:
            yield {"site": name, **act(name)}
        except _FAULTS as fault:
            ctx.obj.say(f"{name}: {fault}")
            yield {"site": name, "failed": type(fault).__name__}
