"""What each operation answers, in EWS's own words."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from tests.mailboxes.exchange.items import Item, Store

M = "http://schemas.microsoft.com/exchange/services/2006/messages"
T = "http://schemas.microsoft.com/exchange/services/2006/types"
NS = {"m": M, "t": T}
SYNC_PAGE = 3
"""So few changes a request, that paging is always at work."""


class Refused(Exception):
    """One item or folder is refused with a code of Exchange's."""


def answer(operation: etree._Element, store: Store, fails: Callable[[str], str]) -> str:
    """The response to a request, as the element that stands in the SOAP body."""
    name = etree.QName(operation).localname
    return _OPERATIONS[name](operation, store, fails)


def _responses(name: str, messages: list[str]) -> str:
    return (
        f'<m:{name}Response xmlns:m="{M}" xmlns:t="{T}"><m:ResponseMessages>'
        + "".join(messages)
        + f"</m:ResponseMessages></m:{name}Response>"
    )


def _well(name: str, inner: str = "") -> str:
    return (
        f'<m:{name}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>{inner}'
        f"</m:{name}ResponseMessage>"
    )


def _bad(name: str, code: str) -> str:
    return (
        f'<m:{name}ResponseMessage ResponseClass="Error"><m:MessageText>refused</m:MessageText>'
        f"<m:ResponseCode>{code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>"
        f"{_EMPTY.get(name, '')}</m:{name}ResponseMessage>"
    )


_EMPTY = {
    **dict.fromkeys(("GetItem", "CreateItem", "MoveItem"), "<m:Items/>"),
    **dict.fromkeys(("GetFolder", "CreateFolder"), "<m:Folders/>"),
    "SyncFolderItems": "<m:SyncState/><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange>",
}


# Folders ------------------------------------------------------------------------------------------


def _named(element: etree._Element, store: Store) -> str:
    """The folder that a folder id names. Raises Refused."""
    tag = etree.QName(element).localname
    name = str(element.get("Id"))
    key = name if tag == "DistinguishedFolderId" else base64.b64decode(name).decode()
    if key not in store.folders:
        raise Refused("ErrorFolderNotFound")
    return key


def _folder_xml(key: str, store: Store) -> str:
    count = len(store.in_folder(key))
    name = {"inbox": "Inbox", "sentitems": "Sent Items", "drafts": "Drafts"}.get(key, store.folders[key])
    return (
        f'<t:Folder><t:FolderId Id="{_folder_id(key)}" ChangeKey="AQ=="/><t:FolderClass>IPF.Note</t:FolderClass>'
        f"<t:DisplayName>{escape(name)}</t:DisplayName><t:TotalCount>{count}</t:TotalCount>"
        f"<t:ChildFolderCount>0</t:ChildFolderCount><t:UnreadCount>0</t:UnreadCount></t:Folder>"
    )


def _folder_id(key: str) -> str:
    return base64.b64encode(key.encode()).decode()


def _get_folder(operation: etree._Element, store: Store, fails: Callable[[str], str]) -> str:
    messages = []
    for element in operation.find("m:FolderIds", NS):
        try:
            messages.append(_well("GetFolder", f"<m:Folders>{_folder_xml(_named(element, store), store)}</m:Folders>"))
        except Refused as code:
            messages.append(_bad("GetFolder", str(code)))
    return _responses("GetFolder", messages)


def _find_folder(operation: etree._Element, store: Store, fails: Callable[[str], str]) -> str:
    wanted = [c.get("Value") for c in operation.iterfind(".//t:Constant", NS)]
    parents = [_named(element, store) for element in operation.find("m:ParentFolderIds", NS)]
    found = [key for key, name in store.folders.items() if key.startswith("own:") and (not wanted or name in wanted)]
    inner = "".join(_folder_xml(key, store) for key in found)
    root = (
        f'<m:RootFolder TotalItemsInView="{len(found)}" IncludesLastItemInRange="true">'
        f"<t:Folders>{inner}</t:Folders></m:RootFolder>"
    )
    return _responses("FindFolder", [_well("FindFolder", root) for _ in parents])


def _create_folder(operation: etree._Element, store: Store, fails: Callable[[str], str]) -> str:
    name = operation.findtext(".//t:DisplayName", namespaces=NS)
    key = f"own:{name}"
    store.folders[key] = str(name)
    inner = f'<m:Folders><t:Folder><t:FolderId Id="{_folder_id(key)}" ChangeKey="AQ=="/></t:Folder></m:Folders>'
    return _responses("CreateFolder", [_well("CreateFolder", inner)])


