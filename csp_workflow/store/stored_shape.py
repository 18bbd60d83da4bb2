"""How a stored document is held: every key of it, under a name of its own."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class DocumentUnreadable(ValueError):
    """A stored document is not of the shape that its version says."""


class StoredShape(BaseModel):
    """Every key must be there, and no other. It is filled from a value of the kind `of`, and gives one again.

    A field that is renamed in the code keeps its stored name here, and its `validation_alias` says the new one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True, populate_by_name=True)
    of: ClassVar[type[Any]]

    def as_value(self, **others: Any) -> Any:
        """The value that is stored so; `others` are fields that are not as they are stored."""
        named = type(self).model_fields
        return self.of(**{str(named[key].validation_alias or key): _as_value(stored) for key, stored in self} | others)


def _as_value(stored: Any) -> Any:
    if isinstance(stored, tuple):
        return tuple(map(_as_value, stored))
    return stored.as_value() if isinstance(stored, StoredShape) else stored
