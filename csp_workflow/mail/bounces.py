"""Bounces: which recipients a mail system says it could not reach, of which letter, and how far that is certain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from csp_workflow.mail.headers import find_message_ids, safely
from csp_workflow.terms.messages import IncomingMessage, Mark


@dataclass(frozen=True, kw_only=True)
class FailedRecipient:
    """An address that was not reached, in lower case.

    `status` is the mail system's own code ("5.1.1") or "" when it gave none. `permanent` is False while it still
    tries, or when it may well work another day.
    """

    address: str
    status: str
    permanent: bool


@dataclass(frozen=True, kw_only=True)
class Bounce:
    """What a mail system says about letters it could not deliver.

    `original_ids` are the Message-IDs of those letters. `certain` is True when the report is in the standard form, or
    our own mail system marked it; otherwise the recipients were guessed from words, for a person to look at.
    Anybody can forge a report: what it says counts only for a letter of ours to that very recipient.
    """

    recipients: tuple[FailedRecipient, ...]
    original_ids: tuple[str, ...]
    certain: bool


MOST_RECIPIENTS = 50
"""Failed recipients that are named; a letter of ours has one."""

_ADDRESS = r"[^\s<>@,;:\"()\[\]]{1,64}@[a-z0-9.-]{1,253}"
_DAEMONS = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon|microsoftexchange\w*)@", re.IGNORECASE)
_FAILED_SUBJECT = re.compile(
    r"^(?:undeliver(?:able|ed)\b|delivery (?:status notification|has failed|failure)|mail delivery (?:failed|failure)"
    r"|mail system error|returned mail|failure notice|message not delivered|delivery delayed|unzustellbar\b)",
    re.IGNORECASE,
)
_FIELD = re.compile(r"^(?P<name>[A-Za-z-]{1,40})[ \t]*:[ \t]*(?P<value>[^\n]{0,1000})$", re.MULTILINE)
_FOLDED = re.compile(r"\n[ \t]+")
_PLACE = re.compile(rf"(?:^|[\s;<]){_ADDRESS}", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REACHED = {"delivered", "relayed", "expanded"}
_CODE = re.compile(r"(?:^|#|'|\s)[45]\d\d[ -]#?([45]\.\d{1,3}\.\d{1,3})(?![\d.])")
_EXCHANGE = re.compile(
    r"#[45]\d\d [45]\.\d|RESOLVER\.|STOREDRV\.|remote server returned|diagnostic information for admin", re.IGNORECASE
)
_AFTER_ORIGINAL = re.compile(r"^\W*original (?:message|e-?mail)|^-{3,} this is a copy|^received:", re.IGNORECASE)
_LOOKED_AT = 20_000


def read_bounce(message: IncomingMessage) -> Bounce | None:
    """What a bounce says, or None for any other message. Never raises."""
    if not _is_bounce(message):
        return None
    told = tuple(_by_report(message))
    if told:
        return _bounce(message, told, certain=True)
    if _EXCHANGE.search(message.text[:_LOOKED_AT]):
        return _bounce(message, tuple(_by_exchange(message)), certain=Mark.BOUNCE in message.marks)
    return _bounce(message, tuple(_by_words(message)), certain=False)


def is_delivery_receipt(message: IncomingMessage) -> bool:
    """Whether a report says that a letter arrived, and of nobody that it did not."""
    actions = {_action(fields) for fields in _recipients(message)}
    return bool(actions) and actions <= _REACHED


def _bounce(message: IncomingMessage, recipients: tuple[FailedRecipient, ...], *, certain: bool) -> Bounce:
    by_address = {one.address: one for one in sorted(recipients, key=lambda one: one.permanent)}
    failed = tuple(by_address.values())[:MOST_RECIPIENTS]
    return Bounce(recipients=failed, original_ids=_originals(message), certain=certain and bool(failed))


def _is_bounce(message: IncomingMessage) -> bool:
    """Whether a mail system speaks of a letter that failed. Subjects alone never make a bounce of a person's words."""
    if is_delivery_receipt(message):
        return False
    kind = message.header("Content-Type").lower().replace('"', "").replace(" ", "")
    if Mark.BOUNCE in message.marks or "report-type=delivery-status" in kind or message.header("X-Failed-Recipients"):
        return True
    says_failed = bool(_FAILED_SUBJECT.match(message.subject)) or kind.startswith("multipart/report")
    null_path = message.header("Return-Path").strip() == "<>"
    if _DAEMONS.match(_written_from(message)):
        return null_path or says_failed or bool(message.report)
    is_machine = message.header("Auto-Submitted").lower().strip() not in {"", "no"}
    return bool(_FAILED_SUBJECT.match(message.subject)) and (null_path or is_machine or bool(message.report))


