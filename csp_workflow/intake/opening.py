"""Opens the files of a message: each a form that was read, or a file that cannot be; containers are opened in turn.

`read_file` and `unwrap_signature` are what the sandbox's child runs over bytes; they return plain values. All else
makes terms of those again, and takes the running in the sandbox as a function.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from typing import Any

from csp_workflow.forms.old_excel import import_xlrd
from csp_workflow.forms.reading import make_trial_form, read_workbook
from csp_workflow.forms.refusals import explain_refusal
from csp_workflow.intake.case import OpenedFile
from csp_workflow.mail.bodies import LONGEST
from csp_workflow.mail.containers import (
    DEEPEST,
    InnerFile,
    container_kind,
    import_openers,
    may_be_saved_message,
    open_container,
    read_messages,
    signed_entity,
)
from csp_workflow.mail.files import FileRefused, read_file_words, sniff_kind
from csp_workflow.mail.unpack import MOST_PARTS, unwrap_message
from csp_workflow.terms.bank_details import BANK_DETAILS, has_bank_details
from csp_workflow.terms.messages import Attachment, EnclosedMessage, IncomingMessage
from csp_workflow.terms.returns import ReadForm, Unreadable
from csp_workflow.terms.service import JobEnd

READER = "csp_workflow.intake.opening:read_file"
"""What the sandbox runs on each file."""

SEER = "csp_workflow.forms.reading:see_workbook"
"""What it runs on a form as we sent it."""

UNWRAPPER = "csp_workflow.intake.opening:unwrap_signature"
"""What the sandbox runs on a message that lies inside a signature."""

WORDS_READER = "csp_workflow.intake.opening:read_saved_words"
"""What the sandbox runs on a file that may be a saved message, for what it says."""

MOST_SAVED = 10
"""How many saved messages of one message are read for their words."""

MOST_FAILURES = 3
"""How many files of one message may end the sandbox's child before the rest is left unopened."""

INNER_BYTES = 5 * 1024 * 1024
"""How much a container may bring of what is looked into further; a form is a twentieth of it."""

_SAVED = (".msg", ".eml", "winmail.dat", ".p7m")
_SAID_INSIDE = ("sender", "subject", "text", "html_text")
_LOOKED_INTO = {"xlsx", "xlsm", "xls", "xlsb", "ods", "password", "label", "message", "zip"}
Run = Callable[[str, bytes], object]
"""Runs a function ("module:name") over bytes in the sandbox: its value, or how that ended without one (`JobEnd`)."""


_OUT_OF_TIME = {JobEnd.TIME, JobEnd.STALLED}


@dataclass
class TimedRun:
    """Runs functions in the sandbox within one time for a whole message, and keeps how those that failed ended."""

    run: Callable[[str, bytes, float], object]
    clock: Callable[[], float]
    seconds: float
    ends: list[JobEnd] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.until = self.clock() + self.seconds

    def __call__(self, function: str, data: bytes) -> object:
        """Run, with the time that is left; `JobEnd.NOT_TRIED` when too little is."""
        left = self.until - self.clock()
        reply = self.run(function, data, left) if left > 0 else JobEnd.NOT_TRIED
        if isinstance(reply, JobEnd) and reply in _OUT_OF_TIME and left < self.seconds / 2:
            reply = JobEnd.NOT_TRIED  # which says nothing about this file: those before it had the time
        if isinstance(reply, JobEnd):
            self.ends.append(reply)
        return reply

    @property
    def end(self) -> JobEnd | None:
        """How what failed ended; a failure of ours before any other, None when nothing failed."""
        return next((end for end in self.ends if end.is_ours), next(iter(self.ends), None))


@dataclass(frozen=True, kw_only=True)
class _Inside:
    """What a container held: files to be opened in their turn, and files that need no opening to be refused."""

    files: tuple[Attachment, ...] = ()
    refused: tuple[tuple[Attachment, Unreadable], ...] = ()


def open_files(message: IncomingMessage, run: Run, *, most: int = MOST_PARTS) -> tuple[OpenedFile, ...]:
    """Every file of a message and of the containers in it, in order, within bounds of depth, number and failures.

    `most` are opened, containers and those in them included.
    Each failure may have cost the sandbox all its time, so that after a few the rest is left unopened.
    """
    found: list[OpenedFile] = []
    waiting = [(attachment, 0) for attachment in message.attachments]
    runs = failures = 0
    while waiting:
        attachment, depth = waiting.pop(0)
        if runs >= most or failures >= MOST_FAILURES:
            return (*found, (attachment, explain_refusal("too many")))
        reply = run(READER, attachment.data)
        if reply is JobEnd.NOT_TRIED:
            return (*found, (attachment, explain_refusal(reply.value)))
        runs, failures = runs + 1, failures + isinstance(reply, JobEnd)
        result = read_reply(reply)
        if not isinstance(result, _Inside):
            found.append((attachment, result))
        elif depth >= DEEPEST:
            found.append((attachment, explain_refusal("too deep")))
        else:
            found.extend(result.refused)
            waiting[:0] = [(inner, depth + 1) for inner in result.files]
    return tuple(found)


def leave_unopened(message: IncomingMessage) -> tuple[OpenedFile, ...]:
    """The files of a message as they came: nobody has said yet that its sender may bring us any."""
    return tuple((attachment, explain_refusal("unopened")) for attachment in message.attachments)


