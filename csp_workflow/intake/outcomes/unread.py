"""The files of a message that could not be taken, those a mail system kept from us among them, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from csp_workflow.forms.refusals import refusal
from csp_workflow.intake.facts import IntakeFacts
from csp_workflow.letters.answers import UnreadFile
from csp_workflow.mail.classify import find_missing, is_notice
from csp_workflow.mail.unpack import TOO_DEEP, TOO_MANY
from csp_workflow.terms.messages import IncomingMessage

_OWN_DESIGN = "The workbook is not the form we sent you. Please fill in the form we sent you and attach that."
_TOO_LARGE = "It was too large, so that we did not open it. Please send the form we sent you, and nothing else with it."
_NOT_HANDED_OUT = (
    "Our mail server did not hand its content out to us, so that we could not open what is attached. "
    "Please send it once more."
)
_MISSING = "The attachment"
_UNSEEN = {TOO_DEEP: "too deep", TOO_MANY: "too many"}


def unread_files(message: IncomingMessage, facts: IntakeFacts) -> Iterator[tuple[UnreadFile, str]]:
    """Each file that could not be taken and why. A message above the size limit has its files unopened.

    A notice of a mail system stands for the file that it tells of.
    """
    if not facts.whole and message.size > facts.site.limits.message_bytes:
        yield UnreadFile(name=f"Your message ({message.size / 1_000_000:.0f} MB)", sentence=_TOO_LARGE), "too large"
    elif not facts.whole:
        yield UnreadFile(name="Your message", sentence=_NOT_HANDED_OUT), "not handed out"
    missing = find_missing(message)
    for reason in filter(None, (missing, *(_UNSEEN.get(defect) for defect in message.defects))):
        yield UnreadFile(name=_MISSING, sentence=refusal(reason).sentence), reason
    for attachment, found in facts.unreadable():
        if not (missing and is_notice(attachment)):
            yield UnreadFile(name=attachment.name, sentence=found.sentence), found.reason
    for attachment, _ in facts.forms():
        yield UnreadFile(name=attachment.name, sentence=_OWN_DESIGN), "another design"


def asks_with_a_picture(message: IncomingMessage, reasons: Sequence[str]) -> bool:
    """Whether somebody asks about something and shows it on a picture, given why each file could not be taken."""
    return "?" in message.answer and set(reasons) == {"image"}
