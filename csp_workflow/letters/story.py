"""What the letters of a quarter are in its story, for whoever looks at a rehearsal."""

from __future__ import annotations

STEPS = (
    ("request-analyst", "The force's analyst is asked for the police figures, so that nobody types them twice."),
    ("introduction", "People whom the service has never written to are told who it is."),
    ("proof-pack", "The co-ordinator sees every letter first; nothing leaves before her SEND."),
    ("request", "Every partnership gets its form, with the police figures in it."),
    ("receipt", "The first return is read and answered within minutes."),
    ("correction", "A return with something to correct goes back."),
    ("approval-request", "The chairs are asked to approve: one word in a reply is enough."),
    ("reminder-before-due", "Those who have not answered are reminded for the first time."),
    ("reminder-overdue", "Those who are late are reminded."),
    ("draft-paper", "The first draft of a paper is with the co-ordinator."),
    ("part-shown", "Each partnership is shown what the paper says of it."),
    ("circulation", "The paper goes to the Board's secretariat."),
)
"""The kinds that a step of the quarter begins with, in their order, and what happens then."""

REMINDERS = frozenset({"reminder-before-due", "reminder-due-today", "reminder-overdue", "approval-reminder"})
"""The kinds that remind somebody of what they were asked for."""

SENT_BACK = "correction"
"""The kind that goes with a return in which something is to be corrected."""

WRONG_FILES = frozenset({"no-workbook", "wrong-quarter", "unchanged-form", "unreadable-file", "two-versions"})
"""The kinds that answer a file which is not the form, or not the one that was asked for."""
