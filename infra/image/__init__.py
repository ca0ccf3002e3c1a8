"""Gathers what the image holds, in the Dockerfile: `python -m infra.image FOLDER`."""
