"""Plays a whole quarter: the real service in virtual time, against people who read only their mail."""

from __future__ import annotations

import heapq
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from csp_workflow import settings
from csp_workflow.letters.answers import correction
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.mailboxes.mailbox import Mailbox
from csp_workflow.mailboxes.maildir import Maildir
from csp_workflow.rehearsal import beside, staging
from csp_workflow.rehearsal.exhibits import Burden, Exhibit, Outcome, begin_dashboards, weigh_letters
from csp_workflow.rehearsal.form_page import draw_sheets, write_form_page
from csp_workflow.rehearsal.front_page import DASHBOARDS, write_front_page, write_letter_page
from csp_workflow.rehearsal.partners import mail
from csp_workflow.rehearsal.partners.mail import Post, Sending
from csp_workflow.rehearsal.partners.people import Reader
from csp_workflow.terms.dates import Quarter, WorkingDays, in_london, london
from csp_workflow.terms.events import LetterState, PreconditionFailed, QueuedLetter
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.site import Site
from csp_workflow.wiring import Wired

MARK = "This folder was made by csp-workflow rehearse and may be made anew.\n"

BEATS = (time_of_day(7, 31), time_of_day(9, 2), time_of_day(17, 3))
"""When the service beats on a working day: around the digest, the sending window and the deadlines."""

_ENDED = {LetterState.SENT, LetterState.WITHDRAWN}


@dataclass(frozen=True, kw_only=True)
class Story:
    """The rehearsal's result. `told` are (day, who, what); `status` is the cycle's, as `cycle status --json` has it.

    `letters` counts those sent by kind, `waiting` those neither sent nor withdrawn by state; `burden` is what the
    quarter asked of some of its readers; `failed` names the steps of ours that did not do what they should.
    """

    quarter: str
    seed: int
    told: Sequence[tuple[str, str, str]]
    letters: Counter[str]
    waiting: Counter[str]
    verdicts: Counter[str]
    status: dict[str, Any]
    papers: Sequence[str]
    burden: Sequence[Burden]
    failed: Sequence[str]
    out: Path
    digest: str
    seconds: float = 0

    def as_data(self) -> dict[str, Any]:
        """For --json."""
        return {
            "quarter": self.quarter,
            "seed": self.seed,
            "letters": dict(sorted(self.letters.items())),
            "verdicts": dict(sorted(self.verdicts.items())),
            "returns": self.status["returns"],
            "papers": list(self.papers),
            "burden": [asdict(one) for one in self.burden],
            "failed": list(self.failed),
            "out": str(self.out),
            "sha256": self.digest,
        }

    def as_text(self) -> str:
        """For people."""
        lines = [f"What happened in {self.quarter} (seed {self.seed})", ""]
        lines += [f"  {day}  {who} {what}." for day, who, what in self.told]
        lines += ["", f"Messages received: {sum(self.verdicts.values())}, each with one verdict"]
        lines += [f"  {count:4}  {verdict}" for verdict, count in sorted(self.verdicts.items())]
        lines += ["", f"Letters sent: {sum(self.letters.values())}"]
        lines += [f"  {count:4}  {kind}" for kind, count in sorted(self.letters.items())]
        lines += ["", "Where each return stands at the end"]
        for row in self.status["returns"]:
            approved = ", approved" if row["approved"] and row["state"] != "approved" else ""
            versions = f" ({row['submissions']} version{'s' if row['submissions'] != 1 else ''})"
            lines.append(f"  {row['respondent']:<26} {row['state']}{versions if row['submissions'] else ''}{approved}")
        lines += ["", "What it asked of people to read", *(f"  {one.as_text()}" for one in self.burden)]
        lines += ["", f"Steps that failed: {joined(self.failed)}."] if self.failed else []
        lines += ["", "Where to look", *self._places()]
        lines += ["", f"{self.seconds:.1f} seconds. The same seed gives the same letters: sha256 {self.digest[:16]}."]
        return "\n".join(lines)

    def _places(self) -> list[str]:
        places = [
            (self.out / "index.html", "the whole quarter, letter by letter: open it first, in a browser"),
            (
                self.out / "papers",
                "the Board papers: drafts and circulation copies (Word), with their figures (Excel)",
            ),
            (self.out / "dashboard", "the dashboards, for partnerships and for the public (open index.html)"),
            (self.out / "forms", "every form as it was sent (Excel)"),
            (self.out / "digests", "the co-ordinator's digests (open in a browser)"),
            (self.out / "letters", "every letter as its reader sees it, and as text, in order"),
            (self.out / "received", "everything that people sent, with the forms as they filled them in"),
            (self.out / "sheets", "the forms that people filled in, as pages to look at without Excel"),
            (self.out / "config", "the configuration with all that changes in the year, the next year's framework too"),
            (self.out / "state" / "mail", "the mailbox itself: any mail program can open these Maildirs"),
        ]
        places = [(place, what) for place, what in places if place.exists()]
        width = max(len(str(place)) for place, _ in places)
        return [f"  {place!s:<{width}}  {what}" for place, what in places]


