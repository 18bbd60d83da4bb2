"""What values in config files must look like, and what is wrong with those that do not, in sentences for an officer.

Each says the file, the key, what it is and what to write instead.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import date, datetime, time
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
    ValidationError,
    create_model,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.service import ConfigInvalid
from csp_workflow.terms.site import Contact, Role, is_address

SENTENCE = "sentence"
"""The type of our own errors: their message is written to stand after the key."""

_FIRST_YEAR, _LAST_YEAR = 2000, 2098
"""The financial years that a framework or a meeting may be for."""

_DEAD = frozenset({"gcsx", "gsi", "gse", "gsx", "pnn"})


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
    if not is_address(given):
        raise fault_of_value(f"is {quote(given)}, which is not an email address. Write it like lead@charnwood.example.")
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
    as `whole` says); where that is not enough, `checks` says it, as (type, default) where the file may leave it out.
    """
    types, kinds = get_type_hints(value), {date: Day, time: Clock, int: whole}
    made: dict[str, Any] = {}
    for field in fields(value):
        is_required = field.default is MISSING
        kind = (Text if is_required else Line) if types[field.name] is str else types[field.name]
        check = checks.get(field.name, kinds.get(kind, kind))
        made[field.name] = check if isinstance(check, tuple) else (check, ... if is_required else field.default)
    return create_model(f"{value.__name__}Table", __base__=TomlTable, **made)


class PersonTable(TomlTable):
    """Somebody of the office."""

    name: Text
    address: Address
    phone: Line = ""


class SecretaryTable(PersonTable):
    """Somebody who takes papers: of the boards named, or of all."""

    boards: tuple[Text, ...] = ()


Secretary = Annotated[Contact, FromTable(SecretaryTable, role=Role.LEAD)]
Person = Annotated[Contact, FromTable(PersonTable, role=Role.LEAD)]
"""The office's people have no role at a respondent; they count as leads."""

_Addresses = tuple[Address, ...]
ContactEntry = Annotated[
    Contact, FromTable(table_of(Contact, address=Address, also=(_Addresses, ()), members=(_Addresses, ())))
]

# Every fault of every file ------------------------------------------------------------------------


_Thing = TypeVar("_Thing")


class Faults:
    """Every fault found so far, in the order of the files. Nothing stops at the first."""

    def __init__(self, config_dir: Path, known: Iterable[str] = ()) -> None:
        self._folder = config_dir.name or str(config_dir)
        self._sentences = list(known)

    @property
    def sentences(self) -> tuple[str, ...]:
        """All that was found so far."""
        return tuple(self._sentences)

    def add(self, file: str, sentence: str) -> None:
        """Note a fault of a file; the sentence begins with the key."""
        self.add_about_folder(f"{self._folder}/{file}: {sentence}")

    def add_about_folder(self, sentence: str) -> None:
        """Note a fault of the folder itself, or of the environment."""
        if sentence not in self._sentences:
            self._sentences.append(sentence)

    def raise_any(self) -> None:
        """Raise ConfigInvalid when there is any fault."""
        if self._sentences:
            raise ConfigInvalid(tuple(self._sentences))


def find_nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like the one written, or ""."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), "")


def suggest(word: str, known: Iterable[str]) -> str:
    """What to write for an unknown word: " Did you mean X?", or all known ones when they are few, or ""."""
    words = list(dict.fromkeys(known))
    near = find_nearest(word, words)
    if near:
        return f" Did you mean {near}?"
    return f" Known are {', '.join(words)}." if 0 < len(words) <= 20 else ""


def find_repeats(things: Iterable[_Thing]) -> list[_Thing]:
    """Those that stand more than once, in order."""
    return [thing for thing, count in Counter(things).items() if count > 1]


# Pydantic's errors as such sentences --------------------------------------------------------------

_NAMES = ("key", "ref", "code", "number", "name")
"""What an entry of a list is called by, in this order; one with none of them is called by its place."""

_MUST = {
    "int": "must be a whole number, like 5.",
    "bool": "must be true or false, without quotes.",
    "string": "must be a text in double quotes.",
    "tuple": "must be a list in square brackets, like [1, 2].",
    "model": "must be a table with keys of its own.",
    "dict": "must be a table with keys of its own.",
}
_BOUNDS = {"greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most")}
_EXAMPLES: Mapping[Any, str] = {int: "5", bool: "true", date: "2014-10-30", time: "17:00:00"}
_Place = Sequence[int | str]


