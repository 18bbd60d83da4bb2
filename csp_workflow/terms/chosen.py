"""What is chosen from a list in the place of words."""

from __future__ import annotations

from enum import StrEnum


class QuickAnswer(StrEnum):
    """What may be answered in the place of words."""

    NOTHING_NEW = "nothing new"
    STILL_HOLDS = "still holds"


class PromiseState(StrEnum):
    """What has become of what was promised a quarter before."""

    KEPT = "kept"
    UNDER_WAY = "under way"
    DROPPED = "dropped"
