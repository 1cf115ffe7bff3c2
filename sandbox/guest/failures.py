"""Turns what ended a script into words: its own frames, line numbers and source lines, none of the platform's."""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Iterator
from typing import Any

_MAX_ERROR_CHARACTERS = 65536  # characters; the host, which knows the secrets, cuts what is shown
_DISK_ERRORS = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
_HTTP_LIBRARIES = ("requests", "httpx", "aiohttp", "urllib3")
_QINGLONG_MODULE = "notify"  # a file beside the scripts of QingLong, with a function send()
# The packages of modules that have other names. What is not listed here is never taken for a package's name.
_PACKAGES = {
    "bs4": "beautifulsoup4",
    "Crypto": "pycryptodome",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "fitz": "PyMuPDF",
    "httpx": "httpx",
    "jwt": "PyJWT",
    "loguru": "loguru",
    "matplotlib": "matplotlib",
    "MySQLdb": "mysqlclient",
    "numpy": "numpy",
    "openpyxl": "openpyxl",
    "pandas": "pandas",
    "PIL": "Pillow",
    "pptx": "python-pptx",
    "pymysql": "PyMySQL",
    "requests": "requests",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}
_WEB_HINT = "For the web, http_get() and http_post() are there without any package."
_SOCKET_HINT = "A script can only connect by TCP; nobody can connect to it."


def describe(error: BaseException, filename: str) -> dict[str, Any]:
    if isinstance(error, MemoryError):
        return _failed("memory_limit", "The script needs more memory than its limit.")
    text = _traceback(error, filename)
    if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
        return _failed("disk_limit", text)
    hint = _hint(error)
    return _failed("script_error", f"{text}\n{hint}" if hint else text)


def describe_syntax(error: Exception, filename: str) -> dict[str, Any]:
    if not isinstance(error, SyntaxError):  # a null byte, half a surrogate pair, too deep for the parser
        return _failed("syntax_error", f"{type(error).__name__}: {error}")
    text = "".join(traceback.TracebackException.from_exception(error).format_exception_only())
    return _failed("syntax_error", f"line {error.lineno}, column {error.offset}: {error.msg}\n{text}")


def ended_by_exit(code: object) -> dict[str, Any] | None:
    """Return the failure that this argument of sys.exit() means; None for a success. It is read as Python does."""
    if code is None or (isinstance(code, int) and not code & 0xFF):
        return None
    reason = f"exit code {code:d}" if isinstance(code, int) else str(code)
    return _failed("script_error", f"The script ended itself: {reason}")


def _failed(code: str, error: str) -> dict[str, Any]:
    if len(error) > _MAX_ERROR_CHARACTERS:
        error = f"{error[: _MAX_ERROR_CHARACTERS // 2]}\n…\n{error[-_MAX_ERROR_CHARACTERS // 2 :]}"
    return {"kind": "failed", "code": code, "error": error.rstrip()}


def _traceback(error: BaseException, filename: str) -> str:
    try:
        summary = traceback.TracebackException.from_exception(error)
        for part in _chain(summary, set()):
            part.stack[:] = [frame for frame in part.stack if frame.filename == filename]
        return "".join(summary.format())
    except Exception:  # an exception class of the script's own may break the formatting
        return type(error).__name__


def _chain(summary: traceback.TracebackException, seen: set[int]) -> Iterator[traceback.TracebackException]:
    if id(summary) in seen:
        return
    seen.add(id(summary))
    yield summary
    for linked in (summary.__cause__, summary.__context__, *(summary.exceptions or ())):
        if linked is not None:
            yield from _chain(linked, seen)


def _hint(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError):
        name = (error.name or "").partition(".")[0]
        if name in sys.stdlib_module_names:
            return ""
        if name == _QINGLONG_MODULE:
            return (
                "A script needs no module to send messages: call notify(message), or set result. "
                "send(title, content) is notify({'title': title, 'content': content}) here."
            )
        package = _PACKAGES.get(name)
        hint = f"{name!r} is not installed in the sandbox. Name the package that provides it"
        hint += f", {package}," if package else ""
        hint += " in the task's dependencies (script_deps)"
        hint += "." if package else "; its name may differ from the module's."
        return f"{hint} {_WEB_HINT}" if name in _HTTP_LIBRARIES else hint
    if isinstance(error, PermissionError) and str(error.filename).startswith("/tmp/"):  # noqa: S108
        return "This host has no /tmp for scripts: use the current directory, or the module tempfile."
    if isinstance(error, OSError) and _came_from_socket(error):
        return _SOCKET_HINT
    return ""


def _came_from_socket(error: OSError) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].filename.endswith("/socket.py")
