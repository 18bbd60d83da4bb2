"""What code that took over the child would try: each is tried inside it, and seen to fail.

The child evaluates Python; what Python has no name for is asked of the C library. Every expression is true, or leaves
something behind, when the escape succeeds. Where this kernel lacks the guard, `missing_guards` must name it.
"""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from csp_workflow.sandbox import Sandbox, guards
from csp_workflow.terms.service import JobEnd
from csp_workflow.terms.site import Limits
from tests.sandbox.reading_here import below, zygote_of

EVALUATE = "builtins:eval"
OS = "__import__('os')"
C = "__import__('ctypes').CDLL(None)"
FILES = "file access rules (Landlock)"
CALLS = "system call filter (seccomp)"

READS = {
    "the key": "open({secret!r}).read()",
    "a file of everybody's": "open('/etc/passwd').read()",
    "a folder": f"{OS}.listdir({{folder!r}})",
    "that a file is there": f"{OS}.stat({{secret!r}}).st_size",
    "where a link leads": f"{OS}.readlink('/proc/self/exe')",
    "the zygote's environment": f"open('/proc/' + str({OS}.getppid()) + '/environ').read() or 1",
    "the zygote's memory": f"open('/proc/' + str({OS}.getppid()) + '/mem', 'rb').fileno()",
    "the service's memory": "open('/proc/{service}/maps').read()",
    "the pipes of the zygote": f"open('/proc/' + str({OS}.getppid()) + '/fd/1', 'wb', 0).write(b'x')",
    "a pipe that it inherited": f"[n for n in range(3, 64) if {C}.fcntl(n, 1) >= 0][1:]",
}
CHANGES = {
    "remove a file": f"{OS}.unlink({{secret!r}}) or 1",
    "rename a file": f"{OS}.rename({{secret!r}}, {{secret!r}} + '.old') or 1",
    "empty a file": f"{OS}.truncate({{secret!r}}, 0) or 1",
    "make a file": "open({secret!r} + '.new', 'w').fileno()",
    "link to a file": f"{OS}.link({{secret!r}}, {{secret!r}} + '.new') or 1",
    "leave a symbolic link": f"{OS}.symlink('/etc/passwd', {{secret!r}} + '.new') or 1",
    "make a folder": f"{OS}.mkdir({{secret!r}} + '.new') or 1",
    "change who may read": f"{OS}.chmod({{secret!r}}, 0o777) or 1",
    "change when it was changed": f"{OS}.utime({{secret!r}}, (1, 1)) or 1",
    "mount something over it": f"{C}.mount(b'tmpfs', {{folder!r}}.encode(), b'tmpfs', 0, None) == 0",
    "make another root": f"{OS}.chroot({{folder!r}}) or 1",
}
REACHES = {
    "a socket of this machine": f"{C}.socket(1, 1, 0) >= 0",
    "a socket of the internet": f"{C}.socket(2, 1, 0) >= 0",
    "a socket of the kernel": f"{C}.socket(16, 3, 0) >= 0",
    "a pair of sockets": f"{C}.socketpair(1, 1, 0, (__import__('ctypes').c_int * 2)()) == 0",
    "another program": f"{OS}.execv('/bin/true', ['true'])",
    "another process": f"({OS}.fork() or {OS}._exit(0)) > 0",
    "another thread": "__import__('_thread').start_new_thread(int, ()) > 0",
    "a signal to the zygote": f"{OS}.kill({OS}.getppid(), 0) or 1",
    "a signal to the service": f"{OS}.kill({{service}}, 0) or 1",
    "a signal to everybody": f"{C}.kill(-1, 0) == 0",
    "tracing the zygote": f"{C}.ptrace(16, {OS}.getppid(), 0, 0) == 0",
    "being traced": f"{C}.ptrace(0, 0, 0, 0) == 0",
    "another's memory": f"{C}.process_vm_readv({OS}.getppid(), None, 0, None, 0, 0) == 0",
    "another namespace": f"{C}.unshare(0x10000000) == 0",
    "the keys of the kernel": f"{C}.syscall({{keyctl}}, 0, -3, 1) > 0",
    "programs in the kernel": f"{C}.syscall({{bpf}}, 0, 0, 0) >= 0 or __import__('ctypes').get_errno() not in (0, 1)",
    "work queued in the kernel": f"{C}.syscall({{io_uring}}, 1, (__import__('ctypes').c_char * 120)()) >= 0",
    "a file in memory": f"{C}.memfd_create(b'x', 0) >= 0",
    "more rights for itself": f"{OS}.setuid(0) or 1",
    "taking a limit back": "__import__('resource').setrlimit(4, (-1, -1)) or 1",
}
NUMBERS = {
    "x86_64": {"keyctl": 250, "bpf": 321, "io_uring": 425},
    "aarch64": {"keyctl": 219, "bpf": 280, "io_uring": 425},
}
ALONE = {
    FILES: (*(READS[n] for n in ("the key", "a folder")), *(CHANGES[n] for n in ("remove a file", "make a folder"))),
    CALLS: (*(REACHES[n] for n in ("another process", "a socket of this machine")), CHANGES["rename a file"]),
}
"""What each of the two keeps when it stands alone."""


