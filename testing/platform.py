"""A whole platform as `make up` starts it, ready to use, and its REST API."""

from __future__ import annotations

from pathlib import Path

from testing.instance import Instance
from testing.rest import Rest


class Platform(Instance, Rest):
    """Use it in a with block, inside which it is ready. `environ` is added to the instance's environment."""

    def __init__(self, data_dir: Path, **environ: str) -> None:
        super().__init__(data_dir, {"OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8", **environ})
        self.base = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Platform:
        super().__enter__()
        try:
            self.until_ready()
            self.token = self.file("api-token")
        except BaseException:
            self.__exit__()
            raise
        return self
