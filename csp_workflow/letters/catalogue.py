"""The catalogue of letters: every kind once, with the function that writes it.

To add a letter:

1. Write its function in the module it belongs to, marked with `@writes(Kind(...))`. The mark says its folder, how it
   leaves, who may get it, what it must be about, on what ground it stands, and whether it goes on with a conversation.
   A new module is named in `_MODULES` below.
2. Lay its folder in templates/emails: subject.txt, body.txt, body.html.
3. Make a rule call the function, and let a scene of `rehearsal.specimens` play that rule, so that it can be seen.

A function without a folder, or a folder without a function, is an error at start; tests/specimens fails for a kind
that no scene plays. A new `Ground` needs a rule in `post.leaving` and `chase.grounds`, which do not load without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any, TypeVar

from csp_workflow.letters import (
    answers,
    before_clearance,
    certificates,
    chases,
    contacts,
    disputes,
    measures,
    morning,
    office,
    papers,
    proofs,
    requests,
    topics,
)
from csp_workflow.letters.kinds import Audience, Conversation, Ground, Kind, Writer
from csp_workflow.terms.events import Manner

_MODULES: tuple[ModuleType, ...] = (
    *(requests, chases, answers, contacts, office, morning, papers, before_clearance, topics, disputes),
    *(measures, proofs, certificates),
)

R = TypeVar("R")


def _gather(modules: Iterable[ModuleType]) -> dict[str, Writer[Any]]:
    writers = [found for module in modules for found in vars(module).values() if isinstance(found, Writer)]
    gathered = {writer.kind.name: writer for writer in writers}
    if len(gathered) < len(writers):
        names = [writer.kind.name for writer in writers]
        raise ValueError(f"Two functions write the letter '{next(n for n in names if names.count(n) > 1)}'.")
    return gathered


WRITERS: Mapping[str, Writer[Any]] = _gather(_MODULES)
"""The function that writes each kind of letter, by the kind's name."""


def kind_of(name: str) -> Kind:
    """The kind of a letter; for a name that no function writes (any more) one that nobody may get."""
    writer = WRITERS.get(name)
    return writer.kind if writer else Kind(name=name, manner=Manner.OFFICE, audience=Audience.NOBODY)


def first_letters(conversation: Conversation) -> tuple[str, ...]:
    """The names of the kinds that begin a conversation."""
    return tuple(name for name, writer in WRITERS.items() if writer.kind.begins is conversation)


def folder_faults(folders: Iterable[str]) -> tuple[str, ...]:
    """What does not fit between the functions and the folders of templates/emails, a sentence for each."""
    present = set(folders)
    return (
        *(f"templates/emails/{name}: the folder of this letter is missing." for name in WRITERS if name not in present),
        *(
            f"templates/emails/{name}: no function writes a letter of this name."
            for name in sorted(present - set(WRITERS))
        ),
    )


def rules_by_ground(rules: Mapping[Ground, R]) -> Mapping[Ground, R]:
    """The rules, of which there must be one for each ground. Raises ValueError with the ground that has none."""
    lacking = [ground.name for ground in Ground if ground not in rules]
    if lacking:
        raise ValueError(f"There is no rule for the ground {lacking[0]}.")
    return rules
