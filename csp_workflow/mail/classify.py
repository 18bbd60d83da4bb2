"""What sort of message it is, before anybody asks whose: a closed set, the first match wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from csp_workflow.mail.absence import is_acknowledgement, is_automatic_reply, last_day_away
from csp_workflow.mail.bounces import is_delivery_receipt, read_bounce
from csp_workflow.mail.compose import DELIVERY_HEADER
from csp_workflow.mail.containers import may_hold_workbook
from csp_workflow.mail.unpack import CALENDAR
from csp_workflow.terms.messages import Attachment, Blame, EnclosedMessage, IncomingMessage, Mark


class Sort(StrEnum):
    """The sorts of message."""

    OWN = "own"
    BOUNCE = "bounce"
    READ_RECEIPT = "read receipt"
    OUT_OF_OFFICE = "out of office"
    AUTOMATIC = "automatic"
    HUMAN = "human"


@dataclass(frozen=True, kw_only=True)
class Classification:
    """A message's sort and why; `until` is the last day of an absence when it could be read."""

    sort: Sort
    reason: str
    until: date | None = None
    is_recall: bool = False


_READ = re.compile(r"^(?:read|not read|gelesen|delivered|relayed): ", re.IGNORECASE)
_RECALLED = "It asks to recall an earlier message. A letter cannot be taken back; nothing was done."
_RECALL = re.compile(r"^(?:recall|message recall)\b|would like to recall the message", re.IGNORECASE)
_OTHER_SERVICE = re.compile(r"<csp\.[a-z2-7]{32}@", re.IGNORECASE)
"""How the Message-IDs of this service begin, whoever runs it."""

_CAME_BACK = {
    Blame.DEAD: "could not be delivered: nobody has that address",
    Blame.PASSING: "could not be delivered, which may pass",
    Blame.OURS: "was refused, because of who sent it or what it carries",
    Blame.GIVEN_UP: "was given up after many attempts",
    Blame.UNCLEAR: "could not be delivered",
}
_BULK = {"bulk", "junk"}
_NEWS = re.compile(
    r"\b(?:no|do)[._-]?(?:not[._-]?)?reply\b|\b(?:news\w*|bulletins?|announce\w*|marketing)\b", re.IGNORECASE
)
_ENTRY_LINE = re.compile(
    r"\W*(?:(?:when|where|who|what|calendar|organi[sz]er|attendees|guests|location|time|date)\b ?:.*"
    r"|you have been invited|join (?:the |this |skype |lync |online |zoom |webex |teams )*meeting.*"
    r"|(?:meeting id|passcode|dial)\b.*"
    r"|.{0,80}\bhas (?:accepted|declined|tentatively accepted) (?:this|the|your) (?:event|invitation|meeting)"
    r"|invitation from google calendar.*|accepted|declined|tentative)\W*$",
    re.IGNORECASE,
)
"""What a calendar's own program writes in words."""

_SCANNING = re.compile(r"\b(?:atp|safe attachments?)\W{1,3}scan(?:ning)? (?:is )?in progress\b", re.IGNORECASE)
_BLOCKED = re.compile(
    r"^(?:unsafe attachments? blocked|malware alert text)\b|\bmalware was detected\b.{0,80}\battachments?\b"
    r"|\battachments? (?:that )?(?:was|were|has been|have been) (?:blocked|replaced|removed) (?:because|since|as) "
    r"(?:it|they) (?:\w+ ){0,4}(?:malware|a virus|unsafe|malicious)",
    re.IGNORECASE,
)
_REMOVED = re.compile(
    r"\b(?:attachments?|files?)\b.{0,120}?\b(?:has|have|had|was|were)(?: been)? "
    r"(?:removed|stripped|blocked|deleted|quarantined|withheld|replaced by|replaced with|detached)\b"
    r"|\[?\battachments? (?:removed|stripped|blocked)\b\]?"
    r"|\b(?:removed|stripped|blocked|detached) (?:the|an|this|some|one or more|\d+) (?:\w+ ){0,3}attachments?\b",
    re.IGNORECASE,
)
_BY_A_SYSTEM = re.compile(
    r"\b(?:mimecast|egress|barracuda|proofpoint|symantec|messagelabs|clearswift|sophos|trend ?micro|fortimail"
    r"|forcepoint|cisco|gateway|administrator|(?:e-?mail|mail|content|security|attachment|virus)[ -](?:security|policy"
    r"|filter\w*|scan\w*|control|management|protect\w*|system|server))\b",
    re.IGNORECASE,
)
_STUB_NAMES = re.compile(
    r"attachments?[ _-]*(?:removed|stripped|blocked|deleted|warning)|removed[ _-]*attachments?|deleted\d{1,3}\.txt"
    r"|\w+-attachment-warning\.txt|blocked[ _-]*(?:file|attachment)s?",
    re.IGNORECASE,
)
_STUB_BYTES = 20_000
_LOOKED_AT = 20_000


