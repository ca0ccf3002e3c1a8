"""Builds the one file that runs the board anywhere: `python -m infra.onefile`."""
