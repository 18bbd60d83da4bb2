"""Every figure of a paper, to the submission or import that it was read from and to who certified it; and papers built
again as at their time.

A file is recognised by its bytes, or by the moment that it says it was made: programs that edit it keep that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from hashlib import sha256
from typing import Any

from csp_workflow.analysis.peers import index_groups
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.report.basis import Basis, Made, reckon
from csp_workflow.report.edits.copying import strip_notes
from csp_workflow.report.tracing import (
    Difference,
    Printed,
    choose_figure,
    compare_parts,
    is_printed,
    list_printed,
    list_revisions,
    read_created,
)
from csp_workflow.steps import papers
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.comparisons import GroupRate
from csp_workflow.terms.dates import Quarter, as_utc
from csp_workflow.terms.events import Event, Happened, PreconditionFailed
from csp_workflow.terms.figures import Figure, Provenance, Slot, TracedFigure, slot_of
from csp_workflow.terms.grants import find_line
from csp_workflow.terms.phrases import capital, joined, plain_day, plural
from csp_workflow.terms.site import Assent

_SECOND = timedelta(seconds=1)
_COPIES = {"content": "draft", "copy": "circulation copy"}
_BESIDE = {"companion": "workbook"}


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The draft that a file is, or was made from: the number of its event, and what was kept of it.

    `kind` says which of the two that were made: "draft" or "circulation copy"; "" where the file is neither any more.
    """

    number: int
    event: Event
    draft: int
    kind: str = ""

    @property
    def quarter(self) -> Quarter:
        """The paper's quarter."""
        if self.event.quarter is None:
            raise ValueError("A paper is of a quarter.")
        return self.event.quarter

    def describe(self) -> dict[str, Any]:
        """As data."""
        return {
            "quarter": self.quarter.key,
            "board": self.event.subject,
            "draft": self.draft,
            "kind": self.kind or "edited",
            "made": self.event.at.isoformat(),
        }


def find_origin(outside: Outside, data: bytes) -> Origin | None:
    """Which draft a file is or was made from; None where it is none of ours. Raises PreconditionFailed for no Word
    file."""
    drafts, name, made = list_origins(outside), sha256(data).hexdigest(), _read_created(data)
    for one in drafts:
        for fact, kind in _COPIES.items():
            if one.event.facts.get(fact) == name:
                return replace(one, kind=kind)
    return next((one for one in reversed(drafts) if made and abs(as_utc(one.event.at) - made) < _SECOND), None)


def list_origins(outside: Outside) -> list[Origin]:
    """Every draft that was ever made."""
    found: list[Origin] = []
    for number, event in outside.store.numbered_events(Happened.PAPER_DRAFTED):
        draft = sum((o.event.quarter, o.event.subject) == (event.quarter, event.subject) for o in found) + 1
        found.append(Origin(number=number, event=event, draft=draft))
    return found


def _read_created(data: bytes) -> datetime | None:
    try:
        return read_created(data)
    except ValueError as fault:
        raise PreconditionFailed(f"{fault} Name a paper as it was sent, saved as .docx.") from fault


# Trace ----------------------------------------------------------------------------------------------


def trace_paper(outside: Outside, data: bytes, wanted: str = "") -> dict[str, Any]:
    """Each number of a file that comes from figures (or the ones `wanted`) with its origin.

    `{"paper", "figures": [...], "reckoned": [...], "untraced": [...]}`: what is reckoned has all it was made from.
    """
    origin = find_origin(outside, data)
    draft = outside.archive.fetch(str(origin.event.facts["copy"])) if origin else None
    printed = list_printed(data, draft)
    if not printed:
        raise PreconditionFailed(
            "No figure in the file is marked, so none can be traced: it is no paper of ours, or its text was copied "
            "into a new file. Trace the file as it was sent, or as it was saved from that; of an erratum its paper."
        )
    meant = [one for one in printed if not wanted or one.is_meant(wanted)] or [p for p in printed if wanted in p.text]
    if not meant:
        raise PreconditionFailed(
            f"No figure with a bookmark is '{wanted}'. Without --figure every one is listed; what is not listed was "
            "typed by hand, or is reckoned in a sentence."
        )
    tracing = _Tracing(outside, origin, {one.bookmark: one.text for one in list_printed(draft, None)} if draft else {})
    rows = [(one, tracing.trace(one)) for one in meant]
    return {
        "paper": origin.describe() if origin else None,
        "figures": [row for _, row in rows if row and "parts" not in row],
        "reckoned": [row for _, row in rows if "parts" in row],
        "untraced": [
            {"bookmark": one.bookmark, "key": one.key, "printed": one.text, "why": _UNTRACED}
            for one, row in rows
            if not row
        ],
    }


