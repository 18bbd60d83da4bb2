"""`inbox` and `outbox`: every message with its verdict, every letter and where it stands."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from csp_workflow.cli.context import Call, UsageFault, parse_day

app = typer.Typer()
inbox_app = typer.Typer(no_args_is_help=True, help="Every message that came in, and its verdict.")
outbox_app = typer.Typer(no_args_is_help=True, help="Every letter, and where it stands.")
app.add_typer(inbox_app, name="inbox")
app.add_typer(outbox_app, name="outbox")

_MESSAGE = Annotated[str, typer.Argument(metavar="ID", help="The message's id, or enough of its beginning.")]
_LETTER = Annotated[str, typer.Argument(metavar="ID", help="The letter's id, or enough of its beginning.")]


@inbox_app.command("list")
def list_messages(ctx: Call) -> None:
    """Every message, oldest first."""
    from csp_workflow.steps import telling

    with ctx.obj.site(working=False) as (wired, _):
        rows = telling.inbox(wired.outside)
    ctx.obj.show(rows, table=("id", "received", "from", "subject", "verdict", "respondent", "reason"))


@inbox_app.command("show")
def show_message(ctx: Call, message: _MESSAGE) -> None:
    """One message: its verdict, the reason and its text."""
    from csp_workflow.steps import telling

    with ctx.obj.site(working=False) as (wired, _):
        ctx.obj.show(telling.describe_message(wired.outside, message))


@inbox_app.command("add")
def add_message(ctx: Call, file: Annotated[Path, typer.Argument(metavar="FILE", exists=True)]) -> None:
    """Put a message (an .eml file) into the embedded mailbox, as if it had been delivered."""
    from csp_workflow.steps import receive

    with ctx.obj.site(working=False) as (wired, _):
        receive.deliver_message(wired.outside, file.read_bytes())
    ctx.obj.say("Delivered. The next `tick` will look at it.")


@inbox_app.command("assign")
def assign_message(
    ctx: Call,
    message: _MESSAGE,
    respondent: Annotated[str, typer.Argument(metavar="RESPONDENT")],
) -> None:
    """Say whose a held message is; it is then taken as that respondent's."""
    from csp_workflow.steps import ordering

    with ctx.obj.site() as (wired, now):
        answer = ordering.order(
            wired.outside, f"ASSIGN {message} TO {{code}}", respondent=respondent, quarter=None, now=now
        )
        wired.post(now)
    ctx.obj.say(answer)


@inbox_app.command("replay")
def replay_message(ctx: Call, message: _MESSAGE) -> None:
    """Look again at a quarantined message, after a fix."""
    from csp_workflow.steps import ordering

    with ctx.obj.site() as (wired, now):
        verdict = ordering.replay_message(wired.outside, message, now)
        wired.post(now)
    if not verdict:
        raise UsageFault(f"There is no quarantined message '{message}'. See: csp-workflow inbox list")
    ctx.obj.say(f"Looked at again: {verdict}.")


@inbox_app.command("dispose")
def dispose_messages(
    ctx: Call,
    before: Annotated[str, typer.Option(metavar="DATE", help="What was received before this day, such as 2012-04-01.")],
) -> None:
    """Remove old messages for good, from the archive and from every folder of the mailbox."""
    from csp_workflow.steps import disposing

    day = parse_day(before)
    with ctx.obj.site() as (wired, now):
        done = disposing.dispose_messages(wired.outside, day, now, by="the command line")
    ctx.obj.show({"messages": done.messages, "removed from the mailbox": done.removed})


# outbox -------------------------------------------------------------------------------------------


class Resolution(StrEnum):
    """What a person found out about a letter whose fate is unknown."""

    SENT = "sent"
    AGAIN = "again"
    WITHDRAWN = "withdrawn"


@outbox_app.command("list")
def list_letters(ctx: Call) -> None:
    """Every letter, oldest first."""
    from csp_workflow.steps import telling

    with ctx.obj.site(working=False) as (wired, _):
        rows = telling.outbox(wired.outside)
    ctx.obj.show(rows, table=("id", "queued", "kind", "respondent", "to", "subject", "state", "sent"))


@outbox_app.command("show")
def show_letter(ctx: Call, letter: _LETTER) -> None:
    """One letter as it was or will be sent."""
    from csp_workflow.steps import telling

    with ctx.obj.site(working=False) as (wired, _):
        ctx.obj.show(telling.print_letter(wired.outside, letter))


@outbox_app.command("resolve")
def resolve_letter(ctx: Call, letter: _LETTER, found: Annotated[Resolution, typer.Argument()]) -> None:
    """Settle a letter whose fate is unknown: it was sent, send it again, or leave it."""
    from csp_workflow.steps import ordering

    with ctx.obj.site() as (wired, now):
        answer = ordering.resolve_letter(wired.outside, letter, found.value, now)
    ctx.obj.say(answer)
