"""Requests to Microsoft Graph, one at a time, asked again only where that can do no harm; and the sign-in they need.

All go over HTTPS on our line, by a client that is made when first needed and anew after a fault. The token is that of
the registered application, kept in memory and renewed.
"""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx

from csp_workflow.mailboxes.graph.answers import Answer, list_entries, make_unreachable
from csp_workflow.mailboxes.line import (
    NO_DIRECTORY,
    UNUSABLE,
    MailLine,
    explain_fault,
    explain_sign_in,
    find_credential,
    join_within,
)
from csp_workflow.terms.service import GraphMailbox, MailboxUnreachable, Secrets, SendUnknown

_LIMITS = httpx.Limits(max_connections=4, keepalive_expiry=30.0)
_PLAIN = {"Accept-Encoding": "identity"}


class Connection:
    """One client for every request of a mailbox, with nothing from the environment: no proxies, no logins."""

    def __init__(self, line: MailLine) -> None:
        self._line = line
        self._client: httpx.Client | None = None

    @contextmanager
    def work(self) -> Iterator[httpx.Client]:
        """The client. After a fault on it a new one is made. Raises MailboxUnreachable for a bad `ca_file`."""
        if self._client is None:
            self._client = httpx.Client(transport=_Transport(self._line), trust_env=False, headers=_PLAIN)
        try:
            yield self._client
        except httpx.TransportError:
            self.close()
            raise

    def close(self) -> None:
        """Close every connection."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


class _Transport(httpx.HTTPTransport):
    """Asks once, never again by itself, in the time that the verb at work has left."""

    def __init__(self, line: MailLine) -> None:
        super().__init__(verify=line.make_context(), trust_env=False, limits=_LIMITS)
        self._line = line

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            connecting, left = self._line.begin_request()
        except TimeoutError as fault:
            raise httpx.ConnectTimeout(str(fault), request=request) from fault
        request.extensions["timeout"] = httpx.Timeout(left, connect=connecting).as_dict()
        return super().handle_request(request)


# Signing in at Microsoft's directory ---------------------------------------------------------------


class SignIn:
    """The application's token. The certificate is preferred to the client secret."""

    def __init__(self, settings: GraphMailbox, secrets: Secrets, connection: Connection) -> None:
        self._settings, self._secrets, self._connection = settings, secrets, connection
        self._application: Any = None

    def get_token(self) -> str:
        """A token that holds now. Raises MailboxUnreachable."""
        result = self._acquire()
        token = result.get("access_token")
        if not isinstance(token, str) or not token:
            raise explain_sign_in(result, "graph")
        return token

    def forget(self) -> None:
        """The token was not accepted: get a new one next time."""
        self._application = None

    def read_roles(self) -> frozenset[str]:
        """The rights that the directory itself grants in every mailbox; those granted in Exchange do not show."""
        try:
            claims = json.loads(urlsafe_b64decode(self.get_token().split(".")[1] + "=="))
            return frozenset(str(role) for role in claims.get("roles", ()))
        except (ValueError, IndexError, AttributeError, TypeError):
            return frozenset()

    def _acquire(self) -> Mapping[str, Any]:
        import msal

        try:
            if self._application is None:
                self._application = self._open_application(msal)
            result = self._application.acquire_token_for_client([_name_scope(self._settings.endpoint)])
        except MailboxUnreachable:
            raise
        except httpx.TransportError as fault:
            raise explain_fault(fault).make_fault("Microsoft's sign-in", "graph") from fault
        except (msal.exceptions.MsalServiceError, httpx.HTTPError, KeyError) as fault:
            raise MailboxUnreachable("Microsoft's sign-in answers with errors.") from fault
        except Exception as fault:  # an unusable certificate can be anything in there
            raise UNUSABLE.make_fault("", "graph") from fault
        return result if isinstance(result, dict) else {}

    def _open_application(self, msal: Any) -> Any:
        """Its making asks the directory where tokens are to be had, and fails when there is no such directory."""
        credential = find_credential(self._secrets)
        authority = f"{self._settings.authority}/{self._settings.tenant}"
        try:
            return msal.ConfidentialClientApplication(
                self._settings.client,
                client_credential=credential,
                authority=authority,
                http_client=_Carrier(self._connection),
                # The site's configuration says which authority to trust; nobody else is asked whether it exists.
                instance_discovery=False,
            )
        except ValueError as fault:
            if "authority configuration" in str(fault):
                raise NO_DIRECTORY.make_fault("", "graph") from fault
            raise


