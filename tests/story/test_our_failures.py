"""What we fail at is never told as theirs: it is tried again, then kept for the co-ordinator as ours.

And strangers' files stay unopened until she says whose they are; their messages are put aside together.
"""

from __future__ import annotations

import pytest

from csp_workflow.intake import opening
from csp_workflow.sandbox import Sandbox, SandboxReply
from csp_workflow.steps import judge, receive, setting_up
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.service import JobEnd
from tests.story.site_told import CO_ORDINATOR, Played, at, filled, said

LEIC = "lead@leicester.example"
BLAMED = ("damaged", "could not open", "could not be read", "too large", "unsafe")
FOI = "Under the Freedom of Information Act please send me the minutes of your meetings."


def flat(text: str) -> str:
    return " ".join(text.split())


def failing(monkeypatch: pytest.MonkeyPatch, end: JobEnd, *, times: int = 99) -> list[str]:
    """Every opening ends so, the first so many times; which functions were asked for."""
    honest, asked = Sandbox.run, list[str]()

    def run(self: Sandbox, function: str, data: bytes, seconds: float | None = None) -> SandboxReply:
        asked.append(function)
        return SandboxReply(end=end) if len(asked) <= times else honest(self, function, data, seconds)

    monkeypatch.setattr(Sandbox, "run", run)
    return asked


def send_return(site: Played, text: str = "Attached.") -> None:
    letter = next(x for x in site.new_letters(LEIC) if x.workbooks)
    site.reply(letter, LEIC, text, filled(letter))


def digest(site: Played, when: str) -> str:
    return said(site.told_in_full(when))


@pytest.mark.parametrize("end", [end for end in JobEnd if end.is_ours])
def test_what_we_cannot_open_is_tried_again_then_kept_as_ours_and_replayed(
    site: Played, monkeypatch: pytest.MonkeyPatch, end: JobEnd
) -> None:
    send_return(site, "Attached. Please ring me about burglary.")
    with monkeypatch.context() as broken:
        asked = failing(broken, end)
        tried = []
        for minute in ("10:00", "10:01", "10:06", "10:07", "10:35", "10:37"):
            site.beat(f"16 Oct {minute}")
            tried.append(len(asked))
    assert tried == [1, 1, 2, 2, 2, 3], "with pauses"
    told = [flat(x.text) for x in site.new_letters(LEIC)]
    assert len(told) == 1
    assert "has it and will answer you" in told[0]
    assert not any(word in told[0] for word in BLAMED)
    (shown,) = [x for x in site.new_letters(CO_ORDINATOR) if "Please ring me about burglary" in x.text]
    assert "no fault of the sender's" in flat(shown.text)
    assert not shown.files
    text = digest(site, "17 Oct 07:35")
    short = str(site.ask(lambda outside: next(iter(outside.store.service_status().failures))[:10]))
    assert "We failed on it 3 times, last at" in text
    assert f"REPLAY {short}" in text
    site.write(CO_ORDINATOR, "Orders", f"REPLAY {short}")
    site.beat("17 Oct 10:00")
    assert site.state("leicester") == "complete"
    assert "looked at again" in flat(site.the_letter(CO_ORDINATOR, "REPLAY").text)
    site.write(CO_ORDINATOR, "Orders", f"REPLAY {short}")
    site.beat("17 Oct 10:05")
    assert "looked at in full" in flat(site.new_letters(CO_ORDINATOR)[-1].text)


