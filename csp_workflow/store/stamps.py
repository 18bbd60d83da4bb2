"""How far each mailbox was read, what the store knows of itself, and names for whoever asks the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import SQLModel, col, func, select

from csp_workflow.store.engine import Connected, add_new, add_once, asked_once, put, rows_of, table_of, values_of
from csp_workflow.store.tables import (
    AreaRow,
    CursorRow,
    DisposedRow,
    EventRow,
    LetterRow,
    MessageRow,
    RespondentRow,
    SeriesRow,
    StampRow,
    VerdictRow,
)
from csp_workflow.terms.dates import as_utc
from csp_workflow.terms.site import Site

_LAST_SEEN, _PAUSE = "last seen", "sending pauses"
_HEARTBEAT, _GENERATION = "heartbeat", "generation"
_READ_FROM, _NOT_FILED, _UNREAD, _BROKEN = "read from", "not filed since", "unread since", "broken since"

_LATEST = 10
_STAMPS = select(StampRow)


class Stamps(Connected):
    """Cursors and stamps.

    The names in use: environment, archive, generation, machine, place, mailbox, mailbox name, last seen, sending
    pauses, read from, not filed since, unread since, broken since, heartbeat.
    """

    @asked_once
    def cursor(self, mailbox: str) -> str:
        """How far a mailbox was read, "" from the beginning."""
        with self._reading() as session:
            row = session.get(CursorRow, mailbox)
            return row.cursor if row else ""

    def save_cursor(self, mailbox: str, cursor: str) -> None:
        """Keep how far a mailbox was read."""
        if cursor != self.cursor(mailbox):
            with self._writing() as session:
                put(session, CursorRow(mailbox=mailbox, cursor=cursor))

    def forget_cursors(self) -> None:
        """Every mailbox is read from its first message again; what is known is recognised."""
        with self._writing() as session:
            session.execute(delete(CursorRow))

    @asked_once
    def disposed(self) -> frozenset[str]:
        """What is disposed of, each by its keyed hash."""
        with self._reading() as session:
            return frozenset(session.exec(select(DisposedRow.hash)))

    def note_disposed(self, hashes: Iterable[str]) -> None:
        """Keep what is disposed of; what is known already stays as it is."""
        with self._writing() as session:
            add_new(session, (DisposedRow(hash=one) for one in hashes))

    def read_from(self) -> datetime | None:
        """Mail received before is not read. None while nobody has said so."""
        found = self.stamp(_READ_FROM)
        return datetime.fromisoformat(found) if found else None

    def save_read_from(self, moment: datetime, *, anew: bool) -> None:
        """Keep from when on mail is read. `anew` begins with every mailbox's first message again."""
        with self._writing() as session:
            if anew:
                session.execute(delete(CursorRow))
            put(session, StampRow(name=_READ_FROM, value=as_utc(moment).isoformat()))

    def began(self) -> datetime | None:
        """When the first thing happened that is stored here; None while nothing has."""
        with self._reading() as session:
            firsts = [session.exec(select(func.min(col(c)))).first() for c in (EventRow.at, LetterRow.queued)]
        return min((as_utc(first) for first in firsts if first), default=None)

    def not_filed_since(self) -> datetime | None:
        """Since when no message could be filed; None while they can."""
        return self._since(_NOT_FILED)

    def save_not_filed_since(self, moment: datetime | None) -> None:
        """Keep since when no message could be filed; None: it works again."""
        self._save_since(_NOT_FILED, moment)

    def unread_since(self) -> datetime | None:
        """Since when the mailbox was not read to its end; None while it is."""
        return self._since(_UNREAD)

    def save_unread_since(self, moment: datetime | None) -> None:
        """Keep since when the mailbox was not read to its end; None: it is again."""
        self._save_since(_UNREAD, moment)

    def broken(self) -> tuple[datetime, str] | None:
        """Since when which steps of each beat (comma-separated) end in a fault of our own; None while all go well."""
        since, _, steps = self.stamp(_BROKEN).partition(" ")
        return (datetime.fromisoformat(since), steps) if steps else None

    def save_broken(self, steps: Sequence[str], now: datetime) -> None:
        """Keep which steps of a beat ended so; since when stays until all go well again."""
        before, found = self.broken(), ", ".join(steps)
        if found != (before[1] if before else ""):
            since = before[0] if before else as_utc(now)
            self.set_stamp(_BROKEN, f"{since.isoformat()} {found}" if found else "")

    def heartbeat(self) -> tuple[float, float, tuple[str, ...]] | None:
        """When the last beat ended, machine time in seconds, how long it took, and which steps failed; None: none."""
        found = self.stamp(_HEARTBEAT)
        ended, took, steps = found.split(" ") if found else ("", "", "")
        return (float(ended), float(took), tuple(filter(None, steps.split(",")))) if found else None

    def save_heartbeat(self, ended: float, took: float, failed: Sequence[str]) -> None:
        """Keep what the last beat was, for whoever watches the service from outside."""
        self.set_stamp(_HEARTBEAT, f"{ended:.3f} {took:.3f} {','.join(failed)}")

    def counts(self) -> Mapping[tuple[str, str], int]:
        """How many letters there are in each state, and messages of each verdict: ("letter", "sent") and the like."""
        asked = (("letter", LetterRow.state, None), ("message", VerdictRow.verdict, col(VerdictRow.reopened).is_(None)))
        with self._reading() as session:
            counted = {}
            for what, column, condition in asked:
                wanted = select(column, func.count()).group_by(col(column))
                for name, count in session.exec(wanted if condition is None else wanted.where(condition)):
                    counted[what, name] = count
            return counted

    def _since(self, name: str) -> datetime | None:
        found = self.stamp(name)
        return datetime.fromisoformat(found) if found else None

    def _save_since(self, name: str, moment: datetime | None) -> None:
        """The first moment stays until None ends it."""
        if (moment is None) != (self._since(name) is None):
            self.set_stamp(name, as_utc(moment).isoformat() if moment else "")

    @asked_once
    def stamps(self) -> Mapping[str, str]:
        """Everything the store knows of itself, by name."""
        with self._asking() as asked:
            return {row.name: row.value for row in rows_of(asked, _STAMPS)}

    def stamp(self, name: str) -> str:
        """What the store knows of itself under a name, "" when nothing."""
        return self.stamps().get(name, "")

    def set_stamp(self, name: str, value: str) -> None:
        """Note something the store is to know of itself."""
        with self._writing() as session:
            put(session, StampRow(name=name, value=value))

    def add_stamp(self, name: str, value: str) -> str:
        """Note something once: of two who do so at once the first is right. What is known from then on."""
        with self._writing() as session:
            add_once(session, StampRow(name=name, value=value))
        return self.stamp(name)

    def begin_generation(self, stamps: Mapping[str, str], *, after: str) -> bool:
        """Note at once, with its generation, where the store is at work. False, and nothing noted, when the generation
        `after` which it comes is not the store's any more: another worker saw the same, and was first."""
        new = StampRow(name=_GENERATION, value=stamps[_GENERATION])
        stands = (col(StampRow.name) == _GENERATION) & (col(StampRow.value) == after)
        raised = update(StampRow).where(stands).values(value=new.value).returning(col(StampRow.name))
        with self._writing() as session:
            is_ours = session.execute(raised).first() is not None if after else add_once(session, new)
            if is_ours:
                for name, value in stamps.items():
                    put(session, StampRow(name=name, value=value))
            return is_ours

    def last_kept(self) -> tuple[str, ...]:
        """Hashes that the archive of this store must hold: those of the latest messages and letters."""
        with self._reading() as session:
            return tuple(
                hash_
                for row in (MessageRow, LetterRow)
                for hash_ in session.exec(select(row.content).order_by(col(row.number).desc()).limit(_LATEST))
            )

    def last_seen(self) -> datetime | None:
        """The time of the latest beat."""
        found = self.stamp(_LAST_SEEN)
        return datetime.fromisoformat(found) if found else None

    def saw(self, now: datetime, *, anew: bool = False) -> None:
        """Note the time of a beat; it never goes back, but `anew` from one that was wrong."""
        last = self.last_seen()
        if last is None or now > last or anew:
            self.set_stamp(_LAST_SEEN, as_utc(now).isoformat())

    def sending_pause(self) -> tuple[datetime, datetime] | None:
        """Since when the mail system takes no letter at all, and until when it is left alone; None while it does."""
        since, _, until = self.stamp(_PAUSE).partition(" ")
        return (datetime.fromisoformat(since), datetime.fromisoformat(until)) if until else None

    def pause_sending(self, since: datetime, until: datetime) -> None:
        """Note that the mail system takes no letter, and is left alone until an instant."""
        self.set_stamp(_PAUSE, f"{as_utc(since).isoformat()} {as_utc(until).isoformat()}")

    def end_pause(self) -> None:
        """Note that the mail system takes letters."""
        if self.stamp(_PAUSE):
            self.set_stamp(_PAUSE, "")


