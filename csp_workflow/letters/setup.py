"""The letters about what the co-ordinator sets up: her workbook, and what a file that she sent would change."""

from __future__ import annotations

from collections.abc import Sequence

from csp_workflow.letters.kinds import Audience, Kind, Matter, writes
from csp_workflow.terms.letters import About, Manner
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
    message: str,
    told_as: str,
    answers: str,
) -> Matter:
    """What a file that came in a `message` would change, and the `code` that takes it ("" for none); or its faults.

    `told_as` is the word that takes it, or would: no two letters of one message have the same.
    """
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
    about = (About(message=message),)
    return Matter(
        to=to, cause=name_file_told(message, told_as), about=about, quarter=None, facts=facts, answers=answers
    )


def name_file_told(message: str, code: str) -> str:
    """The cause of the letter that tells of a file: the message that it came in, and the word that takes it."""
    return f"file:{message}:{code}"
