"""SMTP one step at a time, so that "not accepted" and "accepted, but the answer was lost" stay apart.

The standard library's `sendmail` raises the same exception for both. Here each phase is its own call:
until the last line of the message has gone out nothing was accepted; from then until the answer has
come nobody can tell."""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from csp_workflow.mailboxes.internet.connection import MICROSOFT, REFUSED, UNOFFERED, Credentials
from csp_workflow.mailboxes.line import LATER, SECONDS, MailLine, Reason, explain_fault
from csp_workflow.mailboxes.mailbox import Absence, Proof
from csp_workflow.terms.service import (
    InternetMailbox,
    Login,
    MailboxUnreachable,
    NotAccepted,
    NotAcceptedForGood,
    ProofBy,
    Road,
    Secrets,
    SendUnknown,
    Tls,
    WorldFault,
)

Refusal = Callable[[int, bytes], WorldFault]
"""A fault made of a refusal's code and words."""

LETTERS = 8
"""So many letters go over one connection. Exim delivers ten at once and queues what comes after them; others end a
connection at a number of their own."""

IDLE = 30.0
"""Seconds for which a connection is kept unused: one that was given up on the way may take a verb's time to show it."""

_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
_LOGIN = b"LOGIN"
_GOODBYE, _FULL = 421, 552
_DIGITS = 15


class Smtp:
    """The SMTP connection, kept for some letters while nothing is refused on it. Each letter has a verb's time.

    `reached` is told each point of it.
    """

    def __init__(
        self, settings: InternetMailbox, credentials: Credentials, line: MailLine, reached: Callable[[str], None]
    ) -> None:
        self._settings, self._credentials, self._line, self._reached = settings, credentials, line, reached
        self._client: smtplib.SMTP | None = None
        self._taken, self._used = 0, 0.0

    def send(self, content: bytes, sender: str, recipient: str, own_copy: str) -> str:
        """Hand a message over once, to `recipient` and `own_copy` ("": none) or to neither; returns what was answered.

        Raises MailboxUnreachable, NotAccepted, NotAcceptedForGood, or SendUnknown.
        """
        client = self._begin_letter(sender, len(content))
        self._command(client, _rcpt_to(recipient), {250, 251}, _refuse_recipient)
        if own_copy:  # a letter whose proof cannot come must not leave
            self._command(client, _rcpt_to(own_copy), {250, 251}, _refuse_copy)
        self._command(client, "DATA", {354})
        self._reached("smtp:data asked")
        return self._hand_over(client, content)

    def connect(self) -> smtplib.SMTP:
        """A connection that is logged in, the one of the last letter if need be. Raises MailboxUnreachable."""
        if time.monotonic() - self._used > IDLE:
            self._drop()
        if self._taken >= LETTERS:
            self.close()
        self._line.begin()
        return self._keep_client() or self._open_client()

    def ask(self, sender: str, recipient: str) -> None:
        """Ask whether a message would be taken, and send none. Raises as `send` does."""
        client = self._begin_letter(sender, 0)
        self._command(client, _rcpt_to(recipient), {250, 251}, _refuse_copy)

    def close(self) -> None:
        """Say goodbye, if anybody is there."""
        if self._client is not None and self._client.sock is not None:
            self._line.begin_farewell()
            with contextlib.suppress(OSError):
                self._client.quit()
        self._drop()

    # Before anything is accepted ------------------------------------------------------------------

    def _begin_letter(self, sender: str, size: int) -> smtplib.SMTP:
        """A connection on which a letter of so many bytes is begun (0: no letter, only a question).

        What is refused on a kept one may be refused for what went before on it, so that a new one is asked once more.
        """
        kept, client = self._client, self.connect()
        if client is kept:
            with contextlib.suppress(NotAccepted, MailboxUnreachable):
                return self._name_sender(client, sender, size)
            client = self._open_client()
        return self._name_sender(client, sender, size)

    def _name_sender(self, client: smtplib.SMTP, sender: str, size: int) -> smtplib.SMTP:
        _check_size(client, size)
        self._command(client, _mail_from(sender, client, size), {250}, _refuse_sender)
        return client

    def _keep_client(self) -> smtplib.SMTP | None:
        """The connection of the last letter, if the server still answers on it."""
        if self._client is None or self._client.sock is None:
            return None
        try:
            code, _ = self._client.rset()
        except OSError:
            code = 0
        if code != 250:
            self._drop()
        return self._client

    def _open_client(self) -> smtplib.SMTP:
        self._drop()
        context, server = self._line.make_context(), self._settings.smtp
        client = self._client = _Client(self._line, context if server.tls is Tls.AT_ONCE else None)
        try:
            code, said = client.connect(server.host, server.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, said)
            client.ehlo_or_helo_if_needed()
            if server.tls is Tls.STARTTLS:
                client.starttls(context=context)
                client.ehlo()
            self._log_in(client)
        except MailboxUnreachable:  # no token
            self._drop()
            raise
        except (OSError, ValueError) as fault:
            self._drop()
            raise _explain(fault).make_fault("The SMTP server", "internet") from fault
        return client

    def _log_in(self, client: smtplib.SMTP) -> None:
        if not self._settings.user:  # a server of the organisation's own that knows this machine
            return
        steps = self._credentials.list_steps(frozenset(client.esmtp_features.get("auth", "").upper().split()))
        if not steps:
            raise smtplib.SMTPNotSupportedError
        way, *answers = steps
        first = "" if way == _LOGIN else f" {_encode(answers.pop(0))}"
        code, said = client.docmd("AUTH", f"{way.decode()}{first}")
        while code == 334 and answers:
            code, said = client.docmd(_encode(answers.pop(0)))
        if code != 235:
            kind = smtplib.SMTPAuthenticationError if 500 <= code <= 599 else smtplib.SMTPResponseException
            raise kind(code, said)

    def _command(self, client: smtplib.SMTP, command: str, wanted: set[int], fault: Refusal | None = None) -> None:
        try:
            code, said = client.docmd(command)
        except OSError as broken:
            self._drop()
            raise _break_off() from broken
        if code not in wanted:
            self._drop()  # what is refused once may be refused for ever on the same connection
            raise (fault or _refuse)(code, said)

    # The irreversible part ------------------------------------------------------------------------

    def _hand_over(self, client: smtplib.SMTP, content: bytes) -> str:
        data = _stuff_dots(content)
        try:
            client.send(data)
        except OSError as fault:
            self._drop()
            raise _break_off() from fault
        self._reached("smtp:content sent")
        try:
            client.send(b".\r\n")
            self._reached("smtp:end sent")
            code, said = client.getreply()
        except OSError as fault:
            self._drop()
            raise SendUnknown("The mail server took the letter, but its answer did not come.") from fault
        if 200 <= code <= 299:
            self._reached("smtp:accepted")
            self._taken, self._used = self._taken + 1, time.monotonic()
            return _decode(said)[:200]
        self._drop()
        if 400 <= code <= 599:
            raise _refuse(code, said)
        raise SendUnknown("The mail server took the letter, but its answer cannot be understood.")

    def _drop(self) -> None:
        client, self._client, self._taken = self._client, None, 0
        if client is not None:
            client.close()


