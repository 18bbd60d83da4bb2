"""The archive in the database: whoever reaches the store reaches what it keeps, from whatever machine."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from sqlalchemy import Engine, delete
from sqlmodel import col, select

from csp_workflow.store.engine import Connected, add_once
from csp_workflow.store.tables import ArchivedFileRow

IN_DATABASE = "database"


class DatabaseArchive(Connected):
    """An archive (`csp_workflow.archive.Archive`) in the rows of a store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, data: bytes) -> str:
        """Keep bytes durably and return their hash. Raises DiskFull, StoreBusy; then nothing was kept."""
        name = sha256(data).hexdigest()
        if not self._is_kept(name):
            with self._writing() as session:
                add_once(session, ArchivedFileRow(hash=name, data=data))
        return name

    def fetch(self, name: str) -> bytes:
        """The bytes of a hash. Raises KeyError when they are not there, ValueError when they were changed."""
        with self._reading() as session:
            data = session.exec(select(ArchivedFileRow.data).where(ArchivedFileRow.hash == name)).first()
        if data is None:
            raise KeyError(name)
        if sha256(data).hexdigest() != name:
            raise ValueError(f"The archived file {name[:12]} is not what was kept.")
        return bytes(data)

    def remove(self, name: str) -> None:
        """Remove what was kept under a hash for good. Gone is no matter."""
        with self._writing() as session:
            session.execute(delete(ArchivedFileRow).where(col(ArchivedFileRow.hash) == name))

    def list_names(self) -> Iterator[str]:
        """The hashes of all that is kept."""
        with self._reading() as session:
            yield from session.exec(select(ArchivedFileRow.hash).order_by(col(ArchivedFileRow.hash)))

    def find_identity(self) -> str:
        """It is the store's own: there is but one."""
        return IN_DATABASE

    def take_identity(self, _: str, /) -> None:
        """It has one always."""

    def _is_kept(self, name: str) -> bool:
        with self._reading() as session:
            return session.exec(select(ArchivedFileRow.hash).where(ArchivedFileRow.hash == name)).first() is not None
