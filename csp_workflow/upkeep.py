"""What is done to a site at rest: its archive moved, its backup made and put back, its beginning in earnest."""

from __future__ import annotations

import os
import secrets
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from csp_workflow import settings, wiring
from csp_workflow.terms.events import Decision, Event, Happened, PreconditionFailed
from csp_workflow.terms.measure_sets import list_differences
from csp_workflow.terms.phrases import moment, plural
from csp_workflow.terms.service import ConfigInvalid, Mode, WorldFault
from csp_workflow.terms.setup import fold_setups
from csp_workflow.terms.site import Service, Site

if TYPE_CHECKING:
    from csp_workflow.archive import Archive
    from csp_workflow.store import Store

_STILL_LACKS = (
    "{count} files taken. The archive still lacks messages or letters that the store names: take over the others, too."
)


def upgrade_store(config: Path, state: Path) -> str:
    """Bring the store to this version's shape. A sentence that says which."""
    from csp_workflow.store import migrations

    _, service = settings.load(config)
    return f"The store is in the shape of revision {migrations.upgrade(wiring.find_laid_out(service, state))}."


def find_store_faults(config: Path, state: Path) -> tuple[str, ...]:
    """What is wrong with the store, in sentences; () when it is sound."""
    from csp_workflow.store import migrations

    _, service = settings.load(config)
    return migrations.faults(wiring.find_laid_out(service, state))


def check_sent(config: Path, state: Path) -> tuple[str, ...]:
    """Hold a configuration against what was last sent and agreed: why that could not be done, and what differs.

    Raises ConfigInvalid with what means another thing now. Where there is no store yet, nothing was sent.
    """
    from csp_workflow.settings import KeptSettings, find_redefined
    from csp_workflow.store import Store

    site, service = settings.load(config)
    if not wiring.is_laid_out(service, state):
        return ()
    try:
        store = Store(wiring.find_database(service, state))
    except (PreconditionFailed, WorldFault) as fault:
        return (f"it was not held against what was last sent. {fault}",)
    try:
        kept = KeptSettings(config, site, store)
        site = kept.assemble(store.setups())
        found = find_redefined(site, store)
        differences = (*list_differences(site, store.agreed_sets()), *kept.list_differences())
    finally:
        store.close()
    if found:
        raise ConfigInvalid(found)
    return differences


def write_setup(config: Path, state: Path) -> tuple[str, ...]:
    """Write what was set up by workbook into the files, remarks and order kept; the names of those that changed."""
    from csp_workflow.settings.writing_back import write_tables
    from csp_workflow.store import Store

    _, service = settings.load(config)
    store = Store(wiring.find_database(service, state))
    try:
        return write_tables(config, fold_setups(store.setups()))
    finally:
        store.close()


def take_archive(config: Path, state: Path, source: str) -> str:
    """Take over what lies in another archive (a folder, or "database"); from now on the store has it in this one.

    A sentence that says what was done. Raises PreconditionFailed while something is lacking here.
    """
    from csp_workflow.store import IN_DATABASE, Store

    _, service = settings.load(config)
    with wiring.lock_folder(state / "lock", wanted=True), closing(Store(wiring.find_laid_out(service, state))) as store:
        archive = wiring.choose_archive(service, state, store)
        place = source if source == IN_DATABASE else str(Path(source).absolute())
        count = take_files(store, archive, wiring.choose_archive(replace(service, archive=place), state, store))
    return f"{count} files taken. The store has its archive here from now on."


def take_files(store: Store, archive: Archive, other: Archive) -> int:
    """Take over what another archive holds; from now on the store has it in this one. How many files there were."""
    count = sum(1 for name in other.list_names() if archive.keep(other.fetch(name)))
    if not wiring.holds_all(archive, store.last_kept()):
        raise PreconditionFailed(_STILL_LACKS.format(count=count))
    if not archive.find_identity():
        archive.take_identity(secrets.token_hex(16))
    store.set_stamp(wiring.ARCHIVE, archive.find_identity())
    return count


def make_backup(config: Path, state: Path, file: Path, now: datetime) -> str:
    """Write the site's backup to a file, while the service goes on. A sentence that says what is in it."""
    from csp_workflow import backup

    _, service = settings.load(config)
    folder = wiring.find_archive_folder(service, state)
    url, key = wiring.find_laid_out(service, state), wiring.read_key(service, state)
    made = backup.make_backup(file, url=url, key=key, state=state, archive=folder, now=now)
    lost = (
        f" {plural(len(made.damaged), 'file')} of the archive were damaged and are not in it." if made.damaged else ""
    )
    return f"The backup is in {file}: {plural(len(made.files), 'file')}. It holds the key: keep it as safe.{lost}"


