"""Chase: who is late, which letter is due now, to whom; approvals, closing, and what keeps all of it quiet."""
