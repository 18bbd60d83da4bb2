"""Forms as odd programs and people leave them, from the file's own markup to the answer: nothing lost or misnamed."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from csp_workflow.forms import layout
from tests.intake.intake_factory import FORMS, SIGNED, came_back, decided, facts, good, mail
from tests.intake.test_deviations import filled
from tests.intake.test_nothing_unseen import COUNT, FORM, SOUND, answer, codes, edited, figures, sent_in, typed

Parts = dict[str, str]
_FIGURES, _BOOK, _LINKS = "xl/worksheets/sheet2.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CELL = re.compile(r'<c r="G7"( s="\d+")[^>]*>.*?</c>')


def marked_up(change: Callable[[Parts], None]) -> bytes:
    """The filled form with its XML parts changed."""
    with ZipFile(BytesIO(filled(FORM))) as old:
        parts = {name: old.read(name).decode() for name in old.namelist()}
    before = dict(parts)
    change(parts)
    assert parts != before
    out = BytesIO()
    with ZipFile(out, "w") as new:
        for name, text in parts.items():
            new.writestr(name, text)
    return out.getvalue()


def holding(cell: str) -> Callable[[Parts], None]:
    """The figure's cell as a program may write it."""
    return lambda parts: parts.update({_FIGURES: _CELL.sub(lambda at: cell.replace("@", at[1]), parts[_FIGURES])})


def within(part: str, old: str, new: str) -> Callable[[Parts], None]:
    return lambda parts: parts.update({part: re.sub(old, new, parts[part])})


SOUND_ANYHOW: dict[str, Callable[[Parts], None]] = {
    "a text of its own": holding('<c r="G7"@ t="inlineStr"><is><t>43</t></is></c>'),
    "a text in pieces": holding('<c r="G7"@ t="inlineStr"><is><r><t>4</t></r><r><t>3</t></r></is></c>'),
    "a text with its reading": holding(
        '<c r="G7"@ t="inlineStr"><is><t>43</t><rPh sb="0" eb="1"><t>shi</t></rPh></is></c>'
    ),
    "a text that ends in a return": holding('<c r="G7"@ t="inlineStr"><is><t>43_x000D_</t></is></c>'),
    "a result of text without a formula": holding('<c r="G7"@ t="str"><v>43</v></c>'),
    "a formula over arrays": holding('<c r="G7"@><f t="array" ref="G7">SUM(A1:A2*1)</f><v>43</v></c>'),
    "a formula of a later Excel": holding('<c r="G7"@><f>_xlfn.LET(_xlpm.a,40,_xlpm.a+3)</f><v>43</v></c>'),
    "a formula of another file": holding('<c r="G7"@><f>[1]Sheet1!$A$1</f><v>43</v></c>'),
    "no places at all": within(_FIGURES, r'(<c) r="[A-Z]+\d+"', r"\1"),
    "a filter": within(_FIGURES, "</sheetData>", '</sheetData><autoFilter ref="A6:L8"/>'),
}


@pytest.mark.parametrize("name", SOUND_ANYHOW)
def test_however_a_program_writes_it_the_figure_is_the_same(name: str) -> None:
    decision = sent_in(marked_up(SOUND_ANYHOW[name]))
    assert figures(decision) == SOUND
    assert codes(decision) == []


