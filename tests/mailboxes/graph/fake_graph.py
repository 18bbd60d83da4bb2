"""A Microsoft 365 for tests: HTTPS on this machine, with a memory, a clock of its own, and faults to order.

Every request is checked against what Graph takes (paths, options, properties, by Microsoft's description
where it is at hand); what does not fit is kept in `violations`, and a test with violations fails. It is
stricter than Graph where forgetting matters: ids asked for without `IdType="ImmutableId"` change with every
move, lists come in small pages and out of order, and a sent message that is sent again goes out again.
"""

from __future__ import annotations

import json
import re
import ssl
from base64 import b64decode
from binascii import Error as NoBase64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from tests.mailboxes.graph.fake_directory import FakeDirectory
from tests.mailboxes.graph.fake_mailbox import INBOX, FakeMailbox, Item
from tests.mailboxes.graph.fake_server import ADDRESS, Asked, FaultyServer, Refusal
from tests.mailboxes.graph.graph_schema import schema

MIB = 1024 * 1024
_OPTIONS = {
    "delta": {"$select", "changeType", "$deltatoken", "$skiptoken"},
    "folder": {"$select"},
    "folders": {"$select", "$filter", "$skip"},
    "messages": {"$select", "$filter", "$expand", "$skip"},
    "message": {"$select", "$expand"},
    "attachments": {"$select"},
}
_MARKED = re.compile(r"singleValueExtendedProperties/Any\(ep: ep/id eq '([^']+)' and ep/value eq '([^']+)'\)")
_EXPANDED = re.compile(r"singleValueExtendedProperties\(\$filter=(id eq '[^']+'(?: or id eq '[^']+')*)\)")


