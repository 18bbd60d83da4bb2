"""The site and its service: `init`, `config`, `setup`, `db`, `letters`, `doctor`, `tick`, `run` and `rehearse`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from csp_workflow import settings, upkeep, wiring
from csp_workflow.cli.context import Call, ExitCode, UsageFault, parse_quarter
from csp_workflow.mailboxes.mailbox import Check
from csp_workflow.terms.dates import in_london
from csp_workflow.terms.events import PreconditionFailed

app = typer.Typer()
config_app = typer.Typer(no_args_is_help=True, help="The site's configuration.")
db_app = typer.Typer(no_args_is_help=True, help="The store.")
letters_app = typer.Typer(no_args_is_help=True, help="The letters.")
app.add_typer(config_app, name="config")
app.add_typer(db_app, name="db")
app.add_typer(letters_app, name="letters")


@app.command("init")
def init_site(
    ctx: Call,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The new site's folder.")] = Path(),
    update: Annotated[bool, typer.Option("--update", help="Bring a site's files to this version instead.")] = False,
) -> None:
    """Lay out a new site: config, templates and an empty store. With --update, keep up one that is there."""
    if update:
        ctx.obj.show("\n".join(settings.update_folders(directory).tell()))
        return
    if directory == Path():
        raise UsageFault("Name the new site's folder: csp-workflow init DIR")
    wiring.lay_out_site(directory)
    ctx.obj.say(
        f"A new site is in {directory}. Next: edit the files in {directory / 'config'}, then run\n"
        f"  cd {directory} && csp-workflow config check"
    )


@config_app.command("check")
def check_config(ctx: Call) -> None:
    """Load everything, render every letter for every respondent, and report every fault at once."""
    from csp_workflow.rehearsal.specimens.checking import checked

    found = checked(ctx.obj.config, in_london(ctx.obj.moment()).date())
    held_against = upkeep.check_sent(ctx.obj.config, ctx.obj.state)
    ctx.obj.show(found.counts)
    for warning in (*found.warnings, *held_against):
        ctx.obj.say(f"Please note: {warning}")
    ctx.obj.say("No faults.")


@db_app.command("upgrade")
def upgrade_store(ctx: Call) -> None:
    """Bring the store to this version's shape (creates nothing in a folder that `init` did not lay out)."""
    ctx.obj.say(upkeep.upgrade_store(ctx.obj.config, ctx.obj.state))


@db_app.command("check")
def check_store(ctx: Call) -> None:
    """Whether the store is sound and in this version's shape."""
    faults = upkeep.find_store_faults(ctx.obj.config, ctx.obj.state)
    if faults:
        raise PreconditionFailed("\n".join(faults))
    ctx.obj.say("The store is sound.")


@db_app.command("take-archive")
def take_archive(ctx: Call, source: Annotated[str, typer.Argument(metavar="FROM")]) -> None:
    """Take over what another archive holds (a folder, or the word database) into the one that service.toml names."""
    ctx.obj.say(upkeep.take_archive(ctx.obj.config, ctx.obj.state, source))


