"""What people do to a form, drawn at random, each with what is seen afterwards."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from openpyxl.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from screen import SHOWN, Seen

from csp_workflow.terms.returns import FigureRow

FORMULA = "987654"
"""How a number begins that stands for a formula's result until the file is written."""


@dataclass(frozen=True)
class Hand:
    """Somebody at a cell: the row it belongs to, and how the dice fall."""

    cell: Cell
    row: FigureRow
    dice: random.Random

    def draw_number(self) -> int:
        """A figure as people have them."""
        return self.dice.choice((0, 1, 3, 5, 7, 12, 35, 52, 99, 104, 1204, self.dice.randint(1, 400)))


TYPED: tuple[str, ...] = (
    *("{n}", " {n} ", "{n:,}", "\u00a0{n}", "'{n}", "{n}.0", "{n}.5", "+{n}", "-{n}", "\u2212{n}", "0{n}", "({n})"),
    *("c. {n}", "c{n}", "~{n}", "about {n}", "approx. {n}", "{n}e", "{n} (est)", "{n}p", "{n} (p)", "{n} prov", "{n}r"),
    *("{n}%", "{n} per cent", "{n}.5%", "£{n}", "{n} offences", "{n} people", "{n} activations", "{n} completions"),
    *("{n}-{m}", "{n} to {m}", "{n}/{m}", "{n} or {m}", "{n} of {m}", "{n} out of {m}", "{n}+", ">{n}", "over {n}"),
    *("<5", "fewer than 5", "5 or fewer", "<{n}", "under {n}00", "less than 200", "up to {n}", "{n} or more"),
    *("{n} so far", "{n}, more to come", "{n} as of 31 August", "awaiting one team, {n} so far", "{n}?", "{n}!"),
    *("{n}\n{m}", "{n}  {m}", "{n} {m}", "{n}, {m}", "{n}; {m}", "{n} + {m}", "{n}+{m}", "{n} (was {m})"),
    *("{n} not {m}",),
    *("{n}\u00b9", "{n}\u00b2", "{n}*", "{n}**", "{n}\u2020", "{n}[1]", "{n} (1)", "{n}\u00bd", "\u00bd", "{n} 1/2"),
    *("1.204", "1.204.300", "1,20", "12,5", "1'204", "12,34,567", "{n}k", "1.2m", "{n} thousand", "{n} million"),
    *("nil", "none", "zero", "Nil", "no", "-", "--", "\u2013", "?", ".", "x", "n/a", "N/A", "na", "#N/A", "none known"),
    *("TBC", "to follow", "awaiting data", "[x]", "[z]", "[c]", "not applicable", "not available", "unknown"),
    *("pending",),
    *("thirty five", "a dozen", "{n} dozen", "{n}th", "Q2 {n}", "July {n}", "{n} July", "{n} in July, {m} in August"),
    *("L2: {n}", "{n} = {m} less 3", "={n}+{m} by hand", "{n}e3", "1e3", "0x{n}", "{n}\u2192{m}", "same", "as before"),
    *("\u0663\u0665", "\uff13\uff15", "{n} $", "€{n}", "{n}pc", "{n} %", "%{n}", "{n}\u2030", "{n} pp", "No. {n}"),
    *("{n}\t{m}", "{n}\u200b{m}", "{n}\u00ad{m}", "{n}\u2007{m}", "{n}_{m}", "{n}:{m}", "{n}.{m}.14", "{n} {n}"),
    *("not {n}", "should be {n}", "minus {n}", "{n} fewer", "{n} less than last time", "plus {n}"),
    *("{n} double counted",),
)  # fmt: skip


def type_text(hand: Hand) -> Seen:
    """Types a text."""
    n, m = hand.draw_number(), hand.draw_number() + 1
    text = hand.dice.choice(TYPED).format(n=n, m=m)
    hand.cell.value, hand.cell.data_type = text, "s"
    return Seen(text=text)


def type_number(hand: Hand) -> Seen:
    """Types a number into a cell as it is, or with decimals."""
    value = hand.dice.choice(
        (hand.draw_number(), hand.draw_number() + 0.5, 0.625, 0.4, 3650, 62.5, -hand.draw_number())
    )
    hand.cell.value, hand.cell.number_format = value, "General"
    return Seen(text=SHOWN["General"](Decimal(str(value))))


def format_number(hand: Hand) -> Seen:
    """Types a number, and gives the cell another number format."""
    value = hand.dice.choice((hand.draw_number(), hand.draw_number(), 0.625, 0.4, 62.5, 35.4, 35000, 1.204))
    hand.cell.number_format = hand.dice.choice(tuple(SHOWN))
    hand.cell.value = value
    return Seen(text=SHOWN[hand.cell.number_format](Decimal(str(value))))


