"""Mail: what the board writes to people, and the server that takes it."""
