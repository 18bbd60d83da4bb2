"""Draft, then send: a letter in doubt is looked for by its delivery id, and what was sent is never sent again.

A draft that was given to the transport lies in Drafts until the transport takes it, which may be hours when
that service is down. It is told from one that was never sent by being submitted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from exchangelib import errors
from exchangelib.properties import ItemId

from csp_workflow.mailboxes.exchange.answers import (
    BUSY,
    FULL,
    NOT_ALLOWED,
    UNWELL,
    HttpRefused,
    is_coded,
    make_unreachable,
)
from csp_workflow.mailboxes.exchange.calls import DRAFTS, OUTBOX, SENT, Calls, check_refusal
from csp_workflow.mailboxes.mailbox import DELIVERY_ID, FILED, Absence, Proof
from csp_workflow.terms.service import (
    Lying,
    MailboxUnreachable,
    NotAccepted,
    NotAcceptedForGood,
    Place,
    SendUnknown,
    WorldFault,
)

_FOR_GOOD: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    (
        (errors.ErrorInvalidRecipients, errors.ErrorInvalidSmtpAddress, errors.ErrorMissingRecipients),
        "The Exchange server does not accept the recipient's address.",
    ),
    (
        (errors.ErrorMessageSizeExceeded, errors.ErrorAttachmentSizeLimitExceeded),
        "The letter is larger than the Exchange server allows.",
    ),
    (
        (errors.ErrorMimeContentInvalid, errors.ErrorMimeContentInvalidBase64String),
        "The Exchange server cannot read the letter.",
    ),
)
_OF_THE_MAILBOX = (*BUSY, *FULL, *NOT_ALLOWED, errors.ErrorSendAsDenied)
"""Said before anything is done, and of every letter alike."""

_TOO_LARGE = 413
_AT_ONCE = 50
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class _Whereabouts:
    """Where a letter lies: proved to be sent, on its way, or a draft that was never sent."""

    is_sent: bool
    is_under_way: bool
    draft: ItemId | None


def send_letter(
    calls: Calls, content: bytes, recipient: str, delivery_id: str, reached: Callable[[str], None]
) -> Proof:
    """Hand a letter over. Raises MailboxUnreachable, NotAccepted, NotAcceptedForGood, SendUnknown."""
    lies = _locate(calls, delivery_id)
    if lies.is_sent:
        return _make_proof(delivery_id)
    if lies.is_under_way:
        raise SendUnknown("The Exchange server has taken the letter and has not sent it yet.")
    draft = lies.draft if lies.draft and _is_for(calls, lies.draft, recipient) else None
    draft = draft or _save(calls, content, recipient, delivery_id, reached)
    if not calls.line.has_time_to_send():
        raise MailboxUnreachable("The Exchange server took so long over the draft that it was not sent for now.")
    return _send_draft(calls, draft, delivery_id, reached)


def find_sent(calls: Calls, delivery_id: str) -> Proof | Absence:
    """Sent: proved. A draft that was not submitted: certainly not sent. Anything else proves nothing."""
    lies = _locate(calls, delivery_id)
    if lies.is_sent:
        return _make_proof(delivery_id)
    return Absence.CERTAIN if lies.draft and not lies.is_under_way else Absence.UNPROVED


def list_sent(calls: Calls, delivery_id: str) -> tuple[str, ...]:
    """All that bears the mark, as `remove` takes it."""
    return tuple(FILED + item.id for found in calls.find_marked(delivery_id, DRAFTS, OUTBOX, SENT) for item in found)


def put_draft(calls: Calls, content: bytes, recipient: str, delivery_id: str, reached: Callable[[str], None]) -> None:
    """Save a letter as a draft for a person to send. Raises MailboxUnreachable, NotAccepted, NotAcceptedForGood."""
    if not DELIVERY_ID.fullmatch(delivery_id):
        raise NotAcceptedForGood("The letter has no delivery id by which it could be found again.")
    _save(calls, content, recipient, delivery_id, reached)


def list_drafts(calls: Calls, since: datetime) -> tuple[Lying, ...]:
    """Marked drafts, what is on its way out, and all that was sent since an instant."""
    sent = calls.find_lying(SENT, since)
    strange = [item.id for item in sent if not item.delivery_id]
    to = zip(strange, calls.get_items(strange, "to_recipients", at_once=_AT_ONCE), strict=True)
    people = {id_: _list_people(seen) for id_, seen in to}
    return (
        *(_describe(item, Place.LEAVING if item.is_submitted else Place.DRAFTS) for item in calls.find_lying(DRAFTS)),
        *(_describe(item, Place.LEAVING) for item in calls.find_lying(OUTBOX)),
        *(_describe(item, Place.SENT, people.get(item.id, frozenset())) for item in sent),
    )


def _describe(item: Any, place: Place, people: frozenset[str] = frozenset()) -> Lying:
    return Lying(
        source=FILED + item.id,
        place=place,
        since=datetime.fromtimestamp(item.datetime_sent.timestamp(), UTC) if item.datetime_sent else _EARLIEST,
        mark=item.delivery_id or "",
        message_id=item.message_id or "",
        subject=item.subject or "",
        recipients=people,
    )


def _list_people(seen: Any) -> frozenset[str]:
    """Whom an item goes to; nobody where that cannot be told."""
    people = () if isinstance(seen, Exception) else seen.item.to_recipients or ()
    return frozenset((person.email_address or "").lower() for person in people)


def _locate(calls: Calls, delivery_id: str) -> _Whereabouts:
    """Where a letter lies. The folders are looked at in the order in which it goes through them."""
    if not DELIVERY_ID.fullmatch(delivery_id):
        raise NotAcceptedForGood("The letter has no delivery id by which it could be found again.")
    drafts, leaving, sent = calls.find_marked(delivery_id, DRAFTS, OUTBOX, SENT)
    return _Whereabouts(
        is_sent=bool(sent),
        is_under_way=bool(leaving) or any(draft.is_submitted for draft in drafts),
        draft=next((ItemId(id=draft.id, changekey=draft.changekey) for draft in drafts), None),
    )


def _is_for(calls: Calls, draft: ItemId, recipient: str) -> bool:
    """Whether a draft left by an earlier try goes to this recipient: in another mode it went to somebody else."""
    (seen,) = calls.get_items([draft.id], "to_recipients")
    return [to.email_address.lower() for to in check_refusal(seen).item.to_recipients or ()] == [recipient.lower()]


def _save(calls: Calls, content: bytes, recipient: str, delivery_id: str, reached: Callable[[str], None]) -> ItemId:
    """Save the draft. Nothing has left when this fails."""
    reached("ews:before draft")
    try:
        draft = calls.save(content, recipient, delivery_id)
    except HttpRefused as fault:
        if fault.status == _TOO_LARGE:
            raise NotAcceptedForGood("The letter is larger than the Exchange server allows.") from fault
        raise
    except errors.EWSError as fault:
        if calls.line.is_answered and is_coded(fault):
            raise _judge_refusal(fault) from fault
        raise
    reached("ews:draft saved")
    return draft


def _send_draft(calls: Calls, draft: ItemId, delivery_id: str, reached: Callable[[str], None]) -> Proof:
    """Send a draft, once."""
    reached("ews:before send")
    try:
        calls.send(draft)
    except Exception as fault:  # noqa: BLE001 - whatever went wrong, what matters is how far it got
        return _settle_doubt(calls, fault, delivery_id)
    reached("ews:sent")
    return _make_proof(delivery_id)


def _settle_doubt(calls: Calls, fault: Exception, delivery_id: str) -> Proof:
    """What became of a letter whose sending was not answered with success.

    An answer of EWS's own ends the matter over there, so that where the letter lies tells. Without one the
    server may still be at work.
    """
    if not calls.line.is_asked or (isinstance(fault, HttpRefused) and fault.status in {401, 403}):
        raise make_unreachable(fault) from fault
    if not (calls.line.is_answered and is_coded(fault)):
        raise SendUnknown("The Exchange server was asked to send the letter, and did not say that it did.") from fault
    refusal = _judge_refusal(fault)
    if not refusal.passing or isinstance(fault, _OF_THE_MAILBOX):
        raise refusal from fault
    try:
        lies = _locate(calls, delivery_id)
    except Exception:  # noqa: BLE001 - the refusal is what counts
        raise SendUnknown(f"{refusal} Where it lies now could not be seen.") from fault
    if lies.is_sent:
        return _make_proof(delivery_id)
    if lies.is_under_way or not lies.draft:
        raise SendUnknown(f"{refusal} It is not among the drafts, though.") from fault
    raise refusal from fault


def _judge_refusal(fault: Exception) -> WorldFault:
    """What the server's own refusal means for a letter."""
    if isinstance(fault, (*_OF_THE_MAILBOX, *UNWELL)):
        return make_unreachable(fault)
    for_good = next((sentence for kinds, sentence in _FOR_GOOD if isinstance(fault, kinds)), "")
    if for_good:
        return NotAcceptedForGood(for_good)
    return NotAccepted(f"The Exchange server refused the letter ({type(fault).__name__}).")


def _make_proof(delivery_id: str) -> Proof:
    return Proof(evidence=f"ews:{delivery_id}")
