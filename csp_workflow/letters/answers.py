"""The letters that answer what arrived: a return, an approval, a nil, a file that is none, a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from csp_workflow.letters.kinds import Audience, Conversation, Ground, Kind, Matter, writes
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.events import About, Manner
from csp_workflow.terms.messages import Attachment, short_id
from csp_workflow.terms.personal import PERSONAL
from csp_workflow.terms.site import Contact, Role

_ORIGINAL = "The message as it came.eml"
LARGEST_ORIGINAL = 5_000_000


@dataclass(frozen=True, kw_only=True)
class PaperMeant:
    """The paper that somebody of the secretariat writes about: its board's key, and how it is said ("" unknown)."""

    board: str = ""
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """The message that a letter answers or tells of (its content identity), and whose returns it is about.

    `names` are the respondents as people call them; `thread` (its Message-ID) is ""
    when the recipient did not write it. `paper` is set for the secretariat's messages only.
    """

    message: str
    quarter: Quarter | None
    respondents: tuple[str, ...]
    codes: tuple[str, ...]
    names: tuple[str, ...]
    thread: str = ""
    paper: PaperMeant | None = None

    @property
    def about(self) -> tuple[About, ...]:
        """What a letter that answers it is about: the message, for each respondent, and the paper that it is about."""
        board = self.paper.board if self.paper else ""
        return tuple(About(respondent=key, message=self.message, board=board) for key in self.respondents or ("",))


@dataclass(frozen=True, kw_only=True)
class TakenReturn:
    """A submission as its answer tells it.

    `figures` are rows of texts (what, what we recorded, cell); `readings` sentences; `faults` and `queries` grouped
    findings with sheet, cell, found, wanted and example. `lateness` is "", "due", "close" or, of one in time or
    late before the close, "correction" or "late correction"; `fresh` names the form attached; `revised` police
    figures that changed since the form went, `changed` what this version changed in the one before. The force
    `has_analyst`, who gets what is disputed. `texts` says how much was written, `signed` who signed, `sent_by` who
    sent it, `unrecorded` what was seen and not recorded. `asks_holder`: a budget holder is asked to certify.
    `passed` are queries asked twice, the co-ordinator's now; `is_last_asking`: some are asked once more.
    """

    respondent: str
    code: str
    name: str
    submission: str
    version: int
    received: datetime
    due: datetime
    close: datetime
    lateness: str
    figures: tuple[tuple[str, str, str], ...]
    readings: tuple[str, ...]
    faults: tuple[Any, ...]
    queries: tuple[Any, ...]
    disputes: tuple[tuple[str, str, str], ...]
    remarks: tuple[str, ...]
    texts: str
    asks_chair: bool
    fresh: str = ""
    revised: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    has_analyst: bool = False
    signed: str = ""
    unrecorded: tuple[str, ...] = ()
    passed: tuple[Any, ...] = ()
    is_last_asking: bool = False
    sent_by: str = ""
    asks_holder: bool = False


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
    """Who wrote without being registered, as their lead is told: nothing of what they sent but its files' names.

    `lead` is the lead for whom their mail counts once they are confirmed, "" where there is none.
    """

    name: str
    address: str
    wrote: datetime
    files: tuple[str, ...]
    has_form: bool
    lead: str = ""


_MESSAGE = ("respondent", "message")
_SUBMISSION = ("respondent", "submission")


def _answer_kind(
    name: str,
    about: tuple[str, ...] = _MESSAGE,
    audience: Audience = Audience.CONTACT,
    *,
    news: bool = False,
    lapse: bool = False,
    ground: Ground = Ground.NONE,
) -> Kind:
    return Kind(
        name=name,
        manner=Manner.ANSWER,
        audience=audience,
        about=about,
        answers_news=news,
        answers_lapse=lapse,
        ground=ground,
    )


@writes(_answer_kind("receipt", (*_MESSAGE, "submission"), news=True, ground=Ground.LATEST_VERSION))
def receipt(
    to: Contact,
    returns: Sequence[TakenReturn],
    incoming: Incoming,
    forms: tuple[Attachment, ...] = (),
    *,
    words: str = "",
    chaired: Sequence[str] = (),
    approver: Contact | None = None,
    asked: str = "chair",
) -> Matter:
    """Tell a sender what was read, figure by figure, with the queries that may stand, and what they wrote beside it.

    `forms` are those that came in an earlier layout, in today's. `chaired` names the partnerships whose chair they are
    as well, and `asked` says as what they are asked, or who else is: "chair or deputy chair". `approver` is the chair
    who approved it with the form.
    """
    facts = {
        "returns": tuple(returns),
        "words": words,
        "is_writer": bool(incoming.thread),
        "chaired": tuple(chaired),
        "approved_by": approver.name if approver else "",
        "is_theirs": approver is not None and approver.is_at(to.address),
        "asked": asked,
        "phrase": "",
    }
    return _answer(to, incoming, facts, about=_taken(returns, incoming), attachments=forms)


