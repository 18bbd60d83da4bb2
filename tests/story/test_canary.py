"""N3, no crossing: nothing of one respondent reaches an address that is not registered for it.

Every respondent's return is full of canaries: words that occur nowhere else. At the end every part
of every letter's final bytes is searched. A planted crossing shows that the search can fail, and
that the gate stops it before the search would have to.
"""

from __future__ import annotations

import email
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from email.policy import default
from pathlib import Path

import pytest
from openpyxl.workbook import Workbook

from csp_workflow import wiring
from csp_workflow.forms import layout
from csp_workflow.rehearsal.partners import excel
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps import commit as committing
from csp_workflow.terms.events import Letter, LetterState
from tests.story.site_told import CO_ORDINATOR, Played, at, filled

OFFICE = {CO_ORDINATOR, "deputy.co-ordinator@opcc.example"}
SECRETARIAT = {"secretariat@opcc.example", "democratic.services@county.example"}
ANALYST = "forceanalyst"
CANARY = re.compile(r"canary([a-z]+)x")


def canary(key: str) -> str:
    """A word that belongs to one respondent."""
    return f"canary{key.replace('-', '')}x"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A quarter in which everybody returns a form full of canaries and every chair approves."""
    site = Played.laid_out(tmp_path_factory.mktemp("canary") / "opcc")
    keys = {r.code: r.key for r in site.opened(at("01 Oct 09:00")).outside.site.respondents}
    site.beat("01 Oct 09:05")
    site.reply(site.the_letter(CO_ORDINATOR, "Nobody has been asked yet"), CO_ORDINATOR, "SEND")
    site.beat("02 Oct 09:05")
    for day in ("06", "08", "10", "13"):
        site.beat(f"{day} Oct 09:05")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Here is everything"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    for letter in (x for x in site.new_letters() if x.workbooks and not x.subject.startswith("For information")):
        for place, (_, data) in enumerate(letter.workbooks):
            _return(site, letter, place, keys[excel.form_code(data)])
    site.beat("16 Oct 10:00")
    for letter in site.new_letters():
        if "APPROVED on its own first line" in " ".join(letter.text.split()):
            site.reply(letter, letter.to, "APPROVED")
    for day in ("17 Oct 10:00", "20 Oct 10:00", "28 Oct 10:00", "04 Nov 17:05", "20 Nov 09:05", "28 Nov 09:05"):
        site.beat(day)
    return site


def _return(site: Played, letter: Post, place: int, key: str) -> None:
    """One form full of canaries. One partnership's is faulty too, so that its words come back in a fresh form."""

    def noted(book: Workbook) -> None:
        for sheet in book.worksheets:
            for row, columns, _, _ in excel.figure_rows(sheet):
                sheet.cell(row, columns[layout.NOTE]).value = f"See {canary(key)}."

    typed = "#DIV/0!" if key == "rutland" else 4_100
    form = filled(letter, place, number=typed, words=f"We did {canary(key)} together.", change=noted)
    site.reply(letter, letter.to, f"Please find it attached. {canary(key)}", form)


def everything(raw: bytes) -> Iterator[str]:
    """Every text in a message: headers, bodies, attachment names, and every part of every zip in it."""
    message = email.message_from_bytes(raw, policy=default)
    yield "\n".join(f"{name}: {value}" for name, value in message.items())
    for part in message.walk():
        if part.is_multipart():
            continue
        data = part.get_payload(decode=True) or b""
        yield part.get_filename() or ""
        if data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as book:
                yield from (book.read(name).decode("utf-8", "replace") for name in book.namelist())
        else:
            yield data.decode("utf-8", "replace")


def _shows(path: Path, key: str, to: str) -> bool:
    """Whether a letter went to somebody with a respondent's canary in it."""
    raw = path.read_bytes()
    return f"<{to}>".encode() in raw and any(canary(key) in text for text in everything(raw))


def crossings(site: Played) -> list[str]:
    """Letters that carry a canary to somebody not registered for its owner."""
    with wiring.open_site(site.place / "config", site.place / "state", now=at("30 Dec 09:00"), working=False) as wired:
        registered = {
            address: {canary(r.key)[6:-1] for r in wired.outside.site.registered(address, at("20 Oct 09:00").date())}
            for address in {c.address for r in wired.outside.site.respondents for c in r.contacts}
        }
        # What the force's analyst writes beside a police figure stands beside it wherever a partnership is shown it.
        for address in {c.address for r in wired.outside.site.respondents if r.needs_approval for c in r.contacts}:
            registered[address].add(ANALYST)
    found = []
    for path in (site.place / "state" / "mail" / "sent" / "new").iterdir():
        raw = path.read_bytes()
        to = email.message_from_bytes(raw, policy=default)["To"].addresses[0].addr_spec
        carried = {match for text in everything(raw) for match in CANARY.findall(text)}
        if to not in OFFICE | SECRETARIAT and carried - registered.get(to, set()):
            found.append(f"{sorted(carried)} to {to}")
    return found


def test_every_canary_was_let_loose(played: Played) -> None:
    seen = set()
    for path in (played.place / "state" / "mail" / "sent" / "new").iterdir():
        seen |= {match for text in everything(path.read_bytes()) for match in CANARY.findall(text)}
    assert len(seen) >= 11, "the search would prove nothing if the canaries never left"


def test_nothing_of_one_respondent_reaches_another(played: Played) -> None:
    assert crossings(played) == []


def test_the_search_finds_a_planted_crossing(played: Played, tmp_path: Path) -> None:
    site = played.copied_to(tmp_path / "opcc")
    sent = site.place / "state" / "mail" / "sent" / "new"
    theirs = next(p for p in sent.iterdir() if _shows(p, "leicester", "chair@leicester.example"))
    (sent / "planted").write_bytes(theirs.read_bytes().replace(b"chair@leicester.example", b"chair@rutland.example"))
    assert any("chair@rutland.example" in found for found in crossings(site))


def test_the_gate_stops_a_form_that_goes_to_the_wrong_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in our own code swaps two recipients just before the letters are frozen."""
    swapped = {"lead@rutland.example": "lead@charnwood.example", "lead@charnwood.example": "lead@rutland.example"}
    honest = committing.freeze

    def swapping(outside: object, letter: Letter, now: object) -> object:
        wrong = replace(letter, recipient=swapped.get(letter.recipient, letter.recipient))
        return honest(outside, wrong, now)  # type: ignore[arg-type]

    site = Played.laid_out(tmp_path / "opcc")
    site.beat("15 Oct 07:35")
    monkeypatch.setattr(committing, "freeze", swapping)
    site.reply(site.the_letter(CO_ORDINATOR, "Here is everything"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    asked = {x.to for x in site.new_letters() if x.workbooks}
    assert not asked & set(swapped), "neither form left"
    held = site.ask(lambda outside: [x for x in outside.store.letters() if x.state is LetterState.HELD])
    assert len(held) == 2  # type: ignore[arg-type]
