"""`config check`: everything loaded, every quarter planned, every letter written for every respondent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import permutations
from pathlib import Path

from csp_workflow import settings
from csp_workflow.letters.catalogue import (
    WRITERS,
    Environment,
    LetterNotRendered,
    Rendered,
    environment,
    faults,
    render,
)
from csp_workflow.mailboxes.mailbox import list_expiring
from csp_workflow.rehearsal.specimens import every_letter
from csp_workflow.request.calendar import foresee_gaps, plan_quarter
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Letter, Manner, PreconditionFailed
from csp_workflow.terms.people import Presence
from csp_workflow.terms.phrases import day, joined
from csp_workflow.terms.service import ConfigInvalid, Mode
from csp_workflow.terms.site import Respondent, Role, Site


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What was checked, by count, and what is no fault but better known."""

    counts: dict[str, int]
    warnings: tuple[str, ...]


def checked(config: Path, today: date) -> Checked:
    """Check a site's configuration and templates. Raises ConfigInvalid with every fault found.

    What a coming quarter lacks is no fault yet; a rehearsal has no coming quarters.
    """
    site, service = settings.load(config)
    templates = settings.read_templates(config)
    quarters = quarters_of(site)
    # What is missing or cannot be read is said alone; the letters that need it would only say it again.
    _refuse((*_unplannable(site, quarters), *_faulty(config, templates)))
    made = environment(templates)
    letters = tuple(_for_everybody(site, quarters, made))
    _refuse(_not_written(letters, site, made))
    gaps = () if site.mode is Mode.REHEARSAL else foresee_gaps(site, today)
    ends = tuple(f"{what} {remedy}" for what, remedy in list_expiring((), service.sign_in_until, today))
    return Checked(counts=_counts(site, letters), warnings=(*list_warnings(site, quarters, templates), *gaps, *ends))


def quarters_of(site: Site) -> tuple[Quarter, ...]:
    """Every quarter that a meeting is to take and a framework covers; without any, each framework's first quarter."""
    years = {framework.year for framework in site.frameworks}
    met = {m.quarter for m in site.meetings if not m.cancelled and m.quarter.financial_year in years}
    return tuple(sorted(met or {Quarter(int(year[:4]), 1) for year in years}))


def _refuse(found: Iterable[str]) -> None:
    sentences = tuple(dict.fromkeys(found))
    if sentences:
        raise ConfigInvalid(sentences)


def _unplannable(site: Site, quarters: tuple[Quarter, ...]) -> Iterator[str]:
    """A quarter of which no dates can be reckoned: the bank holidays run out, or the offsets are out of order."""
    for quarter in quarters:
        try:
            plan_quarter(quarter, site)
        except ValueError as fault:
            yield f"calendar.toml: {quarter} cannot be planned: {fault}"


def _for_everybody(site: Site, quarters: tuple[Quarter, ...], made: Environment) -> Iterator[Letter]:
    """The letters of the latest quarter, and those of each respondent that serves in an earlier one only."""
    done: set[str] = set()
    for quarter in reversed(quarters):
        serving = {r.key for r in site.serving(plan_quarter(quarter, site).open)}
        if serving - done:
            yield from every_letter(site, quarter, among=serving - done, templates=made)
        done |= serving


def _not_written(letters: tuple[Letter, ...], site: Site, made: Environment) -> Iterator[str]:
    """Why letters cannot be written; the first of each kind is also written as a demonstration with a marking."""
    kinds: set[str] = set()
    for letter in letters:
        try:
            render(letter, site.office, environment=made, marking=site.marking, illustrative=site.illustrative)
            if letter.kind not in kinds:
                render(letter, site.office, environment=made, marking="SPECIMEN", illustrative=True)
        except LetterNotRendered as fault:
            yield str(fault)
        kinds.add(letter.kind)


