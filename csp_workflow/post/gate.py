"""The egress gate: opens a letter's final bytes once more and refuses what crosses.

It finds the return references in attached workbooks by itself (zip and pattern), sharing no code
with the forms' writer or reader, so that a mistake there is not repeated here.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from csp_workflow.letters.mime import LetterUnclear, SentView, opened
from csp_workflow.terms.letters import Manner, QueuedLetter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.respondents import Respondent
from csp_workflow.terms.site import Site

_REFERENCE = re.compile(r"\b([A-Z][A-Z0-9]{1,11})-\d{4}Q[1-4]-F\d+-R\d+-[0-9A-Z]{6,12}\b")
_LARGEST_PART = 40 * 1024 * 1024
CIRCULATION = "circulation"
"""The one kind of letter that goes to the secretariat: a cleared paper is for publication."""


@dataclass(frozen=True, kw_only=True)
class _Rights:
    """Whose information an address may see today, by reference code."""

    codes: frozenset[str]
    keys: frozenset[str]


def refusal(content: bytes, letter: QueuedLetter, site: Site, day: date) -> str:
    """Why a letter's final bytes may not leave, in a sentence for the co-ordinator; "" when they may."""
    try:
        view = opened(content)
    except LetterUnclear as fault:
        return str(fault)
    if view.recipient.lower() != letter.recipient.lower() or view.message_id != letter.message_id:
        return "The letter's bytes are not those of the letter that was queued."
    if letter.manner is Manner.OFFICE:
        return _office_refusal(letter, site)
    return _respondent_refusal(view, letter, site, day)


def _office_refusal(letter: QueuedLetter, site: Site) -> str:
    office = site.office
    people = {office.co_ordinator.address.lower()} | ({office.deputy.address.lower()} if office.deputy else set())
    if letter.kind == CIRCULATION:
        people |= {contact.address.lower() for contact in office.secretariat}
    return "" if letter.recipient.lower() in people else "It is meant for the office, and goes to somebody else."


def _respondent_refusal(view: SentView, letter: QueuedLetter, site: Site, day: date) -> str:
    rights = _rights(letter.recipient, site.serving(day), day)
    if not letter.respondents:
        return "It does not say whose information it carries."
    if not set(letter.respondents) <= rights.keys:
        return "Its recipient is not (or no longer) a registered contact of every respondent it is about."
    for attached in view.attachments:
        found = frozenset(_codes_in(attached))
        if not found:
            return f"The attachment '{attached.name}' has no return reference."
        if not found <= rights.codes:
            return f"The attachment '{attached.name}' belongs to another respondent."
    written = frozenset(_REFERENCE.findall(view.text + view.html))
    return "" if written <= rights.codes else "It quotes the return reference of another respondent."


def _rights(address: str, respondents: Iterable[Respondent], day: date) -> _Rights:
    mine = [r for r in respondents if r.is_registered(address, day)]
    return _Rights(codes=frozenset(r.code for r in mine), keys=frozenset(r.key for r in mine))


def _codes_in(attached: Attachment) -> Iterator[str]:
    """The codes of every return reference anywhere in a workbook; none from anything that is no zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(attached.data)) as book:
            for info in book.infolist():
                if info.file_size <= _LARGEST_PART:
                    yield from _REFERENCE.findall(book.read(info).decode("utf-8", "replace"))
    except (zipfile.BadZipFile, OSError, ValueError):
        return
