"""A quarter from its opening to its papers, through the mailbox alone, with the clock driven by hand."""

from __future__ import annotations

import re
from email import message_from_bytes
from pathlib import Path

import pytest

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps import judge
from csp_workflow.store import LandedMessage
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.messages import Verdict
from tests.story.site_told import CO_ORDINATOR, Played, at, filled, said

CHARN, CHARN_CHAIR = "lead@charnwood.example", "chair@charnwood.example"
LEIC, LEIC_CHAIR = "lead@leicester.example", "chair@leicester.example"
NWL = "lead@nwl.example"
Q2 = Quarter(2014, 2)


@pytest.fixture
def site(opened_once: Played, tmp_path: Path) -> Played:
    """A site whose quarter has just been sent out by the co-ordinator's reply; each test has its own copy."""
    return opened_once.copied_to(tmp_path / "opcc")


@pytest.fixture(scope="module")
def opened_once(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Planned, the extract received, proved, and sent by SEND."""
    site = Played.laid_out(tmp_path_factory.mktemp("opened") / "opcc")
    site.beat("01 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nobody has been asked yet"), CO_ORDINATOR, "SEND")
    site.beat("01 Oct 09:05")
    extract = site.the_letter("performance.analyst@force.example", "extract")
    site.reply(extract, "performance.analyst@force.example", "Attached.", filled(extract, number=140))
    site.beat("02 Oct 09:05")
    for day in ("06", "08", "10", "13"):
        site.beat(f"{day} Oct 09:05")
    site.beat("15 Oct 07:35")
    proof = site.the_letter(CO_ORDINATOR, "Here is everything")
    assert not [x for x in site.new_letters() if "Please fill in" in x.text], "nothing may leave before SEND"
    site.reply(proof, CO_ORDINATOR, "SEND\n\nThanks")
    site.beat("15 Oct 09:10")
    return site


def test_every_lead_gets_its_own_form_and_one_officer_gets_two(site: Played) -> None:
    letters = {x.to: x for x in site.new_letters() if x.workbooks}
    assert len(letters[CHARN].workbooks) == 1
    assert len(letters["community.safety@county.example"].workbooks) == 2
    assert len(letters["lead@blaby-hinckley.example"].workbooks) == 1, "a joint partnership has one form for both areas"


def test_a_good_return_is_receipted_and_approved_and_its_lead_gets_no_letter_that_asks_nothing(site: Played) -> None:
    request = site.the_letter(LEIC, "Please fill in")
    site.reply(request, LEIC, "Our return.", filled(request))
    site.beat("16 Oct 10:00")
    receipt = site.the_letter(LEIC, "We have received")
    assert "17" in receipt.text
    asked = site.the_letter(LEIC_CHAIR, "APPROVED on its own first line")
    assert "Work went on. (T1)" in " ".join(asked.text.split()), "the chair reads the summary in the letter itself"

    site.reply(asked, LEIC_CHAIR, "Approved.\n\nSent from my phone\n\n> the word APPROVED on its own first line")
    site.beat("17 Oct 10:00")
    assert site.state("leicester") == "approved"
    assert "the Board's paper says so, and you get no letter about it" in " ".join(asked.text.split())
    assert not [one.subject for one in site.new_letters(LEIC) if "approved" in one.subject]


def test_a_return_with_faults_is_corrected_in_the_fresh_form(site: Played) -> None:
    request = site.the_letter(CHARN, "Please fill in")
    site.reply(request, CHARN, "Our return.", filled(request, number="#DIV/0!"))
    site.beat("16 Oct 10:00")
    assert site.state("charnwood") == "queried"
    correction = site.the_letter(CHARN, "#DIV/0!")
    assert correction.workbooks, "a fresh form with the marked cells is attached"
    assert not site.new_letters(CHARN_CHAIR)[1:], "no chair is asked about a return with faults"

    site.reply(correction, CHARN, "Mended.", filled(correction, number=21))
    site.beat("17 Oct 10:00")
    assert site.state("charnwood") == "complete"


def test_approved_subject_to_is_a_question_and_a_resubmission_asks_again_with_what_changed(site: Played) -> None:
    request = site.the_letter(LEIC, "Please fill in")
    site.reply(request, LEIC, "Our return.", filled(request, number=17))
    site.beat("16 Oct 10:00")
    asked = site.the_letter(LEIC_CHAIR, "APPROVED on its own first line")
    site.reply(asked, LEIC_CHAIR, "Approved subject to the burglary figure being checked.")
    site.beat("16 Oct 11:00")
    assert site.state("leicester") == "complete"
    morning = site.told_in_full("17 Oct 07:35")
    (order,) = re.findall(r"or: +(DONE \w+)", morning.text)
    assert "subject to the burglary figure" in said(morning)

    site.reply(morning, CO_ORDINATOR, order)
    site.reply(request, LEIC, "Corrected.", filled(request, number=18))
    site.beat("17 Oct 10:00")
    again = site.the_letter(LEIC_CHAIR, "18")
    assert "17" in again.text
    assert "Work went on. (T1)" not in " ".join(again.text.split()), "only what changed is shown"

    site.reply(asked, LEIC_CHAIR, "APPROVED")
    site.beat("17 Oct 14:00")
    assert site.state("leicester") == "complete", "a yes to the earlier version approves nothing"
    site.reply(again, LEIC_CHAIR, "APPROVED")
    site.beat("17 Oct 15:00")
    assert site.state("leicester") == "approved"


def test_nil_and_declined_by_reply_stop_the_chase(site: Played) -> None:
    letters = {x.to: x for x in site.new_letters() if x.workbooks}
    nil, no = "business.office@safeguarding.example", "partnership@mental-health.example"
    site.reply(letters[nil], nil, "Nil return\n\nThank you.")
    site.reply(letters[no], no, "We decline\n\nThe group did not meet.")
    site.beat("16 Oct 10:00")
    assert (site.state("lscb"), site.state("mental-health")) == ("nil", "declined")
    site.new_letters()
    for day in ("20", "21", "22", "24", "27", "28", "29"):
        site.beat(f"{day} Oct 09:05")
    assert not [x for x in site.new_letters() if x.to in {nil, no}]


def test_a_question_waits_for_the_co_ordinator_and_pauses_the_chase(site: Played) -> None:
    request = site.the_letter(NWL, "Please fill in")
    site.reply(request, NWL, "Do you want calendar or financial quarters?")
    site.beat("16 Oct 10:00")
    assert site.the_letter(NWL, "has it and will answer you")
    morning = site.the_letter(CO_ORDINATOR, "Do you want calendar or financial quarters?")
    done = next(line.split("or:")[1].strip() for line in morning.text.splitlines() if "or:    DONE" in line)
    for day in ("17", "20", "21"):
        site.beat(f"{day} Oct 09:05")
    assert not site.new_letters(NWL), "nobody is chased while they wait for our answer"

    site.reply(morning, CO_ORDINATOR, done)
    site.beat("22 Oct 09:05")
    site.beat("22 Oct 10:05")
    assert site.new_letters(NWL), "the chase goes on"


def test_hold_stops_everything_to_partners_and_resume_sends_the_latest_only(site: Played) -> None:
    site.new_letters()
    site.write(CO_ORDINATOR, "Please stop", "HOLD")
    site.beat("16 Oct 10:00")
    for day in ("17", "20", "21", "22", "23", "24", "27"):
        site.beat(f"{day} Oct 09:05")
    assert {x.to for x in site.new_letters()} == {CO_ORDINATOR, "deputy.co-ordinator@opcc.example"}, "the office alone"
    site.write(CO_ORDINATOR, "Go on", "RESUME")
    site.beat("28 Oct 09:05")
    assert len(site.new_letters(CHARN)) == 1


def test_silence_is_chased_up_the_ladder_and_reported_as_what_it_is(site: Played) -> None:
    site.new_letters()
    for day in (16, 17, 20, 21, 22, 23, 24, 27, 28, 29, 30, 31):
        site.beat(f"{day} Oct 07:35")
        site.beat(f"{day} Oct 09:05")
    chases = site.new_letters(CHARN)
    assert len(chases) == 5, "two before, one on the day, two after"
    site.beat("03 Nov 07:35")
    digest = next(x for x in site.new_letters(CO_ORDINATOR) if "YES CHARN" in x.text)
    assert not site.new_letters(CHARN_CHAIR)[1:], "no chair is written to about lateness before her yes"
    site.reply(digest, CO_ORDINATOR, "YES CHARN")
    site.beat("03 Nov 09:05")
    site.beat("03 Nov 10:05")
    assert any("late" in f"{x.subject} {x.text}" for x in site.new_letters(CHARN_CHAIR))
    site.beat("04 Nov 17:05")
    assert site.state("charnwood") == "not received"

    request = next(x for x in _everything(site) if x.to == CHARN and x.workbooks)
    site.reply(request, CHARN, "Sorry.", filled(request))
    site.beat("05 Nov 10:00")
    assert site.state("charnwood") == "complete", "a late return leaves 'not received'"


def _everything(site: Played) -> list:  # type: ignore[type-arg]
    site.read.clear()
    return site.new_letters()


def test_papers_are_drafted_cleared_and_circulated_by_reply(site: Played) -> None:
    for day in ("16 Oct", "20 Oct", "22 Oct", "24 Oct", "28 Oct", "30 Oct", "03 Nov", "04 Nov"):
        site.beat(f"{day} 17:05")
    for day in ("06", "10", "12", "14", "18"):
        site.beat(f"{day} Nov 09:05")
    site.new_letters()
    site.beat("20 Nov 09:05")
    draft = site.the_letter(CO_ORDINATOR, "is attached (speb")
    assert draft.files[0][0].endswith(".docx")

    site.reply(draft, CO_ORDINATOR, "CIRCULATE speb")
    site.beat("20 Nov 10:05")
    assert site.the_letter(CO_ORDINATOR, "not cleared"), "nothing circulates before it is cleared"
    site.reply(draft, CO_ORDINATOR, "CLEAR speb WITHOUT WAITING\nCIRCULATE speb")
    site.beat("20 Nov 11:05")
    paper = site.the_letter("secretariat@opcc.example", "ready for the agenda")
    assert b"DRAFT" not in paper.files[0][1]
    assert paper.files[0][1] != draft.files[0][1]


def _thread_of(site: Played, letter: Post) -> tuple[str, list[str]]:
    """In-Reply-To and References of a letter as it was sent."""
    sent = site.place / "state" / "mail" / "sent" / "new"
    raw = next(path.read_bytes() for path in sent.iterdir() if letter.message_id.encode() in path.read_bytes())
    message = message_from_bytes(raw)
    return str(message["In-Reply-To"] or ""), str(message["References"] or "").split()


def test_letters_stay_in_the_conversation_they_belong_to(site: Played) -> None:
    """In-Reply-To and References keep the thread; the subject says what is new: asked, reminded, answered."""
    request = site.the_letter(CHARN, "Please fill in")
    assert _thread_of(site, request) == ("", [])
    for day in ("16", "17", "20", "21"):
        site.beat(f"{day} Oct 09:05")
    reminder = site.the_letter(CHARN, "is due soon")
    assert reminder.subject.startswith("Reminder: return due")
    assert _thread_of(site, reminder) == (request.message_id, [request.message_id])

    site.reply(reminder, CHARN, "Could I have until next week?")
    site.beat("21 Oct 10:00")
    answer = site.the_letter(CHARN, "your message")
    assert answer.subject.startswith("We have your message")
    assert _thread_of(site, answer) == ("<hand-3@charnwood.example>", ["<hand-3@charnwood.example>"])

    site.write(CHARN, "A word about burglary", "Which offences count here?")
    site.beat("21 Oct 11:00")
    tag = request.subject[request.subject.index("[CSP") :]
    assert site.the_letter(CHARN, "your message").subject == f"We have your message {tag}"


def test_what_is_older_never_replaces_what_is_newer(site: Played) -> None:
    """An earlier version that arrives once more, and an earlier issue of the form than the one returned since."""
    request = site.the_letter(LEIC, "Please fill in")
    first, second = filled(request), filled(request, number=18)
    for minute, book in enumerate((first, second, first)):
        site.reply(request, LEIC, "Our return.", book)
        site.beat(f"16 Oct 10:0{minute}")
    assert [held.reason for held in _held(site)] == [
        "It is earlier than version 2 of Safer Leicester Partnership's return, which still stands."
    ]
    assert site.the_letter(LEIC, "has it and will answer you")
    (held,) = _held(site)
    when = at("16 Oct 11:00")
    by = "the co-ordinator"
    site.ask(lambda o: judge.judge_as_assigned(o, held.id, "leicester", by, when, since=o.store.mark()))
    assert site.ask(lambda outside: outside.store.submissions(Q2, "leicester")[-1].sequence) == 3


def test_a_late_mail_with_the_form_that_was_corrected_since_does_not_undo_the_correction(site: Played) -> None:
    request = site.the_letter(LEIC, "Please fill in")
    site.reply(request, LEIC, "Our return.", filled(request, number="see attached"))
    site.beat("16 Oct 10:00")
    correction = site.the_letter(LEIC, "to correct")
    site.reply(correction, LEIC, "Mended.", filled(correction, number=21))
    site.beat("16 Oct 10:30")
    assert site.state("leicester") == "complete"
    site.reply(request, LEIC, "Our return, from another desk.", filled(request, number=99))
    site.beat("16 Oct 11:00")
    stands = site.ask(lambda outside: outside.store.submissions(Q2, "leicester")[-1])
    values = {figure.value for figure in stands.figures if figure.series.startswith("LEIC")}
    assert values == {21}, "what was corrected stands until they say which counts"
    asked = " ".join(site.new_letters(LEIC)[-1].text.split())
    assert "99" in asked
    assert "sent by" in asked
    assert site.state("leicester") == "queried"


def _held(site: Played) -> list[LandedMessage]:
    return site.ask(lambda outside: [m for m in outside.store.messages() if m.verdict is Verdict.HELD])  # type: ignore[return-value]
