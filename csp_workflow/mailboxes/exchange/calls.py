"""The requests of EWS that one mailbox makes, each asked once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from exchangelib import Account, FileAttachment, Folder
from exchangelib.fields import FieldPath
from exchangelib.items import ID_ONLY
from exchangelib.properties import DistinguishedFolderId, ItemId, Mailbox

from csp_workflow.mailboxes.exchange import services
from csp_workflow.mailboxes.exchange.services import Is, Letter, Place, Seen, good, only
from csp_workflow.mailboxes.line import Line

INBOX, DRAFTS, OUTBOX, SENT, ROOT = "inbox", "drafts", "outbox", "sentitems", "msgfolderroot"
_CHANGES_AT_ONCE = 512
"""The most that a server gives."""


class Calls:
    """What may be asked of one mailbox. Raises whatever the library does; `line` tells how far a request got."""

    def __init__(self, account: Account, line: Line) -> None:
        self.line = line
        self._account = account

    # Items ----------------------------------------------------------------------------------------

    def changes(self, state: str) -> tuple[list[str], str]:
        """The ids of what came into the inbox since a sync state, as the server orders them, and the next state."""
        ids: list[str] = []
        while True:
            service = services.SyncFolderItems(account=self._account)
            ids += [
                found
                for found in service.call(
                    folder=self._named(INBOX),
                    shape=ID_ONLY,
                    additional_fields=None,
                    sync_state=state,
                    ignore=None,
                    max_changes_returned=_CHANGES_AT_ONCE,
                    sync_scope=None,
                )
                if found
            ]
            if service.includes_last_item_in_range or service.sync_state == state:
                return ids, service.sync_state
            state = service.sync_state

    def items(self, ids: Sequence[str], *fields: str, at_once: int = 1) -> Iterator[Seen | Exception]:
        """Items in the order of their ids, or the refusal in one's place."""
        service = services.GetItem(account=self._account, chunk_size=at_once)
        paths = [FieldPath(field=Letter.get_field_by_fieldname(name)) for name in fields]
        found = service.call(items=[ItemId(id=each) for each in ids], additional_fields=paths, shape=ID_ONLY)
        for _, seen in zip(ids, found, strict=True):
            yield seen

    def attachment(self, attachment: Any) -> bytes:
        """The content of an attached file, or an attached message as MIME."""
        content: bytes = only(
            services.GetAttachment(account=self._account).call(
                items=[attachment.attachment_id],
                include_mime_content=not isinstance(attachment, FileAttachment),
                body_type=None,
                filter_html_content=None,
                additional_fields=None,
            )
        )
        return content

    def move(self, source: str, place: Place) -> None:
        """Move an item."""
        only(services.MoveItem(account=self._account).call(items=[ItemId(id=source)], to_folder=place.id))

    # Letters --------------------------------------------------------------------------------------

    def marked(self, delivery_id: str, *folders: str) -> list[list[Any]]:
        """The items that bear a delivery id, folder by folder: id, change key, and whether they were submitted."""
        service = services.FindItem(account=self._account)
        return service.found(
            [self._named(folder) for folder in folders],
            Is(Letter.get_field_by_fieldname("delivery_id"), delivery_id),
            Letter.get_field_by_fieldname("is_submitted"),
        )

    def save(self, content: bytes, recipient: str, delivery_id: str) -> ItemId:
        """Save a letter as a draft that bears its delivery id."""
        letter = Letter(
            account=self._account,
            mime_content=content,
            delivery_id=delivery_id,
            to_recipients=[Mailbox(email_address=recipient)],
        )
        made = only(services.CreateItem(account=self._account).saved(letter, self._named(DRAFTS)))
        return ItemId(id=made.id, changekey=made.changekey)

    def send(self, draft: ItemId) -> None:
        """Send a draft; its copy goes to the mailbox's own sent items."""
        only(services.SendItem(account=self._account).call(items=[draft], saved_item_folder=self._named(SENT)))

    # Folders --------------------------------------------------------------------------------------

    def places(self, *names: str) -> list[Place | Exception]:
        """Folders every mailbox has, with the account's rights there, or the refusal in one's place."""
        service = services.GetFolder(account=self._account)
        rights = FieldPath(field=Folder.get_field_by_fieldname("effective_rights"))
        payload = service.get_payload([self._named(name) for name in names], [rights], ID_ONLY)
        return service.places(payload)

    def place(self, name: str) -> Place | None:
        """A folder beside the inbox."""
        service = services.FindFolder(account=self._account)
        named = Is(Folder.get_field_by_fieldname("name"), name)
        payload = service.get_payload([self._named(ROOT)], None, named, ID_ONLY, "Shallow", page_size=1)
        found = service.places(payload)
        return good(found[0]) if found else None

    def new_place(self, name: str) -> Place:
        """Make a folder beside the inbox."""
        service = services.CreateFolder(account=self._account)
        wanted = Folder(root=None, name=name, folder_class="IPF.Note")
        made: Place = only(service.places(service.get_payload([wanted], self._named(ROOT))))
        return made

    def _named(self, name: str) -> DistinguishedFolderId:
        """A folder by the name that every mailbox knows it by. The library would look about for one that fits."""
        address = self._account.primary_smtp_address
        return DistinguishedFolderId(id=name, mailbox=Mailbox(email_address=address))
