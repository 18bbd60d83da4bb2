"""The letter that the service sends to itself, to see that letters leave and arrive. Nobody else ever gets it."""

from __future__ import annotations

from datetime import datetime

from csp_workflow.letters import mime
from csp_workflow.letters.render import Rendered
from csp_workflow.terms.letters import Letter, Manner
from csp_workflow.terms.respondents import Office

_TEXT = "This letter was sent by csp-workflow doctor to its own mailbox, to see that mail leaves and arrives."


def letter(office: Office, *, key: bytes, now: datetime) -> tuple[bytes, str]:
    """Final bytes and delivery id of a letter from the office's mailbox to itself."""
    made = Letter(
        kind="probe",
        cause=now.isoformat(),
        recipient=office.mailbox,
        recipient_name=office.name,
        about=(),
        quarter=None,
        manner=Manner.OFFICE,
    )
    domain = office.mailbox.partition("@")[2]
    message_id = mime.message_id(made.kind, made.cause, made.recipient, key=key, domain=domain)
    delivery_id = mime.delivery_id(message_id)
    # Exchange drops a header that it sees for the first time, so the mark stands in the words as well.
    html = f"<p>{_TEXT}</p>\n<p>{delivery_id}</p>"
    words = Rendered(subject="Is the mailbox well?", text=f"{_TEXT}\n\n{delivery_id}", html=html)
    content = mime.compose(made, words, office=office, message_id=message_id, date=now)
    return content, delivery_id
