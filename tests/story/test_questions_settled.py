"""Questions about a return that words do not answer plainly, or that nobody answers: she settles them in a word."""

from __future__ import annotations

from csp_workflow.rehearsal.partners import excel
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.terms.events import Happened
from tests.story.site_told import CO_ORDINATOR, Q2, Played, at, said
from tests.story.test_answers import all_letters

LEAD, CHAIR = "lead@charnwood.example", "chair@charnwood.example"
TRUE = "The hostels count those who moved, and the survey was late."


def fill(letter: Post, when: str, *, odd: object = "45*", words: str = "We met twice.") -> tuple[str, bytes]:
    """The form with a footnote mark behind two of its figures."""
    name, data = letter.workbooks[0]
    return name, excel.fill(
        data,
        number=lambda _, ref, *__: odd if ref.endswith(("L1", "L2")) else 17,
        status=lambda *_: "Final",
        words=lambda ref: f"{words} ({ref})",
        now=at(when),
    )


def first_round(site: Played) -> Post:
    request = next(x for x in site.new_letters(LEAD) if x.workbooks)
    site.reply(request, LEAD, "", fill(request, "16 Oct 09:00"))
    site.beat("16 Oct 10:00")
    (receipt,) = site.new_letters(LEAD)
    return receipt


def list_notes(site: Played) -> dict[str, str]:
    """What stands beside the figures of the latest version, by the last part of their refs."""
    latest = site.ask(lambda outside: outside.store.latest_submissions(Q2)["charnwood"])
    return {f.series.rpartition(".")[2]: f.note for f in latest.figures}  # type: ignore[attr-defined]


def order(site: Played, letter: Post, words: str, when: str) -> str:
    """What is answered to an order of hers."""
    site.reply(letter, CO_ORDINATOR, words)
    site.beat(when)
    answers = (x for x in site.new_letters(CO_ORDINATOR) if "You wrote:" in x.text)
    return said(next(answers))


def test_words_that_may_answer_either_question_are_settled_by_one_word_of_hers(site: Played) -> None:
    receipt = first_round(site)
    site.reply(receipt, LEAD, TRUE)
    site.beat("16 Oct 11:00")
    assert not [x for x in site.new_letters(CO_ORDINATOR) if TRUE in said(x)], "it waits for the morning letter"
    asked = site.told_in_full("17 Oct 07:40")
    morning = said(asked)
    assert "Q2 (CHARN.L2, Your figures G8): we found 45*" in morning
    assert "It may answer what was asked: - Q1 (CHARN.L1," in morning
    assert "Reply: ANSWERS CHARN Q1 or: ANSWERS CHARN Q2 or: ANSWER " in morning
    # A number that is not open is refused with what is; a second partnership has nothing that waits.
    refused = order(site, asked, "ANSWERS CHARN Q7", "17 Oct 09:00")
    assert "Q7 of Charnwood Community Safety Partnership is not open. Open now: Q1 (CHARN.L1" in refused
    assert "No question about the return of Safer Melton Partnership is open" in order(
        site, asked, "ANSWERS MELT Q1", "17 Oct 09:05"
    )
    site.new_letters(LEAD)
    done = order(site, asked, "please ANSWERS Charnwood question 2, thanks", "17 Oct 09:10")
    assert "is kept as the answer to Q2 of Charnwood" in done
    assert "RETURN CHARN BECAUSE reason asks them again" in done
    assert list_notes(site) == {"L1": "", "L2": TRUE, "L3": "", "L4": ""}
    # The receipt of what was answered asks the other one for the second time, and says that it is the last.
    (again,) = site.new_letters(LEAD)
    assert "CHARN.L1 ASB cases opened" in said(again).partition("What we read")[0]
    assert "CHARN.L2" not in said(again).partition("What changed")[0]
    assert "This is the last time that we ask: what is open after that goes to our co-ordinator." in said(again)
    site.reply(again, LEAD, "It marks a count of the old kind.")
    site.beat("17 Oct 10:00")
    assert list_notes(site)["L1"].startswith("It marks a count")
    assert not [x for x in site.new_letters(LEAD) if "To explain" in said(x)]


def test_both_questions_may_be_answered_by_the_same_words_and_each_once(site: Played) -> None:
    config = site.place / "config" / "service.toml"
    config.write_text(
        config.read_text("utf-8").replace("questions_at_once = false", "questions_at_once = true"), "utf-8"
    )
    receipt = first_round(site)
    site.reply(receipt, LEAD, TRUE)
    site.reply(receipt, CHAIR, "They are as the service counts them.")
    site.beat("16 Oct 11:00")
    letters = site.new_letters(CO_ORDINATOR)
    by = {who: next(x for x in letters if words in said(x)) for who, words in ((LEAD, TRUE), (CHAIR, "as the service"))}
    assert "Several messages of Charnwood" in order(site, receipt, "ANSWERS CHARN Q1", "16 Oct 11:05")
    done = order(site, by[CHAIR], "ANSWERS CHARN Q1 and Q2", "16 Oct 11:10")
    assert "the answer to Q1 and Q2 of" in done
    assert list_notes(site)["L1"] == list_notes(site)["L2"] == "They are as the service counts them."
    late = order(site, by[LEAD], "ANSWERS CHARN Q1", "16 Oct 11:15")
    assert "came after the letter that you answer" in late
    assert "No question about the return of Charnwood Community Safety Partnership is open." in late


def test_what_is_asked_twice_goes_to_her_and_is_never_asked_a_third_time(site: Played) -> None:
    receipt = first_round(site)
    assert "the last time that we ask" not in said(receipt)
    site.reply(receipt, LEAD, "", fill(receipt_form(site), "16 Oct 12:00", words="We met three times."))
    site.beat("16 Oct 13:00")
    second = next(x for x in site.new_letters(LEAD) if "version 2" in said(x))
    assert "This is the last time that we ask: what is open after that goes to our co-ordinator." in said(second)
    assert "questions twice" not in said(site.told_in_full("17 Oct 07:40")), "they have had a day"
    site.reply(second, LEAD, "", fill(receipt_form(site), "17 Oct 09:00", words="We met four times."))
    site.beat("17 Oct 10:00")
    third = next(x for x in site.new_letters(LEAD) if "version 3" in said(x))
    assert "To explain, if you can" not in said(third)
    assert "You need not answer these again" in said(third)
    letter = site.told_in_full("20 Oct 07:40")
    morning = said(letter)
    assert "was asked 2 questions twice, has not answered, and is not asked again. Q1 (CHARN.L1," in morning
    assert "Reply: ACCEPT CHARN Q1 Q2 or: RETURN CHARN BECAUSE reason" in morning
    done = order(site, letter, "ACCEPT CHARN Q1 Q2", "20 Oct 09:00")
    assert "taken as it stands. Nobody is asked about it again." in done
    assert "questions twice" not in said(site.told_in_full("21 Oct 07:40"))
    answered = site.ask(lambda o: [e for e in o.store.events(Q2) if e.kind is Happened.QUERY_ANSWERED])
    assert len(answered) == 2  # type: ignore[arg-type]


def receipt_form(site: Played) -> Post:
    """The letter that brought the form first."""
    return next(x for x in all_letters(site) if x.to == LEAD and x.workbooks)
