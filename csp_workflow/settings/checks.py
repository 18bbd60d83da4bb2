"""What files say of one another: owners, areas, priorities and boards exist, and nothing stands twice.

Each check gives the file and the sentence of every fault it finds. What concerns a file that could not be read is left
out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations, pairwise

from csp_workflow.request.calendar import offset_faults
from csp_workflow.settings.assemble import assemble_series, find_owner
from csp_workflow.settings.continuity import Found, check_continuity
from csp_workflow.settings.entry_checks import check_what_is_checked, check_year
from csp_workflow.settings.fields import check_known, find_repeats, suggest
from csp_workflow.settings.files import CALENDAR, CONTRIBUTORS, PARTNERSHIPS, TOPICS, ConfigFiles, RespondentTable
from csp_workflow.settings.service_file import PhrasesTable, ServiceFile, find_mail_faults
from csp_workflow.settings.site_files import (
    FrameworkFile,
    LocalMeasureTable,
    MeasureTable,
    ObjectiveTable,
    PaperTable,
    PartnershipTable,
)
from csp_workflow.terms import phrases
from csp_workflow.terms.dates import Board, Meeting, WorkingDays
from csp_workflow.terms.figures import Geography, Route, Series
from csp_workflow.terms.grants import Grant
from csp_workflow.terms.site import Assent, Contact, Role, Rung, RungKind, plain_address

ACTIONS, PEERS, REPORT, SERVICE = "actions.toml", "peers.toml", "report.toml", "service.toml"


def check_files(files: ConfigFiles, *, adapter: str | None = None) -> Found:
    """Every fault between the files. `adapter` is the environment's mailbox, which comes before the file's."""
    yield from _check_respondents(files)
    yield from check_continuity(files)
    yield from _check_frameworks(files)
    yield from _check_calendar(files)
    if files.service:
        yield from _check_service(files.service, files)
        mail = find_mail_faults(files.service, adapter or files.service.adapter)
        yield from ((SERVICE, sentence) for sentence in mail)
    yield from _check_peers(files)
    yield from check_what_is_checked(files)
    yield from _check_actions(files)
    yield from _check_papers(files)
    yield from check_year(files)
    yield from _check_topics(files)


def _check_order(file: str, where: str, first: date, last: date) -> Found:
    if last < first:
        yield file, f"{where}: it ends on {last}, before it begins on {first}."


# partnerships.toml and contributors.toml ----------------------------------------------------------


def _check_respondents(files: ConfigFiles) -> Found:
    yield from _check_names(files)
    for file, where, entry in files.respondents():
        yield from _check_order(file, f"{where}.valid_to", entry.valid_from, entry.valid_to)
        yield from _check_people(file, where, entry)
    for partnership in files.partnerships.partnerships if files.partnerships else ():
        yield from _check_own(partnership)
    yield from _check_further(files)
    yield from _check_areas(files)
    yield from _check_analyst(files)


def _check_names(files: ConfigFiles) -> Found:
    everyone = files.respondents()
    for name in ("key", "code"):
        for word in find_repeats(getattr(entry, name) for _, _, entry in everyone):
            places = [file for file, _, entry in everyone if getattr(entry, name) == word]
            yield places[-1], f"the {name} '{word}' stands at two respondents. Give each its own."


_OF_PARTNERSHIPS = {Role.DEPUTY_CHAIR, Role.BUDGET_HOLDER, Role.DEPUTY_HOLDER, Role.FINANCE}
_APART_BY = (
    *({one.roles[0]: one.roles[1] for one in Assent}.items()),
    *((one, other) for one in Assent.APPROVAL.roles for other in Assent.CERTIFICATE.roles),
)
"""Roles that nobody has both of: a deputy is another person, and who approves a return certifies no money of it."""
_APART = {"yes", "no", "more_time", "take_out", "chair_prevails", "as_last_year"}


def _check_people(file: str, where: str, entry: RespondentTable) -> Found:
    needed = (Role.LEAD, Role.CHAIR) if isinstance(entry, PartnershipTable) else (Role.LEAD,)
    for role in needed:
        if not any(contact.role is role for contact in entry.contacts):
            yield file, f'{where} has no {role}. Add a block of contacts with role = "{role}" and an address.'
    for number, contact in enumerate(entry.contacts, start=1):
        place = f"{where}.contacts[{number}]"
        yield from _check_order(file, f"{place}.valid_to", contact.valid_from, contact.valid_to)
        for later in entry.contacts[number:]:
            is_same = (later.role, later.address.lower()) == (contact.role, contact.address.lower())
            is_meanwhile = later.valid_from <= contact.valid_to and contact.valid_from <= later.valid_to
            if is_same and is_meanwhile:
                yield file, f"{place}: the same address stands twice as {contact.role} for the same days."
            elif is_meanwhile and later.is_at(contact.address):
                yield from _check_apart(file, place, {later.role, contact.role})
        if contact.role in _OF_PARTNERSHIPS and not isinstance(entry, PartnershipTable):
            what = "grant money is asked" if contact.role.is_of_grants else "return is approved"
            yield file, f"{place}.role: only a partnership's {what}, so it needs no {contact.role}."


def _check_apart(file: str, place: str, roles: set[Role]) -> Found:
    for one, other in (pair for pair in _APART_BY if set(pair) == roles):
        yield file, f"{place}: a {one} is no {other} of their own. Name somebody else, or other days."


def _check_further(files: ConfigFiles) -> Found:
    """A further address is one person's; a member may be a contact too."""
    people = [
        (file, f"{where}.contacts[{number}]", contact)
        for file, where, entry in files.respondents()
        for number, contact in enumerate(entry.contacts, start=1)
    ]
    for file, place, contact in people:
        for address in find_repeats(map(plain_address, (contact.address, *contact.also, *contact.members))):
            yield file, f"{place}: '{address}' stands twice for {contact.name}. Leave it once."
        for _, _, other in people:
            if not contact.is_at(other.address) and _do_overlap(contact, other):
                for address in filter(other.owns, contact.also):
                    yield file, f"{place}.also: '{address}' is {other.name}'s address. Leave it at one of them."