# Items --------------------------------------------------------------------------------------------


def _sync(operation: etree._Element, store: Store, fails: Callable[[str], str]) -> str:
    folder = _named(operation.find("m:SyncFolderId", NS)[0], store)
    state = operation.findtext("m:SyncState", namespaces=NS)
    at = 0
    if state:
        try:
            epoch, seen = base64.b64decode(state, validate=True).decode().split(":")
            at = int(seen)
        except (ValueError, UnicodeDecodeError):
            epoch = ""
        if epoch != str(store.epoch) or fails("sync state"):
            return _responses("SyncFolderItems", [_bad("SyncFolderItems", "ErrorInvalidSyncStateData")])
    changes, is_last = [], True
    entries = list(enumerate(store.log[at:], start=at + 1))
    for number, (kind, where, item_id) in entries:
        if len(changes) == SYNC_PAGE:
            is_last = False
            break
        at = number
        if where == folder and kind == "create" and item_id in store.items:
            changes.append(f"<t:Create><t:Message>{_id(item_id)}</t:Message></t:Create>")
        elif where == folder and kind == "delete":
            changes.append(f"<t:Delete>{_id(item_id)}</t:Delete>")
    following = base64.b64encode(f"{store.epoch}:{at}".encode()).decode()
    inner = (
        f"<m:SyncState>{following}</m:SyncState><m:IncludesLastItemInRange>{str(is_last).lower()}"
        f"</m:IncludesLastItemInRange><m:Changes>{''.join(reversed(changes))}</m:Changes>"
    )
    return _responses("SyncFolderItems", [_well("SyncFolderItems", inner)])


def _id(item_id: str) -> str:
    return f'<t:ItemId Id="{item_id}" ChangeKey="CQAA"/>'


def _get_item(operation: etree._Element, store: Store, fails: Callable[[str], str]) -> str:
    wanted = [e.get("FieldURI") for e in operation.iterfind(".//t:FieldURI", NS)]
    messages = []
    for element in operation.find("m:ItemIds", NS):
        item_id = str(element.get("Id"))
        code = fails("item") or ("" if item_id in store.items else "ErrorItemNotFound")
        if not code and "item:MimeContent" in wanted and store.items[item_id].mime_fails:
            code = "ErrorMimeContentConversionFailed"
        if code:
            messages.append(_bad("GetItem", code))
        else:
            xml = _item_xml(item_id, store.items[item_id], wanted)
            messages.append(_well("GetItem", f"<m:Items>{xml}</m:Items>"))
    return _responses("GetItem", messages)


def _item_xml(item_id: str, item: Item, wanted: list[str | None]) -> str:
    """The properties asked for, in the order of the schema."""
    content = base64.b64encode(item.raw).decode()
    received = f"{item.received:%Y-%m-%dT%H:%M:%SZ}" if item.received else ""
    parts: list[tuple[str, str]] = [
        ("item:MimeContent", f'<t:MimeContent CharacterSet="UTF-8">{content}</t:MimeContent>'),
        ("", _id(item_id)),
        ("item:ItemClass", f"<t:ItemClass>{item.item_class}</t:ItemClass>"),
        ("item:Body", '<t:Body BodyType="Text">Dear all</t:Body>'),
        ("item:Attachments", _attachments(item)),
        ("item:DateTimeReceived", f"<t:DateTimeReceived>{received}</t:DateTimeReceived>" if received else ""),
        ("item:Size", f"<t:Size>{len(item.raw)}</t:Size>"),
        ("item:InternetMessageHeaders", _headers(item.raw)),
        ("item:HasAttachments", f"<t:HasAttachments>{str(bool(item.cloud or item.files)).lower()}</t:HasAttachments>"),
    ]
    inner = "".join(xml for field, xml in parts if not field or field in wanted)
    return f"<t:Message>{inner}</t:Message>"


def _attachments(item: Item) -> str:
    own = "".join(
        f'<t:FileAttachment><t:AttachmentId Id="{number}:{base64.b64encode(data).decode()}"/>'
        f"<t:Name>{escape(name)}</t:Name><t:ContentType>application/octet-stream</t:ContentType></t:FileAttachment>"
        for number, (name, data) in enumerate(item.files)
    )
    cloud = "".join(
        f'<t:ReferenceAttachment><t:AttachmentId Id="cloud"/><t:Name>{escape(name)}</t:Name></t:ReferenceAttachment>'
        for name in item.cloud
    )
    return f"<t:Attachments>{own}{cloud}</t:Attachments>" if own or cloud else ""