NOTED: dict[str, tuple[Callable[[Parts], None], str]] = {
    "a row of no height": (
        within(_FIGURES, r'<row r="7"[^>]*>', '<row r="7" ht="0" customHeight="1">'),
        "Some rows of 'Your figures' were hidden (7); we read them too.",
    ),
    "a column of no width": (
        within(_FIGURES, r'<col width="[^"]*"( customWidth="1" min="7")', r'<col width="0"\1'),
        "The column 'This quarter' of 'Your figures' was hidden; we read it too.",
    ),
    "a row dragged to a hair's breadth": (
        within(_FIGURES, r'<row r="7"[^>]*>', '<row r="7" ht="1.5" customHeight="1">'),
        "Some rows of 'Your figures' were hidden (7); we read them too.",
    ),
    "a column dragged to a hair's breadth": (
        within(_FIGURES, r'<col width="[^"]*"( customWidth="1" min="7")', r'<col width="0.28515625"\1'),
        "The column 'This quarter' of 'Your figures' was hidden; we read it too.",
    ),
    "rows of no height unless they say one": (
        within(
            *(_FIGURES, r'<sheetFormatPr[^>]*/>(.*<row r="7")[^>]*>'),
            r'<sheetFormatPr defaultRowHeight="0" customHeight="1"/>\1>',
        ),
        "Some rows of 'Your figures' were hidden (7); we read them too.",
    ),
    "columns of no width unless they say one": (
        within(
            *(_FIGURES, r'<sheetFormatPr[^>]*/>(.*)<col [^>]*min="7"[^>]*/>'),
            r'<sheetFormatPr defaultRowHeight="15" defaultColWidth="0.1"/>\1',
        ),
        "The column 'This quarter' of 'Your figures' was hidden; we read it too.",
    ),
    "rows that are folded away": (
        within(_FIGURES, '<row r="7"', '<row r="7" outlineLevel="1" hidden="1"'),
        "Some rows of 'Your figures' were hidden (7); we read them too.",
    ),
    "a sheet that only a programmer finds": (
        within(_BOOK, r'(<sheet [^>]*name="Your figures"[^>]*?) state="visible"', r'\1 state="veryHidden"'),
        "The sheet 'Your figures' was hidden; we read it too.",
    ),
    "a formula of the day": (
        holding('<c r="G7"@><f>TODAY()-41889</f><v>43</v></c>'),
        "43 incidents. The cell has a formula that gives another result on another day; we used the one it showed",
    ),
    "a file in the sheet": (
        within(
            _FIGURES, "</worksheet>",
            '<oleObjects><oleObject progId="Word.Document.12" shapeId="1025"/></oleObjects></worksheet>',
        ),
        'Your figures: an embedded file or control, "Word.Document.12"',
    ),
    "a box to click": (
        within(
            _FIGURES, "</worksheet>", '<controls><control shapeId="1026" name="Check Box 1"/></controls></worksheet>'
        ),
        'Your figures: an embedded file or control, "Check Box 1"',
    ),
    "a picture behind the cells": (
        within(_FIGURES, "</worksheet>", "<picture/></worksheet>"), "a picture behind the cells",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NOTED)
def test_what_nobody_sees_at_once_is_said_and_the_figure_stands(name: str) -> None:
    change, said = NOTED[name]
    decision = sent_in(marked_up(change))
    assert said in answer(decision), answer(decision)
    assert figures(decision) == SOUND


def test_a_sheet_without_cells_is_named() -> None:
    def add_chart(parts: Parts) -> None:
        link = f'<sheet xmlns:r="{_OFFICE}" name="Our chart" sheetId="99" r:id="rX"/></sheets>'
        parts[_BOOK] = parts[_BOOK].replace("</sheets>", link)
        target = f'<Relationship Id="rX" Type="{_OFFICE}/chartsheet" Target="chartsheets/sheet1.xml"/></Relationships>'
        parts[_LINKS] = parts[_LINKS].replace("</Relationships>", target)
        parts["xl/chartsheets/sheet1.xml"] = "<chartsheet/>"

    decision = sent_in(marked_up(add_chart))
    assert "We did not read the sheet 'Our chart'." in answer(decision)
    assert figures(decision) == SOUND


def test_a_picture_in_the_place_of_a_figure_is_no_error_of_theirs() -> None:
    decision = sent_in(marked_up(holding('<c r="G7"@ t="e" vm="1"><v>#VALUE!</v></c>')))
    assert codes(decision) == ["only-in-excel"]
    assert "such as a picture in the cell" in answer(decision)
    assert "Excel error" not in answer(decision)


def test_sheets_that_a_program_renamed_and_turned_round_are_ours() -> None:
    def rename(book: Workbook) -> None:
        book._sheets.reverse()  # type: ignore[attr-defined]
        for number, sheet in enumerate(book.worksheets):
            sheet.title = f"Table {number}"

    decision = sent_in(edited(rename))
    assert codes(decision) == []
    assert "did not r" not in answer(decision)
    assert figures(decision) == SOUND


@pytest.mark.parametrize(
    "words", ["-", "\N{EN DASH} \N{EN DASH}", "...", "?", 43, "01/10/2014", "N/A", "tbc.", "See attached"]
)
def test_what_tells_nothing_is_no_summary(words: object) -> None:
    decision = sent_in(edited(typed(layout.SUMMARY, "G7", words)))
    assert codes(decision) == ["blank-text"]
    assert not decision.submissions[0].narratives
    assert str(words).replace("\N{EN DASH}", "\N{EN DASH}") in answer(decision)


@pytest.mark.parametrize(
    "name",
    ["-", "?", 43, "TBC", "n/a", "None", "Draft", "To be signed", "Not signed", "(not yet completed)", "Unsigned"],
)
def test_what_names_nobody_is_no_signature(name: object) -> None:
    decision = sent_in(edited(typed(layout.SIGN_OFF, "B7", name)))
    assert codes(decision) == ["not-signed"]
    assert decision.submissions[0].sign_off.completed_by == ""


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("20 December 2014", ""), ("01/01/2015", ""), ("20/10/2014", "20/10/2014"), ("20 October", "20 October"),
        ("soon", "soon"),
    ],
)  # fmt: skip
def test_a_day_of_signing_that_is_still_to_come_is_told_and_not_recorded(said: str, kept: str) -> None:
    decision = decided(mail(), facts(came_back(FORMS["charnwood"], good(signed={**SIGNED, layout.DATE: said}))))
    (submission,) = decision.submissions
    assert submission.sign_off.date == kept
    assert ("still to come" in answer(decision)) == (not kept)


