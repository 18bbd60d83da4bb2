"""The egress gate: opens a letter's final bytes once more and refuses what crosses.

It finds the return references in attached workbooks by itself (zip and pattern), sharing no code
with the forms' writer or reader, so that a mistake there is not repeated here. What it cannot open
or does not understand may not leave.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.kinds import Audience
from csp_workflow.mail.compose import SentView, UnclearMessage, read_back
from csp_workflow.mail.unpack import identify_content
from csp_workflow.terms.events import QueuedLetter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.site import Respondent, RespondentKind, Role, Site

_REFERENCE = re.compile(
    r"(?<![A-Z0-9])([A-Z][A-Z0-9]{1,15})-(\d{4}(?:Q[1-4]|M))-F\d{1,3}(?:\.\d{1,3})?-R\d{1,4}-[0-9A-Z]{8}(?![0-9A-Z])"
)
_REVISION = re.compile(r"-F\d{1,3}(?:\.\d{1,3})?-R\d")
_BEFORE, _AFTER = 32, 64
"""So many characters around the middle of a reference hold the whole of it, and what stands beside it."""
_ENTRY = re.compile(rb"\r\nUID:([A-Z][A-Z0-9]{1,15})-(\d{4}Q[1-4])-due@csp-workflow\r\n")
"""The name of a calendar entry of ours."""
_PAGE = re.compile(rb'<meta name="own-page" content="([A-Z][A-Z0-9]{1,15})-(\d{4}Q[1-4])">')
"""Whose page of the dashboard it is, and of which quarter."""
_TAG = re.compile(r"\[CSP (?:\d{4}/\d{2}-Q[1-4] )?([^\]]*)\]\s*$")
_PRINT_CODE = re.compile(r"&(?:amp;)?[LCR]")
"""Left, centre or right in a print footer: it stands right before the reference."""
_ROLES = {
    Audience.LEAD: (Role.LEAD,),
    Audience.CHAIR: (Role.CHAIR, Role.DEPUTY_CHAIR),
    Audience.LEAD_OR_CHAIR: (Role.LEAD, Role.CHAIR, Role.DEPUTY_CHAIR),
    Audience.HOLDER: (Role.BUDGET_HOLDER, Role.DEPUTY_HOLDER),
    Audience.MONEY: (Role.LEAD, Role.BUDGET_HOLDER, Role.DEPUTY_HOLDER, Role.FINANCE),
}
"""Who must be what to get a letter; any role will do for the other audiences."""

_LARGEST_BOOK = 80 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class _Allowed:
    """Whose information this letter may carry, by reference code, and of which quarter ("" for any)."""

    codes: frozenset[str]
    period: str


def judge_bytes(content: bytes, letter: QueuedLetter, site: Site, day: date) -> str:
    """Why a letter's final bytes may not leave, in a sentence for the co-ordinator; "" when they may."""
    try:
        view = read_back(content)
    except UnclearMessage as fault:
        return str(fault)
    said = (view.recipient.lower(), view.message_id, view.delivery_id)
    if said != (letter.recipient.lower(), letter.message_id, letter.id):
        return "The letter's bytes are not those of the letter that was queued."
    audience = kind_of(letter.kind).audience
    if audience is Audience.NOBODY:
        return "This version knows no letter of its kind, so nobody may get it."
    if audience is Audience.ASKER and not letter.respondents:
        audience = Audience.SECRETARIAT
    refuse = _REFUSALS.get(audience)
    return refuse(letter, view, site) if refuse else _respondent_refusal(letter, view, site, day)


def _invited_refusal(letter: QueuedLetter, view: SentView, site: Site) -> str:
    """Whoever has not confirmed gets the question alone, of those who named them: no file and nobody else's name."""
    inviting = {r.key: r.code for r in site.respondents if r.is_invited(letter.recipient)}
    if not letter.respondents or not set(letter.respondents) <= inviting.keys():
        return "Its recipient is not named for every respondent it is about, or has answered already."
    if view.attachments:
        return "A file may not go to an address that has not confirmed."
    codes = frozenset(inviting[key] for key in letter.respondents)
    return _words_refusal(view, _Allowed(codes=codes, period=""))


