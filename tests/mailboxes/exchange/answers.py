"""What each operation answers, in EWS's own words."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any

from lxml import etree

from tests.mailboxes.exchange.folder_answers import create_folder, find_folder, get_folder
from tests.mailboxes.exchange.item_xml import attachment_xml, id_xml, item_xml
from tests.mailboxes.exchange.items import CHANGE_KEY, Item, Store
from tests.mailboxes.exchange.wire import NS, Fails, Refused, bad, named, page, responses, well

SYNC_PAGE = 3
"""So few changes a request, that paging is always at work."""


def answer(operation: etree._Element, store: Store, fails: Fails) -> str:
    """The response to a request, as the element that stands in the SOAP body."""
    return _OPERATIONS[etree.QName(operation).localname](operation, store, fails)


# Receiving ----------------------------------------------------------------------------------------


def _sync(operation: etree._Element, store: Store, fails: Fails) -> str:
    folder = named(operation.find("m:SyncFolderId", NS)[0], store)
    state = operation.findtext("m:SyncState", namespaces=NS)
    at = _place_in_log(state, store)
    code = fails(f"sync state {state}") or ("ErrorInvalidSyncStateData" if at is None else "")
    if at is None or code:
        return responses("SyncFolderItems", [bad("SyncFolderItems", code)])
    changes: list[str] = []
    is_last = True
    for number, (kind, where, item_id) in list(enumerate(store.log[at:], start=at + 1)):
        if len(changes) == SYNC_PAGE:
            is_last = False
            break
        at = number
        if where == folder and kind == "create" and item_id in store.items:
            item = store.items[item_id]
            changes.append(f"<t:Create><t:{item.kind}>{id_xml(item_id)}</t:{item.kind}></t:Create>")
        elif where == folder and kind == "read":
            changes.append(f"<t:ReadFlagChange>{id_xml(item_id)}<t:IsRead>true</t:IsRead></t:ReadFlagChange>")
        elif where == folder and kind == "delete":
            changes.append(f"<t:Delete>{id_xml(item_id)}</t:Delete>")
    following = base64.b64encode(f"{store.epoch}:{at}".encode()).decode()
    inner = (
        f"<m:SyncState>{following}</m:SyncState><m:IncludesLastItemInRange>{str(is_last).lower()}"
        f"</m:IncludesLastItemInRange><m:Changes>{''.join(reversed(changes))}</m:Changes>"
    )
    return responses("SyncFolderItems", [well("SyncFolderItems", inner)])


def _place_in_log(state: str | None, store: Store) -> int | None:
    """How much of the log was told before; None for a state that means nothing."""
    if not state:
        return 0
    try:
        epoch, seen = base64.b64decode(state, validate=True).decode().split(":")
        return int(seen) if epoch == str(store.epoch) else None
    except (ValueError, UnicodeDecodeError):
        return None


def _get_item(operation: etree._Element, store: Store, fails: Fails) -> str:
    wanted = [e.get("FieldURI") for e in operation.iterfind(".//t:FieldURI", NS)]
    messages = []
    for element in operation.find("m:ItemIds", NS):
        item_id = str(element.get("Id"))
        code = fails("item") or _refusal(store.items.get(item_id), wanted)
        if code:
            messages.append(bad("GetItem", code))
        else:
            messages.append(well("GetItem", f"<m:Items>{item_xml(item_id, store.items[item_id], wanted)}</m:Items>"))
    return responses("GetItem", messages)


def _refusal(item: Item | None, wanted: list[str | None]) -> str:
    if item is None:
        return "ErrorItemNotFound"
    return next((code for field, code in item.refuses.items() if field in wanted or field == "*"), "")


def _get_attachment(operation: etree._Element, store: Store, fails: Fails) -> str:
    messages = []
    for element in operation.iterfind(".//t:AttachmentId", NS):
        xml, code = attachment_xml(str(element.get("Id")), store.items)
        inner = f"<m:Attachments>{xml}</m:Attachments>"
        messages.append(bad("GetAttachment", code) if code else well("GetAttachment", inner))
    return responses("GetAttachment", messages)


def _move_item(operation: etree._Element, store: Store, fails: Fails) -> str:
    try:
        folder = named(operation.find("m:ToFolderId", NS)[0], store)
    except Refused:
        return responses("MoveItem", [bad("MoveItem", "ErrorToFolderNotFound")])
    messages = []
    for element in operation.find("m:ItemIds", NS):
        item_id = str(element.get("Id"))
        code = fails("move") or ("" if item_id in store.items else "ErrorItemNotFound")
        if code:
            messages.append(bad("MoveItem", code))
            continue
        moved = store.move(item_id, folder)
        messages.append(well("MoveItem", f"<m:Items><t:Message>{id_xml(moved)}</t:Message></m:Items>"))
    return responses("MoveItem", messages)


def _delete_item(operation: etree._Element, store: Store, fails: Fails) -> str:
    assert operation.get("DeleteType") == "HardDelete", "What is disposed of is not to be found in another folder."
    messages = []
    for element in operation.find("m:ItemIds", NS):
        item_id = str(element.get("Id"))
        code = fails("delete") or ("" if item_id in store.items else "ErrorItemNotFound")
        if not code:
            store.take(item_id)
        messages.append(bad("DeleteItem", code) if code else well("DeleteItem"))
    return responses("DeleteItem", messages)


# Sending ------------------------------------------------------------------------------------------


def _find_item(operation: etree._Element, store: Store, fails: Fails) -> str:
    wanted = [e.get("FieldURI") for e in operation.iterfind("m:ItemShape//t:FieldURI", NS)]
    constant, is_marked = operation.find(".//t:Constant", NS), operation.find(".//t:Exists", NS) is not None
    value = "" if constant is None else str(constant.get("Value"))
    is_since = operation.find(".//t:IsGreaterThanOrEqualTo", NS) is not None
    if any(e.get("PropertyName") for e in operation.iterfind("m:ItemShape//t:ExtendedFieldURI", NS)):
        wanted.append("delivery id")

    def fits(item: Item) -> bool:
        if is_since:
            return item.received is not None and item.received >= datetime.fromisoformat(value)
        return bool(item.delivery_id) if is_marked else item.delivery_id == value

    messages = []
    for element in operation.find("m:ParentFolderIds", NS):
        found = [(i, x) for i, x in store.in_folder(named(element, store)) if fits(x)]
        inner = f"<t:Items>{''.join(item_xml(i, x, wanted) for i, x in found)}</t:Items>"
        messages.append(page("FindItem", inner, len(found)))
    return responses("FindItem", messages)


def _create_item(operation: etree._Element, store: Store, fails: Fails) -> str:
    assert operation.get("MessageDisposition") == "SaveOnly", "A letter leaves as a draft that is sent, never at once."
    if code := fails("create"):
        return responses("CreateItem", [bad("CreateItem", code)])
    folder = named(operation.find("m:SavedItemFolderId", NS)[0], store)
    raw = base64.b64decode(str(operation.findtext(".//t:MimeContent", namespaces=NS)))
    value = operation.findtext(".//t:ExtendedProperty/t:Value", namespaces=NS) or ""
    to = operation.findtext(".//t:ToRecipients//t:EmailAddress", namespaces=NS) or ""
    item_id = store.put(Item(raw=raw, folder=folder, received=None, delivery_id=value, to=to))
    inner = f"<m:Items><t:Message>{id_xml(item_id)}</t:Message></m:Items>"
    return responses("CreateItem", [well("CreateItem", inner)])


def _send_item(operation: etree._Element, store: Store, fails: Fails) -> str:
    assert operation.get("SaveItemToFolder") == "true", "A sent letter stays in the mailbox."
    assert named(operation.find("m:SavedItemFolderId", NS)[0], store) == "sentitems"
    messages = []
    for element in operation.find("m:ItemIds", NS):
        item_id = str(element.get("Id"))
        assert element.get("ChangeKey") == CHANGE_KEY
        code = fails("send") or ("" if item_id in store.items else "ErrorItemNotFound")
        if not code:
            assert store.items[item_id].folder == "drafts", "What lies in Sent would be sent again."
            store.submit(item_id)
        messages.append(bad("SendItem", code) if code else well("SendItem"))
    return responses("SendItem", messages)


_OPERATIONS: dict[str, Callable[[Any, Store, Fails], str]] = {
    "GetFolder": get_folder,
    "FindFolder": find_folder,
    "CreateFolder": create_folder,
    "SyncFolderItems": _sync,
    "GetItem": _get_item,
    "GetAttachment": _get_attachment,
    "FindItem": _find_item,
    "CreateItem": _create_item,
    "SendItem": _send_item,
    "MoveItem": _move_item,
    "DeleteItem": _delete_item,
}
