"""Collects what is wrong with a configuration as sentences: file, key, what it is, what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from csp_workflow.terms.faults import ConfigInvalid


class Faults:
    """Every fault found so far, in the order of the files. Nothing stops at the first."""

    def __init__(self, config_dir: Path) -> None:
        self._folder = config_dir.name or str(config_dir)
        self._sentences: list[str] = []

    def add(self, file: str, sentence: str) -> None:
        """Note a fault of a file; the sentence begins with the key."""
        self._note(f"{self._folder}/{file}: {sentence}")

    def add_about_folder(self, sentence: str) -> None:
        """Note a fault of the folder itself, or of the environment."""
        self._note(sentence)

    def raise_any(self) -> None:
        """Raise ConfigInvalid when there is any fault."""
        if self._sentences:
            raise ConfigInvalid(tuple(self._sentences))

    def _note(self, sentence: str) -> None:
        if sentence not in self._sentences:
            self._sentences.append(sentence)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like the one written, or ""."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), "")


def instead(word: str, known: Iterable[str]) -> str:
    """What to suggest for an unknown word: " Did you mean X?", or all known ones when they are few, or ""."""
    words = list(dict.fromkeys(known))
    near = nearest(word, words)
    if near:
        return f" Did you mean {near}?"
    return f" Known are {', '.join(words)}." if 0 < len(words) <= 20 else ""
