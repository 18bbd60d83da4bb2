"""What changed on forms after they went: noted once, told with old, new and difference, and sent anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from request_told import (
    BLABY,
    CHARNWOOD,
    FRAMEWORK,
    MELTON,
    PLANNED,
    Q2,
    SITE,
    TEMPLATES,
    at,
    facts,
    figure,
    form,
    with_framework,
    with_respondent,
)

from csp_workflow.letters.catalogue import render
from csp_workflow.request import corrections
from csp_workflow.terms.events import Event, Happened, PreconditionFailed, Request
from csp_workflow.terms.figures import FigureStatus
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.returns import list_changes, show_given
from csp_workflow.terms.status import fold_cycle

NOW = at(20)
SENT = {key: form(key) for key in ("charnwood", "melton", "blaby-hinckley")}
OPENED = (
    Event(kind=Happened.PROOF_MADE, at=at(15), by="test", quarter=Q2, facts={"forms": 3}),
    Event(kind=Happened.CYCLE_OPENED, at=at(15), by="test", quarter=Q2, facts={"forms": 3}),
    *(
        Event(kind=Happened.REQUESTED, at=at(15), by="test", quarter=Q2, respondent=key, facts={"revision": 1})
        for key in SENT
    ),
)


def extract(value: str, *areas, as_at: int = 20):
    return tuple(figure("M11", area, Q2.key, value, as_at=date(2014, 10, as_at)) for area in areas)


def words(letter):
    return " ".join(render(letter, SITE.office, environment=TEMPLATES).text.split())


def known(*events, **changes):
    return facts(*OPENED, *events, **changes)


def test_what_came_is_noted_for_each_form_and_told_in_one_letter():
    made = corrections.decide_overtaken(known(figures=extract("1204", CHARNWOOD, MELTON)), SENT, NOW)
    assert {e.respondent: (e.facts["came"], e.facts["figures"]) for e in made.events} == {
        "charnwood": (1, 0),
        "melton": (1, 0),
    }
    (letter,) = made.letters
    text = words(letter)
    assert "2 police figures came that had not been there" in text
    assert "Title of M11 (M11), Charnwood: 1,204 (was not yet supplied)" in text
    assert b"1,204" in letter.attachments[0].data
    after = known(*made.events, figures=extract("1204", CHARNWOOD, MELTON))
    assert not corrections.decide_overtaken(after, SENT, at(21)), "once"


def test_a_revision_says_old_new_and_difference_the_largest_first_and_what_went_back_is_no_change():
    first = extract("100", CHARNWOOD, MELTON, as_at=14)
    sent = {key: form(key, first) for key in SENT}
    revised = (*first, *extract("90", CHARNWOOD), *extract("140", MELTON))
    made = corrections.decide_overtaken(known(figures=revised), sent, NOW)
    text = words(made.letters[0])
    assert text.index("Melton: 140 (was 100, +40)") < text.index("Charnwood: 90 (was 100, -10)")
    assert "2 police figures were revised" in text
    back = known(*made.events, figures=(*revised, *extract("100", CHARNWOOD, MELTON, as_at=21)))
    again = corrections.decide_overtaken(back, sent, at(21))
    assert {e.facts["figures"] for e in again.events} == {0}
    assert not again.letters
    assert not any(
        s.overtaken for s in fold_cycle(Q2, (PLANNED, *OPENED, *made.events, *again.events)).returns.values()
    )


def test_the_same_value_with_another_standing_is_no_news_and_a_value_that_is_taken_away_is():
    sent = form("charnwood", extract("100", CHARNWOOD, as_at=14))
    final = replace(extract("100", CHARNWOOD, as_at=15)[0], status=FigureStatus.REVISED)
    assert not list_changes(sent, form("charnwood", (final,)))
    gone = replace(final, value=None, status=FigureStatus.NOT_AVAILABLE)
    (change,) = list_changes(sent, form("charnwood", (gone,)))
    assert change.now is not None
    assert change.now.value is None


def test_wordings_are_told_once_each_and_rows_that_come_or_go_are_named():
    titled = tuple(
        replace(m, series=tuple(replace(s, title="In other words") for s in m.series)) if m.ref == "M12a" else m
        for m in FRAMEWORK.measures
    )
    made = corrections.decide_overtaken(known(site=with_framework(measures=titled)), SENT, NOW)
    assert {e.facts["wordings"] for e in made.events} == {1}
    assert "M12a: “In other words” (was “Title of M12a”)".replace("“", '"').replace("”", '"') in words(made.letters[0])
    fewer = with_framework(measures=FRAMEWORK.measures[1:], objectives=())
    changes = list_changes(SENT["charnwood"], form("charnwood", site=fewer))
    assert [(c.ref, c.wording[1]) for c in changes] == [("T1", ""), ("M11", "")]
    more = list_changes(form("charnwood", site=fewer), SENT["charnwood"])
    assert [(c.ref, c.wording[0]) for c in more] == [("M11", ""), ("T1", "")]
    told = corrections.decide_overtaken(known(site=fewer), SENT, NOW).letters[0]
    assert "not asked any more" in words(told)


def test_a_form_in_its_own_words_takes_the_figures_of_another_issue():
    now = form("charnwood", extract("7", CHARNWOOD, as_at=14))
    shown = show_given(SENT["charnwood"], now)
    assert [r.given for r in shown.figures] == [r.given for r in now.figures]
    assert [r.title for r in shown.figures] == [r.title for r in SENT["charnwood"].figures]


def test_reissue_writes_one_letter_to_each_and_keeps_each_issue():
    status = known(figures=extract("1204", CHARNWOOD, MELTON, BLABY), revisions=dict.fromkeys(SENT, 1))
    fresh = corrections.list_fresh(status, {key: (sent,) for key, sent in SENT.items()}, NOW)
    book = Attachment(name="CSP return filled.xlsx", data=b"typed")
    melton = next(one.form for one in fresh if one.respondent.key == "melton")
    filled = {"melton": (Request(form=melton, workbook="typed", filled=1), book)}
    made = corrections.decide_reissue(status, fresh, filled, NOW)
    assert [(x.recipient, x.respondents) for x in made.letters] == [
        ("lead@joint.example", ("blaby-hinckley",)),
        ("officer@county.example", ("charnwood", "melton")),
    ]
    assert book in made.letters[1].attachments
    assert {r.form.reference.revision for r in made.requests} == {2}
    assert {r.form.respondent: r.filled for r in made.requests}["melton"] == 1, "it is known what it was filled with"
    assert {(e.kind, e.respondent) for e in made.events} == {(Happened.FORM_REISSUED, key) for key in SENT}
    nobody = with_respondent("melton", contacts=())
    with pytest.raises(PreconditionFailed, match="Letters reach nobody"):
        corrections.decide_reissue(
            replace(status, site=nobody), [replace(fresh[2], respondent=nobody.respondent("melton"))], {}, NOW
        )


def test_forms_are_looked_at_while_they_are_out_and_something_came():
    came = Event(kind=Happened.RECEIVED, at=at(20), by="test", quarter=Q2, respondent="force-analyst", subject="s")
    loaded = Event(kind=Happened.FIGURES_IMPORTED, at=at(20), by="test", facts={"taken": 1, "refused": 0})
    other = replace(came, respondent="melton")
    assert corrections.count_overtaking(["force-analyst"], (came, other, loaded)) == 2
    assert not corrections.list_fresh(replace(known(), dates=None), {}, NOW)
