"""What says nothing in people's mail, and what else it may be about, by the lists that come with the program."""

from __future__ import annotations

import tomllib
from pathlib import Path

from csp_workflow.settings.assemble import assemble_topics
from csp_workflow.settings.site_files import TopicsFile, WordsFile
from csp_workflow.terms.messages import Courtesies, Topics

_FILE = Path(__file__).resolve().parents[2] / "config" / "words.toml"
COURTESIES = Courtesies(**WordsFile.model_validate(tomllib.loads(_FILE.read_text("utf-8"))).model_dump())


def read_topics() -> Topics:
    """What else mail may be about, by the lists that come with the program."""
    return assemble_topics(TopicsFile.model_validate(tomllib.loads((_FILE.parent / "topics.toml").read_text("utf-8"))))


TOPICS = read_topics()
