"""What is mine: all of it to take along, and the end of my account."""
