"""The `csp-workflow` command: `--version` answers at once, everything else is in `cli`."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point. Exit codes are listed in `cli.context`."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from csp_workflow import __version__

        sys.stdout.write(f"csp-workflow {__version__}\n")
        return
    from csp_workflow.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
