"""Any other service that the apprise library knows: Slack, Telegram, Bark, Discord, ntfy, e-mail.

It is not used for DingTalk, WeCom and Feishu: its plugins for them look only at the HTTP status, and report refused
messages as sent.
"""

import logging
from threading import get_ident
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings

from notifications.notes import note

from .base import CONNECT_SECONDS, READ_SECONDS, Answer, Outcome, Sender, Target
from .connect_guard import guarded_connects

if TYPE_CHECKING:
    from apprise import NotifyBase

# Arguments that name files of this machine, switch TLS's checks off, or set the time limits, which are ours.
REFUSED_ARGUMENTS = frozenset(
    {"template", "attach", "pgp", "pgpkey", "pgppub", "pgpprv", "verify", "cto", "rto"}
)
PAUSE_SECONDS = 60


class AppriseSender(Sender):
    """Sends through the library, which reports only success or failure: a failure is worth another attempt.

    The channel's proxy is not used.
    """

    def send(self, target: Target, payload: dict[str, Any], key: str) -> Answer:
        if refused := refusal(target.url):
            return refused
        service = _service(target.url)
        if service is None:
            return Answer(Outcome.PERMANENT, errmsg="not an address that apprise understands")
        with guarded_connects(settings.OUTBOUND_ALLOWED_NETWORKS) as guard, _LogLines() as log_lines:
            sent = service.notify(title=payload["title"], body=payload["body"], body_format="markdown")
        if guard.refused:
            return Answer(Outcome.PERMANENT, errmsg=guard.refused, note=note("address_refused"))
        return Answer(Outcome.SENT if sent else Outcome.TRANSIENT, errmsg="" if sent else log_lines.text())

    def pause_seconds(self) -> float:
        return PAUSE_SECONDS


def refusal(url: str) -> Answer | None:
    """Return the answer for an address that no channel may have: its scheme or an argument is forbidden. Else None."""
    parts = urlsplit(url.strip())
    if parts.scheme not in settings.APPRISE_SCHEMES:
        refused = note("scheme_refused", scheme=parts.scheme[:40] or "-")
        return Answer(Outcome.PERMANENT, errmsg=f"{parts.scheme}://", note=refused)
    arguments = {name.lower().lstrip("+-:") for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if refused_arguments := sorted(arguments & REFUSED_ARGUMENTS):
        return Answer(Outcome.PERMANENT, errmsg=f"not allowed in an address: {', '.join(refused_arguments)}")
    return None


def _service(url: str) -> "NotifyBase | None":
    # It takes half a second, and only a few processes ever use it.
    from apprise import Apprise, AppriseAsset, OverflowMode  # noqa: PLC0415

    asset = AppriseAsset(storage_mode="memory")  # by default the library keeps files
    service = Apprise.instantiate(url, asset=asset)
    if service is not None:
        service.socket_connect_timeout, service.socket_read_timeout = CONNECT_SECONDS, READ_SECONDS
        service.overflow_mode = OverflowMode.SPLIT
    return service


class _LogLines(logging.Handler):
    """Collects what the library logs in this thread, which is its only way to give a reason."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._thread = get_ident()
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self._lines.append(record.getMessage())

    def text(self) -> str:
        return "; ".join(self._lines) or "apprise could not send it"

    def __enter__(self) -> "_LogLines":
        logging.getLogger("apprise").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("apprise").removeHandler(self)
