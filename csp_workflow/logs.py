"""Logging set-up: one JSON line per event on stderr, from an allow-list of fields.

Addresses, narrative, tokens and secrets never enter a log: a field that is not on the list is
dropped, and a value that looks like an address is replaced.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED_FIELDS = frozenset(
    {
        "event", "level", "timestamp", "quarter", "respondent", "message", "letter", "kind", "verdict", "state", "step",
        "count", "sent", "queued", "held", "seconds", "fault", "attempt", "mode", "adapter", "version", "exception",
    }
)  # fmt: skip
_ADDRESS = re.compile(r"[^\s<>\"']+@[^\s<>\"']+")


def _drop_unlisted(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _redact(value) for key, value in event.items() if key in ALLOWED_FIELDS}


def _redact(value: Any) -> Any:
    return _ADDRESS.sub("[address]", value) if isinstance(value, str) else value


def _name_exception(exc_info: structlog.typing.ExcInfo) -> str:
    """Where it happened but not the words of an exception: they may quote a return."""
    kind, _, trace = exc_info
    where = [f"{frame.f_code.co_name}:{line}" for frame, line in traceback.walk_tb(trace)]
    return f"{kind.__name__} in {where[-1] if where else '?'}"


def set_up_logs(*, level: int = logging.INFO) -> None:
    """Configure structlog (and through it the standard library) once, at the edge."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format='{"event": "library", "level": "%(levelname)s"}'
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_name_exception),
            _drop_unlisted,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),  # whatever that is at the moment
        cache_logger_on_first_use=False,
    )
