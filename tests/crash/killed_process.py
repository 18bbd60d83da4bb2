"""A process of the crash matrix with an interpreter of its own: SCENARIO PLACE FIRST BEATS POINT."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from tests.crash.killing import run


def main(module: str, place: str, first: str, beats: str, point: str) -> None:
    """`module` is "tests.crash.posting:Posting", made without arguments."""
    file, _, name = module.partition(":")
    scenario = getattr(import_module(file), name)()
    run(scenario, Path(place), first=int(first), beats=int(beats), kill_at=point)


if __name__ == "__main__":
    main(*sys.argv[1:])
