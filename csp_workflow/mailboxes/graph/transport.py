"""The wire: HTTP over verified TLS, where nothing can take longer than the verb at work may take.

The time limits of HTTP libraries hold for each read; a server that drips a byte now and then gets round
them. Here every read and write is told how much is left of the whole.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

_PIECE = 64 * 1024
_CONNECTIONS = 4
_IDLE = 30.0


class NotConnected(Exception):
    """No connection came about, so certainly nothing was asked. The text says why, as the end of a sentence."""


class BrokenOff(Exception):
    """The connection ended or the time was up after the request may have been read."""


class Deadline:
    """How long the verb at work may still take. `seconds` is a clock that only goes forward."""

    def __init__(self, total: float, seconds: Callable[[], float]) -> None:
        self.total, self._seconds = total, seconds
        self._end = seconds() + total

    def begin(self) -> None:
        """A new verb: all its time is left."""
        self._end = self._seconds() + self.total

    def left(self) -> float:
        """Seconds left; 0.0 or less when the time is up."""
        return self._end - self._seconds()


class Transport(httpx.BaseTransport):
    """What carries the requests of an httpx.Client. Raises NotConnected and BrokenOff, nothing else."""

    def __init__(self, deadline: Deadline, *, ca_file: str) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(ca_file),
            max_connections=_CONNECTIONS,
            keepalive_expiry=_IDLE,
            network_backend=_Backend(deadline),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask once; never again by itself."""
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _told():
            answer = self._pool.handle_request(asked)
        return httpx.Response(status_code=answer.status, headers=answer.headers, stream=_Body(answer.stream))

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    """An answer's bytes as they come."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _told():
            yield from self._stream

    def close(self) -> None:
        self._stream.close()


class _Backend(httpcore.NetworkBackend):
    """Opens connections that know the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._backend, self._deadline = httpcore.SyncBackend(), deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        bounded = _bounded(self._deadline, timeout, httpcore.ConnectTimeout)
        stream = self._backend.connect_tcp(host, port, bounded, local_address, socket_options)
        return _Stream(stream, self._deadline)


class _Stream(httpcore.NetworkStream):
    """A connection whose every step is bounded by what is left of the whole."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _bounded(self._deadline, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            bounded = _bounded(self._deadline, timeout, httpcore.WriteTimeout)
            self._stream.write(buffer[start : start + _PIECE], bounded)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        bounded = _bounded(self._deadline, timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, bounded), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _bounded(deadline: Deadline, timeout: float | None, late: type[Exception]) -> float:
    left = deadline.left()
    if left <= 0:
        raise late
    return left if timeout is None else min(left, timeout)


def _trusted(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


@contextmanager
def _told() -> Iterator[None]:
    """The library's many faults as the two that matter: certainly not asked, or perhaps asked."""
    try:
        yield
    except (
        httpcore.ConnectError,
        httpcore.ConnectTimeout,
        httpcore.PoolTimeout,
        httpcore.UnsupportedProtocol,
    ) as fault:
        raise NotConnected(_why(fault)) from fault
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as fault:
        raise BrokenOff from fault


def _why(fault: BaseException) -> str:
    causes: list[BaseException] = []
    cause: BaseException | None = fault
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "its name cannot be found"
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return "its certificate is not one this machine trusts"
    if any(isinstance(cause, httpcore.TimeoutException) for cause in causes):
        return "it does not answer in time"
    return "it does not take the connection"
