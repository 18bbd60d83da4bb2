"""Requests to Microsoft Graph and its answers: one at a time, asked again only where that can do no harm."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx

from csp_workflow.mailboxes.graph.answers import Answer, list_entries, make_unreachable
from csp_workflow.mailboxes.graph.connection import Connection
from csp_workflow.mailboxes.graph.sign_in import SignIn
from csp_workflow.mailboxes.line import explain_fault, join_within
from csp_workflow.terms.faults import MailboxUnreachable, SendUnknown
from csp_workflow.terms.mailboxes import GraphMailbox, Secrets

_NAME = "Microsoft 365"
_IDS = 'IdType="ImmutableId"'
_ROOM = 16 * 1024 * 1024
"""The most bytes of an answer that is no message."""

_PASSING = {429, 503, 504}
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0


class Calls:
    """Requests to one Graph endpoint. `wait` lets seconds pass."""

    def __init__(
        self, settings: GraphMailbox, secrets: Secrets, *, connection: Connection, wait: Callable[[float], None]
    ) -> None:
        self._endpoint, self._connection, self._wait = settings.endpoint, connection, wait
        self.line = connection.line
        self.sign_in = SignIn(settings, secrets, connection)

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
            if answer.status not in _PASSING:
                return answer
            needed = pause if answer.retry_after is None else answer.retry_after
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
        given = answer.values.get(name, "")
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
                    content=join_within(response.iter_bytes(), room if response.is_success else _ROOM),
                )
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise MailboxUnreachable(f"{name} {explain_fault(fault)}") from fault

    def _make_url(self, where: str, params: Mapping[str, str] | None = None) -> str:
        url = where if where.startswith("https://") else f"{self._endpoint}{where}"
        return f"{url}?{urlencode(params, quote_via=quote, safe='$(),/')}" if params else url
