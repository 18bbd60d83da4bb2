"""The requests of EWS that one mailbox makes, each asked once, by the library's own services put right.

They are called by their public names. Each private hook that is put right here says why: as they are, they ask
again in other versions, raise one item's refusal in place of nine others' content, stumble over kinds of items
they do not know, and leave out what lies in a cloud. What is asked is at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exchangelib import Account, FileAttachment, Folder, Message, Q, errors, services
from exchangelib.extended_properties import ExtendedProperty
from exchangelib.fields import FieldPath
from exchangelib.folders import DEEP, Drafts, Inbox, JunkEmail, Messages, MsgFolderRoot, Outbox, Root, SentItems
from exchangelib.items import HARD_DELETE, ID_ONLY, SAVE_ONLY, SEND_TO_NONE, SHALLOW, SPECIFIED_OCCURRENCE_ONLY
from exchangelib.properties import FolderId, ItemId, Mailbox
from exchangelib.restriction import Restriction
from exchangelib.util import MNS, SOAPNS, TNS
from lxml import etree
from oauthlib.oauth2 import TokenExpiredError  # type: ignore[import-untyped]

from csp_workflow.mailboxes.exchange.answers import list_told, read_back_off, read_bytes, read_envelope
from csp_workflow.mailboxes.line import MailLine
from csp_workflow.mailboxes.messages import read_time


class _DeliveryId(ExtendedProperty):  # type: ignore[misc]
    """Our delivery id on a draft. A server may change a Message-ID, but never a property."""

    distinguished_property_set_id = "PublicStrings"
    property_name = "csp-delivery-id"
    property_type = "String"


_CODE = f"{{{MNS}}}ResponseCode"
_TRUE = {"true", "1"}


class EwsLetter(Message):  # type: ignore[misc]
    """The library's message with our property on it; its own class is left as it is."""

    FIELDS = Message.FIELDS.copy()


EwsLetter.register("delivery_id", _DeliveryId)


class EwsLetterFolder(Messages):  # type: ignore[misc]
    """A folder of which the library knows that letters, with their property, may lie in it."""

    supported_item_models = (EwsLetter,)


@dataclass(frozen=True, kw_only=True)
class FoundItem:
    """An item with the properties that were asked for, and whether a file of it lies in a cloud.

    `content` is its MIME, `received` its time of receipt, each None when it was not asked for or is not told.
    """

    item: Any
    has_cloud_file: bool
    content: bytes | None = None
    received: datetime | None = None


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
        # The library repairs what is cut, and takes one byte after the other.
        return read_envelope(response.content)

    def _get_soap_messages(self: Any, body: Any) -> Any:
        # The library knows one name for each element, where the schema has a choice, and wants what it leaves out.
        fault = body.find(f"{{{SOAPNS}}}Fault")
        if fault is not None:
            self._raise_soap_errors(fault=fault)
        each = list_told(body)
        for told in each:
            if told.get("ResponseClass") == "Success" and told.find(_CODE) is None:
                etree.SubElement(told, _CODE).text = "NoError"
        return each

    @classmethod
    def _raise_soap_errors(cls, fault: Any) -> Any:
        # Of how long to wait the library reads one way of saying it, and keeps it of one code.
        try:
            super()._raise_soap_errors(fault)  # type: ignore[misc]
        except errors.EWSError as raised:
            raised.wait = read_back_off(fault)
            raise

    @staticmethod
    def _get_exception(code: Any, text: Any, msg_xml: Any = None, rule_errors: Any = None) -> Any:
        made = services.common.EWSService._get_exception(code, text or "", msg_xml, rule_errors)  # noqa: SLF001
        made.wait = read_back_off(msg_xml)
        return made

    def _get_elements(self: Any, payload: Any) -> Iterator[Any]:
        # The library would raise "busy" in place of other refusals, and "busy" is taken as certainly not sent.
        try:
            yield from self._response_generator(payload=payload)
        except TokenExpiredError:  # found out before anything is asked; by now there is a new one
            yield from self._response_generator(payload=payload)


class SyncFolderItems(_OneTry, services.SyncFolderItems):  # type: ignore[misc]
    """What changed in a folder: an id for each new item, "" for every other change."""

    def _get_element_container(self, message: Any, name: str | None = None) -> Any:
        # A refusal may come without the state that the library looks for at once, and good news without changes.
        check_refusal(services.common.EWSService._get_element_container(self, message))  # noqa: SLF001 - our own parent's
        changes = message.findall(f"{name}/*")
        self.sync_state = message.findtext(f"{{{MNS}}}SyncState")
        if not self.sync_state:
            raise errors.MalformedResponseError("A list of changes without its state.")
        told = message.findtext(self.last_in_range_name)
        self.includes_last_item_in_range = not changes if told is None else told.strip() in _TRUE
        return changes

    def _elem_to_obj(self, elem: Any) -> str:
        # The library fails at kinds of items that it does not know.
        is_new = self.change_types_map.get(elem.tag) == self.CREATE
        return str(elem.find(f".//{{{TNS}}}ItemId").attrib["Id"]) if is_new else ""


