"""What every command shares: where the site is, what time it is, and how to speak.

Data goes to stdout (a table, or JSON with --json), talk to stderr.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum
from pathlib import Path
from socketserver import TCPServer
from typing import Any

import typer

from csp_workflow.terms.dates import LONDON, Quarter
from csp_workflow.wiring import Wired, open_site


class ExitCode(IntEnum):
    """How a command ends; documented and stable."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CONFIGURATION = 3
    PRECONDITION = 4
    PARTLY = 5
    LOCK_HELD = 6
    TRY_LATER = 75


class UsageFault(Exception):
    """The words of a command are off; exit code 2."""


@dataclass
class Context:
    """The global options of one run of the command."""

    config: Path = Path("config")
    state: Path = Path("state")
    fleet: Path = Path()
    now: datetime | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False

    def moment(self) -> datetime:
        """The one reading of the clock: --now, or the machine's time, aware and in UTC."""
        return self.now or datetime.now(UTC)

    @contextmanager
    def site(self, *, working: bool = True) -> Iterator[tuple[Wired, datetime]]:
        """The site wired to the real outside, and now. `working` takes the lock and guards the clock."""
        now = self.moment()
        with open_site(self.config, self.state, now=now, pretended=self.now is not None, working=working) as wired:
            yield wired, now

    def say(self, sentence: str) -> None:
        """Talk, on stderr."""
        if not self.quiet:
            sys.stderr.write(sentence.rstrip() + "\n")

    def serve(self, server: TCPServer, path: str) -> None:
        """Say where a server answers, and let it answer until it is stopped."""
        host, port = server.server_address[:2]
        self.say(f"http://{host!s}:{port}{path}")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            self.say("Stopped.")

    def show(self, data: Any, *, table: Sequence[str] | None = None) -> None:
        """Data, on stdout: JSON with --json; else a table of the named columns, or plain text."""
        if self.json:
            sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False, default=str) + "\n")
        elif isinstance(data, str):
            sys.stdout.write(data.rstrip() + "\n")
        elif table is not None:
            _print_table(data, table)
        else:
            sys.stdout.write("\n".join(f"{key}: {value}" for key, value in data.items()) + "\n")


class Call(typer.Context):
    """One run of a command, as typer hands it over."""

    obj: Context


def _print_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if row.get(column) is None else str(row.get(column)) for column in columns))
    width = None if sys.stdout.isatty() else 160
    Console(file=sys.stdout, width=width, soft_wrap=False).print(table)


def parse_quarter(text: str) -> Quarter:
    """A quarter from the command line. Raises UsageFault with the right form."""
    try:
        return Quarter.parse(text)
    except ValueError as fault:
        raise UsageFault(str(fault)) from fault


def parse_instant(text: str) -> datetime:
    """An ISO instant from --now; a time without a zone is London time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as fault:
        raise UsageFault(f"'{text}' is not a time. Write it like 2014-10-16T09:00.") from fault
    return (moment if moment.tzinfo else moment.replace(tzinfo=LONDON)).astimezone(UTC)


def parse_day(text: str) -> date:
    """An ISO day from the command line. Raises UsageFault with the right form."""
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise UsageFault(f"'{text}' is not a day. Write it like 2012-04-01.") from fault
