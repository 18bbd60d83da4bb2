"""`service.toml` and the environment variables that come before it: how the service runs, for whom, by which mail.

Both become a `Service`, which says how this machine runs a site. Secrets come from the environment only, also
as the name of a file (CSP_MAIL_PASSWORD or CSP_MAIL_PASSWORD_FILE).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from csp_workflow.settings.fields import (
    Address,
    Clock,
    Day,
    Faults,
    FromTable,
    Line,
    Person,
    Secretary,
    Text,
    TomlTable,
    fault_of_value,
    quote,
    suggest,
    table_of,
)
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.messages import AS_LAST_YEAR, CERTIFY, MORE_TIME, NO, TAKE_OUT, YES
from csp_workflow.terms.retention import LegalHold, Retention
from csp_workflow.terms.service import (
    ExchangeMailbox,
    GraphMailbox,
    InternetMailbox,
    Login,
    MailServer,
    Mode,
    Road,
    Secrets,
    Trust,
    TrustProfile,
    Watch,
)
from csp_workflow.terms.site import Rung, Service

# The mailbox --------------------------------------------------------------------------------------

Adapter = Literal["maildir", "internet", "exchange", "graph"]
ADAPTERS: tuple[str, ...] = ("maildir", "internet", "exchange", "graph")


def _check_https(given: str) -> str:
    if not given.startswith("https://"):
        raise fault_of_value(f"is {quote(given)}. Write an address that begins with https://")
    return given.rstrip("/")


Https = Annotated[Text, AfterValidator(_check_https)]
HttpsOrNone = Annotated[Line, AfterValidator(lambda given: _check_https(given) if given else "")]
Identifier = Annotated[Text, Field(max_length=200)]


Server = Annotated[MailServer, FromTable(table_of(MailServer, Annotated[int, Field(ge=1, le=65535)]))]
"""There is no way to reach one without encryption."""


Internet = Annotated[
    InternetMailbox,
    FromTable(
        table_of(
            InternetMailbox,
            login=Annotated[Literal["password", "xoauth2"], AfterValidator(Login)],
            imap=Server,
            smtp=Server,
            own_copy=(Address, ""),
            sent_folder=(Text, "Sent"),
            drafts_folder=(Line, ""),
        )
    ),
]
"""IMAP and SMTP."""

Exchange = Annotated[
    ExchangeMailbox,
    FromTable(
        table_of(
            ExchangeMailbox,
            endpoint=Https,
            user=(Line, ""),
            login=Annotated[Literal["ntlm", "basic", "oauth2"], AfterValidator(Login)],
            version=Literal["2013", "2016", "2019"],
        )
    ),
]
"""Exchange at home, by EWS."""

Graph = Annotated[
    GraphMailbox,
    FromTable(
        table_of(
            GraphMailbox,
            tenant=Identifier,
            client=Identifier,
            outside=(Address, ""),
            endpoint=Https,
            authority=Https,
        )
    ),
]
"""Microsoft 365, by Graph."""

_Name = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True)]
TrustIn = Annotated[Trust, FromTable(table_of(Trust, authserv_id=_Name, boundary=_Name))]
"""Whose word about a sender counts."""

RoadIn = Annotated[Road, FromTable(table_of(Road, server=Server, sender=(Address, ""), user=(Line, "")))]
WatchIn = Annotated[
    Watch,
    FromTable(
        table_of(
            Watch,
            tell=(tuple[Address, ...], ()),
            ping=(HttpsOrNone, ""),
            ping_seconds=(Annotated[int, Field(ge=1, le=30)], 5),
            disk_mebibytes=(Annotated[int, Field(ge=1, le=1_000_000)], 1024),
            road=(RoadIn | None, None),
        )
    ),
]
"""Who is told of trouble, and how."""

_QUARTER = Annotated[Line, AfterValidator(lambda given: Quarter.parse(given).key if given else "")]
HoldIn = Annotated[
    LegalHold,
    FromTable(table_of(LegalHold, reason=Text, respondent=(Line, ""), person=(Address, ""), quarter=(_QUARTER, ""))),
]
_Months = Annotated[int, Field(ge=0, le=1_200)]
RetentionIn = Annotated[
    Retention,
    FromTable(
        table_of(
            Retention, messages_months=(_Months, 0), letters_months=(_Months, 0), legal_holds=(tuple[HoldIn, ...], ())
        )
    ),
]
"""How long things are kept."""

# The file -----------------------------------------------------------------------------------------

Count = Annotated[int, Field(ge=1, le=10_000)]
Phrases = Annotated[tuple[Text, ...], Field(min_length=1)]


class AbsenceTable(TomlTable):
    """Days on which the co-ordinator is away, both ends included."""

    first: Day
    last: Day


class OfficeTable(TomlTable):
    """Who runs the cycle and takes its papers."""

    name: Text
    mailbox: Address
    phone: Line
    absences: tuple[AbsenceTable, ...] = ()
    co_ordinator: Person
    deputy: Person | None = None
    manager: Person | None = None
    secretariat: Annotated[tuple[Secretary, ...], Field(min_length=1)]


class MailboxTable(TomlTable):
    """What of the mailbox is read: mail from the site's first day on, and from an earlier day where one is named.

    `secret_until` is the last day of a client secret, which does not tell it itself.
    """

    read_from: Day | None = None
    secret_until: Day | None = None


class SendingTable(TomlTable):
    """When timed letters leave, and when the digest does; `digest_daily`: also where nothing is new.

    `questions_at_once`: what somebody asks does not wait for it; `orders_at_once`: nor does any answer to an order.
    """

    opens: Clock
    closes: Clock
    digest: Clock
    digest_daily: bool = False
    questions_at_once: bool = False
    orders_at_once: bool = False


class PhrasesTable(TomlTable):
    """What a reply's first line must be to count; what further subjects of automatic replies begin with."""

    approval: Phrases
    nil: Phrases
    decline: Phrases
    away: tuple[Text, ...] = ()
    left: tuple[Text, ...] = ()
    yes: Phrases = YES
    more_time: Phrases = MORE_TIME
    take_out: Phrases = TAKE_OUT
    chair_prevails: bool = False
    as_last_year: Phrases = AS_LAST_YEAR
    certify: Phrases = CERTIFY
    no: Phrases = NO


