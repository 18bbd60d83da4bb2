"""A site as one frozen value, loaded once by `settings`: who owes a return, the rules; and how a machine runs it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from csp_workflow.terms import messages as words
from csp_workflow.terms.actions import Action
from csp_workflow.terms.checks import NO_CHECKS, Checks
from csp_workflow.terms.dates import Board, Meeting, Quarter, WorkingDays
from csp_workflow.terms.figures import Break, Framework, Geography
from csp_workflow.terms.grants import Grant
from csp_workflow.terms.report_form import PaperReader, ReportForm, TermsClause
from csp_workflow.terms.retention import KEPT_FOR_EVER, Retention
from csp_workflow.terms.service import (
    NO_SECRETS,
    NOBODYS_WORD,
    NOT_WATCHED,
    ExchangeMailbox,
    GraphMailbox,
    InternetMailbox,
    Login,
    Mode,
    Secrets,
    Trust,
    Watch,
)


class Role(StrEnum):
    """What a contact does at a respondent. A finance officer is told what was certified, and is asked for nothing."""

    LEAD = "lead"
    CHAIR = "chair"
    DEPUTY = "deputy"
    DEPUTY_CHAIR = "deputy chair"
    BUDGET_HOLDER = "budget holder"
    DEPUTY_HOLDER = "deputy budget holder"
    FINANCE = "chief finance officer"

    @property
    def assent(self) -> Assent | None:
        """What its holder says yes to, with their own word and nobody else's; None for nothing."""
        return next((one for one in Assent if self in one.roles), None)

    @property
    def approves(self) -> bool:
        """Whether its holder may approve a partnership's return."""
        return self.assent is Assent.APPROVAL

    @property
    def is_of_grants(self) -> bool:
        """Whether it has to do with grant money alone."""
        return self in {Role.BUDGET_HOLDER, Role.DEPUTY_HOLDER, Role.FINANCE}


class Assent(StrEnum):
    """A yes that counts in one person's own word alone: a chair's to a return, a budget holder's to what it says of
    grant money. The one is never the other."""

    APPROVAL = "approval"
    CERTIFICATE = "certificate"

    @property
    def roles(self) -> tuple[Role, Role]:
        """Whose yes it is, and who may say it in their place."""
        if self is Assent.APPROVAL:
            return Role.CHAIR, Role.DEPUTY_CHAIR
        return Role.BUDGET_HOLDER, Role.DEPUTY_HOLDER


class RespondentKind(StrEnum):
    """Which of the three routes a respondent answers."""

    PARTNERSHIP = "partnership"
    CONTRIBUTOR = "contributor"
    ANALYST = "analyst"


@dataclass(frozen=True, kw_only=True)
class Area:
    """A place that figures are counted for, with its ONS code (E22... for a CSP area)."""

    code: str
    name: str
    geography: Geography = Geography.AREA
    upper_tier: str = ""


_CJSM = ".cjsm.net"
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


def is_address(written: str) -> bool:
    """Whether some text is an e-mail address that letters can go to."""
    return bool(_ADDRESS.fullmatch(written))


@lru_cache(maxsize=4096)  # whose a message is is looked for among everybody's addresses, several times each
def plain_address(written: str) -> str:
    """An address as people mean it: in small letters, without a tag ("+returns") or the secure network's suffix."""
    local, at, domain = written.lower().removesuffix(_CJSM).rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}"


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A person at a respondent, in a role, for a time.

    Letters go to `address` alone. `also` are the person's further addresses; `members` those of the people who read it
    as a shared mailbox, or get what is sent to it as a list. Somebody of the secretariat takes the papers of `boards`
    (keys), or of every board where none is named.
    """

    name: str
    role: Role
    address: str
    phone: str = ""
    valid_from: date = date.min
    valid_to: date = date.max
    also: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    boards: tuple[str, ...] = ()

    def serves_on(self, day: date) -> bool:
        """Whether the contact holds the role on a day."""
        return self.valid_from <= day <= self.valid_to

    def is_at(self, address: str) -> bool:
        """Whether the contact is reached at an address, however it is tagged."""
        return plain_address(self.address) == plain_address(address)

    def owns(self, address: str) -> bool:
        """Whether an address is the contact's own."""
        return plain_address(address) in map(plain_address, (self.address, *self.also))

    def speaks_from(self, address: str) -> bool:
        """Whether mail from an address counts as the contact's: their own, or a member's."""
        return self.owns(address) or plain_address(address) in map(plain_address, self.members)

    def acts_from(self, address: str) -> bool:
        """Whether an act from an address is the contact's. The word of a chair or a budget holder is nobody else's."""
        return self.owns(address) or (self.role.assent is None and self.speaks_from(address))


