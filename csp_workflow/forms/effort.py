"""How long a form takes, by one rule: 20 seconds a figure, 5 a tick, 40 words typed and 200 read a minute."""

from __future__ import annotations

from dataclasses import dataclass

from csp_workflow.terms.phrases import plural

SECONDS_A_FIGURE = 20
SECONDS_A_TICK = 5
WORDS_TYPED_A_MINUTE = 40
WORDS_READ_A_MINUTE = 200


@dataclass(frozen=True, kw_only=True)
class Effort:
    """What somebody does with a form or a part of it."""

    figures: int = 0
    ticks: int = 0
    typed: int = 0
    read: int = 0

    def __add__(self, other: Effort) -> Effort:
        return Effort(
            figures=self.figures + other.figures,
            ticks=self.ticks + other.ticks,
            typed=self.typed + other.typed,
            read=self.read + other.read,
        )

    @property
    def minutes(self) -> float:
        """How many minutes it takes."""
        seconds = SECONDS_A_FIGURE * self.figures + SECONDS_A_TICK * self.ticks
        return seconds / 60 + self.typed / WORDS_TYPED_A_MINUTE + self.read / WORDS_READ_A_MINUTE

    def in_words(self) -> str:
        """The same for people, to the nearest minute: parts add up to what the whole is said to take, near enough."""
        whole = round(self.minutes)
        return plural(whole, "minute") if whole else "under 1 minute"


NO_EFFORT = Effort()
