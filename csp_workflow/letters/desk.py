"""The answers to the co-ordinator's orders, and what a respondent is told of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from csp_workflow.terms.letters import About, Letter, Manner
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Contact, Respondent


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


def command_done(
    reply: Reply, done: Sequence[Answered], *, refused: Sequence[Answered] = (), strange: Sequence[Answered] = ()
) -> Letter:
    """Say what was done and what follows; also what of the same reply was not done and why."""
    return _answer("command-done", reply, done, refused, strange)


def command_refused(reply: Reply, refused: Sequence[Answered], *, strange: Sequence[Answered] = ()) -> Letter:
    """Say that nothing was done, and why."""
    return _answer("command-refused", reply, (), refused, strange)


def command_not_understood(reply: Reply, strange: Sequence[Answered]) -> Letter:
    """Say what was read, that it is no command, and list the commands."""
    return _answer("command-not-understood", reply, (), (), strange)


def extension_given(
    to: Contact, respondent: Respondent, quarter: Quarter, *, due: datetime, was: datetime, until: date, cause: str
) -> Letter:
    """Tell a lead that the co-ordinator gave more time."""
    return Letter(
        kind="extension-given",
        cause=cause,
        recipient=to.address,
        recipient_name=to.name,
        about=(About(respondent=respondent.key, due=until),),
        quarter=quarter,
        manner=Manner.TIMED,
        facts={"codes": (respondent.code,), "name": respondent.name, "due": due, "was": was, "until": until},
    )


def answers_on_hold(to: Contact, *, why: str, at: datetime, cause: str) -> Letter:
    """Tell the office that automatic answers were stopped, why, and how to let them go."""
    return Letter(
        kind="answers-on-hold",
        cause=cause,
        recipient=to.address,
        recipient_name=to.name,
        about=(),
        quarter=None,
        manner=Manner.OFFICE,
        facts={"codes": (), "why": why, "at": at, "order": "RELEASE"},
    )


def _answer(
    kind: str, reply: Reply, done: Sequence[Answered], refused: Sequence[Answered], strange: Sequence[Answered]
) -> Letter:
    return Letter(
        kind=kind,
        cause=f"command:{reply.message}",
        recipient=reply.to.address,
        recipient_name=reply.to.name,
        about=(About(message=reply.message),),
        quarter=reply.quarter,
        manner=Manner.OFFICE,
        facts={
            "codes": (),
            "done": tuple(done),
            "refused": tuple(refused),
            "strange": tuple(strange),
            "known": reply.known,
        },
        answers=reply.thread,
    )
