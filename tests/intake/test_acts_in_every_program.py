"""Approvals, nils and declines as people write them: every form, in every program, with what stands around it.

A plain one is taken, or at the worst asked about once in fifty; one with anything beside it never is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import pytest

from csp_workflow.intake.case import IntakeFacts
from csp_workflow.intake.decide import decide
from csp_workflow.terms.dates import CycleState
from csp_workflow.terms.site import Area
from tests.intake.intake_factory import CHARNWOOD, LATER, Q1, asked_to_approve, complete, cycle, facts, happened, mail
from tests.intake.test_words_beside import CHAIR, COUNTY, LEAD, NO_ACT, RESERVED
from tests.mail.quoting import LETTERS, QUOTINGS, Quoting

CLIENTS = (
    "Gmail", "Thunderbird", "Apple Mail", "iPhone", "Outlook", "Outlook, plain", "Outlook, German", "Outlook, Welsh",
    "Outlook for Android", "Domino", "GroupWise", "Yahoo",
)  # fmt: skip
MOST_REFUSED = 0.02

REQUEST = """Dear Charnwood Lead,

Please fill in the attached form for Charnwood CSP and send it back by
5pm on Thursday 30 October 2014. It covers July to September 2014
(2014/15 Q2).

Nothing to report this quarter: reply with NIL RETURN on a line by
itself. Unable to take part: reply with WE DECLINE.

Questions: reply to this letter, or telephone 0116 496 0000.

The co-ordinator

