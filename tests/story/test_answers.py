"""Her words to whoever asked: after ten minutes, in that person's own conversation, and nothing by mistake."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote

import pytest

from csp_workflow.rehearsal.partners.mail import Post, open_letter
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.status import ReturnStatus
from tests.story.site_told import CO_ORDINATOR, Q2, Played, said

LEIC = "lead@leicester.example"
ASKED = "May we have until Friday? Our analyst is ill."
WORDS = "Dear colleague,\n\nYes, Friday is fine.\n\nKind regards\nPat"


def raw_of(site: Played, letter: Post) -> bytes:
    """Its bytes as they left."""
    sent = (path.read_bytes() for path in (site.place / "state" / "mail" / "sent" / "new").iterdir())
    return next(raw for raw in sent if letter.message_id.encode() in raw)


def all_letters(site: Played) -> list[Post]:
    """Everything that ever left."""
    return [open_letter(path.read_bytes()) for path in (site.place / "state" / "mail" / "sent" / "new").iterdir()]


def status(site: Played) -> ReturnStatus:
    found = site.ask(lambda outside: outside.store.cycle_status(Q2).returns["leicester"])
    assert isinstance(found, ReturnStatus)
    return found


def message_of(question: Post) -> str:
    found = re.search(r"DONE ([0-9a-f]{10})", question.text)
    assert found
    return found[1]


def to_leicester(site: Played) -> list[Post]:
    return [replace(letter, text=letter.text.replace("\r", "")) for letter in site.new_letters(LEIC)]


@pytest.fixture
def question(site: Played) -> Post:
    """A lead asks; the letter that brings it to the co-ordinator, where a site wants that at once."""
    config = site.place / "config" / "service.toml"
    config.write_text(
        config.read_text("utf-8").replace("questions_at_once = false", "questions_at_once = true"), "utf-8"
    )
    site.reply(site.the_letter(LEIC, "2014/15 Q2"), LEIC, ASKED)
    site.beat("16 Oct 10:00")
    to_leicester(site)
    return site.the_letter(CO_ORDINATOR, "ANSWER on the first line")


def test_her_words_go_on_after_ten_minutes_in_the_lead_s_own_conversation(site: Played, question: Post) -> None:
    site.reply(question, CO_ORDINATOR, f"ANSWER\n\n{WORDS}\n\n> Leicester wrote\n> {ASKED}")
    site.beat("16 Oct 10:05")
    told = said(site.the_letter(CO_ORDINATOR, "Done: ANSWER"))
    assert "These words go to" in told
    assert "after 10:15am" in told
    assert "Yes, Friday is fine." in told
    site.beat("16 Oct 10:14")
    assert not to_leicester(site)
    assert status(site).is_paused
    site.beat("16 Oct 10:15")
    (letter,) = to_leicester(site)
    assert letter.text.startswith(WORDS)
    assert ASKED not in letter.text
    assert "prepared automatically" not in letter.text
    assert letter.subject.startswith("RE: ")
    raw = message_from_bytes(raw_of(site, letter))
    assert not raw["Auto-Submitted"]
    assert raw["In-Reply-To"].startswith("<hand-")
    assert not status(site).is_paused
    site.beat("17 Oct 07:35")
    assert "waits for your answer" not in said(site.the_letter(CO_ORDINATOR, "you today"))


def test_the_prepared_reply_says_by_its_subject_whom_it_is_for(site: Played, question: Post) -> None:
    link = re.search(r'href="mailto:[^"?]+\?subject=(ANSWER[^"]+)"', question.html)
    assert link
    subject = unquote(link[1].replace("&amp;", "&"))
    assert subject in said(question)
    site.write(CO_ORDINATOR, subject, WORDS)
    site.beat("16 Oct 10:05")
    site.beat("16 Oct 10:15")
    (letter,) = to_leicester(site)
    assert letter.text.startswith(WORDS)


@pytest.mark.parametrize("before", ["RE: ", "AW: RE: ", "[EXTERNAL] ", "OFFICIAL: ", "Re: [EXT] "])
def test_a_program_s_prefix_takes_nothing_from_the_subject(site: Played, question: Post, before: str) -> None:
    site.write(CO_ORDINATOR, f"{before}ANSWER {message_of(question)} to whoever it was", "Yes, you may.")
    site.beat("16 Oct 10:05")
    assert "not from 'whoever it was'" in said(site.the_letter(CO_ORDINATOR, "Not done"))
    site.write(CO_ORDINATOR, f"{before}ANSWER {message_of(question)}", "Yes, you may.")
    site.beat("16 Oct 10:06")
    site.beat("16 Oct 10:16")
    assert [x.text.split("\n")[0] for x in to_leicester(site)] == ["Yes, you may."]


def test_a_forwarded_subject_is_no_order_of_hers(site: Played, question: Post) -> None:
    site.write(CO_ORDINATOR, f"FW: ANSWER {message_of(question)}", "Yes, you may.")
    site.beat("16 Oct 10:05")
    site.beat("16 Oct 10:20")
    assert not to_leicester(site)


def test_outlook_s_quote_below_her_words_does_not_go(site: Played, question: Post) -> None:
    quote = "\n".join(question.text.split("\n")[:40])
    head = f"From: {question.sender}\nSent: 16 October 2014 10:00\nTo: Pat\nSubject: {question.subject}\n\n"
    site.reply(
        question, CO_ORDINATOR, f"ANSWER\nYes, Friday is fine.\n\n________________________________\n{head}{quote}"
    )
    site.beat("16 Oct 10:05")
    site.beat("16 Oct 10:15")
    (letter,) = to_leicester(site)
    assert ASKED not in letter.text
    assert letter.text.startswith("Yes, Friday is fine.")


@pytest.mark.parametrize(("word", "subject"), [("STOP", "Please"), ("", "STOP"), ("RECALL", "An answer")])
def test_within_ten_minutes_it_is_taken_back_for_good(site: Played, question: Post, word: str, subject: str) -> None:
    site.reply(question, CO_ORDINATOR, f"ANSWER\n{WORDS}")
    site.beat("16 Oct 10:05")
    site.write(CO_ORDINATOR, subject, word)
    site.beat("16 Oct 10:14")
    told = said(site.the_letter(CO_ORDINATOR, "is taken back and is not sent"))
    assert f"write it again with ANSWER {message_of(question)}" in told
    if word != "RECALL":
        site.write(CO_ORDINATOR, "Go on", "RESUME")
    site.beat("16 Oct 10:30")
    assert not to_leicester(site)
    assert status(site).is_paused
    morning = said(site.told_in_full("17 Oct 07:35"))
    assert "waits for your answer" in morning
    assert "was not sent. You took it back." in morning
    site.reply(question, CO_ORDINATOR, f"ANSWER\n{WORDS}")
    site.beat("17 Oct 10:05")
    site.beat("17 Oct 10:15")
    assert len(to_leicester(site)) == 1


def test_recall_in_reply_to_the_echo_takes_back_that_answer_only(site: Played, question: Post) -> None:
    for minute, words in ((5, "The first."), (6, "The second.")):
        site.reply(question, CO_ORDINATOR, f"ANSWER\n{words}")
        site.beat(f"16 Oct 10:0{minute}")
    told = [x for x in site.new_letters(CO_ORDINATOR) if "These words go to" in said(x)]
    first, second = sorted(told, key=lambda x: "The second." in said(x))
    assert "Another answer of yours to it still waits" in said(second)
    site.reply(first, CO_ORDINATOR, "RECALL")
    site.beat("16 Oct 10:07")
    site.beat("16 Oct 10:20")
    assert [x.text.split("\n")[0] for x in to_leicester(site)] == ["The second."]
    site.reply(first, CO_ORDINATOR, "RECALL")
    site.beat("16 Oct 10:21")
    assert "cannot be called back" in said(site.the_letter(CO_ORDINATOR, "No answer of yours waits"))


def test_a_reply_to_the_echo_may_answer_again_and_settle(site: Played, question: Post) -> None:
    site.reply(question, CO_ORDINATOR, "ANSWER\nThe first.")
    site.beat("16 Oct 10:05")
    echo = site.the_letter(CO_ORDINATOR, "These words go to")
    site.reply(echo, CO_ORDINATOR, "ANSWER\nThe second.")
    site.beat("16 Oct 10:06")
    site.reply(echo, CO_ORDINATOR, "DONE")
    site.beat("16 Oct 10:07")
    assert not status(site).is_paused
    site.beat("16 Oct 10:20")
    assert sorted(x.text.split("\n")[0] for x in to_leicester(site)) == ["The first.", "The second."]


def test_a_hold_of_the_respondent_keeps_it_and_resume_lets_it_go(site: Played, question: Post) -> None:
    site.reply(question, CO_ORDINATOR, f"ANSWER\n{WORDS}")
    site.beat("16 Oct 10:05")
    site.write(CO_ORDINATOR, "A hold", "HOLD LEIC")
    site.beat("16 Oct 10:06")
    site.beat("16 Oct 10:30")
    assert not to_leicester(site)
    site.write(CO_ORDINATOR, "Go on", "RESUME LEIC")
    site.beat("16 Oct 10:31")
    assert len(to_leicester(site)) == 1


def test_a_plain_reply_goes_nowhere_and_is_asked(site: Played, question: Post) -> None:
    site.reply(question, CO_ORDINATOR, WORDS)
    site.beat("16 Oct 10:05")
    site.beat("16 Oct 10:30")
    assert not to_leicester(site)
    asked = site.the_letter(CO_ORDINATOR, "This was not sent to anybody.")
    short = message_of(question)
    assert f"write it again with ANSWER {short} on the first line" in said(asked)
    assert f"DONE {short}" in said(asked)
    site.reply(asked, CO_ORDINATOR, f"ANSWER {short}\n{WORDS}")
    site.beat("16 Oct 10:31")
    site.beat("16 Oct 10:41")
    assert len(to_leicester(site)) == 1


@pytest.mark.parametrize(
    "inside", ["HOLD LEIC", "extend Leicester to 5 November because ill", "DONE", "ANSWER", "SEND it"]
)
def test_what_looks_like_an_order_inside_is_asked_and_nothing_goes(site: Played, question: Post, inside: str) -> None:
    site.reply(question, CO_ORDINATOR, f"ANSWER\nYes, you may.\n\n{inside}")
    site.beat("16 Oct 10:05")
    site.beat("16 Oct 10:30")
    assert not to_leicester(site)
    assert "reads like an order, so nothing was sent to anybody" in said(site.the_letter(CO_ORDINATOR, "ANSWER"))
    assert status(site).due is None


def test_a_stop_inside_halts_and_nothing_goes(site: Played, question: Post) -> None:
    site.reply(question, CO_ORDINATOR, "ANSWER\nYes, you may.\n\nSTOP")
    site.beat("16 Oct 10:05")
    assert "All sending is stopped" in said(site.the_letter(CO_ORDINATOR, "STOP"))
    site.write(CO_ORDINATOR, "Go on", "RESUME")
    site.beat("16 Oct 10:30")
    assert not to_leicester(site)


def test_orders_above_it_are_carried_out_as_well(site: Played, question: Post) -> None:
    site.reply(question, CO_ORDINATOR, f"EXTEND LEIC TO 31 October BECAUSE their analyst is ill\n\nANSWER\n{WORDS}")
    site.beat("16 Oct 10:05")
    site.beat("16 Oct 10:15")
    assert any(x.text.startswith(WORDS) for x in to_leicester(site))
    assert status(site).due is not None


@pytest.mark.parametrize("words", ["ANSWER", "ANSWER\n\nDear colleague,\n\nKind regards\nPat"])
def test_an_empty_one_is_refused(site: Played, question: Post, words: str) -> None:
    site.reply(question, CO_ORDINATOR, words)
    site.beat("16 Oct 10:05")
    site.beat("16 Oct 10:30")
    assert not to_leicester(site)
    assert "There is nothing in it for" in said(site.the_letter(CO_ORDINATOR, "ANSWER"))


def test_a_file_goes_only_where_it_is_named(site: Played, question: Post) -> None:
    files = ("Guide.pdf", b"%PDF-1.4 a guide"), ("Notes.docx", b"notes")
    site.reply(question, CO_ORDINATOR, "ANSWER\nYes, you may.\nATTACHED guide", *files)
    site.beat("16 Oct 10:05")
    told = said(site.the_letter(CO_ORDINATOR, "These words go to"))
    assert "With it: Guide.pdf." in told
    assert "Notes.docx does not go with your answer." in told
    site.beat("16 Oct 10:15")
    (letter,) = to_leicester(site)
    assert [name for name, _ in letter.files] == ["Guide.pdf"]
    assert "ATTACHED" not in letter.text


def test_a_form_that_she_sends_on_is_no_return(site: Played, question: Post) -> None:
    request = next(x for x in all_letters(site) if x.to == LEIC and x.workbooks)
    site.reply(question, CO_ORDINATOR, "ANSWER\nHere is your form again.\nATTACHED", request.workbooks[0])
    site.beat("16 Oct 10:05")
    assert not to_leicester(site)
    assert "went the way of forms" not in said(site.the_letter(CO_ORDINATOR, "These words go to"))
    site.beat("16 Oct 10:15")
    (letter,) = to_leicester(site)
    assert letter.workbooks == request.workbooks


def test_her_words_beside_a_form_that_is_not_filled_in_are_read(site: Played, question: Post) -> None:
    request = next(x for x in all_letters(site) if x.to == LEIC and x.workbooks)
    site.reply(question, CO_ORDINATOR, "HOLD NWL", request.workbooks[0])
    site.beat("16 Oct 10:05")
    assert "Nothing is sent to" in said(site.the_letter(CO_ORDINATOR, "You wrote"))


def test_a_form_of_another_respondent_does_not_leave_with_it(site: Played, question: Post) -> None:
    other = next(x for x in site.new_letters() if x.to != LEIC and x.workbooks)
    site.reply(question, CO_ORDINATOR, "ANSWER\nYes, you may.\nATTACHED", other.workbooks[0])
    site.beat("16 Oct 10:05")
    site.beat("16 Oct 10:15")
    assert not to_leicester(site)


def test_whoever_has_left_meanwhile_is_not_written_to_and_she_is_told(site: Played, question: Post) -> None:
    site.reply(question, CO_ORDINATOR, f"ANSWER\n{WORDS}")
    site.beat("16 Oct 10:05")
    place = site.place / "config" / "partnerships.toml"
    place.write_text(place.read_text().replace(LEIC, "somebody.else@leicester.example"))
    site.beat("16 Oct 10:15")
    assert not to_leicester(site)
    assert not site.new_letters("somebody.else@leicester.example")
    site.beat("17 Oct 07:35")
    digest = site.the_letter(CO_ORDINATOR, "you today")
    assert digest.subject.startswith("One thing needs you: a question of Safer Leicester Partnership (your answer")
    assert "was not sent. Its recipient is no longer registered." in said(digest)
    assert "waits for your answer" in said(digest)


def test_an_answer_is_possible_again_and_done_says_that_it_is_settled(site: Played, question: Post) -> None:
    short = message_of(question)
    for hour, words in ((11, "Yes."), (12, "And thank the analyst for us.")):
        site.write(CO_ORDINATOR, "To Leicester", f"ANSWER {short}\n{words}")
        site.beat(f"16 Oct {hour}:05")
        site.beat(f"16 Oct {hour}:15")
    assert len(to_leicester(site)) == 2
    site.write(CO_ORDINATOR, "Settled", f"DONE {short}")
    site.beat("16 Oct 12:30")
    assert f"Message {short} waits for nobody" in said(site.the_letter(CO_ORDINATOR, "Not done"))


def test_settling_the_question_says_that_her_answer_still_goes(site: Played, question: Post) -> None:
    site.reply(question, CO_ORDINATOR, f"ANSWER\n{WORDS}")
    site.beat("16 Oct 10:05")
    site.write(CO_ORDINATOR, "Aside", f"DISMISS {message_of(question)}")
    site.beat("16 Oct 10:06")
    told = said(site.the_letter(CO_ORDINATOR, "is put aside and kept"))
    assert "Your answer to it has not left yet, and still goes" in told
    assert "Nobody is answered" not in told
    site.beat("16 Oct 10:15")
    assert len(to_leicester(site)) == 1


def test_the_secretariat_is_answered_and_gets_nobody_s_form(site: Played, question: Post) -> None:
    secretariat = str(site.ask(lambda outside: outside.site.office.secretariat[0].address))
    site.write(secretariat, "The paper", "Could you cut it to ten pages?")
    site.beat("16 Oct 10:01")
    short = site.ask(lambda outside: outside.store.messages()[-1].id[:10])
    guide = ("Guide.pdf", b"%PDF-1.4 a guide")
    form = next(x for x in all_letters(site) if x.to == LEIC and x.workbooks).workbooks[0]
    site.write(CO_ORDINATOR, f"ANSWER {short}", "Yes, by Friday.\nATTACHED", guide)
    site.write(CO_ORDINATOR, f"ANSWER {short}", "And this.\nATTACHED", form)
    site.beat("16 Oct 10:05")
    site.beat("16 Oct 10:15")
    told, letter = sorted(site.new_letters(secretariat), key=lambda x: len(x.files))
    assert "has it" in told.text
    assert not told.files
    assert letter.text.startswith("Yes, by Friday.")
    assert letter.subject.startswith("RE: The paper")
    assert letter.files == (guide,)


def test_a_picture_in_it_is_said_not_to_go(site: Played, question: Post) -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = CO_ORDINATOR, question.sender, f"RE: {question.subject}"
    message["Message-ID"], message["In-Reply-To"] = "<picture@opcc.example>", question.message_id
    message.set_content("ANSWER\nSee here:\n[cid:image001.png@01CFE]\nIt is the box at the top.")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="image001.png")
    site.drop(message.as_bytes())
    site.beat("16 Oct 10:05")
    assert "The pictures in your letter do not go with it." in said(site.the_letter(CO_ORDINATOR, "These words go to"))
    site.beat("16 Oct 10:15")
    (letter,) = to_leicester(site)
    assert "cid:" not in letter.text
    assert not letter.files


def test_a_stranger_is_not_answered_from_here(site: Played) -> None:
    site.write("somebody@elsewhere.example", "Your figures", "Where can I read them?")
    site.beat("16 Oct 10:00")

    def find(outside: Outside) -> str:
        return outside.store.messages()[-1].id

    site.write(CO_ORDINATOR, f"ANSWER {site.ask(find)}", "On our website.")
    site.beat("16 Oct 10:05")
    assert "is not registered with us" in said(site.the_letter(CO_ORDINATOR, "Not done"))
    site.beat("16 Oct 10:30")
    assert not site.new_letters("somebody@elsewhere.example")
