"""A fleet: a folder of sites, each with its own config, templates, secrets and store; worked at from any machine.

    fleet.toml            the database of all sites ("": a file for each), the connections of each process to it
    sites/NAME/           config/, templates/, secrets.env and state/, as of any site

With a database a site is a schema of it, and holds its archive and its key: whatever machine has the site's folder can
work at it. Every other command works at a site of a fleet as at any: `csp-workflow --config sites/NAME/config ...`.

Whatever goes wrong at one site is raised for that site alone; who works at several names it and goes on.
"""

from __future__ import annotations

import json
import secrets
import shutil
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import structlog

from csp_workflow import settings, wiring
from csp_workflow.service import HTML, METRICS, SILENT, TEXT, Running, list_hindrances, ping_after, start_running
from csp_workflow.settings import fleet_file
from csp_workflow.steps.beat import Beat
from csp_workflow.store import Store, migrations
from csp_workflow.store.copying import holds_anything
from csp_workflow.store.engine import name_site_store
from csp_workflow.terms.dates import CycleState, in_london
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.service import ConfigInvalid, InternetMailbox, StoreBusy
from csp_workflow.wiring import Wired

NO_FLEET = "{folder} holds no fleet. Make one with: csp-workflow fleet init {folder}"
_FLEET_TOML = """\
# The database that holds every site, each in a schema of its own: postgresql://USER@HOST/NAME. CSP_DATABASE of the
# process (or CSP_DATABASE_FILE) comes before it. Empty: each site keeps a SQLite file on this machine.
database = ""

# So many connections each process has to it at most.
connections = 8
"""
_SECRETS = """\
# What only this site knows, NAME=value a line: CSP_ENVIRONMENT, CSP_MAIL_PASSWORD, CSP_MAIL_CERTIFICATE_FILE ...
"""
_MOST_OPEN = 400
"""Sites that a process keeps open between their beats; one takes five MB."""


@dataclass(frozen=True)
class SitePlace:
    """Where a site of a fleet lies."""

    name: str
    folder: Path

    @property
    def config(self) -> Path:
        """Its configuration."""
        return self.folder / "config"

    @property
    def state(self) -> Path:
        """What only this machine has of it: the embedded mail, notes; of a site without a database its store."""
        return self.folder / "state"


