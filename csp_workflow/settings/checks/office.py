"""The office: the ladder in order, a sending window, the mailbox nobody's own address, phrases that differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from csp_workflow.settings.checks.known import check_order, entries, twice
from csp_workflow.settings.faults import Faults
from csp_workflow.settings.files import Read
from csp_workflow.settings.schemas.service import PhrasesTable, RungEntry, ServiceFile
from csp_workflow.terms.site import RungKind

FILE = "service.toml"

_FITS: Mapping[RungKind, tuple[Callable[[int], bool], str]] = {
    RungKind.BEFORE_DUE: (lambda days: days < 0, "must be negative, because it comes before the due date."),
    RungKind.DUE_TODAY: (lambda days: days == 0, "must be 0, because it comes on the due date."),
    RungKind.OVERDUE: (lambda days: days > 0, "must be 1 or more, because it comes after the due date."),
    RungKind.CHAIR: (lambda days: days > 0, "must be 1 or more, because it comes after the due date."),
    RungKind.PHONE: (lambda days: days > 0, "must be 1 or more, because it comes after the due date."),
}


def check(read: Read, faults: Faults) -> None:
    """Note every fault of service.toml that its schema cannot see."""
    if read.service is None:
        return
    _check_ladder(read.service.ladder, faults)
    if read.service.sending.closes <= read.service.sending.opens:
        faults.add(FILE, "sending.closes must be later than sending.opens.")
    for number, absence in enumerate(read.service.office.absences, start=1):
        check_order(FILE, f"office.absences[{number}]", absence.first, absence.last, faults)
    _check_phrases(read.service.phrases, faults)
    _check_addresses(read.service, read, faults)


def _check_ladder(ladder: Sequence[RungEntry], faults: Faults) -> None:
    order = list(RungKind)
    for number, rung in enumerate(ladder, start=1):
        fits, sentence = _FITS[rung.kind]
        if not fits(rung.days):
            faults.add(FILE, f"ladder[{number}].days ('{rung.kind}') {sentence}")
    for number, (before, rung) in enumerate(pairwise(ladder), start=2):
        if rung.days <= before.days:
            faults.add(
                FILE, f"ladder[{number}].days is {rung.days}, not later than the rung before it ({before.days})."
            )
        if order.index(rung.kind) < order.index(before.kind):
            faults.add(FILE, f"ladder[{number}].kind: '{rung.kind}' may not come after '{before.kind}'.")


def _check_phrases(phrases: PhrasesTable, faults: Faults) -> None:
    """A phrase that meant two things would be taken for the one that is looked up first."""
    said = [(name, phrase.lower()) for name in PhrasesTable.model_fields for phrase in getattr(phrases, name)]
    for phrase in twice(phrase for _, phrase in said):
        names = " and ".join(dict.fromkeys(name for name, other in said if other == phrase))
        faults.add(FILE, f"phrases: '{phrase}' stands twice (in {names}). Each phrase may mean one thing.")


def _check_addresses(service: ServiceFile, read: Read, faults: Faults) -> None:
    """Letters to our own mailbox would come back as messages, for ever."""
    office = service.office
    people = [("office.co_ordinator", office.co_ordinator.address)]
    people += [("office.deputy", office.deputy.address)] if office.deputy else []
    people += [(f"office.secretariat[{n}]", person.address) for n, person in enumerate(office.secretariat, start=1)]
    ours = office.mailbox.lower()
    for where, address in people:
        if address.lower() == ours:
            faults.add(FILE, f"{where}.address is the product's own mailbox. Write the person's own address.")
    for file, where, entry in entries(read):
        for number, contact in enumerate(entry.contacts, start=1):
            if contact.address.lower() == ours:
                faults.add(
                    file,
                    f"{where}.contacts[{number}].address is the product's own mailbox. Write the person's own address.",
                )
    if office.deputy and office.deputy.address.lower() == office.co_ordinator.address.lower():
        faults.add(FILE, "office.deputy.address is the co-ordinator's own. Name another person, or remove the deputy.")