class GetItem(_OneTry, services.GetItem):  # type: ignore[misc]
    """Items of every kind."""

    def _elem_to_obj(self, elem: Any) -> FoundItem:
        # The library fails at kinds of items that it does not know, and leaves out files that lie in a cloud.
        has_cloud_file = elem.find(f"{{{TNS}}}Attachments/{{{TNS}}}ReferenceAttachment") is not None
        # The library takes what is left of a broken content, and drops times with more digits than it expects.
        content = elem.find(f"{{{TNS}}}MimeContent")
        if content is not None:
            elem.remove(content)
        return FoundItem(
            content=None if content is None else read_bytes(content),
            received=read_time(elem.findtext(f"{{{TNS}}}DateTimeReceived")),
            has_cloud_file=has_cloud_file,
            item=EwsLetter.from_xml(elem=elem, account=self.account),
        )


class GetAttachment(_OneTry, services.GetAttachment):  # type: ignore[misc]
    """An attached file's content, or an attached message's MIME."""

    def _elem_to_obj(self, elem: Any) -> bytes:
        # The library would read an attached message property by property, and fail at kinds that it does not know.
        return read_bytes(next(elem.iter(f"{{{TNS}}}Content", f"{{{TNS}}}MimeContent"), None))


class FindItem(_OneTry, services.FindItem):  # type: ignore[misc]
    """Items by one property, folder by folder."""

    def _get_page(self, message: Any) -> Any:
        # What the library takes for an empty page may be one that is not told whole.
        page = self._get_element_container(message=message, name=self.paging_container_name)
        items = () if isinstance(page, Exception) else page.find(self.element_container_name)
        if items is None or (page.get("IncludesLastItemInRange") or "true") not in _TRUE:
            raise errors.MalformedResponseError("What was looked for is not told whole.")
        return page, None

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
        if len(pages) != len(folders):
            raise errors.MalformedResponseError("Not every folder was looked into.")
        return [self._read_items(page.find(self.element_container_name)) for page in pages]

    def _read_items(self, items: Any) -> list[Any]:
        return [EwsLetter.from_xml(elem=elem, account=self.account) for elem in list(items)]


class MoveItem(_OneTry, services.MoveItem):  # type: ignore[misc]
    """To another folder, under a new id."""


class DeleteItem(_OneTry, services.DeleteItem):  # type: ignore[misc]
    """Items go for good."""


class SendItem(_OneTry, services.SendItem):  # type: ignore[misc]
    """A draft leaves."""


class CreateItem(_OneTry, services.CreateItem):  # type: ignore[misc]
    """A draft is made."""


class GetFolder(_OneTry, services.GetFolder):  # type: ignore[misc]
    """Folders by id."""


class CreateFolder(_OneTry, services.CreateFolder):  # type: ignore[misc]
    """A folder is made. Its id may be left out."""

    def _get_element_container(self, message: Any, name: str | None = None) -> Any:
        made = services.common.EWSService._get_element_container(self, message)  # noqa: SLF001 - our own parent's
        return message.findall(f"{name}/*") if made is message else made


class FindFolder(_OneTry, services.FindFolder):  # type: ignore[misc]
    """Folders by one property. Where there are none, their list may be left out."""

    def _get_page(self, message: Any) -> Any:
        page = self._get_element_container(message=message)
        if isinstance(page, Exception):
            return page, None
        root = message.find(self.paging_container_name)
        is_empty = root is None or root.find(self.element_container_name) is None
        return None if is_empty else root, None


def make_paths(kind: Any, *names: str) -> list[FieldPath]:
    """Properties of an item or folder, as a request names them."""
    return [FieldPath(field=kind.get_field_by_fieldname(name)) for name in names]


# What is asked ------------------------------------------------------------------------------------

INBOX, DRAFTS, OUTBOX, SENT = Inbox, Drafts, Outbox, SentItems
"""Folders that every mailbox has. They are named by their kind; the library would look about for one that fits."""

_NOT_FILED = (Inbox, Drafts, Outbox, SentItems, JunkEmail)
_OF_MAIL = "IPF.Note"
_FOLDERS_AT_ONCE = 1000
_CHANGES_AT_ONCE = 512
"""The most that a server gives."""


