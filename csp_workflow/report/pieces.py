"""A partnership's own words, piece by piece, and where each is printed: its part, Appendix B, or beside the paper.

No piece is ever shortened. What is longer than its room stands whole in the next place, and the part says where.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from csp_workflow.report.blocks import Plain
from csp_workflow.report.facts import ReportFacts
from csp_workflow.terms.actions import Action
from csp_workflow.terms.cells import QuickAnswer
from csp_workflow.terms.figures import Objective, Route
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.returns import ASKED_OF_BOARD, Narrative, Submission, SummaryRow
from csp_workflow.terms.site import Respondent

GUIDE, SHORT_GUIDE = 120, 60
"""Words of its own in a partnership's part: with something to tell, and without. A contributor has as many as the first
for all that it tells, and so has what a partnership asks for."""

NOTHING_NEW = "nothing new"
"""What a piece is about that names where there was nothing new."""

_ROOM, _FOR = 1300, 10
"""Words that the parts of up to so many partnerships have together, those that are stated about them among them: the
body keeps to twelve pages. With more partnerships it grows, and no part gets less."""

_HEADING = 15
"""Words' worth of room that the heading of a piece takes."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Words of somebody's about one thing; `about` is whose they are (a key) and of what (a ref). What was only chosen
    from a list is not `quoted`."""

    about: tuple[str, str]
    heading: str
    text: str
    quoted: bool = True

    @property
    def length(self) -> int:
        """How many words."""
        return len(self.text.split())

    def as_block(self) -> Plain:
        """As it is quoted."""
        return Plain(lead=self.heading, text=self.text, quoted=self.quoted, about=self.about)


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Pieces by where they are printed."""

    in_part: tuple[Piece, ...] = ()
    in_appendix: tuple[Piece, ...] = ()
    beside: tuple[Piece, ...] = ()

    @property
    def places(self) -> tuple[tuple[Piece, ...], ...]:
        """The three, in their order."""
        return self.in_part, self.in_appendix, self.beside

    def only_about(self, refs: Collection[str]) -> Shared:
        """What of it is about some refs."""
        in_part, in_appendix, beside = (
            tuple(piece for piece in place if piece.about[1] in refs) for place in self.places
        )
        return Shared(in_part=in_part, in_appendix=in_appendix, beside=beside)


def share_room(stated: Sequence[int], guides: Sequence[int]) -> Fraction:
    """How much of its guide each part gets: of what is left of all room by the words that are stated in each."""
    room = Fraction(_ROOM * max(len(guides), _FOR), _FOR) - sum(stated)
    return min(max(room, Fraction(0)) / max(sum(guides), 1), Fraction(1))


def share_out(pieces: Sequence[Piece], guide: int, part: Fraction = Fraction(1)) -> Shared:
    """Into the part what fits as much of its guide, in order; into the appendix up to twice its guide; the rest goes
    beside."""
    places: tuple[list[Piece], list[Piece], list[Piece]] = ([], [], [])
    room = [int(guide * part), 2 * guide]
    for piece in pieces:
        takes = piece.length + _HEADING
        place = next((i for i, left in enumerate(room) if takes <= left), 2)
        if place < 2:
            room[place] -= takes
        places[place].append(piece)
    in_part, in_appendix, beside = map(tuple, places)
    return Shared(in_part=in_part, in_appendix=in_appendix, beside=beside)


def list_pieces(facts: ReportFacts, respondent: Respondent) -> tuple[Piece, ...]:
    """All that a partnership wrote but its request and its answers to the boards; why a figure changed comes first."""
    submission = facts.submissions.get(respondent.key)
    return tuple(_list_written(facts, respondent, submission)) if submission else ()


def list_contributed(facts: ReportFacts) -> tuple[Piece, ...]:
    """What contributors wrote of the measures that they tell in words."""
    found = []
    for measure in facts.framework.measures:
        submission = facts.submissions.get(measure.owner)
        if measure.route is Route.CONTRIBUTOR and not measure.kind.is_number and submission:
            name = next((r.name for r in facts.contributors() if r.key == measure.owner), measure.owner)
            written = next((n for n in submission.narratives if n.ref == measure.ref), None)
            heading = f"{measure.wording.rstrip('. ')} ({name})"
            found += list(_take(written, heading, measure.owner))[:1]
    return tuple(piece for piece in found if piece.text)


def list_answers(facts: ReportFacts, respondent: Respondent) -> tuple[Piece, ...]:
    """What a partnership asks of the board, and what it says of what boards asked of it."""
    submission = facts.submissions.get(respondent.key)
    headings = {action.ref: action.wording for action in list_actions(facts, respondent)}
    headings[ASKED_OF_BOARD] = "What it asks for"
    return tuple(
        Piece(about=(respondent.key, n.ref), heading=headings[n.ref], text=n.text.strip())
        for n in (submission.narratives if submission else ())
        if n.ref in headings and n.text.strip()
    )


