"""A site small enough to play hundreds of quarters: three partnerships, one contributor, the force's analyst."""

from __future__ import annotations

import re
from pathlib import Path

from tests.story.site_told import Played

PARTNERSHIPS = {"leicester": "LEIC", "charnwood": "CHARN", "melton": "MELT"}
CONTRIBUTOR, ANALYST = "public-health", "force-analyst"
CODES = {**PARTNERSHIPS, CONTRIBUTOR: "PUBH", ANALYST: "FORCE"}

_PLACES = 'areas = ["E06000016", "E10000018", "E06000017"]'


def lay_out(place: Path) -> Played:
    """The default configuration with all others left out, and what they own given to the one contributor."""
    site = Played.laid_out(place)
    config = place / "config"
    _keep(config / "partnerships.toml", "partnerships", set(PARTNERSHIPS))
    _keep(config / "contributors.toml", "contributors", {CONTRIBUTOR, ANALYST})
    known = set(re.findall(r"E22\d+", (config / "partnerships.toml").read_text()))
    for name in ("contributors.toml", "peers.toml"):
        _edit(config / name, r'"(E22\d+)", ?(?:#.*)?', lambda found: found[0] if found[1] in known else "")
    _edit(config / "contributors.toml", re.escape(_PLACES), lambda found: found[0][:-1] + ', "E23000021"]')
    _edit(config / "framework-2014-15.toml", r'owner = "(?!force-analyst)[^"]*"', lambda _: f'owner = "{CONTRIBUTOR}"')
    return site


def _keep(file: Path, of: str, keys: set[str]) -> None:
    head, *blocks = re.split(rf"(?m)^(?=\[\[{of}\]\]$)", file.read_text())
    kept = (block for block in blocks if _key_of(block) in keys)
    file.write_text(head + "".join(kept))


def _key_of(block: str) -> str:
    found = re.search(r'(?m)^key = "([^"]*)"', block)
    return found[1] if found else ""


def _edit(file: Path, pattern: str, new: object) -> None:
    file.write_text(re.sub(pattern, new, file.read_text()))  # type: ignore[call-overload]
