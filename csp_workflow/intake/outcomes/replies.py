"""Outcomes of words without a form of ours: an act, a file we cannot read, thanks, a forgotten form, a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from csp_workflow.forms.refusals import explain_refusal
from csp_workflow.intake.case import MessageCase
from csp_workflow.intake.outcomes import acts, agreements
from csp_workflow.intake.outcomes.agreements import grant_time
from csp_workflow.intake.outcomes.beside import list_told_figures, presents_form, reserves_something
from csp_workflow.intake.outcomes.explaining import answer_disputed, find_explained, has_return, note_said_figures
from csp_workflow.intake.outcomes.holding import (
    hold_message,
    pass_on_question,
    put_before_office,
    set_aside,
    show_words_beside,
)
from csp_workflow.intake.outcomes.laying import write_wanted_forms
from csp_workflow.intake.outcomes.measures import answer_about_measures
from csp_workflow.intake.outcomes.returns import take_explanation
from csp_workflow.intake.outcomes.revising import explain_revision
from csp_workflow.intake.sender import (
    Identity,
    Standing,
    answers_a_paper,
    find_authority,
    identify_message,
    is_office,
    was_contact,
)
from csp_workflow.letters import answers
from csp_workflow.letters.answers import PaperMeant, UnreadFile
from csp_workflow.letters.catalogue import find_tag
from csp_workflow.mail.classify import find_missing, is_notice
from csp_workflow.mail.unpack import TOO_DEEP, TOO_MANY
from csp_workflow.mail.words import is_forwarded, plain_words
from csp_workflow.terms.dates import Board, PaperDates, PaperState, Quarter
from csp_workflow.terms.events import Decision, together
from csp_workflow.terms.messages import ASKS, IncomingMessage, Mark, Verdict
from csp_workflow.terms.personal import keep_back
from csp_workflow.terms.phrases import day
from csp_workflow.terms.site import Contact, Respondent

_ATTACHED = re.compile(r"(?<!you )\b(?:attached|attaching|enclosed|herewith)\b", re.IGNORECASE)
_NOBODYS = "Nothing says whose it is, and its sender is not registered with us."
_HOSTILE = "hostile"
_OWN_DESIGN = "The workbook is not the form we sent you. Please fill in the form we sent you and attach that."
_FIGURES = "It says figures in words, and a return of theirs has come, so none of them was recorded: {}."
_TOO_LARGE = "It was too large, so that we did not open it. Please send the form we sent you, and nothing else with it."
_NOT_HANDED_OUT = (
    "Our mail server did not hand its content out to us, so that we could not open what is attached. "
    "Please send it once more."
)
_MISSING = "The attachment"
_UNSEEN = {TOO_DEEP: "too deep", TOO_MANY: "too many"}


def answer_words(case: MessageCase) -> Decision:
    """Decide on a message without one of our forms: may its sender speak, and for whom?"""
    known = identify_message(case)
    if case.facts.assignment is None and case.doubt:
        return _take_no_word(case, known)
    agreed = agreements.agree_to_draft(case)
    if agreed is not None:
        return agreed
    if case.facts.assignment is None and (found := _from_within(case)):
        return found
    answered = acts.settle_colleague(case) or acts.take_confirmation(case)
    if answered is not None:
        return answered
    mine = tuple(r for r in known.respondents if _may_speak(case, r))
    if not mine:
        return _from_nobody_registered(case, known)
    return _from_a_contact(case, mine, known.quarter)


_SETS_UP = "It brings a set-up workbook, which the office alone may send: nothing in it was taken."


def _keep_setup(case: MessageCase, mine: tuple[Respondent, ...], quarter: Quarter | None) -> Decision | None:
    is_setup = any(read.setup for _, read in case.facts.forms())
    return hold_message(case, mine, quarter, _SETS_UP) if is_setup else None


def _take_no_word(case: MessageCase, known: Identity) -> Decision:
    """What may be forged is never obeyed and never answered; with no tie to a respondent it is a stranger's."""
    if not known.respondents or is_office(case.sender, case.site.office):
        return set_aside(case, case.doubt)
    return hold_message(case, known.respondents, known.quarter, case.doubt)


