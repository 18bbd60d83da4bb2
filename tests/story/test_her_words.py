"""The co-ordinator edits a draft in Word and replies with it: her words are kept, and she clears what she has seen."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from csp_workflow.rehearsal.partners.mail import Post
from tests.story.closed_told import SECRETARIAT
from tests.story.site_told import CO_ORDINATOR, Q2, Played, said

Drafted = tuple[Played, Post]


@pytest.fixture(scope="module")
def first_draft(closed: tuple[Played, dict[str, Post]], tmp_path_factory: pytest.TempPathFactory) -> Drafted:
    """The Board's first draft has come; not played on."""
    site = closed[0].copied_to(tmp_path_factory.mktemp("drafted") / "opcc")
    site.beat("20 Nov 09:05")
    draft = site.the_letter(CO_ORDINATOR, "is attached (speb")
    site.new_letters()
    return site, draft


@pytest.fixture
def drafted(first_draft: Drafted, tmp_path: Path) -> Drafted:
    return first_draft[0].copied_to(tmp_path / "opcc"), first_draft[1]


def file_of(letter: Post) -> bytes:
    """The paper that a letter brings."""
    return next(data for name, data in letter.files if " draft " in name)


def mark_of(letter: Post) -> str:
    return sha256(file_of(letter)).hexdigest()[:8]


def answered(site: Played, when: str) -> str:
    site.beat(when)
    letters = site.new_letters(CO_ORDINATOR)
    return " | ".join(said(one) for one in letters if "Draft" not in one.subject[:5])


def test_a_clearance_is_of_the_file_that_she_answers_and_names_it(drafted: Drafted) -> None:
    site, first = drafted
    assert f"whose mark is {mark_of(first)}" in said(first)
    site.write(CO_ORDINATOR, "Papers", "DRAFT speb")
    site.beat("20 Nov 09:30")
    second = site.the_letter(CO_ORDINATOR, "is attached (speb")
    site.reply(first, CO_ORDINATOR, "CLEAR")
    refused = answered(site, "20 Nov 09:40")
    assert f"Draft 2 of the paper for Strategic Partnership Executive Board (mark {mark_of(second)}) came at" in refused
    assert "after the letter you answer" in refused
    site.reply(second, CO_ORDINATOR, "CLEAR")
    assert f"Draft 2 of the paper for Strategic Partnership Executive Board (mark {mark_of(second)}) is cleared" in (
        answered(site, "20 Nov 09:50")
    )
    (event,) = [e for e in site.ask(lambda o: o.store.events(Q2)) if e.kind == "paper cleared"]  # type: ignore[attr-defined]
    assert event.facts == {"content": sha256(file_of(second)).hexdigest(), "number": 2}
    assert not site.new_letters(SECRETARIAT)
