"""A site's backup: store, archive, embedded mail and key in one file, made while the service is at work, and put back.

It is an uncompressed tar file that ends with a table of contents, so that a file that was cut off or changed is seen.
Configuration and templates are not in it, nor anything by which a store knows where it is.
"""

from __future__ import annotations

import io
import json
import os
import re
import secrets
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from csp_workflow.archive import DISPOSED, Archive, FolderArchive, Tombstones
from csp_workflow.mail.unpack import identify_content
from csp_workflow.store import Store, migrations
from csp_workflow.store.copying import copy_store, holds_anything, put_back
from csp_workflow.store.engine import file_of
from csp_workflow.store.tables import SHAPE
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.service import DiskFull
from csp_workflow.whereabouts import raise_generation

KEY, STORE, CONTENTS, ARCHIVE, MAIL = "key", "store.sqlite", "contents.json", "archive", "mail"
_FORMAT = 1
_MAILS = re.compile(r"mail/(?:(?:inbox|drafts|sent)/(?:\.[^/.][^/]*/)?(?:new|cur)|listed)/(?P<name>[^/.][^/]*)")
_PIECE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a backup holds: when it was made, of which shape and generation, and each member's size and hash."""

    made: str
    shape: str
    generation: str
    files: Mapping[str, tuple[int, str]]
    damaged: tuple[str, ...] = ()
    """Files of the archive that were not what had been kept, and are therefore not in it."""


# Making one ---------------------------------------------------------------------------------------


def make_backup(file: Path, *, url: str, key: bytes, state: Path, archive: Path | None, now: datetime) -> Contents:
    """Write a site's backup to a new file that only its owner may read. Raises PreconditionFailed, StoreBusy, DiskFull.

    The store comes first: whatever a row of it names was kept before the row was. `archive` is its folder (None: it is
    in the store).
    """
    if file.exists():
        raise PreconditionFailed(f"There is a file {file} already. Name another one.")
    half, copy = file.with_name(f".{file.name}.{os.getpid()}"), file.with_name(f".{file.name}.{os.getpid()}.store")
    try:
        with _own(copy), _full_disk_told(), _create(half) as written, tarfile.open(fileobj=written, mode="w") as tar:
            _create(copy).close()
            copy_store(url, copy)
            contents = _write_members(tar, copy, key=key, state=state, archive=archive, now=now)
            tar.close()
            written.flush()
            os.fsync(written.fileno())
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)
    return contents


def _write_members(
    tar: tarfile.TarFile, copy: Path, *, key: bytes, state: Path, archive: Path | None, now: datetime
) -> Contents:
    files: dict[str, tuple[int, str]] = {}
    damaged: list[str] = []

    def add(name: str, data: bytes, changed: float = 0) -> None:
        files[name] = (len(data), sha256(data).hexdigest())
        tar.addfile(_describe(name, len(data), changed), io.BytesIO(data))

    size, found = _measure(copy)
    with copy.open("rb") as stored:
        tar.addfile(_describe(STORE, size, 0), stored)
    files[STORE] = (size, found)
    add(KEY, key)
    if archive:
        kept = FolderArchive(archive)
        for name in kept.list_names():
            try:
                add(f"{ARCHIVE}/{name}", kept.fetch(name))
            except ValueError:
                damaged.append(name)
    for name, path in _list_mail(state):
        _add_mail(add, name, path)
    store = Store(f"sqlite:///{copy.absolute()}")
    generation = store.stamp("generation")
    store.close()
    contents = Contents(made=now.isoformat(), shape=SHAPE, generation=generation, files=files, damaged=tuple(damaged))
    told = {"format": _FORMAT, **vars(contents)}
    data = json.dumps(told, indent=1, sort_keys=True).encode()
    tar.addfile(_describe(CONTENTS, len(data), 0), io.BytesIO(data))
    return contents


def _list_mail(state: Path) -> Iterator[tuple[str, Path]]:
    """Every message of the embedded mailbox once. One that moves meanwhile is found where it came to."""
    taken: set[str] = set()
    while True:
        fresh = [path for path in (state / MAIL).rglob("*") if path.is_file() and _stem(path) not in taken]
        fresh = [path for path in fresh if _MAILS.fullmatch(path.relative_to(state).as_posix())]
        if not fresh:
            return
        for path in fresh:
            if path.is_file():
                taken.add(_stem(path))
                yield path.relative_to(state).as_posix(), path


