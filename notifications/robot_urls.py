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


def robot_id(url: str) -> str:
    """The same for every address that leads to one robot; a hash, since the address is a secret."""
    found = _service_and_token(url)
    return hashlib.sha256(":".join(found or ("url", url.strip())).encode()).hexdigest()


def app_id(corp_id: str, agent_id: int) -> str:
    """The same for a WeCom application."""
    return hashlib.sha256(f"wecom_app:{corp_id}:{agent_id}".encode()).hexdigest()


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
