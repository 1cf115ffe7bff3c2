"""The files among a run's outputs, as links that people can open.

Dify describes a file by an object; one that a node returns has `dify_model_identity`, one that an agent sends has not.
Links that Dify has signed live for minutes, and their signature is part of them: they are passed on as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from .payload import Payload, items, text

TYPES = ("document", "image", "audio", "video", "custom")
IN_A_LINK = str.maketrans({" ": "%20", "(": "%28", ")": "%29", "<": "%3C", ">": "%3E"})
IN_A_LABEL = str.maketrans({"[": "(", "]": ")", "\n": " ", "\r": " "})


def described(url: str, kind: str, name: str = "") -> dict[str, str]:
    """Return a file that an agent has sent, as an output."""
    return {"type": kind or "custom", "filename": name or _name_in(url), "url": url}


def sent_with(message: Payload) -> dict[str, dict[str, str]]:
    """Return the files that a whole message has, as outputs, by their ids.

    Only a tool's files are an agent's own: the others are what the run was given.
    """
    files = [file for file in items(message, "files") if text(file, "transfer_method") == "tool_file"]
    return {
        text(file, "related_id") or url: described(url, text(file, "type"), text(file, "filename"))
        for file in files
        if (url := text(file, "url"))
    }


def with_files(outputs: Mapping[str, Any], files: Mapping[str, dict[str, str]]) -> Mapping[str, Any]:
    """Return the outputs with the files that an agent has sent, unless the app has an output of that name."""
    return {"files": list(files.values()), **outputs} if files else outputs


def links_of(value: Any) -> list[str]:
    """Return a file, or a list of nothing but files, as Markdown; [] for any other value."""
    files = value if isinstance(value, list) else [value]
    return [_link(file) for file in files] if all(map(_is_file, files)) else []


def _is_file(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    is_described = value.get("type") in TYPES and "filename" in value and "url" in value
    return is_described or value.get("dify_model_identity") == "__dify__file__"


def _link(file: Mapping[str, Any]) -> str:
    """Return a picture or a link. Without a web address, such as where Dify has no FILES_URL, it is the name alone."""
    url = str(file.get("url") or file.get("remote_url") or "").strip()
    name = str(file.get("filename") or "").translate(IN_A_LABEL).strip() or _name_in(url)
    if not url.startswith(("http://", "https://")):
        return f"📎 {name}"
    link = f"[{name}]({url.translate(IN_A_LINK)})"
    return f"!{link}" if file.get("type") == "image" else f"📎 {link}"


def _name_in(url: str) -> str:
    try:
        path = urlsplit(url).path
    except ValueError:
        path = ""
    return unquote(path.rstrip("/").rpartition("/")[2]).translate(IN_A_LABEL) or "file"
