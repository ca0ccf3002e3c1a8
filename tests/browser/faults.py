"""What goes wrong on a page and nobody sees: errors of its console, its scripts, its policy."""

import re

from playwright.sync_api import BrowserContext, ConsoleMessage

WATCH_POLICY = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`));
"""


class Faults:
    """What went wrong on the pages of a test, without what it has allowed."""

    def __init__(self) -> None:
        self.allowed: list[str] = []
        self.seen: list[str] = []

    def allow(self, *patterns: str) -> None:
        self.allowed += patterns

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._hear)
        context.on("weberror", lambda fault: self.seen.append(f"uncaught: {fault.error}"))

    def found(self) -> list[str]:
        return [fault for fault in self.seen if not any(re.search(p, fault) for p in self.allowed)]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.seen.append(f"{message.type}: {message.text} ({message.location['url']})")
