"""Acts by reply: a listed phrase alone on the first line approves, says nil, declines, or settles a held message.

Anything but the plain phrase is no act. "Approved subject to ..." and "Approved?" are words for a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from csp_workflow.forms.layout import same
from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.letters import answers
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.kinds import Ground
from csp_workflow.mail.bodies import first_line, plain_words
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision, Happened
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.returns import ReturnState, Submission
from csp_workflow.terms.site import Contact, Respondent, Role

_TAKEN = {ReturnState.RECEIVED, ReturnState.QUERIED, ReturnState.COMPLETE, ReturnState.APPROVED}
_ON_COLLEAGUES = {
    Happened.COLLEAGUE_CONFIRMED: {"confirm", "confirmed", "i confirm", "confirm please", "please confirm"},
    Happened.COLLEAGUE_REFUSED: {"reject", "rejected", "i reject", "reject please", "please reject"},
}


# A chair's yes --------------------------------------------------------------------------------------


def answers_an_approval(case: MessageCase) -> bool:
    """Whether a message replies to a letter that asked for approval."""
    return case.facts.answered is not None and kind_of(case.facts.answered.kind).ground is Ground.APPROVAL_MISSING


def approve_submission(case: MessageCase, mine: Sequence[Respondent]) -> Decision | None:
    """Approve exactly the submission that was asked about. None when the reply is anything but a plain yes.

    It must come from the chair's own address, in reply to our letter to the chair.
    """
    letter = case.facts.answered
    respondent = next((r for r in mine if letter and r.key in letter.respondents), None)
    if letter is None or respondent is None or not says_yes(case.message.answer, case.site.approval_phrases):
        return None
    cycle = case.facts.cycle(letter.quarter)
    chair = _writing_chair(case, respondent)
    latest = cycle.latest.get(respondent.key) if cycle else None
    asked = letter.about[0].submission if len(letter.about) == 1 else ""
    if cycle is None or not cycle.takes_returns or chair is None or latest is None or not asked:
        return None
    if letter.recipient.lower() != chair.address.lower():
        return None
    if asked != latest.id:
        return _answer_old_approval(case, respondent, chair, latest, asked)
    return _record_approval(case, respondent, chair, cycle, latest)


def says_yes(answer: str, phrases: Sequence[str]) -> bool:
    """Whether the first line is one of the phrases and no more."""
    line = first_line(answer)
    return "?" not in line and plain_words(line) in {plain_words(phrase) for phrase in phrases}


def _record_approval(
    case: MessageCase, respondent: Respondent, chair: Contact, cycle: CycleFacts, latest: Submission
) -> Decision | None:
    stands = cycle.stands(respondent.key)
    if stands.approved == latest.id:
        return case.conclude(Verdict.DUPLICATE, "That version is approved already.", respondents=[respondent])
    if stands.state is not ReturnState.COMPLETE:
        return None
    approved = case.event(
        Happened.APPROVED, quarter=cycle.quarter, respondent=respondent.key, subject=latest.id, content=latest.content
    )
    return case.conclude(
        Verdict.APPROVAL,
        f"The chair approved version {latest.sequence} of {respondent.name}'s return.",
        respondents=[respondent],
        events=[approved],
        letters=_letters_of_approval(case, respondent, chair, latest),
    )


def _letters_of_approval(
    case: MessageCase, respondent: Respondent, chair: Contact, latest: Submission
) -> tuple[Letter, ...]:
    """The chair is thanked; each lead is told."""
    leads = respondent.people(Role.LEAD, case.day)
    known = case.refer(latest.quarter, [respondent], chair.address)
    others = [c for c in leads if c.address.lower() != chair.address.lower()]
    copies = case.refer(latest.quarter, [respondent])
    seen = {"submission": latest.id, "version": latest.sequence, "at": case.message.received}
    return (
        answers.approval_recorded(chair, known, **seen),  # type: ignore[arg-type]
        *(answers.approval_noted(c, copies, chair=chair.name, **seen) for c in others),  # type: ignore[arg-type]
    )


def _answer_old_approval(
    case: MessageCase, respondent: Respondent, chair: Contact, latest: Submission, asked: str
) -> Decision:
    version = int(asked.rpartition("/")[2]) if asked.rpartition("/")[2].isdigit() else 0
    letter = answers.approval_out_of_date(
        chair,
        case.refer(latest.quarter, [respondent], chair.address),
        version=version,
        current=latest.sequence,
        received=latest.received,
        is_complete=latest.is_complete,
    )
    reason = f"The chair approved version {version}, which version {latest.sequence} has replaced; nothing is recorded."
    return case.conclude(Verdict.APPROVAL, reason, respondents=[respondent], letters=[letter])


def _writing_chair(case: MessageCase, respondent: Respondent) -> Contact | None:
    """The chair who writes. No word of anybody else's, the co-ordinator's included, makes up for a proof."""
    chairs = () if case.doubt else respondent.people(Role.CHAIR, case.day)
    return next((c for c in chairs if case.is_from([c])), None)


# Nil and declined -----------------------------------------------------------------------------------


def excuse_return(case: MessageCase, mine: Sequence[Respondent], quarter: Quarter | None) -> Decision | None:
    """A nil or a decline: a listed phrase alone on the first line, or followed by the respondent's name."""
    for phrases, kind, verdict, write in (
        (case.site.nil_phrases, Happened.NIL, Verdict.NIL, answers.nil_recorded),
        (case.site.decline_phrases, Happened.DECLINED, Verdict.DECLINED, answers.declined_recorded),
    ):
        whose = _respondent_meant(case.message.answer, mine, phrases)
        cycle = (case.facts.cycle(quarter) or case.facts.current(whose.key)) if whose else None
        if whose is None or cycle is None or not cycle.takes_returns or not cycle.requests.get(whose.key):
            continue
        if not _speaks_for_return(case, whose) or cycle.stands(whose.key).state in _TAKEN:
            return None
        if not cycle.allows(whose.key, kind):
            why = f"{whose.name} is recorded as {verdict} already."
            return case.conclude(Verdict.DUPLICATE, why, respondents=[whose])
        return case.conclude(
            verdict,
            f"{whose.name} wrote so in a reply.",
            respondents=[whose],
            events=[case.event(kind, quarter=cycle.quarter, respondent=whose.key, reason="")],
            letters=case.write_to_each([whose], cycle.quarter, partial(write, reason="")),
        )
    return None