class FakeGraph(FaultyServer):
    """The server. Use as a context manager. `certificate` is its own, `ca_file` whose word to trust for it."""

    def __init__(self, certificate: ssl.SSLContext, ca_file: Path) -> None:
        super().__init__(certificate)
        self.mailbox, self.directory, self.ca_file = FakeMailbox(), FakeDirectory(), ca_file
        self.others: dict[str, int] = {}
        self.leads_elsewhere = False
        self.authority = f"https://localhost:{self.port}"
        self.endpoint = f"{self.authority}/v1.0"
        self.directory.base = self.authority

    @property
    def now(self) -> datetime:
        """The mailbox's clock is the server's."""
        return self.mailbox.now

    # Answers --------------------------------------------------------------------------------------

    def answer(self, asked: Asked, body: bytes) -> tuple[int, Any]:
        """Status and content: JSON values, bytes, or None for nothing."""
        if asked.path.startswith("/upload/"):
            return self._uploaded(asked, body)
        if not asked.path.startswith("/v1.0/"):
            return self._directory(asked, body)
        if not self.directory.accepts(asked.headers.get("authorization", "")):
            raise Refusal(401, "InvalidAuthenticationToken")
        if len(body) > 4 * MIB:
            raise Refusal(413, "RequestEntityTooLarge")
        _, _, users, user, *rest = [unquote(part) for part in asked.path.split("/")]
        if users != "users":
            raise Refusal(400, "BadRequest")
        if user.lower() != ADDRESS:
            return self._other(user)
        return self._mail(asked, rest, body)

    def _directory(self, asked: Asked, body: bytes) -> tuple[int, Any]:
        tenant, _, rest = asked.path.lstrip("/").partition("/")
        if rest == "v2.0/.well-known/openid-configuration":
            return self.directory.discovery(tenant)
        if rest == "oauth2/v2.0/token" and asked.method == "POST":
            return self.directory.token(dict(parse_qsl(body.decode())))
        return 404, {}

    def _other(self, user: str) -> tuple[int, Any]:
        if self.others.get(user.lower(), 404) == 200:
            return 200, {"id": "AAMkOTHER=", "displayName": "Inbox"}
        status = self.others.get(user.lower(), 404)
        raise Refusal(status, "ErrorAccessDenied" if status == 403 else "ErrorInvalidUser")

    def _mail(self, asked: Asked, rest: list[str], body: bytes) -> tuple[int, Any]:
        match asked.method, rest:
            case "GET", ["mailFolders", "inbox", "messages", "delta"]:
                return 200, self._delta(asked)
            case "GET", ["mailFolders", "inbox"]:
                self._check(asked, "folder", "mailFolder")
                count = len(self.mailbox.in_folder(INBOX))
                return 200, {"id": "inbox", "displayName": "Inbox", "totalItemCount": count}
            case "GET", ["mailFolders", name, "messages"]:
                return 200, self._lying(asked, name)
            case "GET", ["mailFolders", name]:
                self._check(asked, "folder", "mailFolder")
                if name not in self.mailbox.folders:
                    raise Refusal(404, "ErrorItemNotFound")
                return 200, {"id": name, "displayName": self.mailbox.folders[name]}
            case "GET", ["mailFolders"]:
                return 200, self._folders(asked)
            case "POST", ["mailFolders"]:
                return 201, self._made_folder(self._values("mailFolder", body))
            case "GET", ["messages"] if "$expand" not in asked.options:
                return 200, self._everything(asked)
            case "GET", ["messages"]:
                return 200, self._marked(asked)
            case "POST", ["messages"]:
                return 201, self._told(asked, self._drafted(asked, body))
            case _, ["messages", id_, *more]:
                return self._message(asked, self.mailbox.item(id_), more, body)
        self.violations.append(f"Graph has no {asked.method} {asked.path}")
        raise Refusal(405, "ErrorInvalidRequest")

    def _message(self, asked: Asked, item: Item, more: list[str], body: bytes) -> tuple[int, Any]:
        match asked.method, more:
            case "GET", []:
                self._check(asked, "message", "message")
                return 200, self._told(asked, item)
            case "GET", ["$value"]:
                return 200, self.mailbox.mime_of(item)
            case "PATCH", []:
                self.mailbox.mark(item, self._values("message", body)["singleValueExtendedProperties"])
                return 200, self._told(asked, item)
            case "POST", ["move"]:
                folder = json.loads(body)["destinationId"]
                if folder not in self.mailbox.folders:
                    raise Refusal(404, "ErrorItemNotFound")
                self.mailbox.move(item, folder)
                return 201, self._told(asked, item)
            case "POST", ["permanentDelete"]:
                del self.mailbox.items[item.number]
                return 204, None
            case "POST", ["send"]:
                self.mailbox.send(item)
                return 202, None
            case _, ["attachments", *which]:
                return self._attachments(asked, item, which, body)
        self.violations.append(f"Graph has no {asked.method} {asked.path}")
        raise Refusal(405, "ErrorInvalidRequest")

    def _attachments(self, asked: Asked, item: Item, which: list[str], body: bytes) -> tuple[int, Any]:
        match asked.method, which:
            case "GET", []:
                self._check(asked, "attachments", "attachment")
                names = asked.options["$select"].split(",")
                kept = [{key: file[key] for key in ("@odata.type", *names)} for file in item.attachments]
                return 200, {"value": kept}
            case "GET", [id_, "$value"]:
                (file,) = [file for file in item.attachments if file["id"] == id_]
                return 200, b64decode(file["contentBytes"])
            case "POST", []:
                about = self._values("fileAttachment", body)
                if len(b64decode(about["contentBytes"])) > 3_145_611:
                    raise Refusal(413, "RequestEntityTooLarge")
                self.mailbox.attach(item, about)
                return 201, {"id": item.attachments[-1]["id"]}
            case "POST", ["createUploadSession"]:
                about = json.loads(body)
                self._note(schema() and schema().faults("attachmentItem", about["AttachmentItem"]))  # type: ignore[union-attr]
                name = self.mailbox.open_session(item, about["AttachmentItem"])
                # Another server, as it is at Microsoft: it must not be shown the token.
                return 201, {"uploadUrl": f"https://127.0.0.1:{self.port}/upload/{name}", "nextExpectedRanges": ["0-"]}
        self.violations.append(f"Graph has no {asked.method} {asked.path}")
        raise Refusal(405, "ErrorInvalidRequest")

    def _uploaded(self, asked: Asked, body: bytes) -> tuple[int, Any]:
        if "authorization" in asked.headers:
            self.violations.append("the token was shown to the upload server")
        said = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", asked.headers.get("content-range", ""))
        if said is None or int(said[2]) - int(said[1]) + 1 != len(body):
            raise Refusal(416, "ErrorInvalidRange")
        is_whole = self.mailbox.upload(asked.path.rpartition("/")[2], int(said[1]), body)
        return (201, None) if is_whole else (200, {"nextExpectedRanges": [f"{int(said[2]) + 1}-"]})

    # Lists ----------------------------------------------------------------------------------------

    def _delta(self, asked: Asked) -> dict[str, Any]:
        self._check(asked, "delta", "message")
        prefer = asked.headers.get("prefer", "")
        page = re.search(r"odata\.maxpagesize=(\d+)", prefer)
        place = asked.options.get("$deltatoken") or asked.options.get("$skiptoken") or ""
        if not place and asked.options.get("changeType") != "created":
            self.violations.append("the first request of a list must say changeType=created")
        there, gone, following, last = self.mailbox.delta("inbox", place, int(page[1]) if page else 10)
        root = "https://elsewhere.example/v1.0" if self.leads_elsewhere else self.endpoint
        link = f"{root}/users/{ADDRESS}/mailFolders/inbox/messages/delta?"
        removed = [{"id": self._id(asked, item), "@removed": {"reason": "deleted"}} for item in gone]
        told = {"value": [*(self._told(asked, item, only={"receivedDateTime"}) for item in there), *removed]}
        if following:
            return told | {"@odata.nextLink": link + "$skiptoken=" + _quoted(following)}
        return told | {"@odata.deltaLink": link + "$deltatoken=" + _quoted(last)}

    def _folders(self, asked: Asked) -> dict[str, Any]:
        self._check(asked, "folders", "mailFolder")
        wanted = re.fullmatch(r"displayName eq '([^']*)'", asked.options.get("$filter", ""))
        if wanted is None:
            self.violations.append(f"no such filter on folders: {asked.options.get('$filter')}")
        found = [
            {"id": id_, "displayName": name}
            for id_, name in self.mailbox.folders.items()
            if wanted and name.lower() == wanted[1].lower()
        ]
        return {"value": found}

    def _made_folder(self, values: dict[str, Any]) -> dict[str, Any]:
        name = values["displayName"]
        if name in self.mailbox.folders.values():
            raise Refusal(409, "ErrorFolderExists")
        id_ = f"AAMkFOLDER-{len(self.mailbox.folders)}="
        self.mailbox.folders[id_] = name
        return {"id": id_, "displayName": name}

    def _marked(self, asked: Asked) -> dict[str, Any]:
        """What bears a mark. As Graph may, it first gives an empty page."""
        self._check(asked, "messages", "message")
        wanted = _MARKED.fullmatch(asked.options.get("$filter", ""))
        if wanted is None:
            self.violations.append(f"no such filter on messages: {asked.options.get('$filter')}")
            raise Refusal(400, "ErrorInvalidUrlQueryFilter")
        if "$skip" not in asked.options:
            options = "&".join(f"{key}={_quoted(value)}" for key, value in asked.options.items())
            return {"value": [], "@odata.nextLink": f"{self.endpoint}/users/{ADDRESS}/messages?{options}&$skip=10"}
        found = [
            item
            for item in self.mailbox.items.values()
            if not item.is_in_transit and item.extended.get(wanted[1], "").lower() == wanted[2].lower()
        ]
        return {"value": [self._told(asked, item) for item in found]}

    def _lying(self, asked: Asked, folder: str) -> dict[str, Any]:
        """What lies in one folder, whatever it is, page after page."""
        self._check(asked, "messages", "message")
        there = self.mailbox.in_folder(folder)
        if condition := asked.options.get("$filter", ""):
            named = re.fullmatch(r"internetMessageId eq '([^']*)'", condition)
            sent = re.fullmatch(r"sentDateTime ge (\S+)", condition)
            if named is None and sent is None:
                self.violations.append(f"no such filter on messages: {condition}")
                raise Refusal(400, "ErrorInvalidUrlQueryFilter")
            there = [x for x in there if named is None or self.mailbox.values_of(x)["internetMessageId"] == named[1]]
            there = [x for x in there if sent is None or x.changed >= datetime.fromisoformat(sent[1])]
        at, size = int(asked.options.get("$skip", 0)), self.mailbox.largest_page
        told = {"value": [self._told(asked, item) for item in there[at : at + size]]}
        if len(there) <= at + size:
            return told
        others = {key: value for key, value in asked.options.items() if key != "$skip"}
        options = "&".join(f"{key}={_quoted(value)}" for key, value in others.items())
        link = f"{self.endpoint}/users/{ADDRESS}/mailFolders/{folder}/messages?{options}&$skip={at + size}"
        return told | {"@odata.nextLink": link}

    def _everything(self, asked: Asked) -> dict[str, Any]:
        """The messages of all folders, page after page."""
        self._check(asked, "messages", "message")
        wanted = re.fullmatch(r"receivedDateTime ge (\S+)", asked.options.get("$filter", ""))
        if wanted is None and "$filter" in asked.options:
            self.violations.append(f"no such filter on messages: {asked.options['$filter']}")
        since = datetime.fromisoformat(wanted[1]) if wanted else datetime.min.replace(tzinfo=UTC)
        there = [x for x in self.mailbox.items.values() if x.received >= since and not x.is_in_transit]
        at, size = int(asked.options.get("$skip", 0)), self.mailbox.largest_page
        told = {"value": [self._told(asked, item) for item in there[at : at + size]]}
        if len(there) <= at + size:
            return told
        others = {key: value for key, value in asked.options.items() if key != "$skip"}
        options = "&".join(f"{key}={_quoted(value)}" for key, value in others.items())
        link = f"{self.endpoint}/users/{ADDRESS}/messages?{options}&$skip={at + size}"
        return told | {"@odata.nextLink": link}

    # Values ---------------------------------------------------------------------------------------

    def _drafted(self, asked: Asked, body: bytes) -> Item:
        if asked.headers.get("content-type") != "text/plain":
            return self.mailbox.draft(values=self._values("message", body))
        try:
            return self.mailbox.draft(mime=b64decode(body, validate=True))
        except NoBase64:
            raise Refusal(400, "ErrorMimeContentInvalidBase64String") from None

    def _told(self, asked: Asked, item: Item, only: set[str] | None = None) -> dict[str, Any]:
        values = self.mailbox.values_of(item)
        names = only or {name for name in asked.options.get("$select", "isDraft").split(",") if name != "id"}
        told = {"id": self._id(asked, item), **{name: values[name] for name in names if name in values}}
        if expanded := _EXPANDED.fullmatch(asked.options.get("$expand", "")):
            wanted = {_short(id_) for id_ in re.findall(r"id eq '([^']+)'", expanded[1])}
            found = [{"id": id_, "value": value} for id_, value in item.extended.items() if id_ in wanted]
            told |= {"singleValueExtendedProperties": found} if found else {}
        elif "$expand" in asked.options:
            self.violations.append(f"no such $expand: {asked.options['$expand']}")
        self._note(schema() and schema().faults("message", told))  # type: ignore[union-attr]
        return told

    def _id(self, asked: Asked, item: Item) -> str:
        return self.mailbox.id_of(item, immutable='IdType="ImmutableId"' in asked.headers.get("prefer", ""))

    def _values(self, kind: str, body: bytes) -> dict[str, Any]:
        values: dict[str, Any] = json.loads(body)
        self._note(schema() and schema().faults(kind, values))  # type: ignore[union-attr]
        for header in values.get("internetMessageHeaders", ()):
            if not header["name"].lower().startswith("x-"):
                raise Refusal(400, "InvalidInternetMessageHeader")
        return values

    def _check(self, asked: Asked, what: str, kind: str) -> None:
        unknown = set(asked.options) - _OPTIONS[what]
        self._note([f"{asked.path} takes no {option}" for option in sorted(unknown)])
        names = [name for name in asked.options.get("$select", "").split(",") if name]
        self._note(schema() and schema().unknown(kind, names))  # type: ignore[union-attr]

    def _note(self, faults: Any) -> None:
        self.violations += faults or []


def _quoted(text: str) -> str:
    return "".join(char if char.isalnum() else f"%{ord(char):02X}" for char in text)


def _short(id_: str) -> str:
    """Graph writes the tag of a property without leading zeros and in small letters."""
    kind, _, tag = id_.partition(" 0x")
    return f"{kind} 0x{int(tag, 16):x}" if tag else id_