_UNTRACED = "Nothing is stored for it: the store is not the one that the paper was made from."


def say_traced(found: dict[str, Any]) -> Iterator[str]:
    """What is to be said beside the figures that were traced."""
    paper = found["paper"]
    if paper is None:
        yield "The file is no draft that this store knows; its figures were found by what is printed."
    elif paper["kind"] == "edited":
        yield f"It was made from draft {paper['draft']} of the paper for {paper['board']}, and has been changed since."
    else:
        yield f"It is the {paper['kind']} of draft {paper['draft']} of the paper for {paper['board']}."
    for row in (*found["figures"], *found["reckoned"]):
        named = f"'{row['printed']}' ({row['bookmark']})"
        if row["as_stored"] is False:
            yield f"{named} was changed by hand: what was stored then is {row['value'] or row['status']}."
        yield from (f"{named} was revised: {_say_revision(later)}." for later in _list_revisions(row))
    for row in found["untraced"]:
        yield f"'{row['printed']}' ({row['bookmark']}): {row['why']}"


def _list_revisions(row: dict[str, Any]) -> list[dict[str, Any]]:
    return [later for part in row.get("parts", (row,)) for later in part["revised"]]


def _say_revision(later: dict[str, Any]) -> str:
    return f"{later['value'] or later['status']} since"


