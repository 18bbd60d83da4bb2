"""Whatever is done to a configuration, `load` gives a site or says what is wrong; it never breaks."""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from datetime import date, time
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from settings_told import CONFIG

from csp_workflow.settings import load
from csp_workflow.terms.service import ConfigInvalid

FILES = sorted(path.name for path in CONFIG.glob("*.toml"))
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=True),
    st.text(max_size=12),
    st.sampled_from(["", "2014/15-Q2", "9999/00", "count", "E22000165", "speb", "{braces}", "%s"]),
    st.dates(date(1, 1, 1), date(9999, 12, 31)),
    st.just(time(12, 0)),
    st.just([]),
    st.just({}),
    st.lists(st.integers(), max_size=2),
)


def _paths(data: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at] if at else []
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, child in children:
        found += _paths(child, (*at, key))
    return found


def _toml(data: Any) -> str:
    if isinstance(data, dict):
        return "{" + ", ".join(f"{_text(str(key))} = {_toml(value)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(_toml(value) for value in data) + "]"
    if isinstance(data, bool):
        return str(data).lower()
    return _text(data) if isinstance(data, str) else str(data)


def _text(text: str) -> str:
    return '"' + "".join(f"\\U{ord(c):08x}" if c in '"\\' or ord(c) < 32 or ord(c) == 127 else c for c in text) + '"'


def _file(data: dict[str, Any]) -> str:
    return "\n".join(f"{_text(str(key))} = {_toml(value)}" for key, value in data.items())


def _loads_or_says_why(changed: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory) / "config"
        shutil.copytree(CONFIG, folder)
        for name, content in changed.items():
            (folder / name).write_bytes(content)
        sentences = _faults(folder)
        assert sentences is None or (sentences and all(sentence.strip(": ") for sentence in sentences))


def _faults(folder: Path) -> tuple[str, ...] | None:
    try:
        load(folder, environment={})
    except ConfigInvalid as fault:
        return fault.faults
    return None


@settings(max_examples=120)
@given(st.data())
def test_a_changed_value_or_key_never_breaks_the_loading(data):
    name = data.draw(st.sampled_from(FILES))
    content = tomllib.loads((CONFIG / name).read_text("utf-8"))
    paths = _paths(content)
    if paths:
        *before, last = data.draw(st.sampled_from(paths))
        place = content
        for step in before:
            place = place[step]
        value = data.draw(VALUES)
        if data.draw(st.booleans()) and isinstance(place, dict):
            place[f"{last}x"] = place.pop(last)
        elif value is None:
            del place[last]
        else:
            place[last] = value
    _loads_or_says_why({name: _file(content).encode("utf-8", "surrogatepass")})


@settings(max_examples=60)
@given(st.sampled_from([*FILES, "bank-holidays.csv"]), st.binary(max_size=40), st.integers(0, 4000))
def test_bytes_thrown_into_a_file_never_break_the_loading(name, thrown, at):
    content = (CONFIG / name).read_bytes()
    _loads_or_says_why({name: content[:at] + thrown + content[at:]})
