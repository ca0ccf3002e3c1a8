"""What everything stands on: settings, errors, time, text, files; no request, no database."""
