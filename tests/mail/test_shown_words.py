"""HTML as a reader sees it: struck words are said to be, hidden ones are left out, raised digits stand apart."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage

import pytest

from csp_workflow.mail.bodies import html_to_text, read_bodies
from csp_workflow.mail.unpack import identify_content, unpack_message
from tests.intake.intake_factory import LATER, NOW, asked_to_approve, complete, decided, facts, verdict
from tests.intake.test_words_beside import CHAIR, COUNTY

STRUCK = "[struck through: Approved]"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p><s>Approved</s></p>", STRUCK),
        ("<strike>Approved</strike>", STRUCK),
        ("<del><p>Appro<b>ved</b></p></del>", "[struck through: Appro ved]"),
        ('<p><span style="text-decoration: line-through">Approved</span></p>', STRUCK),
        ("<p>L3: <del>12</del><ins>14</ins></p>", "L3: [struck through: 12] 14"),
        ("<p>L3: 35<sup>1</sup></p>", "L3: 35 [1]"),
        ("<p>3<sup>rd</sup> November</p>", "3rd November"),
        ("<p>12<span style='display:none'>3</span></p>", "12"),
        ("<p>Seen</p><p style='font-size:0'>Approved<p>and on", "Seen\n\nand on"),
        ("<td style='font-size:0px'>no<div style='font-size:14px'>Seen</div>no</td> on", "Seen\n on"),
        ("<img style='display:none' src='x'>Seen", "Seen"),
        ("<div style='display:none'>a<div>b</div>c</div>Seen", "Seen"),
    ],
)
def test_words_are_read_as_they_are_shown(html: str, text: str) -> None:
    shown = html_to_text(html)
    assert [" ".join(line.split()) for line in shown.split("\n")] == [line.strip() for line in text.split("\n")]
    assert read_bodies("What the plain part says", html) in {(shown, ""), ("What the plain part says", shown)}


def test_a_plain_part_that_lost_what_was_struck_does_not_count() -> None:
    assert read_bodies("Approved", "<p><s>Approved</s></p>") == (STRUCK, "")
    quoted = "<p>Yes</p><blockquote><s>Approved</s></blockquote>"
    assert read_bodies("Yes", quoted)[0] == "Yes"


def make(html: str, plain: str = "") -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = CHAIR, "returns@opcc.example", "RE: Please approve"
    made["Message-ID"] = "<1@mail.example>"
    made.set_content(plain or html, subtype="plain" if plain else "html")
    if plain:
        made.add_alternative(html, subtype="html")
    return made.as_bytes()


def test_what_makes_a_message_the_same_one_is_what_is_written() -> None:
    assert identify_content(make("<p>L3: 3<s>5</s></p>")) == identify_content(make("<p>L3: <sup>3</sup>5</p>"))


@pytest.mark.parametrize("plain", ["", "Approved"])
@pytest.mark.parametrize("html", ["<p><s>Approved</s></p>", "<p>Wait, please.</p><p style='display:none'>Approved</p>"])
def test_a_word_that_is_struck_or_hidden_is_no_act(html: str, plain: str) -> None:
    first, now = complete()
    known = replace(facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id)), site=COUNTY)
    assert verdict(decided(unpack_message(make(html, plain), received=NOW), known, LATER)) == "question"
