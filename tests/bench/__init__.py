"""How fast a large board is: `pdm run bench`."""
