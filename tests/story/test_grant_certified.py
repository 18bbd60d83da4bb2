"""A budget holder certifies grant money: exactly what is stated, in their own words alone; the chair approves the
return apart from it, and the chief finance officer gets the statement as certified."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl.workbook import Workbook

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.tracing import add_certificates
from csp_workflow.terms.figures import TracedFigure
from csp_workflow.terms.grants import find_line
from csp_workflow.terms.status import ReturnStatus
from tests.story.site_told import CO_ORDINATOR, Q2, Played, filled, said
from tests.story.test_grant_spent import GRANT, RUTLAND, typing

HOLDER, DEPUTY, FINANCE = "budget@rutland.example", "deputy.budget@rutland.example", "finance@opcc.example"
CHAIR = "chair@rutland.example"


def contact(name: str, role: str, address: str) -> str:
    said_of = f'name = "{name}"\nrole = "{role}"\naddress = "{address}"\nvalid_from = 2013-04-01'
    return f"\n[[partnerships.contacts]]\n{said_of}\n"


OFFICER = contact("The Finance Officer", "chief finance officer", FINANCE)
PEOPLE = contact("Rutland Budget Holder", "budget holder", HOLDER) + OFFICER
RIGHT = typing(25000, 12000.5, 8000, 4000, 999.5, U="A post was vacant until June.")
OTHER = typing(25000, 12100.5, 8000, 4000, 899.5, U="A post was vacant until June.")


def lay_site(place: Path, people: str = PEOPLE) -> tuple[Played, Post]:
    """The requests are out; Rutland's asks for grant money, and Rutland has these people beside lead and chair."""
    site = Played.laid_out(place)
    config = site.place / "config" / "partnerships.toml"
    before, key, after = config.read_text().partition('key = "rutland"')
    whole, ended, rest = after.partition("[[partnerships]]")
    config.write_text(f"{before}{key}{whole}{people}{GRANT}\n{ended}{rest}")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    (request,) = [x for x in site.new_letters() if x.to == RUTLAND]
    return site, request


@pytest.fixture(scope="module")
def requested(tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Post]:
    return lay_site(tmp_path_factory.mktemp("certified") / "opcc")


@pytest.fixture(scope="module")
def stated(requested: tuple[Played, Post], tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Post, Post]:
    """The return is complete, and the budget holder was asked; to be copied, never played on."""
    played, request = requested
    site = played.copied_to(tmp_path_factory.mktemp("stated") / "opcc")
    send_in(site, request, RIGHT, "16 Oct 10:00")
    site.beat("16 Oct 11:00")
    return site, request, site.the_letter(HOLDER, "Please certify by Tuesday")


def send_in(site: Played, request: Post, change: Callable[[Workbook], None], when: str, **more: str) -> None:
    site.reply(request, RUTLAND, "Please find it attached.", filled(request, change=change, **more))  # type: ignore[arg-type]
    site.beat(when)


def list_money(site: Played) -> list[TracedFigure]:
    """The grant's lines as `figures export` has them."""

    def export(outside: Outside) -> tuple[TracedFigure, ...]:
        return add_certificates(outside, outside.store.traced_figures())

    return [one for one in site.ask(export) if find_line(one.figure.series)]  # type: ignore[attr-defined]


def standing(site: Played) -> ReturnStatus:
    return site.ask(lambda outside: outside.store.cycle_status(Q2).returns["rutland"])  # type: ignore[return-value]


