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
from dataclasses import dataclass
from typing import IO, Any

from csp_workflow.terms.faults import JobEnd
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
    """A zygote and its jobs. One job at a time; safe to share between threads."""

    def __init__(self, *, limits: Limits) -> None:
        self._limits = limits
        self._zygote: subprocess.Popen[bytes] | None = None
        self._missing: tuple[str, ...] = ()
        self._turn = threading.Lock()

    def run(self, function: str, data: bytes, seconds: float | None = None) -> SandboxReply:
        """Run "module:function" over bytes in a child. Never raises for what the file does.

        It may take `seconds`, where those are fewer than the limit.
        """
        most = min(self._limits.seconds, seconds or self._limits.seconds)
        with self._turn:
            try:
                return self._ask(function, data, most)
            except (_LostZygote, OSError, ValueError, KeyError, RecursionError):
                self._end()
                return SandboxReply(end=JobEnd.NOT_STARTED)

    def missing_guards(self) -> tuple[str, ...]:
        """The guards this machine does not allow, in words; empty when all are in place."""
        with self._turn:
            try:
                self._start()
            except (_LostZygote, OSError, ValueError) as fault:
                self._end()
                return (f"the sandbox did not start ({type(fault).__name__})",)
            return self._missing

    def close(self) -> None:
        """End the zygote and whatever runs under it."""
        with self._turn:
            self._end()

    def _ask(self, function: str, data: bytes, seconds: float) -> SandboxReply:
        zygote = self._start()
        head = json.dumps({"function": function, "seconds": seconds}).encode()
        to, back = _pipes(zygote)
        _write(to, _HEAD.pack(len(head), len(data)) + head + data, self._limits.seconds)
        reply = json.loads(_read_frame(back, seconds + _GRACE))
        if not isinstance(reply, dict):
            raise _LostZygote
        return SandboxReply(value=reply.get("value")) if reply.get("ok") else SandboxReply(end=JobEnd(reply["end"]))

    def _start(self) -> subprocess.Popen[bytes]:
        if self._zygote is not None and self._zygote.poll() is None:
            return self._zygote
        self._end()
        self._zygote = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
            [sys.executable, "-I", *_START, str(self._limits.seconds), str(self._limits.child_mebibytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            bufsize=0,
            close_fds=True,
            start_new_session=True,
        )
        os.set_blocking(_pipes(self._zygote)[0].fileno(), False)
        hello = json.loads(_read_frame(_pipes(self._zygote)[1], _START_SECONDS))
        self._missing = tuple(str(guard) for guard in hello["missing"])
        return self._zygote

    def _end(self) -> None:
        zygote, self._zygote = self._zygote, None
        if zygote is None:
            return
        for pipe in _pipes(zygote):
            with contextlib.suppress(OSError):  # it may be gone already
                pipe.close()
        if zygote.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
                os.killpg(zygote.pid, signal.SIGKILL)
        zygote.wait()


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
