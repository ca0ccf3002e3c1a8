"""Mail: a server that takes it, and what the board hands over."""
