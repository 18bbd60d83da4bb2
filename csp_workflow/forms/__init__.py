"""The workbooks a respondent fills in: their layout said once, written by one module, read by another."""
