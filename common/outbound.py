"""What the operator lets requests reach, and by which proxy."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from common.http import Policy


def policy(proxy_url: str = "", **limits: Any) -> Policy:
    """Return a policy with the operator's networks and these limits, which are fields of `Policy`.

    `proxy_url` is a tenant's own proxy, whose address is judged as any other; without one it is the operator's.
    """
    return Policy(
        allowed_networks=settings.OUTBOUND_ALLOWED_NETWORKS,
        proxy_url=proxy_url or settings.OUTBOUND_PROXY_URL,
        proxy_is_trusted=not proxy_url,
        **limits,
    )