class _Tracing:
    """What is looked up once for all figures of a file; `ours` is what our own draft prints, by bookmark."""

    def __init__(self, outside: Outside, origin: Origin | None, ours: Mapping[str, str]) -> None:
        self._outside, self._ours = outside, ours
        self._then = outside.store.as_before(origin.number) if origin else outside.store
        self._name_file, self._trace_part = cache(self._find_file), cache(self._find_part)
        self._imports = {
            event.subject: event.at for _, event in reversed(outside.store.numbered_events(Happened.FIGURES_IMPORTED))
        }

    def trace(self, printed: Printed) -> dict[str, Any]:
        """Where a printed number came from; {} where nothing is stored for it."""
        basis = printed.basis
        found = self._trace_basis(printed, basis) if basis else {}
        return found and {"printed": printed.text, **found, "bookmark": printed.bookmark, "key": printed.key}

    def _trace_basis(self, printed: Printed, basis: Basis) -> dict[str, Any]:
        if basis.how is Made.FIGURE:
            return self._trace_figure(printed.text, basis.slots[0])
        if basis.how is Made.GROUP:
            return self._trace_group(printed.text, basis.slots[0])
        parts = [self._trace_part(slot) for slot in basis.slots]
        if not all(parts):
            return {}
        reckoned, ours = reckon(basis, self._standing), self._ours.get(printed.bookmark)
        is_same = ours and ours == printed.text if reckoned is None else is_printed(reckoned, printed.text)
        value = ours if reckoned is None else str(round(reckoned, 4).normalize())
        series = basis.slots[0][0]
        return {"made": str(basis.how), "series": series, "value": value, "as_stored": is_same, "parts": parts}

    def _trace_figure(self, text: str, slot: Slot) -> dict[str, Any]:
        chosen = choose_figure(text, self._then.figure_history(*slot))
        if chosen is None:
            return {}
        found, is_same = chosen
        revisions = list_revisions(found, self._outside.store.figure_history(*slot))
        described = self._describe(found)
        return described | {"as_stored": is_same, "revised": [_describe_revision(one) for one in revisions]}

    def _find_part(self, slot: Slot) -> dict[str, Any]:
        """A figure as it stood then, and what it was revised to since."""
        then, now = self._traced.get(slot), self._traced_now.get(slot)
        if then is None:
            return {}
        revisions = list_revisions(then, (then, now)) if now else ()
        return {**self._describe(then), "revised": [_describe_revision(one) for one in revisions]}

    @cached_property
    def _traced(self) -> dict[Slot, TracedFigure]:
        return {slot_of(found.figure): found for found in self._then.traced_figures()}

    @cached_property
    def _traced_now(self) -> dict[Slot, TracedFigure]:
        return {slot_of(found.figure): found for found in self._outside.store.traced_figures()}

    @cached_property
    def _standing(self) -> dict[Slot, Figure]:
        return {slot: found.figure for slot, found in self._traced.items()}

    @cached_property
    def _lines(self) -> Mapping[Slot, GroupRate]:
        return index_groups(self._then.group_rates(), date.max)

    def _trace_group(self, text: str, slot: Slot) -> dict[str, Any]:
        """The line of an extract that says an area's rate, its group's average and the limits."""
        line = self._lines.get(slot)
        if line is None:
            return {}
        said = {name: getattr(line, name) for name in ("rate", "average", "low", "high")}
        part = {
            **{name: str(value) for name, value in said.items()},
            "status": line.status.value,
            "unit": line.unit,
            "series": line.series,
            "area": line.area,
            "period": line.period,
            "as_at": line.as_at.isoformat(),
            "group": line.group,
            "group_version": line.version.isoformat(),
            **self._describe_file(line.provenance),
            "revised": [],
        }
        value = next((value for value in said.values() if is_printed(value, text)), None)
        return {
            "made": str(Made.GROUP),
            "series": line.series,
            "value": str(value) if value is not None else joined(part[name] for name in said),
            "as_stored": value is not None,
            "parts": [part],
        }

    def _describe(self, found: TracedFigure) -> dict[str, Any]:
        figure = found.figure
        return {
            "value": str(figure.value) if figure.value is not None else None,
            "as_stored": True,
            "status": figure.status.value,
            "unit": figure.unit,
            "count": figure.count,
            "base": figure.base,
            "series": figure.series,
            "title": found.title,
            "area": figure.area,
            "area_name": found.area_name,
            "period": figure.period,
            "as_at": figure.as_at.isoformat(),
            "respondent": found.respondent,
            "version": found.version,
            "approved_by": None,
            "approved_at": None,
            "certified_by": None,
            "certified_at": None,
            **self._find_approval(found),
            **self._find_certificate(found),
            **self._describe_file(figure.provenance),
            "illustrative": figure.provenance.illustrative,
        }

    def _describe_file(self, origin: Provenance) -> dict[str, Any]:
        name, received = self._name_file(origin.message, origin.attachment) if origin.message else (origin.source, None)
        imported = self._imports.get(origin.attachment)
        came = received or imported
        return {
            "source": origin.source,
            "message": origin.message,
            "received": came.isoformat() if came else None,
            "file": name,
            "sha256": origin.attachment,
            "sheet": origin.sheet,
            "cell": origin.cell,
            "licence": origin.licence,
        }

    def _find_approval(self, found: TracedFigure) -> dict[str, Any]:
        """Who approved just this version, whatever was approved later."""
        store = self._outside.store
        for quarter in store.cycle_states() if found.submission else ():
            stands = store.cycle_status(quarter).returns.get(found.respondent)
            for given in stands.approvals if stands else ():
                if given.submission == found.submission:
                    return {"approved_by": given.by, "approved_at": given.at.isoformat()}
        return {}

    def _find_certificate(self, found: TracedFigure) -> dict[str, Any]:
        """Who certified just this grant money."""
        (one,) = add_certificates(self._outside, (found,))
        at = one.certified_at
        return {"certified_by": one.certified_by, "certified_at": at.isoformat()} if at else {}

    def _find_file(self, message: str, attachment: str) -> tuple[str, datetime | None]:
        """What a file was called in the message that brought it, and when that came."""
        row = self._outside.store.message(message)
        if row is None:
            return "", None
        try:
            opened = unpack_message(self._outside.archive.fetch(row.content), received=row.received)
        except (KeyError, ValueError):
            return "no longer kept", row.received
        names = (a.name for a in opened.attachments if sha256(a.data).hexdigest() == attachment)
        return next(names, "inside a file of the message"), row.received


