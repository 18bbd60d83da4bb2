"""`fleet.toml`, and the variables of each site of a fleet: where a site lies says by what it is run.

A site of a fleet lies in `sites/NAME` below a folder with a fleet.toml. What an ordinary site takes from the
environment of its process stands in its own `secrets.env`, so that no secret of one ever reaches another; the database
is the fleet's.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from csp_workflow.settings.fields import Faults, suggest
from csp_workflow.settings.service_file import read_environment

FLEET_FILE, SITES, SECRETS = "fleet.toml", "sites", "secrets.env"
SITE_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_DATABASE, _ARCHIVE = "CSP_DATABASE", "CSP_ARCHIVE"
_KNOWN: dict[str, type[str] | type[int]] = {"database": str, "connections": int}
_LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")


@dataclass(frozen=True)
class FleetFile:
    """How a fleet is run: its database ("": a file for each site), and how many connections a process has to it."""

    database: str = field(default="", repr=False)
    connections: int = 8


def read_fleet_file(folder: Path) -> FleetFile:
    """What fleet.toml says; CSP_DATABASE of the process comes before it. Raises ConfigInvalid with every fault."""
    faults = Faults(folder)
    try:
        given = tomllib.loads((folder / FLEET_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        faults.add(FLEET_FILE, "this file cannot be read as TOML. Mend it, or write it anew.")
        given = {}
    for name, value in given.items():
        if name not in _KNOWN:
            faults.add(FLEET_FILE, f"{name} is not known.{suggest(name, _KNOWN)}")
        elif not isinstance(value, _KNOWN[name]):
            faults.add(FLEET_FILE, f"{name} is no {'number' if _KNOWN[name] is int else 'text'}.")
        elif isinstance(value, int) and not 2 <= value <= 100:
            faults.add(FLEET_FILE, f"connections is {value}. Write 2 to 100: so many each process may have.")
    named = read_environment(None, faults).database
    faults.raise_any()
    return FleetFile(**{**given, "database": given.get("database", "") if named is None else named})


def find_fleet(config_dir: Path) -> Path | None:
    """The folder of the fleet to which the site of a configuration belongs; None for a site by itself."""
    site = _find_site(config_dir)
    fleet = site.parent.parent
    return fleet if site.parent.name == SITES and (fleet / FLEET_FILE).is_file() else None


def lies_among_sites(place: Path) -> bool:
    """Whether a folder, there or not, lies among the sites of a fleet, or in one of them."""
    return any(x.name == SITES and (x.parent / FLEET_FILE).is_file() for x in place.resolve().parents)


def _find_site(config_dir: Path) -> Path:
    """The folder of a site, as it was named: it may be a link, and belongs to the fleet in which that lies."""
    return Path(os.path.abspath(config_dir)).parent  # noqa: PTH100 - a link stays one


def find_variables(config_dir: Path, faults: Faults) -> Mapping[str, str] | None:
    """The variables of a site in a fleet, which has nothing of the process's; None for a site by itself."""
    fleet = find_fleet(config_dir)
    if fleet is None:
        return None
    site = _find_site(config_dir)
    given = read_secrets(site / SECRETS, faults)
    for name in (_DATABASE, f"{_DATABASE}_FILE", _ARCHIVE):
        if name in given:
            faults.add_about_folder(
                f"{SECRETS} names a database or an archive ({name}). Remove it: the fleet's is used."
            )
    for name in _find_reaching(given, site):
        faults.add_about_folder(f"{name} in {SECRETS} is a file of another site. Name one of this site's own.")
    file = read_fleet_file(fleet)
    if not file.database:  # what service.toml may say of these is no other place either
        return {**given, _DATABASE: "", _ARCHIVE: ""}
    shared = f"{'&' if '?' in file.database else '?'}schema={name_schema(site.name)}&connections={file.connections}"
    return {**given, _DATABASE: f"{file.database}{shared}", _ARCHIVE: "database"}


def _find_reaching(given: Mapping[str, str], site: Path) -> Iterator[str]:
    """The variables that name a file in the folder of another site of the fleet."""
    for name, value in given.items():
        file = Path(value).resolve() if name.endswith("_FILE") else site.resolve()
        if file.is_relative_to(site.parent.resolve()) and not file.is_relative_to(site.resolve()):
            yield name


def name_schema(site: str) -> str:
    """The schema of a site in the fleet's database. No two names of sites have the same one."""
    return f"csp_{site.replace('-', '_')}"


def read_secrets(file: Path, faults: Faults) -> Mapping[str, str]:
    """NAME=value a line, as in a unit's EnvironmentFile. No value is ever quoted in a fault."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        faults.add_about_folder(f"{SECRETS} cannot be read. It holds NAME=value, a line each.")
        return {}
    if file.stat().st_mode & 0o007:
        faults.add_about_folder(f"{SECRETS} can be read by everybody on this machine. Run: chmod 600 {SECRETS}")
    found = {}
    for number, line in enumerate(lines, 1):
        written = _LINE.fullmatch(line.strip())
        if written:
            value = written["value"].strip()
            is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
            found[written["name"]] = value[1:-1] if is_quoted else value
        elif line.strip() and not line.strip().startswith("#"):
            faults.add_about_folder(f"{SECRETS} line {number} is not of the form NAME=value.")
    return found
