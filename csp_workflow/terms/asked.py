"""What boards asked of respondents, by what happened, laid over what the configuration names from before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from csp_workflow.terms.actions import Action
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.site import Site


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The actions that were ordered, in their order; and of any action, by its ref, when and why it was closed."""

    actions: tuple[Action, ...] = ()
    closed: tuple[tuple[str, datetime, str], ...] = ()


def asked_after(known: Asked, event: Event) -> Asked:
    """What was asked after an event; one that is about no action changes nothing."""
    facts = event.facts
    match event.kind:
        case Happened.ACTION_ASKED:
            action = Action(
                ref=event.subject,
                respondent=event.respondent,
                board=str(facts["board"]),
                wording=str(facts["wording"]),
                asked=date.fromisoformat(str(facts["meeting"])),
                due=date.fromisoformat(str(facts["due"])),
                recorded=event.at,
            )
            return replace(known, actions=(*known.actions, action))
        case Happened.ACTION_CLOSED:
            return replace(known, closed=(*known.closed, (event.subject, event.at, str(facts["reason"]))))
    return known


def find_renumbered(site: Site, asked: Asked) -> tuple[str, ...]:
    """The configured actions that have the ref of another one which was ordered, a sentence each."""
    ordered = {action.ref: action for action in asked.actions}
    return tuple(
        f"actions.toml: actions[{one.ref}] is the number of what {ordered[one.ref].board} asked of "
        f"{ordered[one.ref].respondent}, as the co-ordinator recorded it. Give this one another ref."
        for one in site.actions
        if one.ref in ordered
        and (one.respondent, one.wording) != (ordered[one.ref].respondent, ordered[one.ref].wording)
    )


def lay_actions(site: Site, asked: Asked) -> Site:
    """The site with the actions that were ordered behind those of its configuration, and each closed that was.

    One that the configuration names by now under the ref of one that was ordered is that one (`find_renumbered`).
    """
    ordered = {action.ref for action in asked.actions}
    every = (*(action for action in site.actions if action.ref not in ordered), *asked.actions)
    return replace(site, actions=tuple(_close(action, asked) for action in every))


def _close(action: Action, asked: Asked) -> Action:
    found = next(((at, reason) for ref, at, reason in asked.closed if ref == action.ref), None)
    return replace(action, closed=found[0], reason=found[1]) if found else action
