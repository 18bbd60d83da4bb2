"""The scenes of what the co-ordinator does by reply beside the round: her words to somebody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from csp_workflow.desk.commands import parse
from csp_workflow.desk.facts import OrderFacts
from csp_workflow.desk.orders import carry_out
from csp_workflow.letters.office import WaitingMessage
from csp_workflow.rehearsal.specimens.stage import Stage, Story
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Happened
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Verdict

_ASKED = "77b0c1d2e4b5a697"


def ways(stage: Stage) -> Iterator[Letter]:
    """Her answer to a lead, in a quarter and between two, and to the secretariat."""
    leads = [one.lead for one in stage.people[:1]]
    for person in (*leads, *stage.site.office.secretariat[:1]):
        for is_running in (True, False):
            yield from _answer(stage, person.address, is_running=is_running)


def _answer(stage: Stage, address: str, *, is_running: bool) -> Iterator[Letter]:
    at, story = stage.moment(stage.dates.due, -1), Story(stage)
    keys = tuple(entry.respondent.key for entry in stage.entries)
    for key in keys if is_running else ():
        story.happen(Happened.QUESTION_ASKED, key, at, _ASKED)
    asked = WaitingMessage(
        id=_ASKED,
        sender=address,
        subject="More time?",
        received=at,
        verdict=Verdict.QUESTION,
        reason="A question.",
        respondents=keys,
    )
    facts = OrderFacts(
        site=stage.site,
        service=story.service,
        sender=stage.site.office.co_ordinator.address,
        message="order",
        status=story.status,
        dates=stage.dates,
        waiting=(asked,),
    )
    words = f"ANSWER {_ASKED}\nYes, Friday is fine.\n\nKind regards"
    for command in parse(words, today=london_day(at), site=stage.site).commands:
        order = carry_out(command, facts, at).order
        if order and order.letter:
            yield replace(order.letter, answers="<specimen@example>", topic=asked.subject)
