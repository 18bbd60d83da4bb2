"""Whatever stands in a workbook that came back is recorded once, asked about or listed: from bytes to letter."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from csp_workflow.forms import layout
from csp_workflow.forms.writing import write_workbook
from csp_workflow.letters.catalogue import render
from csp_workflow.terms.events import Decision
from tests.intake.intake_factory import FORMS, NOW, OFFICE, after, cycle, decided, facts, good, mail, templates
from tests.intake.test_deviations import filled, place, read, saved
from tests.opened_books import open_book

FORM = FORMS["charnwood"]
ASKED_OF = cycle(forms={**FORMS, "charnwood": FORM})
COUNT = "CHARN.L1"
Edit = Callable[[Workbook], None]
_QUOTES = dict.fromkeys(map(ord, "“”"), '"')


def sent_in(data: bytes) -> Decision:
    return decided(mail(), facts(read(data), cycles=(ASKED_OF,)))


def edited(edit: Edit, data: bytes | None = None) -> bytes:
    book = open_book(data or filled(FORM), rich_text=True)
    edit(book)
    return saved(book)


def answer(decision: Decision) -> str:
    """The letter that answers it, as its reader has it before them."""
    (letter,) = decision.letters
    words = render(letter, OFFICE, environment=templates(), illustrative=True).text  # type: ignore[arg-type]
    return " ".join(words.split()).translate(_QUOTES)


def figures(decision: Decision) -> dict[str, object]:
    (submission,) = decision.submissions
    return {figure.series: figure.value for figure in submission.figures}


def codes(decision: Decision) -> list[str]:
    (submission,) = decision.submissions
    return [finding.code for finding in submission.findings if finding.code != "unconfirmed"]


SOUND = figures(sent_in(filled(FORM)))


def test_a_plain_form_has_nothing_of_theirs() -> None:
    decision = sent_in(filled(FORM))
    assert codes(decision) == []
    assert "did not record" not in answer(decision)
    assert "Completed by: A. Lead, Officer, 20/10/2014" in answer(decision)


# Candidates are counted --------------------------------------------------------------------------


def copy_of(book: Workbook, name: str) -> Worksheet:
    return book.copy_worksheet(book[name])


def set_beside(book: Workbook, header: str, value: object, *, left: bool = False) -> None:
    """A further column with a header of ours, to the left or the right of all."""
    sheet = book[layout.FIGURES]
    if left:
        sheet.insert_cols(1)
    head = next(row[0].row for row in sheet.iter_rows() if any(c.value == layout.REF for c in row))
    column = 1 if left else sheet.max_column + 1
    sheet.cell(head, column, header)
    sheet.cell(place(book, COUNT).row, column, value)  # type: ignore[arg-type]


def workings(book: Workbook) -> None:
    sheet = book.create_sheet("Workings", 0)
    for row in (["Ref", "Team A", "Team B", "This quarter"], [COUNT, 10, 20, 30], ["CHARN.L2", 1, 2, 3]):
        sheet.append(row)


def copied(name: str, *, hidden: bool = False, **instead: object) -> Edit:
    """A copy of a sheet, in which some cells hold something else."""

    def edit(book: Workbook) -> None:
        sheet = copy_of(book, name)
        sheet.sheet_state = "hidden" if hidden else "visible"
        for at, value in instead.items():
            sheet[at] = value

    return edit


def repeated_row(value: object) -> Edit:
    def edit(book: Workbook) -> None:
        sheet, row = book[layout.FIGURES], place(book, COUNT).row
        for cell in sheet[row]:
            sheet.cell(row + 12, cell.column).value = cell.value if cell.column < 11 else None
        sheet.cell(row + 12, place(book, COUNT).column).value = value  # type: ignore[assignment]

    return edit


def pasted_beside(value: object) -> Edit:
    """The table once more, to the right of itself and two rows lower."""

    def edit(book: Workbook) -> None:
        sheet = book[layout.FIGURES]
        cells = [(c.row, c.column, c.value) for row in sheet.iter_rows(min_row=6, max_col=10) for c in row]
        for row, column, old in cells:
            sheet.cell(row + 2, column + 12).value = old
        sheet.cell(place(book, COUNT).row + 2, place(book, COUNT).column + 12).value = value  # type: ignore[assignment]

    return edit


TAKEN: dict[str, Edit] = {
    "a table of their own": workings,
    "a blank column of the same name to the left": lambda book: set_beside(book, "This quarter", None, left=True),
    "the same number in a second column": lambda book: set_beside(book, "This quarter", 43),
    "a repeated row that says the same": repeated_row("43"),
    "a repeated row that is blank": repeated_row(None),
    "a sheet copied as it is": copied(layout.FIGURES),
    "a hidden copy that is blank": copied(layout.FIGURES, hidden=True, G7=None, G8=None),
    "a table pasted beside itself": pasted_beside(43),
    "a summary copied": copied(layout.SUMMARY),
    "a summary copied and emptied": copied(layout.SUMMARY, G7=None),
    "a sign-off copied": copied(layout.SIGN_OFF),
    "a column Ref of their own": lambda book: set_beside(book, "Ref", "our 7"),
    "a sheet renamed": lambda book: setattr(book[layout.FIGURES], "title", "Data"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_says_the_same_or_nothing_is_taken_once(name: str) -> None:
    decision = sent_in(edited(TAKEN[name]))
    assert figures(decision) == SOUND
    assert "two-candidates" not in codes(decision)
    assert decision.submissions[0].is_complete
    assert [n.text for n in decision.submissions[0].narratives] == [good().texts["T1"]]


ASKED: dict[str, tuple[Edit, tuple[str, ...]]] = {
    "a second column to the left": (
        lambda book: set_beside(book, "This quarter", 30, left=True),
        ("“43” in H7 of the sheet “Your figures”", "“30” in A7 of the sheet “Your figures”"),
    ),
    "a second column to the right": (
        lambda book: set_beside(book, "This quarter", 30),
        ("“43” in G7 of the sheet “Your figures”, where our form had it", "“30” in L7 of the sheet “Your figures”"),
    ),
    "a repeated row": (repeated_row(33), ("“43” in G7", "“33” in G19")),
    "a copy": (copied(layout.FIGURES, G7=30), ("“43” in G7", "“30” in G7 of the sheet “Your figures Copy”")),
    "a hidden copy": (copied(layout.FIGURES, hidden=True, G7=30), ("“43” in G7", "“30” in G7")),
    "a table pasted beside itself": (pasted_beside(30), ("“43” in G7", "“30” in S9")),
    "a summary copied": (
        copied(layout.SUMMARY, G7="Other words."),
        (f"“{good().texts['T1']}” in G7 of the sheet “Summary”", "“Other words.” in G7 of the sheet “Summary Copy”"),
    ),
    "a sign-off copied": (
        copied(layout.SIGN_OFF, B7="B. Deputy"),
        ("Sign-off, B7 (Completed by)",),
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_of_what_differs_none_is_taken_and_each_is_named(name: str) -> None:
    edit, found = ASKED[name]
    decision = sent_in(edited(edit))
    asked = [finding for finding in decision.submissions[0].findings if finding.code == "two-candidates"]
    assert len(asked) == 1
    assert all(words.translate(_QUOTES) in answer(decision) for words in found), answer(decision)
    key = asked[0].key.partition(" ")[2]
    assert key not in figures(decision)
    assert all(finding.key not in {n.ref for n in decision.submissions[0].narratives} for finding in asked)
    assert figures(decision) == {ref: value for ref, value in SOUND.items() if ref != key}


@pytest.mark.parametrize(
    ("sheet", "at", "first", "second"),
    [
        (layout.FIGURES, "I7", "Weather", "Not known"),
        (layout.POLICE, "H7", "Confirmed", "Disputed"),
        (layout.POLICE, "G7", 400, 401),
    ],
)
def test_of_two_choices_neither_is_taken(sheet: str, at: str, first: object, second: object) -> None:
    def edit(book: Workbook) -> None:
        book[sheet][at] = first
        copied(sheet, **{at: second})(book)

    (submission,) = sent_in(edited(edit)).submissions
    assert [(f.code, f.cell) for f in submission.findings if f.code != "unconfirmed"] == [("two-candidates", at)]
    assert not submission.disputes
    assert all(not figure.drove_it for figure in submission.figures)


def test_of_what_differs_nothing_is_handed_back() -> None:
    decision = sent_in(edited(repeated_row(33)))
    back = read(decision.letters[0].attachments[0].data)
    assert next(row.this_quarter.text for row in back.figures if row.ref == COUNT) == ""


# A sheet of their own ----------------------------------------------------------------------------


def test_a_table_of_their_own_is_named_with_what_stands_in_it() -> None:
    said = answer(sent_in(edited(workings)))
    assert "We did not read the sheet 'Workings'." in said
    assert "Team A" in said


# Everything that was seen --------------------------------------------------------------------------


def coloured(at: str, sheet: str = layout.FIGURES, colour: str = "FFFF00") -> Edit:
    return lambda book: setattr(book[sheet][at], "fill", PatternFill("solid", fgColor=colour))


def commented(at: str, words: str, sheet: str = layout.FIGURES) -> Edit:
    return lambda book: setattr(book[sheet][at], "comment", Comment(words, "An officer"))


def typed(sheet: str, at: str, value: object) -> Edit:
    return lambda book: book[sheet].__setitem__(at, value)


def linked(at: str, to: str, words: str = "", sheet: str = layout.FIGURES, tip: str | None = None) -> Edit:
    def link(book: Workbook) -> None:
        cell = book[sheet][at]
        cell.hyperlink = Hyperlink(ref=at, target=to, tooltip=tip)
        cell.value = words or cell.value

    return link


def strike(book: Workbook) -> None:
    book[layout.FIGURES]["C7"].font = Font(strike=True)


SEEN: dict[str, tuple[Edit, str]] = {
    "words below a table": (
        typed(layout.FIGURES, "A20", "All figures are provisional"),
        "Your figures, A20: “All figures are provisional”",
    ),
    "words above a table": (typed(layout.FIGURES, "H1", "See my e-mail"), "Your figures, H1: “See my e-mail”"),
    "words on the first sheet": (typed(layout.START, "A40", "Nobody told us"), "Start here, A40: “Nobody told us”"),
    "words below the sign-off": (typed(layout.SIGN_OFF, "A20", "pp Jo"), "Sign-off, A20: “pp Jo”"),
    "a column of their own": (
        lambda book: set_beside(book, "Comments", "two wards only"),
        f"Your figures, L7 (E07000130 {COUNT}, Comments): “two wards only”",
    ),
    "a number in a column of their own": (lambda book: set_beside(book, "Team A", 17), "Team A): “17”"),
    "a row of their own": (typed(layout.FIGURES, "C9", "Rural crime"), "Your figures, C9: “Rural crime”"),
    "a ref of their own": (
        lambda book: [typed(layout.FIGURES, at, v)(book) for at, v in {"A9": "E07000130", "B9": "X9", "G9": 9}.items()],  # type: ignore[func-returns-value]
        "Your figures, G9 (E07000130 X9, This quarter): “9”",
    ),
    "a comment on a police figure": (
        commented("G7", "Not what we have", layout.POLICE),
        "Police figures, G7 (E07000130 M11.1, This quarter), a comment: “Not what we have”",
    ),
    "a comment on a text": (commented("G7", "draft", layout.SUMMARY), "a comment: “draft”"),
    "a comment on an empty cell": (commented("M40", "hello"), "Your figures, M40, a comment: “hello”"),
    "a comment on a sheet of their own": (
        lambda book: setattr(book.create_sheet("Mine")["A1"], "comment", Comment("look here", "me")),
        "Mine, A1, a comment: “look here”",
    ),
    "a number as it is shown": (
        lambda book: (
            setattr(book[layout.FIGURES]["C20"], "value", 0.625)
            or setattr(book[layout.FIGURES]["C20"], "number_format", "0.00")
        ),
        "“0.63, where the cell holds 0.625”",
    ),
    "an older figure put right": (typed(layout.FIGURES, "F7", 44), "44 for 2014/15 Q1, where we had 41"),
    "an older police figure put right": (typed(layout.POLICE, "F7", 44), "“44” in place of “40”"),
    "a unit put right": (typed(layout.FIGURES, "D7", "calls"), "“calls” in place of “incidents”"),
    "a theme put right": (typed(layout.SUMMARY, "B7", "Another theme"), "“Another theme” in place of “Theme 1"),
    "an empty cell in colour": (coloured("H7"), "Your figures: highlighted H7"),
    "a theme in colour": (coloured("A7", layout.SUMMARY, "00B050"), "Summary: highlighted A7"),
    "a measure struck through": (strike, "struck through"),
    "a link": (
        linked("J7", "https://files.example/why.xlsx", "see here"),
        "a link to “https://files.example/why.xlsx”",
    ),
    "a link on a theme": (
        linked("B7", "mailto:team@council.example", sheet=layout.SUMMARY),
        "Summary, B7 (T1, Theme), a link to “",
    ),
    "a link in a formula": (
        typed(layout.FIGURES, "C20", '=HYPERLINK("https://files.example/x","more")'),
        "a link to “https://files.example/x”",
    ),
    "words at a link": (
        linked("M3", "https://files.example/", "there", tip="Two wards late"),
        "Your figures, M3, a message to whoever chooses the cell: “Two wards late”",
    ),
    "a message at a cell": (
        lambda book: book[layout.FIGURES].add_data_validation(
            DataValidation(sqref="G7", promptTitle="From Jo", prompt="One ward is missing", showInputMessage=True)
        ),
        "Your figures, G7, a message to whoever chooses the cell: “One ward is missing”",
    ),
    "a header in print": (
        lambda book: setattr(book[layout.FIGURES].oddHeader.center, "text", "DRAFT of 3 October"),
        "Your figures, in the header or footer: “DRAFT of 3 October”",
    ),
}


@pytest.mark.parametrize("name", SEEN)
def test_what_was_seen_beside_the_answers_is_said(name: str) -> None:
    edit, said = SEEN[name]
    decision = sent_in(edited(edit))
    assert said.translate(_QUOTES) in answer(decision), answer(decision)
    assert figures(decision) == SOUND
    assert decision.submissions[0].is_complete


def test_a_comment_with_another_number_is_asked_about() -> None:
    decision = sent_in(edited(commented("G7", "Should be 36")))
    assert "comment-differs" in codes(decision)
    assert '43, with the comment "Should be 36"' in answer(decision)
    assert answer(decision).count("Should be 36") == 1, "it is asked about, and not told a second time as unrecorded"
    assert codes(decision) == ["comment-differs"]
    agrees = sent_in(edited(commented("G7", "43 checked")))
    assert "comment-differs" not in codes(agrees)
    assert "43 checked" in answer(agrees)


@pytest.mark.parametrize(
    "note",
    [
        "Actually 57, corrected since",
        "This should be 57",
        "should have been 1,057",
        "Correct figure is 57.",
        "57 instead of 43",
        "57, not 43",
        "corrected to 57 on 12 October",
        "I meant 34",
        "57 is the right number",
        "Please use 57",
        "57 (43 was typed in error)",
        "The number is 57. Ignore the one here.",
        "Was 43, now 57",
        "not 43 but 57",
        "for 43 read 57",
        "should now be c.57",
        "fifty-seven not forty-three",
        "Wrong. It should have been a hundred and seven.",
        "57",
    ],
)
def test_a_note_that_puts_another_number_in_the_figure_s_place_is_asked_about(note: str) -> None:
    decision = sent_in(edited(typed(layout.FIGURES, "J7", note)))
    assert codes(decision) == ["note-differs"], codes(decision)
    assert f'43, with the note "{note}"' in answer(decision)


@pytest.mark.parametrize(
    "note",
    [
        "Up from 35 since the 2 October campaign",
        "12 of the 43 were corrected after the audit of 2013",
        "Actually 43, checked twice",
        "Recording was corrected in 2014 and 5 October",
        "43, not 34 as in the press",
        "There are now 12 volunteers",
        "CHARN.L1 is right",
        "should be 5 more next quarter",
        "The total is 12% up",
        "Much the same; last year it was 35.",
        "We use 3 vans now",
        "In fact one family accounts for most of it",
        "The new code meant 12 crimes counted elsewhere",
    ],
)
def test_a_note_that_explains_a_figure_is_not_asked_about(note: str) -> None:
    assert "note-differs" not in codes(sent_in(edited(typed(layout.FIGURES, "J7", note))))


@pytest.mark.parametrize(
    ("words", "to"),
    [
        ("A campaign; see www.council.example for more", "http://www.council.example/"),
        ("A campaign (https://council.example/a b.html)", "https://council.example/a"),
        ("https://council.example/a b", "https://council.example/a b"),
    ],
)
def test_a_link_that_a_program_made_of_an_address_in_words_says_nothing_more(words: str, to: str) -> None:
    assert "a link to" not in answer(sent_in(edited(linked("J7", to, words))))
    assert "a link to" in answer(sent_in(edited(linked("J7", f"{to}2", words))))


@pytest.mark.parametrize("typed_there", ["43", 43, "n/a", "?", "-", "See attached."])
def test_what_names_no_cause_is_none_and_is_said(typed_there: object) -> None:
    decision = sent_in(edited(typed(layout.FIGURES, "I7", typed_there)))
    assert not any(figure.drove_it for figure in decision.submissions[0].figures)
    assert f'I7 (E07000130 CHARN.L1, What drove it): "{typed_there}", which names no cause' in answer(decision)


@pytest.mark.parametrize("shown", ["[White]0", "[Black][<40]0;[White]0", "[Color 2]0"])
def test_a_figure_in_white_is_no_figure(shown: str) -> None:
    def whiten(book: Workbook) -> None:
        place(book, COUNT).number_format = shown

    assert COUNT not in figures(sent_in(edited(whiten)))


def test_letters_in_white_within_a_text_are_asked_about() -> None:
    def add(book: Workbook) -> None:
        place(book, COUNT).value = CellRichText("43", TextBlock(InlineFont(color="FFFFFFFF"), "57"))

    assert COUNT not in figures(sent_in(edited(add)))


def test_a_reason_without_a_tick_is_said() -> None:
    said = answer(sent_in(edited(typed(layout.SIGN_OFF, "B12", "August figures are missing"))))
    assert '"August figures are missing", without a tick' in said


def test_a_line_over_a_figure_and_what_a_comment_says_first_are_seen() -> None:
    preface = "[Threaded comment]\n\nYour version of Excel allows you to read this.\n\nComment:\n    "
    decision = sent_in(edited(commented("G7", f"{preface}It is 36, not 43. Comment: team B was late")))
    assert "comment-differs" in codes(decision)
    assert "It is 36, not 43" in answer(decision)


def test_candidates_that_are_shown_otherwise_are_two() -> None:
    def copy(book: Workbook) -> None:
        book.copy_worksheet(book[layout.FIGURES])["G7"].number_format = '0"1"'

    decision = sent_in(edited(copy))
    assert "two-candidates" in codes(decision)


def test_a_figure_in_colour_is_asked_about() -> None:
    decision = sent_in(edited(coloured("G7")))
    assert codes(decision) == ["highlighted"]
    assert figures(decision) == SOUND


def test_a_form_answered_in_comments_alone_is_asked_and_quoted() -> None:
    blank = write_workbook(FORM, created=NOW)

    def comment(book: Workbook) -> None:
        place(book, COUNT).comment = Comment("36 for the quarter", "An officer")
        book[layout.SUMMARY]["G7"].comment = Comment("same as before", "An officer")

    decision = sent_in(edited(comment, blank))
    assert 'nothing, and a comment: "36 for the quarter"' in answer(decision)
    assert 'nothing, and a comment: "same as before"' in answer(decision)


@pytest.mark.parametrize("words", ["-", "n/a", "No", "false", "0", "N/A", "\N{EN DASH}"])
def test_what_is_no_tick_leaves_the_form_a_return(words: str) -> None:
    decision = sent_in(edited(typed(layout.SIGN_OFF, "B10", words)))
    assert figures(decision) == SOUND
    assert codes(decision) == []


@pytest.mark.parametrize("words", ["maybe", "nothing", "?", "see above", "✗"])
def test_what_may_be_a_tick_is_asked_about(words: str) -> None:
    decision = sent_in(edited(typed(layout.SIGN_OFF, "B10", words)))
    assert codes(decision) == ["unclear-tick"]
    assert figures(decision) == SOUND


@pytest.mark.parametrize("words", ["Yes", "x", "✓", True])
def test_a_tick_is_one(words: object) -> None:
    def edit(book: Workbook) -> None:
        for ref in SOUND:
            place(book, ref).value = None
        book[layout.SUMMARY]["G7"] = None
        book[layout.SIGN_OFF]["B10"] = words

    judged = sent_in(edited(edit)).judgement
    assert judged is not None
    assert judged.verdict == "nil"


def test_words_beside_a_nil_leave_it_unrecorded_and_go_to_a_person() -> None:
    def edit(book: Workbook) -> None:
        for ref in SOUND:
            place(book, ref).value = None
        book[layout.SUMMARY]["G7"] = None
        book[layout.SIGN_OFF]["B10"] = "Yes"
        book[layout.FIGURES]["A20"] = "but see the hate crime figures"

    judged = sent_in(edited(edit)).judgement
    assert judged is not None
    assert judged.verdict == "question"
    assert "but see the hate crime figures" in judged.reason


def test_what_may_name_a_person_is_kept_back() -> None:
    decision = sent_in(edited(typed(layout.FIGURES, "A20", "Ring John Smith of 12 High Street, 07700 900123")))
    assert "07700" not in answer(decision)
    assert "Your figures, A20" in answer(decision)


def test_the_form_for_corrections_shows_nothing_of_theirs() -> None:
    first = sent_in(edited(typed(layout.FIGURES, "G7", "n/a")))
    back = first.letters[0].attachments[0].data
    mended = read(edited(typed(layout.FIGURES, "G7", 43), back))
    again = decided(mail("Here it is."), facts(mended, cycles=(after(first, ASKED_OF),)))
    assert "did not record" not in answer(again), answer(again)
    assert {f.series: f.value for f in again.submissions[0].figures} == SOUND


def test_the_same_figures_with_more_words_are_another_version() -> None:
    first = sent_in(filled(FORM))
    more = read(edited(typed(layout.FIGURES, "A20", "All figures are provisional")))
    again = decided(mail("Here it is."), facts(more, cycles=(after(first, ASKED_OF),)))
    assert "All figures are provisional" in answer(again)


# In parts of their own ------------------------------------------------------------------------------

_DRAW = "http://schemas.openxmlformats.org/drawingml/2006"
_BOX = (
    f'<xdr:wsDr xmlns:xdr="{_DRAW}/spreadsheetDrawing" xmlns:a="{_DRAW}/main"><xdr:twoCellAnchor>'
    "<xdr:from><xdr:col>2</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>30</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>"
    "<xdr:to><xdr:col>5</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>33</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>"
    "<xdr:sp><xdr:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor></xdr:wsDr>"
)
_THREAD = (
    '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
    '<threadedComment ref="G7" dT="2014-10-20T09:00:00" personId="{{1}}" id="{{2}}"><text>Should be 36</text>'
    '</threadedComment><threadedComment ref="G7" personId="{{1}}" id="{{3}}" parentId="{{2}}"><text>{}</text>'
    "</threadedComment></ThreadedComments>"
)


def with_part(kind: str, name: str, content: str) -> bytes:
    """The form with a further part beside the sheet of figures."""
    old, out = ZipFile(BytesIO(filled(FORM))), BytesIO()
    rels = "xl/worksheets/_rels/sheet2.xml.rels"
    link = f'<Relationship Id="rX" Type="http://any/relationships/{kind}" Target="../{name}"/>'
    none = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    with ZipFile(out, "w") as new:
        for part in old.namelist():
            if part != rels:
                new.writestr(part, old.read(part))
        before = old.read(rels).decode() if rels in old.namelist() else none
        new.writestr(rels, before.replace("</Relationships>", f"{link}</Relationships>"))
        new.writestr(f"xl/{name}", content)
    return out.getvalue()


def test_a_text_box_is_said() -> None:
    decision = sent_in(with_part("drawing", "drawings/d1.xml", _BOX.format("Figures are late")))
    assert 'Your figures, C31, a text box: "Figures are late"' in answer(decision)
    assert figures(decision) == SOUND


def test_a_picture_is_said_and_asked_about() -> None:
    shown = '<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" name="P" descr="Our chart"/></xdr:nvPicPr></xdr:pic>'
    drawn = _BOX.replace(_BOX[_BOX.index("<xdr:sp>") : _BOX.index("</xdr:twoCellAnchor>")], shown)
    decision = sent_in(with_part("drawing", "drawings/d1.xml", drawn))
    assert 'Your figures, C31: a picture, chart or drawing, "Our chart"' in answer(decision)
    assert "picture" in codes(decision)


def test_a_thread_of_comments_is_said_with_its_answers() -> None:
    decision = sent_in(with_part("threadedComment", "threadedComments/t1.xml", _THREAD.format("No, 43 is right")))
    assert "Should be 36; No, 43 is right" in answer(decision)
    assert "comment-differs" in codes(decision)


# Whatever anybody adds ------------------------------------------------------------------------------

_NOUNS = ["ward", "bus", "stop", "patrol", "shed", "lamp", "fence", "market", "youth", "club", "ditch", "barn", "kiosk"]
WORDS = st.lists(st.sampled_from([*_NOUNS, "2 of 5", "draft", "=", "'", "<b>", "&", "£3k"]), min_size=1, max_size=8)
PLACES = ("A20", "C33", "M3", "L9", "B2000", "AZ4")


@settings(max_examples=15, deadline=None)
@given(
    words=WORDS.map(lambda said: f"our {' '.join(said)} here"),
    how=st.sampled_from(["comment", "column", "below", "box", "sheet"]),
    sheet=st.sampled_from([layout.FIGURES, layout.POLICE, layout.SUMMARY, layout.SIGN_OFF, layout.START]),
    at=st.sampled_from(PLACES),
)
def test_whatever_is_added_its_words_are_in_the_answer_and_the_figures_stay(
    words: str, how: str, sheet: str, at: str
) -> None:
    edits: dict[str, Edit] = {
        "comment": commented(at, words, sheet),
        "column": lambda book: set_beside(book, "Ours", words),
        "below": typed(sheet, at, words),
        "sheet": lambda book: book.create_sheet("Ours", 0).__setitem__(at, words),
    }
    escaped = words.replace("&", "&amp;").replace("<", "&lt;")
    data = with_part("drawing", "drawings/d1.xml", _BOX.format(escaped)) if how == "box" else edited(edits[how])
    decision = sent_in(data)
    assert words in answer(decision)
    assert figures(decision) == SOUND
    assert SOUND[COUNT] == Decimal(43)


def test_of_many_cells_the_first_are_listed_and_the_rest_counted() -> None:
    def edit(book: Workbook) -> None:
        sheet = book.create_sheet("Ours")
        for row in range(1, 31):
            sheet.append([f"line {row}"])
        for row in range(20, 100):
            book[layout.FIGURES].cell(row, 1, f"note {row}").fill = PatternFill("solid", fgColor="00B050")

    said = answer(sent_in(edited(edit)))
    assert 'Ours, A6: "line 6"' in said
    assert "Ours: 24 more cells or comments, from A7 on" in said
    assert "Your figures: 20 more cells or comments, from A80 on" in said
    assert "highlighted A20, A21" in said
    assert "A79 and 20 more" in said


def test_a_colour_of_our_own_that_sorting_moved_is_not_theirs() -> None:
    def move(book: Workbook) -> None:
        sheet = book[layout.POLICE]
        for cell in sheet[7]:
            sheet.cell(9, cell.column).fill = copy(cell.fill)

    assert "highlighted" not in answer(sent_in(edited(move)))


def _over_what_is_to_do(words: str) -> Edit:
    def edit(book: Workbook) -> None:
        sheet = book[layout.FIGURES]
        head = next(row for row in sheet.iter_rows() if any(cell.value == layout.STILL_TO_DO for cell in row))
        column = next(cell.column for cell in head if cell.value == layout.STILL_TO_DO)
        sheet.cell(head[0].row + 1, column).value = words

    return edit


def test_words_over_still_to_do_are_seen_where_a_program_kept_no_results_of_formulas() -> None:
    said = answer(sent_in(edited(_over_what_is_to_do("August is not in this yet"))))
    assert "August is not in this yet" in said


@pytest.mark.parametrize(
    "ours", ["Done: 43 incidents", "Type the figure, or choose a Status", "Optional", "Done", "See Questions, Q3"]
)
def test_what_our_own_formula_came_to_is_no_word_of_theirs(ours: str) -> None:
    said = answer(sent_in(edited(_over_what_is_to_do(ours))))
    assert ours not in said


def test_an_earlier_figure_that_was_changed_is_asked_about_once_and_where_it_stands() -> None:
    def edit(book: Workbook) -> None:
        at = place(book, COUNT)
        sheet = book[layout.FIGURES]
        head = next(row for row in sheet.iter_rows() if any(cell.value == layout.THIS_QUARTER for cell in row))
        past = next(cell for cell in head if str(cell.value).startswith("Last quarter"))
        sheet.cell(at.row, past.column).value = 44

    decision = sent_in(edited(edit))
    (finding,) = (f for f in decision.submissions[0].findings if f.code != "unconfirmed")
    assert finding.code == "proposed-revision"
    assert finding.cell != place(open_book(filled(FORM)), COUNT).coordinate
    assert "in place of" not in answer(decision)


def test_a_day_that_a_program_keeps_as_a_number_is_said_as_a_day() -> None:
    def edit(book: Workbook) -> None:
        book[layout.SIGN_OFF]["B9"] = 41932

    assert sent_in(edited(edit)).submissions[0].sign_off.date == "20 October 2014"


def test_what_reserves_anywhere_on_a_form_and_a_sheet_of_their_own_reach_whoever_decides() -> None:
    def edit(book: Workbook) -> None:
        book.create_sheet("Notes")["A1"] = "Budget of the town hall"
        book[layout.FIGURES].oddHeader.center.text = "PROVISIONAL"
        book[layout.SIGN_OFF]["B9"] = "DRAFT - Chair has not seen it"

    words = sent_in(edited(edit)).submissions[0].words
    assert "Budget of the town hall" in words
    assert "PROVISIONAL" in words
    assert "DRAFT - Chair has not seen it" in words
    assert sent_in(edited(lambda book: None)).submissions[0].words == ""
    assert answer(sent_in(edited(edit))).count("Budget of the town hall") == 1


PROPERTIES = {
    "title": "Title", "subject": "Subject", "keywords": "Tags", "description": "Comments", "category": "Categories",
    "contentStatus": "Status",
}  # fmt: skip


@pytest.mark.parametrize("name", PROPERTIES)
def test_what_somebody_wrote_in_the_properties_of_the_file_is_told(name: str) -> None:
    decision = sent_in(edited(lambda book: setattr(book.properties, name, "Draft, not seen by the Chair")))
    assert (figures(decision), codes(decision)) == (SOUND, [])
    said = f'The properties of the file: "{PROPERTIES[name]}: Draft, not seen by the Chair"'
    assert said in answer(decision)
    assert "not seen by the Chair" in decision.submissions[0].words


@pytest.mark.parametrize("title", [None, "Untitled spreadsheet", "Book1", "PowerPoint Presentation", "Form (2).xlsx"])
def test_what_programs_write_in_the_properties_of_a_file_is_not_told(title: str | None) -> None:
    def edit(book: Workbook) -> None:
        book.properties.creator, book.properties.lastModifiedBy, book.properties.revision = "openpyxl", "A. Lead", "7"
        book.properties.title, book.properties.keywords = title, "[SEC=OFFICIAL]"
        book.properties.contentStatus, book.properties.description = "Final", "Generated by openpyxl"
        book[layout.FIGURES].title = f"Copy of {layout.FIGURES}"

    assert "properties of the file" not in answer(sent_in(edited(edit)))


def test_what_somebody_wrote_in_the_name_of_a_sheet_is_told() -> None:
    decision = sent_in(edited(lambda book: setattr(book[layout.FIGURES], "title", "Figures DRAFT")))
    assert (figures(decision), codes(decision)) == (SOUND, [])
    assert 'The properties of the file: "Sheet name: Figures DRAFT"' in answer(decision)


@pytest.mark.parametrize("name", [" your figures", "Your figures (2)", "Your_figures"])
def test_a_sheet_that_a_program_named_is_not_told(name: str) -> None:
    assert "Sheet name" not in answer(sent_in(edited(lambda book: setattr(book[layout.FIGURES], "title", name))))


def test_a_figure_whose_status_takes_it_out_is_asked_for_while_it_still_stands_there() -> None:
    def withdraw(book: Workbook) -> None:
        typed(layout.FIGURES, "H7", "Withdrawn")(book)

    decision = sent_in(edited(withdraw))
    assert codes(decision) == ["unknown-status"]
    assert COUNT not in figures(decision)
    assert "Withdrawn" in answer(decision)
