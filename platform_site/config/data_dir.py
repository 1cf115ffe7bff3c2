"""What the platform keeps on disk beside its database: keys, the first login, the running Redis's address."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from common.crypto import new_key
from platform_site.config.env import Reader, SettingError

BASE_DIR = Path(__file__).resolve().parents[2]
VARIABLE = "PLATFORM_DATA_DIR"


def data_dir(env: Reader) -> Path:
    """Relative to the checkout, wherever a command is called: all processes must find the same."""
    return BASE_DIR / Path(env.text(VARIABLE, default=".data")).expanduser()


def prepare(folder: Path) -> None:
    """Makes the folder, for its owner only; raises SettingError where nothing can be written in it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise SettingError(VARIABLE, f"{folder} can't be written: {error.strerror}") from None


def make_keys(folder: Path) -> None:
    """Make the keys of a new data dir, before the settings load: they refuse to without keys."""
    prepare(folder)
    keep_once(folder, "secret-key", secrets.token_urlsafe(50))
    keep_once(folder, "encryption-keys", new_key())


def kept(folder: Path, name: str) -> str:
    """The file's text, "" where there is none."""
    path = folder / name
    return path.read_text().strip() if path.is_file() else ""


def keep(folder: Path, name: str, text: str) -> None:
    """Writes the file whole or not at all, mode 0600 from its first byte."""
    fd, temporary = tempfile.mkstemp(prefix=f".{name}-", dir=folder)
    with os.fdopen(fd, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(fd)
    os.replace(temporary, folder / name)


def keep_once(folder: Path, name: str, text: str) -> str:
    """What the file already says, else `text`, kept from now on."""
    found = kept(folder, name)
    if not found:
        keep(folder, name, text)
    return found or text
