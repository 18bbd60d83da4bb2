"""Chooses the real outside for a site: the only place that names concrete adapters."""

from __future__ import annotations

import fcntl
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from csp_workflow import settings
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.service import ConfigInvalid, ExchangeMailbox, GraphMailbox, InternetMailbox, LockHeld, Mode
from csp_workflow.terms.site import Service, Site

if TYPE_CHECKING:
    from csp_workflow.archive import Archive
    from csp_workflow.mailboxes.mailbox import Mailbox, RealMailbox
    from csp_workflow.sandbox import Sandbox
    from csp_workflow.steps.beat import Beat
    from csp_workflow.steps.outside import Outside
    from csp_workflow.steps.post import Posted
    from csp_workflow.store import Store
    from csp_workflow.whereabouts import Whereabouts

UNGUARDED = (
    "protects it from what people attach. Run the service where it is allowed, or write limits.unguarded = true in "
    "service.toml to go live without it."
)
ARCHIVE = "archive"
_OTHER_ARCHIVE = (
    "This archive is not the one in which the store has its messages and letters. If the store was moved, bring along "
    "its archive (the folder `archive` of its state folder). If several machines work at one database, have one "
    'archive for all: write archive = "database" into the service.toml of each (or the path of a folder that all '
    "of them reach), and take over there what was kept until now, with: csp-workflow db take-archive FOLDER"
)
KEY, MOVED = "key", "moved to"
_MOVED_AWAY = (
    "This site was moved to {place}, and works nowhere else any more. If the move was cut off, give the same order "
    "again."
)
_OTHER_KEY = (
    "The key in {state} is not the one of the site in this database: what it seals nobody else would know. Remove the "
    "file `key` there if the folder is to work at this site; otherwise name the right database."
)
NO_SITE = "{state} holds no site. Lay one out with: csp-workflow init DIR"


@dataclass(frozen=True)
class Wired:
    """A site with its outside, ready to work. `stopping` ends a beat after the message in hand."""

    outside: Outside
    stopping: threading.Event = field(default_factory=threading.Event)
    is_shared: bool = False
    """Whether its store is one of many in a database."""

    def tick(self, now: datetime) -> Beat:
        """One beat of the service."""
        from csp_workflow.steps import beat

        return beat.tick(self.outside, now)

    def post(self, now: datetime) -> Posted:
        """Send what may leave now."""
        from csp_workflow.steps import comparing, post

        comparing.look_around(self.outside, now)
        return post.post(self.outside, now)

    @contextmanager
    def hold(self, *, waits: bool = True) -> Iterator[None]:
        """Have a site that shares its database to ourselves, whatever machine others are on. Raises LockHeld."""
        with self.outside.store.sole_worker(waits=waits):
            yield

    def close(self) -> None:
        """Let the mailbox, the sandbox and the store go."""
        self.outside.mailbox.close()
        self.outside.sandbox.close()
        self.outside.store.close()


@contextmanager
def open_site(
    config: Path, state: Path, *, now: datetime, pretended: bool = False, working: bool = True
) -> Iterator[Wired]:
    """A site, opened. `working` takes the site's lock (LockHeld when another has it) and guards the clock.

    Raises ConfigInvalid with every fault, PreconditionFailed when there is no store or the time
    cannot be.
    """
    site, service = load_whole(config) if working else settings.load(config)
    if pretended and service.adapter != "maildir":
        raise PreconditionFailed("--now works with the embedded mailbox only: a live service never lies about time.")
    find_laid_out(service, state)
    with lock_folder(state / "lock", wanted=working and not find_shared_schema(service)):
        wired = wire(site, service, config=config, state=state)
        try:
            with wired.hold() if working and wired.is_shared else nullcontext():
                if working:
                    refuse_without_guards(site, wired.outside.sandbox)
                if working and pretended:
                    _refuse_going_back(wired.outside.store, now)
                yield wired
        finally:
            wired.close()


def load_whole(config: Path) -> tuple[Site, Service]:
    """The settings of a site that works: its letters must be there too. Raises ConfigInvalid with every fault."""
    loaded = settings.load(config)
    if found := settings.find_template_faults(config):
        raise ConfigInvalid(found)
    return loaded


