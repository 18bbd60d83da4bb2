"""The words that are stored, apart from those in the code: a word renamed there never changes what is stored.

Each list says which stored word stands for which member. A member without a word, or a word that no list
knows, is an error that names both, never a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Generic, TypeVar

from pydantic_core import CoreSchema, core_schema

from csp_workflow.terms.cells import Input, PromiseState, QuickAnswer
from csp_workflow.terms.events import Happened, LetterState, Manner
from csp_workflow.terms.figures import FigureStatus, Frequency, Geography, MeasureKind, Polarity
from csp_workflow.terms.messages import Blame, Mark, Verdict
from csp_workflow.terms.returns import Entry, Severity
from csp_workflow.terms.service import JobEnd
from csp_workflow.terms.service_status import Brings
from csp_workflow.terms.site import RespondentKind, Role

E = TypeVar("E", bound=Enum)


class StoredWordUnknown(ValueError):
    """A word is stored that this version does not know: the store was written by a later one, or by hand."""


class Words(Generic[E]):
    """A closed list of stored words, each for exactly one member of an enumeration."""

    def __init__(self, name: str, members: type[E], stored: Mapping[str, E]) -> None:
        self._name, self._members = name, dict(stored)
        self._words = {member: word for word, member in stored.items()}
        if unsaid := set(members) - set(self._words):
            raise AssertionError(f"No word is stored for {sorted(m.name for m in unsaid)} ({name}).")

    @property
    def stored(self) -> tuple[str, ...]:
        """Every word, in order."""
        return tuple(self._members)

    def word(self, member: E) -> str:
        """The word that is stored for a member."""
        return self._words[member]

    def member(self, word: str) -> E:
        """The member that a stored word stands for. Raises StoredWordUnknown."""
        try:
            return self._members[word]
        except KeyError:
            raise StoredWordUnknown(f"'{word}' is no {self._name} that this version knows.") from None

    def word_for(self, said: object) -> object:
        """The word that is stored for what the code calls a member; anything else as it is, to be refused."""
        return next((word for word, member in self._members.items() if member.value == said), said)

    def knows(self, word: object) -> bool:
        """Whether it is one of the stored words."""
        return word in self._members

    def __get_pydantic_core_schema__(self, _: object, __: object) -> CoreSchema:
        """Beside a field's type in a stored shape: a member, which is stored as its word."""

        def read(given: Any) -> Any:
            return given if isinstance(given, Enum) else self.member(given)

        written = core_schema.plain_serializer_function_ser_schema(self.word)
        return core_schema.no_info_plain_validator_function(read, serialization=written)


