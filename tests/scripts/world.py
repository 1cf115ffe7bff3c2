"""What the scripts find around them, under python3 and in the jail alike."""

from __future__ import annotations

import re
import sysconfig
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

CORPUS = Path(__file__).parent / "corpus"
ZONE = "Asia/Shanghai"
# As installed dependencies lie for a run: one directory. The scripts find requests and the like there.
PACKAGES = sysconfig.get_path("purelib")
# Where the scripts say that the website is; the stand-in's address is put in its place.
SITE = "http://site.example"

ACCOUNTS = "zhangsan#zs-123456\nlisi#ls#2027\n# 王五先停用\n\nnobody#wrong\n"
ENVIRON = {
    "SITE_ACCOUNTS": ACCOUNTS,
    "SITE_COOKIE": "uid=88; session=abc; theme=dark",
    "CITY": "哈尔滨",
    "DD_BOT_SECRET": "SEC-robot-secret",
    "PUSH_PLUS_TOKEN": "pp-token",
    "BARK_PUSH": "bark-key",
}
SECRETS = {"ACCOUNTS": ACCOUNTS, "APP_SECRET": "s3cr3t"}
PARAMS = {"city": "北京", "limit": 3}

_TIME = re.compile(r"(\d{4})[-/年](\d\d)[-/月](\d\d)日?(?:[ T](\d\d):(\d\d):(\d\d)(?:[.,]\d+)?)?")
_DURATION = re.compile(r"\d+\.\d+ ?(?=秒|s\b|ms\b)")
# tqdm's bar, which is as long as what follows leaves room for, and how long, how fast.
_PROGRESS = re.compile(r"\|[ #\d▏▎▍▌▋▊▉█]*\| (\S+) \[[\d:]+<[^\]]*\]")


@dataclass(frozen=True)
class Seen:
    """What can be seen of a run: its lines, in order; `error` is the last word of one that failed."""

    lines: list[str]
    error: str | None


def shown(text: str, site: str) -> list[str]:
    """Return the lines of an output as a terminal shows them at last, without what differs between any two runs.

    That is the site's port, the present time, and how long something took.
    """
    lines = text.replace(site, SITE).removesuffix("\n").split("\n") if text else []
    return [_without_chance(line.rstrip("\r").rpartition("\r")[2].rstrip()) for line in lines]


def _without_chance(line: str) -> str:
    return _TIME.sub(_unless_present, _DURATION.sub("<duration>", _PROGRESS.sub(r"<bar> \1", line)))


def _unless_present(found: re.Match[str]) -> str:
    """Return a time as it is, unless it is the present: then one that is hours off shows another zone."""
    day, clock = "-".join(found.group(1, 2, 3)), ":".join(found.group(4, 5, 6)) if found[4] else "00:00:00"
    then = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(ZONE))
    past = datetime.now(ZoneInfo(ZONE)) - then
    tolerance = timedelta(minutes=10) if found[4] else timedelta(days=1, minutes=10)
    return "<now>" if timedelta(0) <= past < tolerance else found[0]
