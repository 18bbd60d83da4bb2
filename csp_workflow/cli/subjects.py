"""`subject`: what is held of a person or a partnership, as a list or a bundle; and a person erased."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from csp_workflow.cli.context import Call, ExitCode
from csp_workflow.terms.events import PreconditionFailed

app = typer.Typer()
subject_app = typer.Typer(no_args_is_help=True, help="What is held of a person or a partnership.")
retention_app = typer.Typer(no_args_is_help=True, help="How long what came and went is kept.")
app.add_typer(subject_app, name="subject")
app.add_typer(retention_app, name="retention")

_KEY = Annotated[str, typer.Argument(metavar="KEY", help="A name, an address, or a partnership's key.")]
_ALSO = Annotated[
    list[str] | None, typer.Option("--also", metavar="WORDS", help="Another name or address of the same person.")
]
_COLUMNS = ("where", "id", "when", "what", "how", "keeps", "stays")


@subject_app.command("find")
def find_subject(ctx: Call, key: _KEY, also: _ALSO = None) -> None:
    """All that is held, wherever it lies."""
    from csp_workflow.steps import subjects

    with ctx.obj.site(working=False) as (wired, now):
        sought = subjects.read_sought(wired.outside, (key, *(also or ())))
        found = subjects.find_held(wired.outside, sought, now)
    ctx.obj.show([one.describe() for one in found], table=_COLUMNS)
    looked_for = ", ".join((*sought.people.names, *sought.people.addresses))
    ctx.obj.say(f"Looked for: {looked_for}. Backups are not looked into: they hold what stood here then.")


@subject_app.command("export")
def export_subject(
    ctx: Call,
    key: _KEY,
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="A new .zip file.")],
    also: _ALSO = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """All that is held in one zip, with a page for a browser. Other people in it are marked, not removed."""
    from csp_workflow.steps import subject_bundle, subjects

    if file.exists() and not force:
        raise PreconditionFailed(f"{file} is there already. Name another file, or add --force.")
    with ctx.obj.site(working=False) as (wired, now):
        sought = subjects.read_sought(wired.outside, (key, *(also or ())))
        count = subject_bundle.export_subject(wired.outside, sought, file, now)
    ctx.obj.say(f"{count} files written to {file}. Read it before you disclose it: other people are marked in it.")


@subject_app.command("erase")
def erase_subject(
    ctx: Call,
    key: _KEY,
    also: _ALSO = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without it, only say what would go.")] = False,
) -> None:
    """Erase a person from store, archive and mailbox; what cannot go is said, with why."""
    from csp_workflow.steps import subjects

    with ctx.obj.site() as (wired, now):
        sought = subjects.read_sought(wired.outside, (key, *(also or ())))
        if not yes:
            subjects.refuse_erasure(wired.outside, sought, now)
            found = subjects.find_held(wired.outside, sought, now)
            ctx.obj.show([one.describe() for one in found], table=_COLUMNS)
            ctx.obj.say("Nothing was erased. What has a reason under 'stays' would stay. To do it, add --yes.")
            return
        done = subjects.erase_subject(wired.outside, sought, now, by="the command line")
    ctx.obj.show(done.describe() if ctx.obj.json else done.say())
    ctx.obj.say("Backups made before still hold them: delete those, or erase again after one is put back.")
    if done.left:
        raise typer.Exit(ExitCode.PARTLY)


@retention_app.command("run")
def run_retention(
    ctx: Call, dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what is due.")] = False
) -> None:
    """Dispose of what was kept as long as [retention] of service.toml says; the service does so once a month."""
    from csp_workflow.steps import disposing

    with ctx.obj.site(working=not dry_run) as (wired, now):
        if dry_run:
            due = tuple(disposing.list_due(wired.outside, now))
        else:
            due = disposing.run_schedule(wired.outside, now, by="the command line")
    ctx.obj.show([one.describe() for one in due], table=("where", "id", "when", "stays"))
    gone = sum(not one.held for one in due)
    ctx.obj.say(f"{gone} due, {len(due) - gone} held. {'Nothing was removed.' if dry_run else 'Done.'}")
