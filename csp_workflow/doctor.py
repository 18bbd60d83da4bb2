"""The command `doctor`: everything the service needs of this machine and its mail system, looked at beforehand.

Checks come one by one, so that a person sees where it waits; each problem is a sentence with what to do.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path

from csp_workflow import settings, wiring
from csp_workflow.letters import office
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.mailboxes.mailbox import (
    CLOCKS_APART,
    MORE,
    Check,
    Mailbox,
    Proof,
    RealMailbox,
    check_adapter,
    check_clocks,
    list_expiring,
    tell_fault,
)
from csp_workflow.request.calendar import foresee_gaps
from csp_workflow.terms.dates import london
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.phrases import plain_day, plural
from csp_workflow.terms.service import ConfigInvalid, MessageGone, Mode, Place, ServerCertificate, WorldFault
from csp_workflow.terms.site import Service, Site

PATIENCE, PAUSE = 90.0, 2.0
"""How many seconds a letter to ourselves may take, and how long to wait between looks."""

_ROOM = 1024**3


def examine(
    config: Path, state: Path, *, now: datetime, wait: Callable[[float], None], probe: bool = True
) -> Iterator[Check]:
    """Look at configuration, templates, store, disk, sandbox, mode, mailbox, and (`probe`) a letter to ourselves.

    `wait` lets seconds pass. Raises nothing that a person could mend.
    """
    try:
        site, service = settings.load(config)
    except ConfigInvalid as invalid:
        yield from (Check(what="configuration", problem=fault, remedy=_MEND) for fault in invalid.faults)
        yield Check(what="all else", unmade="the faults of the configuration come first")
        return
    yield Check(what="configuration")
    if site.mode is not Mode.REHEARSAL:
        gaps = foresee_gaps(site, now.date())
        yield from _list_checks("coming quarters", gaps, _MEND, is_warning=True)
    yield from _check_templates(config)
    store = tuple(_check_store(service, state))
    yield from store
    is_sound = not any(check.problem for check in store)
    if is_sound:
        yield from _check_archive(service, state)
    yield from _check_disk(state)
    yield from _check_sandbox(site)
    yield from check_adapter(service.mailbox, now.date())
    if is_sound:
        yield from _check_agreement(f"mode {site.mode}", site, service, state)
        yield _check_whereabouts(site, service, state)
    else:
        yield Check(what=f"mode {site.mode}", unmade="the problem with the store comes first")
    if service.mailbox is None:
        return
    yield from _list_expiring("what the service signs in with", (), service.sign_in_until, now)
    if service.missing_secret() or not wiring.is_laid_out(service, state):
        yield Check(what="mailbox", unmade="there is no secret, or no key, to open it with")
        return
    with closing(wiring.real_mailbox(site, service)) as mailbox:
        yield from _check_mailbox(mailbox, site, service, state, now=now, wait=wait, probe=probe, reads=is_sound)


def _list_expiring(
    what: str, shown: Sequence[ServerCertificate], sign_in_until: date | None, now: datetime
) -> Iterator[Check]:
    found = tuple(list_expiring(shown, sign_in_until, now.date()))
    yield from (Check(what=what, problem=problem, remedy=remedy, is_warning=True) for problem, remedy in found)
    if not found and (shown or sign_in_until):
        yield Check(what=what)


def _check_mailbox(
    mailbox: RealMailbox,
    site: Site,
    service: Service,
    state: Path,
    *,
    now: datetime,
    wait: Callable[[float], None],
    probe: bool,
    reads: bool,
) -> Iterator[Check]:
    """The mailbox, and a letter to ourselves. What a server does not tell of itself, a letter that goes round shows.

    `reads`: the store is sound, so that it says from when on mail is read.
    """
    found: list[Check] = []
    for check in mailbox.examine(now):
        found.append(check)
        if not check.unmade:
            yield check
    yield from _list_expiring("certificates of the mail servers", mailbox.certificates, None, now)
    is_well = all(check.state != "problem" for check in found)
    if reads and is_well:
        yield from _check_reading(mailbox, service, state, now)
    if probe and is_well:
        key = wiring.read_key(service, state)
        for check in _check_letter_to_ourselves(mailbox, site, key=key, now=now, wait=wait):
            is_well = is_well and check.state != "problem"
            yield check
        if is_well:
            yield from _check_drafts(mailbox, site, key=key, now=now)
            return
    else:
        yield Check(what=_LETTER, unmade="the problem with the mailbox comes first" if probe else "of --no-probe")
    yield from (check for check in found if check.unmade)


_MEND = "Correct it there, then run: csp-workflow config check"


def _list_checks(what: str, faults: Sequence[str], remedy: str, *, is_warning: bool = False) -> Iterator[Check]:
    """A check for each fault, or one that is well."""
    yield from (Check(what=what, problem=fault, remedy=remedy, is_warning=is_warning) for fault in faults)
    if not faults:
        yield Check(what=what)


def _check_templates(config: Path) -> Iterator[Check]:
    from csp_workflow.report.check import find_base_problems

    yield from _list_checks("templates", settings.find_template_faults(config), _MEND)
    remedy = "Correct it in Word, then run: csp-workflow report check templates/reports/base.docx"
    lacking = find_base_problems(settings.read_report_base(config))
    yield from _list_checks("base of papers", lacking, remedy, is_warning=True)


def _check_store(service: Service, state: Path) -> Iterator[Check]:
    from csp_workflow.store import migrations

    try:
        faults = migrations.faults(wiring.find_laid_out(service, state))
    except (PreconditionFailed, WorldFault) as fault:
        faults = (str(fault),)
    yield from _list_checks("store", faults, "Run csp-workflow db check again afterwards.")


def _check_archive(service: Service, state: Path) -> Iterator[Check]:
    """Where the archive is, so that a person sees which machines reach it; and whether it is the store's."""
    from csp_workflow.store import Store

    place = f"in {service.archive or 'the state folder'}" if service.archive != "database" else "in the database"
    with closing(Store(wiring.find_database(service, state))) as store:
        problem = wiring.find_archive_fault(wiring.choose_archive(service, state, store), store)
    yield Check(what=f"archive {place}", problem=problem, remedy=_THEN_AGAIN if problem else "")


