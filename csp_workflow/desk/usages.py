"""Every order: as our letters write it, what it does, and words that people use for it. Nothing else lists them.

In what is written CODE stands for a respondent's code, BOARD for a board's key, ID for a message's id, LETTER for a
letter's, REF for what a board asked, and `day`, `whom`, `reason`, `evidence`, `Name Surname` and `address` for her own
words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from csp_workflow.desk.commands import Verb


@dataclass(frozen=True, kw_only=True)
class Usage:
    """One way to give an order, as letters write it, and what it does."""

    written: str
    does: str

    @property
    def verb(self) -> Verb:
        """The order's word."""
        return Verb[self.written.split()[0]]


_WRITTEN: tuple[tuple[str, str], ...] = (
    # What only succeeds while something waits for it, the most far-reaching first.
    ("RELEASE", "let go what waits after a silence of the service, or automatic answers that were stopped"),
    ("RESUME", "take a hold back"),
    ("SEND", "send the requests as the proof pack shows them"),
    ("SEND INTRODUCTIONS", "send the first letters to new people as their proof shows them"),
    ("PROOF", "make the proof pack anew, as things stand; nothing is sent"),
    ("SEND CODE", "send the request for the extract as its proof shows it"),
    ("PROOF CODE", "make the proof of the extract's request anew"),
    ("YES CODE", "write to the chair about a late return"),
    ("NO CODE", "do not write to that chair"),
    ("YES address", "an address is right, you have made sure"),
    ("NO address", "take a CONTACT back, or end a colleague's say"),
    ("ADDRESS OK address", "write to an address again after its mail came back; settle a letter that came back"),
    ("RESEND LETTER", "send a letter again that failed, or may not have left"),
    ("FOUND LETTER", "a letter that may or may not have left stands in the sent folder"),
    ("WITHDRAW LETTER", "a letter that is stuck, or lies in Drafts, is not to go any more"),
    ("ANSWER ID", "your words below it, and files named on lines ATTACHED NAME, go to whoever wrote that message"),
    ("ANSWERS CODE Q2", "their words answer that question of ours; ANSWERS ID CODE Q2 where several messages wait"),
    ("RECALL", "take back your answers, which leave after ten minutes; RECALL ID the one to that message"),
    ("DONE ID", "you have dealt with a message; DONE alone, the one that the letter you answer is about"),
    ("ASSIGN ID TO CODE", "take a held message as coming from a respondent"),
    ("DISMISS ID", "put a held message aside; nobody is answered"),
    ("DISMISS ALL", "put aside every held message that the letter you answer tells of"),
    ("DISMISS STRANGERS", "put aside all strangers' messages that the letter you answer tells of"),
    ("REPLAY ID", "look again at a message on which we failed, once the cause is put right"),
    ("ACCEPT CODE Q2", "take what a question is about as it stands: nobody is asked about it again"),
    ("ACCEPT CODE", "take a queried return as complete: its faults stand, and what was kept back is shown"),
    ("APPROVED CODE BY whom BECAUSE evidence", "record an approval that the chair gave by phone or in a meeting"),
    ("CERTIFIED CODE BY whom BECAUSE evidence", "record that the budget holder certified grant money by phone"),
    ("REISSUE", "send the forms anew that show old police figures or wordings; REISSUE CODE one, REISSUE NOBODY none"),
    ("CIRCULATE BOARD", "send the cleared paper to its secretariat; AS CLEARED whatever came"),
    ("CIRCULATE BOARD AS WRITTEN", "send it though it may name a person, as the letter that brought the draft says"),
    ("CIRCULATE BOARD ERRATUM 1", "send what came after a paper went out"),
    ("DISMISS BOARD ERRATUM 1 BECAUSE reason", "leave an erratum unsent"),
    ("DISMISS BOARD WORDS", "leave your words out that have no place in a paper any more"),
    ("CLEAR BOARD", "clear the paper's latest draft; WITHOUT WAITING for the partnerships"),
    ("SHOW BOARD", "show each partnership what the paper says of it, to object"),
    ("SHOW BOARD EDITS", "bring you all that was written into the paper in Word, beside what was printed there"),
    ("DRAFT BOARD", "make a new draft of the paper now"),
    ("SEND MEASURES", "send the letters about measures as the proof shows them"),
    ("AGREED CODE", "agree a partnership's measures as its chair approved them; the forms ask them from then on"),
    ("RETURNED CODE BECAUSE reason", "send a partnership's measures back to its lead, with your reason"),
    ("AGREE 2015/16", "make the proof of the letters that ask the partnerships for their measures, once a year"),
    ("CLOSE REF BECAUSE reason", "close what a board asked: it stands on no further form, and in one more paper"),
    ("LATER ID TO day", "put that thing off in the morning letter; LATER CODE what waits about a respondent"),
    # What may be ordered at most times.
    (
        "CALLED CODE: what was said",
        "record a phone call with a partnership or a person; until a day that was said, nobody there is reminded",
    ),
    ("EXTEND CODE TO day BECAUSE reason", "give one respondent a later due date"),
    ("EXTEND ALL TO day BECAUSE reason", "give everybody who owes a return a later due date"),
    ("NIL CODE BECAUSE reason", "record that there is nothing to report, BY whom if they told you; its lead is told"),
    ("DECLINE CODE BECAUSE reason", "record that no return will come, BY whom if they told you; its lead is told"),
    ("REOPEN CODE BECAUSE reason", "take a NIL or DECLINE back and ask for the return again"),
    ("REOPEN ID", "let a message wait again that was settled or put aside"),
    ("RETURN CODE BECAUSE reason", "send a return back to its lead, with your reason and a form to correct"),
    (
        "CONTACT CODE lead Name Surname <address>",
        "ask somebody else: lead, deputy, chair or deputy chair, FROM and TO a day; a new address is confirmed first",
    ),
    ("RESUME CODE", "let letters go to one respondent again"),
    ("HOLD CODE", "stop letters to one respondent; HOLD alone stops all sending"),
    (
        "ACTION BOARD CODE BY day: what is asked",
        "record what a board asked of somebody; they are told on the next working morning, all in one letter",
    ),
    ("NOTES BOARD", "tell every partnership after a meeting, also where the board asked nothing"),
    ("SHOW CODE", "send you the latest version of a return as it came; SHOW ID a message and its files"),
    ("EXPLAIN CODE", "why a return stands where it does and what happens if it is left; EXPLAIN ID a message"),
    ("AWAY FROM day TO day", "your deputy gets the morning's letters too and may order, in these days"),
    ("BACK", "end your absence"),
    ("SETUP", "bring the set-up as a workbook: people, measures, meetings, absences; send it back with your changes"),
    ("APPLY", "take a file that you sent, in answer to the letter that told it; APPLY and its word takes it anywhere"),
    ("FIND whom", "list what is held of a person or a partnership, by names and addresses with commas, or by code"),
    ("EXPORT whom", "bring you all of that in one file, to answer somebody who asks for it; nobody else gets it"),
    ("ERASE whom", "say who can remove what is held of somebody: no email can"),
    ("STATUS", "where everything stands, now; STATUS CODE one return"),
    ("DASHBOARD", "send you what the newest paper that is out shows, as pages; DASHBOARD PUBLIC those for everybody"),
    ("YEAR", "bring you a year so far: its paper, its workbook, what goes over into the next; YEAR 2014/15 that year"),
    ("STOP", "stop all sending at once; it counts in any words around it, also as the subject"),
    ("HELP", "the orders that matter now; HELP ALL lists every one"),
)