@writes(
    Kind(
        name="receipt-to-chair",
        manner=Manner.ANSWER,
        audience=Audience.CHAIR,
        about=_SUBMISSION,
        ground=Ground.LATEST_VERSION,
        begins=Conversation.APPROVAL,
        answers_news=True,
    )
)
def receipt_to_chair(
    to: Contact,
    taken: TakenReturn,
    incoming: Incoming,
    forms: tuple[Attachment, ...] = (),
    *,
    phrase: str,
    words: str = "",
) -> Matter:
    """The receipt for a chair who sent the return: it asks for the approval itself, so that no other letter does."""
    facts = {
        "returns": (taken,),
        "words": words,
        "is_writer": bool(incoming.thread),
        "chaired": (taken.name,),
        "approved_by": "",
        "is_theirs": False,
        "asked": to.role.value,
        "phrase": phrase.upper(),
    }
    asks = _whose(incoming, submission=taken.submission)
    return _answer(to, incoming, facts, about=(*_taken((taken,), incoming), *asks), attachments=forms)


@writes(_answer_kind("correction", (*_MESSAGE, "submission"), news=True, lapse=True, ground=Ground.LATEST_VERSION))
def correction(
    to: Contact,
    returns: Sequence[TakenReturn],
    incoming: Incoming,
    forms: tuple[Attachment, ...],
    *,
    words: str = "",
) -> Matter:
    """Tell a sender what must be mended, cell by cell, with their values in a fresh form."""
    facts = {
        "returns": tuple(returns),
        "faulty": tuple(r for r in returns if r.faults),
        "others": tuple(r for r in returns if not r.faults),
        "keeps_back": any(f.code == PERSONAL for r in returns for f in r.faults),
        "words": words,
        "is_writer": bool(incoming.thread),
    }
    return _answer(to, incoming, facts, about=_taken(returns, incoming), attachments=forms)


@writes(_answer_kind("already-have-it"))
def already_have_it(to: Contact, known: KnownReturn, incoming: Incoming) -> Matter:
    """Tell a sender that the same return is here already."""
    return _answer(to, incoming, {"known": known})


@writes(_answer_kind("wrong-quarter", lapse=True, ground=Ground.LATEST_VERSION))
def wrong_quarter(
    to: Contact, incoming: Incoming, *, sent_for: Quarter, due: datetime | None, form: Attachment | None
) -> Matter:
    """Tell a sender that the form is another quarter's; the current form is attached while it is asked for."""
    facts = {"sent_for": sent_for, "due": due, "file": form.name if form else ""}
    return _answer(to, incoming, facts, attachments=(form,) if form else ())


@writes(_answer_kind("unchanged-form", lapse=True, ground=Ground.LATEST_VERSION))
def unchanged_form(
    to: Contact, incoming: Incoming, forms: tuple[Attachment, ...], *, due: datetime, nil_word: str
) -> Matter:
    """Tell a sender that the form came back with nothing filled in."""
    return _answer(to, incoming, {"due": due, "nil_word": nil_word}, attachments=forms)


@writes(_answer_kind("unreadable-file", lapse=True, ground=Ground.LATEST_VERSION))
def unreadable_file(
    to: Contact,
    incoming: Incoming,
    forms: tuple[Attachment, ...],
    *,
    files: Sequence[UnreadFile],
    due: datetime | None,
) -> Matter:
    """Tell a sender why each file could not be taken and what to send instead, with the `forms` still asked for."""
    facts = {"files": tuple(files), "due": due, "enclosed": len(forms)}
    return _answer(to, incoming, facts, attachments=forms)


@writes(_answer_kind("no-workbook", lapse=True, ground=Ground.LATEST_VERSION))
def no_workbook(
    to: Contact,
    incoming: Incoming,
    forms: tuple[Attachment, ...],
    *,
    has_link: bool,
    due: datetime | None,
    figures: tuple[str, ...] = (),
) -> Matter:
    """Tell a sender that no form was attached, with the `forms` still asked for.

    `has_link` when a link to a shared file came instead, `figures` are those that stand in the words themselves.
    """
    facts = {"has_link": has_link, "figures": figures, "due": due, "enclosed": len(forms)}
    return _answer(to, incoming, facts, attachments=forms)