def _written_from(message: IncomingMessage) -> str:
    return message.sender or message.header("From").rpartition("<")[2].strip("> ")


# The standard form -------------------------------------------------------------------------------


def _by_report(message: IncomingMessage) -> Iterator[FailedRecipient]:
    for fields in _recipients(message):
        action = _action(fields)
        # The original address is the one we wrote to; the final one is where it was forwarded.
        address = _address(fields.get("original-recipient", "")) or _address(fields.get("final-recipient", ""))
        if address and action not in _REACHED:
            status = _status(fields)
            gave_up = action in {"", "failed"} and (status.startswith("5") or (action == "failed" and not status))
            yield FailedRecipient(address=address, status=status, permanent=gave_up)


def _recipients(message: IncomingMessage) -> Iterator[dict[str, str]]:
    """The fields of each recipient's block, names in small letters; the first of a name counts."""
    for block in message.report:
        fields: dict[str, str] = {}
        for match in _FIELD.finditer(_FOLDED.sub(" ", block)):
            fields.setdefault(match["name"].lower(), match["value"].strip())
        if "final-recipient" in fields or "original-recipient" in fields:
            yield fields


def _action(fields: dict[str, str]) -> str:
    return fields.get("action", "").partition(" ")[0].partition("(")[0].strip().lower()


def _address(value: str) -> str:
    """The address of "rfc822; lead@x.example", with or without brackets; "" when it is of another kind of mail."""
    match = _PLACE.search(value)
    return match[0].strip(" \t;<").strip("'.").lower() if match else ""


def _status(fields: dict[str, str]) -> str:
    """The status; a vague one ("5.0.0") is told more closely by what the other server said."""
    said = _STATUS.search(fields.get("status", ""))
    closer = _STATUS.search(fields.get("diagnostic-code", ""))
    if said and not (said[1].endswith(".0.0") and closer and closer[1][0] == said[1][0]):
        return said[1]
    return closer[1] if closer else ""


# Exchange, without a report ----------------------------------------------------------------------


def _by_exchange(message: IncomingMessage) -> Iterator[FailedRecipient]:
    """Exchange's own words: each address on a line, and below it a line with the code."""
    waiting: list[str] = []
    for line in message.text[:_LOOKED_AT].split("\n"):
        code = _CODE.search(line)
        if code and waiting:
            permanent = code[1].startswith("5")
            yield from (FailedRecipient(address=one, status=code[1], permanent=permanent) for one in waiting)
            waiting = []
        elif _AFTER_ORIGINAL.match(line):
            return
        elif found := [_address(match[0]) for match in _PLACE.finditer(line)]:
            waiting = [one for one in found if not _DAEMONS.match(one)]


# Anything else -----------------------------------------------------------------------------------


def _by_words(message: IncomingMessage) -> Iterator[FailedRecipient]:
    """What a library knows of mail systems that follow no standard; words only, so a person looks at it."""
    named = [_address(one) for one in message.header("X-Failed-Recipients").split(",")]
    permanent, temporary = _guess_recipients(message)
    for one in dict.fromkeys((*filter(None, named), *permanent)):
        yield FailedRecipient(address=one, status="", permanent=True)
    for one in temporary:
        yield FailedRecipient(address=one, status="", permanent=False)


def _guess_recipients(message: IncomingMessage) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses the library finds failed for good, and those it finds late."""
    from flufl.bounce import all_failures

    plain = Message()
    # One of its detectors fails on a message without a plain sender, and logs it at length.
    plain["From"] = _ascii(message.sender or "mailer-daemon@bounce.invalid")
    plain["Subject"] = _ascii(message.subject)
    plain.set_payload(_ascii(message.text[:_LOOKED_AT]))
    nothing: list[tuple[str, ...]] = [(), ()]
    temporary, permanent = safely(lambda: list(map(_addresses, all_failures(plain))), nothing)
    return permanent, tuple(one for one in temporary if one not in permanent)


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode("ascii")


def _addresses(found: frozenset[bytes]) -> tuple[str, ...]:
    texts = sorted(one.decode("ascii", "replace") for one in found)
    return tuple(filter(None, map(_address, texts)))


def _originals(message: IncomingMessage) -> tuple[str, ...]:
    """The letters it is about: those given back in it, else those whose Message-ID stands in it."""
    if message.originals:
        return message.originals
    replied = (value for name, value in message.headers if name.lower() == "in-reply-to")
    threaded = (found for value in replied for found in find_message_ids(value))
    return tuple(dict.fromkeys((*threaded, *message.answered)))
