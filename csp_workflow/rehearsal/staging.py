"""Sets the stage: a site in a fresh folder, published figures and an illustrative history, and who plays.

The director may use the service's own code; the players may not.
"""

from __future__ import annotations

import random  # noqa: TID251 - the rehearsal draws, from its seed only
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import tomlkit

from csp_workflow import settings, wiring
from csp_workflow.intake.opening import READER
from csp_workflow.mailboxes.mailbox import Mailbox
from csp_workflow.rehearsal.partners import cast
from csp_workflow.rehearsal.partners.mail import File, Reply, Sending, write_message
from csp_workflow.rehearsal.partners.people import CoOrdinator, DeadAddress, Person, Reader, Turn
from csp_workflow.sandbox import Sandbox
from csp_workflow.steps.setting_up import TABLE, import_figures
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.dates import Quarter, london, london_day
from csp_workflow.terms.figures import FigureStatus
from csp_workflow.terms.service import Mode
from csp_workflow.terms.site import Area, Contact, Respondent, RespondentKind, Role, Service, Site
from csp_workflow.wiring import Wired

OLD_FORM_OF = "HARB"
"""Whose lead finds last quarter's form and fills that."""

DEAD_CHAIR_OF = "NWL"
"""Whose chair has an address that no longer exists."""


def site_for(config: Path, *, partnerships: int) -> Site:
    """The configured site in mode rehearsal, with so many partnerships (0: those of the config)."""
    site, _ = settings.load(config, environment={})
    site = replace(site, mode=Mode.REHEARSAL, illustrative=True)
    return site if not partnerships else replace(site, respondents=tuple(_choose(site, partnerships)))


def _choose(site: Site, wanted: int) -> Iterator[Respondent]:
    """The first so many partnerships, and invented ones beyond those of the config; everybody else stays."""
    own = [r for r in site.respondents if r.kind is RespondentKind.PARTNERSHIP]
    yield from own[:wanted]
    yield from (_invent(n) for n in range(len(own) + 1, wanted + 1))
    yield from (r for r in site.respondents if r.kind is not RespondentKind.PARTNERSHIP)


def _invent(number: int) -> Respondent:
    name = f"Partnership {number}"
    people = tuple(
        Contact(name=f"{name} {role.value}", role=role, address=f"{role.value}@partnership{number}.example")
        for role in (Role.LEAD, Role.CHAIR)
    )
    area = Area(code=f"E229{number:05}", name=f"Area {number}")
    return Respondent(
        key=f"partnership-{number}",
        code=f"P{number:03}",
        name=name,
        kind=RespondentKind.PARTNERSHIP,
        areas=(area,),
        contacts=people,
    )


@contextmanager
def stage_site(
    site: Site, config: Path, state: Path, mailbox: Mailbox, *, quarter: Quarter, seed: int
) -> Iterator[Wired]:
    """A fresh state folder, wired, with the figures known before the quarter opened."""
    with closing(Sandbox(limits=site.limits)) as early:
        early.begin(TABLE, READER)  # what reads files starts beside us, and the wired service goes on with it
        from csp_workflow.store import migrations

        state.mkdir(parents=True, exist_ok=True)
        (state / "key").write_bytes(sha256(f"rehearsal {seed}".encode()).digest())
        migrations.upgrade(f"sqlite:///{state / 'csp.sqlite'}")
        service = Service(mode=Mode.REHEARSAL, adapter="maildir")
        with closing(wiring.wire(site, service, config=config, state=state, mailbox=mailbox)) as wired:
            wired.outside.store.forgo_disk()
            _give_figures(wired, config, quarter, seed=seed)
            yield wired


def _give_figures(wired: Wired, config: Path, quarter: Quarter, *, seed: int) -> None:
    from csp_workflow.rehearsal import illustrate

    before = london(quarter.end, time(9)).astimezone(UTC)
    site, draw = wired.outside.site, random.Random(seed).random
    files = [(file.name, file.read_bytes()) for file in sorted((config / "figures").glob("*.csv"))]
    files += [
        (f"illustrative-{name}.csv", illustrate.write_figures(make(site, quarter, draw=draw)))
        for name, make in (("history", illustrate.make_history), ("people", illustrate.make_people))
    ]
    for name, data in files:
        import_figures(wired.outside, data, name, before)


def give_groups(wired: Wired, quarter: Quarter, now: datetime, *, seed: int) -> bool:
    """Once returns are closed the co-ordinator loads an extract of comparison groups, made up on the figures known.

    Whether she has.
    """
    from csp_workflow.rehearsal.illustrate import write_groups

    dates = wired.outside.store.plan_of(quarter)
    if dates is None or now < dates.close:
        return False
    site, day = wired.outside.site, london_day(now)
    known = KnownFigures(wired.outside.store.figures(before=day), day)
    changed = max((group.version for group in site.peers if group.version <= quarter.end), default=None)
    draw = random.Random(seed).random
    extract = write_groups(site, quarter, known, draw=draw, version=changed)
    import_figures(wired.outside, extract, "illustrative-groups.csv", now)
    return True


