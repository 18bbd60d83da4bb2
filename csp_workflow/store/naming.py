"""The names of what rows point to, as the config has them now, for whoever asks the database itself."""

from __future__ import annotations

from sqlmodel import SQLModel, select

from csp_workflow.store.adding import put, values_of
from csp_workflow.store.engine import Connected
from csp_workflow.store.tables import AreaRow, RespondentRow, SeriesRow
from csp_workflow.terms.site import Site


class Naming(Connected):
    """Areas, series and respondents by name. Nothing here is read by a rule: the config is."""

    def name_things(self, site: Site) -> None:
        """Keep the config's names where they are new or others than before; nothing is written else."""
        wanted = [*_respondents(site), *_areas(site), *_series(site)]
        with self._reading() as session:
            known = [row for model in (RespondentRow, AreaRow, SeriesRow) for row in session.exec(select(model))]
            have = {_key(row): values_of(row) for row in known}
        changed = [row for row in wanted if have.get(_key(row)) != values_of(row)]
        if changed:
            with self._writing() as session:
                for row in changed:
                    put(session, row)


def _key(row: SQLModel) -> tuple[type[SQLModel], str]:
    return type(row), next(iter(values_of(row).values()))


def _respondents(site: Site) -> list[RespondentRow]:
    return [RespondentRow(key=r.key, code=r.code, name=r.name) for r in site.respondents]


def _areas(site: Site) -> list[AreaRow]:
    areas = {area.code: area.name for respondent in site.respondents for area in respondent.areas}
    return [AreaRow(code=code, name=name) for code, name in areas.items()]


def _series(site: Site) -> list[SeriesRow]:
    """Each series as its latest framework has it."""
    frameworks = sorted(site.frameworks, key=lambda framework: framework.year)
    latest = {series.ref: series for framework in frameworks for series in framework.series()}
    return [SeriesRow(ref=s.ref, measure=s.measure, title=s.title, unit=s.unit) for s in latest.values()]
