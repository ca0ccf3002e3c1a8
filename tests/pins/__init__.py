"""Pins: a noun as one is added, as CONTRIBUTING tells; only its test registers it."""