class _Client(smtplib.SMTP):
    """The library's client on our line, encrypted from its first byte where it is to be."""

    def __init__(self, line: MailLine, context: ssl.SSLContext | None) -> None:
        self._line, self._at_once = line, context
        super().__init__(timeout=line.total)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 - the line knows it
        plain = self._line.connect(host, port)
        if self._at_once is None:
            self._host = host  # the name that starttls compares the certificate with
            return plain
        return self._at_once.wrap_socket(plain, server_hostname=host)


# What is said, and what the answers mean ------------------------------------------------------------


_SHUT = Reason("lets nobody in for now.", LATER)


def _explain(fault: BaseException) -> Reason:
    """Why there is no connection."""
    if isinstance(fault, smtplib.SMTPAuthenticationError):
        return REFUSED
    if isinstance(fault, smtplib.SMTPNotSupportedError):
        return UNOFFERED
    return _SHUT if isinstance(fault, smtplib.SMTPResponseException) else explain_fault(fault)


def ask_starttls(talk: Any) -> bool:
    """Ask an SMTP server to encrypt, as the first thing; whether it agrees."""
    _read_code(talk)
    said = b"000"
    for command in (b"EHLO [127.0.0.1]\r\n", b"STARTTLS\r\n"):
        talk.write(command)
        talk.flush()
        said = _read_code(talk)
    return said == b"220"


def _read_code(talk: Any) -> bytes:
    """The code of a whole answer; b"" when there is none."""
    while (said := talk.readline(2_000)) and said[3:4] == b"-":
        pass
    return bytes(said[:3])


