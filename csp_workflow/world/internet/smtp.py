"""SMTP one step at a time, so that "not accepted" and "accepted, but the answer was lost" stay apart.

The standard library's `sendmail` raises the same exception for both. Here each phase is its own call:
until the last line of the message has gone out nothing was accepted; from then until the answer has
come nobody can tell.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from csp_workflow.terms.faults import MailboxUnreachable, NotAccepted, NotAcceptedForGood, SendUnknown
from csp_workflow.terms.mailboxes import InternetMailbox, Tls
from csp_workflow.world.internet.deadline import Deadline
from csp_workflow.world.internet.login import Credentials, xoauth2

_LOST = (OSError, smtplib.SMTPServerDisconnected, ssl.SSLError)


class Smtp:
    """One connection, kept while it is well."""

    def __init__(
        self,
        settings: InternetMailbox,
        credentials: Credentials,
        *,
        context: Callable[[], ssl.SSLContext],
        seconds: float,
        reached: Callable[[str], None],
    ) -> None:
        self._settings, self._credentials, self._context = settings, credentials, context
        self._seconds, self._reached = seconds, reached
        self._line: smtplib.SMTP | None = None

    def send(self, content: bytes, sender: str, recipients: tuple[str, ...]) -> str:
        """Hand a message over once to all recipients or to none; returns the server's words of acceptance.

        Raises MailboxUnreachable, NotAccepted, NotAcceptedForGood, or SendUnknown.
        """
        with Deadline(self._seconds) as deadline:
            line = self._ready(deadline, len(content))
            self._envelope(line, sender, recipients)
            self._reached("smtp:data asked")
            return self._content(line, content)

    def connect(self) -> smtplib.SMTP:
        """A connection that has been logged in, for an examination. Raises MailboxUnreachable."""
        with Deadline(self._seconds) as deadline:
            return self._ready(deadline, 0)

    def close(self) -> None:
        """Say goodbye, if anybody is there."""
        line, self._line = self._line, None
        if line is not None:
            try:
                line.quit()
            except (*_LOST, smtplib.SMTPException):
                line.close()

    # Before anything is accepted ------------------------------------------------------------------

    def _ready(self, deadline: Deadline, size: int) -> smtplib.SMTP:
        line = self._kept(deadline) or self._opened(deadline)
        most = int(line.esmtp_features.get("size", "0") or 0)
        if most and size > most:
            raise NotAcceptedForGood(f"The letter has {size} bytes; the mail server takes {most} at most.")
        return line

    def _kept(self, deadline: Deadline) -> smtplib.SMTP | None:
        """The line of the last letter, if the server still answers on it."""
        if self._line is None:
            return None
        deadline.watch(self._line.sock)
        try:
            code, _ = self._line.rset()
        except (*_LOST, smtplib.SMTPException):
            code = 0
        if code != 250:
            self._drop()
        return self._line

    def _opened(self, deadline: Deadline) -> smtplib.SMTP:
        with self._unreachable():
            context, server = self._context(), self._settings.smtp
            line = self._line = _Line(deadline, context if server.tls is Tls.AT_ONCE else None, timeout=self._seconds)
            code, said = line.connect(server.host, server.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, said)
            line.ehlo_or_helo_if_needed()
            if server.tls is Tls.STARTTLS:
                line.starttls(context=context)
                deadline.watch(line.sock)
                line.ehlo()
            self._log_in(line)
            return line

    def _log_in(self, line: smtplib.SMTP) -> None:
        user = self._settings.user
        if self._credentials.by_token:
            said = xoauth2(user, self._credentials.token())
            line.auth("XOAUTH2", lambda challenge=None: said if challenge is None else "", initial_response_ok=True)
        else:
            line.login(user, self._credentials.secrets.password)

    @contextmanager
    def _unreachable(self) -> Iterator[None]:
        try:
            yield
        except smtplib.SMTPAuthenticationError as fault:
            self._drop()
            raise MailboxUnreachable("The SMTP server refuses the user or the password (or token).") from fault
        except smtplib.SMTPNotSupportedError as fault:
            self._drop()
            raise MailboxUnreachable("The SMTP server offers no encryption or no login, so nothing is sent.") from fault
        except ssl.SSLCertVerificationError as fault:
            self._drop()
            raise MailboxUnreachable("The SMTP server's certificate is not one we trust.") from fault
        except (*_LOST, smtplib.SMTPException) as fault:
            self._drop()
            raise MailboxUnreachable("The SMTP server cannot be reached.") from fault
        except MailboxUnreachable:  # no token
            self._drop()
            raise

    def _envelope(self, line: smtplib.SMTP, sender: str, recipients: tuple[str, ...]) -> None:
        """Sender and every recipient, or nothing: a letter whose proof cannot come must not leave."""
        self._must(lambda: line.mail(sender), {250})
        for recipient in recipients:
            self._must(lambda to=recipient: line.rcpt(to), {250, 251})  # type: ignore[misc]
        self._must(lambda: line.docmd("DATA"), {354})

    def _must(self, command: Callable[[], tuple[int, bytes]], wanted: set[int]) -> None:
        try:
            code, said = command()
        except (*_LOST, smtplib.SMTPException) as fault:
            self._drop()
            raise NotAccepted("The line to the mail server broke before the letter was handed over.") from fault
        if code not in wanted:
            if code == 421:
                self._drop()
            raise refused(code, said)

    # The irreversible part ------------------------------------------------------------------------

    def _content(self, line: smtplib.SMTP, content: bytes) -> str:
        data = dotted(content)
        try:
            line.send(data)
        except (*_LOST, smtplib.SMTPException) as fault:
            self._drop()
            raise NotAccepted("The line to the mail server broke before the letter was handed over.") from fault
        self._reached("smtp:content sent")
        try:
            line.send(b".\r\n")
            self._reached("smtp:end sent")
            code, said = line.getreply()
        except (*_LOST, smtplib.SMTPException) as fault:
            self._drop()
            raise SendUnknown("The mail server took the letter, but its answer did not come.") from fault
        if code != 250:
            if code == 421:
                self._drop()
            raise refused(code, said)
        self._reached("smtp:accepted")
        return said.decode("ascii", "replace")[:200]

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()


class _Line(smtplib.SMTP):
    """A connection that is watched from its first byte, and encrypted from there where it is to be."""

    def __init__(self, deadline: Deadline, context: ssl.SSLContext | None, *, timeout: float) -> None:
        self._deadline, self._at_once = deadline, context
        super().__init__(timeout=timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = socket.create_connection((host, port), timeout)
        self._deadline.watch(made)
        if self._at_once is None:
            self._host = host  # the name that starttls compares the certificate with
            return made
        secure = self._at_once.wrap_socket(made, server_hostname=host)
        self._deadline.watch(secure)
        return secure


def refused(code: int, said: bytes) -> NotAccepted:
    """A refusal in the server's words: 5xx for good, anything else for now."""
    sentence = f"The mail server refused the letter: {code} {said.decode('utf-8', 'replace')[:300]}"
    return NotAcceptedForGood(sentence) if 500 <= code <= 599 else NotAccepted(sentence)


def dotted(content: bytes) -> bytes:
    """The message as it goes over the line, without its end: CRLF line ends, leading dots doubled (RFC 5321 4.5.2)."""
    lines = content.replace(b"\r\n", b"\n").split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)