def test_a_star_at_a_status_is_asked_about() -> None:
    decision = decided(mail(), facts(came_back(FORMS["charnwood"], good(statuses={COUNT: "Final*"}))))
    assert codes(decision) == ["note-unfirm"]


@pytest.mark.parametrize(("at", "said"), [("G6", "This quarter*")])
def test_a_star_at_what_is_ours_is_told_and_the_figure_taken(at: str, said: str) -> None:
    decision = sent_in(edited(typed(layout.FIGURES, at, said)))
    assert figures(decision) == SOUND
    assert f"“{said}" in answer(decision) or f'"{said}' in answer(decision)


def test_what_a_promise_says_in_digits_is_listed() -> None:
    assert 'H7 (T1): "17"' in answer(sent_in(edited(typed(layout.SUMMARY, "H7", 17))))


NEAR = {
    "suppressed": "suppressed", "Suppressed ": "suppressed", "[c]": "suppressed", "small number": "suppressed",
    "Suppressed (small numbers)": "suppressed", "Prov.": "provisional", "[p]": "provisional", "DRAFT": "provisional",
    "Unvalidated": "provisional", "not yet confirmed": "provisional", "Estimate": "estimated", "Validated": "final",
}  # fmt: skip


@pytest.mark.parametrize("words", NEAR)
def test_a_status_in_other_words_is_read_and_said_back(words: str) -> None:
    decision = sent_in(edited(typed(layout.FIGURES, "H7", words)))
    (submission,) = decision.submissions
    assert (codes(decision), submission.figures[0].status) == ([], NEAR[words])
    assert (figures(decision)[COUNT] is None) == (NEAR[words] == "suppressed")
    assert words.strip() in {reading.typed for reading in submission.readings}


@pytest.mark.parametrize("words", ["see note", "Ask Jo", "43"])
def test_a_figure_whose_status_nobody_can_read_is_not_taken_as_final(words: str) -> None:
    decision = sent_in(edited(typed(layout.FIGURES, "H7", words)))
    assert codes(decision) == ["unknown-status"]
    assert COUNT not in figures(decision)
    assert decision.submissions[0].faults


@pytest.mark.parametrize(
    "words",
    [
        "Please do not publish this figure",
        "Ignore this, wrong number",
        "NOT FOR PUBLICATION",
        "This is wrong, sorry",
        "Suppressed",
        "Data not available",
    ],
)
def test_a_figure_that_its_note_takes_back_is_asked_for(words: str) -> None:
    decision = sent_in(edited(typed(layout.FIGURES, "J7", words)))
    assert codes(decision) == ["note-withholds"]
    assert COUNT not in figures(decision)


