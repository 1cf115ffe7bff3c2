"""A data folder of QingLong, opened: its database and its scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from platform_site.importing.qinglong.database import Database, open_database
from platform_site.importing.scripts.folder import ScriptFolder
from platform_site.importing.source import SourceError, source_key

DATABASE, SCRIPTS = "db/database.sqlite", "scripts"


@dataclass(frozen=True)
class QingLong:
    key: str
    database: Database
    scripts: ScriptFolder


@contextmanager
def open_folder(path: Path, zone: tzinfo, known_as: str) -> Iterator[QingLong]:
    """Open the data folder, or the folder that contains it as `data`. Raises SourceError."""
    root = path.resolve()
    root = root if (root / DATABASE).exists() else root / "data"
    file, scripts = (root / DATABASE).resolve(), (root / SCRIPTS).resolve()
    if not file.is_relative_to(root) or not file.is_file():
        raise SourceError(f"{path} is not QingLong's data folder: it contains no {DATABASE}.")
    if not scripts.is_relative_to(root):
        raise SourceError(f"{path} is not QingLong's data folder: its {SCRIPTS} are elsewhere.")
    key = source_key(known_as or "qinglong", known_as or str(root))
    with open_database(file, zone) as database:
        yield QingLong(key, database, ScriptFolder(scripts))
