"""What every command of ours keeps: it explains itself, in the terminal and in the documents."""

from __future__ import annotations

import inspect
from argparse import Action

import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import BaseCommand, CommandParser

from platform_site.config.data_dir import BASE_DIR

OURS = sorted(name for name, app in get_commands().items() if app == "platform_site")
# Whose answer a program reads: a file or a token by itself needs no JSON around it.
FOR_PROGRAMS = {
    "backfill", "doctor", "import_beat", "import_crontab", "import_platform", "import_qinglong", "import_tasks",
    "import_wechatjob", "prune_logs", "rotate_keys", "run_task", "send_test", "test_script",
}  # fmt: skip
EVERY_COMMAND = pytest.mark.parametrize("name", OURS)


def loaded(name: str) -> BaseCommand:
    return load_command_class("platform_site", name)


def arguments(name: str) -> list[Action]:
    """Its own, without those that Django gives to all."""
    parser = CommandParser()
    loaded(name).add_arguments(parser)
    return parser._actions[1:]


@EVERY_COMMAND
def test_it_says_what_it_does_and_what_each_argument_means(name: str) -> None:
    assert loaded(name).help
    assert [action.dest for action in arguments(name) if not action.help] == []


@EVERY_COMMAND
def test_one_that_ends_with_a_code_of_its_own_says_which(name: str) -> None:
    command = loaded(name)
    has_codes = "sys.exit(" in inspect.getsource(inspect.getmodule(command) or type(command))
    assert name == "up" or has_codes is ("Exit codes: 0 " in command.help)


@EVERY_COMMAND
def test_programs_get_json(name: str) -> None:
    has_json = any("--json" in action.option_strings for action in arguments(name))
    assert has_json is (name in FOR_PROGRAMS)


@EVERY_COMMAND
def test_the_documents_name_it(name: str) -> None:
    pages = [*(BASE_DIR / "docs").glob("*.md"), BASE_DIR / "docker-compose.yml"]
    assert any(name in page.read_text() for page in pages)


def test_bench_is_what_make_does(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr("os.execvp", lambda file, words: ran.append(words))
    call_command("bench", "herd", "burst")
    assert ran == [["make", "-C", str(BASE_DIR), "bench", "ONLY=herd burst"]]
