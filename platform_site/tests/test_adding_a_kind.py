"""A kind of task is a folder, its entry in `KINDS`, and its columns among those of a task: docs/adding-a-kind.md."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from platform_site.config.data_dir import BASE_DIR
from platform_site.tests.project_copy import change, copied_project, done
from scheduling.kinds import KINDS
from scheduling.kinds.base import Kind

ECHO = Path(__file__).parent / "echo"
CHANGES = {
    "scheduling/kinds/__init__.py": [
        ("(DIFY, WEBHOOK, SCRIPT)", "(DIFY, WEBHOOK, SCRIPT, ECHO)"),
        (
            "from scheduling.kinds.script.kind",
            "from scheduling.kinds.echo.kind import ECHO\nfrom scheduling.kinds.script.kind",
        ),
    ],
    "scheduling/models/task.py": [
        ("class ScheduledTask(", "class ScheduledTask(EchoColumns, "),
        (
            "from scheduling.kinds.script.kind",
            "from scheduling.kinds.echo.columns import EchoColumns\nfrom scheduling.kinds.script.kind",
        ),
    ],
}


def test_a_folder_and_its_entry_make_a_kind(tmp_path: Path) -> None:
    """Form, schema, documents, metrics and runs of the new kind all work, as echo/checks.py says."""
    copy = copied_project(tmp_path / "project", "scheduling")
    shutil.copytree(ECHO, copy / "scheduling/kinds/echo")
    change(copy, CHANGES)
    done(copy, "django", "makemigrations", "scheduling", "--settings", "tests.settings", "--name", "echo")
    migration = next((copy / "scheduling/migrations").glob("*_echo.py")).read_text()
    assert migration.count("migrations.") == migration.count("migrations.Migration") + 1, migration
    done(copy, "pytest", "-p", "no:cacheprovider", "scheduling/kinds/echo/checks.py")


@pytest.mark.parametrize("page", ["docs/api.md", "docs/api.zh-CN.md"])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_has_its_row(page: str, kind: Kind) -> None:
    needs = ", ".join(f"`{column}`" for column in kind.needs)
    rows = [
        line for line in (BASE_DIR / page).read_text().splitlines() if line.startswith(f"| `{kind.name}` |")
    ]
    assert len(rows) == 1, f"The table of kinds in {page} needs a row for {kind.name}."
    assert f"| {kind.queue} | {kind.timeout_seconds} | {needs} |" in rows[0]
