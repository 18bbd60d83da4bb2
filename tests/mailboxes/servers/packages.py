"""Debian's packages of servers that it lets nobody install side by side, each set unpacked into a folder of its own."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

STORED = Path("/var/cache/csp-workflow-tests")
"""Where they are kept from one run to the next."""

NEWER = "bookworm-backports"
"""Where Debian 12 has what its own OpenSMTPD cannot do: TLS, with the OpenSSL that it comes with."""

_SYSTEM = Path("/etc/apt/sources.list")
_ARCHIVE = re.compile(r"^(?:deb\s+(?:\[.*?\]\s*)?|URIs:\s*)(?P<url>\S+/debian/?)(?:\s|$)", re.MULTILINE)
"""Where this machine gets Debian's own packages from, in either way of writing it down."""


def unpack_packages(name: str, packages: Sequence[str], *, fetch: bool = False) -> Path:
    """The folder with these packages, and with those they need that this machine has not. Raises OSError.

    They are fetched in CI, or where that is asked for: a first run of the tests downloads nothing of its own accord.
    """
    if not (fetch or os.environ.get("CI") or (STORED / name).is_dir()):
        raise OSError("not unpacked; as root run: python -m tests.mailboxes.servers")
    if os.geteuid() or not shutil.which("apt-get"):
        raise OSError("only root can unpack and run them, with Debian's packages")
    STORED.mkdir(parents=True, exist_ok=True)
    unpacked = STORED / name
    with (STORED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers of one run come at the same time
        if not unpacked.is_dir():
            try:
                _fetch(packages, unpacked)
            except subprocess.CalledProcessError as fault:
                raise OSError(f"{fault.cmd[0]}: {fault.stderr.decode(errors='replace').strip()[-500:]}") from fault
    return unpacked


def _fetch(packages: Sequence[str], unpacked: Path) -> None:
    work = STORED / "work"
    shutil.rmtree(work, ignore_errors=True)
    for folder in ("lists/partial", "got", "root/usr/lib"):
        (work / folder).mkdir(parents=True)
    # The machine's own lists and sources stay as they are.
    own = _SYSTEM.read_text() if _SYSTEM.is_file() else ""
    listed = (own, *(file.read_text() for file in sorted(Path("/etc/apt/sources.list.d").glob("*")) if file.is_file()))
    archive = next((found["url"] for text in listed if (found := _ARCHIVE.search(text))), None)
    if archive is None:
        raise OSError("this machine has no archive of Debian's packages")
    sources = work / "sources.list"
    sources.write_text(f"{own}\ndeb {archive} {NEWER} main\n")
    apt = ("apt-get", "-qq", "-o", f"Dir::Etc::sourcelist={sources}", "-o", f"Dir::State::lists={work}/lists")
    _ask(*apt, "update")
    planned = _ask(*apt, "install", "--simulate", "--no-install-recommends", *packages)
    # "Inst name (version": a package that is here already says its own version before the new one.
    rows = [line.split() for line in planned.splitlines()]
    needed = [row[1] for row in rows if row[0] == "Inst" and row[2].startswith("(")]
    newer = [name for name in packages if "/" in name]
    _ask(*apt, "download", *newer, *(set(needed) - {name.partition("/")[0] for name in newer}), place=work / "got")
    (work / "root" / "lib").symlink_to("usr/lib")
    for package in (work / "got").iterdir():
        _ask("sh", "-c", f"dpkg-deb --fsys-tarfile {package} | tar -x --keep-directory-symlink", place=work / "root")
    (work / "root").rename(unpacked)
    shutil.rmtree(work)


def _ask(*words: str, place: Path | None = None) -> str:
    return subprocess.run(words, check=True, capture_output=True, cwd=place).stdout.decode()
