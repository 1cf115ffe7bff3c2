"""What the requests of tasks may reach, and by which proxy."""

from __future__ import annotations

from django.conf import settings

from common.http import Policy


def policy(seconds: float = Policy.total_seconds) -> Policy:
    """Return the policy for requests that end after so many seconds.

    A client with timeouts of its own need not pass any.
    """
    return Policy(
        allowed_networks=settings.OUTBOUND_ALLOWED_NETWORKS,
        read_seconds=seconds,
        total_seconds=seconds,
        max_redirects=0,
        proxy_url=settings.OUTBOUND_PROXY_URL,
        proxy_is_trusted=True,
    )
