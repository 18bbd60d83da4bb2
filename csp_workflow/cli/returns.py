"""`return show|accept|nil|decline Q RESPONDENT`."""

from __future__ import annotations

from typing import Annotated

import typer

from csp_workflow.cli.context import Context, UsageFault, quarter
from csp_workflow.cli.cycle import _order

app = typer.Typer(no_args_is_help=True, help="One respondent's return.")
_Q = Annotated[str, typer.Argument(metavar="Q", help="The quarter, such as 2014/15-Q2.")]
_WHO = Annotated[str, typer.Argument(metavar="RESPONDENT", help="Its key in the config.")]
_WHY = Annotated[str, typer.Option(help="Why; it is kept and shown.")]


def add_to(parent: typer.Typer) -> None:
    """Put these commands under the main one."""
    parent.add_typer(app, name="return")


@app.command()
def show(context: typer.Context, q: _Q, respondent: _WHO) -> None:
    """What was received: every version, its figures, where each was read, and what is open."""
    from csp_workflow.steps import telling

    ctx: Context = context.obj
    with ctx.site(working=False) as (wired, _):
        told = telling.describe_return(wired.outside, quarter(q), respondent)
    if ctx.json:
        ctx.show(told)
        return
    ctx.show({key: value for key, value in told.items() if not isinstance(value, list)})
    ctx.show(told["figures"], table=("series", "area", "value", "status", "sheet", "cell"))
    ctx.show(told["findings"], table=("severity", "sheet", "cell", "found", "wanted"))


@app.command()
def accept(context: typer.Context, q: _Q, respondent: _WHO) -> None:
    """Take a queried return as complete, its faults standing."""
    _order(context, "ACCEPT {code}", respondent, q)


@app.command()
def nil(context: typer.Context, q: _Q, respondent: _WHO, reason: _WHY = "") -> None:
    """Record that a respondent has nothing to report."""
    _order(context, f"NIL {{code}} BECAUSE {_given(reason)}", respondent, q)


@app.command()
def decline(context: typer.Context, q: _Q, respondent: _WHO, reason: _WHY = "") -> None:
    """Record that a respondent declines to report."""
    _order(context, f"DECLINE {{code}} BECAUSE {_given(reason)}", respondent, q)


def _given(reason: str) -> str:
    if not reason.strip():
        raise UsageFault('This needs a reason, for example: --reason "told us by telephone on 3 November".')
    return reason
