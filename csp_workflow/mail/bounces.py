"""Bounces: which recipients a mail system says it could not reach, of which letter, and whose fault it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from csp_workflow.mail.blame import is_named, is_still_tried, judge_blame
from csp_workflow.mail.headers import find_message_ids
from csp_workflow.terms.messages import Blame, IncomingMessage, Mark


@dataclass(frozen=True, kw_only=True)
class FailedRecipient:
    """An address that was not reached, in lower case; "" where the mail system names none.

    `status` is the mail system's own code ("5.1.1") or "" when it gave none, `said` its words. `is_tried` is True
    while it still tries.
    """

    address: str
    status: str
    blame: Blame
    said: str = ""
    is_tried: bool = False


@dataclass(frozen=True, kw_only=True)
class Bounce:
    """What a mail system says about letters it could not deliver; at least one recipient, named or not.

    `original_ids` are the Message-IDs of those letters. `certain` is True when the report is in the standard form, our
    own mail system marked it, or a notice in words names the address, says plainly why, and gives the letter back.
    Anybody can forge a report: what it says counts only for a letter of ours to that very recipient.
    """

    recipients: tuple[FailedRecipient, ...]
    original_ids: tuple[str, ...]
    certain: bool


MOST_RECIPIENTS = 50
"""Failed recipients that are named; a letter of ours has one."""

_ADDRESS = r"[^\s<>@,;:\"()\[\]]{1,64}@[a-z0-9.-]{1,253}"
_DAEMONS = re.compile(
    r"^\W*(?:mailer-?daemon|post[._-]?master|mail-?daemon|m-?daemon|microsoftexchange\w*|"
    r"system administrator|mail[-_. ]?(?:delivery|system|admin)[\w.-]*(?: (?:sub)?system)?)(?:@|\W*$|\W*<)",
    re.IGNORECASE,
)
_NO_PERSON = re.compile(
    r"^\W*(?:mailer-?daemon|mail-?daemon|m-?daemon|[\w.-]*smtp[_.-]?(?:mail[_.-]?)?(?:service|gateway)s?)@",
    re.IGNORECASE,
)
"""Whom nobody writes as; a postmaster may be a person."""
_FAILED_SUBJECT = re.compile(
    r"^(?:\W*(?:\w+\]\s*)?(?:permanent |temporary )?(?:undeliver(?:able|ed)\b"
    r"|(?:mail |e-?mail )?delivery (?:status|notification|has failed|failure|failed|error|report|problem|warning)"
    r"|(?:your )?(?:mail|message|e-?mail)\W? (?:to \S+ )?"
    r"(?:delivery|could not|not|was not|can ?not|failure|undeliver|system)|mail failure|message status - undeliver"
    r"|returned (?:mail|e-?mail|message)|failure (?:notice|delivery)|"
    r"(?:fail(?:ed|ure)|warning|error)\b.{0,40}\b(?:deliver|mail|message)"
    r"|delivery delayed|(?:delayed|delay) (?:mail|delivery)|could not (?:be )?(?:send|sent|deliver)|"
    r"warning: could not send|nondeliverable|non-?delivery"
    r"|unzustellbar\b|unzustellbarkeit|nicht zustellbar|non remis|(?:échec|avis) de (?:non-?)?remise|"
    r"mail non distribu|no se (?:ha )?(?:puede|podido)? ?entreg|non recapitab"
    r"|onbestelbaar|niet te bezorgen|nie dostarczono|wiadomość niedostarczona|nedoru))",
    re.IGNORECASE,
)
_SAYS_FAILED = re.compile(
    r"could ?n[o']t (?:be )?(?:\w+ )?(?:deliver(?:ed)?|sent|reached)|"
    r"(?:can ?not|can't|unable to|n't able to|not able to|failed to|failure to) (?:be )?deliver|"
    r"delivery (?:\w+ ){0,5}failed|undeliver"
    r"|(?:were|was|has) (?:not (?:been )?|un)(?:delivered|sent|accepted|able to be)|did not re(?:ach|ceive)|"
    r"has been (?:returned|postponed|rejected)|was (?:\w+ )?rejected|"
    r"(?:permanent|fatal|delivery|mail) (?:\w+ )?(?:error|failure)|returned (?:mail|to sender)|"
    r"not yet been delivered|(?:failed|following) (?:address|recipient)|no valid recipient|"
    r"(?:unknown|no such|invalid) (?:user|host)|(?:user|recipient|address) (?:unknown|not found)|not a valid user",
    re.IGNORECASE,
)
_HELPERS = re.compile(
    r"(?:support|abuse|help|contact|info|hostmaster|webmaster|security|blockiert|unblock)\w*@", re.IGNORECASE
)
_FIELD = re.compile(r"^(?P<name>[A-Za-z-]{1,40})[ \t]*:[ \t]*(?P<value>[^\n]{0,1000})$", re.MULTILINE)
_DIALECT = re.compile(r"^[\w-]{1,20} ?;\s*")
_BLANK_LINES = re.compile(r"\n[ \t]*\n")
_FOLDED = re.compile(r"\n[ \t]+")
_PLACE = re.compile(rf"(?:^|[\s;<:='\"(\[]){_ADDRESS}", re.IGNORECASE)
_FIRST_OF_LINE = re.compile(
    rf"^(?:(?:<<<|>>>)[^\n]{{0,300}}\n){{0,5}}(?:[45]\d\d )?[ \t<>*\"'-]{{0,40}}({_ADDRESS})",
    re.IGNORECASE | re.MULTILINE,
)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REACHED = {"delivered", "relayed", "expanded"}
_BACK = re.compile(
    r"^[^\w\n]{0,80}(?:original (?:message|e-?mail)|(?:this is )?(?:a )?copy of (?:the|your|"
    r"this) (?:original )?(?:message|"
    r"mail)|below this line is|(?:your|the) (?:original )?message (?:headers|follows|is)|returned message|"
    r"unsent message|message (?:headers|text) follow"
    r"|message header|message details|text of (?:the|your)|headers? of|(?:the )?body of (?:the|your)).{0,60}$"
    r"|^(?:received|return-path|message-id|x-[a-z-]{1,40}|mime-version|dkim-signature|delivered-to): ?",
    re.IGNORECASE | re.MULTILINE,
)
_TO = re.compile(
    rf"^(?:to|x-original-to|x-rcpt-to|[ \t]*rcpt to):[^\n]{{0,200}}?({_ADDRESS})", re.IGNORECASE | re.MULTILINE
)
_LOOKED_AT = 20_000
_WORDS_KEPT = 500
_TELLING = 12
"""Words shorter than this ("550") tell a reader nothing."""


def read_bounce(message: IncomingMessage) -> Bounce | None:
    """What a bounce says, or None for any other message. Never raises."""
    if not _is_bounce(message):
        return None
    notice, given_back = _part_notice(message)
    told = tuple(_by_report(message, notice))
    recipients = told or tuple(_by_words(message, notice, given_back))
    is_standard = bool(told and message.report)
    is_plain = bool(message.originals) and all(one.address and is_named(one.said) for one in recipients)
    return Bounce(
        recipients=recipients[:MOST_RECIPIENTS],
        original_ids=_originals(message),
        certain=is_standard or Mark.BOUNCE in message.marks or is_plain,
    )


def read_refusal(address: str, said: str) -> FailedRecipient:
    """What a mail server's refusal of a letter for good, or of the last attempt, tells of its recipient."""
    return _judge(address.lower(), _status_of(said), said, "failed", "")


