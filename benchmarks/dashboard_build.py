"""What a dashboard costs for 10 and for 300 partnerships: seconds of the processor, pages, and what they weigh.

    python benchmarks/dashboard_build.py

Each has 20 quarters of its police measures, a return and a request, as in `report_build.py`.
"""

from __future__ import annotations

import gzip
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from report_build import ROOT, gather_facts


def measure(partnerships: int) -> dict[str, float]:
    """One build: disclosure, readings, pages, HTML."""
    from csp_workflow.dashboard.pages import compile_view
    from csp_workflow.dashboard.parts import Audience
    from csp_workflow.dashboard.writing import write_view, write_whole
    from csp_workflow.report.disclosure import hide_figures
    from csp_workflow.settings import read_page_templates

    facts, templates = gather_facts(partnerships), read_page_templates(ROOT / "config")
    start = time.process_time()
    view = compile_view(hide_figures(facts), Audience.PARTNERSHIP)
    files = write_view(view, templates)
    seconds = time.process_time() - start
    sizes = sorted(map(len, files.values()))
    charts = b"".join(files.values()).split(b"<svg")[1:]
    return {
        "seconds": seconds,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "pages": len(files),
        "median page, kB": sizes[len(sizes) // 2] / 1000,
        "heaviest page, kB": sizes[-1] / 1000,
        "heaviest page packed, kB": max(len(gzip.compress(data)) for data in files.values()) / 1000,
        "a chart, kB": sum(len(one.partition(b"</svg>")[0]) for one in charts) / max(len(charts), 1) / 1000,
        "all in one file, kB": len(write_whole(view, templates)) / 1000 if partnerships <= 30 else 0,
    }


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(json.dumps(measure(int(sys.argv[1]))))
        sys.exit()
    for partnerships in (10, 300):
        done = subprocess.run([sys.executable, __file__, str(partnerships)], check=True, capture_output=True)
        print(f"{partnerships} partnerships")
        for what, value in json.loads(done.stdout).items():
            print(f"  {what:28}{value:12,.1f}")
