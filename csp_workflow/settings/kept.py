"""A site's configuration at work: its files as they were when it was opened, and what was set up by workbook on top."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from csp_workflow.forms.setup_sheets import list_lines
from csp_workflow.settings import continuity, lay_tables, load_tables, read_tables
from csp_workflow.store import Store
from csp_workflow.terms.dates import CycleState
from csp_workflow.terms.measure_sets import lay_measures
from csp_workflow.terms.service import ConfigInvalid
from csp_workflow.terms.service_status import find_renumbered
from csp_workflow.terms.setup import Setup, fold_setups
from csp_workflow.terms.site import Site

_QUARTERS_BACK = 5
"""So many quarters that were asked are held against the configuration: a yearly figure is asked for in one of four."""


def find_redefined(site: Site, store: Store) -> tuple[str, ...]:
    """What a configuration means otherwise than the forms that were last sent, a sentence each; () for nothing."""
    sent = []
    for quarter, state in sorted(store.cycle_states().items())[-_QUARTERS_BACK:]:
        returns, is_open = store.cycle_status(quarter).returns, state is not CycleState.ARCHIVED
        for key, request in store.requests(quarter).items():
            at = returns[key].requested if key in returns else None
            sent.append(continuity.SentForm(form=request.form, at=at, is_open=is_open))
    laid = lay_measures(site, store.agreed_sets())
    return (*continuity.find_redefined(laid, sent), *find_renumbered(site, store.service_status().asked))


class KeptSettings:
    """A site's configuration: its files as they were when it was opened, and what was set up by workbook on top."""

    def __init__(self, config: Path, site: Site, store: Store) -> None:
        self._config, self._store = config, store
        self._tables = read_tables(config)
        self._made: dict[int, Site] = {0: site}
        self._named = -1

    def assemble(self, setups: Sequence[Setup]) -> Site:
        """The site, which is made once for so many set-ups: what was applied never changes. Raises ConfigInvalid.

        What the store is pointed to gets its names at once, for whoever asks the database itself.
        """
        count = len(setups)
        if count not in self._made:
            self._made = {0: self._made[0], count: self._load(setups)}
        if count != self._named:
            self._store.name_things(lay_measures(self._made[count], self._store.agreed_sets()))
            self._named = count
        return self._made[count]

    def lay(self, setups: Sequence[Setup]) -> dict[str, Any]:
        """The files, by name, with what was set up laid over them. Raises ConfigInvalid."""
        return lay_tables(self._config, self._tables, fold_setups(setups))

    def find_faults(self, setups: Sequence[Setup]) -> tuple[str, ...]:
        """Why the site could not be so, a sentence each."""
        try:
            return find_redefined(self._load(setups), self._store)
        except ConfigInvalid as fault:
            return fault.faults

    def _load(self, setups: Sequence[Setup]) -> Site:
        return load_tables(self._config, self._tables, changes=fold_setups(setups))[0]

    def list_differences(self) -> tuple[str, ...]:
        """What was set up by workbook and the files do not say, a sentence each."""
        setups = self._store.setups()
        laid, mine = self.lay(setups), {(one.place, repr(one.entry)) for one in list_lines(self._tables.tables)}
        new = [one for one in list_lines(laid) if (one.place, repr(one.entry)) not in mine]
        return tuple(
            f"{one.place.file} says otherwise than what was set up by workbook, which holds: {one.sheet.one} "
            f"{one.sheet.name(one.entry)}. csp-workflow setup write writes it into the file."
            for one in (new if setups else ())
        )