def test_what_fails_again_after_a_replay_waits_again(site: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message of whom nobody knows too, who answers our letter."""
    site.beat("16 Oct 07:35")
    site.write("clerk@leicester.example", "Our figures", "See here.", ("a.xlsx", b"PK\x03\x04 of any kind"))
    failing(monkeypatch, JobEnd.KILLED)
    for minute in ("10:00", "10:06", "10:37"):
        site.beat(f"16 Oct {minute}")
    short = str(site.ask(lambda outside: next(iter(outside.store.service_status().failures))[:10]))
    assert f"REPLAY {short}" in digest(site, "17 Oct 07:35")
    site.write(CO_ORDINATOR, "Orders", f"REPLAY {short}")
    for minute in ("08:00", "08:06", "08:37"):
        site.beat(f"17 Oct {minute}")
        if minute == "08:00":
            site.write(CO_ORDINATOR, "Orders", f"DISMISS {short}")
    told = [flat(x.text) for x in site.new_letters(CO_ORDINATOR)]
    assert any(f"Message {short} is being looked at: we failed on it last at 8:06am on Friday" in text for text in told)
    text = digest(site, "20 Oct 07:35")
    assert "We failed on it 3 times" in text
    assert f"REPLAY {short}" in text


def test_what_passes_by_is_told_to_nobody(site: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    site.beat("16 Oct 07:35")
    send_return(site)
    failing(monkeypatch, JobEnd.NOT_STARTED, times=1)
    site.beat("16 Oct 10:00")
    assert not site.new_letters(LEIC)
    site.beat("16 Oct 10:06")
    assert site.state("leicester") == "complete"
    site.beat("17 Oct 07:35")
    assert any("Failed to look at a message" in flat(x.text) for x in site.new_letters(CO_ORDINATOR))


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        (JobEnd.TIME, "could not open it within the time it has for one message"),
        (JobEnd.MEMORY, "could not open it within the memory it has for one file"),
        (JobEnd.TOO_MUCH, "more than our program takes out of one file"),
        (JobEnd.CRASH, "may well be its fault and not the file's"),
    ],
)
def test_what_a_file_itself_uses_up_is_told_as_it_is(
    site: Played, monkeypatch: pytest.MonkeyPatch, end: JobEnd, sentence: str
) -> None:
    send_return(site)
    failing(monkeypatch, end)
    for minute in ("10:00", "10:06", "10:37"):
        site.beat(f"16 Oct {minute}")
    (told,) = site.new_letters(LEIC)
    assert sentence in flat(told.text)
    assert "damaged" not in told.text


def test_a_stop_waits_for_no_file(site: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, JobEnd.STALLED)
    site.write(CO_ORDINATOR, "STOP", "STOP", ("notes.xlsx", b"PK\x03\x04 of any kind"))
    site.beat("16 Oct 10:00")
    assert site.ask(lambda outside: outside.store.service_status().on_hold)


def test_what_our_own_code_fails_on_is_told_to_its_sender_as_ours(
    site: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing_once_read(message: object, *_: object, **__: object) -> object:
        raise RuntimeError("a fault of ours")

    send_return(site)
    with monkeypatch.context() as broken:
        broken.setattr("csp_workflow.intake.decide.take_forms", failing_once_read)
        for minute in range(4):
            site.beat(f"16 Oct 10:{minute:02}")
    (told,) = site.new_letters(LEIC)
    assert "has it and will answer you" in flat(told.text)


def test_a_message_whose_bytes_are_lost_holds_up_no_other(site: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file in the archive was removed or changed after it had landed."""
    send_return(site)
    outside = site.opened(at("16 Oct 10:00")).outside
    receive.receive(outside, at("16 Oct 10:00"))
    (row,) = outside.store.unjudged()
    site.write(CO_ORDINATOR, "STOP", "STOP")
    honest = outside.archive.fetch

    def fetch(name: str) -> bytes:
        if name == row.content:
            raise KeyError(name)
        return honest(name)

    monkeypatch.setattr(outside.archive, "fetch", fetch)
    site.beat("16 Oct 10:00")
    assert outside.store.service_status().on_hold
    for minute in range(1, 4):
        site.beat(f"16 Oct 10:0{minute}")
    assert f"REPLAY {row.id[:10]}" in digest(site, "17 Oct 07:35")


def test_one_sender_s_messages_cannot_hold_a_beat(site: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a sender's messages take is counted; beyond the limit the rest waits for the next beat."""
    for number in range(3):
        site.write(LEIC, f"Message {number}", "Please ring me.")
    honest, clock = judge._judge_guarded, [0.0]

    def slow(*arguments: object) -> object:
        clock[0] += 15
        return honest(*arguments)  # type: ignore[arg-type]

    object.__setattr__(site.opened(at("16 Oct 10:00")).outside, "clock", lambda: clock[0])
    monkeypatch.setattr(judge, "_judge_guarded", slow)
    assert site.beat("16 Oct 10:00").judged == 2
    assert site.beat("16 Oct 10:01").judged == 1


def test_a_file_of_figures_that_we_fail_on_is_no_file_s_fault(site: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, JobEnd.NOT_STARTED, times=1)

    def take(outside: Outside) -> int:
        return int(
            setting_up.import_figures(outside, b"series,area,period,value\n", "a.csv", at("16 Oct 10:00"))["taken"]
        )

    with pytest.raises(PreconditionFailed, match="no fault of its own"):
        site.ask(take)
    assert site.ask(take) == 0


# Strangers ------------------------------------------------------------------------------------------


def test_strangers_are_told_of_together_and_put_aside_together_and_none_that_came_since(
    site: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = failing(monkeypatch, JobEnd.FAULT, times=0)
    form = filled(next(x for x in site.new_letters(LEIC) if x.workbooks))
    site.write("somebody@private.example", "My return", "Attached.", form)
    site.write("seller@shop.example", "Offers", "Buy our chairs.")
    site.write("jo@public.example", "Your meetings", FOI, ("letter.pdf", b"%PDF-1.4 a request"))
    site.write("saved@public.example", "See this", "Attached.", ("mail.msg", b"\xd0\xcf\x11\xe0 saved"))
    site.beat("16 Oct 10:00")
    assert set(asked) == {opening.WORDS_READER}, "of a stranger's files the words of a saved message alone are read"
    (told,) = [x for x in site.new_letters(CO_ORDINATOR) if "may be an information request" in flat(x.text)]
    assert [name for name, _ in told.files] == ["Status 2014-10-16.xlsx"], "the message stays here"
    assert "It brought letter.pdf, which nobody has opened." in flat(told.text)
    text = digest(site, "17 Oct 07:35")
    assert "2 messages came from strangers (somebody@private.example and seller@shop.example)" in text
    assert "Reply: DISMISS STRANGERS" in text
    assert "saved@public.example wrote at" in text, "words may lie in it"
    assert 'Offers: "Buy our chairs."' in text
    site.write("late@public.example", "Burglary", "Our house was burgled and nobody came.\n\nRing me on 07700 900123.")
    site.beat("17 Oct 08:00")
    ids = site.ask(lambda o: {m.sender: m.id[:10] for m in o.store.messages()})
    site.write(CO_ORDINATOR, "Orders", f"ASSIGN {ids['somebody@private.example']} TO LEIC")  # type: ignore[index]
    site.beat("17 Oct 09:00")
    assert opening.READER in asked
    assert site.state("leicester") == "complete"
    site.new_letters()
    site.write(CO_ORDINATOR, "Orders", "Please dismiss all the strangers' messages, thanks")
    site.beat("17 Oct 09:10")
    echo = flat(site.new_letters(CO_ORDINATOR)[-1].text)
    assert f"Put aside and kept: 1 message from strangers ({ids['seller@shop.example']})" in echo  # type: ignore[index]
    assert "1 message that came since" in echo
    site.write(CO_ORDINATOR, "Orders", "DISMISS STRANGERS")
    site.beat("17 Oct 09:20")
    assert "Those that came since are in the next morning letter" in flat(site.new_letters(CO_ORDINATOR)[-1].text)
    text = digest(site, "20 Oct 07:35")
    assert "late@public.example wrote at" in text
    ids = site.ask(lambda o: {m.sender: m.id[:10] for m in o.store.messages()})
    assert "Our house was burgled and nobody came." in text
    assert f"it may name a person; SHOW {ids['late@public.example']} brings it" in text  # type: ignore[index]
    assert "from here: please answer from your own mailbox." in text
    assert "may be an information request" in text
    assert "came from strangers" not in text


def test_what_was_put_aside_with_many_is_taken_up_again_by_assign(site: Played) -> None:
    form = filled(next(x for x in site.new_letters(LEIC) if x.workbooks))
    site.write("somebody@private.example", "My return", "Attached.", form)
    site.write("seller@shop.example", "Offers", "Buy our chairs.")
    site.beat("16 Oct 10:00")
    site.beat("17 Oct 07:35")
    site.write(CO_ORDINATOR, "Orders", "DISMISS STRANGERS")
    site.beat("17 Oct 09:00")
    ids = site.ask(lambda o: {m.sender: m.id[:10] for m in o.store.messages()})
    order = f"ASSIGN {ids['somebody@private.example']} TO LEIC"  # type: ignore[index]
    site.write(CO_ORDINATOR, "Orders", order)
    site.beat("17 Oct 09:10")
    assert site.state("leicester") == "complete"
    site.write(CO_ORDINATOR, "Orders again", order)
    site.beat("17 Oct 09:20")
    assert "settled already" in flat(site.new_letters(CO_ORDINATOR)[-1].text)


def test_a_stranger_s_letter_in_a_file_is_not_put_aside_with_the_rest(site: Played) -> None:
    """What they ask or complain of may stand in it, and nobody has opened it."""
    site.write("one@public.example", "Statement", "Please see attached.", ("letter.pdf", b"%PDF-1.4 a letter"))
    site.write("two@public.example", "Statement", "", ("Winmail.dat", b"\x78\x9f\x3e\x22"))
    site.write("three@public.example", "Statement", "Please find my letter enclosed.", ("to you.docx", b"PK\x03\x04"))
    site.write("seller@shop.example", "Offers", "Buy our chairs.", ("prices.pdf", b"%PDF-1.4 prices"))
    site.write("form@private.example", "Statement", "Attached.", ("form.xlsx", b"PK\x03\x04"))
    site.beat("16 Oct 10:00")
    text = digest(site, "17 Oct 07:35")
    assert "2 messages came from strangers (seller@shop.example and form@private.example)" in text
    for sender in ("one", "two", "three"):
        assert f"{sender}@public.example wrote at" in text
    site.write(CO_ORDINATOR, "Orders", "DISMISS STRANGERS")
    site.beat("17 Oct 09:00")
    assert "one@public.example wrote at" in digest(site, "20 Oct 07:35")


def test_strangers_without_number_stay_one_line_and_a_status_letter_never_tells_of_what_it_left_out(
    site: Played,
) -> None:
    for number in range(55):
        site.write(f"s{number}@spam.example", "Offer", f"Offer {number}.")
    site.write(CO_ORDINATOR, "Orders", "STATUS")
    site.write("last@spam.example", "Offer", "One more.")
    site.beat("16 Oct 10:00")
    letter = next(x for x in site.new_letters(CO_ORDINATOR) if "came from strangers" in flat(x.text))
    assert "and 5 more messages, in the folder Quarantine" in flat(letter.text)
    site.reply(letter, CO_ORDINATOR, "DISMISS STRANGERS")
    site.beat("16 Oct 10:10")
    refused = flat(site.new_letters(CO_ORDINATOR)[-1].text)
    assert "No stranger's message waits that a morning letter has told you of." in refused
    text = digest(site, "17 Oct 07:35")
    assert "56 messages came from strangers (s0@spam.example, s1@spam.example, s2@spam.example and 53 others)" in text
    site.write(CO_ORDINATOR, "Orders", "DISMISS STRANGERS")
    site.beat("17 Oct 09:10")
    assert "56 messages from strangers" in flat(site.new_letters(CO_ORDINATOR)[-1].text)
    assert "stranger" not in digest(site, "20 Oct 07:35").replace("DISMISS STRANGERS", "")
