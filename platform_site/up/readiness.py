"""Finds out whether web and Flower answer, over loopback and never through a proxy that the environment names.

With METRICS_TOKEN web also says why a part fails, without it only which part.
"""

from __future__ import annotations

import http.client
import json

from django.conf import settings

from platform_site.config.addresses import reachable_host


def missing(host: str, port: int, flower_port: int) -> str:
    """Return what is not there yet, "" when everything is."""
    return _why_not("flower", host, flower_port, "/healthcheck") or _why_not("web", host, port, "/readyz")


def _why_not(name: str, host: str, port: int, path: str) -> str:
    connection = http.client.HTTPConnection(reachable_host(host), port, timeout=5)
    try:
        token = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"} if settings.METRICS_TOKEN else {}
        connection.request("GET", path, headers={"Host": "localhost"} | token)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return f"{name}: {error}"
    finally:
        connection.close()
    return "" if answer.status == 200 else f"{name}: {_reasons(body) or answer.status}"


def _reasons(body: bytes) -> str:
    try:
        checks = json.loads(body)["checks"]
    except (ValueError, KeyError, TypeError):
        return ""
    return ", ".join(f"{name}: {why}" for name, why in checks.items() if why != "ok")
