"""`letters preview DIR`: one specimen of each letter for each sort of respondent, laid out to be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from csp_workflow import settings
from csp_workflow.letters.preview import INDEX, index
from csp_workflow.letters.render import Environment, LetterNotRendered, Rendered, environment, faults, render
from csp_workflow.rehearsal.specimens import every_letter
from csp_workflow.rehearsal.specimens.checking import quarters_of
from csp_workflow.terms.faults import ConfigInvalid, PreconditionFailed
from csp_workflow.terms.letters import Letter, Manner
from csp_workflow.terms.site import Site

_OURS = "<title>Letters</title>"
"""What the index page of an earlier preview says of itself."""

_PAGES = re.compile(r'href="([a-z0-9-]+\.\d{2,}\.(?:html|txt))"')


def preview(config: Path, directory: Path) -> int:
    """Write a site's letters as pages, and an index page, into a new or an earlier preview's folder. How many letters.

    Raises ConfigInvalid when the configuration or a letter has a fault, PreconditionFailed when the folder
    holds anything else.
    """
    site, _ = settings.load(config)
    letters = tuple(_written(site, settings.read_templates(config)))
    _make_room(directory)
    for name, text in index(letters).items():
        (directory / name).write_text(text, encoding="utf-8")
    return len(letters)


def _written(site: Site, templates: dict[str, str]) -> Iterator[tuple[str, Rendered]]:
    found = faults(templates)
    if found:
        raise ConfigInvalid(found)
    made = environment(templates)
    for letter in one_of_each(site, templates=made):
        try:
            # The figures in them are made up, so every page says so, whatever the site is.
            yield (
                letter.kind,
                render(letter, site.office, environment=made, marking=site.marking, illustrative=True),
            )
        except LetterNotRendered as fault:
            raise ConfigInvalid((str(fault),)) from fault


def one_of_each(site: Site, *, templates: Environment | None = None) -> tuple[Letter, ...]:
    """The first letter of each kind for each sort of respondent, in the earliest quarter, sorted by kind."""
    quarters = quarters_of(site)
    found: dict[tuple[str, str], Letter] = {}
    for letter in every_letter(site, quarters[0], templates=templates) if quarters else ():
        found.setdefault((letter.kind, _sort(letter, site)), letter)
    return tuple(sorted(found.values(), key=lambda letter: letter.kind))


def _sort(letter: Letter, site: Site) -> str:
    """Whom a letter is about: the office's own, an officer of several respondents, or a respondent's kind."""
    if letter.manner is Manner.OFFICE and len(letter.respondents) != 1:
        return "office"
    if len(letter.respondents) > 1:
        return "officer of several"
    return str(site.respondent(letter.respondents[0]).kind) if letter.respondents else "nobody"


def _make_room(directory: Path) -> None:
    """An empty folder, or that of an earlier preview without its pages. Nothing that is not ours is touched."""
    directory.mkdir(parents=True, exist_ok=True)
    page = directory / INDEX
    earlier = page.read_text("utf-8", errors="replace") if page.is_file() else ""
    if _OURS not in earlier and any(directory.iterdir()):
        raise PreconditionFailed(f"{directory} holds other files; nothing was written. Choose an empty folder.")
    for name in _PAGES.findall(earlier):
        (directory / name).unlink(missing_ok=True)
