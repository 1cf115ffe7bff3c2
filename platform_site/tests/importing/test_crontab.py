"""import_crontab: scripts and calls become tasks that fire as cron fired; each other line is left with its reason."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.utils import timezone

from platform_site.tests.importing.running import report
from scheduling.models import Run, ScheduledTask
from scheduling.tests import make
from scheduling.worker.attempt import attempt
from tenants.models import Secret
from testing.servers.webhook import Webhook

pytestmark = pytest.mark.django_db
SCRIPT = "import os, sys\nimport helper\nprint(helper.WORD, sys.argv[1:], os.environ['API_TOKEN'])\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make.tenant()
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs/report.py").write_text(SCRIPT)
    (tmp_path / "jobs/helper.py").write_text("WORD = 'hello'\n")
    return tmp_path


def imported(home: Path, text: str | bytes, *options: str) -> dict[str, Any]:
    content = text.encode() if isinstance(text, str) else text
    (home / "crontab").write_bytes(f"HOME={home}\nAPI_TOKEN='0123456789'\n".encode() + content + b"\n")
    return report("import_crontab", str(home / "crontab"), "--tenant", "acme", "--apply", *options)


def the_task(home: Path, line: str, *options: str) -> ScheduledTask:
    summary = imported(home, line, *options)
    assert summary["left"] == []
    return ScheduledTask.objects.get()


def ran(task: ScheduledTask) -> Run:
    run = make.run(task, timezone.now())
    attempt(run.trace_id)
    run.refresh_from_db()
    assert run.status == "success", run.error
    return run


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "command",
    [
        "/usr/bin/python3 -u {home}/jobs/report.py --day 'a b' >> /var/log/report.log 2>&1",
        "cd {home}/jobs && ./report.py --day 'a b' > /dev/null 2>&1",
        "cd jobs && /srv/venv/bin/python3.11 report.py --day 'a b'",
        "/usr/bin/env python ~/jobs/report.py --day 'a b' &> log",
    ],
)
def test_a_script_runs_with_its_modules_arguments_and_variables(home: Path, command: str) -> None:
    (home / "jobs/report.py").chmod(0o755)
    task = the_task(home, f"# Daily report\n30 8 * * 1-5 {command.format(home=home)}")
    assert (task.task_name, task.cron_expression, task.is_enabled) == ("Daily report", "30 8 * * 1-5", False)
    assert ran(task).output.strip() == "hello ['--day', 'a b'] ***"
    assert Secret.objects.get().value == "0123456789"


@pytest.mark.django_db(transaction=True)
def test_a_call_is_made_as_curl_made_it(home: Path) -> None:
    with Webhook(path="/ping") as server:
        command = f"curl -fsS -m 10 --retry 3 -H 'X-Key: abc' -d 'a={{{{1}}}}' -d b=2 {server.url} >/dev/null"
        task = the_task(home, f"*/5 * * * * {command}")
        ran(task)
        [call] = server.calls
    assert (call.method, call.body) == ("POST", b"a={{1}}&b=2")
    assert call.headers["x-key"] == "abc"
    assert call.headers["content-type"] == "application/x-www-form-urlencoded"
    assert (task.timeout_seconds, task.retry_count, task.overlap_policy) == (10, 3, "allow")


@pytest.mark.parametrize(
    ("command", "method", "headers", "body"),
    [
        ("curl https://a.example.com/x", "GET", {}, "{# no body #}"),
        ("curl -sXPUT a.example.com/x -o /dev/null", "PUT", {}, "{# no body #}"),
        ("curl -u me:word https://a.example.com/x", "GET", {"Authorization": "Basic bWU6d29yZA=="}, None),
        ('curl --json \'{"a": 1}\' https://a.example.com/x', "POST",
         {"Content-Type": "application/json", "Accept": "application/json"}, '{"a": 1}'),
        ("curl --data-raw @me -A agent --url https://a.example.com/x", "POST",
         {"User-Agent": "agent", "Content-Type": "application/x-www-form-urlencoded"}, "@me"),
        ("wget -q -nv -O - --tries=3 https://a.example.com/x", "GET", {}, None),
        ("/usr/bin/wget -qO- --post-data a=1 --header 'Content-Type: text/plain' https://a.example.com/x", "POST",
         {"Content-Type": "text/plain"}, "a=1"),
    ],
)  # fmt: skip
def test_a_call_is_read(
    home: Path, command: str, method: str, headers: dict[str, str], body: str | None
) -> None:
    task = the_task(home, f"0 0 * * * {command}")
    assert (task.execution_type, task.webhook_method, task.headers) == ("webhook", method, headers)
    assert task.webhook_url.endswith("://a.example.com/x")
    assert body is None or task.webhook_body_template == body
    assert task.task_name == "a.example.com"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("@reboot python3 jobs/report.py", "schedule: Nothing here runs at the start of a machine."),
        ("* * * * * /usr/local/bin/backup --all", "is no Python script, and no call of an address"),
        ("* * * * * python3 jobs/gone.py", "The script gone.py is not in the folder."),
        ("* * * * * python3 -m http.server", "It runs Python, but no script file."),
        ("* * * * * python3 jobs/report.py | mail me", "It is a shell command"),
        ("* * * * * python3 jobs/report.py $DAY", "It is a shell command"),
        ("* * * * * python3 jobs/report.py%input", "It passes text to the command's standard input"),
        ("* * * * * python3 'jobs/report.py", "The command can't be read"),
        ("* * * * * curl -k https://a.example.com", "like this option of curl: option -k not recognized"),
        ("* * * * * curl -o backup.zip https://a.example.com", "It saves the response as a file."),
        ("* * * * * curl -d @file https://a.example.com", "It sends the content of a file."),
        ("* * * * * curl https://a.example.com https://b.example.com", "calls 2 addresses instead of one"),
        ("* * * * * curl -m soon https://a.example.com", "“soon” is not a number of seconds."),
        ("* * * * * curl -d '{{ endraw' https://a.example.com", "Its data contains “endraw”"),
        ("* * * * * curl ftp://a.example.com", "command: "),
        ("61 * * * * python3 jobs/report.py", "schedule: "),
        ("@every_minute python3 jobs/report.py", "schedule: "),
        ("* * * python3 jobs/report.py", "This is no line of a crontab."),
        ("nonsense", "This is no line of a crontab."),
        (f"* * * * * curl {'x' * 4000}", "The line takes more than 4,000 bytes."),
    ],
)
def test_a_line_that_is_left_says_why(home: Path, line: str, why: str) -> None:
    summary = imported(home, line)
    assert (summary["taken"], summary["left_rows"]) == ({}, {"tasks": 1})
    assert summary["left"][0].startswith("line 3: ")
    assert why in summary["left"][0]


def test_a_line_that_is_not_utf8_leaves_the_others_alone(home: Path) -> None:
    summary = imported(home, b"* * * * * python3 \xff\n0 9 13 * 5 python3 jobs/report.py")
    assert summary["left"] == ["line 3: This is not text in UTF-8."]
    assert ScheduledTask.objects.get().cron_expression == "0 9 13 * 5"


def test_a_second_import_changes_nothing_even_if_lines_have_moved(home: Path) -> None:
    lines = "@daily python3 jobs/report.py\n@daily python3 jobs/report.py"
    assert imported(home, lines)["taken"] == {"tasks": 2}
    summary = imported(home, f"# more\n@hourly python3 jobs/report.py\n{lines}")
    assert (summary["taken"], summary["here"]) == ({"tasks": 1}, {"tasks": 2})


def test_comments_zones_mail_and_unknown_packages(home: Path) -> None:
    (home / "jobs/report.py").write_text("import requests, our_own")
    summary = imported(
        home,
        "CRON_TZ = Europe/Berlin\nMAILTO=me@example.com\n# 0 5 * * * python3 old.py\n"
        "0 8 * * * python3 jobs/report.py --share=50\\%",
        "--enable",
    )
    task = ScheduledTask.objects.get()
    assert (task.task_name, task.timezone, task.is_enabled) == ("report", "Europe/Berlin", True)
    assert "'--share=50%'" in task.script_content
    assert task.script_deps == "requests"
    notes = " ".join(summary["notes"])
    assert "The script imports our_own" in notes
    assert "cron mailed the output to me@example.com" in notes


def test_in_a_system_crontab_a_user_stands_before_the_command(home: Path) -> None:
    summary = imported(home, f"17 * * * * root cd {home} && python3 jobs/report.py", "--system")
    assert summary["taken"] == {"tasks": 1}
    assert "The command ran as root" in " ".join(summary["notes"])


def test_a_secret_with_another_value_is_noted(home: Path) -> None:
    Secret.objects.create(tenant_id="acme", secret_key="API_TOKEN", value="mine", scope_key="acme:API_TOKEN")
    summary = imported(home, "@daily python3 jobs/report.py")
    assert "already has a secret API_TOKEN with another value" in " ".join(summary["notes"])
    assert Secret.objects.get().value == "mine"


def test_standard_input_is_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"@daily curl https://a.example.com\n")))
    assert report("import_crontab", "-", "--tenant", "acme")["taken"] == {"tasks": 1}


def test_a_file_that_is_missing_or_too_large_is_refused(home: Path) -> None:
    with pytest.raises(CommandError, match="can't be read: No such file"):
        report("import_crontab", str(home / "gone"), "--tenant", "acme")
    with pytest.raises(CommandError, match="takes more than 1 MiB"):
        imported(home, b"#" * (1 << 20))
