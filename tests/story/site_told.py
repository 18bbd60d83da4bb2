"""A real site on disk with the clock driven by hand: replies go into its mailbox, letters come out of it."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache
from pathlib import Path

from openpyxl.workbook import Workbook

from csp_workflow import settings, wiring
from csp_workflow.rehearsal.partners import excel, mail
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps.beat import Beat
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.telling import cycle_status
from csp_workflow.terms.dates import LONDON, Quarter
from tests.store.laying_out import lay_out_store, settle_store

Q2 = Quarter.parse("2014/15-Q2")
CO_ORDINATOR = "co-ordinator@opcc.example"


def at(text: str) -> datetime:
    """A London moment of 2014, "16 Oct 09:30"; or of another year, "2 Jan 2015 09:30"."""
    said = text if len(text.split()) > 3 else " 2014 ".join(text.rsplit(" ", 1))
    return datetime.strptime(said, "%d %b %Y %H:%M").replace(tzinfo=LONDON).astimezone(UTC)


_opened = lru_cache(maxsize=256)(mail.open_letter)
"""Letters that a look passed over are looked at again and again; they are read once."""


def said(letter: Post) -> str:
    """What a letter says, on one line: where its lines break says nothing."""
    return " ".join(letter.text.split())


def _when_left(path: Path) -> tuple[int, str]:
    """Letters in the order in which they left: their names hang on the site's random key."""
    return path.stat().st_mtime_ns, path.name


@dataclass(eq=False)
class Played:
    """A site, its mailbox, and the people who write to it by hand.

    It stays open from beat to beat, as the service does, and is opened again when its config was edited.
    """

    place: Path
    read: set[str] = field(default_factory=set)
    written: int = 0
    pretended: bool = True
    """Whether its time only goes on, as with `--now`; a real clock may be put back."""
    last: str = ""
    """The moment of the latest beat."""
    is_shared: bool = False
    """Whether many tests begin from it, so that only copies of it are played on, or even asked."""
    _open: ExitStack = field(default_factory=ExitStack)
    _wired: wiring.Wired | None = None
    _config: dict[Path, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        weakref.finalize(self, self._open.close)

    @classmethod
    def laid_out(cls, place: Path) -> Played:
        """A new site as `csp-workflow init` lays it out, but that each order is answered at once."""
        settings.lay_out_folders(place)
        config = place / "config" / "service.toml"
        config.write_text(config.read_text("utf-8").replace("orders_at_once = false", "orders_at_once = true"), "utf-8")
        lay_out_store(place / "state" / "csp.sqlite")
        return cls(place)

    def copied_to(self, place: Path) -> Played:
        """The same site somewhere else, as it stands, as if it had never been anywhere else."""
        self.close()
        shutil.copytree(self.place, place)
        settle_store(place / "state" / "csp.sqlite")
        return Played(place, set(self.read), self.written, self.pretended)

    def shared(self) -> Played:
        """From now on only copies of it are played on."""
        self.is_shared = True
        return self

    def opened(self, now: datetime) -> wiring.Wired:
        """The site at work, as it stands or with its config as it was edited since."""
        assert not self.is_shared, "a site that many tests begin from: play on a copy of it (copied_to)"
        config = {path: path.stat().st_mtime_ns for path in (self.place / "config").rglob("*") if path.is_file()}
        if self._wired is None or config != self._config:
            self.close()
            self._config = config
            self._wired = self._open.enter_context(
                wiring.open_site(self.place / "config", self.place / "state", now=now, pretended=self.pretended)
            )
        return self._wired

    def close(self) -> None:
        """Stop the service."""
        self._wired = None
        self._open.close()

    def beat(self, when: str) -> Beat:
        """One tick at a London moment."""
        self.last = when
        return self.opened(at(when)).tick(at(when))

    def ask(self, question: Callable[[Outside], object], when: str = "31 Dec 23:59") -> object:
        """Look into the site without working on it."""
        return question(self.opened(at(when)).outside)

    def state(self, respondent: str) -> str:
        """Where a return stands, as `cycle status` says it."""
        told = self.ask(lambda outside: cycle_status(outside, Q2))
        return str(next(row["state"] for row in told["returns"] if row["respondent"] == respondent))  # type: ignore[index]

    def new_letters(self, to: str = "") -> list[Post]:
        """What has been delivered since the last look (to an address)."""
        letters = []
        for path in sorted((self.place / "state" / "mail" / "sent" / "new").iterdir(), key=_when_left):
            if path.name not in self.read:
                letter = _opened(path.read_bytes())
                if not to or letter.to == to:
                    self.read.add(path.name)
                    letters.append(letter)
        return letters

    def the_letter(self, to: str, words: str) -> Post:
        """The one new letter to an address whose subject or text has these words."""
        found = [x for x in self.new_letters(to) if words in f"{x.subject} {' '.join(x.text.split())}"]
        assert len(found) == 1, [x.subject for x in found]
        return found[0]

    def told_in_full(self, when: str) -> Post:
        """All that a morning's letter may say, asked for by STATUS after that morning's beat."""
        self.beat(when)
        self.write(CO_ORDINATOR, "How things stand", "STATUS")
        day, _, clock = when.rpartition(" ")
        self.beat(f"{day} {clock[:3]}{int(clock[3:]) + 1:02}")
        return [x for x in self.new_letters(CO_ORDINATOR) if "you today" in x.text][-1]

    def reply(self, letter: Post, sender: str, text: str, *files: tuple[str, bytes]) -> None:
        """A reply lands in the inbox, as a mail program writes it."""
        message = self._message(sender, letter.sender, f"RE: {letter.subject}", text, files)
        message["In-Reply-To"] = letter.message_id
        self.drop(message.as_bytes())

    def write(self, sender: str, subject: str, text: str, *files: tuple[str, bytes]) -> None:
        """A message that answers nothing."""
        self.drop(self._message(sender, "csp-returns@opcc.example", subject, text, files).as_bytes())

    def drop(self, raw: bytes) -> None:
        """Raw bytes are delivered, by rename from tmp as Maildir requires."""
        self.written += 1
        inbox = self.place / "state" / "mail" / "inbox"
        half = inbox / "tmp" / f"{self.written:04}"
        half.write_bytes(raw)
        half.rename(inbox / "new" / half.name)

    def _message(
        self, sender: str, to: str, subject: str, text: str, files: tuple[tuple[str, bytes], ...]
    ) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = sender, to, subject
        message["Message-ID"] = f"<hand-{self.written}@{sender.split('@')[1]}>"
        message.set_content(text)
        for name, data in files:
            message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        return message


def filled(
    letter: Post,
    place: int = 0,
    *,
    number: object = 17,
    words: str = "Work went on.",
    saved: str = "20 Oct 09:00",
    change: Callable[[Workbook], None] | None = None,
) -> tuple[str, bytes]:
    """The letter's form (its first, or the one at `place`), filled in full by a program that is not ours."""
    name, data = letter.workbooks[place]
    return name, (_fill if change else _fill_once)(data, number, words, saved, change)


def _fill(data: bytes, number: object, words: str, saved: str, change: Callable[[Workbook], None] | None) -> bytes:
    return excel.fill(
        data,
        number=lambda *_: number,
        status=lambda *_: "Final",
        words=lambda ref: f"{words} ({ref})",
        now=at(saved),
        change=change,
    )


_fill_once = lru_cache(maxsize=200)(_fill)
