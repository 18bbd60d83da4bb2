"""What 300 request packs cost (workbook and letter), and whether it grows with the partnerships.

    python benchmarks/request_packs.py [PARTNERSHIPS]

A tenth of the packs is made first, then all: ten times the work should take ten times as long.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from csp_workflow import settings
from csp_workflow.letters import render
from csp_workflow.mail.compose import compose_message, derive_message_id
from csp_workflow.rehearsal.staging import site_for
from csp_workflow.request import proof
from csp_workflow.request.calendar import plan_quarter
from csp_workflow.terms.dates import Quarter, london
from csp_workflow.terms.site import RespondentKind
from csp_workflow.terms.status import CycleStatus

CONFIG = Path(__file__).resolve().parents[1] / "config"
Q2 = Quarter.parse("2014/15-Q2")
KEY = b"k" * 32


def seconds(partnerships: int) -> float:
    """Forms, workbooks, letters and their final bytes for so many partnerships."""
    site = site_for(CONFIG, partnerships=partnerships)
    dates = plan_quarter(Q2, site)
    now = london(dates.open, site.window.opens)
    templates = render.environment(settings.read_templates(CONFIG))
    start = time.perf_counter()
    facts = proof.OpeningFacts(
        site=site, quarter=Q2, dates=dates, status=CycleStatus(quarter=Q2), figures=(), key=KEY, templates=templates
    )
    laid = proof.lay_out_mailing(facts, dates, frozenset({RespondentKind.PARTNERSHIP}), now)
    for letter in proof.write_letters(laid, site, dates):
        words = render.render(letter, site.office, environment=templates)
        ident = derive_message_id(letter.kind, letter.cause, letter.recipient, key=KEY, domain="opcc.example")
        compose_message(render.address_letter(letter, words, office=site.office, message_id=ident, date=now))
    return time.perf_counter() - start


if __name__ == "__main__":
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    fewer = max(many // 10, 1)
    few, whole = seconds(fewer), seconds(many)
    print(f"{fewer} packs: {few:.2f} s; {many} packs: {whole:.2f} s, {whole / few:.1f} times as long")
