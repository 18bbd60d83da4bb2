"""What files say of one another: owners, areas, priorities and boards exist, and nothing stands twice.

Here are the respondents and service.toml; frameworks, calendar and what refers to them are in `plan_checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise

from csp_workflow.settings.faults import Faults, find_repeats, suggest
from csp_workflow.settings.files import CONTRIBUTORS, PARTNERSHIPS, ConfigFiles, RespondentTable
from csp_workflow.settings.plan_checks import check_calendar, check_frameworks, check_references
from csp_workflow.settings.service_file import ExchangeTable, InternetTable, PhrasesTable, ServiceFile, TrustTable
from csp_workflow.settings.site_files import PartnershipTable
from csp_workflow.terms.figures import Geography
from csp_workflow.terms.mailboxes import Login, TrustProfile
from csp_workflow.terms.site import Role, Rung, RungKind

SERVICE = "service.toml"


def check_files(files: ConfigFiles, faults: Faults, *, adapter: str | None = None) -> None:
    """Note every fault between the files; what concerns a file that could not be read is left out.

    `adapter` is the environment's choice of mailbox, which comes before the file's.
    """
    _check_respondents(files, faults)
    check_frameworks(files, faults)
    check_calendar(files, faults)
    if files.service:
        _check_service(files.service, files, faults)
        _check_mail(files.service, adapter or files.service.adapter, faults)
    check_references(files, faults)


# partnerships.toml and contributors.toml ----------------------------------------------------------


def _check_respondents(files: ConfigFiles, faults: Faults) -> None:
    """Note every fault among the respondents."""
    _check_names(files, faults)
    for file, where, entry in files.respondents():
        faults.check_order(file, f"{where}.valid_to", entry.valid_from, entry.valid_to)
        _check_people(file, where, entry, faults)
    for partnership in files.partnerships.partnerships if files.partnerships else ():
        _check_own(partnership, faults)
    _check_areas(files, faults)
    _check_analyst(files, faults)


def _check_names(files: ConfigFiles, faults: Faults) -> None:
    everyone = files.respondents()
    for name in ("key", "code"):
        for word in find_repeats(getattr(entry, name) for _, _, entry in everyone):
            places = list(dict.fromkeys(file for file, _, entry in everyone if getattr(entry, name) == word))
            faults.add(places[-1], f"the {name} '{word}' stands at two respondents. Give each its own.")


def _check_people(file: str, where: str, entry: RespondentTable, faults: Faults) -> None:
    needed = (Role.LEAD, Role.CHAIR) if isinstance(entry, PartnershipTable) else (Role.LEAD,)
    for role in needed:
        if not any(contact.role is role for contact in entry.contacts):
            faults.add(file, f'{where} has no {role}. Add a block of contacts with role = "{role}" and an address.')
    for number, contact in enumerate(entry.contacts, start=1):
        place = f"{where}.contacts[{number}]"
        faults.check_order(file, f"{place}.valid_to", contact.valid_from, contact.valid_to)
        for later in entry.contacts[number:]:
            is_same = (later.role, later.address.lower()) == (contact.role, contact.address.lower())
            if is_same and later.valid_from <= contact.valid_to and contact.valid_from <= later.valid_to:
                faults.add(file, f"{place}: the same address stands twice as {contact.role} for the same days.")


def _check_own(entry: PartnershipTable, faults: Faults) -> None:
    """A partnership's local measures and objectives: their refs carry its code, their areas are its own."""
    where = f"partnerships[{entry.key}]"
    codes = [area.code for area in entry.areas]
    refs = [*(local.ref for local in entry.local_measures), *(objective.ref for objective in entry.objectives)]
    for ref in find_repeats(refs):
        faults.add(PARTNERSHIPS, f"{where}: the ref '{ref}' stands twice. Give each its own.")
    for kind, letter, ref in _own_refs(entry):
        if not ref.startswith(f"{entry.code}.{letter}") or not ref.rpartition(letter)[2].isdigit():
            faults.add(
                PARTNERSHIPS,
                f"{where}.{kind}[{ref}].ref must be {entry.code}.{letter} and a number, like {entry.code}.{letter}1.",
            )
    for local in entry.local_measures:
        place = f"{where}.local_measures[{local.ref}]"
        faults.check_order(PARTNERSHIPS, f"{place}.valid_to", local.agreed, local.valid_to)
        if local.area not in codes:
            faults.add(
                PARTNERSHIPS,
                f"{place}.area is '{local.area}', which is no area of the partnership.{suggest(local.area, codes)}",
            )
    for objective in entry.objectives:
        faults.check_order(
            PARTNERSHIPS, f"{where}.objectives[{objective.ref}].valid_to", objective.agreed, objective.valid_to
        )


