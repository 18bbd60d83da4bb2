"""One of every letter a site can send, made by the real functions from the site's own respondents, people and forms.

`config check` renders them all, so that a fault in a template or in the configuration is found before a
letter is due; `letters preview` lays them out to be read. Nothing here reads a clock or draws at random.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from csp_workflow.rehearsal.specimens.answered import answered
from csp_workflow.rehearsal.specimens.approved import approving
from csp_workflow.rehearsal.specimens.asked import chase, requests
from csp_workflow.rehearsal.specimens.lost import about_people
from csp_workflow.rehearsal.specimens.office import to_the_office
from csp_workflow.rehearsal.specimens.papers import with_papers
from csp_workflow.rehearsal.specimens.stage import set_up
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.site import Site

__all__ = ["every_letter"]

_GROUPS = (requests, chase, answered, approving, about_people, to_the_office, with_papers)


def every_letter(site: Site, quarter: Quarter, *, among: Collection[str] | None = None) -> Iterator[Letter]:
    """Every kind of letter for every respondent that is asked in a quarter (or those of the keys in `among`).

    Several of a kind differ in what they have to say, so that every branch of a template is written.
    Raises KeyError when no framework covers the quarter, HolidaysRunOut when the bank holidays run out.
    """
    stage = set_up(site, quarter, among=among)
    for group in _GROUPS if stage.cases else ():
        yield from group(stage)
