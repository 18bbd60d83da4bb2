"""The library's own services, put right for one mailbox that must lose nothing and send nothing twice.

They are called by their public names. Each private hook that is put right here says why: as they are, they ask
again in other versions, raise one item's refusal in place of nine others' content, stumble over kinds of items
they do not know, and leave out what lies in a cloud.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from exchangelib import Message, errors, services
from exchangelib.extended_properties import ExtendedProperty
from exchangelib.fields import FieldPath
from exchangelib.folders import Messages
from exchangelib.items import ID_ONLY, SHALLOW
from exchangelib.util import TNS, DummyResponse
from oauthlib.oauth2 import TokenExpiredError  # type: ignore[import-untyped]


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