def list_actions(facts: ReportFacts, partnership: Respondent) -> list[Action]:
    """What boards have asked of a partnership, and how it stands."""
    keys = (partnership.key, *partnership.predecessors)
    return [action for key in keys for action in facts.actions if action.respondent == key]


def find_words(pieces: Sequence[Piece], ref: str) -> Piece | None:
    """What was written of one ref, or None."""
    return next((piece for piece in pieces if piece.about[1] == ref), None)


def _list_written(facts: ReportFacts, of: Respondent, submission: Submission) -> Iterator[Piece]:
    written = {n.ref: n for n in submission.narratives if n.text.strip() or n.promise.strip()}
    form = facts.answered.get(of.key)
    boxes = {box.ref: box for box in form.summary} if form else {}
    comments = list(_list_comments(facts, of, submission))
    yield from (piece for piece in comments if _is_about_change(facts, piece))
    headings = _list_headings(facts, of, boxes)
    for ref, heading in headings.items():
        yield from _take(written.get(ref), heading, of.key)
    silent = [n.ref for n in submission.narratives if n.answer is QuickAnswer.NOTHING_NEW and n.ref in headings]
    if silent:
        about, named = (of.key, NOTHING_NEW), joined(headings[ref] for ref in silent)
        yield Piece(about=about, heading="Nothing new this quarter", text=f"{named}.", quoted=False)
    yield from (piece for piece in comments if not _is_about_change(facts, piece))


def _is_about_change(facts: ReportFacts, piece: Piece) -> bool:
    area, _, ref = piece.about[1].removeprefix("disputed ").partition(" ")
    return ref in facts.changed.get(area, ())


def _list_headings(facts: ReportFacts, of: Respondent, boxes: Mapping[str, SummaryRow]) -> dict[str, str]:
    """What may be written about, in the order of the paper: themes, own objectives, measures told in words; in a paper
    of the year first the texts about it."""
    headings = {text.ref: text.title for text in facts.framework.year_end.list_printed()} if facts.year else {}
    headings |= {f"T{theme.number}": theme.title for theme in facts.framework.themes}
    headings |= {o.ref: head_objective(o, boxes.get(o.ref)) for o in list_objectives(facts, of)}
    for measure in (m for m in facts.framework.measures if m.series):
        title = boxes[measure.ref].heading if measure.ref in boxes else measure.series[0].title
        headings[measure.ref] = f"{title} (priority {measure.priority})"
    return headings


def list_objectives(facts: ReportFacts, of: Respondent) -> list[Objective]:
    """What a partnership aims at, its predecessors' aims among them."""
    return [o for o in facts.framework.objectives if of.follows(o.respondent)]


def head_objective(objective: Objective, box: SummaryRow | None) -> str:
    """An objective in the words in which it was answered."""
    if box is not None and objective.wording.rstrip(".") not in f"{box.heading} {box.prompt}":
        return box.heading.replace("Your own", "Own", 1)
    return f"Own objective: {objective.wording}"


def _take(narrative: Narrative | None, heading: str, key: str) -> Iterator[Piece]:
    if narrative is None or narrative.ref == ASKED_OF_BOARD:
        return
    if narrative.text.strip():
        holds = "said before, and still holds" if narrative.answer is QuickAnswer.STILL_HOLDS else ""
        kept = f"what was promised is {narrative.promise_now}" if narrative.promise_now else ""
        remarks = "; ".join(filter(None, (holds, kept)))
        said = f"{heading} ({remarks})" if remarks else heading
        yield Piece(about=(key, narrative.ref), heading=said, text=narrative.text.strip())
    if narrative.promise.strip():
        about = key, f"{narrative.ref} next quarter"
        yield Piece(about=about, heading=f"{heading}: next quarter", text=narrative.promise.strip())


def _list_comments(facts: ReportFacts, of: Respondent, submission: Submission) -> Iterator[Piece]:
    """What the partnership said of the police figures for its areas."""
    for area, ref, text in submission.disputes:
        heading = f"Disputed: {', '.join(say_place(facts, area, ref))}"
        yield Piece(
            about=(of.key, f"disputed {area} {ref}"), heading=heading, text=text.strip() or "No reason was given."
        )
    for narrative in submission.narratives:
        area, _, ref = narrative.ref.partition(" ")
        if ref and narrative.text.strip():
            heading = ", ".join(say_place(facts, area, ref))
            yield Piece(about=(of.key, narrative.ref), heading=heading, text=narrative.text.strip())


def say_place(facts: ReportFacts, area: str, ref: str) -> tuple[str, str]:
    """The title of a series and the name of an area."""
    return facts.series_titles.get(ref, ref), facts.area_names.get(area, area)
