"""Requests to Microsoft Graph, one at a time, asked again only where that can do no harm; and the sign-in they need.

All go over HTTPS on our line, by a client that is made when first needed and anew after a fault. The token is that of
the registered application, kept in memory and renewed.
"""

from __future__ import annotations

import json
import re
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx

from csp_workflow.mailboxes.line import (
    FULL,
    LATER,
    NO_DIRECTORY,
    UNUSABLE,
    MailLine,
    Reason,
    explain_fault,
    explain_sign_in,
    find_credential,
    join_within,
    read_wait,
)
from csp_workflow.terms.service import (
    GraphMailbox,
    MailboxUnreachable,
    NotAccepted,
    NotAcceptedForGood,
    Secrets,
    SendUnknown,
    WorldFault,
)

_A_CODE = re.compile(r"[A-Za-z._]{1,60}")
_FAULTS = {
    401: "does not accept the service's sign-in",
    403: "does not give the service the right to do this",
    404: "knows no such mailbox or folder",
    **dict.fromkeys((429, 503), "is too busy for now"),
}
_GONE_CODES = {"ErrorItemNotFound", "ErrorInvalidIdMalformed", "ErrorInvalidId", "ErrorInvalidIdEmpty"}
_NOT_OF_AN_ITEM = {
    *("", "NotFound", "UnknownError", "Request_ResourceNotFound", "ResourceNotFound"),
    *("ErrorInvalidUser", "ErrorNonExistentMailbox", "MailboxNotEnabledForRESTAPI", "MailboxNotSupportedForRESTAPI"),
}
"""What a 404 says of the mailbox, or of the way to it ("": in words that are not Graph's)."""
_FOR_GOOD = {
    "ErrorInvalidRecipients": "Microsoft 365 does not accept the recipient's address.",
    "ErrorInvalidSmtpAddress": "Microsoft 365 does not accept the recipient's address.",
    "ErrorMissingRecipients": "Microsoft 365 found no recipient in the letter.",
    "ErrorMessageSizeExceeded": "The letter is larger than Microsoft 365 allows.",
    "ErrorAttachmentSizeLimitExceeded": "An attachment is larger than Microsoft 365 allows.",
    "ErrorMimeContentInvalid": "Microsoft 365 cannot read the letter.",
    "ErrorMimeContentInvalidBase64String": "Microsoft 365 cannot read the letter.",
    "InvalidInternetMessageHeader": "Microsoft 365 does not accept one of the letter's headers.",
}
_FULL = {"ErrorQuotaExceeded", "ErrorSubmissionQuotaExceeded"}
"""Said of every letter alike, as a busy server's answers are."""
_OWNER = "Ask whoever runs Microsoft 365"
_GRANT = f"{_OWNER} to grant the application Mail.ReadWrite for this mailbox; it may take an hour to show."
_SHUT = Reason("The application is not allowed to open the mailbox.", _GRANT)
_POLICED = Reason(
    "An application access policy of the tenant keeps the application out of this mailbox.",
    f"{_OWNER} to let the policy include this mailbox; it may take an hour to show.",
)
_UNKNOWN = Reason(
    "Microsoft 365 signs the application in, but lets it work with no mailbox.",
    f"{_OWNER} to give admin consent to its rights, or to grant them in Exchange; look at graph.endpoint too.",
)
_NOWHERE = Reason(
    "There is no such mailbox in Microsoft 365.",
    "In service.toml look at office.mailbox; it must be the address of a mailbox in Microsoft 365.",
)
_REASONS = {
    "MailboxNotEnabledForRESTAPI": Reason(
        "The address is known in Microsoft 365, but its mailbox is not open there: it may be on a server of your own, "
        "have no licence, have been deleted, or be a guest's.",
        f'{_OWNER} where the mailbox is. On an Exchange server of your own it needs adapter = "exchange".',
    ),
    "Authorization_RequestDenied": Reason("The application was given no right to any mailbox.", _GRANT),
    "ErrorQuotaExceeded": Reason(f"Microsoft 365 {FULL}", FULL.remedy),
    "ErrorSubmissionQuotaExceeded": Reason("The mailbox has sent as much as it may for now.", LATER),
}
"""By what Graph calls the fault, where its status says less."""

_POLICY = re.compile(rb"AccessPolicy|\[RAOP\]")
"""How a refusal's words name a policy; its code is that of every other."""

