"""What is chosen from a list in the place of words."""

from __future__ import annotations

from enum import StrEnum


class QuickAnswer(StrEnum):
    """What may be answered in the place of words; of an objective at the year's end, whether it goes on."""

    NOTHING_NEW = "nothing new"
    STILL_HOLDS = "still holds"
    GOES_ON = "goes on"
    REACHED = "reached"
    ENDS = "ends"


OF_OBJECTIVE = (QuickAnswer.GOES_ON, QuickAnswer.REACHED, QuickAnswer.ENDS)
"""What is chosen beside an objective at the year's end: it stands beside words, and never in their place."""


class PromiseState(StrEnum):
    """What has become of what was promised a quarter before."""

    KEPT = "kept"
    UNDER_WAY = "under way"
    DROPPED = "dropped"
