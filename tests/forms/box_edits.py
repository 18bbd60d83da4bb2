"""What people do to the other boxes of a form: ticks, choices, words, the force's rows, the sign-off, our questions.

Each edit says what is seen in its box afterwards.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from edits import FORMULA, find_head
from openpyxl.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet
from screen import SHOWN, Seen

from csp_workflow.forms import layout


@dataclass(frozen=True)
class Box:
    """A box to fill in that is no figure's: its sheet's first name, what its row is about, and the column."""

    sheet: str
    key: str
    header: str
    cell: Cell
    dice: random.Random

    @property
    def is_words(self) -> bool:
        """Whether people write freely there."""
        return self.header in {layout.HAPPENED, layout.NEXT, layout.NOTE, layout.ANSWER, layout.WORDS} or (
            self.sheet == layout.SIGN_OFF and self.key not in {layout.NIL, layout.DECLINE}
        )


INPUTS = {
    layout.POLICE: (layout.CONFIRM, layout.DROVE_IT, layout.NOTE, layout.THIS_QUARTER),
    layout.FIGURES: (layout.DROVE_IT, layout.NOTE),
    layout.SUMMARY: (layout.PROMISE_NOW, layout.QUICK, layout.HAPPENED, layout.NEXT),
    layout.ACTIONS: (layout.ANSWER, layout.STATUS),
    layout.SIGN_OFF: (layout.ENTRY,),
    layout.QUESTIONS: (layout.ANSWER, layout.WORDS),
}
_TOLD_ALONE = "as below"


def list_boxes(pages: Mapping[str, Worksheet], dice: random.Random) -> Iterator[Box]:
    """Every such box of a form, by the names that its sheets had at first."""
    for sheet, headers in INPUTS.items():
        page = pages[sheet]
        head = find_head(page)
        at = {cell.value: cell.column for cell in page[head]}
        keys = [at[k] for k in (layout.AREA_CODE, layout.REF, layout.ITEM) if k in at]
        for row in page.iter_rows(min_row=head + 1):
            said = [row[column - 1].value for column in keys]
            if all(said) and (sheet != layout.QUESTIONS or str(said[0]).startswith("Q")):
                cells = ((header, row[at[header] - 1]) for header in headers if header in at)
                key = " ".join(map(str, said))
                yield from (Box(sheet, key, h, c, dice) for h, c in cells if c.value != _TOLD_ALONE)


# What is typed ---------------------------------------------------------------------------------------

WORDS = (
    "We met in August.", "Two joint patrols; 35 people came.", "35", "1.204", "1 204", "1'204", "\u0661\u0662 visits",
    "62.5% of them", "n/a", "-", "none", "See the e-mail", "As last quarter", "Nothing new", "Yes", "x",
    "= not a formula", "+44 is no number", "@home scheme", "Erste Zeile\nzweite Zeile", "\u00a0We met\u00a0often", "0",
    "Caf\u00e9 \u2013 \u201ctrust\u201d", "We met._x000D_Twice.", "H\u00b2O scheme", "\U0001f600 well attended", "TRUE",
    "Completed by", "Ref", "Date", "This quarter", "Confirmed", "37", "#REF! was ours", "take it as read", "Removed 3",
)  # fmt: skip
CHOSEN = {
    layout.CONFIRM: (*layout.CONFIRM_CHOICES * 4, "confirmed", " Confirmed ", "CONFIRMED", "Confirm", "Yes", "yes", "x",
                     "\u2713", True, 1, "ok", "-", "n/a", "No", "Disputed?", "not confirmed", "Confirmed?", "dispute",
                     "Confirmed / Disputed", "37", False, 0),
    layout.DROVE_IT: (*layout.DROVE_IT_CHOICES, "a new team", "n/a", "-", "recording", True, 5),
    layout.QUICK: (*layout.QUICK_MEANS, "nothing new", "NOTHING NEW", "Still holds", "Yes", "x", True, "n/a", "-",
                   "see left"),
    layout.PROMISE_NOW: (*layout.PROMISE_MEANS, "kept", "Done", "Partly", "yes", "-", "n/a", True, 1),
    layout.STATUS: (*layout.ACTION_CHOICES, "done", "Nearly", "-", "n/a", True),
}  # fmt: skip
TICKED = ("Yes", "yes", "YES", "y", "x", "X", "\u2713", "\u2714", True, "tick", "No", "no", "n/a", "-", False, "none",
          "1", 1, 0, "0", "Yes!", "yes?", "not yet", "maybe", "\u2717", "\u2611", "\u2610", "Nil", "ok", "o", "\u2013",
          "No, but", "Yes for Blaby", "*", "[x]", "[ ]", "()", ".")  # fmt: skip
NUMBERS = (3, 12, 37, 41, 0, 1204, 35000, 0.625, 62.5, -4)
OVER = ("37", "41", "370", "37 or 38", "37 is wrong, 41", "should be 41", "37?", "37*", "c. 37", "12%", "n/a", "nil",
        "1,204", "1 204", "1.204", "not yet supplied", "TBC", "x", "37 (p)", "wrong", "<5", "\u0663\u0667", "37 + 4",
        "37\n41", "3 7")  # fmt: skip
"""What is typed over a figure of the force's: some of it is what stands there."""


def fill_box(box: Box) -> Seen:
    """Types, or chooses, what people put there."""
    if box.header == layout.THIS_QUARTER:
        value = box.dice.choice((*OVER, *NUMBERS))
    elif box.key in {layout.NIL, layout.DECLINE}:
        value = box.dice.choice(TICKED)
    else:
        value = box.dice.choice(WORDS if box.is_words else CHOSEN.get(box.header, WORDS))
    box.cell.value = value
    if isinstance(value, str):
        box.cell.data_type = "s"
    return Seen(text=_say(value))