class _Carrier:
    """What msal asks through: our own connection, with its time limits and its certificates."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        with self._connection.work() as client:
            return client.get(url, params=params, headers=headers)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        form = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        # httpx would write bytes, as which msal gives the assertion, as Python shows them: b'...'.
        with self._connection.work() as client:
            return client.post(url, params=params, content=urlencode(data or {}), headers=form)

    def close(self) -> None:
        """The connection is the adapter's to close."""


def _name_scope(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}/.default"


# Requests and answers ------------------------------------------------------------------------------

_NAME = "Microsoft 365"
_IDS = 'IdType="ImmutableId"'
_ROOM = 16 * 1024 * 1024
"""The most bytes of an answer that is no message."""

_WHOLE, _PASSING = 200, {429, 503, 504}
_PIECE = 1024 * 1024
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0


class Calls:
    """Requests to one Graph endpoint. `wait` lets seconds pass."""

    def __init__(
        self, settings: GraphMailbox, secrets: Secrets, line: MailLine, *, wait: Callable[[float], None]
    ) -> None:
        self._endpoint, self._connection, self._wait = settings.endpoint, Connection(line), wait
        self.line = line
        self.sign_in = SignIn(settings, secrets, self._connection)
        self.close = self._connection.close

    def is_ours(self, link: str) -> bool:
        """Whether a link leads to the configured endpoint: nothing else is ever shown the token."""
        if not link.isascii() or not link.isprintable() or " " in link:
            return False
        try:
            ours, given = urlsplit(self._endpoint), urlsplit(link)
        except ValueError:
            return False
        return (given.scheme, given.netloc) == (ours.scheme, ours.netloc) and given.path.startswith(f"{ours.path}/")

    def read(self, where: str, params: Mapping[str, str] | None = None, *, page: int = 0, room: int = _ROOM) -> Answer:
        """GET a path below the endpoint or one of its links, with patience while Microsoft 365 is busy.

        A token that has run out is renewed once. Raises MailboxUnreachable.
        """
        pause, renewed = _FIRST_PAUSE, False
        while True:
            answer = self._ask("GET", self._make_url(where, params), page=page, room=room)
            if answer.status == 401 and not renewed:
                self.sign_in.forget()
                renewed = True
                continue
            if answer.content is None and room == _ROOM:
                raise MailboxUnreachable("Microsoft 365 answered with more than can be taken.")
            if answer.is_good and answer.status != _WHOLE:
                raise MailboxUnreachable(f"Microsoft 365 gave a part of an answer only ({answer.status}).")
            if answer.status not in _PASSING:
                return answer
            needed = answer.retry_after or pause
            if needed >= self.line.time_left:
                raise make_unreachable(answer)
            self._wait(needed)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def list_all(self, where: str, params: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """The entries of a list, page after page. Raises MailboxUnreachable."""
        link, asked = where, dict(params)
        while link:
            answer = self.read(link, asked)
            if not answer.is_good:
                raise make_unreachable(answer)
            yield from list_entries(answer)
            link, asked = self.find_link(answer, "@odata.nextLink"), {}

    def find_link(self, answer: Answer, name: str) -> str:
        """A link that an answer gives, or "". Raises MailboxUnreachable when it leads elsewhere."""
        given = answer.values.get(name) or ""
        if given and not (isinstance(given, str) and self.is_ours(given)):
            raise MailboxUnreachable("Microsoft 365 pointed to another server; nothing was asked there.")
        return str(given)

    def write(self, method: str, where: str, values: Mapping[str, Any] | None = None, *, text: bytes = b"") -> Answer:
        """POST or PATCH once. Raises MailboxUnreachable; something may have been done all the same."""
        return self._ask(method, self._make_url(where), values=values, text=text)

    def hand_over(self, where: str) -> Answer:
        """POST once what cannot be taken back. Raises MailboxUnreachable (certainly not asked) and SendUnknown."""
        headers = self._make_headers()
        try:
            return self._ask_once("POST", self._make_url(where), headers=headers, room=_ROOM)
        except MailboxUnreachable as fault:
            if self.line.is_asked:
                raise SendUnknown("Microsoft 365 did not answer whether it sends the letter.") from fault
            raise

    def upload(self, link: str, piece: bytes, *, start: int, total: int) -> Answer:
        """PUT a piece of a file to where an upload session says, which is another server: it is shown no token."""
        if not link.startswith("https://"):
            raise MailboxUnreachable("Microsoft 365 named no safe place for a large attachment.")
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"bytes {start}-{start + len(piece) - 1}/{total}",
        }
        return self._ask_once("PUT", link, headers=headers, content=piece, room=_ROOM)

    def try_server(self, url: str, host: str) -> None:
        """See that a server answers anything at all, without showing the token. Raises MailboxUnreachable."""
        self._ask_once("GET", url, headers={}, room=_ROOM, name=host)

    def _ask(
        self,
        method: str,
        url: str,
        *,
        values: Mapping[str, Any] | None = None,
        text: bytes = b"",
        page: int = 0,
        room: int = _ROOM,
    ) -> Answer:
        headers, content = self._make_headers(page), text
        if values is not None:
            headers["Content-Type"], content = "application/json", json.dumps(values).encode()
        elif text:
            headers["Content-Type"] = "text/plain"
        return self._ask_once(method, url, headers=headers, content=content, room=room)

    def _make_headers(self, page: int = 0) -> dict[str, str]:
        prefer = f"{_IDS}, odata.maxpagesize={page}" if page else _IDS
        return {"Authorization": f"Bearer {self.sign_in.get_token()}", "Prefer": prefer}

    def _ask_once(
        self, method: str, url: str, *, headers: dict[str, str], room: int, content: bytes = b"", name: str = _NAME
    ) -> Answer:
        try:
            with (
                self._connection.work() as client,
                client.stream(method, url, headers=headers, content=content or None) as response,
            ):
                self.line.note_time(response.headers.get("date", ""))
                return Answer(
                    status=response.status_code,
                    headers={name.lower(): value for name, value in response.headers.items()},
                    content=join_within(_list_pieces(response), room if response.is_success else _ROOM),
                )
        except (httpx.HTTPError, httpx.InvalidURL, zlib.error) as fault:
            raise explain_fault(fault).make_fault(name, "graph") from fault

    def _make_url(self, where: str, params: Mapping[str, str] | None = None) -> str:
        url = where if where.startswith("https://") else f"{self._endpoint}{where}"
        return f"{url}?{urlencode(params, quote_via=quote, safe='$(),/')}" if params else url


def _list_pieces(response: httpx.Response) -> Iterator[bytes]:
    """What an answer holds, as it comes. Raises httpx.DecodingError when it is packed and ends too soon.

    Nobody asked for it packed, but something on the way may have done so; the library takes what there is.
    """
    if response.headers.get("content-encoding", "").strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        yield from response.iter_bytes()
        return
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)
    for piece in response.iter_raw():
        left = piece
        while left:
            yield unpacking.decompress(left, _PIECE)
            left = unpacking.unconsumed_tail
    if not unpacking.eof:
        raise httpx.DecodingError("The answer ends too soon.")
