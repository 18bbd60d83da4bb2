"""Draws the state diagrams of docs/states.md from the tables of moves. Run it to bring that page up to date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from csp_workflow.terms.events import LETTER_MOVES, Move
from csp_workflow.terms.messages import MESSAGE_FOLDERS, MESSAGE_MOVES
from csp_workflow.terms.paper_status import PAPER_MOVES
from csp_workflow.terms.service_status import MEASURES_MOVES
from csp_workflow.terms.status import CYCLE_MOVES, RETURN_MOVES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "states.md"
Arrow = tuple[str, str, str]
"""From a state, to a state, and what takes it there ("" where that is not said)."""


def draw_diagram(first: str, arrows: list[Arrow], notes: Mapping[str, str] | None = None) -> str:
    """A mermaid state diagram. `notes` says more about a state than its name."""
    titles = {state: state for source, target, _ in arrows for state in (source, target)}
    titles |= {state: f"{state} ({note})" for state, note in (notes or {}).items()}
    names = {state: re.sub(r"\W", "_", state) for state in titles}
    named = [f'    state "{title}" as {names[state]}' for state, title in titles.items() if title != names[state]]
    lines = [f"    {names[source]} --> {names[to]}" + (f": {by}" if by else "") for source, to, by in arrows]
    return "\n".join(["```mermaid", "stateDiagram-v2", *named, f"    [*] --> {names[first]}", *lines, "```"])


def list_arrows(table: tuple[Move, ...]) -> list[Arrow]:
    """The arrows of a table of moves, each named by its event (and its letter)."""
    return [
        (str(source), str(move.to), f"{move.event}" + (f" ({move.letter})" if move.letter else ""))
        for move in table
        for source in move.sources
    ]


LETTER_ARROWS = [(str(source), str(to), "") for source, targets in LETTER_MOVES.items() for to in targets]
MESSAGE_ARROWS = [
    (str(source), str(to), str(handling))
    for handling, (sources, targets) in MESSAGE_MOVES.items()
    for source in sources
    for to in targets
]
DIAGRAMS = {
    "return": draw_diagram("expected", list_arrows(RETURN_MOVES)),
    "cycle": draw_diagram("planned", list_arrows(CYCLE_MOVES)),
    "measures": draw_diagram("not asked", list_arrows(MEASURES_MOVES)),
    "paper": draw_diagram("draft", list_arrows(PAPER_MOVES)),
    "letter": draw_diagram("queued", LETTER_ARROWS),
    "message": draw_diagram(
        "landed", MESSAGE_ARROWS, {state: f"filed in {folder}" for state, folder in MESSAGE_FOLDERS.items()}
    ),
}


def redraw(text: str) -> str:
    """The page's text with every diagram between its markers drawn afresh."""
    for name, diagram in DIAGRAMS.items():
        pattern = re.compile(rf"(<!-- {name} states -->\n).*?(<!-- end -->)", re.DOTALL)
        text = pattern.sub(lambda m, d=diagram: f"{m[1]}{d}\n{m[2]}", text)
    return text


if __name__ == "__main__":
    PAGE.write_text(redraw(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