def wire(site: Site, service: Service, *, config: Path, state: Path, **others: Any) -> Wired:
    """Site and settings -> the outside they name. `others` replaces parts, for the crash matrix.

    Raises ConfigInvalid when mode, mailbox, machine and store do not agree.
    """
    from csp_workflow.archive import DISPOSED, Tombstones
    from csp_workflow.sandbox import Sandbox
    from csp_workflow.settings import KeptSettings
    from csp_workflow.steps.outside import Outside
    from csp_workflow.store import Store

    store = Store(find_database(service, state))
    try:
        refuse_changed(store)
    except PreconditionFailed:
        store.close()
        raise
    kept = KeptSettings(config, site, store)
    site = kept.assemble(store.setups())
    _refuse_disagreement(site, service, store)
    _refuse_redefined(site, store)
    archive = choose_archive(service, state, store)
    _refuse_other_archive(archive, store)
    stopping, key = threading.Event(), _agree_key(service, state, store)
    tombstones = Tombstones(state / DISPOSED, store, key=key)
    tombstones.level()
    parts: dict[str, Any] = {
        "settings": kept,
        "store": store,
        "mailbox": _choose_mailbox(site, service, state),
        "mailbox_name": f"{service.adapter}:{site.office.mailbox}",
        "archive": archive,
        "tombstones": tombstones,
        "sandbox": Sandbox(limits=site.limits),
        "templates": _load_templates(config),
        "report_base": cache(lambda: settings.read_report_base(config)),
        "page_templates": cache(lambda: settings.read_page_templates(config)),
        "key": key,
        "clock": time.time,  # noqa: TID251 - leases use machine time
        "alone": not service.database,  # the store in the state folder is ours while we have the folder's lock
        # A beat comes once a minute. The embedded mailbox takes whatever it is given.
        "letters_a_beat": _choose_pace(site, service),
        "read_from": service.read_from,
        "sign_in_until": service.sign_in_until,
        "stopping": stopping.is_set,
        "here": find_whereabouts(site, service, state),
        "road": _choose_road(site, service),
    }
    return Wired(Outside(**{**parts, **others}), stopping, is_shared=bool(find_shared_schema(service)))


def refuse_changed(store: Store) -> None:
    """Raise PreconditionFailed where a store is at work elsewhere by now, or in another version's shape."""
    store.refuse_other_shapes()
    if place := store.stamp(MOVED):
        raise PreconditionFailed(_MOVED_AWAY.format(place=place))


def find_whereabouts(site: Site, service: Service, state: Path) -> Whereabouts:
    """Where this is. Machines may share a database on a server: of that it is not asked which of them this is.

    Nor of a store that the configuration names from which folder it is worked at: several workers have one each.
    """
    from csp_workflow.store import name_place
    from csp_workflow.whereabouts import NOTE, Whereabouts, name_machine

    url = find_database(service, state)
    machine = name_machine(service.machine) if url.startswith("sqlite") else ""
    mailbox = f"{service.adapter}:{site.office.mailbox}"
    folder = "" if service.database else str(state.absolute())
    facts = {"machine": machine, "place": name_place(url), "mailbox": mailbox, "folder": folder}
    return Whereabouts(facts=facts, note=state / NOTE)


_COMPARED = "configuration held against what was sent"


def _refuse_redefined(site: Site, store: Store) -> None:
    """Nothing may silently come to mean another thing. To look takes long, so a site is looked at once."""
    from csp_workflow.settings import find_redefined

    agreed = store.service_status().agreeing.agreed
    site_digest = sha256(repr((site.respondents, site.frameworks, site.actions, agreed)).encode()).hexdigest()
    if store.stamp(_COMPARED) == site_digest:
        return
    if found := find_redefined(site, store):
        store.close()
        raise ConfigInvalid(found)
    store.set_stamp(_COMPARED, site_digest)


def find_database(service: Service, state: Path) -> str:
    """The store's URL: the configured one, or SQLite in the state folder."""
    return service.database or f"sqlite:///{(state / 'csp.sqlite').absolute()}"


def choose_archive(service: Service, state: Path, store: Store) -> Archive:
    """The archive that service.toml names."""
    from csp_workflow.archive import FolderArchive

    folder = find_archive_folder(service, state)
    return FolderArchive(folder) if folder else store.archive


