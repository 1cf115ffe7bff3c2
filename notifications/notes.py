"""Notes in the reader's language: what a message lost on its way, and what to do about a service's answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext, gettext_noop

TEXTS: dict[str, str] = {
    # reading a result
    "not_a_message": gettext_noop(
        "The result does not match any message type (%(reason)s): sent as JSON instead."
    ),
    "keys_unused": gettext_noop("These keys of the result were not used: %(names)s"),
    "title_cut": gettext_noop("The title was cut to %(most)d characters."),
    "link_without_url": gettext_noop("A link without a web address was left out: %(title)s"),
    "button_without_url": gettext_noop("A button without a web address was left out: %(title)s"),
    "name_refused": gettext_noop("%(field)s contains invalid names: %(names)s"),
    # rendering
    "split": gettext_noop("The message was too long: it was sent in %(count)d parts."),
    "cut": gettext_noop("The message was too long: it was cut and links to the run's page."),
    "items_left_out": gettext_noop("%(count)d of the %(kind)s were left out: the service accepts no more."),
    "sent_as": gettext_noop("This service does not support %(kind)s: sent as %(instead)s instead."),
    "needs_url": gettext_noop(
        "%(kind)s needs a web address to open and has none: sent as %(instead)s instead."
    ),
    "needs_picture": gettext_noop("%(kind)s needs a picture and has none: sent as %(instead)s instead."),
    "descriptions_left_out": gettext_noop("feedCard shows no descriptions."),
    "tables_as_lists": gettext_noop("This service does not show tables: they were turned into lists."),
    "tables_kept": gettext_noop("Tables were kept, as the channel is set: on phones they are shown as text."),
    "mentions_apart": gettext_noop(
        "This message type can't mention people: the mentions were sent as a separate text."
    ),
    "mentions_left_out": gettext_noop("This service can't mention these people: %(who)s"),
    "image_as_text": gettext_noop("This service can't show the picture: sent as text instead."),
    "file_as_text": gettext_noop("This service can't receive files: sent as text instead."),
    "bad_data": gettext_noop("%(name)s is empty or not valid base64."),
    "too_large": gettext_noop("%(name)s is larger than %(most)d bytes and was not sent."),
    "recipients_left_out": gettext_noop("Only the first %(most)d of %(kind)s receive the message."),
    "digest": gettext_noop("Many messages were waiting, so %(count)d of them were combined into one."),
    "carried": gettext_noop("Many messages were waiting, so this one was sent as part of delivery #%(id)d."),
    # answers of the services
    "dingtalk_keyword": gettext_noop("The robot requires a keyword: put it into the title or the text."),
    "dingtalk_sign": gettext_noop("The signature was refused: copy the robot's secret (SEC…) again."),
    "dingtalk_clock": gettext_noop("The timestamp was refused: set this machine's clock (NTP)."),
    "dingtalk_ip": gettext_noop("The platform's IP address is not on the robot's allowlist: add it there."),
    "robot_gone": gettext_noop(
        "The robot or its token no longer exists: create a new robot and change the channel's address."
    ),
    "robot_stopped": gettext_noop("The robot is disabled: enable it in the group's settings."),
    "wecom_app_credentials": gettext_noop("The corp ID or the secret was refused: copy both again."),
    "wecom_app_ip": gettext_noop(
        "The platform's IP address is not on the application's list of trusted IPs: add it there."
    ),
    "wecom_app_nobody": gettext_noop(
        "None of the people named is within the application's visible range: add them in WeCom's "
        "admin console."
    ),
    "feishu_keyword": gettext_noop("The robot requires a keyword: put it into the title or the text."),
    "feishu_sign": gettext_noop("The signature was refused: copy the secret again, and check the clock."),
    "feishu_ip": gettext_noop("The platform's IP address is not on the robot's allowlist: add it there."),
    "partial": gettext_noop("These recipients did not get the message: %(who)s"),
    "address_refused": gettext_noop(
        "The address is in a network that the platform is not allowed to call; the operator can "
        "allow it with OUTBOUND_ALLOWED_NETWORKS."
    ),
    "picture_unreachable": gettext_noop("The picture could not be fetched: %(why)s"),
    "scheme_refused": gettext_noop("Addresses with this scheme are not allowed: %(scheme)s"),
    "nobody_named": gettext_noop(
        "The message has no recipients: name people in the application or in the result."
    ),
    "our_fault": gettext_noop(
        "The service refused the format of the message: please report it to the operator."
    ),
}


@dataclass(frozen=True)
class Note:
    """A key of TEXTS with the values that its text names: plain JSON, so that a row can store both."""

    code: str
    values: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return gettext(TEXTS[self.code]) % self.values


def note(code: str, **values: str | int) -> Note:
    """Make a note. Raises KeyError for a code that has no text."""
    TEXTS[code]
    return Note(code, values)
