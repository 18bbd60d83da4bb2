"""The archive: bytes under their hash, whole or not at all, and never changed."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csp_workflow.archive import Archive
from csp_workflow.terms.faults import DiskFull


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=2000))
def test_what_was_kept_is_fetched_by_its_hash(tmp_path: Path, data: bytes) -> None:
    archive = Archive(tmp_path / "archive")
    name = archive.keep(data)
    assert name == archive.keep(data) == sha256(data).hexdigest()
    assert archive.fetch(name) == data


def test_files_lie_under_the_beginning_of_their_hash(tmp_path: Path) -> None:
    name = Archive(tmp_path).keep(b"x")
    assert (tmp_path / name[:2] / name[2:]).read_bytes() == b"x"


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "", "ab"])
def test_what_was_never_kept_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyError):
        Archive(tmp_path).fetch(name)


def test_a_file_that_was_changed_is_noticed(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    name = archive.keep(b"as it was")
    (tmp_path / name[:2] / name[2:]).write_bytes(b"as it is!")
    with pytest.raises(ValueError, match="not what was kept"):
        archive.fetch(name)


def test_a_file_cut_short_is_kept_anew(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    name = archive.keep(b"as it was")
    (tmp_path / name[:2] / name[2:]).write_bytes(b"as")
    assert archive.keep(b"as it was") == name
    assert archive.fetch(name) == b"as it was"


def test_a_full_disk_keeps_nothing_and_leaves_no_half_file(tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        archive = Archive(tmp_path)
        with pytest.raises(DiskFull):
            archive.keep(b"x" * 200_000)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
        assert archive.fetch(archive.keep(b"small")) == b"small"
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)
