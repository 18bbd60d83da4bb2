"""Every stored document and word has a shape of its own: what does not fit is an error, never a default in silence."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from store_told import NOW, dates, event, figure, land, request, submission

from csp_workflow.store import Store, migrations
from csp_workflow.store.documents import SHAPES, dump_facts, load_facts
from csp_workflow.store.form_documents import LATEST, dump_form, load_form
from csp_workflow.store.stored_shape import DocumentUnreadable
from csp_workflow.store.words import StoredWordUnknown, Words
from csp_workflow.terms.events import Decision, Happened
from csp_workflow.terms.site import Area, Role, Site


def test_a_form_comes_back_as_it_was() -> None:
    assert load_form(dump_form(request().form), LATEST) == request().form


def test_what_else_a_figure_is_checked_for_is_stored_and_a_form_of_before_knows_of_none() -> None:
    form = request().form
    row = replace(form.figures[0], checked=(("spent-falls", Decimal("8000.50")), ("grant-left", Decimal(60))))
    stored = dump_form(replace(form, figures=(row,)))
    assert load_form(stored, LATEST).figures == (row,)
    before = stored.replace(',"checked":[["spent-falls","8000.50"],["grant-left","60"]]', "")
    assert load_form(before, 7).figures == (replace(row, checked=()),)


@pytest.mark.parametrize("shape", [0, LATEST + 1])
def test_a_form_of_a_shape_that_is_not_known_is_refused(shape: int) -> None:
    with pytest.raises(DocumentUnreadable, match=f"shape {shape}"):
        load_form(dump_form(request().form), shape)


def renamed(document: dict[str, object], old: str, new: str) -> dict[str, object]:
    return {new if key == old else key: value for key, value in document.items()}


@pytest.mark.parametrize("key", list(json.loads(dump_form(request().form))))
def test_a_form_with_a_key_under_another_name_is_refused(key: str) -> None:
    """An optional one too: read by its default, a stored word would be lost in silence."""
    document = json.loads(dump_form(request().form))
    with pytest.raises(DocumentUnreadable, match=f"{key}|another"):
        load_form(json.dumps(renamed(document, key, "another")), LATEST)


def test_a_form_with_a_word_of_a_later_version_is_refused() -> None:
    document = json.loads(dump_form(request().form))
    with pytest.raises(StoredWordUnknown, match="'office' is no kind of respondent"):
        load_form(json.dumps({**document, "kind": "office"}), LATEST)


def test_a_role_or_a_fault_in_an_event_is_a_stored_word_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A word renamed in the code stays what it was in the store; one that no list knows is refused."""
    facts = {"content": "c", "role": "deputy chair"}
    version, stored = dump_facts(Happened.APPROVED, facts)
    assert json.loads(stored) == facts == load_facts(Happened.APPROVED, version, stored)
    for word in ("vice chair", 1):
        with pytest.raises(DocumentUnreadable, match="which is no stored word"):
            dump_facts(Happened.APPROVED, {**facts, "role": word})
        with pytest.raises(DocumentUnreadable, match="which is no stored word"):
            load_facts(Happened.APPROVED, version, json.dumps({**facts, "role": word}))
    monkeypatch.setattr(Role.DEPUTY_CHAIR, "_value_", "vice chair")
    assert load_facts(Happened.APPROVED, version, stored)["role"] == "vice chair"
    assert dump_facts(Happened.APPROVED, {**facts, "role": "vice chair"}) == (version, stored)


def test_every_kind_of_event_has_a_shape() -> None:
    assert set(SHAPES) == set(Happened)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"until": "2014-11-05"}, "'reason' is missing"),
        ({"until": "2014-11-05", "reason": "ill", "why": "ill"}, "'why' is not known"),
        ({"until": "2014-11-05", "reason": None}, "'reason' is None, not str"),
    ],
)
def test_facts_that_do_not_fit_are_neither_stored_nor_read(facts: dict[str, str | None], said: str) -> None:
    with pytest.raises(DocumentUnreadable, match=said):
        dump_facts(Happened.EXTENDED, facts)
    with pytest.raises(DocumentUnreadable, match=said):
        load_facts(Happened.EXTENDED, 1, json.dumps(facts))


@pytest.mark.parametrize("text", ["[]", "{", "null"])
def test_facts_that_are_no_object_are_refused(text: str) -> None:
    with pytest.raises(DocumentUnreadable, match="no JSON object"):
        load_facts(Happened.EXTENDED, 1, text)


