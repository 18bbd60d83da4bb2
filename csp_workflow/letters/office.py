"""The letters to the co-ordinator and of hers: what she asked for, answers to her orders, her words to others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from urllib.parse import quote

from csp_workflow.letters.kinds import Audience, Conversation, Ground, Kind, Matter, writes
from csp_workflow.mail.compose import OutgoingMessage, compose_message, derive_delivery_id, derive_message_id
from csp_workflow.terms.dates import CycleState, Quarter, in_london, london, london_day
from csp_workflow.terms.events import About, Letter, Manner
from csp_workflow.terms.messages import Attachment, Verdict, short_id
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.service_status import Failures, FoundTopic
from csp_workflow.terms.site import Contact, Office, Respondent, Site
from csp_workflow.terms.status import CycleStatus


@dataclass(frozen=True, kw_only=True)
class WaitingMessage:
    """A message that waits for a person, as the office's letters name it. `short` is the id's beginning.

    `topics` is what it may be about, beside a return, that is not dealt with yet; `stranger_since` is when it was seen
    to be a stranger's, to be put aside with others; `failures` are ours; `words` is the beginning of what it says, of a
    message whose words were put before nobody, and `unopened` names the files that it brought and that nobody opened.
    Of one that `has_bank_details`, perhaps, nothing is shown to anybody. `original` are its bytes where the morning
    letter is to bring it as it came.
    """

    id: str
    sender: str
    subject: str
    received: datetime
    verdict: Verdict
    reason: str
    respondents: tuple[str, ...] = ()
    topics: tuple[FoundTopic, ...] = ()
    stranger_since: datetime | None = None
    failures: Failures | None = None
    words: str = ""
    unopened: tuple[str, ...] = ()
    has_bank_details: bool = False
    original: bytes = field(default=b"", repr=False)

    @property
    def is_held(self) -> bool:
        """Whether nothing in it was taken; else somebody asks or reserves something, beside a form perhaps."""
        return self.verdict in {Verdict.HELD, Verdict.QUARANTINED}

    @property
    def short(self) -> str:
        """The first characters of the id: enough to name it in a command."""
        return short_id(self.id)


class Became(StrEnum):
    """What became of one line of a reply, as the answer says it."""

    DONE = "Done"
    IN_PART = "Done in part"
    NOT_DONE = "Not done"
    STRANGE = "Not understood"


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One line of a reply and what became of it: what was done and what follows, or why not and what to write."""

    words: str
    became: Became
    sentences: tuple[str, ...]
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Whom and what a reply to orders answers. `message` is the content identity, `thread` the Message-ID.

    `waits` says that an order waits because of what stands beside it; `files` say what became of what she attached,
    and `unsent` that words of hers for somebody went to nobody. `taken` says what her edited draft has become ("": none
    was taken).
    """

    to: Contact
    message: str
    thread: str
    quarter: Quarter | None
    waits: bool = False
    files: tuple[str, ...] = ()
    unsent: str = ""
    taken: str = ""


def _office_kind(name: str, *about: str, is_kept: bool = False) -> Kind:
    office = Kind(name=name, manner=Manner.OFFICE, audience=Audience.OFFICE, about=about)
    return replace(office, folds=is_kept, waits_for_letter=is_kept)


def _answer_orders(reply: Reply, rows: Sequence[Answered]) -> Matter:
    """Say line by line, in the order of the reply, what was done, what was not and why, and what to write."""
    return Matter(
        to=reply.to,
        cause=f"command:{reply.message}",
        about=(About(message=reply.message),),
        quarter=reply.quarter,
        facts={
            "codes": (),
            "rows": tuple(rows),
            "done": tuple(one.words for one in rows if one.became in {Became.DONE, Became.IN_PART}),
            "refused": tuple(x.words for x in rows if x.became is Became.NOT_DONE) or tuple(x.words for x in rows),
            "is_hinted": bool(rows) and all(one.hints for one in rows if one.became is not Became.DONE),
            "is_whole": bool(rows) and all(one.became is Became.DONE for one in rows),
            "waits": reply.waits,
            "files": reply.files,
            "unsent": reply.unsent,
            "taken": reply.taken,
        },
        answers=reply.thread,
    )


command_done = writes(_office_kind("command-done", "message", is_kept=True))(_answer_orders)
command_refused = writes(_office_kind("command-refused", "message"))(_answer_orders)
command_not_understood = writes(_office_kind("command-not-understood", "message"))(_answer_orders)


@writes(
    Kind(
        name="extension-given",
        manner=Manner.TIMED,
        audience=Audience.CONTACT,
        about=("respondent", "due"),
        ground=Ground.EXTENSION,
        continues=Conversation.RETURN,
    )
)
def extension_given(to: Contact, respondent: Respondent, quarter: Quarter, *, due: datetime, was: datetime) -> Matter:
    """Tell a lead that there is more time, with the new day for their calendar; once a day, whoever gave it."""
    until = london_day(due)
    entry = _write_calendar_entry(f"{respondent.code}-{quarter.code}-due", due, f"{respondent.name}: return due")
    return Matter(
        to=to,
        cause=f"extension:{quarter.key}:{respondent.code}@{until.isoformat()}",
        about=(About(respondent=respondent.key, due=until),),
        quarter=quarter,
        facts={"codes": (respondent.code,), "name": respondent.name, "due": due, "was": was, "until": until},
        attachments=(entry,),
    )


def _write_calendar_entry(name: str, when: datetime, what: str) -> Attachment:
    """A moment as a calendar program takes it (RFC 5545): an entry of no length, with a reminder the day before.

    The same name moves an entry that was taken before, and says to post's gate whose it is.
    """
    at = f"{when.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    said = what.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    lines = (
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//csp-workflow//EN", "METHOD:PUBLISH", "BEGIN:VEVENT",
        f"UID:{name}@csp-workflow", f"DTSTAMP:{at}", f"DTSTART:{at}", *_fold(f"SUMMARY:{said}"),
        "BEGIN:VALARM", "ACTION:DISPLAY", *_fold(f"DESCRIPTION:{said}"), "TRIGGER:-P1D", "END:VALARM",
        "END:VEVENT", "END:VCALENDAR",
    )  # fmt: skip
    data = "".join(f"{line}\r\n" for line in lines).encode("utf-8")
    return Attachment(name="Due date.ics", data=data, content_type="text/calendar")


def _fold(line: str) -> Iterator[str]:
    """A line in pieces that no calendar program refuses: 75 bytes at most, each but the first after a space."""
    yield line[:37]
    yield from (f" {line[at : at + 36]}" for at in range(37, len(line), 36))


@writes(_office_kind("answers-on-hold"))
def answers_on_hold(to: Contact, *, why: str, at: datetime, cause: str) -> Matter:
    """Tell the office that automatic answers were stopped, why, and how to let them go."""
    return Matter(
        to=to, cause=cause, about=(), quarter=None, facts={"codes": (), "why": why, "at": at, "order": "RELEASE"}
    )


# What the office reads of in the morning letter, and what cannot wait for it


def keep_for_morning(letter: Letter, site: Site, now: datetime, deadlines: Iterable[datetime | date] = ()) -> Letter:
    """A letter to the office that waits for the next morning letter, which brings what it says and takes its place.

    It goes at once where one of the deadlines falls before that letter.
    """
    morning = find_next_morning(site, now)
    ends = (at if isinstance(at, datetime) else london(at, time.max) for at in deadlines)
    return letter if any(now <= at < morning for at in ends) else replace(letter, not_before=morning)


FORTNIGHT = 10
"""Working days after a morning letter in which what waits, and is known to her, brings none."""

_WEEK = 5
_ASKED = {CycleState.OPEN, CycleState.CLOSED}


def count_quiet_days(rounds: Iterable[CycleStatus]) -> int:
    """Working days for which what needs nobody waits for a morning letter that has more to say: more of them before
    anybody was asked for a return, when the proofs come to her by themselves."""
    return _WEEK if any(one.state in _ASKED for one in rounds) else FORTNIGHT


def keep_while_quiet(letter: Letter, site: Site, now: datetime, rounds: Iterable[CycleStatus]) -> Letter:
    """A letter to the office that says what it expects: the next morning letter takes its place, in time."""
    until = site.working_days.plus(london_day(now), count_quiet_days(rounds))
    return replace(letter, not_before=london(until, site.digest_at))


def find_next_morning(site: Site, now: datetime) -> datetime:
    """When the next morning letter is made: on this working day, while its hour has not come, else on the next one."""
    today, local = london_day(now), in_london(now)
    is_over = site.working_days.is_working(today) and local.time() >= site.digest_at
    return london(site.working_days.plus(today, int(is_over)), site.digest_at)


# The letter that the service sends to itself, to see that letters leave and arrive. Nobody else ever gets it


_TEXT = "This letter was sent by csp-workflow doctor to its own mailbox, to see that mail leaves and arrives."


def letter(office: Office, *, key: bytes, now: datetime) -> tuple[bytes, str]:
    """Final bytes and delivery id of a letter from the office's mailbox to itself."""
    domain = office.mailbox.partition("@")[2]
    message_id = derive_message_id("probe", now.isoformat(), office.mailbox, key=key, domain=domain)
    delivery_id = derive_delivery_id(message_id)
    content = compose_message(
        OutgoingMessage(
            sender=office.mailbox,
            sender_name=office.name,
            recipient=office.mailbox,
            recipient_name=office.name,
            subject="Is the mailbox well?",
            text=f"{_TEXT}\n\n{delivery_id}",
            # Exchange drops a header that it sees for the first time, so the mark stands in the words as well.
            html=f"<p>{_TEXT}</p>\n<p>{delivery_id}</p>",
            message_id=message_id,
            date=now,
            headers=(("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All")),
        )
    )
    return content, delivery_id