class Fleet:
    """The sites below a folder, as they are at each moment. Raises PreconditionFailed where there is no fleet.

    It keeps sites open from beat to beat, a bounded number of them: `close` lets them go.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / fleet_file.FLEET_FILE).is_file():
            raise PreconditionFailed(NO_FLEET.format(folder=folder))
        self.folder, self.file = folder, fleet_file.read_fleet_file(folder)
        self._open: OrderedDict[str, Running] = OrderedDict()
        self._at_work: Counter[str] = Counter()
        self._opening = threading.Lock()
        self._mailboxes: dict[Path, tuple[frozenset[str], int]] = {}

    # Which there are -------------------------------------------------------------------------------

    def list_sites(self) -> tuple[str, ...]:
        """The names of all sites in their order; of broken ones too, and of folders that no site can have by name."""
        folder = self.folder / fleet_file.SITES
        names = [path.name for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
        # What is no text in a name is written out: it can be told, and is no site's name.
        shown = (name.encode("utf-8", "backslashreplace").decode() for name in names)
        return tuple(sorted(name for name in shown if not name.startswith(".")))

    def has(self, name: str) -> bool:
        """Whether a site has its folder here: one question, however many sites there are."""
        return (self.folder / fleet_file.SITES / name).is_dir()

    def place(self, name: str) -> SitePlace:
        """Where a site lies. Raises PreconditionFailed for one that is not here."""
        place = self.place_of(name)
        if not place.config.is_dir():
            if place.folder.is_dir():
                raise PreconditionFailed(
                    f"{place.folder} has no folder config. If it was being handed over, give the same order again; "
                    "otherwise bring its configuration there, or remove the folder."
                )
            known = ", ".join(self.list_sites()) or "none"
            raise PreconditionFailed(f"There is no site {name} in {self.folder}. The sites are: {known}.")
        return place

    def store_url(self, name: str) -> str:
        """The URL of a site's store, whether it is there or not. Raises PreconditionFailed for a name no site has."""
        place = self.place_of(name)
        if not self.file.database:
            return f"sqlite:///{(place.state / 'csp.sqlite').absolute()}"
        schema = fleet_file.name_schema(name)
        return name_site_store(self.file.database, schema, connections=self.file.connections)

    def place_of(self, name: str) -> SitePlace:
        """Where a site of that name lies or would lie. Raises PreconditionFailed for a name that no site has."""
        if not fleet_file.SITE_NAME.fullmatch(name):
            raise PreconditionFailed(
                f"A site cannot be called '{name}'. Write small letters, digits and hyphens, 40 at most: leics"
            )
        return SitePlace(name, self.folder / fleet_file.SITES / name)

    def refuse_shared_mailbox(self, name: str, config: Path | None = None) -> None:
        """Raise PreconditionFailed where another site reads the same mailbox: each would file away the other's mail.

        `config` is what the site is to have, in place of what it has.
        """
        folder, own = self.folder / fleet_file.SITES, config or self.folder / fleet_file.SITES / name / "config"
        mine = self._find_mailboxes(own)
        found = {o: mine & self._find_mailboxes(folder / o / "config") for o in self.list_sites() if mine and o != name}
        others = [other for other, both in found.items() if both]
        if others:
            address = min(found[others[0]], key=lambda named: " at " in named)
            raise PreconditionFailed(
                f"The mailbox {address} is also that of {', '.join(others)}. Each site needs one of its own: name it "
                f"in {own / 'service.toml'}."
            )

    def _find_mailboxes(self, config: Path) -> frozenset[str]:
        """How a site's mailbox is named, as its file says now: by its address, and by its account where that is read.

        None for an embedded one, or where it cannot be read.
        """
        try:
            changed = (config / "service.toml").stat().st_mtime_ns
            if self._mailboxes.get(config, (None, 0))[1] != changed:
                site, service = settings.load(config)
                names = {site.office.mailbox.lower()} if service.mailbox else set()
                if isinstance(service.mailbox, InternetMailbox):
                    names.add(f"{service.mailbox.user} at {service.mailbox.imap.host}".lower())
                self._mailboxes[config] = frozenset(names), changed
            return self._mailboxes[config][0]
        except (ConfigInvalid, PreconditionFailed, OSError):
            return frozenset()

    @property
    def at_once(self) -> int:
        """How many beats a process can do at a time: each has two connections, one for what it holds of the site."""
        return self.file.connections // 2

    # Working at one ---------------------------------------------------------------------------------

    def open(
        self, name: str, now: datetime, *, pretended: bool = False, working: bool = True
    ) -> AbstractContextManager[Wired]:
        """A site for one command, as `wiring.open_site` says: it is ours meanwhile, on whatever machines others are."""
        place = self.place(name)
        return wiring.open_site(place.config, place.state, now=now, pretended=pretended, working=working)

    def beat(self, name: str, now: datetime) -> Beat:
        """One beat of a site, with its configuration as it is now; it stays open for the next one.

        Raises LockHeld while another works at it, on this machine or another; ConfigInvalid, PreconditionFailed or a
        WorldFault of this site alone.
        """
        place = self.place(name)
        self._at_work[name] += 1
        try:
            running = self._keep(place)
            with running.hold():
                done = ping_after(running.beat, running.read_site)(now)
        except PreconditionFailed:
            self.let_go(name)  # it is another one now, or none
            raise
        finally:
            self._at_work[name] -= 1
            kept = self._open.get(name)
            if kept is not None and kept.stopping.is_set():
                self.let_go(name)
        return done

    def _keep(self, place: SitePlace) -> Running:
        with self._opening:
            if place.name in self._open:
                self._open.move_to_end(place.name)
                return self._open[place.name]
            self.refuse_shared_mailbox(place.name)
            running = start_running(place.config, place.state)
            self._open[place.name] = running
            resting = (name for name in self._open if not self._at_work[name])
            oldest = next(resting, "") if len(self._open) > _MOST_OPEN else ""
        self.let_go(oldest)
        return running

    def let_go(self, name: str) -> None:
        """Close a site that was kept open; no matter if it was not."""
        with self._opening:
            running = self._open.pop(name, None)
        if running is not None:
            running.close()

    def free(self, name: str, silent: float) -> None:
        """Take a site from whoever has had it to themselves for so many seconds without a word: they are paused."""
        with closing(Store(self.store_url(name))) as store:
            if store.end_silent_worker(silent):
                structlog.get_logger().warning("fleet.site.freed", site=name)

    def stop(self) -> None:
        """Have each beat under way end after the message in hand."""
        for running in tuple(self._open.values()):
            running.stopping.set()

    def close(self) -> None:
        """Let every site go."""
        for name in tuple(self._open):
            self.let_go(name)

    def reach_database(self) -> None:
        """Raise StoreBusy where the database of all sites cannot be reached; no matter if each has a file."""
        if self.file.database:
            holds_anything(self.file.database)  # whatever it holds: it answers

    # A new one ----------------------------------------------------------------------------------------

    def add(self, name: str) -> SitePlace:
        """Lay out a new site. Raises PreconditionFailed, and nothing was changed, when there is one of that name."""
        place, url = self.place_of(name), self.store_url(name)
        self.refuse_taken(name)
        with self.making(name) as half:
            settings.lay_out_folders(half)
            write_secrets(half)
            if self.file.database:
                (half / "state" / "key").unlink()
                migrations.upgrade(url)
                with closing(Store(url)) as store:
                    store.add_stamp(wiring.KEY, secrets.token_hex(32))
            else:
                migrations.upgrade(f"sqlite:///{(half / 'state' / 'csp.sqlite').absolute()}")
        return place

    def refuse_taken(self, name: str) -> None:
        """Raise PreconditionFailed where a site could not get this name."""
        place = self.place_of(name)
        if place.folder.exists():
            raise PreconditionFailed(f"There is a site {name} in {self.folder} already. Nothing was changed.")
        if self.file.database and holds_anything(self.store_url(name)):
            raise PreconditionFailed(
                f"The database holds a site {name} whose folder is not here: another machine works at it, or its "
                f"folder was lost. Bring its folder to {place.folder}, or choose another name. Nothing was changed."
            )

    @contextmanager
    def making(self, name: str) -> Iterator[Path]:
        """A folder that becomes the site's when all went well, in one step."""
        place = self.place_of(name)
        half = place.folder.with_name(f".{name}")
        shutil.rmtree(half, ignore_errors=True)
        half.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            yield half
            half.rename(place.folder)
        finally:
            shutil.rmtree(half, ignore_errors=True)


