"""Judges a raw message as the service does, with the files opened by the real readers, here without the sandbox."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from csp_workflow.intake import opening
from csp_workflow.intake.case import IntakeFacts
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.terms.events import Decision
from csp_workflow.terms.messages import IncomingMessage, Mark
from tests.intake.intake_factory import BLABY, FORMS, HARBOROUGH, NOW, cycle, decided, facts, form_of
from tests.pathologies.raw import raw
from tests.sandbox.reading_here import run_here

OURS = "<csp.aaaabbbbccccddddeeeeffffgggghhhh@opcc.example>"
"""The Message-ID of the letter of ours that bounces and receipts are about."""

_ASKED = {**FORMS, **{r.key: form_of(r) for r in (BLABY, HARBOROUGH)}}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A message, the names of the files that were opened, and what was decided."""

    message: IncomingMessage
    files: tuple[str, ...]
    known: IntakeFacts
    decision: Decision


def judge(name: str, *, marks: frozenset[Mark] = frozenset(), at: datetime = NOW, **known: object) -> Judged:
    """The message of that name, unpacked, opened and decided on; `known` are facts beside its files."""
    message, opened = _opened(name, marks, at)
    if known.get("whole") is False:  # the mailbox gave its headers only, and told its true size
        message = replace(message, size=28_000_000)
    told = replace(facts(cycles=(cycle(forms=_ASKED),)), opened=opened, **known)  # type: ignore[arg-type]
    decision = decided(message, told, at)
    return Judged(message=message, files=tuple(a.name for a, _ in opened), known=told, decision=decision)


@cache
def _opened(name: str, marks: frozenset[Mark], at: datetime) -> tuple[IncomingMessage, tuple[object, ...]]:
    message = replace(unpack_message(raw(name), received=at), marks=marks)
    message = opening.strip_signature(message, run_here)
    return message, opening.open_files(message, run_here)
