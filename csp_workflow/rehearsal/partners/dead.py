"""An address that no longer exists: the mail system there sends every letter back, with the standard report."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.rehearsal.partners.people import Sending


@dataclass
class DeadAddress:
    """Where nobody reads mail any more. `seed` makes the reports repeatable."""

    address: str
    name: str
    seed: int
    letters: list[Post] = field(default_factory=list)

    def reads(self, letter: Post, now: datetime, *, office: str) -> list[Sending]:
        """Send the letter back."""
        self.letters.append(letter)
        at = now + timedelta(minutes=3)
        number = zlib.crc32(f"{self.seed}:{self.address}:{len(self.letters)}".encode())
        told = f"sent our letter back: {self.address} does not exist any more"
        return [Sending(at=at, raw=_report(letter, office, at, number), told=told)]


def _report(letter: Post, office: str, at: datetime, number: int) -> bytes:
    """A delivery status notification (RFC 3464) with the headers of the letter."""
    server = f"mail.{letter.to.partition('@')[2]}"
    edge = f"=_report_{number}"
    words = f"Your message to {letter.to} could not be delivered: no such mailbox."
    of_one = f"Final-Recipient: rfc822; {letter.to}\r\nAction: failed\r\nStatus: 5.1.1"
    headers = f"From: {letter.sender}\r\nTo: {letter.to}\r\nMessage-ID: {letter.message_id}"
    parts = (
        ("text/plain; charset=us-ascii", words),
        ("message/delivery-status", f"Reporting-MTA: dns; {server}\r\n\r\n{of_one}"),
        ("text/rfc822-headers", headers),
    )
    body = "".join(f"--{edge}\r\nContent-Type: {kind}\r\n\r\n{text}\r\n\r\n" for kind, text in parts)
    return (
        f"Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@{server}>\r\nTo: {office}\r\n"
        f"Subject: Undelivered Mail Returned to Sender\r\nDate: {format_datetime(at)}\r\n"
        f"Message-ID: <report-{number}@{server}>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{edge}"\r\n\r\n{body}--{edge}--\r\n'
    ).encode("ascii")
