"""Mutation testing of the rules that `[tool.mutmut]` names: how many small mistakes in them would a test notice?

Run as `python -m tests.house.mutation`; it takes about an hour on two cores, and goes on where it was interrupted.
Afterwards `mutmut results` names the survivors and `mutmut show NAME` shows one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MUTMUT = [sys.executable, "-m", "mutmut"]


def main() -> int:
    """Make the mutants, run the tests against each, print the score. 1 when mutmut itself failed."""
    done = subprocess.run([*MUTMUT, "run", "--max-children", "2"], cwd=ROOT, check=False).returncode
    subprocess.run([*MUTMUT, "export-cicd-stats"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    counted = json.loads((ROOT / "mutants" / "mutmut-cicd-stats.json").read_text("utf-8"))
    noticed = counted["killed"] + counted["timeout"]
    tried = noticed + counted["survived"] + counted["no_tests"]
    share = noticed / tried if tried else 0
    sys.stdout.write(f"Mutation score: {noticed} of {tried} mutants noticed ({share:.0%}).\n")
    return int(done != 0)


if __name__ == "__main__":
    sys.exit(main())
