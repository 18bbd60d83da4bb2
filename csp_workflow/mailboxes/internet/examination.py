"""What `doctor` asks of IMAP and SMTP servers, one thing after the other. Neither tells the time."""

from __future__ import annotations

from collections.abc import Iterator

from csp_workflow.mailboxes.internet.connection import ImapConnection
from csp_workflow.mailboxes.internet.receiving import can_part
from csp_workflow.mailboxes.internet.sending import Smtp
from csp_workflow.mailboxes.mailbox import Check
from csp_workflow.terms.faults import WorldFault

_REACH = "Look at internet.{side} in service.toml (host, port, tls, user) and at the secret in the environment."
_FOLDERS = "Let the user make folders in the mailbox, or make Processed, Held and Quarantine there yourself."
_SENT = 'Write internet.sent_folder as it is called there, or proof = "own copy".'
_SENDER = "Let the user send as the office's mailbox, and look at internet.own_copy in service.toml."


def examine_imap(connection: ImapConnection, *, made: tuple[str, ...], wanted: tuple[str, ...]) -> Iterator[Check]:
    """Whether the mailbox can be read, and has the folders that are `made` in it or `wanted` there already."""
    try:
        with connection.work() as session:
            parts = can_part(session.client)
            missing = [folder for folder in wanted if not session.has_folder(folder)]
    except WorldFault as fault:
        yield Check(what="IMAP", problem=str(fault), remedy=_REACH.format(side="imap"))
        return
    yield Check(what="IMAP: name, encryption and login")
    yield _check_parting(can=parts)
    yield _check_folders(connection, made)
    problem = "".join(f"The mailbox has no folder '{folder}', so no letter can be proved." for folder in missing)
    if wanted:
        yield Check(what="the folder of sent letters", problem=problem, remedy=_SENT if problem else "")


def examine_smtp(smtp: Smtp, sender: str, own_copy: str) -> Iterator[Check]:
    """Whether letters may leave: the server is asked as for a letter, which is then not sent."""
    try:
        smtp.connect()
    except WorldFault as fault:
        yield Check(what="SMTP", problem=str(fault), remedy=_REACH.format(side="smtp"))
        return
    yield Check(what="SMTP: name, encryption and login")
    try:
        smtp.ask(sender, own_copy or sender)
    except WorldFault as fault:
        yield Check(what=f"the right to send as {sender}", problem=str(fault), remedy=_SENDER)
    else:
        yield Check(what=f"the right to send as {sender}")


def _check_parting(*, can: bool) -> Check:
    problem = "" if can else "The IMAP server can neither move a message nor delete one alone."
    remedy = "" if can else "Messages that were read are copied to their folders and stay in the inbox as well."
    return Check(what="filing of messages", problem=problem, remedy=remedy, is_warning=not can)


def _check_folders(connection: ImapConnection, folders: tuple[str, ...]) -> Check:
    what = f"the folders {', '.join(folders)}"
    try:
        with connection.work() as session:
            for folder in folders:
                session.make_folder(folder)
    except WorldFault:
        return Check(what=what, problem="The folders are not there and cannot be made.", remedy=_FOLDERS)
    return Check(what=what)
