"""checks.toml, and the waivers of checks: what is wrong is said with its place, and what is not said is as shipped."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from csp_workflow.terms.checks import CheckOutcome, name_subject
from csp_workflow.terms.figures import MeasureKind
from csp_workflow.terms.service import ConfigInvalid

ALL_CRIME = name_subject("M11", MeasureKind.COUNT)


def faults_of(folder) -> tuple[str, ...]:
    with pytest.raises(ConfigInvalid) as found:
        folder.load()
    return tuple(found.value.faults)


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ('rule = "unusuall"\nfinding = "off"', ".rule is 'unusuall', which is not known. Did you mean unusual?"),
        ('rule = "unusual"\nfinding = "of"', ".finding is 'of', which is not known."),
        ('rule = "negative"\nfinding = "off"', ".finding must be fault or query, since what negative finds is not"),
        ('rule = "unusual"\nfinding = "query"\nnumber = 3', ".number is not used by unusual. Remove the line."),
        ('rule = "pasted"\nfinding = "query"\nphrases = ["x"]', ".phrases is not used by pasted. Remove the line."),
        ('rule = "pasted"\nfinding = "query"\nnumber = -1', ".number must be at least 0"),
        ('rule = "unusual"\nfinding = "off"\nmeasures = ["M98"]', ".measures: one is 'M98', which is not known."),
        ('rule = "unusual"\nfinding = "off"\nmeasure = "M11"', ".measure is not known. Did you mean"),
    ],
)
def test_what_is_wrong_in_a_check_is_said_with_its_place(folder, block: str, says: str) -> None:
    folder.append("checks.toml", f"[[checks]]\n{block}\n")
    (fault,) = faults_of(folder)
    assert fault.startswith("config/checks.toml: checks[")
    assert says in fault


def test_a_site_s_file_may_hold_nothing_but_what_it_has_otherwise(folder) -> None:
    file = folder.path / "checks.toml"
    file.write_text('[[checks]]\nrule = "equals-last-quarter"\nfinding = "fault"\nmeasures = ["M11"]\n', "utf-8")
    checks = folder.load()[0].checks
    found = checks.find("equals-last-quarter", ALL_CRIME)
    assert found is not None
    assert (found.finding, found.number) == (CheckOutcome.FAULT, Decimal(100))
    assert "last quarter" in found.words
    other = checks.find("equals-last-quarter", name_subject("M12a", MeasureKind.COUNT))
    assert other is not None
    assert other.finding is CheckOutcome.QUERY
    file.unlink()
    assert folder.load()[0].checks.find("pasted", ALL_CRIME) is not None


WAIVER = '[[waivers]]\nrespondent = "rutland"\n{0}reason = "Decided."\nuntil = 2015-03-31\n'


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("", "must say what is waived"),
        ('contact = true\ncheck = "unusual"\n', "must say what is waived"),
        ('check = "unusuall"\n', "waivers[1].check is 'unusuall', which is not known. Did you mean unusual?"),
        ('check = "unusual"\nmeasure = "M98"\n', "waivers[1].measure is 'M98', which is not known."),
    ],
)
def test_what_is_wrong_in_a_waiver_of_a_check_is_said(folder, what: str, says: str) -> None:
    folder.append("waivers.toml", WAIVER.format(what))
    assert says in " ".join(faults_of(folder))


def test_a_check_that_is_waived_is_asked_for_as_ever(folder) -> None:
    site, _ = folder.append("waivers.toml", WAIVER.format('check = "unusual"\nmeasure = "M11"\n')).load()
    day = date(2014, 10, 20)
    assert site.checks_of("rutland", day).find("unusual", ALL_CRIME) is None
    assert site.checks_of("rutland", date(2015, 4, 1)).find("unusual", ALL_CRIME) is not None
    assert site.checks_of("charnwood", day).find("unusual", ALL_CRIME) is not None
    assert not site.frameworks[0].is_waived("rutland", "M11", day)
