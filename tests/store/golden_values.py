"""Everything a store holds, as plain values under names of their own, so that code may be renamed and these not.

Stores made by earlier versions lie in golden/ with what they held, written down by the version that made them. They
must read back value for value for ever: what is stored outlives the words in the code. What came later is under a key
of its own, so that what was written down of earlier stores stays as it is.
"""

from __future__ import annotations

from typing import Any


def everything(store: Any) -> dict[str, Any]:
    """All that a store holds: by quarter what was planned, asked, returned and happened; and what belongs to none."""
    return {
        "quarters": {quarter.key: _quarter(store, quarter) for quarter in store.cycle_states()},
        "events": [_event(e) for e in store.events(None)],
        "figures": [_figure(f) for f in store.figures()],
        "messages": [_message(m) for m in store.messages()],
        "letters": [_letter(x) for x in store.letters()],
        "drafts": {x.id: [str(x.drafted), str(x.missed), x.as_left] for x in store.letters() if x.drafted},
        "stamps": dict(sorted(store.stamps().items())),
        "counts": [f.count for f in store.figures()],
        "rates beside groups": [_group_rate(g) for g in store.group_rates()],
        "shares asked": [row.out_of for q in store.cycle_states() for row in _list_rows(store, q)],
        "usual": [_usual(row.usual) for q in store.cycle_states() for row in _list_rows(store, q)],
        "asked of words": [_asked(r) for q in store.cycle_states() for r in store.request_history(q)],
        "answers": [_answers(s) for q in store.cycle_states() for s in store.submissions(q)],
        "sets": [_measure_set(one) for one in store.measure_sets()],
        "set up": [_setup(one) for one in store.setups()],
        "disposed of": sorted(store.disposed()),
        "alike": [_alike(row) for q in store.cycle_states() for row in _list_rows(store, q)],
        "checked": [_checked(row) for q in store.cycle_states() for row in _list_rows(store, q)],
    }


def _list_rows(store: Any, quarter: Any) -> list[Any]:
    return [row for r in store.request_history(quarter) for row in r.form.figures]


def _setup(one: Any) -> list[Any]:
    changes = [[c.place.file, list(c.place.lists), c.place.within, _entry(c.was), _entry(c.now)] for c in one.changes]
    return [one.content, changes]


def _entry(entry: Any) -> Any:
    return entry and {key: [type(value).__name__, str(value)] for key, value in entry.items()}


def _alike(row: Any) -> list[str]:
    return [row.disputed, str(row.least_repeated), str(row.least_shared)]


def _checked(row: Any) -> list[Any]:
    return [str(row.least_summed), [[rule, str(number)] for rule, number in row.checked]]


def _usual(usual: Any) -> Any:
    return usual and [str(usual.low), str(usual.high), str(usual.rest), usual.base]


def _asked(r: Any) -> list[Any]:
    return [r.filled, *[[box.ref, box.promise, [answer.value for answer in box.quick]] for box in r.form.summary]]


def _answers(s: Any) -> list[Any]:
    told = [[n.ref, n.answer and n.answer.value, n.promise_now and n.promise_now.value] for n in s.narratives]
    inputs = [[one.key, one.input.value, one.text, one.version] for one in s.inputs]
    return [told, inputs, [[f.code, f.key] for f in s.findings if f.is_doubt]]


def _measure_set(one: Any) -> list[Any]:
    aims = [
        [a.respondent, a.ref, a.wording, list(a.priorities), str(a.agreed), str(a.valid_to), str(a.reworded)]
        for a in one.objectives
    ]
    return [one.respondent, one.year, one.version, one.message, list(map(_local, one.measures)), aims]


def _rule(s: Any) -> list[Any]:
    return [s.below, s.shown_as, s.zero_is_shown]


def _local(m: Any) -> list[Any]:
    s = m.series
    return [
        [m.respondent, m.area, m.definition, list(m.priorities), str(m.agreed), str(m.valid_to), m.counted_by],
        [s.ref, s.measure, s.title, s.unit, s.kind.value, s.polarity.value, s.geography.value, s.frequency.value],
        [s.owner, s.lag_quarters, s.denominator, _rule(s.suppression), str(s.reworded), str(s.comparable_from)],
        s.broken and [str(s.broken.day), s.broken.reason],
    ]


def _group_rate(g: Any) -> list[Any]:
    p = g.provenance
    numbers = [None if value is None else str(value) for value in (g.rate, g.average, g.low, g.high)]
    return [
        [g.series, g.area, g.period, g.as_at.isoformat(), g.unit, g.status.value, g.members],
        [g.group, g.version.isoformat(), *numbers],
        [p.source, p.attachment, p.sheet, p.cell, p.licence, p.illustrative],
    ]


