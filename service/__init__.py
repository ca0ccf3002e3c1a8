"""HTMX-FastAPI Service: a self-hosted live message board."""

__version__ = "0.6.2"
