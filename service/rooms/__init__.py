"""Rooms: open and private ones, direct messages, and who is in them."""
