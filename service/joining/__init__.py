"""Joining the board: as the first admin, or by invitation."""