EVENT_KINDS = Words(
    "kind of event",
    Happened,
    {
        "cycle planned": Happened.CYCLE_PLANNED,
        "extract proved": Happened.EXTRACT_PROVED,
        "introductions proved": Happened.INTRODUCTIONS_PROVED,
        "proof made": Happened.PROOF_MADE,
        "cycle opened": Happened.CYCLE_OPENED,
        "cycle closed": Happened.CYCLE_CLOSED,
        "cycle archived": Happened.CYCLE_ARCHIVED,
        "cycle replanned": Happened.CYCLE_REPLANNED,
        "form overtaken": Happened.FORM_OVERTAKEN,
        "form reissued": Happened.FORM_REISSUED,
        "return expected": Happened.EXPECTED,
        "return requested": Happened.REQUESTED,
        "submission received": Happened.RECEIVED,
        "return queried": Happened.QUERIED,
        "return complete": Happened.COMPLETE,
        "approval asked": Happened.APPROVAL_ASKED,
        "return approved": Happened.APPROVED,
        "certificate asked": Happened.CERTIFICATE_ASKED,
        "grant money certified": Happened.CERTIFIED,
        "nil return": Happened.NIL,
        "return declined": Happened.DECLINED,
        "return not received": Happened.NOT_RECEIVED,
        "return asked for again": Happened.REOPENED,
        "due date extended": Happened.EXTENDED,
        "question asked": Happened.QUESTION_ASKED,
        "question answered": Happened.QUESTION_ANSWERED,
        "message held": Happened.MESSAGE_HELD,
        "held message settled": Happened.MESSAGE_SETTLED,
        "colleague confirmed": Happened.COLLEAGUE_CONFIRMED,
        "colleague refused": Happened.COLLEAGUE_REFUSED,
        "co-ordinator away": Happened.OFFICE_AWAY,
        "co-ordinator back": Happened.OFFICE_BACK,
        "sending held": Happened.HELD,
        "sending resumed": Happened.RESUMED,
        "absence seen": Happened.ABSENCE_SEEN,
        "absence ended": Happened.ABSENCE_ENDED,
        "address failed": Happened.ADDRESS_FAILED,
        "letter came back": Happened.LETTER_CAME_BACK,
        "contact disowned": Happened.CONTACT_DISOWNED,
        "address restored": Happened.ADDRESS_RESTORED,
        "contact named": Happened.CONTACT_NAMED,
        "contact confirmed": Happened.CONTACT_CONFIRMED,
        "contact withdrawn": Happened.CONTACT_WITHDRAWN,
        "member confirmed": Happened.MEMBER_CONFIRMED,
        "member ended": Happened.MEMBER_ENDED,
        "letter to chair proposed": Happened.CHAIR_LETTER_PROPOSED,
        "letter to chair allowed": Happened.CHAIR_LETTER_ALLOWED,
        "reminded": Happened.REMINDED,
        "phone call due": Happened.PHONE_CALL_DUE,
        "telephone call recorded": Happened.PHONED,
        "paper drafted": Happened.PAPER_DRAFTED,
        "words dismissed": Happened.WORDS_DISMISSED,
        "paper shown": Happened.PAPER_SHOWN,
        "agreement asked": Happened.AGREEMENT_ASKED,
        "paper agreed": Happened.PAPER_AGREED,
        "clearance wanted": Happened.CLEARANCE_WANTED,
        "paper cleared": Happened.PAPER_CLEARED,
        "paper circulated": Happened.PAPER_CIRCULATED,
        "paper published": Happened.PAPER_PUBLISHED,
        "erratum drafted": Happened.ERRATUM_DRAFTED,
        "erratum circulated": Happened.ERRATUM_CIRCULATED,
        "erratum dismissed": Happened.ERRATUM_DISMISSED,
        "digest made": Happened.DIGEST_MADE,
        "gap noticed": Happened.GAP_NOTICED,
        "clock doubted": Happened.CLOCK_DOUBTED,
        "own mail came from elsewhere": Happened.STRAY_OWN_MAIL,
        "breaker tripped": Happened.BREAKER_TRIPPED,
        "released": Happened.RELEASED,
        "figures imported": Happened.FIGURES_IMPORTED,
        "command carried out": Happened.COMMANDED,
        "answers stopped": Happened.ANSWERS_STOPPED,
        "answer recalled": Happened.ANSWER_RECALLED,
        "return sent back": Happened.RETURNED,
        "thing put off": Happened.PUT_OFF,
        "topic found": Happened.TOPIC_FOUND,
        "topic settled": Happened.TOPIC_SETTLED,
        "we failed on a message": Happened.WE_FAILED,
        "changed configuration taken": Happened.CONFIG_TAKEN,
        "changed configuration refused": Happened.CONFIG_REFUSED,
        "store came from elsewhere": Happened.STORE_MOVED,
        "mailbox compared": Happened.MAILBOX_COMPARED,
        "messages disposed of": Happened.MESSAGES_DISPOSED,
        "trouble began": Happened.TROUBLE_BEGAN,
        "trouble ended": Happened.TROUBLE_ENDED,
        "person erased": Happened.SUBJECT_ERASED,
        "action asked": Happened.ACTION_ASKED,
        "action closed": Happened.ACTION_CLOSED,
        "notes ordered": Happened.NOTES_ORDERED,
        "query answered": Happened.QUERY_ANSWERED,
        "disputes passed on": Happened.DISPUTES_PASSED,
        "dispute answered": Happened.DISPUTE_ANSWERED,
        "revision explained": Happened.REVISION_EXPLAINED,
        "measures proved": Happened.MEASURES_PROVED,
        "measures asked": Happened.MEASURES_ASKED,
        "measures queried": Happened.MEASURES_QUERIED,
        "measures proposed": Happened.MEASURES_PROPOSED,
        "measures approved": Happened.MEASURES_APPROVED,
        "measures sent back": Happened.MEASURES_RETURNED,
        "measures agreed": Happened.MEASURES_AGREED,
        "setup sent out": Happened.SETUP_SENT_OUT,
        "file offered": Happened.FILE_OFFERED,
        "setup applied": Happened.SETUP_APPLIED,
    },
)
FIGURE_STATUSES = Words(
    "status of a figure",
    FigureStatus,
    {
        "final": FigureStatus.FINAL,
        "provisional": FigureStatus.PROVISIONAL,
        "revised": FigureStatus.REVISED,
        "estimated": FigureStatus.ESTIMATED,
        "suppressed": FigureStatus.SUPPRESSED,
        "not available": FigureStatus.NOT_AVAILABLE,
        "not applicable": FigureStatus.NOT_APPLICABLE,
        "not yet knowable": FigureStatus.NOT_YET_KNOWABLE,
        "nil": FigureStatus.NIL,
    },
)
INPUTS = Words(
    "input of a form",
    Input,
    {
        "out of": Input.OUT_OF,
        "this quarter": Input.THIS_QUARTER,
        "status": Input.STATUS,
        "drove it": Input.DROVE_IT,
        "note": Input.NOTE,
        "value": Input.VALUE,
        "extra": Input.EXTRA,
        "quick": Input.QUICK,
        "promise now": Input.PROMISE_NOW,
    },
)
SEVERITIES = Words("severity of a finding", Severity, {"fault": Severity.FAULT, "query": Severity.QUERY})
VERDICTS = Words(
    "verdict",
    Verdict,
    {
        "return": Verdict.RETURN,
        "approval": Verdict.APPROVAL,
        "nil": Verdict.NIL,
        "declined": Verdict.DECLINED,
        "command": Verdict.COMMAND,
        "question": Verdict.QUESTION,
        "out-of-office": Verdict.OUT_OF_OFFICE,
        "bounce": Verdict.BOUNCE,
        "read receipt": Verdict.READ_RECEIPT,
        "own": Verdict.OWN,
        "duplicate": Verdict.DUPLICATE,
        "no workbook": Verdict.NO_WORKBOOK,
        "unreadable": Verdict.UNREADABLE,
        "noise": Verdict.NOISE,
        "held": Verdict.HELD,
        "quarantined": Verdict.QUARANTINED,
    },
)
MARKS = Words(
    "mark of a message",
    Mark,
    {
        "away": Mark.AWAY,
        "bounce": Mark.BOUNCE,
        "receipt": Mark.RECEIPT,
        "recall": Mark.RECALL,
        "meeting": Mark.MEETING,
        "cloud file": Mark.CLOUD_FILE,
    },
)
LETTER_STATES = Words(
    "state of a letter",
    LetterState,
    {
        "queued": LetterState.QUEUED,
        "held": LetterState.HELD,
        "withdrawn": LetterState.WITHDRAWN,
        "claimed": LetterState.CLAIMED,
        "handing": LetterState.HANDING,
        "in drafts": LetterState.IN_DRAFTS,
        "sent": LetterState.SENT,
        "unknown": LetterState.UNKNOWN,
        "failed": LetterState.FAILED,
        "for a person": LetterState.FOR_A_PERSON,
    },
)
MANNERS = Words("manner of a letter", Manner, {"answer": Manner.ANSWER, "timed": Manner.TIMED, "office": Manner.OFFICE})
MEASURE_KINDS = Words(
    "kind of measure",
    MeasureKind,
    {
        "count": MeasureKind.COUNT,
        "percent": MeasureKind.PERCENT,
        "survey": MeasureKind.SURVEY,
        "cohort": MeasureKind.COHORT,
        "cost": MeasureKind.COST,
        "grant": MeasureKind.GRANT,
        "milestone": MeasureKind.MILESTONE,
        "narrative": MeasureKind.NARRATIVE,
    },
)
QUICK_ANSWERS = Words(
    "quick answer",
    QuickAnswer,
    {
        "nothing new": QuickAnswer.NOTHING_NEW,
        "still holds": QuickAnswer.STILL_HOLDS,
        "goes on": QuickAnswer.GOES_ON,
        "reached": QuickAnswer.REACHED,
        "ends": QuickAnswer.ENDS,
    },
)
PROMISE_STATES = Words(
    "what became of a promise",
    PromiseState,
    {"kept": PromiseState.KEPT, "under way": PromiseState.UNDER_WAY, "dropped": PromiseState.DROPPED},
)
ENTRIES = Words("entry of a form's row", Entry, {"value": Entry.VALUE, "confirm": Entry.CONFIRM})
RESPONDENT_KINDS = Words(
    "kind of respondent",
    RespondentKind,
    {
        "partnership": RespondentKind.PARTNERSHIP,
        "contributor": RespondentKind.CONTRIBUTOR,
        "analyst": RespondentKind.ANALYST,
    },
)
ROLES = Words(
    "role of a contact",
    Role,
    {
        "lead": Role.LEAD,
        "deputy": Role.DEPUTY,
        "chair": Role.CHAIR,
        "deputy chair": Role.DEPUTY_CHAIR,
        "budget holder": Role.BUDGET_HOLDER,
        "deputy budget holder": Role.DEPUTY_HOLDER,
        "chief finance officer": Role.FINANCE,
    },
)
OFFERS = Words("what a file would change", Brings, {"setup": Brings.SETUP, "figures": Brings.FIGURES})
BLAMES = Words(
    "whose fault it is that a letter came back",
    Blame,
    {
        "dead": Blame.DEAD,
        "passing": Blame.PASSING,
        "ours": Blame.OURS,
        "given up": Blame.GIVEN_UP,
        "unclear": Blame.UNCLEAR,
    },
)
POLARITIES = Words(
    "direction sought",
    Polarity,
    {
        "rise sought": Polarity.RISE,
        "fall sought": Polarity.FALL,
        "improvement sought": Polarity.IMPROVEMENT,
        "ambiguous": Polarity.AMBIGUOUS,
        "none": Polarity.NONE,
    },
)
FREQUENCIES = Words(
    "frequency",
    Frequency,
    {
        "monthly": Frequency.MONTHLY,
        "quarterly": Frequency.QUARTERLY,
        "half-yearly": Frequency.HALF_YEARLY,
        "yearly": Frequency.YEARLY,
        "rolling 12 months": Frequency.ROLLING_12_MONTHS,
        "event": Frequency.EVENT,
    },
)
GEOGRAPHIES = Words(
    "geography",
    Geography,
    {
        "area": Geography.AREA,
        "policing area": Geography.POLICING_AREA,
        "upper tier": Geography.UPPER_TIER,
        "force": Geography.FORCE,
    },
)
JOB_ENDS = Words(
    "how opening a file ended without a result",
    JobEnd,
    {
        "not started": JobEnd.NOT_STARTED,
        "stalled": JobEnd.STALLED,
        "killed": JobEnd.KILLED,
        "fault": JobEnd.FAULT,
        "crash": JobEnd.CRASH,
        "time": JobEnd.TIME,
        "memory": JobEnd.MEMORY,
        "too much": JobEnd.TOO_MUCH,
        "not tried": JobEnd.NOT_TRIED,
    },
)