def format_text(hand: Hand) -> Seen:
    """A text, under a format that has something to say of texts."""
    text = f"{hand.draw_number()}"
    number_format, shown = hand.dice.choice(
        (("@", text), ('@" (p)"', f"{text} (p)"), ('0;0;0;"<5"', "<5"), (";;;", ""), ("0", text), ('@"1"', f"{text}1"))
    )
    hand.cell.value, hand.cell.data_type, hand.cell.number_format = text, "s", number_format
    return Seen(text=shown)


def type_other(hand: Hand) -> Seen:
    """A date, a yes or no, an error."""
    value, shown = hand.dice.choice(
        (
            *((datetime(2014, 9, 3), "2014-09-03 00:00:00"), (True, "TRUE"), (False, "FALSE")),
            *((error, error) for error in ("#DIV/0!", "#REF!", "#N/A", "#VALUE!", "#NAME?")),
        )
    )
    hand.cell.value = value
    return Seen(text=shown, is_doubtful=True)


def calculate(hand: Hand) -> Seen:
    """A formula with its result saved."""
    n = hand.draw_number()
    hand.cell.value, hand.cell.number_format = int(f"{FORMULA}{n:04d}"), "General"
    return Seen(text=str(n))


def leave_uncalculated(hand: Hand) -> Seen:
    """A formula that no program has calculated."""
    hand.cell.value = "=SUM(A1:A3)+12"
    return Seen(text="", is_doubtful=True)


def strike(hand: Hand) -> Seen:
    """What stands there is struck through."""
    font = copy(hand.cell.font)
    font.strike = True
    hand.cell.font = font
    return Seen(text=str(hand.cell.value), is_doubtful=True)


def write_rich(hand: Hand) -> Seen:
    """A part of it raised, lowered, struck through, or merely bold."""
    n, m = hand.draw_number(), hand.dice.randint(1, 9)
    look, is_doubtful = hand.dice.choice(
        (
            (InlineFont(vertAlign="superscript"), True), (InlineFont(vertAlign="subscript"), True),
            (InlineFont(strike=True), True), (InlineFont(b=True), False), (InlineFont(color="FFFF0000"), False),
        )
    )  # fmt: skip
    hand.cell.value = CellRichText(str(n), TextBlock(look, str(m)))
    return Seen(text=f"{n}{m}", is_doubtful=is_doubtful)


def hide_by_colour(hand: Hand) -> Seen:
    """White on white."""
    hand.cell.font, hand.cell.fill = Font(color="FFFFFFFF"), PatternFill()
    return Seen(text="", is_doubtful=True)


def add_rule(hand: Hand) -> Seen:
    """A conditional format that shows other words."""
    look = DifferentialStyle(numFmt=NumberFormat(numFmtId=171, formatCode='"few"'))
    rule = Rule(type="cellIs", operator="greaterThan", formula=["-1000"], dxf=look)
    hand.cell.parent.conditional_formatting.add(hand.cell.coordinate, rule)
    return Seen(text="few", is_doubtful=True)


def clear(hand: Hand) -> Seen:
    """Nothing is left."""
    hand.cell.value = hand.dice.choice((None, " ", "\n", "\u00a0"))
    return Seen(text="")


def comment(hand: Hand) -> Seen:
    """A comment beside a figure that stays."""
    words = f"Should be {hand.dice.randint(500, 999)}, says Housing"
    hand.cell.comment = Comment(words, "us")
    return Seen(text=str(hand.cell.value), words=words)


def comment_alone(hand: Hand) -> Seen:
    """A comment in the place of a figure."""
    words = f"{hand.dice.randint(500, 999)} it is"
    hand.cell.value, hand.cell.comment = None, Comment(words, "us")
    return Seen(text="", is_doubtful=True, words=words)


def highlight(hand: Hand) -> Seen:
    """A colour behind a figure that stays."""
    hand.cell.fill = PatternFill("solid", fgColor=hand.dice.choice(("FFFFFF00", "FFFF0000", "FF92D050")))
    return Seen(text=str(hand.cell.value), words="highlight")


def link(hand: Hand) -> Seen:
    """A link from a figure that stays to a file of theirs."""
    words = f"files.example/{hand.dice.randint(100, 999)}"
    hand.cell.hyperlink = f"https://{words}"
    return Seen(text=str(hand.cell.value), words=words)


FIGURE_EDITS: dict[Callable[[Hand], Seen], int] = {
    type_text: 12, type_number: 5, format_number: 12, format_text: 2, type_other: 2, calculate: 2,
    leave_uncalculated: 1, strike: 1, write_rich: 2, hide_by_colour: 1, add_rule: 1, clear: 2, comment: 1,
    comment_alone: 1, highlight: 1, link: 1,
}  # fmt: skip
"""How often each is done."""

