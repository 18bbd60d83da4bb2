"""The engine: settings by SQLite version, writers begin at once, PostgreSQL by URL, faults in our own words.

At its end how rows are added where a repeat must change nothing.
"""

from __future__ import annotations

import fcntl
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache, cached_property, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, literal, make_url, text
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, PendingRollbackError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlmodel import Session, SQLModel

from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.service import DiskFull, StoreBusy

_WAL_FIXED = (3, 51, 3)
_WAL_BACKPORTS = {(3, 50): 7, (3, 44): 6}
BUSY_SECONDS = 10
_FAR_AWAY = {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afs", "ceph", "glusterfs", "lustre", "ncpfs", "gpfs"}
LEASE = 100.0
"""Seconds of machine time for which a message or a letter that is claimed, or a hand-over, is its worker's own."""

PATIENCE = {
    "connect_timeout": BUSY_SECONDS,
    "keepalives_idle": 30,
    "tcp_user_timeout": 30_000,
    "options": "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s",
}
"""How long a PostgreSQL server and the line to it may keep us waiting."""

P = ParamSpec("P")
T = TypeVar("T")

_NO_SPACE = re.compile(r"disk is full|No space left on device")
"""What SQLite and PostgreSQL say of a full disk."""

_REFUSAL = re.compile(r"FATAL:\s+(.+)")
_NOT_ALLOWED = "42501"
"""What a server says to whom it does not let in, and the number of what it lets nobody do without the right."""

_FAULTS = (OperationalError, InterfaceError, PendingRollbackError, PoolExhausted, sqlite3.OperationalError)


def wal_is_safe(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite has the fix for lost write-ahead logs (3.51.3, or a backport of it)."""
    backport = _WAL_BACKPORTS.get((version[0], version[1]))
    return version >= _WAL_FIXED or (backport is not None and version[2] >= backport)


def open_engine(url: str, *, create: bool = False, pragmas: bool = True) -> Engine:
    """An engine of its own for a store's URL: sqlite:///..., or postgresql://... with `?schema=NAME` for one of many.

    Only `create` (the migrations) may make a file. Raises PreconditionFailed on an address of another kind, a missing
    store, or one on a network share, where SQLite's locks do not hold.
    """
    address = read_address(url)
    if address.drivername != "sqlite":
        return open_postgresql(address, {} if create else PATIENCE)
    file = file_of(url)
    if not create and not file.is_file():
        raise PreconditionFailed(
            f"There is no store at {file}. A store is made by `csp-workflow init DIR`, never by a first run."
        )
    _refuse_network_share(file)
    made = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(made, "connect", _set_up_sqlite if pragmas else _by_hand)
    event.listen(made, "begin", _begin_at_once)
    return made


_POSTGRESQL = "postgresql+psycopg"


def read_address(url: str) -> URL:
    """A store's URL. PostgreSQL is spoken to by psycopg, however its address begins. Raises PreconditionFailed."""
    try:
        address = make_url(url)
    except ArgumentError:
        address = URL.create("none")
    if address.drivername in {"postgres", "postgresql", _POSTGRESQL}:
        return address.set(drivername=_POSTGRESQL)
    if address.drivername != "sqlite":
        raise PreconditionFailed(
            "The address of the database (CSP_DATABASE, or database in service.toml) is of no kind that we know. Write "
            "sqlite:/// and a file, or postgresql://USER:PASSWORD@HOST/NAME."
        )
    return address


def open_postgresql(address: URL, patience: Mapping[str, Any], **pooled: Any) -> Engine:
    """An engine for a server. One whose connections are `pooled` for many sites sees none before it is told which."""
    bare, schema, _ = split_address(address)
    path = "-c search_path=" if pooled else f"-c search_path={schema}" if schema else ""
    asked = f"{patience.get('options', '')} {path}".strip()
    try:
        return create_engine(bare, connect_args={**patience, "options": asked}, **{"pool_pre_ping": True, **pooled})
    except ImportError as fault:
        raise PreconditionFailed(
            "PostgreSQL needs a further package. Install it with: pip install 'csp-workflow[postgresql]'"
        ) from fault


def file_of(url: str) -> Path:
    """The file of a SQLite store. Raises PreconditionFailed for one in memory: it would remember nothing."""
    name = make_url(url).database
    if not name or name == ":memory:":
        raise PreconditionFailed(
            "A store in memory would forget what was sent. Name a file: sqlite:///state/csp.sqlite"
        )
    return Path(name).absolute()


def name_place(url: str) -> str:
    """Where a store is: its file, or its server and database, without who asks and by which word."""
    address = read_address(url)
    if address.drivername == "sqlite":
        return str(file_of(url).resolve())
    server, schema, _ = split_address(address)
    named = f"postgresql://{server.host or ''}:{server.port or 5432}/{server.database or ''}"
    return f"{named}?schema={schema}" if schema else named


def settings_in_force(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> tuple[str, str]:
    """Journal mode and synchronous setting for a SQLite version: durable on all, WAL only where it is safe."""
    return ("WAL", "FULL") if wal_is_safe(version) else ("DELETE", "EXTRA")


def _by_hand(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")


def _set_up_sqlite(connection: Any, record: Any) -> None:
    _by_hand(connection, record)
    journal, synchronous = settings_in_force()
    for pragma in (
        f"journal_mode={journal}",
        f"synchronous={synchronous}",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "cell_size_check=ON",
        "mmap_size=0",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_at_once(connection: Connection) -> None:
    # A deferred BEGIN that turns into a write never waits for the lock; a writer must begin at once.
    reads = connection.get_execution_options().get("reading")
    driver: Any = connection.connection.driver_connection  # itself: a beat begins a hundred transactions
    driver.execute("BEGIN" if reads else "BEGIN IMMEDIATE")


def _refuse_network_share(file: Path) -> None:
    kind = _filesystem_of(file)
    if kind in _FAR_AWAY or kind.startswith("fuse."):
        raise PreconditionFailed(
            f"{file} lies on a network share ({kind}), where SQLite's locks do not hold. "
            "Keep the store on a local disk, or use PostgreSQL."
        )


def _filesystem_of(file: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str:
    """The type of file system a file lies on, "" where the kernel does not say."""
    if not mounts.is_file():
        return ""
    best, kind = "", ""
    for line in mounts.read_text().splitlines():
        words = line.split(" ")
        point, found = words[4].replace("\\040", " "), words[words.index("-") + 1]
        if len(point) >= len(best) and file.resolve().is_relative_to(point):
            best, kind = point, found
    return kind


# Many sites in one database: a schema each, and few connections for all of them -----------------


_CONNECTIONS = 8
"""Connections of one process to a database that many sites share, where its address does not say."""

_SCHEMA = re.compile(r"[a-z][a-z0-9_]{0,62}")


def find_schema(url: str) -> str:
    """The schema of a store that shares its database with others, "" for one that has a database to itself."""
    return split_address(read_address(url))[1]


def name_site_store(url: str, schema: str, *, connections: int) -> str:
    """The URL of one of many stores in a database. Raises PreconditionFailed for a database that holds but one."""
    address = read_address(url)
    if address.drivername == "sqlite":
        raise PreconditionFailed("Sites share a PostgreSQL database, never a file. Name one, or none: a file a site.")
    whole = address.update_query_dict({"schema": schema, "connections": str(connections)})
    return whole.render_as_string(hide_password=False)


def split_address(address: URL) -> tuple[URL, str, int]:
    """An address as the server knows it; the schema, "" for none; how many connections a process may have."""
    schema, count = str(address.query.get("schema", "")), str(address.query.get("connections", _CONNECTIONS))
    if (schema and not _SCHEMA.fullmatch(schema)) or not count.isdigit() or int(count) < 2:
        raise PreconditionFailed(
            "The address of the database names a schema or a number of connections that cannot be. Write "
            "?schema=NAME in small letters, digits and _, and &connections=N with at least 2."
        )
    return address.difference_update_query(["schema", "connections"]), schema, int(count)


# Transactions -----------------------------------------------------------------------------------


NEVER = 2**31 - 1
"""No event has so high a number."""


SOLE, _BELIEVED = "worker", 2.0  # a role: having a store to oneself; for how many seconds that is believed


class Pulse:
    """Tells whether anything was stored since, by whichever process.

    SQLite counts it for a connection that stores nothing itself, in a hundredth of the time of a question; of a server
    it would have to be asked.
    """

    def __init__(self, engine: Engine) -> None:
        self._file = Path(engine.url.database or "").absolute() if engine.dialect.name == "sqlite" else None
        self._line: sqlite3.Connection | None = None
        self._lines = 0

    def feel(self) -> tuple[int, int] | None:
        """What is another one after each commit; None where that cannot be known without asking."""
        if self._file is None:
            return None
        try:
            if self._line is None:
                self._line = sqlite3.connect(
                    f"{self._file.as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None, check_same_thread=False
                )
                self._lines += 1
            return self._lines, self._line.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            return None

    def end(self) -> None:
        """Let the connection go."""
        if self._line is not None:
            self._line.close()
            self._line = None


class Connected:
    """What every part of the store works with. `_until` is the number of an event before which it is read
    (`Store.as_before`); a store at work is read to its end."""

    _engine: Engine
    _until: int = NEVER
    _times_sole = _times_stored = 0

    def __init__(self) -> None:
        self._answers: dict[Hashable, Any] = {}
        self._answered_at: tuple[int, ...] | None = None

    @cached_property
    def _pulse(self) -> Pulse:
        return Pulse(self._engine)

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        """A transaction that writes. Raises StoreBusy or DiskFull; then nothing of it was stored."""
        try:
            with in_our_words(), Session(self._engine) as session, session.begin():
                yield session
        finally:
            self._times_stored += 1

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        """A session that only reads. Raises StoreBusy."""
        with in_our_words(), Session(self._reader) as session:
            yield session

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        """The same for what is asked many times in a beat: rows in place of objects, at half the cost.

        Who has the store to themselves asks by the session that says so: once it is lost they have no answers either.
        """
        with in_our_words(), nullcontext(self._roles[SOLE]) if self._is_alone else self._reader.connect() as connection:
            yield connection

    @cached_property
    def _reader(self) -> Engine:
        server = {} if self._engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
        return self._engine.execution_options(reading=True, **server)  # a question needs no transaction there

    def _answers_now(self) -> dict[Hashable, Any]:
        """What was answered since anything was stored last; nothing where that cannot be known."""
        pulse = self._pulse.feel() or self._count_alone()
        if pulse is None or pulse != self._answered_at:
            self._answers, self._answered_at = {}, pulse
        return self._answers

    def _count_alone(self) -> tuple[int, ...] | None:
        """The same of a server while nobody else may store anything; for seconds, since who is paused may lose that."""
        if not self._is_alone:
            return None
        return self._times_sole, self._times_stored, int(time.monotonic() / _BELIEVED)

    @property
    def _is_alone(self) -> bool:
        """Whether this thread has the store of a server to itself."""
        return SOLE in self._roles

    @property
    def _roles(self) -> dict[str, Connection]:
        """What this thread has to itself at a server, and by which session."""
        held: dict[str, Connection] = vars(self._held).setdefault("roles", {})
        return held

    # What one worker does at a time -------------------------------------------------------------

    @contextmanager
    def _sole(self, role: str, *, waits: bool = False) -> Iterator[bool]:
        """A role that one worker has at a time, whoever started it. Whether it is ours; `waits` for it a while.

        It ends with its holder's process, or on a server with its connection. Sites that share a database, each in a
        schema of its own, have roles of their own.
        """
        held = self._sole_by_file if self._engine.dialect.name == "sqlite" else self._sole_by_server
        with held(role, waits=waits) as is_ours:
            yield is_ours

    @contextmanager
    def _sole_by_file(self, role: str, *, waits: bool) -> Iterator[bool]:
        file = file_of(self._engine.url.render_as_string(hide_password=False))
        with Path(f"{file}.{role}").open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    @contextmanager
    def _sole_by_server(self, role: str, *, waits: bool) -> Iterator[bool]:
        """A thread's roles are locks of one session; who has the store to themselves has every role."""
        held = self._roles
        if role in held:
            yield False  # a session may lock again what it holds
            return
        if SOLE in held:
            held[role] = held[SOLE]
            try:
                yield True
            finally:
                del held[role]
            return
        with in_our_words(), nullcontext(next(iter(held.values()))) if held else self._reader.connect() as connection:
            is_ours = _take_role(connection, role, waits=waits)
            connection.rollback()  # the lock is the session's: no transaction stays open while it is held
            if is_ours:
                held[role] = connection
                self._times_sole += role == SOLE
            try:
                yield is_ours
            finally:
                if held.pop(role, None) is not None:
                    connection.execute(text(f"SELECT pg_advisory_unlock({_ROLE})"), {"role": role})
                    connection.rollback()

    @cached_property
    def _held(self) -> threading.local:
        return threading.local()


S = TypeVar("S", bound=Connected)


def asked_once(ask: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """A question that is read once while nothing is stored: a beat asks the same a hundred times."""

    @wraps(ask)
    def answer(self: S, *args: P.args, **of: P.kwargs) -> T:
        answers, question = self._answers_now(), (ask.__name__, args, tuple(of.items()))
        if question not in answers:
            answers[question] = ask(self, *args, **of)
        said: T = answers[question]
        return said

    return cast("Callable[Concatenate[S, P], T]", answer)


_ROLE = "hashtext(:role), hashtext(current_schema())"
_WAITED_LONG = "55P03"


def _take_role(connection: Connection, role: str, *, waits: bool) -> bool:
    if not waits:
        return bool(connection.scalar(text(f"SELECT pg_try_advisory_lock({_ROLE})"), {"role": role}))
    try:
        connection.execute(text(f"SELECT pg_advisory_lock({_ROLE})"), {"role": role})
    except OperationalError as fault:
        if getattr(fault.orig, "sqlstate", "") != _WAITED_LONG:
            raise
        return False
    return True


def rows_of(asked: Connection, wanted: Any, **of: Any) -> Sequence[Any]:
    """The rows of a question; each has its columns by name, as a table's model has."""
    return asked.execute(wanted, of).all()


@contextmanager
def in_our_words() -> Iterator[None]:
    """Faults of the database as faults of the world: StoreBusy, DiskFull; PreconditionFailed for a missing right."""
    try:
        yield
    except _FAULTS as fault:
        if _NO_SPACE.search(str(fault)):
            raise DiskFull("The disk is full: nothing was stored.") from fault
        refused = _REFUSAL.search(str(fault))
        why = f" Its server says: {refused[1]}. If that lasts, check its address." if refused else ""
        raise StoreBusy(f"The database is locked or cannot be reached; nothing was stored.{why}") from fault
    except ProgrammingError as fault:
        if getattr(fault.orig, "sqlstate", "") != _NOT_ALLOWED:
            raise
        raise PreconditionFailed(
            f"The database does not allow this: {str(fault.orig).splitlines()[0]}. Nothing was stored. Its role needs "
            "the right to make schemas and tables: GRANT CREATE ON DATABASE ... TO ..."
        ) from fault


def add_once(session: Session, row: SQLModel) -> bool:
    """Insert a row; one that repeats any unique key changes nothing. Whether the row was added."""
    # The row itself says that it was added: a count of rows is not to be had from every driver.
    wanted = _insert(session, row).on_conflict_do_nothing().returning(literal(1))
    return session.execute(wanted).first() is not None


def put(session: Session, row: SQLModel) -> None:
    """Insert a row, or replace the one with its primary key."""
    keys = [column.name for column in table_of(type(row)).primary_key]
    new = {name: value for name, value in values_of(row).items() if name not in keys}
    session.execute(_insert(session, row).on_conflict_do_update(index_elements=keys, set_=new))


def add_all(session: Session, rows: Iterable[SQLModel]) -> None:
    """Insert rows of one table, all at once."""
    listed = list(rows)
    if listed:
        session.execute(table_of(type(listed[0])).insert(), [values_of(row) for row in listed])


def add_new(session: Session, rows: Iterable[SQLModel]) -> None:
    """Insert rows of one table, all at once; those that repeat any unique key change nothing."""
    listed = list(rows)
    if listed:
        wanted = _inserting(session, table_of(type(listed[0]))).on_conflict_do_nothing()
        session.execute(wanted, [values_of(row) for row in listed])


def name_unnamed(session: Session, model: type[SQLModel], keys: Iterable[str]) -> None:
    """Rows for what is pointed to and was never named by the config, with empty names."""
    table = table_of(model)
    (key,) = table.primary_key
    others = {column.name: "" for column in table.columns if column is not key}
    add_new(session, (model(**{key.name: one, **others}) for one in sorted(set(keys))))


def values_of(row: SQLModel) -> dict[str, Any]:
    """A row's values as they are stored: without what the database itself numbers or reckons."""
    return {name: _storable(getattr(row, name)) for name in _given_columns(type(row))}


@cache
def _given_columns(model: type[SQLModel]) -> tuple[str, ...]:
    columns = table_of(model).columns
    return tuple(c.name for c in columns if c.computed is None and not (c.primary_key and c.name == "number"))


def storable(text: str) -> str:
    """Text from outside as every database takes it: no NUL, nothing that is not a character."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def _storable(value: Any) -> Any:
    return storable(value) if isinstance(value, str) else value


def table_of(model: type[SQLModel]) -> Table:
    """The table of a model."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


def _insert(session: Session, row: SQLModel) -> Any:
    return _inserting(session, table_of(type(row))).values(**values_of(row))


def _inserting(session: Session, table: Table) -> Any:
    """An INSERT that says what becomes of a repeat, as the database at hand writes it."""
    return (insert_postgresql if session.get_bind().dialect.name == "postgresql" else insert_sqlite)(table)
