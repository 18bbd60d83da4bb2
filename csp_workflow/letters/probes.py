"""The letter that the service sends to itself, to see that letters leave and arrive. Nobody else ever gets it."""

from __future__ import annotations

from datetime import datetime

from csp_workflow.mail.compose import OutgoingMessage, compose_message, derive_delivery_id, derive_message_id
from csp_workflow.terms.site import Office

_TEXT = "This letter was sent by csp-workflow doctor to its own mailbox, to see that mail leaves and arrives."


def letter(office: Office, *, key: bytes, now: datetime) -> tuple[bytes, str]:
    """Final bytes and delivery id of a letter from the office's mailbox to itself."""
    domain = office.mailbox.partition("@")[2]
    message_id = derive_message_id("probe", now.isoformat(), office.mailbox, key=key, domain=domain)
    delivery_id = derive_delivery_id(message_id)
    content = compose_message(
        OutgoingMessage(
            sender=office.mailbox,
            sender_name=office.name,
            recipient=office.mailbox,
            recipient_name=office.name,
            subject="Is the mailbox well?",
            text=f"{_TEXT}\n\n{delivery_id}",
            # Exchange drops a header that it sees for the first time, so the mark stands in the words as well.
            html=f"<p>{_TEXT}</p>\n<p>{delivery_id}</p>",
            message_id=message_id,
            date=now,
            headers=(("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All")),
        )
    )
    return content, delivery_id
