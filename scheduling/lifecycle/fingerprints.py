"""The fingerprint of a failure: the same for runs that failed for the same reason, whatever else their errors say."""

from __future__ import annotations

import re
from hashlib import sha256

MAX_PLACE = 200
MAX_READ = 20_000  # characters of an error's end: the last frame is in them
TRACEBACK = "Traceback (most recent call last):"
FRAME = re.compile(r'  File ".*", line \d+, in .')
EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(?=:|$)")
MARGIN = re.compile(r"^ *\| ")  # of a group of exceptions
# "HTTP 502" of our own clients, and "502 Server Error", as requests says it in scripts.
STATUS = re.compile(r"\bHTTP (\d{3})\b|\b([45]\d\d) (?:Client|Server) Error\b")
# The host of a lost worker and its process differ each time.
CODES_ALONE = frozenset({"worker_lost", "sandbox_lost"})
# What differs from run to run, and what stands for it. The order matters: an address holds numbers.
VARYING = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s'\"<>)]+", "<url>"),
        (r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+", "<email>"),
        (r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?Z| ?[+-]\d\d:?\d\d)?)?", "<time>"),
        (r"\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\b", "<time>"),
        (r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b", "<id>"),
        (r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b", "<address>"),
        (r"\[?(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{1,4}\b\]?(?::\d+)?", "<address>"),
        (r"\b0x[0-9a-fA-F]+\b", "<id>"),
        (r"\b(?=[\w-]{0,60}\d)(?=[\w-]{0,60}[A-Za-z])[\w-]{8,}\b", "<id>"),
        (r"\d+(?:[.,]\d+)*", "#"),
        (r"\s+", " "),
    )
)


def fingerprint(task_id: int, error_code: str, error: str) -> str:
    """Return 32 hex digits for the task, the code and the error's `place`."""
    told = "\n".join((str(task_id), error_code, place(error_code, error)))
    return sha256(told.encode("utf-8", "replace")).hexdigest()[:32]


def place(error_code: str, error: str) -> str:
    """Return where and how a run failed, without what differs from run to run.

    Of a traceback that is the last frame, without its line number, and the exception's class; of a response its HTTP
    status; of any other error its first line. It is "" where the code alone says enough.
    """
    if error_code in CODES_ALONE:
        return ""
    _, traceback, last = error[-MAX_READ:].rpartition(TRACEBACK)
    text = _last_frame(last) if traceback else _answer_or_line(error)
    return text[:MAX_PLACE]


def _last_frame(traceback: str) -> str:
    """Return the class of the exception, the function and its source line; `traceback` begins with the first frame."""
    lines = [MARGIN.sub("", line) for line in traceback.strip("\n").splitlines()]
    frames = [n for n, line in enumerate(lines) if FRAME.match(line)]
    if not frames:
        return _answer_or_line(traceback)
    frame, *below = lines[frames[-1] :]
    function = frame.rpartition(", in ")[2]
    source = next((line for line in below[:1] if line.startswith("    ")), "")
    raised = next((line for line in below if EXCEPTION.match(line)), "")
    parts = (raised.partition(":")[0], function, without_varying(source), _status(raised))
    return " · ".join(part for part in parts if part)


def _answer_or_line(error: str) -> str:
    """Return the text before the HTTP status and the status, for what follows is the other side's answer."""
    line = error.strip().partition("\n")[0][:1000]
    status = STATUS.search(line)
    return (
        f"{without_varying(line[: status.start()])} {_status(line)}".strip()
        if status
        else without_varying(line)
    )


def _status(text: str) -> str:
    found = STATUS.search(text)
    return f"HTTP {found[1] or found[2]}" if found else ""


def without_varying(text: str) -> str:
    """Return the text with marks instead of ids, times, addresses and numbers."""
    for pattern, instead in VARYING:
        text = pattern.sub(instead, text)
    return text.strip()
