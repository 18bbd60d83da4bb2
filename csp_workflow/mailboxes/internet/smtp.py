"""SMTP one step at a time, so that "not accepted" and "accepted, but the answer was lost" stay apart.

The standard library's `sendmail` raises the same exception for both. Here each phase is its own call:
until the last line of the message has gone out nothing was accepted; from then until the answer has
come nobody can tell.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Callable

from csp_workflow.mailboxes.internet import speech
from csp_workflow.mailboxes.internet.deadline import Deadline, connected
from csp_workflow.mailboxes.internet.login import Credentials
from csp_workflow.terms.faults import MailboxUnreachable, NotAccepted, SendUnknown
from csp_workflow.terms.mailboxes import InternetMailbox, Tls

_FAREWELL = 5.0
_LOGIN = b"LOGIN"


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

    def send(self, content: bytes, sender: str, recipient: str, own_copy: str) -> str:
        """Hand a message over once, to `recipient` and `own_copy` ("": none) or to neither; returns what was answered.

        Raises MailboxUnreachable, NotAccepted, NotAcceptedForGood, or SendUnknown.
        """
        with Deadline(self._seconds) as deadline:
            line = self._ready(deadline)
            speech.must_fit(line, len(content))
            self._must(line, speech.mail_from(sender, line, len(content)), {250}, speech.sender_refused)
            self._must(line, speech.rcpt_to(recipient), {250, 251})
            if own_copy:  # a letter whose proof cannot come must not leave
                self._must(line, speech.rcpt_to(own_copy), {250, 251}, speech.copy_refused)
            self._must(line, "DATA", {354})
            self._reached("smtp:data asked")
            return self._content(line, content)

    def connect(self) -> None:
        """Connect and log in, for an examination. Raises MailboxUnreachable."""
        with Deadline(self._seconds) as deadline:
            self._ready(deadline)

    def ask(self, sender: str, recipient: str) -> None:
        """Ask whether a message would be taken, and send none. Raises as `send` does."""
        with Deadline(self._seconds) as deadline:
            line = self._ready(deadline)
            self._must(line, speech.mail_from(sender, line, 0), {250}, speech.sender_refused)
            self._must(line, speech.rcpt_to(recipient), {250, 251}, speech.copy_refused)

    def close(self) -> None:
        """Say goodbye, if anybody is there."""
        line, self._line = self._line, None
        if line is not None and line.sock is not None:
            with contextlib.suppress(OSError), Deadline(_FAREWELL) as deadline:
                deadline.watch(line.sock)
                line.quit()
            line.close()

    # Before anything is accepted ------------------------------------------------------------------

    def _ready(self, deadline: Deadline) -> smtplib.SMTP:
        return self._kept(deadline) or self._opened(deadline)

    def _kept(self, deadline: Deadline) -> smtplib.SMTP | None:
        """The line of the last letter, if the server still answers on it."""
        if self._line is None or self._line.sock is None:
            return None
        try:
            deadline.watch(self._line.sock)
            code, _ = self._line.rset()
        except OSError:
            code = 0
        if code != 250:
            self._drop()
        return self._line

    def _opened(self, deadline: Deadline) -> smtplib.SMTP:
        context, server = self._context(), self._settings.smtp
        line = self._line = _Line(deadline, context if server.tls is Tls.AT_ONCE else None, timeout=self._seconds)
        try:
            code, said = line.connect(server.host, server.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, said)
            line.ehlo_or_helo_if_needed()
            if server.tls is Tls.STARTTLS:
                line.starttls(context=context)
                line.ehlo()
            self._log_in(line)
        except MailboxUnreachable:  # no token
            self._drop()
            raise
        except (OSError, ValueError) as fault:
            self._drop()
            raise MailboxUnreachable(speech.why_not(fault)) from fault
        return line

    def _log_in(self, line: smtplib.SMTP) -> None:
        steps = self._credentials.ways(frozenset(line.esmtp_features.get("auth", "").upper().split()))
        if not steps:
            raise smtplib.SMTPNotSupportedError
        way, *answers = steps
        first = "" if way == _LOGIN else f" {speech.encoded(answers.pop(0))}"
        code, said = line.docmd("AUTH", f"{way.decode()}{first}")
        while code == 334 and answers:
            code, said = line.docmd(speech.encoded(answers.pop(0)))
        if code != 235:
            kind = smtplib.SMTPAuthenticationError if 500 <= code <= 599 else smtplib.SMTPResponseException
            raise kind(code, said)

    def _must(self, line: smtplib.SMTP, command: str, wanted: set[int], fault: speech.Refusal | None = None) -> None:
        try:
            code, said = line.docmd(command)
        except OSError as broken:
            self._drop()
            raise NotAccepted("The line to the mail server broke before the letter was handed over.") from broken
        if code not in wanted:
            self._drop_unless_in_step(code)
            raise (fault or speech.refused)(code, said)

    def _drop_unless_in_step(self, code: int) -> None:
        """After a goodbye, or an answer to something else than was asked, nothing on this line can be believed."""
        if code == 421 or not 400 <= code <= 599:
            self._drop()

    # The irreversible part ------------------------------------------------------------------------

    def _content(self, line: smtplib.SMTP, content: bytes) -> str:
        data = speech.dotted(content)
        try:
            line.send(data)
        except OSError as fault:
            self._drop()
            raise NotAccepted("The line to the mail server broke before the letter was handed over.") from fault
        self._reached("smtp:content sent")
        try:
            line.send(b".\r\n")
            self._reached("smtp:end sent")
            code, said = line.getreply()
        except OSError as fault:
            self._drop()
            raise SendUnknown("The mail server took the letter, but its answer did not come.") from fault
        if 200 <= code <= 299:
            self._reached("smtp:accepted")
            return speech.words(said)[:200]
        self._drop_unless_in_step(code)
        if 400 <= code <= 599:
            raise speech.refused(code, said)
        raise SendUnknown("The mail server took the letter, but its answer cannot be understood.")

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
        made = connected(host, port, timeout, self._deadline)
        if self._at_once is None:
            self._host = host  # the name that starttls compares the certificate with
            return made
        return self._at_once.wrap_socket(made, server_hostname=host)