def classify_message(
    message: IncomingMessage,
    *,
    own_addresses: frozenset[str],
    is_own: bool,
    is_known: bool = False,
    away: Iterable[str] = (),
    said: Sequence[str] = (),
) -> Classification:
    """The sort of a message.

    `is_own` says that its Message-ID is one of ours, `is_known` that its sender is somebody we write to; addresses are
    in lower case. `away` are beginnings of subjects that are automatic replies, beside those that are known here;
    `said` are the lines of its sender's own words.
    """
    if is_own or (message.sender and message.sender in own_addresses):
        return Classification(sort=Sort.OWN, reason="It is one of our own letters.")
    for rule in _RULES:
        found = rule(message)
        if found is not None:
            return found
    absent = _out_of_office(message, away) or _automatic(message, said, is_known=is_known)
    return absent or Classification(sort=Sort.HUMAN, reason="A person wrote it.")


def _another_service(message: IncomingMessage) -> Classification | None:
    """The letters of another instance: Exchange strips Auto-Submitted, so two of them would answer each other."""
    if _OTHER_SERVICE.match(message.message_id) or message.header(DELIVERY_HEADER):
        return Classification(sort=Sort.AUTOMATIC, reason="It was sent by another service like this one.")
    return None


def _bounce(message: IncomingMessage) -> Classification | None:
    bounce = read_bounce(message)
    if bounce is None:
        return None
    one = min(bounce.recipients, key=lambda one: (one.is_tried, not one.address))
    what = _CAME_BACK[one.blame] if not one.is_tried else "is late, and still being tried"
    said = f" ({one.status})" if one.status else ""
    reason = f"A mail server says that a letter of ours {what}{said}."
    if not bounce.certain:
        reason += " It does not say so in the standard form, so a person should look at it."
    return Classification(sort=Sort.BOUNCE, reason=reason)


def _read_receipt(message: IncomingMessage) -> Classification | None:
    kind = message.header("Content-Type").lower().replace('"', "").replace(" ", "")
    is_report = kind.startswith("multipart/report")
    if (
        Mark.RECEIPT in message.marks
        or "report-type=disposition-notification" in kind
        or (is_report and _READ.match(message.subject))
        or is_delivery_receipt(message)
    ):
        return Classification(sort=Sort.READ_RECEIPT, reason="It is a read receipt.")
    return None


def _out_of_office(message: IncomingMessage, subjects: Iterable[str]) -> Classification | None:
    if not is_automatic_reply(message, subjects) or is_acknowledgement(message):
        return None
    until = last_day_away(message)
    said = f", until {until.day} {until:%B %Y}" if until else ""
    return Classification(
        sort=Sort.OUT_OF_OFFICE, reason=f"It is an automatic reply: the person is away{said}.", until=until
    )


def _automatic(message: IncomingMessage, said: Sequence[str], *, is_known: bool) -> Classification | None:
    auto = message.header("Auto-Submitted").lower().strip()
    # X-Auto-Response-Suppress asks others not to answer; people's own mail carries it, so it is no evidence.
    evidence = (
        (_is_recall(message), _RECALLED),
        (_is_calendar(message, said), "It is a calendar entry."),
        (auto not in {"", "no"}, "It was sent by a machine."),
        (is_acknowledgement(message) and is_automatic_reply(message), "A program says that our letter came."),
        (_is_bulk(message, is_known=is_known), "It was sent in bulk."),
        (message.header("Return-Path").strip() == "<>", "It has no return address, so it was sent by a machine."),
    )
    reason = next((reason for holds, reason in evidence if holds), "")
    return Classification(sort=Sort.AUTOMATIC, reason=reason, is_recall=reason is _RECALLED) if reason else None


