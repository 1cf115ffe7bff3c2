"""A file's mode, owner and times can't be changed, but a script learns whether the file is there."""

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
