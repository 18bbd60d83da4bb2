"""What the secretariat writes, who take the papers: a request to the co-ordinator, about one board's paper where one
fits. It is never an order and never an approval, whatever its words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from csp_workflow.intake.case import MessageCase
from csp_workflow.intake.outcomes.holding import put_before_office
from csp_workflow.intake.sender import answers_a_paper, find_secretary
from csp_workflow.letters import answers
from csp_workflow.letters.answers import PaperMeant
from csp_workflow.letters.render import find_tag
from csp_workflow.mail.bodies import plain_words
from csp_workflow.terms.dates import Board, PaperDates, PaperState, Quarter
from csp_workflow.terms.events import Decision, together
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.phrases import day
from csp_workflow.terms.site import Contact

_OUT = {PaperState.CIRCULATED, PaperState.PUBLISHED}
_UNSAID = "They are of the secretariat. Nothing says which paper their message is about."


@dataclass(frozen=True, kw_only=True)
class _Paper:
    """One board's paper for one quarter; `is_out`: the secretariat has it."""

    quarter: Quarter
    board: Board
    dates: PaperDates
    is_out: bool

    @property
    def meant(self) -> PaperMeant:
        """The paper as letters say it."""
        return PaperMeant(board=self.board.key, said=f"the paper for {self.board.name} on {day(self.dates.meeting)}")

    def is_named_in(self, words: str) -> bool:
        """Whether some words name the board, its key, its initials or the day of its meeting."""
        meeting, name = self.dates.meeting, self.board.name
        initials = "".join(word[0] for word in name.split() if word[0].isupper())
        named = (name, self.board.key, initials, f"{meeting.day} {meeting:%B}")
        return any(f" {plain_words(one)} " in f" {plain_words(words)} " for one in named)


def find_speaker(case: MessageCase) -> Contact | None:
    """Whoever writes for the secretariat, None for anybody else.

    Somebody who is a respondent's contact as well speaks for whichever our letter was about that they answer.
    """
    secretary = find_secretary(case.sender, case.site.office)
    if secretary is None or not case.registered_for or answers_a_paper(case):
        return secretary
    tag = find_tag(case.message.subject, key=case.facts.key)
    return secretary if case.facts.answered is None and tag is not None and not tag.codes else None


def pass_on_request(case: MessageCase, secretary: Contact) -> Decision:
    """Put the words before the co-ordinator with the paper they are about, and tell whoever wrote; thanks are noise."""
    if case.message.answer and not case.message.matter and not case.facts.opened:
        return case.conclude(Verdict.NOISE, "It only says thank you.")
    quarter, paper, said = _find_paper_meant(case)
    known = case.refer(quarter, (), secretary.address, paper=paper)
    told = case.conclude(Verdict.QUESTION, said, letters=[answers.secretariat_answered(secretary, known)])
    return together(told, put_before_office(case, (), quarter, said, paper=paper))


def _find_paper_meant(case: MessageCase) -> tuple[Quarter | None, PaperMeant, str]:
    """The quarter and the paper that a message is about, and a sentence that says so.

    It is that of the letter which is answered, else the only one that is named, else the only one that is out.
    """
    letter, every = case.facts.answered, tuple(_list_papers(case))
    board = next((one.board for one in letter.about if one.board), "") if letter else ""
    if letter and board:
        sent = f"Their message answers our letter of {day(letter.sent or letter.queued)}"
        bound = next((p.meant for p in every if (p.quarter, p.board.key) == (letter.quarter, board)), None)
        return letter.quarter, bound or PaperMeant(board=board), f"{sent}{f' about {bound.said}' if bound else ''}."
    tag = find_tag(case.message.subject, key=case.facts.key)
    papers = [paper for paper in every if not (tag and tag.quarter) or paper.quarter == tag.quarter]
    words = " ".join((case.message.subject, *case.message.matter))
    fitting = [p for p in papers if p.is_named_in(words)] or [p for p in papers if p.is_out]
    if len(fitting) != 1:
        return tag.quarter if tag else None, PaperMeant(), _UNSAID
    return fitting[0].quarter, fitting[0].meant, f"Their message seems to be about {fitting[0].meant.said}."


def _list_papers(case: MessageCase) -> Iterator[_Paper]:
    """The papers of the quarters that are under way, for the boards that the config still has."""
    boards = {board.key: board for board in case.site.boards}
    for cycle in case.facts.cycles:
        for dates in cycle.dates.papers:
            stands = cycle.status.papers.get(dates.board)
            is_out = stands is not None and stands.state in _OUT
            if dates.board in boards:
                yield _Paper(quarter=cycle.quarter, board=boards[dates.board], dates=dates, is_out=is_out)
