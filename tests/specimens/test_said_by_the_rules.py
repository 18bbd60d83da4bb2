"""What a preview says is what the rules say in earnest: a wording that changes there changes here."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from pkgutil import resolve_name
from types import ModuleType
from typing import Any

import pytest

from csp_workflow import settings
from csp_workflow.letters.catalogue import WRITERS, environment, render
from csp_workflow.letters.kinds import Matter, Writer
from csp_workflow.rehearsal import specimens
from csp_workflow.rehearsal.specimens import every_letter
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Letter

CONFIG = settings.find_defaults() / "config"
SITE, _ = settings.load(CONFIG, environment={})
TEMPLATES = environment(settings.read_templates(CONFIG))

CHANGED = (
    ("intake.outcomes.receipts._say_reading", "receipt"),
    ("intake.outcomes.receipts._say_reading", "correction"),
    ("intake.outcomes.receipts.name_row", "receipt"),
    ("intake.outcomes.replies._OWN_DESIGN", "unreadable-file"),
    ("forms.refusals.SENTENCES", "unreadable-file"),
    ("intake.outcomes.holding._harmless_name", "confirm-colleague"),
    ("intake.outcomes.holding._registered_name", "question"),
    ("terms.people.Presence.say_stand_in", "reminder-before-due"),
    ("terms.people.Presence.say_stand_in", "query-reminder"),
    ("chase.approval.say_figure", "approval-request"),
    ("chase.approval._head", "approval-again"),
    ("terms.people.Presence.say_stand_in", "request"),
    ("request.opening._list_remarks", "proof-pack"),
    ("request.proof.render", "proof-pack"),
    ("desk.returns._who_is_told", "command-done"),
    ("desk.orders.USAGES", "command-done"),
    ("digest.digest._first", "digest"),
    ("digest.needs._late", "digest"),
    ("digest.history._say_whom", "digest"),
    ("report.circulate.say_standing", "draft-paper"),
    ("post.leaving._say_excess", "answers-on-hold"),
    ("intake.case.MessageCase.conclude", "digest"),
)
"""A function or a constant of the rules that builds words, and a kind of letter that shows them."""


def changed(real: Any, mark: str) -> Any:
    """The same, saying something else."""
    if isinstance(real, str):
        return mark
    if isinstance(real, dict):
        return dict.fromkeys(real, mark)
    if isinstance(real, tuple):
        return tuple(replace(one, does=mark) for one in real)

    def other(*args: Any, **kwargs: Any) -> Any:
        said = real(*args, **kwargs)
        if isinstance(said, str):
            return said and mark
        if isinstance(said, tuple):
            return (mark,)
        if hasattr(said, "judgement"):
            return replace(said, judgement=replace(said.judgement, reason=mark))
        return replace(said, text=mark)

    return other


FEW = {"charnwood", "leicester", "harborough", "melton", "public-health", "force-analyst"}
"""Enough for a letter of every kind, and for every turn that the respondents take in the digest."""


def letters() -> list[Letter]:
    return list(every_letter(SITE, Quarter(2014, 2), among=FEW))


def said(letter: Letter) -> str:
    """All that a letter says, in its words and in a text file attached."""
    attached = b" ".join(file.data for file in letter.attachments if file.name.endswith(".txt"))
    words = render(letter, SITE.office, environment=TEMPLATES).text
    return " ".join(f"{words} {attached.decode('utf-8', 'replace')}".split())


def test_a_wording_changed_in_a_rule_is_changed_in_the_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    marks = {place: f"quite other words, number {n}." for n, place in enumerate(dict(CHANGED), start=1)}
    for place, mark in marks.items():
        module, _, name = f"csp_workflow.{place}".rpartition(".")
        rules = resolve_name(module)
        monkeypatch.setattr(rules, name, changed(getattr(rules, name), mark))
    shown: dict[str, str] = {}
    for letter in letters():
        shown[letter.kind] = f"{shown.get(letter.kind, '')} {said(letter)}"
    assert not [(place, kind) for place, kind in CHANGED if marks[place] not in shown[kind]]


def test_every_sample_is_made_by_the_function_that_writes_it_in_earnest(monkeypatch: pytest.MonkeyPatch) -> None:
    def marked(real: Callable[..., Matter]) -> Callable[..., Matter]:
        def write(*args: Any, **kwargs: Any) -> Matter:
            matter = real(*args, **kwargs)
            return replace(matter, facts={**matter.facts, "mark": "in earnest"})

        return write

    for writer in WRITERS.values():
        monkeypatch.setattr(writer, "_write", marked(writer._write))
    made = letters()
    assert {letter.kind for letter in made} == set(WRITERS)
    assert all(letter.facts.get("mark") == "in earnest" for letter in made)


def test_no_specimen_writes_a_letter_itself() -> None:
    """They play what happens; whoever writes a letter is a rule."""
    for path in sorted(Path(specimens.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("csp_workflow.letters"):
                module = importlib.import_module(str(node.module))
                for alias in node.names:
                    found = getattr(module, alias.name, None)
                    inside = vars(found).values() if isinstance(found, ModuleType) else (found,)
                    assert not any(isinstance(one, Writer) for one in inside), (path.name, alias.name)
