"""A wire to a server that notices how much has come over it, and does something at that moment."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def relayed(port: int, *, after: int, then: Callable[[], object]) -> Iterator[int]:
    """A port that passes everything on to `port`; once the server has said `after` bytes, `then` is done, once."""
    door = socket.create_server(("127.0.0.1", 0))
    wire = _Wire(port, after, then)
    threading.Thread(target=wire.serve, args=(door,), daemon=True).start()
    try:
        yield int(door.getsockname()[1])
    finally:
        door.close()
        wire.close()


class _Wire:
    def __init__(self, port: int, after: int, then: Callable[[], object]) -> None:
        self._port, self._left, self._then = port, after, then
        self._ends: list[socket.socket] = []

    def serve(self, door: socket.socket) -> None:
        while True:
            try:
                near, _ = door.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._port))
            except OSError:
                near.close()
                continue
            self._ends += [near, far]
            threading.Thread(target=self._pump, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, True), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, from_server: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(16_384):
                target.sendall(piece)
                if from_server and self._left > 0:
                    self._left -= len(piece)
                    if self._left <= 0:
                        self._then()
                        break
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for end in self._ends:
            end.close()
