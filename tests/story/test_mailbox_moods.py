"""Mailboxes that are old, long, slow, refuse to file or ask for peace: no message waits for another, none is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from csp_workflow.mailboxes.mailbox import MORE, Absence, Fetched, PatientMailbox, Proof
from csp_workflow.steps import judge, ordering, receive
from csp_workflow.steps.beat import Beat, tick
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.receive import FILINGS
from csp_workflow.terms.service import MailboxUnreachable
from tests.story.site_told import Played

NOW = datetime(2014, 10, 16, 9, 30, tzinfo=UTC)
LONG_AGO = datetime(2009, 4, 1, 12, tzinfo=UTC)
PART = 3


@dataclass
class MoodyMailbox:
    """Lists its messages in parts of three. `asked` are the verbs that came, `refuses` what each refuses so often.

    A message that was filed is among the `filed`, and is not listed any more.
    """

    lying: dict[str, datetime] = field(default_factory=dict)
    refuses: dict[str, list[MailboxUnreachable]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    filed: list[str] = field(default_factory=list)
    server_time = None
    certificates = ()

    def _note(self, verb: str) -> None:
        self.asked.append(verb)
        if left := self.refuses.get(verb) or self.refuses.get(verb.partition(" ")[0]):
            raise left.pop()

    def list_new(self, cursor: str, since: datetime | None = None) -> tuple[tuple[str, ...], str]:
        self._note("list")
        place = int(cursor.removeprefix(MORE) or 0)
        is_old = not place or cursor.startswith(MORE)
        found = list(self.lying)[place : place + PART]
        end = place + len(found)
        wanted = [s for s in found if s not in self.filed and not (is_old and since and self.lying[s] < since)]
        return tuple(wanted), f"{MORE if end < len(self.lying) else ''}{end}"

    def list_filed(
        self, cursor: str, since: datetime | None = None, *, ours: bool = False
    ) -> tuple[tuple[str, ...], str]:
        return (), ""

    def remove(self, source: str) -> None:
        del self.lying[source]

    def get(self, source: str, now: datetime) -> Fetched:
        self._note(f"get {source}")
        head = f"From: stranger@elsewhere.example\r\nSubject: {source}\r\nMessage-ID: <{source}@elsewhere.example>\r\n"
        raw = f"{head}\r\nHello\r\n".encode()
        return Fetched(source=source, raw=raw, size=len(raw), received=self.lying[source])

    def file(self, source: str, folder: str) -> None:
        self._note(f"file {source}")
        self.filed.append(source)

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        return Proof(evidence=delivery_id)

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        return Absence.CERTAIN

    def close(self) -> None:
        """Nothing to let go."""

    def times(self, verb: str) -> int:
        """How often something was asked."""
        return sum(each.startswith(verb) for each in self.asked)


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return Played.laid_out(tmp_path_factory.mktemp("moods") / "opcc")


@pytest.fixture
def mailbox() -> MoodyMailbox:
    return MoodyMailbox({f"m{number}": NOW + timedelta(minutes=number) for number in range(7)})


@pytest.fixture
def outside(laid_out: Played, tmp_path: Path, mailbox: MoodyMailbox) -> Iterator[Outside]:
    site = laid_out.copied_to(tmp_path / "opcc")
    yield replace(site.opened(NOW).outside, mailbox=mailbox)
    site.close()


def sources(outside: Outside) -> list[str]:
    return [row.source for row in outside.store.messages()]


def beat(outside: Outside, minutes: float = 0) -> Beat:
    return tick(outside, NOW + timedelta(minutes=minutes))


# An old mailbox, a long list ----------------------------------------------------------------------


def test_what_lay_there_before_the_first_day_is_neither_copied_nor_judged(
    outside: Outside, mailbox: MoodyMailbox
) -> None:
    mailbox.lying = {**{f"old{number}": LONG_AGO for number in range(10)}, **mailbox.lying}
    assert beat(outside).drained
    assert sources(outside) == [f"m{number}" for number in range(7)]
    assert not any("old" in each for each in (*mailbox.asked, *mailbox.filed))
    assert outside.store.read_from() == NOW - timedelta(minutes=10)


def test_what_somebody_moves_in_later_is_read_however_old_it_is(outside: Outside, mailbox: MoodyMailbox) -> None:
    beat(outside)
    mailbox.lying["moved in"] = LONG_AGO
    beat(outside, 1)
    assert "moved in" in sources(outside)


def test_the_first_day_is_that_of_the_first_thing_that_happened_here(outside: Outside, mailbox: MoodyMailbox) -> None:
    """An order may answer the proof pack before the service has beaten for the first time."""
    from csp_workflow.steps import cycle
    from csp_workflow.terms.dates import Quarter

    mailbox.lying = {"before": NOW - timedelta(days=9), "between": NOW - timedelta(days=7)}
    cycle.plan_cycle(outside, Quarter(2014, 2), NOW - timedelta(days=8))
    receive.receive(outside, NOW)
    assert sources(outside) == ["between"]


def test_a_day_that_is_named_later_is_gone_back_to_and_each_message_is_known(
    outside: Outside, mailbox: MoodyMailbox
) -> None:
    mailbox.lying = {"old": LONG_AGO, "older": LONG_AGO - timedelta(days=400), **mailbox.lying}
    beat(outside)
    again = replace(outside, read_from=date(2009, 4, 1))
    for minutes in (1, 2):
        beat(again, minutes)
    assert sources(outside) == ["old", *(f"m{number}" for number in range(7))]
    beat(replace(outside, read_from=date(2014, 12, 1)), 3)
    assert outside.store.read_from() == datetime(2009, 3, 31, 23, tzinfo=UTC)


def test_a_crash_in_a_long_list_goes_on_where_it_was(outside: Outside, mailbox: MoodyMailbox) -> None:
    mailbox.refuses = {"list": [], "get m4": [MailboxUnreachable()] * 2, "get m5": [MailboxUnreachable()] * 2}
    with pytest.raises(MailboxUnreachable):
        receive.receive(outside, NOW)
    assert outside.store.cursor(outside.mailbox_name) == f"{MORE}3"
    mailbox.refuses.clear()
    assert receive.receive(outside, NOW).drained
    assert mailbox.times("get m0") == mailbox.times("get m3") - 1 == 1
    assert len(sources(outside)) == 7


def test_a_list_that_takes_too_long_goes_on_in_the_next_beat(outside: Outside, mailbox: MoodyMailbox) -> None:
    ticking = iter(range(0, 1000, 45))
    slow = replace(outside, clock=lambda: float(next(ticking)))
    first = receive.receive(slow, NOW)
    assert (first.landed, first.drained) == (3, False)
    assert outside.store.cursor(outside.mailbox_name) == f"{MORE}3"
    assert receive.receive(outside, NOW).drained


def test_a_service_that_is_asked_to_stop_goes_on_where_it_was(outside: Outside) -> None:
    stops = iter([False, False, True, True, True])
    stopped = receive.receive(replace(outside, stopping=lambda: next(stops, True)), NOW)
    assert (stopped.landed, stopped.drained) == (1, False)
    assert outside.store.cursor(outside.mailbox_name) == ""


def test_one_message_that_cannot_be_had_holds_up_no_other(outside: Outside, mailbox: MoodyMailbox) -> None:
    mailbox.refuses["get m1"] = [MailboxUnreachable()]
    held_up = beat(outside)
    assert (held_up.failed_steps, held_up.drained) == (("receive",), False)
    assert sources(outside) == ["m0", "m2"]
    assert beat(outside, 1).drained
    assert len(sources(outside)) == 7


# Filing -------------------------------------------------------------------------------------------


def test_filing_that_is_refused_slows_nothing_and_is_done_later(outside: Outside, mailbox: MoodyMailbox) -> None:
    mailbox.refuses["file"] = [MailboxUnreachable()]
    first = beat(outside)
    assert (first.failed_steps, first.judged) == ((), 7)
    assert mailbox.times("file") == 1
    beat(outside, 1)
    assert mailbox.times("file") == 1
    beat(outside, 3)
    assert sorted(mailbox.filed) == [f"m{number}" for number in range(7)]


def test_filing_that_is_always_refused_is_tried_a_bounded_number_of_times(
    outside: Outside, mailbox: MoodyMailbox
) -> None:
    mailbox.refuses["file"] = [MailboxUnreachable()] * 1000
    for hours in range(200):
        judge.judge_all(outside, NOW + timedelta(hours=5 * hours), obey=ordering.obey)
        receive.receive(outside, NOW + timedelta(hours=5 * hours))
    assert mailbox.times("file") <= 7 * FILINGS
    assert outside.filing.left == {}
    since = outside.store.not_filed_since()
    assert since is not None
    assert since < NOW + timedelta(days=2)
    mailbox.refuses.clear()
    mailbox.lying["new"] = NOW
    beat(outside, 60 * 2000)
    assert mailbox.filed == ["new"]
    assert outside.store.not_filed_since() is None


def test_one_message_that_cannot_be_filed_holds_up_no_other(outside: Outside, mailbox: MoodyMailbox) -> None:
    mailbox.refuses["file m0"] = [MailboxUnreachable()] * 1000
    for hours in range(0, 60, 5):
        beat(outside, 60 * hours)
    assert sorted(mailbox.filed) == [f"m{number}" for number in range(1, 7)]
    assert mailbox.times("file m0") == FILINGS


def test_a_message_that_comes_again_while_filing_is_refused_stops_nothing(
    outside: Outside, mailbox: MoodyMailbox
) -> None:
    beat(outside)
    mailbox.filed.clear()
    mailbox.refuses["file"] = [MailboxUnreachable()]
    outside.store.save_cursor(outside.mailbox_name, "")
    assert beat(outside, 1).failed_steps == ()
    beat(outside, 10)
    assert len(mailbox.filed) == 7


def test_a_message_that_is_listed_again_goes_where_it_was_to_go(outside: Outside, mailbox: MoodyMailbox) -> None:
    """After a crash before it was filed, or as a later day to read from was named."""
    beat(outside)
    folders: list[str] = []
    mailbox.filed.clear()
    mailbox.file = lambda _, folder: folders.append(folder)  # type: ignore[method-assign]
    outside.store.save_cursor(outside.mailbox_name, "")
    beat(outside, 1)
    assert folders == ["Quarantine"] * 7, "strangers' messages, of which nobody has said anything yet"


def test_filing_rests_as_long_as_the_server_asks(outside: Outside, mailbox: MoodyMailbox) -> None:
    mailbox.refuses["file"] = [MailboxUnreachable(wait=timedelta(hours=2))]
    beat(outside)
    beat(outside, 119)
    assert mailbox.times("file") == 1
    beat(outside, 121)
    assert len(mailbox.filed) == 7


# A server that asks to be left alone --------------------------------------------------------------


def test_a_mailbox_is_left_alone_as_long_as_it_asks(mailbox: MoodyMailbox) -> None:
    time = [100.0]
    patient = PatientMailbox(mailbox, clock=lambda: time[0])  # type: ignore[arg-type]
    mailbox.refuses["list"] = [MailboxUnreachable(wait=timedelta(minutes=5))]
    with pytest.raises(MailboxUnreachable):
        patient.list_new("")
    for verb in (lambda: patient.list_new(""), lambda: patient.get("m0", NOW), lambda: patient.file("m0", "Held")):
        with pytest.raises(MailboxUnreachable, match="left alone") as fault:
            verb()
        assert fault.value.wait == timedelta(minutes=5)
    assert mailbox.asked == ["list"]
    patient.close()
    time[0] += 301
    assert patient.list_new("")[0] == ("m0", "m1", "m2")


def test_no_server_is_left_alone_for_a_year(mailbox: MoodyMailbox) -> None:
    time = [0.0]
    patient = PatientMailbox(mailbox, clock=lambda: time[0])  # type: ignore[arg-type]
    mailbox.refuses["list"] = [MailboxUnreachable(wait=timedelta(days=365)), MailboxUnreachable()]
    mailbox.refuses["list"].reverse()
    with pytest.raises(MailboxUnreachable):
        patient.list_new("")
    time[0] += 4 * 3600 + 1
    with pytest.raises(MailboxUnreachable, match="could not be reached"):
        patient.list_new("")
    assert patient.list_new("")[0]
