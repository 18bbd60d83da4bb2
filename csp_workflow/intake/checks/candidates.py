"""What answers to one row, box or label of a form, wherever it stands in the workbook: one is taken, never the first.

Equal ones are taken once. Of different ones none is taken: the cell then names its rivals, and is asked about. What is
chosen or written is taken as it is seen; where nobody can be sure of that it is left out, and asked about too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from decimal import Decimal, InvalidOperation
from string import ascii_uppercase
from typing import TypeVar

from csp_workflow.forms import layout
from csp_workflow.intake.checks.cell_values import normalise_text
from csp_workflow.intake.checks.findings import ask_about, ask_about_words, short_text
from csp_workflow.mail.words import plain_words
from csp_workflow.terms.cells import Cell, CellType
from csp_workflow.terms.phrases import plain_number
from csp_workflow.terms.queries import call_row
from csp_workflow.terms.returns import FigureRow, Finding, FormDefinition, ReadFigureRow, ReadForm, ReadText

Found = TypeVar("Found", ReadFigureRow, ReadText)
Key = TypeVar("Key")
_ROW_HEADERS = {"status": layout.STATUS, "drove_it": layout.DROVE_IT, "note": layout.NOTE}
_MILESTONE_HEADERS = {"this_quarter": layout.THIS_QUARTER, **_ROW_HEADERS}
_POLICE_HEADERS = {
    "how_many": layout.HOW_MANY, "out_of": layout.OUT_OF, **_MILESTONE_HEADERS, "status": layout.CONFIRM,
}  # fmt: skip
_BOX_HEADERS = {
    "summary": {"value": layout.HAPPENED, "extra": layout.NEXT, "quick": layout.QUICK,
                "promise_now": layout.PROMISE_NOW},
    "actions": {"value": layout.ANSWER, "extra": layout.STATUS},
    "questions": {"value": layout.ANSWER, "extra": layout.WORDS},
    "sign_off": {"value": layout.ENTRY},
}  # fmt: skip
_MUST_BE_MENDED = frozenset({layout.HAPPENED, layout.NEXT, layout.ANSWER})
_AS_SENT = frozenset(map(layout.same, (layout.NOT_ASKED, layout.OLD_NOT_ASKED, layout.NOT_SUPPLIED)))


def name_rows(form: FormDefinition, read: ReadForm) -> ReadForm:
    """A form with each of its rows by its area's code and its ref, as far as it plainly says them: by what our letters
    call a row, by the area's name, or by a ref that only one area has. A row that names another area stays that area's.
    """
    areas = {row.area.code: row.area.name for row in form.figures}
    owners: dict[str, set[str]] = {}
    for area, ref in [(row.area.code, row.ref) for row in form.figures] + [(area, layout.ALL) for area in areas]:
        owners.setdefault(ref, set()).add(area)
    names = [(_plain_ref(one), ref) for ref in owners for one in call_row(ref)]
    said = Counter(name for name, _ in names)
    called = {name: ref for name, ref in names if said[name] == 1}
    rows, keys = list[ReadFigureRow](), dict[tuple[str, str, str], str]()
    for row in read.figures:
        ref = called.get(_plain_ref(row.ref), row.ref)
        ours = replace(row, area_code=_find_area(row, owners.get(ref, set(areas)), areas), ref=ref)
        ours = ours if ours.area_code in areas else row
        was = layout.figure_key(row.area_code, row.ref).strip()
        keys[row.sheet, str(row.row), was] = layout.figure_key(ours.area_code, ours.ref)
        rows.append(ours)
    seen = (
        replace(x, key=keys.get((x.sheet, x.cell.lstrip(ascii_uppercase), x.key.strip()), x.key))
        for x in read.sightings
    )
    here = {_plain_ref(text) for text in ("", *areas, *areas.values())}
    says = {layout.same(layout.AREA_CODE): here, layout.same(layout.REF): set(called)}
    is_known = len(areas) == 1 or any(row.area_code in areas for row in rows)
    return replace(
        read,
        figures=tuple(rows),
        sightings=tuple(x for x in seen if _plain_ref(x.text) not in says.get(layout.same(x.header), ())),
        missing_headers=tuple(
            h for h in read.missing_headers if not (is_known and layout.same(h) == layout.same(layout.AREA_CODE))
        ),
    )


def _find_area(row: ReadFigureRow, owners: Collection[str], areas: Mapping[str, str]) -> str:
    """The code of the area that a row is of, where one is plain; else what it says."""
    codes = {layout.same(code): code for code in areas}
    is_named = len(areas) > 1  # a form of one area has no such column
    beside = next((text for h, text in row.neighbours if is_named and layout.same(h) == layout.same(layout.AREA)), "")
    name = layout.same(row.area_code or beside)
    if name in codes:
        return codes[name]
    words = plain_words((row.area_code or beside).replace("&", " and "))
    named = [code for code, area in areas.items() if plain_words(area) == words]
    named = named or [code for code, area in areas.items() if words and plain_words(area).startswith(f"{words} ")]
    if len(named) == 1:
        return named[0]
    return next(iter(owners)) if not name and len(owners) == 1 else row.area_code


def _plain_ref(ref: str) -> str:
    return re.sub(r"[\s.\u2013-]+", "", layout.same(ref))


def settle_candidates(form: FormDefinition, read: ReadForm) -> tuple[ReadForm, tuple[Finding, ...]]:
    """A form as read, with everything that was asked in it once, each answer in words as it is seen.

    What nobody can be sure of is left out, and what is asked about it is told. Of a figure its own check asks.
    """
    given = {layout.row_key(row.area.code, row.ref): _list_given(row) for row in form.figures}
    headers = _list_headers(form)
    asked: list[Finding] = []
    figures = []
    for key, several in _group(read.figures, lambda row: layout.row_key(row.area_code, row.ref)).items():
        joined = _join(several, _AS_SENT | given.get(key, set()))
        name, of_row = layout.figure_key(joined.area_code, joined.ref), headers.get(key, {})
        seen = _take_as_seen(joined, of_row, name, asked)
        figures.append(_take_answer(seen) if of_row is _POLICE_HEADERS else seen)
    refs = {layout.same(row.ref) for row in form.summary} | {layout.same(row.ref) for row in form.actions}
    boxes: dict[str, tuple[ReadText, ...]] = {}
    for name, of in _BOX_HEADERS.items():
        every = _group(getattr(read, name), lambda box: layout.same(box.ref))
        is_asked = {ref: ref in refs or name not in {"summary", "actions"} for ref in every}
        boxes[name] = tuple(
            _take_as_seen(_join(alike, _AS_SENT), of if is_asked[ref] else {}, alike[0].ref, asked)
            for ref, alike in every.items()
        )
    return replace(read, figures=tuple(figures), **boxes), tuple(asked)  # type: ignore[arg-type]


def _list_headers(form: FormDefinition) -> dict[tuple[str, str], Mapping[str, str]]:
    """The cells of each row in which something is chosen or written, with their headers."""
    own = {
        layout.row_key(row.area.code, row.ref): _ROW_HEADERS if row.kind.is_number else _MILESTONE_HEADERS
        for row in layout.list_own(form)
    }
    police = [(row.area.code, ref) for row in layout.list_police(form) for ref in (row.ref, layout.ALL)]
    return {**own, **{layout.row_key(*place): _POLICE_HEADERS for place in police}}


def _take_as_seen(found: Found, headers: Mapping[str, str], key: str, asked: list[Finding]) -> Found:
    """A row or box with what is seen in its cells, and nothing in those that are asked about."""
    taken: dict[str, Cell | None] = {}
    for name, header in headers.items():
        cell = getattr(found, name)
        is_fault = header in _MUST_BE_MENDED or (header == layout.THIS_QUARTER and headers is _MILESTONE_HEADERS)
        seen, odd = take_cell(cell, key, header, is_fault=is_fault) if cell else (cell, None)
        asked += [odd] if odd else []
        taken |= {name: seen} if seen is not cell else {}
    return replace(found, **taken) if taken else found  # type: ignore[arg-type]


def take_cell(cell: Cell, key: str, header: str, *, is_fault: bool) -> tuple[Cell, Finding | None]:
    """A cell in which something is chosen or written, as it is seen; where that is unsure empty, with what is asked."""
    if odd := ask_about_words(cell, key, header, is_fault=is_fault):
        return Cell(sheet=cell.sheet, cell=cell.cell, type=CellType.BLANK, note=cell.note), odd
    return (replace(cell, type=CellType.TEXT, text=cell.shown, shown="") if cell.shown else cell), None


def _take_answer(seen: ReadFigureRow) -> ReadFigureRow:
    """A row of the force's with what its answer means; the words behind it are a reason, as the note is."""
    said, why = read_confirmation(seen.status.text, noted=not seen.note.is_blank)
    if not said:
        return seen
    note = " ".join(filter(None, (why, seen.note.text.strip())))
    noted = replace(seen.note, type=CellType.TEXT, text=note) if why else seen.note
    return replace(seen, status=replace(seen.status, type=CellType.TEXT, text=said), note=noted)