@db_app.command("backup")
def back_up_store(ctx: Call, file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")]) -> None:
    """Write store, archive, embedded mail and key to one file; the service may be at work meanwhile."""
    ctx.obj.say(upkeep.make_backup(ctx.obj.config, ctx.obj.state, file, ctx.obj.moment()))


@db_app.command("restore")
def restore_store(
    ctx: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `db backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Keep a store that is there beside the new one.")] = False,
) -> None:
    """Put a backup back. Nothing leaves afterwards until the mailbox was compared and she says RELEASE."""
    ctx.obj.say(upkeep.restore_backup(ctx.obj.config, ctx.obj.state, file, ctx.obj.moment(), replace=replace))


@app.command("golive")
def go_live(ctx: Call) -> None:
    """After a trial (rehearsal or redirect): begin in earnest, with a new store and the figures that were imported."""
    ctx.obj.say(upkeep.go_live(ctx.obj.config, ctx.obj.state, ctx.obj.moment()))


@letters_app.command("preview")
def preview_letters(ctx: Call, directory: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Write one specimen of every letter for every sort of respondent, with an index page."""
    from csp_workflow.rehearsal.specimens.checking import preview as previewed

    count = previewed(ctx.obj.config, directory)
    ctx.obj.show({"letters": count})
    ctx.obj.say(f"Open {directory / 'index.html'}.")


# The service --------------------------------------------------------------------------------------


@app.command("doctor")
def examine_service(
    ctx: Call,
    probe: Annotated[bool, typer.Option("--probe/--no-probe", help="Send a letter to the own mailbox, too.")] = True,
) -> None:
    """Look at everything the service needs: configuration, store, sandbox, mail system; say what to do."""
    from csp_workflow.doctor import examine

    checks = []
    for check in examine(ctx.obj.config, ctx.obj.state, now=ctx.obj.moment(), wait=time.sleep, probe=probe):
        checks.append(check)
        if not ctx.obj.json:
            ctx.obj.show(_write_line(check))
    if ctx.obj.json:
        ctx.obj.show([_write_row(check) for check in checks])
    states = {check.state for check in checks}
    if "problem" in states:
        raise typer.Exit(ExitCode.PRECONDITION)
    if "not made" in states:
        ctx.obj.say("Nothing is wrong as far as was looked.")
        raise typer.Exit(ExitCode.PARTLY)
    ctx.obj.say("The service can work here.")


def _write_line(check: Check) -> str:
    if check.unmade:
        return f"not made {check.what}: not looked at, because {check.unmade}."
    if not check.problem:
        return f"well     {check.what}"
    word = "warning " if check.is_warning else "PROBLEM "
    return f"{word} {check.what}: {check.problem}\n         {check.remedy}"


def _write_row(check: Check) -> dict[str, Any]:
    problem = f"Not looked at, because {check.unmade}." if check.unmade else check.problem
    return {"what": check.what, "state": check.state, "problem": problem, "remedy": check.remedy}


@app.command("tick")
def tick_once(ctx: Call) -> None:
    """One beat: fetch, decide, post everything due now."""
    with ctx.obj.site() as (wired, now):
        beat = wired.tick(now)
    ctx.obj.show(beat.told(), table=None)
    if beat.failed_steps:
        raise typer.Exit(ExitCode.TRY_LATER)
    if beat.set_aside:
        raise typer.Exit(ExitCode.PARTLY)


@app.command("run")
def run_service(ctx: Call) -> None:
    """The service: a beat a minute until SIGTERM."""
    from csp_workflow.service import Running, ping_after, serve

    if ctx.obj.now is not None:
        raise UsageFault("A running service never lies about time: use --now with `tick`, not with `run`.")
    with ctx.obj.site() as (wired, _):
        running = Running(ctx.obj.config, ctx.obj.state, wired)
        try:
            serve(ping_after(running.beat, running.read_site), stopping=wired.stopping)
        finally:
            running.close()


@app.command("web")
def serve_web(
    ctx: Call,
    port: Annotated[int, typer.Option(help="On 127.0.0.1, which no other machine reaches.")] = 9105,
    pages: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also /dashboard/: what `dashboard build` made.")
    ] = None,
) -> None:
    """/livez, /readyz and /metrics for whatever watches this machine, until it is stopped; and the dashboard."""
    from csp_workflow.service import open_server

    with open_server(ctx.obj.config, ctx.obj.state, port, pages=pages) as server:
        ctx.obj.serve(server, "/metrics")


@app.command("rehearse")
def rehearse_quarter(
    ctx: Call,
    q: Annotated[str, typer.Option("--quarter", metavar="Q", help="The quarter to play.")] = "2014/15-Q2",
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    partnerships: Annotated[int, typer.Option(help="How many partnerships; 0 for those of the config.")] = 0,
    out: Annotated[Path, typer.Option(help="Where to leave mailbox, forms, digests and papers.")] = Path("rehearsal"),
    year: Annotated[
        bool, typer.Option("--year", help="All four quarters of that quarter's year, and its paper.")
    ] = False,
) -> None:
    """Play a whole quarter, or a year, in virtual time against simulated people. Nothing leaves this machine."""
    from csp_workflow.rehearsal import play

    quarter, say = parse_quarter(q), ctx.obj.say
    if year:
        if partnerships:
            raise UsageFault("A year is played with the partnerships of the config: leave out --partnerships.")
        story = play.rehearse_year(ctx.obj.config, year=quarter.financial_year, seed=seed, out=out, say=say)
    else:
        story = play.rehearse(ctx.obj.config, quarter=quarter, seed=seed, partnerships=partnerships, out=out, say=say)
    ctx.obj.show(story.as_data() if ctx.obj.json else story.as_text())


# The set-up as a workbook ---------------------------------------------------------------------------

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
