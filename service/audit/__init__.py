"""The audit log, read: as a page, and as a table."""