def read_confirmation(text: str, *, noted: bool) -> tuple[str, str]:
    """What somebody says of the force's figure: our word for it, and the reason behind it; "" for neither.

    A bare "No" may also say that there is nothing to dispute: it is taken where a reason is `noted`. "Not confirmed"
    may say not yet, and the note beside it why: it is asked about.
    """
    if "?" in text or _EITHER.search(text):
        return "", ""
    if plain_words(text) in _YES or text.strip("\ufe0f ") in _TICK_SIGNS:
        return layout.CONFIRMED, ""
    found = _NO.match(text.strip())
    if not found or plain_words(found["why"]) in {"not", "no"} or (found["no"] and not (noted or found["why"])):
        return "", ""
    return layout.DISPUTED, found["why"].strip()


_YES = frozenset(
    plain_words(words)
    for words in (
        *("yes", "y", "ok", "okay", "agree", "agreed", "confirm", "true", "correct", "right", "fine", "accepted"),
        *(
            "all confirmed",
            "all agreed",
            "all correct",
            "yes confirmed",
            "yes agreed",
            "yes all",
            "we agree",
            "i agree",
        ),
        *(layout.CONFIRMED, layout.QUESTION_CHOICES[0]),
    )
)
_NO = re.compile(
    r"(?:disput\w*|disagree\w*|(?:not|(?:we |i )?do(?:es)? not|(?:we |i )?don['\u2019]t) "
    r"(?:agree|accept|correct|right)\w*|incorrect|wrong|"
    r"(?P<no>no\b(?! (?:longer|need|reason|disput|issue|problem|comment|concern|change|quer|objection))))\b"
    r"[\s:;,.()\u2013\u2014-]*(?P<why>.*)$",
    re.IGNORECASE | re.DOTALL,
)

