import pytest

from notifications.destination_keys import app_key, channel_type_of, is_same_destination, webhook_key

DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef"
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook/f19a0b1c-0000-4444-8888-deadbeef0000"


@pytest.mark.parametrize(
    ("url", "channel_type"),
    [
        (DINGTALK, "dingtalk_bot"),
        (DINGTALK + "&timestamp=1&sign=x", "dingtalk_bot"),
        (WECOM, "wecom_bot"),
        (FEISHU, "feishu_bot"),
        (FEISHU.replace("feishu.cn", "larksuite.com"), "feishu_bot"),
        ("http://10.0.0.5:8080/robot/send?access_token=x", "dingtalk_bot"),  # a company's gateway
        ("https://oapi.dingtalk.com/robot/send", None),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", None),
        ("https://example.com/alerts", None),
        ("ftp://oapi.dingtalk.com/robot/send?access_token=x", None),
        ("http://[broken", None),
        ("", None),
    ],
)
def test_a_robot_is_known_by_its_path_and_token(url: str, channel_type: str | None) -> None:
    assert channel_type_of(url) == channel_type


def of_acme(url: str) -> str:
    return webhook_key("acme", url)


def test_two_addresses_of_one_robot_are_one_robot() -> None:
    assert of_acme(DINGTALK) == of_acme(DINGTALK + "&timestamp=1") == of_acme(f" {DINGTALK}")
    assert len({of_acme(url) for url in (DINGTALK, WECOM, FEISHU, "https://example.com")}) == 4
    assert is_same_destination(DINGTALK, DINGTALK + "&timestamp=1")
    assert not is_same_destination(DINGTALK, WECOM)


def test_a_robot_is_its_tenants_alone() -> None:
    """Whoever names another tenant's robot waits in a queue of his own."""
    assert len({webhook_key(tenant, DINGTALK) for tenant in (None, "acme", "evil")}) == 3


def test_an_application_is_its_tenants_behind_one_address() -> None:
    ours = app_key("acme", "corp", 7, "https://qyapi.weixin.qq.com")
    assert app_key("acme", "corp", 7, "https://qyapi.weixin.qq.com/") == ours
    others = [
        app_key("evil", "corp", 7, "https://qyapi.weixin.qq.com"),
        app_key("acme", "corp", 7, "https://gateway.example.com"),
        app_key("acme", "corp", 8, "https://qyapi.weixin.qq.com"),
    ]
    assert len({ours, *others}) == 4
