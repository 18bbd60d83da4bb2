"""Pydantic's errors as sentences for an officer: where in the file, what is wrong, what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from enum import Enum
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from csp_workflow.settings.faults import instead, nearest
from csp_workflow.settings.schemas.common import SENTENCE, shown

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


def sentences(error: ValidationError, model: type[BaseModel], data: Mapping[str, Any]) -> Iterator[str]:
    """One sentence for each error; each begins with the key."""
    for found in error.errors(include_url=False):
        yield _sentence(dict(found), model, data)


def _sentence(found: Mapping[str, Any], model: type[BaseModel], data: Mapping[str, Any]) -> str:
    place = found["loc"]
    where = path(place, data)
    kind = found["type"]
    if kind == "extra_forbidden":
        return _unknown(place, model, data)
    if kind == "missing":
        return f"{where} is missing. Add a line such as: {place[-1]} = {_example(place, model)}"
    if kind == SENTENCE:
        return f"{where} {found['msg']}"
    return f"{where} {_of_value(kind, found)}"


def _of_value(kind: str, found: Mapping[str, Any]) -> str:
    context = found.get("ctx", {})
    if kind in {"enum", "literal_error"}:
        allowed = [word.strip("'\"") for word in context["expected"].replace(" or ", ", ").split(", ")]
        given = found["input"]
        suggestion = instead(given, allowed) if isinstance(given, str) else f" Known are {', '.join(allowed)}."
        return f"is {shown(given)}, which is not known.{suggestion}"
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"must be {words} {context[name]}."
    if kind in {"too_short", "string_too_short"}:
        least = context.get("min_length", 1)
        return "must not be empty." if least == 1 else f"must have at least {least} entries."
    return _MUST.get(kind.split("_", maxsplit=1)[0], f"is not right: {found['msg']}.")


def _unknown(place: Sequence[int | str], model: type[BaseModel], data: Mapping[str, Any]) -> str:
    word = str(place[-1])
    before = path(place[:-1], data)
    inner = _model_at(model, place[:-1])
    near = nearest(word, inner.model_fields if inner else ())
    dot = f"{before}." if before else ""
    suggestion = f"Did you mean {dot}{near}?" if near else "Remove the line."
    return f"{dot}{word} is not known. {suggestion}"


def path(place: Sequence[int | str], data: Any) -> str:
    """Where in a file: "offsets.due", "measures[M03a].kind", "contacts[2].address" (counted from 1)."""
    said = ""
    for step in place:
        data = _inside(data, step)
        if isinstance(step, int):
            said += f"[{_called(data) or step + 1}]"
        else:
            said += f".{step}" if said else step
    return said


def _inside(data: Any, step: int | str) -> Any:
    if isinstance(data, Mapping):
        return data.get(step)
    is_there = isinstance(data, list) and isinstance(step, int) and step < len(data)
    return data[step] if is_there else None


def _called(entry: Any) -> str:
    """The key of an entry of a list; a person is never called by name."""
    if not isinstance(entry, Mapping) or "address" in entry:
        return ""
    words = (entry.get(name) for name in _NAMES)
    return next((str(word) for word in words if isinstance(word, str | int) and word != ""), "")


def _model_at(model: type[BaseModel] | None, place: Sequence[int | str]) -> type[BaseModel] | None:
    for step in place:
        if isinstance(step, str) and model:
            field = model.model_fields.get(step)
            model = _model_in(field.annotation) if field else None
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model in an annotation such as `list[Entry]` or `Entry | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


_EXAMPLES: Mapping[Any, str] = {int: "5", bool: "true", date: "2014-10-30", time: "17:00:00"}


def _example(place: Sequence[int | str], model: type[BaseModel]) -> str:
    """What could stand behind a missing key."""
    inner = _model_at(model, place[:-1])
    field = inner.model_fields.get(str(place[-1])) if inner else None
    annotation = field.annotation if field else None
    if annotation in _EXAMPLES:
        return _EXAMPLES[annotation]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return f'"{next(iter(annotation)).value}"'
    if _model_in(annotation):
        return "a table of its own"
    return "[ ]" if str(annotation).startswith("tuple") else '"..."'
