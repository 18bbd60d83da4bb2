"""What reading a return in the sandbox costs, against one plain openpyxl load of the same file.

Run as `python benchmarks/intake_read.py [ROUNDS]`. Everything is measured in one run, turn about, so
that the ratio means something on a busy machine; design section 14 wants the whole intake within 3.
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook

from csp_workflow.forms.writing import write_workbook
from csp_workflow.intake.opening import read_reply
from csp_workflow.sandbox import Sandbox
from csp_workflow.terms.site import Limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "forms"))

READ = "csp_workflow.intake.opening:read_file"


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def main(rounds: int) -> None:
    from form_factory import CREATED, analyst_form, contributor_form, joint_form

    sandbox = Sandbox(limits=Limits())
    print(f"missing guards: {', '.join(sandbox.missing_guards()) or 'none'}")
    for name, form in (("partnership", joint_form()), ("contributor", contributor_form()), ("analyst", analyst_form())):
        data = write_workbook(form, created=CREATED)
        sandbox.run(READ, data)
        loads, reads = [], []
        for _ in range(rounds):
            loads.append(timed(lambda data=data: load_workbook(io.BytesIO(data))))
            reads.append(timed(lambda data=data: read_reply(sandbox.run(READ, data).value)))
        load, read = statistics.median(loads), statistics.median(reads)
        print(
            f"{name:12} {len(data) / 1000:5.1f} kB  load {load:6.1f} ms  read {read:6.1f} ms  ratio {read / load:.2f}"
        )
    sandbox.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
