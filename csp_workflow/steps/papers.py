"""Papers: compiled at any moment, drafted on their date, cleared and circulated by order."""

from __future__ import annotations

from datetime import datetime

from csp_workflow.steps.outside import Outside
from csp_workflow.terms.decisions import Decision
from csp_workflow.terms.quarters import Quarter


def due(outside: Outside, now: datetime) -> None:
    """Nothing."""


def clearing(outside: Outside, quarter: Quarter, board: str, now: datetime, *, by: str) -> Decision:
    raise NotImplementedError


def circulating(outside: Outside, quarter: Quarter, board: str, now: datetime, *, by: str) -> Decision:
    raise NotImplementedError
