"""The files that the platform keeps beside its database: keys, the first login, the running Redis's address."""

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
    """Return the data directory. A relative path counts from the checkout, so that all processes find the same."""
    return BASE_DIR / Path(env.text(VARIABLE, default=".data")).expanduser()


def prepare(folder: Path) -> None:
    """Make the folder, for its owner only. Raises SettingError where nothing can be written in it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise SettingError(VARIABLE, f"{folder} can't be written: {error.strerror}") from None


def make_keys(folder: Path) -> None:
    """Make the keys of a new data dir. Call it before the settings load: they refuse to load without keys."""
    prepare(folder)
    write_file_once(folder, "secret-key", secrets.token_urlsafe(50))
    write_file_once(folder, "encryption-keys", new_key())


def read_file(folder: Path, name: str) -> str:
    """Return the file's text, "" where there is no such file."""
    path = folder / name
    return path.read_text().strip() if path.is_file() else ""


def write_file(folder: Path, name: str, text: str) -> None:
    """Write the file whole or not at all, with mode 0600 from its first byte."""
    fd, temporary = tempfile.mkstemp(prefix=f".{name}-", dir=folder)
    with os.fdopen(fd, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(fd)
    os.replace(temporary, folder / name)


def write_file_once(folder: Path, name: str, text: str) -> str:
    """Return what the file holds; where it is missing or empty, write `text` and return that."""
    found = read_file(folder, name)
    if not found:
        write_file(folder, name, text)
    return found or text
