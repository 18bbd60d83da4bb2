"""What Exchange calls a message (its item class), as marks. The same in Exchange at home and in Microsoft 365."""

from __future__ import annotations

from csp_workflow.terms.messages import Mark

_BEGINNINGS = {
    "ipm.note.rules.ooftemplate": Mark.AWAY,
    "ipm.schedule.meeting": Mark.MEETING,
    "ipm.outlook.recall": Mark.RECALL,
    "ipm.recall": Mark.RECALL,
}
_REPORTS = {"ndr": Mark.BOUNCE, "dr": Mark.RECEIPT, "ipnrn": Mark.RECEIPT, "ipnnrn": Mark.RECEIPT}


def read_marks(item_class: str) -> frozenset[Mark]:
    """The marks of an item class such as "REPORT.IPM.Note.NDR"; none for an ordinary message or an unknown class."""
    name = item_class.strip().lower()
    if name.startswith("report."):
        kind = name.rpartition(".")[2]
        return frozenset({_REPORTS[kind]} if kind in _REPORTS else ())
    return frozenset(
        mark for beginning, mark in _BEGINNINGS.items() if name == beginning or name.startswith(f"{beginning}.")
    )
