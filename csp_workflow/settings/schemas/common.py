"""What several config files share: tables that refuse unknown keys, dates, addresses, keys and codes."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from csp_workflow.terms.respondents import Contact, Role

SENTENCE = "sentence"
"""The type of our own errors: their message is written to stand after the key."""

FIRST_YEAR, LAST_YEAR = 2000, 2098
"""The financial years that a framework or a meeting may be for."""

_DEAD = frozenset({"gcsx", "gsi", "gse", "gsx", "pnn"})
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


class Table(BaseModel):
    """A table of a TOML file: frozen, and closed to keys it does not name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def wrong(sentence: str) -> PydanticCustomError:
    """An error whose sentence stands after the key: "is not ...". Its braces are shown as they are."""
    return PydanticCustomError(SENTENCE, "{sentence}", {"sentence": sentence})


def _as_day(given: Any) -> Any:
    """A TOML date, or one in quotes; pydantic would also take a number for seconds since 1970."""
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise wrong(f"is {shown(given)}, which is not a date. Write it like 2014-10-30, without quotes.") from None


def _as_clock(given: Any) -> Any:
    if isinstance(given, time) and given.tzinfo is None:
        return given
    try:
        return time.fromisoformat(given)
    except (TypeError, ValueError):
        raise wrong(f"is {shown(given)}, which is not a time of day. Write it like 17:00:00.") from None


def shown(given: Any) -> str:
    """A value from a file, quoted and short."""
    text = str(given)
    return f"'{text if len(text) <= 60 else text[:57] + '...'}'"


def _address(given: str) -> str:
    if not _ADDRESS.fullmatch(given):
        raise wrong(f"is {shown(given)}, which is not an e-mail address. Write it like lead@charnwood.example.")
    domain = given.partition("@")[2].lower()
    dead = [part for part in domain.split(".") if part in _DEAD]
    if dead:
        raise wrong(
            f"is at {domain}, and mail to '{dead[0]}' domains is no longer delivered. Write the present address."
        )
    return given


def _area_code(given: str) -> str:
    if not re.fullmatch(r"[EW]\d{8}", given):
        raise wrong(f"is {shown(given)}, which is not an ONS code. Write a letter and eight digits, like E22000165.")
    return given


def _key(given: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", given):
        raise wrong(f"is {shown(given)}. Write small letters, digits and hyphens, like north-west-leicestershire.")
    return given


def _code(given: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9]{1,11}", given):
        raise wrong(f"is {shown(given)}. Write 2 to 12 capital letters or digits, like CHARN.")
    return given


Day = Annotated[date, BeforeValidator(_as_day)]
Clock = Annotated[time, BeforeValidator(_as_clock)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Line = Annotated[str, StringConstraints(strip_whitespace=True)]
Address = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_address)]
AreaCode = Annotated[str, AfterValidator(_area_code)]
Key = Annotated[str, AfterValidator(_key)]
Code = Annotated[str, AfterValidator(_code)]
WholeDays = Annotated[int, Field(ge=0, le=400)]


class Person(Table):
    """Somebody of the office."""

    name: Text
    address: Address
    phone: Line = ""

    def as_contact(self) -> Contact:
        """As a value: the office's people have no role at a respondent; they count as leads."""
        return Contact(name=self.name, role=Role.LEAD, address=self.address, phone=self.phone)


class ContactEntry(Table):
    """A person at a respondent, in a role, for a time."""

    name: Text
    role: Role
    address: Address
    phone: Line = ""
    valid_from: Day = date.min
    valid_to: Day = date.max

    def as_contact(self) -> Contact:
        """As a value."""
        return Contact(**dict(self))
