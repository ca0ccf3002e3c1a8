"""A pin as others get it: on its message, which is shown anew."""

from dataclasses import replace

from service.messages import shown
from service.pins import pins
from service.web.render import Look

noun = replace(shown.noun, kinds=frozenset({"pinned"}))
look = Look(filters={"pin": pins.of})