# What the co-ordinator writes to somebody through us: whom it goes to, and the letter that carries it


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Whoever wrote a message, as registered, with the respondents for whom they wrote it; none in the secretariat."""

    contact: Contact
    respondents: tuple[Respondent, ...] = ()

    @property
    def named(self) -> str:
        """Such as "Jane Smith (Melton)"."""
        where = joined(r.name for r in self.respondents) or "the secretariat"
        return f"{self.contact.name} ({where})"


def find_asker(site: Site, address: str, concerned: Collection[str], day: date) -> Asker | None:
    """For whom an address speaks on a day: a contact, first of the respondents concerned, or one of the secretariat."""
    known = site.spoken_for(address, day) if address else ()
    theirs = tuple(r for r in known if r.key in concerned) or known
    if theirs:
        return Asker(contact=theirs[0].speakers(address, day)[0], respondents=theirs)
    found = site.office.secretary_at(address)
    return Asker(contact=found) if found else None


def prepare_answer(office: Office, asker: Asker, message: str) -> tuple[str, str]:
    """The subject under which words to somebody reach us, and the link that opens such a letter."""
    subject = f"ANSWER {short_id(message)} to {asker.named}"
    return subject, f"mailto:{office.mailbox}?subject={quote(subject)}"


@dataclass(frozen=True, kw_only=True)
class SentBack:
    """A version that is sent back: by whom and why, whether it was approved; `close` while that is to come."""

    by: str
    version: int
    received: datetime
    reason: str
    close: datetime | None
    was_approved: bool


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What the office recorded of a return by order: `became` is the order's word, `said_by` who told it so, or "".

    `version` is the one that had come (0: none), which a NIL or DECLINE sets aside and a REOPEN brings back.
    """

    order: str
    became: str
    said_by: str
    reason: str
    due: datetime
    is_past: bool
    version: int


