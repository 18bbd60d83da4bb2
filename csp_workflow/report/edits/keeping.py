"""What somebody wrote into a paper: found beside the file they were given, and put into every later draft.

An edit stands in place of something (tagged words, a standing paragraph, a cell, a table), or after something, or moves
something of ours elsewhere. What is emptied stays empty. An edit whose place has gone is handed back with its text:
nothing is ever lost in silence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

from csp_workflow.report.edits.body import (
    CELL,
    EDITED,
    Piece,
    clean_markup,
    find_drawing,
    list_pieces,
    name_style,
    say_all,
)
from csp_workflow.report.edits.margins import put_in_margins, read_margins, say_margin, stand_notes
from csp_workflow.report.word.markup import write_run
from csp_workflow.report.word.package import W, pack_parts, parse_part, unpack_parts, write_part

_ALIKE = 0.5
"""So alike (0 to 1) a standing paragraph and what stands there now must be to be the same one, changed."""
_LOOKED_AT = 25
"""Among so many paragraphs that follow the one that a changed paragraph was is looked for."""
DOCUMENT = "word/document.xml"


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One thing that somebody wrote: in place of what `was` there, or, without a `place`, between two neighbours.

    With a place and a neighbour it only moves what stands at the place. `text` is "" for what they took away; `markup`
    how it is written, `beside` what the neighbour says. `lacks` says that it is a picture, which is left out. What
    was added at the head or the foot of the pages has its place there.
    """

    place: str = ""
    was: str = ""
    text: str = ""
    markup: str = ""
    after: str = ""
    before: str = ""
    beside: str = ""
    lacks: bool = False

    @property
    def place_now(self) -> str:
        """Where it stands in a draft that has it: a standing paragraph is known by what it says."""
        return f"paragraph {self.text}" if self.place.startswith("paragraph ") else self.place

    @property
    def is_move(self) -> bool:
        """Whether what is ours stands elsewhere, in our words."""
        return bool(self.place and (self.after or self.before))

    @property
    def is_note(self) -> bool:
        """Whether it is a footnote or endnote that was added."""
        return not self.place and 'w:val="Note"' in self.markup


# Finding --------------------------------------------------------------------------------------------------


def find_edits(given: bytes, edited: bytes) -> tuple[Edit, ...]:
    """What the second file says otherwise than the first, which it was made from."""
    return (
        *_find_between(list_pieces(read_body(given)), list_pieces(read_body(edited))),
        *_find_in_margins(given, edited),
    )


def _find_in_margins(given: bytes, edited: bytes) -> Iterator[Edit]:
    was, now = (read_margins(unpack_parts(one)) for one in (given, edited))
    for place in [one for one in now if one not in was]:
        yield replace(_write_edit(now[place]), place=place, text=now[place].text)
    yield from (Edit(place=place, was=was[place].text) for place in was if place not in now)


def list_texts(data: bytes) -> list[str]:
    """What each piece of a Word file's body says. Raises ValueError when it is none."""
    return [piece.text for piece in list_pieces(read_body(data))]


def read_body(data: bytes, *, notes: bool = True) -> Any:
    """The body of a Word file, its `notes` behind what they are to. Raises ValueError when there is none."""
    parts = unpack_parts(data)
    body = parse_part(parts[DOCUMENT]).find(f"{W}body")
    if body is None:
        raise ValueError("The file is no Word document that can be opened.")
    if notes:
        stand_notes(parts, body)
    return body


def align(olds: Sequence[Piece], news: Sequence[Piece]) -> dict[int, int]:
    """Which new piece (by its number) is which old one: the same place, or the standing paragraph that it replaces."""
    same: dict[int, int] = {}
    kept = {piece.place for piece in news if piece.is_words}
    matcher = SequenceMatcher(None, [p.place for p in olds], [p.place for p in news], autojunk=False)
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        if what == "equal":
            same |= dict(zip(range(j1, j2), range(i1, i2), strict=True))
        else:
            among = [(i, olds[i]) for i in range(i1, i2) if olds[i].place not in kept]
            pairs = _pair_alike(among, news, range(j1, j2))
            same |= pairs | _pair_in_turn(among, news, range(j1, j2), pairs)
    by_place = {p.place: i for i, p in enumerate(olds) if p.is_words or p.is_table or p.is_picture}
    for j, piece in enumerate(news):  # what is written anew each time is still itself where it was moved
        i = by_place.get(piece.place)
        if j not in same and i is not None and i not in same.values():
            same[j] = i
    return same