def test_the_money_is_shown_and_certified_and_passed_on(stated: tuple[Played, Post, Post], tmp_path: Path) -> None:
    played, _, ask = stated
    site = played.copied_to(tmp_path / "opcc")
    words = said(ask)
    for shown in (
        "Allocation: £25,000.00",
        "Spent so far: £12,000.50",
        "A post was vacant",
    ):
        assert shown in words
    assert "with the word CERTIFIED on its own first line" in words
    assert not ask.workbooks
    assert "the certificate of grant money of Rutland" in said(site.told_in_full("16 Oct 11:20"))
    site.new_letters()
    site.reply(ask, HOLDER, "Certified\n\nKind regards")
    site.beat("16 Oct 12:00")
    stands = standing(site)
    assert stands.certificate is not None
    assert stands.certificate.by == HOLDER
    assert stands.state.value == "complete", "the chair has still to approve"
    assert "is recorded" in said(site.the_letter(HOLDER, "Your certificate"))
    copy = said(site.the_letter(FINANCE, "Certified: grant money"))
    assert "Rutland Budget Holder, budget holder, certified the grant money of Rutland" in copy
    assert "Spent so far: £12,000.50" in copy
    assert "You need do nothing" in said(site.the_letter(RUTLAND, "Certified: grant money"))
    told = said(site.told_in_full("17 Oct 07:35"))
    assert "not certified" not in told
    assert "certificate of grant money" not in told
    assert {(one.certified_by, bool(one.certified_at)) for one in list_money(site)} == {(HOLDER, True)}
    for day in (17, 20, 21, 22, 23, 24):
        site.beat(f"{day} Oct 11:00")
    assert not site.new_letters(HOLDER), "nobody is reminded of what is done"


def test_the_chair_certifies_nothing_and_the_budget_holder_approves_nothing(
    stated: tuple[Played, Post, Post], tmp_path: Path
) -> None:
    played, _, ask = stated
    site = played.copied_to(tmp_path / "opcc")
    to_chair = site.the_letter(CHAIR, "Please approve")
    site.reply(ask, HOLDER, "Approved")
    site.reply(to_chair, CHAIR, "Certified")
    site.beat("16 Oct 12:00")
    stands = standing(site)
    assert (stands.certificate, stands.approval) == (None, None)
    for to, word in ((HOLDER, "CERTIFIED"), (CHAIR, "APPROVED")):
        answer = said(site.the_letter(to, "Not recorded yet"))
        assert "that is not what we asked you for" in answer
        assert f"reply with {word} and nothing else" in answer
    site.reply(to_chair, CHAIR, "Approved")
    site.beat("16 Oct 13:00")
    assert standing(site).approval is not None
    assert standing(site).certificate is None
    site.reply(ask, HOLDER, "Certified")
    site.beat("16 Oct 14:00")
    assert standing(site).certificate is not None
    assert standing(site).state.value == "approved"


@pytest.mark.parametrize(("words", "sender"), [
    ("Certified, but the forecast may change", HOLDER), ("Certified?", HOLDER), ("Certified", RUTLAND),
    ("Certified", "clerk@rutland.example"), ("Certified except the underspend", HOLDER),
])  # fmt: skip
def test_nothing_else_certifies(stated: tuple[Played, Post, Post], tmp_path: Path, words: str, sender: str) -> None:
    played, _, ask = stated
    site = played.copied_to(tmp_path / "opcc")
    site.reply(ask, sender, words)
    site.beat("16 Oct 12:00")
    assert standing(site).certificate is None
    assert site.new_letters(CO_ORDINATOR) or site.new_letters(RUTLAND)


def test_other_money_is_asked_about_anew_and_the_same_is_not(stated: tuple[Played, Post, Post], tmp_path: Path) -> None:
    played, request, ask = stated
    site = played.copied_to(tmp_path / "opcc")
    site.new_letters()
    site.reply(ask, HOLDER, "Certified")
    site.beat("16 Oct 12:00")
    site.new_letters()
    send_in(site, request, RIGHT, "17 Oct 10:00", words="Other words.")
    site.beat("17 Oct 11:00")
    assert standing(site).certificate is not None, "what was certified is still what is stated"
    assert len(standing(site).versions) == 2
    assert not site.new_letters(HOLDER)
    send_in(site, request, OTHER, "20 Oct 10:00")
    site.beat("20 Oct 11:00")
    assert standing(site).certificate is None
    again = said(site.the_letter(HOLDER, "Please certify"))
    assert "has stated its grant money for July to September 2014 anew" in again
    assert re.search(r"Spent so far Before: £12,000\.50 Now: £12,100\.50", again)
    site.reply(ask, HOLDER, "Certified")
    site.beat("20 Oct 12:00")
    assert standing(site).certificate is None
    assert "so we have not recorded your certificate" in said(site.the_letter(HOLDER, "Not recorded"))