def _topic_refusal(letter: QueuedLetter, view: SentView, site: Site) -> str:
    """Only the addresses of the topics, and nothing but the message that it is about, as it came."""
    named = {person.address.lower() for person in site.office.people} | {t.address.lower() for t in site.topics.topics}
    if letter.recipient.lower() not in named:
        return "It passes a message on, and its recipient is named for that nowhere."
    about = {one.message for one in letter.about}
    carried = {identify_content(attached.data) for attached in view.attachments}
    return "" if carried <= about else "It carries something else than the message that it passes on."


def _office_refusal(letter: QueuedLetter, _: SentView, site: Site) -> str:
    """The co-ordinator and her deputy may read everything."""
    meant = {person.address.lower() for person in site.office.people}
    return "" if letter.recipient.lower() in meant else "It is meant for the office, and goes to somebody else."


def _watcher_refusal(letter: QueuedLetter, view: SentView, site: Site) -> str:
    """Whoever is told of trouble is told nothing else: no file."""
    if letter.recipient.lower() in {address.lower() for address in site.watch.tell}:
        return "A letter about trouble carries no file." if view.attachments else ""
    return _office_refusal(letter, view, site)


def _manager_refusal(letter: QueuedLetter, view: SentView, site: Site) -> str:
    """The manager gets how things stand, and no file."""
    manager = site.office.manager
    if manager is None or not manager.is_at(letter.recipient):
        return "It is meant for the co-ordinator's manager, and goes to somebody else."
    return "A file may not go with the week in short." if view.attachments else ""


def _secretariat_refusal(letter: QueuedLetter, view: SentView, site: Site) -> str:
    """The secretariat gets papers, and nobody's form."""
    taking = [person for person in site.office.secretariat if person.address.lower() == letter.recipient.lower()]
    if not taking:
        return _office_refusal(letter, view, site)
    boards = {one.board for one in letter.about if one.board} if view.attachments else set()
    if boards and not any(not person.boards or boards <= set(person.boards) for person in taking):
        return "It carries another board's paper than those its recipient takes."
    carried = [identities(attached) for attached in view.attachments]
    is_form = any(carried) if kind_of(letter.kind).recall else any(found != frozenset() for found in carried)
    return "A letter to the secretariat may not carry a form." if is_form else ""


def _reader_refusal(letter: QueuedLetter, view: SentView, site: Site) -> str:
    """Whoever must agree to a board's paper gets that paper, and nobody's form."""
    address, boards = letter.recipient.lower(), {one.board for one in letter.about if one.board}
    if not boards or not all(address in {r.address.lower() for r in site.readers_of(board)} for board in boards):
        return "It is about a paper, and its recipient is named nowhere as one who must agree to it."
    is_form = any(identities(attached) != frozenset() for attached in view.attachments)
    return "A letter about a paper may not carry a form." if is_form else ""


_REFUSALS: Mapping[Audience, Callable[[QueuedLetter, SentView, Site], str]] = {
    Audience.INVITED: _invited_refusal,
    Audience.TOPIC: _topic_refusal,
    Audience.OFFICE: _office_refusal,
    Audience.WATCHER: _watcher_refusal,
    Audience.MANAGER: _manager_refusal,
    Audience.SECRETARIAT: _secretariat_refusal,
    Audience.READER: _reader_refusal,
}
"""Who judges what is not for a respondent's own people."""


def judge_recipient(letter: QueuedLetter, site: Site, day: date) -> str:
    """Why a respondent's letter may not go to its recipient, whatever it says; "" when it may, or is none."""
    audience = kind_of(letter.kind).audience
    is_no_respondents = audience in _REFUSALS or (audience is Audience.ASKER and not letter.respondents)
    return "" if is_no_respondents else _recipient_refusal(audience, letter, site, day)