def _faulty(config: Path, templates: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the templates themselves; a file that is missing makes others fail, so it is said alone."""
    yield from settings.find_template_faults(config) or faults(templates)


def _kinds(templates: Mapping[str, str]) -> set[str]:
    return {name.partition("/")[0] for name in templates if "/" in name}


def list_warnings(site: Site, quarters: tuple[Quarter, ...], templates: Mapping[str, str]) -> Iterator[str]:
    """What a site's configuration and templates say that is no fault but better known; no letter is written for it."""
    for quarter in quarters:
        yield from (f"{quarter}: {warning}" for warning in plan_quarter(quarter, site).warnings)
    for kind in sorted(_kinds(templates) - WRITERS.keys()):
        yield f"templates/emails/{kind}: no letter has this name, so nothing is written from it."
    yield from _without_past(site)
    for quarter in quarters[-1:]:
        yield from _unasked(site, plan_quarter(quarter, site).open)


def _without_past(site: Site) -> Iterator[str]:
    """A new body in the area of one that has ended, which does not say that it takes over from it."""
    for new, old in permutations(site.respondents, 2):
        is_later = new.needs_approval and old.needs_approval and old.valid_to < new.valid_from
        shared = [area.name for area in new.areas if area.code in {other.code for other in old.areas}]
        if is_later and shared and not new.follows(old.key):
            yield (
                f"{new.name} begins in {joined(shared)}, which {old.name} answered for until {day(old.valid_to)}. "
                f"Where it takes over, write predecessors = ['{old.key}'] in partnerships.toml; else its first form "
                "says that nothing was said last quarter."
            )


def _unasked(site: Site, opens: date) -> Iterator[str]:
    for respondent in site.serving(opens):
        if not respondent.people(Role.LEAD, opens):
            instead = joined(c.name for c in Presence().deliverable(respondent, opens))
            asked = f"its request goes to {instead}" if instead else "nobody can be asked"
            yield f"{respondent.name} has no lead on {day(opens)}: {asked}."


def _counts(site: Site, letters: tuple[Letter, ...]) -> dict[str, int]:
    return {
        "respondents": len(site.respondents),
        "measures": sum(len(framework.measures) for framework in site.frameworks),
        "series": sum(len(framework.series()) for framework in site.frameworks),
        "letters rendered": len(letters),
    }


# `letters preview DIR`: one specimen of each letter for each sort of respondent, laid out to be read


_OURS = "<title>Letters</title>"
"""What the index page of an earlier preview says of itself."""

_PAGES = re.compile(r'href="([a-z0-9-]+\.\d{2,}\.(?:html|txt))"')


def preview(config: Path, directory: Path) -> int:
    """Write a site's letters as pages, and an index page, into a new or an earlier preview's folder. How many letters.

    Raises ConfigInvalid when the configuration or a letter has a fault, PreconditionFailed when the folder
    holds anything else.
    """
    site, _ = settings.load(config)
    earlier = _find_earlier(directory)
    letters = tuple(_written(site, settings.read_templates(config)))
    for page in earlier:
        page.unlink(missing_ok=True)
    directory.mkdir(parents=True, exist_ok=True)
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
    found: dict[tuple[str, str], Letter] = {}
    for quarter in quarters_of(site)[:1]:
        some = _choose_unlike(site, plan_quarter(quarter, site).open)
        for letter in every_letter(site, quarter, among=some, templates=templates):
            found.setdefault((letter.kind, _sort(letter, site)), letter)
    return tuple(sorted(found.values(), key=lambda letter: letter.kind))


def _choose_unlike(site: Site, opens: date) -> set[str]:
    """Some respondents of each kind, and of any that are asked otherwise; with them all whom one officer answers for.

    The others would get the same letters under other names, which `config check` tries.
    """
    serving, sorts = site.serving(opens), dict[object, list[Respondent]]()
    for one in serving:
        roles = frozenset(contact.role for contact in one.contacts if contact.serves_on(opens))
        sorts.setdefault((one.kind, roles, len(one.areas) > 1, bool(one.grants)), []).append(one)
    chosen = [one for alike in sorts.values() for one in alike[:_ALIKE]]
    leads = {lead.address for one in chosen for lead in one.people(Role.LEAD, opens)}
    theirs = (one for one in serving if any(lead.address in leads for lead in one.people(Role.LEAD, opens)))
    return {one.key for one in (*chosen, *theirs)}


_ALIKE = 2
"""Of two that are alike each takes another turn in the quarter that is played."""


def _sort(letter: Letter, site: Site) -> str:
    """Whom a letter is about: the office's own, an officer of several respondents, or a respondent's kind."""
    if letter.manner is Manner.OFFICE and len(letter.respondents) != 1:
        return "office"
    if len(letter.respondents) > 1:
        return "officer of several"
    return str(site.respondent(letter.respondents[0]).kind) if letter.respondents else "nobody"


def _find_earlier(directory: Path) -> tuple[Path, ...]:
    """The pages of an earlier preview; () for an empty or a new folder. One that holds anything else is refused."""
    page = directory / INDEX
    earlier = page.read_text("utf-8", errors="replace") if page.is_file() else ""
    if _OURS not in earlier and directory.is_dir() and any(directory.iterdir()):
        raise PreconditionFailed(f"{directory} holds other files; nothing was written. Choose an empty folder.")
    return tuple(directory / name for name in _PAGES.findall(earlier))


INDEX = "index.html"
"""The page to open first."""

_STYLE = (
    "body{font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5;margin:32px;max-width:60em;color:#1d1d1b}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:6px 12px 6px 0;"
    "border-bottom:1px solid #b1b4b6}a{color:#0b4a8f}"
)


def index(letters: Sequence[tuple[str, Rendered]]) -> Mapping[str, str]:
    """File name to text: for each (kind, words) a page and a plain text, and the index page. Same input, same names."""
    files: dict[str, str] = {}
    rows: list[str] = []
    for name, kind, words in _named(letters):
        files[f"{name}.html"] = words.html
        files[f"{name}.txt"] = f"Subject: {words.subject}\n\n{words.text}"
        rows.append(
            f'<tr><th scope="row">{escape(kind)}</th><td>{escape(words.subject)}</td>'
            f'<td><a href="{name}.html">as HTML</a></td><td><a href="{name}.txt">as plain text</a></td></tr>'
        )
    files[INDEX] = _page(rows)
    return files


def _named(letters: Sequence[tuple[str, Rendered]]) -> Iterator[tuple[str, str, Rendered]]:
    """Each letter with a file name of its kind and place ("request-2"); never anything out of its words."""
    counts: dict[str, int] = {}
    for kind, words in letters:
        plain = re.sub(r"[^a-z0-9-]+", "-", kind.lower()).strip("-") or "letter"
        counts[plain] = counts.get(plain, 0) + 1
        # A point stands in no kind, so that the second "request" is never taken for a kind "request-2".
        yield f"{plain}.{counts[plain]:02d}", kind, words


def _page(rows: Sequence[str]) -> str:
    count = f"{len(rows)} letter{'' if len(rows) == 1 else 's'}"
    return (
        '<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>Letters</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>Letters</h1><p>{count}, as they would be sent.</p>"
        '<table><thead><tr><th scope="col">Letter</th><th scope="col">Subject</th><th scope="col">Page</th>'
        f'<th scope="col">Text</th></tr></thead><tbody>\n{chr(10).join(rows)}\n</tbody></table></main></body></html>\n'
    )
