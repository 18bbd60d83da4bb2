"""What is laid before the co-ordinator before anything leaves: the quarter ahead, what changed in it, who we are."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from typing import Any

from csp_workflow.letters.kinds import Audience, Ground, Kind, Matter, name_kind, writes
from csp_workflow.terms.dates import Board, CycleDates, Quarter
from csp_workflow.terms.events import About, Letter, LetterState, Manner, QueuedLetter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import capital, day, joined
from csp_workflow.terms.site import Assent, Contact, Respondent

PROOF_ROOM = 15 * 1024 * 1024
"""Bytes a proof pack's message may have in all, because many mail servers refuse larger ones."""

_TITLES = {
    "request": "Request for a return",
    "request-chair": "Note to the chair",
    "request-contributor": "Request for figures",
    "request-analyst": "Request for the extract",
    "overdue-chair": "Letter to the chair that the return has not come",
}


@dataclass(frozen=True, kw_only=True)
class ProofLetter:
    """A letter as it would leave: its words, whose returns it is about, the first day it may go, and on what it waits
    then ("": on nothing)."""

    letter: Letter
    subject: str
    text: str
    leaves: date
    condition: str = ""
    names: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What the letter is, in a few words."""
        kind = self.letter.kind
        return _TITLES.get(kind) or capital(name_kind(kind))

    @property
    def asks(self) -> tuple[str, ...]:
        """What a request asks for, form by form."""
        every = self.letter.facts.get("forms", ())
        forms = [form for form in every if isinstance(form, Mapping) and "asks" in form]
        return tuple(f"{form['name']}: {form['asks']}" if len(forms) > 1 else form["asks"] for form in forms)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of what it brings."""
        return tuple(attached.name for attached in self.letter.attachments)


@dataclass(frozen=True, kw_only=True)
class Since:
    """The proof that one takes the place of: when it was made, and what changed since, a phrase for each."""

    made: datetime
    changes: tuple[str, ...]
    same: int = 0
    """How many letters that leave on SEND stand as they were, and are not shown again."""


def _lay_before(
    to: Contact,
    letters: Sequence[ProofLetter],
    dates: CycleDates,
    *,
    boards: Sequence[Board],
    remarks: Sequence[str] = (),
    may_go: bool = True,
    unsent: Sequence[Attachment] = (),
    coming: Sequence[ProofLetter] = (),
    since: Since | None = None,
) -> Matter:
    """Lay all that would be sent before the co-ordinator; after a proof (`since`) only what is otherwise now.

    `coming` are the letters that follow if nobody answers, `remarks` says what cannot be sent and why, first of all
    what is in the way of SEND where it `may_go` not yet. `unsent` are the workbooks that go to nobody, for her to send
    herself. Attached: every letter in one text file, the list of them by person, then the workbooks, in order, as far
    as a message has room.
    """
    every = (*letters, *coming)
    words, listed = _letters_file(every, dates), _list_file(every, dates, boards)
    books = tuple(dict.fromkeys((*(attached for proof in letters for attached in proof.letter.attachments), *unsent)))
    enclosed = _that_fit((words, listed, *books)) if every else ()
    facts: dict[str, Any] = {
        "codes": (),
        "dates": dates,
        "remarks": (*remarks, *dates.warnings) if not may_go else (*dates.warnings, *remarks),
        "may_go": may_go,
        "letters": tuple(_proof_line(proof) for proof in letters),
        "people": len({proof.letter.recipient for proof in letters}),
        "forms": len(books),
        "forms_attached": max(len(enclosed) - 2, 0),
        "letters_attached": bool(enclosed),
        "boards": {board.key: board.name for board in boards},
        "letters_file": words.name,
        "list_file": listed.name,
        "coming": tuple(_list_days(coming)),
        "since": since,
        "orders": ("SEND", "HOLD"),
    }
    return Matter(
        to=to,
        cause=f"{dates.quarter.key} {_proof_content(every, books, facts['remarks'])}",
        about=tuple(dict.fromkeys(About(respondent=key) for proof in letters for key in proof.letter.respondents)),
        quarter=dates.quarter,
        facts=facts,
        attachments=enclosed,
    )


def _proof_kind(name: str) -> Kind:
    return Kind(name=name, manner=Manner.OFFICE, audience=Audience.OFFICE, ground=Ground.PROOF)


proof_pack = writes(_proof_kind("proof-pack"))(_lay_before)
"""Lay the whole cycle before the co-ordinator."""

extract_proof = writes(_proof_kind("extract-proof"))(_lay_before)
"""Lay the request for the extract before the co-ordinator, days before the rest."""


def _proof_content(letters: Sequence[ProofLetter], books: Sequence[Attachment], remarks: Sequence[str]) -> str:
    """A short hash of all that a proof shows, so that an unchanged proof is sent once and a changed one again."""
    shown = [(proof.letter.recipient, proof.leaves.isoformat(), proof.subject, proof.text) for proof in letters]
    seen = hashlib.sha256(repr((tuple(remarks), shown)).encode("utf-8", errors="replace"))
    for book in books:
        seen.update(hashlib.sha256(book.data).digest())
    return seen.hexdigest()[:16]


def _proof_line(proof: ProofLetter) -> dict[str, Any]:
    letter = proof.letter
    return {
        "to": letter.recipient_name,
        "address": letter.recipient,
        "leaves": proof.leaves,
        "title": proof.title,
        "names": proof.names,
        "files": proof.files,
        "asks": proof.asks,
    }


