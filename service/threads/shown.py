"""What is said of a thread on its root, which is shown anew with each reply that comes or goes."""

from dataclasses import replace

from service.messages import shown
from service.threads import threads
from service.web.render import Look

noun = replace(shown.noun, kinds=frozenset({"replied"}))
look = Look(filters={"replies": threads.of})
