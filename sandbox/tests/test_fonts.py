"""Matplotlib finds a font with Chinese, if the host has one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.guest.fonts import DIRECTORY, configuration_in, configure
from sandbox.tests.conftest import Run


@pytest.fixture
def packages(tmp_path: Path) -> list[str]:
    (tmp_path / "packages" / "matplotlib").mkdir(parents=True)
    return [str(tmp_path / "packages")]


def _configured(work_dir: Path, packages: list[str], font: str) -> str | None:
    fonts = work_dir / "fonts" / "truetype"
    fonts.mkdir(parents=True)
    (fonts / font).touch()
    configure(str(work_dir), packages, str(work_dir / "fonts"))
    file = Path(configuration_in(str(work_dir)), "matplotlibrc")
    return file.read_text() if file.exists() else None


def test_what_the_usual_font_lacks_is_taken_from_one_with_chinese(
    tmp_path: Path, packages: list[str]
) -> None:
    text = _configured(tmp_path, packages, "wqy-microhei.ttc")
    assert text is not None
    assert "font.family: DejaVu Sans, WenQuanYi Micro Hei\n" in text


def test_nothing_is_configured_without_such_a_font_or_without_matplotlib(
    tmp_path: Path, packages: list[str]
) -> None:
    assert _configured(tmp_path / "a", packages, "DejaVuSans.ttf") is None
    assert _configured(tmp_path / "b", [str(tmp_path)], "wqy-microhei.ttc") is None


def test_scripts_can_read_the_hosts_fonts(run: Run) -> None:
    source = f"import os\nresult = [os.environ['MPLCONFIGDIR'], sorted(os.listdir({DIRECTORY!r}))]"
    if not os.path.isdir(DIRECTORY):
        assert "FileNotFoundError" in run(source).error
        return
    assert run(source).result == ["/box/work/.matplotlib", sorted(os.listdir(DIRECTORY))]
