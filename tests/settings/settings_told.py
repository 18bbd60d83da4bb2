"""A copy of the real configuration, to be broken by one edit at a time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from csp_workflow import settings
from csp_workflow.terms.service import ConfigInvalid
from csp_workflow.terms.site import Service, Site

CONFIG = Path(__file__).resolve().parents[2] / "config"
FRAMEWORK = "framework-2014-15.toml"


class Folder:
    """A site's config folder in a test's own directory."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "config"
        shutil.copytree(CONFIG, self.path)

    def edit(self, file: str, old: str, new: str) -> Folder:
        """Replace the first `old` in a file; it must be there."""
        text = (self.path / file).read_text("utf-8")
        assert old in text, f"{file} holds no {old!r}"
        (self.path / file).write_text(text.replace(old, new, 1), "utf-8")
        return self

    def append(self, file: str, text: str) -> Folder:
        """Add lines at the end of a file."""
        with (self.path / file).open("a", encoding="utf-8") as handle:
            handle.write("\n" + text)
        return self

    def load(self, **environment: str) -> tuple[Site, Service]:
        """Load it, with these environment variables and no others."""
        return settings.load(self.path, environment=environment)

    def faults(self, **environment: str) -> tuple[str, ...]:
        """Every fault; the configuration must have one."""
        with pytest.raises(ConfigInvalid) as caught:
            self.load(**environment)
        return caught.value.faults
