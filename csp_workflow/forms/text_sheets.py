"""The sheets on which words are written: the summary, our questions, what the boards asked, the sign-off."""

from __future__ import annotations

from collections.abc import Mapping

from csp_workflow.forms import layout, row_rules
from csp_workflow.forms.draft import Box, Draft, Effort, FormPart, Question
from csp_workflow.forms.sheet import FIRST, Sheet, lay_sheet
from csp_workflow.forms.still_to_do import quote_text
from csp_workflow.terms.phrases import day, plural
from csp_workflow.terms.returns import SummaryRow
from csp_workflow.terms.site import ActionRow

_WORD_CHARACTERS = 6.2
_COMPARED = 200
"""The longest text that a formula compares a box with: a literal has room for 255 characters."""

_SHOWN = 40
"""How many words of room a box has as it is sent; people drag it larger, and we read all of it."""

_TEXTS_A_QUARTER = 2
"""How many themes a partnership usually has something to say about."""


# The contextual summary ---------------------------------------------------------------------------------


def write_summary(draft: Draft, rows: tuple[SummaryRow, ...]) -> FormPart:
    """Write the contextual summary: a row for each theme, and for what is told in words this quarter."""
    sheet = lay_sheet(
        draft, layout.SUMMARY, layout.SUMMARY_COLUMNS, len(rows), f"{layout.SUMMARY}: {draft.form.quarter.months}",
        *_lead_summary(rows), table="Summary_table", frozen=2,
        says="One row for each theme and each thing told in words: a quick answer, or what happened and what is next.",
    )  # fmt: skip
    return _fill_sheet(sheet, rows)


def write_year(draft: Draft, rows: tuple[SummaryRow, ...]) -> FormPart:
    """Write the year's account: its texts, and each objective with what it came to and whether it goes on."""
    year = draft.form.quarter.financial_year
    texts, objectives = (part for part in ([r for r in rows if r.is_of_objective is of] for of in (False, True)))
    lead = [
        "Once a year, for whoever writes the Commissioner's annual report: what is printed is quoted as you write it."
    ]
    choose = "Choose beside each objective whether it goes on; a line about it is welcome." if objectives else ""
    enough = "Of a text about as many words as its row names are enough." if texts else ""
    lead.append(" ".join(filter(None, (choose, enough))))
    sheet = lay_sheet(
        draft, layout.YEAR, layout.YEAR_COLUMNS, len(rows), f"{layout.YEAR} {year}", *lead,
        table="Year_table", frozen=2,
        says="One row for each text about the year, and for each objective: whether it goes on, and what it came to.",
    )  # fmt: skip
    return _fill_sheet(sheet, rows)


def _fill_sheet(sheet: Sheet, rows: tuple[SummaryRow, ...]) -> FormPart:
    for at, row in enumerate(rows, start=FIRST):
        _write_summary_row(sheet, at, row)
    sheet.whiten()
    asked = [row for row in rows if row.required]
    quick = [row for row in asked if row.quick]
    texts = [row.words for row in asked if not row.quick] + [row.words for row in quick[:_TEXTS_A_QUARTER]]
    ticks = max(len(quick) - _TEXTS_A_QUARTER, 0) + sum(bool(row.promise) for row in rows)
    asks = "A quick answer or a short text for each row" if quick else plural(len(asked), "short text")
    return sheet.as_part(asks, Effort(ticks=ticks, typed=sum(texts)))


def _lead_summary(rows: tuple[SummaryRow, ...]) -> tuple[str, str]:
    quick = f"Nothing new? Choose it under “{layout.QUICK}” and go on. " if any(row.quick for row in rows) else ""
    return (
        f"{quick}Otherwise write: about {max(row.words for row in rows)} words are enough, and we read all of it.",
        "The Board reads your words: no names, please. We ask about what stands twice, or nearly as last quarter.",
    )


