"""The shape of what EWS answers: one message for each thing asked, success or a code."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable

from lxml import etree

from tests.mailboxes.exchange.items import Store

M = "http://schemas.microsoft.com/exchange/services/2006/messages"
T = "http://schemas.microsoft.com/exchange/services/2006/types"
E = "http://schemas.microsoft.com/exchange/services/2006/errors"
NS = {"m": M, "t": T}

Fails = Callable[[str], str]
"""The code with which a kind of thing is to be refused for now, or ""."""

_EMPTY = {
    **dict.fromkeys(("GetItem", "CreateItem", "MoveItem"), "<m:Items/>"),
    **dict.fromkeys(("GetFolder", "CreateFolder"), "<m:Folders/>"),
    "GetAttachment": "<m:Attachments/>",
}


class Refused(Exception):
    """One item or folder is refused with a code of Exchange's."""


def responses(name: str, messages: Iterable[str]) -> str:
    """The whole response."""
    return (
        f'<m:{name}Response xmlns:m="{M}" xmlns:t="{T}"><m:ResponseMessages>'
        + "".join(messages)
        + f"</m:ResponseMessages></m:{name}Response>"
    )


def well(name: str, inner: str = "") -> str:
    """One message: done."""
    return (
        f'<m:{name}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>{inner}'
        f"</m:{name}ResponseMessage>"
    )


def bad(name: str, code: str) -> str:
    """One message: refused."""
    return (
        f'<m:{name}ResponseMessage ResponseClass="Error"><m:MessageText>refused</m:MessageText>'
        f"<m:ResponseCode>{code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>"
        f"{_EMPTY.get(name, '')}</m:{name}ResponseMessage>"
    )


def fault(code: str) -> str:
    """The whole request refused, as the element in the SOAP body."""
    return (
        '<s:Fault xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><faultcode>s:Server</faultcode>'
        f'<faultstring xml:lang="en-US">refused</faultstring><detail><e:ResponseCode xmlns:e="{E}">{code}'
        f'</e:ResponseCode><e:Message xmlns:e="{E}">refused</e:Message></detail></s:Fault>'
    )


def named(element: etree._Element, store: Store) -> str:
    """The folder that a folder id names. Raises Refused."""
    name = str(element.get("Id"))
    is_own = etree.QName(element).localname != "DistinguishedFolderId"
    key = base64.b64decode(name).decode() if is_own else name
    if key not in store.folders:
        raise Refused("ErrorFolderNotFound")
    return key


def folder_id(key: str) -> str:
    """The id of a folder."""
    return base64.b64encode(key.encode()).decode()


def page(name: str, inner: str, count: int) -> str:
    """One message: a page of what was found, which is all."""
    return well(
        name,
        f'<m:RootFolder TotalItemsInView="{count}" IncludesLastItemInRange="true">{inner}</m:RootFolder>',
    )
