"""Devices: what a session's User-Agent header is called where its user sees it."""

MAX_PROGRAM = 40  # characters of a program's name that are shown
# What a User-Agent header holds, and the name people know it by; the first match counts.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"))
BROWSERS += (("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"))
SYSTEMS += (("Mac OS X", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))


def name(user_agent: str) -> str:
    """Return a User-Agent header in words: Firefox on Linux, or the program's own name."""
    browser = next((known for mark, known in BROWSERS if mark in user_agent), "")
    system = next((known for mark, known in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return user_agent.partition("/")[0][:MAX_PROGRAM] or "Unknown device"
