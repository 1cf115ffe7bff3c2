"""A crontab, read line by line as crontab(5) describes it for Debian's cron and cronie."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

ASSIGNMENT = re.compile(r"""\s*(?P<quote>["']?)(?P<name>[A-Za-z_]\w*)(?P=quote)\s*=\s*(?P<value>.*)""")
FIELD = r"[\dA-Za-z*/,~#-]+"
JOB = re.compile(rf"\s*(?P<schedule>@\w+|{FIELD}(?:\s+{FIELD}){{4}})\s+(?P<rest>\S.*)")
USER_AND_COMMAND = re.compile(r"(\S+)\s+(\S.*)")
MAX_LINE = 4000
PERCENT = re.compile(r"(?<!\\)%")


class UnreadableLineError(ValueError):
    """The line is none that a crontab may have; the message says why."""


@dataclass(frozen=True)
class Job:
    """`input_text` is what the command reads from its standard input. `environment` are the assignments above it."""

    schedule: str
    user: str
    command: str
    input_text: str
    comment: str
    environment: Mapping[str, str]


def read_lines(content: bytes, *, is_system: bool) -> Iterator[tuple[int, Job | UnreadableLineError]]:
    """Yield each job with the number of its line, or why its line can't be read.

    `is_system` is whether a user stands before each command, as in /etc/crontab.
    """
    environment: dict[str, str] = {}
    comment = ""
    for number, raw in enumerate(content.split(b"\n"), 1):
        try:
            text = _text(raw)
            if text.startswith("#"):
                bare = text.strip("# \t")
                comment = "" if JOB.fullmatch(bare) and is_job(bare) else bare or comment
            elif not text:
                comment = ""
            elif found := ASSIGNMENT.fullmatch(text):
                environment = {**environment, found["name"]: _unquoted(found["value"])}
            else:
                yield number, _job(text, comment, environment, is_system=is_system)
                comment = ""
        except UnicodeDecodeError:
            yield number, UnreadableLineError("This is not text in UTF-8.")
        except UnreadableLineError as error:
            yield number, error


def _text(raw: bytes) -> str:
    if len(raw) > MAX_LINE:
        raise UnreadableLineError(f"The line takes more than {MAX_LINE:,} bytes.")
    return raw.decode().strip()


def is_job(text: str) -> bool:
    """Return whether the text of a comment is a job that was switched off, and no sentence."""
    return text.startswith("@") or all(re.search(r"[\d*]", field) for field in text.split()[:2])


def _job(text: str, comment: str, environment: Mapping[str, str], *, is_system: bool) -> Job:
    found = JOB.fullmatch(text)
    rest = found["rest"] if found else ""
    parts = USER_AND_COMMAND.fullmatch(rest) if is_system else None
    if not found or (is_system and not parts):
        raise UnreadableLineError("This is no line of a crontab.")
    user, command = parts.groups() if parts else ("", rest)
    command, *inputs = PERCENT.split(command)
    texts = [part.replace("\\%", "%") for part in (command, "\n".join(inputs))]
    return Job(found["schedule"], user, texts[0].strip(), texts[1], comment, environment)


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
