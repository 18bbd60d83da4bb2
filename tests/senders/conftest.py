"""A quarter sent out once, as the stories have it."""

from __future__ import annotations

from tests.story.conftest import sent_out, site

__all__ = ["sent_out", "site"]