def _own_refs(entry: PartnershipTable) -> Iterator[tuple[str, str, str]]:
    yield from (("local_measures", "L", local.ref) for local in entry.local_measures)
    yield from (("objectives", "O", objective.ref) for objective in entry.objectives)


def _check_areas(files: ConfigFiles, faults: Faults) -> None:
    _check_shared_areas(files.partnerships.partnerships if files.partnerships else (), faults)
    for code in find_repeats(area.code for area in files.contributors.areas) if files.contributors else ():
        faults.add(CONTRIBUTORS, f"areas[{code}] stands twice. Remove one.")
    known = files.geographies()
    if known is None:
        return
    for _, where, entry in files.respondents():
        if isinstance(entry, PartnershipTable):
            _check_upper_tiers(where, entry, known, faults)
        else:
            for code in entry.areas:
                if code not in known:
                    faults.add(CONTRIBUTORS, f"{where}.areas: '{code}' is not known.{suggest(code, known)}")


def _check_shared_areas(partnerships: Sequence[PartnershipTable], faults: Faults) -> None:
    """An area may pass from one partnership to another, but never belong to two at once."""
    for code in find_repeats(area.code for entry in partnerships for area in entry.areas):
        holders = [entry for entry in partnerships if code in {area.code for area in entry.areas}]
        if len(holders) == 1:
            faults.add(PARTNERSHIPS, f"partnerships[{holders[0].key}].areas[{code}] stands twice. Remove one.")
        elif any(_do_overlap(one, other) for one, other in combinations(holders, 2)):
            names = " and ".join(entry.key for entry in holders)
            faults.add(PARTNERSHIPS, f"the area {code} stands at {names} for the same days. Leave it at one of them.")


def _do_overlap(one: RespondentTable, other: RespondentTable) -> bool:
    return one.valid_from <= other.valid_to and other.valid_from <= one.valid_to


def _check_upper_tiers(where: str, entry: PartnershipTable, known: Mapping[str, Geography], faults: Faults) -> None:
    uppers = [code for code, geography in known.items() if geography is Geography.UPPER_TIER]
    for area in entry.areas:
        if area.upper_tier not in uppers:
            faults.add(
                PARTNERSHIPS,
                f"{where}.areas[{area.code}].upper_tier is '{area.upper_tier}', which is no upper tier "
                f"in {CONTRIBUTORS}.{suggest(area.upper_tier, uppers)}",
            )


def _check_analyst(files: ConfigFiles, faults: Faults) -> None:
    if not files.contributors:
        return
    analysts = [entry for entry in files.contributors.contributors if entry.kind == "analyst"]
    if not analysts:
        faults.add(CONTRIBUTORS, 'no contributor has kind = "analyst". The force\'s analyst supplies the extract.')
    for one, other in combinations(analysts, 2):
        if _do_overlap(one, other):
            faults.add(
                CONTRIBUTORS, f"{one.key} and {other.key} are both the analyst for the same days. There is one extract."
            )


# service.toml -------------------------------------------------------------------------------------

_FITS: Mapping[RungKind, tuple[Callable[[int], bool], str]] = {
    RungKind.BEFORE_DUE: (lambda days: days < 0, "must be negative, because it comes before the due date."),
    RungKind.DUE_TODAY: (lambda days: days == 0, "must be 0, because it comes on the due date."),
    RungKind.OVERDUE: (lambda days: days > 0, "must be 1 or more, because it comes after the due date."),
    RungKind.CHAIR: (lambda days: days > 0, "must be 1 or more, because it comes after the due date."),
    RungKind.PHONE: (lambda days: days > 0, "must be 1 or more, because it comes after the due date."),
}


def _check_service(service: ServiceFile, files: ConfigFiles, faults: Faults) -> None:
    """Note every fault of the office, the ladder, the window and the phrases that the schema cannot see."""
    _check_ladder(service.ladder, faults)
    if service.sending.closes <= service.sending.opens:
        faults.add(SERVICE, "sending.closes must be later than sending.opens.")
    for number, absence in enumerate(service.office.absences, start=1):
        faults.check_order(SERVICE, f"office.absences[{number}]", absence.first, absence.last)
    _check_phrases(service.phrases, faults)
    _check_addresses(service, files, faults)


