"""Every word to the server goes through here: within a time, and with faults told in our own words."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import requests
from exchangelib import errors

from csp_workflow.terms.faults import MailboxUnreachable

T = TypeVar("T")

OUTSIDE = (errors.EWSError, requests.RequestException, OSError, ValueError, TypeError, AttributeError, KeyError)
"""What exchangelib lets out when a server is away, refuses, or answers nonsense."""


class TookTooLong(MailboxUnreachable):
    """The server did not answer in time."""


def within(seconds: float, call: Callable[[], T]) -> T:
    """What `call` gives, or TookTooLong: a server that drips its answer is waited for no longer than that.

    The thread left behind ends with its own socket; its result is not looked at.
    """
    found: list[Any] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            found.append(call())
        except BaseException as fault:  # noqa: BLE001 - raised again where it is waited for
            failed.append(fault)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TookTooLong
    if failed:
        raise failed[0]
    return found[0]  # type: ignore[no-any-return]


def unreachable(fault: BaseException) -> MailboxUnreachable:
    """A fault before anything irreversible, in a sentence without addresses or secrets."""
    for kinds, sentence in _SENTENCES:
        if isinstance(fault, kinds):
            return MailboxUnreachable(sentence)
    if "CERTIFICATE_VERIFY_FAILED" in str(fault):
        return MailboxUnreachable("The Exchange server's certificate is not one we trust.")
    return MailboxUnreachable("The Exchange server cannot be reached, or answers what it should not.")


_SENTENCES: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((errors.UnauthorizedError,), "The Exchange server refuses the user or the password."),
    (
        (errors.ErrorAccessDenied, errors.ErrorFolderNotFound, errors.ErrorImpersonateUserDenied),
        "The Exchange server does not let this account into the mailbox.",
    ),
    (
        (errors.ErrorNonExistentMailbox, errors.ErrorMissingEmailAddress),
        "The Exchange server knows no mailbox with the office's address.",
    ),
    ((errors.ErrorServerBusy, errors.RateLimitError), "The Exchange server is busy; it is asked again later."),
)
