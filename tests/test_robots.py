"""The stand-in is as strict as the services: tested against examples of what they take and refuse."""

import base64
import hashlib
import hmac
import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest

from testing.patience import eventually
from testing.servers.robots import DropAfterBody, DropBeforeBody, Html, Refuse, Robots, Service, Stall, Status
from testing.servers.robots.schemas import first_violation

BOTS = Path(__file__).parents[1] / "testing" / "fixtures" / "bots"
EXAMPLES = json.loads((BOTS / "examples" / "index.json").read_text())
TEXT = {"msgtype": "text", "text": {"content": "hello"}}
FEISHU_TEXT = {"msg_type": "text", "content": {"text": "hello"}}


class Clock:
    now = 1_600_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def robots(clock: Clock) -> Iterator[Robots]:
    with Robots(clock) as running:
        yield running


def post(url: str, body: Any, timeout: float = 300) -> tuple[int, bytes]:
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    address = urlsplit(url)
    with_query = f"{address.path}?{address.query}"
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=timeout)
    try:
        connection.request("POST", with_query, raw, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def code(url: str, body: Any) -> Any:
    reply = json.loads(post(url, body)[1])
    return reply.get("errcode", reply.get("code"))


def upload(url: str, content: bytes) -> Any:
    address = urlsplit(url)
    body = (
        b'--x\r\nContent-Disposition: form-data; name="media"; filename="a.txt"\r\n\r\n'
        + content
        + b"\r\n--x--\r\n"
    )
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=300)
    try:
        path = f"{address.path}?{address.query}"
        connection.request("POST", path, body, {"Content-Type": "multipart/form-data; boundary=x"})
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def get(url: str) -> Any:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=300)
    try:
        connection.request("GET", f"{address.path}?{address.query}")
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def make(robots: Robots, schema: str) -> tuple[Service, str]:
    """The service a schema belongs to, and where its messages go."""
    if schema.startswith("dingtalk"):
        ding = robots.dingtalk()
        return ding, ding.url
    if schema.startswith("feishu"):
        feishu = robots.feishu()
        return feishu, feishu.url
    if schema == "wecom_app":
        app = robots.wecom_app()
        token = get(f"{app.url}/cgi-bin/gettoken?corpid={app.corp_id}&corpsecret={app.secret}")[
            "access_token"
        ]
        return app, f"{app.url}/cgi-bin/message/send?access_token={token}"
    robot = robots.wecom()
    return robot, robot.url


def with_media(url: str, text: str) -> Any:
    """The example, its media uploaded."""
    for kind in ("file", "voice"):
        where = url.replace("/send?", "/upload_media?") + f"&type={kind}"
        if f"$MEDIA_{kind.upper()}" in text:
            text = text.replace(f"$MEDIA_{kind.upper()}", upload(where, b"some content")["media_id"])
    if "$MEDIA_APP" in text:
        kind = json.loads(text)["msgtype"]
        where = (
            url.replace("/message/send?", "/media/upload?") + f"&type={kind if kind != 'mpnews' else 'image'}"
        )
        text = text.replace("$MEDIA_APP", upload(where, b"some content")["media_id"])
    return json.loads(text)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["file"])
def test_an_example_is_answered_as_the_service_does(example: dict[str, Any], robots: Robots) -> None:
    service, url = make(robots, example["schema"])
    body = with_media(url, (BOTS / "examples" / example["file"]).read_text())
    status, raw = post(url, body)
    reply = json.loads(raw)
    expected = [0, ""] if example["valid"] else example["reply"] or [0, ""]
    assert status == 200
    assert reply.get("errcode", reply.get("code")) == expected[0]
    assert expected[1] in reply.get("errmsg", reply.get("msg"))
    body.pop("msgUuid", None)  # for the service, not for the group
    assert service.shown == ([body] if expected[0] == 0 else [])


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["file"])
def test_the_first_violation_is_the_one_the_example_names(example: dict[str, Any]) -> None:
    violation = first_violation(
        example["schema"], json.loads((BOTS / "examples" / example["file"]).read_text())
    )
    if example["valid"] or example["rule"] == "content":  # what no schema can see
        assert violation is None
    else:
        assert violation is not None
        assert (violation.path, violation.rule) == (example["path"], example["rule"])