def _respondent_meant(answer: str, mine: Sequence[Respondent], phrases: Sequence[str]) -> Respondent | None:
    """Whose return a phrase is about; with several there must be a name beside it or on the next line."""
    lines = [plain_words(line) for line in answer.split("\n") if line.strip()][:2]
    if not lines:
        return None
    for phrase in sorted(map(plain_words, phrases), key=len, reverse=True):
        if lines[0] == phrase:
            named = _respondent_named(lines[1] if len(lines) > 1 else "", mine)
            return mine[0] if len(mine) == 1 else named
        if lines[0].startswith(f"{phrase} "):
            return _respondent_named(lines[0].removeprefix(phrase), mine)
    return None


def _respondent_named(words: str, mine: Sequence[Respondent]) -> Respondent | None:
    """The one respondent that some words name and nothing else ("for Charnwood"), or None."""
    said = same(re.sub(r"^(?:return )?(?:for|from)? ?(?:the )?", "", words.strip()))
    if not said:
        return None
    fitting = [r for r in mine if said in {same(r.code), same(r.key)} or same(plain_words(r.name)).startswith(said)]
    return fitting[0] if len(fitting) == 1 and len(said) > 2 else None


def _speaks_for_return(case: MessageCase, respondent: Respondent) -> bool:
    """A lead, a chair, or somebody whose message one of them or the co-ordinator says is the respondent's."""
    return case.facts.is_assigned(respondent.key) or case.is_from(_leads_and_chairs(case, respondent))


def _leads_and_chairs(case: MessageCase, respondent: Respondent) -> tuple[Contact, ...]:
    return (*respondent.people(Role.LEAD, case.day), *respondent.people(Role.CHAIR, case.day))


# A lead's word on a colleague's message -------------------------------------------------------------


def settle_colleague(case: MessageCase) -> Decision | None:
    """What a lead or a chair says of a colleague's message. None for any other message, and for any other words.

    A yes is carried out by the step, which judges the colleague's message as the respondent's.
    """
    letter = case.facts.answered
    line = first_line(case.message.answer)
    words = "" if "?" in line else plain_words(line)
    said = next((kind for kind, listed in _ON_COLLEAGUES.items() if words in listed), None)
    if letter is None or letter.kind != answers.confirm_colleague.kind.name or said is None:
        return None
    respondent = next((r for r in case.site.respondents if r.key in letter.respondents), None)
    if respondent is None or case.doubt or not case.is_from(_leads_and_chairs(case, respondent)):
        return None
    theirs = letter.about[0].message
    quarters = [c.quarter for c in case.facts.cycles if theirs in c.stands(respondent.key).held_messages]
    if not quarters:
        why = "The colleague's message that it is about is settled already."
        return case.conclude(Verdict.DUPLICATE, why, respondents=[respondent])
    is_yes = said is Happened.COLLEAGUE_CONFIRMED
    kinds = [(said, quarters[0]), *((Happened.MESSAGE_SETTLED, q) for q in quarters if not is_yes)]
    return case.conclude(
        Verdict.COMMAND,
        f"It says that a colleague's message {'counts' if is_yes else 'does not count'} for {respondent.name}.",
        respondents=[respondent],
        events=[case.event(kind, quarter=q, respondent=respondent.key, subject=theirs) for kind, q in kinds],
    )
