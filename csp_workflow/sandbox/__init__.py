"""Runs a function over untrusted bytes in a bounded child, so that no file can harm the service.

A slim process of our own (the zygote) imports the function once and forks a child for every job, under a warden that
ends whatever the child leaves behind: starting Python anew for each file would cost more than reading it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import struct
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from csp_workflow.terms.service import JobEnd
from csp_workflow.terms.site import Limits

_START = ("-m", "csp_workflow.sandbox.child")
_GRACE = 5.0
_START_SECONDS = 30.0
_HEAD = struct.Struct(">II")
_REPLY = struct.Struct(">I")
_REPLY_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class SandboxReply:
    """What became of a job: its JSON-able value, or how it ended without one (`end` None means that it is there)."""

    value: Any = None
    end: JobEnd | None = None

    @property
    def ok(self) -> bool:
        """Whether there is a value."""
        return self.end is None


class _LostZygote(Exception):
    """The zygote is gone or talks nonsense."""


class Sandbox:
    """Jobs, one at a time; safe to share between threads.

    Sandboxes of one process share their zygotes: one of its own for each of a fleet's sites would cost seconds of
    processor time and tens of megabytes. There are as many as jobs were done at once, and they end with the last user.
    """

    def __init__(self, *, limits: Limits) -> None:
        self._limits, self._turn = limits, threading.Lock()
        self._kind = os.getpid(), limits.seconds, limits.child_mebibytes  # a fork begins with none
        self._is_user = False

    def begin(self, *functions: str) -> None:
        """Start what will do a first job, which imports what these functions need while we do other work."""
        with self._turn, contextlib.suppress(_LostZygote, OSError, ValueError), self._borrow(functions):
            pass

    def run(self, function: str, data: bytes, seconds: float | None = None) -> SandboxReply:
        """Run "module:function" over bytes in a child. Never raises for what the file does.

        It may take `seconds`, where those are fewer than the limit.
        """
        most = min(self._limits.seconds, seconds or self._limits.seconds)
        with self._turn:
            try:
                with self._borrow() as zygote:
                    return zygote.ask(function, data, most)
            except (_LostZygote, OSError, ValueError, KeyError, RecursionError):
                return SandboxReply(end=JobEnd.NOT_STARTED)

    def missing_guards(self) -> tuple[str, ...]:
        """The guards this machine does not allow, in words; empty when all are in place."""
        with self._turn:
            try:
                with self._borrow() as zygote:
                    return zygote.missing
            except (_LostZygote, OSError, ValueError) as fault:
                return (f"the sandbox did not start ({type(fault).__name__})",)

    def close(self) -> None:
        """End whatever runs for us, and the zygotes where nobody else needs them."""
        with self._turn, _lending:
            if not self._is_user:
                return
            self._is_user = False
            _users[self._kind] -= 1
            unneeded = [] if _users[self._kind] else _resting.pop(self._kind, [])
        for zygote in unneeded:
            zygote.end()

    @contextmanager
    def _borrow(self, functions: Sequence[str] = ()) -> Iterator[_Zygote]:
        """A zygote for one job, begun with these functions where none rests; one that fails is nobody's any more."""
        with _lending:
            _users[self._kind] += not self._is_user
            self._is_user = True
            resting = _resting.setdefault(self._kind, [])
            zygote = resting.pop() if resting else None
        if zygote is not None and not zygote.is_alive:
            zygote.end()
            zygote = None
        zygote = zygote or _Zygote(self._limits, functions)
        try:
            yield zygote
        except BaseException:
            zygote.end()
            raise
        with _lending:
            _resting[self._kind].append(zygote)


class _Zygote:
    """The slim process that forks a child for each job. Raises _LostZygote, OSError, ValueError where it fails."""

    def __init__(self, limits: Limits, functions: Sequence[str] = ()) -> None:
        self._seconds = limits.seconds
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
            [sys.executable, "-I", *_START, str(limits.seconds), str(limits.child_mebibytes), *functions],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            bufsize=0,
            close_fds=True,
            start_new_session=True,
        )
        try:
            self._to, self._back = _pipes(self.process)
            os.set_blocking(self._to.fileno(), False)
            hello = json.loads(_read_frame(self._back, _START_SECONDS))
            self.missing = tuple(str(guard) for guard in hello["missing"])
        except BaseException:
            self.end()
            raise

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def ask(self, function: str, data: bytes, seconds: float) -> SandboxReply:
        head = json.dumps({"function": function, "seconds": seconds}).encode()
        _write(self._to, _HEAD.pack(len(head), len(data)) + head + data, self._seconds)
        reply = json.loads(_read_frame(self._back, seconds + _GRACE))
        if not isinstance(reply, dict):
            raise _LostZygote
        return SandboxReply(value=reply.get("value")) if reply.get("ok") else SandboxReply(end=JobEnd(reply["end"]))

    def end(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):  # it may be gone already
                if pipe:
                    pipe.close()
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


_Kind = tuple[int, int, int]
_lending = threading.Lock()
_users: Counter[_Kind] = Counter()
_resting: dict[_Kind, list[_Zygote]] = {}
"""Zygotes between two jobs, by process, seconds and mebibytes; none of them has ever held anybody's file."""


def _pipes(zygote: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if zygote.stdin is None or zygote.stdout is None:
        raise _LostZygote
    return zygote.stdin, zygote.stdout


def _write(pipe: IO[bytes], data: bytes, seconds: float) -> None:
    """All of it; each wait is bounded, since a stopped zygote must not stop us. Raises _LostZygote."""
    descriptor, at = pipe.fileno(), 0
    while at < len(data):
        _, ready, _ = select.select([], [descriptor], [], seconds)
        if not ready:
            raise _LostZygote
        at += os.write(descriptor, data[at : at + (1 << 16)])


def _read_frame(pipe: IO[bytes], seconds: float) -> bytes:
    """One length-prefixed answer, within a time. Raises _LostZygote."""
    size = _REPLY.unpack(_read_exactly(pipe, _REPLY.size, seconds))[0]
    if size > _REPLY_BYTES:
        raise _LostZygote
    return _read_exactly(pipe, size, seconds)


def _read_exactly(pipe: IO[bytes], size: int, seconds: float) -> bytes:
    """So many bytes from a pipe; each wait is bounded."""
    descriptor, parts = pipe.fileno(), bytearray()
    while len(parts) < size:
        ready, _, _ = select.select([descriptor], [], [], seconds)
        piece = os.read(descriptor, min(size - len(parts), 1 << 20)) if ready else b""
        if not piece:
            raise _LostZygote
        parts += piece
    return bytes(parts)
