"""A type of channel is a renderer, a sender, and its entry in `CHANNEL_TYPES`: docs/adding-a-kind.md."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from notifications.channel_types import OF_CHANNELS
from platform_site.config.data_dir import BASE_DIR
from platform_site.tests.project_copy import change, copied_project, done

PAGER = Path(__file__).parent / "pager"
ENTRY = """PAGER = ChannelType(
    name="pager",
    label="Pager 7",
    sender=PagerSender,
    renderer=pager.render,
    find_token=token_in_path("/page/"),
    limits=(Limit(2, 60),),
)
"""
CHANGES = {
    "notifications/channel_types.py": [
        ("CHANNEL_TYPES: dict", f"{ENTRY}\nCHANNEL_TYPES: dict"),
        ("APPRISE, JSON)", "APPRISE, PAGER, JSON)"),
        ("dingtalk, feishu, wecom", "dingtalk, feishu, pager, wecom"),
        (
            "from notifications.senders.wecom_app",
            "from notifications.senders.pager import PagerSender\nfrom notifications.senders.wecom_app",
        ),
    ],
}


def test_two_files_and_an_entry_make_a_type_of_channel(tmp_path: Path) -> None:
    """Form, API, preview, sending, limits and metrics of the new type all work, as pager/checks.py says."""
    copy = copied_project(tmp_path / "project", "notifications")
    shutil.copy(PAGER / "renderer.py", copy / "notifications/render/pager.py")
    shutil.copy(PAGER / "sender.py", copy / "notifications/senders/pager.py")
    shutil.copy(PAGER / "checks.py", copy / "notifications/tests/pager.py")
    change(copy, CHANGES)
    done(copy, "django", "makemigrations", "--check", "--dry-run", "--settings", "tests.settings")
    done(copy, "pytest", "-p", "no:cacheprovider", "notifications/tests/pager.py")


@pytest.mark.parametrize("page", ["docs/channels.md", "docs/channels.zh-CN.md"])
@pytest.mark.parametrize("name", OF_CHANNELS)
def test_every_type_of_channel_has_its_row(page: str, name: str) -> None:
    lines = (BASE_DIR / page).read_text().splitlines()
    assert [line.startswith(f"| `{name}` |") for line in lines].count(True) == 1, (
        f"The table of channels in {page} needs a row for {name}."
    )