def sign(secret: str, ms: int) -> str:
    digest = hmac.new(secret.encode(), f"{ms}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def test_dingtalk_wants_its_sign_encoded_once(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk(secret="SECx")
    ms = int(clock.now * 1000)
    # This time stamp's digest holds characters that a second encoding would change.
    ms = next(ms + n for n in range(1000) if "+" in sign("SECx", ms + n))
    once = urlencode({"timestamp": ms, "sign": sign("SECx", ms)})
    twice = urlencode({"timestamp": ms, "sign": quote(sign("SECx", ms), safe="")})
    assert code(f"{robot.url}&{once}", TEXT) == 0
    assert code(f"{robot.url}&{twice}", TEXT) == 310000
    assert code(robot.url, TEXT) == 310000


def test_dingtalk_refuses_a_clock_that_is_over_an_hour_off(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk(secret="SECx")
    ms = int(clock.now * 1000) - 3_600_001
    status, raw = post(f"{robot.url}&{urlencode({'timestamp': ms, 'sign': sign('SECx', ms)})}", TEXT)
    assert status == 200
    assert json.loads(raw) == {"errcode": 310000, "errmsg": "invalid timestamp"}


def test_dingtalk_mutes_for_ten_minutes_after_twenty_in_one(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    assert [code(robot.url, TEXT) for _ in range(21)] == [0] * 20 + [660026]
    clock.now += 599
    assert code(robot.url, TEXT) == 410100
    clock.now += 1
    assert code(robot.url, TEXT) == 0


def test_dingtalk_shows_one_msg_uuid_once(robots: Robots) -> None:
    robot = robots.dingtalk()
    assert [code(robot.url, TEXT | {"msgUuid": "same"}) for _ in range(2)] == [0, 0]
    assert robot.shown == [TEXT]


def test_dingtalk_refuses_a_body_over_20000_bytes(robots: Robots) -> None:
    robot = robots.dingtalk()
    assert code(robot.url, {"msgtype": "text", "text": {"content": "字" * 6_660}}) == 460101
    assert robot.shown == []


def test_a_wecom_robot_counts_refused_messages_too(robots: Robots, clock: Clock) -> None:
    robot = robots.wecom()
    assert [code(robot.url, {"msgtype": "text", "text": {"content": ""}}) for _ in range(20)] == [44004] * 20
    assert code(robot.url, TEXT) == 45009
    clock.now += 60
    assert code(robot.url, TEXT) == 0


def test_wecom_media_lives_three_days(robots: Robots, clock: Clock) -> None:
    robot = robots.wecom()
    media_id = upload(robot.url.replace("/send?", "/upload_media?") + "&type=file", b"some content")[
        "media_id"
    ]
    body = {"msgtype": "file", "file": {"media_id": media_id}}
    assert code(robot.url, body) == 0
    clock.now += 3 * 86_400
    assert code(robot.url, body) == 40007


def test_an_application_token_lives_two_hours(robots: Robots, clock: Clock) -> None:
    app, url = make(robots, "wecom_app")
    body = {"touser": "u", "agentid": 1000002, **TEXT}
    assert code(url, body) == 0
    clock.now += 7200
    assert code(url, body) == 42001
    assert code(url + "x", body) == 40014
    assert len(app.shown) == 1


def test_an_application_says_whom_it_missed(robots: Robots) -> None:
    app = robots.wecom_app(members=frozenset({"zhangsan"}))
    token = get(f"{app.url}/cgi-bin/gettoken?corpid={app.corp_id}&corpsecret={app.secret}")["access_token"]
    url = f"{app.url}/cgi-bin/message/send?access_token={token}"
    _, raw = post(url, {"touser": "zhangsan|lisi", "agentid": 1000002, **TEXT})
    assert json.loads(raw)["invaliduser"] == "lisi"
    assert code(url, {"touser": "lisi", "agentid": 1000002, **TEXT}) == 81013


def test_an_application_shows_a_checked_duplicate_once(robots: Robots, clock: Clock) -> None:
    app, url = make(robots, "wecom_app")
    body = {"touser": "u", "agentid": 1000002, "enable_duplicate_check": 1, **TEXT}
    assert [code(url, body), code(url, body)] == [0, 0]
    assert len(app.shown) == 1
    clock.now += 1800
    assert code(url, body) == 0
    assert len(app.shown) == 2


def test_feishu_takes_five_a_second(robots: Robots, clock: Clock) -> None:
    robot = robots.feishu()
    assert [code(robot.url, FEISHU_TEXT) for _ in range(6)] == [0] * 5 + [11232]
    clock.now += 1
    assert code(robot.url, FEISHU_TEXT) == 0


def test_feishu_wants_a_sign_with_the_secret_in_the_key(robots: Robots, clock: Clock) -> None:
    robot = robots.feishu(secret="fs-secret")
    stamp = str(int(clock.now))
    digest = hmac.new(f"{stamp}\nfs-secret".encode(), b"", hashlib.sha256).digest()
    signed = {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}
    assert code(robot.url, FEISHU_TEXT | signed) == 0
    assert code(robot.url, FEISHU_TEXT | signed | {"timestamp": str(int(stamp) + 1)}) == 19021
    assert code(robot.url, FEISHU_TEXT) == 19021


def test_a_keyword_is_asked_for(robots: Robots) -> None:
    assert code(robots.dingtalk(token="k", keyword="告警").url, TEXT) == 310000
    assert code(robots.feishu(token="k", keyword="告警").url, FEISHU_TEXT) == 19024


def test_a_token_nobody_has_is_refused_in_the_services_words(robots: Robots) -> None:
    assert code(f"{robots.base}/robot/send?access_token=none", TEXT) == 300005
    assert code(f"{robots.base}/cgi-bin/webhook/send?key=none", TEXT) == 93000
    assert code(f"{robots.base}/open-apis/bot/v2/hook/none", FEISHU_TEXT) == 19001


def test_faults_come_one_a_request_and_then_it_is_well_again(robots: Robots) -> None:
    robot = robots.dingtalk()
    robot.faults.extend([Refuse("130101", "too fast"), Status(502), Html()])
    assert json.loads(post(robot.url, TEXT)[1]) == {"errcode": "130101", "errmsg": "too fast"}
    assert post(robot.url, TEXT) == (502, b"")
    assert post(robot.url, TEXT)[1].startswith(b"<html>")
    assert robot.shown == []
    assert code(robot.url, TEXT) == 0


def test_a_dropped_connection_shows_the_message_only_after_its_body(robots: Robots) -> None:
    robot = robots.dingtalk()
    for fault, shown in ((DropBeforeBody(), []), (DropAfterBody(), [TEXT])):
        robot.faults.append(fault)
        with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
            post(robot.url, TEXT)
        assert robot.shown == shown


def test_a_stalled_answer_never_comes(robots: Robots) -> None:
    robot = robots.dingtalk()
    robot.faults.append(Stall())
    with pytest.raises(TimeoutError):
        post(robot.url, TEXT, timeout=0.2)
    eventually(lambda: robot.shown == [TEXT])
