"""Pages, endpoints, commands and importers only ask: acts do it, with its rules, its transaction and its audit row."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from platform_site.config.data_dir import BASE_DIR

DOORS = ("*/admin/*.py", "*/api/*.py", "platform_site/management/**/*.py", "platform_site/importing/*.py")
WRITES = {
    "save",
    "delete",
    "create",
    "update",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}
# What only an importer may set: when a row was made in the old system, and how its last run went there.
OF_THE_OLD_SYSTEM = {
    "type(new_row)._default_manager.filter(pk=new_row.pk).update",
    "self.origins.remember",
} | {"ScheduledTask.objects.filter(pk=task.pk).update"}


def doors() -> list[Path]:
    return sorted({path for door in DOORS for path in BASE_DIR.glob(door)})


def written_itself(path: Path) -> Iterator[str]:
    """Yield each call by which a file writes rows past the acts, or an audit row that is the act's to write."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        called = ast.unparse(node.func)
        writes_rows = node.func.attr in WRITES and ("objects." in called or "_manager." in called)
        if called in ("audit.record", "row.save", "obj.save", "row.delete", "obj.delete") or writes_rows:
            yield called


@pytest.mark.parametrize("path", doors(), ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_a_door_writes_nothing_itself(path: Path) -> None:
    if path.name == "origins.py":  # the importers' memory is the audit log
        return
    assert set(written_itself(path)) <= OF_THE_OLD_SYSTEM


def test_what_a_door_must_not_do_is_seen(tmp_path: Path) -> None:
    door = tmp_path / "door.py"
    code = (
        "audit.record(who, 'x', row)",
        "Task.objects.filter(pk=1).update(a=1)",
        "row.save()",
        "rows.create(row, who)",
    )
    door.write_text("\n".join(code))
    assert list(written_itself(door)) == ["audit.record", "Task.objects.filter(pk=1).update", "row.save"]
