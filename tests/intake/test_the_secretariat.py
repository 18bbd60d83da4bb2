"""Who speaks for the secretariat, about which paper, and what is never taken from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from csp_workflow.letters.catalogue import make_tag
from csp_workflow.terms.dates import Board, CycleState, PaperDates, PaperState
from csp_workflow.terms.events import About, Decision, LetterState, Manner, QueuedLetter
from csp_workflow.terms.messages import IncomingMessage
from csp_workflow.terms.paper_status import PaperStatus
from csp_workflow.terms.service import Trust, TrustProfile
from csp_workflow.terms.site import Contact, Role, Site
from tests.intake.intake_factory import (  # fmt: skip
    DATES,
    KEY,
    LATER,
    OFFICE,
    OPENED,
    Q2,
    SITE,
    cycle,
    decided,
    facts,
    happened,
    kinds,
    mail,
    verdict,
)

SECRETARY = "clerk@county.example"
BOARD = Board(key="speb", name="Strategic Partnership Executive Board", public=False)
PANEL = Board(key="panel", name="Police and Crime Panel", public=True)
PAPERS = tuple(
    PaperDates(board=board.key, meeting=meeting, papers_out=meeting, clearance=meeting, draft=meeting)
    for board, meeting in ((BOARD, date(2014, 11, 27)), (PANEL, date(2014, 12, 4)))
)
PLAIN = "Deferred to the next meeting."


def site(address: str = SECRETARY) -> Site:
    clerk = Contact(name="The clerk", role=Role.LEAD, address=address)
    office = replace(OFFICE, secretariat=(clerk,))
    return replace(SITE, office=office, boards=(BOARD, PANEL))


def circulation(*, to: str = SECRETARY, kind: str = "circulation", board: str = "panel") -> QueuedLetter:
    return QueuedLetter(
        id="x",
        kind=kind,
        cause=f"paper:{Q2.key}:{board}:circulation",
        recipient=to,
        about=(About(board=board),),
        quarter=Q2,
        manner=Manner.OFFICE,
        subject="",
        message_id="<paper@opcc.example>",
        content="",
        state=LetterState.SENT,
        queued=OPENED,
        sent=OPENED,
    )


def written(
    words: str = PLAIN,
    *,
    answered: QueuedLetter | None = None,
    sender: str = SECRETARY,
    subject: str = "RE: Paper",
    out: tuple[str, ...] = (),
    at_site: Site | None = None,
) -> Decision:
    message: IncomingMessage = mail(words, sender=sender, subject=subject, at=LATER)
    papers = {key: PaperStatus(board=key, state=PaperState.CIRCULATED) for key in out}
    here = cycle(state=CycleState.CLOSED)
    here = replace(here, dates=replace(DATES, papers=PAPERS), status=replace(here.status, papers=papers))
    known = replace(facts(cycles=(here,), answered=answered), site=at_site or site())
    return decided(message, known, LATER)


def paper_of(decision: Decision) -> str:
    """The board that the co-ordinator's letter binds the message to."""
    letter = next(x for x in decision.letters if x.kind == "question")
    assert letter.about[0].message == decision.judgement.message  # type: ignore[union-attr]
    return letter.about[0].board


def test_a_reply_to_a_paper_is_bound_to_its_board_and_answered_in_its_thread() -> None:
    decision = written(answered=circulation())
    assert (verdict(decision), happened(decision)) == ("question", ["MESSAGE_HELD"])
    assert {x.kind: x.recipient for x in decision.letters} == {
        "secretariat-answered": SECRETARY,
        "question": OFFICE.co_ordinator.address,
    }
    assert paper_of(decision) == "panel"
    assert {x.quarter for x in decision.letters} == {Q2}
    answer = next(x for x in decision.letters if x.kind == "secretariat-answered")
    assert answer.answers
    assert answer.about[0].board == "panel", "what they write to it is about the same paper"
    assert written(answered=replace(circulation(kind=answer.kind), about=answer.about)).letters


