"""Notes in the reader's language: what a message lost on its way, and what to do about a service's answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext, gettext_noop

TEXTS: dict[str, str] = {
    # reading a result
    "not_a_message": gettext_noop("The result fits no message type (%(reason)s): sent as JSON."),
    "title_cut": gettext_noop("The title was cut to %(most)d characters."),
    "link_without_url": gettext_noop("A link without a web address was left out: %(title)s"),
    "button_without_url": gettext_noop("A button without a web address was left out: %(title)s"),
    "name_refused": gettext_noop("%(field)s: nobody can be called that: %(names)s"),
    # rendering
    "split": gettext_noop("Too long for one message: sent in %(count)d parts."),
    "cut": gettext_noop("Too long: cut, with a link to the run's page."),
    "items_left_out": gettext_noop("%(count)d of the %(kind)s left out, the service takes no more."),
    "sent_as": gettext_noop("%(kind)s is unknown to this service: sent as %(instead)s."),
    "needs_url": gettext_noop("%(kind)s needs a web address to open: sent as %(instead)s."),
    "needs_picture": gettext_noop("%(kind)s needs a picture: sent as %(instead)s."),
    "descriptions_left_out": gettext_noop("feedCard shows no descriptions."),
    "tables_as_lists": gettext_noop("Tables are not shown there: turned into lists."),
    "mentions_apart": gettext_noop("This type carries no mentions: they follow as a text."),
    "mentions_left_out": gettext_noop("This service cannot mention those people: %(who)s"),
    "image_as_text": gettext_noop("The picture cannot be shown there: sent as text."),
    "file_as_text": gettext_noop("Files cannot be sent there: sent as text."),
    "bad_data": gettext_noop("%(name)s is not base64, or empty."),
    "too_large": gettext_noop("%(name)s is over %(most)d bytes: not sent."),
    "recipients_left_out": gettext_noop("Only the first %(most)d of %(kind)s are reached."),
    "digest": gettext_noop("So many messages were waiting that one digest carries %(count)d of them."),
    "carried": gettext_noop(
        "Too many messages were waiting: the digest of delivery #%(id)d carried this one."
    ),
    # answers of the services
    "dingtalk_keyword": gettext_noop("The robot asks for a keyword: put it into the title or the text."),
    "dingtalk_sign": gettext_noop("The signature was refused: copy the robot's secret (SEC…) again."),
    "dingtalk_clock": gettext_noop("The time stamp was refused: set this machine's clock (NTP)."),
    "dingtalk_ip": gettext_noop("This platform's address is not on the robot's list: add it there."),
    "robot_gone": gettext_noop(
        "The robot or its token is gone: make a new one and change the channel's URL."
    ),
    "robot_stopped": gettext_noop("The robot is switched off: switch it on in the group's settings."),
    "wecom_app_credentials": gettext_noop("Corp id or secret was refused: copy both again."),
    "wecom_app_ip": gettext_noop("This platform's address is not trusted by the application: add it there."),
    "wecom_app_nobody": gettext_noop("Nobody named is within the application's visible range."),
    "feishu_keyword": gettext_noop("The robot asks for a keyword: put it into the title or the text."),
    "feishu_sign": gettext_noop("The signature was refused: copy the secret again, and check the clock."),
    "feishu_ip": gettext_noop("This platform's address is not on the robot's list: add it there."),
    "partial": gettext_noop("Not everybody was reached: %(who)s"),
    "address_refused": gettext_noop("The address lies in a network that this platform must not call."),
    "picture_unreachable": gettext_noop("The picture could not be fetched: %(why)s"),
    "scheme_refused": gettext_noop("Addresses of this kind are not allowed here: %(scheme)s"),
    "nobody_named": gettext_noop("Nobody to write to: name people in the application or in the result."),
    "our_fault": gettext_noop("The service refused the shape of the message: please report this."),
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