def _check_disk(state: Path) -> Iterator[Check]:
    if not state.is_dir():
        return
    free = shutil.disk_usage(state).free
    is_short = free < _ROOM
    yield Check(
        what="room on the disk",
        problem=f"Only {free / 1024**2:.0f} MB are free where the state folder lies." if is_short else "",
        remedy="Make room: without it, messages stay unread in the mailbox." if is_short else "",
    )


def _check_sandbox(site: Site) -> Iterator[Check]:
    from csp_workflow.sandbox import Sandbox

    sandbox = Sandbox(limits=site.limits)
    try:
        missing = sandbox.missing_guards()
    finally:
        sandbox.close()
    why, _, remedy = wiring.UNGUARDED.partition(". ")
    faults = [f"This machine does not allow {guard}, which {why}." for guard in missing]
    is_warning = not site.mode.is_real or site.limits.unguarded
    yield from _list_checks("sandbox", faults, remedy, is_warning=is_warning)


def _check_agreement(what: str, site: Site, service: Service, state: Path) -> Iterator[Check]:
    """Whether mode, machine, store and secrets agree that the service may start."""
    from csp_workflow.store import Store

    refusal = service.missing_secret()
    if not refusal:
        try:
            store = Store(wiring.find_database(service, state))
        except (PreconditionFailed, WorldFault):  # said above, of the store
            return
        refusal = wiring.find_disagreement(site, service, store)
        store.close()
    yield Check(what=what, problem=refusal, remedy=_THEN_AGAIN if refusal else "")


def _check_whereabouts(site: Site, service: Service, state: Path) -> Check:
    """Whether the store is where it was last at work; if not, nothing leaves before RELEASE."""
    from csp_workflow.steps.comparing import find_move
    from csp_workflow.store import Store

    store = Store(wiring.find_database(service, state))
    why = find_move(store, wiring.find_whereabouts(site, service, state)) or store.service_status().moved
    store.close()
    problem = f"{why} So nothing leaves until the co-ordinator replies RELEASE." if why else ""
    return Check(what="the store in its own place", problem=problem, remedy=_RELEASE if why else "", is_warning=True)


# The mailbox --------------------------------------------------------------------------------------


def _check_letter_to_ourselves(
    mailbox: Mailbox, site: Site, *, key: bytes, now: datetime, wait: Callable[[float], None]
) -> Iterator[Check]:
    """Send a letter to the service's own mailbox and wait until it lies there: sending and receiving in one."""
    content, delivery_id = office.letter(site.office, key=key, now=now)
    try:
        _, cursor = _list_since(mailbox, now - CLOCKS_APART)
        mailbox.send(content, site.office.mailbox, delivery_id)
        arrived = _await_letter(mailbox, cursor, delivery_id, now=now, wait=wait)
        known = isinstance(mailbox.find_sent(delivery_id), Proof)
    except WorldFault as fault:
        yield tell_fault(_LETTER, fault, _THEN_AGAIN)
        return
    late = "" if arrived else f"It was accepted, but did not arrive within {PATIENCE:.0f} seconds."
    yield Check(what=_LETTER, problem=late, remedy=_LATE if late else "")
    if arrived:
        yield check_clocks(arrived, now)
    lost = "" if known else "A letter that was sent is not found again, so after a crash letters wait for a person."
    yield Check(what="a sent letter is found again", problem=lost, remedy=_LOST if lost else "", is_warning=True)


