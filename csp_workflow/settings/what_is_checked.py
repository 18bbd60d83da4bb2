"""What is wrong in checks.toml and waivers.toml, beside what the other files say."""

from __future__ import annotations

from collections.abc import Iterator

from csp_workflow.settings.fields import check_known
from csp_workflow.settings.files import CHECKS, ConfigFiles
from csp_workflow.settings.site_files import CheckTable
from csp_workflow.terms.checks import RULES, CheckOutcome
from csp_workflow.terms.waivers import Waiver

WAIVERS = "waivers.toml"
_Found = Iterator[tuple[str, str]]

_WHAT = (
    "must say what is waived: a measure (its ref), a check (its rule in checks.toml), or contact = true where nobody "
    "at the respondent can be written to."
)


def check_what_is_checked(files: ConfigFiles) -> _Found:
    """Every fault of the two files."""
    refs = files.refs()
    for number, entry in enumerate(files.checks.checks if files.checks else (), start=1):
        yield from _check_entry(f"checks[{number}]", entry, refs)
    keys = files.respondent_keys()
    for number, waiver in enumerate(files.waivers.waivers if files.waivers else (), start=1):
        where = f"waivers[{number}]"
        yield from check_known(WAIVERS, f"{where}.respondent", waiver.respondent, keys)
        yield from _check_waiver(where, waiver, refs)


def _check_entry(where: str, entry: CheckTable, refs: tuple[str, ...] | None) -> _Found:
    yield from check_known(CHECKS, f"{where}.rule", entry.rule, RULES)
    for ref in entry.measures:
        yield from check_known(CHECKS, f"{where}.measures: one", ref, refs)
    rule = RULES.get(entry.rule)
    if rule is None:
        return
    if rule.withholds and entry.finding is CheckOutcome.OFF:
        yield CHECKS, f"{where}.finding must be fault or query, since what {entry.rule} finds is not recorded."
    for key, is_given, is_used in (
        ("number", entry.number is not None, rule.takes_number),
        ("phrases", bool(entry.phrases), rule.takes_phrases),
    ):
        if is_given and not is_used:
            yield CHECKS, f"{where}.{key} is not used by {entry.rule}. Remove the line."


def _check_waiver(where: str, waiver: Waiver, refs: tuple[str, ...] | None) -> _Found:
    if waiver.contact == bool(waiver.measure or waiver.check):
        yield WAIVERS, f"{where} {_WHAT}"
        return
    if waiver.measure:
        yield from check_known(WAIVERS, f"{where}.measure", waiver.measure, refs)
    if waiver.check:
        yield from check_known(WAIVERS, f"{where}.check", waiver.check, RULES)
