"""What the steps work with: the site, and the real outside that wiring chose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from csp_workflow.archive import Archive
from csp_workflow.mailboxes.mailbox import Mailbox
from csp_workflow.sandbox import Sandbox
from csp_workflow.store import Store
from csp_workflow.terms.site import Site

if TYPE_CHECKING:
    from csp_workflow.letters.render import Environment


def _nothing(_: str) -> None:
    """Reached points matter only to the crash matrix."""


def _never() -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Outside:
    """Site and outside of one run.

    `key` seals references and Message-IDs; `templates` renders letters; `clock` is the machine's
    time in seconds, for leases only, and `alone` says that no other worker can be at this store;
    `letters_a_beat` bounds how many letters leave at once (None: all), for mail systems that refuse
    more; `stopping` says whether the service was asked to stop, so that a step ends after the message
    in hand; `reached` is told each point around an effect.
    """

    site: Site
    store: Store
    mailbox: Mailbox
    mailbox_name: str
    archive: Archive
    sandbox: Sandbox
    templates: Callable[[], Environment]
    report_base: Callable[[], bytes]
    key: bytes
    clock: Callable[[], float]
    alone: bool = True
    letters_a_beat: int | None = None
    stopping: Callable[[], bool] = _never
    reached: Callable[[str], None] = _nothing

    @property
    def domain(self) -> str:
        """The right-hand side of our Message-IDs: the domain of the office's mailbox."""
        return self.site.office.mailbox.partition("@")[2]