def _check_drafts(mailbox: Mailbox, site: Site, *, key: bytes, now: datetime) -> Iterator[Check]:
    """In mode drafts: put a letter into Drafts, look for it there, and take it out again."""
    if site.mode is not Mode.DRAFTS:
        return
    content, delivery_id = office.letter(site.office, key=key, now=now)

    def find() -> list[str]:
        found = mailbox.list_drafts(now - CLOCKS_APART)
        return [one.source for one in found if one.mark == delivery_id and one.place is Place.DRAFTS]

    try:
        mailbox.put_draft(content, site.office.mailbox, delivery_id)
        lying = find()
        for source in lying:
            mailbox.remove(source)
        left = find()
    except WorldFault as fault:
        yield tell_fault(_DRAFT, fault, _LET_DRAFT)
        return
    problem = "" if lying else "A letter that was put into Drafts is not found there, so none would ever count as sent."
    problem = problem or ("What was put into Drafts cannot be taken out of it again." if left else "")
    yield Check(what=_DRAFT, problem=problem, remedy=_LET_DRAFT if problem else "")
    yield Check(
        what="a copy here of what a person sends", unmade="it shows when the first draft is sent (docs/running.md)"
    )


def _check_reading(mailbox: RealMailbox, service: Service, state: Path, now: datetime) -> Iterator[Check]:
    """Whether messages that were read could be filed, and how much lies in the inbox that is not read at all."""
    from csp_workflow.store import Store

    store = Store(wiring.find_database(service, state))
    begins, not_filed = store.read_from() or store.began() or now, store.not_filed_since()
    store.close()
    if not_filed is not None:
        problem = f"Since {plain_day(not_filed)} messages that were read could not be put into their folders."
        yield Check(what="filing of messages until now", problem=problem, remedy=_LET_FILE, is_warning=True)
    yield from _check_older_mail(mailbox, service, begins)


def _check_older_mail(mailbox: RealMailbox, service: Service, begins: datetime) -> Iterator[Check]:
    """How much lies in the inbox that is not read, since it was there before the site was."""
    what = "older mail in the inbox"
    if service.read_from:
        begins = min(begins, london(service.read_from, time(0)))
    try:
        read, _ = _list_since(mailbox, begins)
        count = mailbox.count_messages() - read
    except WorldFault as fault:
        yield Check(what=what, problem=str(fault), remedy=_THEN_AGAIN, is_warning=True)
        return
    are, left = ("is", "it is") if count == 1 else ("are", "they are")
    told = f"{plural(count, 'message')} from before {plain_day(begins)} {are} in the inbox; {left} left alone."
    yield Check(what=what, problem=told if count > 0 else "", remedy=_READ_FROM if count > 0 else "", is_warning=True)


def _list_since(mailbox: Mailbox, since: datetime) -> tuple[int, str]:
    """How many messages were received since then, and the cursor behind them all."""
    count, cursor, has_more = 0, "", True
    while has_more:
        sources, cursor = mailbox.list_new(cursor, since)
        count, has_more = count + len(sources), cursor.startswith(MORE)
    return count, cursor


def _await_letter(
    mailbox: Mailbox, cursor: str, delivery_id: str, *, now: datetime, wait: Callable[[float], None]
) -> datetime | None:
    """When the mail server received the letter; it is then put away, so that the service need not judge it."""
    for _ in range(int(PATIENCE / PAUSE)):
        sources, cursor = mailbox.list_new(cursor)
        for source in sources:
            try:
                fetched = mailbox.get(source, now)
            except MessageGone:
                continue
            if delivery_id in unpack_message(fetched.raw, received=now).text:
                mailbox.file(source, "Processed")
                return fetched.received
        wait(PAUSE)
    return None


_LETTER, _DRAFT = "a letter to ourselves", "a letter in Drafts, and out of it again"
_LET_DRAFT = (
    "Let the account make and remove messages in the mailbox's folder of drafts; with adapter internet look at "
    "internet.drafts_folder and internet.sent_folder in service.toml."
)
_THEN_AGAIN = "Put it right, then run csp-workflow doctor again."
_LET_FILE = "Let the account move messages out of the inbox and make folders; until then they stay there, which is all."
_RELEASE = (
    "Make sure that no other service is at work on this mailbox. The next beat reads all of it and tells the "
    "co-ordinator what it found; her reply RELEASE, or csp-workflow release, lets sending go on."
)
_READ_FROM = (
    "To have those from a day on read as well, write it in service.toml under [mailbox]: read_from = 2014-09-01"
)
_LATE = "Look into the junk folder and at the room in the mailbox; ask whoever runs the mail system for the letter."
_LOST = "In service.toml look at internet.proof: it must fit what your mail server does with what it sends."