@dataclass(frozen=True, kw_only=True)
class Respondent:
    """A partnership, a contributor or the force's analyst.

    `key` is its name in config and commands ("charnwood"), `code` its short form in references ("CHARN"). `invited` are
    people named by order who have not confirmed yet, `predecessors` the keys of those whose work it has taken over,
    `heirs` those who have taken over its own: once it has ended their people are its contacts.
    """

    key: str
    code: str
    name: str
    kind: RespondentKind
    areas: tuple[Area, ...]
    contacts: tuple[Contact, ...]
    valid_from: date = date.min
    valid_to: date = date.max
    invited: tuple[Contact, ...] = ()
    predecessors: tuple[str, ...] = ()
    broken: Break | None = None
    grants: tuple[Grant, ...] = ()
    heirs: tuple[Respondent, ...] = field(default=(), repr=False)

    def follows(self, key: str) -> bool:
        """Whether what was that respondent's is this one's now: it is the same, or has taken its work over."""
        return key in {self.key, *self.predecessors}

    def contacts_on(self, day: date) -> tuple[Contact, ...]:
        """The contacts on a day, in the order of the config; once it has ended those of its heirs."""
        heirs = (heir.contacts_on(day) for heir in self.heirs if heir.valid_from <= day <= heir.valid_to)
        own = tuple(c for c in self.contacts if c.serves_on(day))
        return own if day <= self.valid_to else tuple(dict.fromkeys(c for theirs in heirs for c in theirs))

    def people(self, role: Role, day: date) -> tuple[Contact, ...]:
        """The contacts that hold a role on a day."""
        return tuple(c for c in self.contacts_on(day) if c.role is role)

    def chairs(self, day: date) -> tuple[Contact, ...]:
        """The chairs and the deputy chairs on a day."""
        return tuple(c for role in Assent.APPROVAL.roles for c in self.people(role, day))

    def givers(self, assent: Assent, day: date) -> tuple[Contact, ...]:
        """Whose yes to its return, or to its grant money, counts on a day: a deputy's too, whoever is asked."""
        return tuple(c for role in assent.roles if self.needs_approval for c in self.people(role, day))

    def addresses(self, day: date) -> frozenset[str]:
        """Every address, in lower case, of those who speak for this respondent: a finance officer may be anybody's."""
        return frozenset(c.address.lower() for c in self.contacts_on(day) if c.role is not Role.FINANCE)

    def is_registered(self, address: str, day: date) -> bool:
        """Whether letters to an address reach one of this respondent's contacts on a day."""
        return any(c.is_at(address) for c in self.contacts_on(day))

    def speakers(self, address: str, day: date) -> tuple[Contact, ...]:
        """The contacts for whom mail from an address counts on a day, its owners first."""
        found = (c for c in self.contacts_on(day) if c.speaks_from(address))
        return tuple(sorted(found, key=lambda c: not c.owns(address)))

    def is_invited(self, address: str) -> bool:
        """Whether an address was named by order and has not confirmed yet."""
        return any(c.is_at(address) for c in self.invited)

    @property
    def needs_approval(self) -> bool:
        """Only a partnership's chair approves; contributors need none."""
        return self.kind is RespondentKind.PARTNERSHIP


