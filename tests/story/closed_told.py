"""What the stories after a quarter's close share: who plays in them, and what a paper says."""

from __future__ import annotations

import io

import docx

from csp_workflow.rehearsal.partners.mail import Post
from tests.report.paper_read import list_paragraphs

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


def told_in_the_paper(draft: Post, name: str) -> str:
    """What a draft says of one partnership's return, below its name."""
    lines = read_file(draft)
    return lines[lines.index(name) + 1]
