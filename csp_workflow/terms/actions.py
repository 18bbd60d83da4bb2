"""What a board asked of a respondent, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class ActionState(StrEnum):
    """Where an action stands on a day. An answer on a form closes none: the co-ordinator does, for the board."""

    OPEN = "open"
    OVERDUE = "overdue"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something a board asked of a respondent, by a day. `board` and `respondent` are keys of the config.

    `asked` is the day of the meeting. `recorded` is when the co-ordinator ordered it, None where the config names it;
    `closed` when she closed it, for the `reason`. `answer` is what the respondent wrote to it on its form.
    """

    ref: str
    respondent: str
    board: str
    wording: str
    asked: date
    due: date
    recorded: datetime | None = None
    closed: datetime | None = None
    reason: str = ""
    answer: str = ""
    state: ActionState = ActionState.OPEN

    def state_on(self, day: date) -> ActionState:
        """Where it stands on a day."""
        if self.closed is not None:
            return ActionState.CLOSED
        return ActionState.OVERDUE if self.due < day else ActionState.OPEN