def _check_own(entry: PartnershipTable) -> Found:
    """A partnership's local measures, objectives and grants: their refs carry its code, their areas are its own."""
    where, codes = f"partnerships[{entry.key}]", [area.code for area in entry.areas]
    own: list[tuple[str, str, LocalMeasureTable | ObjectiveTable | Grant]] = [
        *(("local_measures", "L", local) for local in entry.local_measures),
        *(("objectives", "O", objective) for objective in entry.objectives),
        *(("grants", "G", grant) for grant in entry.grants),
    ]
    for ref in find_repeats(thing.ref for _, _, thing in own):
        yield PARTNERSHIPS, f"{where}: the ref '{ref}' stands twice. Give each its own."
    for kind, letter, thing in own:
        place, begins = f"{where}.{kind}[{thing.ref}]", f"{entry.code}.{letter}"
        if not thing.ref.startswith(begins) or not thing.ref.rpartition(letter)[2].isdigit():
            yield PARTNERSHIPS, f"{place}.ref must be {begins} and a number, like {begins}1."
        yield from _check_order(PARTNERSHIPS, f"{place}.valid_to", thing.agreed, thing.valid_to)
    for local in entry.local_measures:
        if local.area not in codes:
            said = f"is '{local.area}', which is no area of the partnership.{suggest(local.area, codes)}"
            yield PARTNERSHIPS, f"{where}.local_measures[{local.ref}].area {said}"


def _check_areas(files: ConfigFiles) -> Found:
    yield from _check_shared_areas(files.partnerships.partnerships if files.partnerships else ())
    for code in find_repeats(area.code for area in files.contributors.areas) if files.contributors else ():
        yield CONTRIBUTORS, f"areas[{code}] stands twice. Remove one."
    known = files.geographies()
    if known is None:
        return
    for _, where, entry in files.respondents():
        if isinstance(entry, PartnershipTable):
            yield from _check_upper_tiers(where, entry, known)
        else:
            for code in entry.areas:
                if code not in known:
                    yield CONTRIBUTORS, f"{where}.areas: '{code}' is not known.{suggest(code, known)}"


def _check_shared_areas(partnerships: Sequence[PartnershipTable]) -> Found:
    """An area may pass from one partnership to another, but never belong to two at once."""
    for code in find_repeats(area.code for entry in partnerships for area in entry.areas):
        holders = [entry for entry in partnerships if code in {area.code for area in entry.areas}]
        if len(holders) == 1:
            yield PARTNERSHIPS, f"partnerships[{holders[0].key}].areas[{code}] stands twice. Remove one."
        elif any(_do_overlap(one, other) for one, other in combinations(holders, 2)):
            names = " and ".join(entry.key for entry in holders)
            yield PARTNERSHIPS, f"the area {code} stands at {names} for the same days. Leave it at one of them."


