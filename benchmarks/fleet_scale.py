"""A fleet at one PostgreSQL: idle beats, and the morning on which every office's forms go out, as ratios in one run.

Run: python benchmarks/fleet_scale.py postgresql://USER@HOST/EMPTY-DATABASE [SITES] [WORKERS]

flat      processor time of an idle beat among all sites, by that of a site alone: no more sites, no more cost
engine    what the engine adds to a beat: processor time of a worker process by that of the beats it did
morning   one process and one site after the other, by so many workers: seconds until every request has left
intake    300 returns that are delivered at once: seconds until the workers, which begin then, have judged them all
lines     connections that all workers had at once

Beside the seconds stands the processor time of our processes (the server's is not in it): on a machine of others too it
says what the seconds cannot. What workers take more than one process is their start.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from pathlib import Path

import structlog
from sqlalchemy import Engine, create_engine, text

from csp_workflow.fleet import Fleet, lay_out_fleet
from csp_workflow.settings import fleet_file

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.story.site_told import CO_ORDINATOR, Played, filled

PROOF, MORNING = datetime(2014, 10, 15, 6, 35, tzinfo=UTC), datetime(2014, 10, 15, 8, 5, tzinfo=UTC)
"""A quarter's first morning: when the proof is made, and when her SEND is there and the sending window is open."""

ANSWERED = datetime(2014, 10, 15, 9, 5, tzinfo=UTC)
RETURNS = 300
SENT = "SELECT count(*) FROM {schema}.letter WHERE state = 'sent'"
JUDGED = "SELECT count(*) FROM {schema}.message_verdict"

CONNECTIONS = 6
_WORKER = """
import logging, structlog, sys, threading
from datetime import datetime
from pathlib import Path
from csp_workflow.fleet import Fleet
from csp_workflow.fleet.working import Worker
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
Worker(Fleet(Path(sys.argv[1])), lambda: datetime.fromisoformat(sys.argv[2]), threading.Event()).work()
"""


