"""What Exchange's answers say and mean, in sentences without addresses, secrets or anything the server wrote.

The library repairs answers that are not whole, and then there are fewer messages in them. Here an answer is whole or
it is a fault of the world, and is asked for again.
"""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import timedelta
from typing import Any, cast

from exchangelib import errors
from exchangelib.util import MNS, SOAPNS, TNS
from lxml import etree

from csp_workflow.mailboxes import line
from csp_workflow.mailboxes.line import Reason, list_causes
from csp_workflow.terms.service import MailboxUnreachable

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

    def __init__(self, status: int, wait: timedelta | None = None) -> None:
        super().__init__(f"HTTP status {status}")
        self.status, self.wait = status, wait


def make_unreachable(fault: BaseException) -> MailboxUnreachable:
    """A fault before anything irreversible."""
    wait = getattr(fault, "wait", None)
    for cause in list_causes(fault):
        if description := getattr(cause, "description", ""):  # the directory's, as the library's own library tells it
            told = {"error": getattr(cause, "error", ""), "error_description": description}
            return line.explain_sign_in(told, "exchange")
    return _explain(fault).make_fault("The Exchange server", "exchange", wait=wait)


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


# Answers as they come over the line ---------------------------------------------------------------

_STRICT = etree.XMLParser(
    resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True, remove_pis=True
)
_REFERENCE = re.compile(rb"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}));")
_BARE = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_UNKNOWN = "\ufffd".encode()
_CHARACTERS = (range(0x20, 0xD800), range(0xE000, 0xFFFE), range(0x10000, 0x110000))


def read_envelope(content: bytes) -> tuple[Any, Any]:
    """Header (None: none) and body of a whole answer. Raises MalformedResponseError."""
    root = _parse(content)
    body = root.find(f"{{{SOAPNS}}}Body")
    if root.tag != f"{{{SOAPNS}}}Envelope" or body is None:
        raise errors.MalformedResponseError("This is no SOAP envelope.")
    return root.find(f"{{{SOAPNS}}}Header"), body


def is_envelope(content: bytes) -> bool:
    """Whether an answer is one of EWS's own, and whole."""
    try:
        read_envelope(content)
    except errors.MalformedResponseError:
        return False
    return True


def _parse(content: bytes) -> Any:
    """A whole document. Characters that XML does not know, which Exchange writes as people typed them, are marked."""
    for read in (bytes, _mark_all_unknown):
        try:
            root = etree.fromstring(read(content), _STRICT)
        except (etree.XMLSyntaxError, ValueError):
            continue
        if cast("Any", root.getroottree()).docinfo.internalDTD is None:
            return root
    raise errors.MalformedResponseError("The answer is not whole.")


def _mark_all_unknown(content: bytes) -> bytes:
    return _BARE.sub(_UNKNOWN, _REFERENCE.sub(_mark_unknown, content.decode("utf-8", "replace").encode()))


def _mark_unknown(reference: re.Match[bytes]) -> bytes:
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    is_known = number in {9, 10, 13} or any(number in known for known in _CHARACTERS)
    return reference[0] if is_known else _UNKNOWN


def list_told(body: Any) -> list[Any]:
    """What an answer says of each thing asked, in order. Servers name the elements as they like."""
    for response in body.iterchildren(f"{{{MNS}}}*"):
        told = response.find(f"{{{MNS}}}ResponseMessages")
        each = [response] if told is None else list(told.iterchildren(f"{{{MNS}}}*"))
        if each and all(one.get("ResponseClass") for one in each):
            return each
    raise errors.MalformedResponseError("The answer says nothing of what was asked.")


def read_back_off(told: Any) -> timedelta | None:
    """How long an answer asks to be left alone; None when it does not."""
    values = () if told is None else told.iter(f"{{{TNS}}}Value")
    said = next((value.text for value in values if value.get("Name") == "BackOffMilliseconds"), None) or ""
    return timedelta(milliseconds=int(said)) if re.fullmatch(r"[0-9]{1,12}", said.strip()) else None


def read_bytes(told: Any) -> bytes:
    """Bytes as EWS writes them; none where there are none. Raises ValueError when they are not whole."""
    text = "" if told is None else told.text or ""
    return b64decode("".join(text.split()), validate=True)
