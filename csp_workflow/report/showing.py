"""What of a paper is about one partnership, shown to it before the paper is cleared, with days to object.

Where the office changed a partnership's words, that goes back to its chair as well, or is printed as edited.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from csp_workflow.letters.showing import ShownWords, part_shown
from csp_workflow.report.blocks import Block, Lettered, Numbered, Plain, plain_text
from csp_workflow.report.circulate import note_of_paper
from csp_workflow.report.edits.keeping import Edit
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.word.markup import name_words
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Decision, Happened
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.site import Contact, EditedWords, Respondent, Role


def decide_showing(
    facts: ReportFacts, blocks: Sequence[Block], edits: Sequence[Edit], now: datetime, *, by: str
) -> Decision:
    """Each partnership gets what is printed about it, and until when it may object.

    Raises PreconditionFailed when nothing is printed about any, or the site shows nobody anything.
    """
    days = facts.form.objection_days
    if not days:
        raise PreconditionFailed(f"report.toml gives no days to object to the paper for {facts.board.name}.")
    paper = facts.status.papers[facts.paper.board]
    until = facts.site.working_days.plus(london_day(now), days)
    by_place = {edit.place: edit for edit in edits if edit.place}
    letters = tuple(
        part_shown(
            person,
            respondent=partnership,
            board=facts.board,
            paper=facts.paper,
            quarter=facts.quarter,
            number=paper.drafts,
            words=words,
            until=until,
        )
        for partnership in facts.partnerships()
        if (words := tuple(_list_words(blocks, partnership, by_place)))
        for person in _list_people(facts, partnership, words, now)
    )
    if not letters:
        raise PreconditionFailed(f"Nothing in the paper for {facts.board.name} is in a partnership's own words yet.")
    shown = note_of_paper(
        Happened.PAPER_SHOWN,
        facts.quarter,
        paper.board,
        now,
        by=by,
        content=paper.content,
        number=paper.drafts,
        until=until.isoformat(),
    )
    return Decision(events=(shown,), letters=letters)


def _list_people(
    facts: ReportFacts, partnership: Respondent, words: Sequence[ShownWords], now: datetime
) -> Iterator[Contact]:
    """Its leads; its chair as well where the office changed the words that the chair approved."""
    today, says = london_day(now), facts.form.edited_words is not EditedWords.PAPER
    yield from partnership.people(Role.LEAD, today)
    if says and any(one.was for one in words):
        yield from partnership.people(Role.CHAIR, today)


def _list_words(blocks: Sequence[Block], partnership: Respondent, edits: Mapping[str, Edit]) -> Iterator[ShownWords]:
    """Each text that is printed about a partnership, as it stands with what the office wrote in its place."""
    for block in blocks:
        key, text, heading = _name_block(block)
        if partnership.key not in key.split("/"):
            continue
        edit = edits.get(f"words {name_words(key)}")
        if edit is None:
            yield ShownWords(heading=heading, text=text)
        else:
            yield ShownWords(heading=heading, text=edit.text, was=edit.was)


def _name_block(block: Block) -> tuple[str, str, str]:
    """A block's key, what it says, and what it stands under."""
    match block:
        case Plain() if block.quoted and block.about:
            return "/".join(("words", *block.about)), block.text, block.lead
        case Numbered() | Lettered():
            return block.key, plain_text(block.text), ""
    return "", "", ""
