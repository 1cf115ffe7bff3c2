"""The address and credentials to which a delivery is sent."""

from __future__ import annotations

from notifications.messages import Recipients
from notifications.models import Delivery, NotifyChannel, WeComApp
from notifications.result_values import NAME, names_of
from notifications.senders import AppCredentials, Target


def target_of(delivery: Delivery) -> Target:
    if delivery.channel is not None:
        return _robot(delivery.channel)
    if delivery.wecom_app is not None:
        return _app(delivery.wecom_app)
    return Target(delivery.address)


def _robot(channel: NotifyChannel) -> Target:
    return Target(channel.webhook_url, channel.sign_secret, channel.proxy_url)


def _app(app: WeComApp) -> Target:
    credentials = AppCredentials(app.corp_id, app.agent_id, app.corp_secret, recipients_of(app))
    return Target(app.api_base, proxy_url=app.proxy_url, app=credentials)


def recipients_of(app: WeComApp) -> Recipients:
    """Return the people, departments and tags that the row names."""
    row = {"to_user": app.to_user, "to_party": app.to_party, "to_tag": app.to_tag}
    return Recipients(*(names_of(row, field, NAME, []) for field in row))
