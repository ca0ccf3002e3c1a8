"""A pin as others get it: on its message, which is shown anew."""

from dataclasses import replace

from service.messages import shown

noun = replace(shown.noun, kinds=frozenset({"pinned", "unpinned"}))
