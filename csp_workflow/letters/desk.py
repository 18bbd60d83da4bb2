"""The answers to the co-ordinator's orders, and what a respondent is told of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from csp_workflow.letters.kinds import Audience, Conversation, Ground, Kind, Matter, writes
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.letters import About, Manner
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.site import Contact, Respondent


@dataclass(frozen=True, kw_only=True)
class WaitingMessage:
    """A message that waits for a person, as the office's letters name it. `short` is the id's beginning."""

    id: str
    sender: str
    subject: str
    received: datetime
    verdict: Verdict
    reason: str
    respondents: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """The first characters of the id: enough to name it in a command."""
        return self.id[:10]


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One line of a reply and what became of it: what was done and what follows, or why not."""

    words: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Whom and what a reply to orders answers. `message` is the content identity, `thread` the Message-ID."""

    to: Contact
    message: str
    thread: str
    quarter: Quarter | None
    known: tuple[tuple[str, str], ...]
    """The list of commands, each with what it does."""


def _office_kind(name: str, *about: str) -> Kind:
    return Kind(name=name, manner=Manner.OFFICE, audience=Audience.OFFICE, about=about)


@writes(_office_kind("command-done", "message"))
def command_done(
    reply: Reply, done: Sequence[Answered], *, refused: Sequence[Answered] = (), strange: Sequence[Answered] = ()
) -> Matter:
    """Say what was done and what follows; also what of the same reply was not done and why."""
    return _answer(reply, done, refused, strange)


@writes(_office_kind("command-refused", "message"))
def command_refused(reply: Reply, refused: Sequence[Answered], *, strange: Sequence[Answered] = ()) -> Matter:
    """Say that nothing was done, and why."""
    return _answer(reply, (), refused, strange)


@writes(_office_kind("command-not-understood", "message"))
def command_not_understood(reply: Reply, strange: Sequence[Answered]) -> Matter:
    """Say what was read, that it is no command, and list the commands."""
    return _answer(reply, (), (), strange)


@writes(
    Kind(
        name="extension-given",
        manner=Manner.TIMED,
        audience=Audience.CONTACT,
        about=("respondent", "due"),
        ground=Ground.EXTENSION,
        continues=Conversation.RETURN,
    )
)
def extension_given(
    to: Contact, respondent: Respondent, quarter: Quarter, *, due: datetime, was: datetime, until: date, cause: str
) -> Matter:
    """Tell a lead that the co-ordinator gave more time."""
    return Matter(
        to=to,
        cause=cause,
        about=(About(respondent=respondent.key, due=until),),
        quarter=quarter,
        facts={"codes": (respondent.code,), "name": respondent.name, "due": due, "was": was, "until": until},
    )


@writes(_office_kind("answers-on-hold"))
def answers_on_hold(to: Contact, *, why: str, at: datetime, cause: str) -> Matter:
    """Tell the office that automatic answers were stopped, why, and how to let them go."""
    return Matter(
        to=to,
        cause=cause,
        about=(),
        quarter=None,
        facts={"codes": (), "why": why, "at": at, "order": "RELEASE"},
    )


def _answer(reply: Reply, done: Sequence[Answered], refused: Sequence[Answered], strange: Sequence[Answered]) -> Matter:
    return Matter(
        to=reply.to,
        cause=f"command:{reply.message}",
        about=(About(message=reply.message),),
        quarter=reply.quarter,
        facts={
            "codes": (),
            "done": tuple(done),
            "refused": tuple(refused),
            "strange": tuple(strange),
            "known": reply.known,
        },
        answers=reply.thread,
    )