@writes(
    Kind(
        name="recorded-by-word",
        manner=Manner.ANSWER,
        audience=Audience.CONTACT,
        about=("respondent",),
        ground=Ground.LATEST_VERSION,
        continues=Conversation.RETURN,
        answers_news=True,
    )
)
def recorded_by_word(to: Contact, respondent: Respondent, quarter: Quarter, *, recorded: Recorded) -> Matter:
    """Tell a lead that the office recorded that no return comes, or asks for it again after all."""
    return Matter(
        to=to,
        cause=f"{recorded.became}:{quarter.key}:{respondent.code} {recorded.order}",
        about=(About(respondent=respondent.key),),
        quarter=quarter,
        facts={"codes": (respondent.code,), "name": respondent.name, "recorded": recorded},
    )


ANSWER_KIND = Kind(
    name="answer-from-office",
    manner=Manner.ANSWER,
    audience=Audience.ASKER,
    about=("message",),
    answers_news=True,
    recall=timedelta(minutes=10),
)


@writes(ANSWER_KIND)
def answer_from_office(
    asker: Asker,
    message: str,
    *,
    order: str,
    quarter: Quarter | None,
    by: str,
    words: str,
    files: tuple[Attachment, ...],
) -> Matter:
    """Bring somebody the words of one of the office's people on a message of theirs, from the message `order`."""
    keys = [r.key for r in asker.respondents] or [""]
    return Matter(
        to=asker.contact,
        cause=order,
        about=tuple(About(respondent=key, message=message) for key in keys),
        quarter=quarter,
        facts={"codes": tuple(r.code for r in asker.respondents), "words": words, "by_hand": by},
        attachments=files,
    )


