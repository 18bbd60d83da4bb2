"""Whatever a job does, the service gets an answer in time and is never harmed.

The jobs here are Python expressions, which the child evaluates as it would run a reader.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from csp_workflow.sandbox import Sandbox, guards
from csp_workflow.terms.service import JobEnd
from csp_workflow.terms.site import Limits
from tests.sandbox.reading_here import below, zygote_of

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
    assert (reply.ok, reply.value, reply.end) == (True, {"a": [1, 2.5, None, "é"]}, None)


@pytest.mark.parametrize(
    ("expression", "end"),
    [
        ("1/0", JobEnd.FAULT),
        ("undefined", JobEnd.FAULT),
        ("object()", JobEnd.FAULT),
        ("__import__('sys').exit(3)", JobEnd.FAULT),
        ("(_ for _ in ()).throw(BaseException('panic'))", JobEnd.FAULT),
        ("bytearray(10**10)", JobEnd.MEMORY),
        ("[bytearray(10**7) for _ in range(10**4)]", JobEnd.MEMORY),
        ("'x' * 10**7", JobEnd.TOO_MUCH),
        ("__import__('time').sleep(60)", JobEnd.STALLED),
        ("__import__('os').abort()", JobEnd.CRASH),
        ("__import__('os')._exit(0)", JobEnd.CRASH),
        ("__import__('ctypes').string_at(0)", JobEnd.CRASH),
        ("([__import__('ctypes').CDLL(None).close(n) for n in range(64)], __import__('time').sleep(60))", JobEnd.CRASH),
    ],
)
def test_a_job_that_fails_in_any_way_is_an_answer(sandbox, expression, end):
    begun = time.monotonic()
    reply = run(sandbox, expression)
    assert (reply.ok, reply.end) == (False, end)
    assert time.monotonic() - begun < 6
    assert run(sandbox, "1").ok


def test_what_works_all_its_time_runs_too_long_and_what_gets_no_processor_does_not(sandbox):
    """On a machine that has none to spare it cannot be told that it would not have ended."""
    assert run(sandbox, "any(iter(int, 1))").end in {JobEnd.TIME, JobEnd.STALLED}


def test_who_has_had_all_its_processor_time_is_ended_by_the_signal_that_says_so():
    """Not by the one that also comes from outside: what runs too long would be tried again."""
    child = os.fork()
    if child == 0:
        dict(guards.list_guards(1, 4096))["processor time limit"]()
        while True:
            pass
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGXCPU


def test_who_is_ended_from_outside_did_no_wrong():
    """As by a machine that is short of memory."""
    killed = Sandbox(limits=Limits(seconds=5, child_mebibytes=200))
    assert run(killed, "1").ok
    zygote, replies = zygote_of(killed).pid, []
    asking = threading.Thread(target=lambda: replies.append(run(killed, "__import__('time').sleep(60)")))
    asking.start()
    until = time.monotonic() + 3
    while len(family := below(zygote)) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(family[-1], signal.SIGKILL)
    asking.join()
    assert replies[0].end is JobEnd.KILLED
    killed.close()


def test_a_wrong_function_is_an_answer(sandbox):
    assert sandbox.run("no_such_module:read", b"").end is JobEnd.FAULT
    assert run(sandbox, "1").ok


def test_what_is_the_file_s_own_is_told_from_what_is_ours():
    of_the_file = {JobEnd.TIME, JobEnd.MEMORY, JobEnd.TOO_MUCH, JobEnd.CRASH, JobEnd.NOT_TRIED}
    assert {end for end in JobEnd if not end.is_ours} == of_the_file


def test_this_machine_s_guards_are_named_when_missing(sandbox):
    missing = sandbox.missing_guards()
    limits = {f"{what} limit" for what in ("memory", "processor time", "open files", "core dump", "file size")}
    kernel = {"bar to new privileges", "file access rules (Landlock)", "system call filter (seccomp)"}
    assert set(missing) <= {"network namespace", "process limit", *limits, *kernel}


def test_a_guard_that_cannot_be_set_is_named(monkeypatch, tmp_path):
    """As on a kernel without Landlock, and on a processor whose calls are not known."""
    start = tmp_path / "start.py"
    start.write_text(
        "import sys\nfrom csp_workflow.sandbox import child, guards\n"
        "guards._CREATE_RULESET = 9999\nguards.platform.machine = lambda: 'riscv64'\n"
        "guards._LIBC.unshare = lambda _: -1\nchild.main(sys.argv[1:])\n"
    )
    monkeypatch.setattr("csp_workflow.sandbox._START", (str(start),))
    bare = Sandbox(limits=Limits(seconds=3, child_mebibytes=200))
    kernel = ("file access rules (Landlock)", "system call filter (seccomp)")
    assert bare.missing_guards() == ("network namespace", *kernel)
    assert run(bare, "5").value == 5, "what can be guarded is, and live mode asks"
    bare.close()


def test_a_job_has_an_empty_environment(sandbox):
    assert set(run(sandbox, "dict(__import__('os').environ)").value) <= {"LC_CTYPE"}


def test_what_a_job_prints_disturbs_nobody(sandbox):
    assert run(sandbox, "print('noise') or __import__('os').write(1, b'noise')").ok
    assert run(sandbox, "2").value == 2


def test_a_dead_sandbox_is_answered_and_started_again(sandbox):
    assert run(sandbox, "1").ok
    os.kill(zygote_of(sandbox).pid, signal.SIGKILL)
    assert run(sandbox, "3").end in {JobEnd.NOT_STARTED, None}, "it may have been seen dead before it was asked"
    assert run(sandbox, "3").value == 3


def test_a_stopped_sandbox_does_not_stop_the_service():
    stopped = Sandbox(limits=Limits(seconds=1, child_mebibytes=200))
    assert run(stopped, "1").ok
    os.kill(zygote_of(stopped).pid, signal.SIGSTOP)
    begun = time.monotonic()
    assert stopped.run(EVALUATE, b" " * 1_000_000 + b"1").end is JobEnd.NOT_STARTED
    assert time.monotonic() - begun < 10
    assert run(stopped, "4").value == 4
    stopped.close()


def test_closing_ends_the_process_and_twice_is_once():
    closed = Sandbox(limits=Limits(seconds=18))  # nobody else's: what is shared goes on until its last user has closed
    assert run(closed, "1").ok
    number = zygote_of(closed).pid
    closed.close()
    closed.close()
    assert not Path(f"/proc/{number}").exists()


def test_sandboxes_of_one_process_share_what_forks_and_none_waits_for_another_s_job():
    one, other = (Sandbox(limits=Limits(seconds=19, child_mebibytes=200)) for _ in range(2))
    assert run(one, "1").ok
    number = zygote_of(one).pid
    asking = threading.Thread(target=run, args=(one, "__import__('time').sleep(60)"))
    asking.start()
    until = time.monotonic() + 10
    while len(family := below(number)) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    assert run(other, "2").value == 2
    assert asking.is_alive(), "the other was answered meanwhile"
    os.kill(family[-1], signal.SIGKILL)
    asking.join()
    assert zygote_of(other).pid == number, "it goes on for both"
    one.close()
    assert run(other, "3").value == 3
    other.close()
    assert not Path(f"/proc/{number}").exists()


def test_a_sandbox_that_never_ran_is_closed_in_peace():
    Sandbox(limits=Limits()).close()


def test_what_is_begun_has_imported_its_functions_before_the_first_job_and_serves_it():
    begun = Sandbox(limits=Limits(seconds=17))
    begun.begin("csp_workflow.forms.table:read_table", "no.such.module:anything")
    number = zygote_of(begun).pid
    has = run(begun, "'csp_workflow.forms.table' in __import__('sys').modules")
    assert (has.value, zygote_of(begun).pid) == (True, number)
    begun.close()
    assert not Path(f"/proc/{number}").exists()
