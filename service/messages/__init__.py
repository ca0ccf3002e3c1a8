"""Messages: post, edit, delete, read."""
