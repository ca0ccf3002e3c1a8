"""What tells whether the board is well."""
