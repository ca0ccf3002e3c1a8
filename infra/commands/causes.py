"""What the engine says of a failure, as sentences."""

import re

FRAME = re.compile(
    r'^(resource "urn:[^"]*" was successfully created, but )?'
    r'the Kubernetes API server reported that ("[^"]*"|it) failed to [^:]*: '
)
NO_CAUSE = re.compile(
    r"\d+ errors? occurred:"
    r"|(update|preview|destroy) failed"
    r"|update canceled|Resource operation was cancelled"  # by us, with a reason
    r"|an unhandled error occurred:"  # which repeats the one before it
    r"|server-side apply field conflict detected"  # whose is said in the next line
    r"|Resource '[^']*' was created but failed to initialize"  # likewise
    r"|.*context canceled$"
    r"|Resource monitor has terminated"
)
REASONS = {
    "configured Kubernetes cluster is unreachable": "The cluster does not answer; is it running?",
    "incorrect passphrase": "The passphrase is not the one that this stack was made with.",
    "passphrase must be set": "The passphrase is not the one that this stack was made with.",
}


def causes(message: str) -> list[str]:
    """Return what a message of the engine's tells, a line for each thing, the first one first."""
    lines = (line.strip().removeprefix("* ").strip() for line in message.splitlines())
    said = (FRAME.sub("", line) for line in lines)
    return [line for line in said if line and not NO_CAUSE.match(line)]


def known(output: str) -> str:
    """Return our own sentence for what an output shows, if there is one."""
    return next((reason for sign, reason in REASONS.items() if sign in output), "")


def sentence(output: str) -> str:
    """Return the one line of an output that names the cause of a failure."""
    errors = re.split(r"^.*?error: ", output, flags=re.MULTILINE)[1:]
    said = [line for error in errors for line in causes(error)]
    return known(output) or (said[0] if said else "Pulumi failed; see above.")