def test_silence_is_reminded_of_then_the_deputy_is_asked_and_she_may_record_it(
    requested: tuple[Played, Post], tmp_path: Path
) -> None:
    played, request = requested
    site = played.copied_to(tmp_path / "opcc")
    config = site.place / "config" / "partnerships.toml"
    deputy = contact("Rutland Deputy Holder", "deputy budget holder", DEPUTY)
    config.write_text(config.read_text().replace(GRANT, deputy + GRANT))
    send_in(site, request, RIGHT, "16 Oct 10:00")
    told = {HOLDER: [], DEPUTY: []}  # type: dict[str, list[str]]
    for day in (16, 17, 20, 21, 22, 23, 24, 27, 28, 29, 30):
        site.beat(f"{day} Oct 11:00")
        for to, letters in told.items():
            letters += [x.subject.partition(":")[0] for x in site.new_letters(to)]
    assert told[HOLDER] == ["Please certify", "Reminder to certify", "Reminder to certify", "For information"]
    assert told[DEPUTY][:1] == ["Please certify"]
    digest = said(site.told_in_full("31 Oct 07:35"))
    assert "CERTIFIED RUTL BY whom BECAUSE evidence" in digest
    assert "CALLED RUTL budget holder: what was said" in digest
    site.new_letters()
    site.write(CO_ORDINATOR, "Rutland", "CERTIFIED RUTL BY the budget holder BECAUSE he told me by phone")
    site.beat("31 Oct 10:00")
    assert standing(site).certificate is not None
    for to in (HOLDER, FINANCE, RUTLAND):
        assert "How we know: he told me by phone" in said(site.the_letter(to, "Certified"))
    assert "as certified by the budget holder" in said(site.the_letter(CO_ORDINATOR, "recorded as certified"))


def test_where_nobody_can_certify_she_is_asked_for_a_name(tmp_path: Path) -> None:
    site, request = lay_site(tmp_path / "opcc", people="")
    send_in(site, request, RIGHT, "16 Oct 10:00")
    digest = said(site.told_in_full("17 Oct 07:35"))
    assert "CONTACT RUTL budget holder Name Surname <address>" in digest
    order = f"CONTACT RUTL budget holder Jane Smith <{HOLDER}>"
    site.write(CO_ORDINATOR, "Rutland", order)
    site.beat("17 Oct 09:30")
    asked = site.the_letter(HOLDER, "address")
    site.reply(asked, HOLDER, "Yes")
    site.beat("17 Oct 10:00")
    site.beat("20 Oct 10:00")
    assert "Please certify" in site.the_letter(HOLDER, "Please certify").subject


def test_while_the_budget_holder_is_away_the_deputy_is_asked(requested: tuple[Played, Post], tmp_path: Path) -> None:
    played, request = requested
    site = played.copied_to(tmp_path / "opcc")
    config = site.place / "config" / "partnerships.toml"
    deputy = contact("Rutland Deputy Holder", "deputy budget holder", DEPUTY)
    config.write_text(config.read_text().replace(GRANT, deputy + GRANT))
    site.write(HOLDER, "Automatic reply: Grants", "I am away until 14 November 2014.")
    send_in(site, request, RIGHT, "16 Oct 10:00")
    site.beat("16 Oct 11:00")
    ask = site.the_letter(DEPUTY, "Please certify")
    assert "You get this as deputy budget holder, because Rutland Budget Holder is away" in said(ask)
    site.reply(ask, DEPUTY, "Certified")
    site.beat("16 Oct 12:00")
    given = standing(site).certificate
    assert given is not None
    assert given.role.value == "deputy budget holder"


def test_a_certificate_ends_where_she_sends_the_return_back(stated: tuple[Played, Post, Post], tmp_path: Path) -> None:
    played, request, ask = stated
    site = played.copied_to(tmp_path / "opcc")
    site.reply(ask, HOLDER, "Certified")
    site.beat("16 Oct 12:00")
    site.write(CO_ORDINATOR, "Rutland", "RETURN RUTL BECAUSE the spent line is last year's")
    site.beat("16 Oct 12:30")
    assert standing(site).certificate is None
    site.new_letters()
    send_in(site, request, RIGHT, "17 Oct 10:00", words="Checked again.")
    site.beat("17 Oct 11:00")
    assert site.the_letter(HOLDER, "Please certify"), "the same money is asked about anew"