def find_archive_folder(service: Service, state: Path) -> Path | None:
    """The folder of the archive; None where it is in the database."""
    from csp_workflow.store import IN_DATABASE

    return None if service.archive == IN_DATABASE else state / (service.archive or "archive")


def lay_out_site(directory: Path) -> None:
    """A new site: config, templates, a key and an empty store. Raises PreconditionFailed when one is there."""
    from csp_workflow.store import migrations

    settings.lay_out_folders(directory)
    migrations.upgrade(f"sqlite:///{(directory / 'state' / 'csp.sqlite').absolute()}")


def find_laid_out(service: Service, state: Path) -> str:
    """The URL of the store that belongs to a site which was laid out. Raises PreconditionFailed where none was."""
    if not is_laid_out(service, state):
        raise PreconditionFailed(NO_SITE.format(state=state))
    return find_database(service, state)


def is_laid_out(service: Service, state: Path) -> bool:
    """Whether there is a site. One that shares its database has its key there, and only what can be missed here."""
    if (state / "key").is_file():
        return True
    if not find_shared_schema(service):
        return False
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    return True


def find_shared_schema(service: Service) -> str:
    """The schema of a site that shares its database with others; "" where it has one to itself, or a file."""
    from csp_workflow.store import find_schema

    return find_schema(service.database) if service.database else ""


def read_key(service: Service, state: Path) -> bytes:
    """A site's key: beside its store, or in it where several machines work. Raises PreconditionFailed without one."""
    from csp_workflow.store import Store

    if (state / "key").is_file():
        return (state / "key").read_bytes()
    store = Store(find_laid_out(service, state))
    try:
        return _agree_key(service, state, store)
    finally:
        store.close()


def _agree_key(service: Service, state: Path, store: Store) -> bytes:
    """The key, which every machine at a database on a server has from there: another one would make strangers' letters.

    Raises PreconditionFailed without one, and where two differ.
    """
    file = state / "key"
    own = file.read_bytes().hex() if file.is_file() else ""
    known = (store.stamp(KEY) or (own and store.add_stamp(KEY, own))) if service.database else own
    refusal = _OTHER_KEY if own and own != known else "" if known else NO_SITE
    if refusal:
        store.close()
        raise PreconditionFailed(refusal.format(state=state))
    return bytes.fromhex(known)


# Choosing -----------------------------------------------------------------------------------------


def _choose_mailbox(site: Site, service: Service, state: Path) -> Mailbox:
    if service.mailbox is None:
        from csp_workflow.mailboxes.maildir import Maildir

        mailbox: Mailbox = Maildir(state / "mail", limit=site.limits.message_bytes)
    else:
        from csp_workflow.mailboxes.mailbox import PatientMailbox

        mailbox = cast("Mailbox", PatientMailbox(real_mailbox(site, service)))
    if site.mode is Mode.REDIRECT:
        from csp_workflow.mailboxes.mailbox import RedirectedMailbox

        return cast("Mailbox", RedirectedMailbox(mailbox, to=site.office.co_ordinator.address))
    return mailbox


def _choose_pace(site: Site, service: Service) -> int | None:
    """How many letters may leave within a minute: as the site says, and no more than its mail system takes."""
    if service.mailbox is None:
        return None
    return min(site.limits.letters_a_minute, service.mailbox.most_a_minute or site.limits.letters_a_minute)


def _choose_road(site: Site, service: Service) -> Mailbox | None:
    """The other road for letters about trouble; in a rehearsal nothing leaves by any."""
    if site.watch.road is None or site.mode is Mode.REHEARSAL:
        return None
    from csp_workflow.mailboxes.internet.sending import SmtpRoad

    road = cast("Mailbox", SmtpRoad(site.watch.road, service.alert_password, address=site.office.mailbox))
    if site.mode is Mode.REDIRECT:
        from csp_workflow.mailboxes.mailbox import RedirectedMailbox

        return cast("Mailbox", RedirectedMailbox(road, to=site.office.co_ordinator.address))
    return road


