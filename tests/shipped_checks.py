"""The checks that come with the program."""

from __future__ import annotations

import tomllib
from pathlib import Path

from csp_workflow.settings.assemble import assemble_checks
from csp_workflow.settings.site_files import ChecksFile

_FILE = Path(__file__).parents[1] / "config" / "checks.toml"
SHIPPED = ChecksFile.model_validate(tomllib.loads(_FILE.read_text("utf-8")))
CHECKS = assemble_checks(SHIPPED, ChecksFile())