def test_facts_of_an_earlier_version_are_read_as_they_are_known_today() -> None:
    assert load_facts(Happened.ABSENCE_SEEN, 1, '{"until": "2014-10-20"}') == {"until": "2014-10-20", "assumed": False}
    digest = load_facts(Happened.DIGEST_MADE, 1, '{"day": "2014-10-20", "needs": 1}')
    assert digest == {"day": "2014-10-20", "needs": 1, "told": "", "standing": ""}
    with pytest.raises(DocumentUnreadable, match="'assumed' is missing"):
        load_facts(Happened.ABSENCE_SEEN, 2, '{"until": "2014-10-20"}')
    with pytest.raises(DocumentUnreadable, match="version 3"):
        load_facts(Happened.ABSENCE_SEEN, 3, "{}")


def test_a_member_without_a_stored_word_is_noticed_when_the_code_is_loaded() -> None:
    class Colour(Enum):
        RED = 1
        BLUE = 2

    with pytest.raises(AssertionError, match="BLUE"):
        Words("colour", Colour, {"red": Colour.RED})


DAMAGED = [
    (
        "request",
        "UPDATE request SET form = replace(form, '\"ask\"', '\"asks\"')",
        "'request' with number 1 cannot be read",
    ),
    ("request", "UPDATE request SET form_shape = 9", "'request' with number 1 cannot be read: A form of shape 9"),
    ("event", "UPDATE event SET facts = '{\"x\": 1}' WHERE number = 1", "'event' with number 1 cannot be read"),
    ("event", "UPDATE event SET kind = 'moved house' WHERE number = 2", "'moved house' is no kind of event"),
    ("event", "UPDATE event SET kind = 'return approved', facts = '{\"content\": \"\"}' WHERE number = 2", "replayed"),
    ("figure", "UPDATE figure SET exact = 'many'", "'figure' with number 1 cannot be read"),
    ("figure", "UPDATE figure SET exact = NULL WHERE number = 1", "'figure' with number 1 cannot be read"),
    ("message", "UPDATE message SET received = 'rubbish'", "'message' with number 1 cannot be read"),
    ("event", "UPDATE event SET at = 'rubbish' WHERE number = 1", "'event' with number 1 cannot be read"),
    ("event", "UPDATE event SET facts_shape = 'x' WHERE number = 1", "'event' with number 1 cannot be read"),
    ("cycle_plan", "UPDATE cycle_plan SET due = 'soon'", "'cycle_plan' with quarter 2014/15-Q2 cannot be read"),
]


@pytest.mark.parametrize("kind_of_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("table", "damage", "said"), DAMAGED, ids=[damage[1][:40] for damage in DAMAGED])
def test_db_check_names_each_row_that_cannot_be_read(
    store: Store, url: str, table: str, damage: str, said: str
) -> None:
    land(store)
    store.commit(
        Decision(
            events=(event(), event(Happened.REQUESTED)),
            plans=(dates(),),
            requests=(request(),),
            submissions=(submission(),),
        ),
        at=NOW,
    )
    assert migrations.faults(url) == ()
    with store._engine.begin() as connection:
        triggers = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"), {"table": table}
        ).all()
        for name, _ in triggers:
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text(damage))
    assert any(said in fault for fault in migrations.faults(url)), migrations.faults(url)


def a_site() -> Site:
    """A site with one area and one series in its framework; all else of a site is left out."""
    series = SimpleNamespace(ref="M01.1", measure="M01", title="All crime", unit="crimes")
    respondent = SimpleNamespace(
        key="charnwood", code="CHARN", name="Charnwood", areas=(Area(code="E22000165", name="Charnwood"),)
    )
    framework = SimpleNamespace(year="2014/15", series=lambda: (series,))
    return SimpleNamespace(respondents=(respondent,), frameworks=(framework,))  # type: ignore[return-value]


def test_one_question_in_sql_answers_a_series_in_an_area_quarter_by_quarter(store: Store) -> None:
    """Without reading any document: value, unit and the cell that it came from."""
    land(store)
    store.name_things(a_site())
    imported = replace(figure("M01.1", "398.50"), period="2014/15-Q1")
    store.commit(Decision(figures=(imported,)), at=NOW)
    store.commit(Decision(submissions=(submission(),)), at=NOW)
    asked = text(
        "SELECT figure.period, figure.value, figure.unit, figure.sheet, figure.cell FROM figure "
        "JOIN series ON series.ref = figure.series JOIN area ON area.code = figure.area "
        "WHERE series.title = 'All crime' AND area.name = 'Charnwood' ORDER BY figure.period"
    )
    standing = text(
        "SELECT period, value, unit, sheet, cell FROM standing_figure "
        "WHERE title = 'All crime' AND area_name = 'Charnwood' ORDER BY period"
    )
    wanted = [("2014/15-Q1", 398.5, "crimes", "Figures", "K7"), ("2014/15-Q2", 412.0, "crimes", "Figures", "K7")]
    with store._engine.connect() as connection:
        for question in (asked, standing):
            assert [(p, float(v), *rest) for p, v, *rest in connection.execute(question)] == wanted