def _say(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return value.replace("_x000D_", "\r")
    return SHOWN["General"](Decimal(str(value)))


def format_box(box: Box) -> Seen:
    """Types a number, under a format that has something to say."""
    box.cell.number_format = box.dice.choice(tuple(SHOWN))
    least = 60 if "yyyy" in box.cell.number_format else 0  # of the first days of 1900 programs think differently
    value = box.dice.choice([number for number in NUMBERS if number > least])
    box.cell.value = value
    shown = SHOWN[box.cell.number_format](Decimal(str(value)))
    return Seen(text=shown, is_doubtful=not shown)


def format_words(box: Box) -> Seen:
    """Types words, under a format that has something to say of texts."""
    number_format, shown = box.dice.choice(
        (("@", "{}"), ('@" (p)"', "{} (p)"), ('0;0;0;"see note"', "see note"), (";;;", ""), ("0.0", "{}"),
         ('"not "@', "not {}"))
    )  # fmt: skip
    text = _draw_words(box)
    box.cell.value, box.cell.data_type, box.cell.number_format = text, "s", number_format
    return Seen(text=shown.format(_say(text)), is_doubtful=not shown)


def _draw_words(box: Box) -> str:
    chosen = [one for one in CHOSEN.get(box.header, WORDS) if isinstance(one, str)]
    ticks = [one for one in TICKED if isinstance(one, str)]
    return box.dice.choice(ticks if box.key in {layout.NIL, layout.DECLINE} else chosen)


def type_day(box: Box) -> Seen:
    """A day, which a program shows in its own way."""
    box.cell.value, box.cell.number_format = datetime(2014, 10, 20), "dd/mm/yyyy"
    return Seen(text="20/10/2014")


def type_error(box: Box) -> Seen:
    """An error in the place of an answer."""
    box.cell.value = box.dice.choice(("#DIV/0!", "#REF!", "#N/A", "#VALUE!", "#NAME?"))
    return Seen(text=str(box.cell.value), is_doubtful=True)


def calculate_box(box: Box) -> Seen:
    """A formula with its result saved."""
    n = box.dice.randint(1, 400)
    box.cell.value, box.cell.number_format = int(f"{FORMULA}{n:04d}"), "General"
    return Seen(text=str(n))


def leave_open(box: Box) -> Seen:
    """A formula that no program has calculated."""
    box.cell.value = '=A1&" and more"'
    return Seen(text="", is_doubtful=True)


def strike_box(box: Box) -> Seen:
    """An answer, struck through."""
    seen = fill_box(box)
    font = copy(box.cell.font)
    font.strike = True
    box.cell.font = font
    return Seen(text=seen.text, is_doubtful=True)


def write_parts(box: Box) -> Seen:
    """An answer of two parts, one of them written otherwise."""
    first, last = _draw_words(box), box.dice.choice(("1", "2", " not", "st"))
    look, is_doubtful = box.dice.choice(
        ((InlineFont(vertAlign="superscript"), last.isdecimal()), (InlineFont(vertAlign="subscript"), last.isdecimal()),
         (InlineFont(strike=True), True), (InlineFont(b=True), False))
    )  # fmt: skip
    box.cell.value = CellRichText(first, TextBlock(look, last))
    return Seen(text=f"{_say(first)}{last}", is_doubtful=is_doubtful)


def hide_box(box: Box) -> Seen:
    """An answer in white on white."""
    fill_box(box)
    box.cell.font, box.cell.fill = Font(color="FFFFFFFF"), PatternFill()
    return Seen(text="", is_doubtful=True)


def comment_box(box: Box) -> Seen:
    """A comment, beside an answer or alone."""
    words = f"Please ring us about {box.dice.randint(500, 999)}"
    box.cell.comment = Comment(words, "us")
    return Seen(text=_say(box.cell.value) if box.cell.value is not None else "", words=words)


def answer_note(box: Box) -> Seen:
    """An answer within one of our own comments."""
    words = f"It is {box.dice.randint(500, 999)}, says Housing"
    box.cell.comment = Comment(f"{layout.NOTE_OPENING}please type one plain number.\n{words}", "us")
    return Seen(text=_say(box.cell.value) if box.cell.value is not None else "", words=words)


def colour_box(box: Box) -> Seen:
    """A colour behind it."""
    box.cell.fill = PatternFill("solid", fgColor=box.dice.choice(("FFFFFF00", "FFFF0000", "FF92D050")))
    return Seen(text=_say(box.cell.value) if box.cell.value is not None else "", words="highlight")


def link_box(box: Box) -> Seen:
    """A link to a file of theirs, which stands in an empty box as its words."""
    words, is_empty = f"files.example/{box.dice.randint(100, 999)}", box.cell.value is None
    box.cell.hyperlink = f"https://{words}"
    return Seen(text=_say(box.cell.value), words="" if is_empty else words)


def clear_box(box: Box) -> Seen:
    """Nothing is left."""
    box.cell.value = box.dice.choice((None, " ", "\u00a0"))
    return Seen(text="")


BOX_EDITS: dict[Callable[[Box], Seen], int] = {
    fill_box: 20, format_box: 4, format_words: 4, type_day: 2, type_error: 2, calculate_box: 1, leave_open: 1,
    strike_box: 4, write_parts: 4, hide_box: 1, comment_box: 2, answer_note: 1, colour_box: 1, clear_box: 2,
    link_box: 1,
}  # fmt: skip
"""How often each is done."""
