"""What never changes is read once: values remembered by the number of their row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

V = TypeVar("V")

_MOST_KEPT = 2_000
_AT_ONCE = 500
"""Numbers in one question: databases bound how many there may be."""


class Memory(Generic[V]):
    """Values by number. A memory that is full begins afresh."""

    def __init__(self) -> None:
        self._known: dict[int, V] = {}

    def recall(self, wanted: Iterable[int | None], read: Callable[[Sequence[int]], Mapping[int, V]]) -> tuple[V, ...]:
        """The values of some numbers, in their order; `read` is asked for those that are not known, some at a time."""
        numbers = [number for number in wanted if number is not None]
        unknown = [number for number in numbers if number not in self._known]
        new: dict[int, V] = {}
        for at in range(0, len(unknown), _AT_ONCE):
            new.update(read(unknown[at : at + _AT_ONCE]))
        found = tuple(new[number] if number in new else self._known[number] for number in numbers)
        self.learn(new)
        return found

    def learn(self, new: Mapping[int, V]) -> None:
        """Keep values for the next time."""
        if len(self._known) + len(new.keys() - self._known.keys()) > _MOST_KEPT:
            self._known.clear()
        self._known.update(new)
