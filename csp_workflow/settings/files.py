"""Reads every file of a configuration folder against its schema, and notes every fault of every file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from csp_workflow.settings import bank_holidays
from csp_workflow.settings.faults import Faults, nearest
from csp_workflow.settings.schemas.calendar import CalendarFile
from csp_workflow.settings.schemas.contributors import ContributorsFile
from csp_workflow.settings.schemas.framework import FrameworkFile
from csp_workflow.settings.schemas.partnerships import PartnershipsFile
from csp_workflow.settings.schemas.report import ReportFile
from csp_workflow.settings.schemas.service import ServiceFile
from csp_workflow.settings.schemas.small import ActionsFile, PeersFile, WaiversFile
from csp_workflow.settings.sentences import sentences
from csp_workflow.terms.working_days import WorkingDays

SCHEMAS: Mapping[str, type[BaseModel]] = {
    "service.toml": ServiceFile,
    "partnerships.toml": PartnershipsFile,
    "contributors.toml": ContributorsFile,
    "calendar.toml": CalendarFile,
    "peers.toml": PeersFile,
    "report.toml": ReportFile,
    "waivers.toml": WaiversFile,
    "actions.toml": ActionsFile,
}
"""The files of a site, besides framework-<year>.toml and the bank holidays."""

FRAMEWORK = "framework-*.toml"
_Schema = TypeVar("_Schema", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class Read:
    """What was read: None for a file that could not be. `frameworks` are by file name."""

    service: ServiceFile | None
    partnerships: PartnershipsFile | None
    contributors: ContributorsFile | None
    calendar: CalendarFile | None
    peers: PeersFile | None
    report: ReportFile | None
    waivers: WaiversFile | None
    actions: ActionsFile | None
    frameworks: Mapping[str, FrameworkFile]
    working_days: WorkingDays | None


def read(folder: Path, faults: Faults) -> Read:
    """Every file of a folder. What is wrong is noted, and what could be read is returned."""
    listed = _listed(folder, faults)
    calendar = _one(folder, "calendar.toml", CalendarFile, listed, faults)
    names = sorted(name for name in listed if Path(name).match(FRAMEWORK))
    if listed and not names:
        faults.add("framework-2014-15.toml", "the file is missing. A site needs the framework of at least one year.")
    frameworks = {name: _one(folder, name, FrameworkFile, listed, faults) for name in names}
    return Read(
        service=_one(folder, "service.toml", ServiceFile, listed, faults),
        partnerships=_one(folder, "partnerships.toml", PartnershipsFile, listed, faults),
        contributors=_one(folder, "contributors.toml", ContributorsFile, listed, faults),
        calendar=calendar,
        peers=_one(folder, "peers.toml", PeersFile, listed, faults),
        report=_one(folder, "report.toml", ReportFile, listed, faults),
        waivers=_one(folder, "waivers.toml", WaiversFile, listed, faults),
        actions=_one(folder, "actions.toml", ActionsFile, listed, faults),
        frameworks={name: framework for name, framework in frameworks.items() if framework},
        working_days=bank_holidays.read(folder, calendar.holidays, faults) if calendar else None,
    )


def _listed(folder: Path, faults: Faults) -> frozenset[str]:
    """The names of the folder's TOML files; a stray one is a fault, because it would be ignored in silence."""
    if not folder.is_dir():
        faults.add_about_folder(
            f"There is no configuration folder {folder}. Lay out a site with: csp-workflow init DIR, "
            "or name its folder with --config."
        )
        return frozenset()
    names = frozenset(path.name for path in folder.iterdir() if path.suffix == ".toml")
    if not names:
        faults.add_about_folder(
            f"The configuration folder {folder} holds no TOML files. Lay out a site with: csp-workflow init DIR"
        )
    for name in sorted(names):
        if name not in SCHEMAS and not Path(name).match(FRAMEWORK):
            near = nearest(name, SCHEMAS)
            faults.add(name, f"the file is not known.{f' Did you mean {near}?' if near else ' Remove it.'}")
    return names


def _one(folder: Path, name: str, schema: type[_Schema], listed: frozenset[str], faults: Faults) -> _Schema | None:
    """A file as its schema, or None with what is wrong noted."""
    if name not in listed:
        if listed:
            faults.add(name, "the file is missing. Take it from a fresh site: csp-workflow init DIR")
        return None
    data = _parsed(folder / name, name, faults)
    if data is None:
        return None
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        for sentence in sentences(error, schema, data):
            faults.add(name, sentence)
        return None


def _parsed(file: Path, name: str, faults: Faults) -> dict[str, Any] | None:
    try:
        return tomllib.loads(file.read_text("utf-8-sig").replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as fault:
        faults.add(name, f"{_toml_fault(str(fault))} Look for a missing quote or bracket there or just before.")
    except UnicodeDecodeError:
        faults.add(name, "the file is not UTF-8 text. Save it again with the encoding UTF-8.")
    except (OSError, RecursionError, ValueError):  # the last: a number of thousands of digits
        faults.add(name, "the file cannot be read. Check that it is a plain text file with the right permissions.")
    return None


def _toml_fault(message: str) -> str:
    """Python's "Invalid value (at line 2, column 5)" as "line 2, column 5 is not right TOML: invalid value."."""
    what, _, place = message.rstrip(")").rpartition(" (at ")
    where = "the end" if place == "end of document" else place
    return f"{where} is not right TOML: {what[:1].lower()}{what[1:]}."