class LimitsTable(TomlTable):
    """Bounds on work and on answers."""

    message_mebibytes: Annotated[int, Field(ge=1, le=200)] = 15
    attachments: Count = 20
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    seconds: Annotated[int, Field(ge=1, le=20)] = 20
    child_mebibytes: Annotated[int, Field(ge=64, le=512)] = 512
    answers_a_day: Annotated[int, Field(ge=1, le=3)] = 3
    answers_an_hour: Count = 60
    letters_a_minute: Annotated[int, Field(ge=1, le=1_000)] = 20
    trying_days: Annotated[int, Field(ge=1, le=30)] = 5
    gap_working_days: Count = 2
    unguarded: bool = False
    approval_reminder_days: Count = 3
    query_reminder_days: Count = 3
    passed_on_a_day: Count = 20


class ServiceFile(TomlTable):
    """The whole of service.toml."""

    mode: Mode = Mode.REHEARSAL
    adapter: Adapter = "maildir"
    database: str = Field(default="", repr=False)
    archive: Line = ""
    marking: Line = ""
    illustrative: bool = False
    chair_copy: bool = True
    office: OfficeTable
    mailbox: MailboxTable = MailboxTable()
    sending: SendingTable
    ladder: tuple[Annotated[Rung, FromTable(table_of(Rung, Annotated[int, Field(ge=-60, le=60)]))], ...]
    phrases: PhrasesTable
    limits: LimitsTable = LimitsTable()
    trust: TrustIn = Trust()
    watch: WatchIn = Watch()
    retention: RetentionIn = Retention()
    internet: Internet | None = None
    exchange: Exchange | None = None
    graph: Graph | None = None


# The environment ----------------------------------------------------------------------------------

PREFIX = "CSP_"
_CHOICES = {"CSP_MODE": tuple(Mode), "CSP_ADAPTER": ADAPTERS}


