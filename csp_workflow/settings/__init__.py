"""A site's configuration: TOML files and environment variables -> one frozen `Site` and one frozen `Service`.

`load` reports every fault of every file at once, each a sentence with file, key and what to do. Pydantic is imported
inside it, so that a command without a site starts at once. The other functions find what lies beside the
configuration: a site's own templates, or the defaults that travel with the program.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from csp_workflow.forms.setup_sheets import list_lines
from csp_workflow.letters.catalogue import folder_faults
from csp_workflow.settings import continuity
from csp_workflow.settings.writing_back import Update, note_laid_out, update_site
from csp_workflow.store import Store
from csp_workflow.terms.dates import CycleState
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.measure_sets import lay_measures
from csp_workflow.terms.service import ConfigInvalid
from csp_workflow.terms.service_status import find_renumbered
from csp_workflow.terms.setup import Setup, SetupChange, fold_setups
from csp_workflow.terms.site import Service, Site


@dataclass(frozen=True)
class ReadTables:
    """The files of a configuration by name, each as its tables (None: not readable), and what was wrong in reading."""

    tables: Mapping[str, dict[str, Any] | None]
    faults: tuple[str, ...]


def load(
    config_dir: Path, *, environment: Mapping[str, str] | None = None, changes: Sequence[SetupChange] = ()
) -> tuple[Site, Service]:
    """Read a configuration folder, and lay `changes` over it: what was set up by workbook holds before the files.

    `environment` stands in for the process's own variables (tests, rehearsal). Raises ConfigInvalid with every fault
    found, never anything else for any content of the folder.
    """
    return load_tables(config_dir, read_tables(config_dir), environment=environment, changes=changes)


def read_tables(config_dir: Path) -> ReadTables:
    """The files of a folder as they are now, with what is wrong in reading them: to be assembled again and again."""
    from csp_workflow.settings.fields import Faults
    from csp_workflow.settings.files import read_tables

    faults = Faults(config_dir)
    return ReadTables(read_tables(config_dir, faults), faults.sentences)


def lay_tables(config_dir: Path, read: ReadTables, changes: Sequence[SetupChange]) -> dict[str, Any]:
    """The files, by name, with `changes` laid over them. Raises ConfigInvalid where one has no place."""
    from csp_workflow.settings.fields import Faults
    from csp_workflow.settings.files import lay_tables

    faults = Faults(config_dir, read.faults)
    laid = lay_tables(read.tables, changes, faults)
    faults.raise_any()
    return laid


def load_tables(
    config_dir: Path,
    read: ReadTables,
    *,
    environment: Mapping[str, str] | None = None,
    changes: Sequence[SetupChange] = (),
) -> tuple[Site, Service]:
    """The settings that files as they were read make, with `changes` laid over them. Raises ConfigInvalid."""
    from csp_workflow.settings.assemble import assemble_site, require
    from csp_workflow.settings.checks import check_files
    from csp_workflow.settings.fields import Faults
    from csp_workflow.settings.files import lay_tables, read_files
    from csp_workflow.settings.fleet_file import find_variables
    from csp_workflow.settings.service_file import assemble_service, read_environment

    faults = Faults(config_dir, read.faults)
    laid = lay_tables(read.tables, changes, faults)
    files = read_files(config_dir, faults, defaults=find_defaults() / "config", tables=laid)
    overrides = read_environment(find_variables(config_dir, faults) if environment is None else environment, faults)
    for file, sentence in check_files(files, adapter=overrides.adapter):
        faults.add(file, sentence)
    faults.raise_any()
    return assemble_site(files, overrides), assemble_service(require(files.service), overrides)


def find_defaults() -> Path:
    """The folder with the default `config` and `templates`: inside the installed package, or of the checkout."""
    package = Path(str(resources.files("csp_workflow")))
    packaged = package / "defaults"
    return packaged if packaged.is_dir() else package.parent


def read_templates(config_dir: Path) -> dict[str, str]:
    """Every e-mail template by its name below templates/emails ("request/body.txt"): the site's, else the defaults'."""
    return {name: path.read_text("utf-8") for name, path in _find_files(_find_beside(config_dir, "emails")).items()}


def find_template_faults(config_dir: Path) -> tuple[str, ...]:
    """A sentence for each letter that could not be written when it is due, and for each that nobody would write.

    The site's own folder may lack a default template; a default folder may have no function, or a function no folder.
    """
    own, ours = _find_beside(config_dir, "emails"), find_defaults() / "templates" / "emails"
    files = _find_files(ours)
    lacking = sorted(files.keys() - _find_files(own).keys())
    return (
        *(f"templates/emails/{name}: this file is missing. csp-workflow init --update brings it." for name in lacking),
        *folder_faults(name.partition("/")[0] for name in files if "/" in name),
    )


def read_report_base(config_dir: Path) -> bytes:
    """The Word file whose styles, header and footer every paper takes; b"" when there is none."""
    found = sorted(_find_beside(config_dir, "reports").glob("*.docx"))
    return found[0].read_bytes() if found else b""


def read_page_templates(config_dir: Path) -> dict[str, str]:
    """Every template of the dashboard by its name: the site's own, else the default one."""
    places = find_defaults() / "templates" / "reports", _find_beside(config_dir, "reports")
    files = (path for place in places for path in sorted((place / "dashboard").glob("*.*")) if path.is_file())
    return {path.name: path.read_text("utf-8") for path in files}