def _pair_alike(olds: Sequence[tuple[int, Piece]], news: Sequence[Piece], among: range) -> dict[int, int]:
    """Pieces written anew: a standing paragraph may also be tagged words whose tag some program dropped."""
    pairs: dict[int, int] = {}
    for j in among:
        for at, (i, old) in enumerate(olds[:_LOOKED_AT]):
            if _are_alike(old, news[j]):
                pairs[j], olds = i, olds[at + 1 :]
                break
    return pairs


def _pair_in_turn(
    olds: Sequence[tuple[int, Piece]], news: Sequence[Piece], among: range, pairs: Mapping[int, int]
) -> dict[int, int]:
    """Tagged words whose tag is there no more, and what was written in their place, however little like them."""
    found: dict[int, int] = {}
    ends = [(among.start - 1, -1), *sorted(pairs.items()), (among.stop, olds[-1][0] + 1 if olds else 0)]
    for (j1, i1), (j2, i2) in pairwise(ends):
        words = [i for i, old in olds if i1 < i < i2 and old.is_words]
        written = [j for j in range(j1 + 1, j2) if not (news[j].is_words or news[j].is_table or news[j].is_picture)]
        if len(words) <= len(written):
            found |= dict(zip(written, words, strict=False))
    return found


def _are_alike(old: Piece, new: Piece) -> bool:
    if new.is_words or (old.is_table, old.is_picture) != (new.is_table, new.is_picture):
        return False
    if new.is_picture:  # Word keeps the name under which it stands, whatever its description becomes
        drawings = [find_drawing(piece.holder) for piece in (old, new)]
        return None not in drawings and drawings[0].get("name") == drawings[1].get("name")
    matcher = SequenceMatcher(None, old.text, new.text, autojunk=False)
    return all(ratio() >= _ALIKE for ratio in (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio))


def list_moved(same: Mapping[int, int]) -> set[int]:
    """Which of the new pieces that are old ones stand before what they stood behind, or the other way round."""
    order = [same[j] for j in sorted(same)]
    blocks = SequenceMatcher(None, sorted(order), order, autojunk=False).get_matching_blocks()
    return set(same) - {j for _, at, size in blocks for j in sorted(same)[at : at + size]}


def _find_between(olds: tuple[Piece, ...], news: tuple[Piece, ...]) -> Iterator[Edit]:
    same = align(olds, news)
    moved, gone = list_moved(same), set(range(len(olds))) - set(same.values())
    stays = {j: i for j, i in same.items() if j not in moved}
    for j, new in enumerate(news):
        if j in moved:
            old = olds[same[j]]
            beside = _find_neighbours(olds, same, stays, j)
            yield replace(beside, place=old.place, was=old.text, text=old.text)
        if j not in same:
            written = _write_edit(new)
            beside = _find_neighbours(olds, same, stays, j)
            yield replace(beside, text=new.text, markup=written.markup, lacks=written.lacks)
        elif olds[same[j]].is_table and _have_one_shape(olds[same[j]], new):
            yield from _compare_cells(olds[same[j]], new)
        elif olds[same[j]].text != new.text:
            yield _note_changed(olds[same[j]], new)
    yield from (Edit(place=olds[i].place, was=olds[i].text) for i in sorted(gone))


def _note_changed(old: Piece, new: Piece) -> Edit:
    return replace(_write_edit(new), place=old.place, was=old.text, text=new.text)


def _find_neighbours(olds: Sequence[Piece], same: Mapping[int, int], stays: Mapping[int, int], at: int) -> Edit:
    """Between which of the old pieces something stands: behind any, before one that has not moved itself."""
    after = next((olds[same[j]] for j in range(at - 1, -1, -1) if j in same), None)
    before = next((olds[stays[j]] for j in sorted(stays) if j > at), None)
    beside = after or before
    return Edit(
        after=after.place if after else "",
        before=before.place if before else "",
        beside=beside.text if beside else "",
    )