def real_mailbox(site: Site, service: Service) -> RealMailbox:
    """The adapter that service.toml names; each brings heavy libraries, so only the chosen one is loaded.

    Raises ConfigInvalid when its secret is missing.
    """
    if missing := service.missing_secret():
        raise ConfigInvalid((missing,))
    limit, address = site.limits.message_bytes, site.office.mailbox
    match service.mailbox:
        case InternetMailbox() as mailbox:
            from csp_workflow.mailboxes.internet import Internet

            return Internet(mailbox, service.secrets, address=address, limit=limit)
        case ExchangeMailbox() as mailbox:
            from csp_workflow.mailboxes.exchange import Exchange

            return Exchange(mailbox, service.secrets, address=address, limit=limit)
        case GraphMailbox() as mailbox:
            from csp_workflow.mailboxes.graph import Graph

            return Graph(mailbox, service.secrets, address=address, limit=limit)
        case None:
            raise AssertionError("The embedded mailbox is no mail system.")


def find_disagreement(site: Site, service: Service, store: Store) -> str:
    """Why mode, mailbox, machine and store do not let the service start, in a sentence; "" when they do."""
    from csp_workflow.post.leaving import judge_mode

    return judge_mode(
        site.mode,
        adapter=service.adapter,
        trust=site.trust.profile,
        mailbox=site.office.mailbox,
        environment=service.environment,
        stamped_environment=store.stamp("environment"),
        stamped_mailbox=store.stamp("mailbox"),
    )


def _refuse_disagreement(site: Site, service: Service, store: Store) -> None:
    if refusal := find_disagreement(site, service, store):
        store.close()
        raise ConfigInvalid((refusal,))
    if not store.stamp("environment"):
        store.set_stamp("environment", (Mode.LIVE if site.mode.is_real else site.mode).value)
        store.set_stamp("mailbox", site.office.mailbox)


def find_archive_fault(archive: Archive, store: Store) -> str:
    """Why an archive cannot be this store's, in a sentence; "" when it is.

    One without an identity is told by its files. Any will do for a store that has kept nothing yet
    and was never seen with another.
    """
    known, found = store.stamp(ARCHIVE), archive.find_identity()
    if known and known == found:
        return ""
    kept = store.last_kept()
    is_other = known and (found or not kept)
    return _OTHER_ARCHIVE if is_other or not holds_all(archive, kept) else ""


def holds_all(archive: Archive, names: Iterable[str]) -> bool:
    """Whether an archive has all of these, as they were kept."""
    try:
        return all(archive.fetch(name) is not None for name in names)
    except (KeyError, ValueError):
        return False


def _refuse_other_archive(archive: Archive, store: Store) -> None:
    """Two archives at one store would each lack what the other has: letters without bytes, messages that are lost."""
    refusal = find_archive_fault(archive, store)
    if not refusal:
        if not archive.find_identity():
            archive.take_identity(store.stamp(ARCHIVE) or secrets.token_hex(16))
        known = store.stamp(ARCHIVE) or store.add_stamp(ARCHIVE, archive.find_identity())
        refusal = "" if known == archive.find_identity() else _OTHER_ARCHIVE  # another machine was first
    if refusal:
        store.close()
        raise PreconditionFailed(refusal)


def refuse_without_guards(site: Site, sandbox: Sandbox) -> None:
    """Other people's files are opened live only where every guard is in place, or the site says that it knows."""
    if not site.mode.is_real or site.limits.unguarded:
        return
    if missing := sandbox.missing_guards():
        sandbox.close()
        raise ConfigInvalid((f"This machine does not allow {' and '.join(missing)}, which {UNGUARDED}",))


def _load_templates(config: Path) -> Callable[[], Any]:
    @cache
    def environment() -> Any:
        from csp_workflow.letters.catalogue import environment as made

        return made(settings.read_templates(config))

    return environment


@contextmanager
def lock_folder(lock: Path, *, wanted: bool) -> Iterator[None]:
    """One worker at a time on one state folder."""
    if not wanted:
        yield
        return
    with lock.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise LockHeld("Another csp-workflow is working on this site. Wait for it, or stop it first.") from fault
        yield


def _refuse_going_back(store: Store, now: datetime) -> None:
    """Pretended time only goes on: from the latest moment at which any command worked here."""
    last = store.stamp("latest moment")
    if last and now < datetime.fromisoformat(last):
        raise PreconditionFailed(f"This site has already seen {last}; --now may not go back before that.")
    store.set_stamp("latest moment", now.isoformat())
