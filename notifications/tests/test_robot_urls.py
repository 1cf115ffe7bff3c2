import pytest

from notifications.robot_urls import channel_type_of, robot_id

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


def test_two_addresses_of_one_robot_are_one_robot() -> None:
    assert robot_id(DINGTALK) == robot_id(DINGTALK + "&timestamp=1") == robot_id(f" {DINGTALK}")
    assert len({robot_id(DINGTALK), robot_id(WECOM), robot_id(FEISHU), robot_id("https://example.com")}) == 4
