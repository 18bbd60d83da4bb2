"""The paper: returns and readings -> contents -> a Word file. Nothing here sends anything."""
