"""Reactions as others get them: on their message, which is shown anew."""

from dataclasses import replace

from service.messages import shown
from service.reactions.palette import PALETTE
from service.web.render import Look

noun = replace(shown.noun, kinds=frozenset({"reacted"}))
look = Look(shared={"palette": PALETTE})
