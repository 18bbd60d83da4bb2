"""A quarter run by replies alone, from SETUP to the next quarter's start; and what settles each decision that could not
be made from a mailbox when the desk was first played by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from csp_workflow.desk.usages import USAGES
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.terms.dates import CycleState, Quarter
from tests.report.edited_told import added, read_lines
from tests.story.closed_told import CHARN, CHARN_CHAIR, LEIC, NWL, RUTLAND, SECRETARIAT
from tests.story.site_told import CO_ORDINATOR, Played, filled, said
from tests.story.test_set_up import NEW_LEAD, code_of, edited, replace_lead, send_setup

BY_WORKBOOK = "SETUP"
BY_HER_FILE = "DRAFT BOARD"
BY_SHELL = ""
"""By decision: nobody takes it back, or it is published and not set up."""

SETTLED_BY = {
    # Needed a shell.
    "a new lead": "CONTACT CODE lead Name Surname <address>",
    "a new chair": "CONTACT CODE lead Name Surname <address>",
    "a merger": BY_WORKBOOK,
    "the wording of a local measure": BY_WORKBOOK,
    "dates": "EXTEND ALL TO day BECAUSE reason",
    "a meeting": BY_WORKBOOK,
    "next year's meetings": BY_WORKBOOK,
    "a framework year": BY_WORKBOOK,
    "her own absence": "AWAY FROM day TO day",
    "a new proof": "PROOF",
    "a file of figures": "APPLY",
    "seeing a return or a held file": "SHOW CODE",
    "an extra draft": "DRAFT BOARD",
    "a stuck letter": "RESEND LETTER",
    # Nobody could.
    "an answer in the thread": "ANSWER ID",
    "an approval on behalf": "APPROVED CODE BY whom BECAUSE evidence",
    "a return sent back with a reason": "RETURN CODE BECAUSE reason",
    "forms anew": "REISSUE",
    "her own words in the paper": BY_HER_FILE,
    "longer than the close": "EXTEND CODE TO day BECAUSE reason",
    "what is held of somebody": "EXPORT whom",
    "erasure of somebody": BY_SHELL,
}
"""The 14 decisions that needed a shell and the 8 that nobody could make, with the order that settles each now."""


@pytest.mark.parametrize(("decision", "order"), SETTLED_BY.items())
def test_each_decision_has_an_order_that_help_lists_or_is_no_letter_s_to_make(decision: str, order: str) -> None:
    if order == BY_SHELL:
        assert decision == "erasure of somebody", "it cannot be taken back, and a mail can be forged"
    else:
        assert order in {usage.written for usage in USAGES}


class Desk:
    """Her mailbox: each order goes by reply, and what is answered is read."""

    def __init__(self, site: Played) -> None:
        self.site, self.answers = site, [""]

    def reply(self, letter: Post, words: str, when: str, *files: tuple[str, bytes]) -> str:
        self.site.reply(letter, CO_ORDINATOR, words, *files)
        return self._read(when)

    def write(self, words: str, when: str) -> str:
        self.site.write(CO_ORDINATOR, "An order", words)
        return self._read(when)

    def _read(self, when: str) -> str:
        self.site.beat(when)
        answers = [x for x in self.site.new_letters(CO_ORDINATOR) if "You wrote:" in x.text]
        self.answers += map(said, answers)
        return " | ".join(map(said, answers))

    def await_letter(self, words: str, when: str) -> Post:
        self.site.beat(when)
        return self.site.the_letter(CO_ORDINATOR, words)


def test_a_quarter_by_replies_alone(tmp_path: Path) -> None:
    site = Played.laid_out(tmp_path / "opcc")
    desk = Desk(site)
    asked = _set_up_and_send(desk)
    _gather_returns(desk, asked)
    _put_papers_out(desk)
    assert not [answer for answer in desk.answers if "csp-workflow" in answer], "no answer names a command of a shell"
    _see_next_quarter_begin(desk)


def _set_up_and_send(desk: Desk) -> dict[str, Post]:
    site = desk.site
    site.beat("14 Oct 09:00")
    workbook = send_setup(site, "14 Oct 09:10")
    site.new_letters()
    site.reply(workbook, CO_ORDINATOR, "", edited(workbook, replace_lead))
    site.beat("14 Oct 09:20")
    told = site.the_letter(CO_ORDINATOR, "1 change waits")
    assert "holds from now on" in desk.reply(told, f"APPLY {code_of(told)}", "14 Oct 09:30")
    proof = desk.await_letter("Nothing has been sent", "15 Oct 07:35")
    assert NEW_LEAD in said(proof)
    assert "SEND" in desk.reply(proof, "SEND", "15 Oct 08:00")
    site.beat("15 Oct 09:10")
    letters = site.new_letters()
    asked = {x.to: x for x in letters if x.workbooks}
    assert {CHARN, LEIC, RUTLAND, NWL, NEW_LEAD} <= set(asked)
    return asked


def _gather_returns(desk: Desk, asked: dict[str, Post]) -> None:
    site = desk.site
    site.reply(asked[CHARN], CHARN, "Our return.", filled(asked[CHARN]))
    site.reply(asked[LEIC], LEIC, "Do you want calendar or financial quarters?")
    site.beat("16 Oct 10:00")
    morning = site.the_letter(CO_ORDINATOR, "Do you want calendar or financial quarters?")
    answer = next(line.split("Reply:")[1].strip() for line in morning.text.splitlines() if "Reply: ANSWER" in line)
    site.reply(site.the_letter(CHARN_CHAIR, "Please approve"), CHARN_CHAIR, "APPROVED")
    told = desk.reply(morning, f"{answer}\n\nFinancial ones, please: July to September.", "16 Oct 10:30")
    assert "These words go to" in told
    site.beat("16 Oct 10:45")
    assert "Financial ones, please" in said(site.the_letter(LEIC, "Financial ones"))
    assert site.state("charnwood") == "approved"
    told = desk.write(
        "CALLED Rutland: they will send it next week\nEXTEND LEIC TO 14 November BECAUSE their officer is away\n"
        "NIL NWL BECAUSE nothing was recorded, I asked them by phone",
        "16 Oct 11:00",
    )
    assert "is recorded" in told
    assert site.state("north-west-leicestershire") == "nil"
    for when in ("20 Oct", "22 Oct", "24 Oct", "28 Oct", "30 Oct", "03 Nov"):
        site.beat(f"{when} 11:00")
    for when in ("04 Nov 17:05", "06 Nov 11:00", "10 Nov 11:00"):
        site.beat(when)
    site.reply(asked[LEIC], LEIC, "Our return.", filled(asked[LEIC], saved="12 Nov 09:00"))
    site.beat("12 Nov 11:00")
    told = desk.write("APPROVED LEIC BY Cllr Leicester BECAUSE she told me so by phone", "12 Nov 11:10")
    assert "Version 1 of Safer Leicester Partnership's return" in told
    assert site.state("leicester") == "approved"


def _put_papers_out(desk: Desk) -> None:
    site = desk.site
    for when in ("14 Nov 11:00", "18 Nov 11:00"):
        site.beat(when)
    draft = desk.await_letter("is attached (speb", "20 Nov 09:05")
    desk.write("DRAFT speb", "20 Nov 09:15")
    data = next(data for name, data in draft.files if " draft " in name and "changes" not in name)
    hers = added(data, "This report covers", "A sentence of her own.")
    site.reply(draft, CO_ORDINATOR, "", ("mine.docx", hers))
    second = desk.await_letter("A sentence of her own", "20 Nov 09:30")
    assert "is cleared" in desk.reply(second, "CLEAR speb WITHOUT WAITING\nCIRCULATE speb", "20 Nov 09:40")
    site.beat("20 Nov 09:41")
    paper = site.the_letter(SECRETARIAT, "ready for the agenda")
    assert "A sentence of her own." in read_lines(next(data for name, data in paper.files if name.endswith(".docx")))
    for day in ("24 Nov", "26 Nov", "28 Nov", "02 Dec", "04 Dec"):
        site.beat(f"{day} 10:00")
    told = desk.write("ACTION speb charnwood BY 16 January: Say how the patrols go on.", "05 Dec 09:00")
    assert "16 January 2015" in told


def _see_next_quarter_begin(desk: Desk) -> None:
    """Christmas is a long silence of the service too: RELEASE is one more reply."""
    site, quarter = desk.site, Quarter.parse("2014/15-Q3")
    site.beat("2 Jan 2015 09:00")
    site.new_letters()
    desk.write("RELEASE", "2 Jan 2015 09:10")
    morning = desk.await_letter("The request for the extract", "5 Jan 2015 09:10")
    assert "SEND FORCE" in said(morning)
    assert "Done." in desk.reply(morning, "SEND FORCE", "5 Jan 2015 09:20")
    site.beat("15 Jan 2015 07:35")
    morning = site.the_letter(CO_ORDINATOR, "requests and reminders wait")
    assert "Done." in desk.reply(morning, "RELEASE", "15 Jan 2015 07:40")
    assert "A proof pack for 2014/15 Q3 comes" in desk.reply(morning, "PROOF", "15 Jan 2015 07:45")
    assert "The requests for 2014/15 Q3 are queued" in desk.write("SEND", "15 Jan 2015 08:00")
    states = site.ask(lambda outside: outside.store.cycle_states(), "15 Jan 2015 08:10")
    assert states[quarter] is CycleState.OPEN  # type: ignore[index]
