"""What an examination of a mailbox finds, one thing after the other, for the command `doctor`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing looked at: `problem` is "" when it is well, else a sentence, and `remedy` says what to do.

    A warning does not keep the service from working.
    """

    what: str
    problem: str = ""
    remedy: str = ""
    is_warning: bool = False
