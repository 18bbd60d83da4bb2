"""Real mail: the chosen adapter has its table, a login has what it needs, a trust profile its names."""

from __future__ import annotations

from csp_workflow.settings.faults import Faults
from csp_workflow.settings.files import Read
from csp_workflow.settings.schemas.mail import ExchangeTable, InternetTable, TrustTable
from csp_workflow.settings.schemas.service import ServiceFile
from csp_workflow.terms.mailboxes import Login, TrustProfile

FILE = "service.toml"


def check(read: Read, faults: Faults, adapter: str) -> None:
    """Note every fault of the mail tables. `adapter` is the one in force, the environment's before the file's."""
    if read.service is None:
        return
    _check_table(read.service, adapter, faults)
    _check_logins(read.service, faults)
    _check_trust(read.service.trust, faults)


def _check_table(service: ServiceFile, adapter: str, faults: Faults) -> None:
    if adapter != "maildir" and getattr(service, adapter) is None:
        faults.add(FILE, f'the table [{adapter}] is missing, which adapter = "{adapter}" needs.')


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
            faults.add(FILE, f"{name}.login is '{table.login}', which needs {name}.tenant and {name}.client.")
        if bool(table.tenant) != bool(table.client):
            faults.add(FILE, f"{name}.tenant and {name}.client belong together. Write both, or none.")
        if login is not Login.OAUTH2 and not table.user:
            faults.add(FILE, f'{name}.user is missing, which {name}.login = "{table.login}" needs.')


def _check_trust(trust: TrustTable, faults: Faults) -> None:
    needs_names = trust.profile is TrustProfile.RFC8601
    if needs_names or trust.authserv_id or trust.boundary:
        for key in ("authserv_id", "boundary"):
            if not getattr(trust, key):
                faults.add(
                    FILE,
                    f"trust.{key} is missing. Write the name that your own mail server puts "
                    f"{'at the start of Authentication-Results' if key == 'authserv_id' else 'behind by in Received'}.",
                )
