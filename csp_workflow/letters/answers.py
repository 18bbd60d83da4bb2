"""The letters that answer what arrived: a return, an approval, a nil, a file that is none, a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from csp_workflow.terms.letters import Letter, Manner
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Contact, Role

CONFIRMS = "confirm-colleague"
NAMED = 10
"""How many characters of a message's id name it in a command."""


@dataclass(frozen=True, kw_only=True)
class About:
    """What a letter answers: the message's content identity, its Message-ID, and the return it is about.

    `names` are the respondents as people call them; `thread` (its Message-ID) and `topic` (its subject)
    are "" when the recipient did not write it.
    """

    message: str
    quarter: Quarter | None
    respondents: tuple[str, ...]
    codes: tuple[str, ...]
    names: tuple[str, ...]
    thread: str = ""
    topic: str = ""


@dataclass(frozen=True, kw_only=True)
class TakenReturn:
    """A submission as its answer tells it.

    `figures` are rows of texts (what, what we recorded, cell); `readings` sentences; `faults` and
    `queries` grouped findings with sheet, cell, found, wanted and example. `lateness` is "", "due"
    or "close"; `fresh` the name of the form attached for corrections.
    """

    respondent: str
    code: str
    name: str
    version: int
    received: datetime
    due: datetime
    close: datetime
    lateness: str
    figures: tuple[tuple[str, str, str], ...]
    readings: tuple[str, ...]
    faults: tuple[Any, ...]
    queries: tuple[Any, ...]
    disputes: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    texts: int
    asks_chair: bool
    fresh: str = ""


@dataclass(frozen=True, kw_only=True)
class KnownReturn:
    """What we hold already: a version of a return, or the nil or declined return we recorded."""

    name: str
    what: str
    received: datetime | None
    version: int = 0
    open_faults: int = 0


@dataclass(frozen=True, kw_only=True)
class UnreadFile:
    """A file that could not be taken: its name as a label, and the sentence that says what to do."""

    name: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Who wrote without being registered, as their lead is told: nothing of what they sent but its files' names."""

    name: str
    address: str
    wrote: datetime
    files: tuple[str, ...]
    has_form: bool


def receipt(to: Contact, returns: Sequence[TakenReturn], about: About) -> Letter:
    """Tell a sender what was read, figure by figure, with the queries that may stand."""
    return _answer("receipt", to, about, {"returns": tuple(returns)})


def correction(to: Contact, returns: Sequence[TakenReturn], about: About, forms: tuple[Attachment, ...]) -> Letter:
    """Tell a sender what must be mended, cell by cell, with their values in a fresh form."""
    facts = {
        "returns": tuple(returns),
        "faulty": tuple(r for r in returns if r.faults),
        "others": tuple(r for r in returns if not r.faults),
    }
    return _answer("correction", to, about, facts, attachments=forms)


def already_have_it(to: Contact, known: KnownReturn, about: About) -> Letter:
    """Tell a sender that the same return is here already."""
    return _answer("already-have-it", to, about, {"known": known})


def wrong_quarter(
    to: Contact, about: About, *, sent_for: Quarter, due: datetime | None, form: Attachment | None
) -> Letter:
    """Tell a sender that the form is another quarter's; the current form is attached while it is asked for."""
    facts = {"sent_for": sent_for, "due": due, "file": form.name if form else ""}
    return _answer("wrong-quarter", to, about, facts, attachments=(form,) if form else ())


def unchanged_form(to: Contact, about: About, *, due: datetime) -> Letter:
    """Tell a sender that the form came back with nothing filled in."""
    return _answer("unchanged-form", to, about, {"due": due})


def unreadable_file(to: Contact, about: About, *, files: Sequence[UnreadFile], due: datetime | None) -> Letter:
    """Tell a sender why each file could not be taken and what to send instead."""
    return _answer("unreadable-file", to, about, {"files": tuple(files), "due": due})


def no_workbook(to: Contact, about: About, *, has_link: bool, due: datetime | None, has_table: bool = False) -> Letter:
    """Tell a sender that no form was attached.

    `has_link` when a link to a shared file came instead, `has_table` when figures stand in the words themselves.
    """
    return _answer("no-workbook", to, about, {"has_link": has_link, "has_table": has_table, "due": due})


