"""What the co-ordinator asked to see or to have explained, with the files she asked for."""

from __future__ import annotations

from collections.abc import Sequence

from csp_workflow.letters.kinds import Audience, Kind, Matter, writes
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.letters import About, Manner
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.site import Contact


@writes(Kind(name="as-asked", manner=Manner.OFFICE, audience=Audience.OFFICE))
def as_asked(
    to: Contact,
    *,
    title: str,
    paragraphs: Sequence[str],
    about: About,
    quarter: Quarter | None,
    cause: str,
    files: tuple[Attachment, ...] = (),
) -> Matter:
    """Say what was asked about something, in short paragraphs; what it is about is what a reply to it means."""
    facts = {"codes": (), "title": title, "paragraphs": tuple(paragraphs), "files": tuple(f.name for f in files)}
    return Matter(to=to, cause=cause, about=(about,), quarter=quarter, facts=facts, attachments=files)
