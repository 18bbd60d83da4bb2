"""Whether a store is where it was last at work, and the one that was."""

from __future__ import annotations

import pytest

from csp_workflow.chase.beat import judge_whereabouts

HERE = {"machine": "m1", "place": "/srv/csp.sqlite", "mailbox": "graph:returns@opcc.example", "folder": "/srv"}
KNOWN = {**HERE, "generation": "3 abc"}
NOTED = {"generation": "3 abc", "mark": "40"}


@pytest.mark.parametrize(
    ("known", "noted", "here", "mark"),
    [
        (KNOWN, NOTED, HERE, 40),
        (KNOWN, NOTED, HERE, 55),
        ({}, {}, HERE, 0),
        ({}, {}, HERE, 700),  # of a version that noted nothing
        ({**KNOWN, "place": "/old"}, {}, HERE, 0),  # nothing has happened yet
        ({}, {"generation": "1 new", "before": "", "mark": "0"}, HERE, 5),  # cut off while it was noted at first
        (KNOWN, {"generation": "4 new", "before": "3 abc", "mark": "40"}, HERE, 41),
        (KNOWN, {"generation": "3 abc", "before": "2 old", "mark": "40"}, HERE, 41),
        ({**KNOWN, "machine": "m2"}, NOTED, {**HERE, "machine": ""}, 41),  # a database that machines share
        (KNOWN, {}, {**HERE, "machine": "", "folder": ""}, 41),
        (KNOWN, {}, {**HERE, "folder": ""}, 41),  # a second worker at a store that the configuration names
        (KNOWN, {"generation": "2 old", "mark": "40"}, {**HERE, "folder": ""}, 41),  # which saw it was moved, before us
        (KNOWN, {"generation": "3 own", "before": "2 old", "mark": "40"}, {**HERE, "folder": ""}, 41),  # as we noted it
    ],
)
def test_what_agrees_is_not_doubted(
    known: dict[str, str], noted: dict[str, str], here: dict[str, str], mark: int
) -> None:
    assert judge_whereabouts(known, noted, here, mark=mark) == ""


@pytest.mark.parametrize(
    ("known", "noted", "here", "mark", "said"),
    [
        ({**KNOWN, "machine": "m2"}, NOTED, HERE, 41, "another machine"),
        ({**KNOWN, "place": "/old"}, NOTED, HERE, 41, "another place"),
        ({**KNOWN, "mailbox": "maildir:x"}, NOTED, HERE, 41, "another mailbox"),
        ({**KNOWN, "machine": "m2", "place": "/old"}, {}, {**HERE, "machine": ""}, 41, "another place"),
        (KNOWN, {}, HERE, 41, "never was"),
        (KNOWN, {"generation": "4 new", "mark": "40"}, HERE, 41, "put in its place"),
        (KNOWN, {"generation": "5 new", "before": "4 other", "mark": "40"}, HERE, 41, "put in its place"),
        (KNOWN, NOTED, HERE, 39, "put in its place"),
        (KNOWN, NOTED, HERE, 0, "put in its place"),
        ({}, NOTED, HERE, 12, "put in its place"),
        (KNOWN, {"generation": "2 old", "mark": "40"}, HERE, 41, "put in its place"),  # nobody else works here
        ({**KNOWN, "generation": "3 other"}, NOTED, {**HERE, "folder": ""}, 41, "put in its place"),
        ({**KNOWN, "generation": "0 renewed"}, NOTED, {**HERE, "folder": ""}, 41, "put in its place"),  # by db restore
    ],
)
def test_what_disagrees_is_said_in_a_sentence(
    known: dict[str, str], noted: dict[str, str], here: dict[str, str], mark: int, said: str
) -> None:
    assert said in judge_whereabouts(known, noted, here, mark=mark)
