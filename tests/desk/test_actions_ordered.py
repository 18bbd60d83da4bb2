"""What a board asked, as she writes it after the meeting: read, recorded, told, closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.chase import beat
from csp_workflow.chase.grounds import judge_ground
from csp_workflow.desk.commands import CarriedOut, Command, OrderFacts, Refused, Verb
from csp_workflow.desk.orders import carry_out
from csp_workflow.desk.reading import parse
from csp_workflow.desk.usages import fill_in
from csp_workflow.digest.facts import DigestFacts, Round
from csp_workflow.digest.occasions import list_overdue, list_unrecorded
from csp_workflow.letters.catalogue import render
from csp_workflow.terms.actions import Action, ActionState
from csp_workflow.terms.dates import PaperDates
from csp_workflow.terms.events import About, Happened, Letter
from csp_workflow.terms.service_status import lay_actions
from csp_workflow.terms.site import Site
from tests.chase.quarter_told import CHARNWOOD, DATES, HEALTH, MELTON, OFFICE, SITE, TEMPLATES, Told, at
from tests.desk.reading import LISTS, NAMES
from tests.desk.test_orders_done import HELD, forwarded
from tests.desk.test_orders_done import facts as order_facts

MEETING = date(2014, 12, 1)
"""A Monday; what is ordered on it leaves on Tuesday."""
NOW = at(1, month=12)
GIVEN = Action(
    ref="A7", respondent="melton", board="speb", wording="Report back.", asked=date(2014, 9, 11), due=date(2014, 11, 28)
)
PANEL = PaperDates(
    board="panel",
    meeting=date(2014, 12, 2),
    papers_out=date(2014, 11, 24),
    clearance=date(2014, 11, 20),
    draft=date(2014, 11, 17),
)
NOTED = tuple(replace(board, notes_to_all=board.key == "speb") for board in SITE.boards)


def told_site(**more: object) -> Told:
    site = replace(SITE, boards=NOTED, actions=(GIVEN,), courtesies=LISTS, **more)  # type: ignore[arg-type]
    return Told(site=site).open(at(15))


@pytest.fixture
def told() -> Told:
    return told_site()


def site_of(told: Told) -> Site:
    return lay_actions(told.site, order_facts(told).service.asked)


def facts(told: Told, **more: object) -> OrderFacts:
    return replace(order_facts(told, **more), site=site_of(told), planned=(told.dates,))


def read(words: str, told: Told, now: datetime) -> list[Command]:
    parsed = parse(words, today=now.date(), site=site_of(told), names=NAMES)
    assert not parsed.not_understood, parsed.not_understood
    return list(parsed.commands)


def order(told: Told, words: str, now: datetime = NOW, **more: object) -> CarriedOut:
    """The last of what a mail orders; all of it is kept."""
    for command in read(words, told, now):
        done = carry_out(command, facts(told, **more), now)
        told.commit(done.decision, now)
    return done


def fault(words: str, told: Told, now: datetime = NOW) -> str:
    (line,) = parse(words, today=now.date(), site=site_of(told), names=NAMES).not_understood
    return line.fault


def refusal(told: Told, words: str, now: datetime = NOW, **more: object) -> str:
    with pytest.raises(Refused) as why:
        order(told, words, now, **more)
    return str(why.value)


def test_a_board_that_takes_a_paper_a_year_has_not_met_and_asks_nothing() -> None:
    told = told_site()
    told.site = replace(told.site, boards=tuple(replace(one, yearly=one.key == "speb") for one in NOTED))
    assert "takes a paper and does not meet" in refusal(told, "ACTION speb CHARN BY 16 JAN: Say how it goes.")
    assert "takes a paper and does not meet" in refusal(told, "NOTES speb")


ASKED = ("CHARN", "speb", date(2015, 1, 16), "Say how the patrols will go on.")


@pytest.mark.parametrize(
    "words",
    [
        "ACTION speb charnwood BY 16 JAN: Say how the patrols will go on.",
        "Action: speb, Charnwood by 16 January 2015: say how the patrols will go on",
        "ACTION charnwood speb BY 16 JAN: Say how the patrols will go on.",
        "ACTION char for SPEB by 16 Jan: Say how the patrols will go on",
        "ACTION for Charnwood from speb by 16/1/2015 - say how the patrols will go on",
        "ACTION BY 16 JAN Charnwood speb: say how the patrols will go on.",
        "ACTION speb BY 16 JAN charn: say how the patrols will go on.",
        "please ACTION speb CHARN due by 16th January: Say how the patrols will go on",
        "ACTION speb CHARN: Say how the patrols will go on by 16 January.",
        "ACTION speb CHARN: Say how the patrols will go on, by 16 January 2015.",
        "ACTION Strategic Partnership Executive Board asked Charnwood by 16 January: say how the patrols will go on",
        "- ACTION speb CHARN, until 16 January 2015: Say how the patrols will go on.",
        "ACTION: SPEB, Charnwood to say how the patrols will go on by 16 January.",
        "Action point for Charnwood (speb): say how the patrols will go on by 16 January",
    ],
)
def test_an_action_is_read_in_whatever_case_and_order_it_is_written(words: str, told: Told) -> None:
    (command,) = read(words, told, at(1, month=12))
    assert (command.respondent, command.board, command.day, command.text) == ASKED
    (again,) = read(command.write(), told, at(1, month=12))
    assert replace(again, words="") == replace(command, words="")


def test_what_is_asked_keeps_its_words_marks_and_further_lines(told: Told) -> None:
    words = (
        "ACTION speb CHARN BY 16 Jan: What is done about \u201cone punch\u201d? Send the notes: names, dates (all of\n"
        "them) to the office.\n\nACTION speb MELT, RUTL by 16 Jan: Hold a meeting; then report."
    )
    first, *others = read(words, told, at(1, month=12))
    assert first.text == (
        "What is done about \u201cone punch\u201d? Send the notes: names, dates (all of them) to the office."
    )
    assert [(c.respondent, c.text) for c in others] == [
        ("MELT", "Hold a meeting; then report."),
        ("RUTL", "Hold a meeting; then report."),
    ]


def test_the_morning_letter_s_words_are_an_order_once_hers_stand_in_them(told: Told) -> None:
    told.happen(Happened.PAPER_DRAFTED, at(18, month=11), subject="speb", content="c", copy="d", number=1)
    told.happen(Happened.PAPER_CLEARED, at(24, month=11), subject="speb", content="c")
    told.happen(Happened.PAPER_CIRCULATED, at(26, month=11), subject="speb", content="d")
    cycle = told.facts()
    asked = DigestFacts(
        site=site_of(told), service=cycle.service, rounds=(Round(**vars(replace(cycle, site=site_of(told)))),)
    )
    now = at(2, month=12)
    (unrecorded,), (overdue,) = list_unrecorded(asked, now), list_overdue(asked, now)
    assert "Its form has no answer to it." in overdue.sentence
    filled = [words.replace("CODE", "CHARN").replace("day:", "16 January:") for words in unrecorded.words]
    for words in map(fill_in, (*filled, overdue.words[0])):
        order(told, words, now)
    after = replace(asked, site=site_of(told), rounds=(Round(**vars(replace(told.facts(), site=site_of(told)))),))
    assert not list(list_unrecorded(after, now))
    assert not list(list_overdue(after, now))
    assert not list(list_unrecorded(asked, at(1, month=12))), "on the day itself they are sitting"
    assert not list(list_unrecorded(asked, at(12, month=12))), "it is asked for some days, not for ever"


@pytest.mark.parametrize(
    "beside",
    [
        "Action speb MELT by 16 January: Say when.",
        "action MELT by Christmas: say when",
        "close A7 because it is done",
        "Hold MELT",
    ],
)
def test_another_order_below_a_long_one_is_no_part_of_it(beside: str, told: Told) -> None:
    first = "ACTION speb CHARN by 16 January: Say how the patrols will go on in the coming year, and who pays"
    parsed = parse(f"{first}\n{beside}", today=MEETING, site=site_of(told), names=NAMES)
    assert [line.words for line in parsed.lines] == [first, beside]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("ACTION speb charnwood: Say how.", "by when"),
        ("ACTION speb charnwood say how", "by when"),
        ("ACTION speb charnwood: Say by 16 January what is done by whom.", "by when"),
        ("ACTION speb charnwood BY Christmas time: Say how.", "not a day"),
        ("ACTION speb BY 16 Jan: Say how.", "does not say of whom"),
        ("ACTION speb Nowhere BY 16 Jan: Say how.", "There is no respondent"),
        ("ACTION speb charnwood quickly BY 16 Jan: Say how.", "'quickly' was not understood"),
        ("ACTION speb panel charnwood BY 16 Jan: Say how.", "one board"),
        ("ACTION speb charnwood BY 16 Jan:", "what is asked"),
        ("ACTION speb charnwood BY 16 Jan: reason", "only shows where"),
        ("ACTION speb charnwood BY 16 Jan: what is asked", "only shows where"),
        ("ACTION speb CODE BY 16 Jan: Say how.", "There is no respondent 'CODE'"),
        ("ACTION speb charnwood BY day: Say how.", "not a day"),
        ("ACTION speb charnwood BY 16 Jan: say how, and CIRCULATE speb", "may be an order"),
        ("ACTION speb charnwood?", "question mark"),
        ("CLOSE BECAUSE it is done", "There is no action"),
        ("CLOSE A9 BECAUSE it is done", "There is no action"),
        ("CLOSE A7", "BECAUSE and the reason"),
        ("CLOSE A7 unless Melton objects", "more than a reason"),
    ],
)
def test_what_is_not_wholly_understood_records_nothing(words: str, said: str, told: Told) -> None:
    assert said in fault(words, told)


@given(
    st.sampled_from(["ACTION", "Action", "action:"]),
    st.permutations(["speb", "CHARN", "by 16 January"]),
    st.sampled_from([": ", " - ", ": - "]),
)
def test_names_and_day_may_stand_in_any_order(verb: str, parts: list[str], mark: str) -> None:
    words = f"{verb} {' '.join(parts)}{mark}Say how the patrols will go on."
    if parts[-1] != "by 16 January" and ":" not in mark:
        return  # without a colon the day parts the names from the words
    (command,) = read(words, told_site(), at(1, month=12))
    assert (command.respondent, command.board, command.day, command.text) == ASKED


def test_an_action_is_numbered_after_all_that_there_are_and_said_back_in_full(told: Told) -> None:
    done = order(told, "ACTION speb CHARN by 16 Jan: Say how.\nACTION speb MELT by 16 Jan: Say when.")
    assert [a.ref for a in site_of(told).actions] == ["A7", "A8", "A9"]
    assert done.sentences[0] == (
        "A9: the Strategic Partnership Executive Board asked Melton on Monday 1 December 2014: \u201cSay when.\u201d "
        "It is due by Friday 16 January 2015."
    )
    assert "on Tuesday 2 December 2014" in done.sentences[1]
    action = site_of(told).actions[1]
    assert (action.respondent, action.board, action.asked, action.due) == (
        "charnwood",
        "speb",
        MEETING,
        date(2015, 1, 16),
    )
    assert action.state_on(date(2015, 1, 16)) is ActionState.OPEN
    assert action.state_on(date(2015, 1, 17)) is ActionState.OVERDUE


def test_it_is_refused_before_the_meeting_for_a_past_day_and_twice(told: Told) -> None:
    assert "meets on Monday 1 December 2014" in refusal(told, "ACTION speb CHARN by 16 Jan: Say how.", at(28, month=11))
    assert "is past" in refusal(told, "ACTION speb CHARN by 30 Nov 2014: Say how.")
    order(told, "ACTION speb CHARN by 16 Jan: Say how.")
    assert "recorded already, as A8" in refusal(told, "ACTION speb CHARN by 17 Jan: Say how.")


def test_without_a_name_the_board_is_the_one_that_met_lately_or_whose_paper_is_answered(told: Told) -> None:
    order(told, "ACTION CHARN by 16 Jan: Say how.")
    assert site_of(told).actions[-1].board == "speb"
    told.dates = replace(told.dates, papers=(*DATES.papers, PANEL))
    later = at(3, month=12)
    assert "panel (Tuesday 2 December 2014) or speb" in refusal(told, "ACTION MELT by 16 Jan: Say when.", later)
    answered = replace(forwarded(HELD), about=(About(board="panel"),))
    order(told, "ACTION MELT by 16 Jan: Say when.", later, answered=answered)
    assert (site_of(told).actions[-1].board, site_of(told).actions[-1].asked) == ("panel", PANEL.meeting)
    told.dates = replace(told.dates, papers=())
    assert "No board has met" in refusal(told, "NOTES", later)


def test_notes_are_refused_where_nobody_would_be_told(told: Told) -> None:
    told.dates = replace(told.dates, papers=(PANEL,))
    assert "go only to whom it asked something" in refusal(told, "NOTES panel", at(3, month=12))
    order(told, "ACTION panel CHARN by 16 Jan: Say how.", at(3, month=12))
    assert "what it asked (A8)" in order(told, "NOTES panel", at(3, month=12)).sentences[0]


def test_an_action_is_closed_with_a_reason_once_those_of_the_configuration_too(told: Told) -> None:
    done = order(told, "CLOSE action 7, because: they told us at the meeting")
    assert "asked of Melton, is closed" in done.sentences[0]
    (action,) = site_of(told).actions
    assert (action.closed, action.reason) == (at(1, month=12), "they told us at the meeting")
    assert action.state_on(MEETING) is ActionState.CLOSED
    assert "was closed on Monday 1 December 2014" in refusal(told, "CLOSE A7 BECAUSE it is done")
    with pytest.raises(Refused, match="There is no action A99"):
        carry_out(Command(verb=Verb.CLOSE, words="", action="A99", reason="done"), facts(told), at(1, month=12))


# The notes ------------------------------------------------------------------------------------------


def chase(told: Told, now: datetime) -> list[Letter]:
    cycle = replace(told.facts(), site=site_of(told))
    letters = [x for x in beat.decide_chase(cycle, now).letters if x.kind == "board-note"]
    told.commit(replace(beat.Decision(), letters=tuple(letters)), now)
    return letters


def say(letter: Letter) -> str:
    return " ".join(render(letter, OFFICE, environment=TEMPLATES).text.split())


def circulated(told: Told) -> Told:
    """Charnwood's return was approved, Melton's had faults, Rutland declined; then the paper went out."""
    sent = told.arrive(CHARNWOOD, at(29))
    told.happen(Happened.APPROVED, at(30), "charnwood", sent, by="chair@charnwood.example")
    told.arrive(MELTON, at(30), faults=2)
    told.happen(Happened.DECLINED, at(30), "rutland", reason="no staff")
    told.happen(Happened.CYCLE_CLOSED, at(14, month=11))
    told.happen(Happened.PAPER_DRAFTED, at(18, month=11), subject="speb", content="c", copy="d", number=1)
    told.happen(Happened.PAPER_CLEARED, at(24, month=11), subject="speb", content="c")
    told.happen(Happened.PAPER_CIRCULATED, at(26, month=11), subject="speb", content="d")
    return told


def test_each_respondent_gets_one_letter_on_the_next_working_morning(told: Told) -> None:
    circulated(told)
    order(told, "ACTION speb CHARN by 16 Jan: Say how.\nACTION speb CHARN by 20 Jan: Say who.")
    assert not chase(told, at(1, 10, month=12))
    assert not chase(told, at(2, 7, month=12))
    first = {letter.recipient: say(letter) for letter in chase(told, at(2, 8, month=12))}
    assert set(first) == {"lead@charnwood.example", "officer@county.example"}
    charnwood = first["lead@charnwood.example"]
    assert "had the report for July to September 2014 before it" in charnwood
    assert "your return of Wednesday 29 October 2014, approved by the Chair on" in charnwood
    assert "A8. Say how. By Friday 16 January 2015." in charnwood
    assert "A9. Say who." in charnwood
    county = first["officer@county.example"]
    assert "in which 2 entries had still to be corrected" in county
    assert "that you would make no return" in county
    assert "The board asked nothing of Melton." in county
    assert "There is nothing for you to do." in county
    assert not chase(told, at(2, 9, month=12))
    assert not chase(told, at(3, 9, month=12))


def test_what_was_in_the_report_is_said_as_it_was_shown_there(told: Told) -> None:
    told.arrive(CHARNWOOD, at(29))
    told.arrive(HEALTH, at(29))
    told.happen(Happened.PAPER_DRAFTED, at(18, month=11), subject="speb", content="c", copy="d", number=1)
    told.happen(Happened.PAPER_CLEARED, at(24, month=11), subject="speb", content="c")
    told.happen(Happened.PAPER_CIRCULATED, at(26, month=11), subject="speb", content="d")
    told.arrive(CHARNWOOD, at(27, month=11))
    order(told, "ACTION speb PH by 16 Jan: Say what.")
    letters = {letter.recipient: say(letter) for letter in chase(told, at(2, month=12))}
    shown = "The report showed your return of Wednesday 29 October 2014"
    assert f"{shown}, which had not been approved." in letters["lead@charnwood.example"]
    assert f"{shown}. The board asked of Public Health" in letters["lead@health.example"]


def test_what_is_recorded_later_goes_to_those_alone_whom_it_is_about(told: Told) -> None:
    order(told, "ACTION speb CHARN by 16 Jan: Say how.")
    assert len(chase(told, at(2, month=12))) == 2
    order(told, "ACTION speb PH by 16 Jan: Say what.", at(4, month=12))
    (letter,) = chase(told, at(5, month=12))
    assert letter.recipient == "lead@health.example"
    assert "had the report" not in say(letter)


def test_a_board_without_notes_to_all_tells_whom_it_asked_alone() -> None:
    told = told_site()
    told.site = replace(told.site, boards=SITE.boards)
    order(told, "ACTION speb CHARN by 16 Jan: Say how.")
    assert [x.recipient for x in chase(told, at(2, month=12))] == ["lead@charnwood.example"]


def test_notes_alone_tell_every_partnership(told: Told) -> None:
    order(told, "NOTES")
    assert {x.recipient for x in chase(told, at(2, month=12))} == {"lead@charnwood.example", "officer@county.example"}


def test_what_is_closed_before_the_letter_is_not_told_and_a_waiting_letter_is_written_anew(told: Told) -> None:
    order(told, "ACTION speb CHARN by 16 Jan: Say how.\nACTION speb CHARN by 20 Jan: Say who.")
    (letter, _) = chase(told, at(2, month=12))
    assert "A9" in say(letter)
    order(told, "CLOSE A9 BECAUSE it was another board's", at(2, 10, month=12))
    cycle = replace(told.facts(), site=site_of(told))
    (waiting,) = [x for x in told.letters if x.recipient == "lead@charnwood.example" and x.kind == "board-note"]
    assert judge_ground(waiting, cycle, at(2, 11, month=12)) == "A9 was closed since."
    (other,) = [x for x in told.letters if x.recipient == "officer@county.example"]
    assert judge_ground(other, cycle, at(2, 11, month=12)) == ""


def test_a_held_respondent_is_told_when_the_hold_is_taken_back(told: Told) -> None:
    order(told, "ACTION speb CHARN by 16 Jan: Say how.\nHOLD CHARN")
    assert [x.recipient for x in chase(told, at(2, month=12))] == ["officer@county.example"]
    order(told, "RESUME CHARN", at(3, month=12))
    assert [x.recipient for x in chase(told, at(3, 10, month=12))] == ["lead@charnwood.example"]


def test_who_was_written_to_today_gets_the_note_on_another_day(told: Told) -> None:
    told.dates = replace(told.dates, papers=(*DATES.papers, PANEL))
    order(told, "ACTION speb CHARN by 16 Jan: Say how.")
    order(told, "ACTION panel CHARN by 16 Jan: Say who.", at(2, month=12))
    assert len(chase(told, at(3, month=12))) == 2  # Charnwood one of its two, and the county
    told.post(at(3, month=12))
    (second,) = chase(told, at(4, month=12))
    assert "Police and Crime Panel" in say(second)
