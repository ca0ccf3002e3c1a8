"""Unread: what has come to the rooms of somebody since they read there."""
