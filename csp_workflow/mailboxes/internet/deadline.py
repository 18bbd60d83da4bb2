"""A line to a server, and a bound on how long a whole exchange over it may take, however slowly it drips."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from types import TracebackType
from typing import Self


class Deadline:
    """Shuts a watched line after so many seconds, so that whoever waits on it sees it broken."""

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._watched: socket.socket | None = None
        self._is_over = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._forget()

    def watch(self, line: socket.socket) -> None:
        """Watch this line from now on, in place of the one before. Raises OSError when it is closed or time is up.

        It is watched by a handle of its own: encrypting a line takes the handle of the plain one away, and
        an encrypted one must not be shut by another thread (that would drop its encryption under way).
        """
        with self._lock:
            self._forget()
            if self._is_over:
                raise TimeoutError
            self._watched = socket.socket(fileno=os.dup(line.fileno()))

    def _pass(self) -> None:
        with self._lock:
            self._is_over = True
            if self._watched is not None:
                with contextlib.suppress(OSError):
                    self._watched.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        if self._watched is not None:
            self._watched.close()
            self._watched = None


def connected(host: str, port: int, seconds: float, deadline: Deadline) -> socket.socket:
    """A plain line to a server, watched from its first byte. Raises OSError."""
    line = socket.create_connection((host, port), seconds)
    try:
        # Commands go out in pieces; without this each waits for the server's delayed word that the last one came.
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        deadline.watch(line)
    except BaseException:
        line.close()
        raise
    return line