def _write_summary_row(sheet: Sheet, at: int, row: SummaryRow) -> None:
    texts = {
        layout.REF: row.ref,
        layout.THEME: "\n".join(filter(None, (row.heading, row.prompt))),
        layout.PLAYED_BACK: row.played_back or "Nothing was said.",
        layout.PROMISED: row.promise or "No promise was made.",
    }
    said = sheet.show(at, texts, {})
    is_chosen = row.is_of_objective
    is_owed = is_chosen or not row.quick
    left_out = [header for header, is_asked in _asked_of(row).items() if not is_asked and header in sheet.places]
    said |= sheet.not_needed(at, left_out)
    for header in (one for one in layout.SUMMARY_INPUTS if one in sheet.places and one not in left_out):
        said[header] = sheet.put(
            at,
            _text_box(
                sheet.name,
                row.ref,
                header,
                row.heading,
                _kind(row, header),
                required=row.required and header == (layout.QUICK if is_chosen else layout.HAPPENED) and is_owed,
            ),
        )
    if row.promise:
        sheet.choose(at, at, layout.PROMISE_NOW, tuple(layout.PROMISE_MEANS))
    if row.quick:
        sheet.choose(at, at, layout.QUICK, layout.quick_choices(row))
    width = next(c.width for c in sheet.columns if c.header == layout.HAPPENED)
    room = int(min(row.words, _SHOWN) * _WORD_CHARACTERS / width) + 1
    rules = row_rules.rules_of_summary(row)
    sheet.finish(
        at, row.ref, rules, {**said, layout.PLAYED_BACK: row.played_back or texts[layout.PLAYED_BACK]}, least=room
    )


def _asked_of(row: SummaryRow) -> Mapping[str, bool]:
    return {layout.PROMISE_NOW: bool(row.promise), layout.QUICK: bool(row.quick)}


def _kind(row: SummaryRow, header: str) -> str:
    choices = {layout.QUICK: layout.quick_choices(row), layout.PROMISE_NOW: tuple(layout.PROMISE_MEANS)}
    return f"one of: {'; '.join(choices[header])}" if header in choices else "text"


def _text_box(sheet: str, key: str, column: str, what: str, kind: str = "text", *, required: bool = False) -> Box:
    name, label = layout.box_name(sheet, key, column), f"{key} {what}: {column}"
    return Box(sheet=sheet, key=key, column=column, name=name, kind=kind, label=label, required=required)


# What the boards asked ----------------------------------------------------------------------------------


def write_actions(draft: Draft) -> FormPart:
    """Write what the boards asked of the respondent, with a place for the answer."""
    rows = draft.form.actions
    sheet = lay_sheet(
        draft, layout.ACTIONS, layout.ACTION_COLUMNS, len(rows), "Actions: what the boards asked of you",
        "Say in a line what you have done, and choose how it stands.", table="Actions_table", frozen=1,
        says="One row for each action a board asked for, with boxes for the answer and how it stands.",
    )  # fmt: skip
    for at, row in enumerate(rows, start=FIRST):
        _write_action_row(sheet, at, row)
    sheet.choose(FIRST, FIRST + len(rows) - 1, layout.STATUS, layout.ACTION_CHOICES)
    sheet.whiten()
    return sheet.as_part(plural(len(rows), "action"), Effort(ticks=len(rows), typed=15 * len(rows)))


def _write_action_row(sheet: Sheet, at: int, row: ActionRow) -> None:
    texts = {
        layout.REF: row.ref,
        layout.BOARD: row.board,
        layout.ACTION: row.wording,
        layout.ASKED: day(row.asked),
        layout.DUE: day(row.due),
    }
    said = sheet.show(at, texts, {})
    kinds = {layout.ANSWER: "text", layout.STATUS: "one of: " + "; ".join(layout.ACTION_CHOICES)}
    for header, kind in kinds.items():
        box = _text_box(layout.ACTIONS, row.ref, header, row.wording, kind, required=header == layout.ANSWER)
        said[header] = sheet.put(at, box)
    sheet.finish(at, row.ref, row_rules.rules_of_action(), said, least=3)


# What we ask about a form that came ----------------------------------------------------------------------