def _write_edit(piece: Piece) -> Edit:
    """How a piece is written; of a picture nothing can be kept but that it was there."""
    if piece.is_picture:
        return Edit(lacks=True)
    return _write_elements((piece.holder,) if piece.is_table else piece.paragraphs)


def _write_elements(elements: Sequence[Any]) -> Edit:
    from lxml import etree

    markup = "".join(etree.tostring(clean_markup(one), encoding="unicode") for one in elements)
    return Edit(markup=markup)


def _have_one_shape(old: Piece, new: Piece) -> bool:
    return [len(row) for row in old.cells()] == [len(row) for row in new.cells()]


def _compare_cells(old: Piece, new: Piece) -> Iterator[Edit]:
    for places, mine, theirs in zip(_name_cells(old), old.cells(), new.cells(), strict=True):
        for place, one, other in zip(places, mine, theirs, strict=True):
            was, text = say_all(one.iter(f"{W}p")), say_all(other.iter(f"{W}p"))
            if was != text:
                yield replace(_write_elements(other.findall(f"{W}p")), place=place, was=was, text=text)


def _name_cells(table: Piece) -> list[list[str]]:
    """The place of each cell: its row is known by its first cell."""
    seen: dict[str, int] = {}
    named = []
    for row in table.cells():
        first = say_all(row[0].iter(f"{W}p")) if row else ""
        seen[first] = count = seen.get(first, 0) + 1
        of = first if count == 1 else f"{first} #{count}"
        named.append([CELL.join((table.place, of, str(column))) for column in range(len(row))])
    return named