def plan_span(wired: Wired, quarter: Quarter) -> tuple[date, date]:
    """Plan the quarter: the first and the last day played, the analyst's request and the day after the last meeting."""
    from csp_workflow.steps import cycle

    dates = cycle.plan_cycle(wired.outside, quarter, london(quarter.end, time(9)).astimezone(UTC))
    last = max([dates.close.date(), *(paper.meeting for paper in dates.papers)])
    return dates.extract_request, last + timedelta(days=1)


def cast_people(wired: Wired, quarter: Quarter, *, seed: int, plainly: bool = False) -> dict[str, Reader]:
    """Everybody who gets mail, by address in lower case; `plainly` all of them do what is asked."""
    site, dates = wired.outside.site, wired.outside.store.plan_of(quarter)
    day = dates.open if plainly and dates else quarter.end
    office, drive = site.office.co_ordinator, dict[str, File]()
    leads: dict[str, Person] = {}
    chairs: dict[str, Reader] = {}
    for respondent in site.serving(day):
        for lead in respondent.people(Role.LEAD, day)[:1]:
            person = leads.setdefault(lead.address.lower(), Person(lead.address, lead.name, seed))
            plan = cast.plan_plainly(respondent.code) if plainly else _plan(respondent, wired, quarter, drive)
            person.plans.append(plan)
        for chair in respondent.people(Role.CHAIR, day):
            approver = Person(chair.address, chair.name, seed, plans=[cast.plan_chair(respondent.code, plainly=True)])
            chairs.setdefault(chair.address.lower(), approver if plainly else _cast_chair(respondent, chair, seed=seed))
    co_ordinator = CoOrdinator(office.address, office.name, seed)
    return {**chairs, office.address.lower(): co_ordinator, **leads}


def _plan(respondent: Respondent, wired: Wired, quarter: Quarter, drive: dict[str, File]) -> list[Turn]:
    """What a lead will do about one respondent's form."""
    code = respondent.code
    match respondent.kind:
        case RespondentKind.ANALYST:
            return cast.plan_plainly(code)
        case RespondentKind.CONTRIBUTOR:
            return cast.plan_contributor(code)
    old = _make_old_form(wired, quarter, respondent) if code == OLD_FORM_OF else None
    return cast.plan_lead(code, old=old, drive=drive)


def _cast_chair(respondent: Respondent, chair: Contact, *, seed: int) -> Reader:
    if respondent.code == DEAD_CHAIR_OF:
        return DeadAddress(chair.address, chair.name, seed)
    return Person(chair.address, chair.name, seed, plans=[cast.plan_chair(respondent.code)])


# A year ------------------------------------------------------------------------------------------------

MERGED = ("melton", "rutland")
"""Who become one partnership in the last quarter but one of a rehearsed year."""


def lay_out_year(config: Path, place: Path, first: Quarter) -> Path:
    """A copy of a configuration with what a year may bring, dated in its files as a site would date it. Its folder.

    Two partnerships are one from January on, an objective ends with the year, a comparison group has another version
    from October on, a series is counted otherwise from then on, and the next year has a framework of its own.
    """
    shutil.copytree(config, place)
    partnerships = tomlkit.parse((place / "partnerships.toml").read_text(encoding="utf-8"))
    peers = tomlkit.parse((place / "peers.toml").read_text(encoding="utf-8"))
    now = place / f"framework-{first.financial_year.replace('/', '-')}.toml"
    framework = tomlkit.parse(now.read_text(encoding="utf-8"))
    _merge(partnerships, first.plus(3))
    if groups := peers["groups"]:
        groups.append(_change(groups[0], version=first.plus(2).start, areas=[*groups[0]["areas"]][:-2]))
    _count_otherwise(framework, first.plus(2).start)
    for file, laid in ((place / "partnerships.toml", partnerships), (place / "peers.toml", peers), (now, framework)):
        file.write_text(tomlkit.dumps(laid), encoding="utf-8")
    later = place / f"framework-{first.plus(4).financial_year.replace('/', '-')}.toml"
    later.write_text(tomlkit.dumps(_begin_next(framework, first)), encoding="utf-8")
    return place


def _change(table: Any, **changed: object) -> Any:
    """A copy of a table of a file with some of its values changed."""
    made = deepcopy(table)
    made.update(changed)
    return made


