"""What `doctor` asks of IMAP and SMTP servers, one thing after the other."""

from __future__ import annotations

from collections.abc import Iterator

from csp_workflow.terms.faults import WorldFault
from csp_workflow.terms.mailboxes import InternetMailbox, ProofBy
from csp_workflow.world.checks import Check
from csp_workflow.world.internet.imap import Imap
from csp_workflow.world.internet.smtp import Smtp

_REACH = "Look at internet.{side} in service.toml (host, port, tls, user) and at the secret in the environment."


def examine(settings: InternetMailbox, imap: Imap, smtp: Smtp) -> Iterator[Check]:
    """IMAP, what it can do, the folder for proof, and SMTP. Neither tells the time; doctor's letter does."""
    try:
        with imap.at_work() as line:
            moves, expunges = line.has_capability("MOVE"), line.has_capability("UIDPLUS")
    except WorldFault as fault:
        yield Check(what="IMAP", problem=str(fault), remedy=_REACH.format(side="imap"))
        return
    yield Check(what="IMAP: name, encryption and login")
    yield _moving(can=moves or expunges)
    if settings.proof is ProofBy.SENT_FOLDER:
        yield _sent_folder(settings.sent_folder, imap)
    try:
        smtp.connect()
    except WorldFault as fault:
        yield Check(what="SMTP", problem=str(fault), remedy=_REACH.format(side="smtp"))
        return
    yield Check(what="SMTP: name, encryption and login")


def _moving(*, can: bool) -> Check:
    problem = "" if can else "The IMAP server can neither move a message nor delete one alone."
    remedy = "" if can else "Messages that were read are copied to their folders and stay in the inbox as well."
    return Check(what="filing of messages", problem=problem, remedy=remedy, is_warning=not can)


def _sent_folder(folder: str, imap: Imap) -> Check:
    what = "the folder of sent letters"
    try:
        is_there = imap.has(folder)
    except WorldFault as fault:
        return Check(what=what, problem=str(fault), remedy=_REACH.format(side="imap"))
    if is_there:
        return Check(what=what)
    problem = f"The mailbox has no folder '{folder}', so no letter can be proved."
    return Check(
        what=what, problem=problem, remedy='Write internet.sent_folder as it is called there, or proof = "own copy".'
    )
