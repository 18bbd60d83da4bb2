"""The sandbox's own process: imports a function once, then forks for every job a warden, which forks a bounded child.

Started as `python -I -m csp_workflow.sandbox.child SECONDS MEBIBYTES [FUNCTION...]`, the functions that will be asked
for first. It talks on its standard pipes only: jobs come as (sizes, head, data), answers go back with their length. A
job's data and its answer are seen by its own warden and child alone: what forks the next job has never held anybody's
file.
"""

from __future__ import annotations

import contextlib
import encodings
import gc
import importlib
import json
import math
import os
import pkgutil
import select
import signal
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from csp_workflow.sandbox import guards
from csp_workflow.terms.service import JobEnd

_HEAD = struct.Struct(">II")
_REPLY = struct.Struct(">I")
_DATA_BYTES = 64 * 1024 * 1024
_REPLY_BYTES = 8 * 1024 * 1024
_MEBIBYTE = 1024 * 1024
_LEAVING = 1.0
_NOT_NEEDED = ("numpy", "PIL", "pandas", "lxml", "defusedxml")
"""Left out of the zygote: openpyxl takes them when it finds them, and they cost memory and time, or start threads.

defusedxml parses three times as slowly, and what openpyxl is given was looked through for declarations before.
"""

_OK, _MEMORY, _FAULT, _TOO_LONG = 0, 3, 4, 5
_ENDS = {_MEMORY: JobEnd.MEMORY, _FAULT: JobEnd.FAULT, _TOO_LONG: JobEnd.TOO_MUCH}
_FROM_OUTSIDE = {signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
"""Signals that no parser raises by itself: the kernel, short of memory, or a person ended the child."""

Job = tuple[str, float, int]
"""A function's name, how many seconds it may take, and how many bytes of data follow."""


def main(arguments: list[str]) -> None:
    """Say which guards are missing, then serve jobs until the pipe closes."""
    seconds, mebibytes = int(arguments[0]), int(arguments[1])
    for name in _NOT_NEEDED:
        sys.modules[name] = None  # type: ignore[assignment]
    _import_codecs()
    network = [] if guards.cut_network() else [guards.NETWORK]
    _answer({"missing": network + _probe(seconds, mebibytes)})
    for function in arguments[2:]:
        with contextlib.suppress(Exception):  # as a wrong name is when it is asked for
            _import_function(function)
    while (job := _next_job()) is not None and _put_to_warden(job, mebibytes):
        pass


def _import_codecs() -> None:
    """Every encoding of text: a file may name any, and the child can import none."""
    for found in pkgutil.iter_modules(encodings.__path__):
        with contextlib.suppress(ImportError):  # those of another system
            importlib.import_module(f"encodings.{found.name}")


# Jobs ---------------------------------------------------------------------------------------


def _next_job() -> Job | None:
    """The next job, or None at the end. A job that is too large ends the process: the parent starts another."""
    head = _read(_HEAD.size)
    if head is None:
        return None
    head_size, data_size = _HEAD.unpack(head)
    if head_size > _MEBIBYTE or data_size > _DATA_BYTES:
        return None
    said = _read(head_size)
    if said is None:
        return None
    asked = json.loads(said)
    return str(asked["function"]), float(asked["seconds"]), data_size


def _put_to_warden(job: Job, mebibytes: int) -> bool:
    """Let a process of its own see to one job. False when it failed, and nobody knows how far it had read."""
    function, seconds, size = job
    work: Callable[[bytes], Any] | None = None
    with contextlib.suppress(Exception):  # a wrong name is the caller's fault, not a reason to end
        work = _import_function(function)
    zygote = os.getpid()
    warden = os.fork()
    if warden == 0:
        code = 1
        try:
            guards.end_with_parent(zygote)
            guards.adopt_orphans()
            data = _read(size)
            if data is not None:
                _answer_raw(_run(work, data, seconds, mebibytes))
                code = 0
        finally:
            os._exit(code)
    return os.waitpid(warden, 0)[1] == 0


def _import_function(function: str) -> Callable[[bytes], Any]:
    """The function "module:name". A module may have a `warm()` that imports what its work needs.

    It must import all of it: the child can open no file any more.
    """
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


# In the warden ------------------------------------------------------------------------------


def _run(work: Callable[[bytes], Any] | None, data: bytes, seconds: float, mebibytes: int) -> bytes:
    """One job in one child -> its answer as JSON."""
    if work is None:
        return _refuse(JobEnd.FAULT)
    inlet, outlet = os.pipe()
    warden = os.getpid()
    child = os.fork()
    if child == 0:
        os.close(inlet)
        guards.end_with_parent(warden)
        _work(lambda: work(data), outlet, seconds, mebibytes)
    os.close(outlet)
    return _reap(child, inlet, seconds)


def _reap(child: int, inlet: int, seconds: float) -> bytes:
    """Read the child's answer within the wall time, then end it and whatever it left behind."""
    said, in_time = _listen(inlet, time.monotonic() + seconds)
    os.close(inlet)
    has_left = _wait(child, _LEAVING if in_time and said is not None else 0.0)
    status, worked = _end(child)
    _end_orphans()
    if not in_time:
        # Who had no processor did not run too long: this machine was busy, or stood still.
        return _refuse(JobEnd.TIME if worked > seconds / 2 else JobEnd.STALLED)
    if said is None:
        return _refuse(JobEnd.TOO_MUCH)
    if not has_left:
        return _refuse(JobEnd.CRASH)
    if os.WIFSIGNALED(status):
        return _refuse(_name_end(os.WTERMSIG(status)))
    code = os.WEXITSTATUS(status)
    return b'{"ok": true, "value": ' + said + b"}" if code == _OK and said else _refuse(_ENDS.get(code, JobEnd.CRASH))


def _name_end(number: int) -> JobEnd:
    """How a child ended that a signal ended."""
    if number == signal.SIGXCPU:
        return JobEnd.TIME
    return JobEnd.KILLED if number in _FROM_OUTSIDE else JobEnd.CRASH


def _wait(child: int, patience: float) -> bool:
    """Whether a child that has said all leaves by itself."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT | os.WNOHANG):
            return True
        time.sleep(0.001)
    return False


def _end(child: int) -> tuple[int, float]:
    """The child's exit status and the seconds it worked; its group is ended while its number is still its own."""
    for end in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    return status, used.ru_utime + used.ru_stime


def _end_orphans() -> None:
    """End what a child left behind, in whatever session it hides: it has become the warden's own."""
    me = os.getpid()
    while True:
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        except ChildProcessError:
            return
        for left in Path(f"/proc/{me}/task/{me}/children").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(left), signal.SIGKILL)
            os.waitpid(int(left), 0)


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


def _refuse(end: JobEnd) -> bytes:
    return json.dumps({"ok": False, "end": end}).encode()


# In the child -------------------------------------------------------------------------------


def _work(job: Callable[[], Any], outlet: int, seconds: float, mebibytes: int) -> None:
    """Do the job under every limit and leave; never returns."""
    code = _FAULT
    try:
        os.setsid()
        _close_others(outlet)
        for _, apply in guards.list_guards(math.ceil(seconds), mebibytes):
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


def _probe(seconds: int, mebibytes: int) -> list[str]:
    """Try every limit in a child that does nothing else; the names of those that cannot be set."""
    inlet, outlet = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(inlet)
        failed = []
        for name, apply in guards.list_guards(seconds, mebibytes):
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
