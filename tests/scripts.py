"""The scripts of pyproject.toml: what `pdm run` can do."""

import tomllib

from tests.servers import PROJECT

SCRIPTS = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["pdm"]["scripts"]