def check_known(file: str, where: str, word: str, known: Iterable[str] | None) -> Iterator[tuple[str, str]]:
    """The fault of a word that is not known. None: the file that would define the known words could not be read."""
    words = None if known is None else list(known)
    if words is not None and word not in words:
        yield file, f"{where} is '{word}', which is not known.{suggest(word, words)}"


def describe_errors(error: ValidationError, model: type[BaseModel], data: Mapping[str, Any]) -> tuple[str, ...]:
    """One sentence for each error of a file's `data` against its model; each begins with the key."""
    return tuple(_describe(dict(found), model, data) for found in error.errors(include_url=False))


def _describe(found: Mapping[str, Any], model: type[BaseModel], data: Mapping[str, Any]) -> str:
    place, kind = found["loc"], found["type"]
    where = _write_path(place, data)
    if kind == "extra_forbidden":
        return _describe_unknown_key(place, model, data)
    if kind == "missing":
        return f"{where} is missing. Add a line such as: {place[-1]} = {_find_example(place, model)}"
    if kind == SENTENCE:
        return f"{where} {found['msg']}"
    return f"{where} {_describe_value(kind, found)}"


def _describe_value(kind: str, found: Mapping[str, Any]) -> str:
    context = found.get("ctx", {})
    if kind in {"enum", "literal_error"}:
        allowed = [word.strip("'\"") for word in context["expected"].replace(" or ", ", ").split(", ")]
        given = found["input"]
        suggestion = suggest(given, allowed) if isinstance(given, str) else f" Known are {', '.join(allowed)}."
        return f"is {quote(given)}, which is not known.{suggestion}"
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"must be {words} {context[name]}."
    if kind in {"too_short", "string_too_short"}:
        least = context.get("min_length", 1)
        return "must not be empty." if least == 1 else f"must have at least {least} entries."
    return _MUST.get(kind.split("_", maxsplit=1)[0], f"is not right: {found['msg']}.")


def _describe_unknown_key(place: _Place, model: type[BaseModel], data: Mapping[str, Any]) -> str:
    word = str(place[-1])
    before = _write_path(place[:-1], data)
    table = _find_table(model, place[:-1])
    near = find_nearest(word, table.model_fields if table else ())
    dot = f"{before}." if before else ""
    suggestion = f"Did you mean {dot}{near}?" if near else "Remove the line."
    return f"{dot}{word} is not known. {suggestion}"


def _write_path(place: _Place, data: Any) -> str:
    """Where in a file: "offsets.due", "measures[M03a].kind", "contacts[2].address" (counted from 1)."""
    path = ""
    for step in place:
        data = _step_into(data, step)
        if isinstance(step, int):
            path += f"[{_name_entry(data) or step + 1}]"
        else:
            path += f".{step}" if path else step
    return path


def _step_into(data: Any, step: int | str) -> Any:
    if isinstance(data, Mapping):
        return data.get(step)
    is_there = isinstance(data, list) and isinstance(step, int) and step < len(data)
    return data[step] if is_there else None


def _name_entry(entry: Any) -> str:
    """The key of an entry of a list; a person is never called by name."""
    if not isinstance(entry, Mapping) or "address" in entry:
        return ""
    words = (entry.get(name) for name in _NAMES)
    return next((str(word) for word in words if isinstance(word, str | int) and word != ""), "")


def _find_field(model: type[BaseModel] | None, name: str) -> FieldInfo | None:
    return model.model_fields.get(name) if model else None


def _find_table(model: type[BaseModel] | None, place: _Place) -> type[BaseModel] | None:
    """The table that a place in a file of this model must hold."""
    for step in place:
        if isinstance(step, str) and model:
            field = _find_field(model, step)
            model = _table_within(field.annotation, *field.metadata) if field else None
    return model


def _table_within(*annotations: Any) -> type[BaseModel] | None:
    """The table in annotations such as `tuple[Entry, ...]` or `Annotated[Value, FromTable(Entry)] | None`."""
    for annotation in annotations:
        if isinstance(annotation, FromTable):
            return annotation.table
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return annotation
        if table := _table_within(*get_args(annotation)):
            return table
    return None


def _find_example(place: _Place, model: type[BaseModel]) -> str:
    """What could stand behind a missing key."""
    field = _find_field(_find_table(model, place[:-1]), str(place[-1]))
    annotation = field.annotation if field else None
    if annotation in _EXAMPLES:
        return _EXAMPLES[annotation]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return f'"{next(iter(annotation)).value}"'
    if field and _table_within(annotation, *field.metadata):
        return "a table of its own"
    return "[ ]" if str(annotation).startswith("tuple") else '"..."'
