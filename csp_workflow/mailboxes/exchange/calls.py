"""The requests of EWS that one mailbox makes, each asked once, by the library's own services put right.

They are called by their public names. Each private hook that is put right here says why: as they are, they ask
again in other versions, raise one item's refusal in place of nine others' content, stumble over kinds of items
they do not know, and leave out what lies in a cloud. What is asked is at the end.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from exchangelib import Account, FileAttachment, Folder, Message, Q, errors, services
from exchangelib.extended_properties import ExtendedProperty
from exchangelib.fields import FieldPath
from exchangelib.folders import Drafts, Inbox, Messages, MsgFolderRoot, Outbox, Root, SentItems
from exchangelib.items import ID_ONLY, SAVE_ONLY, SEND_TO_NONE, SHALLOW
from exchangelib.properties import FolderId, ItemId, Mailbox
from exchangelib.restriction import Restriction
from exchangelib.util import TNS, DummyResponse
from oauthlib.oauth2 import TokenExpiredError  # type: ignore[import-untyped]

from csp_workflow.mailboxes.line import MailLine


class _DeliveryId(ExtendedProperty):  # type: ignore[misc]
    """Our delivery id on a draft. A server may change a Message-ID, but never a property."""

    distinguished_property_set_id = "PublicStrings"
    property_name = "csp-delivery-id"
    property_type = "String"


class EwsLetter(Message):  # type: ignore[misc]
    """The library's message with our property on it; its own class is left as it is."""

    FIELDS = Message.FIELDS.copy()


EwsLetter.register("delivery_id", _DeliveryId)


class EwsLetterFolder(Messages):  # type: ignore[misc]
    """A folder of which the library knows that letters, with their property, may lie in it."""

    supported_item_models = (EwsLetter,)


@dataclass(frozen=True, kw_only=True)
class FoundItem:
    """An item with the properties that were asked for, and whether a file of it lies in a cloud."""

    item: Any
    has_cloud_file: bool


def check_refusal(found: Any) -> Any:
    """What was found; a refusal in its place is raised."""
    if isinstance(found, Exception):
        raise found
    return found


def take_only(found: Any) -> Any:
    """The one thing found, which may be a refusal as well."""
    (one,) = found
    return check_refusal(one)


class _OneTry:
    """One request in the configured version; each item's refusal is a value in its place."""

    ERRORS_TO_CATCH_IN_RESPONSE: tuple[type[Exception], ...] = (errors.TransportError,)
    WARNINGS_TO_CATCH_IN_RESPONSE = ERRORS_TO_CATCH_IN_RESPONSE

    @classmethod
    def supported_api_versions(cls) -> list[str]:
        """No versions to try beside the configured one."""
        return []

    def _get_soap_parts(self, response: Any) -> Any:
        # From a connection's answer the library takes one byte after the other, which takes seconds for a large one.
        return super()._get_soap_parts(response=DummyResponse(content=response.content))  # type: ignore[misc]

    def _get_elements(self: Any, payload: Any) -> Iterator[Any]:
        # The library would raise "busy" in place of other refusals, and "busy" is taken as certainly not sent.
        try:
            yield from self._response_generator(payload=payload)
        except TokenExpiredError:  # found out before anything is asked; by now there is a new one
            yield from self._response_generator(payload=payload)


class SyncFolderItems(_OneTry, services.SyncFolderItems):  # type: ignore[misc]
    """What changed in a folder: an id for each new item, "" for every other change."""

    def _get_element_container(self, message: Any, name: str | None = None) -> Any:
        # A refusal may come without the state that the library looks for at once.
        refused = message.get("ResponseClass") == "Error"
        kind = services.common.EWSService if refused else services.SyncFolderItems
        return check_refusal(kind._get_element_container(self, message=message, name=name))  # noqa: SLF001 - our own parent's

    def _elem_to_obj(self, elem: Any) -> str:
        # The library fails at kinds of items that it does not know.
        is_new = self.change_types_map.get(elem.tag) == self.CREATE
        return str(elem.find(f".//{{{TNS}}}ItemId").get("Id")) if is_new else ""


class GetItem(_OneTry, services.GetItem):  # type: ignore[misc]
    """Items of every kind."""

    def _elem_to_obj(self, elem: Any) -> FoundItem:
        # The library fails at kinds of items that it does not know, and leaves out files that lie in a cloud.
        has_cloud_file = elem.find(f"{{{TNS}}}Attachments/{{{TNS}}}ReferenceAttachment") is not None
        return FoundItem(item=EwsLetter.from_xml(elem=elem, account=self.account), has_cloud_file=has_cloud_file)


class GetAttachment(_OneTry, services.GetAttachment):  # type: ignore[misc]
    """An attached file's content, or an attached message's MIME."""

    def _elem_to_obj(self, elem: Any) -> bytes:
        # The library would read an attached message property by property, and fail at kinds that it does not know.
        found = next(elem.iter(f"{{{TNS}}}Content", f"{{{TNS}}}MimeContent"), None)
        return base64.b64decode((found is not None and found.text) or "")


