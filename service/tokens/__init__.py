"""API tokens: made by people for their programs, listed, revoked."""