def say_chairs(respondents: Iterable[Respondent], day: date) -> str:
    """Who approves the returns of some respondents, as letters say it."""
    has_deputy = any(respondent.people(Role.DEPUTY_CHAIR, day) for respondent in respondents)
    return f"{Role.CHAIR} or {Role.DEPUTY_CHAIR}" if has_deputy else str(Role.CHAIR)


@dataclass(frozen=True, kw_only=True)
class Office:
    """The people who run the cycle and take its papers. Deputy, manager and absence are optional.

    The manager gets the week in short, and orders nothing. The deputy has what is hers too when she is away, letters to
    her come back (`is_cut_off`), or decisions of hers wait too long (`is_overdue`).
    """

    name: str
    co_ordinator: Contact
    deputy: Contact | None
    secretariat: tuple[Contact, ...]
    mailbox: str
    phone: str
    absences: tuple[tuple[date, date], ...] = ()
    is_cut_off: bool = False
    is_overdue: bool = False
    manager: Contact | None = None

    @property
    def particulars(self) -> str:
        """Our own addresses and numbers, which stand in every letter and name nobody."""
        return f"{self.mailbox} {self.phone} {self.co_ordinator.address} {self.co_ordinator.phone}"

    def is_away(self, day: date) -> bool:
        """Whether the co-ordinator is away on a day (both ends included), or no letter reaches her."""
        return self.is_cut_off or any(first <= day <= last for first, last in self.absences)

    @property
    def people(self) -> tuple[Contact, ...]:
        """The co-ordinator and her deputy, who may read everything."""
        return (self.co_ordinator, *((self.deputy,) if self.deputy else ()))

    def in_charge(self, day: date) -> tuple[Contact, ...]:
        """The co-ordinator, and the deputy while she is away."""
        return self.people if self.is_away(day) else (self.co_ordinator,)

    def may_command(self, address: str, day: date) -> bool:
        """Whether an address may order things."""
        people = self.people if self.is_overdue else self.in_charge(day)
        return address.lower() in {person.address.lower() for person in people}

    def secretariat_of(self, board: str) -> tuple[Contact, ...]:
        """Whoever takes a board's papers."""
        return tuple(person for person in self.secretariat if not person.boards or board in person.boards)

    def secretary_at(self, address: str) -> Contact | None:
        """Whoever of the secretariat is at an address, or None."""
        return next((person for person in self.secretariat if address and person.is_at(address)), None)


# The site ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ActionRow:
    """An action as a form shows it, with its board's name; its answer is written beside it."""

    ref: str
    board: str
    wording: str
    asked: date
    due: date


class RungKind(StrEnum):
    """What a rung of the ladder sends, and to whom."""

    BEFORE_DUE = "before due"
    DUE_TODAY = "due today"
    OVERDUE = "overdue"
    CHAIR = "chair"
    PHONE = "phone"


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One step of the chase: `days` working days from the due date (negative: before it)."""

    kind: RungKind
    days: int


@dataclass(frozen=True, kw_only=True)
class SendingWindow:
    """When timed letters may leave: London local time, working days only."""

    opens: time
    closes: time


@dataclass(frozen=True, kw_only=True)
class Offsets:
    """The calendar's lead times in working days, as `calendar.toml` has them.

    After the quarter's end: `extract_request`, `extract_due`, `open`, `due`, `close`. Before papers leave: `clearance`
    (draft to clearance is `drafting`). Before `open`: the newcomers' `introduction` (0: none). Before a year: when
    measures are asked (`measures_ask`, with `measures_days` to answer).
    """

    extract_request: int
    extract_due: int
    open: int
    due: int
    close: int
    drafting: int
    clearance: int
    due_time: time
    measures_ask: int = 30
    measures_days: int = 15
    introduction: int = 0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds on work and on answers."""

    message_bytes: int = 15 * 1024 * 1024
    attachments: int = 50
    attempts: int = 3
    seconds: int = 20
    child_mebibytes: int = 512
    answers_a_day: int = 3
    answers_an_hour: int = 60
    letters_a_minute: int = 20
    trying_days: int = 5
    gap_working_days: int = 2
    unguarded: bool = False
    approval_reminder_days: int = 3
    query_reminder_days: int = 3
    passed_on_a_day: int = 20

    def ends_trying(self, since: datetime) -> datetime:
        """When a letter that is refused for now since then is given up."""
        return since + timedelta(days=self.trying_days)