def is_delivery_receipt(message: IncomingMessage) -> bool:
    """Whether a report says that a letter arrived, and of nobody that it did not."""
    actions = {_action(fields) for fields in _recipients(message)} if message.report else set()
    return bool(actions) and actions <= _REACHED


def _is_bounce(message: IncomingMessage) -> bool:
    """Whether a mail system speaks of a letter that failed. Subjects alone never make a bounce of a person's words."""
    if is_delivery_receipt(message):
        return False
    kind = message.header("Content-Type").lower().replace('"', "").replace(" ", "")
    if Mark.BOUNCE in message.marks or "report-type=delivery-status" in kind or message.header("X-Failed-Recipients"):
        return True
    says_failed = bool(_FAILED_SUBJECT.match(message.subject)) or kind.startswith("multipart/report")
    null_path = message.header("Return-Path").strip() == "<>"
    is_no_person = bool(_NO_PERSON.match(message.sender)) or (null_path and not message.sender)
    if is_no_person or any(_DAEMONS.match(one) for one in _written_from(message)):
        if null_path or says_failed or message.report:
            return True
        return bool(_SAYS_FAILED.search(message.text[:_LOOKED_AT])) and (is_no_person or _gives_back(message))
    is_machine = message.header("Auto-Submitted").lower().strip() not in {"", "no"}
    return bool(_FAILED_SUBJECT.match(message.subject)) and (null_path or is_machine or bool(message.report))


def _gives_back(message: IncomingMessage) -> bool:
    """Whether a letter, or its head, hangs on what is said."""
    return bool(message.inside or message.originals or _part_notice(message)[1])


def _written_from(message: IncomingMessage) -> tuple[str, ...]:
    written = message.header("From")
    return message.sender, written, written.rpartition("<")[2]


def _part_notice(message: IncomingMessage) -> tuple[str, str]:
    """The mail system's own words, and what it gives back of the letter below them."""
    text = message.text[:_LOOKED_AT]
    if message.report:
        text = text.partition(message.report[0][:60])[0]
    found = _BACK.search(text, 1)
    return (text[: found.start()], text[found.start() :]) if found else (text, "")


