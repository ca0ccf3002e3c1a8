"""Threads: a message and the replies to it, beside the others of its room."""
