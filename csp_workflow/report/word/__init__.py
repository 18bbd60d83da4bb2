"""A paper's contents as a Word file: the base carries every look, this package fills it."""
