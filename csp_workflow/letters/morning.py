"""The co-ordinator's morning letter and the values it shows; and the week in short for her manager."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from csp_workflow.letters.kinds import Audience, Ground, Kind, Matter, writes
from csp_workflow.letters.office import WaitingMessage
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Manner
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import brief_day
from csp_workflow.terms.site import Contact

_MOST_STRANGERS = 50
"""As many strangers' messages as the digest lists one by one."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """By what a thing that waits may be put off: a message's id or a respondent's key, and what of it ("faults").

    `what` stands in stored events and is never changed; `called` is how people call it. A message may be that `of`
    several respondents.
    """

    about: str
    called: str
    what: str = ""
    of: tuple[str, ...] = ()

    @property
    def is_message(self) -> bool:
        """Whether it is about a message."""
        return not self.what


@dataclass(frozen=True, kw_only=True)
class Need:
    """Something only the co-ordinator can decide: what it is, and the exact words to reply (or none: who acts, when).

    One without an `item` stands in every morning's letter until it is settled: it is never put off. `title` is the
    same from day to day as long as it is the same thing; `quote` what somebody wrote, in their words, and `answers`
    what we asked that it may answer. One that `presses` keeps letters back, keeps us from seeing what came, or is
    to be done by today: it brings a letter each working day. One `by_reply` is settled by a reply alone, and not by
    a letter of its own. `since` is the day on which it was first told, None while it is new; `told_at` when a
    letter of its own brought it, with its words. One that `may_wait` stands in the next letter and brings none:
    nobody waits for it.
    """

    title: str
    sentence: str
    words: tuple[str, ...] = ()
    item: Item | None = None
    quote: str = ""
    answers: tuple[str, ...] = ()
    presses: bool = False
    by_reply: bool = False
    since: date | None = None
    told_at: datetime | None = None
    may_wait: bool = False


class ForWhom(StrEnum):
    """For whom a return waits."""

    HER = "Needs you"
    THEM = "Waiting for them"
    NOBODY = "Done"


@dataclass(frozen=True, kw_only=True)
class StatusRow:
    """Where one respondent's return stands, in words. `open` is what is not settled, such as "2 faults"."""

    name: str
    code: str
    state: str
    due: datetime
    received: datetime | None
    version: int
    approved: str
    open: tuple[str, ...]
    waits_for: ForWhom = ForWhom.THEM

    @property
    def facts(self) -> tuple[str, ...]:
        """All that is to be said of it, its state first."""
        back = (f"back {brief_day(self.received)}",) if self.received else ()
        asked = (f"chair {self.approved}",) if self.approved.startswith("asked") else ()
        given = (f"approved {self.approved}",) if self.approved not in {"", "no", "not needed"} and not asked else ()
        return (self.state, *back, *asked, *given, *self.open)


@dataclass(frozen=True, kw_only=True)
class RowGroup:
    """The returns that wait for the same, each with what there is to say of it; the rest as names under a state."""

    waits_for: ForWhom
    rows: tuple[StatusRow, ...]
    alike: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def count(self) -> int:
        """How many returns."""
        return len(self.rows) + sum(len(names) for _, names in self.alike)


@dataclass(frozen=True, kw_only=True)
class RoundShown:
    """One quarter's round: a sentence or two, and a row for each respondent.

    `counted` says how many returns are in, "" before any was asked for; `lacks` what a paper would lack if it were
    compiled now. `is_whole`: the rows are shown, and not the sentences alone.
    """

    quarter: Quarter
    headline: str
    counted: str
    rows: tuple[StatusRow, ...]
    lacks: str = ""
    is_whole: bool = True

    @property
    def groups(self) -> tuple[RowGroup, ...]:
        """The rows by whom they wait for; of those with whom all is done, or that were only asked, the names."""
        made = (_group(whom, [row for row in self.rows if row.waits_for is whom]) for whom in ForWhom)
        return tuple(group for group in made if group.count)


