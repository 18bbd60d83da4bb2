"""What budget holders are asked to certify: the letters for exactly what one submission says of grant money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from csp_workflow.chase.approval import Wanted, find_day
from csp_workflow.letters import certificates
from csp_workflow.letters.certificates import StatedMoney
from csp_workflow.letters.chases import Change
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.grants import state_money
from csp_workflow.terms.letters import REMINDERS, Letter, QueuedLetter
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.site import Contact

TOLD_OF_DEPUTY = certificates.certificate_deputy.kind.name


def ask_holder(wanted: Wanted, holder: Contact, why: str) -> Letter:
    """The letter that asks a budget holder to certify, with what differs from what they were asked about before."""
    before = wanted.find_shown(holder)
    return certificates.certificate_request(
        holder,
        _state(wanted),
        wanted.make_asking(why=why),
        changes=tuple(_compare(before, wanted) if before else ()),
        was_asked=before is not None and before.find_content(wanted.assent) != wanted.content,
    )


def remind_holder(wanted: Wanted, holder: Contact, why: str, ask: QueuedLetter, number: int) -> Letter:
    """The reminder of one ask."""
    return certificates.certificate_reminder(
        holder,
        _state(wanted),
        wanted.make_asking(reminder=number, why=why),
        asked=london_day(ask.sent or ask.queued),
        last=number == REMINDERS,
    )


def tell_holder(wanted: Wanted, holder: Contact, deputy: str, because: str, was_asked: bool) -> Letter:
    """The word to a budget holder that the deputy is asked."""
    asking = wanted.make_asking(why="")
    stated = _state(wanted)
    return certificates.certificate_deputy(holder, stated, asking, deputy=deputy, because=because, was_asked=was_asked)


def _state(wanted: Wanted) -> StatedMoney:
    stated = certificates.show_money(wanted.respondent, wanted.submission)
    by, gone = find_day(wanted.cycle, wanted.respondent, wanted.day), wanted.cycle.settled_boards
    return replace(stated, by=by, gone=gone)


def _compare(before: Submission, wanted: Wanted) -> Iterator[Change]:
    """What is stated otherwise, line by line and note by note."""
    was, now = (_list_said(wanted, one) for one in (before, wanted.submission))
    for what in dict.fromkeys((*now, *was)):
        if was.get(what) != now.get(what):
            yield Change(what=what, was=was.get(what, "nothing"), now=now.get(what, "nothing"))


def _list_said(wanted: Wanted, submission: Submission) -> dict[str, str]:
    """What a version says of each line, by how it is called; a note stands behind its line."""
    grants, found = tuple(state_money(wanted.respondent.grants, submission.figures)), dict[str, str]()
    for one in grants:
        notes = dict(note.split(": ", 1) for note in one.notes)
        for heading, pounds in one.lines:
            what = f"{one.title}, {heading.lower()}" if len(grants) > 1 else heading
            found[what] = f"{pounds} ({notes[heading]})" if heading in notes else pounds
    return found