def _stem(path: Path) -> str:
    """A message by its name, and whether it is a note about one, wherever it lies."""
    return f"{'listed/' * (path.parent.name == 'listed')}{path.name.partition(':2,')[0]}"


def _add_mail(add: Callable[[str, bytes, float], None], name: str, path: Path) -> None:
    try:
        add(name, path.read_bytes(), path.stat().st_mtime)
    except FileNotFoundError:
        return


# Putting one back ---------------------------------------------------------------------------------


def read_contents(file: Path) -> Contents:
    """A backup's contents, after all of it was read and is what it says. Raises PreconditionFailed with what is not."""
    try:
        with tarfile.open(file, "r:") as tar:
            return _check_members(tar)
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError) as fault:
        raise PreconditionFailed(
            f"{file} is no whole backup: it was cut off or changed, or is another file."
        ) from fault
    except FileNotFoundError as fault:
        raise PreconditionFailed(f"There is no file {file}.") from fault


def _check_members(tar: tarfile.TarFile) -> Contents:
    seen: dict[str, tuple[int, str]] = {}
    told: dict[str, Any] = {}
    for member in tar:
        if not member.isreg() or member.name in seen or told:
            raise ValueError(member.name)
        if member.name == CONTENTS:
            told = json.loads(_open(tar, member).read())
        else:
            seen[member.name] = _hash(_open(tar, member))
    if told.get("format") != _FORMAT and told:
        raise PreconditionFailed("The backup was made by a later version. Put that version in first.")
    files = {str(name): (int(size), str(hashed)) for name, (size, hashed) in told["files"].items()}
    if files != seen or not {KEY, STORE} <= set(files) or not all(map(_is_expected, files)):
        raise ValueError("contents")
    return Contents(made=told["made"], shape=told["shape"], generation=told["generation"], files=files)


def _is_expected(name: str) -> bool:
    is_kept = re.fullmatch(rf"{ARCHIVE}/[0-9a-f]{{64}}", name) is not None
    return name in {KEY, STORE} or is_kept or _MAILS.fullmatch(name) is not None


def restore_backup(
    file: Path, *, url: str, state: Path, archive: Path | None, with_mail: bool, replace: bool, now: datetime
) -> Contents:
    """Put a backup in the place of a site's store. Whoever calls has the site's lock.

    Archive and mail are added to, never taken from: what came after the backup is still there. The store is put in its
    place last, in one step; it notices at the next beat where it is. Raises PreconditionFailed, and nothing was done.
    """
    contents = read_contents(file)
    if not migrations.knows(contents.shape):
        raise PreconditionFailed("The backup was made by a later version. Put that version in first.")
    is_held = holds_anything(url)
    if is_held and not url.startswith("sqlite"):
        raise PreconditionFailed(_FULL_SERVER)
    if is_held and not replace:
        raise PreconditionFailed(
            "The site's store holds something. Nothing was changed. To put the backup in its place all the same, and "
            "keep the old one beside it, add --replace."
        )
    with tarfile.open(file, "r:") as tar, _full_disk_told():
        members = _Members(tar)
        _refuse_other_key(members.read(KEY), state, is_held=is_held)
        place = (file_of(url).parent if url.startswith("sqlite") else state) / f".restored.{os.getpid()}.sqlite"
        with _own(place):
            members.extract(STORE, place)
            _renew(place)
            with closing(Store(f"sqlite:///{place.absolute()}")) as store:
                gone = Tombstones(state / DISPOSED, store, key=members.read(KEY))
                _take_archive(members, store, archive, gone)
                if with_mail:
                    _take_mail(members, state, gone)
            write_key(state, members.read(KEY))
            put_back(place, url, beside=state / f"before-{now:%Y%m%dT%H%M%S}" if is_held else None)
    return contents


