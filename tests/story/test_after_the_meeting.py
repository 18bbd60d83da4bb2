"""After the Board has met: what it asked is recorded by reply, told, put on the next form, and closed."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from csp_workflow.cli import run
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps import cycle, papers
from csp_workflow.terms.actions import ActionState
from tests.story.closed_told import CHARN, LEIC
from tests.story.site_told import CO_ORDINATOR, Q2, Played, said

Met = tuple[Played, dict[str, Post]]


@pytest.fixture(scope="module")
def gone(closed: Met, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The Board's paper has gone out, and the Board has met, on 4 December; not played on."""
    site = closed[0].copied_to(tmp_path_factory.mktemp("met") / "opcc")
    site.beat("20 Nov 09:05")
    site.reply(
        site.the_letter(CO_ORDINATOR, "is attached (speb"), CO_ORDINATOR, "CLEAR speb WITHOUT WAITING\nCIRCULATE speb"
    )
    site.beat("20 Nov 10:00")
    for day in ("21 Nov", "25 Nov", "27 Nov", "01 Dec", "03 Dec"):
        site.beat(f"{day} 10:00")
    site.new_letters()
    return site


@pytest.fixture
def met(gone: Played, tmp_path: Path) -> Played:
    return gone.copied_to(tmp_path / "opcc")


def test_what_the_board_asked_is_recorded_told_in_one_letter_put_on_the_next_form_and_closed(met: Played) -> None:
    met.beat("05 Dec 07:40")
    digest = met.the_letter(CO_ORDINATOR, "The Strategic Partnership Executive Board met on Thursday 4 December 2014")
    assert "ACTION speb CODE BY day: what is asked" in said(digest)
    assert "Since Monday 1 December: Answered, to be closed: A1, asked of Charnwood" in said(digest)
    met.reply(
        digest,
        CO_ORDINATOR,
        "ACTION charnwood BY 16 JAN: Say how the patrols on the High Street will go on after the money ends, and\n"
        "who pays.\n"
        "Action speb, Leicester by 20 January: Report hate incidents by reporting point\n\n"
        "CLOSE A1 BECAUSE it was answered at the meeting",
    )
    met.beat("05 Dec 09:00")
    echo = said(met.the_letter(CO_ORDINATOR, "A3: the Strategic"))
    assert 'go on after the money ends, and who pays." It is due by Friday 16 January 2015.' in echo
    assert "A4: the Strategic Partnership Executive Board asked Safer Leicester" in echo
    assert "in one letter on Monday 8 December 2014" in echo
    assert "A1, asked of Charnwood Community Safety Partnership, is closed." in echo
    assert not [x for x in met.new_letters(CHARN) if "Board met" in said(x)]
    met.beat("08 Dec 09:30")
    told = said(met.the_letter(CHARN, "The Strategic Partnership Executive Board met"))
    assert "The report showed your return of Thursday 16 October 2014, approved by the Chair on" in told
    assert "A3. Say how the patrols on the High Street will go on after the money ends, and who pays." in told
    assert "A1" not in told
    assert "A4. Report hate incidents by reporting point." in said(met.the_letter(LEIC, "Board met"))
    assert "The board asked nothing of Rutland" in said(met.the_letter("lead@rutland.example", "Board met"))
    met.beat("09 Dec 07:40")
    assert "Please record what it asked" not in said(met.told_in_full(met.last))
    moment = datetime(2015, 1, 17, 10, tzinfo=UTC)
    met.ask(lambda o: cycle.plan_cycle(o, Q2.plus(1), moment))
    facts = met.ask(lambda o: papers.gather_report(o, Q2.plus(1), "speb", moment))
    mine = {a.ref: a for a in facts.actions if a.respondent == "charnwood"}  # type: ignore[attr-defined]
    assert {ref: a.state for ref, a in mine.items()} == {"A1": ActionState.CLOSED, "A3": ActionState.OVERDUE}
    assert mine["A1"].reason == "it was answered at the meeting"


def test_the_next_form_shows_what_is_open_and_nothing_that_is_closed(met: Played) -> None:
    met.write(CO_ORDINATOR, "Actions", "ACTION speb charnwood BY 16 JAN: Say how.\n\nCLOSE A1 because it is done")
    met.beat("05 Dec 09:00")
    for day in (2, 5, 6, 15, 16, 19):
        met.write(CO_ORDINATOR, "Go on", "RELEASE")  # nobody was at work since December
        moment = datetime(2015, 1, day, 9, 30, tzinfo=UTC)
        met.opened(moment).tick(moment)
    proofs = [x for x in met.new_letters(CO_ORDINATOR) if "Nothing has been sent" in said(x)]
    met.reply(proofs[-1], CO_ORDINATOR, "SEND")
    moment = datetime(2015, 1, 19, 9, 40, tzinfo=UTC)
    met.opened(moment).tick(moment)
    asked = met.the_letter(CHARN, "Please fill in")
    book = openpyxl.load_workbook(io.BytesIO(asked.workbooks[0][1]))
    cells = [str(cell.value) for row in book["Actions"].iter_rows() for cell in row if cell.value]
    assert "A3" in cells
    assert "Say how." in cells
    assert "A1" not in cells


def test_the_same_by_command_and_a_list_of_all(met: Played, capsys: pytest.CaptureFixture[str]) -> None:
    def typed(*words: str) -> int:
        met.close()
        where = ["--config", str(met.place / "config"), "--state", str(met.place / "state")]
        return run([*where, "--now", "2014-12-05T09:00", *words])

    assert typed("action", "record", "charnwood", "2015-01-16", "Say how.", "--board", "speb") == 0
    assert typed("action", "close", "A1") == 2
    assert typed("action", "close", "A1", "--reason", "told us so") == 0
    assert typed("action", "close", "A1", "--reason", "told us so") == 4
    assert typed("action", "notes", "speb") == 0
    capsys.readouterr()
    assert typed("--json", "action", "list") == 0
    listed = capsys.readouterr().out
    assert '"A3"' in listed
    assert '"told us so"' in listed
    assert typed("tick") == 0
    assert not [x for x in met.new_letters(CHARN) if "Board met" in said(x)]
    given = met.place / "config" / "actions.toml"
    given.write_text(given.read_text("utf-8").replace('ref = "A2"', 'ref = "A3"'), "utf-8")
    capsys.readouterr()
    assert typed("config", "check") == 3
    assert "actions[A3] is the number of what speb asked of charnwood" in capsys.readouterr().err
