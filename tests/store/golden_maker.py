"""Makes a golden store by hand: every kind of event with each fact it may have, and what else the version can store.

`python golden_maker.py NAME`, in this folder, before a shape that holds new things is released. The store and what it
holds are laid in golden/, and are never made again.
"""

from __future__ import annotations

import json
import lzma
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any

from golden_values import everything
from laying_out import lay_out_store
from store_told import BESIDE, NOW, Q2, dates, event, figure, land, queue, request, submission

from csp_workflow import settings
from csp_workflow.store import Store
from csp_workflow.store.documents import ABOUT_A_MESSAGE, ABOUT_A_SUBMISSION, SHAPES
from csp_workflow.store.words import Words
from csp_workflow.terms.cells import FormVersion, Input, InputText, PromiseState, QuickAnswer
from csp_workflow.terms.comparisons import UsualRange
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision, Fact, Happened, LetterState, MoveRefused, Request
from csp_workflow.terms.figures import Break, Figure, FigureStatus, MeasureKind
from csp_workflow.terms.measure_sets import MeasureSet, list_standing
from csp_workflow.terms.returns import Entry, Narrative, Submission
from csp_workflow.terms.setup import Setup, SetupChange, SetupPlace
from csp_workflow.terms.site import ActionRow
from csp_workflow.terms.suppression import Suppression

CONFIG = Path(__file__).resolve().parents[2] / "config"


def make_store(file: Path) -> Store:
    """A store with all of it."""
    lay_out_store(file)
    store = Store(f"sqlite:///{file}")
    store.name_things(settings.load(CONFIG, environment={})[0])
    assert land(store)
    share = figure("M03a.1", "62.5", base=120, count=75)
    withheld = replace(BESIDE, status=FigureStatus.SUPPRESSED, rate=None, average=None, low=None, high=None)
    of = submission()
    store.commit(
        Decision(
            plans=(dates(), dates(Q2.plus(1))),
            requests=(_ask(),),
            submissions=(_return(of, replace(share, provenance=of.figures[0].provenance)),),
            figures=(figure(), share),
            group_rates=(BESIDE, withheld),
            measure_sets=(_agree(),),
            setups=(_set_up(),),
        ),
        at=NOW,
    )
    store.note_disposed(["ab" * 32, "cd" * 32])
    queue(store, 6)
    _draft(store)
    _commit_events(store, of.id)
    return store


def _draft(store: Store) -> None:
    """Letters in Drafts: one that lies there, one that is missed, one that left changed, one taken out changed."""
    later, lies = NOW + timedelta(hours=1), "it lies in Drafts"
    ends: tuple[tuple[LetterState, dict[str, Any]], ...] = (
        (LetterState.IN_DRAFTS, {"proof": lies}),
        (LetterState.IN_DRAFTS, {"proof": lies, "missed": later}),
        (LetterState.SENT, {"proof": "sent by hand: 1", "at": later, "as_left": "ef" * 32}),
        (LetterState.WITHDRAWN, {"reason": "It came.", "missed": later, "as_left": "ef" * 32}),
    )
    for state, said in ends:
        row = store.claim(clock=0.0)
        assert row is not None
        assert store.move_draft(row, LetterState.IN_DRAFTS, at=NOW)
        assert store.move_draft(replace(row, state=LetterState.IN_DRAFTS), state, **said)


def _return(of: Submission, share: Figure) -> Submission:
    """A version with every input, every answer in the place of words, and something that is doubted."""
    told = [
        Narrative(ref=f"T{n}", text="", sheet="Summary", cell=f"B{n}", answer=answer, promise_now=promise)
        for n, (answer, promise) in enumerate(zip_longest(QuickAnswer, PromiseState), start=2)
    ]
    inputs = tuple(InputText(key="E22000165 M01.1", input=one, text=f"the {one}", version=1) for one in Input)
    doubted = replace(of.findings[0], code="two-answers", is_doubt=True)
    spent = replace(share, series="CHARN.G1S", value=Decimal("12000.50"), unit="pounds, with pence", note="So far.")
    spent = replace(spent, count=None, base=None)
    return replace(
        of, figures=(*of.figures, share, spent), narratives=(*of.narratives, *told), inputs=inputs,
        findings=(*of.findings, doubted),
    )  # fmt: skip


def _set_up() -> Setup:
    """What a workbook changed: something new, something changed, something taken out, and every kind of value."""
    whole = {"key": "melton", "count": 3, "is_on": True, "since": date(2014, 10, 1), "areas": ["E07000133", 2]}
    place = SetupPlace(file="partnerships", lists=("partnerships",))
    within = SetupPlace(file="partnerships", lists=("partnerships", "contacts"), within="melton")
    changes = ((place, None, whole), (within, whole, {**whole, "count": 4}), (within, whole, None))
    return Setup(content="ef" * 32, changes=tuple(SetupChange(place=p, was=was, now=now) for p, was, now in changes))


