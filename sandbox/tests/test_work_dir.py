from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.host.work_dir import is_too_large, remove_tree


def _dig(directory: Path, depth: int, name: str = "d") -> None:
    """Level by level: a path this long can't be named at once."""
    here = os.open(directory, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("leaf", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)


@pytest.mark.parametrize("name", ["d" * 255, "中"])
def test_a_tree_of_three_thousand_levels_is_removed(tmp_path: Path, name: str) -> None:
    work = tmp_path / "work"
    work.mkdir()
    _dig(work, 3000, name)
    remove_tree(str(work))
    assert not work.exists()


def test_what_links_point_to_stays(tmp_path: Path) -> None:
    outside, work = tmp_path / "outside", tmp_path / "work"
    (work / "below").mkdir(parents=True)
    outside.mkdir()
    (outside / "file").write_text("kept")
    (work / "link").symlink_to(outside)
    (work / "below" / "link").symlink_to(outside)
    remove_tree(str(work))
    assert not work.exists()
    assert (outside / "file").read_text() == "kept"


def test_a_link_in_place_of_the_work_dir_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "work").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match="directory"):
        remove_tree(str(tmp_path / "work"))
    assert (tmp_path / "outside").is_dir()


def test_closed_directories_are_removed(tmp_path: Path) -> None:
    work = tmp_path / "work"
    (work / "a" / "b" / "c").mkdir(parents=True)
    for path in (work / "a" / "b" / "c", work / "a" / "b", work / "a"):
        path.chmod(0o000)
    remove_tree(str(work))
    assert not work.exists()


def test_a_work_dir_that_is_gone_is_no_fault(tmp_path: Path) -> None:
    remove_tree(str(tmp_path / "never"))


def test_bytes_are_counted(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * (1 << 20))
    assert not is_too_large(str(tmp_path), disk_mb=2)
    (tmp_path / "second").write_bytes(b"x" * (1 << 20) + b"x")
    assert is_too_large(str(tmp_path), disk_mb=2)


def test_entries_are_counted(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / str(number)).touch()
    assert is_too_large(str(tmp_path), disk_mb=1, max_entries=4)
    assert not is_too_large(str(tmp_path), disk_mb=1, max_entries=5)


def test_a_tree_too_deep_to_be_counted_is_over(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    _dig(work, 20, "d" * 255)
    assert is_too_large(str(work), disk_mb=1000)
    remove_tree(str(work))
