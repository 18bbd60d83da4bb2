"""A bound on how long a whole exchange with a server may take, however slowly it drips."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self


class Deadline:
    """Shuts a watched socket after so many seconds, so that whoever waits on it sees a broken line."""

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True
        self._watched: socket.socket | None = None
        self._over = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def watch(self, line: socket.socket | None) -> None:
        """Watch this socket from now on, in place of the one before."""
        self._watched = line
        if self._over:
            self._shut()

    def _shut(self) -> None:
        self._over = True
        if self._watched is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._watched, socket.SHUT_RDWR)  # not SSLSocket.s: it drops the session in use
