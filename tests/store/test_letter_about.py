"""What letters are about: stored with them, never changed, and read out of the causes of letters of the old shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Connection, Date, text
from sqlalchemy.exc import DBAPIError
from store_told import NOW, Q2, frozen, land, letter, queue, submission

from csp_workflow.store import Store, engine, migrations
from csp_workflow.terms.events import About, Decision

M = "m" * 64
EVERYTHING = About(
    respondent="charnwood",
    submission=submission().id,
    rung="overdue+2",
    due=date(2014, 10, 30),
    reminder=2,
    message="m1",
    board="speb",
    draft=3,
    address="lead@charnwood.example",
)
SUBMISSIONS = (("2014/15-Q2/charnwood/001", "charnwood"), ("2014/15-Q2/melton/002", "melton"))
FIRST, SECOND = (id_ for id_, _ in SUBMISSIONS)
DUE = date(2014, 10, 30)


def of(respondent: str = "charnwood", **more: object) -> About:
    return About(respondent=respondent, **more)  # type: ignore[arg-type]


OLD = (
    ("request", "CHARN-1415Q2-F1-R1-7KC MELT-1415Q2-F1-R1-8KD", "charnwood,melton", (of(), of("melton"))),
    ("request-chair", "CHARN-1415Q2-F1-R1-7KC", "charnwood", (of(),)),
    ("request-contributor", "CHARN-1415Q2-F1-R1-7KC", "charnwood", (of(),)),
    ("request-analyst", "CHARN-1415Q2-F1-R1-7KC", "charnwood", (of(),)),
    ("proof-pack", "2014/15-Q2 cb51ebb07bf707f8", "melton,charnwood", (of("melton"), of())),
    ("reminder-before-due", "chase:2014/15-Q2:CHARN=before-due-3@2014-10-30", "charnwood",
     (of(rung="before-due-3", due=DUE),)),
    ("reminder-due-today", "chase:2014/15-Q2:CHARN=overdue+2@2014-10-28,MELT=due-today+0@2014-10-30~2",
     "melton,charnwood", (of("melton", rung="due-today+0", due=DUE), of(rung="overdue+2", due=date(2014, 10, 28)))),
    ("reminder-overdue", "chase:2014/15-Q2:CHARN=overdue+2@2014-10-30~3", "charnwood",
     (of(rung="overdue+2", due=DUE),)),
    ("overdue-chair", "chase:2014/15-Q2:CHARN=chair+4@2014-10-30", "charnwood", (of(rung="chair+4", due=DUE),)),
    ("extension-given", "extension:2014/15-Q2:CHARN@2014-10-30", "charnwood", (of(due=DUE),)),
    ("query-reminder", f"query:2014/15-Q2:{FIRST}+1,{SECOND}+2~2", "melton,charnwood",
     (of("melton", submission=SECOND, reminder=2), of(submission=FIRST, reminder=1))),
    ("approval-request", f"approval:2014/15-Q2:{FIRST}", "charnwood", (of(submission=FIRST),)),
    ("approval-again", f"approval:2014/15-Q2:{FIRST}~2", "charnwood", (of(submission=FIRST),)),
    ("approval-reminder", f"approval:2014/15-Q2:{FIRST}+1~2", "charnwood", (of(submission=FIRST, reminder=1),)),
    ("approval-recorded", f"approval:{FIRST}", "charnwood", (of(submission=FIRST),)),
    ("approval-noted", f"approval:{FIRST}", "charnwood", (of(submission=FIRST),)),
    ("draft-paper", "paper:2014/15-Q2:speb:draft:2", "", (About(board="speb", draft=2),)),
    ("circulation", "paper:2014/15-Q2:speb:circulation", "", (About(board="speb"),)),
    ("digest", "digest:2014-10-30", "", ()),
    ("answers-on-hold", "breaker:2014-10-30T09:00:00+00:00", "", ()),
    ("something-arrived", "charnwood 2014-10-30", "charnwood", (of(),)),
    ("a-person-will-reply", "2014-10-30", "charnwood", (of(),)),
    ("question", M, "charnwood,melton", (of(message=M), of("melton", message=M))),
    ("receipt", f"{M} charnwood", "charnwood", (of(message=M, submission=FIRST),)),
    ("correction", f"{M} melton", "melton", (of("melton", message=M),)),
    *((kind, f"{M} charnwood", "charnwood", (of(message=M),)) for kind in (
        "already-have-it", "approval-out-of-date", "confirm-colleague", "declined-recorded", "nil-recorded",
        "no-workbook", "question-received", "two-versions", "unchanged-form", "unreadable-file", "wrong-quarter")),
    ("address-failed", f"old@opcc.example {M}", "", (About(message=M, address="old@opcc.example"),)),
    *((kind, f"a@b.example {M}", "charnwood", (of(message=M, address="a@b.example"),))
      for kind in ("who-to-write-to", "no-longer-you")),
    *((kind, f"command:{M}", "", (About(message=M),))
      for kind in ("command-done", "command-refused", "command-not-understood")),
    ("question-received", "not-kept charnwood", "charnwood", (of(),)),
)  # fmt: skip
"""A letter of every kind as shape 0002 kept it: kind, cause, respondents; and what it is about."""


def test_what_a_letter_is_about_comes_back_as_it_was_stored(store: Store) -> None:
    land(store)
    asked = letter(about=(EVERYTHING, About(respondent="melton"), About()))
    store.commit(Decision(submissions=(submission(),)), at=NOW)
    store.commit(Decision(letters=(asked,)), letters=[(asked, frozen())], at=NOW)
    (kept,) = store.letters()
    assert kept.about == asked.about
    assert kept.respondents == ("charnwood", "melton")
    assert store.claim(clock=0.0) == replace(kept, state=kept.state.CLAIMED, token=1)


def test_a_letter_about_nothing_has_no_row(store: Store) -> None:
    queue(store, about=())
    assert store.letters()[0].about == ()
    with store._engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM letter_about")) == 0


@pytest.mark.parametrize("statement", ["UPDATE letter_about SET rung = 'x'", "DELETE FROM letter_about"])
def test_what_a_letter_is_about_is_never_changed_or_removed(store: Store, statement: str) -> None:
    queue(store)
    with pytest.raises(DBAPIError, match="a row of letter_about is never"), store._engine.begin() as connection:
        connection.execute(text(statement))


def test_a_letter_s_content_is_still_never_rewritten_after_the_upgrade(store: Store) -> None:
    queue(store)
    with pytest.raises(DBAPIError, match="a row of letter is never rewritten"), store._engine.begin() as connection:
        connection.execute(text("UPDATE letter SET cause = 'another'"))


def test_letters_of_the_old_shape_are_about_what_their_causes_said(empty_url: str) -> None:
    assert migrations.upgrade(empty_url, to="0002") == "0002"
    made = engine.open_engine(empty_url)
    with made.begin() as connection:
        _fill(connection)
    made.dispose()
    assert migrations.upgrade(empty_url, to="0003") == "0003"
    made = engine.open_engine(empty_url)
    with made.begin() as connection:
        found = [(kind, tuple(_read(connection, id_))) for id_, kind in connection.execute(text(_LETTERS))]
    made.dispose()
    assert found == [(kind, about) for kind, _, _, about in OLD]


_LETTERS = "SELECT id, kind FROM letter ORDER BY number"
_READ = (
    "SELECT respondent, submission, rung, due, reminder, message, board, draft, address FROM letter_about"
    " WHERE letter = :id ORDER BY position"
)


def _read(connection: Connection, id_: str) -> Iterator[About]:
    typed = text(_READ).columns(due=Date)
    for row in connection.execute(typed, {"id": id_}).mappings():
        yield About(**{name: part for name, part in row.items() if part is not None})


def _fill(connection: Connection) -> None:
    connection.execute(
        text(
            "INSERT INTO message (id, source, content, received, size, whole, attempts, sender, subject, verdict,"
            " reason, respondents, marks) VALUES (:m, 's', 'c', '2014-10-16 09:30:00', 7, true, 1, '', '', 'return',"
            " '', '', '')"
        ),
        {"m": M},
    )
    for key, code in (("charnwood", "CHARN"), ("melton", "MELT")):
        form = json.dumps({"reference": {"code": code}})
        connection.execute(
            text("INSERT INTO request (quarter, respondent, revision, workbook, form) VALUES (:q, :r, 1, 'w', :f)"),
            {"q": Q2.key, "r": key, "f": form},
        )
    for number, (id_, key) in enumerate(SUBMISSIONS):
        body = json.dumps({"message": M if key == "charnwood" else "another"})
        connection.execute(
            text(
                "INSERT INTO submission (id, quarter, respondent, sequence, content, body)"
                " VALUES (:id, :q, :r, :n, 'c', :b)"
            ),
            {"id": id_, "q": Q2.key, "r": key, "n": number, "b": body},
        )
    for number, (kind, cause, respondents, _) in enumerate(OLD):
        connection.execute(
            text(
                "INSERT INTO letter (id, kind, cause, recipient, respondents, quarter, manner, subject, message_id,"
                " content, state, queued, not_before, reason, proof, token, attempts, resubmissions, lease_until)"
                " VALUES (:id, :kind, :cause, 'a@b.example', :r, :q, 'timed', '', :id, 'c', 'sent',"
                " '2014-10-16 09:30:00', '2014-10-16 09:30:00', '', '', 0, 0, 0, 0.0)"
            ),
            {"id": f"l{number}", "kind": kind, "cause": cause, "r": respondents, "q": Q2.key},
        )