def _do_overlap(one: RespondentTable | Contact, other: RespondentTable | Contact) -> bool:
    return one.valid_from <= other.valid_to and other.valid_from <= one.valid_to


def _check_upper_tiers(where: str, entry: PartnershipTable, known: Mapping[str, Geography]) -> Found:
    uppers = [code for code, geography in known.items() if geography is Geography.UPPER_TIER]
    for area in entry.areas:
        if area.upper_tier not in uppers:
            said = f"which is no upper tier in {CONTRIBUTORS}.{suggest(area.upper_tier, uppers)}"
            yield PARTNERSHIPS, f"{where}.areas[{area.code}].upper_tier is '{area.upper_tier}', {said}"


def _check_analyst(files: ConfigFiles) -> Found:
    if not files.contributors:
        return
    analysts = [entry for entry in files.contributors.contributors if entry.kind == "analyst"]
    if not analysts:
        yield CONTRIBUTORS, 'no contributor has kind = "analyst". The force\'s analyst supplies the extract.'
    for one, other in combinations(analysts, 2):
        if _do_overlap(one, other):
            both = f"{one.key} and {other.key} are both the analyst"
            yield CONTRIBUTORS, f"{both} for the same days. There is one extract."


# framework-<year>.toml ----------------------------------------------------------------------------


def _check_frameworks(files: ConfigFiles) -> Found:
    for name, framework in files.frameworks.items():
        for sentence in _check_numbers(framework):
            yield name, sentence
        for measure in framework.measures:
            for sentence in (*_check_measure(measure, files), *_check_owner(measure, files)):
                yield name, f"measures[{measure.ref}]{sentence}"
    yield from _check_years(files)
    yield from _check_priorities(files)


def _check_numbers(framework: FrameworkFile) -> Iterator[str]:
    themes = [theme.number for theme in framework.themes]
    priorities = [priority.number for priority in framework.priorities]
    for number in find_repeats(themes):
        yield f"themes[{number}] stands twice. Number them 1, 2, 3 ..."
    for number in find_repeats(priorities):
        yield f"priorities[{number}] stands twice. Number them straight through the themes."
    for priority in framework.priorities:
        if priority.theme not in themes:
            yield f"priorities[{priority.number}].theme is {priority.theme}, and there is no such theme."
    for measure in framework.measures:
        if measure.priority not in priorities:
            yield f"measures[{measure.ref}].priority is {measure.priority}, and there is no such priority."
    refs = [ref for measure in framework.measures for ref in {measure.ref, *(series.ref for series in measure.series)}]
    for ref in find_repeats(refs):
        yield f"the ref '{ref}' stands twice. Give each measure and series its own."


def _check_measure(measure: MeasureTable, files: ConfigFiles) -> Iterator[str]:
    """What a measure or its series must say one way or the other, as it stands behind the measure."""
    if not measure.series and not measure.title:
        yield '.title is missing. Add a line such as: title = "All crime"'
    if measure.route is Route.PARTNERSHIP and measure.kind.is_number:
        yield ".route is 'partnership', which tells in words: its kind must be narrative or milestone."
    for entry in measure.series:
        if not entry.ref.startswith(measure.ref):
            yield f".series[{entry.ref}].ref must begin with {measure.ref}, like {measure.ref}.1."
    for series in assemble_series(measure, files.contributors):
        place = f".series[{series.ref}]" if measure.series else ""
        yield from (f"{place}{sentence}" for sentence in _check_series(measure, series))


def _check_series(measure: MeasureTable, series: Series) -> Iterator[str]:
    """What a series says itself or takes from its measure."""
    if not series.unit:
        yield '.unit is missing. Add a line such as: unit = "offences"'
    own = next((entry.frequency for entry in measure.series if entry.ref == series.ref), None)
    if not (own or measure.frequency):
        yield '.frequency is missing. Add a line such as: frequency = "quarterly"'
    if series.suppression.below and not series.suppression.shown_as:
        yield '.suppress_as is missing. Say what is shown instead, like suppress_as = "fewer than 5"'
    if series.suppression.zero_is_shown and not series.suppression.below:
        yield ".zero_is_shown says nothing without suppress_below. Add that, or remove it."