USAGES = tuple(Usage(written=written, does=does) for written, does in _WRITTEN)
"""What HELP lists, in the order in which it is offered. Several codes may follow one word."""

_ROOM_FOR_HERS: Mapping[str, str] = {
    "whom": "somebody",
    "reason": "something",
    "evidence": "something",
    "what is asked": "something",
    "what was said": "something",
    "Name Surname": "Somebody Else",
    "<address>": "<somebody@council.example>",
}
"""What stands in an order where her own words are to stand, and words that they may be."""
_ROOM = re.compile("|".join(rf"(?<!\w){re.escape(room)}(?!\w)" for room in _ROOM_FOR_HERS))

ALSO_CALLED: Mapping[Verb, frozenset[str]] = {
    verb: frozenset(words.split())
    for verb, words in (
        (Verb.HOLD, "stop pause wait suspend freeze halt cancel"),
        (Verb.RESUME, "continue restart unhold proceed"),
        (Verb.EXTEND, "extension longer time postpone delay"),
        (Verb.DRAFT, "redraft recompile again new"),
        (Verb.CLEAR, "approve approved sign agree"),
        (Verb.APPROVED, "approve approval approves chair"),
        (Verb.CERTIFIED, "certify certificate certifies budget"),
        (Verb.RETURN, "reject back returned correct"),
        (Verb.RECALL, "withdraw retract unsend"),
        (Verb.CIRCULATE, "distribute publish share"),
        (Verb.DONE, "dealt settled answered finished"),
        (Verb.CALLED, "rang phoned telephoned spoke call ring phone telephone"),
        (Verb.DISMISS, "ignore delete bin discard"),
        (Verb.HELP, "how what"),
    )
}
"""Words that people use for an order; they carry none out."""


def fill_in(written: str) -> str:
    """An order as letters write it, as it may read once her own words stand in it."""
    return _ROOM.sub(lambda found: _ROOM_FOR_HERS[found[0]], written)
