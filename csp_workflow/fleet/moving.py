"""A site that goes elsewhere, is renamed, taken in, handed over or removed: whole, and never at work in two places.

What a site is lies in its folder and in its store. Where the store stays (two machines at one database) only the folder
goes. Where it does not, the store is fenced first, copied, and let go at its new place last: cut off at any point, the
site works nowhere, and the same command goes on.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from csp_workflow import backup, settings, upkeep, wiring
from csp_workflow.fleet import Fleet, write_secrets
from csp_workflow.settings import KeptSettings, fleet_file
from csp_workflow.store import Store, find_schema, migrations, name_place
from csp_workflow.store.copying import copy_store, drop_store, holds_anything, put_back
from csp_workflow.terms.dates import CycleState
from csp_workflow.terms.events import Decision, Event, Happened, LetterState, PreconditionFailed
from csp_workflow.terms.phrases import plural
from csp_workflow.terms.service import ConfigInvalid

_HANDED = (LetterState.HANDING, LetterState.UNKNOWN)
_WAITING = (LetterState.QUEUED, LetterState.CLAIMED, LetterState.HELD, *_HANDED)
_UNDER_WAY = {CycleState.IN_PROOF, CycleState.OPEN}
_STAYS = ("csp.sqlite*", "archive", "lock", "key", "whereabouts.json", ".*", "before-*")
"""What a state folder does not bring along as it is: it is brought with the store, or is of that place alone."""


@dataclass(frozen=True)
class _End:
    """One end of a move: a site's folder, and the URL of its store."""

    folder: Path
    url: str

    @property
    def is_shared(self) -> bool:
        return bool(find_schema(self.url))


def move_site(fleet: Fleet, name: str, to: Path, now: datetime) -> str:
    """Move a site to another fleet's folder, or out of all into a folder of its own. A sentence that says what follows.

    Raises LockHeld while it is at work, PreconditionFailed while a letter is being handed over or where it cannot go.
    """
    source = _End(fleet.place(name).folder, fleet.store_url(name))
    if (to / fleet_file.FLEET_FILE).is_file():
        target = _find_end(Fleet(to), name, source.folder)
    else:
        _refuse_among_sites(to)
        target = _End(to, f"sqlite:///{(to / 'state' / 'csp.sqlite').absolute()}")
    said = _move(source, target, now)
    fleet.let_go(name)
    return said


def rename_site(fleet: Fleet, name: str, new: str, now: datetime) -> str:
    """Give a site another name: it moves to it as it would to another place. Raises as `move_site` does."""
    source = _End(fleet.place(name).folder, fleet.store_url(name))
    said = _move(source, _End(fleet.place_of(new).folder, fleet.store_url(new)), now)
    fleet.let_go(name)
    return said


def take_in(fleet: Fleet, name: str, folder: Path, now: datetime) -> str:
    """Take a site that is by itself into a fleet under a name. A sentence that says what follows."""
    if not (folder / "config").is_dir() or not (folder / "state").is_dir():
        raise PreconditionFailed(f"{folder} holds no site: a folder with config and state is wanted.")
    _, service = settings.load(folder / "config")
    source = _End(folder, wiring.find_laid_out(service, folder / "state"))
    return _move(source, _find_end(fleet, name, folder), now)


def _find_end(fleet: Fleet, name: str, comes_from: Path) -> _End:
    """Where a site will be in a fleet. Raises PreconditionFailed where another there reads its mailbox."""
    fleet.refuse_shared_mailbox(name, comes_from / "config")
    return _End(fleet.place_of(name).folder, fleet.store_url(name))


def _refuse_among_sites(place: Path) -> None:
    """Raise PreconditionFailed for a folder among a fleet's sites, or in one: it would be taken for one, or go away."""
    if fleet_file.lies_among_sites(place):
        raise PreconditionFailed(
            f"{place} lies among the sites of a fleet. Nothing was changed: name a folder elsewhere. Another name is "
            "given by csp-workflow fleet rename."
        )


# Moving ------------------------------------------------------------------------------------------


