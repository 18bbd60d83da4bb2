"""What is said in SMTP, and what its answers mean in words for people."""

from __future__ import annotations

import re
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Callable

from csp_workflow.terms.faults import NotAccepted, NotAcceptedForGood

Refusal = Callable[[int, bytes], NotAccepted]
"""A fault made of a refusal's code and words."""

_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")


def why_not(fault: BaseException) -> str:
    """Why there is no connection, in words for people."""
    if isinstance(fault, smtplib.SMTPAuthenticationError):
        return "The SMTP server refuses the user or the password (or token)."
    if isinstance(fault, smtplib.SMTPNotSupportedError):
        return "The SMTP server offers no encryption or no login of the kind wanted, so nothing is sent."
    if isinstance(fault, ssl.SSLCertVerificationError):
        return "The SMTP server's certificate is not one we trust."
    return "The SMTP server cannot be reached, or lets nobody in for now."


def must_fit(line: smtplib.SMTP, size: int) -> None:
    """Raises NotAcceptedForGood when the server said beforehand that it takes no letter of this size in bytes."""
    said = line.esmtp_features.get("size", "")
    most = int(said) if said.isdecimal() else 0
    if most and size > most:
        raise NotAcceptedForGood(f"The letter has {size} bytes; the mail server takes {most} at most.")


def mail_from(sender: str, line: smtplib.SMTP, size: int) -> str:
    """The command that begins a letter; its size in bytes is told where the server wants to know (0: no letter)."""
    size_told = f" SIZE={size}" if size and line.has_extn("size") else ""
    return f"MAIL FROM:<{_plain(sender)}>{size_told}"


def rcpt_to(recipient: str) -> str:
    """The command that names somebody who gets the letter. Raises NotAcceptedForGood."""
    return f"RCPT TO:<{_plain(recipient)}>"


def _plain(address: str) -> str:
    """The standard library would make another address of one that it cannot read. Raises NotAcceptedForGood."""
    if not _ADDRESS.fullmatch(address):
        raise NotAcceptedForGood("An address of the letter cannot be written in SMTP.")
    return address


def refused(code: int, said: bytes) -> NotAccepted:
    """A refusal in the server's words: 5xx for good, anything else for now."""
    sentence = f"The mail server refused the letter: {code} {words(said)[:300]}"
    return NotAcceptedForGood(sentence) if 500 <= code <= 599 else NotAccepted(sentence)


def sender_refused(code: int, said: bytes) -> NotAccepted:
    """Only a size (552) is the letter's fault. Every letter would be refused so: all of them wait, none is given up."""
    if code == 552:
        return refused(code, said)
    return NotAccepted(f"The mail server takes no letters from our address: {code} {words(said)[:300]}")


def copy_refused(code: int, said: bytes) -> NotAccepted:
    """Our fault, not the recipient's: the letter waits."""
    return NotAccepted(f"The mail server refuses our own copy (internet.own_copy): {code} {words(said)[:300]}")


def words(said: bytes) -> str:
    """What the server said."""
    return said.decode("utf-8", "replace")


def encoded(answer: bytes) -> str:
    """An answer to a question of a login."""
    return b64encode(answer).decode()


def dotted(content: bytes) -> bytes:
    """The message as it goes over the line, without its end: CRLF line ends, leading dots doubled (RFC 5321 4.5.2)."""
    lines = content.replace(b"\r\n", b"\n").split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)
