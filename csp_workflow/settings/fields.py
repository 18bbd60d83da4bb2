"""What values in config files must look like: dates, addresses, keys and codes, and tables that refuse unknown keys."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from datetime import date, datetime, time
from typing import Annotated, Any, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
    create_model,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.site import Contact, Role

SENTENCE = "sentence"
"""The type of our own errors: their message is written to stand after the key."""

_FIRST_YEAR, _LAST_YEAR = 2000, 2098
"""The financial years that a framework or a meeting may be for."""

_DEAD = frozenset({"gcsx", "gsi", "gse", "gsx", "pnn"})
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


class TomlTable(BaseModel):
    """A table of a TOML file: frozen, and closed to keys it does not name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FromTable:
    """Behind a frozen value's type: how a file writes it, as a table with a key for each of the value's fields.

    `Annotated[Area, FromTable(AreaTable)]` checks an AreaTable and gives an Area; `constants` are fields no file has.
    """

    def __init__(self, table: type[TomlTable], **constants: Any) -> None:
        self.table = table
        self._constants = constants

    def __get_pydantic_core_schema__(self, value: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            lambda table: value(**dict(table), **self._constants), handler.generate_schema(self.table)
        )


def quote(given: Any) -> str:
    """A value from a file, in quotation marks and short."""
    text = str(given)
    return f"'{text if len(text) <= 60 else text[:57] + '...'}'"


def fault_of_value(sentence: str) -> PydanticCustomError:
    """An error whose sentence stands after the key: "is not ...". Its braces are shown as they are."""
    return PydanticCustomError(SENTENCE, "{sentence}", {"sentence": sentence})


def _match_whole(pattern: str, advice: str) -> AfterValidator:
    """A text that must match a whole pattern; `advice` stands behind the value that does not."""

    def check_text(given: str) -> str:
        if not re.fullmatch(pattern, given):
            raise fault_of_value(f"is {quote(given)}{advice}")
        return given

    return AfterValidator(check_text)


def _parse_day(given: Any) -> Any:
    """A TOML date, or one in quotes; pydantic would also take a number for seconds since 1970."""
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise fault_of_value(
            f"is {quote(given)}, which is not a date. Write it like 2014-10-30, without quotes."
        ) from None


def _parse_clock(given: Any) -> Any:
    if isinstance(given, time) and given.tzinfo is None:
        return given
    try:
        return time.fromisoformat(given)
    except (TypeError, ValueError):
        raise fault_of_value(f"is {quote(given)}, which is not a time of day. Write it like 17:00:00.") from None


def _check_address(given: str) -> str:
    if not _ADDRESS.fullmatch(given):
        raise fault_of_value(
            f"is {quote(given)}, which is not an e-mail address. Write it like lead@charnwood.example."
        )
    domain = given.partition("@")[2].lower()
    dead = [part for part in domain.split(".") if part in _DEAD]
    if dead:
        raise fault_of_value(
            f"is at {domain}, and mail to '{dead[0]}' domains is no longer delivered. Write the present address."
        )
    return given


def _parse_quarter(given: object) -> Quarter:
    try:
        quarter = Quarter.parse(str(given))
    except ValueError as fault:
        raise fault_of_value(f"is not right: {fault}") from None
    if not _FIRST_YEAR <= quarter.year <= _LAST_YEAR:
        raise fault_of_value(f"is {quote(given)}, which is too far away.")
    return quarter


def _check_year(given: str) -> str:
    try:
        first = Quarter.parse(f"{given}-Q1")
    except ValueError:
        first = None
    if first is None or not _FIRST_YEAR <= first.year <= _LAST_YEAR:
        raise fault_of_value(f"is {quote(given)}, which is not a financial year. Write it like 2014/15.")
    return first.financial_year


Day = Annotated[date, BeforeValidator(_parse_day)]
Clock = Annotated[time, BeforeValidator(_parse_clock)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Line = Annotated[str, StringConstraints(strip_whitespace=True)]
Address = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_check_address)]
WholeDays = Annotated[int, Field(ge=0, le=400)]
QuarterKey = Annotated[Quarter, BeforeValidator(_parse_quarter)]
FinancialYear = Annotated[str, AfterValidator(_check_year)]
AreaCode = Annotated[
    str, _match_whole(r"[EW]\d{8}", ", which is not an ONS code. Write a letter and eight digits, like E22000165.")
]
Key = Annotated[
    str,
    _match_whole(r"[a-z][a-z0-9-]{0,39}", ". Write small letters, digits and hyphens, like north-west-leicestershire."),
]
CsvName = Annotated[
    str, _match_whole(r"[\w-][\w.-]*\.csv", ". Name a .csv file in the same folder, like bank-holidays.csv.")
]
Code = Annotated[str, _match_whole(r"[A-Z][A-Z0-9]{1,11}", ". Write 2 to 12 capital letters or digits, like CHARN.")]


def table_of(value: type, whole: Any = int, **checks: Any) -> type[TomlTable]:
    """The table for a frozen value whose every field is a key of its file, required where it has no default.

    What a key must look like follows from its field's type (a text without default may not be empty, a whole number is
    as `whole` says); where that is not enough, `checks` says it.
    """
    types, kinds = get_type_hints(value), {date: Day, time: Clock, int: whole}
    made: dict[str, Any] = {}
    for field in fields(value):
        is_required = field.default is MISSING
        kind = (Text if is_required else Line) if types[field.name] is str else types[field.name]
        made[field.name] = (checks.get(field.name, kinds.get(kind, kind)), ... if is_required else field.default)
    return create_model(f"{value.__name__}Table", __base__=TomlTable, **made)


class PersonTable(TomlTable):
    """Somebody of the office."""

    name: Text
    address: Address
    phone: Line = ""


Person = Annotated[Contact, FromTable(PersonTable, role=Role.LEAD)]
"""The office's people have no role at a respondent; they count as leads."""

ContactEntry = Annotated[Contact, FromTable(table_of(Contact, address=Address))]
