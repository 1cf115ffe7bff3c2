"""Which service a webhook belongs to, and which robot it is.

Told by path and token, not by host: companies put gateways before the services.
"""

import hashlib
import re
from urllib.parse import parse_qs, urlsplit

HOOK = re.compile(r"(/open-apis/bot/v2/hook/)([^/]+)/?")
TOKENS = {"/robot/send": ("dingtalk_bot", "access_token"), "/cgi-bin/webhook/send": ("wecom_bot", "key")}


def channel_type_of(url: str) -> str | None:
    """None for what is no robot of a service that is known here: it gets JSON."""
    found = _service_and_token(url)
    return found[0] if found else None


def is_one_robot(url: str, other: str) -> bool:
    """Whether both addresses lead to one robot."""
    return _destination(url) == _destination(other)


def robot_id(tenant_id: str | None, url: str) -> str:
    """The same for every address by which the tenant reaches one robot; a hash, since the address is a secret.

    What one tenant's messages do to a robot's queue is nothing to another's, who may have named the same robot.
    """
    return _hash(tenant_id, *_destination(url))


def app_id(tenant_id: str | None, corp_id: str, agent_id: int, api_base: str) -> str:
    """The same for a WeCom application of the tenant behind one address of the API."""
    return _hash(tenant_id, "wecom_app", corp_id, str(agent_id), api_base.strip().rstrip("/"))


def _hash(tenant_id: str | None, *destination: str) -> str:
    return hashlib.sha256("\n".join([tenant_id or "", *destination]).encode()).hexdigest()


def _destination(url: str) -> tuple[str, str]:
    return _service_and_token(url) or ("url", url.strip())


def _service_and_token(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    if hook := HOOK.fullmatch(parts.path):
        return "feishu_bot", hook[2]
    service, name = TOKENS.get(parts.path, ("", ""))
    token = parse_qs(parts.query).get(name, [""])[0]
    return (service, token) if token else None
