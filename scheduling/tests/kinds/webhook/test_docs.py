"""docs/webhooks.md gives people code to copy: it must accept what we send, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scheduling.kinds.webhook.executor import signature

DOCUMENT = (Path(__file__).parents[4] / "docs" / "webhooks.md").read_text()
NOW = 1700000000


@pytest.fixture
def is_ours() -> Callable[..., bool]:
    names: dict[str, Callable[..., bool]] = {}
    exec(DOCUMENT.partition("```python\n")[2].partition("```")[0], names)
    return names["is_ours"]


def test_the_documented_vector_is_ours() -> None:
    assert signature("s3cret", NOW, b'{"a":1}') in DOCUMENT


def test_it_accepts_what_we_send(is_ours: Callable[..., bool]) -> None:
    body = '{"task_name": "日报"}'.encode()
    assert is_ours("s3cret", str(NOW), body, signature("s3cret", NOW, body), NOW + 10)


@pytest.mark.parametrize(
    ("secret", "timestamp", "body", "now"),
    [
        ("other", NOW, b"{}", NOW),
        ("s3cret", NOW + 1, b"{}", NOW),
        ("s3cret", NOW, b"{} ", NOW),
        ("s3cret", NOW, b"{}", NOW + 301),
    ],
    ids=["secret", "timestamp", "body", "too late"],
)
def test_it_accepts_nothing_else(
    is_ours: Callable[..., bool], secret: str, timestamp: int, body: bytes, now: int
) -> None:
    assert not is_ours(secret, str(timestamp), body, signature("s3cret", NOW, b"{}"), now)