def enclose_words(message: IncomingMessage, run: Run) -> IncomingMessage:
    """A message with the words of the messages that were saved and attached to it."""
    saved = [a for a in message.attachments if a.name.lower().endswith(_SAVED) or may_be_saved_message(a.data)]
    said = (run(WORDS_READER, attachment.data) for attachment in saved[:MOST_SAVED])
    found = (one for reply in said for one in _read_messages(reply))
    return replace(message, enclosed=(*message.enclosed, *found))


def strip_signature(message: IncomingMessage, run: Run) -> IncomingMessage:
    """A message that lies inside an opaque signature, with its words and files taken out of it; else as it is."""
    kind = message.header("Content-Type").lower()
    if len(message.attachments) != 1 or not kind.startswith(("application/pkcs7-mime", "application/x-pkcs7-mime")):
        return message
    inner = _read_entity(run(UNWRAPPER, message.attachments[0].data))
    return unwrap_message(message, inner) if inner else message


# In the sandbox's child -------------------------------------------------------------------------------


def warm() -> None:
    """Import what reading any kind of file takes: once at work the child can open no file, our own code's included.

    A form of nobody is read too: what a first reading works out, every child would work out again.
    """
    import_openers()
    import_xlrd()
    read_file(make_trial_form())


def read_file(data: bytes) -> dict[str, Any]:
    """A file's bytes -> {"form"}, {"unreadable"} or {"inside"}, JSON-able."""
    kind = container_kind(data)
    if not kind:
        return read_workbook(data)
    if kind == "zip" and has_bank_details(read_file_words(data)):  # of which a form alone is looked into further
        return {"unreadable": asdict(explain_refusal(BANK_DETAILS))}
    try:
        return {"inside": _pack_files(open_container(kind, data))}
    except FileRefused as refused:
        return {"unreadable": asdict(explain_refusal(refused.reason))}


def unwrap_signature(data: bytes) -> dict[str, Any]:
    """The bytes of a message that lies inside a signature -> {"entity"}, or {} when it cannot be had."""
    try:
        inner = signed_entity(data) if container_kind(data) == "signed" else b""
    except FileRefused:
        return {}
    return {"entity": b64encode(inner).decode()} if 0 < len(inner) <= INNER_BYTES else {}


def read_saved_words(data: bytes) -> dict[str, Any]:
    """A saved message's bytes -> {"messages"}."""
    found, left = [], LONGEST
    for one in read_messages(data):
        short = replace(one, text=one.text[:left], html_text=one.html_text[:left])
        found.append(asdict(short))
        left = max(left - len(short.text) - len(short.html_text), 0)
    return {"messages": found}


def _pack_files(files: tuple[InnerFile, ...]) -> list[dict[str, str]]:
    """Pictures are left out as in a message. What could not be a form is refused here, so that it need not travel."""
    packed, left = [], INNER_BYTES
    for file in files:
        kind = sniff_kind(file.data)
        if kind == "image":
            continue
        travels = kind in _LOOKED_INTO or bool(container_kind(file.data))
        if travels and len(file.data) > left:
            raise FileRefused("too large")
        left -= len(file.data) if travels else 0
        data = b64encode(file.data).decode() if travels else ""
        packed.append({"name": file.name, "data": data, "reason": "" if travels else kind})
    return packed


# Of what the child said ---------------------------------------------------------------------------------


def read_reply(reply: object) -> ReadForm | Unreadable | _Inside:
    """What the child found, as terms. What was ours to do and failed, a reply without sense too, is told as ours."""
    if isinstance(reply, JobEnd):
        return explain_refusal("ours" if reply.is_ours else reply.value)
    said: dict[str, Any] = reply if isinstance(reply, dict) else {}
    try:
        if "form" in said:
            return _read_form(said["form"])
        if "unreadable" in said:
            return explain_refusal(str(said["unreadable"]["reason"]))
        if "inside" in said:
            return _read_inside(said["inside"])
    except (ValueError, KeyError, TypeError):
        pass
    return explain_refusal("ours")


def _read_form(said: object) -> ReadForm:
    form: ReadForm = _adapter().validate_python(said)
    return form


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(ReadForm)


def _read_inside(said: list[dict[str, str]]) -> _Inside:
    found = [(Attachment(name=str(f["name"]), data=b64decode(f["data"])), str(f["reason"])) for f in said]
    return _Inside(
        files=tuple(file for file, reason in found if not reason),
        refused=tuple((file, explain_refusal(reason)) for file, reason in found if reason),
    )


def _read_messages(reply: object) -> Iterator[EnclosedMessage]:
    said = reply.get("messages", ()) if isinstance(reply, dict) else ()
    for one in said if isinstance(said, list) else ():
        sender, subject, text, html_text = (str(one.get(name, "")) for name in _SAID_INSIDE)
        ids = tuple(map(str, one.get("ids", ())))
        yield EnclosedMessage(sender=sender, subject=subject, text=text, html_text=html_text, ids=ids)


def _read_entity(reply: object) -> bytes:
    try:
        return b64decode(reply["entity"]) if isinstance(reply, dict) and "entity" in reply else b""
    except (ValueError, TypeError):
        return b""
