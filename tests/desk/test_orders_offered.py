"""Which orders are offered: only such as would succeed now, each from the one list of them."""

from __future__ import annotations

import pytest

from csp_workflow.desk.commands import COMMAND_LINE, OrderFacts, Refused
from csp_workflow.desk.orders import keep_offers, list_working
from csp_workflow.desk.usages import USAGES, fill_in
from csp_workflow.terms.events import Happened
from tests.chase.quarter_told import MELTON, Told, at
from tests.desk.reading import read
from tests.desk.test_orders_done import HELD, NOW, facts, order


@pytest.fixture
def told() -> Told:
    told = Told().open(at(15))
    told.arrive(MELTON, at(30), faults=1)
    return told


def known(told: Told, **more: object) -> OrderFacts:
    return facts(told, sender=COMMAND_LINE, **more)


@pytest.mark.parametrize(
    ("words", "succeeds"),
    [
        ("ACCEPT MELT", True),
        ("ACCEPT CHARN", False),
        ("ACCEPT CODE", True),
        ("EXTEND CHARN TO day BECAUSE reason", True),
        ("EXTEND MELT TO day BECAUSE reason", False),
        ("APPROVED CODE BY whom BECAUSE evidence", False),
        ("ASSIGN 3fa9c1d2e4 TO CODE", True),
        ("ASSIGN 99999 TO CODE", False),
        ("DISMISS ID", True),
        ("CONTACT MELT chair Name Surname <address>", True),
        ("SEND", False),
        ("RESUME", False),
        ("CLEAR BOARD", False),
        ("no order at all", False),
        ("", False),
    ],
)
def test_an_order_would_succeed_where_it_is_carried_out(told: Told, words: str, succeeds: bool) -> None:
    assert any(list_working(words, known(told, waiting=(HELD,)), NOW)) is succeeds


def test_an_order_that_a_step_would_refuse_is_not_offered(told: Told) -> None:
    told.happen(Happened.PAPER_DRAFTED, at(30), subject="speb", content="c1")

    def refuse(*_: object) -> None:
        raise Refused("The paper has an open objection.")

    assert any(list_working("CLEAR BOARD", known(told), NOW))
    assert not any(list_working("CLEAR BOARD", known(told, try_step=refuse), NOW))


def test_what_a_refusal_offers_is_left_out_where_it_would_be_refused_too(told: Told) -> None:
    """After its meeting the parts of a paper are shown to nobody; without a proof due PROOF makes one."""
    told.happen(Happened.PAPER_DRAFTED, at(30), subject="speb", content="c1")
    why, show, clear = "It is not cleared yet.", "SHOW speb shows it to them.", "CLEAR speb WITHOUT WAITING clears it."
    said = f"{why} {show} {clear}"
    assert keep_offers(said, known(told), NOW) == said
    later = next(p.meeting for p in told.dates.papers if p.board == "speb").day + 1
    assert keep_offers(said, known(told), at(later, month=12)) == f"{why} {clear}"
    for one in ("There is none. PROOF makes it.", "Reply RESUME MELT first."):
        assert keep_offers(f"{why} {one}", known(told), NOW) in {f"{why} There is none.", why}
    assert keep_offers("EXTEND gives them longer. HOLD is no word here.", known(told), NOW).startswith("EXTEND gives")


def test_an_offer_with_room_for_her_own_words_is_left_out_too(told: Told) -> None:
    """What did not come before the close may be extended until the papers are cleared."""
    said = "It did not come before the close. EXTEND CHARN TO day BECAUSE reason asks for it again."
    assert keep_offers(said, known(told), NOW) == said
    said_of_one = said.replace("CHARN", "MELT")
    assert keep_offers(said_of_one, known(told), NOW) == "It did not come before the close.", "it has come"
    one = "It is queried. ACCEPT MELT takes it as complete. RETURN MELT BECAUSE reason sends it back to its lead."
    assert keep_offers(one, known(told), NOW) == one


def test_what_is_listed_as_working_is_carried_out(told: Told) -> None:
    for usage in USAGES:
        for words in list_working(usage.written, known(told, waiting=(HELD,)), NOW):
            assert not read(fill_in(words)).not_understood, words


def test_help_names_the_orders_that_matter_now_and_how_to_see_all(told: Told) -> None:
    sentences = order(told, "HELP", waiting=(HELD,)).sentences
    assert len(sentences) <= 9
    assert "ACCEPT MELT" in " ".join(sentences)
    assert "ASSIGN 3fa9c1d2e4 TO" in " ".join(sentences)
    assert "RELEASE" not in " ".join(sentences)
    assert sentences[-1] == "HELP ALL lists every order there is."


def test_help_all_names_every_order(told: Told) -> None:
    assert len(order(told, "help all").sentences) == len(USAGES)
