"""A site small enough to play hundreds of quarters: three partnerships, one contributor, the force's analyst."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from csp_workflow import settings, wiring
from csp_workflow.steps.outside import Outside
from tests.story.site_told import Played

PARTNERSHIPS = {"leicester": "LEIC", "charnwood": "CHARN", "melton": "MELT"}
CONTRIBUTOR, ANALYST = "public-health", "force-analyst"
CODES = {**PARTNERSHIPS, CONTRIBUTOR: "PUBH", ANALYST: "FORCE"}

_PLACES = 'areas = ["E06000016", "E10000018", "E06000017"]'


def lay_out(place: Path) -> Played:
    """The default configuration with all others left out, and what they own given to the one contributor."""
    site = Played.laid_out(place)
    shrink(place / "config")
    return site


def shrink(config: Path) -> None:
    """Leave all others out of a default configuration."""
    _keep(config / "partnerships.toml", "partnerships", set(PARTNERSHIPS))
    _keep(config / "contributors.toml", "contributors", {CONTRIBUTOR, ANALYST})
    known = set(re.findall(r"E22\d+", (config / "partnerships.toml").read_text()))
    for name in ("contributors.toml", "peers.toml"):
        _edit(config / name, r'"(E22\d+)", ?(?:#.*)?', lambda found: found[0] if found[1] in known else "")
    _edit(config / "contributors.toml", re.escape(_PLACES), lambda found: found[0][:-1] + ', "E23000021"]')
    _edit(config / "framework-2014-15.toml", r'owner = "(?!force-analyst)[^"]*"', lambda _: f'owner = "{CONTRIBUTOR}"')


def share(site: Played) -> None:
    """Have the site's store and archive named by the configuration, so that several workers may be at them."""
    state = (site.place / "state").absolute()
    file = site.place / "config" / "service.toml"
    named = f'database = "sqlite:///{state / "csp.sqlite"}"\narchive = "{state / "archive"}"\n'
    text = re.sub(r"(?m)^(?:database|archive) = .*\n", "", file.read_text())
    file.write_text(re.sub(r"(?m)^(?=mode = )", lambda _: named, text, count=1))


def open_beside(site: Played, outside: Outside) -> Outside:
    """A second worker: its own connection and folder, the same mailbox."""
    config, state = site.place / "config", site.place / "beside"
    state.mkdir(exist_ok=True)
    shutil.copy(site.place / "state" / "key", state)
    made, service = settings.load(config)
    others = {"mailbox": outside.mailbox, "sandbox": outside.sandbox}
    return wiring.wire(made, service, config=config, state=state, **others).outside


def _keep(file: Path, of: str, keys: set[str]) -> None:
    head, *blocks = re.split(rf"(?m)^(?=\[\[{of}\]\]$)", file.read_text())
    kept = (block for block in blocks if _key_of(block) in keys)
    file.write_text(head + "".join(kept))


def _key_of(block: str) -> str:
    found = re.search(r'(?m)^key = "([^"]*)"', block)
    return found[1] if found else ""


def _edit(file: Path, pattern: str, new: object) -> None:
    file.write_text(re.sub(pattern, new, file.read_text()))  # type: ignore[call-overload]
