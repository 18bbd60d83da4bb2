"""Peers, waivers, actions and papers: what they name exists."""

from __future__ import annotations

from collections.abc import Iterable

from csp_workflow.settings.checks import known
from csp_workflow.settings.faults import Faults, instead
from csp_workflow.settings.files import Read

_ONE_OF_TWO = (
    "must say what is waived: a measure (its ref), or contact = true where nobody at the respondent can be written to. "
    "Write one of the two."
)


def check(read: Read, faults: Faults) -> None:
    """Note every name that is not known where it should be."""
    _check_peers(read, faults)
    _check_waivers(read, faults)
    _check_actions(read, faults)
    _check_papers(read, faults)


def _named(file: str, where: str, word: str, names: Iterable[str] | None, faults: Faults) -> None:
    """A name among known ones; None: the file that would define them could not be read."""
    words = None if names is None else list(names)
    if words is not None and word not in words:
        faults.add(file, f"{where} is '{word}', which is not known.{instead(word, words)}")


def _check_peers(read: Read, faults: Faults) -> None:
    areas = known.geographies(read)
    if read.peers is None or areas is None:
        return
    codes = [*areas, *(area.code for area in read.peers.elsewhere)]
    for key, version in known.twice((group.key, group.version) for group in read.peers.groups):
        faults.add(
            "peers.toml", f"groups[{key}] stands twice with the version {version}. Give the newer one its own day."
        )
    for group in read.peers.groups:
        for code in known.twice(group.areas):
            faults.add("peers.toml", f"groups[{group.key}].areas: {code} stands twice. Remove one.")
        for code in group.areas:
            _named("peers.toml", f"groups[{group.key}].areas: one", code, codes, faults)


def _check_waivers(read: Read, faults: Faults) -> None:
    keys, refs = known.respondent_keys(read), known.measure_refs(read)
    for number, waiver in enumerate(read.waivers.waivers if read.waivers else (), start=1):
        _named("waivers.toml", f"waivers[{number}].respondent", waiver.respondent, keys, faults)
        if bool(waiver.measure) == waiver.contact:
            faults.add("waivers.toml", f"waivers[{number}] {_ONE_OF_TWO}")
        elif waiver.measure:
            _named("waivers.toml", f"waivers[{number}].measure", waiver.measure, refs, faults)


def _check_actions(read: Read, faults: Faults) -> None:
    keys, boards = known.respondent_keys(read), known.board_keys(read)
    actions = read.actions.actions if read.actions else []
    for ref in known.twice(action.ref for action in actions):
        faults.add("actions.toml", f"actions[{ref}] stands twice. Give each action its own ref.")
    for action in actions:
        where = f"actions[{action.ref}]"
        _named("actions.toml", f"{where}.respondent", action.respondent, keys, faults)
        _named("actions.toml", f"{where}.board", action.board, boards, faults)
        known.check_order("actions.toml", f"{where}.due", action.asked, action.due, faults)


def _check_papers(read: Read, faults: Faults) -> None:
    boards = known.board_keys(read)
    if read.report is None:
        return
    named = [paper.board for paper in read.report.papers]
    for number, board in enumerate(named, start=1):
        _named("report.toml", f"papers[{number}].board", board, boards, faults)
    for board in known.twice(named):
        faults.add("report.toml", f"two papers are for the board '{board}'. Keep one.")
    for board in boards or ():
        if board not in named:
            faults.add(
                "report.toml", f"the board '{board}' of calendar.toml has no paper. Add a block of papers for it."
            )
