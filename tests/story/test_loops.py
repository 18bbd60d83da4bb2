"""Machines that answer machines: two services facing each other fall silent, and a storm of answers is stopped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from csp_workflow.steps import telling
from tests.story.site_told import CO_ORDINATOR, Q2, Played

OURS, THEIRS = "csp-returns@opcc.example", "reporting@north.example"
LEAD = "lead@leicester.example"


def opened(place: Path, *, mailbox: str, lead: str) -> Played:
    """A site whose requests have gone out."""
    site = Played.laid_out(place)
    rewrite(site, "partnerships.toml", LEAD, lead)
    rewrite(site, "service.toml", OURS, mailbox)
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    return site


def rewrite(site: Played, name: str, was: str, becomes: str) -> None:
    file = site.place / "config" / name
    text = file.read_text("utf-8")
    assert was in text
    file.write_text(text.replace(was, becomes), "utf-8")


@pytest.fixture(scope="module")
def two_opened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Played]:
    place = tmp_path_factory.mktemp("two")
    return opened(place / "one", mailbox=OURS, lead=THEIRS), opened(place / "other", mailbox=THEIRS, lead=OURS)


def carried(sender: Played, receiver: Played, to: str, lost: tuple[str, ...]) -> int:
    """Carry what one has newly sent to the other, without the headers that are lost on the way. How many."""
    count = 0
    for path in sorted((sender.place / "state" / "mail" / "sent" / "new").iterdir()):
        raw = path.read_bytes()
        if path.name in sender.read or f"<{to}>".encode() not in raw.split(b"\r\n\r\n", 1)[0]:
            continue
        sender.read.add(path.name)
        for name in lost:
            raw = re.sub(rf"(?im)^{name}:.*\r\n(?:[ \t].*\r\n)*".encode(), b"", raw)
        receiver.drop(raw)
        count += 1
    return count


@pytest.mark.parametrize(
    "lost", [(), ("Auto-Submitted",), ("Auto-Submitted", "X-CSP-Delivery"), ("Auto-Submitted", "Message-ID")]
)
def test_two_services_facing_each_other_fall_silent_within_three_messages(
    two_opened: tuple[Played, Played], tmp_path: Path, lost: tuple[str, ...]
) -> None:
    one, other = (site.copied_to(tmp_path / name) for site, name in zip(two_opened, ("one", "other"), strict=True))
    messages = []
    for minute in (11, 12, 13):
        messages.append(carried(one, other, THEIRS, lost) + carried(other, one, OURS, lost))
        one.beat(f"15 Oct 09:{minute}")
        other.beat(f"15 Oct 09:{minute}")
    assert sum(messages) <= 3
    assert messages[0] == 2, "each has sent its request"
    assert messages[-1] == 0
    for site in (one, other):
        verdicts = site.ask(lambda outside: {m.subject: m.verdict.value for m in outside.store.messages() if m.verdict})
        assert "noise" in verdicts.values()  # type: ignore[attr-defined]


def test_too_many_answers_in_an_hour_are_stopped_until_the_co_ordinator_lets_them_go(site: Played) -> None:
    rewrite(site, "service.toml", "answers_an_hour = 60", "answers_an_hour = 2")
    site.new_letters()
    writers = [LEAD, "lead@charnwood.example", "lead@rutland.example", "lead@nwl.example"]
    for writer in writers:
        site.write(writer, "A question", "Could you ring me about the form? I have some questions.")
    site.beat("15 Oct 10:00")
    letters = site.new_letters()
    assert len([x for x in letters if x.to in writers]) == 2
    (alarm,) = [x for x in letters if "RELEASE" in x.text and "automatic answers left within an hour" in x.text]
    waits = site.ask(lambda outside: telling.cycle_status(outside, Q2)["waits"])
    assert "Automatic answers wait until the co-ordinator replies RELEASE." in str(waits)
    site.beat("15 Oct 10:30")
    assert not [x for x in site.new_letters() if x.to in writers]
    site.reply(alarm, CO_ORDINATOR, "RELEASE")
    site.beat("15 Oct 10:31")
    assert len([x for x in site.new_letters() if x.to in writers]) == 2
