"""Many sites: `fleet init`, `add`, `list`, `status`, `move`, `rename`, `remove`, `hand-over`, `upgrade`, `beat` ..."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import structlog
import typer

from csp_workflow.cli.context import Call, ExitCode, UsageFault
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.service import ConfigInvalid, WorldFault

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
def add_site(
    ctx: Call,
    name: Site,
    source: Annotated[Path | None, typer.Option("--from", metavar="DIR", help="A site by itself, to take in.")] = None,
) -> None:
    """Lay out a new site, or take in one that was by itself."""
    from csp_workflow.fleet import moving

    with _opened(ctx) as fleet:
        if source is not None:
            ctx.obj.say(moving.take_in(fleet, name, source, ctx.obj.moment()))
            return
        place = fleet.add(name)
    ctx.obj.say(
        f"The site {name} is in {place.folder}. Next: edit the files in {place.config}, put its secrets into "
        f"{place.folder / 'secrets.env'}, then run\n  csp-workflow --config {place.config} config check"
    )


@fleet_app.command("list")
def list_sites(ctx: Call) -> None:
    """Every site and its folder."""
    with _opened(ctx) as fleet:
        rows = [{"site": name, "folder": str(fleet.folder / "sites" / name)} for name in fleet.list_sites()]
    ctx.obj.show(rows, table=("site", "folder"))


@fleet_app.command("status")
def show_status(ctx: Call) -> None:
    """How every site stands; exit code 5 while one is not well."""
    from csp_workflow.fleet import look_at_all

    with _opened(ctx) as fleet:
        rows = [vars(one) for one in look_at_all(fleet, ctx.obj.moment().timestamp())]
    ctx.obj.show(rows, table=("site", "state", "why", "mode", "mailbox", "beat", "quarters", "letters", "messages"))
    if any(row["state"] != "well" for row in rows):
        raise typer.Exit(ExitCode.PARTLY)


@fleet_app.command("web")
def serve_fleet(
    ctx: Call, port: Annotated[int, typer.Option(help="On 127.0.0.1, which no other machine reaches.")] = 9106
) -> None:
    """One page with all sites, and /livez, /readyz and /metrics of all of them, until it is stopped."""
    import time

    from csp_workflow.fleet import answer_fleet
    from csp_workflow.service import serve_answers

    with (
        _opened(ctx) as fleet,
        serve_answers(lambda path: answer_fleet(fleet, path, time.time()), port) as server,  # noqa: TID251
    ):
        ctx.obj.serve(server, "/")


@fleet_app.command("move")
def move_site(
    ctx: Call,
    name: Site,
    to: Annotated[Path, typer.Argument(metavar="TO", help="Another fleet's folder, or a new folder for it alone.")],
) -> None:
    """Move a site as it is, in mid-quarter too: to another machine's fleet, another database, or out of all."""
    from csp_workflow.fleet import moving

    with _opened(ctx) as fleet:
        ctx.obj.say(moving.move_site(fleet, name, to, ctx.obj.moment()))


@fleet_app.command("rename")
def rename_site(
    ctx: Call, name: Site, new: Annotated[str, typer.Argument(metavar="NEW", help="Its new name.")]
) -> None:
    """Give a site another name; as after a move it waits for RELEASE."""
    from csp_workflow.fleet import moving

    with _opened(ctx) as fleet:
        ctx.obj.say(moving.rename_site(fleet, name, new, ctx.obj.moment()))


@fleet_app.command("remove")
def remove_site(
    ctx: Call, name: Site, to: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for all of it.")]
) -> None:
    """Remove a site that has ended, once its backup and configuration lie in a folder."""
    from csp_workflow.fleet import moving

    with _opened(ctx) as fleet:
        ctx.obj.say(moving.remove_site(fleet, name, to, ctx.obj.moment()))


@fleet_app.command("hand-over")
def hand_over_site(
    ctx: Call,
    name: Site,
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The configuration of the body that takes over.")],
) -> None:
    """Give a site with all its history to the body that takes over: another name, other addresses."""
    from csp_workflow.fleet import moving

    with _opened(ctx) as fleet:
        ctx.obj.say(moving.hand_over(fleet, name, config, ctx.obj.moment()))


@fleet_app.command("upgrade")
def upgrade_sites(ctx: Call, name: Annotated[str, typer.Argument(metavar="SITE", help="One alone.")] = "") -> None:
    """Bring each site's store and files to this version, site by site; one that fails stops alone."""
    from csp_workflow.fleet import moving

    with _opened(ctx) as fleet:
        fleet.reach_database()
        names = [name] if name else fleet.list_sites()
        done = list(_do_each(ctx, names, lambda site: moving.upgrade_site(fleet, site)))
    ctx.obj.show(done, table=("site", "done", "failed"))
    if any("failed" in row for row in done):
        raise typer.Exit(ExitCode.PARTLY)


@fleet_app.command("beat")
def beat_sites(ctx: Call, name: Annotated[str, typer.Argument(metavar="SITE", help="One alone.")] = "") -> None:
    """One beat of each site, or of one; what is wrong with a site is said, and the others go on."""
    now = ctx.obj.moment()
    with _opened(ctx) as fleet:
        fleet.reach_database()

        def beat(site: str) -> dict[str, Any]:
            if ctx.obj.now is None:
                return fleet.beat(site, now).told()
            with fleet.open(site, now, pretended=True) as wired:
                return wired.tick(now).told()

        done = list(_do_each(ctx, [name] if name else fleet.list_sites(), beat))
    ctx.obj.show(done, table=("site", "received", "judged", "sent", "failed"))
    if any(row["failed"] != "none" for row in done):
        raise typer.Exit(ExitCode.PARTLY)


@fleet_app.command("work")
def work_at_sites(ctx: Call) -> None:
    """A worker: a beat a minute of each site that falls to it, until SIGTERM. Start as many as there are cores."""
    import threading

    from csp_workflow.fleet.working import Worker

    if ctx.obj.now is not None:
        raise UsageFault("A worker never lies about time: use --now with `fleet beat`, not with `fleet work`.")
    with _opened(ctx) as fleet:
        Worker(fleet, ctx.obj.moment, threading.Event()).work()


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
        except Exception as fault:  # noqa: BLE001 - what is wrong with one site stops no other
            if not isinstance(fault, _FAULTS):
                structlog.get_logger().error("fleet.site.broken", site=name, exc_info=fault)
            ctx.obj.say(f"{name}: {str(fault) or type(fault).__name__}")
            yield {"site": name, "failed": type(fault).__name__}