--
Office of the Police and Crime Commissioner
"""

# What stands around the words -------------------------------------------------------------------------

SIGNATURE = "Kind regards,\nSam Example\nCommunity Safety\nTel: 01509 000000 | www.charnwood.example"
DISCLAIMER = (
    "This e-mail and any attachments are confidential and intended solely for the use of the individual to whom they "
    "are addressed. If you have received this e-mail in error, please notify the sender and delete it."
)
BANNER = (
    "CAUTION: This email originated from outside the organisation. Do not click links or open attachments unless you "
    "recognise the sender and know the content is safe."
)
Around = Callable[[str, Quoting, str], str]
"""(the words, the program, our letter) -> the body of the answer."""

AROUND: dict[str, Around] = {
    "nothing": lambda words, program, letter: program(words, letter),
    "greeting": lambda words, program, letter: program(f"Dear all,\n\n{words}", letter),
    "greeting on one line": lambda words, program, letter: program(f"Good morning, {words}", letter),
    "signature": lambda words, program, letter: program(f"{words}\n\n{SIGNATURE}", letter),
    "name": lambda words, program, letter: program(f"Hello\n\n{words}\n\nSam", letter),
    "thanks": lambda words, program, letter: program(f"Thank you for this.\n\n{words}\n\nMany thanks\nSam", letter),
    "disclaimer": lambda words, program, letter: program(f"{words}\n\n{SIGNATURE}\n\n{DISCLAIMER}", letter),
    "disclaimer at the end": lambda words, program, letter: f"{program(words, letter)}\n\n{DISCLAIMER}\n",
    "banner": lambda words, program, letter: f"{BANNER}\n\n{program(words, letter)}",
    "marking": lambda words, program, letter: program(f"OFFICIAL\n\n{words}\n\nOFFICIAL", letter),
    "telephone": lambda words, program, letter: program(f"{words}\n\nSent from my iPad", letter),
    "all of it": lambda words, program, letter: (
        f"{BANNER}\n\n" + program(f"OFFICIAL\n\nDear all,\n\n{words}\n\n{SIGNATURE}\n\n{DISCLAIMER}", letter)
    ),
}  # fmt: skip


# The words --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """One act: who says it, in answer to what, its event, and how it is said plainly, with more, and not at all."""

    sender: str
    letter: str
    event: str
    plain: tuple[str, ...]
    reserved: tuple[str, ...]


YESES = (
    "Approved", "APPROVED", "approved.", "I approve", "I approve this return.", "Yes", "Yes, approved", "Agreed.",
    "I agree", "Happy to approve", "I am happy to approve this return", "I'm happy to approve.",
    "Content to approve.",
    "I am content to approve this.", "Approved, thanks.", "Approved - thank you", "Yes, I approve", "I approve it.",
    "I can approve this return.", "I confirm approval.", "I confirm that I approve the return.", "Approval given.",
    "You have my approval.", "This is approved.", "The return is approved.", "Return approved", "Signed off",
    "Approved for Charnwood CSP", "Approved for July to September 2014.", "I approve the return for 2014/15 Q2.",
    "**Approved**", "\"Approved\"", "\u201cAPPROVED\u201d", "Approved!", "Approved :", "approve", "That's approved.",
    "I approve on behalf of the partnership.", "Please take this as my approval.", "Formally approved.",
    "Thanks. Approved.", "Yes please", "All approved, many thanks.", "I hereby approve this return",
    "This is my approval.",
    "Cymeradwywyd", "Rwy'n cymeradwyo.", "Approved for Q2.", "Approved - Q2 2014/15",
    "Approved for July-September 2014",
    "Approved for quarter 2", "I approve the Q2 return of Charnwood CSP for July to September",
    "Approved, 2014-15 Q2",
    # With words beside it that change nothing, before it and behind it.
    "Approved version 1", "Approved v1", "I approve version 1 of the return.", "Version 1 approved.",
    "Approved as submitted.", "Approved in full", "Approved without amendment", "Approved and well done all",
    "Approved, no comments.", "Approved, no changes", "Agreed and approved", "Reviewed and approved",
    "I have read this and approve it", "I've read this and approve it.", "I'm happy with this", "Im happy with this",
    "Looks good to me. Approved.", "Looks good - approved", "Approved. See you on Thursday.", "Yes approve",
    "Apologies for late reply, approved", "Thanks for the reminder - approved", "Approved. Happy Christmas!",
    "Approved, cheers, Ann", "Approved\n\nBW\nAnn", "Approved\n\nAnn Jones (she/her)\nLeader",
    "Approved\n\nAnn Jones | Director of Services | Charnwood Borough Council", "No problem, approved",
    "Read and approved.", "Seen and approved", "Cymeradwyaf", "I aprove",
)  # fmt: skip
YES_BUTS = (
    "Approved, but the burglary figure is wrong", "Approved subject to a check", "Approved except M12", "Approved?",
    "Approved if the police agree", "Approved once Sam has looked", "Approved unless you hear from me",
    "Yes, but not yet", "Yes, with one change: burglary is 43", "I approve all but the summary", "Approved in part",
    "Approved in principle", "Approved for the Panel only", "Approved. Please change M12 to 43.",
    "Approved (draft only)",
    "Approved as amended", "Approved with reservations", "Approved with comments below", "Approved, pending figures",
    "Approved. Sam will send corrections.", "Approved. Not for publication.", "I agree with most of it",
    "Approved, see my note on page 2", "Approved. Can you ring me?", "Approved from Monday",
    "Approved by Sam, not by me",
    "Approved last quarter's", "I approve, though 72 looks high.", "Yes. Who filled it in?", "Agreed in the main",
    "Approved. However, the summary needs work.", "Approved\n\nPS 43 is wrong", "Approved\nM12 to be withdrawn",
    "Approved, apart from thefts", "Approved. Hold it until Friday.", "Happy to approve when corrected",
    "Happy to approve it tomorrow", "I can approve this only after the meeting", "Signed off, other than the summary",
    "Approved. The Chair of Blaby has not seen it.", "Cymeradwywyd, ond mae'r ffigur yn anghywir",
    "Yes to the figures, no to the summary", "Approved 1 to 5", "Approved provisionally",
    "Approved without the summary",
    "I approve half of it", "Approved for Q1", "Approved for April to June 2014.", "Approved for July",
    "Approved to August",
    "I approve the return for 2013/14 Q2", "Approved for 2014/15 Q1", "Approved, September to July",
    "Yes, please return it",
    "Yes, please return the form to me", "Approved 2014", "I approve Q1 and Q2",
)  # fmt: skip
NO_YESES = (
    "No", "Not approved", "I cannot approve this", "I would approve it if 43 became 41", "Unapproved", "I will look",
    "Disapproved", "Has it been approved?", "I have not approved anything yet", "Who approved this?",
    "Nearly approved",
    "To be approved", "Awaiting approval", "Rejected", "Not yet", "I do not agree",
    "OK", "Sure", "Yep", "No objections.", "All good, go ahead", "No comments", "I have read this", "No changes",
    "Cannot be approved as it is",
)  # fmt: skip
NILS = (
    "Nil return", "NIL RETURN", "nil return.", "Nil", "Nothing to report", "We have nothing to report.",
    "I have nothing to report", "Nothing this quarter", "Nil return for Charnwood", "Nil return for Charnwood CSP.",
    "Nil return, thank you", "NIL RETURN for July to September 2014", "Nothing to report for 2014/15 Q2.",
    "Nil return from Charnwood", "Nothing to report, thanks", "**NIL RETURN**", "Nil return!", "Thanks. Nil return.",
    "We have nothing to report for the quarter", "Nothing to report for this quarter.",
)  # fmt: skip
NIL_BUTS = (
    "Nil return except one homicide", "Nil return?", "Nil return so far", "Nil return, but figures follow",
    "Nothing to report yet", "Nothing to report apart from burglary: 43", "Nil return unless Sam finds something",
    "Nil return. One homicide in August.", "Nothing to report on M12", "Nil return for burglary only",
    "Nil return. Our analyst is away, figures on Monday.", "We have nothing to report until the police answer",
    "Nothing to report. Is that all right?", "Nil return last quarter, this one follows", "Nil return (draft)",
    "Nil return\n\nPS one dispute is with the police", "Nothing to report as far as I know", "Nil return for Blaby",
    "Is it a nil return?", "We are not making a nil return", "Nothing to report you to the Board for",
    "Nil return for July", "Nil return for Q1", "Nothing to report for April to June 2014", "Nil return for 2013/14 Q2",
)  # fmt: skip
DECLINES = (
    "We decline", "WE DECLINE", "We decline.", "I decline", "Declined", "We will not make a return",
    "We decline, thank you", "We decline for Charnwood", "We decline for July to September 2014.", "**We decline**",
    "We decline because nobody is in post.", "We decline: no staff.", "We decline - the group did not meet",
    "We decline.\n\nThe group did not meet.", "We decline this quarter, as our officer has moved on.",
    "Thanks. We decline.", "We will not make a return this quarter", "Declined for Charnwood CSP", "Declined!",
)  # fmt: skip
DECLINE_BUTS = (
    "We decline?", "We decline unless the figures are mended", "We decline. Can you ring me?",
    "We decline until the police answer", "Declined for now, please ask again on Monday", "We decline to say when",
    "We decline but Sam may send it", "We decline. Could we have another week?", "We have not declined",
    "Do we decline?", "We do not decline", "We decline M12 only, please see the form",
    "We decline for 2014/15 Q1", "Declined for the moment", "We decline to give figures for M12",
    "We decline the offer of help with the form", "Declined for July",
)  # fmt: skip
ACTS = {
    "approval": Act(
        CHAIR,
        LETTERS["approval"],
        "APPROVED",
        YESES,
        tuple(dict.fromkeys((*YES_BUTS, *NO_YESES, *RESERVED, *NO_ACT))),
    ),
    "nil": Act(LEAD, REQUEST, "NIL", NILS, NIL_BUTS),
    "decline": Act(LEAD, REQUEST, "DECLINED", DECLINES, DECLINE_BUTS),
}


# Tried ------------------------------------------------------------------------------------------------


@cache
def _known(act: str) -> IntakeFacts:
    letter = ACTS[act].letter
    earlier = cycle(quarter=Q1, state=CycleState.CLOSED)
    if act != "approval":
        return replace(facts(cycles=(earlier, cycle())), site=COUNTY, answered_words=(letter,))
    first, now = complete()
    asked = asked_to_approve(first.submissions[0].id)
    return replace(facts(cycles=(earlier, now), answered=asked), site=COUNTY, answered_words=(letter,))


def is_taken(act: str, body: str) -> bool:
    """Whether a body is taken for the act."""
    one = ACTS[act]
    answering = "<asked@opcc.example>" if act == "approval" else ""
    decision = decide(mail(body, sender=one.sender, answering=answering, at=LATER), _known(act), LATER)
    return one.event in happened(decision)


def _tries(words: tuple[str, ...], *, whole: bool) -> Iterator[tuple[str, str, str]]:
    """Each form in each program: with everything that may stand around it, or with one of them in turn."""
    for place, form in enumerate(words):
        for at, client in enumerate(CLIENTS):
            names = tuple(AROUND)
            for around in names if whole else (names[(place + at) % len(names)],):
                yield form, client, around


def measure(act: str, *, whole: bool) -> tuple[Counter[str], list[tuple[str, str, str]], list[tuple[str, str, str]]]:
    """How many were tried and taken, the plain ones that were refused, and the others that were taken."""
    counted: Counter[str] = Counter()
    refused, taken = [], []
    for what, words, wrong in (("plain", ACTS[act].plain, refused), ("with more", ACTS[act].reserved, taken)):
        for form, client, around in _tries(words, whole=whole):
            counted[what] += 1
            body = AROUND[around](form, QUOTINGS[client], ACTS[act].letter)
            if is_taken(act, body) is not (what == "plain"):
                wrong.append((form, client, around))
    return counted, refused, taken


def _check(act: str, *, whole: bool) -> None:
    counted, refused, taken = measure(act, whole=whole)
    assert taken == []
    assert len(refused) <= MOST_REFUSED * counted["plain"], refused


@pytest.mark.parametrize("act", ACTS)
def test_a_plain_act_is_taken_in_every_program_and_one_with_more_never(act: str) -> None:
    _check(act, whole=False)


@pytest.mark.sweep
@pytest.mark.parametrize("act", ACTS)
def test_so_with_everything_that_may_stand_around_it(act: str) -> None:
    _check(act, whole=True)


def _said(words: str, sender: str, *names: str) -> list[str]:
    """What happens when somebody of a partnership of several areas says it."""
    areas = tuple(Area(code=f"E0700013{at}", name=name) for at, name in enumerate(names))
    joint = replace(CHARNWOOD, name=f"{' and '.join(names)} Community Safety Partnership", areas=areas)
    known = _known("approval" if sender == CHAIR else "nil")
    site = replace(COUNTY, respondents=(joint, *COUNTY.respondents[1:]))
    message = mail(words, sender=sender, answering="<asked@opcc.example>", at=LATER)
    return happened(decide(message, replace(known, site=site), LATER))


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        ("for Charnwood", False),
        ("for Market Oadby", False),
        ("for Charnwood and Market Oadby", True),
        ("for Charnwood and Market Oadby Community Safety Partnership", True),
        ("", True),
    ],
)
def test_what_is_said_of_one_area_is_not_taken_for_a_partnership_of_several(words: str, taken: bool) -> None:
    assert ("APPROVED" in _said(f"Approved {words}", CHAIR, "Charnwood", "Market Oadby")) is taken
    assert ("NIL" in _said(f"Nil return {words}", LEAD, "Charnwood", "Market Oadby")) is taken


def test_so_many_forms_are_tried() -> None:
    assert min(len(CLIENTS), len(AROUND)) == 12
    assert sum(len(act.plain) for act in ACTS.values()) >= 40
    assert sum(len(act.reserved) for act in ACTS.values()) >= 40