STATUSES: tuple[str, ...] = (
    *("Final", "Provisional", "Estimated", "Revised", "Suppressed (small number)", "Not available yet"),
    *("Not applicable", "Nil return", "provisional", " Provisional ", "FINAL", "prov", "Prov.", "estimate", "est"),
    *("n/a", "?", "yes", "-", "Final?", "not final", "Not provisional", "Provisional - subject to audit"),
    *("Not available yet (due Nov)", "Final / Provisional", "Confirmed", "Disputed", "nil", "0", "35", "TBC"),
    *("suppressed", "[p]", "awaiting", "x", "ok"),
)


# The book as a whole ---------------------------------------------------------------------------------


def leave_alone(book: Workbook, sheet: Worksheet, dice: random.Random) -> str:
    """Nothing more."""
    del book, sheet, dice
    return ""


def merge_beside(book: Workbook, sheet: Worksheet, dice: random.Random) -> str:
    """Cells merged where nothing of ours stands."""
    del book
    last = sheet.max_row + 3
    sheet.merge_cells(start_row=last, end_row=last + 1, start_column=1, end_column=dice.randint(2, 5))
    return ""


def sort_rows(book: Workbook, sheet: Worksheet, dice: random.Random) -> str:
    """The rows of the table in another order."""
    del book
    head = find_head(sheet)
    rows = [n for n in range(head + 1, sheet.max_row + 1) if sheet.cell(n, 1).value]
    before = {n: [(c.value, copy(c._style), c.comment) for c in sheet[n]] for n in rows}
    order = dice.sample(rows, len(rows))
    for to, of in zip(rows, order, strict=True):
        for cell, (value, style, said) in zip(sheet[to], before[of], strict=True):
            cell.comment = None
            cell.value, cell._style = value, style
            if said:
                cell.comment = Comment(said.text, said.author)
    return ""


def insert_rows(book: Workbook, sheet: Worksheet, dice: random.Random) -> str:
    """Empty rows above the table or in it."""
    del book
    sheet.insert_rows(find_head(sheet) + dice.choice((0, 2)), dice.randint(1, 4))
    return ""


def insert_column(book: Workbook, sheet: Worksheet, dice: random.Random) -> str:
    """An empty column somewhere."""
    del book
    sheet.insert_cols(dice.randint(1, 8))
    return ""


def copy_sheet(book: Workbook, sheet: Worksheet, dice: random.Random) -> str:
    """A copy of the sheet, as it stands."""
    del dice
    book.copy_worksheet(sheet)
    return ""


def add_own_sheet(book: Workbook, sheet: Worksheet, dice: random.Random) -> str:
    """Workings of their own, under headings like ours."""
    own = book.create_sheet(dice.choice(("Workings", "Sheet1", "Notes")), dice.choice((0, 2)))
    for line in (("Ref", "Team A", "Team B", "This quarter"), ("L1", 3, 4, 7), ("", "", "", 9)):
        own.append(line)
    return own.title


def rename_sheet(book: Workbook, sheet: Worksheet, dice: random.Random) -> str:
    """The sheet under another name."""
    del book
    sheet.title = dice.choice(("Our figures", "Q2 data", "Sheet 4"))
    return ""


def hide_rows(book: Workbook, sheet: Worksheet, dice: random.Random) -> str:
    """Rows filtered away."""
    del book
    rows = range(find_head(sheet) + 1, sheet.max_row + 1)
    for n in dice.sample(rows, min(3, len(rows))):
        sheet.row_dimensions[n].hidden = True
    return ""


def write_below(book: Workbook, sheet: Worksheet, dice: random.Random) -> str:
    """Words under the table."""
    del book
    words = f"All figures are provisional until {dice.randint(1, 28)} November"
    sheet.cell(sheet.max_row + 2, 1).value = words
    return words


def add_own_column(book: Workbook, sheet: Worksheet, dice: random.Random) -> str:
    """A column of their own to the right."""
    del book
    head, column = find_head(sheet), sheet.max_column + 1
    words = f"see e-mail {dice.randint(100, 999)}"
    sheet.cell(head, column).value, sheet.cell(head + 2, column).value = "Our comments", words
    return words


def move_sheet(book: Workbook, sheet: Worksheet, dice: random.Random) -> str:
    """The sheet at another place."""
    book.move_sheet(sheet, dice.choice((-2, 1, 2)))
    return ""


BOOK_EDITS = (
    *(leave_alone, merge_beside, sort_rows, insert_rows, insert_column, copy_sheet, add_own_sheet, rename_sheet),
    *(hide_rows, write_below, add_own_column, move_sheet),
)


def find_head(sheet: Worksheet) -> int:
    """The row of a sheet's headings."""
    return next(n for n in range(1, 40) if {"Ref", "Item"} & {c.value for c in sheet[n]})