def _check_owner(measure: MeasureTable, files: ConfigFiles) -> Iterator[str]:
    given = f".owner is '{measure.owner}'"
    if measure.route is Route.PARTNERSHIP:
        if measure.owner:
            yield f"{given}, but a measure on the route partnership has none. Remove the line."
        return
    if not files.contributors:
        return
    contributors = {entry.key: entry for entry in files.contributors.contributors}
    if measure.route is Route.CONTRIBUTOR and not measure.owner:
        yield f".owner is missing. Name a key of contributors.toml: {', '.join(contributors)}."
        return
    for owner in dict.fromkeys(series.owner for series in assemble_series(measure, files.contributors)):
        if owner and owner not in contributors:
            yield f".owner is '{owner}', which is no key of contributors.toml.{suggest(owner, contributors)}"
    analyst = contributors.get(find_owner(measure, files.contributors)) if measure.route is Route.POLICE else None
    if analyst and analyst.kind == "contributor":
        yield f".owner is '{analyst.key}', but the route police is the analyst's. Remove the line."
    yield from _check_geography(measure, files)


def _check_geography(measure: MeasureTable, files: ConfigFiles) -> Iterator[str]:
    """A series whose owner answers for no place of its geography could never be asked for."""
    known = files.geographies()
    if known is None or not files.contributors:
        return
    places = {entry.key: {known.get(code) for code in entry.areas} for entry in files.contributors.contributors}
    for series in assemble_series(measure, files.contributors):
        if series.owner in places and series.geography not in places[series.owner]:
            yield (
                f": {series.ref} is counted by {series.geography}, but {series.owner} answers for none. "
                "Change its geography here, or its areas in contributors.toml."
            )


def _check_years(files: ConfigFiles) -> Found:
    years = {framework.year for framework in files.frameworks.values()}
    for name, framework in files.frameworks.items():
        if name != _name_framework(framework.year):
            yield name, f"year is '{framework.year}', so the file must be called {_name_framework(framework.year)}."
    for meeting in files.calendar.meetings if files.calendar and years else ():
        year = meeting.quarter.financial_year
        if year not in years:
            takes = f"the meeting of {meeting.day} is to take {meeting.quarter.label}"
            yield CALENDAR, f"{takes}, and there is no framework for {year}. Add {_name_framework(year)}."


def _name_framework(year: str) -> str:
    return f"framework-{year.replace('/', '-')}.toml"


def _check_priorities(files: ConfigFiles) -> Found:
    """Local measures and objectives are mapped to priorities that exist in some year."""
    numbers = {priority.number for framework in files.frameworks.values() for priority in framework.priorities}
    for entry in files.partnerships.partnerships if numbers and files.partnerships else ():
        for kind, things in (("local_measures", entry.local_measures), ("objectives", entry.objectives)):
            for thing in things:
                where = f"partnerships[{entry.key}].{kind}[{thing.ref}].priorities"
                for number in sorted(set(thing.priorities) - numbers):
                    yield PARTNERSHIPS, f"{where}: there is no priority {number}."


# calendar.toml ------------------------------------------------------------------------------------


def _check_calendar(files: ConfigFiles) -> Found:
    if files.calendar is None:
        return
    for sentence in offset_faults(files.calendar.offsets):
        yield CALENDAR, f"offsets: {sentence}"
    yield from _check_boards(files.calendar.boards)
    keys = [board.key for board in files.calendar.boards]
    for number, meeting in enumerate(files.calendar.meetings, start=1):
        for sentence in _check_meeting(meeting, keys, files.working_days):
            yield CALENDAR, f"meetings[{number}]{sentence}"
    for board, day in find_repeats((meeting.board, meeting.day) for meeting in files.calendar.meetings):
        yield CALENDAR, f"the meeting of {board} on {day} stands twice. Remove one."
    for number, period in enumerate(files.calendar.pre_election, start=1):
        yield from _check_order(CALENDAR, f"pre_election[{number}]", period.first, period.last)


def _check_boards(boards: tuple[Board, ...]) -> Found:
    for key in find_repeats(board.key for board in boards):
        yield CALENDAR, f"boards[{key}] stands twice. Give each board its own key."
    for key in (board.key for board in boards if board.public and board.counts_below):
        yield CALENDAR, f"boards[{key}].counts_below is for partners only; its papers are public. Remove it."