@dataclass(frozen=True, kw_only=True)
class PeerGroup:
    """A dated comparison group of areas, by ONS code."""

    key: str
    title: str
    version: date
    areas: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything a site configures."""

    office: Office
    respondents: tuple[Respondent, ...]
    frameworks: tuple[Framework, ...]
    boards: tuple[Board, ...]
    meetings: tuple[Meeting, ...]
    working_days: WorkingDays
    offsets: Offsets
    ladder: tuple[Rung, ...]
    window: SendingWindow
    limits: Limits
    mode: Mode
    marking: str
    approval_phrases: tuple[str, ...]
    nil_phrases: tuple[str, ...]
    decline_phrases: tuple[str, ...]
    report_forms: tuple[ReportForm, ...]
    terms: tuple[TermsClause, ...] = ()
    peers: tuple[PeerGroup, ...] = ()
    actions: tuple[Action, ...] = ()
    pre_election: tuple[tuple[date, date], ...] = ()
    away_phrases: tuple[str, ...] = ()
    left_phrases: tuple[str, ...] = ()
    yes_phrases: tuple[str, ...] = words.YES
    no_phrases: tuple[str, ...] = words.NO
    time_phrases: tuple[str, ...] = words.MORE_TIME
    removal_phrases: tuple[str, ...] = words.TAKE_OUT
    chair_prevails: bool = False
    as_last_year_phrases: tuple[str, ...] = words.AS_LAST_YEAR
    certify_phrases: tuple[str, ...] = words.CERTIFY
    digest_at: time = time(7, 30)
    digest_daily: bool = False
    questions_at_once: bool = False
    orders_at_once: bool = False
    illustrative: bool = False
    chair_copy: bool = True
    trust: Trust = NOBODYS_WORD
    courtesies: words.Courtesies = words.NO_COURTESIES
    topics: words.Topics = words.NO_TOPICS
    checks: Checks = NO_CHECKS
    watch: Watch = NOT_WATCHED
    retention: Retention = KEPT_FOR_EVER

    def phrases_of(self, assent: Assent) -> tuple[str, ...]:
        """What says yes; the first is what letters ask for."""
        return self.approval_phrases if assent is Assent.APPROVAL else self.certify_phrases

    def find_analyst(self, day: date) -> Respondent | None:
        """The force's analyst where letters reach one on a day."""
        analysts = (r for r in self.serving(day) if r.kind is RespondentKind.ANALYST and r.people(Role.LEAD, day))
        return next(analysts, None)

    def respondent(self, key: str) -> Respondent:
        """The respondent of that key. Raises KeyError when the config has none."""
        return {respondent.key: respondent for respondent in self.respondents}[key]

    def by_code(self, code: str) -> Respondent | None:
        """The respondent whose references carry `code`, or None."""
        return next((r for r in self.respondents if r.code == code), None)

    def framework(self, quarter: Quarter) -> Framework:
        """The framework of a quarter's financial year as it held for it. Raises KeyError when the config has none."""
        return {framework.year: framework for framework in self.frameworks}[quarter.financial_year].of_quarter(quarter)

    def checks_of(self, respondent: str, day: date) -> Checks:
        """The checks in force for a respondent on a day, with what is waived of them."""
        return self.checks.waive((w for framework in self.frameworks for w in framework.waivers), respondent, day)

    def serving(self, day: date) -> tuple[Respondent, ...]:
        """The respondents that exist on a day, in the order of the config."""
        return tuple(r for r in self.respondents if r.valid_from <= day <= r.valid_to)

    def registered(self, address: str, day: date) -> tuple[Respondent, ...]:
        """The respondents an address is registered for on a day (a county officer: several), as an heir's too."""
        return tuple(r for r in self.respondents if r.valid_from <= day and r.is_registered(address, day))

    def spoken_for(self, address: str, day: date) -> tuple[Respondent, ...]:
        """The respondents for whom mail from an address counts on a day."""
        return tuple(r for r in self.respondents if r.valid_from <= day and r.speakers(address, day))

    def handlers(self, topic: words.Topic, day: date) -> tuple[Contact, ...]:
        """Who deals with a topic: whom the site names, else the co-ordinator, with the deputy while she is away."""
        if topic.address:
            return (replace(self.office.co_ordinator, name=topic.office, address=topic.address, phone=""),)
        return self.office.in_charge(day)

    def readers_of(self, board: str) -> tuple[PaperReader, ...]:
        """Whose agreement a board's paper needs before it is cleared."""
        return tuple(reader for form in self.report_forms if form.board == board for reader in form.readers)

    def objection_days(self, board: str) -> int:
        """In how many working days partnerships may object to what a board's paper prints of them; 0: not shown."""
        return next((form.objection_days for form in self.report_forms if form.board == board), 0)

    def is_cancelled(self, board: str, day: date) -> bool:
        """Whether a board's meeting on a day is on record as cancelled."""
        return any(m.cancelled for m in self.meetings if (m.board, m.day) == (board, day))

    def board(self, key: str) -> Board:
        """The board of that key. Raises KeyError when the config has none."""
        return {board.key: board for board in self.boards}[key]


