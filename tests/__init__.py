"""The tests. What they run is compiled once and kept, though the machine may ask to keep nothing.

Else each worker, and each of some hundred processes that the tests start, compiles every file anew.
"""

import os
import sys

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