def lay_out_fleet(folder: Path) -> None:
    """A new fleet without sites. Raises PreconditionFailed where there is one."""
    file = folder / fleet_file.FLEET_FILE
    if file.exists():
        raise PreconditionFailed(f"{folder} holds a fleet already; nothing was changed.")
    (folder / fleet_file.SITES).mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(_FLEET_TOML, "utf-8")


def write_secrets(folder: Path) -> None:
    """An empty secrets.env that only its owner may read, where there is none."""
    with suppress(FileExistsError):
        (folder / fleet_file.SECRETS).touch(mode=0o600, exist_ok=False)
        (folder / fleet_file.SECRETS).write_text(_SECRETS, "utf-8")


# How they stand --------------------------------------------------------------------------------------


_ON_THE_WAY = ("queued", "claimed", "handing", "unknown", "held")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one site stands: "well", "not ready" (`why` says what hinders it) or "broken" (what has to be mended)."""

    site: str
    state: str
    why: str = ""
    mode: str = ""
    mailbox: str = ""
    beat: str = ""
    """How long ago the last one ended, and how long it took."""
    beat_age: float | None = None
    """The same in seconds; None where none is known."""
    quarters: str = ""
    """Those under way, each with its state and how many of its returns are in which."""
    letters: str = ""
    """How many are on their way, by state."""
    messages: str = ""
    """How many wait for a person."""


def look_at_all(fleet: Fleet, now: float) -> Iterator[Standing]:
    """Every site as it stands. `now` is machine time in seconds."""
    away = ""
    try:
        fleet.reach_database()
    except StoreBusy as fault:  # it is waited for once, not for each
        away = str(fault)
    for name in fleet.list_sites():
        if away:
            yield Standing(site=name, state="broken", why=away)
            continue
        try:
            yield _look(fleet, name, now)
        except Exception as fault:  # noqa: BLE001 - whatever is wrong with one, the others are shown
            yield Standing(site=name, state="broken", why=" ".join((str(fault) or type(fault).__name__).splitlines()))


def _look(fleet: Fleet, name: str, now: float) -> Standing:
    place = fleet.place(name)
    site, service = settings.load(place.config)
    fleet.refuse_shared_mailbox(name)
    with closing(Store(wiring.find_laid_out(service, place.state))) as store:
        beat, counts, hindrances = store.heartbeat(), store.counts(), list_hindrances(store, now)
        return Standing(
            site=name,
            state="not ready" if hindrances else "well",
            why=", ".join(hindrances),
            mode=site.mode.value,
            mailbox=service.adapter,
            beat=f"{max(0.0, now - beat[0]):.0f} s ago, took {beat[1]:.1f} s" if beat else "never",
            beat_age=max(0.0, now - beat[0]) if beat else None,
            quarters="; ".join(_list_quarters(store)),
            letters=", ".join(f"{counts['letter', s]} {s}" for s in _ON_THE_WAY if counts.get(("letter", s))),
            messages=f"{counts['message', 'held']} held" if counts.get(("message", "held")) else "",
        )


def _list_quarters(store: Store) -> Iterator[str]:
    for quarter, state in store.cycle_states().items():
        if state is not CycleState.ARCHIVED:
            yield f"{quarter.key} {state.value}"


# What watches the machine is told -----------------------------------------------------------------

_NO_SITES = "There are no sites"
"""None was added, or their folder is not here: nothing is well then."""

_COLUMNS = ("site", "state", "why", "mode", "mailbox", "beat", "quarters", "letters", "messages")
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="60"><title>{title}</title>
<style>body{{font:16px/1.4 Arial,sans-serif;margin:2rem}}table{{border-collapse:collapse}}
caption{{text-align:left;font-weight:bold;padding:.5rem 0}}
th,td{{text-align:left;vertical-align:top;padding:.3rem .8rem;border-bottom:1px solid #b1b4b6}}</style></head>
<body><main><h1>{title}</h1><table><caption>As at {at}; this page is loaded anew each minute.</caption>
<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></main></body></html>
"""


