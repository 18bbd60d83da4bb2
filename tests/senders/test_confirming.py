"""A colleague's return on a real site: the lead's word lets it through, and a crash in between loses nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps import judge
from csp_workflow.terms.dates import Quarter
from tests.story.site_told import CO_ORDINATOR, Played, filled

LEAD, CHAIR, COLLEAGUE = "lead@leicester.example", "chair@leicester.example", "new.analyst@leicester.example"
Q2 = Quarter(2014, 2)


def to_others(site: Played) -> list[Post]:
    """The new letters that do not go to the office."""
    return [letter for letter in site.new_letters() if letter.to != CO_ORDINATOR]


def asked(site: Played, *, number: int = 17) -> tuple[Post, Post]:
    """A colleague has sent the form; the request, and the letter in which the lead is asked."""
    request = site.the_letter(LEAD, "Please fill in")
    site.new_letters()
    site.reply(request, COLLEAGUE, "Here is our return.", filled(request, number=number))
    site.beat("16 Oct 10:00")
    letters = to_others(site)
    assert [letter.to for letter in letters] == [LEAD], "and nothing to the colleague"
    return request, letters[0]


def held(site: Played) -> tuple[str, ...]:
    found = site.ask(lambda outside: outside.store.cycle_status(Q2).returns["leicester"].held_messages)
    assert isinstance(found, tuple)
    return found


def verdicts(site: Played) -> list[str]:
    found = site.ask(lambda outside: [m.verdict.value for m in outside.store.messages() if m.verdict])
    assert isinstance(found, list)
    return found


def test_the_leads_confirm_takes_the_return_and_the_lead_gets_the_receipt(site: Played) -> None:
    _, question = asked(site)
    assert (site.state("leicester"), len(held(site))) == ("requested", 1)
    site.reply(question, LEAD, "CONFIRM")
    site.beat("16 Oct 11:00")
    assert (site.state("leicester"), held(site)) == ("complete", ())
    answers = {letter.to: letter.text for letter in to_others(site)}
    assert answers.keys() == {LEAD, CHAIR}, "the chair is asked to approve it"
    assert "We have received the return" in answers[LEAD]
    assert sorted(verdicts(site)) == ["command", "command", "return"]
    site.beat("16 Oct 11:01")
    assert to_others(site) == []


def test_the_leads_reject_puts_it_aside_without_a_letter(site: Played) -> None:
    _, question = asked(site)
    site.reply(question, LEAD, "Reject")
    site.beat("16 Oct 11:00")
    assert (site.state("leicester"), held(site), to_others(site)) == ("requested", (), [])
    site.reply(question, LEAD, "CONFIRM")
    site.beat("16 Oct 12:00")
    assert (site.state("leicester"), to_others(site)) == ("requested", [])


def test_a_member_of_a_shared_mailbox_confirms_from_an_own_address_and_is_never_held_twice(site: Played) -> None:
    request, question = asked(site)
    site.reply(question, COLLEAGUE, "CONFIRM\n\nKind regards\nNew Analyst")
    site.beat("16 Oct 11:00")
    assert (site.state("leicester"), held(site)) == ("complete", ())
    assert {letter.to for letter in to_others(site)} == {LEAD, CHAIR}
    site.reply(request, COLLEAGUE, "A later version.", filled(request, number=18))
    site.write(COLLEAGUE, "Our return", "When does the paper go out?")
    site.beat("16 Oct 12:00")
    assert (site.state("leicester"), held(site)) == ("complete", ())
    assert LEAD in {letter.to for letter in to_others(site)}
    assert "question" in verdicts(site)
    site.reply(question, COLLEAGUE, "Approved")
    site.beat("16 Oct 12:10")
    assert site.state("leicester") == "complete", "nobody approves but the chair"
    site.new_letters()
    site.reply(question, LEAD, "REJECT")
    site.reply(request, COLLEAGUE, "One more.", filled(request, number=19))
    site.beat("16 Oct 13:00")
    assert len(held(site)) == 1


def test_one_yes_frees_all_that_waits_from_a_colleague(site: Played) -> None:
    request, question = asked(site)
    site.reply(request, COLLEAGUE, "When does the paper go out?")
    site.beat("16 Oct 10:30")
    assert len(held(site)) == 2
    site.reply(question, LEAD, "CONFIRM")
    site.beat("16 Oct 11:00")
    assert (site.state("leicester"), held(site)) == ("complete", ())
    assert "question" in verdicts(site)


def test_the_co_ordinator_ends_what_a_colleague_may_send(site: Played) -> None:
    request, question = asked(site)
    site.reply(question, LEAD, "Yes")
    site.beat("16 Oct 11:00")
    site.beat("17 Oct 07:35")
    digest = site.new_letters(CO_ORDINATOR)[-1]
    assert f"whose mail counts as the lead's from now on: {COLLEAGUE}" in " ".join(digest.text.split())
    site.reply(digest, CO_ORDINATOR, f"NO {COLLEAGUE}")
    site.reply(request, COLLEAGUE, "One more.", filled(request, number=19))
    site.beat("17 Oct 09:10")
    assert len(held(site)) == 1


def test_a_strangers_confirm_is_worth_nothing(site: Played) -> None:
    _, question = asked(site)
    site.reply(question, "new.analyst@consultancy.example", "CONFIRM")
    site.reply(question, "lead@charnwood.example", "CONFIRM")
    site.beat("16 Oct 11:00")
    assert site.state("leicester") == "requested"
    assert {letter.to for letter in to_others(site)} <= {LEAD}


@pytest.mark.parametrize("point", ["commit:before", "judge:filed"])
def test_a_crash_between_the_word_and_the_return_is_made_good_by_the_next_beat(
    site: Played, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    _, question = asked(site)
    site.reply(question, LEAD, "CONFIRM")
    honest = judge.judge_as_assigned

    class Died(BaseException):
        """The process ends here."""

    def dying(outside: object, *words: object, since: int) -> int | None:
        def reached(at: str) -> None:
            if at == point:
                raise Died

        return honest(replace(outside, reached=reached), *words, since=since)  # type: ignore[arg-type,type-var]

    with monkeypatch.context() as crash:
        crash.setattr(judge, "judge_as_assigned", dying)
        with pytest.raises(Died):
            site.beat("16 Oct 11:00")
    monkeypatch.undo()
    site.beat("16 Oct 11:10")
    site.beat("16 Oct 11:11")
    assert (site.state("leicester"), held(site)) == ("complete", ())
    assert sorted(letter.to for letter in to_others(site)) == [CHAIR, LEAD], "each once"
    submissions = site.ask(lambda outside: outside.store.submissions(Q2, "leicester"))
    assert len(submissions) == 1  # type: ignore[arg-type]


def test_a_message_that_is_held_again_after_an_order_is_shown_again(site: Played) -> None:
    request = site.the_letter(LEAD, "Please fill in")
    name, data = filled(request)
    site.reply(request, COLLEAGUE, "Two.", (name, data), (f"2 {name}", filled(request, number=5)[1]))
    site.beat("16 Oct 10:00")
    site.new_letters()
    (waiting,) = held(site)
    site.write(CO_ORDINATOR, "An order", f"ASSIGN {waiting[:10]} TO LEIC")
    site.beat("16 Oct 11:00")
    assert held(site) == (waiting,), "two versions still wait for a person"
    site.new_letters()
    assert f"ASSIGN {waiting[:10]}" in site.told_in_full("17 Oct 07:35").text


def test_a_stranger_is_shown_in_the_digest_and_can_still_be_assigned(site: Played) -> None:
    request = site.the_letter(LEAD, "Please fill in")
    site.new_letters()
    site.write("helper@consultancy.example", "Figures", "Who else has replied?")
    beat = site.beat("16 Oct 10:00")
    assert (beat.judged, beat.set_aside) == (1, 0)
    (digest,) = (x for x in site.new_letters(CO_ORDINATOR) if "needs you: perhaps" in x.subject)
    assert to_others(site) == []
    shown = digest.text.partition("ASSIGN ")[2].split()[0]
    site.reply(digest, CO_ORDINATOR, f"ASSIGN {shown} TO LEIC")
    site.beat("17 Oct 09:00")
    assert "question" in verdicts(site)
    assert request.to in {letter.to for letter in site.new_letters()}


def test_an_order_that_nobody_vouches_for_is_not_obeyed_and_stands_in_the_digest(site: Played) -> None:
    config = site.place / "config" / "service.toml"
    config.write_text(f'{config.read_text("utf-8")}\n[trust]\nprofile = "exchange-online"\n', "utf-8")
    site.new_letters()
    order = f"From: {CO_ORDINATOR}\r\nSubject: Stop\r\nMessage-ID: <%s@x.example>\r\n\r\nHOLD"
    site.drop((order % "forged").encode())
    site.beat("16 Oct 10:00")
    assert (verdicts(site)[-1], on_hold(site)) == ("held", False)
    site.beat("17 Oct 07:35")
    assert "Nothing in it was carried out" in " ".join(site.new_letters(CO_ORDINATOR)[-1].text.split())
    proof = "Authentication-Results: dmarc=pass action=none header.from=opcc.example;compauth=pass reason=100\r\n"
    site.drop((proof + order % "genuine").encode())
    site.beat("17 Oct 09:00")
    assert (verdicts(site)[-1], on_hold(site)) == ("command", True)


def on_hold(site: Played) -> bool:
    return bool(site.ask(lambda outside: outside.store.service_status().on_hold))
