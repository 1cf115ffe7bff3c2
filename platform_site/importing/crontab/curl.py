"""A call of an address by curl or wget."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Sequence
from getopt import GetoptError, gnu_getopt

from platform_site.importing.http_request import OtherRequestError, Request

CURL = ("X:H:d:o:m:A:u:e:sSfLgiv", [
    "request=", "header=", "data=", "data-raw=", "data-binary=", "data-ascii=", "json=", "output=", "max-time=",
    "user-agent=", "user=", "referer=", "silent", "show-error", "fail", "fail-with-body", "location", "globoff",
    "include", "verbose", "connect-timeout=", "retry=", "retry-delay=", "url=", "compressed", "no-progress-meter",
])  # fmt: skip
WGET = ("qO:o:T:t:U:v", [
    "quiet", "output-document=", "output-file=", "timeout=", "tries=", "user-agent=", "header=", "post-data=",
    "body-data=", "method=", "no-verbose", "no-cache", "delete-after",
])  # fmt: skip


def read_request(words: Sequence[str]) -> Request | None:
    """Read a command that calls an address; None if it is another. Raises OtherRequestError."""
    program = words[0].rpartition("/")[2]
    if program not in ("curl", "wget"):
        return None
    short, long = CURL if program == "curl" else WGET
    arguments = [word for word in words[1:] if word != "-nv"]
    try:
        options, urls = gnu_getopt(arguments, short, long)
    except GetoptError as error:
        raise OtherRequestError(
            f"A webhook task has nothing like this option of {program}: {error}."
        ) from error
    request = Request(urls=list(urls))
    for option, value in options:
        if (act := OPTIONS.get((program, option)) or OPTIONS.get(("", option))) is not None:
            act(request, value)
    return request


def _add_header(request: Request, text: str) -> None:
    name, _, value = text.partition(":")
    request.headers[name.strip()] = value.strip()


def _add_data(request: Request, text: str) -> None:
    if text.startswith("@"):
        raise OtherRequestError("It sends the content of a file.")
    request.data.append(text)


def _add_raw(request: Request, text: str) -> None:
    request.data.append(text)


def _refuse_file(_request: Request, text: str) -> None:
    if text not in ("/dev/null", "-"):
        raise OtherRequestError("It saves the response as a file.")


def _add_json(request: Request, text: str) -> None:
    _add_data(request, text)
    request.headers |= {"Content-Type": "application/json", "Accept": "application/json"}


def _set_method(request: Request, text: str) -> None:
    request.method = text.upper()


def _set_seconds(request: Request, text: str) -> None:
    try:
        request.seconds = max(1, math.ceil(float(text)))
    except (ValueError, OverflowError):
        raise OtherRequestError(f"“{text[:50]}” is not a number of seconds.") from None


def _set_retries(request: Request, text: str) -> None:
    if not (text.isascii() and text.isdecimal()):
        raise OtherRequestError(f"“{text[:50]}” is not a number of retries.")
    request.retries = int(text)


def _set_tries(request: Request, text: str) -> None:
    _set_retries(request, text)
    request.retries = max(0, request.retries - 1)


def _set_user(request: Request, text: str) -> None:
    request.headers["Authorization"] = f"Basic {base64.b64encode(text.encode()).decode()}"


def _header_setter(name: str) -> Callable[[Request, str], None]:
    def act(request: Request, text: str) -> None:
        request.headers[name] = text

    return act


# By the program, or "" for both. What an option that is missing here does, a webhook task does anyway, or needs not.
OPTIONS: dict[tuple[str, str], Callable[[Request, str], None]] = {
    ("curl", "-X"): _set_method, ("curl", "--request"): _set_method, ("wget", "--method"): _set_method,
    ("curl", "-H"): _add_header, ("", "--header"): _add_header,
    ("curl", "-d"): _add_data, ("curl", "--data"): _add_data, ("curl", "--data-raw"): _add_raw,
    ("curl", "--data-binary"): _add_data, ("curl", "--data-ascii"): _add_data, ("curl", "--json"): _add_json,
    ("wget", "--post-data"): _add_data, ("wget", "--body-data"): _add_data,
    ("curl", "-m"): _set_seconds, ("curl", "--max-time"): _set_seconds,
    ("wget", "-T"): _set_seconds, ("wget", "--timeout"): _set_seconds,
    ("curl", "--retry"): _set_retries, ("wget", "-t"): _set_tries, ("wget", "--tries"): _set_tries,
    ("curl", "-u"): _set_user, ("curl", "--user"): _set_user,
    ("curl", "-A"): _header_setter("User-Agent"), ("wget", "-U"): _header_setter("User-Agent"),
    ("", "--user-agent"): _header_setter("User-Agent"),
    ("curl", "-e"): _header_setter("Referer"), ("curl", "--referer"): _header_setter("Referer"),
    ("curl", "-o"): _refuse_file, ("curl", "--output"): _refuse_file,
    ("wget", "-O"): _refuse_file, ("wget", "--output-document"): _refuse_file,
    ("curl", "--url"): lambda request, url: request.urls.append(url),
}  # fmt: skip