def _check_meeting(meeting: Meeting, boards: list[str], working_days: WorkingDays | None) -> Iterator[str]:
    if meeting.board not in boards:
        yield f".board is '{meeting.board}', which is not known.{suggest(meeting.board, boards)}"
    if meeting.cancelled or working_days is None:
        return
    if not working_days.first_year < meeting.day.year <= working_days.last_year:
        years = f"{working_days.first_year} to {working_days.last_year}"
        near = "too near the edge of the bank holidays, which cover"
        yield f".day is {meeting.day}, {near} {years}. Add years to that file."
    elif not working_days.is_working(meeting.day):
        yield f".day is {phrases.day(meeting.day)}, which is not a working day."
    if meeting.day <= meeting.quarter.end:
        label, end = meeting.quarter.label, meeting.quarter.end
        yield f": a meeting on {meeting.day} cannot take {label}, which ends on {end}."


# service.toml -------------------------------------------------------------------------------------

_AFTER = (lambda days: days > 0, "must be 1 or more, because it comes after the due date.")
_FITS: Mapping[RungKind, tuple[Callable[[int], bool], str]] = {
    RungKind.BEFORE_DUE: (lambda days: days < 0, "must be negative, because it comes before the due date."),
    RungKind.DUE_TODAY: (lambda days: days == 0, "must be 0, because it comes on the due date."),
    RungKind.OVERDUE: _AFTER,
    RungKind.CHAIR: _AFTER,
    RungKind.PHONE: _AFTER,
}


def _check_service(service: ServiceFile, files: ConfigFiles) -> Found:
    """What the schema cannot see of the office, the ladder, the window and the phrases."""
    for sentence in (*_check_ladder(service.ladder), *_check_phrases(service.phrases)):
        yield SERVICE, sentence
    if service.sending.closes <= service.sending.opens:
        yield SERVICE, "sending.closes must be later than sending.opens."
    for number, absence in enumerate(service.office.absences, start=1):
        yield from _check_order(SERVICE, f"office.absences[{number}]", absence.first, absence.last)
    yield from _check_addresses(service, files)
    yield from _check_secretariat(service, files)


def _check_ladder(ladder: Sequence[Rung]) -> Iterator[str]:
    order = list(RungKind)
    for number, rung in enumerate(ladder, start=1):
        fits, sentence = _FITS[rung.kind]
        if not fits(rung.days):
            yield f"ladder[{number}].days ('{rung.kind}') {sentence}"
    for number, (before, rung) in enumerate(pairwise(ladder), start=2):
        if rung.days <= before.days:
            yield f"ladder[{number}].days is {rung.days}, not later than the rung before it ({before.days})."
        if order.index(rung.kind) < order.index(before.kind):
            yield f"ladder[{number}].kind: '{rung.kind}' may not come after '{before.kind}'."


def _check_phrases(phrases: PhrasesTable) -> Iterator[str]:
    """A phrase that meant two things would be taken for the one that is looked up first. Yes and no are apart."""
    lists = [name for name in PhrasesTable.model_fields if name not in _APART]
    said = [(name, phrase.lower()) for name in lists for phrase in getattr(phrases, name)]
    for phrase in find_repeats(phrase for _, phrase in said):
        names = " and ".join(dict.fromkeys(name for name, other in said if other == phrase))
        yield f"phrases: '{phrase}' stands twice (in {names}). Each phrase may mean one thing."


def _check_addresses(service: ServiceFile, files: ConfigFiles) -> Found:
    """Letters to our own mailbox would come back as messages, for ever."""
    office = service.office
    people = [(SERVICE, "office.co_ordinator", office.co_ordinator)]
    people += [(SERVICE, "office.deputy", office.deputy)] if office.deputy else []
    people += [(SERVICE, f"office.secretariat[{n}]", one) for n, one in enumerate(office.secretariat, start=1)]
    for file, where, entry in files.respondents():
        people += [(file, f"{where}.contacts[{n}]", one) for n, one in enumerate(entry.contacts, start=1)]
    for file, where, person in people:
        for key, addresses in (("address", (person.address,)), ("also", person.also), ("members", person.members)):
            if plain_address(office.mailbox) in map(plain_address, addresses):
                yield file, f"{where}.{key} is the product's own mailbox. Write the person's own address."
    if office.deputy and office.deputy.address.lower() == office.co_ordinator.address.lower():
        own = "office.deputy.address is the co-ordinator's own."
        yield SERVICE, f"{own} Name another person, or remove the deputy."


