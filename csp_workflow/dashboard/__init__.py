"""The dashboard: what the papers say, as pages that open anywhere, in their words and under their rules."""