class Overrides(BaseModel):
    """What the environment says; None where it says nothing."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    mode: Mode | None = None
    adapter: Adapter | None = None
    database: str | None = None
    archive: str | None = None
    environment: str = ""
    machine: str = ""
    mail_password: str = ""
    mail_client_secret: str = ""
    mail_certificate: str = ""
    mail_token_file: str = ""
    alert_password: str = ""


def read_environment(environment: Mapping[str, str] | None, faults: Faults) -> Overrides:
    """The overrides of a process; `environment` stands in for its variables."""
    ours = os.environ if environment is None else environment  # noqa: TID251 - settings read the environment
    given = {name: value for name, value in ours.items() if name.startswith(PREFIX)}
    known = [f"{PREFIX}{name.upper()}" for name in Overrides.model_fields]
    _check_names(given, known, faults)
    values = {name: text for name in known if (text := _read_value(name, given, faults)) is not None}
    try:
        return Overrides.model_validate({name.removeprefix(PREFIX).lower(): text for name, text in values.items()})
    except ValidationError as error:
        for name in (f"{PREFIX}{str(found['loc'][0]).upper()}" for found in error.errors()):
            faults.add_about_folder(
                f"The environment variable {name} is '{values[name]}', which is not known."
                f"{suggest(values[name], _CHOICES.get(name, ()))}"
            )
        return Overrides()


def _read_value(name: str, given: Mapping[str, str], faults: Faults) -> str | None:
    """The variable itself, or the first line of the file that NAME_FILE names."""
    file = given.get(f"{name}_FILE")
    if name in given and file:
        faults.add_about_folder(f"Both {name} and {name}_FILE are set. Keep one of them.")
    if name in given or not file:
        return given.get(name)
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, ValueError):
        faults.add_about_folder(f"The file that {name}_FILE names cannot be read. Check its path and permissions.")
        return None


def _check_names(given: Mapping[str, str], known: list[str], faults: Faults) -> None:
    """A misspelt variable would be ignored in silence; others that begin with CSP_ are not ours."""
    names = [*known, *(f"{name}_FILE" for name in known)]
    for name in given:
        near = [] if name in names else get_close_matches(name, names, n=1, cutoff=0.85)
        if near:
            faults.add_about_folder(f"The environment variable {name} is not known. Did you mean {near[0]}?")


# Both together ------------------------------------------------------------------------------------


def assemble_service(file: ServiceFile, overrides: Overrides) -> Service:
    """How this machine runs the site; the environment comes before the file."""
    adapter = overrides.adapter or file.adapter
    mailbox: InternetMailbox | ExchangeMailbox | GraphMailbox | None = getattr(file, adapter, None)
    if isinstance(mailbox, InternetMailbox):
        mailbox = replace(mailbox, own_copy=mailbox.own_copy or file.office.mailbox)
    secrets = Secrets(**{one.name: getattr(overrides, f"mail_{one.name}") for one in fields(Secrets)})
    return Service(
        mode=overrides.mode or file.mode,
        adapter=adapter,
        mailbox=mailbox,
        secrets=secrets,
        database=file.database if overrides.database is None else overrides.database,
        archive=file.archive if overrides.archive is None else overrides.archive,
        environment=overrides.environment,
        machine=overrides.machine,
        read_from=file.mailbox.read_from,
        alert_password=overrides.alert_password,
        sign_in_until=_find_last_day(secrets.certificate) or file.mailbox.secret_until,
    )


def _find_last_day(certificate: str) -> date | None:
    """The last day of the application's certificate; None without one, or when it cannot be read (doctor tells)."""
    if not certificate:
        return None
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return min(one.not_valid_after_utc for one in load_pem_x509_certificates(certificate.encode())).date()
    except ValueError:
        return None


# What the mail tables say of one another -------------------------------------------------------------


def find_mail_faults(service: ServiceFile, adapter: str) -> Iterator[str]:
    """Every fault of the mail tables. `adapter` is the one in force, the environment's before the file's."""
    if adapter != "maildir" and getattr(service, adapter) is None:
        yield f'the table [{adapter}] is missing, which adapter = "{adapter}" needs.'
    for name, table in (("internet", service.internet), ("exchange", service.exchange)):
        if table is not None:
            yield from _check_login(name, table)
    yield from _check_trust(service.trust)


def _check_login(name: str, table: InternetMailbox | ExchangeMailbox) -> Iterator[str]:
    if table.login is Login.OAUTH2 and not (table.tenant and table.client):
        yield f"{name}.login is '{table.login}', which needs {name}.tenant and {name}.client."
    if bool(table.tenant) != bool(table.client):
        yield f"{name}.tenant and {name}.client belong together. Write both, or none."
    if table.login is not Login.OAUTH2 and not table.user:
        yield f'{name}.user is missing, which {name}.login = "{table.login}" needs.'


def _check_trust(trust: Trust) -> Iterator[str]:
    stands = {
        "authserv_id": "at the start of Authentication-Results",
        "boundary": "behind by in Received",
    }
    given = {key: getattr(trust, key) for key in stands}
    for key, where in stands.items() if trust.profile is TrustProfile.RFC8601 or any(given.values()) else ():
        if not given[key]:
            yield f"trust.{key} is missing. Write the name that your own mail server puts {where}."
