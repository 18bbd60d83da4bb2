"""What sort of message it is, before anybody asks whose: a closed set, the first match wins."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from csp_workflow.intake.unpack import CALENDAR
from csp_workflow.terms.messages import IncomingMessage
from csp_workflow.terms.working_days import in_london


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


_DAEMONS = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon|microsoftexchange\w*)@", re.IGNORECASE)
_FAILED = re.compile(
    r"^(?:undeliver(?:able|ed)|delivery (?:status notification|has failed|failure)|mail delivery (?:failed|failure)"
    r"|returned mail|failure notice|message not delivered|delivery delayed)",
    re.IGNORECASE,
)
_READ = re.compile(r"^(?:read|not read|gelesen|delivered|relayed): ", re.IGNORECASE)
_AWAY = re.compile(
    r"^(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|ooo|i am away)\b", re.IGNORECASE
)
_RECALL = re.compile(r"^(?:recall|message recall)\b|would like to recall the message", re.IGNORECASE)
_BULK = {"bulk", "list", "junk", "auto_reply"}

_MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS if name != "september") + "|sept?(?:ember)?"
_DAY = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?(?:the )?"
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})\b,?(?: (?P<year>\d{{4}}))?"
)
_SLASHED = r"(?P<d>\d{1,2})[/.](?P<m>\d{1,2})(?:[/.](?P<y>\d{2,4}))?"
_UNTIL = re.compile(
    r"(?P<how>until|till|through to|back on|back in the office on|returning on|return on|returning|back|return)"
    rf"(?: to (?:work|the office))?(?: on)?:? (?:{_DAY}|{_SLASHED})",
    re.IGNORECASE,
)
_LONGEST_ABSENCE = timedelta(days=200)


def classify(message: IncomingMessage, *, own_addresses: frozenset[str], is_own: bool) -> Classified:
    """Sort a message. `is_own` says that its Message-ID is one of ours; addresses are in lower case."""
    if is_own or (message.sender and message.sender in own_addresses):
        return Classified(sort=Sort.OWN, reason="It is one of our own letters.")
    for rule in _RULES:
        found = rule(message)
        if found is not None:
            return found
    return Classified(sort=Sort.HUMAN, reason="A person wrote it.")


def _bounce(message: IncomingMessage) -> Classified | None:
    kind = message.header("Content-Type").lower()
    is_report = "report-type=delivery-status" in kind.replace('"', "").replace(" ", "")
    null_path = message.header("Return-Path").strip() == "<>"
    from_daemon = bool(_DAEMONS.match(_address_part(message)))
    if not (is_report or message.header("X-Failed-Recipients") or (from_daemon and (null_path or _failed(message)))):
        return None
    status = re.search(r"^Status: *(\d\.\d+\.\d+)", message.text, re.MULTILINE | re.IGNORECASE)
    is_delay = bool(re.search(r"^Action: *delayed", message.text, re.MULTILINE | re.IGNORECASE))
    said = f" ({status[1]})" if status else ""
    what = "is late, and still being tried" if is_delay else "could not be delivered"
    return Classified(sort=Sort.BOUNCE, reason=f"A mail server says that a letter of ours {what}{said}.")


def _failed(message: IncomingMessage) -> bool:
    return bool(_FAILED.match(message.subject)) or message.header("Content-Type").lower().startswith("multipart/report")


def _address_part(message: IncomingMessage) -> str:
    return message.sender or message.header("From").rpartition("<")[2].strip("> ")


def _read_receipt(message: IncomingMessage) -> Classified | None:
    kind = message.header("Content-Type").lower().replace('"', "").replace(" ", "")
    if "report-type=disposition-notification" in kind or (
        kind.startswith("multipart/report") and _READ.match(message.subject)
    ):
        return Classified(sort=Sort.READ_RECEIPT, reason="It is a read receipt.")
    return None


def _out_of_office(message: IncomingMessage) -> Classified | None:
    auto = message.header("Auto-Submitted").lower()
    strong = (
        auto.startswith("auto-replied")
        or bool(message.header("X-Autoreply") or message.header("X-Autorespond") or message.header("X-AutoReply-From"))
        or "oof" in message.header("X-MS-Exchange-Generated-Message-Source").lower()
        or (auto.startswith("auto-generated") and bool(message.header("X-MS-Exchange-Inbox-Rules-Loop")))
    )
    # Some systems send no header at all; then only the subject tells, and nobody's return is called so.
    if not strong and not (_AWAY.match(message.subject) and not message.attachments):
        return None
    until = _back(message)
    said = f", until {until.day} {until:%B %Y}" if until else ""
    return Classified(
        sort=Sort.OUT_OF_OFFICE, reason=f"It is an automatic reply: the person is away{said}.", until=until
    )


def _automatic(message: IncomingMessage) -> Classified | None:
    auto = message.header("Auto-Submitted").lower().strip()
    # X-Auto-Response-Suppress asks others not to answer; people's own mail carries it, so it is no evidence.
    evidence = (
        (auto not in {"", "no"}, "It was sent by a machine."),
        (message.header("Precedence").lower().strip() in _BULK, "It was sent in bulk."),
        (bool(message.header("List-Id") or message.header("List-Unsubscribe")), "It came from a mailing list."),
        (message.header("Return-Path").strip() == "<>", "It has no return address, so it was sent by a machine."),
        (_is_calendar(message), "It is a calendar entry."),
        (bool(_RECALL.search(message.subject)) and not message.attachments, "It asks to recall an earlier message."),
    )
    return next((Classified(sort=Sort.AUTOMATIC, reason=reason) for holds, reason in evidence if holds), None)


def _is_calendar(message: IncomingMessage) -> bool:
    kind = message.header("Content-Type").lower()
    return not message.attachments and (kind.startswith("text/calendar") or CALENDAR in message.defects)


def _back(message: IncomingMessage) -> date | None:
    """The last day away, as far as the words tell: the day named after "until", the day before "back on"."""
    today = in_london(message.received).date()
    match = _UNTIL.search(" ".join(message.text[:5_000].split()))
    day = _named_day(match, today) if match else None
    if day is None or match is None or not today <= day <= today + _LONGEST_ABSENCE:
        return None
    is_last = match["how"].lower() in {"until", "till", "through to"}
    return day if is_last or day == today else day - timedelta(days=1)


def _named_day(match: re.Match[str], today: date) -> date | None:
    """A day without a year is the next such day."""
    if match["day"]:
        number, month = int(match["day"]), _month(match["month"])
        year = int(match["year"]) if match["year"] else 0
    else:
        number, month = int(match["d"]), int(match["m"])
        year = int(match["y"]) if match["y"] else 0
    if 0 < year < 100:
        year += 2000
    for candidate in (year,) if year else (today.year, today.year + 1):
        try:
            day = date(candidate, month, number)
        except ValueError:
            return None
        if year or day >= today:
            return day
    return None


def _month(name: str) -> int:
    return next(at for at, month in enumerate(_MONTHS, start=1) if month.startswith(name.lower()[:3]))


_RULES: tuple[Callable[[IncomingMessage], Classified | None], ...] = (
    _bounce,
    _read_receipt,
    _out_of_office,
    _automatic,
)
