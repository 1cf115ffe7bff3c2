"""What a script does with its own files.

Their mode, owner and times can't be changed, but a script learns whether the file is there.
"""

from __future__ import annotations

import pytest

from sandbox.tests.conftest import Run


@pytest.mark.parametrize(
    "change", ["os.chmod('x', 0o600)", "os.chown('x', -1, -1)", "os.lchown('x', -1, -1)", "os.utime('x')"]
)
def test_a_change_of_a_missing_file_says_so(change: str, run: Run) -> None:
    result = run(
        f"import os\ntry:\n    {change}\nexcept FileNotFoundError as error:\n    result = error.filename"
    )
    assert (result.error, result.result) == ("", "x")


def test_touch_makes_a_file(run: Run) -> None:
    result = run(
        "from pathlib import Path\n"
        "Path('x').touch()\n"
        "Path('x').touch()\n"
        "Path('x').chmod(0o600)\n"
        "result = Path('x').read_text()"
    )
    assert (result.error, result.result) == ("", "")


def test_copies_and_archives_are_made(run: Run) -> None:
    """They change modes and times as well, in several ways."""
    result = run(
        "import os, shutil, tarfile\n"
        "os.mkdir('folder')\n"
        "open('folder/a', 'w').write('text')\n"
        "shutil.copytree('folder', 'copy')\n"
        "with tarfile.open('all.tar', 'w') as archive:\n"
        "    archive.add('copy')\n"
        "tarfile.open('all.tar').extractall('out', filter='data')\n"
        "result = open('out/copy/a').read()"
    )
    assert (result.error, result.result) == ("", "text")


def test_a_mapped_file_is_written(run: Run) -> None:
    result = run(
        "import mmap\n"
        "open('x', 'w').write('a line')\n"
        "with open('x', 'r+b') as file, mmap.mmap(file.fileno(), 0) as mapped:\n"
        "    mapped[0:1] = b'A'\n"
        "    mapped.flush()\n"
        "result = open('x').read()"
    )
    assert (result.error, result.result) == ("", "A line")
