"""Whoever owes a return: partnerships and contributors, their areas and their people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    """What a contact does at a respondent."""

    LEAD = "lead"
    CHAIR = "chair"
    DEPUTY = "deputy"


class RespondentKind(StrEnum):
    """Which of the three routes a respondent answers."""

    PARTNERSHIP = "partnership"
    CONTRIBUTOR = "contributor"
    ANALYST = "analyst"


class Geography(StrEnum):
    """The kind of place a series is counted for."""

    AREA = "area"
    POLICING_AREA = "policing area"
    UPPER_TIER = "upper tier"
    FORCE = "force"


@dataclass(frozen=True, kw_only=True)
class Area:
    """A place that figures are counted for, with its ONS code (E22... for a CSP area)."""

    code: str
    name: str
    geography: Geography = Geography.AREA
    upper_tier: str = ""


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A person at a respondent, in a role, for a time. `address` is the one mail address."""

    name: str
    role: Role
    address: str
    phone: str = ""
    valid_from: date = date.min
    valid_to: date = date.max

    def serves_on(self, day: date) -> bool:
        """Whether the contact holds the role on a day."""
        return self.valid_from <= day <= self.valid_to


@dataclass(frozen=True, kw_only=True)
class Respondent:
    """A partnership, a contributor or the force's analyst.

    `key` is its name in config and commands ("charnwood"), `code` its short form in references
    ("CHARN"), `areas` the places it answers for.
    """

    key: str
    code: str
    name: str
    kind: RespondentKind
    areas: tuple[Area, ...]
    contacts: tuple[Contact, ...]
    valid_from: date = date.min
    valid_to: date = date.max

    def people(self, role: Role, day: date) -> tuple[Contact, ...]:
        """The contacts that hold a role on a day, in the order of the config."""
        return tuple(c for c in self.contacts if c.role is role and c.serves_on(day))

    def addresses(self, day: date) -> frozenset[str]:
        """Every address, in lower case, to which this respondent's own information may go."""
        return frozenset(c.address.lower() for c in self.contacts if c.serves_on(day))

    def is_registered(self, address: str, day: date) -> bool:
        """Whether an address belongs to one of this respondent's contacts on a day."""
        return address.lower() in self.addresses(day)

    @property
    def needs_approval(self) -> bool:
        """Only a partnership's chair approves; contributors need none."""
        return self.kind is RespondentKind.PARTNERSHIP


@dataclass(frozen=True, kw_only=True)
class Office:
    """The people who run the cycle and take its papers. Deputy and absence are optional."""

    name: str
    co_ordinator: Contact
    deputy: Contact | None
    secretariat: tuple[Contact, ...]
    mailbox: str
    phone: str
    absences: tuple[tuple[date, date], ...] = ()

    def is_away(self, day: date) -> bool:
        """Whether the co-ordinator is away on a day (both ends included)."""
        return any(first <= day <= last for first, last in self.absences)

    def may_command(self, address: str, day: date) -> bool:
        """Whether an address may order things: the co-ordinator, and the deputy while she is away."""
        mine = {self.co_ordinator.address.lower()}
        if self.deputy and self.is_away(day):
            mine.add(self.deputy.address.lower())
        return address.lower() in mine
