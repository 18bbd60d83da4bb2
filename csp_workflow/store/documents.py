"""The facts of an event as they are stored (`event.facts`), by kind of event, apart from the code's own values.

A shape is never changed: a new one gets the next version, a loader of its own stands beside the others, and what was
written before is still read by the loader of its version. An unknown key or a missing one is an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from csp_workflow.store import words
from csp_workflow.store.stored_shape import DocumentUnreadable
from csp_workflow.terms.events import Fact, Happened

# A kind of event has one shape for each version of its facts. A key that is renamed in the code keeps its stored name:
# a new version of the shape gets the new name, and the old one a function that makes new facts of old ones.

Facts = Mapping[str, Fact]


def _as_it_is(facts: Facts) -> Facts:
    return facts


@dataclass(frozen=True)
class Shape:
    """One version of the facts of a kind of event: each key with its type, or with the words that may be stored.

    `optional` keys may be absent, and are then absent for whoever reads. A key that begins with `marks` is allowed
    beside the others, with a text. `renew` makes facts of the next version of them.
    """

    required: Mapping[str, type | words.Words[Any]] = field(default_factory=dict)
    optional: Mapping[str, type | words.Words[Any]] = field(default_factory=dict)
    marks: str = ""
    renew: Callable[[Facts], Facts] = _as_it_is

    def faults(self, facts: Facts) -> list[str]:
        """What does not fit, in phrases."""
        known = {**self.required, **self.optional}
        found = [f"'{key}' is missing" for key in self.required if key not in facts]
        for key, value in facts.items():
            wanted = known.get(key) or (str if self.marks and key.startswith(self.marks) else None)
            if wanted is None:
                found.append(f"'{key}' is not known")
            elif isinstance(wanted, words.Words):
                found += [] if wanted.knows(value) else [f"'{key}' is {value!r}, which is no stored word"]
            elif type(value) is not wanted:
                found.append(f"'{key}' is {value!r}, not {wanted.__name__}")
        return found

    def translate(self, facts: Facts, into: Callable[[words.Words[Any], Any], Any]) -> Facts:
        """The facts with each that has words of its own in other ones."""
        listed = {**self.required, **self.optional}
        known = {key: wanted for key, wanted in listed.items() if isinstance(wanted, words.Words) and key in facts}
        return {**facts, **{key: into(wanted, facts[key]) for key, wanted in known.items()}} if known else facts


def _absence_1(facts: Facts) -> Facts:
    """At first nobody's day of return was reckoned: it was always the one they named."""
    return {**facts, "assumed": False}


def _digest_1(facts: Facts) -> Facts:
    """At first a digest did not keep what it told: the next one tells all of it as new."""
    return {**facts, "told": "", "standing": ""}


H = Happened
_COUNTS = Shape({"faults": int, "queries": int})
_REASON = Shape({"reason": str})
_ENDED = Shape({"reason": str}, optional={"said_by": str})
_RUNG = Shape({"rung": str, "days": int})
_SINCE = Shape({"since": str, "days": int})
_CONTENT = Shape({"content": str})
_YES = Shape(optional={"content": str, "role": words.ROLES, "approver": str, "evidence": str})
_YES_AS_SHOWN = Shape(optional={**_YES.optional, "asked": str})
_CAME = Shape({"late": bool, "sequence": int, "revision": int})
_DRAFT = Shape({"content": str, "copy": str, "number": int})
_BESIDE_DRAFT = {"statements": str, "edits": str, "named": int, "companion": str}
_OF_DRAFT = Shape({"content": str, "number": int})
_ERRATUM = Shape({**_DRAFT.required, "statements": str, "adds": bool})
_AS_WRITTEN = Shape({"content": str}, optional={"as_written": bool})
_DISPOSED = Shape({"before": str, "messages": int})
_FORMS = Shape({"forms": int})
_PLAIN = Shape()
_A_SET = Shape({"year": str, "version": int, "content": str})
_NAMED = Shape({"role": words.ROLES, "name": str, "since": str, "until": str, "replaces": str, "known": bool})

