"""A call of an address, as a webhook task's columns."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from scheduling.kinds.webhook.kind import WEBHOOK

NO_BODY = "{# no body #}"
FORM = "application/x-www-form-urlencoded"


class OtherRequestError(ValueError):
    """Something is asked for that a webhook task can't do; the message says what."""


@dataclass
class Request:
    urls: list[str] = field(default_factory=list)
    method: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    seconds: int | None = None
    retries: int = 0

    def columns(self) -> dict[str, Any]:
        """Return the columns of a task that makes the request, named after its host. Raises OtherRequestError.

        The task is not described by the request, whose address may contain a token.
        """
        if len(self.urls) != 1:
            raise OtherRequestError(f"It calls {len(self.urls)} addresses instead of one.")
        url = self.urls[0] if "://" in self.urls[0] else f"http://{self.urls[0]}"
        if self.data and not any(name.lower() == "content-type" for name in self.headers):
            self.headers["Content-Type"] = FORM
        return {
            "task_name": urlsplit(url).hostname or "webhook",
            "execution_type": WEBHOOK.name,
            "webhook_url": url,
            "webhook_method": self.method or ("POST" if self.data else "GET"),
            "webhook_headers": json.dumps(self.headers) if self.headers else "",
            "webhook_body_template": _as_template("&".join(self.data)) if self.data else NO_BODY,
            "timeout_seconds": self.seconds,
            "retry_count": self.retries,
        }


def _as_template(text: str) -> str:
    """Return a template that renders as the text."""
    if not any(mark in text for mark in ("{{", "{%", "{#")):
        return text
    if "endraw" in text:
        raise OtherRequestError("Its data contains “endraw”, which ends raw text in a template.")
    return "{% raw %}" + text + "{% endraw %}"
