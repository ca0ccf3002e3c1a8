"""Second factors, on one's own account page: set up, renewed, turned off."""