# The standard form -------------------------------------------------------------------------------


def _by_report(message: IncomingMessage, notice: str) -> Iterator[FailedRecipient]:
    """Each recipient once: where blocks differ, what failed for good."""
    found: dict[str, FailedRecipient] = {}
    for fields in _recipients(message):
        action = _action(fields)
        # The original address is the one we wrote to; the final one is where it was forwarded.
        address = _address(fields.get("original-recipient", "")) or _address(fields.get("final-recipient", ""))
        if address and action not in _REACHED:
            one = _judge(address, _status(fields), _DIALECT.sub("", fields.get("diagnostic-code", "")), action, notice)
            if address not in found or found[address].is_tried:
                found[address] = one
    yield from found.values()


def _judge(address: str, status: str, said: str, action: str, notice: str) -> FailedRecipient:
    """One recipient: where its own words tell nothing, those beside its address may, and then the whole notice."""
    if not action and is_still_tried(notice):
        action = "delayed"
    places = (said, _words_about(address, notice), notice)
    told = next(filter(is_named, places), said)
    status = status or next(filter(None, map(_status_of, places)), "")
    blame = judge_blame(status, told, action)
    if blame is Blame.UNCLEAR:
        blame = judge_blame(status, notice, action)
    is_tried = action == "delayed" or (not action and blame is Blame.PASSING and (status or "4").startswith("4"))
    kept = " ".join((said if len(said) >= _TELLING else told).split())[:_WORDS_KEPT]
    return FailedRecipient(address=address, status=status, blame=blame, said=kept, is_tried=is_tried)


def _recipients(message: IncomingMessage) -> Iterator[dict[str, str]]:
    """The fields of each recipient's block, names in small letters; the first of a name counts."""
    for block in message.report or _BLANK_LINES.split(message.text[:_LOOKED_AT]):
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
    return match[0].strip().strip(";<:='\"([.").lower() if match else ""


def _status(fields: dict[str, str]) -> str:
    """The status; a vague one ("5.0.0") is told more closely by what the other server said."""
    said = _STATUS.search(fields.get("status", ""))
    closer = _STATUS.search(fields.get("diagnostic-code", ""))
    if said and not (said[1].endswith(".0.0") and closer and closer[1][0] == said[1][0]):
        return said[1]
    return closer[1] if closer else ""


def _status_of(words: str) -> str:
    """The first code that tells of a failure in some words."""
    return next((one for one in _STATUS.findall(words) if one[0] != "2"), "")


# In words ----------------------------------------------------------------------------------------


def _by_words(message: IncomingMessage, notice: str, given_back: str) -> Iterator[FailedRecipient]:
    """What a notice in words says: of each address it names, what stands beside and below it up to the next one."""
    first_of_lines = [match[1] for match in _FIRST_OF_LINE.finditer(notice)]
    named = (
        _list_addresses(message.header("X-Failed-Recipients").split(","))
        or _list_addresses(first_of_lines, without=message)
        or _list_addresses((match[0] for match in _PLACE.finditer(notice)), without=message)[:1]
        or _list_addresses(_TO.findall(given_back))[:1]
        or _list_addresses(first_of_lines)
    )
    for address in named or ("",):
        yield _judge(address, "", _words_about(address, notice), "", notice)


def _list_addresses(places: Iterable[str], *, without: IncomingMessage | None = None) -> tuple[str, ...]:
    """The addresses in some places, each once; `without` those of a notice's own head, of mail systems and of help."""
    found = dict.fromkeys(filter(None, map(_address, places)))
    if without is None:
        return tuple(found)
    head = {_address(one) for name, one in without.headers if name.lower() in {"to", "delivered-to", "from"}}
    return tuple(one for one in found if one not in head and not _DAEMONS.match(one) and not _HELPERS.match(one))


def _words_about(address: str, notice: str) -> str:
    """From the line on that begins with an address up to the next such line about another; "" when none does."""
    begin = -1
    for match in _FIRST_OF_LINE.finditer(notice):
        if begin < 0 and _address(match[1]) == address:
            begin = match.start()
        elif begin >= 0 and _address(match[1]) != address:
            return notice[begin : match.start()]
    return notice[begin:] if begin >= 0 else ""


def _originals(message: IncomingMessage) -> tuple[str, ...]:
    """The letters it is about: those given back in it, else those whose Message-ID stands in it."""
    if message.originals:
        return message.originals
    replied = (value for name, value in message.headers if name.lower() == "in-reply-to")
    threaded = (found for value in replied for found in find_message_ids(value))
    return tuple(dict.fromkeys((*threaded, *message.answered)))
