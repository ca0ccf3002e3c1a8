"""Open pages: the hub that feeds them, and their streams."""