SHAPES: Mapping[Happened, tuple[Shape, ...]] = {
    H.CYCLE_PLANNED: (_PLAIN,),
    H.EXTRACT_PROVED: (Shape({"forms": int}, marks="form:"),),
    H.PROOF_MADE: (
        Shape({"forms": int}, marks="form:"),
        Shape({"forms": int}, optional={"awaited": int}, marks="form:"),
    ),
    **dict.fromkeys((H.INTRODUCTIONS_PROVED, H.CYCLE_OPENED), (_FORMS,)),
    **dict.fromkeys((H.CYCLE_CLOSED, H.CYCLE_ARCHIVED), (_PLAIN,)),
    H.CYCLE_REPLANNED: (_PLAIN, Shape(optional={"moved": str})),
    H.FORM_OVERTAKEN: (Shape({"figures": int, "came": int, "wordings": int, "mark": str}),),
    H.FORM_REISSUED: (Shape({"revision": int}),),
    H.EXPECTED: (_PLAIN,),
    H.REQUESTED: (Shape({"revision": int}),),
    H.RECEIVED: (_CAME, Shape(_CAME.required, optional={"money": str})),
    H.QUERIED: (_COUNTS,),
    H.COMPLETE: (_COUNTS,),
    **dict.fromkeys((H.APPROVAL_ASKED, H.CERTIFICATE_ASKED), (Shape({"content": str, "version": int}),)),
    H.APPROVED: (_CONTENT, _YES, _YES_AS_SHOWN),
    H.CERTIFIED: (_YES, _YES_AS_SHOWN),
    H.NIL: (_REASON, _ENDED),
    H.DECLINED: (_REASON, _ENDED),
    H.REOPENED: (_REASON,),
    H.NOT_RECEIVED: (_PLAIN,),
    H.EXTENDED: (Shape({"until": str, "reason": str}),),
    H.QUESTION_ASKED: (_PLAIN, Shape(optional={"board": str}), Shape(optional={"board": str, "figures": str})),
    H.QUESTION_ANSWERED: (_PLAIN,),
    H.MESSAGE_HELD: (Shape(optional={"why": str}),),
    H.MESSAGE_SETTLED: (_PLAIN,),
    H.COLLEAGUE_CONFIRMED: (_PLAIN,),
    H.COLLEAGUE_REFUSED: (_PLAIN,),
    H.OFFICE_AWAY: (Shape({"since": str, "until": str}),),
    H.OFFICE_BACK: (_PLAIN,),
    H.HELD: (_PLAIN, Shape(optional={"why": str})),
    H.RESUMED: (_PLAIN,),
    H.ABSENCE_SEEN: (Shape({"until": str}, renew=_absence_1), Shape({"until": str, "assumed": bool})),
    H.ABSENCE_ENDED: (_PLAIN,),
    H.ADDRESS_FAILED: (Shape({"letter": str, "status": str}),),
    H.LETTER_CAME_BACK: (Shape({"letter": str, "blame": words.BLAMES, "status": str, "said": str, "tried": bool}),),
    H.CONTACT_DISOWNED: (_PLAIN, Shape(optional={"named": str})),
    H.ADDRESS_RESTORED: (_PLAIN,),
    H.CONTACT_NAMED: (_NAMED, Shape(_NAMED.required, optional={"set_up": bool, "kept": str})),
    H.CONTACT_CONFIRMED: (_PLAIN,),
    H.CONTACT_WITHDRAWN: (_PLAIN,),
    H.MEMBER_CONFIRMED: (Shape({"lead": str}),),
    H.MEMBER_ENDED: (_PLAIN,),
    H.CHAIR_LETTER_PROPOSED: (_RUNG,),
    H.CHAIR_LETTER_ALLOWED: (_PLAIN,),
    H.REMINDED: (Shape({"rung": str}, optional={"days": int, "number": int}),),
    H.PHONE_CALL_DUE: (_RUNG,),
    H.PHONED: (Shape({"whom": str, "said": str, "until": str}),),
    H.PAPER_DRAFTED: (
        _DRAFT,
        Shape(_DRAFT.required, optional={"statements": str}),
        Shape(_DRAFT.required, optional=_BESIDE_DRAFT),
        Shape(_DRAFT.required, optional={**_BESIDE_DRAFT, "pages": str}),
        Shape(_DRAFT.required, optional={**_BESIDE_DRAFT, "pages": str, "unwritten": str}),
    ),
    H.WORDS_DISMISSED: (Shape({"edits": str}),),
    H.PAPER_SHOWN: (Shape({"content": str, "number": int, "until": str}),),
    H.AGREEMENT_ASKED: (Shape({"reader": str, "content": str, "number": int, "reminder": int}),),
    H.PAPER_AGREED: (Shape({"reader": str, "content": str, "number": int}),),
    H.CLEARANCE_WANTED: (_OF_DRAFT, Shape(_OF_DRAFT.required, optional={"unwaited": bool})),
    H.PAPER_CLEARED: (
        _CONTENT,
        Shape({"content": str}, optional={"number": int}),
        Shape({"content": str}, optional={"number": int, "unwaited": bool}),
    ),
    H.PAPER_CIRCULATED: (_CONTENT, _AS_WRITTEN, Shape({"content": str}, optional={"as_written": bool, "unshown": str})),
    H.PAPER_PUBLISHED: (_PLAIN,),
    H.ERRATUM_DRAFTED: (_ERRATUM, Shape(_ERRATUM.required, optional={"named": int, "changes": str})),
    H.ERRATUM_CIRCULATED: (_CONTENT, _AS_WRITTEN),
    H.ERRATUM_DISMISSED: (Shape({"reason": str, "moot": bool}),),
    H.DIGEST_MADE: (
        Shape({"day": str, "needs": int}, renew=_digest_1),
        Shape({"day": str, "needs": int, "told": str, "standing": str}),
        Shape({"day": str, "needs": int, "told": str, "standing": str, "with_deputy": int, "sent": bool}),
    ),
    H.GAP_NOTICED: (_SINCE,),
    H.CLOCK_DOUBTED: (_SINCE,),
    H.STRAY_OWN_MAIL: (_PLAIN,),
    H.BREAKER_TRIPPED: (Shape({"why": str}),),
    H.RELEASED: (_PLAIN,),
    H.FIGURES_IMPORTED: (Shape({"taken": int, "refused": int}),),
    H.COMMANDED: (Shape({"command": str}),),
    H.ANSWERS_STOPPED: (_PLAIN,),
    H.ANSWER_RECALLED: (_PLAIN,),
    H.RETURNED: (_REASON,),
    H.PUT_OFF: (Shape({"until": str, "what": str}),),
    H.TOPIC_FOUND: (Shape({"topic": str, "due": str, "passed": bool}),),
    H.TOPIC_SETTLED: (_PLAIN,),
    H.WE_FAILED: (Shape({"end": words.JOB_ENDS}),),
    H.CONFIG_TAKEN: (_PLAIN,),
    H.CONFIG_REFUSED: (Shape({"why": str}),),
    H.STORE_MOVED: (Shape({"why": str}),),
    H.MAILBOX_COMPARED: (Shape({"found": int, "left": int}),),
    H.MESSAGES_DISPOSED: (_DISPOSED, Shape(_DISPOSED.required, optional={"letters": int})),
    H.TROUBLE_BEGAN: (_PLAIN,),
    H.TROUBLE_ENDED: (_PLAIN,),
    H.SUBJECT_ERASED: (Shape({"roles": str, "messages": int, "letters": int, "files": int, "left": int}),),
    H.ACTION_ASKED: (Shape({"board": str, "meeting": str, "wording": str, "due": str}),),
    H.ACTION_CLOSED: (_REASON,),
    H.NOTES_ORDERED: (_PLAIN,),
    H.DISPUTES_PASSED: (_PLAIN,),
    H.REVISION_EXPLAINED: (Shape({"words": str}),),
    H.DISPUTE_ANSWERED: (Shape({"area": str, "ref": str, "words": str}),),
    H.QUERY_ANSWERED: (Shape({"key": str, "column": str, "code": str, "found": str, "words": str}),),
    H.MEASURES_PROVED: (Shape({"year": str, "forms": int}),),
    H.MEASURES_ASKED: (Shape({"year": str}),),
    H.MEASURES_QUERIED: (Shape({"year": str, "faults": int}),),
    H.MEASURES_PROPOSED: (_A_SET,),
    H.MEASURES_APPROVED: (Shape({**_A_SET.required, "approver": str}, optional={"evidence": str}),),
    H.MEASURES_RETURNED: (Shape({"year": str, "version": int, "reason": str}),),
    H.MEASURES_AGREED: (_A_SET,),
    H.SETUP_SENT_OUT: (_CONTENT,),
    H.FILE_OFFERED: (Shape({"content": str, "name": str, "brings": words.OFFERS, "mark": str}),),
    H.SETUP_APPLIED: (Shape({"content": str, "changes": int}),),
}
"""The shapes of each kind's facts, oldest first: the version of one is its place, counted from 1."""

