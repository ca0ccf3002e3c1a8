"""The Dockerfile, read."""

import re

from tests.image.making import dockerfile
from tests.servers import PROJECT


def test_pdm_is_the_one_that_developers_use() -> None:
    tool = re.compile(r"pdm\[locked\]==[\d.]+")
    assert tool.findall(dockerfile()) == tool.findall((PROJECT / ".bin/setup").read_text())