def _is_bulk(message: IncomingMessage, *, is_known: bool) -> bool:
    """Whether it was sent to many at once. A person's words may come through a group, so a list alone tells nothing.

    Of somebody whom we write to (`is_known`) only a list of news counts.
    """
    if message.answered or message.header("In-Reply-To") or message.header("References"):
        return False
    from_list = bool(message.header("List-Id") or message.header("List-Unsubscribe"))
    is_news = from_list and bool(_NEWS.search(f"{message.header('List-Id')} {message.sender_name} {message.sender}"))
    marks = (message.header(name) for name in ("List-Unsubscribe-Post", "Feedback-ID", "X-Campaign-ID"))
    is_mailing = message.header("Precedence").lower().strip() in _BULK or any(marks)
    return is_news or (is_mailing and not is_known)


def _is_recall(message: IncomingMessage) -> bool:
    return Mark.RECALL in message.marks or bool(_RECALL.search(message.subject) and not message.attachments)


def _is_calendar(message: IncomingMessage, said: Sequence[str]) -> bool:
    """An invitation or an answer to one. One that brings what may be a form, or words of somebody's own, is looked into
    like any message."""
    kind = message.header("Content-Type").lower()
    is_entry = Mark.MEETING in message.marks or kind.startswith("text/calendar") or CALENDAR in message.defects
    is_alone = all(map(_ENTRY_LINE.match, said))
    return is_entry and is_alone and not any(may_hold_workbook(attachment.data) for attachment in message.attachments)


_RULES: tuple[Callable[[IncomingMessage], Classification | None], ...] = (
    _another_service,
    _bounce,
    _read_receipt,
)


# What mail security leaves where an attachment was ------------------------------------------------


def awaits_scan(message: IncomingMessage) -> bool:
    """Whether a file is still being checked by mail security: the message is to be fetched again a little later."""
    return any(_SCANNING.search(said) for said in _places_of_notices(message))


def was_blocked(message: IncomingMessage) -> bool:
    """Whether mail security blocked a file as unsafe and left a notice for it."""
    return any(_BLOCKED.search(said) for said in _places_of_notices(message))


def find_missing(message: IncomingMessage) -> str:
    """Why a file that was sent is not there: "scanning", "blocked" or "taken away" (reasons of a refusal), or ""."""
    if was_blocked(message):
        return "blocked"
    if awaits_scan(message):
        return "scanning"
    return "taken away" if _was_taken_away(message) else ""


def is_notice(attachment: Attachment) -> bool:
    """Whether a file is not what somebody sent but a notice of a mail system about it."""
    words = _words_of_file(attachment)
    found = (_SCANNING, _BLOCKED, _STUB_NAMES)
    return any(one.search(attachment.name) for one in found) or any(one.search(words) for one in (*found[:2], _REMOVED))


def is_notice_inside(one: EnclosedMessage) -> bool:
    """Whether a message inside another is what a mail system left in the place of a file."""
    words = " ".join(f"{one.text or one.html_text}"[:_STUB_BYTES].split())
    found = (_SCANNING, _BLOCKED)
    return bool(_STUB_NAMES.search(one.subject)) or any(p.search(said) for p in found for said in (one.subject, words))


def _was_taken_away(message: IncomingMessage) -> bool:
    """By a file that is a notice, or by a line of the words that only a mail system writes."""
    if any(is_notice(attachment) for attachment in message.attachments):
        return True
    if any(_STUB_NAMES.search(name) for name in message.inside):
        return True
    paragraphs = re.split(r"\n\s*\n", _new_words(message))
    return any(_REMOVED.search(flat := " ".join(p.split())) and _BY_A_SYSTEM.search(flat) for p in paragraphs)


def _places_of_notices(message: IncomingMessage) -> Iterator[str]:
    """Every name, and the words of small files: where a notice may stand."""
    yield from message.inside
    for attachment in message.attachments:
        yield attachment.name
        yield _words_of_file(attachment)
    yield from (" ".join(line.split()) for line in _new_words(message).split("\n"))


def _new_words(message: IncomingMessage) -> str:
    """Our own letters tell of attachments that were blocked, and people quote them."""
    return message.own[:_LOOKED_AT]


def _words_of_file(attachment: Attachment) -> str:
    if len(attachment.data) > _STUB_BYTES or b"\x00" in attachment.data:
        return ""
    plain = re.sub(r"<[^<>]{0,500}>", " ", attachment.data.decode("utf-8", "replace"))
    return " ".join(plain.split())