SAID_IN_WORDS = {
    "Provisional": "provisional", "provisional.": "provisional", "This figure is provisional": "provisional",
    "Provisional until the audit in November": "provisional", "Not final": "provisional", "TBC": "provisional",
    "New provider since July. Figures still to be validated": "provisional", "may change": "provisional",
    "Draft figure": "provisional", "PROV": "provisional", "To be confirmed": "provisional",
    "Please treat as provisional": "provisional", "subject to revision": "provisional", "estimate": "estimated",
    "This is an estimate, based on August": "estimated", "Best guess": "estimated", "Not yet been verified":
    "provisional",
}  # fmt: skip


@pytest.mark.parametrize("status", [None, "Final"])
@pytest.mark.parametrize("words", SAID_IN_WORDS)
def test_how_firm_a_figure_is_may_stand_in_its_note(words: str, status: str | None) -> None:
    decision = sent_in(
        edited(lambda book: [typed(layout.FIGURES, *at)(book) for at in (("J7", words), ("H7", status))])
    )
    (submission,) = decision.submissions
    assert (codes(decision), submission.figures[0].status) == ([], SAID_IN_WORDS[words])
    assert figures(decision) == SOUND
    assert words in {reading.typed for reading in submission.readings}
    assert submission.figures[0].note == words


@pytest.mark.parametrize(
    "words",
    [
        "We estimate that 200 came to the event", "Last quarter's figure was provisional", "August data missing",
        "The provider says its numbers may rise", "Provisional, now confirmed by the provider", "July and August only",
        "The provider sent us draft figures", "Provisional: Housing will confirm", "Two months' data", "43 so far",
        "This is the rolling 12 month figure, not the quarter", "Monthly average",
        "Last year's figure carried forward", "In thousands", "Annual total", "TBC by Housing", "Figures to August",
        "September not in yet", "Not all data received", "Final figure due in November", "Unvalidated by the provider",
        "Under review", "probably an undercount", "This figure seems too low", "May be under-recorded", "Annual",
        "Double counted", "The count is still under review", "Likely an over-estimate", "Up. Last year's figure.",
        "A rise (year to date)", "Figures look odd", "Annual, not quarterly", "To be double-checked", "Query", "??",
        "Treat with caution", "Unsure if right", "We think this is too high", "Not reliable", "May not be accurate",
        "One team has not reported", "Does not include one school", "Rounded to nearest 5", "Six months", "Typo?",
        "Disputed by the provider", "Sam to check", "July and August", "To 31 August", "More to come", "Placeholder",
        "Some cases not yet recorded", "Data quality issues", "Copied from last quarter", "Not signed off by Sam",
    ],
)  # fmt: skip
def test_a_note_that_may_say_that_a_figure_is_not_final_is_asked_about(words: str) -> None:
    decision = sent_in(edited(typed(layout.FIGURES, "J7", words)))
    assert codes(decision) == ["note-unfirm"]
    assert (figures(decision), decision.submissions[0].figures[0].status) == (SOUND, "final")
    assert words in answer(decision)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Not provisional", "final"), ("No longer an estimate", "final"), ("A draft plan was agreed", "final"),
        ("Reporting is unchanged since May", "final"), ("Likely to rise over the winter", "final"),
        ("The strategy is to be reviewed", "final"), ("An interim manager started in August", "final"),
        ("Fewer rough sleepers after the project ran until August", "final"), ("Provisional", "Revised"),
        ("The rise is the festival, with approximately 4,000 people", "final"),
        ("Higher than last year's figure, which was low", "final"), ("Monthly patrols began", "final"),
        ("Last year's figure was low after a closure", "final"), ("A county team took over", "final"),
    ],
)  # fmt: skip
def test_other_words_leave_a_figure_as_firm_as_its_status_has_it(words: str, status: str) -> None:
    decision = sent_in(
        edited(lambda book: [typed(layout.FIGURES, *at)(book) for at in (("J7", words), ("H7", status))])
    )
    assert (codes(decision), decision.submissions[0].figures[0].status) == ([], status.lower())


