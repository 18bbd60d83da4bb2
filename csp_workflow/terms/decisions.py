"""What a rule decided: frozen values for a step to commit in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from csp_workflow.terms.cycles import CycleDates
from csp_workflow.terms.events import Event
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.forms import FormDefinition
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Judgement
from csp_workflow.terms.returns import Submission


@dataclass(frozen=True, kw_only=True)
class Request:
    """What one respondent is asked in one cycle, as sent: the form's definition and its workbook's hash."""

    form: FormDefinition
    workbook: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What to store, which letters to queue, what to note. Rules return it; steps commit it whole."""

    events: tuple[Event, ...] = ()
    letters: tuple[Letter, ...] = ()
    submissions: tuple[Submission, ...] = ()
    requests: tuple[Request, ...] = ()
    figures: tuple[Figure, ...] = ()
    plans: tuple[CycleDates, ...] = ()
    judgement: Judgement | None = None

    def __bool__(self) -> bool:
        return any(
            (self.events, self.letters, self.submissions, self.requests, self.figures, self.plans, self.judgement)
        )


NOTHING = Decision()
"""The decision to do nothing."""


def together(*decisions: Decision) -> Decision:
    """Several decisions as one, to be committed together. At most one may judge a message."""
    judged = [d.judgement for d in decisions if d.judgement]
    if len(judged) > 1:
        raise ValueError("A message ends in exactly one verdict.")
    return Decision(
        events=tuple(e for d in decisions for e in d.events),
        letters=tuple(x for d in decisions for x in d.letters),
        submissions=tuple(s for d in decisions for s in d.submissions),
        requests=tuple(r for d in decisions for r in d.requests),
        figures=tuple(f for d in decisions for f in d.figures),
        plans=tuple(p for d in decisions for p in d.plans),
        judgement=judged[0] if judged else None,
    )