def _check_size(client: smtplib.SMTP, size: int) -> None:
    """Raises NotAcceptedForGood when the server said beforehand that it takes no letter of this size in bytes."""
    said = client.esmtp_features.get("size", "")
    most = int(said[:_DIGITS]) if said.isdecimal() else 0
    if most and size > most:
        raise NotAcceptedForGood(f"The letter has {size} bytes; the mail server takes {most} at most.")


def _mail_from(sender: str, client: smtplib.SMTP, size: int) -> str:
    """The command that begins a letter; its size in bytes is told where the server wants to know (0: no letter)."""
    stated = f" SIZE={size}" if size and client.has_extn("size") else ""
    return f"MAIL FROM:<{_check_address(sender)}>{stated}"


def _rcpt_to(recipient: str) -> str:
    """The command that names somebody who gets the letter. Raises NotAcceptedForGood."""
    return f"RCPT TO:<{_check_address(recipient)}>"


def _check_address(address: str) -> str:
    """The standard library would make another address of one that it cannot read. Raises NotAcceptedForGood."""
    if not _ADDRESS.fullmatch(address):
        raise NotAcceptedForGood("An address of the letter cannot be written in SMTP.")
    return address


def _break_off() -> MailboxUnreachable:
    return MailboxUnreachable("The line to the mail server broke before the letter was handed over.")


def _refuse(code: int, said: bytes, *, passing: int = 0) -> WorldFault:
    """A refusal in the server's words: 5xx for good, but for the one that is `passing`; anything else for now.

    A server that ends the connection takes no letter at all.
    """
    sentence = f"The mail server refused the letter: {code} {_decode(said)[:300]}"
    if code == _GOODBYE:
        return MailboxUnreachable(sentence)
    return NotAcceptedForGood(sentence) if 500 <= code <= 599 and code != passing else NotAccepted(sentence)


def _refuse_recipient(code: int, said: bytes) -> WorldFault:
    """Too many recipients, or a mailbox that is full: 552 passes here as 452 does (RFC 5321, 4.5.3.1.10)."""
    return _refuse(code, said, passing=_FULL)


def _refuse_sender(code: int, said: bytes) -> WorldFault:
    """Only a size (552) is the letter's fault. Every letter would be refused so: all of them wait, none is given up."""
    if code == _FULL:
        return _refuse(code, said)
    return MailboxUnreachable(f"The mail server takes no letters from our address: {code} {_decode(said)[:300]}")


def _refuse_copy(code: int, said: bytes) -> MailboxUnreachable:
    """Our fault, not the recipient's, and every letter's: all of them wait."""
    return MailboxUnreachable(f"The mail server refuses our own copy (internet.own_copy): {code} {_decode(said)[:300]}")


def _decode(said: bytes) -> str:
    """What the server said."""
    return said.decode("utf-8", "replace")


def _encode(answer: bytes) -> str:
    """An answer to a question of a login."""
    return b64encode(answer).decode()


def _stuff_dots(content: bytes) -> bytes:
    """The message as it goes over the line, without its end: CRLF line ends, leading dots doubled (RFC 5321 4.5.2)."""
    lines = content.replace(b"\r\n", b"\n").split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)


class SmtpRoad:
    """Sends, and cannot look anything up: a letter in doubt waits for a person. `address` is the mailbox's own."""

    def __init__(self, road: Road, password: str, *, address: str, ca_file: str = "", seconds: float = SECONDS) -> None:
        server = road.server
        settings = InternetMailbox(
            user=road.user,
            login=Login.PASSWORD,
            imap=server,
            smtp=server,
            proof=ProofBy.SENT_FOLDER,
            own_copy="",
            sent_folder="",
            ca_file=ca_file,
        )
        line = MailLine(ca_file, "watch.road", total=seconds)
        credentials = Credentials(settings, Secrets(password=password), authority=MICROSOFT, seconds=seconds)
        self._smtp = Smtp(settings, credentials, line, lambda _: None)
        self._sender = road.sender or address

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Hand a letter over once. Raises MailboxUnreachable, NotAccepted, NotAcceptedForGood, SendUnknown."""
        accepted = self._smtp.send(content, self._sender, recipient, "")
        return Proof(evidence=f"road:{delivery_id}:{accepted}")

    def find_sent(self, delivery_id: str) -> Absence:  # noqa: ARG002 - nothing is kept there
        """Nobody can tell."""
        return Absence.UNPROVED

    def close(self) -> None:
        """Say goodbye."""
        self._smtp.close()