class Calls:
    """What may be asked of one mailbox. Raises whatever the library does; `line` tells how far a request got."""

    def __init__(self, account: Account, line: MailLine) -> None:
        self.line = line
        self._account, self._root = account, Root(account=account)

    # Items ----------------------------------------------------------------------------------------

    def list_changes(self, state: str, folder: FolderId | None = None) -> tuple[list[str], str, bool]:
        """The ids of what came into the inbox (or another folder) after a sync state, as the server orders them.

        Also the next state, and whether there is more behind it.
        """
        service = SyncFolderItems(account=self._account)
        changes = service.call(
            folder=self._name_folder(INBOX) if folder is None else folder,
            shape=ID_ONLY,
            additional_fields=None,
            sync_state=state,
            ignore=None,
            max_changes_returned=_CHANGES_AT_ONCE,
            sync_scope=None,
        )
        ids = [source for source in changes if source]
        is_last = service.includes_last_item_in_range or service.sync_state == state
        return ids, service.sync_state, not is_last

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
        for moved in MoveItem(account=self._account).call(items=[ItemId(id=source)], to_folder=folder):
            check_refusal(moved)

    def delete(self, source: str) -> None:
        """Delete an item for good."""
        service = DeleteItem(account=self._account)
        for deleted in service.call(
            items=[ItemId(id=source)],
            delete_type=HARD_DELETE,
            send_meeting_cancellations=SEND_TO_NONE,
            affected_task_occurrences=SPECIFIED_OCCURRENCE_ONLY,
            suppress_read_receipts=True,
        ):
            check_refusal(deleted)

    # Letters --------------------------------------------------------------------------------------

    def find_marked(self, delivery_id: str, *kinds: type[Folder]) -> list[list[Any]]:
        """The items that bear a delivery id, folder by folder: id, change key, and whether they were submitted."""
        lookup = [EwsLetterFolder(root=self._root)]
        is_marked = Restriction(Q(delivery_id=delivery_id), folders=lookup, applies_to=Restriction.ITEMS)
        folders = [self._name_folder(kind) for kind in kinds]
        return FindItem(account=self._account).find(folders, is_marked, "is_submitted")

    def find_lying(self, kind: type[Folder], since: datetime | None = None) -> list[Any]:
        """The items of a folder that came there since then, with what tells which letters they are."""
        lookup = [EwsLetterFolder(root=self._root)]
        asked = Q(datetime_received__gte=since) if since else Q(delivery_id__exists=True)
        wanted = Restriction(asked, folders=lookup, applies_to=Restriction.ITEMS)
        (found,) = FindItem(account=self._account).find(
            [self._name_folder(kind)], wanted, "is_submitted", "delivery_id", "subject", "message_id", "datetime_sent"
        )
        return list(found)

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

    def count_items(self, kind: type[Folder]) -> int:
        """How many items lie in a folder."""
        service, total = GetFolder(account=self._account), make_paths(Folder, "total_count")
        found = service.call(folders=[self._name_folder(kind)], additional_fields=total, shape=ID_ONLY)
        return int(take_only(found).total_count or 0)

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

    def list_filing_folders(self) -> list[FolderId]:
        """Every folder of mail, however deep, but the inbox and those of another use."""
        top, service = self._name_folder(MsgFolderRoot), FindFolder(account=self._account, page_size=_FOLDERS_AT_ONCE)
        found = service.call(
            folders=[top],
            additional_fields=make_paths(Folder, "folder_class"),
            restriction=None,
            shape=ID_ONLY,
            depth=DEEP,
            max_items=None,
            offset=0,
        )
        others = {folder.id for folder in self.get_folders(*_NOT_FILED) if not isinstance(folder, Exception)}
        mail = [f for f in map(check_refusal, found) if (f.folder_class or _OF_MAIL).startswith(_OF_MAIL)]
        return [FolderId(id=folder.id) for folder in mail if folder.id not in others]

    def make_folder(self, name: str) -> FolderId | None:
        """Make a folder beside the inbox; None when the server does not say which it is."""
        wanted = Folder(root=self._root, name=name, folder_class="IPF.Note")
        service, top = CreateFolder(account=self._account), self._name_folder(MsgFolderRoot)
        made = service.call(parent_folder=top, folders=[wanted])
        return next((FolderId(id=check_refusal(folder).id) for folder in made), None)

    def _name_folder(self, kind: type[Folder]) -> Folder:
        """A folder that every mailbox has, by its kind. No word is exchanged with the server."""
        folder = kind(root=self._root)
        folder.to_id()  # at once: the library keeps folders by a hash, of which the id is a part
        return folder
