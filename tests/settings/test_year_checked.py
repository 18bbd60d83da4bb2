"""What config check says of a year: whose paper is of it, and what its last quarter asks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from csp_workflow import settings
from csp_workflow.terms.service import ConfigInvalid

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "calendar.toml",
            'day = 2015-07-09\nquarter = "2014/15-Q4"',
            'day = 2015-07-09\nquarter = "2014/15-Q3"',
            "A yearly paper is of the four quarters that end with 2014/15-Q4",
        ),
        ("calendar.toml", "yearly = true\n", "", "a heading of kind 'year', which is of four quarters"),
        (
            "framework-2014-15.toml",
            'ref = "Y2"\ntitle = "What did not',
            'ref = "Y1"\ntitle = "What did not',
            "year_end.texts[Y1] stands twice",
        ),
        ("framework-2014-15.toml", 'ref = "Y2"\ntitle = "What did not', 'ref = "T2"\ntitle = "What did not', "ref"),
    ],
)
def test_a_fault_is_told_with_what_to_write(tmp_path: Path, file: str, old: str, new: str, expected: str) -> None:
    place = shutil.copytree(CONFIG, tmp_path / "config")
    text = (place / file).read_text(encoding="utf-8")
    assert old in text
    (place / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigInvalid) as said:
        settings.load(place, environment={})
    assert expected in str(said.value)
