"""Passkeys: keys of people's devices, in place of a password and as a second factor."""
