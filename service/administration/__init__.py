"""The board itself, for its admins: how it is, and a backup of it."""
