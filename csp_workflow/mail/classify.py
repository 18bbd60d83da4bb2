"""What sort of message it is, before anybody asks whose: a closed set, the first match wins."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from csp_workflow.mail.bounces import bounced, is_delivery_receipt
from csp_workflow.mail.compose import DELIVERY_HEADER
from csp_workflow.mail.containers import may_hold_form
from csp_workflow.mail.parts import CALENDAR
from csp_workflow.mail.return_dates import last_day_away
from csp_workflow.terms.messages import IncomingMessage, Mark


class Sort(StrEnum):
    """The sorts of message."""

    OWN = "own"
    BOUNCE = "bounce"
    READ_RECEIPT = "read receipt"
    OUT_OF_OFFICE = "out of office"
    AUTOMATIC = "automatic"
    HUMAN = "human"


@dataclass(frozen=True, kw_only=True)
class Classified:
    """A message's sort and why; `until` is the last day of an absence when it could be read."""

    sort: Sort
    reason: str
    until: date | None = None
    is_recall: bool = False


_READ = re.compile(r"^(?:read|not read|gelesen|delivered|relayed): ", re.IGNORECASE)
_AWAY = re.compile(
    r"^(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|ooo|i am away"
    r"|automatische antwort|abwesenheits\w+|r.ponse automatique|respuesta autom.tica|ymateb awtomatig)\b",
    re.IGNORECASE,
)
_RECALLED = "It asks to recall an earlier message. A letter cannot be taken back; nothing was done."
_RECALL = re.compile(r"^(?:recall|message recall)\b|would like to recall the message", re.IGNORECASE)
_OTHER_SERVICE = re.compile(r"<csp\.[a-z2-7]{32}@", re.IGNORECASE)
"""How the Message-IDs of this service begin, whoever runs it."""

_BULK = {"bulk", "list", "junk", "auto_reply"}


def classify(message: IncomingMessage, *, own_addresses: frozenset[str], is_own: bool) -> Classified:
    """Sort a message. `is_own` says that its Message-ID is one of ours; addresses are in lower case."""
    if is_own or (message.sender and message.sender in own_addresses):
        return Classified(sort=Sort.OWN, reason="It is one of our own letters.")
    for rule in _RULES:
        found = rule(message)
        if found is not None:
            return found
    return Classified(sort=Sort.HUMAN, reason="A person wrote it.")


def _another_service(message: IncomingMessage) -> Classified | None:
    """The letters of another instance: Exchange strips Auto-Submitted, so two of them would answer each other."""
    if _OTHER_SERVICE.match(message.message_id) or message.header(DELIVERY_HEADER):
        return Classified(sort=Sort.AUTOMATIC, reason="It was sent by another service like this one.")
    return None


def _bounce(message: IncomingMessage) -> Classified | None:
    bounce = bounced(message)
    if bounce is None:
        return None
    failed = [one for one in bounce.recipients if one.permanent] or list(bounce.recipients)
    is_late = bool(failed) and not any(one.permanent for one in failed)
    what = "is late, and still being tried" if is_late else "could not be delivered"
    said = next((f" ({one.status})" for one in failed if one.status), "")
    reason = f"A mail server says that a letter of ours {what}{said}."
    if not bounce.certain:
        reason += " It does not say so in the standard form, so a person should look at it."
    return Classified(sort=Sort.BOUNCE, reason=reason)


def _read_receipt(message: IncomingMessage) -> Classified | None:
    kind = message.header("Content-Type").lower().replace('"', "").replace(" ", "")
    is_report = kind.startswith("multipart/report")
    if (
        Mark.RECEIPT in message.marks
        or "report-type=disposition-notification" in kind
        or (is_report and _READ.match(message.subject))
        or is_delivery_receipt(message)
    ):
        return Classified(sort=Sort.READ_RECEIPT, reason="It is a read receipt.")
    return None


def _out_of_office(message: IncomingMessage) -> Classified | None:
    auto = message.header("Auto-Submitted").lower()
    strong = (
        Mark.AWAY in message.marks
        or auto.startswith("auto-replied")
        or bool(message.header("X-Autoreply") or message.header("X-Autorespond") or message.header("X-AutoReply-From"))
        or "oof" in message.header("X-MS-Exchange-Generated-Message-Source").lower()
        or (auto.startswith("auto-generated") and bool(message.header("X-MS-Exchange-Inbox-Rules-Loop")))
    )
    # Some systems send no header at all; then only the subject tells, and nobody's return is called so.
    if not strong and not (_AWAY.match(message.subject) and not message.attachments):
        return None
    until = last_day_away(message)
    said = f", until {until.day} {until:%B %Y}" if until else ""
    return Classified(
        sort=Sort.OUT_OF_OFFICE, reason=f"It is an automatic reply: the person is away{said}.", until=until
    )


def _automatic(message: IncomingMessage) -> Classified | None:
    auto = message.header("Auto-Submitted").lower().strip()
    # X-Auto-Response-Suppress asks others not to answer; people's own mail carries it, so it is no evidence.
    evidence = (
        (_is_recall(message), _RECALLED),
        (_is_calendar(message), "It is a calendar entry."),
        (auto not in {"", "no"}, "It was sent by a machine."),
        (message.header("Precedence").lower().strip() in _BULK, "It was sent in bulk."),
        (bool(message.header("List-Id") or message.header("List-Unsubscribe")), "It came from a mailing list."),
        (message.header("Return-Path").strip() == "<>", "It has no return address, so it was sent by a machine."),
    )
    reason = next((reason for holds, reason in evidence if holds), "")
    return Classified(sort=Sort.AUTOMATIC, reason=reason, is_recall=reason is _RECALLED) if reason else None


def _is_recall(message: IncomingMessage) -> bool:
    return Mark.RECALL in message.marks or bool(_RECALL.search(message.subject) and not message.attachments)


def _is_calendar(message: IncomingMessage) -> bool:
    """An invitation or an answer to one. One that brings what may be a form is looked into like any message."""
    kind = message.header("Content-Type").lower()
    is_entry = Mark.MEETING in message.marks or kind.startswith("text/calendar") or CALENDAR in message.defects
    return is_entry and not any(may_hold_form(attachment.data) for attachment in message.attachments)


_RULES: tuple[Callable[[IncomingMessage], Classified | None], ...] = (
    _another_service,
    _bounce,
    _read_receipt,
    _out_of_office,
    _automatic,
)
