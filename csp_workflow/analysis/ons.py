"""What the Office for National Statistics publishes of a change between two years' counts of recorded crime.

Its tables of partnership areas (C2 to C5 of the police force area tables) print a percentage, or a marker in its place.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from csp_workflow.terms.figures import UNRELIABLE

RELIABLE_FROM = 50
"""Offences a year: where either year has fewer, the change is withheld, since a few offences would make it large."""


class Marker(StrEnum):
    """What is printed in place of a change."""

    UNRELIABLE = UNRELIABLE
    NOT_AVAILABLE = "[x]"


def publish_change(now: Decimal | None, before: Decimal | None, *, is_assigned: bool = True) -> float | Marker:
    """The change in per cent between two years' counts as it is published, or its marker.

    Of offences that were assigned to no partnership's area no change is available, nor from or to no count.
    """
    if now is None or before is None or not is_assigned:
        return Marker.NOT_AVAILABLE
    if is_change_unreliable(now, before):
        return Marker.UNRELIABLE
    return (float(now) - float(before)) / float(before) * 100


def is_change_unreliable(now: Decimal, before: Decimal) -> bool:
    """Whether the change between two years' counts is marked [u]: nothing is to be told of it."""
    return min(now, before) < RELIABLE_FROM
