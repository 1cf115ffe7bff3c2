"""import_qinglong: a folder as QingLong leaves it becomes tasks that run, and the report names everything else."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.utils import timezone

from notifications import sending
from notifications.models import Delivery, NotifyChannel
from platform_site.tests.importing.qinglong_data import QingLongData
from platform_site.tests.importing.running import report
from scheduling.models import Run, ScheduledTask
from scheduling.tests import make
from scheduling.worker.attempt import attempt
from tenants.models import Secret
from testing.servers.robots import Robots

pytestmark = pytest.mark.django_db
CHECK_IN = '''\
#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""
签到
cron: 1 9 * * *
"""
from __future__ import annotations

import os

import utils.text
from notify import send
from utils import join

if __name__ == "__main__":
    accounts = os.environ["SITE_COOKIE"].split("&")
    print(accounts, os.path.basename(utils.text.__file__))
    send("签到", join(f"{account}: 成功" for account in accounts))
'''


@pytest.fixture
def data(tmp_path: Path) -> QingLongData:
    make.tenant()
    return QingLongData(tmp_path / "data")


def imported(data: QingLongData, *options: str) -> dict[str, Any]:
    return report("import_qinglong", str(data.folder), "--tenant", "acme", "--apply", *options)


def the_task(data: QingLongData, script: str, command: str = "task a.py") -> ScheduledTask:
    data.script("a.py", script)
    data.task(command)
    assert imported(data)["left"] == []
    return ScheduledTask.objects.get()


def ran(task: ScheduledTask) -> Run:
    run = make.run(task, timezone.now())
    attempt(run.trace_id)
    run.refresh_from_db()
    return run


def output(run: Run) -> str:
    assert run.status == "success", run.error
    return run.output


@pytest.mark.django_db(transaction=True)
def test_a_task_runs_with_its_variables_and_modules_and_its_message_arrives(data: QingLongData) -> None:
    data.script("shop/check_in.py", CHECK_IN)
    data.script("shop/utils/__init__.py", "from .text import join\n")
    data.script("shop/utils/text.py", "def join(lines):\n    return '\\n'.join(lines)\n")
    data.script("notify.py", "raise RuntimeError('replaced')\n")
    data.variable("SITE_COOKIE", "first-account", position=2)
    data.variable("SITE_COOKIE", "second-account", position=1)
    data.variable("SITE_COOKIE", "third-account", position=0)
    data.variable("DD_BOT_TOKEN", "0123456789abcdef")
    data.task("task shop/check_in.py desi SITE_COOKIE 1 3-max", name="签到", labels=["shop"])
    summary = imported(data)
    assert summary["left"] == []
    assert summary["taken"] == {"secrets": 2, "channels": 1, "tasks": 1}
    task = ScheduledTask.objects.get()
    assert (task.tenant_id, task.cron_expression, task.timezone) == ("acme", "0 9 * * *", "Asia/Shanghai")
    assert task.task_desc.endswith("[shop]")
    cookie = Secret.objects.get(secret_key="SITE_COOKIE").value
    assert cookie == "first-account&second-account&third-account"
    with Robots() as robots:
        robot = robots.dingtalk()
        NotifyChannel.objects.filter(pk__in=task.notify_channels).update(webhook_url=robot.url)
        assert "['***', '***'] text.py" in output(ran(task))
        for delivery in Delivery.objects.all():
            sending.drain(delivery.robot, timezone.now)
        assert [shown["text"]["content"] for shown in robot.shown] == ["签到\n\n***: 成功\n***: 成功"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("script", "command", "printed"),
    [
        ("import sys\nprint(sys.argv[1:])", "task a.py -- -u 'a b'", "['-u', 'a b']"),
        ("import sys\nprint(sys.argv[1:])", "python3 -u /ql/data/scripts/a.py --all", "['--all']"),
        ("import sys\nprint(sys.argv[1:])", "task -m 10m a.py now", "[]"),
        ('from __future__ import annotations\n"text"\nprint(__name__)', "task a.py x", "__main__"),
        ("@staticmethod\ndef f(): return 1\nprint(f())", "task a.py x", "1"),
        ("import notify\nprint(notify.send('title', ''))", "task a.py", "None"),
        ("print(QLAPI.notify('title', ''))", "task a.py", "None"),
        ("print('名字')".encode("gb18030"), "task a.py", "名字"),
    ],
)
def test_a_script_runs_as_it_did_there(
    data: QingLongData, script: str | bytes, command: str, printed: str
) -> None:
    encoded = b"# coding: gb18030\n" + script if isinstance(script, bytes) else script
    data.script("a.py", encoded)
    data.task(command)
    assert imported(data)["left"] == []
    assert printed in output(ran(ScheduledTask.objects.get()))


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("task jd.js", "jd.js is JavaScript; scripts here are Python."),
        ("task backup.sh", "backup.sh is a shell script; scripts here are Python."),
        ("ql repo https://github.com/a/b.git", "“ql” is a command of QingLong itself"),
        ("task a.py && task b.py", "It is a shell command"),
        ("task a.py > $HOME/log", "It is a shell command"),
        ("task gone.py", "The script gone.py is not in the folder."),
        ("task ../outside.py", "The script ../outside.py is not in the folder."),
        ("task linked.py", "The script linked.py is not in the folder."),
        ("task /root/a.py", "/root/a.py is outside QingLong's folder of scripts."),
        ("task pipe.py", "The script pipe.py is not in the folder."),
        ("task old.py", "old.py is not valid Python 3"),
        ("task null.py", "null.py is not valid Python 3"),
        ("task big.py", "big.py takes more than 1 MiB."),
        ("task deep.py", "deep.py is not valid Python 3"),
        ("task one_line.py x", "Write the script's first statements on lines of their own."),
        ("task a.py desi", "“desi” names no environment variable."),
        ("task a.py desi GONE 1", "It runs for accounts in GONE, which was not imported."),
        ("task a.py conc GONE 0", "“0” names no accounts."),
        ("task 'a.py", "The command can't be read: No closing quotation."),
        ("task", "The command runs no script."),
        ("", "The command runs no script."),
    ],
)
def test_a_task_that_is_left_says_why(data: QingLongData, tmp_path: Path, command: str, why: str) -> None:
    (tmp_path / "data/outside.py").write_text("print('outside')")
    data.script("a.py", "print(1)")
    (data.scripts / "linked.py").symlink_to(tmp_path / "data/outside.py")
    os.mkfifo(data.scripts / "pipe.py")
    data.script("old.py", "print 'old'")
    data.script("null.py", "print(1)\0")
    data.script("big.py", "#" * (1 << 20) + "\n")
    data.script("deep.py", "(" * 10_000)
    data.script("one_line.py", '"""text"""; print(1)')
    data.task(command)
    summary = imported(data)
    assert (summary["taken"], summary["left_rows"]) == ({}, {"tasks": 1})
    assert why in summary["left"][0]


def test_a_second_import_changes_nothing(data: QingLongData) -> None:
    data.script("a.py", "import os, notify\nprint(os.environ['A_TOKEN'])")
    data.task("task a.py", extra_schedules=[{"schedule": "0 0 12 * * *"}])
    data.variable("A_TOKEN", "0123456789")
    data.variable("FSKEY", "0123456789")
    first = imported(data)
    assert first["taken"] == {"secrets": 2, "channels": 1, "tasks": 2}
    tasks = list(ScheduledTask.objects.values())
    data.script("a.py", "print('changed')")
    again = imported(data)
    assert (again["taken"], again["here"]) == ({}, first["taken"])
    assert list(ScheduledTask.objects.values()) == tasks


def test_a_dry_run_changes_nothing(data: QingLongData) -> None:
    data.script("a.py", "print(1)")
    data.task("task a.py")
    summary = report("import_qinglong", str(data.folder), "--tenant", "acme")
    assert (summary["taken"], summary["applied"]) == ({"tasks": 1}, False)
    assert not ScheduledTask.objects.exists()


def test_each_schedule_is_a_task_and_a_disabled_one_stays_off(data: QingLongData) -> None:
    data.script("a.py", "print(1)")
    data.task("task a.py", "*/30 * 9 * * *", name="often", extra_schedules=[{"schedule": "@daily"}])
    data.task("task a.py", "0 9 13 * 5", name="off", isDisabled=1, allow_multiple_instances=1)
    data.task("task a.py", "@boot", name="boot")
    summary = imported(data, "--enable")
    found = ScheduledTask.objects.order_by("pk").values_list("task_name", "cron_expression", "is_enabled")
    assert list(found) == [
        ("often", "*/30 * 9 * * *", True),
        ("often (2)", "@daily", True),
        ("off", "0 9 13 * 5", False),
    ]
    assert "Crontabs 3: schedule: “@boot” names no times" in summary["left"][0]
    assert list(ScheduledTask.objects.order_by("pk").values_list("overlap_policy", flat=True)) == [
        "replace",
        "replace",
        "allow",
    ]


def test_without_enable_a_note_says_what_was_enabled(data: QingLongData) -> None:
    task = the_task(data, "print(1)")
    assert not task.is_enabled
    assert "stop the old system" in imported(data, "--known-as", "another")["notes"][0]


def test_a_script_gets_the_packages_that_it_imports_or_names(data: QingLongData) -> None:
    data.script(
        "a.py", "import requests, json, help\nfrom bs4 import BeautifulSoup\nimport lost\nX = 'lxml'\n"
    )
    data.script("help.py", "import Crypto.Cipher")
    for name in ("beautifulsoup4==4.12.3", "lxml", "PyCryptodome>=3", "pandas"):
        data.package(name)
    data.package("axios", kind=0)
    data.task("task a.py")
    summary = imported(data)
    deps = ScheduledTask.objects.get().script_deps.splitlines()
    assert deps == ["PyCryptodome>=3", "beautifulsoup4==4.12.3", "lxml", "requests"]
    assert summary["left"] == ["Dependences 5: type: “axios” is not a Python package."]
    assert "The script imports lost, not listed" in " ".join(summary["notes"])


def test_a_script_gets_the_variables_that_it_may_read(data: QingLongData) -> None:
    for name in ("NAMED", "OTHER", "not a name"):
        data.variable(name, "0123456789")
    data.variable("OFF", "0123456789", status=1)
    data.script(
        "named.py", "import os\nprint(os.environ.get('NAMED'), os.getenv('NAMED'), 'NAMED' in os.environ)"
    )
    data.script("any.py", "import os\nprint(os.environ.get('NA' + 'MED'))")
    data.script("none.py", "print('NAMED_TOO')")
    for name in ("named", "any", "none"):
        data.task(f"task {name}.py", name=name)
    summary = imported(data)
    sources = dict(ScheduledTask.objects.values_list("task_name", "script_content"))
    read = {name: re.findall(r'get_secret\("(\w+)"\)', text) for name, text in sources.items()}
    assert read == {"named": ["NAMED"], "any": ["NAMED", "OTHER"], "none": []}
    assert sources["none"] == "print('NAMED_TOO')"
    assert summary["left"] == [
        "Envs 3: name: “not a name” is not a name that an environment variable can have.",
        "Envs 4: status: The variable is disabled.",
    ]


def test_what_is_not_taken_along_is_noted(data: QingLongData) -> None:
    data.script(
        "a.py",
        "import os\nfrom notify import bark\nopen('config.json')\nopen('gone.json')\nprint(os.environ['COOKIE'])",
    )
    data.script("config.json", "{}")
    data.variable("COOKIE", "0123456789")
    data.task("task a.py conc COOKIE", task_before="echo before")
    data.add("CrontabViews", name="shop")
    summary = imported(data)
    notes = " ".join(summary["notes"])
    assert "shell commands before and after" in notes
    assert "one run gets all of these accounts" in notes
    assert "The script may read config.json, which" in notes
    assert "The script imports notify.bark, but only notify.send is here" in notes
    assert summary["left"] == [
        "views: Views of the task list are not imported: the labels are in the descriptions of the tasks."
    ]


def test_a_secret_that_is_here_already_stays_and_is_used(data: QingLongData) -> None:
    Secret.objects.create(tenant_id="acme", secret_key="A_TOKEN", value="mine", scope_key="acme:A_TOKEN")
    data.variable("A_TOKEN", "theirs")
    data.script("a.py", "import os\nprint(os.environ['A_TOKEN'])")
    data.task("task a.py")
    summary = imported(data)
    assert summary["left"] == ["Envs 1: Somebody has already created such an entry here."]
    assert 'get_secret("A_TOKEN")' in ScheduledTask.objects.get().script_content
    assert Secret.objects.get().value == "mine"


class TestHostileDatabase:
    def test_a_huge_row_and_text_that_is_not_utf8_are_left_alone(self, data: QingLongData) -> None:
        data.script("a.py", "print(1)")
        data.variable("HUGE", "x" * (3 << 20))
        data.execute("INSERT INTO Crontabs (name, command, schedule, createdAt, updatedAt)"
                     " VALUES (CAST(x'ff' AS TEXT), 'task a.py', '0 9 * * *', '', '')")  # fmt: skip
        data.task("task a.py", name="good")
        data.task("task a.py", name="labels", labels="{")
        data.task("task a.py", "* " * 200, name="cron")
        summary = imported(data)
        assert summary["taken"] == {"tasks": 1}
        assert summary["left"][:3] == [
            "Envs 1: name: The row takes more than 2 MiB.",
            "Crontabs 1: name: This is not text in UTF-8.",
            "Crontabs 3: labels: This is not valid JSON.",
        ]
        assert "Crontabs 4: cron_expression" in summary["left"][3]

    @pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 4096])
    def test_a_file_that_is_no_database_of_qinglong(self, data: QingLongData, content: bytes) -> None:
        data.file.write_bytes(content)
        with pytest.raises(CommandError, match="QingLong's database"):
            imported(data)

    def test_a_broken_page_is_reported(self, data: QingLongData) -> None:
        data.script("a.py", "print(1)")
        for number in range(200):
            data.task("task a.py", name=f"task {number} " + "x" * 100)
        whole = data.file.read_bytes()
        data.file.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(CommandError, match="can't be read"):
            imported(data)
        assert not ScheduledTask.objects.exists()

    def test_a_table_that_is_missing_is_reported(self, data: QingLongData) -> None:
        data.execute("DROP TABLE Envs; DROP TABLE Dependences; DROP TABLE CrontabViews")
        data.script("a.py", "print(1)")
        data.task("task a.py")
        summary = imported(data)
        assert summary["taken"] == {"tasks": 1}
        assert summary["left"] == [
            "secrets: The table Envs does not exist.",
            "dependencies: The table Dependences does not exist.",
        ]

    def test_a_view_in_place_of_a_table_is_not_read(self, data: QingLongData) -> None:
        data.execute("DROP TABLE Crontabs; CREATE VIEW Crontabs AS SELECT 1 AS id")
        with pytest.raises(CommandError, match="no table Crontabs"):
            imported(data)

    @pytest.mark.parametrize("name", ["db/database.sqlite", "scripts"])
    def test_what_lies_outside_the_folder_is_not_read(
        self, data: QingLongData, tmp_path: Path, name: str
    ) -> None:
        (data.folder / name).rename(tmp_path / "elsewhere")
        (data.folder / name).symlink_to(tmp_path / "elsewhere")
        with pytest.raises(CommandError, match="not QingLong's data folder"):
            imported(data)

    def test_the_database_is_not_written_to(self, data: QingLongData) -> None:
        before = data.file.read_bytes()
        imported(data)
        assert data.file.read_bytes() == before


def test_the_tenant_must_exist(data: QingLongData) -> None:
    with pytest.raises(CommandError, match="The tenant 'nobody' does not exist"):
        report("import_qinglong", str(data.folder), "--tenant", "nobody")
