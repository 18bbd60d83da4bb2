"""Exit codes, documented and stable."""

from __future__ import annotations

DONE = 0
FAILED = 1
USAGE = 2
CONFIGURATION = 3
PRECONDITION = 4
PARTLY = 5
LOCK_HELD = 6
TRY_LATER = 75