@dataclass
class _Stage:
    """The service, the people, the clock, and what has been seen so far; `did` is `told` by the message's id.

    `give_groups` loads an extract of comparison groups once its day has come, and says whether it has. `drawn` gives
    the sheets of a workbook that somebody sent, by its bytes, once they are drawn.
    """

    wired: Wired
    site: Site
    people: Mapping[str, Reader]
    clock: Clockwork
    carrier: Carrier
    say: Callable[[str], None]
    give_groups: Callable[[datetime], bool]
    told: list[tuple[str, str, str]] = field(default_factory=list)
    did: dict[str, str] = field(default_factory=dict)
    drawn: dict[bytes, Callable[[], str]] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)


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
    with staging.stage_site(site, config, out / "state", carrier.mailbox, quarter=quarter, seed=seed) as wired:
        stage = _set_stage(wired, carrier, quarter, seed=seed, say=say)
        stage.clock.deliver(staging.send_as_stranger(wired, quarter, seed=seed))
        say(f"Playing {quarter.months}: {len(site.respondents)} respondents, {len(stage.people)} people.")
        _play(stage)
        return _tell(stage, quarter, seed=seed, out=out, began=began)


def _set_stage(
    wired: Wired, carrier: Carrier, quarter: Quarter, *, seed: int, say: Callable[[str], None], plainly: bool = False
) -> _Stage:
    first, last = staging.plan_span(wired, quarter)
    return _Stage(
        wired=wired,
        site=wired.outside.site,
        people=staging.cast_people(
            wired, quarter, seed=seed * 10 + quarter.number if plainly else seed, plainly=plainly
        ),
        clock=Clockwork(wired.outside.site.working_days, first, last),
        carrier=carrier,
        say=say,
        give_groups=partial(staging.give_groups, wired, quarter, seed=seed),
    )


def rehearse_year(config: Path, *, year: str, seed: int, out: Path, say: Callable[[str], None]) -> Story:
    """Play the four quarters of a year ("2014/15") in one store, and then what the year comes to.

    In it two partnerships become one, a comparison group is revised, a measure comes to be counted otherwise, and the
    next year has another framework, all of it as files in OUT/config (`staging.lay_out_year`). Raises as `rehearse`
    does.
    """
    began = time.monotonic()
    _clear(out)
    config = config if (config / "service.toml").is_file() else settings.find_defaults() / "config"
    quarters = [Quarter.parse(f"{year}-Q{number}") for number in (1, 2, 3, 4)]
    config = staging.lay_out_year(config, out / "config", quarters[0])
    site = staging.site_for(config, partnerships=0)
    carrier = Embedded(out / "state" / "mail", limit=site.limits.message_bytes)
    with staging.stage_site(site, config, out / "state", carrier.mailbox, quarter=quarters[0], seed=seed) as wired:
        stage: _Stage | None = None
        for quarter in quarters:
            earlier, stage = stage, _set_stage(wired, carrier, quarter, seed=seed, say=say, plainly=True)
            if earlier is not None:
                stage.told, stage.did, stage.drawn = earlier.told, earlier.did, earlier.drawn
                stage.read, stage.failed = earlier.read, earlier.failed
                stage.told += staging.revise_figures(wired, quarter, stage.clock.first)
            if quarter.number == _LAST:
                stage.clock.deliver(staging.ask_for_year(wired, stage.clock.last, seed=seed))
            say(f"Playing {quarter.months}: {len(stage.people)} people.")
            _play(stage)
        if stage is None:
            raise ValueError("A year has quarters.")
        return replace(_tell(stage, quarters[-1], seed=seed, out=out, began=began, period=year), quarter=year)


_LAST = 4


def _play(stage: _Stage) -> None:
    month, has_groups = "", False
    for now, arrived in stage.clock.moments():
        for sending in arrived:
            raw = sending.write()
            stage.carrier.bring(raw)
            came = mail.open_letter(raw)
            stage.told.append((f"{in_london(now):%a %d %b}", _name_sender(stage, came), sending.told))
            stage.did[came.message_id] = sending.told
            books = (data for name, data in came.files if name.endswith(".xlsx"))
            stage.drawn |= {data: beside.begin(draw_sheets, data) for data in books if data not in stage.drawn}
        beat = stage.wired.tick(now)
        stage.failed.update(beat.failed_steps)
        if beat.sent:
            _deliver(stage, now)
        has_groups = has_groups or stage.give_groups(now)
        if f"{in_london(now):%B %Y}" != month:
            month = f"{in_london(now):%B %Y}"
            stage.say(f"  {month} ...")


