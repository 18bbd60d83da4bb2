"""The force's extract: asked for after its own small proof, late, told of every morning; SEND is never stuck for it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import docx
import pytest
from openpyxl import load_workbook

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps import papers
from tests.report.paper_read import list_paragraphs
from tests.story.site_told import CO_ORDINATOR, Q2, Played, at, filled, said

ANALYST = "performance.analyst@force.example"


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Played:
    site = Played.laid_out(tmp_path_factory.mktemp("extract") / "opcc")
    site.beat("01 Oct 07:35")
    return site


@pytest.fixture(scope="module")
def asked(proved: Played, tmp_path_factory: pytest.TempPathFactory) -> Played:
    site = proved.copied_to(tmp_path_factory.mktemp("asked") / "opcc")
    site.reply(site.the_letter(CO_ORDINATOR, "Nobody has been asked yet"), CO_ORDINATOR, "SEND")
    site.beat("01 Oct 09:05")
    return site


def go_on(site: Played, until: str = "14 Oct 07:35") -> None:
    """The service is at work in between, so that nothing waits for RELEASE; letters of those days are passed over."""
    for day in ("03", "07", "09", "13"):
        site.beat(f"{day} Oct 07:10")
    site.new_letters()
    site.beat(until)


def the_digest(site: Played) -> str:
    """The morning's letter; where nothing in it was new, all that it might have said."""
    letters = [x for x in site.new_letters(CO_ORDINATOR) if "you today" in x.text]
    return said(letters[0] if letters else site.told_in_full(site.last))


def test_nothing_leaves_before_the_small_proofs_own_send_and_each_morning_says_so(
    proved: Played, tmp_path: Path
) -> None:
    site = proved.copied_to(tmp_path / "opcc")
    site.beat("01 Oct 09:05")
    assert not site.new_letters(ANALYST)
    small = site.the_letter(CO_ORDINATOR, "Nobody has been asked yet")
    assert small.workbooks
    go_on(site, "13 Oct 07:35")
    told = said(site.told_in_full("13 Oct 07:36"))
    assert "The proof of the request for the extract" in told
    assert "due at 5pm on Tuesday 14 October 2014, and late from Wednesday 15 October 2014" in told
    assert "SEND FORCE" in told
    site.write(CO_ORDINATOR, "Extract", "SEND the extract")
    site.beat("13 Oct 09:05")
    assert site.the_letter(ANALYST, "extract")


