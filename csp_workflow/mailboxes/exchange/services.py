"""The library's own services, put right for one mailbox that must lose nothing and send nothing twice.

As they are, they ask again in other versions, raise one item's refusal in place of nine others' content,
stumble over kinds of items they do not know, and leave out what lies in a cloud.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from exchangelib import Message, errors, services
from exchangelib.extended_properties import ExtendedProperty
from exchangelib.fields import FieldPath
from exchangelib.items import ID_ONLY, SAVE_ONLY, SEND_TO_NONE, SHALLOW
from exchangelib.properties import EffectiveRights, FolderId
from exchangelib.util import TNS, DummyResponse, create_element
from oauthlib.oauth2 import TokenExpiredError  # type: ignore[import-untyped]


class _DeliveryId(ExtendedProperty):  # type: ignore[misc]
    """Our delivery id on a draft. A server may change a Message-ID, but never a property."""

    distinguished_property_set_id = "PublicStrings"
    property_name = "csp-delivery-id"
    property_type = "String"


class Letter(Message):  # type: ignore[misc]
    """The library's message with our property on it; its own class is left as it is."""

    FIELDS = Message.FIELDS.copy()


Letter.register("delivery_id", _DeliveryId)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An item with the properties that were asked for, and whether a file of it lies in a cloud."""

    item: Any
    has_cloud_file: bool


@dataclass(frozen=True, kw_only=True)
class Place:
    """A folder: its id, and what the account may do there ("create_contents" ...)."""

    id: FolderId
    rights: frozenset[str] = frozenset()


def good(found: Any) -> Any:
    """What was found; a refusal in its place is raised."""
    if isinstance(found, Exception):
        raise found
    return found


def only(found: Any) -> Any:
    """The one thing found, which may be a refusal as well."""
    (one,) = found
    return good(one)


class _OneTry:
    """One request in the configured version; each item's refusal is a value in its place."""

    ERRORS_TO_CATCH_IN_RESPONSE: tuple[type[Exception], ...] = (errors.TransportError,)
    WARNINGS_TO_CATCH_IN_RESPONSE = ERRORS_TO_CATCH_IN_RESPONSE

    def _api_versions_to_try(self: Any) -> tuple[str]:
        return (self._version_hint.api_version,)

    def _get_soap_parts(self, response: Any) -> Any:
        # From a connection's answer the library takes one byte after the other, which takes seconds for a large one.
        return super()._get_soap_parts(response=DummyResponse(content=response.content))  # type: ignore[misc]

    def _get_elements(self: Any, payload: Any) -> Iterator[Any]:
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
        return good(kind._get_element_container(self, message=message, name=name))  # noqa: SLF001 - our own parent's

    def _elem_to_obj(self, elem: Any) -> str:
        is_new = self.change_types_map.get(elem.tag) == self.CREATE
        return str(elem.find(f".//{{{TNS}}}ItemId").get("Id")) if is_new else ""


class GetItem(_OneTry, services.GetItem):  # type: ignore[misc]
    """Items of every kind."""

    def _elem_to_obj(self, elem: Any) -> Seen:
        has_cloud_file = elem.find(f"{{{TNS}}}Attachments/{{{TNS}}}ReferenceAttachment") is not None
        return Seen(item=Letter.from_xml(elem=elem, account=self.account), has_cloud_file=has_cloud_file)


class GetAttachment(_OneTry, services.GetAttachment):  # type: ignore[misc]
    """An attached file's content, or an attached message's MIME."""

    def _elem_to_obj(self, elem: Any) -> bytes:
        found = next(elem.iter(f"{{{TNS}}}Content", f"{{{TNS}}}MimeContent"), None)
        return base64.b64decode((found is not None and found.text) or "")


class MoveItem(_OneTry, services.MoveItem):  # type: ignore[misc]
    """To another folder, under a new id."""


class SendItem(_OneTry, services.SendItem):  # type: ignore[misc]
    """A draft leaves."""


class CreateItem(_OneTry, services.CreateItem):  # type: ignore[misc]
    """A draft is made."""

    def saved(self, letter: Letter, folder: FolderId) -> Iterator[Any]:
        """Save a letter and do not send it."""
        payload = self.get_payload([letter], folder, SAVE_ONLY, SEND_TO_NONE)
        return self._elems_to_objs(self._get_elements(payload=payload))  # type: ignore[no-any-return]


class FindItem(_OneTry, services.FindItem):  # type: ignore[misc]
    """Items by one property, folder by folder."""

    def found(self, folders: list[FolderId], restriction: Is, *fields: Any) -> list[list[Any]]:
        """The items of each folder, with their ids and these properties."""
        payload = self.get_payload(
            folders=folders,
            additional_fields=[FieldPath(field=field) for field in fields],
            restriction=restriction,
            order_fields=None,
            query_string=None,
            shape=ID_ONLY,
            depth=SHALLOW,
            calendar_view=None,
            page_size=self.page_size,
        )
        pages = [good(page) for page, _ in self._get_elements(payload=payload)]
        return [[] if page is None else self._letters(page.find(self.element_container_name)) for page in pages]

    def _letters(self, items: Any) -> list[Any]:
        return [Letter.from_xml(elem=elem, account=self.account) for elem in list(items)]


class _Places(_OneTry):
    """Folders as places, of whatever kind the library takes them to be."""

    def places(self: Any, payload: Any) -> list[Place | Exception]:
        """Ask; each folder, or the refusal in its place."""
        found = list(self._get_elements(payload=payload))
        return [each if isinstance(each, Exception) else _place(each) for each in found]


class GetFolder(_Places, services.GetFolder):  # type: ignore[misc]
    """Folders by id."""


class CreateFolder(_Places, services.CreateFolder):  # type: ignore[misc]
    """A folder is made."""


class FindFolder(_Places, services.FindFolder):  # type: ignore[misc]
    """Folders by one property."""

    def _get_elements(self, payload: Any) -> Iterator[Any]:
        for page, _ in super()._get_elements(payload=payload):
            if good(page) is not None:
                yield from page.find(self.element_container_name)


def _place(elem: Any) -> Place:
    found = elem.find(f"{{{TNS}}}FolderId")
    given = elem.find(EffectiveRights.response_tag())
    rights = EffectiveRights.from_xml(elem=given, account=None) if given is not None else EffectiveRights()
    names = (field.name for field in EffectiveRights.FIELDS)
    return Place(id=FolderId(id=found.get("Id")), rights=frozenset(name for name in names if getattr(rights, name)))


class Is:
    """A restriction: this property is exactly that."""

    def __init__(self, field: Any, value: str) -> None:
        self._field, self._value = field, value

    def to_xml(self, version: Any) -> Any:  # noqa: ARG002 - the same in every version
        """As the library puts it into a request."""
        restriction, equal = create_element("m:Restriction"), create_element("t:IsEqualTo")
        wanted = create_element("t:FieldURIOrConstant")
        wanted.append(create_element("t:Constant", attrs={"Value": self._value}))
        equal.append(self._field.field_uri_xml())
        equal.append(wanted)
        restriction.append(equal)
        return restriction
