"""`doctor`."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from csp_workflow.cli import exits
from csp_workflow.cli.context import Context
from csp_workflow.mailboxes.checks import Check


def add_to(parent: typer.Typer) -> None:
    """Put this command under the main one."""
    parent.command()(doctor)


def doctor(
    context: typer.Context,
    probe: Annotated[bool, typer.Option("--probe/--no-probe", help="Send a letter to the own mailbox, too.")] = True,
) -> None:
    """Look at everything the service needs: configuration, store, sandbox, mail system; say what to do."""
    from csp_workflow.doctor import examined

    ctx: Context = context.obj
    checks = []
    for check in examined(ctx.config, ctx.state, now=ctx.moment(), wait=time.sleep, probe=probe):
        checks.append(check)
        if not ctx.json:
            ctx.show(_line(check))
    if ctx.json:
        ctx.show([_row(check) for check in checks])
    problems = [check for check in checks if check.problem and not check.is_warning]
    if problems:
        raise typer.Exit(exits.PRECONDITION)
    ctx.say("The service can work here.")


def _line(check: Check) -> str:
    if not check.problem:
        return f"well     {check.what}"
    word = "warning " if check.is_warning else "PROBLEM "
    return f"{word} {check.what}: {check.problem}\n         {check.remedy}"


def _row(check: Check) -> dict[str, Any]:
    state = ("warning" if check.is_warning else "problem") if check.problem else "well"
    return {"what": check.what, "state": state, "problem": check.problem, "remedy": check.remedy}
