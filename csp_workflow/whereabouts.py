"""Where a store is at work: machine, place and mailbox, and what is noted of it beside the store.

The store knows the same of itself. A backup brings the store and not the note; a copied folder brings both and comes
to another place. Whatever does not agree any more is judged in `chase/beat.py`.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from csp_workflow.terms.service import DiskFull
from csp_workflow.terms.service_status import count_generation

NOTE = "whereabouts.json"
"""The note beside the store; no backup takes it along."""

_MACHINE_ID = Path("/etc/machine-id")


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    """Where the service is now. `facts` are machine, place, mailbox and folder, by these names."""

    facts: Mapping[str, str]
    note: Path

    def read_note(self) -> Mapping[str, str]:
        """What was noted when the store was last at work here; nothing where there is no note, or none to be read."""
        try:
            found = json.loads(self.note.read_text())
        except (OSError, ValueError):
            return {}
        return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}

    def write_note(self, generation: str, mark: int, **before: str) -> None:
        """Note which generation of the store is at work here, and how far it has come.

        While the store itself is told its generation, the one `before` stands here too: either may be found in it.
        Raises DiskFull.
        """
        wanted = {"generation": generation, "mark": str(mark), **before}
        if wanted == self.read_note():
            return
        half = self.note.with_name(f".{self.note.name}.{os.getpid()}")
        try:
            with half.open("w") as file:
                json.dump(wanted, file)
                file.flush()
                os.fsync(file.fileno())
            half.replace(self.note)
        except OSError as fault:
            raise DiskFull("What is noted beside the store could not be written.") from fault


def name_machine(given: str) -> str:
    """This machine, as nothing else is called: as it was `given`, else by what its system says of itself."""
    try:
        own = _MACHINE_ID.read_text().strip()
    except OSError:
        own = ""
    return given or sha256(f"{own} {platform.node()}".encode()).hexdigest()[:16]


def raise_generation(*generations: str) -> str:
    """The next generation of a store: a number above all of these, and a random word that no other copy has.

    After none it is 0, which is before whatever was noted of a store at work.
    """
    return f"{max(map(count_generation, generations), default=-1) + 1} {secrets.token_hex(8)}"
