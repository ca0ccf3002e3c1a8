"""What `board doctor` looks at, one module per subject.

A check yields its findings, a line each: what is wrong, what to do. It returns a few words on what
it saw, for the line of a check that found nothing.
"""