@writes(_answer_kind("two-versions", lapse=True, ground=Ground.LATEST_VERSION))
def two_versions(to: Contact, incoming: Incoming, *, files: Sequence[str]) -> Matter:
    """Ask which of two different forms counts; neither was taken."""
    return _answer(to, incoming, {"files": tuple(files)})


@writes(_answer_kind("revision-held", news=True))
def revision_held(to: Contact, incoming: Incoming, *, close: datetime, changes: Sequence[str], why: str) -> Matter:
    """Tell a sender that a correction after the close waits for the co-ordinator; ask why where nothing says so."""
    return _answer(to, incoming, {"close": close, "changes": tuple(changes), "why": why})


def _excuse(to: Contact, incoming: Incoming, *, reason: str, by: str = "") -> Matter:
    """Confirm that nothing is reported, and why; to a lead who did not write it also `by` whose word."""
    return _answer(to, incoming, {"reason": reason, "by": by})


nil_recorded = writes(_answer_kind("nil-recorded", news=True))(_excuse)
declined_recorded = writes(_answer_kind("declined-recorded", news=True))(_excuse)


@writes(_answer_kind("question-received"))
def question_received(to: Contact, incoming: Incoming, *, assent: str = "", phrase: str = "") -> Matter:
    """Tell a sender that the co-ordinator has their words and will answer; and how the yes is said that they owe."""
    return _answer(to, incoming, {"assent": assent, "phrase": phrase})


@writes(_answer_kind("secretariat-answered", ("message",), Audience.SECRETARIAT))
def secretariat_answered(to: Contact, incoming: Incoming) -> Matter:
    """Tell somebody of the secretariat that the co-ordinator has their words and will answer."""
    return _answer(to, incoming, {"paper": incoming.paper.said if incoming.paper else ""})


@writes(_answer_kind("act-held"))
def act_held(to: Contact, incoming: Incoming, *, act: str, phrase: str, is_other: bool = False) -> Matter:
    """Tell a sender that an act with more beside it, or another than was asked for, is not recorded, and how a plain
    one is said."""
    return _answer(to, incoming, {"act": act, "phrase": phrase, "is_other": is_other})


@writes(Kind(name="question", manner=Manner.OFFICE, audience=Audience.OFFICE, about=("message",), folds=True))
def question(
    to: Contact,
    incoming: Incoming,
    *,
    sender: str,
    subject: str,
    reason: str,
    words: str,
    files: Sequence[str] = (),
    original: bytes = b"",
    prepared: tuple[str, str, str] = ("", "", ""),
    orders: Sequence[str] = (),
    queries: Sequence[tuple[str, str]] = (),
    settles: Sequence[str] = (),
) -> Matter:
    """Put somebody's words before the co-ordinator, with their message as it came where it is not too large.

    `prepared` is the answer that she may write to them: whom it reaches, and its subject and link; all "" for nobody.
    `orders` do what the words may ask for; `settles` would do it of the
    return; `queries` are orders with our open questions that the words may answer.
    """
    attached = attach_original(original)
    facts = {
        "sender": sender,
        "subject": subject,
        "paper": incoming.paper,
        "reason": reason,
        "words": words,
        "files": tuple(files),
        "attached": bool(attached),
        "orders": tuple(orders),
        "queries": tuple(queries),
        "settles": tuple(settles),
        "order": f"DONE {short_id(incoming.message)}",
        **dict(zip(("asker", "answer_subject", "answer_link"), prepared, strict=True)),
    }
    return _matter(to, incoming, facts, cause=incoming.message, about=incoming.about, attachments=attached)


@writes(_answer_kind("something-arrived", ("respondent",), Audience.LEAD_OR_CHAIR))
def something_arrived(to: Contact, incoming: Incoming, *, day: date) -> Matter:
    """Tell a registered lead that something arrived which is kept aside; nothing of what it was. One a day."""
    cause = f"{','.join(incoming.respondents)} {day.isoformat()}"
    about = _whose(incoming)  # one letter a day, whatever messages came
    return _matter(to, incoming, {"day": day}, cause=cause, about=about)


@writes(_answer_kind("confirm-colleague", _MESSAGE, Audience.LEAD_OR_CHAIR))
def confirm_colleague(to: Contact, incoming: Incoming, colleague: Colleague) -> Matter:
    """Ask a lead or a chair whether a colleague's message is theirs: CONFIRM or REJECT in a reply."""
    about = (replace(one, address=colleague.address.lower()) for one in incoming.about)
    return _answer(to, incoming, {"colleague": colleague}, about=tuple(about))