def answer_fleet(fleet: Fleet, path: str, now: float) -> tuple[int, str, bytes]:
    """What a server says to one question about all sites: status, kind and words. `now` is machine time in seconds."""
    asked = path.partition("?")[0]
    if asked not in {"/", "/livez", "/readyz", "/metrics"}:
        return 404, TEXT, b"Ask for /, /livez, /readyz or /metrics.\n"
    found = tuple(look_at_all(fleet, now))
    if asked == "/":
        return 200, HTML, _write_page(found, now).encode()
    if asked == "/metrics":
        return 200, METRICS, "".join(_write_measures(found)).encode()
    is_ill = _is_still if asked == "/livez" else _is_unwell
    ill = [f"{one.site}: {one.why}" for one in found if is_ill(one)] if found else [_NO_SITES]
    return (503, TEXT, "\n".join((*ill, "")).encode()) if ill else (200, TEXT, b"all well\n")


def _is_still(one: Standing) -> bool:
    return one.beat_age is None or one.beat_age > SILENT


def _is_unwell(one: Standing) -> bool:
    return one.state != "well"


def _write_page(found: tuple[Standing, ...], now: float) -> str:
    ill = sum(map(_is_unwell, found))
    well = f"All {len(found)} sites are well" if found else _NO_SITES
    title = f"{ill} of {len(found)} sites need somebody" if ill else well
    rows = "".join(
        f'<tr><th scope="row">{escape(one.site)}</th>'
        + "".join(f"<td>{escape(getattr(one, name))}</td>" for name in _COLUMNS[1:])
        + "</tr>"
        for one in found
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    return _PAGE.format(title=title, at=f"{in_london(datetime.fromtimestamp(now, UTC)):%H:%M}", head=head, rows=rows)


def _write_measures(found: tuple[Standing, ...]) -> Iterator[str]:
    """The text format of Prometheus, version 0.0.4. A folder that is no site's may be called anything."""
    yield "# HELP csp_site_well 1 while a site can do its work\n# TYPE csp_site_well gauge\n"
    yield from (f"csp_site_well{{site={json.dumps(one.site)}}} {int(not _is_unwell(one))}\n" for one in found)
    yield "# HELP csp_site_beat_age_seconds Since the last beat ended\n# TYPE csp_site_beat_age_seconds gauge\n"
    yield from (
        f'csp_site_beat_age_seconds{{site="{o.site}"}} {o.beat_age:g}\n' for o in found if o.beat_age is not None
    )
