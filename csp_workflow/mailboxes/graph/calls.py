"""Requests to Microsoft Graph and its answers: one at a time, asked again only where that can do no harm."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx

from csp_workflow.mailboxes.graph.answers import Answer, entries, refused
from csp_workflow.mailboxes.graph.sign_in import SignIn
from csp_workflow.mailboxes.graph.transport import BrokenOff, Deadline, NotConnected, Transport
from csp_workflow.terms.faults import MailboxUnreachable
from csp_workflow.terms.mailboxes import GraphMailbox, Secrets

_PLAIN = {"Accept-Encoding": "identity"}
_IDS = 'IdType="ImmutableId"'
_ROOM = 16 * 1024 * 1024
"""The most bytes of an answer that is no message."""

_PASSING = {429, 503, 504}
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_NOT_REACHED = "Microsoft 365 could not be reached: {}."
_NOT_ANSWERED = "Microsoft 365 did not answer in time."


class Calls:
    """Requests to one Graph endpoint. `wait` lets seconds pass."""

    def __init__(
        self, settings: GraphMailbox, secrets: Secrets, *, deadline: Deadline, wait: Callable[[float], None]
    ) -> None:
        self._endpoint, self._deadline, self._wait = settings.endpoint, deadline, wait
        transport = Transport(deadline, ca_file=settings.ca_file)
        self._client = httpx.Client(transport=transport, trust_env=False, timeout=deadline.total, headers=_PLAIN)
        self.sign_in = SignIn(settings, secrets, self._client)
        self.server_time: datetime | None = None

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

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
            answer = self._asked("GET", self._url(where, params), page=page, room=room)
            if answer.status == 401 and not renewed:
                self.sign_in.forget()
                renewed = True
                continue
            if answer.content is None and room == _ROOM:
                raise MailboxUnreachable("Microsoft 365 answered with more than can be taken.")
            if answer.status not in _PASSING:
                return answer
            needed = pause if answer.retry_after is None else answer.retry_after
            if needed >= self._deadline.left():
                raise refused(answer)
            self._wait(needed)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def pages(self, where: str, params: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """The entries of a list, page after page. Raises MailboxUnreachable."""
        link, asked = where, dict(params)
        while link:
            answer = self.read(link, asked)
            if not answer.is_good:
                raise refused(answer)
            yield from entries(answer)
            link, asked = self.link(answer, "@odata.nextLink"), {}

    def link(self, answer: Answer, name: str) -> str:
        """A link that an answer gives, or "". Raises MailboxUnreachable when it leads elsewhere."""
        given = answer.values.get(name, "")
        if given and not (isinstance(given, str) and self.is_ours(given)):
            raise MailboxUnreachable("Microsoft 365 pointed to another server; nothing was asked there.")
        return str(given)

    def write(self, method: str, where: str, values: Mapping[str, Any] | None = None, *, text: bytes = b"") -> Answer:
        """POST or PATCH once. Raises MailboxUnreachable; something may have been done all the same."""
        return self._asked(method, self._url(where), values=values, text=text)

    def hand_over(self, where: str) -> Answer:
        """POST once what cannot be taken back. Raises MailboxUnreachable (certainly not asked) and BrokenOff."""
        headers = self._headers()
        try:
            return self._once("POST", self._url(where), headers=headers, room=_ROOM)
        except NotConnected as fault:
            raise MailboxUnreachable(_NOT_REACHED.format(fault)) from fault

    def upload(self, link: str, piece: bytes, *, start: int, total: int) -> Answer:
        """PUT a piece of a file to where an upload session says, which is another server: it is shown no token."""
        if not link.startswith("https://"):
            raise MailboxUnreachable("Microsoft 365 named no safe place for a large attachment.")
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"bytes {start}-{start + len(piece) - 1}/{total}",
        }
        with _as_unreachable():
            return self._once("PUT", link, headers=headers, content=piece, room=_ROOM)

    def touch(self, url: str) -> None:
        """See that a server answers anything at all, without showing the token. Raises NotConnected, BrokenOff."""
        self._once("GET", url, headers={}, room=_ROOM)

    def _asked(
        self,
        method: str,
        url: str,
        *,
        values: Mapping[str, Any] | None = None,
        text: bytes = b"",
        page: int = 0,
        room: int = _ROOM,
    ) -> Answer:
        headers, content = self._headers(page), text
        if values is not None:
            headers["Content-Type"], content = "application/json", json.dumps(values).encode()
        elif text:
            headers["Content-Type"] = "text/plain"
        with _as_unreachable():
            return self._once(method, url, headers=headers, content=content, room=room)

    def _headers(self, page: int = 0) -> dict[str, str]:
        prefer = f"{_IDS}, odata.maxpagesize={page}" if page else _IDS
        return {"Authorization": f"Bearer {self.sign_in.token()}", "Prefer": prefer}

    def _once(self, method: str, url: str, *, headers: dict[str, str], room: int, content: bytes = b"") -> Answer:
        try:
            with self._client.stream(method, url, headers=headers, content=content or None) as response:
                self._note_time(response.headers.get("date", ""))
                return Answer(
                    status=response.status_code,
                    headers={name.lower(): value for name, value in response.headers.items()},
                    content=_read(response, room if response.is_success else _ROOM),
                )
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise BrokenOff from fault

    def _note_time(self, said: str) -> None:
        try:
            told = parsedate_to_datetime(said)
        except ValueError:
            return
        self.server_time = told if told.tzinfo else told.replace(tzinfo=UTC)

    def _url(self, where: str, params: Mapping[str, str] | None = None) -> str:
        url = where if where.startswith("https://") else f"{self._endpoint}{where}"
        return f"{url}?{urlencode(params, quote_via=quote, safe='$(),/')}" if params else url


@contextmanager
def _as_unreachable() -> Iterator[None]:
    try:
        yield
    except NotConnected as fault:
        raise MailboxUnreachable(_NOT_REACHED.format(fault)) from fault
    except BrokenOff as fault:
        raise MailboxUnreachable(_NOT_ANSWERED) from fault


def _read(response: httpx.Response, room: int) -> bytes | None:
    """An answer's bytes; None when there are more than there is room for."""
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > room:
            return None
        parts.append(part)
    return b"".join(parts)
