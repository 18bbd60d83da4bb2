"""An item as EWS writes it: the properties that were asked for, in the order of the schema."""

from __future__ import annotations

import base64
from email import message_from_bytes
from email.utils import parseaddr
from xml.sax.saxutils import escape, quoteattr

from tests.mailboxes.exchange.items import CHANGE_KEY, Item


def id_xml(item_id: str) -> str:
    """An item's id."""
    return f'<t:ItemId Id="{item_id}" ChangeKey="{CHANGE_KEY}"/>'


def item_xml(item_id: str, item: Item, wanted: list[str | None]) -> str:
    """An item with the properties wanted."""
    content = base64.b64encode(item.raw).decode()
    received = f"{item.received:%Y-%m-%dT%H:%M:%SZ}" if item.received else ""
    message = message_from_bytes(item.raw)
    parts: list[tuple[str, str]] = [
        ("item:MimeContent", f'<t:MimeContent CharacterSet="UTF-8">{content}</t:MimeContent>'),
        ("", id_xml(item_id)),
        ("item:ItemClass", f"<t:ItemClass>{item.item_class}</t:ItemClass>"),
        ("item:Subject", f"<t:Subject>{escape(str(message['Subject'] or ''))}</t:Subject>"),
        ("item:Body", f'<t:Body BodyType="{item.body[0]}">{escape(item.body[1])}</t:Body>'),
        ("item:Attachments", _attachments(item_id, item)),
        ("item:DateTimeReceived", f"<t:DateTimeReceived>{received}</t:DateTimeReceived>" if received else ""),
        ("item:Size", f"<t:Size>{item.size or len(item.raw)}</t:Size>"),
        ("item:IsSubmitted", f"<t:IsSubmitted>{str(item.is_submitted).lower()}</t:IsSubmitted>"),
        ("item:InternetMessageHeaders", _headers(item.raw) if item.has_headers else ""),
        ("item:DateTimeSent", f"<t:DateTimeSent>{received}</t:DateTimeSent>" if received else ""),
        ("delivery id", _mark(item.delivery_id)),
    ]
    if item.kind == "Message":
        parts += [
            ("message:Sender", f"<t:Sender>{_mailbox(str(message['From']))}</t:Sender>"),
            ("message:ToRecipients", f"<t:ToRecipients>{_mailbox(item.to)}</t:ToRecipients>" if item.to else ""),
            ("message:From", f"<t:From>{_mailbox(str(message['From']))}</t:From>"),
            ("message:InternetMessageId", _message_id(str(message["Message-ID"] or ""))),
        ]
    inner = "".join(xml for field, xml in parts if not field or field in wanted)
    return f"<t:{item.kind}>{inner}</t:{item.kind}>"


def _mark(value: str) -> str:
    named = '<t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" PropertyName="csp-delivery-id"'
    given = f"<t:Value>{escape(value)}</t:Value>"
    return f'<t:ExtendedProperty>{named} PropertyType="String"/>{given}</t:ExtendedProperty>' if value else ""


def _message_id(value: str) -> str:
    return f"<t:InternetMessageId>{escape(value)}</t:InternetMessageId>" if value else ""


def _mailbox(value: str) -> str:
    name, address = parseaddr(value)
    return (
        f"<t:Mailbox><t:Name>{escape(name or address)}</t:Name><t:EmailAddress>{escape(address)}</t:EmailAddress>"
        "<t:RoutingType>SMTP</t:RoutingType></t:Mailbox>"
    )


def _attachments(item_id: str, item: Item) -> str:
    own = "".join(
        f'<t:FileAttachment><t:AttachmentId Id="{item_id}.file.{number}"/><t:Name>{escape(name)}</t:Name>'
        f"<t:ContentType>application/octet-stream</t:ContentType><t:Size>{len(data)}</t:Size></t:FileAttachment>"
        for number, (name, data) in enumerate(item.files)
    )
    inside = "".join(
        f'<t:ItemAttachment><t:AttachmentId Id="{item_id}.message.{number}"/><t:Name>{escape(name)}</t:Name>'
        f"<t:Size>{len(raw)}</t:Size></t:ItemAttachment>"
        for number, (name, raw) in enumerate(item.inside)
    )
    cloud = "".join(
        f'<t:ReferenceAttachment><t:AttachmentId Id="cloud"/><t:Name>{escape(name)}</t:Name></t:ReferenceAttachment>'
        for name in item.cloud
    )
    return f"<t:Attachments>{own}{inside}{cloud}</t:Attachments>" if own or inside or cloud else ""


def attachment_xml(attachment_id: str, items: dict[str, Item]) -> tuple[str, str]:
    """An attached file or message with its content, or the code with which it is refused."""
    item_id, kind, number = attachment_id.split(".")
    item = items[item_id]
    name, data = (item.files if kind == "file" else item.inside)[int(number)]
    head = f'<t:AttachmentId Id="{attachment_id}"/><t:Name>{escape(name)}</t:Name>'
    content = base64.b64encode(data).decode()
    file = f"<t:FileAttachment>{head}<t:Content>{content}</t:Content></t:FileAttachment>"
    mime = f'<t:Message><t:MimeContent CharacterSet="UTF-8">{content}</t:MimeContent></t:Message>'
    message = f"<t:ItemAttachment>{head}{mime}</t:ItemAttachment>"
    return file if kind == "file" else message, item.refuses.get(name, "")


def _headers(raw: bytes) -> str:
    lines = raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    told = "".join(
        f"<t:InternetMessageHeader HeaderName={quoteattr(name)}>{escape(value.strip())}</t:InternetMessageHeader>"
        for name, _, value in (line.partition(":") for line in lines)
    )
    return f"<t:InternetMessageHeaders>{told}</t:InternetMessageHeaders>"
