"""Bots: made by admins, each somebody's."""
