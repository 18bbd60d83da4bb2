"""What says nothing in people's mail, by the lists that come with the program."""

from __future__ import annotations

import tomllib
from pathlib import Path

from csp_workflow.settings.site_files import WordsFile
from csp_workflow.terms.messages import Courtesies

_FILE = Path(__file__).resolve().parents[2] / "config" / "words.toml"
COURTESIES = Courtesies(**WordsFile.model_validate(tomllib.loads(_FILE.read_text("utf-8"))).model_dump())
