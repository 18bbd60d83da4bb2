"""The other road: a mail server that takes letters about trouble when the mailbox itself is the trouble."""

from __future__ import annotations

from csp_workflow.mailboxes.internet.connection import MICROSOFT, Credentials
from csp_workflow.mailboxes.internet.sending import Smtp
from csp_workflow.mailboxes.line import SECONDS, MailLine
from csp_workflow.mailboxes.mailbox import Absence, Proof
from csp_workflow.terms.mailboxes import InternetMailbox, Login, ProofBy, Secrets
from csp_workflow.terms.watching import Road


class SmtpRoad:
    """Sends, and cannot look anything up: a letter in doubt waits for a person. `address` is the mailbox's own."""

    def __init__(self, road: Road, password: str, *, address: str, ca_file: str = "", seconds: float = SECONDS) -> None:
        server = road.server
        settings = InternetMailbox(
            user=road.user,
            login=Login.PASSWORD,
            imap=server,
            smtp=server,
            proof=ProofBy.SENT_FOLDER,
            own_copy="",
            sent_folder="",
            ca_file=ca_file,
        )
        line = MailLine(ca_file, "watch.road", total=seconds)
        credentials = Credentials(settings, Secrets(password=password), authority=MICROSOFT, seconds=seconds)
        self._smtp = Smtp(settings, credentials, line, lambda _: None)
        self._sender = road.sender or address

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Hand a letter over once. Raises MailboxUnreachable, NotAccepted, NotAcceptedForGood, SendUnknown."""
        accepted = self._smtp.send(content, self._sender, recipient, "")
        return Proof(evidence=f"road:{delivery_id}:{accepted}")

    def find_sent(self, delivery_id: str) -> Absence:  # noqa: ARG002 - nothing is kept there
        """Nobody can tell."""
        return Absence.UNPROVED

    def close(self) -> None:
        """Say goodbye."""
        self._smtp.close()
