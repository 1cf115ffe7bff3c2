"""The messages between host and guest: frames of four length bytes (big-endian) and one JSON object.

Guest to host            {"kind": "ready"}                                 the filters are on, send the source
                         {"kind": "text", "stream", "text"}                output, in pieces, not always whole lines
                         {"kind": "call", "id", "name", "arguments"}       answered by one reply, in any order
                         {"kind": "done", "result"}                        with "is_result_hidden": see `hidden_result`
                         {"kind": "failed", "code", "error"}
                         {"kind": "unjailed", "error"}                     a layer failed, nothing of the script has run
Host to guest            {"source", "filename", "context", "params", "grants", "frame_bytes", "result_bytes"}   once
                         {"id", "value"} or {"id", "error": {"type", "message"}}    a reply

Bytes are sent as {"__bytes__": base64}, whether they are an argument, a value, or a field of a value.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from typing import Any

HEADER = struct.Struct(">I")
BYTES_KEY = "__bytes__"
MAX_DEPTH = 64  # levels of nesting in an argument
# The exit status of a guest that is out of memory, and so can't build a frame to report it.
EXIT_OUT_OF_MEMORY = 71


class ProtocolError(Exception):
    """The other side sent what no honest side sends, or a message is too large to be sent."""


def pack(message: dict[str, Any], limit: int) -> bytes:
    """Return the message as a frame.

    Raises TypeError or ValueError if it isn't JSON, ProtocolError if it takes more than `limit` bytes.
    """
    body = json.dumps(message, allow_nan=False, default=_pack_bytes).encode("ascii")
    if len(body) > limit:
        raise ProtocolError(f"a message of {len(body)} bytes, {limit} are allowed")
    return HEADER.pack(len(body)) + body


def frame_size(data: bytes | bytearray) -> int:
    """Return the size in bytes, header included, of the frame that begins here. Its header must be complete."""
    (length,) = HEADER.unpack_from(data)
    return HEADER.size + int(length)


def split(data: bytes) -> tuple[dict[str, Any] | None, bytes]:
    """Return the first message, or None if it is not complete yet, and the bytes after it. Raises ProtocolError."""
    if len(data) < HEADER.size or len(data) < (end := frame_size(data)):
        return None, data
    return _unpack(data[HEADER.size : end]), data[end:]


def missing_bytes(data: bytes) -> int:
    """Return how many bytes the first message still lacks; while its header is incomplete, how many that lacks."""
    return (frame_size(data) if len(data) >= HEADER.size else HEADER.size) - len(data)


class Frames:
    """Cuts a byte stream into messages, for a host that trusts no length field."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """Add `data` and yield each message that is now complete. Raises ProtocolError."""
        self._buffer += data
        while len(self._buffer) >= HEADER.size:
            end = frame_size(self._buffer)
            if end - HEADER.size > self._limit:
                raise ProtocolError(f"a frame of {end - HEADER.size} bytes, {self._limit} are allowed")
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[HEADER.size : end])
            del self._buffer[:end]
            yield _unpack(body)


def is_deeper(value: Any, levels: int) -> bool:
    """Return whether lists and objects are nested deeper than `levels`. Works without recursion on untrusted values."""
    level = [value]
    for _ in range(levels + 1):
        inner = [
            item.values() if isinstance(item, dict) else item
            for item in level
            if isinstance(item, dict | list)
        ]
        if not inner:
            return False
        level = [item for items in inner for item in items]
    return True


def revive_bytes(value: Any) -> Any:
    """Return the value with packed bytes turned back, at the top and one level down; deeper ones stay as they came."""
    if not isinstance(value, dict):
        return value
    if set(value) == {BYTES_KEY}:
        return _revive(value)
    return {key: _revive(inner) for key, inner in value.items()}


def _revive(value: Any) -> Any:
    if not (isinstance(value, dict) and set(value) == {BYTES_KEY} and isinstance(value[BYTES_KEY], str)):
        return value
    try:
        return base64.b64decode(value[BYTES_KEY], validate=True)
    except ValueError as error:
        raise ProtocolError("bytes that are not base64") from error


def _pack_bytes(value: object) -> dict[str, str]:
    if isinstance(value, bytes | bytearray):
        return {BYTES_KEY: base64.b64encode(value).decode("ascii")}
    raise TypeError(f"{type(value).__name__} can't be sent as JSON")


def _unpack(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:  # deep nesting overflows the parser's stack
        raise ProtocolError(f"not JSON: {type(error).__name__}") from error
    if not isinstance(message, dict):
        raise ProtocolError("not a JSON object")
    return message


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
