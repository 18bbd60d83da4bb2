"""One of every letter a site can send: what happens in a quarter is played, and the rules write in earnest.

`config check` renders them all, so that a fault in a template or in the configuration is found before a
letter is due; `letters preview` lays them out to be read. Nothing here writes a letter or a sentence of one, so no
specimen can differ from what is sent. Nothing here reads a clock or draws at random.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from csp_workflow import settings
from csp_workflow.forms.writing import leave_out_workbooks
from csp_workflow.letters.catalogue import Environment, environment
from csp_workflow.rehearsal.specimens.at_the_office import about_else, banking, drafts, put_back, to_the_office, trouble
from csp_workflow.rehearsal.specimens.days import conversation, days
from csp_workflow.rehearsal.specimens.measures import agreeing, chairs, grant_money
from csp_workflow.rehearsal.specimens.scenes import arrivals, beforehand, chase, opening
from csp_workflow.rehearsal.specimens.stage import Stage, set_up
from csp_workflow.rehearsal.specimens.ways import setting_up, ways
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Letter
from csp_workflow.terms.site import Site

__all__ = ["every_letter"]


def every_letter(
    site: Site, quarter: Quarter, *, among: Collection[str] | None = None, templates: Environment | None = None
) -> Iterator[Letter]:
    """Every kind of letter for every respondent that is asked in a quarter (or those of the keys in `among`).

    Several of a kind differ in what they have to say, so that every branch of a template is written; two that
    say the same are written once. `templates` are the site's (else the defaults):
    the proof pack shows the letters in their words.
    Raises KeyError when no framework covers the quarter, HolidaysRunOut when the bank holidays run out.
    """
    ours = templates or environment(settings.read_templates(settings.find_defaults() / "config"))
    stage = set_up(site, quarter, among=among, templates=ours)
    known: dict[tuple[str, str, str], list[Letter]] = {}
    for letter in _play(stage) if stage.entries else ():
        alike = known.setdefault((letter.kind, letter.cause, letter.recipient), [])
        if letter not in alike:
            alike.append(letter)
            yield letter


def _play(stage: Stage) -> Iterator[Letter]:
    """Every scene. Each form is made a file when the quarter opens; nobody looks at the files of later letters."""
    yield from opening(stage)
    for scene in (
        beforehand,
        chase,
        days,
        arrivals,
        chairs,
        grant_money,
        about_else,
        banking,
        to_the_office,
        drafts,
        put_back,
        trouble,
        ways,
        agreeing,
        conversation,
        setting_up,
    ):
        with leave_out_workbooks():
            letters = tuple(scene(stage))
        yield from letters
