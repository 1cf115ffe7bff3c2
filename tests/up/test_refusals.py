"""What is wrong is said in one line that names it, before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from testing.instance import Instance

pytestmark = pytest.mark.acceptance


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("PLATFORM_PORT", "eighty", "'eighty' is not a whole number"),
        ("PLATFORM_PORT", "70000", "70000 is not between 1 and 65535"),
        ("PLATFORM_HOST", "203.0.113.7", "can't listen on 203.0.113.7"),
        ("PLATFORM_HOST", "no such host", "'no such host' is not an address of this machine"),
        ("DATABASE_URL", "oracle://db", "use sqlite:///path or mysql://"),
        ("DATABASE_URL", "mysql://u:p@127.0.0.1:port/db", "cannot be read"),
        ("DATABASE_URL", "mysql://u:hidden-word@127.0.0.1:1/db", ""),
        ("DATABASE_URL", "sqlite:////proc/none/platform.sqlite3", "the database does not answer"),
        ("REDIS_URL", "http://127.0.0.1", "must begin with one of redis://, rediss://"),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "Redis does not answer"),
        ("OUTBOUND_ALLOWED_NETWORKS", "10.0.0.1/8", "has host bits set"),
        ("OUTBOUND_PROXY_URL", "https://proxy.example:3128", "must begin with one of http://"),
        ("PUBLIC_BASE_URL", "example.com", "must begin with one of http://, https://"),
        ("LOG_LEVEL", "LOUD", "'LOUD' must be one of DEBUG"),
        ("PLATFORM_DATA_DIR", "/proc/none", "/proc/none can't be written"),
    ],
)
def test_a_wrong_variable_is_named_in_one_line(tmp_path: Path, variable: str, value: str, why: str) -> None:
    with Instance(tmp_path, {variable: value}) as refused:
        code = refused.wait()
    assert (code, len(refused.lines)) == (1, 1), refused.output
    assert refused.lines[0].startswith(f"Invalid setting {variable}: ")
    assert why in refused.lines[0]
    assert "hidden-word" not in refused.output


def test_web_and_flower_need_a_port_each(tmp_path: Path) -> None:
    with Instance(tmp_path, {"PLATFORM_PORT": "18123", "PLATFORM_FLOWER_PORT": "18123"}) as refused:
        assert refused.wait() == 1
    assert refused.lines == ["Invalid setting PLATFORM_FLOWER_PORT: 18123 is already used by PLATFORM_PORT\n"]
