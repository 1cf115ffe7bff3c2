"""Every kind of task that there is."""

from __future__ import annotations

from django.utils.functional import Promise

from scheduling.kinds.base import Kind
from scheduling.kinds.dify.kind import DIFY
from scheduling.kinds.script.kind import SCRIPT
from scheduling.kinds.webhook.kind import WEBHOOK

KINDS: dict[str, Kind] = {kind.name: kind for kind in (DIFY, WEBHOOK, SCRIPT)}
QUEUE_OF = {name: kind.queue for name, kind in KINDS.items()}
KINDS_ON = {queue: [name for name in KINDS if QUEUE_OF[name] == queue] for queue in QUEUE_OF.values()}


def choices() -> list[tuple[str, str | Promise]]:
    """Return the kinds as a column's choices. Being a function, it lets a new kind need no migration."""
    return [(kind.name, kind.label) for kind in KINDS.values()]
