"""The requests of EWS that one mailbox makes, each asked once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from exchangelib import Account, FileAttachment, Folder, Q
from exchangelib.folders import Drafts, Inbox, MsgFolderRoot, Outbox, Root, SentItems
from exchangelib.items import ID_ONLY, SAVE_ONLY, SEND_TO_NONE, SHALLOW
from exchangelib.properties import FolderId, ItemId, Mailbox
from exchangelib.restriction import Restriction

from csp_workflow.mailboxes.exchange import services
from csp_workflow.mailboxes.exchange.services import EwsLetter, FoundItem, check_refusal, make_paths, take_only
from csp_workflow.mailboxes.line import MailLine

INBOX, DRAFTS, OUTBOX, SENT = Inbox, Drafts, Outbox, SentItems
"""Folders that every mailbox has. They are named by their kind; the library would look about for one that fits."""

_CHANGES_AT_ONCE = 512
"""The most that a server gives."""


class Calls:
    """What may be asked of one mailbox. Raises whatever the library does; `line` tells how far a request got."""

    def __init__(self, account: Account, line: MailLine) -> None:
        self.line = line
        self._account, self._root = account, Root(account=account)

    # Items ----------------------------------------------------------------------------------------

    def list_changes(self, state: str) -> tuple[list[str], str]:
        """The ids of what came into the inbox since a sync state, as the server orders them, and the next state."""
        ids: list[str] = []
        while True:
            service = services.SyncFolderItems(account=self._account)
            changes = service.call(
                folder=self._name_folder(INBOX),
                shape=ID_ONLY,
                additional_fields=None,
                sync_state=state,
                ignore=None,
                max_changes_returned=_CHANGES_AT_ONCE,
                sync_scope=None,
            )
            ids += [source for source in changes if source]
            if service.includes_last_item_in_range or service.sync_state == state:
                return ids, service.sync_state
            state = service.sync_state

    def get_items(self, ids: Sequence[str], *fields: str, at_once: int = 1) -> Iterator[FoundItem | Exception]:
        """Items in the order of their ids, or the refusal in one's place."""
        service = services.GetItem(account=self._account, chunk_size=at_once)
        items = [ItemId(id=each) for each in ids]
        found = service.call(items=items, additional_fields=make_paths(EwsLetter, *fields), shape=ID_ONLY)
        for _, seen in zip(ids, found, strict=True):
            yield seen

    def get_attachment(self, attachment: Any) -> bytes:
        """The content of an attached file, or an attached message as MIME."""
        content: bytes = take_only(
            services.GetAttachment(account=self._account).call(
                items=[attachment.attachment_id],
                include_mime_content=not isinstance(attachment, FileAttachment),
                body_type=None,
                filter_html_content=None,
                additional_fields=None,
            )
        )
        return content

    def move(self, source: str, folder: FolderId) -> None:
        """Move an item."""
        take_only(services.MoveItem(account=self._account).call(items=[ItemId(id=source)], to_folder=folder))

    # Letters --------------------------------------------------------------------------------------

    def find_marked(self, delivery_id: str, *kinds: type[Folder]) -> list[list[Any]]:
        """The items that bear a delivery id, folder by folder: id, change key, and whether they were submitted."""
        lookup = [services.EwsLetterFolder(root=self._root)]
        is_marked = Restriction(Q(delivery_id=delivery_id), folders=lookup, applies_to=Restriction.ITEMS)
        folders = [self._name_folder(kind) for kind in kinds]
        return services.FindItem(account=self._account).find(folders, is_marked, "is_submitted")

    def save(self, content: bytes, recipient: str, delivery_id: str) -> ItemId:
        """Save a letter as a draft that bears its delivery id."""
        letter = EwsLetter(
            account=self._account,
            mime_content=content,
            delivery_id=delivery_id,
            to_recipients=[Mailbox(email_address=recipient)],
        )
        made = take_only(
            services.CreateItem(account=self._account).call(
                items=[letter],
                folder=self._name_folder(DRAFTS),
                message_disposition=SAVE_ONLY,
                send_meeting_invitations=SEND_TO_NONE,
            )
        )
        return ItemId(id=made.id, changekey=made.changekey)

    def send(self, draft: ItemId) -> None:
        """Send a draft; its copy goes to the mailbox's own sent items."""
        service = services.SendItem(account=self._account)
        take_only(service.call(items=[draft], saved_item_folder=self._name_folder(SENT)))

    # Folders --------------------------------------------------------------------------------------

    def get_folders(self, *kinds: type[Folder]) -> list[Any]:
        """Folders with the account's rights there, or the refusal in one's place."""
        folders = [self._name_folder(kind) for kind in kinds]
        rights = make_paths(Folder, "effective_rights")
        service = services.GetFolder(account=self._account)
        return list(service.call(folders=folders, additional_fields=rights, shape=ID_ONLY))

    def find_folder(self, name: str) -> FolderId | None:
        """A folder beside the inbox."""
        top = self._name_folder(MsgFolderRoot)
        found = services.FindFolder(account=self._account, page_size=1).call(
            folders=[top],
            additional_fields=None,
            restriction=Restriction(Q(name=name), folders=[top], applies_to=Restriction.FOLDERS),
            shape=ID_ONLY,
            depth=SHALLOW,
            max_items=1,
            offset=0,
        )
        return next((FolderId(id=check_refusal(folder).id) for folder in found), None)

    def make_folder(self, name: str) -> FolderId:
        """Make a folder beside the inbox."""
        wanted = Folder(root=self._root, name=name, folder_class="IPF.Note")
        service = services.CreateFolder(account=self._account)
        return FolderId(id=take_only(service.call(parent_folder=self._name_folder(MsgFolderRoot), folders=[wanted])).id)

    def _name_folder(self, kind: type[Folder]) -> Folder:
        """A folder that every mailbox has, by its kind. No word is exchanged with the server."""
        folder = kind(root=self._root)
        folder.to_id()  # at once: the library keeps folders by a hash, of which the id is a part
        return folder
