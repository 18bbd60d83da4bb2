"""What the kernel keeps from the sandbox's child: files, the network, other processes, new programs.

Each guard is set in the child itself, just before it works, and can never be taken back there. They overlap on
purpose: the filter of system calls leaves a parser memory, time and its one pipe; the file rules and the network
namespace hold on their own where a kernel has no filter, and the limits where it has neither.

Written here by hand, in ctypes: of the libraries, pyseccomp needs libseccomp on the machine, and landlock has no
release that is not a trial. A mount namespace would add nothing to a child that can open no file at all.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
from collections.abc import Callable

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long
_LIBC.prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
_MEBIBYTE = 1024 * 1024
_OPEN_FILES = 32
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SET_DEATH_SIGNAL, _SET_SECCOMP, _SET_SUBREAPER, _SET_NO_NEW_PRIVILEGES = 1, 22, 36, 38
_FILTER = 2

NETWORK = "network namespace"

Guard = tuple[str, Callable[[], None]]


def list_guards(seconds: int, mebibytes: int) -> list[Guard]:
    """Every guard by name, with what sets it, in the order in which they must be set. Each raises OSError."""

    def limit(what: int, most: int, never: int | None = None) -> Callable[[], None]:
        return lambda: resource.setrlimit(what, (most, most if never is None else never))

    return [
        ("memory limit", limit(resource.RLIMIT_AS, mebibytes * _MEBIBYTE)),
        # At the first limit the kernel says why (SIGXCPU); at the second it kills, as whoever ends it from outside.
        ("processor time limit", limit(resource.RLIMIT_CPU, seconds, seconds + 1)),
        ("open files limit", limit(resource.RLIMIT_NOFILE, _OPEN_FILES)),
        ("core dump limit", limit(resource.RLIMIT_CORE, 0)),
        ("file size limit", limit(resource.RLIMIT_FSIZE, 0)),
        ("process limit", limit(resource.RLIMIT_NPROC, 0)),
        ("bar to new privileges", forbid_new_privileges),
        ("file access rules (Landlock)", forbid_files),
        ("system call filter (seccomp)", forbid_calls),
    ]


def cut_network() -> bool:
    """A network of our own with nothing in it; False when the kernel does not allow one."""
    before = os.stat("/proc/self/ns/net").st_ino  # noqa: PTH116 - no file, but the name of a namespace
    for flags in (_CLONE_NEWUSER | _CLONE_NEWNET, _CLONE_NEWNET):
        if _LIBC.unshare(flags) == 0:
            break
    return os.stat("/proc/self/ns/net").st_ino != before  # noqa: PTH116


def end_with_parent(parent: int) -> None:
    """Be killed as soon as the process that started this one is gone, and at once when it is gone already."""
    _LIBC.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of whatever is left behind by a process below this one, so that it can be ended."""
    _LIBC.prctl(_SET_SUBREAPER, 1, 0, 0, 0)


def forbid_new_privileges() -> None:
    """No program that is started gains rights; what the two below ask for."""
    _check(_LIBC.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0))


# Landlock: no file, no TCP, no signal to others, as far as this kernel knows how ----------------------


_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_ASK_VERSION = 1
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_MOST_FILE_RIGHTS = 16
_TCP_SINCE, _SCOPES_SINCE = 4, 6


def forbid_files() -> None:
    """Handle every right that the kernel knows, and give none of them."""
    version = _call(_CREATE_RULESET, 0, 0, _ASK_VERSION)
    handled = (1 << _FILE_RIGHTS.get(version, _MOST_FILE_RIGHTS)) - 1
    parts = [handled, *([0b11] if version >= _TCP_SINCE else []), *([0b11] if version >= _SCOPES_SINCE else [])]
    asked = (ctypes.c_uint64 * len(parts))(*parts)
    rules = _call(_CREATE_RULESET, ctypes.addressof(asked), ctypes.sizeof(asked), 0)
    try:
        _call(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


# Seccomp: a list of what is allowed; all else is refused with EPERM -----------------------------------


_PROCESSORS = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""What the kernel calls a kind of processor, and where its numbers stand below."""

_CALLS = {
    "read": (0, 63),
    "write": (1, 64),
    "writev": (20, 66),
    "close": (3, 57),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "brk": (12, 214),
    "futex": (202, 98),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "sched_yield": (24, 124),
    "clock_gettime": (228, 113),
    "gettimeofday": (96, 169),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "getrandom": (318, 278),
    "getpid": (39, 172),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
"""All that a parser needs, with the numbers on each processor: memory, time, and its pipe, which is open already."""

_LOAD, _IS_EQUAL, _RETURN = 0x20, 0x15, 0x06
_NUMBER_AT, _PROCESSOR_AT = 0, 4
_KILL, _ALLOW, _REFUSE = 0x80000000, 0x7FFF0000, 0x00050001


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def forbid_calls() -> None:
    """Refuse every system call that a parser does not need. Needs the bar to new privileges."""
    steps = write_filter(platform.machine())
    program = _Program(len(steps) // 8, steps)
    _check(_LIBC.prctl(_SET_SECCOMP, _FILTER, ctypes.addressof(program), 0, 0))


def write_filter(machine: str) -> bytes:
    """The filter's program for a kind of processor. Raises OSError where the numbers of its calls are not known."""
    if machine not in _PROCESSORS:
        raise OSError(f"The system calls of {machine} are not known.")
    processor, place = _PROCESSORS[machine]
    steps = [(_LOAD, 0, 0, _PROCESSOR_AT), (_IS_EQUAL, 1, 0, processor), (_RETURN, 0, 0, _KILL)]
    steps += [(_LOAD, 0, 0, _NUMBER_AT)]
    for numbers in _CALLS.values():  # a number that is not met jumps over the permission
        steps += [(_IS_EQUAL, 0, 1, numbers[place]), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *step) for step in (*steps, (_RETURN, 0, 0, _REFUSE)))


def _call(number: int, *arguments: int) -> int:
    """A system call that the C library has no name for. Raises OSError when the kernel refused it."""
    return _check(_LIBC.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)))


def _check(result: int) -> int:
    """A call's result. Raises OSError when the kernel refused it."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
