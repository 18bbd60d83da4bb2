"""How often a question was asked, and under which number: reckoned from the versions of a return."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.terms.queries import ASKED, count_askings, is_spent, list_disputes, number_findings
from csp_workflow.terms.returns import Finding, Severity, Submission
from tests.chase.quarter_told import CHARNWOOD, Told, at

ODD = Finding(
    code="unusual", severity=Severity.QUERY, sheet="Your figures", cell="G7", key="E07000130 L1", column="Note",
    found="90", wanted="Why?",
)  # fmt: skip
FAULT = replace(ODD, code="blank-required", severity=Severity.FAULT, key="E07000130 L2", found="")

_TOLD = Told().open(at(15))
_TOLD.arrive(CHARNWOOD, at(16))
VERSION = _TOLD.submissions[CHARNWOOD.key][-1]


@given(st.lists(st.booleans(), max_size=8))
def test_a_question_is_counted_back_to_the_first_version_that_lacks_it(holds: list[bool]) -> None:
    versions = [
        replace(VERSION, sequence=n, findings=(FAULT, ODD) if held else (FAULT,)) for n, held in enumerate(holds)
    ]
    run = len("".join("x" if held else " " for held in holds).rpartition(" ")[2])
    assert count_askings(versions, ODD) == run
    assert is_spent(versions, ODD) is (run > ASKED)
    assert not is_spent(versions, FAULT), "what must be mended is asked for as long as it stands"


def test_what_a_colleague_sends_between_uses_up_nobody_s_asking() -> None:
    def sent(*senders: str) -> list[Submission]:
        return [
            replace(VERSION, sequence=n, sender=f"{one}@charnwood.example", findings=(ODD,))
            for n, one in enumerate(senders)
        ]

    assert count_askings(sent("lead", "officer"), ODD) == 1
    assert count_askings(sent("lead", "officer", "Lead"), ODD) == ASKED
    assert not is_spent(sent("lead", "officer", "lead"), ODD)
    assert is_spent(sent("lead", "officer", "lead", "lead"), ODD)
    assert is_spent(sent("lead", "officer", "officer", "officer"), ODD), "it is not asked for ever either"


@given(st.lists(st.sampled_from([ODD, FAULT, replace(ODD, key="E07000130 L3")]), max_size=6))
def test_numbers_are_one_to_the_last_and_faults_come_first(findings: list[Finding]) -> None:
    numbered = number_findings(replace(VERSION, findings=tuple(findings)))
    assert list(numbered) == [f"Q{n}" for n in range(1, len(findings) + 1)]
    faults = [one.is_fault for one in numbered.values()]
    assert faults == sorted(faults, reverse=True)


@given(st.lists(st.lists(st.sampled_from(["M01", "M02", "M03"]), unique=True, max_size=3), min_size=1, max_size=6))
def test_a_dispute_keeps_its_number_and_its_first_day_while_it_stands(rounds: list[list[str]]) -> None:
    versions = [
        replace(
            VERSION, id=f"v{n}", received=VERSION.received + timedelta(days=n),
            disputes=tuple(("E07000130", ref, "Not ours.") for ref in refs),
        )
        for n, refs in enumerate(rounds)
    ]  # fmt: skip
    seen = list(dict.fromkeys(ref for refs in rounds for ref in refs))
    for dispute in list_disputes(versions):
        assert dispute.number == f"D{seen.index(dispute.ref) + 1}"
        first = int(dispute.submission[1:])
        assert all(dispute.ref in refs for refs in rounds[first:])
        assert first == 0 or dispute.ref not in rounds[first - 1]
        assert dispute.since == versions[first].received
        assert not dispute.is_open, "nothing was passed on"


def test_it_is_open_from_the_letter_on_until_the_answer() -> None:
    versions = [replace(VERSION, id="v0", disputes=(("E07000130", "M01", "Not ours."),))]
    (one,) = list_disputes(versions, (), {"v0": at(17)})
    assert one.is_open
    assert (one.passed, one.letter) == (at(17), "v0")
    assert list_disputes([]) == ()
