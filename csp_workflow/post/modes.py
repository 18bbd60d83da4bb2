"""Whether a mode fits its surroundings: nothing leaves unless everything agrees that it may."""

from __future__ import annotations

from csp_workflow.terms.mailboxes import TrustProfile
from csp_workflow.terms.site import Mode

EMBEDDED = "maildir"
"""The adapter whose mail never leaves the machine."""


def refusal(
    mode: Mode,
    *,
    adapter: str,
    trust: TrustProfile,
    mailbox: str,
    environment: str,
    stamped_environment: str,
    stamped_mailbox: str,
) -> str:
    """Why the service may not start so, in a sentence that says what to do; "" when it may.

    `environment` is what the machine says it is (CSP_ENVIRONMENT); the stamps are what the store
    says of itself.
    """
    if mode is Mode.REHEARSAL and adapter != EMBEDDED:
        return (
            f"service.toml: in mode 'rehearsal' nothing can leave, so the adapter must be '{EMBEDDED}', "
            f"not '{adapter}'."
        )
    if mode is not Mode.LIVE:
        return ""
    return _not_ready(adapter, trust, environment) or _not_its_store(mailbox, stamped_environment, stamped_mailbox)


def _not_ready(adapter: str, trust: TrustProfile, environment: str) -> str:
    if trust is TrustProfile.NONE and adapter != EMBEDDED:
        return (
            "service.toml: mode 'live' needs trust.profile: whose word about a sender counts. Without it anybody could "
            'write in a lead\'s name. Write "rfc8601", "exchange-online" or "internal".'
        )
    if environment != Mode.LIVE.value:
        return "service.toml: mode 'live' needs the environment variable CSP_ENVIRONMENT=live on this machine."
    return ""


def _not_its_store(mailbox: str, stamped_environment: str, stamped_mailbox: str) -> str:
    if stamped_environment and stamped_environment != Mode.LIVE.value:
        return f"The store is stamped '{stamped_environment}': a rehearsal's store never goes live. Lay out a new site."
    if stamped_mailbox and stamped_mailbox != mailbox:
        return (
            "The store belongs to another mailbox than service.toml names. Put the right one in, or lay out a new site."
        )
    return ""