ABOUT_OTHER_THINGS = """Provisional licence checks carried out|Estimates of footfall were used by the council|Est. 1995
prov. of new lighting|Approx. 20 of these are one family|To be confirmed: date of the next action day|Being reviewed
Not confirmed as hate crime|Not agreed: closure of the park|Unverified reports of fires|The tbc event|Incomplete works
It will be reviewed by the board|One month only shop closed|The shelter was closed for two months|Rise from July only
20 so far charged|Excluding August bank holiday it fell|Numbers to August were high|Returns to September levels
Figures to end of September|The number may rise in winter|Last year, the fair was cancelled|Rise (annual, fair)
The fair (annual)|Higher than usual (last year)|Patrols moved. Monthly.|Last year. The fair was cancelled then
The policy is under review by the board|Under-reporting campaign began|Numbers low after the school closed
Best guess is the warm weather|It is not confirmed whether this was arson|The confirmed cases are one estate
Two burglaries, under investigation|More patrols to come|New homes; more expected|Police use with care
Officers were not sure whether the complaint was right|Not sure why, no pattern seen|A suspect was charged
It is too high for our liking|The school did not return until 4 September|A sample of shops was visited|Test purchases
To September|July to September|After six months, numbers fell|Queries from residents rose|At least, residents say so
Disputes between neighbours|Errors in dispatch were mended|Unsafe parking|Working with schools on it|To follow up
+5|+5 on last quarter|Average of 3 a week|2.4 per 1,000|Half were in August|July - September 2014|Year 2 of 3
Adults only|Residential only|Only one PCSO|Only two officers in post|Excludes attempts|Under 18s only
5 in Blaby|People not incidents|Neighbour disputes
25 of 43 were repeats|Without incident|One call each week|Violence with injury only
The council has not sent officers out since May|We will correct the lighting|Check points at the fair|Pro-active work"""


@pytest.mark.parametrize("words", re.split(r"[|\n]", ABOUT_OTHER_THINGS))
def test_a_note_about_another_thing_leaves_its_figure_final_without_a_question(words: str) -> None:
    form, sent = FORMS["charnwood"], good(notes={COUNT: words})
    decision = decided(mail(), facts(came_back(form, sent)))
    assert (codes(decision), decision.submissions[0].figures[0].status) == ([], "final")


def test_a_cause_may_say_it_too() -> None:
    decision = sent_in(edited(typed(layout.FIGURES, "I7", "Provisional figure")))
    assert decision.submissions[0].figures[0].status == "provisional"


ABOUT_THE_FIGURE = """April to September|Half year|Q1 figure|2013/14 figure|Q1 and Q2 combined|1 July to 15 September
Not the whole quarter|2 of 3 months|Data for August missing|Excl. September|or 36|42 or 43|between 40 and 45|maybe 36
Police say 57|2 more since|Two too many|Loughborough only|Shepshed not included|Excludes Housing|New method|Part data
Not comparable with last quarter|Planned figure|Average per month|Rounded|In thousands|Dodgy figure
Too high?|Can this be right?|Being checked with the force|Needs verification|Not yet agreed|One provider missing
3 belong to Q1|Please suppress|Withdrawn|Running total since April|Poor data|Not for the board
43+|At least 43|About 43|43 or so|2 of 3 sites|1 of 3 providers reported|Provider yet to report
No return from Syston
Nothing from housing yet|System down in September|Could go up|Likely to rise|Backlog|Average of 43 a week
Could not check|Unable to access ECINS|Same figure as last quarter as not updated|Max"""
ABOUT_THE_CAUSE = """40 in Q1|38 last quarter|20 in July, 13 in August, 10 in September|July 20, Aug 13, Sep 10|20+13+10
Target hardening|Planned event|All three months|District total|Data as at 3 October|Checked with the force|No issues
New provider from July|Double checked|Too soon to say|As expected|5 under 18|12 of these at one school|Not provisional
Possibly due to the weather|Restricted area|Partial closure of the park|Awaiting trial|Both schools|Unchanged"""


@pytest.mark.parametrize("words", re.split(r"[|\n]", f"{ABOUT_THE_FIGURE}|{ABOUT_THE_CAUSE}"))
def test_a_note_in_which_every_word_is_about_the_figure_is_asked_about_where_one_leaves_it_in_doubt(words: str) -> None:
    decision = decided(mail(), facts(came_back(FORMS["charnwood"], good(notes={COUNT: words}))))
    (first, *_) = decision.submissions[0].figures
    is_plain = not codes(decision) and first.status == "final"
    assert is_plain == (words in re.split(r"[|\n]", ABOUT_THE_CAUSE)), (codes(decision), first.status)