def _deliver(stage: _Stage, now: datetime) -> None:
    """Everybody reads what has newly been sent to them, in the order it was sent."""
    for row in stage.wired.outside.store.letters():
        if row.sent is None or row.id in stage.read:
            continue
        stage.read.add(row.id)
        letter = mail.open_letter(stage.carrier.find_received(row.id, row.recipient))
        reader = stage.people.get(letter.to)
        for sending in reader.reads(letter, now) if reader else ():
            stage.clock.deliver(sending)


def _name_sender(stage: _Stage, came: Post) -> str:
    sender = came.sender.lower()
    reader = stage.people.get(sender)
    return f"{reader.name} <{sender}>" if reader else sender


# Afterwards ---------------------------------------------------------------------------------------


def _tell(stage: _Stage, quarter: Quarter, *, seed: int, out: Path, began: float, period: str = "") -> Story:
    from csp_workflow.steps import telling

    outside, site = stage.wired.outside, stage.site
    letters = [row for row in outside.store.letters() if row.sent]
    end = london(stage.clock.last, BEATS[-1]).astimezone(UTC)
    finish_dashboards = begin_dashboards(outside, out / "state", out / "dashboard", end)
    fingerprint = sha256()
    posts: list[Post] = []
    pieces: list[Exhibit] = []
    for number, row in enumerate(letters, start=1):
        raw = outside.archive.fetch(row.content)
        fingerprint.update(sha256(raw).digest())
        posts.append(mail.open_letter(raw))
        pieces.append(_lay_out(out, number, row, posts[-1], site))
    story = Story(
        quarter=quarter.label,
        seed=seed,
        told=stage.told,
        letters=Counter(row.kind for row in letters),
        waiting=Counter(row.state.value for row in outside.store.letters() if row.state not in _ENDED),
        verdicts=Counter(row.verdict.value if row.verdict else "none" for row in outside.store.messages()),
        status=telling.cycle_status(outside, quarter),
        papers=[Path(path).name for piece in pieces for _, path in piece.files if path.startswith("papers/")],
        burden=weigh_letters((row.kind for row in letters), posts, site, quarter.end),
        failed=sorted(stage.failed),
        out=out,
        digest=fingerprint.hexdigest(),
    )
    pieces += _lay_out_received(stage, out)
    finish_dashboards()
    _write_file(out / "index.html", _write_front(story, site, pieces, period or quarter.months))
    return replace(story, seconds=time.monotonic() - began)


def _write_front(story: Story, site: Site, pieces: list[Exhibit], period: str) -> bytes:
    outcome = Outcome(
        period=period,
        seed=story.seed,
        pieces=sorted(pieces, key=lambda piece: (piece.at, piece.kind != "")),
        names={respondent.key: respondent.name for respondent in site.respondents},
        partnerships=frozenset(one.key for one in site.respondents if one.needs_approval),
        orders=story.verdicts["command"],
        status=story.status,
        burden=story.burden,
        digest=story.digest,
        others=frozenset(path for path in DASHBOARDS if (story.out / path).is_file()),
    )
    return write_front_page(outcome, settings.read_page_templates(settings.find_defaults() / "config"))


def _lay_out(out: Path, number: int, row: QueuedLetter, letter: Post, site: Site) -> Exhibit:
    """Put a letter where people look for it, with what it carries."""
    stem = f"{number:03} {row.kind} to {_plain_name(letter.to.replace('@', ' at '))}"
    _write_file(
        out / "letters" / f"{stem}.txt", f"To: {letter.to}\nSubject: {letter.subject}\n\n{letter.text}".encode()
    )
    piece = Exhibit(
        at=row.sent or row.queued,
        kind=row.kind,
        who=_name_reader(site, letter.to),
        address=letter.to,
        subject=letter.subject,
        page=f"{'digests' if row.kind == 'digest' else 'letters'}/{stem}.html",
        files=_write_files(out, letter, lambda name: _place_file(name, row.kind, number)),
        about=tuple(dict.fromkeys(about.respondent for about in row.about if about.respondent)),
        message=next((about.message for about in row.about if about.message), ""),
    )
    _write_file(out / piece.page, write_letter_page(piece, html=letter.html, text=letter.text))
    return piece


def _place_file(name: str, kind: str, number: int) -> str:
    """Where a file lies that a letter brought."""
    if name.endswith((".docx", " figures.xlsx")):
        return f"papers/{number:03} {kind} {name}"
    is_form = name.endswith(".xlsx") and (kind_of(kind).is_request or kind == correction.kind.name)
    return f"{'forms' if is_form else 'attachments'}/{number:03} {name}"


