"""Draws the README's state diagrams from the tables of moves. Run it to bring the README up to date."""

from __future__ import annotations

import re
from pathlib import Path

from csp_workflow.terms.letters import LETTER_MOVES
from csp_workflow.terms.states import CYCLE_MOVES, PAPER_MOVES, RETURN_MOVES, Move

README = Path(__file__).resolve().parents[2] / "README.md"


def _name(state: object) -> str:
    return str(state).replace(" ", "_").replace("-", "_")


def _labels(states: list[str]) -> list[str]:
    return [f'    state "{state}" as {_name(state)}' for state in states if _name(state) != state]


def of_moves(table: tuple[Move, ...], first: str) -> str:
    """A mermaid state diagram of a table of moves; each arrow is named by its event (and its letter)."""
    states = list(dict.fromkeys(str(s) for move in table for s in (*move.sources, move.to)))
    lines = ["```mermaid", "stateDiagram-v2", *_labels(states), f"    [*] --> {_name(first)}"]
    for move in table:
        what = f"{move.event}" + (f" ({move.letter})" if move.letter else "")
        lines += [f"    {_name(source)} --> {_name(move.to)}: {what}" for source in move.sources]
    return "\n".join([*lines, "```"])


def of_letters() -> str:
    """A mermaid state diagram of a letter's way out."""
    lines = ["```mermaid", "stateDiagram-v2", *_labels([str(s) for s in LETTER_MOVES]), "    [*] --> queued"]
    for source, targets in LETTER_MOVES.items():
        lines += [f"    {_name(source)} --> {_name(target)}" for target in targets]
    return "\n".join([*lines, "```"])


DIAGRAMS = {
    "return": of_moves(RETURN_MOVES, "expected"),
    "cycle": of_moves(CYCLE_MOVES, "planned"),
    "paper": of_moves(PAPER_MOVES, "draft"),
    "letter": of_letters(),
}


def redrawn(text: str) -> str:
    """The README's text with every diagram between its markers drawn afresh."""
    for name, diagram in DIAGRAMS.items():
        pattern = re.compile(rf"(<!-- {name} states -->\n).*?(<!-- end -->)", re.DOTALL)
        text = pattern.sub(lambda m, d=diagram: f"{m[1]}{d}\n{m[2]}", text)
    return text


if __name__ == "__main__":
    README.write_text(redrawn(README.read_text(encoding="utf-8")), encoding="utf-8")
