"""Requests and answers of every kind: what surrounds them, and how they are rendered."""
