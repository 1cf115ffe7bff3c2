"""Files and pictures of a WeCom message: its payload's member "attach", which is never sent itself.

{"name", "base64"} holds a file; {"url"} names a picture that is fetched first, under the same address rules.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from common.http import AddressRefusedError, HttpError, UploadFile
from notifications.notes import note

from .base import Answer, Http, Outcome

PICTURE_TYPES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}


@dataclass(frozen=True)
class Attachment:
    name: str
    content: bytes

    def as_upload(self) -> dict[str, UploadFile]:
        return {"media": UploadFile(self.name, self.content)}


def load(attach: Mapping[str, str], http: Http, max_bytes: int) -> Attachment | Answer:
    """Load the file or picture of a payload. Return the answer that ends the delivery's attempt where that fails."""
    if "base64" in attach:
        return Attachment(attach["name"], base64.b64decode(attach["base64"]))
    try:
        response = http.request("GET", attach["url"])
    except AddressRefusedError as error:
        return _unreachable(Outcome.FAULT, type(error).__name__)
    except HttpError as error:
        return _unreachable(Outcome.TRANSIENT, type(error).__name__)
    if response.status >= 500:
        return _unreachable(Outcome.TRANSIENT, f"HTTP {response.status}")
    if not response.is_success:
        return _unreachable(Outcome.FAULT, f"HTTP {response.status}")
    kind = next((kind for start, kind in PICTURE_TYPES.items() if response.content.startswith(start)), "")
    if not kind:
        return _unreachable(Outcome.FAULT, "neither PNG nor JPEG")
    if len(response.content) > max_bytes:
        return _unreachable(Outcome.FAULT, f"over {max_bytes} bytes")
    return Attachment(f"picture.{kind}", response.content)


def _unreachable(outcome: Outcome, why: str) -> Answer:
    return Answer(outcome, errmsg=why, note=note("picture_unreachable", why=why))