def _check_secretariat(service: ServiceFile, files: ConfigFiles) -> Found:
    """Each board's paper goes to its own secretariat, so each must have one."""
    boards, people = files.board_keys(), service.office.secretariat
    for number, person in enumerate(people, start=1):
        for board in person.boards:
            yield from check_known(SERVICE, f"office.secretariat[{number}].boards", board, boards)
    named = {board for person in people for board in person.boards}
    for board in boards if boards and named <= set(boards) else ():
        if all(person.boards and board not in person.boards for person in people):
            yield SERVICE, f"office.secretariat: nobody takes the papers of '{board}'. Name it in somebody's boards."


# peers.toml, actions.toml and report.toml --------------------------------------------


def _check_peers(files: ConfigFiles) -> Found:
    areas = files.geographies()
    if files.peers is None or areas is None:
        return
    codes = [*areas, *(area.code for area in files.peers.elsewhere)]
    for key, version in find_repeats((group.key, group.version) for group in files.peers.groups):
        yield PEERS, f"groups[{key}] stands twice with the version {version}. Give the newer one its own day."
    for group in files.peers.groups:
        where = f"groups[{group.key}].areas"
        for code in find_repeats(group.areas):
            yield PEERS, f"{where}: {code} stands twice. Remove one."
        for code in group.areas:
            yield from check_known(PEERS, f"{where}: one", code, codes)


def _check_actions(files: ConfigFiles) -> Found:
    keys, boards = files.respondent_keys(), files.board_keys()
    actions = files.actions.actions if files.actions else []
    for ref in find_repeats(action.ref for action in actions):
        yield ACTIONS, f"actions[{ref}] stands twice. Give each action its own ref."
    for action in actions:
        where = f"actions[{action.ref}]"
        yield from check_known(ACTIONS, f"{where}.respondent", action.respondent, keys)
        yield from check_known(ACTIONS, f"{where}.board", action.board, boards)
        yield from _check_order(ACTIONS, f"{where}.due", action.asked, action.due)


def _check_papers(files: ConfigFiles) -> Found:
    boards = files.board_keys()
    if files.report is None:
        return
    named = [paper.board for paper in files.report.papers]
    for number, board in enumerate(named, start=1):
        yield from check_known(REPORT, f"papers[{number}].board", board, boards)
    for board in find_repeats(named):
        yield REPORT, f"two papers are for the board '{board}'. Keep one."
    for board in boards or ():
        if board not in named:
            yield REPORT, f"the board '{board}' of calendar.toml has no paper. Add a block of papers for it."
    for paper in files.report.papers:
        yield from _check_readers(paper, files)


def _check_readers(paper: PaperTable, files: ConfigFiles) -> Found:
    """Whoever clears a paper is nobody's second reader."""
    addresses = [plain_address(reader.address) for reader in paper.readers]
    for address in find_repeats(addresses):
        yield REPORT, f"papers[{paper.board}].readers: {address} stands twice. Keep one."
    own = {files.service.office.co_ordinator.address, files.service.office.mailbox} if files.service else set()
    for address in sorted(set(addresses) & set(map(plain_address, own))):
        yield REPORT, f"papers[{paper.board}].readers: {address} is the office's own. Name somebody else."


# topics.toml ---------------------------------------------------------------------------------------


def _check_topics(files: ConfigFiles) -> Found:
    topics = files.topics.topics if files.topics else ()
    for key in find_repeats(topic.key for topic in topics):
        yield TOPICS, f"topics[{key}] stands twice. Remove one."
    for name in files.topics.list_unknown_words() if files.topics else ():
        yield TOPICS, f"a phrase names {{{name}}}, which does not stand under words. Add it, or correct the name."
    for topic in topics:
        if topic.working_days and topic.months:
            yield TOPICS, f"topics[{topic.key}]: write working_days or months, not both."
        if files.service and topic.address.lower() == files.service.office.mailbox.lower():
            yield TOPICS, f"topics[{topic.key}].address is the product's own mailbox. Write another."
        if bool(topic.office) != bool(topic.address):
            yield TOPICS, f"topics[{topic.key}]: office and address belong together. Write both, or neither."
