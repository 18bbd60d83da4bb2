"""The command line: public, stable, documented. Data on stdout, talk on stderr, exit codes in `context`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from csp_workflow.cli import cycle, fleet, mail, pages, site, subjects
from csp_workflow.cli.context import Context, ExitCode, UsageFault, parse_instant
from csp_workflow.terms.dates import HolidaysRunOut
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.service import ConfigInvalid, LockHeld, WorldFault

app = typer.Typer(
    name="csp-workflow",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Runs the quarterly reporting cycle between an OPCC and its Community Safety Partnerships.",
)
for module in (site, cycle, mail, pages, subjects, fleet):
    app.add_typer(module.app)


@app.callback()
def set_options(
    context: typer.Context,
    config: Annotated[Path, typer.Option(help="The folder of the site's configuration.")] = Path("config"),
    state: Annotated[
        Path | None,
        typer.Option(help="The folder of the store, the archive and the mail.", metavar="DIR"),
    ] = None,
    now: Annotated[str, typer.Option(help="Pretend it is this time (embedded mailbox only).", metavar="ISO")] = "",
    quiet: Annotated[bool, typer.Option("-q", help="Say less.")] = False,
    verbose: Annotated[bool, typer.Option("-v", help="Say more (log lines on stderr).")] = False,
) -> None:
    """Set up what every command shares."""
    site = config.absolute().parent
    is_of_fleet = (site.parent.parent / "fleet.toml").is_file()
    context.obj = Context(
        config=config,
        state=state or (site / "state" if is_of_fleet else Path("state")),
        now=parse_instant(now) if now else None,
        json=bool((context.obj or {}).get("json")),
        quiet=quiet,
        verbose=verbose,
    )
    _start_logs(verbose=verbose, quiet=quiet)


def _start_logs(*, verbose: bool, quiet: bool) -> None:
    import logging

    from csp_workflow import logs

    logs.set_up_logs(level=logging.INFO if verbose else logging.ERROR if quiet else logging.WARNING)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. `--json` is understood before or after the command."""
    words = [word for word in arguments if word != "--json"]
    try:
        code = typer.main.get_command(app)(
            words, prog_name="csp-workflow", standalone_mode=False, obj={"json": len(words) < len(arguments)}
        )
    except Exception as fault:  # noqa: BLE001 - every fault of a command ends in a sentence and an exit code
        return _end_with(fault)
    return code if isinstance(code, int) else ExitCode.DONE


def _end_with(fault: Exception) -> int:
    """Say what stopped the command, in a sentence, and give its exit code."""
    if isinstance(fault, typer.Exit):
        return fault.exit_code
    if hasattr(fault, "show") and hasattr(fault, "exit_code"):  # typer's own, whichever click it brings with it
        fault.show()
        return ExitCode.USAGE
    for kind, code in _CODES:
        if isinstance(fault, kind):
            sys.stderr.write(f"{fault}\n")
            return ExitCode.FAILED if isinstance(fault, WorldFault) and not fault.passing else code
    raise fault


_CODES: tuple[tuple[type[Exception], int], ...] = (
    (UsageFault, ExitCode.USAGE),
    (ConfigInvalid, ExitCode.CONFIGURATION),
    (HolidaysRunOut, ExitCode.CONFIGURATION),
    (PreconditionFailed, ExitCode.PRECONDITION),
    (LockHeld, ExitCode.LOCK_HELD),
    (WorldFault, ExitCode.TRY_LATER),
)