def lay_questions(draft: Draft) -> Sheet:
    """The sheet of our questions, in its place among the others; they are written once the boxes stand."""
    return lay_sheet(
        draft, layout.QUESTIONS, layout.QUESTION_COLUMNS, len(draft.questions),
        f"{layout.QUESTIONS}: {draft.form.quarter.months}",
        "One row for each question. Answer beside it, or put it right in its box: the link under Ref leads there.",
        table="Questions_table", frozen=1,
        says="One row for each question about what you sent: what we saw, what we ask, and boxes for your answer.",
    )  # fmt: skip


def write_questions(sheet: Sheet) -> FormPart:
    """Write the questions, each with a link to its box."""
    questions = sheet.draft.questions
    for at, one in enumerate(questions, start=FIRST):
        _write_question(sheet, at, one)
    sheet.choose(FIRST, FIRST + len(questions) - 1, layout.ANSWER, layout.QUESTION_CHOICES)
    sheet.whiten()
    return sheet.as_part(plural(len(questions), "question"), Effort(ticks=len(questions)))


def _write_question(sheet: Sheet, at: int, one: Question) -> None:
    key, mark, cell = f"Q{one.number}", one.mark, one.place.partition("!")[2]
    about = one.label or " ".join(filter(None, (mark.key, mark.column)))
    texts = {
        layout.REF: key,
        layout.WHERE: "\n".join(filter(None, (about, f"{mark.sheet} {cell}".strip()))),
        layout.SAW: mark.saw or "Nothing that we could use.",
        layout.ASK: mark.sentence,
    }
    said = sheet.show(at, texts, {})
    if one.place:  # on the short cell: not every program breaks the lines of a link
        sheet.page.write_url(at, sheet.places[layout.REF], f"internal:{one.place}", sheet.draft.looks("link"), key)
    for header in (layout.ANSWER, layout.WORDS):
        kind = "one of: " + "; ".join(layout.QUESTION_CHOICES) if header == layout.ANSWER else "text"
        said[header] = sheet.put(at, _text_box(layout.QUESTIONS, key, header, about, kind))
    is_short = bool(one.place) and len(one.text) <= _COMPARED
    changed = f'IF({one.place}&""<>{quote_text(one.text)},"yes","")' if is_short else '""'
    others = {row_rules.QUESTION: (changed, "")}
    sheet.finish(at, key, row_rules.rules_of_question(), said, others=others)


# Sign-off: who completed the form, and the two ticks that speak for the whole return ----------------------


def write_sign_off(draft: Draft) -> FormPart:
    """Write who completed the form, and the two ticks."""
    rows = layout.SIGN_OFF_ROWS
    lead = ["Say who completed the form. Nothing at all to report? Then this sheet is all we need."]
    if draft.form.kind.value == "partnership":
        lead.append("When your return is complete we ask your chair to approve it by email; you need not do so here.")
    sheet = lay_sheet(
        draft, layout.SIGN_OFF, layout.SIGN_OFF_COLUMNS, len(rows), layout.SIGN_OFF, *lead,
        table="Sign_off_table", says="Who completed the form, and whether there is nothing to report.",
    )  # fmt: skip
    for at, row in enumerate(rows, start=FIRST):
        said = sheet.show(at, {layout.ITEM: row.label, layout.HELP: row.help}, {})
        said[layout.ENTRY] = sheet.put(at, _sign_off_box(row))
        sheet.finish(
            at, row.label, row_rules.rules_of_sign_off(row), said, least=3 if row.label == layout.REASON else 1
        )
        if row.choices:
            sheet.choose(at, at, layout.ENTRY, row.choices)
    sheet.whiten()
    return sheet.as_part("Your name", Effort(typed=3))


def _sign_off_box(row: layout.SignOffRow) -> Box:
    return Box(
        sheet=layout.SIGN_OFF,
        key=row.label,
        column=layout.ENTRY,
        name=layout.box_name(layout.SIGN_OFF, row.name, ""),
        kind="one of: " + "; ".join(row.choices) if row.choices else "text",
        label=row.label,
        required=row.required,
    )
