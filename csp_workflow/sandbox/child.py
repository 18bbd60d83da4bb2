"""The sandbox's own process: imports a function once, then forks a bounded child for every job.

Started as `python -I -m csp_workflow.sandbox.child SECONDS MEBIBYTES`. It talks on its
standard pipes only: jobs come as (sizes, head, data), answers go back with their length.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import select
import signal
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_HEAD = struct.Struct(">II")
_REPLY = struct.Struct(">I")
_DATA_BYTES = 64 * 1024 * 1024
_REPLY_BYTES = 8 * 1024 * 1024
_MEBIBYTE = 1024 * 1024
_OPEN_FILES = 32
_LEAVING = 1.0
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_NOT_NEEDED = ("numpy", "PIL", "pandas", "lxml")
"""Left out of the zygote: openpyxl takes them when it finds them, and they cost memory and start threads."""

_OK, _MEMORY, _FAULT, _TOO_LONG = 0, 3, 4, 5


def main(arguments: list[str]) -> None:
    """Say which guards are missing, then serve jobs until the pipe closes."""
    seconds, mebibytes = int(arguments[0]), int(arguments[1])
    for name in _NOT_NEEDED:
        sys.modules[name] = None  # type: ignore[assignment]
    missing = _cut_network() + _probe(seconds, mebibytes)
    _answer({"missing": missing})
    while (job := _job()) is not None:
        function, data = job
        _answer_raw(_run(function, data, seconds, mebibytes))


def _cut_network() -> list[str]:
    """A network of our own with nothing in it; says so when the kernel does not allow one."""
    before = _network()
    libc = ctypes.CDLL(None, use_errno=True)
    for flags in (_CLONE_NEWUSER | _CLONE_NEWNET, _CLONE_NEWNET):
        if libc.unshare(flags) == 0:
            break
    return [] if before and _network() != before else ["network namespace"]


def _network() -> str:
    try:
        return str(Path("/proc/self/ns/net").readlink())
    except OSError:
        return ""


# Jobs ---------------------------------------------------------------------------------------


def _job() -> tuple[str, bytes] | None:
    """The next job, or None at the end. A job that is too large ends the process: the parent starts another."""
    head = _read(_HEAD.size)
    if head is None:
        return None
    head_size, data_size = _HEAD.unpack(head)
    if head_size > _MEBIBYTE or data_size > _DATA_BYTES:
        return None
    said, data = _read(head_size), _read(data_size)
    if said is None or data is None:
        return None
    return str(json.loads(said)["function"]), data


def _run(function: str, data: bytes, seconds: int, mebibytes: int) -> bytes:
    """One job in one child -> its answer as JSON."""
    try:
        work = _import_function(function)
    except Exception:  # noqa: BLE001 - a wrong name is the caller's fault, not a reason to end
        return _refusal("fault")
    inlet, outlet = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(inlet)
        _work(lambda: work(data), outlet, seconds, mebibytes)
    os.close(outlet)
    return _reap(child, inlet, seconds)


def _import_function(function: str) -> Callable[[bytes], Any]:
    """The function "module:name". A module may have a `warm()` that imports what its work needs."""
    module, _, name = function.partition(":")
    is_new = module not in sys.modules
    work: Callable[[bytes], Any] = getattr(importlib.import_module(module), name)
    warm = getattr(sys.modules[module], "warm", None)
    if is_new:
        if warm:
            warm()
        gc.collect()
        gc.freeze()
    return work


def _reap(child: int, inlet: int, seconds: int) -> bytes:
    """Read the child's answer within the wall time, then end its whole group."""
    said, in_time = _listen(inlet, time.monotonic() + seconds)
    os.close(inlet)
    status = _end(child, patience=_LEAVING if in_time and said is not None else 0.0)
    if not in_time:
        return _refusal("time")
    if said is None:
        return _refusal("reply")
    if os.WIFSIGNALED(status):
        return _refusal("time" if os.WTERMSIG(status) == signal.SIGXCPU else "killed")
    reasons = {_MEMORY: "memory", _FAULT: "fault", _TOO_LONG: "reply"}
    code = os.WEXITSTATUS(status)
    return b'{"ok": true, "value": ' + said + b"}" if code == _OK and said else _refusal(reasons.get(code, "killed"))


