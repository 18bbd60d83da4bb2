"""A yes or no to a question of ours about people: a lead's word on a colleague's message, and whether an address is
right of whoever the co-ordinator named.

Each may also come from somebody of the same organisation who answers our letter itself, as the members of a shared
mailbox do: whoever can answer it reads the mailbox that it went to.
"""

from __future__ import annotations

from csp_workflow.intake.case import MessageCase
from csp_workflow.intake.outcomes.acts import leads_and_chairs
from csp_workflow.intake.outcomes.beside import read_act
from csp_workflow.intake.outcomes.holding import hold_message, put_before_office
from csp_workflow.intake.sender import answers_in_place_of
from csp_workflow.letters import answers, contacts
from csp_workflow.mail.bodies import plain_words
from csp_workflow.terms.events import Decision, Event, Happened, together
from csp_workflow.terms.letters import QueuedLetter
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.site import Respondent, Role, plain_address

_SETTLED = "The colleague's message that it is about is settled already."
_MOOT = "It answers our question about an address that nobody is asked about any more."


# A lead's word on a colleague -------------------------------------------------------------------------


def settle_colleague(case: MessageCase) -> Decision | None:
    """What a lead or a chair says of a colleague's message. None for any other message, and for any other words.

    A yes is carried out by the step, which judges the message as the respondent's; from then on the colleague is a
    member of the lead's. A no ends that as well.
    """
    letter, said = case.facts.answered, _read_answer(case)
    if letter is None or letter.kind != answers.confirm_colleague.kind.name or said is None:
        return None
    respondent = next((r for r in case.site.respondents if r.key in letter.respondents), None)
    if respondent is None or case.doubt or not _may_say(case, respondent, letter):
        return None
    theirs = letter.about[0].message
    quarters = [c.quarter for c in case.facts.cycles if theirs in c.stands(respondent.key).held_messages]
    if said:
        kinds = [(Happened.COLLEAGUE_CONFIRMED, q) for q in quarters[:1]]
        member = _remember(case, respondent, letter) if quarters else ()
    else:
        kinds = [
            *((Happened.COLLEAGUE_REFUSED, q) for q in quarters[:1]),
            *((Happened.MESSAGE_SETTLED, q) for q in quarters),
        ]
        member = _forget(case, respondent, letter)
    if not kinds and not member:
        return case.conclude(Verdict.DUPLICATE, _SETTLED, respondents=[respondent])
    settled = (case.event(kind, quarter=q, respondent=respondent.key, subject=theirs) for kind, q in kinds)
    return case.conclude(
        Verdict.COMMAND,
        f"It says that a colleague's message {'counts' if said else 'does not count'} for {respondent.name}.",
        respondents=[respondent],
        events=[*settled, *member],
    )


def _read_answer(case: MessageCase) -> bool | None:
    """Whether somebody's own words are a plain yes (True) or no (False); None for anything else."""
    line = " ".join(case.message.matter)
    words = "" if "?" in line else plain_words(line)
    listed = ((True, case.site.yes_phrases), (False, case.site.no_phrases))
    return next((meaning for meaning, phrases in listed if words and words in map(plain_words, phrases)), None)


def _may_say(case: MessageCase, respondent: Respondent, letter: QueuedLetter) -> bool:
    if case.is_from(leads_and_chairs(case, respondent)):
        return True
    is_to_lead = any(c.is_at(letter.recipient) for c in respondent.people(Role.LEAD, case.day))
    return is_to_lead and answers_in_place_of(case, letter.recipient)


def _remember(case: MessageCase, respondent: Respondent, letter: QueuedLetter) -> tuple[Event, ...]:
    """The colleague as a member of the lead who was asked, or of the first lead; of nobody where there is no lead."""
    leads = respondent.people(Role.LEAD, case.day)
    lead = next((c for c in leads if c.is_at(letter.recipient)), next(iter(leads), None))
    address = letter.about[0].address
    if lead is None or not address:
        return ()
    event = case.event(
        Happened.MEMBER_CONFIRMED, quarter=None, respondent=respondent.key, subject=address, lead=lead.address.lower()
    )
    return (event,)


def _forget(case: MessageCase, respondent: Respondent, letter: QueuedLetter) -> tuple[Event, ...]:
    known = {(m.respondent, m.address) for m in case.facts.service.people.members}
    address = letter.about[0].address
    if (respondent.key, address) not in known:
        return ()
    return (case.event(Happened.MEMBER_ENDED, quarter=None, respondent=respondent.key, subject=address),)


# Whoever was named ------------------------------------------------------------------------------------


def take_confirmation(case: MessageCase) -> Decision | None:
    """What somebody who was named answers when asked whether the address is right. None for any other message.

    A plain yes confirms it. Anything else goes to the co-ordinator, and nothing is confirmed.
    """
    letter = case.facts.answered
    if letter is None or letter.kind != contacts.confirm_address.kind.name:
        return None
    address = letter.recipient.lower()
    asked = [r for r in case.site.respondents if r.key in letter.respondents]
    is_theirs = case.sender == plain_address(address) or answers_in_place_of(case, address)
    if not asked or not is_theirs:
        return None
    said = read_act(case, case.site.yes_phrases, asked, letter.quarter)
    waiting = [r for r in asked if r.is_invited(address)]
    if not waiting:
        return _answer_late(case, asked, address, is_yes=bool(said))
    if not said:
        return _ask_office(case, waiting, address)
    return case.conclude(
        Verdict.COMMAND,
        f"It confirms that {address} is right for {waiting[0].name}.",
        respondents=waiting,
        events=[
            case.event(Happened.CONTACT_CONFIRMED, quarter=None, respondent=r.key, subject=address) for r in waiting
        ],
    )


def _answer_late(case: MessageCase, asked: list[Respondent], address: str, *, is_yes: bool) -> Decision | None:
    """A yes said twice changes nothing; whoever is a contact by now says what they like; the rest waits."""
    if not any(r.is_registered(address, case.day) for r in asked):
        return hold_message(case, asked, None, _MOOT)
    return case.conclude(Verdict.DUPLICATE, "The address is confirmed already.", respondents=asked) if is_yes else None


def _ask_office(case: MessageCase, waiting: list[Respondent], address: str) -> Decision:
    reason = (
        f"We asked whether {address} is right, and this is no plain yes, so nothing was confirmed. "
        f"YES {address} confirms it all the same; NO {address} takes the CONTACT back."
    )
    shown = put_before_office(case, waiting, None, reason)
    return together(case.conclude(Verdict.QUESTION, reason, respondents=waiting), shown)