class FindItem(_OneTry, services.FindItem):  # type: ignore[misc]
    """Items by one property, folder by folder."""

    def find(self, folders: list[Any], restriction: Any, *fields: str) -> list[list[Any]]:
        """The items of each folder, with their ids and these properties."""
        payload = self.get_payload(
            folders=folders,
            additional_fields=make_paths(EwsLetter, *fields),
            restriction=restriction,
            order_fields=None,
            query_string=None,
            shape=ID_ONLY,
            depth=SHALLOW,
            calendar_view=None,
            page_size=self.page_size,
        )
        # The library's call forgets which folder an item was found in, and that is what proves that it was sent.
        pages = [check_refusal(page) for page, _ in self._get_elements(payload=payload)]
        return [[] if page is None else self._read_items(page.find(self.element_container_name)) for page in pages]

    def _read_items(self, items: Any) -> list[Any]:
        return [EwsLetter.from_xml(elem=elem, account=self.account) for elem in list(items)]


class MoveItem(_OneTry, services.MoveItem):  # type: ignore[misc]
    """To another folder, under a new id."""


class SendItem(_OneTry, services.SendItem):  # type: ignore[misc]
    """A draft leaves."""


class CreateItem(_OneTry, services.CreateItem):  # type: ignore[misc]
    """A draft is made."""


class GetFolder(_OneTry, services.GetFolder):  # type: ignore[misc]
    """Folders by id."""


class CreateFolder(_OneTry, services.CreateFolder):  # type: ignore[misc]
    """A folder is made."""


class FindFolder(_OneTry, services.FindFolder):  # type: ignore[misc]
    """Folders by one property."""


def make_paths(kind: Any, *names: str) -> list[FieldPath]:
    """Properties of an item or folder, as a request names them."""
    return [FieldPath(field=kind.get_field_by_fieldname(name)) for name in names]


# What is asked ------------------------------------------------------------------------------------

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
            service = SyncFolderItems(account=self._account)
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
        service = GetItem(account=self._account, chunk_size=at_once)
        items = [ItemId(id=each) for each in ids]
        found = service.call(items=items, additional_fields=make_paths(EwsLetter, *fields), shape=ID_ONLY)
        for _, seen in zip(ids, found, strict=True):
            yield seen

    def get_attachment(self, attachment: Any) -> bytes:
        """The content of an attached file, or an attached message as MIME."""
        content: bytes = take_only(
            GetAttachment(account=self._account).call(
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
        take_only(MoveItem(account=self._account).call(items=[ItemId(id=source)], to_folder=folder))

    # Letters --------------------------------------------------------------------------------------

    def find_marked(self, delivery_id: str, *kinds: type[Folder]) -> list[list[Any]]:
        """The items that bear a delivery id, folder by folder: id, change key, and whether they were submitted."""
        lookup = [EwsLetterFolder(root=self._root)]
        is_marked = Restriction(Q(delivery_id=delivery_id), folders=lookup, applies_to=Restriction.ITEMS)
        folders = [self._name_folder(kind) for kind in kinds]
        return FindItem(account=self._account).find(folders, is_marked, "is_submitted")

    def save(self, content: bytes, recipient: str, delivery_id: str) -> ItemId:
        """Save a letter as a draft that bears its delivery id."""
        letter = EwsLetter(
            account=self._account,
            mime_content=content,
            delivery_id=delivery_id,
            to_recipients=[Mailbox(email_address=recipient)],
        )
        made = take_only(
            CreateItem(account=self._account).call(
                items=[letter],
                folder=self._name_folder(DRAFTS),
                message_disposition=SAVE_ONLY,
                send_meeting_invitations=SEND_TO_NONE,
            )
        )
        return ItemId(id=made.id, changekey=made.changekey)

    def send(self, draft: ItemId) -> None:
        """Send a draft; its copy goes to the mailbox's own sent items."""
        service = SendItem(account=self._account)
        take_only(service.call(items=[draft], saved_item_folder=self._name_folder(SENT)))

    # Folders --------------------------------------------------------------------------------------

    def get_folders(self, *kinds: type[Folder]) -> list[Any]:
        """Folders with the account's rights there, or the refusal in one's place."""
        folders = [self._name_folder(kind) for kind in kinds]
        rights = make_paths(Folder, "effective_rights")
        service = GetFolder(account=self._account)
        return list(service.call(folders=folders, additional_fields=rights, shape=ID_ONLY))

    def find_folder(self, name: str) -> FolderId | None:
        """A folder beside the inbox."""
        top = self._name_folder(MsgFolderRoot)
        found = FindFolder(account=self._account, page_size=1).call(
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
        service = CreateFolder(account=self._account)
        return FolderId(id=take_only(service.call(parent_folder=self._name_folder(MsgFolderRoot), folders=[wanted])).id)

    def _name_folder(self, kind: type[Folder]) -> Folder:
        """A folder that every mailbox has, by its kind. No word is exchanged with the server."""
        folder = kind(root=self._root)
        folder.to_id()  # at once: the library keeps folders by a hash, of which the id is a part
        return folder