class Naming(Connected):
    """Areas, series and respondents by name. Nothing here is read by a rule: the config is."""

    def name_things(self, site: Site) -> None:
        """Keep the config's names where they are new or others than before; nothing is written else."""
        wanted = [*_respondents(site), *_areas(site), *_series(site)]
        models: tuple[type[SQLModel], ...] = (RespondentRow, AreaRow, SeriesRow)
        with self._asking() as asked:
            known = {model: {tuple(row) for row in rows_of(asked, select(table_of(model)))} for model in models}
        changed = [row for row in wanted if tuple(values_of(row).values()) not in known[type(row)]]
        if changed:
            with self._writing() as session:
                for row in changed:
                    put(session, row)


def _respondents(site: Site) -> list[RespondentRow]:
    return [RespondentRow(key=r.key, code=r.code, name=r.name) for r in site.respondents]


def _areas(site: Site) -> list[AreaRow]:
    areas = {area.code: area.name for respondent in site.respondents for area in respondent.areas}
    return [AreaRow(code=code, name=name) for code, name in areas.items()]


def _series(site: Site) -> list[SeriesRow]:
    """Each series as its latest framework has it."""
    frameworks = sorted(site.frameworks, key=lambda framework: framework.year)
    latest = {series.ref: series for framework in frameworks for series in framework.series()}
    return [SeriesRow(ref=s.ref, measure=s.measure, title=s.title, unit=s.unit) for s in latest.values()]
