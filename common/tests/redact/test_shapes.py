import pytest

from common.redact import mask_shapes, mask_shapes_but_files


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("key app-Ab3dEf6hIj9kLm2nOp5q used", "key app-***Op5q used"),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer ***5678"),
        ("Authorization: bearer app-Ab3dEf6hIj9kLm2n", "Authorization: bearer app-***Lm2n"),
        ("POST https://oapi.dingtalk.com/robot/send?access_token=0123456789ab", "…access_token=***89ab"),
        ("(https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4)", "…send?key=***4bc4)"),
        (
            "qyapi.weixin.qq.com/cgi-bin/webhook/upload_media?type=file&key=693a91f6-7xxx-4bc4",
            "…type=file&key=***4bc4",
        ),
        ("open.feishu.cn/open-apis/bot/v2/hook/3f2a1b4c-1111-2345 said", "…/hook/***2345 said"),
        (
            '{"url":"http://d/files/1/file-preview?timestamp=17&nonce=5ab&sign=Zm9vYmFyYmF6cXV4="}',
            '…&nonce=5ab&sign=***XV4="}',
        ),
        ("x?a=1&X-Amz-Signature=deadbeefdeadbeef&b=2", "x?a=1&X-Amz-Signature=***beef&b=2"),
        ('{"sys.user_id":"sched-1","x":1}', '{"sys.user_id":"***","x":1}'),
        (r'{"inputs":"{\"sys.user_id\": \"sched-1\"}"}', r'{"inputs":"{\"sys.user_id\": \"***\"}"}'),
        ("{'sys.user_id': 'sched-1'}", "{'sys.user_id': '***'}"),
    ],
)
def test_a_secret_is_known_by_its_shape(text: str, masked: str) -> None:
    assert mask_shapes(text).endswith(masked.removeprefix("…"))


@pytest.mark.parametrize(
    "text",
    [
        "app-store opens in the app",
        "key=value monkey=1",
        "the sign = of a design=1",
        "the bearer of news",
        "https://a.com/hook/x?page=2",
        "日报 ✅",
    ],
)
def test_plain_words_are_left_alone(text: str) -> None:
    assert mask_shapes(text) == text


def test_masking_twice_changes_nothing() -> None:
    once = mask_shapes("Bearer app-Ab3dEf6hIj9kLm2nOp5q ?access_token=0123456789ab&sign=abcdefghijklmn")
    assert mask_shapes(once) == once


def test_hostile_text_is_masked_in_linear_time() -> None:
    for hostile in (
        "Bearer " * 100_000,
        "app-" * 200_000,
        "?sign" * 200_000,
        "\\" * 500_000 + '"sys.user_id',
    ):
        mask_shapes(hostile)


def test_a_link_that_dify_signed_is_left_for_who_is_to_open_it_and_nothing_else_is() -> None:
    link = "http://d/files/1/file-preview?timestamp=17&nonce=5ab&sign=Zm9vYmFyYmF6cXV4="
    robot = (
        "https://oapi.dingtalk.com/robot/send?access_token=0123456789ab&timestamp=17&sign=Zm9vYmFyYmF6cXV4"
    )
    assert mask_shapes_but_files(f"[a]({link})") == f"[a]({link})"
    assert mask_shapes_but_files(f"{robot} {link}") == f"{mask_shapes(robot)} {link}"
