"""What mail systems send back by themselves: reports of letters that did not arrive, and automatic replies."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from csp_workflow.rehearsal.partners.mail import Post


def bounce(
    letter: Post,
    *,
    to: str = "",
    status: str = "5.1.1",
    action: str = "failed",
    original: str = "",
    said: str = "550 no such mailbox",
) -> bytes:
    """A report in the standard form (RFC 3464) about a letter, with its headers at the end."""
    failed = to or letter.to
    told = "\r\n".join(
        (
            "Reporting-MTA: dns; mail.council.example",
            "",
            f"Final-Recipient: rfc822; {failed}",
            f"Action: {action}",
            f"Status: {status}",
            f"Diagnostic-Code: smtp; {said}",
        )
    )
    text = f"This is the mail system. Your message to {failed} could not be delivered."
    headers = f"From: {letter.sender}\r\nTo: {failed}\r\nMessage-ID: {original or letter.message_id}\r\nSubject: x"
    parts = (("text/plain", text), ("message/delivery-status", told), ("text/rfc822-headers", headers))
    body = "".join(f"--=_report\r\nContent-Type: {kind}\r\n\r\n{words}\r\n\r\n" for kind, words in parts)
    return (
        "From: Mail Delivery System <MAILER-DAEMON@mail.council.example>\r\n"
        f"To: {letter.sender}\r\nSubject: Undelivered Mail Returned to Sender\r\nReturn-Path: <>\r\n"
        f"Message-ID: <report-{abs(hash((failed, status, action, original)))}@mail.council.example>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_report"\r\n\r\n'
        f"{body}--=_report--\r\n"
    ).encode("ascii")


def out_of_office(letter: Post, text: str) -> bytes:
    """The automatic reply of the letter's recipient."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = letter.to, letter.sender
    message["Subject"] = f"Automatic reply: {letter.subject}"
    message["In-Reply-To"] = letter.message_id
    message["Message-ID"] = f"<away-{abs(hash(text))}@{letter.to.split('@')[1]}>"
    message["Auto-Submitted"] = "auto-replied"
    message.set_content(text)
    return message.as_bytes()