def _check_ladder(ladder: Sequence[Rung], faults: Faults) -> None:
    order = list(RungKind)
    for number, rung in enumerate(ladder, start=1):
        fits, sentence = _FITS[rung.kind]
        if not fits(rung.days):
            faults.add(SERVICE, f"ladder[{number}].days ('{rung.kind}') {sentence}")
    for number, (before, rung) in enumerate(pairwise(ladder), start=2):
        if rung.days <= before.days:
            faults.add(
                SERVICE, f"ladder[{number}].days is {rung.days}, not later than the rung before it ({before.days})."
            )
        if order.index(rung.kind) < order.index(before.kind):
            faults.add(SERVICE, f"ladder[{number}].kind: '{rung.kind}' may not come after '{before.kind}'.")


def _check_phrases(phrases: PhrasesTable, faults: Faults) -> None:
    """A phrase that meant two things would be taken for the one that is looked up first."""
    said = [(name, phrase.lower()) for name in PhrasesTable.model_fields for phrase in getattr(phrases, name)]
    for phrase in find_repeats(phrase for _, phrase in said):
        names = " and ".join(dict.fromkeys(name for name, other in said if other == phrase))
        faults.add(SERVICE, f"phrases: '{phrase}' stands twice (in {names}). Each phrase may mean one thing.")


def _check_addresses(service: ServiceFile, files: ConfigFiles, faults: Faults) -> None:
    """Letters to our own mailbox would come back as messages, for ever."""
    office = service.office
    people = [("office.co_ordinator", office.co_ordinator.address)]
    people += [("office.deputy", office.deputy.address)] if office.deputy else []
    people += [(f"office.secretariat[{n}]", person.address) for n, person in enumerate(office.secretariat, start=1)]
    ours = office.mailbox.lower()
    for where, address in people:
        if address.lower() == ours:
            faults.add(SERVICE, f"{where}.address is the product's own mailbox. Write the person's own address.")
    for file, where, entry in files.respondents():
        for number, contact in enumerate(entry.contacts, start=1):
            if contact.address.lower() == ours:
                faults.add(
                    file,
                    f"{where}.contacts[{number}].address is the product's own mailbox. Write the person's own address.",
                )
    if office.deputy and office.deputy.address.lower() == office.co_ordinator.address.lower():
        faults.add(
            SERVICE, "office.deputy.address is the co-ordinator's own. Name another person, or remove the deputy."
        )


def _check_mail(service: ServiceFile, adapter: str, faults: Faults) -> None:
    """Note every fault of the mail tables. `adapter` is the one in force, the environment's before the file's."""
    if adapter != "maildir" and getattr(service, adapter) is None:
        faults.add(SERVICE, f'the table [{adapter}] is missing, which adapter = "{adapter}" needs.')
    _check_logins(service, faults)
    _check_trust(service.trust, faults)


def _check_logins(service: ServiceFile, faults: Faults) -> None:
    tables: tuple[tuple[str, InternetTable | ExchangeTable | None], ...] = (
        ("internet", service.internet),
        ("exchange", service.exchange),
    )
    for name, table in tables:
        if table is None:
            continue
        login = Login(table.login)
        if login is Login.OAUTH2 and not (table.tenant and table.client):
            faults.add(SERVICE, f"{name}.login is '{table.login}', which needs {name}.tenant and {name}.client.")
        if bool(table.tenant) != bool(table.client):
            faults.add(SERVICE, f"{name}.tenant and {name}.client belong together. Write both, or none.")
        if login is not Login.OAUTH2 and not table.user:
            faults.add(SERVICE, f'{name}.user is missing, which {name}.login = "{table.login}" needs.')


def _check_trust(trust: TrustTable, faults: Faults) -> None:
    needs_names = trust.profile is TrustProfile.RFC8601
    if needs_names or trust.authserv_id or trust.boundary:
        for key in ("authserv_id", "boundary"):
            if not getattr(trust, key):
                faults.add(
                    SERVICE,
                    f"trust.{key} is missing. Write the name that your own mail server puts "
                    f"{'at the start of Authentication-Results' if key == 'authserv_id' else 'behind by in Received'}.",
                )