# Putting into a draft -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A draft with somebody's edits in it: each with what ours says in its place now ("" for what was added).

    `unplaced` found no place.
    """

    file: bytes
    taken: tuple[tuple[Edit, str], ...] = ()
    unplaced: tuple[Edit, ...] = ()

    @property
    def overtaken(self) -> tuple[tuple[Edit, str], ...]:
        """Those in whose place ours says something else now than when they were written."""
        theirs = ((edit, now) for edit, now in self.taken if edit.place and not edit.is_move)
        return tuple((edit, now) for edit, now in theirs if now not in {edit.was, edit.text})


@dataclass
class _Putting:
    """The draft as edits are put into it."""

    parts: dict[str, bytes]
    pieces: dict[str, Piece] = field(default_factory=dict)
    cells: dict[str, Any] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)
    """After what is added at a place, the next that is added there stands."""


def put_edits(ours: bytes, edits: Sequence[Edit]) -> Placed:
    """Ours with the edits in it; without edits as it is."""
    if not edits:
        return Placed(file=ours)
    parts = unpack_parts(ours)
    root = parse_part(parts[DOCUMENT])
    into = _Putting(parts=parts)
    _know_pieces(into, list_pieces(root.find(f"{W}body")))
    taken: list[tuple[Edit, str]] = []
    unplaced: list[Edit] = []
    for edit in sorted(edits, key=lambda one: bool(one.place) and not one.is_move):  # before their neighbours may go
        stands = _say_at(into, edit.place)
        if _put(into, edit):
            taken.append((edit, stands))
        elif edit.text and not edit.is_move:
            unplaced.append(edit)
    _number_marks(root)
    parts[DOCUMENT] = write_part(root)
    return Placed(file=pack_parts(parts), taken=tuple(taken), unplaced=tuple(unplaced))


def _say_at(into: _Putting, place: str) -> str:
    if place in into.cells:
        return say_all(into.cells[place].iter(f"{W}p"))
    return into.pieces[place].text if place in into.pieces else ""


def _put(into: _Putting, edit: Edit) -> bool:
    """Whether there is a place for an edit; then it stands there."""
    if not edit.place:
        made = _read_markup(edit)
        _know_pieces(into, list_pieces(made))  # a later one may stand beside it
        return _stand(into, edit, made)
    if edit.is_move:
        return edit.place in into.pieces and _stand(into, edit, [into.pieces[edit.place].holder])
    if edit.place in into.cells:
        cell = into.cells[edit.place]
        _replace_paragraphs(cell, cell.findall(f"{W}p"), _read_markup(edit), keeps_one=True)
        return True
    if say_margin(edit.place):
        put_in_margins(into.parts, edit.place, _read_markup(edit))
        return True
    if edit.place not in into.pieces:
        return False
    _replace_piece(into.pieces[edit.place], edit)
    return True


def _replace_piece(piece: Piece, edit: Edit) -> None:
    """What is ours as it is written in an edit; a chart stays ours, under their description, or goes with its note."""
    if piece.holder.getparent() is None or not piece.paragraphs:
        return
    if piece.is_picture and edit.text:
        find_drawing(piece.holder).set("descr", edit.text)
    elif piece.is_table:
        _replace_paragraphs(piece.holder.getparent(), [piece.holder], _read_markup(edit), keeps_one=False)
    else:
        parent, beside = piece.paragraphs[0].getparent(), piece.holder.getnext()
        notes = [beside] if piece.is_picture and beside is not None and name_style(beside) == "Note" else []
        _replace_paragraphs(parent, [*piece.paragraphs, *notes], _read_markup(edit), keeps_one=False)
        if piece.is_words and not edit.text and piece.holder.getparent() is not None and not len(parent):
            piece.holder.getparent().remove(piece.holder)


def _stand(into: _Putting, edit: Edit, elements: Sequence[Any]) -> bool:
    """Put elements behind the neighbour that an edit names, else before the one that follows."""
    behind, ahead = into.pieces.get(edit.after), into.pieces.get(edit.before)
    if behind is not None:
        anchor = into.last.get(edit.after, behind.holder)
        for element in elements:
            anchor.addnext(element)
            anchor = into.last[edit.after] = element
    elif ahead is not None:
        for element in elements:
            ahead.holder.addprevious(element)
    return behind is not None or ahead is not None


def _know_pieces(into: _Putting, pieces: Sequence[Piece]) -> None:
    into.pieces = {piece.place: piece for piece in pieces} | into.pieces
    into.cells = find_cells(pieces) | into.cells


def find_cells(pieces: Sequence[Piece]) -> dict[str, Any]:
    """Every cell of the tables among some pieces, by its place."""
    return {
        place: cell
        for table in pieces
        if table.is_table
        for places, row in zip(_name_cells(table), table.cells(), strict=True)
        for place, cell in zip(places, row, strict=True)
    }


def _read_markup(edit: Edit) -> list[Any]:
    if not edit.text or not edit.markup:
        return []
    return list(parse_part(f'<w:body xmlns:w="{W[1:-1]}">{edit.markup}</w:body>'.encode()))


def _replace_paragraphs(parent: Any, olds: list[Any], news: list[Any], *, keeps_one: bool) -> None:
    """New paragraphs in place of old ones; the end of a section and a page break, which are ours, stay."""
    ends = [p for p in olds if p.find(f"{W}pPr/{W}sectPr") is not None]
    breaks = bool(olds) and olds[0].find(f"{W}pPr/{W}pageBreakBefore") is not None
    for new in news:
        olds[0].addprevious(new)
    for old in olds:
        if old in ends or (keeps_one and not news and old is olds[0]):
            for run in [one for one in old if one.tag != f"{W}pPr"]:
                old.remove(run)
        else:
            parent.remove(old)
    if breaks and news and news[0].tag == f"{W}p":
        _break_page(news[0])


def _break_page(paragraph: Any) -> None:
    from lxml import etree

    look = paragraph.find(f"{W}pPr")
    if look is None:
        look = etree.Element(f"{W}pPr")
        paragraph.insert(0, look)
    at = 1 if look.find(f"{W}pStyle") is not None else 0
    look.insert(at, etree.Element(f"{W}pageBreakBefore"))


def _number_marks(root: Any) -> None:
    """Bookmarks with a number each, and each name once: the first that has it."""
    names: set[str] = set()
    starts = list(root.iter(f"{W}bookmarkStart"))
    if len({start.get(f"{W}id") for start in starts}) == len(starts):
        return
    pairs = [(start, _find_end(root, start)) for start in starts]
    for number, (start, end) in enumerate(pairs, start=1_000_000):
        if start.get(f"{W}name") in names or end is None:
            for one in (start, end):
                if one is not None and one.getparent() is not None:
                    one.getparent().remove(one)
            continue
        names.add(start.get(f"{W}name"))
        start.set(f"{W}id", str(number))
        end.set(f"{W}id", str(number))


def _find_end(root: Any, start: Any) -> Any:
    """The end of a bookmark: the first behind it with its number; None where somebody took it out."""
    wanted, is_behind = start.get(f"{W}id"), False
    for one in root.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd"):
        is_behind = is_behind or one is start
        if is_behind and one.tag == f"{W}bookmarkEnd" and one.get(f"{W}id") == wanted:
            return one
    return None


OWN_WORDS = "words words/"
"""How the place of a respondent's own words begins."""


