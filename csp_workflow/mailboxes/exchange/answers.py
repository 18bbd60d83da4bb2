"""What Exchange's answers mean, in sentences without addresses, secrets or anything the server wrote."""

from __future__ import annotations

from exchangelib import errors

from csp_workflow.mailboxes.line import explain_fault, list_causes
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

UNWELL = (
    errors.ErrorADOperation,
    errors.ErrorClientDisconnected,
    errors.ErrorConnectionFailed,
    errors.ErrorDataSourceOperation,
    errors.ErrorInternalServerTransientError,
    errors.ErrorLogonAsNetworkServiceFailed,
    errors.ErrorMailboxLogonFailed,
    errors.ErrorNoApplicableProxyCASServersAvailable,
    errors.ErrorNoRespondingCASInDestinationSite,
    errors.ErrorNotEnoughMemory,
    errors.ErrorProxyCallFailed,
    errors.ErrorProxyRequestProcessingFailed,
    errors.ErrorProxyServiceDiscoveryFailed,
    errors.ErrorProxyTokenExpired,
    errors.ErrorRequestAborted,
    errors.ErrorServiceDiscoveryFailed,
    errors.ErrorTimeoutExpired,
)
"""A fault of the server's own that passes; something may have been done before it."""

FULL = (errors.ErrorQuotaExceeded, errors.ErrorSubmissionQuotaExceeded)

NOT_ALLOWED = (
    errors.ErrorAccessDenied,
    errors.ErrorCreateItemAccessDenied,
    errors.ErrorImpersonateUserDenied,
    errors.ErrorImpersonationDenied,
    errors.ErrorImpersonationFailed,
)

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


def make_unreachable(fault: BaseException) -> MailboxUnreachable:
    """A fault before anything irreversible."""
    return MailboxUnreachable(f"The Exchange server {_explain(fault)}")


def _explain(fault: BaseException) -> str:
    if isinstance(fault, HttpRefused):
        return _STATUSES.get(fault.status, f"answers with HTTP status {fault.status}; it is tried again later.")
    for kinds, sentence in _SENTENCES:
        if isinstance(fault, kinds):
            return sentence
    if is_coded(fault):
        return f"answers with an error ({type(fault).__name__}); it is tried again later."
    return explain_fault(fault)


def is_coded(fault: BaseException) -> bool:
    """Whether EWS itself said this. The library uses one of its codes for a line that broke."""
    return isinstance(fault, errors.ResponseMessageError) and not any(
        isinstance(cause, OSError) for cause in list_causes(fault)
    )
