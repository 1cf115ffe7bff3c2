"""The file that `manage.py dumpdata django_celery_beat` writes. It is the same for every database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any

from platform_site.importing.old_row import OldRow, read_json
from platform_site.importing.source import SourceError, source_key

MAX_BYTES = 64 << 20
APP, TASK = "django_celery_beat.", "periodictask"


@dataclass(frozen=True)
class Dump:
    """The rows of each table, by its model's name in lower case and by their ids."""

    key: str
    tables: Mapping[str, Mapping[str, OldRow]]

    def row(self, table: str, old_id: object) -> OldRow | None:
        return self.tables.get(table, {}).get(str(old_id))


def read_dump(path: Path, zone: tzinfo, known_as: str) -> Dump:
    """Read the file. Raises SourceError."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise SourceError(f"{path} takes more than {MAX_BYTES >> 20} MiB.")
        found = read_json(content.decode("utf-8-sig"))
    except OSError as error:
        raise SourceError(f"{path} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise SourceError(f"{path} is not valid JSON: {error}") from error
    tables: dict[str, dict[str, OldRow]] = {TASK: {}}
    for table, old_id, fields in _rows(found):
        tables.setdefault(table, {})[str(old_id)] = OldRow(table, old_id, fields, zone)
    if not tables[TASK]:
        raise SourceError(
            f"{path} contains no periodic tasks: write it by manage.py dumpdata django_celery_beat."
        )
    return Dump(source_key(known_as or path.stem, known_as or str(path.resolve())), tables)


def _rows(found: Any) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    for entry in found if isinstance(found, list) else ():
        match entry:
            case {"model": str(model), "pk": int() | str() as old_id, "fields": dict(fields)} if (
                model.startswith(APP)
            ):
                yield model.removeprefix(APP), old_id, {name: _as_column(v) for name, v in fields.items()}


def _as_column(value: Any) -> Any:
    """Return a value as a database would give it: lists and objects as JSON."""
    return json.dumps(value) if isinstance(value, list | dict) else value
