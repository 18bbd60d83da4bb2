"""What is answered about folders. A code ordered for a folder's name refuses it."""

from __future__ import annotations

from xml.sax.saxutils import escape

from lxml import etree

from tests.mailboxes.exchange.items import Store
from tests.mailboxes.exchange.wire import NS, Fails, Refused, bad, folder_id, named, page, responses, well

_RIGHTS = ("CreateAssociated", "CreateContents", "CreateHierarchy", "Delete", "Modify", "Read", "ViewPrivateItems")


def get_folder(operation: etree._Element, store: Store, fails: Fails) -> str:
    """GetFolder, with the account's rights. Those ordered for "rights in NAME" are lacking."""
    return responses("GetFolder", [_got(element, store, fails) for element in operation.find("m:FolderIds", NS)])


def _got(element: etree._Element, store: Store, fails: Fails) -> str:
    try:
        key = named(element, store)
    except Refused as code:
        return bad("GetFolder", str(code))
    if code := fails(key):
        return bad("GetFolder", code)
    return well("GetFolder", f"<m:Folders>{_xml(key, store, lacking=fails(f'rights in {key}'))}</m:Folders>")


def find_folder(operation: etree._Element, store: Store, fails: Fails) -> str:
    """FindFolder below the top of the mailbox: by name, or every folder however deep."""
    is_deep = operation.get("Traversal") == "Deep"
    wanted = [c.get("Value").lower() for c in operation.iterfind(".//t:Constant", NS)]
    messages = []
    for element in operation.find("m:ParentFolderIds", NS):
        assert named(element, store) == "msgfolderroot"
        below = [key for key in store.folders if key not in {"root", "msgfolderroot"}]
        named_so = [key for key in below if key.startswith("own:") and store.folders[key].lower() in wanted]
        found = below if is_deep else named_so
        inner = f"<t:Folders>{''.join(_xml(key, store) for key in found)}</t:Folders>"
        messages.append(page("FindFolder", inner, len(found)))
    return responses("FindFolder", messages)


def create_folder(operation: etree._Element, store: Store, fails: Fails) -> str:
    """CreateFolder below the top of the mailbox."""
    assert named(operation.find("m:ParentFolderId", NS)[0], store) == "msgfolderroot"
    name = str(operation.findtext(".//t:DisplayName", namespaces=NS))
    key = f"own:{name}"
    if code := fails("folder"):
        if code == "ErrorFolderExists":  # somebody else was quicker
            store.folders[key] = name
        return responses("CreateFolder", [bad("CreateFolder", code)])
    store.folders[key] = name
    inner = f'<m:Folders><t:Folder><t:FolderId Id="{folder_id(key)}" ChangeKey="AQ=="/></t:Folder></m:Folders>'
    return responses("CreateFolder", [well("CreateFolder", inner)])


def _xml(key: str, store: Store, *, lacking: str = "") -> str:
    rights = "".join(f"<t:{right}>{str(right not in lacking).lower()}</t:{right}>" for right in _RIGHTS)
    return (
        f'<t:Folder><t:FolderId Id="{folder_id(key)}" ChangeKey="AQ=="/><t:FolderClass>IPF.Note</t:FolderClass>'
        f"<t:DisplayName>{escape(store.folders[key])}</t:DisplayName>"
        f"<t:TotalCount>{len(store.in_folder(key))}</t:TotalCount><t:ChildFolderCount>0</t:ChildFolderCount>"
        f"<t:EffectiveRights>{rights}</t:EffectiveRights><t:UnreadCount>0</t:UnreadCount></t:Folder>"
    )