def _group(whom: ForWhom, rows: list[StatusRow]) -> RowGroup:
    def is_plain(row: StatusRow) -> bool:
        is_told = whom is ForWhom.NOBODY and "," not in row.approved  # how it was approved, beside the day
        return is_told or (whom is ForWhom.THEM and len(row.facts) == 1)

    alike: dict[str, list[str]] = {}
    for row in filter(is_plain, rows):
        alike.setdefault(row.state, []).append(row.name)
    named = tuple((state, tuple(names)) for state, names in alike.items())
    return RowGroup(waits_for=whom, rows=tuple(row for row in rows if not is_plain(row)), alike=named)


@dataclass(frozen=True, kw_only=True)
class LetterRow:
    """A letter that did not go as it should. `short` names it in `outbox show` and `outbox resolve`."""

    short: str
    what: str
    recipient: str
    state: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class NextRow:
    """What goes out on a coming working day, if nothing arrives before: how many of a kind, about whom.

    `stops` are the orders that would keep each back, where they are few.
    """

    day: date
    what: str
    letters: int
    about: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PaperRow:
    """One board's paper: its meeting, where it stands, and what comes next."""

    board: str
    quarter: str
    meeting: date
    state: str
    next: str
    yearly: bool = False
    is_cancelled: bool = False


@dataclass(frozen=True, kw_only=True)
class Digest:
    """All the morning letter says, in its order. `first` is the line that says whether anything needs her.

    `subject` says the same in few words, with the first thing that is new; `overdue` how many decisions her deputy has
    too, and from when what is left; `ordered` what she ordered and is done, of which no letter of its own told;
    `orders_at_once` that no order's answer waits for the next of these letters.
    """

    day: date
    first: str
    subject: str
    needs: tuple[Need, ...] = ()
    rounds: tuple[RoundShown, ...] = ()
    strangers: tuple[WaitingMessage, ...] = ()
    letters: tuple[LetterRow, ...] = ()
    ahead: tuple[NextRow, ...] = ()
    ordered: tuple[str, ...] = ()
    happened: tuple[str, ...] = ()
    papers: tuple[PaperRow, ...] = ()
    later: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    overdue: str = ""
    orders_at_once: bool = False

    @property
    def fresh(self) -> tuple[Need, ...]:
        """The things that were not told before."""
        return tuple(need for need in self.needs if need.since is None)

    @property
    def repeated(self) -> tuple[Need, ...]:
        """The things that were told before and still wait."""
        return tuple(need for need in self.needs if need.since is not None)


def name_cause(day: date) -> str:
    """What tells a day's morning letter from every other letter."""
    return f"digest:{day.isoformat()}"


@writes(Kind(name="digest", manner=Manner.OFFICE, audience=Audience.OFFICE, ground=Ground.STATE_OF_THINGS))
def digest(
    to: Contact,
    shown: Digest,
    *,
    cause: str,
    workbook: Attachment | None,
    originals: tuple[Attachment, ...] = (),
    copied_while: str = "",
) -> Matter:
    """The digest to one of the office's people, with the messages (`originals`) that no letter of their own brought.

    `copied_while` says why the deputy has it too.
    """
    quarters = [r.quarter for r in shown.rounds]
    return Matter(
        to=to,
        cause=cause,
        about=(),
        quarter=quarters[0] if len(quarters) == 1 else None,
        facts={
            "codes": (),
            "shown": shown,
            "copied_while": copied_while,
            "workbook": workbook.name if workbook else "",
            "originals": tuple(a.name for a in originals),
            "most_strangers": _MOST_STRANGERS,
        },
        attachments=(*((workbook,) if workbook else ()), *originals),
    )


@writes(Kind(name="week-in-short", manner=Manner.OFFICE, audience=Audience.MANAGER, ground=Ground.STATE_OF_THINGS))
def week_in_short(to: Contact, shown: Digest) -> Matter:
    """How the quarter stands and what waits, without anybody's words or name, once a week."""
    since = min((need.since for need in shown.repeated if need.since), default=None)
    facts = {"codes": (), "shown": shown, "since": since}
    return Matter(to=to, cause=f"week:{shown.day.isoformat()}", about=(), quarter=None, facts=facts)