class _Members:
    """What is in a backup, by name."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar, self._by_name = tar, {member.name: member for member in tar.getmembers()}

    def list_names(self, beginning: str) -> list[str]:
        return [name for name in self._by_name if name.startswith(beginning)]

    def read(self, name: str) -> bytes:
        return _open(self._tar, self._by_name[name]).read()

    def extract(self, name: str, to: Path) -> None:
        """A member as a file that only its owner may read, with the time that it had."""
        to.unlink(missing_ok=True)
        with _create(to) as file:
            for piece in _list_pieces(_open(self._tar, self._by_name[name])):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        changed = self._by_name[name].mtime
        os.utime(to, (changed, changed))


_FULL_SERVER = (
    "The database on the server holds something, and nothing there is ever removed. Make a new, empty database, name "
    "it in CSP_DATABASE or service.toml, and restore into that one; in a fleet, restore into a new site "
    "(csp-workflow fleet add)."
)


def _refuse_other_key(key: bytes, state: Path, *, is_held: bool) -> None:
    """Another site's key would make every letter of this one a stranger's."""
    ours = state / "key"
    if is_held and ours.is_file() and ours.read_bytes() != key:
        raise PreconditionFailed(
            "The backup is of another site: its key is not this one's. Restore it into a new folder, which "
            "`csp-workflow init DIR` lays out."
        )


def _renew(place: Path) -> None:
    """Bring the store to this version's shape, see that it is sound, and make it another generation."""
    url = f"sqlite:///{place.absolute()}"
    migrations.upgrade(url)
    if faults := migrations.faults(url):
        raise PreconditionFailed("\n".join(("The store in the backup is not sound; nothing was changed.", *faults)))
    store = Store(url)
    store.set_stamp("generation", raise_generation())
    store.close()


def _take_archive(members: _Members, store: Store, folder: Path | None, gone: Tombstones) -> None:
    """What was kept, beside the `store` or in it, comes to where this site keeps it (None: in the store)."""
    archive: Archive = FolderArchive(folder) if folder else store.archive
    for name in members.list_names(f"{ARCHIVE}/"):
        if not gone.holds(name.removeprefix(f"{ARCHIVE}/")):
            archive.keep(members.read(name))
    for name in tuple(store.archive.list_names()):
        if gone.holds(name):
            store.archive.remove(name)
        elif folder:
            archive.keep(store.archive.fetch(name))
    if not archive.find_identity():
        archive.take_identity(secrets.token_hex(16))  # a copy is another archive than the one that was backed up
    store.set_stamp(ARCHIVE, archive.find_identity())


def _take_mail(members: _Members, state: Path, gone: Tombstones) -> None:
    """Messages that lie nowhere in the mailbox any more; one that was moved since stays where it is."""
    there = {_stem(path) for path in (state / MAIL).rglob("*") if path.is_file()}
    for name in members.list_names(f"{MAIL}/"):
        path = state / name
        if _stem(path) not in there and not gone.holds(identify_content(members.read(name))):
            path.parent.mkdir(parents=True, exist_ok=True)
            half = path.with_name(f".{path.name}")
            members.extract(name, half)
            half.replace(path)


def write_key(state: Path, key: bytes) -> None:
    """Put a site's key in its place, in one step and for its owner alone."""
    path = state / "key"
    if path.is_file() and path.read_bytes() == key:
        return
    half = state / f".key.{os.getpid()}"
    with _own(half), _create(half) as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
        half.replace(path)


# Files --------------------------------------------------------------------------------------------


def _create(path: Path) -> IO[bytes]:
    """A new file that only its owner may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


@contextmanager
def _own(path: Path) -> Iterator[None]:
    """A file made on the way, which nobody finds afterwards."""
    path.unlink(missing_ok=True)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _full_disk_told() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise DiskFull(f"It could not be written: {fault.strerror}. Nothing was changed but files added.") from fault


def _describe(name: str, size: int, changed: float) -> tarfile.TarInfo:
    told = tarfile.TarInfo(name)
    told.size, told.mtime, told.mode = size, int(changed), 0o600
    return told


def _open(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    opened = tar.extractfile(member)
    if opened is None:
        raise ValueError(member.name)
    return opened


def _measure(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return _hash(file)


def _hash(file: IO[bytes]) -> tuple[int, str]:
    hashed, size = sha256(), 0
    for piece in _list_pieces(file):
        hashed.update(piece)
        size += len(piece)
    return size, hashed.hexdigest()


def _list_pieces(file: IO[bytes]) -> Iterable[bytes]:
    while piece := file.read(_PIECE):
        yield piece