_EITHER = re.compile(r"(?:/|\b(?:or|now|since|then)) *(?:confirm|agree|accept|right|fine|ok)", re.IGNORECASE)
"""What takes back the word before it, or leaves it open: "Disputed, now agreed"."""

_TICK_SIGNS = {
    "\N{CHECK MARK}", "\N{HEAVY CHECK MARK}", "\N{WHITE HEAVY CHECK MARK}", "\N{BALLOT BOX WITH CHECK}",
    "\N{SQUARE ROOT}",
}  # fmt: skip
_TICKS = {"yes", "y", "x", "true", "tick", "ticked", *_TICK_SIGNS}
_NO_TICKS = {"no", "n", "false", "0", "n/a", "na", "none", "not applicable", "-", "\N{EN DASH}", "\N{EM DASH}"}


def read_tick(text: str) -> bool | None:
    """Whether what stands in a box to tick is a tick; None where it is neither plainly one nor plainly none."""
    said = " ".join(text.replace("\ufe0f", "").split()).casefold().rstrip(".")
    return True if said in _TICKS else False if said in _NO_TICKS else None


def ask_about_tick(cell: Cell, label: str) -> Finding | None:
    """What is asked of a box to tick."""
    is_clear = cell.is_blank or read_tick(cell.text) is not None
    return None if is_clear else ask_about("unclear-tick", cell, label, layout.ENTRY, short_text(cell.text))


def _group(found: Iterable[Found], key_of: Callable[[Found], Key]) -> dict[Key, list[Found]]:
    groups: dict[Key, list[Found]] = {}
    for one in found:
        groups.setdefault(key_of(one), []).append(one)
    return groups


def _list_given(row: FigureRow) -> set[str]:
    """What we put into a row's cells: the force's figure and the counts behind it."""
    given = row.given
    if given is None:
        return set()
    held = {plain_number(Decimal(n)) for n in (given.value, given.count, given.base) if n is not None}
    return held | {layout.same(layout.say_given(row)), layout.same(str(given.status))}


def _join(found: Sequence[Found], as_sent: frozenset[str]) -> Found:
    """Several that answer to the same as one, cell by cell. What else is told of them is that of one in which a cell
    was taken."""
    first = found[0]
    if len(found) == 1:
        return first
    held = {field.name: [getattr(one, field.name) for one in found] for field in fields(first)}
    cells = {name: [value for value in values if isinstance(value, Cell)] for name, values in held.items()}
    chosen = {name: choose_cell(several, as_sent) for name, several in cells.items() if several}
    taken = {(cell.sheet, cell.cell) for cell in chosen.values() if not cell.is_blank}
    of = next((one for one in found if any((c.sheet, c.cell) in taken for c in one.inputs)), first)
    return replace(of, **chosen)  # type: ignore[arg-type]


def choose_cell(cells: Sequence[Cell], as_sent: Collection[str]) -> Cell:
    """The one cell that is filled in, or one of several that say the same; of different ones one with its rivals."""
    places = list({(cell.sheet, cell.cell): cell for cell in cells if cell.cell}.values()) or list(cells)[:1]
    filled = [cell for cell in places if not cell.is_blank or cell.uncalculated or cell.note.strip()]
    typed = [cell for cell in filled if layout.same(cell.text) not in as_sent]
    said = {_say(cell): cell for cell in reversed(typed or filled)}
    if not said:
        return places[0]
    first, *others = reversed(said.values())
    return replace(first, rivals=tuple(others))


def _say(cell: Cell) -> tuple[object, ...]:
    """What tells one entry from another: the same number may be typed in several ways, and be shown in several."""
    text, shown = _plain(cell.text), _plain(cell.shown or "")
    return text, "" if shown == text else shown, cell.shown is None, cell.hidden, cell.struck


def _plain(text: str) -> str:
    """A number in one way of typing it; words as they are."""
    with suppress(InvalidOperation):
        return plain_number(Decimal(normalise_text(text).replace(",", "").replace(" ", "")))
    return normalise_text(text)
