"""What mail security leaves where an attachment was: it is still checked, it was blocked, or it was taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from csp_workflow.mail.bodies import unquoted
from csp_workflow.mail.headers import safely
from csp_workflow.terms.messages import Attachment, IncomingMessage

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


def awaits_scan(message: IncomingMessage) -> bool:
    """Whether a file is still being checked by mail security: the message is to be fetched again a little later."""
    return any(_SCANNING.search(said) for said in _said(message))


def was_blocked(message: IncomingMessage) -> bool:
    """Whether mail security blocked a file as unsafe and left a notice for it."""
    return any(_BLOCKED.search(said) for said in _said(message))


def missing(message: IncomingMessage) -> str:
    """Why a file that was sent is not there: "scanning", "blocked" or "taken away" (reasons of a refusal), or ""."""
    if was_blocked(message):
        return "blocked"
    if awaits_scan(message):
        return "scanning"
    return "taken away" if _was_taken_away(message) else ""


def is_notice(attachment: Attachment) -> bool:
    """Whether a file is not what somebody sent but a notice of a mail system about it."""
    words = _words(attachment)
    found = (_SCANNING, _BLOCKED, _STUB_NAMES)
    return any(one.search(attachment.name) for one in found) or any(one.search(words) for one in (*found[:2], _REMOVED))


def _was_taken_away(message: IncomingMessage) -> bool:
    """By a file that is a notice, or by a line of the words that only a mail system writes."""
    if any(is_notice(attachment) for attachment in message.attachments):
        return True
    if any(_STUB_NAMES.search(name) for name in message.inside):
        return True
    paragraphs = re.split(r"\n\s*\n", _new_words(message))
    return any(_REMOVED.search(flat := " ".join(p.split())) and _BY_A_SYSTEM.search(flat) for p in paragraphs)


def _said(message: IncomingMessage) -> Iterator[str]:
    """Every name, and the words of small files: where a notice may stand."""
    yield from message.inside
    for attachment in message.attachments:
        yield attachment.name
        yield _words(attachment)
    yield from (" ".join(line.split()) for line in _new_words(message).split("\n"))


def _new_words(message: IncomingMessage) -> str:
    """Our own letters tell of attachments that were blocked, and people quote them."""
    return safely(lambda: unquoted(message.text[:_LOOKED_AT]), "")


def _words(attachment: Attachment) -> str:
    if len(attachment.data) > _STUB_BYTES or b"\x00" in attachment.data:
        return ""
    plain = re.sub(r"<[^<>]{0,500}>", " ", attachment.data.decode("utf-8", "replace"))
    return " ".join(plain.split())
