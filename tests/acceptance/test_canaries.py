"""A secret in every place that keeps one, a platform that is driven hard, and none of them anywhere in plain."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from common.crypto import Keyring
from common.key_rotation import columns
from testing.patience import eventually
from testing.platform import Platform
from testing.servers.echo import Echo
from testing.servers.robots import Robots
from tests.acceptance.canaries import Canaries, files

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("canaries"), pytest.mark.timeout(1800)]

# Where the platform itself keeps a secret for its operator, in files that only they read.
KEPT_FOR_THE_OPERATOR = {
    "admin-password",
    "flower-password",
    "api-token",
    "secret-key",
    "encryption-keys",
    "redis-url",
}
FAR = {
    "schedule_type": "once",
    "run_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="seconds"),
}
SCRIPT = """
import base64
value, setting = get_secret('KEY'), get_tenant_config('ours', 'crm', 'key')
print(value, setting)
log(f'known: {value}')
print(base64.b64encode(f'user:{value}'.encode()).decode())
print(json.dumps({'value': value}), repr(value))
answer = http_get(get_param('url') + '/?token=' + value, headers={'Authorization': 'Bearer ' + value})
print(answer.text)
for call in (lambda: db_query('SELECT 1', source='shop'), lambda: ai(value), lambda: set_var('kept', [value])):
    try:
        print(call())
    except Exception as error:
        print('told:', error)
notify('说 ' + value)
result = {'title': value, 'content': f'{value} {setting}'}
if get_param('fails', False):
    raise ValueError(f'{value} {setting}')