def _from_within(case: MessageCase) -> Decision | None:
    """What the office or the secretariat writes; the deputy may be of the secretariat too. None for anybody else."""
    if case.site.office.may_command(case.sender, case.day):
        return case.conclude(Verdict.COMMAND, "It comes from the office; its lines are carried out by the desk.")
    if secretary := find_speaker(case):
        return pass_on_request(case, secretary)
    if not is_office(case.sender, case.site.office):
        return None
    why = "It comes from the deputy while the co-ordinator is not away, so nothing in it is carried out."
    told = case.conclude(Verdict.QUESTION, why)
    return together(told, put_before_office(case, (), None, why, at_once=True))


_NO_LONGER = (
    "Its sender answers a letter that we sent them, and is a contact no longer: nothing in it was carried out, and "
    "whoever holds the role now is asked. Please tell them so."
)


def _from_nobody_registered(case: MessageCase, known: Identity) -> Decision:
    if not known.respondents:
        return set_aside(case, _NOBODYS)
    if was_contact(case, known.respondents):
        told = case.conclude(Verdict.QUESTION, _NO_LONGER, respondents=known.respondents)
        return together(told, put_before_office(case, known.respondents, known.quarter, _NO_LONGER))
    authority = find_authority(case, known.respondents[0])
    return hold_message(case, known.respondents, known.quarter, authority.reason, authority=authority)


def _from_a_contact(case: MessageCase, mine: tuple[Respondent, ...], quarter: Quarter | None) -> Decision:
    """The first rule that fits decides; words that fit none are a question."""
    told = _keep_setup(case, mine, quarter) or agreements.answer_shown(case, mine)
    told = told or answer_about_measures(case, mine) or answer_disputed(case, mine)
    if told is not None:
        return told
    act = acts.take_assent(case, mine)
    if act is None and acts.find_assent_asked(case):
        act = pass_on_question(case, mine, quarter)
    act = act or acts.excuse_return(case, mine, quarter) or grant_time(case, mine, quarter)
    act = act or explain_revision(case, mine, quarter)
    if act is None and (explained := find_explained(case, mine, quarter)):
        act = take_explanation(explained)
    if act is not None:
        return act
    unread = tuple(_unread_files(case))
    if unread and not _asks_with_a_picture(case.message, [reason for _, reason in unread]):
        return _answer_unread_files(case, mine, quarter, unread)
    if case.message.only_thanks:
        return case.conclude(Verdict.NOISE, "It only says thank you.", respondents=mine)
    return _answer_without_form(case, mine, quarter)


def _may_speak(case: MessageCase, respondent: Respondent) -> bool:
    authority = find_authority(case, respondent)
    return case.facts.is_assigned(respondent.key) or authority.standing is Standing.CONTACT


# Files that cannot be taken -------------------------------------------------------------------------


def _unread_files(case: MessageCase) -> Iterator[tuple[UnreadFile, str]]:
    """Each file that could not be taken and why, those that a mail system kept from us among them.

    A message above the size limit has its files unopened. A notice of a mail system stands for the file it tells of.
    """
    message, facts = case.message, case.facts
    if not facts.whole and message.size > case.site.limits.message_bytes:
        yield UnreadFile(name=f"Your message ({message.size / 1_000_000:.0f} MB)", sentence=_TOO_LARGE), "too large"
    elif not facts.whole:
        yield UnreadFile(name="Your message", sentence=_NOT_HANDED_OUT), "not handed out"
    missing = find_missing(message)
    for reason in filter(None, (missing, *(_UNSEEN.get(defect) for defect in message.defects))):
        yield UnreadFile(name=_MISSING, sentence=explain_refusal(reason).sentence), reason
    for attachment, found in facts.unreadable():
        if not (missing and is_notice(attachment)):
            yield UnreadFile(name=keep_back(attachment.name), sentence=found.sentence), found.reason
    for attachment, _ in facts.forms():
        yield UnreadFile(name=keep_back(attachment.name), sentence=_OWN_DESIGN), "another design"


def _asks_with_a_picture(message: IncomingMessage, reasons: Sequence[str]) -> bool:
    """Whether somebody asks about something and shows it on a picture, given why each file could not be taken."""
    return "?" in message.answer and set(reasons) == {"image"}


