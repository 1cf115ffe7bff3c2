"""A package index in a directory, of small wheels made on the spot: no network, no build."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

from testing.servers.threaded import Threaded

WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


class Index:
    """A simple package index (PEP 503), reached by its file URL."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.url = root.as_uri()

    def add(self, name: str, version: str, files: Mapping[str, str], needs: Sequence[str] = ()) -> Path:
        """Add a wheel to the index and return the wheel's path."""
        folder = self.root / name
        folder.mkdir(parents=True, exist_ok=True)
        wheel = folder / f"{name}-{version}-py3-none-any.whl"
        _write(wheel, name, version, files, needs)
        links = [
            f'<a href="{path.name}#sha256={_sha256(path)}">{path.name}</a>' for path in folder.glob("*.whl")
        ]
        (folder / "index.html").write_text("\n".join(links))
        return wheel


class ServedIndex(Index, Threaded):
    """The same index over HTTP. Use it in a with block, inside which it answers."""

    def __init__(self, root: Path) -> None:
        class Handler(SimpleHTTPRequestHandler):
            def __init__(self, *arguments: Any) -> None:
                super().__init__(*arguments, directory=str(root))

            def log_message(self, *_: object) -> None:
                pass

        Index.__init__(self, root)
        Threaded.__init__(self, Handler)
        self.url = f"http://127.0.0.1:{self.port}"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(wheel: Path, name: str, version: str, files: Mapping[str, str], needs: Sequence[str]) -> None:
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {need}\n" for need in needs)
    contents = {**files, f"{info}/METADATA": metadata, f"{info}/WHEEL": WHEEL}
    record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in contents.items())
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in contents.items():
            archive.writestr(path, text)


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
