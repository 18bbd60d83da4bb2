"""Plays a whole quarter: the real service in virtual time, against people who read only their mail."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from csp_workflow import settings
from csp_workflow.letters.answers import correction
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.rehearsal import staging
from csp_workflow.rehearsal.carriers import Carrier, Embedded
from csp_workflow.rehearsal.clockwork import Clockwork
from csp_workflow.rehearsal.partners import mail
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.rehearsal.partners.people import Sending
from csp_workflow.rehearsal.story import Story
from csp_workflow.terms.dates import Quarter, in_london
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.site import Site
from csp_workflow.wiring import Wired

MARK = "This folder was made by csp-workflow rehearse and may be made anew.\n"


class Reader(Protocol):
    """Anybody who reads mail in the rehearsal."""

    name: str

    def reads(self, letter: Post, now: datetime, *, office: str) -> list[Sending]:
        """Read a letter and say what will be sent because of it."""


@dataclass
class _Stage:
    """The service, the people, the clock, and what has been seen so far."""

    wired: Wired
    site: Site
    people: Mapping[str, Reader]
    clock: Clockwork
    carrier: Carrier
    say: Callable[[str], None]
    told: list[tuple[str, str, str]] = field(default_factory=list)
    read: set[str] = field(default_factory=set)


def rehearse(
    config: Path,
    *,
    quarter: Quarter,
    seed: int,
    partnerships: int,
    out: Path,
    say: Callable[[str], None],
    carrier: Carrier | None = None,
) -> Story:
    """Play a quarter and leave mailbox, forms, digests and papers in `out`. Same seed, same bytes.

    `carrier` carries the mail in place of the embedded mailbox.
    Raises PreconditionFailed when `out` holds something else, ConfigInvalid as any command.
    """
    began = time.monotonic()
    _clear(out)
    config = config if (config / "service.toml").is_file() else settings.find_defaults() / "config"
    site = staging.site_for(config, partnerships=partnerships)
    carrier = carrier or Embedded(out / "state" / "mail", limit=site.limits.message_bytes)
    with staging.set_up(site, config, out / "state", carrier.mailbox, quarter=quarter, seed=seed) as wired:
        dates = staging.plan(wired, quarter)
        stage = _Stage(
            wired=wired,
            site=site,
            people=staging.cast(wired, quarter, seed=seed),
            clock=Clockwork(site.working_days, dates.first, dates.last),
            carrier=carrier,
            say=say,
        )
        stage.clock.deliver(staging.stranger(wired, quarter, seed=seed))
        say(f"Playing {quarter.months}: {len(site.respondents)} respondents, {len(stage.people)} people.")
        _play(stage)
        return _told(stage, quarter, seed=seed, out=out, seconds=time.monotonic() - began)


def _play(stage: _Stage) -> None:
    month = ""
    for now, arrived in stage.clock.moments():
        for sending in arrived:
            stage.carrier.bring(sending.raw)
            stage.told.append((f"{in_london(now):%a %d %b}", _whose(stage, sending), sending.told))
        if stage.wired.tick(now).sent:
            _deliver(stage, now)
        if f"{in_london(now):%B %Y}" != month:
            month = f"{in_london(now):%B %Y}"
            stage.say(f"  {month} ...")


def _deliver(stage: _Stage, now: datetime) -> None:
    """Everybody reads what has newly been sent to them, in the order it was sent."""
    for row in stage.wired.outside.store.letters():
        if row.sent is None or row.id in stage.read:
            continue
        stage.read.add(row.id)
        letter = mail.opened(stage.carrier.received(row.id, row.recipient))
        reader = stage.people.get(letter.to)
        for sending in reader.reads(letter, now, office=stage.site.office.mailbox) if reader else ():
            stage.clock.deliver(sending)


def _whose(stage: _Stage, sending: Sending) -> str:
    sender = mail.opened(sending.raw).sender.lower()
    reader = stage.people.get(sender)
    return f"{reader.name} <{sender}>" if reader else sender


# Afterwards ---------------------------------------------------------------------------------------


def _told(stage: _Stage, quarter: Quarter, *, seed: int, out: Path, seconds: float) -> Story:
    from csp_workflow.steps import telling

    outside = stage.wired.outside
    letters = [row for row in outside.store.letters() if row.sent]
    fingerprint = sha256()
    papers: list[str] = []
    for number, row in enumerate(letters, start=1):
        raw = outside.archive.fetch(row.content)
        fingerprint.update(sha256(raw).digest())
        papers += _laid_out(out, number, row.kind, mail.opened(raw), raw)
    (out / "letters.txt").unlink(missing_ok=True)
    return Story(
        quarter=quarter.label,
        seed=seed,
        told=stage.told,
        letters=Counter(row.kind for row in letters),
        verdicts=Counter(row.verdict.value if row.verdict else "none" for row in outside.store.messages()),
        status=telling.cycle_status(outside, quarter),
        papers=papers,
        out=out,
        digest=fingerprint.hexdigest(),
        seconds=seconds,
    )


def _laid_out(out: Path, number: int, kind: str, letter: Post, raw: bytes) -> list[str]:
    """Put a letter where people look for it. Returns the papers it carried."""
    stem = f"{number:03} {kind} to {letter.to.replace('@', ' at ')}"
    _write(out / "letters" / f"{stem}.txt", f"To: {letter.to}\nSubject: {letter.subject}\n\n{letter.text}".encode())
    if kind == "digest":
        _write(out / "digests" / f"{stem}.html", mail.html_of(raw).encode())
    papers = []
    for name, data in letter.files:
        if name.endswith(".docx"):
            _write(out / "papers" / f"{number:03} {kind} {name}", data)
            papers.append(f"{number:03} {kind} {name}")
        elif name.endswith(".xlsx") and (kind_of(kind).is_request or kind == correction.kind.name):
            _write(out / "forms" / f"{number:03} {name}", data)
    return papers


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _clear(out: Path) -> None:
    mark = out / "rehearsal.txt"
    if out.exists() and any(out.iterdir()):
        if not mark.is_file():
            raise PreconditionFailed(f"{out} holds something else. Name another folder with --out.")
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    mark.write_text(MARK, encoding="utf-8")
