"""A chair's yes to exactly one submission."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from csp_workflow.intake.case import CycleFacts, IntakeFacts
from csp_workflow.intake.decide import decide
from csp_workflow.letters.catalogue import make_tag, render
from csp_workflow.terms.dates import Board, CycleState, PaperDates, PaperState, Quarter
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.messages import ORDERS_HELD, Blame, IncomingMessage
from csp_workflow.terms.paper_status import PaperStatus
from csp_workflow.terms.report_form import ReportForm, ReportHeading
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.service_status import fold_service
from csp_workflow.terms.site import Contact, Role, Site
from csp_workflow.terms.status import fold_cycle
from tests.intake.intake_factory import (
    CHARNWOOD,
    FORMS,
    KEY,
    LATER,
    NOW,
    OFFICE,
    OPENED,
    Q1,
    Q2,
    SITE,
    after,
    asked_to_approve,
    came_back,
    complete,
    cycle,
    decided,
    facts,
    good,
    happened,
    kinds,
    mail,
    templates,
    verdict,
)  # fmt: skip

QUOTED = "\n\nOn 19/10/2014 09:00, returns@opcc.example wrote:\n> Please approve the return.\n> Approved\n"


def from_the_chair(text: str) -> IncomingMessage:
    return mail(text, sender="chair@charnwood.example", answering="<asked@opcc.example>", at=LATER)


@pytest.mark.parametrize(
    "words",
    ["Approved", "approved.", "  APPROVED!\n\nKind regards\nThe chair", "I approve this return", "Approved" + QUOTED],
)
def test_a_plain_yes_from_the_chair_approves_exactly_that_submission(words: str) -> None:
    first, now = complete()
    known = facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id))
    decision = decided(from_the_chair(words), known, LATER)
    assert (verdict(decision), happened(decision)) == ("approval", ["APPROVED"])
    assert decision.events[0].subject == first.submissions[0].id
    assert decision.events[0].facts["content"] == first.submissions[0].content
    assert [(x.kind, x.recipient) for x in decision.letters] == [
        ("approval-noted", "lead@charnwood.example"),
    ]
    assert first.submissions[0].id in decision.letters[0].cause
    assert after(decision, now).stands("charnwood").state is ReturnState.APPROVED


PAPER = ReportForm(
    board="speb",
    title="Paper",
    marking="",
    headings=(ReportHeading(title="Contributions", kind="contributions"),),
    officers=(),
    background_papers=(),
)
DRAFTED = PaperStatus(board="speb", drafts=1, content="d")


def with_paper(now: CycleFacts, form: ReportForm = PAPER, *papers: PaperStatus, **more: object) -> IntakeFacts:
    """The facts of a site whose board gets a paper, of which partnerships see their page before it is cleared."""
    site = replace(SITE, report_forms=(form,), boards=(Board(key="speb", name="Board", public=False),))
    day = now.dates.close.date()
    dates = PaperDates(board="speb", meeting=day, papers_out=day, clearance=day, draft=day)
    status = replace(now.status, papers={one.board: one for one in papers})
    known = replace(now, site=site, dates=replace(now.dates, papers=(dates,)), status=status)
    return replace(facts(cycles=(known,), **more), site=site)


def told_of(decision: Decision) -> list[tuple[str, str]]:
    return [(x.kind, x.recipient) for x in decision.letters]


THE_LEAD = [("approval-noted", "lead@charnwood.example")]


def test_a_plain_yes_is_told_by_the_page_that_its_lead_is_shown_and_by_no_letter() -> None:
    first, now = complete()
    asked = asked_to_approve(first.submissions[0].id)
    for papers in ((), (DRAFTED,)):
        decision = decided(from_the_chair("Approved"), with_paper(now, PAPER, *papers, answered=asked), LATER)
        assert (verdict(decision), happened(decision), told_of(decision)) == ("approval", ["APPROVED"], [])


@pytest.mark.parametrize(
    ("form", "papers"),
    [
        (replace(PAPER, objection_days=0), ()),
        (replace(PAPER, headings=()), ()),
        (replace(PAPER, own_pages=True), ()),
        (replace(PAPER, board="panel"), ()),
        (PAPER, (replace(DRAFTED, pages_shown={"charnwood": frozenset("a")}),)),
    ],
)
def test_a_lead_who_is_shown_no_page_that_says_so_is_told(form: ReportForm, papers: tuple[PaperStatus, ...]) -> None:
    first, now = complete()
    asked = asked_to_approve(first.submissions[0].id)
    decision = decided(from_the_chair("Approved"), with_paper(now, form, *papers, answered=asked), LATER)
    assert told_of(decision) == THE_LEAD


def test_a_chair_whose_yes_no_paper_can_print_any_more_is_told_so_and_its_lead_too() -> None:
    first, now = complete()
    asked = asked_to_approve(first.submissions[0].id)
    settled = replace(DRAFTED, state=PaperState.CLEARED)
    decision = decided(from_the_chair("Approved"), with_paper(now, PAPER, settled, answered=asked), LATER)
    assert told_of(decision) == [*THE_LEAD, ("approval-recorded", "chair@charnwood.example")]
    assert decision.letters[-1].facts["gone"] == ("Board",)


def test_a_lead_whose_words_wait_or_whose_earlier_version_was_approved_is_told_and_so_is_a_late_yes() -> None:
    first, now = complete()
    asked = asked_to_approve(first.submissions[0].id)

    def told_after(*events: Event, at: datetime = LATER) -> list[tuple[str, str]]:
        then = after(replace(first, events=(*first.events, *events)))
        return told_of(decided(from_the_chair("Approved"), with_paper(then, answered=asked), at))

    about = {"quarter": Q2, "respondent": "charnwood", "at": NOW, "by": "them"}
    assert told_after() == []
    assert told_after(Event(kind=Happened.QUESTION_ASKED, subject="m" * 64, **about)) == THE_LEAD  # type: ignore[arg-type]
    yes = Event(kind=Happened.APPROVED, subject="earlier", facts={"role": "chair"}, **about)  # type: ignore[arg-type]
    anew = [e for e in first.events if e.respondent == "charnwood"]
    assert told_after(yes, *anew) == THE_LEAD
    later = now.dates.close + timedelta(days=3)
    late = mail("Approved", sender="chair@charnwood.example", answering="<asked@opcc.example>", at=later)
    assert told_of(decided(late, with_paper(now, answered=asked), later)) == THE_LEAD


def test_a_yes_is_to_what_that_very_person_was_shown_whoever_was_asked_since() -> None:
    first, now = complete()
    known = facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id))
    decision = decided(from_the_chair("Approved"), known, LATER)
    about = {"content": first.submissions[0].content, "version": 1}
    since = Event(
        kind=Happened.APPROVAL_ASKED,
        at=LATER,
        by="us",
        quarter=Q2,
        respondent="charnwood",
        subject=first.submissions[0].id,
        facts=about,
    )
    given = after(decision, after(replace(first, events=(*first.events, since)))).stands("charnwood").approval
    assert given is not None
    assert given.asked == OPENED


def test_a_deputy_s_yes_is_told() -> None:
    deputy = Contact(name="Deputy", role=Role.DEPUTY_CHAIR, address="deputy@charnwood.example")
    assert not with_paper(cycle()).cycles[0].shows_approval(CHARNWOOD, deputy, NOW.date())
    chair = CHARNWOOD.people(Role.CHAIR, NOW.date())[0]
    assert with_paper(cycle()).cycles[0].shows_approval(CHARNWOOD, chair, NOW.date())


@pytest.mark.parametrize(
    "words",
    [
        "Approved subject to the burglary figure",
        "Yes",
        "Not approved",
        "Approved?\nWho filled it in?",
        "Thanks",
        QUOTED,
        "I do not approve this return",
    ],
)
def test_anything_else_from_the_chair_goes_to_the_co_ordinator(words: str) -> None:
    first, now = complete()
    known = facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id))
    decision = decided(from_the_chair(words), known, LATER)
    assert (verdict(decision), happened(decision)) == ("question", ["QUESTION_ASKED"])
    answer = "act-held" if words.startswith("Approved") else "question-received"
    assert [(x.kind, x.recipient) for x in decision.letters] == [
        (answer, "chair@charnwood.example"),
        ("question", OFFICE.co_ordinator.address),
    ]


def test_only_the_chairs_own_address_approves() -> None:
    first, now = complete()
    known = facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id))
    lead = mail("Approved", answering="<asked@opcc.example>")
    assert verdict(decided(lead, known)) == "question"
    stranger = mail("Approved", sender="chair@elsewhere.example", answering="<asked@opcc.example>")
    assert verdict(decided(stranger, known)) == "held"


def test_approval_outside_the_thread_is_a_question() -> None:
    _, now = complete()
    decision = decided(mail("Approved", sender="chair@charnwood.example"), facts(cycles=(now,)))
    assert verdict(decision) == "question"


def test_a_yes_is_of_the_day_on_which_it_came_however_late_it_was_read() -> None:
    """Written on Friday at five to five, read on Monday: the chair approved on Friday; it is told on Monday."""
    first, now = complete()
    known = facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id))
    later = LATER + timedelta(days=3)
    decision = decided(from_the_chair("Approved"), known, later)
    given = after(decision, now).stands("charnwood").approval
    assert given is not None
    assert (given.at, decision.events[0].at) == (LATER, later)


@pytest.mark.parametrize("words", ["Nil return", "We decline"])
def test_that_nothing_comes_is_of_the_day_on_which_it_was_written_too(words: str) -> None:
    now = cycle()
    decision = decided(mail(words, at=LATER), facts(cycles=(now,)), LATER + timedelta(days=3))
    assert after(decision, now).stands("charnwood").answered == LATER


@pytest.mark.parametrize("words", ["Nil return", "We decline"])
def test_that_nothing_comes_waits_for_her_where_it_came_before_she_reopened_the_return(words: str) -> None:
    begun = decided(mail(words), facts())
    about = {"quarter": Q2, "respondent": "charnwood"}
    anew = Event(kind=Happened.REOPENED, at=LATER, by="her", facts={"reason": "They rang."}, **about)  # type: ignore[arg-type]
    now = after(replace(begun, events=(*begun.events, anew)))
    held = decided(mail(f"{words}.", at=LATER - timedelta(minutes=5)), facts(cycles=(now,)), LATER + timedelta(hours=1))
    assert (verdict(held), held.judgement.reason in ORDERS_HELD) == ("held", True)  # type: ignore[union-attr]
    again = LATER + timedelta(minutes=5)
    assert verdict(decided(mail(f"{words}.", at=again), facts(cycles=(now,)), again)) != "held"


def test_approving_a_replaced_version_tells_the_chair_which_is_current() -> None:
    first, now = complete()
    typed = good(figures={"CHARN.L1": 44, "CHARN.L2": 72})
    second = decided(mail("Corrected."), facts(came_back(FORMS["charnwood"], typed), cycles=(now,)), LATER)
    known = facts(cycles=(after(second, now),), answered=asked_to_approve(first.submissions[0].id))
    decision = decided(from_the_chair("Approved"), known, LATER)
    assert (verdict(decision), happened(decision), kinds(decision)) == ("approval", [], ["approval-out-of-date"])
    assert decision.letters[0].facts["current"] == 2


def test_the_same_yes_again_changes_nothing() -> None:
    first, now = complete()
    letter = asked_to_approve(first.submissions[0].id, kind="approval-reminder")
    yes = decided(from_the_chair("Approved"), facts(cycles=(now,), answered=letter), LATER)
    again = decided(from_the_chair("Approved."), facts(cycles=(after(yes, now),), answered=letter), LATER)
    assert (verdict(again), again.events) == ("duplicate", ())
    assert kinds(again) == ["approval-recorded"], "who writes twice wants to know"
    third = decided(from_the_chair("Approved!"), facts(cycles=(after(yes, now),), answered=letter), LATER)
    assert {x.cause for x in third.letters} == {x.cause for x in again.letters}, "and is told once a day"


def test_a_yes_to_a_letter_that_went_to_another_chair_approves_nothing() -> None:
    first, now = complete()
    letter = asked_to_approve(first.submissions[0].id, to="former.chair@charnwood.example")
    decision = decided(from_the_chair("Approved"), facts(cycles=(now,), answered=letter), LATER)
    assert (verdict(decision), "APPROVED" in happened(decision)) == ("question", False)


@pytest.mark.parametrize(("bounced", "counts"), [(OPENED, True), (LATER, False)])
def test_a_yes_under_our_subject_counts_only_if_the_letter_that_asked_did_not_come_back(
    bounced: datetime, counts: bool
) -> None:
    first, now = complete()
    about = {"quarter": Q2, "respondent": "charnwood", "subject": first.submissions[0].id}
    asked = Event(kind=Happened.APPROVAL_ASKED, at=NOW, by="us", facts={"content": "", "version": 1}, **about)  # type: ignore[arg-type]
    now = replace(now, status=fold_cycle(Q2, (asked,), onto=now.status), events=(*now.events, asked))
    came = {"blame": Blame.PASSING.value, "status": "5.2.2", "said": "", "tried": False}
    back = Event(kind=Happened.LETTER_CAME_BACK, at=bounced, by="them", subject="chair@charnwood.example", facts=came)
    written = mail("Approved", sender="chair@charnwood.example", at=LATER)
    asks = (replace(asked_to_approve(first.submissions[0].id), queued=NOW),)
    right = Event(kind=Happened.ADDRESS_RESTORED, at=LATER, by="her", subject="chair@charnwood.example")
    for known in ([back], [back, right]):
        decision = decided(written, facts(cycles=(now,), asked=asks, service=fold_service(known)), LATER)
        assert ("APPROVED" in happened(decision)) == counts
    if not counts:
        assert (verdict(decision), kinds(decision)) == ("held", ["question-received"])
        assert decision.judgement is not None
        assert decision.judgement.reason in ORDERS_HELD
        assert after(decision, now).stands("charnwood").held_messages, "nobody is asked meanwhile"


def test_a_yes_under_our_subject_is_to_what_the_very_person_was_shown() -> None:
    """The chair left, somebody else was asked about version 2, and the chair came back and never saw it."""
    first, now = complete()
    typed = good(figures={"CHARN.L1": 44, "CHARN.L2": 72})
    second = decided(mail("Corrected."), facts(came_back(FORMS["charnwood"], typed), cycles=(now,)), LATER)
    now = after(second, now)
    about = {"quarter": Q2, "respondent": "charnwood", "subject": second.submissions[0].id}
    asked = Event(kind=Happened.APPROVAL_ASKED, at=LATER, by="us", facts={"content": "", "version": 2}, **about)  # type: ignore[arg-type]
    now = replace(now, status=fold_cycle(Q2, (asked,), onto=now.status), events=(*now.events, asked))
    written, old = mail("Approved", sender="chair@charnwood.example", at=LATER), first.submissions[0].id
    shown = decided(written, facts(cycles=(now,), asked=(asked_to_approve(old),)), LATER)
    assert (happened(shown), kinds(shown)) == ([], ["approval-out-of-date"])
    assert (shown.letters[0].facts["version"], shown.letters[0].facts["current"]) == (1, 2)
    unshown = decided(written, facts(cycles=(now,)), LATER)
    assert (verdict(unshown), kinds(unshown)) == ("held", ["question-received"])
    # It came before the letter about version 2 left, and was read after that.
    second_asked = replace(asked_to_approve(second.submissions[0].id), queued=LATER, sent=LATER + timedelta(hours=1))
    for asks, kind in (
        ((asked_to_approve(old), second_asked), "approval-out-of-date"),
        ((second_asked,), "question-received"),
    ):
        early = decided(written, facts(cycles=(now,), asked=asks), LATER + timedelta(days=1))
        assert ("APPROVED" in happened(early), kinds(early)) == (False, [kind])


def test_a_yes_under_our_subject_is_to_the_one_return_and_quarter_that_it_names() -> None:
    """The chair was shown a return of each of two quarters, and writes under an old subject."""
    first, now = complete()
    this, before = first.submissions[0], replace(first.submissions[0], id="2014/15-Q1/charnwood/001", quarter=Q1)
    events = [replace(e, quarter=Q1, subject=before.id) for e in now.events if e.kind is not Happened.REQUESTED]
    asks = (replace(asked_to_approve(before.id), quarter=Q1), asked_to_approve(this.id))
    old = cycle(quarter=Q1, events=events, latest=[before], state=CycleState.CLOSED)
    about = {"by": "us", "respondent": "charnwood", "facts": {"content": "", "version": 1}}
    wanted = [
        Event(kind=Happened.APPROVAL_ASKED, at=NOW, quarter=x.quarter, subject=x.id, **about) for x in (before, this)
    ]  # type: ignore[arg-type]
    cycles = tuple(
        replace(one, status=replace(fold_cycle(one.quarter, [e], onto=one.status), state=one.status.state))
        for one, e in zip((old, now), wanted, strict=True)
    )
    for quarter, codes, approved in (
        (Q2, ("CHARN",), [this.id]),
        (Q1, ("CHARN",), [before.id]),
        (Q2, ("CHARN", "BLABY"), []),
        (Q2, (), []),
        (Quarter(2013, 1), ("CHARN",), []),
    ):
        subject = f"RE: Return {make_tag(quarter, codes, key=KEY)}"
        written = mail("Approved", sender="chair@charnwood.example", subject=subject, at=LATER)
        decision = decided(written, facts(cycles=cycles, asked=asks), LATER)
        assert [e.subject for e in decision.events if e.kind is Happened.APPROVED] == approved, (quarter, codes)


@pytest.mark.parametrize("words", ["Nil return", "We decline"])
def test_that_nothing_comes_is_asked_about_under_the_subject_of_a_quarter_that_is_put_away(words: str) -> None:
    old = f"RE: Return {make_tag(Quarter(2013, 1), ('CHARN',), key=KEY)}"
    assert (verdict(decided(mail(words, subject=old), facts())), verdict(decided(mail(words), facts()))) == (
        "question",
        {"Nil return": "nil", "We decline": "declined"}[words],
    )


def test_who_was_chair_when_we_asked_is_told_of_to_her_and_the_lead_is_asked_nothing() -> None:
    first, now = complete()
    lead, chair = CHARNWOOD.contacts[0], next(c for c in CHARNWOOD.contacts if c.role is Role.CHAIR)
    gone = replace(chair, valid_to=date(2014, 10, 18))
    others = (r for r in SITE.respondents if r.key != "charnwood")
    site = replace(SITE, respondents=(replace(CHARNWOOD, contacts=(lead, gone)), *others))
    letter = replace(asked_to_approve(first.submissions[0].id), queued=datetime(2014, 10, 17, 9, tzinfo=UTC))
    known = replace(facts(cycles=(now,), answered=letter), site=site)
    decision = decided(from_the_chair("Approved"), known, LATER)
    assert (verdict(decision), kinds(decision)) == ("question", ["question"])
    assert decision.judgement is not None
    assert "is a contact no longer" in decision.judgement.reason
    stands = after(decision, now).stands("charnwood")
    assert (bool(stands.open_questions), stands.held_messages) == (True, ()), "whoever is chair now is asked on"


def test_a_yes_to_a_return_that_is_no_longer_complete_approves_nothing() -> None:
    first, now = complete()
    declined = Event(kind=Happened.DECLINED, at=LATER, by="t", quarter=Q2, respondent="charnwood", facts={"reason": ""})
    gone = replace(now, status=fold_cycle(Q2, (*now.events, declined)), events=(*now.events, declined))
    known = facts(cycles=(gone,), answered=asked_to_approve(first.submissions[0].id))
    decision = decided(from_the_chair("Approved"), known, LATER)
    assert (verdict(decision), "APPROVED" in happened(decision)) == ("question", False)


def test_what_is_recorded_of_an_approval_and_who_is_told_what() -> None:
    first, now = complete()
    known = facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id))
    decision = decided(from_the_chair("Approved"), known, LATER)
    (approved,) = decision.events
    assert (approved.at, approved.respondent, approved.quarter) == (LATER, "charnwood", Q2)
    assert decision.judgement is not None
    assert decision.judgement.respondents == ("charnwood",)
    assert decision.judgement.reason == "The chair approved version 1 of Charnwood CSP's return."
    (note,) = decision.letters
    assert (note.facts["version"], note.facts["chair"]) == (1, "Chair of Charnwood CSP")
    again = decided(from_the_chair("Approved."), facts(cycles=(after(decision, now),), answered=known.answered), LATER)
    assert again.judgement is not None
    assert again.judgement.reason == "That version is approved already."
    assert again.judgement.respondents == ("charnwood",)


def test_a_chair_who_approves_a_replaced_version_is_told_which_it_was() -> None:
    first, now = complete()
    typed = good(figures={"CHARN.L1": 44, "CHARN.L2": 72})
    second = decided(mail("Corrected."), facts(came_back(FORMS["charnwood"], typed), cycles=(now,)), LATER)
    known = facts(cycles=(after(second, now),), answered=asked_to_approve(first.submissions[0].id))
    decision = decided(from_the_chair("Approved"), known, LATER)
    assert decision.judgement is not None
    assert decision.judgement.respondents == ("charnwood",)
    assert decision.judgement.reason == (
        "The chair approved version 1, which version 2 has replaced; nothing is recorded."
    )
    (letter,) = decision.letters
    assert (letter.facts["version"], letter.facts["current"], letter.facts["is_complete"]) == (1, 2, True)


# A deputy chair -----------------------------------------------------------------------------------


def with_deputy_chair(**dates: date) -> Site:
    deputy = Contact(name="The deputy chair", role=Role.DEPUTY_CHAIR, address="deputy.chair@charnwood.example", **dates)
    charnwood = replace(CHARNWOOD, contacts=(*CHARNWOOD.contacts, deputy))
    return replace(SITE, respondents=(charnwood, *SITE.respondents[1:]))


def said_by_the_deputy_chair(site: Site, *, to: str = "deputy.chair@charnwood.example") -> Decision:
    first, now = complete()
    known = facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id, to=to))
    message = mail("Approved", sender="deputy.chair@charnwood.example", answering="<asked@opcc.example>", at=LATER)
    return decide(message, replace(known, site=site), LATER)


def test_a_deputy_chair_s_yes_is_one_while_they_serve_and_says_who_and_as_what() -> None:
    decision = said_by_the_deputy_chair(with_deputy_chair(valid_to=date(2014, 10, 31)))
    assert (verdict(decision), happened(decision)) == ("approval", ["APPROVED"])
    (approved,) = decision.events
    assert (approved.by, approved.facts["role"]) == ("deputy.chair@charnwood.example", "deputy chair")
    (note,) = decision.letters
    words = render(note, OFFICE, environment=templates())  # type: ignore[arg-type]
    assert "Your deputy chair has approved the return" in words.subject
    assert "The deputy chair approved the return of Charnwood CSP" in " ".join(words.text.split())
    assert decision.judgement is not None
    assert decision.judgement.reason == "The deputy chair approved version 1 of Charnwood CSP's return."


def test_a_deputy_chair_whose_time_is_over_approves_nothing() -> None:
    decision = said_by_the_deputy_chair(with_deputy_chair(valid_to=date(2014, 10, 19)))
    assert (verdict(decision), happened(decision)) == ("question", ["QUESTION_ASKED"])


def test_the_chair_s_own_yes_counts_while_the_deputy_chair_is_asked() -> None:
    first, now = complete()
    known = facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id))
    site = with_deputy_chair(valid_to=date(2014, 10, 31))
    decision = decide(from_the_chair("Approved"), replace(known, site=site), LATER)
    assert decision.events[0].facts["role"] == "chair"


def test_a_yes_to_a_letter_of_the_chair_s_is_the_chair_s_to_say() -> None:
    site = with_deputy_chair()
    decision = said_by_the_deputy_chair(site, to="chair@charnwood.example")
    assert (verdict(decision), "APPROVED" in happened(decision)) == ("question", False)


def test_the_receipt_says_that_the_deputy_chair_may_be_asked() -> None:
    known = replace(facts(came_back(FORMS["charnwood"], good())), site=with_deputy_chair())
    (receipt,) = decide(mail(), known, LATER).letters
    assert receipt.facts["asked"] == "chair or deputy chair"