"""


@dataclass
class World:
    platform: Platform
    canaries: Canaries
    robots: Robots
    echo: Echo
    refusing: Echo
    """All that was shown to anybody: (where, what)."""
    shown: list[tuple[str, str]] = field(default_factory=list)
    ids: dict[str, Any] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """With the superuser's token; what it says is kept."""
        given = {"Authorization": f"Bearer {self.platform.token}"} | headers
        answer = requests.request(method, self.platform.base + path, json=body, headers=given, timeout=60)
        self.shown.append((f"{method} {path}", f"{answer.headers}\n{answer.text}"))
        return answer

    def made(self, path: str, **body: Any) -> Any:
        answer = self.call("POST", path, body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def task(self, name: str, **body: Any) -> int:
        common = {"tenant_id": "ours", "task_name": name, "alert_on_failure": True, **FAR}
        alerts = {"alert_webhook": f"{self.echo.url}/alert?k={self.canaries('alert_webhook')}"}
        return int(self.made("/api/scheduled-tasks", **common | alerts | body)["id"])

    def ran(self, task: int, **params: Any) -> dict[str, Any]:
        """The run, ended, with its messages out of the way."""
        asked = self.call("POST", f"/api/scheduled-tasks/{task}/run", {"params": params}).json()
        path = f"/api/task-logs/{asked['log_id']}"
        run: dict[str, Any] = eventually(lambda: self._ended(path))
        eventually(lambda: self._settled(asked["log_id"]))
        return run

    def _ended(self, path: str) -> Any:
        run = self.call("GET", path).json()
        return run if run["finished_at"] else None

    def _settled(self, log_id: int) -> bool:
        open_ones = ("pending", "sending")
        found = self.call("GET", f"/api/deliveries?log_id={log_id}").json()["items"]
        return not any(one["status"] in open_ones and not one["attempts"] for one in found)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    canaries = Canaries()
    with Robots() as robots, Echo() as echo, Echo(401) as refusing:
        environ = {
            "AI_BASE_URL": refusing.url,
            "AI_API_KEY": canaries("AI_API_KEY"),
            "DIFY_API_URL": f"{refusing.url}/v1",
            "DIFY_API_KEY": canaries("DIFY_API_KEY"),
            "METRICS_TOKEN": canaries("METRICS_TOKEN"),
            "PLATFORM_ALERT_WEBHOOK": f"{echo.url}/platform?k={canaries('PLATFORM_ALERT_WEBHOOK')}",
        }
        with Platform(tmp_path_factory.mktemp("data"), **environ) as platform:
            built = World(platform, canaries, robots, echo, refusing)
            canaries.add("admin-password", platform.file("admin-password"))
            canaries.add("api-token", platform.token)
            plant(built)
            drive(built)
            yield built


def plant(world: World) -> None:
    """Each secret by the API, as people do."""
    c, robots = world.canaries, world.robots
    proxy = f"http://proxy:{c('proxy_url')}@127.0.0.1:1"
    alerts = f"{world.echo.url}/tenant?k={c('tenant_alert_webhook')}"
    world.made("/api/tenants", code="ours", name="Ours", alert_webhook=alerts)
    world.made("/api/users", username="zhang", password=c("password"))
    world.made("/api/secrets", tenant_id="ours", secret_key="KEY", value=c("value"))
    config = {"app_code": "crm", "config_key": "key", "value": c("config"), "is_secret": True}
    world.made("/api/tenant-configs", tenant_id="ours", **config)
    dsn = f"mysql://reader:{c('dsn')}@127.0.0.1:1/shop"
    world.made("/api/data-sources", tenant_id="ours", name="shop", dsn=dsn)
    robot = robots.dingtalk(token=c("webhook_url"), secret=c("sign_secret"))
    channel = {"tenant_id": "ours", "channel_type": "dingtalk_bot", "webhook_url": robot.url}
    good = world.made(
        "/api/notification-channels", channel_name="good", sign_secret=c("sign_secret"), **channel
    )
    away = world.made("/api/notification-channels", channel_name="away", proxy_url=proxy, **channel)
    nobody = {"webhook_url": "http://127.0.0.1:1/robot/send?access_token=x", "max_attempts": 10}
    never = world.made("/api/notification-channels", channel_name="never", **channel | nobody)
    app = robots.wecom_app(secret=c("corp_secret"))
    wecom = {"corp_id": app.corp_id, "agent_id": app.agent_id, "api_base": robots.base, "to_user": "@all"}
    people = world.made(
        "/api/wecom-apps", tenant_id="ours", app_name="people", corp_secret=c("corp_secret"), **wecom
    )
    world.made(
        "/api/wecom-apps",
        **{"tenant_id": "ours", "app_name": "away", "corp_secret": c("corp_secret"), "proxy_url": proxy}
        | wecom,
    )
    world.ids = {"channels": [good["id"], away["id"]], "never": never["id"], "app": people["id"]}
    token = requests.post(
        f"{world.platform.base}/api/tokens",
        json={"name": "ci"},
        headers={"Authorization": f"Bearer {world.platform.token}"},
        timeout=60,
    ).json()
    c.add("token", token["token"])


def drive(world: World) -> None:
    """Runs of each kind that succeed and fail, changes, refusals, a look at every page."""
    c, seen = (
        world.canaries,
        {"notify_channels": world.ids["channels"], "notify_wecom_app_id": world.ids["app"]},
    )
    script = world.task("script", script_content=SCRIPT, **seen)
    assert world.ran(script, url=world.echo.url)["status"] == "success"
    assert world.ran(script, url=world.refusing.url, fails=True)["status"] == "failed"
    hook = {
        "execution_type": "webhook",
        "webhook_headers": {"X-Key": c("webhook_headers")},
        "webhook_secret": c("webhook_secret"),
    }
    for name, service, status in (("hook", world.echo, "success"), ("refused", world.refusing, "failed")):
        url = f"{service.url}/in?k={c('task_webhook_url')}"
        assert world.ran(world.task(name, webhook_url=url, **hook, **seen))["status"] == status
    dify = {
        "execution_type": "dify",
        "dify_url": f"{world.refusing.url}/v1",
        "dify_api_key": c("dify_api_key"),
    }
    task = world.task("dify", **dify, **seen)
    assert world.ran(task)["status"] == "failed"
    world.call("POST", f"/api/scheduled-tasks/{task}/test-connection")
    world.call("POST", "/api/dify/test", {n: dify[n] for n in ("dify_url", "dify_api_key")})
    world.call("POST", "/api/task/execute")
    tried = {"tenant_id": "ours", "script_content": SCRIPT, "input_params": {"url": world.echo.url}}
    assert world.call("POST", "/api/scheduled-tasks/test-script", tried).json()["status"] == "success"
    for channel in world.ids["channels"]:
        world.call("POST", f"/api/notification-channels/{channel}/test", {"content": "hello"})
    world.call("POST", f"/api/wecom-apps/{world.ids['app']}/test")
    # A link that Dify has signed waits sealed for as long as it is not sent.
    link = f"https://files.example/1/file-preview?timestamp=1&nonce=n&sign={c('sealed')}"
    waits = world.task(
        "waits", script_content=f"result = {link[::-1]!r}[::-1]", notify_channels=[world.ids["never"]]
    )
    assert world.ran(waits)["status"] == "success"
    change(world, script)
    call_hook(world, script)
    refuse(world, script)
    read_everything(world, task)
    walk(world)


def change(world: World, task: int) -> None:
    """Versions, audit rows, masks that come back."""
    path, c = f"/api/scheduled-tasks/{task}", world.canaries
    body = {"dify_api_key": c("dify_api_key"), "webhook_secret": c("webhook_secret"), "priority": 7}
    assert world.call("PUT", path, body).status_code == 200
    assert world.call("PUT", path, world.call("GET", path).json()).status_code == 200
    assert world.call("POST", f"{path}/versions/1/restore").status_code == 200


def call_hook(world: World, task: int) -> None:
    made = world.platform.call("POST", f"/api/scheduled-tasks/{task}/hook", expected=201)
    hook = f"/api/hooks/{world.canaries.add('hook', made['token'])}"
    asked = world.call("POST", hook, {"url": world.echo.url})
    assert asked.status_code == 202
    assert world.call("POST", hook, [1]).status_code == 422
    eventually(lambda: world._ended(f"/api/task-logs/{asked.json()['log_id']}"))


def refuse(world: World, task: int) -> None:
    """What was wrong is said without repeating it."""
    c = world.canaries
    wrong = [
        ("POST", "/api/secrets", {"tenant_id": "ours", "secret_key": "", "value": c("value")}),
        ("POST", "/api/secrets", {"tenant_id": "ours", "secret_key": "KEY", "value": c("value")}),
        ("POST", "/api/data-sources", {"name": "x", "dsn": f"nosql://reader:{c('dsn')}@h/x"}),
        ("POST", "/api/users", {"username": c("password")[:10], "password": c("password"), "more": 1}),
        ("PUT", f"/api/scheduled-tasks/{task}", {"dify_api_key": c("dify_api_key") * 20}),
        ("PUT", f"/api/scheduled-tasks/{task}", {"webhook_url": f"ftp://x/?token={c('task_webhook_url')}"}),
        ("PUT", f"/api/scheduled-tasks/{task}", {"webhook_headers": {"X": c("webhook_headers") + "\n"}}),
    ]
    for method, path, body in wrong:
        assert world.call(method, path, body).status_code in (409, 422), (path, body)
    dead = {"Authorization": f"Bearer {c('token')}x"}
    assert world.call("GET", "/api/tenants", **dead).status_code == 401


def read_everything(world: World, task: int) -> None:
    """Every GET of the API."""
    known = {
        "/api/tenants/{code}": "ours",
        "task_id": task,
        "username": "zhang",
        "test_id": "none",
        "source_id": 1,
    }
    for path in requests.get(f"{world.platform.base}/api/openapi.json", timeout=60).json()["paths"]:

        def filled(found: re.Match[str], path: str = path) -> str:
            return str(known.get(path[: found.end()], known.get(found[1], 1)))

        answer = world.call("GET", re.sub(r"\{(\w+)\}", filled, path))
        assert answer.status_code in (200, 404, 405), answer.text
    for log_id in range(1, 12):
        world.call("GET", f"/api/task-logs/{log_id}")
        world.call("GET", f"/api/task-logs/{log_id}/lines")
        world.call("GET", f"/api/deliveries/{log_id}")
    for n in range(1, 4):
        world.call("GET", f"/api/scheduled-tasks/1/versions/{n}/diff")
    world.call("GET", "/metrics", Authorization=f"Bearer {world.canaries('METRICS_TOKEN')}")


def walk(world: World) -> None:
    """Every page of the admin that a link leads to, and the log-in page with a wrong password."""
    session, base = requests.Session(), world.platform.base
    session.headers["Accept-Language"] = "en"
    for password in (world.canaries("password"), world.canaries("admin-password")):
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', session.get(f"{base}/admin/login/").text)
        assert token
        form = {"username": "admin", "password": password, "csrfmiddlewaretoken": token[1]}
        answer = session.post(f"{base}/admin/login/?next=/admin/", form, headers={"Referer": base})
        world.shown.append(("log-in", answer.text))
    to_see, visited = ["/admin/"], set()
    while to_see:
        path = to_see.pop()
        answer = session.get(base + path, timeout=60)
        world.shown.append((path, f"{answer.headers}\n{answer.text}"))
        visited.add(path)
        links = re.findall(r'href="(/admin/[^"?#]*)"', answer.text)
        to_see += {link for link in links if "logout" not in link} - visited - set(to_see)
    assert {"/admin/scheduling/run/1/change/", "/admin/scheduling/scheduledtask/1/change/"} <= visited


def test_each_encrypted_column_holds_a_canary_and_nothing_in_plain(world: World) -> None:
    """A new encrypted column is to be planted as well."""
    keyring = Keyring(world.platform.file("encryption-keys").split(","))
    database = sqlite3.connect(f"file:{world.platform.data_dir}/platform.sqlite3?mode=ro", uri=True)
    for column in columns():
        table, name = str(column).split(".")
        rows = database.execute(f"SELECT {name} FROM {table} WHERE {name} != ''").fetchall()
        kept = [keyring.decrypt(stored) for (stored,) in rows]
        assert any(world.canaries.found_in(value) for value in kept), f"{column} has no canary"
    database.close()


def test_each_field_that_is_only_written_holds_a_canary(world: World) -> None:
    schema = requests.get(f"{world.platform.base}/api/openapi.json", timeout=60).json()
    properties = {
        name for one in schema["components"]["schemas"].values() for name in one.get("properties", ())
    }
    written = {name.removesuffix("_set") for name in properties if name.endswith("_set")}
    assert written <= set(world.canaries.values)


def test_the_secrets_came_to_whom_they_were_meant_for(world: World) -> None:
    """Or the other tests would look for what was never used."""
    heard = "\n".join(world.echo.requests + world.refusing.requests)
    used = ("value", "webhook_headers", "task_webhook_url", "dify_api_key", "AI_API_KEY", "DIFY_API_KEY")
    assert set(used) <= world.canaries.found_in(heard)
    assert all(service.shown for service in world.robots.services)


def test_nothing_that_was_shown_holds_a_secret(world: World) -> None:
    assert [(where, found) for where, text in world.shown if (found := world.canaries.found_in(text))] == []


def test_no_message_holds_a_secret(world: World) -> None:
    messages = [json.dumps(one, ensure_ascii=False) for s in world.robots.services for one in s.shown]
    bodies = [
        text.partition("\n\n")[2]
        for text in world.echo.requests
        if text.startswith(("/alert", "/tenant", "/platform"))
    ]
    assert messages
    assert bodies
    assert [found for text in messages + bodies if (found := world.canaries.found_in(text))] == []


def test_no_log_and_no_command_says_a_secret(world: World) -> None:
    for arguments in (["doctor"], ["doctor", "--json"], ["rotate_keys", "--dry-run"]):
        done = world.platform.manage(*arguments)
        world.shown.append((" ".join(arguments), done.stdout + done.stderr))
        assert world.canaries.found_in(done.stdout + done.stderr) == set()
    # The one line that tells the operator their first password.
    logged = [line for line in world.platform.lines if "admin" not in line or "password" not in line.lower()]
    assert [(line, found) for line in logged if (found := world.canaries.found_in(line))] == []


def test_no_file_below_the_data_dir_holds_a_secret(world: World) -> None:
    """The database, all its tables; Redis, all its keys; what scripts have left behind."""
    folder = Path(world.platform.data_dir)
    found = {
        str(path.relative_to(folder)): names
        for path in files(folder)
        if path.name not in KEPT_FOR_THE_OPERATOR and (names := world.canaries.found_in(path.read_bytes()))
    }
    assert found == {}
    assert (folder / "platform.sqlite3").stat().st_size
