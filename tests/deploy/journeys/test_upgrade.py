"""docs/upgrade.md with Docker Compose, as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from platform_site.config.data_dir import BASE_DIR
from tests.deploy.engine.stack import CHECKOUT, Stack
from tests.deploy.journeys.work import make_task, run_now

pytestmark = [pytest.mark.engine, pytest.mark.timeout(3600)]
MIGRATION = """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("scheduling", "{after}")]
    operations = [migrations.RunSQL("{sql}")]
"""


def documented() -> list[str]:
    """All at once, and what stands in its last command's place for those who can't wait."""
    section = (BASE_DIR / "docs" / "upgrade.md").read_text().partition("**Docker Compose**")[2]
    at_once, by_halves = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return [at_once, by_halves]


def add_migration(checkout: Path, name: str, sql: str) -> Path:
    folder = checkout / "scheduling" / "migrations"
    last = max(path.stem for path in folder.glob("[0-9]*.py"))
    added = folder / f"{int(last[:4]) + 1:04}_{name}.py"
    added.write_text(MIGRATION.format(after=last, sql=sql))
    return added


def containers(stack: Stack) -> set[tuple[str, str]]:
    return {(c["ID"], c["State"]) for c in stack.containers() if c["Service"] != "migrate"}


def test_where_a_migration_fails_what_ran_goes_on(stack: Stack) -> None:
    before = containers(stack)
    added = add_migration(stack.checkout, "fails", "SELECT nothing FROM nowhere")
    tried = stack.engine.tried("sh", "-euc", documented()[0], folder=CHECKOUT)
    added.unlink()
    assert tried.returncode != 0
    assert b"nowhere" in tried.stdout + tried.stderr
    assert containers(stack) == before
    task = make_task(stack, task_name="still", script_content="result = {'content': 'there'}")
    assert run_now(stack, task)["status"] == "success"


def test_where_it_succeeds_all_of_ours_are_replaced(stack: Stack) -> None:
    before = {c["ID"]: c["Service"] for c in stack.containers()}
    added = add_migration(stack.checkout, "next", "SELECT 1")
    stack.engine.run("sh", "-euc", documented()[0], folder=CHECKOUT)
    stack.until_healthy()
    kept = {before[c["ID"]] for c in stack.containers() if c["ID"] in before}
    assert kept == {"mysql", "redis"}
    assert f"[X] {added.stem}" in stack.manage("showmigrations", "scheduling")
    task = make_task(stack, task_name="after", script_content="result = {'content': 'new'}")
    assert run_now(stack, task)["status"] == "success"