@pytest.fixture(scope="module")
def sandbox():
    made = Sandbox(limits=Limits(seconds=2, child_mebibytes=200))
    yield made
    made.close()


@pytest.fixture
def secret(tmp_path):
    place = tmp_path / "seal.key"
    place.write_text("the key of the seal")
    return place


def fill(expression, secret):
    numbers = NUMBERS.get(os.uname().machine, NUMBERS["x86_64"])
    return expression.format(secret=str(secret), folder=str(secret.parent), service=os.getpid(), **numbers)


@pytest.mark.parametrize("escape", [*READS, *CHANGES, *REACHES])
def test_an_escape_fails_or_its_guard_is_named(sandbox, secret, escape):
    reply = sandbox.run(EVALUATE, fill({**READS, **CHANGES, **REACHES}[escape], secret).encode())
    if CALLS in sandbox.missing_guards():
        return
    assert not reply.value, reply
    assert [p.name for p in secret.parent.iterdir()] == [secret.name]
    assert (secret.read_text(), secret.stat().st_mtime > 1) == ("the key of the seal", True)
    assert sandbox.run(EVALUATE, b"1").value == 1, "the zygote goes on"


@pytest.mark.parametrize("guard", ALONE)
def test_each_guard_of_the_kernel_holds_alone(sandbox, secret, guard):
    """In a process of its own, with nothing but this guard around it."""
    alone = {FILES: guards.forbid_files, CALLS: guards.forbid_calls}[guard]
    held = []
    for expression in ALONE[guard]:
        child = os.fork()
        if child == 0:
            code = 2
            try:
                guards.forbid_new_privileges()
                alone()
                code = 1
                code = 0 if eval(fill(expression, secret)) else 1
            finally:
                os._exit(code)
        held.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    assert (set(held) == {1}) or guard in sandbox.missing_guards()


def test_a_socket_that_listens_is_not_reached(sandbox, tmp_path):
    place = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place))
        listening.listen()
        listening.setblocking(False)
        address = (1).to_bytes(2, "little") + str(place).encode()
        asked = f"(lambda c: c.connect(c.socket(1, 1, 0), {address!r}, {len(address)}))({C}) == 0"
        assert not sandbox.run(EVALUATE, asked.encode()).value
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.mark.parametrize("said", [b"[" * 200_000, b"9" * 6_000, b'1}, "end"', b'1, "ok": false, "end": []', b'"\xff"'])
def test_an_answer_that_is_none_of_ours_is_a_failure_and_no_fault_in_the_service(sandbox, said):
    """Whoever took over the child writes on its one pipe what they like, and leaves as if all were well."""
    pipe = f"next(n for n in range(3, 40) if {C}.write(n, b' ', 0) == 0)"
    spoken = f"(lambda n, said: [{OS}.write(n, said[i:i + 65536]) for i in range(0, len(said), 65536)])"
    reply = sandbox.run(EVALUATE, f"{spoken}({pipe}, {said!r}) and {OS}._exit(0)".encode())
    assert reply.end is JobEnd.NOT_STARTED
    assert sandbox.run(EVALUATE, b"1").value == 1


