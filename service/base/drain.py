"""The drain: what a process does between being told to stop and stopping."""


class Drain:
    """Whether it has begun: nothing new is taken on, and answers close their connections."""

    begun = False
