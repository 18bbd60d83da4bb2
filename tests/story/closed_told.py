"""What the stories after a quarter's close share: who plays in them, and what a paper says."""

from __future__ import annotations

import io
from datetime import timedelta

import docx

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.terms.dates import LONDON
from csp_workflow.terms.messages import Verdict
from tests.report.paper_read import list_paragraphs
from tests.story.site_told import CO_ORDINATOR, Played, at

CHARN, CHARN_CHAIR = "lead@charnwood.example", "chair@charnwood.example"
LEIC, LEIC_CHAIR = "lead@leicester.example", "chair@leicester.example"
RUTLAND, NWL = "lead@rutland.example", "lead@nwl.example"
SECRETARIAT, PANEL = "secretariat@opcc.example", "democratic.services@county.example"


def read_file(letter: Post) -> list[str]:
    """Every paragraph of the Word file that a letter brings, and every row of its tables."""
    ((_, data),) = [one for one in letter.files if one[0].endswith(".docx") and "changes since" not in one[0]]
    document = docx.Document(io.BytesIO(data))
    rows = [" | ".join(cell.text for cell in row.cells) for table in document.tables for row in table.rows]
    return [*list_paragraphs(data), *rows]


def hold_correction(site: Played, letter: Post, file: tuple[str, bytes], when: str, words: str = "Corrected.") -> str:
    """A lead corrects an accepted return after the close; the order that takes it."""
    site.reply(letter, letter.to, words, file)
    site.beat(when)
    held = [one for one in site.ask(lambda o: o.store.messages(), when) if one.verdict is Verdict.HELD]  # type: ignore[attr-defined]
    code = site.ask(lambda o: o.site.spoken_for(letter.to, at(when).date())[0].code, when)
    return f"ASSIGN {held[-1].id[:10]} TO {code}"


def send_correction(site: Played, letter: Post, file: tuple[str, bytes], when: str) -> None:
    """The same, and she takes it at once."""
    before = (at(when) - timedelta(minutes=1)).astimezone(LONDON).strftime("%d %b %H:%M")
    site.write(CO_ORDINATOR, "Their correction", hold_correction(site, letter, file, before))
    site.beat(when)


def told_in_the_paper(draft: Post, name: str) -> str:
    """What a draft says of one partnership's return, below its name."""
    lines = read_file(draft)
    return lines[lines.index(name) + 1]
