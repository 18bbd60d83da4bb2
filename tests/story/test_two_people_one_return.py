"""Two people of one partnership and one return: halves, a clash, answers by mail, three rounds; read it aloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from csp_workflow.rehearsal.partners import excel
from csp_workflow.rehearsal.partners.mail import Post
from tests.story.site_told import CO_ORDINATOR, Q2, Played, at, said

LEAD, CHAIR = "lead@charnwood.example", "chair@charnwood.example"


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The quarter as it was sent out; to be copied, not played on."""
    site = Played.laid_out(tmp_path_factory.mktemp("two-people") / "opcc")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    return site


@pytest.fixture
def site(sent: Played, tmp_path: Path) -> Played:
    """A copy of it of one's own."""
    return sent.copied_to(tmp_path / "opcc")


def fill(letter: Post, numbers: dict[str, object], *, when: str, texts: str = "We met twice.") -> tuple[str, bytes]:
    """The letter's form with some figures, and the same texts or none, typed into it by another program."""
    name, data = letter.workbooks[0]
    return name, excel.fill(
        data,
        number=lambda area, ref, *_: numbers.get(ref.rpartition(".")[2]),
        status=lambda *_: None,
        words=lambda ref: f"{texts} ({ref})" if texts else None,  # type: ignore[arg-type, return-value]
        now=at(when),
    )


def figures(site: Played) -> dict[str, str]:
    """The figures of the latest version, by the last part of their refs."""
    latest = site.ask(lambda outside: outside.store.latest_submissions(Q2)["charnwood"])
    return {f.series.rpartition(".")[2]: str(f.value) for f in latest.figures}  # type: ignore[attr-defined]


def test_three_rounds_of_two_people(site: Played) -> None:
    request = next(x for x in site.new_letters(LEAD) if x.workbooks)
    refs = [ref.rpartition(".")[2] for ref in sorted(excel_refs(request))]
    first, *others = refs
    # Round one: the lead sends one figure and the texts; the chair fills in the rest on the lead's empty copy.
    site.reply(request, LEAD, "Our return.", fill(request, {first: 52}, when="16 Oct 09:00"))
    site.beat("16 Oct 10:00")
    (asked,) = site.new_letters(LEAD)
    assert "some cells still need you" in said(asked)
    site.reply(request, CHAIR, "The rest.", fill(request, dict.fromkeys(others, 17), texts="", when="16 Oct 11:00"))
    site.beat("16 Oct 12:00")
    assert figures(site) == {first: "52", **dict.fromkeys(others, "17")}, "an empty cell takes nothing away"
    assert site.state("charnwood") == "complete"
    told = [x for x in site.new_letters() if x.to in {LEAD, CHAIR} and "What changed with this form" in x.text]
    assert {x.to for x in told} == {LEAD, CHAIR}
    # Round two: the chair has another number for what the lead gave.
    site.reply(request, CHAIR, "A slip.", fill(request, {first: 58}, texts="", when="17 Oct 09:00"))
    site.beat("17 Oct 10:00")
    assert figures(site)[first] == "52"
    assert site.state("charnwood") == "queried"
    both = [x for x in site.new_letters() if x.to in {LEAD, CHAIR} and "Two answers came" in said(x)]
    assert {x.to for x in both} == {LEAD, CHAIR}, "both are asked"
    assert [x.to for x in both if "Charnwood Chair sent us the return" in said(x)] == [LEAD], "who sent it knows"
    assert "52 cases, sent by Charnwood Lead Officer on 16 Oct 2014" in said(both[0])
    assert "58 cases, sent by Charnwood Chair on 17 Oct 2014" in said(both[0])
    # Round three: the lead agrees on the form that asks.
    mine = next(x for x in both if x.to == LEAD)
    site.reply(mine, LEAD, "58 it is.", fill(mine, {first: 58}, texts="", when="17 Oct 11:00"))
    site.beat("17 Oct 12:00")
    assert figures(site)[first] == "58"
    assert site.state("charnwood") == "complete"
    receipt = next(x for x in site.new_letters(LEAD) if "What changed with this form" in x.text)
    assert "52, now 58 cases, sent by Charnwood Lead Officer on 17 Oct 2014" in said(receipt)
    # The co-ordinator reads it in the next letter about the state of things: it needs nobody.
    assert "52, now 58 cases, sent by Charnwood Lead Officer" in said(site.told_in_full("20 Oct 07:35"))


def test_the_one_who_answered_first_is_asked_too_when_the_lead_contradicts_the_chair(site: Played) -> None:
    request = next(x for x in site.new_letters(LEAD) if x.workbooks)
    first, *others = [ref.rpartition(".")[2] for ref in sorted(excel_refs(request))]
    site.reply(request, CHAIR, "", fill(request, {first: 52, **dict.fromkeys(others, 17)}, when="16 Oct 09:00"))
    site.beat("16 Oct 10:00")
    site.new_letters()
    site.reply(request, LEAD, "", fill(request, {first: 58}, texts="", when="16 Oct 11:00"))
    site.beat("16 Oct 12:00")
    assert figures(site)[first] == "52", "a chair is not above a lead, nor a lead above a chair"
    assert {x.to for x in site.new_letters() if "Two answers came" in said(x)} == {LEAD, CHAIR}


def test_a_sentence_in_a_reply_is_kept_with_the_figure(site: Played) -> None:
    request = next(x for x in site.new_letters(LEAD) if x.workbooks)
    refs = [ref.rpartition(".")[2] for ref in sorted(excel_refs(request))]
    numbers = {**dict.fromkeys(refs, 17), refs[1]: "17*"}
    site.reply(request, LEAD, "", fill(request, numbers, when="16 Oct 09:00"))
    site.beat("16 Oct 10:00")
    (receipt,) = site.new_letters(LEAD)
    assert "in a reply that names its row" in said(receipt)
    site.reply(receipt, LEAD, "L2: the star marks referrals of two services together.")
    site.beat("16 Oct 11:00")
    latest = site.ask(lambda outside: outside.store.latest_submissions(Q2)["charnwood"])
    assert not latest.findings  # type: ignore[attr-defined]
    notes = {f.series.rpartition(".")[2]: f.note for f in latest.figures}  # type: ignore[attr-defined]
    assert "the star marks referrals" in notes[refs[1]]
    thanks = site.the_letter(LEAD, "why it is so")
    assert "To explain" not in thanks.text


def excel_refs(letter: Post) -> list[str]:
    """The refs of the figures that a form asks for."""
    refs: list[str] = []
    excel.fill(
        letter.workbooks[0][1],
        number=lambda area, ref, *_: refs.append(ref),
        status=lambda *_: None,
        words=lambda _: "",
        now=at("16 Oct 09:00"),
    )
    return refs
