"""Reactions: an emoji of a palette on a message, by whoever may post."""
