"""The shapes of what is stored as a document, each with a name and a version, apart from the code's own values.

A shape is never changed: a new one gets the next version, a loader of its own stands beside the others, and what was
written before is still read by the loader of its version. An unknown key or a missing one is an error.
"""

from __future__ import annotations


class DocumentUnreadable(ValueError):
    """A stored document is not of the shape that its version says."""
