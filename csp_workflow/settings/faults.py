"""What is wrong with a configuration, in sentences for an officer: file, key, what it is, what to write instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from csp_workflow.settings.fields import SENTENCE, FromTable, quote
from csp_workflow.terms.faults import ConfigInvalid

_Thing = TypeVar("_Thing")


class Faults:
    """Every fault found so far, in the order of the files. Nothing stops at the first."""

    def __init__(self, config_dir: Path) -> None:
        self._folder = config_dir.name or str(config_dir)
        self._sentences: list[str] = []

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
