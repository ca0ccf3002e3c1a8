"""HTMX-FastAPI Service: a self-hosted live message board."""

__version__ = "0.5.1"