def _list_days(coming: Iterable[ProofLetter]) -> Iterable[Mapping[str, Any]]:
    """The letters to come, a row for each day and kind, with everybody who gets it."""
    rows: dict[tuple[date, str, str], dict[str, None]] = {}
    for proof in coming:
        names = rows.setdefault((proof.leaves, proof.title, proof.condition), {})
        names[proof.letter.recipient_name] = None
    for (when, title, condition), names in rows.items():
        yield {"day": when, "title": title, "condition": condition, "to": tuple(names)}


def _letters_file(letters: Sequence[ProofLetter], dates: CycleDates) -> Attachment:
    """Every letter of the cycle in one text file, in the order of the list, for reading and searching."""
    rule = "=" * 72
    parts = [
        f"{rule}\nLetter {place} of {len(letters)}\n"
        f"To: {proof.letter.recipient_name} <{proof.letter.recipient}>\n"
        f"Leaves: {_say_leaving(proof)}\n"
        f"Subject: {proof.subject}\n"
        f"Attached: {', '.join(proof.files) or 'nothing'}\n"
        f"{rule}\n\n{proof.text.strip()}\n"
        for place, proof in enumerate(letters, start=1)
    ]
    return Attachment(
        name=f"All letters {dates.quarter.code}.txt",
        # Old Notepads need the mark and CRLF to show a pound sign and a line end.
        data="\n\n".join(parts).replace("\n", "\r\n").encode("utf-8-sig", errors="replace"),
        content_type="text/plain",
    )


def _say_leaving(proof: ProofLetter) -> str:
    return f"{day(proof.leaves)}{f', {proof.condition}' if proof.condition else ' at the earliest'}"


def _list_file(letters: Sequence[ProofLetter], dates: CycleDates, boards: Sequence[Board]) -> Attachment:
    """Every letter of the quarter by person and day, as a file that Excel opens."""
    names = {board.key: board.name for board in boards}
    meetings = joined(f"{names.get(p.board, p.board)} on {day(p.meeting)}" for p in dates.papers)
    made = StringIO()
    rows = csv.writer(made, lineterminator="\r\n")
    rows.writerow(("Person", "Address", "Day", "Only", "Letter", "About", "Asked", "Subject", "Attached", "Meetings"))
    for proof in sorted(letters, key=lambda p: (p.letter.recipient_name, p.letter.recipient, p.leaves)):
        letter = proof.letter
        whom = (letter.recipient_name, letter.recipient, proof.leaves.isoformat(), proof.condition, proof.title)
        what = ("; ".join(several) for several in (proof.names, proof.asks, (proof.subject,), proof.files))
        rows.writerow((*whom, *what, meetings))
    data = made.getvalue().encode("utf-8-sig", errors="replace")
    return Attachment(name=f"Letters by person {dates.quarter.code}.csv", data=data, content_type="text/csv")


def _that_fit(files: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """The first files that fit into one message, base64 (4/3, and line ends) and the words reckoned in."""
    room = PROOF_ROOM - 512 * 1024
    fitting: list[Attachment] = []
    for attached in files:
        room -= len(attached.data) * 37 // 27 + 1024
        if room < 0:
            break
        fitting.append(attached)
    return tuple(fitting)


@writes(Kind(name="introduction", manner=Manner.TIMED, audience=Audience.CONTACT, about=("respondent",)))
def introduction(
    to: Contact, respondents: Sequence[Respondent], dates: CycleDates, *, leads: bool, opens: date | None = None
) -> Matter:
    """Say who we are and what will come, to somebody who gets a form (`leads`), word of one as chair, or as budget
    holder the question whether its grant money is right.

    Without an attachment. An address gets it once for ever. `opens` is when the form comes that opens no quarter.
    """
    facts = {
        "codes": tuple(r.code for r in respondents),
        "names": tuple(r.name for r in respondents),
        "opens": opens or dates.open,
        "leads": leads,
        "certifies": to.role.assent is Assent.CERTIFICATE,
    }
    about = tuple(About(respondent=r.key) for r in respondents)
    return Matter(to=to, cause="the first letter", about=about, quarter=dates.quarter, facts=facts)


@writes(Kind(name="introduction-proof", manner=Manner.OFFICE, audience=Audience.OFFICE, ground=Ground.PROOF))
def introduction_proof(to: Contact, letters: Sequence[ProofLetter], dates: CycleDates, *, mark: str) -> Matter:
    """Lay the introductions before the co-ordinator: to whom, and the words. `mark` tells one list from another."""
    facts = {
        "codes": (),
        "people": tuple(f"{p.letter.recipient_name} <{p.letter.recipient}>: {', '.join(p.names)}" for p in letters),
        "leaves": letters[0].leaves,
        "opens": dates.open,
        "words": letters[0].text,
        "orders": ("SEND",),
    }
    about = tuple(dict.fromkeys(About(respondent=key) for p in letters for key in p.letter.respondents))
    return Matter(to=to, cause=f"{dates.quarter.key} {mark}", about=about, quarter=dates.quarter, facts=facts)


def find_waiting_proof(letters: Iterable[QueuedLetter], quarter: Quarter) -> QueuedLetter | None:
    """The latest proof of a quarter's introductions, while none of those that it shows was written."""
    known = [x for x in letters if x.quarter == quarter and x.state is not LetterState.WITHDRAWN]
    proofs = [x for x in known if x.kind == introduction_proof.kind.name]
    shown = max(proofs, key=lambda x: x.queued, default=None)
    if shown is None:
        return None
    later = (x for x in known if x.kind == introduction.kind.name and x.queued >= shown.queued)
    return None if any({*x.respondents} & {*shown.respondents} for x in later) else shown
