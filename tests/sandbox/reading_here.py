"""What the sandbox's child runs, run here: where a file's reading is not what a test is about, or must be seen."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from csp_workflow import sandbox
from csp_workflow.forms.reading import see_workbook
from csp_workflow.intake import opening
from csp_workflow.sandbox import Sandbox, SandboxReply

_FUNCTIONS: dict[str, Callable[[bytes], object]] = {
    opening.READER: opening.read_file,
    opening.SEER: see_workbook,
    opening.UNWRAPPER: opening.unwrap_signature,
    opening.WORDS_READER: opening.read_saved_words,
}


def run_here(function: str, data: bytes) -> object:
    """Runs what the sandbox's child would, and sends its answer through JSON as the child does."""
    return json.loads(json.dumps(_FUNCTIONS[function](data)))


class NoChild(Sandbox):
    """A sandbox that reads each file itself."""

    def run(self, function: str, data: bytes, seconds: float | None = None) -> SandboxReply:
        """The child's answer, without a child."""
        return SandboxReply(value=run_here(function, data))


def zygote_of(made: Sandbox) -> subprocess.Popen[bytes]:
    """What forks the next job of a sandbox at rest."""
    return sandbox._resting[made._kind][-1].process


def below(process: int) -> list[int]:
    """The processes under one, children before grandchildren. One that ends meanwhile is none."""
    found = []
    for one in Path(f"/proc/{process}/task/{process}/children").read_text().split():
        with suppress(FileNotFoundError, ProcessLookupError):
            found += [int(one), *below(int(one))]
    return found
