"""Draft, then send: a letter in doubt is looked for by its delivery id, and what lies in Sent is never sent again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchangelib import Account, Mailbox, Message, errors

from csp_workflow.terms.faults import MailboxUnreachable, NotAccepted, NotAcceptedForGood, SendUnknown, WorldFault
from csp_workflow.world.exchange.speaking import OUTSIDE, TookTooLong, within
from csp_workflow.world.mailbox import Absence, Proof

_FOR_GOOD = (
    errors.ErrorInvalidRecipients,
    errors.ErrorMessageSizeExceeded,
    errors.ErrorInvalidPropertyRequest,
)
_NOT_SAID = (errors.ErrorTimeoutExpired, errors.ErrorInternalServerTransientError, errors.ErrorServerBusy)
"""The library raises these of its own accord too, for a line that broke; so they prove nothing."""


def draft(box: Account, content: bytes, recipient: str, delivery_id: str, reached: Callable[[str], None]) -> Message:
    """The draft of this letter: the one left by an earlier try, or a new one. Nothing has left yet."""
    left = list(box.drafts.filter(delivery_id=delivery_id).only("id", "changekey"))
    if left:
        return Message(account=box, folder=box.drafts, id=left[0].id, changekey=left[0].changekey)
    reached("ews:before draft")
    made = Message(
        account=box,
        folder=box.drafts,
        mime_content=content,
        delivery_id=delivery_id,
        to_recipients=[Mailbox(email_address=recipient)],
    )
    made.save()
    reached("ews:draft saved")
    return made


def sent(made: Message, delivery_id: str, seconds: float, reached: Callable[[str], None]) -> Proof:
    """Send a draft once. Raises NotAccepted, NotAcceptedForGood, MailboxUnreachable, or SendUnknown."""
    reached("ews:before send")
    try:
        within(seconds, lambda: made.send(save_copy=True, copy_to_folder=made.account.sent))
    except TookTooLong as fault:
        raise SendUnknown("The Exchange server was asked to send the letter and did not answer in time.") from fault
    except OUTSIDE as fault:
        said = in_our_words(fault)
        if said is None:
            raise SendUnknown(
                "The Exchange server was asked to send the letter, but its answer did not come."
            ) from fault
        raise said from fault
    reached("ews:sent")
    return Proof(evidence=f"ews:{delivery_id}")


def found(box: Account, delivery_id: str) -> Proof | Absence:
    """Sent: proved. Still a draft: certainly not sent. Anything else proves nothing."""

    def holds(folder: Any) -> bool:
        return bool(list(folder.filter(delivery_id=delivery_id).only("id")))

    if holds(box.sent):
        return Proof(evidence=f"ews:sent:{delivery_id}")
    if holds(box.outbox):
        return Absence.UNPROVED
    return Absence.CERTAIN if holds(box.drafts) else Absence.UNPROVED


def in_our_words(fault: BaseException) -> WorldFault | None:
    """What the server itself said of a letter, or None when it said nothing that can be relied upon."""
    name = type(fault).__name__
    if isinstance(fault, errors.UnauthorizedError):
        return MailboxUnreachable("The Exchange server refuses the user or the password.")
    if isinstance(fault, errors.ErrorSendAsDenied):
        return MailboxUnreachable("The Exchange server does not let this account send as the office's mailbox.")
    if isinstance(fault, _FOR_GOOD):
        return NotAcceptedForGood(f"The Exchange server refused the letter for good ({name}).")
    if isinstance(fault, errors.ResponseMessageError) and not isinstance(fault, _NOT_SAID):
        return NotAccepted(f"The Exchange server refused the letter ({name}).")
    return None
