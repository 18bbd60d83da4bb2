"""The letter that says who we are to somebody who never had one of ours; and its proof, for the co-ordinator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from csp_workflow.letters.kinds import Audience, Ground, Kind, Matter, writes
from csp_workflow.letters.proofs import ProofLetter
from csp_workflow.terms.dates import CycleDates, Quarter
from csp_workflow.terms.letters import About, LetterState, Manner, QueuedLetter
from csp_workflow.terms.site import Assent, Contact, Respondent


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
