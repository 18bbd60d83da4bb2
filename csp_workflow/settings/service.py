"""What a run of the service needs beside the site: which outside, and what the machine says it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from csp_workflow.terms.site import Mode


@dataclass(frozen=True, kw_only=True)
class Service:
    """How this machine runs a site.

    `adapter` names the mailbox ("maildir"), `database` a URL ("": SQLite in the state folder; it may
    hold a password, so it is never shown), `environment` what the machine says it is
    (CSP_ENVIRONMENT; "" when it says nothing): mode live needs "live".
    """

    mode: Mode
    adapter: str
    database: str = field(default="", repr=False)
    environment: str = ""