def _agree() -> MeasureSet:
    """A set of measures with all that one may have."""
    site, begins, ends = settings.load(CONFIG, environment={})[0], date(2015, 4, 1), date(2016, 3, 31)
    (of, *others), (aim, *aims) = list_standing(site, site.respondent("charnwood"), "2014/15", date(2014, 4, 1))
    rule = Suppression(below=5, shown_as="fewer than 5", zero_is_shown=True)
    series = replace(
        of.series, denominator="residents", suppression=rule, reworded=begins,
        broken=Break(day=date(2014, 10, 1), reason="Agreed anew"), comparable_from=date(2013, 4, 1), lag_quarters=1,
    )  # fmt: skip
    local = replace(of, series=series, agreed=begins, valid_to=ends, counted_by="The wardens")
    dated = replace(aim, agreed=begins, valid_to=ends, reworded=begins)
    return MeasureSet(
        respondent="charnwood", year="2015/16", version=1, measures=(local, *others), objectives=(dated, *aims),
        message="m1",
    )  # fmt: skip


def _ask() -> Request:
    asked = request()
    version = replace(asked.form.reference, form=FormVersion(2, 1))
    row = asked.form.figures[0]
    share = replace(row, ref="M03a.1", unit="per cent", kind=MeasureKind.PERCENT, entry=Entry.VALUE, given=None)
    action = ActionRow(ref="A1", board="speb", wording="Say why.", asked=date(2014, 9, 11), due=date(2014, 11, 28))
    usual = UsualRange(low=Decimal("55.5"), high=Decimal(70), rest=Decimal(210), base=340)
    checks = (("spent-falls", Decimal(0)), ("grant-over", Decimal("2.5")))
    money = replace(share, ref="CHARN.G1S", kind=MeasureKind.GRANT, unit="pounds, with pence", checked=checks)
    money = replace(money, least_summed=Decimal(1))
    alike = {"disputed": "Ours are 12.", "least_repeated": Decimal("9.5"), "least_shared": Decimal(20)}
    rows = (row, money, replace(share, out_of="cases that were closed", period="2013/14", usual=usual, **alike))
    box = replace(asked.form.summary[0], promise="More patrols.", quick=tuple(QuickAnswer))
    form = replace(asked.form, reference=version, figures=rows, summary=(box,), actions=(action,))
    return replace(asked, form=form, filled=3)


_LAST = (Happened.NOT_RECEIVED, Happened.CYCLE_CLOSED, Happened.CYCLE_ARCHIVED)
_WHO = ("charnwood", "melton", "rutland", "leicester", "harborough", "")


def _commit_events(store: Store, submission_id: str) -> None:
    """Every kind with the facts that it cannot be without, and in the next quarter with all that it may have: each of
    the first respondent, or the quarter, that it may happen to."""
    for quarter in (Q2, Q2.plus(1)):
        waiting = [kind for kind in Happened if kind not in _LAST] + list(_LAST)
        while waiting:
            left = [kind for kind in waiting if not _commit_event(store, quarter, kind, submission_id)]
            assert len(left) < len(waiting), left
            waiting = left


def _commit_event(store: Store, quarter: Quarter, kind: Happened, submission_id: str) -> bool:
    shape = SHAPES[kind][-1]
    subject = submission_id if kind in ABOUT_A_SUBMISSION else "m1" if kind in ABOUT_A_MESSAGE else "speb"
    known = {**shape.required, **(shape.optional if quarter != Q2 else {})}
    marks: dict[str, Fact] = {f"{shape.marks}charnwood": "ab"} if shape.marks else {}
    facts = {key: _fill(key, wanted) for key, wanted in known.items()} | marks
    for respondent in _WHO:
        came = None if quarter == Q2 else NOW - timedelta(days=3)
        made = replace(event(kind, respondent, subject=subject, facts=facts), quarter=quarter, came=came)
        with suppress(MoveRefused):
            store.commit(Decision(events=(made,)), at=NOW)
            return True
    return False


def _fill(key: str, wanted: type | Words[Any]) -> Fact:
    if isinstance(wanted, Words):
        return str(wanted.member(wanted.stored[-1]).value)
    return {str: _TEXTS.get(key, f"the {key}"), int: 7, bool: True}[wanted]


_TEXTS = dict.fromkeys(("until", "since", "day", "due", "meeting", "before"), "2014-11-05") | {"pages": "first=ab12"}
"""Facts that are read as what they say: days, and the marks of a paper's pages."""


def lay_golden(name: str, place: Path) -> None:
    """Lay a new golden store, and what it holds, in a folder."""
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / "golden.sqlite"
        store = make_store(file)
        held = everything(store)
        store.close()
        (place / f"{name}.sqlite.xz").write_bytes(lzma.compress(file.read_bytes(), preset=9))
        (place / f"{name}.json.xz").write_bytes(lzma.compress(json.dumps(held).encode(), preset=9))


if __name__ == "__main__":
    lay_golden(sys.argv[1], Path(__file__).parent / "golden")
