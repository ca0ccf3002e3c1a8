"""What admins decide of the board: its page."""