def _quarter(store: Any, quarter: Any) -> dict[str, Any]:
    return {
        "dates": _dates(store.plan_of(quarter)),
        "events": [_event(e) for e in store.events(quarter)],
        "requests": [_request(r) for r in store.request_history(quarter)],
        "submissions": [_submission(s) for s in store.submissions(quarter)],
    }


def _dates(d: Any) -> dict[str, Any]:
    return {
        "extract asked": d.extract_request.isoformat(),
        "extract due": d.extract_due.isoformat(),
        "open": d.open.isoformat(),
        "due": d.due.isoformat(),
        "close": d.close.isoformat(),
        "papers": [
            [p.board, *(day.isoformat() for day in (p.meeting, p.papers_out, p.clearance, p.draft))] for p in d.papers
        ],
        "before an election": d.pre_election,
        "warnings": list(d.warnings),
    }


def _event(e: Any) -> list[Any]:
    quarter = e.quarter.key if e.quarter else None
    return [e.kind.value, e.at.isoformat(), e.by, quarter, e.respondent, e.subject, dict(sorted(e.facts.items()))]


def _request(r: Any) -> dict[str, Any]:
    form = r.form
    return {
        "workbook": r.workbook,
        "reference": str(form.reference),
        "of": [form.respondent, form.respondent_name, form.kind.value, form.quarter.key, form.due.isoformat()],
        "words": [form.office, form.ask, list(form.sources), form.illustrative, form.marking],
        "history": [quarter.key for quarter in form.history],
        "figures": [_form_row(row) for row in form.figures],
        "summary": [[s.ref, s.heading, s.prompt, s.played_back, s.words, s.required] for s in form.summary],
        "actions": [[a.ref, a.board, a.wording, a.asked.isoformat(), a.due.isoformat()] for a in form.actions],
    }


def _form_row(row: Any) -> list[Any]:
    return [
        [row.area.code, row.area.name, row.area.geography.value, row.area.upper_tier],
        [row.ref, row.measure, row.title, row.definition, row.intent, row.unit, row.kind.value, row.entry.value],
        [list(row.history), row.official, row.comparator, row.required, row.suppressed_below, row.period],
        _figure(row.given) if row.given else None,
        _figure(row.previous) if row.previous else None,
    ]


def _figure(f: Any) -> list[Any]:
    p = f.provenance
    value = None if f.value is None else str(f.value)
    return [
        [f.series, f.area, f.period, f.as_at.isoformat(), value, f.status.value, f.base, f.note, f.drove_it],
        [p.source, p.message, p.attachment, p.sheet, p.cell, p.licence, p.illustrative],
    ]


def _submission(s: Any) -> dict[str, Any]:
    return {
        "id": s.id,
        "of": [s.quarter.key, s.respondent, s.sequence, s.content, s.message, s.attachment, s.revision],
        "received": [s.received.isoformat(), s.sender, s.late],
        "figures": [_figure(f) for f in s.figures],
        "narratives": [[n.ref, n.text, n.sheet, n.cell, n.promise] for n in s.narratives],
        "findings": [
            [f.code, f.severity.value, f.sheet, f.cell, f.key, f.column, f.found, f.wanted, f.example]
            for f in s.findings
        ],
        "readings": [[r.sheet, r.cell, r.typed, r.recorded, r.remark] for r in s.readings],
        "disputes": [list(d) for d in s.disputes],
        "sign-off": [s.sign_off.completed_by, s.sign_off.position, s.sign_off.date],
        "remarks": list(s.remarks),
    }


def _message(m: Any) -> list[Any]:
    marks = sorted(mark.value for mark in getattr(m, "marks", ()))
    verdict = m.verdict.value if m.verdict else None
    return [
        [m.id, m.source, m.content, m.received.isoformat(), m.size, m.whole, marks, m.attempts],
        [m.sender, m.subject, verdict, m.reason, sorted(m.respondents)],
    ]


def _letter(x: Any) -> list[Any]:
    sent = x.sent.isoformat() if x.sent else None
    quarter = x.quarter.key if x.quarter else None
    return [
        [x.id, x.kind, x.cause, x.recipient, sorted(x.respondents), quarter, x.manner.value, x.subject],
        [x.message_id, x.content, x.state.value, x.queued.isoformat(), sent, x.reason, x.proof, x.token, x.attempts],
    ]