def _move(source: _End, target: _End, now: datetime) -> str:
    if source.folder.resolve() == target.folder.resolve():
        raise PreconditionFailed(f"The site is in {target.folder} already. Nothing was moved.")
    with _held(source, bound_for=name_place(target.url)) as store:
        is_begun = bool(store.stamp(wiring.MOVED))
        if not is_begun:
            _refuse_handing(store)
        if name_place(target.url) == name_place(source.url):
            if not _is_occupied(target.folder):  # else it was brought before: what has this store is this site
                _bring_folder(source, target)
            _put_aside(source, now)
            return f"The site is in {target.folder}, at the same store, and goes on from there."
        if not is_begun:
            _refuse_taken(target)
        store.set_stamp(wiring.MOVED, name_place(target.url))
        if not (is_begun and _is_occupied(target.folder)):
            with _going_on_here(store, target) if not is_begun else nullcontext():
                _bring_folder(source, target, store)
        _bring_archive(source, target, store)
    _put_aside(source, now)
    return (
        f"The site is in {target.folder} with all that it holds. Its next beat there compares it with the mailbox and "
        "tells the co-ordinator in one letter what it found; nothing else leaves before RELEASE."
    )


@contextmanager
def _held(end: _End, *, bound_for: str = "") -> Iterator[Store]:
    """A site's store, and the site to ourselves. Raises LockHeld, PreconditionFailed where it went elsewhere."""
    with closing(Store(end.url)) as store:
        lock = end.folder / "state" / "lock"
        with store.sole_worker(waits=True) if end.is_shared else wiring.lock_folder(lock, wanted=True):
            if store.stamp(wiring.MOVED) != bound_for:
                wiring.refuse_changed(store)
            yield store


def _refuse_handing(store: Store) -> None:
    doubted = store.letters(*_HANDED)
    if doubted:
        named = ", ".join(letter.id[:8] for letter in doubted[:5])
        raise PreconditionFailed(
            f"It is not known yet whether {plural(len(doubted), 'letter')} left ({named}). Let the site beat until "
            "that is settled, or say what became of it: csp-workflow outbox resolve. Then move the site."
        )


@contextmanager
def _going_on_here(store: Store, target: _End) -> Iterator[None]:
    """What fails before anything lies in the new place, as on a full disk, leaves the site at work where it is."""
    try:
        yield
    except Exception:
        if not holds_anything(target.url):
            store.set_stamp(wiring.MOVED, "")
        raise


def _is_occupied(folder: Path) -> bool:
    return folder.exists() and any(folder.iterdir())


def _refuse_taken(target: _End) -> None:
    if _is_occupied(target.folder):
        raise PreconditionFailed(f"{target.folder} holds something already. Nothing was moved: name another place.")
    if holds_anything(target.url):
        raise PreconditionFailed(
            f"There is a store at {name_place(target.url)} already that holds something. Nothing was moved."
        )


def _bring_folder(source: _End, target: _End, store: Store | None = None) -> None:
    """Copy what a site's folder holds, and its `store` where that goes along; in its place in one step, when whole."""
    half = target.folder.with_name(f".{target.folder.name}")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700, parents=True)
    for folder in ("config", "templates"):
        if (source.folder / folder).is_dir():
            shutil.copytree(source.folder / folder, half / folder)
    shutil.copytree(source.folder / "state", half / "state", ignore=shutil.ignore_patterns(*_STAYS))
    if (source.folder / fleet_file.SECRETS).is_file():
        shutil.copy2(source.folder / fleet_file.SECRETS, half / fleet_file.SECRETS)
    write_secrets(half)
    if store is not None:
        _bring_store(source, target, half / "state")
    half.rename(target.folder)


