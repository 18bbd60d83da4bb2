"""What files say of one another: owners, areas, priorities and boards exist, and nothing stands twice."""

from __future__ import annotations

from csp_workflow.settings.checks import calendar, frameworks, mail, office, references, respondents
from csp_workflow.settings.faults import Faults
from csp_workflow.settings.files import Read


def check(read: Read, faults: Faults, *, adapter: str | None = None) -> None:
    """Note every fault between the files; what concerns a file that could not be read is left out.

    `adapter` is the environment's choice of mailbox, which comes before the file's.
    """
    respondents.check(read, faults)
    frameworks.check(read, faults)
    calendar.check(read, faults)
    office.check(read, faults)
    mail.check(read, faults, adapter or (read.service.adapter if read.service else ""))
    references.check(read, faults)
