"""The analysis edge: figures in pandas, out of the store and never back into it."""