def lay_out_folders(directory: Path) -> None:
    """Lay out a new site: default config and templates, and a state folder with a fresh key only its owner may read.

    Raises PreconditionFailed, and writes nothing, when any of the three folders is already there.
    """
    taken = [name for name in ("config", "templates", "state") if (directory / name).exists()]
    if taken:
        raise PreconditionFailed(
            f"{directory} already holds {' and '.join(taken)}; nothing was changed. Choose an empty folder."
        )
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("config", "templates"):
        shutil.copytree(find_defaults() / name, directory / name)
    state = directory / "state"
    state.mkdir(mode=0o700)
    _write_key(state / "key")
    note_laid_out(directory, find_defaults())


def update_folders(directory: Path) -> Update:
    """Bring a site's files to this version, except what the site changed. Raises PreconditionFailed where none is."""
    if not (directory / "state").is_dir() or not (directory / "config").is_dir():
        raise PreconditionFailed(f"{directory} holds no site. Lay one out with: csp-workflow init DIR")
    return update_site(directory, find_defaults())


def _write_key(path: Path) -> None:
    """Created with its permissions, so that nobody can read it even for a moment."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(32))


def list_files(config_dir: Path) -> frozenset[tuple[str, int, int]]:
    """Every file that a site is set up by, with when it was changed (in ns) and its size in bytes."""
    folders = (config_dir, _find_beside(config_dir, "emails"), _find_beside(config_dir, "reports"))
    found = (entry for folder in folders for entry in _walk(folder))
    return frozenset((entry.path, entry.stat().st_mtime_ns, entry.stat().st_size) for entry in found)


def _walk(folder: Path | str) -> Iterator[os.DirEntry[str]]:
    """The files below a folder. Before every beat hundreds are looked at: objects for their paths would cost most."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _walk(entry.path)
            elif entry.is_file():
                yield entry


def _find_files(folder: Path) -> dict[str, Path]:
    paths = sorted(entry.path for entry in _walk(folder) if entry.name.endswith((".txt", ".html")))
    return {path.removeprefix(f"{folder}/"): Path(path) for path in paths}


def _find_beside(config_dir: Path, kind: str) -> Path:
    """A templates folder next to the config folder, else the default one."""
    own = config_dir.resolve().parent / "templates" / kind
    return own if own.is_dir() else find_defaults() / "templates" / kind


# What is kept between beats -------------------------------------------------------------------------

_QUARTERS_BACK = 5
"""So many quarters that were asked are held against the configuration: a yearly figure is asked for in one of four."""


def find_redefined(site: Site, store: Store) -> tuple[str, ...]:
    """What a configuration means otherwise than the forms that were last sent, a sentence each; () for nothing."""
    sent = []
    for quarter, state in sorted(store.cycle_states().items())[-_QUARTERS_BACK:]:
        returns, is_open = store.cycle_status(quarter).returns, state is not CycleState.ARCHIVED
        for key, request in store.requests(quarter).items():
            at = returns[key].requested if key in returns else None
            sent.append(continuity.SentForm(form=request.form, at=at, is_open=is_open))
    laid = lay_measures(site, store.agreed_sets())
    return (*continuity.find_redefined(laid, sent), *find_renumbered(site, store.service_status().asked))


class KeptSettings:
    """A site's configuration: its files as they were when it was opened, and what was set up by workbook on top."""

    def __init__(self, config: Path, site: Site, store: Store) -> None:
        self._config, self._store = config, store
        self._tables = read_tables(config)
        self._made: dict[int, Site] = {0: site}
        self._named = -1

    def assemble(self, setups: Sequence[Setup]) -> Site:
        """The site, which is made once for so many set-ups: what was applied never changes. Raises ConfigInvalid.

        What the store is pointed to gets its names at once, for whoever asks the database itself.
        """
        count = len(setups)
        if count not in self._made:
            self._made = {0: self._made[0], count: self._load(setups)}
        if count != self._named:
            self._store.name_things(lay_measures(self._made[count], self._store.agreed_sets()))
            self._named = count
        return self._made[count]

    def lay(self, setups: Sequence[Setup]) -> dict[str, Any]:
        """The files, by name, with what was set up laid over them. Raises ConfigInvalid."""
        return lay_tables(self._config, self._tables, fold_setups(setups))

    def find_faults(self, setups: Sequence[Setup]) -> tuple[str, ...]:
        """Why the site could not be so, a sentence each."""
        try:
            return find_redefined(self._load(setups), self._store)
        except ConfigInvalid as fault:
            return fault.faults

    def _load(self, setups: Sequence[Setup]) -> Site:
        return load_tables(self._config, self._tables, changes=fold_setups(setups))[0]

    def list_differences(self) -> tuple[str, ...]:
        """What was set up by workbook and the files do not say, a sentence each."""
        setups = self._store.setups()
        laid, mine = self.lay(setups), {(one.place, repr(one.entry)) for one in list_lines(self._tables.tables)}
        new = [one for one in list_lines(laid) if (one.place, repr(one.entry)) not in mine]
        return tuple(
            f"{one.place.file} says otherwise than what was set up by workbook, which holds: {one.sheet.one} "
            f"{one.sheet.name(one.entry)}. csp-workflow setup write writes it into the file."
            for one in (new if setups else ())
        )
