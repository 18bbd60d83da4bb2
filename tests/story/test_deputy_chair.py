"""The chair is away, and the deputy chair approves: each letter, the digest and the store say who did."""

from __future__ import annotations

from pathlib import Path

from csp_workflow.terms.site import Role
from tests.story.bounces_told import out_of_office
from tests.story.site_told import CO_ORDINATOR, Q2, Played, filled

LEAD, CHAIR, DEPUTY = (f"{who}@charnwood.example" for who in ("lead", "chair", "deputy.chair"))
BLOCK = f"""
[[partnerships.contacts]]
name = "Charnwood Deputy Chair"
role = "deputy chair"
address = "{DEPUTY}"
valid_from = 2014-04-01
"""


def test_the_deputy_chair_is_asked_while_the_chair_is_away_and_their_yes_is_recorded_as_theirs(tmp_path: Path) -> None:
    site = Played.laid_out(tmp_path / "opcc")
    config = site.place / "config" / "partnerships.toml"
    words, marker = config.read_text("utf-8"), '[[partnerships.local_measures]]\nref = "CHARN.L1"'
    config.write_text(words.replace(marker, f"{BLOCK}\n{marker}"), "utf-8")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Here is everything"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    (note,) = site.new_letters(CHAIR)
    assert site.new_letters(DEPUTY) == []
    site.drop(out_of_office(note, "I am away until 31 October 2014."))
    site.beat("15 Oct 10:00")
    (request,) = site.new_letters(LEAD)
    assert "we ask the chair or deputy chair of the partnership" in " ".join(request.text.split())
    site.reply(request, LEAD, "Our return.", filled(request))
    site.beat("16 Oct 10:00")
    site.beat("16 Oct 11:00")
    (told,) = site.new_letters(CHAIR)
    assert "as deputy chair, to approve the return of Charnwood" in " ".join(told.text.split())
    assert "because you are away until Friday 31 October 2014" in " ".join(told.text.split())
    (asked,) = site.new_letters(DEPUTY)
    assert "You get this as deputy chair, because Charnwood Chair is away until" in " ".join(asked.text.split())
    site.new_letters()
    site.reply(asked, DEPUTY, "I approve this return.\n\nKind regards\nA. Deputy")
    site.beat("16 Oct 12:00")
    assert site.state("charnwood") == "approved"
    (told,) = site.new_letters(LEAD)
    assert "Charnwood Deputy Chair approved the return of Charnwood" in " ".join(told.text.split())
    stands = site.ask(lambda outside: outside.store.cycle_status(Q2).returns["charnwood"])
    assert (stands.approval.by, stands.approval.role) == (DEPUTY, Role.DEPUTY_CHAIR)  # type: ignore[attr-defined]
    digest = " ".join(site.told_in_full("17 Oct 07:35").text.split())
    assert "Approved by the deputy chair: Charnwood Community Safety Partnership." in digest