def _bring_store(source: _End, target: _End, state: Path) -> None:
    """Copy a store, fenced as it is, with its key: into the database where machines share it, else beside it."""
    _, service = settings.load(source.folder / "config")
    key, copy = wiring.read_key(service, source.folder / "state"), state / ".moving.sqlite"
    url = target.url if target.is_shared else f"sqlite:///{(state / 'csp.sqlite').absolute()}"
    if not holds_anything(url):  # else it was copied before the move was cut off
        copy_store(source.url, copy)
        with closing(Store(f"sqlite:///{copy.absolute()}")) as copied:
            copied.set_stamp(wiring.KEY, key.hex() if target.is_shared else "")
        put_back(copy, url, beside=None)
        copy.unlink(missing_ok=True)
    if not target.is_shared:
        backup.write_key(state, key)


def _bring_archive(source: _End, target: _End, store: Store) -> None:
    """Have what is kept where the new place keeps it; then the fence falls there."""
    _, ours = settings.load(source.folder / "config")
    by_itself: dict[str, str] | None = {} if target.folder.parent.name != fleet_file.SITES else None
    _, theirs = settings.load(target.folder / "config", environment=by_itself)
    with closing(Store(target.url)) as there:
        kept = wiring.choose_archive(ours, source.folder / "state", store)
        upkeep.take_files(there, wiring.choose_archive(theirs, target.folder / "state", there), kept)
        there.set_stamp(wiring.MOVED, "")


def _put_aside(end: _End, now: datetime) -> None:
    """A folder that was moved out of a fleet lies beside its sites, where nobody works at it."""
    if end.folder.parent.name == fleet_file.SITES:
        aside = end.folder.parent.parent / "moved" / f"{end.folder.name}-{now:%Y%m%dT%H%M%S}"
        aside.parent.mkdir(mode=0o700, exist_ok=True)
        end.folder.rename(aside)


# Removing ----------------------------------------------------------------------------------------


def remove_site(fleet: Fleet, name: str, to: Path, now: datetime) -> str:
    """Remove a site that has ended, once all of it lies in a new folder. A sentence that says what is there.

    Raises PreconditionFailed, and nothing was removed, while a quarter is under way or a letter waits. Cut off, it
    goes on when the same order is given again.
    """
    _refuse_among_sites(to)
    end = _End(fleet.place_of(name).folder, fleet.store_url(name))
    gone = end.folder.with_name(f".removed-{name}")
    if not gone.exists():
        _set_apart(fleet, name, to, now)
        fleet.let_go(name)
        end.folder.rename(gone)
    if end.is_shared:
        drop_store(end.url)
    shutil.rmtree(gone)
    return (
        f"The site {name} is gone from here. {to} holds all of it: its backup, with the key, and its configuration. "
        "To put it back: csp-workflow init DIR, bring config and templates there, csp-workflow db restore."
    )


def _set_apart(fleet: Fleet, name: str, to: Path, now: datetime) -> None:
    """All of a site that has ended, in a new folder, which is there when it is whole; the site works no more."""
    place = fleet.place(name)
    with _held(_End(place.folder, fleet.store_url(name)), bound_for=str(to.absolute())) as store:
        is_begun = bool(store.stamp(wiring.MOVED))
        if to.exists() and not is_begun:
            raise PreconditionFailed(f"There is a {to} already. Name a new folder.")
        _refuse_under_way(store, name)
        if not is_begun:
            half = to.with_name(f".{to.name}")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir(mode=0o700, parents=True)
            upkeep.make_backup(place.config, place.state, half / "backup", now)
            backup.read_contents(half / "backup")
            for folder in ("config", "templates"):
                if (place.folder / folder).is_dir():
                    shutil.copytree(place.folder / folder, half / folder)
            half.rename(to)
            store.set_stamp(wiring.MOVED, str(to.absolute()))


def _refuse_under_way(store: Store, name: str) -> None:
    waiting = store.letters(*_WAITING)
    open_ = [quarter for quarter, state in store.cycle_states().items() if state in _UNDER_WAY]
    reasons = [f"{plural(len(waiting), 'letter')} not sent yet"] if waiting else []
    reasons += [f"{quarter} is under way" for quarter in open_]
    if reasons:
        raise PreconditionFailed(
            f"{name} is not removed: {', and '.join(reasons)}. Let it come to its end (csp-workflow cycle close, "
            "outbox list), or take it elsewhere as it is: csp-workflow fleet move."
        )