@pytest.mark.parametrize(
    ("words", "subject", "out", "meant"),
    [
        (PLAIN, "Agenda", ("speb",), "speb"),
        (PLAIN, "Agenda", ("speb", "panel"), ""),
        (PLAIN, "Agenda", (), ""),
        (PLAIN, "The Panel's agenda", ("speb",), "panel"),
        ("The SPEB paper is too long.", "Agenda", (), "speb"),
        ("PCP asks for another paper.", "Agenda", (), "panel"),
        ("We meet on 4 December at ten.", "Agenda", (), "panel"),
        ("The Panel met with the SPEB.", "Agenda", ("speb",), ""),
    ],
)
def test_the_paper_of_a_new_mail_is_said_where_only_one_fits(
    words: str, subject: str, out: tuple[str, ...], meant: str
) -> None:
    decision = written(words, subject=subject, out=out)
    assert (verdict(decision), paper_of(decision)) == ("question", meant)
    said = decision.judgement.reason  # type: ignore[union-attr]
    assert ("seems to be about" in said) is bool(meant)


def test_a_board_that_has_left_the_config_does_not_stop_the_request() -> None:
    gone = replace(site(), boards=(BOARD,))
    decision = written(answered=circulation(), at_site=gone)
    assert (verdict(decision), paper_of(decision)) == ("question", "panel")


def test_whoever_is_a_contact_too_speaks_by_what_they_answer() -> None:
    both = site("lead@charnwood.example")
    me = {"sender": "lead@charnwood.example", "at_site": both}
    about_paper = written("Approved", answered=circulation(to="lead@charnwood.example"), **me)  # type: ignore[arg-type]
    assert (verdict(about_paper), about_paper.judgement.respondents) == ("question", ())  # type: ignore[union-attr]
    for subject in ("RE: Return", f"RE: Return {make_tag(Q2, ('CHARN',), key=KEY)}"):
        assert verdict(written("Nil return", subject=subject, **me)) == "nil"  # type: ignore[arg-type]
    by_tag = written("Nil return", subject=f"RE: Paper {make_tag(Q2, (), key=KEY)}", **me)  # type: ignore[arg-type]
    assert (verdict(by_tag), happened(by_tag)) == ("question", ["MESSAGE_HELD"])


def test_the_address_counts_however_it_is_tagged() -> None:
    decision = written(answered=circulation(), sender="Clerk <CLERK+papers@County.example>")
    assert verdict(decision) == "question"
    question = next(x for x in decision.letters if x.kind == "question")
    assert question.facts["sender"] == f"The clerk <{SECRETARY}>"


def test_what_may_be_forged_is_held_and_not_answered() -> None:
    careful = replace(site(), trust=Trust(profile=TrustProfile.RFC8601, authserv_id="mx.opcc.example"))
    decision = written(answered=circulation(), at_site=careful)
    assert (verdict(decision), kinds(decision)) == ("held", [])
    assert "It says that it comes from the secretariat." in decision.judgement.reason  # type: ignore[union-attr]


def test_a_colleague_of_the_secretariat_who_answers_a_paper_is_held_and_a_stranger_set_aside() -> None:
    beside = replace(site("clerk@board.example"))
    colleague = written(answered=circulation(), sender="deputy.clerk@board.example", at_site=beside)
    assert (verdict(colleague), kinds(colleague)) == ("held", [])
    assert "secretariat's organisation" in colleague.judgement.reason  # type: ignore[union-attr]
    for sender, letter in (("deputy.clerk@board.example", None), ("somebody@elsewhere.example", circulation())):
        assert verdict(written(answered=letter, sender=sender, at_site=beside)) == "quarantined"


def test_the_deputy_may_be_of_the_secretariat_and_the_co_ordinator_orders_all_the_same() -> None:
    deputy = site("deputy@opcc.example")
    assert verdict(written(answered=circulation(), sender="deputy@opcc.example", at_site=deputy)) == "question"
    herself = site(OFFICE.co_ordinator.address)
    assert verdict(written("HOLD", sender=OFFICE.co_ordinator.address, at_site=herself)) == "command"
