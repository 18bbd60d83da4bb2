"""Every check in one command: lint, format, types, import contracts, then the tests.

Run as `.venv/bin/python tests/check.py`; more words go to pytest (`tests/check.py --sweep -k chase`).
With CI=true it first installs from Debian what the full tests need, and measures which branches of the rules they
reach. With --sweep it ends with mutation testing of the rules.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
DEBIAN = (
    "chromium",
    "libreoffice-writer-nogui",
    "libreoffice-calc-nogui",
    "poppler-utils",
    "fonts-liberation",
    "postgresql",
    "dovecot-imapd",
    "dovecot-lmtpd",
    "dovecot-sieve",
    "postfix",
)


def prepare() -> None:
    """In CI: install the real servers and programs that the full tests drive."""
    has_postgresql = any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not has_postgresql or not all(map(shutil.which, ("chromium", "soffice", "dovecot", "postfix"))):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", *DEBIAN], check=True, env=quiet, stdout=subprocess.DEVNULL)
    subprocess.run([sys.executable, "-m", "tests.mailboxes.servers"], check=True, cwd=ROOT)


def checks(words: list[str], *, in_ci: bool) -> Iterator[tuple[str, list[str]]]:
    """What is run, in order, by name; `words` go to pytest."""
    yield "lint", ["ruff", "check", "."]
    yield "format", ["ruff", "format", "--check", "."]
    yield "types", ["mypy"]
    yield "import contracts", ["lint-imports"]
    yield "tests", ["pytest", *(["--cov"] if in_ci else []), "-q", "-n", "2", *words]
    if "--sweep" in words:
        yield "mutation", ["python", "-m", "tests.house.mutation"]


def main() -> int:
    """Run every check; the exit code is 1 when any failed. Without --sweep the tests' own closing line comes last."""
    if os.environ.get("CI"):
        prepare()
    failed = []
    for name, command in checks(sys.argv[1:], in_ci=bool(os.environ.get("CI"))):
        sys.stdout.write(f"== {name}\n")
        sys.stdout.flush()
        if subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, check=False).returncode:
            failed.append(name)
    if failed:
        sys.stderr.write(f"Failed: {', '.join(failed)}.\n")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
