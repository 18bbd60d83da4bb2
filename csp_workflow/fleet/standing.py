"""How the sites of a fleet stand: rows for a table, a page, and the answers to whoever watches the machine.

A site is only read. One that is broken is a row that says why; nobody's address or name is in any.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from csp_workflow import settings, watching, wiring
from csp_workflow.fleet import Fleet
from csp_workflow.store import Store
from csp_workflow.terms.dates import CycleState
from csp_workflow.terms.faults import ConfigInvalid, PreconditionFailed, WorldFault

_ON_THE_WAY = ("queued", "claimed", "handing", "unknown", "held")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one site stands: "well", "not ready" (`why` says what hinders it) or "broken" (what has to be mended)."""

    site: str
    state: str
    why: str = ""
    mode: str = ""
    mailbox: str = ""
    beat: str = ""
    """How long ago the last one ended, and how long it took."""
    quarters: str = ""
    """Those under way, each with its state and how many of its returns are in which."""
    letters: str = ""
    """How many are on their way, by state."""
    messages: str = ""
    """How many wait for a person."""


def look_at_all(fleet: Fleet, now: float) -> Iterator[Standing]:
    """Every site as it stands. `now` is machine time in seconds."""
    for name in fleet.list_sites():
        try:
            yield _look(fleet, name, now)
        except (ConfigInvalid, PreconditionFailed, WorldFault) as fault:
            yield Standing(site=name, state="broken", why=" ".join(str(fault).splitlines()))


def _look(fleet: Fleet, name: str, now: float) -> Standing:
    place = fleet.place(name)
    site, service = settings.load(place.config)
    with closing(Store(wiring.find_laid_out(service, place.state))) as store:
        beat, counts, hindrances = store.heartbeat(), store.counts(), watching.list_hindrances(store, now)
        return Standing(
            site=name,
            state="not ready" if hindrances else "well",
            why=", ".join(hindrances),
            mode=site.mode.value,
            mailbox=service.adapter,
            beat=f"{max(0.0, now - beat[0]):.0f} s ago, took {beat[1]:.1f} s" if beat else "never",
            quarters="; ".join(_list_quarters(store)),
            letters=", ".join(f"{counts['letter', s]} {s}" for s in _ON_THE_WAY if counts.get(("letter", s))),
            messages=f"{counts['message', 'held']} held" if counts.get(("message", "held")) else "",
        )


def _list_quarters(store: Store) -> Iterator[str]:
    for quarter, state in store.cycle_states().items():
        if state is not CycleState.ARCHIVED:
            yield f"{quarter.key} {state.value}"
