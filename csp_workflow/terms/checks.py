"""Checks of what comes back, as a site sets them: what each makes of what it finds, from which number on, in its words.

What the program can check at all is the closed list `RULES`. That a cell holds no figure is nothing a site may choose.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from csp_workflow.terms.figures import MeasureKind
from csp_workflow.terms.waivers import Waiver


class CheckOutcome(StrEnum):
    """What a check makes of what it finds: a fault must be mended, a query may be explained."""

    FAULT = "fault"
    QUERY = "query"
    OFF = "off"


@dataclass(frozen=True, kw_only=True)
class CheckRule:
    """Something the program can check. `about` says what it finds.

    Where it finds something nothing is recorded (`withholds`): were it off, a cell would be lost without a word.
    """

    about: str
    withholds: bool = False
    takes_number: bool = False
    takes_phrases: bool = False


RULES: Mapping[str, CheckRule] = {
    "negative": CheckRule(about="figures below 0", withholds=True),
    "part-of-one": CheckRule(about="counts that are no whole number", withholds=True),
    "share-over-100": CheckRule(about="shares over 100 per cent", withholds=True),
    "part-above-whole": CheckRule(about="parts above their whole", withholds=True),
    "over-100": CheckRule(about="per cents over 100"),
    "factor-of-100": CheckRule(about="per cents a hundred times too large or too small", takes_number=True),
    "equals-last-quarter": CheckRule(about="figures that are last quarter's again", takes_number=True),
    "equals-neighbour": CheckRule(about="figures that are another area's as well", takes_number=True),
    "other-area": CheckRule(about="figures of another area", takes_number=True, takes_phrases=True),
    "unusual": CheckRule(about="figures that are not as usual"),
    "grant-sum": CheckRule(about="lines of a grant that do not come to its allocation"),
    "grant-over": CheckRule(about="more spent, committed and forecast than a grant is"),
    "spent-falls": CheckRule(about="less spent of a grant than a quarter before"),
    "underspend-unsaid": CheckRule(about="an expected underspend without a reason"),
    "grant-left": CheckRule(about="grants of which much is left", takes_number=True, takes_phrases=True),
    "blank-text": CheckRule(about="words that are missing"),
    "over-long": CheckRule(about="texts much longer than their guide"),
    "pasted": CheckRule(about="sentences that stand in several boxes", takes_number=True),
    "same-as-last-quarter": CheckRule(about="texts that are last quarter's again", takes_number=True),
}
"""What can be checked, by the code of what it finds."""


@dataclass(frozen=True, kw_only=True)
class CheckSubject:
    """What a check is about: a row or a box of the form, by its ref, with its measure's and its kind."""

    ref: str
    measure: str
    kind: MeasureKind


def name_subject(ref: str, kind: MeasureKind) -> CheckSubject:
    """What stands under a ref: "M14a.1" is of the measure "M14a"."""
    return CheckSubject(ref=ref, measure=ref.partition(".")[0], kind=kind)


@dataclass(frozen=True, kw_only=True)
class Check:
    """How a site has a rule applied; to everything, or only to some measures (or series, or boxes) or kinds."""

    rule: str
    finding: CheckOutcome
    words: str
    number: Decimal = Decimal(0)
    phrases: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    kinds: tuple[MeasureKind, ...] = ()

    def covers(self, subject: CheckSubject) -> bool:
        """Whether it is about something."""
        is_named = not self.measures or bool({subject.ref, subject.measure} & set(self.measures))
        return is_named and (not self.kinds or subject.kind in self.kinds)


@dataclass(frozen=True, kw_only=True)
class Checks:
    """All that a site has set, in its order: of several that fit, the last counts. `waivers` are those in force."""

    every: tuple[Check, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    def waive(self, waivers: Iterable[Waiver], respondent: str, day: date) -> Checks:
        """The same for one respondent on a day, with the waivers that it has then."""
        mine = (w for w in waivers if w.check and w.respondent == respondent and day <= w.until)
        return replace(self, waivers=tuple(dict.fromkeys(mine)))

    def find(self, rule: str, subject: CheckSubject) -> Check | None:
        """How a rule applies to something; None where it is off, or waived."""
        fitting = [check for check in self.every if check.rule == rule and check.covers(subject)]
        if not fitting or fitting[-1].finding is CheckOutcome.OFF or self.find_waiver(rule, subject):
            return None
        return fitting[-1]

    def find_waiver(self, rule: str, subject: CheckSubject) -> Waiver | None:
        """The waiver by which something is not checked."""
        named = {"", subject.ref, subject.measure}
        return next((w for w in self.waivers if w.check == rule and w.measure in named), None)


NO_CHECKS = Checks()
"""Nothing but what a form cannot do without."""
