"""The questions about a return: their numbers, which are open still, and how often each was asked of its people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile

from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.fresh_forms import order_questions
from csp_workflow.terms.returns import Finding, Submission

ASKED = 2
"""So often a question is asked of a partnership. What is open after that is for the co-ordinator."""


def number_findings(submission: Submission) -> dict[str, Finding]:
    """The questions about a version by their numbers: "Q1"."""
    return {f"Q{n}": finding for n, finding in enumerate(order_questions(submission.findings), start=1)}


def identify_finding(finding: Finding) -> tuple[object, ...]:
    """What makes a finding the same one in a later version: where it is, its rule, and what stands there."""
    return finding.key, finding.column, finding.code, finding.found


def list_explained(events: Iterable[Event], respondent: str) -> Iterator[tuple[object, ...]]:
    """The queries that were answered, or taken as they are: each as it stood, so that another value is asked about."""
    for event in events:
        if event.kind is Happened.QUERY_ANSWERED and event.respondent == respondent:
            yield tuple(event.facts[name] for name in ("key", "column", "code", "found"))


def list_open_queries(submission: Submission, events: Iterable[Event]) -> dict[str, Finding]:
    """The queries of a version that nobody has answered, by their numbers."""
    known = set(list_explained(events, submission.respondent))
    numbered = number_findings(submission).items()
    return {n: one for n, one in numbered if not one.is_fault and identify_finding(one) not in known}


def count_askings(versions: Sequence[Submission], finding: Finding) -> int:
    """How often a finding was asked of whoever was asked it most: in the answer to each version that they sent with it.

    Versions count up to the last one, without a gap. What somebody else sent between is not theirs to have answered in.
    """
    asked = identify_finding(finding)
    held = takewhile(lambda v: any(identify_finding(one) == asked for one in v.findings), reversed(versions))
    return max(Counter(version.sender.lower() for version in held).values(), default=0)


def is_spent(versions: Sequence[Submission], finding: Finding) -> bool:
    """Whether the answer to the last of some versions asks a query no more: those before it have asked it enough."""
    return not finding.is_fault and count_askings(versions, finding) > ASKED


def say_query(number: str, query: Finding) -> str:
    """A question with its number, as one sentence quotes it: where, what we found, and what we asked."""
    return f"{_say_found(number, query)}. {query.wanted}".strip()


def say_queries(queries: Mapping[str, Finding]) -> Iterator[str]:
    """Questions by their numbers, for somebody who was not asked them; what several ask alike is said once."""
    alike: dict[str, list[str]] = {}
    for number, query in queries.items():
        alike.setdefault(query.wanted, []).append(_say_found(number, query))
    for wanted, found in alike.items():
        yield f"{'; '.join(found)}.{f' We asked: “{wanted}”' if wanted else ''}"


def _say_found(number: str, query: Finding) -> str:
    at = f"{query.sheet} {query.cell}".strip()
    where = f"{query.key.rpartition(' ')[2]}, {at}" if query.key and at else query.key or at
    return f"{number} ({where}): we found {query.found.rstrip('.')}"