def test_a_small_proof_never_answered_is_said_to_be_late_and_a_later_day_lets_it_go(
    proved: Played, tmp_path: Path
) -> None:
    site = proved.copied_to(tmp_path / "opcc")
    go_on(site)
    site.new_letters()
    site.beat("15 Oct 07:35")
    told = the_digest(site)
    assert "was not asked for the extract, which was to be due at 5pm on Tuesday 14 October 2014" in told
    site.write(CO_ORDINATOR, "Extract", "SEND FORCE")
    site.beat("15 Oct 09:05")
    assert "which is past. EXTEND FORCE TO a later day" in said(site.the_letter(CO_ORDINATOR, "which is past"))
    site.write(CO_ORDINATOR, "Extract", "EXTEND FORCE TO 20 October BECAUSE nobody had been asked")
    site.beat("15 Oct 09:10")
    newer = site.the_letter(CO_ORDINATOR, "Nobody has been asked yet")
    assert "Monday 20 October 2014" in said(newer)
    site.reply(newer, CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:15")
    assert "20 October 2014" in said(site.the_letter(ANALYST, "extract"))


def test_who_was_asked_and_when_is_said_each_morning_and_late_what_it_stops(asked: Played, tmp_path: Path) -> None:
    site = asked.copied_to(tmp_path / "opcc")
    site.new_letters()
    site.beat("02 Oct 07:35")
    told = the_digest(site)
    assert "The force's extract was asked of Performance Analyst on Wednesday 1 October 2014 and is due at 5pm" in told
    assert "Nothing needs you today" in told
    go_on(site, "14 Oct 07:35")
    assert "is due at 5pm on Tuesday 14 October 2014 and has not come yet" in the_digest(site)
    site.beat("15 Oct 07:35")
    told = the_digest(site)
    assert "is 1 working day late. You may wait, or let the forms go without it" in told
    for words in ("EXTEND FORCE TO day BECAUSE reason", "DECLINE FORCE BECAUSE reason"):
        assert words in told
    site.write(CO_ORDINATOR, "Requests", "SEND")
    site.beat("15 Oct 09:10")
    answer = said(site.the_letter(CO_ORDINATOR, "are queued"))
    assert 'will read "not yet supplied"' in answer
    request = site.the_letter("lead@charnwood.example", "Please fill in")
    assert "The police figures are there already" not in said(request)
    assert "The force has still to supply" in said(request)


def test_the_digest_says_the_extract_came_and_was_revised_and_no_return_of_the_police(
    asked: Played, tmp_path: Path
) -> None:
    site = asked.copied_to(tmp_path / "opcc")
    request = site.the_letter(ANALYST, "extract")
    site.reply(request, ANALYST, "Attached.", filled(request, number=140))
    site.beat("02 Oct 07:20")
    site.new_letters()
    site.beat("02 Oct 07:35")
    told = the_digest(site)
    assert "The extract came: Leicestershire Police" in told
    assert "Returns received" not in told
    site.reply(request, ANALYST, "Corrected.", filled(request, number=150))
    site.beat("03 Oct 07:20")
    site.beat("03 Oct 07:35")
    told = the_digest(site)
    assert "The extract was revised, " in told
    assert "figures changed: Leicestershire Police" in told


def test_the_proof_for_the_rest_cannot_be_sent_by_a_send_to_the_small_one(asked: Played, tmp_path: Path) -> None:
    site = asked.copied_to(tmp_path / "opcc")
    site.read.clear()
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nobody has been asked yet"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    assert "was asked for already" in said(site.the_letter(CO_ORDINATOR, "was asked for already"))
    assert not site.new_letters("lead@charnwood.example")
    site.write(CO_ORDINATOR, "Proof", "PROOF FORCE")
    site.beat("15 Oct 09:20")
    assert "was asked for already" in said(site.the_letter(CO_ORDINATOR, "was asked for already"))


# After the forms went ------------------------------------------------------------------------------

CHARN, LEIC, LEIC_CHAIR = "lead@charnwood.example", "lead@leicester.example", "chair@leicester.example"


@pytest.fixture(scope="module")
def without(asked: Played, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The forms went without the extract; Leicester has returned and its chair approved."""
    site = asked.copied_to(tmp_path_factory.mktemp("without") / "opcc")
    go_on(site)
    site.beat("15 Oct 07:35")
    site.write(CO_ORDINATOR, "Requests", "SEND")
    site.beat("15 Oct 09:10")
    request = site.the_letter(LEIC, "Please fill in")
    site.reply(request, LEIC, "Our return.", filled(request))
    site.beat("16 Oct 10:00")
    site.reply(site.the_letter(LEIC_CHAIR, "APPROVED on its own first line"), LEIC_CHAIR, "APPROVED")
    site.beat("16 Oct 11:00")
    return site


@pytest.fixture(scope="module")
def late(without: Played, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Then the extract came."""
    site = without.copied_to(tmp_path_factory.mktemp("late") / "opcc")
    extract = next(x for x in _again(site, ANALYST) if x.workbooks)
    site.reply(extract, ANALYST, "At last.", filled(extract, number=140))
    site.beat("17 Oct 10:00")
    return site


def _again(site: Played, to: str) -> list[Post]:
    """All that an address ever got, looked at once more."""
    read, site.read = site.read, set()
    found = site.new_letters(to)
    site.read = read | site.read
    return found


def test_she_is_told_what_came_after_the_forms_and_offered_to_send_them_anew(late: Played, tmp_path: Path) -> None:
    site = late.copied_to(tmp_path / "opcc")
    letters = site.new_letters(CO_ORDINATOR)
    assert any("After the forms went, 81 missing police figures were supplied" in said(x) for x in letters)
    (told,) = [x for x in letters if "Since the forms for July to September 2014" in said(x)]
    assert "police figures came that had not been there" in said(told)
    assert ": 140 (was not yet supplied)" in said(told)
    ((name, listed),) = told.files
    assert name.endswith(".csv")
    assert b"Charnwood" in listed
    site.beat("17 Oct 10:01")
    assert not site.new_letters(CO_ORDINATOR), "once"
    site.beat("20 Oct 07:35")
    digest = the_digest(site)
    assert "Reply: REISSUE" in digest
    assert "missing police figures were supplied (last at 10am on Friday 17 October 2014)" in digest


def test_reissue_sends_the_forms_anew_with_what_was_typed_and_asks_nothing_of_those_who_returned(
    late: Played, tmp_path: Path
) -> None:
    site = late.copied_to(tmp_path / "opcc")
    site.new_letters()
    site.write(CO_ORDINATOR, "Forms", "REISSUE")
    site.beat("17 Oct 11:00")
    asked = site.the_letter(CHARN, "replaces the form you have")
    assert ": 140 (was not yet supplied)" in said(asked)
    site.reply(asked, CHARN, "Our return.", filled(asked))
    returned = site.the_letter(LEIC, "need not answer anew unless you wish")
    assert "with what you typed in it" in said(returned)
    book = load_workbook(BytesIO(returned.workbooks[0][1]))
    texts = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "Work went on. (T1)" in texts
    site.beat("17 Oct 12:00")
    assert site.state("charnwood") == "complete"
    assert site.state("leicester") == "approved"
    site.beat("20 Oct 07:35")
    assert "Reply: REISSUE" not in the_digest(site)
    site.write(CO_ORDINATOR, "Forms", "REISSUE")
    site.beat("20 Oct 09:00")
    assert "there is nothing to send anew" in said(site.the_letter(CO_ORDINATOR, "nothing to send anew"))


def test_reissue_of_one_or_of_nobody(late: Played, tmp_path: Path) -> None:
    site = late.copied_to(tmp_path / "opcc")
    site.new_letters()
    site.write(CO_ORDINATOR, "Forms", "REISSUE CHARN")
    site.beat("17 Oct 11:00")
    assert site.the_letter(CHARN, "replaces the form you have")
    assert not site.new_letters(LEIC)
    site.write(CO_ORDINATOR, "Forms", "REISSUE NOBODY")
    site.beat("17 Oct 12:00")
    assert not site.new_letters(LEIC)
    site.beat("20 Oct 07:35")
    assert "Reply: REISSUE" not in the_digest(site)
    site.write(CO_ORDINATOR, "Forms", "REISSUE LEIC")
    site.beat("20 Oct 09:00")
    assert site.the_letter(LEIC, "need not answer anew unless you wish"), "she may change her mind"
    site.write(CO_ORDINATOR, "Forms", "REISSUE LEIC")
    site.beat("20 Oct 09:10")
    assert "shows what stands: there is nothing to send anew" in said(site.the_letter(CO_ORDINATOR, "Not done"))


# What is said of the force's figures is true when it leaves ------------------------------------------


def test_a_request_that_has_not_left_when_the_extract_comes_is_written_anew_with_it(
    asked: Played, tmp_path: Path
) -> None:
    site = asked.copied_to(tmp_path / "opcc")
    extract = site.the_letter(ANALYST, "extract")
    go_on(site)
    site.beat("15 Oct 07:35")
    site.write(CO_ORDINATOR, "Requests", "SEND")
    site.beat("15 Oct 07:40")
    assert not site.new_letters(CHARN), "the window is shut"
    site.reply(extract, ANALYST, "At last.", filled(extract, number=140))
    for minute in ("50", "51", "52"):
        site.beat(f"15 Oct 07:{minute}")
    for minute in ("05", "06", "07"):
        site.beat(f"15 Oct 09:{minute}")
    request = site.the_letter(CHARN, "Please fill in")
    assert "The police figures are there already" in said(request)
    assert "The force has still to supply" not in said(request)
    assert "now lead on it" not in said(request)
    assert not [x for x in site.new_letters(CO_ORDINATOR) if "Since the forms for" in said(x)], "none had left"
    site.reply(request, CHARN, "Our return.", filled(request))
    site.beat("16 Oct 10:00")
    assert site.state("charnwood") == "complete"


def test_a_receipt_and_a_chairs_letter_say_which_police_figures_changed_since_the_form_went(
    late: Played, tmp_path: Path
) -> None:
    site = late.copied_to(tmp_path / "opcc")
    site.new_letters()
    request = next(x for x in _again(site, CHARN) if "Please fill in" in x.text)
    site.reply(request, CHARN, "Our return.", filled(request))
    site.beat("17 Oct 11:00")
    receipt = said(site.the_letter(CHARN, "We have received"))
    assert "Police figures that changed since that form went out" in receipt
    assert ": 140 (was not yet supplied)" in receipt
    chair = said(site.the_letter("chair@charnwood.example", "APPROVED on its own first line"))
    assert (
        "Police figures that have changed since the return was made, as they stand on Friday 17 October 2014" in chair
    )
    assert "2014/15 Q2: 140" in chair


def test_a_form_to_correct_holds_what_stands_now(late: Played, tmp_path: Path) -> None:
    site = late.copied_to(tmp_path / "opcc")
    site.new_letters()
    request = next(x for x in _again(site, CHARN) if "Please fill in" in x.text)
    site.reply(request, CHARN, "Our return.", filled(request, number="#DIV/0!"))
    site.beat("17 Oct 11:00")
    correction = next(x for x in site.new_letters(CHARN) if x.workbooks)
    book = load_workbook(BytesIO(correction.workbooks[0][1]))
    assert 140 in [cell.value for row in book["Police figures"].iter_rows() for cell in row]
    site.write(CO_ORDINATOR, "Forms", "REISSUE CHARN")
    site.beat("17 Oct 12:00")
    assert "shows what stands: there is nothing to send anew" in said(site.the_letter(CO_ORDINATOR, "Not done"))


def test_a_chair_who_is_asked_again_is_told_which_police_figures_are_others_than_those_that_were_shown(
    late: Played, tmp_path: Path
) -> None:
    site = late.copied_to(tmp_path / "opcc")
    site.write(CO_ORDINATOR, "Forms", "REISSUE LEIC")
    site.beat("17 Oct 11:00")
    anew = site.the_letter(LEIC, "need not answer anew unless you wish")
    site.reply(anew, LEIC, "On the new form.", filled(anew))
    site.beat("17 Oct 12:00")
    chair = said(site.the_letter(LEIC_CHAIR, "APPROVED on its own first line"))
    assert "Police figures that have changed since the version before was made" in chair
    assert "All crime (M11), Leicester: 140 (was not yet supplied)" in chair
    assert "No figure and no text of the partnership's own changed." in chair


def test_a_reminder_brings_the_form_to_use(late: Played, tmp_path: Path) -> None:
    site = late.copied_to(tmp_path / "opcc")
    site.write(CO_ORDINATOR, "Forms", "REISSUE CHARN")
    site.beat("17 Oct 11:00")
    assert "please use it from now on" in said(site.the_letter(CHARN, "replaces the form you have"))
    site.beat("20 Oct 09:00")
    site.beat("21 Oct 09:00")
    ((anew, _),) = site.the_letter(CHARN, "is due soon").files
    other = next(x for x in site.new_letters("lead@rutland.example") if "is due soon" in x.text)
    ((first, _),) = other.files
    assert "-R2-" in anew
    assert "-R1-" in first


def test_figures_that_the_police_take_back_are_said_to_be_gone_and_nothing_stops(late: Played, tmp_path: Path) -> None:
    site = late.copied_to(tmp_path / "opcc")
    site.write(CO_ORDINATOR, "Forms", "REISSUE CHARN")
    site.beat("17 Oct 11:00")
    anew = site.the_letter(CHARN, "replaces the form you have")
    extract = next(x for x in _again(site, ANALYST) if x.workbooks)
    site.reply(extract, ANALYST, "Taken back.", filled(extract, number="take out"))
    site.beat("20 Oct 09:10")
    told = said(site.the_letter(CO_ORDINATOR, "9 police figures were taken back"))
    assert "All crime (M11), Charnwood: not supplied any more (was 140)" in told
    site.reply(anew, CHARN, "Our return.", filled(anew))
    assert not site.beat("20 Oct 09:30").failed_steps
    chair = said(site.the_letter("chair@charnwood.example", "APPROVED on its own first line"))
    assert "All crime (M11), Charnwood: not supplied any more (was 140)" in chair
    site.write(CO_ORDINATOR, "Forms", "REISSUE CHARN")
    site.beat("20 Oct 10:00")
    assert "The police have given or changed figures" in said(site.the_letter(CHARN, "counts as it is"))
    paper = paper_of(site, "20 Oct 12:00")
    assert "Police figures were supplied on" not in paper
    assert (
        "Offences with a suspect aged 18 to 24 in Charnwood (previously 140)" in paper.split("Not supplied any more")[1]
    )


# What papers and exports say of it --------------------------------------------------------------------


def paper_of(site: Played, when: str) -> str:
    """All that the Board's paper would say."""
    data = site.ask(lambda outside: papers.compile_paper(outside, Q2, "speb", at(when)), when)
    document = docx.Document(BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return " ".join([*list_paragraphs(data), *cells])


def test_an_approval_stays_and_says_on_which_police_figures_it_was_given(late: Played, tmp_path: Path) -> None:
    site = late.copied_to(tmp_path / "opcc")
    paper = paper_of(site, "17 Oct 12:00")
    assert (
        "by the Chair on Thursday 16 October 2014, on the police figures before those of Friday 17 October 2014"
        in paper
    )
    assert "Police figures were supplied on Friday 17 October 2014, after the partnerships" in paper
    site.new_letters()
    site.beat("20 Oct 07:35")
    assert "approved 16 Oct 2014, on police figures before 17 Oct 2014" in the_digest(site)


def test_a_revision_says_old_and_new_in_letter_and_paper_and_stops_a_cleared_paper(
    late: Played, tmp_path: Path
) -> None:
    site = late.copied_to(tmp_path / "opcc")
    site.new_letters()
    extract = next(x for x in _again(site, ANALYST) if x.workbooks)
    site.write(CO_ORDINATOR, "Paper", "DRAFT speb")
    site.beat("17 Oct 10:30")
    site.write(CO_ORDINATOR, "Paper", "CLEAR speb WITHOUT WAITING")
    site.beat("17 Oct 10:40")
    site.write(CO_ORDINATOR, "Forms", "REISSUE")
    site.beat("17 Oct 10:50")
    site.new_letters()
    site.reply(extract, ANALYST, "Corrected.", filled(extract, number=151))
    site.beat("20 Oct 09:30")
    told = said(next(x for x in site.new_letters(CO_ORDINATOR) if "Since the forms for July" in said(x)))
    assert "81 police figures were revised" in told
    assert ": 151 (was 140, +11)" in told
    site.write(CO_ORDINATOR, "Paper", "CIRCULATE speb")
    site.beat("20 Oct 10:00")
    refused = said(site.the_letter(CO_ORDINATOR, "Not done"))
    assert "Police figures were revised at 9:30am on Monday 20 October 2014" in refused
    paper = paper_of(site, "20 Oct 12:00")
    assert (
        "Police figures were supplied or revised on Monday 20 October 2014, after the partnerships had been asked."
        in paper
    )
    assert "July to September 2014 140 151" in paper
    site.write(CO_ORDINATOR, "Forms", "REISSUE MELT")
    site.beat("20 Oct 10:10")
    again = site.the_letter("community.safety@county.example", "replaces the form you have")
    assert ": 151 (was 140, +11)" in said(again)


def test_a_measure_put_into_other_words_is_told_and_what_was_answered_keeps_its_own(
    late: Played, tmp_path: Path
) -> None:
    site = late.copied_to(tmp_path / "opcc")
    site.write(CO_ORDINATOR, "Forms", "REISSUE")
    site.beat("17 Oct 11:00")
    site.new_letters()
    config, old = site.place / "config" / "partnerships.toml", "Hate incident reporting points checked"
    config.write_text(config.read_text("utf-8").replace(f'title = "{old}"', 'title = "In other words"', 1), "utf-8")
    site.beat("17 Oct 11:10")
    told = said(site.the_letter(CO_ORDINATOR, "put right"))
    assert "In other words" in told
    assert old in told
    paper = paper_of(site, "17 Oct 12:00")
    assert f"was answered under the title “{old}” by " in paper
    titles = {
        one.title
        for one in site.ask(lambda outside: outside.store.traced_figures())  # type: ignore[attr-defined]
        if one.respondent == "leicester"
    }
    assert old in titles
    assert "In other words" not in titles


def test_figures_that_were_revised_and_revised_back_stand_as_they_were_approved(late: Played, tmp_path: Path) -> None:
    site = late.copied_to(tmp_path / "opcc")
    site.write(CO_ORDINATOR, "Forms", "REISSUE")
    site.beat("17 Oct 11:00")
    anew = site.the_letter(LEIC, "need not answer anew unless you wish")
    site.reply(anew, LEIC, "On the new form.", filled(anew, number=18))
    site.beat("17 Oct 12:00")
    site.reply(site.the_letter(LEIC_CHAIR, "APPROVED on its own first line"), LEIC_CHAIR, "APPROVED")
    site.beat("17 Oct 13:00")
    extract = next(x for x in _again(site, ANALYST) if x.workbooks)
    site.reply(extract, ANALYST, "Corrected.", filled(extract, number=151))
    site.beat("20 Oct 09:30")
    on_others = (
        "the correction was approved by the Chair on Friday 17 October 2014, on the police figures before those of"
    )
    assert on_others in paper_of(site, "20 Oct 12:00")
    site.reply(extract, ANALYST, "No, it was right.", filled(extract, number=140, saved="21 Oct 09:00"))
    site.beat("21 Oct 09:30")
    paper = paper_of(site, "21 Oct 12:00")
    assert on_others not in paper
    assert (
        "Police figures were supplied or revised on Tuesday 21 October 2014, after the partnerships had been asked."
        in paper
    )
    assert "July to September 2014 151 140" in paper


def test_what_a_form_showed_that_never_left_is_not_said_to_have_been_there(late: Played, tmp_path: Path) -> None:
    site = late.copied_to(tmp_path / "opcc")
    extract = next(x for x in _again(site, ANALYST) if x.workbooks)
    site.write(CO_ORDINATOR, "Forms", "HOLD CHARN")
    site.beat("17 Oct 10:30")
    site.write(CO_ORDINATOR, "Forms", "REISSUE CHARN")
    site.beat("17 Oct 10:40")
    site.reply(extract, ANALYST, "Corrected.", filled(extract, number=151))
    site.beat("17 Oct 11:00")
    site.write(CO_ORDINATOR, "Forms", "REISSUE CHARN\nRESUME CHARN")
    site.beat("17 Oct 11:10")
    site.beat("17 Oct 11:20")
    anew = said(site.the_letter(CHARN, "replaces the form you have"))
    assert "All crime (M11), Charnwood: 151 (was not yet supplied)" in anew
