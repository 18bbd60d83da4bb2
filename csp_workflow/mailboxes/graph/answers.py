"""What Microsoft Graph answers, and what its refusals mean."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from csp_workflow.mailboxes.line import FULL, LATER, Reason, read_wait
from csp_workflow.terms.service import MailboxUnreachable, NotAccepted, NotAcceptedForGood, SendUnknown, WorldFault

_A_CODE = re.compile(r"[A-Za-z._]{1,60}")
_FAULTS = {
    401: "does not accept the service's sign-in",
    403: "does not give the service the right to do this",
    404: "knows no such mailbox or folder",
    **dict.fromkeys((429, 503), "is too busy for now"),
}
_GONE_CODES = {"ErrorItemNotFound", "ErrorInvalidIdMalformed", "ErrorInvalidId", "ErrorInvalidIdEmpty"}
_NOT_OF_AN_ITEM = {
    *("", "NotFound", "UnknownError", "Request_ResourceNotFound", "ResourceNotFound"),
    *("ErrorInvalidUser", "ErrorNonExistentMailbox", "MailboxNotEnabledForRESTAPI", "MailboxNotSupportedForRESTAPI"),
}
"""What a 404 says of the mailbox, or of the way to it ("": in words that are not Graph's)."""
_FOR_GOOD = {
    "ErrorInvalidRecipients": "Microsoft 365 does not accept the recipient's address.",
    "ErrorInvalidSmtpAddress": "Microsoft 365 does not accept the recipient's address.",
    "ErrorMissingRecipients": "Microsoft 365 found no recipient in the letter.",
    "ErrorMessageSizeExceeded": "The letter is larger than Microsoft 365 allows.",
    "ErrorAttachmentSizeLimitExceeded": "An attachment is larger than Microsoft 365 allows.",
    "ErrorMimeContentInvalid": "Microsoft 365 cannot read the letter.",
    "ErrorMimeContentInvalidBase64String": "Microsoft 365 cannot read the letter.",
    "InvalidInternetMessageHeader": "Microsoft 365 does not accept one of the letter's headers.",
}
_FULL = {"ErrorQuotaExceeded", "ErrorSubmissionQuotaExceeded"}
"""Said of every letter alike, as a busy server's answers are."""
_OWNER = "Ask whoever runs Microsoft 365"
_GRANT = f"{_OWNER} to grant the application Mail.ReadWrite for this mailbox; it may take an hour to show."
_SHUT = Reason("The application is not allowed to open the mailbox.", _GRANT)
_POLICED = Reason(
    "An application access policy of the tenant keeps the application out of this mailbox.",
    f"{_OWNER} to let the policy include this mailbox; it may take an hour to show.",
)
_UNKNOWN = Reason(
    "Microsoft 365 signs the application in, but lets it work with no mailbox.",
    f"{_OWNER} to give admin consent to its rights, or to grant them in Exchange; look at graph.endpoint too.",
)
_NOWHERE = Reason(
    "There is no such mailbox in Microsoft 365.",
    "In service.toml look at office.mailbox; it must be the address of a mailbox in Microsoft 365.",
)
_REASONS = {
    "MailboxNotEnabledForRESTAPI": Reason(
        "The address is known in Microsoft 365, but its mailbox is not open there: it may be on a server of your own, "
        "have no licence, have been deleted, or be a guest's.",
        f'{_OWNER} where the mailbox is. On an Exchange server of your own it needs adapter = "exchange".',
    ),
    "Authorization_RequestDenied": Reason("The application was given no right to any mailbox.", _GRANT),
    "ErrorQuotaExceeded": Reason(f"Microsoft 365 {FULL}", FULL.remedy),
    "ErrorSubmissionQuotaExceeded": Reason("The mailbox has sent as much as it may for now.", LATER),
}
"""By what Graph calls the fault, where its status says less."""

_POLICY = re.compile(rb"AccessPolicy|\[RAOP\]")
"""How a refusal's words name a policy; its code is that of every other."""

_TOO_LARGE = "The letter is larger than Microsoft 365 allows."


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer. `content` is None when it is larger than was asked for."""

    status: int
    headers: Mapping[str, str]
    content: bytes | None = field(repr=False)

    @property
    def is_good(self) -> bool:
        """Whether what was asked for was done."""
        return 200 <= self.status < 300

    @property
    def is_bounded(self) -> bool:
        """Whether the answer said how long it is, so that a part of it is not taken for the whole."""
        return "content-length" in self.headers or "chunked" in self.headers.get("transfer-encoding", "").lower()

    @property
    def is_gone(self) -> bool:
        """Whether there is no such message or folder (any more)."""
        is_said = self.status == 404 and self.code not in _NOT_OF_AN_ITEM
        return is_said or (self.status == 400 and self.code in _GONE_CODES)

    @property
    def values(self) -> dict[str, Any]:
        """The properties of a whole JSON answer. Raises MailboxUnreachable when it is none."""
        values = self._read_values()
        if values is None:
            raise MailboxUnreachable("Microsoft 365 gave an answer that is not whole.")
        return values

    def _read_values(self) -> dict[str, Any] | None:
        try:
            values = json.loads(self.content or b"")
        except (ValueError, RecursionError):
            return None
        return values if isinstance(values, dict) else None

    @property
    def code(self) -> str:
        """What Graph calls the fault ("ErrorItemNotFound"), or ""."""
        fault = (self._read_values() or {}).get("error")
        code = fault.get("code") if isinstance(fault, dict) else ""
        return code if isinstance(code, str) and _A_CODE.fullmatch(code) else ""

    @property
    def retry_after(self) -> float | None:
        """How many seconds to wait, where the answer says so."""
        wait = read_wait(self.headers.get("retry-after", ""), self.headers.get("date", ""))
        return None if wait is None else wait.total_seconds()


def list_rows(values: Mapping[str, Any], name: str) -> tuple[dict[str, Any], ...]:
    """The entries of a property that is a list; () when it is none."""
    given = values.get(name)
    return tuple(entry for entry in given if isinstance(entry, dict)) if isinstance(given, list) else ()


def list_entries(answer: Answer) -> tuple[dict[str, Any], ...]:
    """The entries of one page of a list. Raises MailboxUnreachable when it is none: no list is no empty one."""
    given = answer.values.get("value")
    if not isinstance(given, list) or not all(isinstance(entry, dict) and entry.get("id") for entry in given):
        raise MailboxUnreachable("Microsoft 365 gave a list that is not whole.")
    return tuple(given)


def make_unreachable(answer: Answer) -> MailboxUnreachable:
    """Why the mailbox cannot be worked with. The answer's own text may name people, so only its code is repeated."""
    wait = None if answer.retry_after is None else timedelta(seconds=answer.retry_after)
    if answer.code in _REASONS:
        return _REASONS[answer.code].make_fault("", "graph", wait=wait)
    said = _FAULTS.get(answer.status, "answered with an error")
    return MailboxUnreachable(f"Microsoft 365 {said} ({f'{answer.status} {answer.code}'.strip()}).", wait=wait)


def explain_mailbox(answer: Answer) -> MailboxUnreachable:
    """Why the mailbox itself does not open, and what to do about it."""
    if answer.status == 403 and _POLICY.search(answer.content or b""):
        return _POLICED.make_fault("", "graph")
    reason = {401: _UNKNOWN, 403: _SHUT, 404: _NOWHERE}.get(answer.status)
    return reason.make_fault("", "graph") if reason and answer.code not in _REASONS else make_unreachable(answer)


def judge_draft(answer: Answer) -> WorldFault:
    """What it means for a letter that its draft was not made. Nothing was sent."""
    if answer.status == 413 or answer.code in _FOR_GOOD:
        return NotAcceptedForGood(_FOR_GOOD.get(answer.code, _TOO_LARGE))
    if answer.status in {400, 409} and answer.code not in _FULL:
        return NotAccepted(_explain_refusal(answer))
    return make_unreachable(answer)


def judge_sending(answer: Answer) -> WorldFault:
    """What it means for a letter that handing it over was answered with anything but that it is taken.

    Only an answer that certainly comes before the sending is a refusal. Microsoft is known to have sent
    letters whose sending it answered with an error, and a draft not found may be one that has just left.
    """
    status, code = answer.status, answer.code
    if status == 413 or code in _FOR_GOOD:
        return NotAcceptedForGood(_FOR_GOOD.get(code, _TOO_LARGE))
    if status in {401, 403, 429, 507} or code in _FULL or (status == 503 and answer.retry_after is not None):
        return make_unreachable(answer)
    if status in {400, 405, 415}:
        return NotAccepted(_explain_refusal(answer))
    return SendUnknown(f"Microsoft 365 answered the sending, and not that it sends ({f'{status} {code}'.strip()}).")


def _explain_refusal(answer: Answer) -> str:
    return f"Microsoft 365 did not accept the letter ({f'{answer.status} {answer.code}'.strip()})."