def _answer_unread_files(
    case: MessageCase, mine: Sequence[Respondent], quarter: Quarter | None, unread: Sequence[tuple[UnreadFile, str]]
) -> Decision:
    """Answer files that are no form we can read. A hostile one is put aside as well."""
    files, reasons = [file for file, _ in unread], list(dict.fromkeys(reason for _, reason in unread))
    due = case.first_due(mine, quarter)
    forms = write_wanted_forms(case, mine, quarter)
    letters = case.write_to_each(mine, quarter, lambda c, a: answers.unreadable_file(c, a, forms, files=files, due=due))
    is_hostile = _HOSTILE in reasons
    verdict = Verdict.QUARANTINED if is_hostile else Verdict.UNREADABLE
    what = "built in an unsafe way" if is_hostile else "not a form we can read"
    reason = f"What was attached is {what} ({', '.join(reasons)}); its sender was told what to send."
    told = case.conclude(verdict, reason, respondents=mine, letters=letters)
    return told if is_hostile else show_words_beside(case, told, mine, quarter)


# No form --------------------------------------------------------------------------------------------


def _answer_without_form(case: MessageCase, mine: Sequence[Respondent], quarter: Quarter | None) -> Decision:
    """A form that is not there is asked for; other words are a question, and so are figures beside a return that came:
    they may be meant to change it."""
    has_link = bool(case.message.links) or Mark.CLOUD_FILE in case.message.marks
    figures = list_told_figures(case, mine) if "?" not in case.message.answer else ()
    is_meant_to_change = bool(figures) and has_return(case, mine)
    if not is_meant_to_change and (has_link or figures or _forgot_the_form(case, mine)):
        return _ask_for_form(case, mine, quarter, has_link=has_link, figures=figures)
    why = _FIGURES.format("; ".join(keep_back(one.rstrip(" .")) for one in figures)) if is_meant_to_change else ASKS
    return note_said_figures(case, mine, pass_on_question(case, mine, quarter, why))


def _ask_for_form(
    case: MessageCase, mine: Sequence[Respondent], quarter: Quarter | None, *, has_link: bool, figures: tuple[str, ...]
) -> Decision:
    """Answer a message that speaks of a form but brings none."""
    due = case.first_due(mine, quarter)
    forms = write_wanted_forms(case, mine, quarter)
    quoted = tuple(keep_back(line) for line in figures)
    letters = case.write_to_each(
        mine, quarter, lambda c, a: answers.no_workbook(c, a, forms, has_link=has_link, figures=quoted, due=due)
    )
    what = "a link in place of a form" if has_link else "figures in its words" if figures else "no form"
    reason = f"It brought {what}; its sender was asked for it."
    told = case.conclude(Verdict.NO_WORKBOOK, reason, respondents=mine, letters=letters)
    return show_words_beside(case, told, mine, quarter)


def _forgot_the_form(case: MessageCase, mine: Sequence[Respondent]) -> bool:
    """Whether words present a form that is not there, or there are no words at all. A question mark is a question.

    What only speaks of something attached, and asks or reserves something, is about something else. Somebody else's
    words that are passed on without any of the sender's are for a person to read.
    """
    said = case.message.answer
    if not said:
        return not (is_forwarded(case.message) or any(one.matter for one in case.message.enclosed))
    if "?" in said:
        return False
    return presents_form(case, mine) or (bool(_ATTACHED.search(said[:500])) and not reserves_something(case))


# The secretariat, who take the papers: a request to the co-ordinator, about one board's paper where one is meant


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
    secretary = case.site.office.secretary_at(case.sender)
    if secretary is None or not case.registered_for or answers_a_paper(case):
        return secretary
    tag = find_tag(case.message.subject, key=case.facts.key)
    return secretary if case.facts.answered is None and tag is not None and not tag.codes else None


def pass_on_request(case: MessageCase, secretary: Contact) -> Decision:
    """Put the words before the co-ordinator with the paper they are about, and tell whoever wrote; thanks are noise."""
    if case.message.only_thanks and not case.facts.opened:
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