def _lay_out_received(stage: _Stage, out: Path) -> Iterator[Exhibit]:
    """Put what people sent where a visitor looks for it: each message, with its files, and what was made of it."""
    for number, row in enumerate(stage.wired.outside.store.messages(), start=1):
        raw = stage.wired.outside.archive.fetch(row.content)
        came = mail.open_letter(raw)
        stem = f"received/{number:03}"
        piece = Exhibit(
            at=row.received,
            kind="",
            who=_name_reader(stage.site, came.sender),
            address=came.sender,
            subject=came.subject,
            page=f"{stem} from {_plain_name(came.sender.replace('@', ' at '))}.html",
            files=_write_files(out, came, partial("{} {}".format, stem)),
            about=row.respondents,
            message=row.id,
            told=stage.did.get(came.message_id, ""),
            became=row.reason,
            verdict=row.verdict.value if row.verdict else "",
        )
        piece = replace(piece, drawn=tuple(_draw_forms(stage, out, piece)))
        _write_file(out / piece.page, write_letter_page(piece, html=came.html, text=came.text))
        yield piece


def _draw_forms(stage: _Stage, out: Path, piece: Exhibit) -> Iterator[tuple[str, str]]:
    """A page for each workbook that a message brought, to be looked at without Excel."""
    for name, path in piece.files:
        drawn = stage.drawn.get((out / path).read_bytes()) if path.endswith(".xlsx") else None
        if drawn is not None and (sheets := drawn()):
            page = f"sheets/{Path(path).stem}.html"
            title = f"{name}, from {piece.who}"
            _write_file(out / page, write_form_page(sheets, title=title, file=path, back=piece.page))
            yield "Its sheets, on a page", page


def _write_files(out: Path, letter: Post, place: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    """Each file that hangs on a letter, with where it lies now; two of one name lie beside each other."""
    placed: dict[str, str] = {}
    for name, data in (file for file in letter.files if file[0]):
        path = place(_plain_name(name))
        while path in placed:
            path = Path(path).with_stem(f"{Path(path).stem} again").as_posix()
        _write_file(out / path, data)
        placed[path] = name
    return tuple((name, path) for path, name in placed.items())


def _plain_name(name: str) -> str:
    """A name that any disk takes, of one that somebody else chose."""
    return re.sub(r"[^\w .,()&'@-]", "-", name).strip() or "file"


def _name_reader(site: Site, address: str) -> str:
    office = site.office
    people = [*office.people, *office.secretariat, *(one for of in site.respondents for one in of.contacts)]
    return next((one.name for one in people if one.address.lower() == address.lower()), address)


def _write_file(path: Path, data: bytes) -> None:
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


# Time and mail ------------------------------------------------------------------------------------


@dataclass
class Clockwork:
    """Beats of the service and deliveries of mail, in the order of virtual time."""

    working_days: WorkingDays
    first: date
    last: date
    _pending: list[tuple[datetime, int, Sending]] = field(default_factory=list)
    _count: int = 0

    def deliver(self, sending: Sending) -> None:
        """Something is on its way to the office's mailbox."""
        self._count += 1
        heapq.heappush(self._pending, (sending.at.astimezone(UTC), self._count, sending))

    def moments(self) -> Iterator[tuple[datetime, list[Sending]]]:
        """Each moment with what arrives at it. Mail may be added while this runs."""
        for beat in self._beats():
            while self._pending and self._pending[0][0] < beat:
                at = self._pending[0][0]
                yield at + timedelta(seconds=30), self._take_arrived(at)
            yield beat, []

    def _take_arrived(self, until: datetime) -> list[Sending]:
        arrived = []
        while self._pending and self._pending[0][0] <= until:
            arrived.append(heapq.heappop(self._pending)[2])
        return arrived

    def _beats(self) -> Iterator[datetime]:
        day = self.first
        while day <= self.last:
            if self.working_days.is_working(day):
                for at in BEATS:
                    yield london(day, at).astimezone(UTC)
            day += timedelta(days=1)


class Carrier(Protocol):
    """Carries mail between the service's mailbox and everybody else."""

    @property
    def mailbox(self) -> Mailbox:
        """The service's own mailbox."""

    def bring(self, raw: bytes) -> None:
        """Somebody's message to the service; it lies in its inbox when this returns."""

    def find_received(self, delivery_id: str, recipient: str) -> bytes:
        """A letter of the service's as its recipient got it."""


class Embedded:
    """Two folders: nothing leaves the machine."""

    def __init__(self, root: Path, *, limit: int) -> None:
        self._root, self._brought = root, 0
        self.mailbox = Maildir(root, limit=limit)

    def bring(self, raw: bytes) -> None:
        """Delivered under a number, in the order of time."""
        self._brought += 1
        self.mailbox.deliver(raw, f"{self._brought:05}")

    def find_received(self, delivery_id: str, recipient: str) -> bytes:  # noqa: ARG002 - one folder holds everybody's
        """From the folder of what was sent."""
        return (self._root / "sent" / "new" / delivery_id).read_bytes()