def two_versions(to: Contact, about: About, *, files: Sequence[str]) -> Letter:
    """Ask which of two different forms counts; neither was taken."""
    return _answer("two-versions", to, about, {"files": tuple(files)})


def nil_recorded(to: Contact, about: About, *, reason: str) -> Letter:
    """Confirm a nil return."""
    return _answer("nil-recorded", to, about, {"reason": reason})


def declined_recorded(to: Contact, about: About, *, reason: str) -> Letter:
    """Confirm that a respondent declines to report."""
    return _answer("declined-recorded", to, about, {"reason": reason})


def question_received(to: Contact, about: About) -> Letter:
    """Tell a sender that the co-ordinator has their words and will answer."""
    return _answer("question-received", to, about, {})


def question(to: Contact, about: About, *, sender: str, subject: str, words: str, files: Sequence[str] = ()) -> Letter:
    """Put somebody's words before the co-ordinator."""
    facts = {
        "sender": sender,
        "subject": subject,
        "words": words,
        "files": tuple(files),
        "order": f"DONE {about.message[:NAMED]}",
    }
    return _letter("question", to, about, facts, cause=about.message, manner=Manner.OFFICE)


def something_arrived(to: Contact, about: About, *, day: date) -> Letter:
    """Tell a registered lead that something arrived which is kept aside; nothing of what it was. One a day."""
    cause = f"{','.join(about.respondents)} {day.isoformat()}"
    return _letter("something-arrived", to, about, {"day": day}, cause=cause, manner=Manner.ANSWER)


def confirm_colleague(to: Contact, about: About, colleague: Colleague) -> Letter:
    """Ask a lead or a chair whether a colleague's message is theirs: CONFIRM or REJECT in a reply."""
    return _answer(CONFIRMS, to, about, {"colleague": colleague})


def confirmed_message(cause: str) -> str:
    """The content identity of the message that such a letter asks about."""
    return cause.partition(" ")[0]


def approval_recorded(to: Contact, about: About, *, submission: str, version: int, at: datetime) -> Letter:
    """Confirm to a chair that exactly this version is approved."""
    return _letter(
        "approval-recorded",
        to,
        about,
        {"version": version, "at": at},
        cause=f"approval:{submission}",
        manner=Manner.ANSWER,
    )


def approval_noted(to: Contact, about: About, *, submission: str, version: int, at: datetime, chair: str) -> Letter:
    """Tell a lead that the chair has approved."""
    facts = {"version": version, "at": at, "chair": chair}
    return _letter("approval-noted", to, about, facts, cause=f"approval:{submission}", manner=Manner.ANSWER)


def approval_out_of_date(
    to: Contact, about: About, *, version: int, current: int, received: datetime, is_complete: bool
) -> Letter:
    """Tell a chair that a later version has replaced the one approved."""
    facts = {"version": version, "current": current, "received": received, "is_complete": is_complete}
    return _answer("approval-out-of-date", to, about, facts)


def a_person_will_reply(address: str, name: str, about: About, *, day: date) -> Letter:
    """Say once a day that no further automatic answer follows and that a person will reply."""
    to = Contact(name=name, role=Role.LEAD, address=address)
    return _letter("a-person-will-reply", to, about, {}, cause=day.isoformat(), manner=Manner.ANSWER)


def _answer(
    kind: str, to: Contact, about: About, facts: dict[str, Any], *, attachments: tuple[Attachment, ...] = ()
) -> Letter:
    """An answer's cause is the message and whose return it is about, so that the same message is answered once."""
    cause = f"{about.message} {','.join(about.respondents)}".strip()
    return _letter(kind, to, about, facts, cause=cause, manner=Manner.ANSWER, attachments=attachments)


def _letter(
    kind: str,
    to: Contact,
    about: About,
    facts: dict[str, Any],
    *,
    cause: str,
    manner: Manner,
    attachments: tuple[Attachment, ...] = (),
) -> Letter:
    return Letter(
        kind=kind,
        cause=cause,
        recipient=to.address,
        recipient_name=to.name,
        respondents=about.respondents,
        quarter=about.quarter,
        manner=manner,
        facts={"codes": about.codes, "names": about.names, **facts},
        attachments=attachments,
        answers=about.thread,
        topic=about.topic,
    )
