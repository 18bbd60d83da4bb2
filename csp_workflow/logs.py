"""Logging set-up: one JSON line per event on stderr, from an allow-list of fields.

Addresses, narrative, tokens and secrets never enter a log: a field that is not on the list is
dropped, and a value that looks like an address is replaced.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED_FIELDS = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "quarter",
        "respondent",
        "message",
        "letter",
        "kind",
        "verdict",
        "state",
        "step",
        "count",
        "sent",
        "queued",
        "held",
        "seconds",
        "fault",
        "attempt",
        "mode",
        "adapter",
        "version",
        "exception",
    }
)
_ADDRESS = re.compile(r"[^\s<>\"']+@[^\s<>\"']+")


def _drop_unlisted(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _redact(value) for key, value in event.items() if key in ALLOWED_FIELDS}


def _redact(value: Any) -> Any:
    return _ADDRESS.sub("[address]", value) if isinstance(value, str) else value


def _name_exception(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep where it happened but not the words of an exception: they may quote a return."""
    failure = event.pop("exc_info", None)
    if failure is True:
        failure = sys.exc_info()[1]
    if isinstance(failure, BaseException):
        trace = failure.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else "?"
        event["exception"] = f"{type(failure).__name__} in {where}"
    return event


class _ToStderr:
    """Writes each line to whatever is the standard error stream at that moment."""

    def msg(self, line: str) -> None:
        """Write one line."""
        sys.stderr.write(line + "\n")

    debug = info = warning = warn = error = critical = exception = fatal = log = msg


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
            _name_exception,
            _drop_unlisted,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _ToStderr(),
        cache_logger_on_first_use=False,
    )