_LOOKS_THEIRS = 'w:val="Quoted"'
"""How what the office adds is told to look like somebody's own words: by the style of its paragraph."""

_QUOTE = re.compile("\N{LEFT DOUBLE QUOTATION MARK}[^\N{RIGHT DOUBLE QUOTATION MARK}]+\N{RIGHT DOUBLE QUOTATION MARK}")


def mark_edited(data: bytes, edits: Sequence[Edit]) -> bytes:
    """The file in which it is printed that the office edited a respondent's own words, wherever it did."""
    wanted = {edit.place_now for edit in edits if edit.text and not edit.is_move and _changes_words(edit)}
    wanted |= {
        f"paragraph {edit.text}" for edit in edits if edit.text and not edit.place and _LOOKS_THEIRS in edit.markup
    }
    if not wanted:
        return data
    parts = unpack_parts(data)
    root = parse_part(parts[DOCUMENT])
    pieces = list_pieces(root.find(f"{W}body"))
    ends = {piece.place: piece.paragraphs[-1] for piece in pieces if piece.paragraphs and not piece.is_table}
    ends |= {place: cell.findall(f"{W}p")[-1] for place, cell in find_cells(pieces).items()}
    for place in wanted & ends.keys():
        if not ends[place].xpath("string()").rstrip().endswith(EDITED):
            mark = write_run(f" {EDITED}", "Quiet").replace("<w:r>", f'<w:r xmlns:w="{W[1:-1]}">', 1)
            ends[place].append(parse_part(mark.encode()))
    parts[DOCUMENT] = write_part(root)
    return pack_parts(parts)


def _changes_words(edit: Edit) -> bool:
    """Whether it changes somebody's own words, or what stands between quotation marks as theirs and still does."""
    quoted, now = _QUOTE.findall(edit.was), _QUOTE.findall(edit.text)
    return edit.place.startswith(OWN_WORDS) or bool(now and set(quoted) - set(now))


# Later edits over earlier ones ----------------------------------------------------------------------------


def combine_edits(
    made: bytes, edited: bytes, earlier: Sequence[Edit], *, later: Sequence[Edit] = ()
) -> tuple[Edit, ...]:
    """All that an edited draft has otherwise than the paper that was `made`, and earlier edits without a place there.

    What is as it was keeps what ours said when it was written: in the `earlier` edits, or in `later` ones, which were
    put into it from another draft.
    """
    known = {(edit.place, edit.text): edit for edit in (*later, *earlier)}
    found = ((edit, known.get((edit.place, edit.text), edit)) for edit in find_edits(made, edited))
    written = (replace(edit, was=before.was, lacks=edit.lacks or before.lacks) for edit, before in found)
    return (*put_edits(made, earlier).unplaced, *written)


# As it is kept --------------------------------------------------------------------------------------------

_SHAPE = 2


@dataclass(frozen=True, kw_only=True)
class Written:
    """What people wrote into a draft, and the hash of the paper as it was made without that ("": it was not kept)."""

    edits: tuple[Edit, ...] = ()
    made: str = ""


def dump_written(written: Written) -> bytes:
    """What is kept of somebody's edits beside a draft."""
    return json.dumps({"shape": _SHAPE, **asdict(written)}, ensure_ascii=False).encode()


def load_written(data: bytes) -> Written:
    """Edits as they were kept. Raises ValueError on a shape that this version does not know."""
    kept = json.loads(data)
    if kept["shape"] not in {1, _SHAPE}:
        raise ValueError(f"Edits of shape {kept['shape']} are not known to this version.")
    return Written(edits=tuple(Edit(**one) for one in kept["edits"]), made=kept.get("made", ""))