def _describe_revision(later: TracedFigure) -> dict[str, Any]:
    figure = later.figure
    return {
        "value": str(figure.value) if figure.value is not None else None,
        "status": figure.status.value,
        "as_at": figure.as_at.isoformat(),
        "version": later.version,
        "source": figure.provenance.source,
    }


# Verify ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Verified:
    """A file beside the same one built again: which parts differ, and why one may that nobody touched."""

    origin: Origin
    kind: str
    parts: tuple[Difference, ...]
    caveats: tuple[str, ...] = ()

    def say(self) -> str:
        """In sentences: the same, or which parts differ, and how."""
        of = f"draft {self.origin.draft} of the paper for {self.origin.event.subject}, {self.origin.quarter}"
        named = capital(of if self.kind == "draft" else f"{self.kind} of {of}")
        if not self.parts:
            return f"{named}: the same in every part."
        lines = [f"{named}: not the same in {plural(len(self.parts), 'part')}."]
        for one in self.parts:
            same = "; the words are the same" if one.ours and one.theirs and not one.words else ""
            hashes = f"{one.ours[:12] or 'not there'} when built again, {one.theirs[:12] or 'not there'}"
            lines.append(f"  {one.part}: {hashes}{same if one.part.endswith('.xml') else ''}")
            lines += [
                f"    built again: {was or 'nothing'}\n    in the file: {now or 'nothing'}" for was, now in one.words
            ]
        return "\n".join(lines)

    def describe(self) -> dict[str, Any]:
        """As data."""
        return {
            **self.origin.describe(),
            "kind": self.kind,
            "same": not self.parts,
            "differ": [
                {
                    "part": one.part,
                    "rebuilt": one.ours,
                    "file": one.theirs,
                    "words": [{"rebuilt": was, "file": now} for was, now in one.words],
                }
                for one in self.parts
            ],
            "caveats": list(self.caveats),
        }


def verify_file(outside: Outside, data: bytes) -> Verified:
    """A file beside the one of its draft that it is most like. Raises PreconditionFailed where it is none of ours."""
    origin = find_origin(outside, data)
    if origin is None:
        raise PreconditionFailed(
            "The file was made from no draft that this store knows. Name its quarter in place of it, with --board, and "
            "what was kept is verified."
        )
    built = _rebuild(outside, origin)
    is_edited = "edits" in origin.event.facts
    compared = {kind: _compare(fact, built[fact], data, is_edited=is_edited) for fact, kind in _COPIES.items()}
    kind = origin.kind or min(compared, key=lambda kind: len(compared[kind]))
    return Verified(origin=origin, kind=kind, parts=compared[kind], caveats=_list_caveats(outside, origin))


def verify_kept(outside: Outside, quarter: Quarter, boards: Sequence[str]) -> list[Verified]:
    """The latest draft of each of these boards' papers and its circulation copy, as kept, beside both built again.

    A board without a draft is passed over. Raises PreconditionFailed where none has one.
    """
    latest = {o.event.subject: o for o in list_origins(outside) if o.event.quarter == quarter}
    found = [one for board in boards if board in latest for one in _verify_kept(outside, latest[board])]
    if not found:
        raise PreconditionFailed(
            f"There is no draft of a paper for {joined(boards, 'or')}: nothing is there to verify."
        )
    return found


