"""A reader with a pencil: all that papers print, sums that are known, and what else may then stand in a hidden place.

It shares nothing with the rule that chooses what is hidden. That a hidden figure is not pinned is shown by another
whole set of figures, from which the very same would have been printed and in which it is another number.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field

FAR = 10**6
"""As good as without end."""

_STEPS = tuple(sign * step for step in range(1, 40) for sign in (1, -1))


@dataclass
class Printed:
    """What is known of each figure (the range that its number or its words leave), and sums: a total and its parts."""

    truth: dict[Hashable, int] = field(default_factory=dict)
    ranges: dict[Hashable, tuple[int, int]] = field(default_factory=dict)
    sums: set[tuple[Hashable, tuple[Hashable, ...]]] = field(default_factory=set)

    def learn(self, what: Hashable, value: int, low: int, high: int) -> None:
        """One paper says this of a figure that is `value`."""
        assert low <= value <= high, (what, value)
        was = self.ranges.get(what, (0, FAR))
        self.truth[what], self.ranges[what] = value, (max(was[0], low), min(was[1], high))

    def is_pinned(self, what: Hashable) -> bool:
        """Whether nothing else could stand there."""
        sums = [{total: -1} | dict.fromkeys(parts, 1) for total, parts in self.sums]
        return not any(next(self._repair({what: step}, sums), None) for step in _STEPS if self._fits(what, step))

    def _fits(self, what: Hashable, change: int) -> bool:
        low, high = self.ranges[what]
        return low <= self.truth[what] + change <= high

    def _repair(
        self, changes: Mapping[Hashable, int], sums: list[dict[Hashable, int]]
    ) -> Iterator[Mapping[Hashable, int]]:
        """Changes that go with these and keep every sum."""
        broken = next((terms for terms in sums if sum(s * changes.get(one, 0) for one, s in terms.items())), None)
        if broken is None:
            yield changes
            return
        missing = sum(sign * changes.get(one, 0) for one, sign in broken.items())
        for one, sign in broken.items():
            if one not in changes and self._fits(one, -sign * missing):
                yield from self._repair({**changes, one: -sign * missing}, sums)
