"""A wire to a server on this machine that drips, or breaks when so much has come over it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Wire:
    """Passes everything on. `port` is where to connect to, `said` how many bytes of the server came over it."""

    def __init__(self, to: int, *, break_after: int, then: Callable[[], object], pause: float) -> None:
        self.said = 0
        self._to, self._break_after, self._then, self._pause = to, break_after, then, pause
        self._door = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """No more connections, and an end of those there are."""
        for end in (self._door, *self._ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                near.close()
                continue
            self._ends += [near, far]
            threading.Thread(target=self._pass, args=(near, far), daemon=True).start()
            threading.Thread(target=self._pass_back, args=(far, near), daemon=True).start()

    def _pass(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := near.recv(16_384):
                far.sendall(piece)
        _end(near, far)

    def _pass_back(self, far: socket.socket, near: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := far.recv(1 if self._pause else 16_384):
                time.sleep(self._pause)
                near.sendall(piece)
                before, self.said = self.said, self.said + len(piece)
                if before < self._break_after <= self.said:
                    self._then()
                    break
        _end(far, near)


@contextmanager
def relayed(
    port: int, *, break_after: int = 0, then: Callable[[], object] = lambda: None, pause: float = 0.0
) -> Iterator[Wire]:
    """A wire to `port`. Once, when the server has said `break_after` bytes, `then` is done and the line breaks.

    With a `pause` the server's bytes come one by one, so many seconds apart.
    """
    wire = Wire(port, break_after=break_after, then=then, pause=pause)
    try:
        yield wire
    finally:
        wire.close()


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