def main(database: str, sites: int, workers: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as folder:
        fleet = make_fleet(Path(folder), database)
        idle, first, again = ([add(fleet, f"{set_}-{n}") for n in range(sites)] for set_ in ("idle", "one", "two"))
        report("alone", idle_beat(fleet, idle[:1]), idle_beat(fleet, idle), "flat: an idle beat among all, by alone")
        for name in (*first, *again):
            order_sending(fleet, name)
        fleet.close()
        used = processor_time()
        one_by_one = seconds(lambda: [fleet.beat(name, MORNING) for name in first])
        fleet.close()
        print(f"morning, one by one: processor time {processor_time() - used:.1f} s")
        for name in (*idle, *first):  # the workers have as many sites to beat as were beaten one by one
            fleet.place(name).folder.rename(fleet.folder / name)
        letters = count(database, first, SENT)
        side_by_side, lines = work_until(fleet, again, workers, MORNING, SENT, letters)
        report("workers", one_by_one, side_by_side, f"morning: {letters} letters, {workers} workers, by one by one")
        returns = answer_forms(fleet, again, RETURNS)
        judged = count(database, again, JUDGED)
        took, most = work_until(fleet, again, workers, ANSWERED, JUDGED, judged + returns)
        print(f"intake: {returns} returns at {sites} sites, {workers} workers: {took:.1f} s")
        print(f"lines {max(lines, most)} connections")


def report(what: str, one: float, other: float, said: str) -> None:
    print(f"{said}: {one:.3f} s, {what} {other:.3f} s, ratio {one / other:.2f}")


def make_fleet(folder: Path, database: str) -> Fleet:
    lay_out_fleet(folder / "fleet")
    (folder / "fleet" / "fleet.toml").write_text(f'database = "{database}"\nconnections = {CONNECTIONS}\n')
    return Fleet(folder / "fleet")


def add(fleet: Fleet, name: str) -> str:
    fleet.add(name)
    return name


def idle_beat(fleet: Fleet, names: list[str]) -> float:
    """Processor seconds of an idle beat, when each site has had some before."""
    now = datetime(2014, 10, 14, 8, tzinfo=UTC)
    for name in names * 2:
        fleet.beat(name, now)
    begun = time.process_time()
    for minute in range(1, 6):
        for name in names:
            fleet.beat(name, now + timedelta(minutes=minute))
    return (time.process_time() - begun) / 5 / len(names)


def order_sending(fleet: Fleet, name: str) -> None:
    """The proof is made, and its co-ordinator answers SEND."""
    fleet.beat(name, PROOF)
    mail = fleet.place(name).state / "mail"
    for letter in (mail / "sent" / "new").iterdir():
        head = letter.read_bytes().partition(b"\r\n\r\n")[0].decode("ascii", "replace")
        found = {x.partition(": ")[0]: x.partition(": ")[2] for x in head.replace("\r\n ", " ").split("\r\n")}
        answer = EmailMessage(policy=SMTP)
        answer["From"], answer["To"], answer["Subject"] = "co-ordinator@opcc.example", found["From"], "RE: proof"
        answer["In-Reply-To"], answer["Message-ID"] = found["Message-ID"], f"<{letter.name}@opcc.example>"
        answer.set_content("SEND")
        (mail / "inbox" / "new" / letter.name).write_bytes(answer.as_bytes())


def answer_forms(fleet: Fleet, names: list[str], most: int) -> int:
    """So many returns lie in the mailboxes, as many at each site as at the others. How many they are."""
    each, done = -(-most // len(names)), 0
    for name in names:
        site = Played(fleet.place(name).folder, pretended=False)
        forms = [letter for letter in site.new_letters() if letter.workbooks and letter.to != CO_ORDINATOR]
        for form in forms[: min(each, most - done)]:
            site.reply(form, form.to, "Our return.", filled(form, saved="15 Oct 09:30"))
            done += 1
        site.close()
    return done


def work_until(
    fleet: Fleet, names: list[str], workers: int, now: datetime, question: str, wanted: int
) -> tuple[float, int]:
    """How many seconds it takes until the sites have so many of what is counted, and the most connections."""
    begun, lines, database = time.monotonic(), 0, fleet.file.database
    command = [sys.executable, "-c", _WORKER, str(fleet.folder), now.isoformat()]
    at_work = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(workers)]
    while count(database, names, question) < wanted and time.monotonic() - begun < 900:
        lines = max(lines, ask(database, _LINES))
        time.sleep(0.3)
    took, used = time.monotonic() - begun, processor_time(of_ours=False)
    for worker in at_work:
        worker.terminate()
    for worker in at_work:
        worker.wait()
    print(f"{workers} workers: processor time {processor_time(of_ours=False) - used:.1f} s")
    return took, lines


_LINES = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def count(database: str, names: list[str], question: str) -> int:
    """One question for all sites: whoever looks on takes next to nothing from those who work."""
    schemas = [fleet_file.name_schema(name) for name in names]
    return ask(database, " UNION ALL ".join(question.format(schema=schema) for schema in schemas))


def ask(database: str, question: str) -> int:
    """The sum of the numbers that a question has as its answer."""
    with open_once(database).connect() as connection:
        return sum(connection.scalars(text(question)))


@cache
def open_once(database: str) -> Engine:
    """One connection for all that is asked: a new one for each question took a tenth of what the workers had."""
    return create_engine(database.replace("postgresql://", "postgresql+psycopg://"), pool_size=1, max_overflow=0)


def processor_time(*, of_ours: bool = True) -> float:
    """Seconds of this process and of those that it started and saw end; or of the latter alone."""
    of = os.times()
    return of.children_user + of.children_system + (of.user + of.system) * of_ours


def seconds(act: Callable[[], object]) -> float:
    begun = time.monotonic()
    act()
    return time.monotonic() - begun


if __name__ == "__main__":
    main(sys.argv[1], *(int(x) for x in (sys.argv[2:] or ["4", "2"])))
