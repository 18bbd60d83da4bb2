"""What a fault means, in sentences without addresses, secrets or anything the server wrote."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from exchangelib import errors
from requests.exceptions import SSLError

from csp_workflow.terms.faults import MailboxUnreachable

BROKEN = (
    errors.ErrorCannotOpenFileAttachment,
    errors.ErrorContentConversionFailed,
    errors.ErrorCorruptData,
    errors.ErrorInternalServerError,
    errors.ErrorInvalidPropertyForOperation,
    errors.ErrorInvalidPropertyRequest,
    errors.ErrorItemCorrupt,
    errors.ErrorItemPropertyRequestFailed,
    errors.ErrorMimeContentConversionFailed,
    errors.ErrorMimeContentInvalid,
    errors.ErrorMimeContentInvalidBase64String,
    errors.ErrorPropertyValidationFailure,
    errors.ErrorUnsupportedMimeConversion,
    errors.ErrorUnsupportedTypeForConversion,
    errors.ErrorVirusDetected,
    errors.ErrorVirusMessageDeleted,
)
"""Said of one item: this cannot be given, though another part of it may."""

GONE = (
    errors.ErrorInvalidId,
    errors.ErrorInvalidIdEmpty,
    errors.ErrorInvalidIdMalformed,
    errors.ErrorItemNotFound,
)
"""Said of one item: there is none of this id (any more)."""

BUSY = (
    errors.ErrorADUnavailable,
    errors.ErrorExceededConnectionCount,
    errors.ErrorInsufficientResources,
    errors.ErrorMailboxFailover,
    errors.ErrorMailboxMoveInProgress,
    errors.ErrorMailboxStoreUnavailable,
    errors.ErrorServerBusy,
    errors.ErrorTooManyObjectsOpened,
)
"""Said before anything is done."""

FULL = (errors.ErrorQuotaExceeded, errors.ErrorSubmissionQuotaExceeded)

NOT_ALLOWED = (
    errors.ErrorAccessDenied,
    errors.ErrorCreateItemAccessDenied,
    errors.ErrorImpersonateUserDenied,
    errors.ErrorImpersonationDenied,
    errors.ErrorImpersonationFailed,
)

_AS_IF_OFF = "cannot be reached, or answers what it should not; it is tried again later."
_SENTENCES: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (
        (errors.ErrorSendAsDenied,),
        "does not let this account send as the office's mailbox: it needs the right Send As.",
    ),
    (NOT_ALLOWED, "does not let this account into the mailbox."),
    (
        (errors.ErrorNonExistentMailbox, errors.ErrorMissingEmailAddress, errors.ErrorNonPrimarySmtpAddress),
        "knows no mailbox with the office's address.",
    ),
    (
        (errors.ErrorFolderNotFound, errors.ErrorParentFolderNotFound, errors.ErrorSavedItemFolderNotFound),
        "shows no such folder; perhaps this account is not allowed into the mailbox.",
    ),
    (
        (
            errors.ErrorInvalidServerVersion,
            errors.ErrorIncorrectSchemaVersion,
            errors.ErrorInvalidSchemaVersionForMailboxVersion,
        ),
        "does not take requests of the version that exchange.version names in service.toml.",
    ),
    (
        (errors.ErrorPasswordExpired, errors.ErrorPasswordChangeRequired),
        "says that the account's password has expired.",
    ),
    ((errors.ErrorAccountDisabled,), "says that the account is disabled."),
    (BUSY, "is busy; it is asked again later."),
    (FULL, "says that the mailbox is full, or has sent as much as it may for now."),
)
_STATUSES = {
    401: "refuses the user or the password.",
    403: "forbids this account to work in this way (EWS).",
    404: "offers no mailbox service (EWS) at the address in exchange.endpoint in service.toml.",
    429: "is busy; it is asked again later.",
    503: "is busy; it is asked again later.",
}


class HttpRefused(Exception):
    """An answer that is not EWS's own: from the gate before it, or from something else at its address."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP status {status}")
        self.status = status


def unreachable(fault: BaseException) -> MailboxUnreachable:
    """A fault before anything irreversible."""
    if isinstance(fault, HttpRefused):
        said = _STATUSES.get(fault.status, f"answers with HTTP status {fault.status}; it is tried again later.")
        return MailboxUnreachable(f"The Exchange server {said}")
    said = next((said for kinds, said in _SENTENCES if isinstance(fault, kinds)), "")
    code = type(fault).__name__
    if not said and is_coded(fault):
        said = f"answers with an error ({code}); it is tried again later."
    return MailboxUnreachable(f"The Exchange server {said or not_reached(fault)}")


def not_reached(fault: BaseException) -> str:
    """Why no answer came, as the end of a sentence that begins with the server."""
    causes = tuple(_causes(fault))
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "cannot be found by its name."
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return "shows a certificate that this machine does not trust."
    if any(isinstance(cause, ssl.SSLError | SSLError) for cause in causes):
        return "does not agree on an encryption."
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return "did not answer in time."
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return "does not take the connection."
    return _AS_IF_OFF


def is_coded(fault: BaseException) -> bool:
    """Whether EWS itself said this. The library uses one of its codes for a line that broke."""
    return isinstance(fault, errors.ResponseMessageError) and not any(
        isinstance(cause, OSError) for cause in _causes(fault)
    )


def _causes(fault: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    cause: BaseException | None = fault
    while cause is not None and cause not in seen:
        seen.append(cause)
        yield cause
        cause = cause.__cause__ or cause.__context__