@writes(_answer_kind("approval-recorded", _SUBMISSION, Audience.CHAIR, news=True))
def approval_recorded(
    to: Contact, incoming: Incoming, *, submission: str, version: int, at: datetime, gone: tuple[str, ...] = ()
) -> Matter:
    """Confirm to a chair that exactly this version is approved, where nobody else is told, or no paper can say so any
    more: those for the boards in `gone` were settled. Once a day."""
    return _matter(
        to,
        incoming,
        {"version": version, "at": at, "gone": gone},
        cause=f"approval:{submission} {london_day(at).isoformat()}",
        about=_whose(incoming, submission=submission),
    )


@writes(_answer_kind("approval-noted", _SUBMISSION, Audience.LEAD, news=True))
def approval_noted(
    to: Contact, incoming: Incoming, *, submission: str, version: int, at: datetime, chair: Contact
) -> Matter:
    """Tell a lead that the chair, or the deputy chair, has approved; its `page` is enclosed where a site wants it."""
    facts = {"version": version, "at": at, "chair": chair.name, "role": chair.role.value, "page": ""}
    about = _whose(incoming, submission=submission)
    return _matter(to, incoming, facts, cause=f"approval:{submission} {incoming.message}", about=about)


@writes(_answer_kind("approval-by-word", _SUBMISSION, Audience.LEAD_OR_CHAIR, news=True))
def approval_by_word(
    to: Contact, incoming: Incoming, *, submission: str, version: int, approver: str, evidence: str
) -> Matter:
    """Tell a lead or a chair that the office recorded an approval given elsewhere, by whom, and how it knows."""
    facts = {"version": version, "approver": approver, "evidence": evidence}
    about = _whose(incoming, submission=submission)
    return _matter(to, incoming, facts, cause=f"approval:{submission} {incoming.message}", about=about)


@writes(_answer_kind("approval-out-of-date", _MESSAGE, Audience.CHAIR))
def approval_out_of_date(
    to: Contact, incoming: Incoming, *, version: int, current: int, received: datetime, is_complete: bool
) -> Matter:
    """Tell a chair that a later version has replaced the one approved."""
    facts = {"version": version, "current": current, "received": received, "is_complete": is_complete}
    return _answer(to, incoming, facts)


@writes(_answer_kind("a-person-will-reply", ("respondent",)))
def a_person_will_reply(address: str, name: str, incoming: Incoming, *, day: date) -> Matter:
    """Say once a day that no further automatic answer follows and that a person will reply."""
    to = Contact(name=name, role=Role.LEAD, address=address)
    about = _whose(incoming)
    return _matter(to, incoming, {}, cause=day.isoformat(), about=about)


def attach_original(original: bytes) -> tuple[Attachment, ...]:
    """A message as it came, as a file; () for one that is too large, or not there."""
    return (Attachment(name=_ORIGINAL, data=original),) if 0 < len(original) <= LARGEST_ORIGINAL else ()


def _taken(returns: Sequence[TakenReturn], incoming: Incoming) -> tuple[About, ...]:
    return tuple(About(respondent=r.respondent, submission=r.submission, message=incoming.message) for r in returns)


def _whose(incoming: Incoming, *, submission: str = "") -> tuple[About, ...]:
    """Whose information a letter carries that is not about the one message."""
    return tuple(About(respondent=key, submission=submission) for key in incoming.respondents)


def _answer(
    to: Contact,
    incoming: Incoming,
    facts: dict[str, Any],
    *,
    about: tuple[About, ...] = (),
    attachments: tuple[Attachment, ...] = (),
) -> Matter:
    """An answer's cause is the message and whose return it is about, so that the same message is answered once.

    `shown` in its facts says that the co-ordinator has what else was written; the rule that puts it before her sets it.
    """
    cause = f"{incoming.message} {','.join(incoming.respondents)}".strip()
    return _matter(
        to, incoming, {"shown": False, **facts}, cause=cause, about=about or incoming.about, attachments=attachments
    )


def _matter(
    to: Contact,
    incoming: Incoming,
    facts: dict[str, Any],
    *,
    cause: str,
    about: tuple[About, ...],
    attachments: tuple[Attachment, ...] = (),
) -> Matter:
    return Matter(
        to=to,
        cause=cause,
        about=about,
        quarter=incoming.quarter,
        facts={"codes": incoming.codes, "names": incoming.names, **facts},
        attachments=attachments,
        answers=incoming.thread,
    )