_MISSING = "Neither {name} nor {name}_FILE is set on this machine. Put {what} there, or the name of a file with it."


@dataclass(frozen=True, kw_only=True)
class Service:
    """How this machine runs a site.

    `adapter` names the mailbox's kind, `mailbox` how it is reached (None: the embedded one), `secrets`
    what proves there who we are; `database` is a URL ("": SQLite in the state folder; it may hold a
    password, so it is never shown), `archive` a folder ("": one in the state folder) or "database",
    `environment` what the machine says it is (CSP_ENVIRONMENT; "" when it says nothing): a real mode needs "live".
    `machine` is how it is called (CSP_MACHINE; "": by its own number). Mail is read from `read_from` on (None:
    the site's first day). `sign_in_until` is the last day on which what it signs in with is good, where that is known.
    `alert_password` is for the other road of letters about trouble.
    """

    mode: Mode
    adapter: str
    database: str = field(default="", repr=False)
    archive: str = ""
    environment: str = ""
    machine: str = ""
    mailbox: InternetMailbox | ExchangeMailbox | GraphMailbox | None = None
    secrets: Secrets = NO_SECRETS
    read_from: date | None = None
    sign_in_until: date | None = None
    alert_password: str = field(default="", repr=False)

    def missing_secret(self) -> str:
        """Which secret the mailbox needs and does not have, in a sentence; "" when nothing is missing."""
        given, mailbox = self.secrets, self.mailbox
        if mailbox is None:
            return ""
        login = Login.OAUTH2 if isinstance(mailbox, GraphMailbox) else mailbox.login
        if login in {Login.PASSWORD, Login.NTLM, Login.BASIC}:
            return "" if given.password else _MISSING.format(name="CSP_MAIL_PASSWORD", what="the mailbox's password")
        if mailbox.client or login is Login.OAUTH2:
            there = given.certificate or given.client_secret
            name, what = "CSP_MAIL_CERTIFICATE", "the application's certificate with its key"
            return "" if there else _MISSING.format(name=name, what=what) + " Or give it a CSP_MAIL_CLIENT_SECRET."
        return "" if given.token_file else "CSP_MAIL_TOKEN_FILE is not set. Name the file that holds a fresh token."
