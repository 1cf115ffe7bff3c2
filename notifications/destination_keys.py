"""Which service a webhook belongs to, and the key of its destination: a robot, an application, any other address."""

import hashlib
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from notifications.channel_types import CHANNEL_TYPES


def channel_type_of(url: str) -> str | None:
    """Return the service that a robot's address belongs to; None for any other address, which is sent JSON."""
    found = _service_and_token(url)
    return found[0] if found else None


def service_problem(url: str, channel_type: str) -> str:
    """Return in words that the address is that of another service's robot; "" if it is not, or the type is unknown."""
    service = channel_type_of(url)
    if service is None or channel_type not in CHANNEL_TYPES or service == channel_type:
        return ""
    text = _("This is the address of another type of channel: %(label)s. Choose that type.")
    return text % {"label": CHANNEL_TYPES[service].label}


def is_same_destination(url: str, other: str) -> bool:
    """Return whether both addresses lead to one robot."""
    return _service_or_url(url) == _service_or_url(other)


def webhook_key(tenant_id: str | None, url: str) -> str:
    """Return a value that is the same for every address by which the tenant reaches one robot.

    It is a hash because the address is a secret. The tenant is part of it so that a robot which two tenants have
    named has a queue for each of them.
    """
    return _hash(tenant_id, *_service_or_url(url))


def app_key(tenant_id: str | None, corp_id: str, agent_id: int, api_base: str) -> str:
    """Return the same as `webhook_key` for a tenant's WeCom application behind one address of the API."""
    return _hash(tenant_id, "wecom_app", corp_id, str(agent_id), api_base.strip().rstrip("/"))


def _hash(tenant_id: str | None, *destination: str) -> str:
    return hashlib.sha256("\n".join([tenant_id or "", *destination]).encode()).hexdigest()


def _service_or_url(url: str) -> tuple[str, str]:
    return _service_and_token(url) or ("url", url.strip())


def _service_and_token(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    found = ((name, each.find_token(parts)) for name, each in CHANNEL_TYPES.items())
    return next(((name, token) for name, token in found if token), None)
