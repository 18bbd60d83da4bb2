"""The catalogue: one function and one folder to a kind, and nothing else in the tree that knows kinds by heart."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from letters_told import LEAD, Q2

from csp_workflow import settings
from csp_workflow.letters import answers, catalogue, story
from csp_workflow.letters.kinds import Audience, Conversation, Ground, Kind, Matter, writes
from csp_workflow.terms.events import About, Manner
from csp_workflow.terms.paper_status import PAPER_MOVES
from csp_workflow.terms.service_status import MEASURES_MOVES
from csp_workflow.terms.status import CYCLE_MOVES, RETURN_MOVES

CONFIG = settings.find_defaults() / "config"
PACKAGE = Path(catalogue.__file__).resolve().parents[1]
FOLDERS = {name.partition("/")[0] for name in settings.read_templates(CONFIG) if "/" in name}


def matter(*about: About) -> Matter:
    return Matter(to=LEAD, cause="a cause", about=about, quarter=Q2)


def kind(name: str = "note", *about: str) -> Kind:
    return Kind(name=name, manner=Manner.ANSWER, audience=Audience.CONTACT, about=about)


def test_every_kind_has_its_folder_and_every_folder_its_function() -> None:
    assert set(catalogue.WRITERS) == FOLDERS
    assert settings.find_template_faults(CONFIG) == ()


def test_a_function_without_a_folder_and_a_folder_without_a_function_are_faults() -> None:
    assert catalogue.folder_faults({*FOLDERS, "never-written"} - {"receipt"}) == (
        "templates/emails/receipt: the folder of this letter is missing.",
        "templates/emails/never-written: no function writes a letter of this name.",
    )


@pytest.mark.parametrize("forgotten", ["function", "folder"])
def test_whatever_was_forgotten_stops_the_start_and_is_named(
    forgotten: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from csp_workflow.cli import run

    assert run(["init", str(tmp_path / "site")]) == 0
    writers = dict(catalogue.WRITERS)
    if forgotten == "folder":
        writers["note"] = writes(kind())(matter)
    else:
        del writers["receipt"]
    monkeypatch.setattr(catalogue, "WRITERS", writers)
    places = ["--config", str(tmp_path / "site" / "config"), "--state", str(tmp_path / "site" / "state")]
    assert run([*places, "tick"]) == 3
    said = {"folder": "emails/note: the folder of this letter", "function": "emails/receipt: no function writes"}
    assert said[forgotten] in capsys.readouterr().err


def test_two_functions_of_one_kind_are_refused() -> None:
    module = ModuleType("made_up")
    vars(module).update(one=writes(kind())(matter), another=writes(kind())(matter))
    with pytest.raises(ValueError, match="Two functions write the letter 'note'"):
        catalogue._gather([module])


def test_a_letter_must_say_what_its_kind_is_about() -> None:
    write = writes(kind("note", "respondent", "due"))(matter)
    with pytest.raises(ValueError, match="'note' must say which respondent"):
        write()
    with pytest.raises(ValueError, match="'note' must say which due"):
        write(About(respondent="charnwood"))
    with pytest.raises(ValueError, match="cannot be about 'colour'"):
        kind("note", "colour")


def test_a_letter_is_what_its_function_gives_and_what_its_kind_says() -> None:
    letter = writes(kind("note", "respondent"))(matter)(About(respondent="charnwood"))
    assert (letter.kind, letter.manner, letter.recipient) == ("note", Manner.ANSWER, LEAD.address)
    assert letter.respondents == ("charnwood",)
    assert answers.receipt.__doc__
    assert answers.receipt.__name__ == "receipt"


def test_a_kind_that_nobody_writes_any_more_is_for_nobody() -> None:
    gone = catalogue.kind_of("a-kind-of-an-older-version")
    assert (gone.audience, gone.ground, gone.is_request) == (Audience.NOBODY, Ground.NONE, False)


def test_a_ground_without_a_rule_is_refused() -> None:
    rules = dict.fromkeys(Ground, "a rule")
    assert catalogue.rules_by_ground(rules) == rules
    del rules[Ground.PROOF]
    with pytest.raises(ValueError, match="no rule for the ground PROOF"):
        catalogue.rules_by_ground(rules)


def test_every_conversation_is_begun_and_gone_on_with() -> None:
    kinds = [writer.kind for writer in catalogue.WRITERS.values()]
    assert {k.begins for k in kinds} == {k.continues for k in kinds} == {None, *Conversation}
    assert set(catalogue.first_letters(Conversation.RETURN)) == {"request", "request-contributor", "request-analyst"}


def test_every_letter_that_a_move_sends_is_a_kind() -> None:
    moves = (*RETURN_MOVES, *CYCLE_MOVES, *PAPER_MOVES, *MEASURES_MOVES)
    assert {move.letter for move in moves if move.letter} <= set(catalogue.WRITERS)


# Nothing else knows kinds by heart, and nobody reads in a cause -----------------------------------


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text("utf-8"))


def moves_letters(tree: ast.Module) -> set[ast.AST]:
    """The letters that the tables of moves name, each checked against the catalogue above."""
    calls = (n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "Move")
    return {word.value for call in calls for word in call.keywords if word.arg == "letter"}


def test_no_module_outside_letters_names_a_kind_by_heart() -> None:
    named = {
        f"{name}: {node.value}"
        for name, tree in trees()
        if not name.startswith(("letters/", "store/migrations/", "rehearsal/partners/"))
        for node in set(ast.walk(tree)) - moves_letters(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        # Kinds of one word are words of many things; none of these is ever compared with a letter's kind.
        and node.value in {kind for kind in catalogue.WRITERS if "-" in kind}
    }
    assert not named


def test_the_story_of_a_quarter_is_told_of_kinds_that_there_are() -> None:
    assert {kind for kind, _ in story.STEPS} | story.WRONG_FILES <= set(catalogue.WRITERS)


def test_nothing_reads_inside_a_cause() -> None:
    readers = set()
    for name, tree in trees():
        for node in ast.walk(tree):
            inner = node.value if isinstance(node, ast.Attribute | ast.Subscript) else None
            if isinstance(node, ast.Attribute) and node.attr == "in_":
                continue  # a column is compared whole
            searched = node.comparators if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In) else []
            for part in (inner, *searched):
                if isinstance(part, ast.Attribute) and part.attr == "cause":
                    readers.add(f"{name} line {part.lineno}")
    assert not readers