def _headers(raw: bytes) -> str:
    lines = raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    told = "".join(
        f"<t:InternetMessageHeader HeaderName={quoteattr(name)}>{escape(value.strip())}</t:InternetMessageHeader>"
        for name, _, value in (line.partition(":") for line in lines)
    )
    return f"<t:InternetMessageHeaders>{told}</t:InternetMessageHeaders>"


def _get_attachment(operation: etree._Element, store: Store, fails: Callable[[str], str]) -> str:
    messages = []
    for element in operation.iterfind(".//t:AttachmentId", NS):
        whole = str(element.get("Id"))
        inner = (
            f'<m:Attachments><t:FileAttachment><t:AttachmentId Id="{whole}"/><t:Name>a</t:Name>'
            f"<t:Content>{whole.partition(':')[2]}</t:Content></t:FileAttachment></m:Attachments>"
        )
        messages.append(_well("GetAttachment", inner))
    return _responses("GetAttachment", messages)


def _find_item(operation: etree._Element, store: Store, fails: Callable[[str], str]) -> str:
    wanted = operation.find(".//t:Constant", NS)
    value = wanted.get("Value") if wanted is not None else None
    messages = []
    for element in operation.find("m:ParentFolderIds", NS):
        found = [i for i, item in store.in_folder(_named(element, store)) if item.delivery_id == value]
        inner = "".join(f"<t:Message>{_id(item_id)}</t:Message>" for item_id in found)
        root = (
            f'<m:RootFolder TotalItemsInView="{len(found)}" IncludesLastItemInRange="true">'
            f"<t:Items>{inner}</t:Items></m:RootFolder>"
        )
        messages.append(_well("FindItem", root))
    return _responses("FindItem", messages)


def _create_item(operation: etree._Element, store: Store, fails: Callable[[str], str]) -> str:
    if operation.get("MessageDisposition") != "SaveOnly":
        raise AssertionError("A letter leaves as a draft that is sent, never at once.")
    if code := fails("create"):
        return _responses("CreateItem", [_bad("CreateItem", code)])
    folder = _named(operation.find("m:SavedItemFolderId", NS)[0], store)
    raw = base64.b64decode(str(operation.findtext(".//t:MimeContent", namespaces=NS)))
    value = operation.findtext(".//t:ExtendedProperty/t:Value", namespaces=NS) or ""
    item_id = store.put(Item(raw=raw, folder=folder, received=None, delivery_id=value))
    inner = f"<m:Items><t:Message>{_id(item_id)}</t:Message></m:Items>"
    return _responses("CreateItem", [_well("CreateItem", inner)])


def _send_item(operation: etree._Element, store: Store, fails: Callable[[str], str]) -> str:
    if operation.get("SaveItemToFolder") != "true":
        raise AssertionError("A sent letter stays in the mailbox.")
    folder = _named(operation.find("m:SavedItemFolderId", NS)[0], store)
    messages = []
    for element in operation.find("m:ItemIds", NS):
        item_id = str(element.get("Id"))
        code = fails("send") or ("" if item_id in store.items else "ErrorItemNotFound")
        if code:
            messages.append(_bad("SendItem", code))
            continue
        item = store.items[item_id]
        store.given.append((item.delivery_id, item.raw))
        store.move(item_id, folder)
        messages.append(_well("SendItem"))
    return _responses("SendItem", messages)


def _move_item(operation: etree._Element, store: Store, fails: Callable[[str], str]) -> str:
    folder = _named(operation.find("m:ToFolderId", NS)[0], store)
    messages = []
    for element in operation.find("m:ItemIds", NS):
        item_id = str(element.get("Id"))
        if item_id not in store.items:
            messages.append(_bad("MoveItem", "ErrorItemNotFound"))
            continue
        moved = store.move(item_id, folder)
        messages.append(_well("MoveItem", f"<m:Items><t:Message>{_id(moved)}</t:Message></m:Items>"))
    return _responses("MoveItem", messages)


_OPERATIONS: dict[str, Callable[[Any, Store, Callable[[str], str]], str]] = {
    "GetFolder": _get_folder,
    "FindFolder": _find_folder,
    "CreateFolder": _create_folder,
    "SyncFolderItems": _sync,
    "GetItem": _get_item,
    "GetAttachment": _get_attachment,
    "FindItem": _find_item,
    "CreateItem": _create_item,
    "SendItem": _send_item,
    "MoveItem": _move_item,
}
