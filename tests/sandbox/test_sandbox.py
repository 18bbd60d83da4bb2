"""Whatever a job does, the service gets an answer in time and is never harmed.

The jobs here are Python expressions, which the child evaluates as it would run a reader.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from csp_workflow.sandbox import Sandbox
from csp_workflow.terms.site import Limits

EVALUATE = "builtins:eval"


@pytest.fixture(scope="module")
def sandbox():
    made = Sandbox(limits=Limits(seconds=2, child_mebibytes=200))
    yield made
    made.close()


def run(sandbox, expression):
    return sandbox.run(EVALUATE, expression.encode())


def test_a_job_s_value_comes_back(sandbox):
    reply = run(sandbox, "{'a': [1, 2.5, None, 'é']}")
    assert (reply.ok, reply.value, reply.reason) == (True, {"a": [1, 2.5, None, "é"]}, "")


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("1/0", "fault"),
        ("undefined", "fault"),
        ("object()", "fault"),
        ("__import__('sys').exit(3)", "fault"),
        ("(_ for _ in ()).throw(BaseException('panic'))", "fault"),
        ("bytearray(10**10)", "memory"),
        ("[bytearray(10**7) for _ in range(10**4)]", "memory"),
        ("'x' * 10**7", "reply"),
        ("__import__('time').sleep(60)", "time"),
        ("any(iter(int, 1))", "time"),
        ("__import__('os').abort()", "killed"),
        ("__import__('os').kill(__import__('os').getpid(), 9)", "killed"),
        ("__import__('os')._exit(0)", "killed"),
        ("__import__('ctypes').string_at(0)", "killed"),
        ("(__import__('os').closerange(0, 64), __import__('time').sleep(60))", "killed"),
    ],
)
def test_a_job_that_fails_in_any_way_is_an_answer(sandbox, expression, reason):
    begun = time.monotonic()
    reply = run(sandbox, expression)
    assert (reply.ok, reply.reason) == (False, reason)
    assert time.monotonic() - begun < 6
    assert run(sandbox, "1").ok


def test_a_wrong_function_is_an_answer(sandbox):
    assert sandbox.run("no_such_module:read", b"").reason == "fault"
    assert run(sandbox, "1").ok


def test_this_machine_s_guards_are_named_when_missing(sandbox):
    missing = sandbox.missing_guards()
    limits = {f"{what} limit" for what in ("memory", "processor time", "open files", "core dump", "file size")}
    assert set(missing) <= {"network namespace", *limits}


def test_a_job_has_no_network(sandbox):
    if "network namespace" in sandbox.missing_guards():
        pytest.skip("this kernel allows no network namespace")
    names = run(sandbox, "[name for _, name in __import__('socket').if_nameindex()]").value
    assert names == ["lo"]
    assert run(sandbox, "__import__('socket').create_connection(('192.0.2.1', 9), 1)").reason == "fault"


def test_a_job_has_an_empty_environment_and_few_files(sandbox):
    assert set(run(sandbox, "dict(__import__('os').environ)").value) <= {"LC_CTYPE"}
    assert run(sandbox, "len([open('/dev/null') for _ in range(100)])").reason == "fault"
    assert run(sandbox, "sorted(__import__('os').listdir('/proc/self/fd'))").ok


def test_a_job_cannot_write_a_file(sandbox, tmp_path):
    place = tmp_path / "left.txt"
    run(sandbox, f"open({str(place)!r}, 'w').write('x' * 100) and 1")
    assert not place.exists() or place.read_bytes() == b""


def test_what_a_job_prints_or_starts_disturbs_nobody(sandbox):
    assert run(sandbox, "print('noise') or __import__('os').write(1, b'noise')").ok
    child = run(sandbox, "__import__('os').fork() or __import__('time').sleep(30)")
    assert child.reason in {"time", "fault", "reply", ""}
    assert run(sandbox, "2").value == 2


def test_nothing_a_job_started_outlives_it(sandbox):
    marker = "x77-left-behind"
    run(sandbox, f"__import__('subprocess').Popen(['/bin/sh', '-c', 'sleep 30 # {marker}']).pid")
    time.sleep(0.2)
    lines = [
        p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if p.exists() and str(os.getpid()) not in str(p)
    ]
    assert not any(marker.encode() in line for line in lines)


def test_a_dead_sandbox_is_answered_and_started_again(sandbox):
    assert run(sandbox, "__import__('os').kill(__import__('os').getppid(), 9)").reason == "sandbox"
    assert run(sandbox, "3").value == 3


def test_a_stopped_sandbox_does_not_stop_the_service():
    stopped = Sandbox(limits=Limits(seconds=1, child_mebibytes=200))
    assert run(stopped, "1").ok
    os.kill(stopped._zygote.pid, signal.SIGSTOP)
    begun = time.monotonic()
    assert stopped.run(EVALUATE, b" " * 1_000_000 + b"1").reason == "sandbox"
    assert time.monotonic() - begun < 10
    assert run(stopped, "4").value == 4
    stopped.close()


def test_closing_ends_the_process_and_twice_is_once():
    closed = Sandbox(limits=Limits())
    assert run(closed, "1").ok
    number = closed._zygote.pid
    closed.close()
    closed.close()
    assert not Path(f"/proc/{number}").exists()


def test_a_sandbox_that_never_ran_is_closed_in_peace():
    Sandbox(limits=Limits()).close()