def _end(child: int, *, patience: float) -> int:
    """The child's exit status; its whole group is ended while its number is still its own."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT | os.WNOHANG):
            break
        time.sleep(0.001)
    for end in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _listen(inlet: int, until: float) -> tuple[bytes | None, bool]:
    """What the child says, and whether it ended in time; None when it says too much."""
    said = bytearray()
    while (left := until - time.monotonic()) > 0:
        ready, _, _ = select.select([inlet], [], [], left)
        if not ready:
            break
        piece = os.read(inlet, 1 << 16)
        if not piece:
            return bytes(said), True
        said += piece
        if len(said) > _REPLY_BYTES:
            return None, True
    return b"", False


def _refusal(reason: str) -> bytes:
    return json.dumps({"ok": False, "reason": reason}).encode()


# In the child -------------------------------------------------------------------------------


def _work(job: Callable[[], Any], outlet: int, seconds: int, mebibytes: int) -> None:
    """Do the job under every limit and leave; never returns."""
    code = _FAULT
    try:
        os.setsid()
        _close_others(outlet)
        for _, apply in _guards(seconds, mebibytes):
            with contextlib.suppress(OSError, ValueError):  # `doctor` names it; live mode decides
                apply()
        said = json.dumps(job()).encode()
        code = _TOO_LONG if len(said) > _REPLY_BYTES else _OK
        at = 0
        while code == _OK and at < len(said):
            at += os.write(outlet, said[at : at + (1 << 16)])
    except MemoryError:
        code = _MEMORY
    except BaseException:  # noqa: BLE001 - whatever a parser throws is an answer, not our end
        code = _FAULT
    finally:
        os._exit(code)


def _close_others(outlet: int) -> None:
    """The child keeps its outlet only: it must not read the next job or write on our pipes."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.closerange(3, outlet)
    os.closerange(outlet + 1, 256)


def _guards(seconds: int, mebibytes: int) -> list[tuple[str, Callable[[], None]]]:
    """Every limit by name, with what sets it."""

    def limit(what: int, most: int) -> Callable[[], None]:
        return lambda: resource.setrlimit(what, (most, most))

    return [
        ("memory limit", limit(resource.RLIMIT_AS, mebibytes * _MEBIBYTE)),
        ("processor time limit", limit(resource.RLIMIT_CPU, seconds)),
        ("open files limit", limit(resource.RLIMIT_NOFILE, _OPEN_FILES)),
        ("core dump limit", limit(resource.RLIMIT_CORE, 0)),
        ("file size limit", limit(resource.RLIMIT_FSIZE, 0)),
    ]


def _probe(seconds: int, mebibytes: int) -> list[str]:
    """Try every limit in a child that does nothing else; the names of those that cannot be set."""
    inlet, outlet = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(inlet)
        failed = []
        for name, apply in _guards(seconds, mebibytes):
            try:
                apply()
            except (OSError, ValueError):
                failed.append(name)
        os.write(outlet, json.dumps(failed).encode())
        os._exit(0)
    os.close(outlet)
    said, _ = _listen(inlet, time.monotonic() + 10)
    os.close(inlet)
    os.waitpid(child, 0)
    return list(json.loads(said)) if said else ["limits"]


# The pipes ----------------------------------------------------------------------------------


def _read(size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        piece = os.read(0, min(size - len(parts), 1 << 20))
        if not piece:
            return None
        parts += piece
    return bytes(parts)


def _answer(value: Any) -> None:
    _answer_raw(json.dumps(value).encode())


def _answer_raw(said: bytes) -> None:
    said = _REPLY.pack(len(said)) + said
    at = 0
    while at < len(said):
        at += os.write(1, said[at:])


if __name__ == "__main__":
    main(sys.argv[1:])
