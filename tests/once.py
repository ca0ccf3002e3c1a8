"""What an application makes as it starts, made once for all the applications of a test process."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import cache, partialmethod
from pathlib import Path
from types import CodeType

import jinja2
import pytest
from jinja2.bccache import Bucket

from service.base import hashed
from service.base.assets import folder


class Compiled(jinja2.BytecodeCache):
    """Templates as they were compiled, by their names and their text."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code:
            self.kept[bucket.key, bucket.checksum] = bucket.code


@contextmanager
def made() -> Generator[None]:
    """Keep compiled templates and hashed files until the block ends: they take 40 ms each time."""
    static, read = folder("static"), hashed.read
    ours = cache(lambda: read(static))

    def read_once(root: Path) -> dict[str, hashed.Asset]:
        return ours() if root == static else read(root)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashed, "read", read_once)
        made = partialmethod(jinja2.Environment.__init__, bytecode_cache=Compiled())
        patch.setattr(jinja2.Environment, "__init__", made)
        yield
