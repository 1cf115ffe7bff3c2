"""The sandbox stands alone: it has its own words for what the platform shows in the same way."""

import sys

from common.visible import visible
from sandbox.host.output import safe_text


def test_the_sandbox_and_the_platform_show_the_same_characters_as_codes() -> None:
    assert [c for c in map(chr, range(sys.maxunicode + 1)) if visible(c) != safe_text(c)] == []