def restore_backup(config: Path, state: Path, file: Path, now: datetime, *, replace: bool) -> str:
    """Put a backup in the place of the site's store. A sentence that says what follows."""
    from csp_workflow import backup

    _, service = settings.load(config)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with wiring.lock_folder(state / "lock", wanted=True):
        restored = backup.restore_backup(
            file,
            url=wiring.find_database(service, state),
            state=state,
            archive=wiring.find_archive_folder(service, state),
            with_mail=service.mailbox is None,
            replace=replace,
            now=now,
        )
    made = moment(datetime.fromisoformat(restored.made))
    return (
        f"The backup of {made} is in place. The next beat reads the whole mailbox, tells the co-ordinator in one "
        "letter what it found beyond the backup, and sends nothing else before RELEASE."
    )


def go_live(config: Path, state: Path, now: datetime) -> str:
    """Begin in earnest where a site was tried out: a new store and key, with the figures that were imported.

    Nothing else is carried over: no letter that only the co-ordinator got may count as sent to anybody, and its
    Message-ID, which the key makes, must not be met again. A sentence that says what was done. Raises
    PreconditionFailed, and nothing was done.
    """
    from csp_workflow import backup
    from csp_workflow.store import Store, migrations
    from csp_workflow.store.copying import put_back
    from csp_workflow.store.engine import file_of
    from csp_workflow.whereabouts import NOTE

    site, service = wiring.load_whole(config)
    url = wiring.find_laid_out(service, state)
    with wiring.lock_folder(state / "lock", wanted=True):
        tried = _find_imported(site, service, url)
        new, beside = (
            file_of(url).with_name(f".live.{now:%Y%m%dT%H%M%S}.sqlite"),
            state / f"before-live-{now:%Y%m%dT%H%M%S}",
        )
        new.unlink(missing_ok=True)
        migrations.upgrade(f"sqlite:///{new}")
        store = Store(f"sqlite:///{new}")
        store.set_stamp("environment", Mode.LIVE.value)
        store.set_stamp("mailbox", site.office.mailbox)
        store.save_read_from(now, anew=True)
        for data in tried.files:
            store.archive.keep(data)
        if tried.decision:
            facts = {"taken": len(tried.decision.figures) + len(tried.decision.group_rates), "refused": 0}
            event = Event(kind=Happened.FIGURES_IMPORTED, at=now, by="golive", facts=facts)
            store.commit(replace(tried.decision, events=(event,)), at=now)
        store.close()
        # The key goes first: the old store under a new key is still one that writes to nobody but the co-ordinator.
        beside.mkdir(mode=0o700, exist_ok=True)
        os.link(state / "key", beside / "key")
        backup.write_key(state, secrets.token_bytes(32))
        (state / NOTE).unlink(missing_ok=True)
        put_back(new, url, beside=beside)
    return (
        f"The site begins in earnest, with {plural(len(tried.decision.figures), 'imported figure')}; what was tried "
        f"out is kept in {beside}. Next: csp-workflow cycle plan, and the quarter's proof."
    )


@dataclass(frozen=True)
class _Imported:
    """What a store took from files, and those files where no folder keeps them."""

    decision: Decision
    files: tuple[bytes, ...] = ()


def _find_imported(site: Site, service: Service, url: str) -> _Imported:
    """What was imported into a store that was tried out. Raises PreconditionFailed where it may not go live."""
    from csp_workflow.post.leaving import judge_mode
    from csp_workflow.store import IN_DATABASE, Store

    if not url.startswith("sqlite"):
        raise PreconditionFailed(
            "The store is on a server. Make a new, empty database there, name it in CSP_DATABASE, lay out a new site "
            "beside this one with the same config (in a fleet: csp-workflow fleet add), run csp-workflow db upgrade, "
            "and import the figures again."
        )
    if not site.mode.is_real:
        raise PreconditionFailed(
            'Write mode = "drafts" or "live" in service.toml first, and set CSP_ENVIRONMENT=live here.'
        )
    fits = judge_mode(
        site.mode,
        adapter=service.adapter,
        trust=site.trust.profile,
        mailbox=site.office.mailbox,
        environment=service.environment,
        stamped_environment="",
        stamped_mailbox="",
    )
    store = Store(url)
    tried = store.stamp("environment")
    imported = Decision(figures=store.imported_figures(), group_rates=store.group_rates())
    origins = [*(f.provenance for f in imported.figures), *(rate.provenance for rate in imported.group_rates)]
    kept = set(store.archive.list_names()) if service.archive == IN_DATABASE else set()
    files = tuple(map(store.archive.fetch, sorted(kept & {origin.attachment for origin in origins})))
    store.close()
    if tried in {"", Mode.LIVE.value}:
        fits = fits or "Nothing was tried out in this store: it goes live as it is."
    if fits:
        raise PreconditionFailed(fits)
    return _Imported(imported, files)
