"""Raw mail and values: what a message says, whatever its program made of it. Nothing here knows a partnership."""
