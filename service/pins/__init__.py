"""Pins: messages that everybody in a room should find again, put up by whoever may post."""