def list_processes(marker):
    places = (p for p in Path("/proc").glob("[0-9]*/cmdline") if str(os.getpid()) not in str(p))
    found = []
    for place in places:
        try:
            found += [place.parent.name] if marker in place.read_bytes() else []
        except OSError:
            continue
    return found


def test_nothing_that_a_job_started_outlives_it_where_the_kernel_has_no_filter(monkeypatch, tmp_path):
    """What hides in a session of its own, with its parent gone, is ended by the warden all the same."""
    marker = "x77_left_behind"
    unfiltered = tmp_path / f"{marker}.py"
    unfiltered.write_text(
        "import sys\nfrom csp_workflow.sandbox import child, guards\n"
        "kept = guards.list_guards\n"
        "guards.list_guards = lambda *limits: [g for g in kept(*limits) if g[0].endswith('limit')]\n"
        "child.main(sys.argv[1:])\n"
    )
    monkeypatch.setattr("csp_workflow.sandbox._START", (str(unfiltered),))
    loose = Sandbox(limits=Limits(seconds=3, child_mebibytes=200))
    hides = f"{OS}.fork() or ({OS}.setsid(), {OS}.fork() and {OS}._exit(0), __import__('time').sleep(30))"
    begun = time.monotonic()
    reply = loose.run(EVALUATE, hides.encode())
    took = time.monotonic() - begun
    if os.getuid() == 0:  # whom no limit of processes binds
        assert (reply.value or 0) > 0 or reply.end is JobEnd.STALLED
    left = list_processes(marker.encode())
    while len(left) > 1 and time.monotonic() - begun < 6:  # the warden has answered, and may be leaving still
        time.sleep(0.01)
        left = list_processes(marker.encode())
    loose.close()
    assert len(left) == 1, "the zygote alone"
    assert took < 6
    assert not list_processes(marker.encode())


def test_a_lost_service_leaves_no_child_behind(sandbox):
    assert sandbox.run(EVALUATE, b"1").ok
    lost = Sandbox(limits=Limits(seconds=20, child_mebibytes=200))
    assert lost.run(EVALUATE, b"1").ok
    zygote = zygote_of(lost).pid
    to = zygote_of(lost).stdin
    head = b'{"function": "builtins:eval", "seconds": 19}'
    sleep = b"__import__('time').sleep(19)"
    os.write(to.fileno(), len(head).to_bytes(4, "big") + len(sleep).to_bytes(4, "big") + head + sleep)
    time.sleep(0.3)
    tree = [zygote, *below(zygote)]
    assert len(tree) == 3
    lost.close()
    time.sleep(0.2)
    assert not [p for p in tree if Path(f"/proc/{p}").exists() and not is_dead(p)]


def is_dead(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_job_sees_nothing_of_the_one_before(sandbox):
    """The zygote never holds a file, so that what is forked next finds none in its memory."""
    marker = "canary " + "of another's mail " * 3
    assert sandbox.run(EVALUATE, f'"{marker}".upper()'.encode()).value == marker.upper()
    regions = [line.split() for line in Path(f"/proc/{zygote_of(sandbox).pid}/maps").read_text().splitlines()]
    with Path(f"/proc/{zygote_of(sandbox).pid}/mem").open("rb", buffering=0) as memory:
        for span, rights, *_ in regions:
            start, end = (int(x, 16) for x in span.split("-"))
            if "w" in rights and end - start < 1 << 28:
                memory.seek(start)
                held = memory.read(end - start) or b""
                assert marker.encode() not in held
                assert marker.upper().encode() not in held


def test_the_filter_is_written_for_both_processors_and_no_other():
    assert len(guards.write_filter("x86_64")) == len(guards.write_filter("aarch64"))
    with pytest.raises(OSError, match="riscv64"):
        guards.write_filter("riscv64")
