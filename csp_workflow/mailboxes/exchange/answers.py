"""What Exchange's answers mean, in sentences without addresses, secrets or anything the server wrote."""

from __future__ import annotations

from exchangelib import errors

from csp_workflow.mailboxes import line
from csp_workflow.mailboxes.line import Reason, list_causes
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

_ASK = "Ask whoever runs Exchange"
_REASONS: tuple[tuple[tuple[type[BaseException], ...], Reason], ...] = (
    (
        (errors.ErrorSendAsDenied,),
        Reason(
            "does not let this account send as the office's mailbox: it needs the right Send As.",
            f"{_ASK} to grant the account the right Send As on the mailbox.",
        ),
    ),
    (NOT_ALLOWED, Reason("does not let this account into the mailbox.", "")),
    (
        (errors.ErrorNonExistentMailbox, errors.ErrorMissingEmailAddress, errors.ErrorNonPrimarySmtpAddress),
        Reason(
            "knows no mailbox with the office's address.",
            "Look at office.mailbox in service.toml: it must be the mailbox's first (primary) address.",
        ),
    ),
    (
        (errors.ErrorFolderNotFound, errors.ErrorParentFolderNotFound, errors.ErrorSavedItemFolderNotFound),
        Reason("shows no such folder; perhaps this account is not allowed into the mailbox.", ""),
    ),
    (
        (
            errors.ErrorInvalidServerVersion,
            errors.ErrorIncorrectSchemaVersion,
            errors.ErrorInvalidSchemaVersionForMailboxVersion,
        ),
        Reason(
            "does not take requests of the version that exchange.version names in service.toml.",
            "Write there the version of the server on which the mailbox is.",
        ),
    ),
    (
        (errors.ErrorPasswordExpired, errors.ErrorPasswordChangeRequired),
        Reason(
            "says that the account's password has expired.", f"{_ASK} for a new one, and put it into CSP_MAIL_PASSWORD."
        ),
    ),
    ((errors.ErrorAccountDisabled,), Reason("says that the account is disabled.", f"{_ASK} to enable it.")),
    (
        (errors.ErrorInvalidLicense,),
        Reason("has no licence for this mailbox.", f"{_ASK} for one."),
    ),
    (BUSY, Reason("is busy; it is asked again later.", line.LATER)),
    (FULL, Reason("says that the mailbox is full, or has sent as much as it may for now.", line.FULL.remedy)),
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
    for cause in list_causes(fault):
        if description := getattr(cause, "description", ""):  # the directory's, as the library's own library tells it
            told = {"error": getattr(cause, "error", ""), "error_description": description}
            return line.explain_sign_in(told, "exchange")
    return _explain(fault).make_fault("The Exchange server", "exchange")


def _explain(fault: BaseException) -> Reason:
    if isinstance(fault, HttpRefused):
        said = _STATUSES.get(fault.status, f"answers with HTTP status {fault.status}; it is tried again later.")
        return Reason(said, "")
    for kinds, reason in _REASONS:
        if isinstance(fault, kinds):
            return reason
    if is_coded(fault):
        return Reason(f"answers with an error ({type(fault).__name__}); it is tried again later.", "")
    return line.explain_fault(fault)


def is_coded(fault: BaseException) -> bool:
    """Whether EWS itself said this. The library uses one of its codes for a line that broke."""
    return isinstance(fault, errors.ResponseMessageError) and not any(
        isinstance(cause, OSError) for cause in list_causes(fault)
    )
