"""Files that appear whole under their name, or not at all."""

from pathlib import Path

import pytest

from service.base import files
from service.base.errors import Conflict


def refuse(*_: object) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_what_appears_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    target = tmp_path / "saved.zip"
    said = r"saved.zip is there already; it was left as it is\.$"
    with pytest.raises(Conflict, match=said), files.new_file(target):
        target.write_text("theirs")
    assert target.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("links", [True, False])
def test_a_file_gets_its_name_with_and_without_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", refuse)
    target = tmp_path / "saved.zip"
    with files.new_file(target) as file:
        file.write(b"ours")
    assert target.read_text() == "ours"
    assert target.stat().st_nlink == 1
    assert list(tmp_path.iterdir()) == [target]
