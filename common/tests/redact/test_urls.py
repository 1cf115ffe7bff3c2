import pytest

from common.redact import mask_url, secrets_in

ROBOTS = [
    (
        "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef0123ab12",
        "https://oapi.dingtalk.com/robot/send?access_token=***ab12",
    ),
    (
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=***5aaa",
    ),
    (
        "https://open.feishu.cn/open-apis/bot/v2/hook/3f2a1b4c-1111-2222-3333-abcdef012345",
        "https://open.feishu.cn/open-apis/bot/v2/hook/***2345",
    ),
    (
        "https://discord.com/api/webhooks/123456789012345678/abcdefghijklmnop-wxyz",
        "https://discord.com/api/webhooks/***5678/***wxyz",
    ),
    (
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXabcd",
        "https://hooks.slack.com/services/***/***/***abcd",
    ),
]


@pytest.mark.parametrize(("url", "masked"), ROBOTS)
def test_a_robots_token_is_masked_to_its_last_four(url: str, masked: str) -> None:
    assert mask_url(url) == masked


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("https://a.com/report/daily", "https://a.com/report/daily"),
        (
            "https://a.com/x?short=abc&empty=&long=abcdefghijkl",
            "https://a.com/x?short=***&empty=&long=***ijkl",
        ),
        ("https://a.com/x?0123456789abcdef", "https://a.com/x?***cdef"),
        ("https://user:pass@a.com:8443/x", "https://***@a.com:8443/x"),
        ("https://a.com/x#access_token=abc", "https://a.com/x#***"),
        ("tgram://123456789:a-bot-s-token/chat", "tgram://***"),
        ("redis://:password@cache:6379/0", "redis://***@cache:6379/0"),
        ("no url at all", "***"),
        ("http://[broken", "***"),
        ("", ""),
    ],
)
def test_everything_that_may_be_a_secret_is_masked(url: str, masked: str) -> None:
    assert mask_url(url) == masked


@pytest.mark.parametrize(("url", "masked"), ROBOTS)
def test_masking_twice_shows_what_masking_once_does(url: str, masked: str) -> None:
    assert mask_url(masked) == masked


@pytest.mark.parametrize(
    ("url", "pieces"),
    [
        ("https://h.example/robot/send?access_token=t0ken-of-robot&x=a", {"t0ken-of-robot"}),
        ("https://h.example/?x=0123456789%20b", {"0123456789%20b", "0123456789 b"}),
        ("https://h.example/open-apis/bot/v2/hook/h00k-0123456789", {"h00k-0123456789"}),
        ("https://h.example/cgi-bin/webhook/send?key=k3y-0123456789", {"k3y-0123456789"}),
        ("http://user:p%40ss@proxy.example:3128", {"p%40ss", "p@ss"}),
        ("https://h.example/?l0ne-0123456789#fr4gment-012345", {"l0ne-0123456789", "fr4gment-012345"}),
        ("https://h.example/?type=report", set()),
        ("https://h.example/path", set()),
        ("", set()),
    ],
)
def test_each_secret_piece_of_an_address_is_known_by_itself(url: str, pieces: set[str]) -> None:
    assert set(secrets_in(url)) == pieces
