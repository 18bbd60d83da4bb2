"""The letters about what the co-ordinator sets up: her workbook, and what a file that she sent would change."""

from __future__ import annotations

from collections.abc import Sequence

from csp_workflow.letters.kinds import Audience, Kind, Matter, writes
from csp_workflow.terms.letters import Manner
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.site import Contact

MOST_SAID = 100
"""So many sentences are told one by one."""


@writes(Kind(name="setup-workbook", manner=Manner.OFFICE, audience=Audience.OFFICE))
def setup_workbook(to: Contact, file: Attachment, *, cause: str) -> Matter:
    """Bring her the set-up as it stands, to be changed and sent back at any time."""
    facts = {"codes": (), "file": file.name}
    return Matter(to=to, cause=f"setup:{cause}", about=(), quarter=None, facts=facts, attachments=(file,))


@writes(Kind(name="file-told", manner=Manner.OFFICE, audience=Audience.OFFICE))
def file_told(
    to: Contact,
    name: str,
    *,
    code: str,
    changes: Sequence[str],
    faults: Sequence[str],
    cause: str,
    answers: str,
) -> Matter:
    """What a file of hers would change, and the `code` that takes it ("" for none); or all that is to be mended."""
    facts = {
        "codes": (),
        "file": name,
        "code": code,
        "changes": tuple(changes[:MOST_SAID]),
        "more_changes": max(len(changes) - MOST_SAID, 0),
        "faults": tuple(faults[:MOST_SAID]),
        "more_faults": max(len(faults) - MOST_SAID, 0),
        "changed": len(changes),
        "faulty": len(faults),
    }
    return Matter(to=to, cause=f"file:{cause}", about=(), quarter=None, facts=facts, answers=answers)
