"""requirements/install.py with requirements that need no index: none."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from platform_site.config.data_dir import BASE_DIR

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("install")]
NOTHING = "# nothing\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "requirements").mkdir()
    shutil.copy(BASE_DIR / "requirements" / "install.py", tmp_path / "requirements")
    for name in ("base", "otel", "dev"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(NOTHING)
    return tmp_path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venv with pip in it."""
    folder = tmp_path_factory.mktemp("made") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder


@pytest.fixture
def installed(checkout: Path, made: Path) -> Path:
    """A checkout whose .venv holds its base requirements."""
    shutil.copytree(made, checkout / ".venv", symlinks=True)
    shutil.copy(checkout / "requirements" / "base.txt", checkout / ".venv" / "installed-base.txt")
    return checkout


def install(checkout: Path, name: str = "base") -> str:
    command = [sys.executable, str(checkout / "requirements" / "install.py"), name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, cwd="/")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_fresh_checkout_gets_a_venv_once(checkout: Path) -> None:
    assert install(checkout) == "Making .venv\nInstalling requirements/base.txt\n"
    assert (checkout / ".venv" / "bin" / "python").exists()
    assert install(checkout) == ""


def test_changed_requirements_are_installed_into_the_same_venv(installed: Path) -> None:
    assert install(installed) == ""
    (installed / "requirements" / "base.txt").write_text(NOTHING * 2)
    assert install(installed) == "Installing requirements/base.txt\n"


def test_a_half_made_venv_is_begun_anew(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").write_text("half a file")
    assert install(checkout) == "Making .venv\nInstalling requirements/base.txt\n"


def test_a_venv_whose_interpreter_is_gone_is_begun_anew(installed: Path) -> None:
    (installed / ".venv" / "bin" / "python").unlink()
    assert install(installed) == "Making .venv\nInstalling requirements/base.txt\n"


def test_what_contains_others_installs_them_too(installed: Path) -> None:
    (installed / "requirements" / "base.txt").write_text(NOTHING * 2)
    assert install(installed, "dev") == "Installing requirements/dev.txt\n"
    assert install(installed, "base") == ""


def test_two_calls_at_once_make_one_venv(checkout: Path) -> None:
    command = [sys.executable, str(checkout / "requirements" / "install.py"), "base"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = sorted(process.communicate(timeout=600)[0] for process in both)
    assert outputs == ["", "Making .venv\nInstalling requirements/base.txt\n"]


def test_a_requirement_that_cannot_be_had_is_tried_again(installed: Path) -> None:
    (installed / "requirements" / "base.txt").write_text("nothing-like-it @ file:///nowhere/at-all.whl\n")
    command = [sys.executable, str(installed / "requirements" / "install.py"), "base"]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        assert done.returncode == 1
        assert "pip can't install requirements/base.txt" in done.stderr