_TOO_LARGE = "The letter is larger than Microsoft 365 allows."


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer. `content` is None when it is larger than was asked for."""

    status: int
    headers: Mapping[str, str]
    content: bytes | None = field(repr=False)

    @property
    def is_good(self) -> bool:
        """Whether what was asked for was done."""
        return 200 <= self.status < 300

    @property
    def is_bounded(self) -> bool:
        """Whether the answer said how long it is, so that a part of it is not taken for the whole."""
        return "content-length" in self.headers or "chunked" in self.headers.get("transfer-encoding", "").lower()

    @property
    def is_gone(self) -> bool:
        """Whether there is no such message or folder (any more)."""
        is_said = self.status == 404 and self.code not in _NOT_OF_AN_ITEM
        return is_said or (self.status == 400 and self.code in _GONE_CODES)

    @property
    def values(self) -> dict[str, Any]:
        """The properties of a whole JSON answer. Raises MailboxUnreachable when it is none."""
        values = self._read_values()
        if values is None:
            raise MailboxUnreachable("Microsoft 365 gave an answer that is not whole.")
        return values

    def _read_values(self) -> dict[str, Any] | None:
        try:
            values = json.loads(self.content or b"")
        except (ValueError, RecursionError):
            return None
        return values if isinstance(values, dict) else None

    @property
    def code(self) -> str:
        """What Graph calls the fault ("ErrorItemNotFound"), or ""."""
        fault = (self._read_values() or {}).get("error")
        code = fault.get("code") if isinstance(fault, dict) else ""
        return code if isinstance(code, str) and _A_CODE.fullmatch(code) else ""

    @property
    def retry_after(self) -> float | None:
        """How many seconds to wait, where the answer says so."""
        wait = read_wait(self.headers.get("retry-after", ""), self.headers.get("date", ""))
        return None if wait is None else wait.total_seconds()


def list_rows(values: Mapping[str, Any], name: str) -> tuple[dict[str, Any], ...]:
    """The entries of a property that is a list; () when it is none."""
    given = values.get(name)
    return tuple(entry for entry in given if isinstance(entry, dict)) if isinstance(given, list) else ()


def list_entries(answer: Answer) -> tuple[dict[str, Any], ...]:
    """The entries of one page of a list. Raises MailboxUnreachable when it is none: no list is no empty one."""
    given = answer.values.get("value")
    if not isinstance(given, list) or not all(isinstance(entry, dict) and entry.get("id") for entry in given):
        raise MailboxUnreachable("Microsoft 365 gave a list that is not whole.")
    return tuple(given)


def make_unreachable(answer: Answer) -> MailboxUnreachable:
    """Why the mailbox cannot be worked with. The answer's own text may name people, so only its code is repeated."""
    wait = None if answer.retry_after is None else timedelta(seconds=answer.retry_after)
    if answer.code in _REASONS:
        return _REASONS[answer.code].make_fault("", "graph", wait=wait)
    said = _FAULTS.get(answer.status, "answered with an error")
    return MailboxUnreachable(f"Microsoft 365 {said} ({f'{answer.status} {answer.code}'.strip()}).", wait=wait)


def explain_mailbox(answer: Answer) -> MailboxUnreachable:
    """Why the mailbox itself does not open, and what to do about it."""
    if answer.status == 403 and _POLICY.search(answer.content or b""):
        return _POLICED.make_fault("", "graph")
    reason = {401: _UNKNOWN, 403: _SHUT, 404: _NOWHERE}.get(answer.status)
    return reason.make_fault("", "graph") if reason and answer.code not in _REASONS else make_unreachable(answer)


def judge_draft(answer: Answer) -> WorldFault:
    """What it means for a letter that its draft was not made. Nothing was sent."""
    if answer.status == 413 or answer.code in _FOR_GOOD:
        return NotAcceptedForGood(_FOR_GOOD.get(answer.code, _TOO_LARGE))
    if answer.status in {400, 409} and answer.code not in _FULL:
        return NotAccepted(_explain_refusal(answer))
    return make_unreachable(answer)


def judge_sending(answer: Answer) -> WorldFault:
    """What it means for a letter that handing it over was answered with anything but that it is taken.

    Only an answer that certainly comes before the sending is a refusal. Microsoft is known to have sent
    letters whose sending it answered with an error, and a draft not found may be one that has just left.
    """
    status, code = answer.status, answer.code
    if status == 413 or code in _FOR_GOOD:
        return NotAcceptedForGood(_FOR_GOOD.get(code, _TOO_LARGE))
    if status in {401, 403, 429, 507} or code in _FULL or (status == 503 and answer.retry_after is not None):
        return make_unreachable(answer)
    if status in {400, 405, 415}:
        return NotAccepted(_explain_refusal(answer))
    return SendUnknown(f"Microsoft 365 answered the sending, and not that it sends ({f'{status} {code}'.strip()}).")


def _explain_refusal(answer: Answer) -> str:
    return f"Microsoft 365 did not accept the letter ({f'{answer.status} {answer.code}'.strip()})."


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