@writes(
    Kind(
        name="returned-to-lead",
        manner=Manner.ANSWER,
        audience=Audience.CONTACT,
        about=("respondent", "submission"),
        ground=Ground.SENT_BACK,
        continues=Conversation.RETURN,
        answers_news=True,
    )
)
def returned_to_lead(
    to: Contact, respondent: Respondent, quarter: Quarter, *, submission: str, sent_back: SentBack, order: str
) -> Matter:
    """Send a version back to a lead, with the co-ordinator's reason as her words."""
    return Matter(
        to=to,
        cause=f"returned:{order}",
        about=(About(respondent=respondent.key, submission=submission),),
        quarter=quarter,
        facts={"codes": (respondent.code,), "name": respondent.name, "sent_back": sent_back, "file": ""},
    )


def bring_form(letter: Letter, form: Attachment) -> Letter:
    """The letter with the form to mend."""
    return replace(letter, attachments=(form,), facts={**letter.facts, "file": form.name})


@writes(Kind(name="as-asked", manner=Manner.OFFICE, audience=Audience.OFFICE))
def as_asked(
    to: Contact,
    *,
    title: str,
    paragraphs: Sequence[str],
    about: About,
    quarter: Quarter | None,
    cause: str,
    files: tuple[Attachment, ...] = (),
) -> Matter:
    """Say what was asked about something, in short paragraphs; what it is about is what a reply to it means."""
    facts = {"codes": (), "title": title, "paragraphs": tuple(paragraphs), "files": tuple(f.name for f in files)}
    return Matter(to=to, cause=cause, about=(about,), quarter=quarter, facts=facts, attachments=files)


MOST_SAID = 100
"""So many sentences are told one by one."""


@writes(Kind(name="setup-workbook", manner=Manner.OFFICE, audience=Audience.OFFICE))
def setup_workbook(to: Contact, file: Attachment, *, cause: str) -> Matter:
    """Bring her the set-up as it stands, to be changed and sent back at any time."""
    facts = {"codes": (), "file": file.name}
    return Matter(to=to, cause=f"setup:{cause}", about=(), quarter=None, facts=facts, attachments=(file,))


@writes(Kind(name="file-told", manner=Manner.OFFICE, audience=Audience.OFFICE))
def file_told(
    to: Contact,
    name: str,
    *,
    code: str,
    changes: Sequence[str],
    faults: Sequence[str],
    message: str,
    told_as: str,
    answers: str,
) -> Matter:
    """What a file that came in a `message` would change, and the `code` that takes it ("" for none); or its faults.

    `told_as` is the word that takes it, or would: no two letters of one message have the same.
    """
    facts = {
        "codes": (),
        "file": name,
        "code": code,
        "changes": tuple(changes[:MOST_SAID]),
        "more_changes": max(len(changes) - MOST_SAID, 0),
        "faults": tuple(faults[:MOST_SAID]),
        "more_faults": max(len(faults) - MOST_SAID, 0),
        "changed": len(changes),
        "faulty": len(faults),
    }
    about = (About(message=message),)
    return Matter(
        to=to, cause=name_file_told(message, told_as), about=about, quarter=None, facts=facts, answers=answers
    )


def name_file_told(message: str, code: str) -> str:
    """The cause of the letter that tells of a file: the message that it came in, and the word that takes it."""
    return f"file:{message}:{code}"