def _merge(file: Any, january: Quarter) -> None:
    """Two partnerships become one, and the first objective of the file is agreed until the year's last day."""
    old = [one for one in file["partnerships"] if one["key"] in MERGED]
    for one in old:
        one["valid_to"] = january.start - timedelta(days=1)
    areas = deepcopy(old[0]["areas"])
    areas.extend(deepcopy(area) for one in old[1:] for area in one["areas"])
    heir = tomlkit.table()
    heir.update(
        key="-".join(MERGED),
        code="MLRT",
        name=f"{' and '.join(area['name'] for area in areas)} Community Safety Partnership",
        valid_from=january.start,
        predecessors=[one["key"] for one in old],
        areas=areas,
    )
    people = [next(c for c in one["contacts"] if c["role"] == role) for one, role in zip(old, _ROLES, strict=True)]
    heir["contacts"] = tomlkit.aot()
    for person in people:
        heir["contacts"].append(_change(person, valid_from=january.start))
    ends = next((o for one in file["partnerships"] for o in one.get("objectives", ())), None)
    if ends:
        ends["valid_to"] = january.end
    file["partnerships"].append(heir)


_ROLES = ("lead", "chair")
"""Which of their people go on in the new partnership: the lead of the first, the chair of the second."""


def _count_otherwise(framework: Any, october: date) -> None:
    for series in (one for m in framework["measures"] for one in m.get("series", ()) if one["ref"] == "M14a.1"):
        series.update(break_from=october, break_reason="Thefts from vans at a home count too")


def _begin_next(framework: Any, first: Quarter) -> Any:
    """Next year's framework: one measure is gone, and one is worded anew."""
    year, before = first.plus(4).financial_year, framework["year"].replace("/", "-20")
    made = _change(framework, year=year, title=framework["title"].replace(before, year.replace("/", "-20")))
    measures = made["measures"]
    for at in reversed([at for at, measure in enumerate(measures) if measure["ref"] == "M17c"]):
        del measures[at]
    for measure in (one for one in measures if one["ref"] == "M11"):
        measure["wording"] += ", town by town"
    for series in (one for m in measures for one in m.get("series", ()) if "break_from" in one):
        del series["break_from"], series["break_reason"]
    return made


def revise_figures(wired: Wired, quarter: Quarter, day: date) -> list[tuple[str, str, str]]:
    """The force revises two figures of the quarter before, before a quarter's round begins; what is told of it."""
    from csp_workflow.rehearsal.illustrate import write_figures

    known = KnownFigures(wired.outside.store.figures(), quarter.end)
    places = (("M12a", "E22000165"), ("M13a", "E22000168"))
    found = [known.latest(ref, area, quarter.previous.key) for ref, area in places]
    revised = [
        replace(f, value=f.value + 4, as_at=quarter.end, status=FigureStatus.REVISED) for f in found if f and f.value
    ]
    data = write_figures(revised)
    import_figures(wired.outside, data, f"revised-{quarter.previous.code}.csv", london(day, time(7)))
    return [(f"{day:%a %d %b}", "the force", f"revised {len(revised)} figures of {quarter.previous.months}")]


def ask_for_year(wired: Wired, day: date, *, seed: int) -> Sending:
    """The co-ordinator's order for what the year comes to, once its paper is out."""
    office, at = wired.outside.site.office, london(day, time(11, 20)).astimezone(UTC)
    reply = Reply(sender=office.co_ordinator.address, name=office.co_ordinator.name, subject="The year", text="YEAR")
    write = partial(write_message, reply, to=office.mailbox, at=at, number=seed)
    return Sending(at=at, write=write, told="ordered YEAR: what the year comes to, and what goes over into the next")


def send_as_stranger(wired: Wired, quarter: Quarter, *, seed: int) -> Sending:
    """The message of somebody nobody knows, in the second week of the round."""
    dates = wired.outside.store.plan_of(quarter)
    day = wired.outside.site.working_days.plus(dates.open if dates else quarter.end, 6)
    at = london(day, time(11, 20)).astimezone(UTC)
    return cast.write_as_stranger(office=wired.outside.site.office.mailbox, at=at, seed=seed)


def _make_old_form(wired: Wired, quarter: Quarter, respondent: Respondent) -> File:
    """Last quarter's form as it would lie in the folder of whoever still uses it."""
    from csp_workflow.forms.writing import name_file, write_workbook
    from csp_workflow.request.calendar import plan_quarter
    from csp_workflow.request.form import define_form

    outside = wired.outside
    dates = plan_quarter(quarter.previous, outside.site)
    form = define_form(
        respondent,
        quarter.previous,
        site=outside.site,
        dates=dates,
        figures=outside.store.figures(),
        narratives={},
        revision=1,
        key=outside.key,
    )
    return name_file(form), write_workbook(form, created=datetime.combine(dates.open, time(9), tzinfo=UTC))