def _verify_kept(outside: Outside, origin: Origin) -> list[Verified]:
    built, caveats = _rebuild(outside, origin), _list_caveats(outside, origin)
    kept = {fact: str(origin.event.facts[fact]) for fact in (*_COPIES, *_BESIDE) if fact in origin.event.facts}
    return [
        Verified(
            origin=replace(origin, kind=kind),
            kind=kind,
            parts=_compare(
                fact, built[fact], outside.archive.fetch(kept[fact]), is_edited="edits" in origin.event.facts
            ),
            caveats=caveats,
        )
        for fact, kind in (_COPIES | _BESIDE).items()
        if fact in kept
    ]


def _compare(fact: str, ours: bytes, theirs: bytes, *, is_edited: bool) -> tuple[Difference, ...]:
    """A draft that came back from her is kept without our comments."""
    if fact in _COPIES:
        return compare_parts(*map(strip_notes, (ours, theirs))) if is_edited else compare_parts(ours, theirs)
    hashes = sha256(ours).hexdigest(), sha256(theirs).hexdigest()
    return () if ours == theirs else (Difference(part="the whole file", ours=hashes[0], theirs=hashes[1]),)


def _rebuild(outside: Outside, origin: Origin) -> dict[str, bytes]:
    """The draft, its copy and its workbook, from what stood in store and archive when they were made."""
    then = replace(outside, store=outside.store.as_before(origin.number), _laid={})
    event = origin.event
    edits = str(event.facts.get("edits") or "")
    draft, copy, companion = papers.rebuild_paper(then, origin.quarter, event.subject, event.at, edits=edits)
    return {"content": draft, "copy": copy, "companion": companion}


def _list_caveats(outside: Outside, origin: Origin) -> tuple[str, ...]:
    """What is not kept as it was then, and has changed since: a part may differ through it alone."""
    return tuple(_say_caveats(outside, origin))


def _say_caveats(outside: Outside, origin: Origin) -> Iterator[str]:
    moved = _list_since(outside, Happened.CYCLE_REPLANNED, origin)
    if any(event.quarter == origin.quarter for event in moved):
        yield "The dates of the quarter have moved since: the plan is kept only as it stands now."
    kinds = (Happened.CONFIG_TAKEN, Happened.SETUP_APPLIED)
    taken = [event.at for kind in kinds for event in _list_since(outside, kind, origin)]
    known = f", changed last on {plain_day(max(taken))}" if taken else ""
    yield f"Configuration, templates and program are used as they are now{known}: a part may differ through them alone."
    if origin.event.facts.get("edits"):
        yield "People wrote into it: their words are put into what is built again, their layout may differ."
    unhashed = any(not f.provenance.attachment for f in outside.store.imported_figures())
    if unhashed:
        yield "Of some imported figures no file is known, so that they count as there from the beginning."


def _list_since(outside: Outside, kind: Happened, origin: Origin) -> Sequence[Event]:
    return [event for number, event in outside.store.numbered_events(kind) if number > origin.number]


# Who certified it -----------------------------------------------------------------------------------


def add_certificates(outside: Outside, figures: Iterable[TracedFigure]) -> tuple[TracedFigure, ...]:
    """The figures, those of grant money with the first certificate of what their version says of it, if there is one.

    A certificate is of what is stated, so that a later version which states the same has it too.
    """

    @cache
    def find_certificate(quarter: Quarter, respondent: str, submission: str) -> Event | None:
        versions = outside.store.submissions(quarter, respondent)
        money = {one.id: one.find_content(Assent.CERTIFICATE) for one in versions}.get(submission)
        given = (e for e in outside.store.events(quarter) if e.kind is Happened.CERTIFIED)
        return next((e for e in given if money and (e.respondent, e.facts.get("content")) == (respondent, money)), None)

    def add(one: TracedFigure) -> TracedFigure:
        if not (one.submission and find_line(one.figure.series)):
            return one
        given = find_certificate(Quarter.parse(one.figure.period), one.respondent, one.submission)
        by = str(given.facts.get("approver") or given.by) if given else ""
        return replace(one, certified_by=by, certified_at=given.at if given else None)

    return tuple(map(add, figures))