def _recipient_refusal(audience: Audience, letter: QueuedLetter, site: Site, day: date) -> str:
    if not letter.respondents:
        return "It does not say whose information it carries."
    if not set(letter.respondents) <= {r.key for r in site.registered(letter.recipient, day)}:
        return "Its recipient is not (or no longer) a registered contact of every respondent it is about."
    if not all(_is_meant(audience, site.respondent(key), letter.recipient, day) for key in letter.respondents):
        return f"It is meant for {audience}, and its recipient is not that to every respondent it is about."
    return ""


def _respondent_refusal(letter: QueuedLetter, view: SentView, site: Site, day: date) -> str:
    refusal = _recipient_refusal(kind_of(letter.kind).audience, letter, site, day)
    if refusal:
        return refusal
    registered = {r.key: r.code for r in site.registered(letter.recipient, day)}
    allowed = _Allowed(
        codes=frozenset(registered[key] for key in letter.respondents),
        period=letter.quarter.code if letter.quarter else "",
    )
    is_by_hand = bool(kind_of(letter.kind).recall)
    refusals = (_attachment_refusal(attached, allowed, is_by_hand=is_by_hand) for attached in view.attachments)
    return next(filter(None, refusals), "") or _words_refusal(view, allowed)


def _is_meant(audience: Audience, respondent: Respondent, address: str, day: date) -> bool:
    """Whether a registered contact is one for whom a letter is meant."""
    if audience is Audience.ANALYST:
        return respondent.kind is RespondentKind.ANALYST
    roles = _ROLES.get(audience, tuple(Role))
    mine = (c for c in respondent.contacts_on(day) if c.address.lower() == address.lower())
    return any(contact.role in roles for contact in mine)


def _attachment_refusal(attached: Attachment, allowed: _Allowed, *, is_by_hand: bool) -> str:
    """A file that a person named need be no form of ours; when it is one, it must be the recipient's all the same."""
    found = identities(attached)
    if not found:
        lacks = "has no return reference" if found is not None else "cannot be opened to see whose it is"
        return "" if is_by_hand else f"The attachment '{attached.name}' {lacks}."
    if len(found) > 1:
        return f"The attachment '{attached.name}' has the return references of several forms."
    code, period = next(iter(found))
    if code not in allowed.codes:
        return f"The attachment '{attached.name}' belongs to another respondent."
    if allowed.period and period != allowed.period:
        return f"The attachment '{attached.name}' belongs to another quarter."
    return ""


def _words_refusal(view: SentView, allowed: _Allowed) -> str:
    quoted = {code for code, _ in _list_references("\n".join((view.subject, view.text, view.html)))}
    tag = _TAG.search(view.subject)
    named = {word for word in tag[1].replace(",", " ").split() if not word.startswith("#")} if tag else set()
    return "" if quoted | named <= allowed.codes else "It names another respondent's return."


def identities(attached: Attachment) -> frozenset[tuple[str, str]] | None:
    """The (code, quarter) of every return reference in a workbook's parts and name; of an entry or a page of ours.

    None when it cannot be opened.
    """
    if attached.data.startswith(b"BEGIN:VCALENDAR\r\n"):
        return frozenset((match[1].decode(), match[2].decode()) for match in _ENTRY.finditer(attached.data))
    if attached.data.startswith(b"<!DOCTYPE html>"):
        return frozenset((match[1].decode(), match[2].decode()) for match in _PAGE.finditer(attached.data))
    if not attached.data.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(attached.data)) as book:
            if sum(part.file_size for part in book.infolist()) > _LARGEST_BOOK:
                return None
            texts = [book.read(part).decode("utf-8", "replace") for part in book.infolist()]
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        return None
    readable = (_PRINT_CODE.sub(" ", text) for text in (attached.name, *texts))
    return frozenset(found for text in readable for found in _list_references(text))


def _list_references(text: str) -> Iterator[tuple[str, str]]:
    """The code and quarter of each return reference.

    Each is looked for around its own middle: from every capital letter of a workbook's parts it took half of all this.
    """
    for middle in _REVISION.finditer(text):
        for found in _REFERENCE.finditer(text, max(0, middle.start() - _BEFORE), middle.start() + _AFTER):
            yield found[1], found[2]
