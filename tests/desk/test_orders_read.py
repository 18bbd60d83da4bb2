"""Reading the co-ordinator's reply: tolerant in form, strict in meaning, and no line of it dropped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.desk.commands import HARMLESS, Command, Verb
from csp_workflow.desk.orders import say_why_it_waits
from csp_workflow.desk.usages import USAGES
from csp_workflow.terms.written_days import DayNotRead, read_day, split_day
from tests.desk.reading import TODAY, ask_about, read, read_one


def verbs(text: str) -> list[str]:
    return [command.verb.value for command in read(text).commands]


@pytest.mark.parametrize(
    "text",
    [
        "SEND",
        "send",
        "Send.",
        "  send!  ",
        "Please send",
        "Send, please",
        "SEND thanks",
        '"SEND"',
        "- SEND",
        "1. send",
        "Send it",
        "*SEND*",
        "_SEND_",
        "Reply: SEND",
        "send please",
        "OK, SEND",
        "Ok send",
        "\u201cSEND\u201d",
        "\u2022 SEND",
        "Yes, send",
        "Yes please, SEND",
        "send it all please",
        "Send them",
        "SEND (all of them)",
        "OK\nSEND",
        "Great, thanks!\n\nSEND",
        "Looks good to me\n\nSEND",
        "SEND as proved",
        "SEND\n\nJane Doe (she/her)\nPerformance Officer\nDirect: 0116 496 0100 | Mobile: 07700 900100",
        "SEND, many thanks, Jane",
        "All fine, please send",
        "Happy for you to send",
        "Could you please send the requests?",
        "SEND\n\nKind regards\nJane Doe\n\nThis is for the intended recipient.\nNo copies. If not you, send it back.",
        "SEND ALL",
        "Please send the requests",
        "Thank you\n\nSEND",
        "Dear all,\n\nThanks\n\nSEND",
        "Hi, SEND",
        "Good morning. Please send. Thanks.",
        "SEND \U0001f44d",
        "S\u200bEND",
        "\uff33\uff25\uff2e\uff24",
        "**SEND**",
        "(SEND)",
        "SEND now",
        "Could you please send it out",
        "I\u2019d like to SEND",
        "a) SEND",
        "-> SEND",
        "SEND\n\nKind regards,\nJane",
        "SEND\n\nJane",
        "SEND\n-- \nJane Doe\n0116 1",
        "SEND\nSent from my iPhone",
        "SEND\nto all",
    ],
)
def test_letter_case_politeness_and_punctuation_do_not_matter(text: str) -> None:
    assert read_one(text).verb is Verb.SEND


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HOLD", {"verb": Verb.HOLD}),
        ("hold everything", {"verb": Verb.HOLD}),
        ("HOLD CHARN", {"verb": Verb.HOLD, "respondent": "CHARN"}),
        ("resume rutland.", {"verb": Verb.RESUME, "respondent": "RUTL"}),
        ("RELEASE", {"verb": Verb.RELEASE}),
        ("release all letters", {"verb": Verb.RELEASE}),
        ("Yes charn", {"verb": Verb.YES, "respondent": "CHARN"}),
        ("NO: CHARN", {"verb": Verb.NO, "respondent": "CHARN"}),
        ("HOLD - CHARN", {"verb": Verb.HOLD, "respondent": "CHARN"}),
        ("ACCEPT CHARN", {"verb": Verb.ACCEPT, "respondent": "CHARN"}),
        (
            "NIL CHARN BECAUSE told by telephone",
            {"verb": Verb.NIL, "respondent": "CHARN", "reason": "told by telephone"},
        ),
        ("Decline CHARN, because: no staff.", {"verb": Verb.DECLINE, "respondent": "CHARN", "reason": "no staff"}),
        ("DONE", {"verb": Verb.DONE}),
        ("done 3fa9c1d2", {"verb": Verb.DONE, "message": "3fa9c1d2"}),
        ("ASSIGN 3fa9c1d2 to CHARN", {"verb": Verb.ASSIGN, "message": "3fa9c1d2", "respondent": "CHARN"}),
        ("DISMISS 3fa9c1d2", {"verb": Verb.DISMISS, "message": "3fa9c1d2"}),
        ("CLEAR", {"verb": Verb.CLEAR}),
        ("Clear the draft", {"verb": Verb.CLEAR}),
        ("Clear the SPEB paper", {"verb": Verb.CLEAR, "board": "speb"}),
        ("CIRCULATE panel", {"verb": Verb.CIRCULATE, "board": "panel"}),
        ("Circulate the Police and Crime Panel paper", {"verb": Verb.CIRCULATE, "board": "panel"}),
        ("CIRCULATE speb ERRATUM 2", {"verb": Verb.CIRCULATE, "board": "speb", "erratum": 2}),
        ("Circulate the addendum to the SPEB paper", {"verb": Verb.CIRCULATE, "board": "speb", "erratum": 0}),
        ("CIRCULATE speb as written", {"verb": Verb.CIRCULATE, "board": "speb", "as_written": True}),
        ("CIRCULATE AS IT WAS WRITTEN", {"verb": Verb.CIRCULATE, "as_written": True}),
        (
            "CIRCULATE speb AS CLEARED AND AS WRITTEN",
            {"verb": Verb.CIRCULATE, "board": "speb", "as_cleared": True, "as_written": True},
        ),
        (
            "CIRCULATE speb AS WRITTEN, AS CLEARED",
            {"verb": Verb.CIRCULATE, "board": "speb", "as_cleared": True, "as_written": True},
        ),
        (
            "CIRCULATE speb ERRATUM 2 AS WRITTEN",
            {"verb": Verb.CIRCULATE, "board": "speb", "erratum": 2, "as_written": True},
        ),
        ("CIRCULATE erratum no. 3", {"verb": Verb.CIRCULATE, "erratum": 3}),
        (
            "DISMISS speb ERRATUM 2 BECAUSE the Board was told",
            {"verb": Verb.DISMISS, "board": "speb", "erratum": 2, "reason": "the Board was told"},
        ),
        (
            "dismiss the erratum, because it is one case",
            {"verb": Verb.DISMISS, "erratum": 0, "reason": "it is one case"},
        ),
        ("ADDRESS OK Lead@council.example", {"verb": Verb.ADDRESS, "address": "lead@council.example"}),
        ("status please", {"verb": Verb.STATUS}),
        ("DASHBOARD", {"verb": Verb.DASHBOARD, "whom": ""}),
        ("DASHBOARD PUBLIC", {"verb": Verb.DASHBOARD, "whom": "public"}),
        ("DASHBOARD for the public, please", {"verb": Verb.DASHBOARD, "whom": "public"}),
        ("STATUS?", {"verb": Verb.STATUS}),
        ("HELP", {"verb": Verb.HELP}),
    ],
)
def test_every_command_is_read(text: str, expected: dict[str, object]) -> None:
    assert read_one(text) == Command(**{"words": text, **expected})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("CLEAR speb ERRATUM 1", "An erratum is drafted by itself"),
        ("DRAFT speb ERRATUM", "An erratum is drafted by itself"),
        ("DISMISS speb ERRATUM 1", "BECAUSE and the reason"),
        ("DISMISS speb ERRATUM 1 BECAUSE reason", "only shows where your own words go"),
        ("CIRCULATE speb ERRATUM 1 AS CLEARED", "was not understood"),
        ("CLEAR speb AS WRITTEN", "was not understood"),
        ("CIRCULATE speb ERRATUM 1 on Monday", "was not understood"),
    ],
)
def test_an_order_about_an_erratum_that_says_more_is_asked_about(text: str, why: str) -> None:
    assert not read(text).commands
    assert why in read(text).not_understood[0].fault


# Names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("hold Melton", ["MELT"]),
        ("HOLD MELT and CHARN", ["MELT", "CHARN"]),
        ("HOLD MELT, CHARN & RUTL", ["MELT", "CHARN", "RUTL"]),
        ("HOLD MELT,CHARN", ["MELT", "CHARN"]),
        ("HOLD MELT\nand CHARN", ["MELT", "CHARN"]),
        ("HOLD Melton, Charnwood and the Public Health", ["MELT", "CHARN", "PH"]),
        ("HOLD Public", ["PH"]),
        ("HOLD charnw", ["CHARN"]),
        ("HOLD Melton's", ["MELT"]),
        ("HOLD MELT and MELT", ["MELT"]),
        ("EXTEND MELT, CHARN TO 5 November BECAUSE leave", ["MELT", "CHARN"]),
        ("EXTEND Melton and Charnwood to 5 November - leave", ["MELT", "CHARN"]),
        ("DECLINE RUTL no return this year", ["RUTL"]),
        ("CLEAR speb and panel", ["speb", "panel"]),
        ("HOLD MELT; RESUME CHARN", ["MELT", "CHARN"]),
        ("HOLD MELT and RESUME CHARN", ["MELT", "CHARN"]),
        ("HOLD MELT. Extend CHARN to 5 November because leave.", ["MELT", "CHARN"]),
    ],
)
def test_several_names_and_beginnings_of_names_are_understood(text: str, codes: list[str]) -> None:
    parsed = read(text)
    assert not parsed.not_understood
    assert [command.respondent or command.board for command in parsed.commands] == codes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("HOLD on a minute", "There is no respondent 'a minute'. The codes are: CHARN, MELT"),
        ("HOLD Meltn", "Did you mean MELT (Melton)?"),
        ("YES CHARN and Ruttland", "'and Ruttland' was not understood"),
        ("CLEAR spbe", "There is no board 'spbe'. Did you mean speb"),
        ("CLEAR draft 2", "There is no board"),
        ("HOLD everything but MELT", "There is no respondent"),
    ],
)
def test_a_name_that_nobody_has_is_asked_with_those_that_are_near(text: str, said: str) -> None:
    assert said in ask_about(text)


def test_a_beginning_that_several_have_is_asked_with_all_of_them() -> None:
    from csp_workflow.desk.names import Directory, Nameable, NotFound

    north = [
        Nameable(code=code, title=name, exact=frozenset({code.lower(), name.lower()}), names=frozenset())
        for code, name in (("NWL", "North West"), ("NEL", "North East"), ("OADW", "Oadby and Wigston"))
    ]
    directory = Directory(what="respondent", things=tuple(north))
    with pytest.raises(NotFound, match=r"'North' may be NWL \(North West\) or NEL \(North East\)"):
        directory.split("North")
    assert directory.split("North West, Oadby and Wigston and NEL") == (("NWL", "OADW", "NEL"), "")
    assert directory.split("Oadby & Wigston because x") == (("OADW",), "because x")


def test_a_name_with_a_comma_that_may_be_a_list_is_asked_about() -> None:
    from csp_workflow.desk.names import Directory, Nameable, NotFound

    things = [
        Nameable(code=code, title=name, exact=frozenset({code.lower()}), names=frozenset({name.lower()}))
        for code, name in (
            ("LEIC", "Leicester"),
            ("RUTL", "Rutland"),
            ("LSCB", "Leicester Leicestershire and Rutland Boards"),
        )
    ]
    directory = Directory(what="respondent", things=tuple(things))
    with pytest.raises(NotFound, match=r"or several one by one. Write the codes."):
        directory.split("Leicester, Leicestershire and Rutland")
    assert directory.split("Leicester, Rutland") == (("LEIC", "RUTL"), "")


# Days --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "meant"),
    [
        *(
            (day, 5)
            for day in (
                "5 November",
                "5 November 2014",
                "5th Nov",
                "Wednesday 5 November",
                "Nov 5",
                "5/11",
                "5/11/14",
                "05.11.2014",
                "2014-11-05",
                "Wednesday",
                "next Wednesday",
                "this Wednesday",
                "on Wednesday",
                "Weds",
                "the 5th",
                "Wednesday the 5th",
                "next Wednesday (5 November)",
                "Wednesday, 5 November 2014",
            )
        ),
        ("tomorrow", 1),
        ("the day after tomorrow", 2),
        ("Monday week", 10),
        ("a week on Monday", 10),
        ("in two weeks", 14),
        ("in 2 weeks' time", 14),
        ("in a fortnight", 14),
        ("two weeks from today", 14),
        ("Friday", 7),
        ("in ten days", 10),
        ("tomorrow, 1 November", 1),
    ],
)
def test_an_extension_takes_any_way_of_writing_a_day(day: str, meant: int) -> None:
    command = read_one(f"EXTEND CHARN TO {day} BECAUSE the analyst is on leave")
    assert command.day == date(2014, 11, meant)
    assert command.reason == "the analyst is on leave"


@pytest.mark.parametrize(
    ("longer", "days"),
    [
        ("by a week", "7 days"), ("for another week", "7 days"), ("a fortnight longer", "14 days"),
        ("two more days", "2 days"), ("by two days", "2 days"), ("by 2 working days", "2 working days"),
        ("for a further 3 days", "3 days"), ("an extra week", "7 days"), ("another two weeks", "14 days"),
        ("by one more week", "7 days"), ("for two weeks longer", "14 days"), ("BY 10 DAYS", "10 days"),
    ],
)  # fmt: skip
def test_so_much_longer_is_read_and_said_back(longer: str, days: str) -> None:
    command = read_one(f"EXTEND CHARN {longer} BECAUSE the analyst is on leave")
    assert (command.day, str(command.longer), command.reason) == (None, days, "the analyst is on leave")
    assert read_one(command.write()).longer == command.longer


@pytest.mark.parametrize(
    "said", ["by a few days", "a bit longer", "by a couple of weeks", "by a week on Monday", "by a week or two",
             "by two working weeks", "by 0 days", "by half a week", "a week", "two weeks", "to two weeks",
             "by 100 weeks", "by -1 week"],
)  # fmt: skip
def test_how_much_longer_is_asked_where_it_is_not_clear(said: str) -> None:
    parsed = read(f"EXTEND CHARN {said} BECAUSE the analyst is on leave")
    assert (parsed.commands, bool(parsed.not_understood)) == ((), True)


@pytest.mark.parametrize(
    "length", ["1.5 weeks", "1,5 weeks", "one and a half weeks", "a week and a half", "half a week", "1 1/2 weeks",
               "1\u00bd weeks", "2 weeks and a half"],
)  # fmt: skip
def test_a_length_with_a_part_of_a_week_is_no_day_of_a_month(length: str) -> None:
    for said in (f"EXTEND CHARN by {length} BECAUSE of leave", f"EXTEND CHARN to {length} BECAUSE of leave"):
        assert "may be reckoned in several ways" in ask_about(said)
    with pytest.raises(DayNotRead, match="reckoned"):
        read_day(length, today=TODAY)
    assert read_day("1.5", today=date(2014, 4, 1)) == date(2014, 5, 1)


def test_a_day_without_a_year_is_the_next_one() -> None:
    assert read_day("3 January", today=TODAY) == date(2015, 1, 3)
    assert read_day("31 October", today=TODAY) == date(2014, 10, 31)
    assert read_day("the 30th", today=TODAY) == date(2014, 11, 30)
    assert read_day("today", today=TODAY) == TODAY


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Tuesday 5 November 2014", "is a Wednesday, not a Tuesday"),
        ("30 February", "no such day"),
        ("3 October", "Friday 3 October 2014 is past. If you mean Saturday 3 October 2015, write the year as well"),
        ("the 32nd", "no such day"),
        ("next week", "not a day we can read"),
        ("5 Nosuch", "not a day we can read"),
        ("tomorrow 5 November", "contradicts itself"),
        ("next Tuesday 25 November", "contradicts itself"),
        ("in 3 working days", "not a day we can read"),
        ("Wednesday after next", "not a day we can read"),
        ("3 November or 5 November", "not a day we can read"),
    ],
)
def test_a_day_that_contradicts_itself_is_not_guessed(text: str, said: str) -> None:
    with pytest.raises(DayNotRead, match=said):
        read_day(text, today=TODAY)


def test_next_wednesday_said_on_a_monday_may_be_two_days() -> None:
    with pytest.raises(DayNotRead, match="may be Wednesday 29 October 2014 or Wednesday 5 November 2014"):
        read_day("next Wednesday", today=date(2014, 10, 27))
    assert read_day("Wednesday", today=date(2014, 10, 29)) == date(2014, 11, 5)


def test_a_day_without_its_month_is_parted_from_what_follows() -> None:
    assert split_day("5 November the analyst is ill", today=TODAY) == (date(2014, 11, 5), "the analyst is ill")
    with pytest.raises(DayNotRead, match="not clear"):
        split_day("Wednesday the analyst is ill", today=TODAY)
    with pytest.raises(DayNotRead, match="not a Tuesday"):
        split_day("Tuesday 5 November 2014 BECAUSE leave", today=TODAY)
    with pytest.raises(DayNotRead, match="not a day we can read"):
        split_day("by two weeks BECAUSE leave", today=TODAY)


# Reasons -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("DECLINE RUTL no return this year", "no return this year"),
        ("EXTEND MELT TO 5 November - the analyst is ill", "the analyst is ill"),
        ("EXTEND MELT TO 5 November, the analyst is ill.", "the analyst is ill"),
        ("EXTEND MELT TO 5 November (the analyst is ill)", "the analyst is ill"),
        ("EXTEND MELT TO 5 November as the analyst is ill", "as the analyst is ill"),
        ("EXTEND MELT 5 November because of leave", "leave"),
        ("NIL Melton: nothing happened", "nothing happened"),
        ("NIL MELT REASON told by telephone", "told by telephone"),
        ("EXTEND RUTL TO 5 November BECAUSE the lead\nis away until Monday", "the lead is away until Monday"),
        ("EXTEND MELT TO Wednesday 5 November\nBECAUSE the analyst is ill", "the analyst is ill"),
        ("NIL MELT BECAUSE THEY SEND NOTHING", "THEY SEND NOTHING"),
        (
            "EXTEND MELT TO 14 November BECAUSE the lead is on leave until 10 November",
            "the lead is on leave until 10 November",
        ),
        ("EXTEND MELT TO 14 November BECAUSE Pat is ill, away to 10 November", "Pat is ill, away to 10 November"),
        ("NIL MELT BECAUSE:\nno crimes there", "no crimes there"),
        ("Could you extend Melton to Wednesday as the analyst is off sick?", "as the analyst is off sick"),
        ("Can you extend Melton to Wednesday because Pat is away?", "Pat is away"),
        ("Extend Melton's return to Wednesday because Pat is away", "Pat is away"),
        (
            "EXTEND MELT TO 5 November BECAUSE the analyst who alone knows the\nsystem fell ill",
            "the analyst who alone knows the system fell ill",
        ),
    ],
)
def test_a_reason_needs_no_because_where_nothing_else_is_meant(text: str, reason: str) -> None:
    assert read_one(text).reason == reason


@pytest.mark.parametrize(
    "text",
    [
        "EXTEND MELT TO 5 November or 12 November",
        "EXTEND MELT TO 5 November if they agree",
        "EXTEND MELT TO 5 November at noon",
        "EXTEND MELT TO Wednesday after next BECAUSE leave",
        "NIL MELT for burglary",
        "NIL MELT told by telephone but ask about burglary",
        "NIL MELT BECAUSE nothing happened except one homicide",
        "DECLINE MELT BECAUSE no staff, HOLD the others",
        "DECLINE no return this year",
        "NIL MELT BECAUSE told by telephone. Please thank them.",
        "NIL MELT BECAUSE told by telephone, not for burglary",
        "Decline Melton's request for more time because it is too late",
        "Please extend Melton to 31 Oct, Rutland to 31 Oct and Harborough to 7 Nov",
        "NIL Melton because Pat rang and hold Rutland",
        "RETURN MELT because row 4 is wrong and extend them to 7 November",
        "EXTEND MELT TO 31 OCT BECAUSE HALF TERM, RUTL TO 7 NOV BECAUSE SICK",
        "EXTEND MELT TO 31/10/2034 BECAUSE leave",
        "EXTEND MELT TO 31/10/2104 BECAUSE leave",
        "approved Melton by phone because the chair rang",
        "APPROVED MELT BY me BECAUSE the chair is on leave",
    ],
)
def test_what_may_be_more_than_a_reason_is_asked(text: str) -> None:
    assert not read(text).commands
    assert read(text).not_understood


# Lines: each ends as an order, as not understood, or as a courtesy -----------------------------------


def test_several_orders_stand_on_several_lines_among_courtesies() -> None:
    text = (
        "Dear all,\n\nHOLD CHARN\n\nyes MELT\nEXTEND RUTL TO 5 November BECAUSE the lead\n"
        "is away until Monday\n\nMany thanks\nJane Doe\nPerformance\n0116 496 0100\n"
    )
    parsed = read(text)
    assert [c.verb for c in parsed.commands] == [Verb.HOLD, Verb.YES, Verb.EXTEND]
    assert parsed.commands[-1].reason == "the lead is away until Monday"
    assert not parsed.not_understood


@pytest.mark.parametrize(
    "text",
    [
        "SEND\nbut not to Melton",
        "SEND but not to Melton",
        "SEND. But not to Melton.",
        "SEND, not Melton",
        "SEND (not Melton)",
        "SEND\n\nbut not to Melton",
        "SEND\n\nI rang them\n\nHOLD MELT",
        "SEND\n\nThanks\nNot Melton",
        "But not yet\nSEND",
        "SEND\n\nKind regards\nJane\n\nbut wait for Melton",
        "SEND MELT",
        "SEND me the list",
        "SEND?",
        "Shall I SEND",
        "Don't send",
        "Do not send",
        "SEND tomorrow",
        "SEND unless they object",
        "SEND\n\nKind regards\nHOLD MELT",
        "SEND\nHOLD Meltn",
        "SEND\nYES CHRAN",
        "SEND to Melton",
        "Please do not SEND",
        "SEND: all but Melton",
        "SEND\nOK?",
        "Hello SEND",
        "not SEND",
        "SEND\n> quoted\nnot to Melton",
        "HOLD MELT until Friday\nSEND",
    ],
)
def test_nothing_that_lets_letters_leave_is_done_beside_words_not_understood(text: str) -> None:
    parsed = read(text)
    assert parsed.not_understood
    assert all(command.verb in HARMLESS or say_why_it_waits(command, parsed) for command in parsed.commands)


def test_no_line_is_dropped_after_blank_lines_prose_or_a_closing() -> None:
    parsed = read("SEND\n\nI rang them\n\nHOLD MELT\n\nKind regards\nHOLD CHARN")
    assert [line.words for line in parsed.lines] == ["SEND", "I rang them", "HOLD MELT", "HOLD CHARN"]
    assert [bool(line.fault) for line in parsed.lines] == [False, True, False, True]
    assert "below a closing" in parsed.lines[-1].fault


def test_what_servers_and_programs_add_is_no_word_of_hers() -> None:
    added = (
        "\n\n[cid:image001.png@01D0]\n\nIf you are not the intended recipient\nhold it safe, and do not print it.\n"
        "No liability is taken.\nAddress: 1 High Street"
    )
    assert read_one(f"SEND{added}").verb is Verb.SEND
    assert (
        read_one(f"SEND\n\nKind regards\nJane Doe\nAddress: 1 High Street\nHelp desk: 0116 1{added}").verb is Verb.SEND
    )
    asked = read(f"SEND\n\nKind regards\nJane Doe\nSent from my iPhone. Please do not send to Melton{added}")
    assert [line.words.partition(".")[0] for line in asked.not_understood] == ["Sent from my iPhone"]


@pytest.mark.parametrize(
    "said",
    [
        "I rang them",
        "Melton to wait",
        "SNED",
        "tomorrow",
        "No",
        "pas encore",
        "Scrap that",
        "after 2pm",
        "Not Melton",
        "I RANG THEM",
    ],
)
def test_what_stands_below_a_closing_and_is_surely_no_signature_is_asked(said: str) -> None:
    for above in ("Kind regards\nJane\n", "Kind regards", "Jane Doe", "Jane Doe (she/her)"):
        text = f"SEND\n\n{above}\n{said}"
        assert [line.words for line in read(text).not_understood] == [said]


def test_an_order_in_the_paragraph_of_a_disclaimer_is_asked() -> None:
    asked = read("SEND\n\nhold melton\nThis is for the intended recipient only.").not_understood
    assert [line.words for line in asked] == ["hold melton"]


def test_two_orders_of_which_the_first_may_name_what_the_second_does_are_asked() -> None:
    assert not read("CLEAR and CIRCULATE speb").commands


def test_a_hold_stands_also_with_words_that_are_not_understood() -> None:
    (line,) = read("HOLD MELT until Friday").lines
    assert [command.respondent for command in line.commands] == ["MELT"]
    assert "'until Friday' was not understood" in line.fault


@pytest.mark.parametrize(
    "quoted", ["> SEND", "On Monday the service wrote:\nSEND", "-----Original Message-----\nSEND", "From: x\nSEND"]
)
def test_what_the_reply_quotes_is_never_an_order(quoted: str) -> None:
    assert not read(f"Thank you, I will look at it.\n\n{quoted}").commands
    assert not read(quoted).commands


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("APPROVED", "Only the chair approves"),
        ("Approved CHARN", "Only the chair approves"),
        ("APPROVED CHARN BY the chair", "Only the chair approves"),
        ("APPROVED CHARN BECAUSE she rang", "Only the chair approves"),
        ("APPROVED CHARN BY the chair BECAUSE", "the reason in a few words"),
        ("APPROVED CHARN BY the chair BECAUSE she rang, but not the burglary figure", "may be more than a reason"),
        ("APPROVED CHARN, not MEL BY the chair BECAUSE she rang", "was not understood"),
        ("RETURN CHARN", "RETURN CODE BECAUSE"),
        ("Return from Charnwood received", "RETURN CODE BECAUSE"),
        ("Return of Charnwood is fine", "RETURN CODE BECAUSE"),
        ("RETURN BECAUSE the figures are last year's", "There is no respondent"),
        ("I think it is fine", "does not begin with an order"),
        ("RELEASE me the list", "stands alone"),
        ("Yes", "for whom"),
        ("EXTEND CHARN", "BECAUSE"),
        ("EXTEND CHARN TO 5 November", "BECAUSE"),
        ("EXTEND CHARN BECAUSE leave", "TO 5 November"),
        ("NIL CHARN", "BECAUSE"),
        ("DISMISS", "which message"),
        ("ASSIGN 3fa9c1d2", "TO"),
        ("ASSIGN 3fa9c1d2 TO CHARN and MELT", "one respondent"),
        ("DONE with all of it", "nothing else on the line"),
        ("ADDRESS OK a@b.example but not c@d.example", "Write: ADDRESS OK"),
        ("CLEAR speb tomorrow", "'tomorrow' was not understood"),
    ],
)
def test_what_is_no_order_is_said_back_with_what_is_wrong(text: str, said: str) -> None:
    parsed = read(text)
    assert not parsed.commands
    assert said in parsed.not_understood[0].fault
    assert parsed.not_understood[0].words == text


# STOP --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "Stop",
        "stop!",
        "Please stop everything now",
        "stop sending",
        "Please STOP it",
        "We must STOP this at once",
        "*STOP*",
        "Can you STOP the letters?",
        "HOLD MELT\nSTOP",
        "I do not understand this\nplease STOP",
        "STOP. All of it.",
        "Dear all,\n\nStop the letters",
        "STOPPED? No: STOP",
        "Hello,\nthanks\n\nStop",
        "STOP\n\n> SEND\n> HOLD",
        "STOP\n-----Original Message-----\nFrom: x\nSEND",
        "Wait.\nStop everything.",
        "I said so before\n\nKind regards\nSTOP",
        "SEND\n\nKind regards\nJane Doe\nplease STOP this",
    ],
)
def test_stop_in_any_words_halts(text: str) -> None:
    assert read(text).halts


@pytest.mark.parametrize(
    "text",
    [
        "stop and search figures are missing",
        "Stop and search: see below",
        "STOP AND SEARCH",
        "stop & search",
        "Stop/search",
        "stop-and-search is up",
        "we should not stop",
        "it was a full stop",
        "the STOPPED cases",
        "a non-STOP service",
        "stopping",
        "I think we\nstop sending to Melton soon",
        "one-stop shop",
        "Hi Stop",
        "What now?\n\nKind regards\nJane Doe\nSTOP! Think before you print",
    ],
)
def test_what_is_no_stop_does_not_halt_and_is_asked(text: str) -> None:
    parsed = read(text)
    assert not parsed.halts
    assert parsed.not_understood


@pytest.mark.parametrize("subject", ["STOP", "Stop", "stop please", "Please STOP everything", "URGENT: STOP", "Stop!!"])
def test_stop_as_a_subject_halts(subject: str) -> None:
    assert read("", subject=subject).halts
    assert read("I rang them", subject=subject).halts


@pytest.mark.parametrize(
    "subject",
    [
        "Stop and search",
        "RE: STOP",
        "Done: STOP [CSP 2014/15-Q2 #ab]",
        "AW: Done: STOP",
        "Please do not stop",
        "Bus stop",
    ],
)
def test_a_subject_that_is_no_stop_of_hers_does_not_halt(subject: str) -> None:
    assert not read("RESUME", subject=subject).halts


@pytest.mark.parametrize(
    "subject", ["Do not send yet", "SEND, but not to Melton", "HOLD", "Don't send", "Send tomorrow"]
)
def test_another_order_in_a_subject_of_hers_is_asked_and_keeps_letters_back(subject: str) -> None:
    parsed = read("SEND", subject=subject)
    assert [line.words for line in parsed.not_understood] == [f"Subject: {subject}"]
    assert say_why_it_waits(parsed.commands[0], parsed)


@pytest.mark.parametrize(
    "subject", ["SEND", "send please", "RE: Do not send", "Proof pack", "", "Hold on [CSP 2014/15-Q2]"]
)
def test_a_subject_that_says_the_same_or_nothing_is_no_line(subject: str) -> None:
    assert [line.words for line in read("SEND", subject=subject).lines] == ["SEND"]


def test_beside_stop_no_letter_is_let_go() -> None:
    parsed = read("SEND\nSTOP\nHOLD MELT")
    send, _, hold = parsed.commands
    assert "you wrote STOP" in say_why_it_waits(send, parsed)
    assert not say_why_it_waits(hold, parsed)


# Properties --------------------------------------------------------------------------------------


def test_the_list_that_people_are_sent_names_every_command() -> None:
    assert {usage.verb for usage in USAGES} == set(Verb)


def test_a_long_letter_is_read_in_time() -> None:
    words = "We met them on Friday and all of it looks good to me please and then hold on " * 250
    assert read(f"{words}\nSEND\n{words}").not_understood


@given(st.text(max_size=300))
def test_any_text_is_read_without_failing(text: str) -> None:
    read(text, subject=text[:40])


ORDERS = st.sampled_from(
    [
        "SEND",
        "HOLD MELT",
        "RESUME",
        "YES CHARN",
        "CLEAR speb",
        "CIRCULATE panel",
        "DONE",
        "ACCEPT MELT",
        "RELEASE",
        "EXTEND MELT TO 5 November BECAUSE leave",
        "NIL RUTL BECAUSE told so",
        "NO MELT",
        "ASSIGN 3fa9c1d2 TO CHARN",
    ]
)
COURTESIES = st.sampled_from(["", "Dear all,", "Thanks.", "Many thanks", "Thank you"])
UNKNOWN = st.sampled_from(
    [
        "but not to Melton",
        "I rang them",
        "Not Charnwood",
        "except MELT",
        "only after Friday",
        "SNED",
        "HOLD Nobody",
        "wait for Jane, please",
        "SEND to Melton only",
        "is this right?",
        "YES",
        "the paper needs work",
        "hold off",
    ]
)


@given(st.lists(ORDERS, min_size=1, max_size=5), UNKNOWN, st.integers(0, 5), st.booleans())
def test_no_irreversible_order_is_done_beside_any_unknown_line(
    orders: list[str], unknown: str, at: int, gaps: bool
) -> None:
    lines = [*orders[:at], unknown, *orders[at:]]
    parsed = read(("\n\n" if gaps else "\n").join(lines))
    assert parsed.not_understood
    assert all(command.verb in HARMLESS or say_why_it_waits(command, parsed) for command in parsed.commands)


@given(st.lists(st.one_of(ORDERS, UNKNOWN), max_size=6), st.booleans())
def test_every_line_is_kept_once_and_in_its_order(lines: list[str], gaps: bool) -> None:
    parsed = read(("\n\n" if gaps else "\n").join(lines))
    assert "\n".join(line.words for line in parsed.lines).replace(" ", "\n") == "\n".join(lines).replace(" ", "\n")


@given(st.lists(ORDERS, min_size=1, max_size=4), COURTESIES, st.sampled_from(["", "\n\nKind regards\nJane Doe"]))
def test_courtesies_around_orders_change_nothing(orders: list[str], before: str, after: str) -> None:
    plain = read("\n".join(orders))
    polite = read(f"{before}\n\n{chr(10).join(orders)}{after}")
    assert not polite.not_understood
    assert polite.commands == plain.commands


@pytest.mark.parametrize(
    "text",
    [
        "DISMISS STRANGERS",
        "Dismiss all strangers",
        "please dismiss all of the strangers' messages, thanks",
        "DISMISS the messages from strangers",
        "dismiss unknown senders",
        "DISMISS STRANGERS\u2019 MAIL",
    ],
)
def test_strangers_are_put_aside_together_in_many_words(text: str) -> None:
    order = read_one(text)
    assert (order.verb, order.whom, order.message) == (Verb.DISMISS, "strangers", "")
    assert read_one(order.write()) == replace(order, words=order.write())


@pytest.mark.parametrize(
    "text", ["DISMISS STRANGERS except jo@public.example", "DISMISS strangers of Melton", "REPLAY"]
)
def test_what_says_more_or_less_than_that_is_asked_about(text: str) -> None:
    assert read(text).not_understood


def test_a_message_is_looked_at_again_by_its_id() -> None:
    order = read_one("REPLAY 6e37d65323")
    assert (order.verb, order.message) == (Verb.REPLAY, "6e37d65323")


@pytest.mark.parametrize(
    ("words", "message", "questions"),
    [
        ("ANSWERS CHARN Q2", "", ("Q2",)),
        ("ANSWERS Charnwood question 2", "", ("Q2",)),
        ("please ANSWERS Q2 of Charnwood.", "", ("Q2",)),
        ("ANSWERS 3fa9c1d2 CHARN Q1, Q2", "3fa9c1d2", ("Q1", "Q2")),
        ("ANSWERS CHARN Q1 and Q2", "", ("Q1", "Q2")),
        ("ANSWERS CHARN dispute 1", "", ("D1",)),
        ("ACCEPT CHARN Q2", "", ("Q2",)),
        ("ACCEPT Q2 and D1 of Charnwood", "", ("Q2", "D1")),
    ],
)
def test_a_question_is_named_by_its_number(words: str, message: str, questions: tuple[str, ...]) -> None:
    read = read_one(words)
    assert (read.respondent, read.message, read.questions) == ("CHARN", message, questions)
    assert read_one(read.write()).questions == questions


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("ANSWERS CHARN", "Write ANSWERS, one respondent's code"),
        ("ANSWERS Q2", "It does not say for whom"),
        ("ANSWERS CHARN MELT Q2", "'MELT' was not understood"),
        ("ANSWERS CHARN and MELT Q2", "Write ANSWERS, one respondent's code"),
        ("ACCEPT CHARN and MELT Q2", "Write ACCEPT, one respondent's code"),
        ("ANSWERS CHARN Q2 but not the rest", "was not understood"),
        ("ANSWERS are to follow", "There is no respondent"),
    ],
)
def test_what_names_no_single_question_is_asked_about(words: str, fault: str) -> None:
    assert fault in ask_about(words)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("hold on Rutland", "HOLD RUTL"),
        ("Please hold off on Rutland", "HOLD RUTL"),
        (
            "EXTEND MELT TO 14. November b/c the lead is ill",
            "EXTEND MELT TO Friday 14 November 2014 BECAUSE the lead is ill",
        ),
        ("Decline melt bc they merged", "DECLINE MELT BECAUSE they merged"),
        ("yes pls send", "SEND"),
        (
            "Extend Melton till Friday 14th - half term\n\nSent from my iPhone",
            "EXTEND MELT TO Friday 14 November 2014 BECAUSE half term",
        ),
    ],
)
def test_what_is_typed_on_a_phone_is_read(words: str, meant: str) -> None:
    parsed = read(words)
    assert not parsed.not_understood
    assert [command.write() for command in parsed.commands] == [meant]


@pytest.mark.parametrize(
    "words",
    [
        *("SEND to all but Rutland", "not yet", "Sennd", "Approved!", "extend to Fri", "tell Leicester it's fine"),
        *("HOLD everyone except Melton", "EXTEND MELT TO 11/21 because sick", "YES MELT not RUTL", "don't send"),
        *(
            "EXTEND MELT TO end of month because half term",
            "SEND tomorrow",
            "Can you send?",
            "CIRCULATE speb but not panel",
        ),
        *("hold on", "EXTEND MELT by a few days because half term", "HOLD Ha"),
    ],
)
def test_what_is_half_understood_changes_nothing(words: str) -> None:
    parsed = read(words)
    assert parsed.not_understood
    assert not parsed.commands
