"""Reset links: a new password for whoever has lost the old one."""
