"""The database: its two kinds, the tables, the event log, the numbered steps."""