# Upgrading ----------------------------------------------------------------------------------------


def upgrade_site(fleet: Fleet, name: str) -> dict[str, str]:
    """Bring one site's store and files to this version; whatever fails leaves the store as it was."""
    place = fleet.place(name)
    fleet.let_go(name)
    said = upkeep.upgrade_store(place.config, place.state)
    kept = [line for line in settings.update_folders(place.folder).tell() if line.startswith("Kept")]
    wiring.load_whole(place.config)
    if faults := migrations.faults(fleet.store_url(name)):
        raise PreconditionFailed(" ".join(faults))
    return {"done": " ".join((said, *(line.partition(". What")[0] for line in kept)))}


# Handing over -------------------------------------------------------------------------------------


def hand_over(fleet: Fleet, name: str, config: Path, now: datetime) -> str:
    """Give a site to the body that takes over: its configuration in the place of the old one, all history kept.

    Its secrets are its own to give. Nothing leaves before its co-ordinator says RELEASE. A sentence that says what
    follows. Raises ConfigInvalid with every fault of the new configuration, PreconditionFailed while letters wait.
    """
    _refuse_configuration(fleet, name, config)
    folder = fleet.place_of(name).folder
    if folder.is_dir():
        _undo_cut_off(folder)
    place = fleet.place(name)
    old, _ = settings.load(place.config)
    new, service = settings.load(config, environment={})
    with _held(_End(folder, fleet.store_url(name))) as store:
        if waiting := store.letters(*_WAITING):
            raise PreconditionFailed(
                f"{plural(len(waiting), 'letter')} in the old body's name not sent yet. Let them leave, or say what "
                "becomes of them (csp-workflow outbox list). Then hand over."
            )
        if found := KeptSettings(config, new, store).find_faults(store.setups()):
            raise ConfigInvalid(found)
        before = folder / f"{_BEFORE}{now:%Y%m%dT%H%M%S}"
        before.mkdir(mode=0o700)
        shutil.copytree(config, before / _NEW)
        bodies = [f"{site.office.name} ({site.office.mailbox})" for site in (old, new)]
        why = f"The service was handed over by {bodies[0]} to {bodies[1]}."
        event = Event(kind=Happened.STORE_MOVED, at=now, by="fleet hand-over", facts={"why": why})
        store.set_stamp("mailbox", new.office.mailbox)
        store.set_stamp("mailbox name", f"{service.adapter}:{new.office.mailbox}")
        store.save_read_from(now, anew=True)
        store.commit(Decision(events=(event,)), at=now)
        if (folder / fleet_file.SECRETS).is_file():
            (folder / fleet_file.SECRETS).rename(before / fleet_file.SECRETS)
        write_secrets(folder)
        place.config.rename(before / "config")
        (before / _NEW).rename(place.config)
    fleet.let_go(name)
    return (
        f"The site {name} is {new.office.name}'s, with all its history. Put its secrets into "
        f"{place.folder / fleet_file.SECRETS}. Its next beat tells {new.office.co_ordinator.address} in one letter how "
        "it stands; nothing else leaves before RELEASE. Have the old mailbox forward to the new one: answers still go "
        "there."
    )


def _refuse_configuration(fleet: Fleet, name: str, config: Path) -> None:
    if not config.is_dir():
        raise PreconditionFailed(f"There is no folder {config}. Name the configuration of the body that takes over.")
    _refuse_among_sites(config)
    fleet.refuse_shared_mailbox(name, config)


_BEFORE, _NEW = "before-hand-over-", "new"


def _undo_cut_off(folder: Path) -> None:
    """Put the old body's files back where a hand-over was cut off: then the new configuration still lies there."""
    for before in folder.glob(f"{_BEFORE}*"):
        if (before / _NEW).exists() or not (before / "config").exists():
            for name in ("config", fleet_file.SECRETS):
                if (before / name).exists():
                    (before / name).replace(folder / name)
            shutil.rmtree(before)