ABOUT_A_SUBMISSION = frozenset(
    {
        *(H.RECEIVED, H.QUERIED, H.COMPLETE, H.RETURNED, H.DISPUTES_PASSED),
        *(H.APPROVAL_ASKED, H.APPROVED, H.CERTIFICATE_ASKED, H.CERTIFIED),
    }
)
ABOUT_A_MESSAGE = frozenset(
    {
        *(H.NIL, H.DECLINED, H.REOPENED, H.EXTENDED),
        *(H.QUESTION_ASKED, H.QUESTION_ANSWERED, H.MESSAGE_HELD, H.MESSAGE_SETTLED),
        *(H.COLLEAGUE_CONFIRMED, H.COLLEAGUE_REFUSED, H.STRAY_OWN_MAIL, H.COMMANDED),
        *(H.ANSWERS_STOPPED, H.ANSWER_RECALLED, H.PUT_OFF, H.PHONED),
        *(H.TOPIC_FOUND, H.TOPIC_SETTLED, H.WE_FAILED, H.QUERY_ANSWERED, H.REVISION_EXPLAINED),
    }
)
"""The kinds whose subject is a version of a return, or a message: it stands in a column that points there."""


def dump_facts(kind: Happened, facts: Facts) -> tuple[int, str]:
    """The version of a kind's latest shape, and facts as its JSON. Raises DocumentUnreadable when they do not fit."""
    version = len(SHAPES[kind])
    stored = SHAPES[kind][-1].translate(facts, lambda listed, said: listed.word_for(said))
    _refuse(kind, version, stored)
    return version, json.dumps(dict(stored), sort_keys=True)


def load_facts(kind: Happened, version: int, text: str) -> Facts:
    """The facts of a stored event as they are known today. Raises DocumentUnreadable."""
    shapes = SHAPES[kind]
    if not 1 <= version <= len(shapes):
        raise DocumentUnreadable(f"Facts of '{kind.value}' in version {version} are not known to this version.")
    facts: Facts = _decoded(kind, text)
    _refuse(kind, version, facts)
    facts = shapes[version - 1].translate(facts, lambda listed, word: listed.member(word).value)
    for shape in shapes[version - 1 :]:
        facts = shape.renew(facts)
    return facts


def _decoded(kind: Happened, text: str) -> dict[str, Fact]:
    if text == "{}":
        return {}
    try:
        facts = json.loads(text)
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        raise DocumentUnreadable(f"The facts of '{kind.value}' are no JSON object.")
    return facts


def _refuse(kind: Happened, version: int, facts: Facts) -> None:
    if faults := SHAPES[kind][version - 1].faults(facts):
        raise DocumentUnreadable(f"The facts of '{kind.value}' are not of version {version}: {'; '.join(faults)}.")
