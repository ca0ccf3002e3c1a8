"""What the program is called where somebody has to type it."""

import sys

PROGRAM = "htmx-fastapi-service" if getattr(sys, "frozen", False) else "board"
