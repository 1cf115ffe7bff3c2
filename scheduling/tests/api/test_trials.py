"""/api/scheduled-tasks/test-script: asked of the API, run as a worker does."""

from __future__ import annotations

import hashlib
import threading
from typing import Any

import pytest
from redis import Redis

from common import process_registry
from notifications.models import Delivery, NotifyChannel
from scheduling.grants.vars import Vars
from scheduling.lifecycle import trials
from scheduling.models import Run, ScriptVar
from scheduling.tests import make
from scheduling.worker import trial
from tenants.models import AuditEntry, Secret
from testing.callers import Caller, fields, member, superuser, tenant
from testing.patience import eventually
from testing.processes import Processes

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/scheduled-tasks/test-script"


@pytest.fixture
def admin() -> Caller:
    return member("admin")


def begin(caller: Caller, source: str, **body: Any) -> str:
    answer = caller.post(PATH, {"tenant_id": "acme", "script_content": source, "stream": True} | body)
    assert answer.status_code == 202, answer.content
    return str(answer.json()["test_id"])


def tried(caller: Caller, source: str, **body: Any) -> Any:
    test_id = begin(caller, source, **body)
    trial.attempt(test_id)
    return caller.get(f"{PATH}/{test_id}").json()


def test_a_worker_runs_the_script_while_the_caller_waits(admin: Caller) -> None:
    with Processes() as processes:
        processes.worker("prefork", 1, "script")
        body = {
            "tenant_id": "acme",
            "script_content": "print('hi')\nresult = get_params()",
            "input_params": {"n": 1},
        }
        eventually(lambda: process_registry.living("worker"))
        answer = admin.post(PATH, body)
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["status"], shown["output"], shown["result"]) == ("success", "hi", {"n": 1})
    assert not Run.objects.exists()


def test_a_script_that_fails_is_a_200(admin: Caller) -> None:
    shown = tried(admin, "print('before')\n1 / 0")
    assert (shown["status"], shown["error_code"], shown["output"]) == ("failed", "script_error", "before")
    assert "line 2" in shown["error"]


def test_the_time_limit_ends_it(admin: Caller) -> None:
    shown = tried(admin, "time.sleep(600)", timeout_seconds=1)
    assert shown["error_code"] == "timeout"


def test_messages_are_only_recorded(admin: Caller) -> None:
    channel = NotifyChannel.objects.create(
        tenant=tenant("acme"),
        channel_name="ops",
        channel_type="feishu_bot",
        webhook_url="https://example.com/r",
    )
    shown = tried(
        admin,
        f"""
dingtalk('https://example.com/d', 'to dingtalk')
wecom('https://example.com/w', 'to wecom')
notify('to ops', channel='ops')
notify('to all', channel={channel.pk})
result = 'the result'
""",
    )
    previews = [(item["origin"], item["channel_type"]) for item in shown["message_preview"]]
    assert previews == [
        ("dingtalk", "dingtalk_bot"),
        ("wecom", "wecom_bot"),
        ("notify", "feishu_bot"),
        ("notify", "feishu_bot"),
        ("result", "feishu_bot"),
    ]
    assert "the result" in str(shown["message_preview"][-1]["payloads"])
    assert str(shown).count(".chat .bubble {") == 1
    assert not Delivery.objects.exists()


def test_without_channels_the_preview_is_dingtalks(admin: Caller) -> None:
    kinds = [item["channel_type"] for item in tried(admin, "result = 'hello'")["message_preview"]]
    assert kinds == ["dingtalk_bot"]


def test_a_channel_of_another_tenant_is_not_there(admin: Caller) -> None:
    NotifyChannel.objects.create(
        tenant=tenant("other"),
        channel_name="theirs",
        channel_type="wecom_bot",
        webhook_url="https://example.com/r",
    )
    assert "no channel" in tried(admin, "notify('x', channel='theirs')")["error"]


def test_variables_are_set_on_a_copy(admin: Caller) -> None:
    Vars(1, "acme").set_var("shared", 1, "tenant")
    shown = tried(
        admin,
        """
before = get_var('shared', scope='tenant')
set_var('shared', 2, scope='tenant')
set_var('own', 3)
after = [get_var('shared', scope='tenant'), get_var('own')]
del_var('shared', scope='tenant')
result = [before, after, get_var('shared', 'gone', scope='tenant')]
""",
    )
    assert shown["result"] == [1, [2, 3], "gone"]
    assert list(ScriptVar.objects.values_list("var_key", "var_value")) == [("shared", 1)]


def test_secrets_are_masked_everywhere(admin: Caller) -> None:
    Secret.objects.create(tenant=tenant("acme"), secret_key="k", value="very-secret")
    shown = tried(
        admin, "value = get_secret('k')\nprint(value)\nwecom('https://e.com/w', value)\nresult = value"
    )
    assert "very-secret" not in str(shown)


def test_lines_are_followed_while_it_runs(admin: Caller) -> None:
    test_id = begin(admin, "for n in range(3):\n    print(n)")
    nothing_yet = admin.get(f"{PATH}/{test_id}/lines").json()
    assert (nothing_yet["items"], nothing_yet["finished"]) == ([], False)
    assert admin.get(f"{PATH}/{test_id}").json()["status"] == "running"
    trial.attempt(test_id)
    first = admin.get(f"{PATH}/{test_id}/lines", limit=2).json()
    rest = admin.get(f"{PATH}/{test_id}/lines", after=first["next_after"]).json()
    assert [line["text"] for line in first["items"] + rest["items"]] == ["0", "1", "2"]
    assert (first["finished"], rest["finished"]) == (False, True)


def test_canceling_ends_a_running_one(admin: Caller) -> None:
    test_id = begin(admin, "print('started', flush=True)\ntime.sleep(600)", timeout_seconds=300)
    worker = threading.Thread(target=trial.attempt, args=(test_id,))
    worker.start()
    while not admin.get(f"{PATH}/{test_id}/lines").json()["items"]:
        pass
    assert admin.post(f"{PATH}/{test_id}/cancel").status_code == 202
    worker.join()
    assert admin.get(f"{PATH}/{test_id}").json()["status"] == "canceled"


def test_one_that_waits_is_canceled_at_once_and_never_run(admin: Caller) -> None:
    test_id = begin(admin, "print('ran')")
    assert admin.post(f"{PATH}/{test_id}/cancel").json()["status"] == "canceled"
    trial.attempt(test_id)
    assert admin.get(f"{PATH}/{test_id}").json()["output"] == ""


def test_a_message_that_comes_twice_runs_nothing_twice(admin: Caller) -> None:
    test_id = begin(admin, "print('once')")
    trial.attempt(test_id)
    trial.attempt(test_id)
    assert admin.get(f"{PATH}/{test_id}").json()["output"] == "once"


def test_without_a_worker_the_caller_is_told_so(admin: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "TAKE_SECONDS", 1)
    answer = admin.post(PATH, {"tenant_id": "acme", "script_content": "pass"})
    assert (answer.status_code, answer.json()["code"]) == (503, "no_worker")
    assert "worker" in answer.json()["detail"]


def test_a_worker_that_dies_ends_the_test(admin: Caller, redis: Redis) -> None:
    test_id = begin(admin, "pass")
    assert trials.take(test_id) is not None
    redis.delete(f"platform:trial:{test_id}:alive")
    assert admin.get(f"{PATH}/{test_id}").json()["error_code"] == "worker_lost"


def test_the_script_leaves_redis_once_it_is_taken(admin: Caller, redis: Redis) -> None:
    test_id = begin(admin, "# a text nobody else has")
    trial.attempt(test_id)
    stored = [redis.hgetall(key) for key in redis.keys("platform:trial:*") if redis.type(key) == "hash"]
    assert "a text nobody else has" not in str(stored)


def test_everything_goes_after_an_hour(admin: Caller, redis: Redis) -> None:
    test_id = begin(admin, "print(1)")
    trial.attempt(test_id)
    lifetimes = [redis.ttl(key) for key in redis.keys(f"platform:trial:{test_id}*")]
    assert lifetimes
    assert all(0 < seconds <= trials.KEPT_SECONDS for seconds in lifetimes)


def test_one_tests_in_ones_own_tenants_only(admin: Caller) -> None:
    tenant("other")
    body = {"script_content": "pass", "stream": True}
    assert member("viewer").post(PATH, body | {"tenant_id": "acme"}).status_code == 403
    assert admin.post(PATH, body | {"tenant_id": "other"}).status_code == 403
    assert admin.post(PATH, body | {"tenant_id": None}).status_code == 403
    assert fields(admin.post(PATH, body | {"tenant_id": "nobody"})) == {"tenant_id"}
    assert superuser().post(PATH, body).status_code == 202


def test_who_tested_is_in_the_audit_log(admin: Caller) -> None:
    begin(admin, "pass")
    entry = AuditEntry.objects.get(action="test_script")
    assert (entry.username, entry.tenant_id, entry.object_id) == ("acme-admin", "acme", "")
    assert entry.changes == {"source_sha256": ["", hashlib.sha256(b"\0pass").hexdigest()]}


def test_an_operator_tests_what_is_saved_and_nothing_else(admin: Caller) -> None:
    operator, saved = member("operator"), "result = get_params()"
    make.task(tenant=tenant("acme"), script_content=saved, script_deps="")
    make.task(tenant=tenant("other"), script_content="print('theirs')")
    assert tried(operator, saved, input_params={"n": 1})["result"] == {"n": 1}
    body = {"tenant_id": "acme", "stream": True}
    for unsaved in ("print(get_secret('TOP')[::-1])", "print('theirs')", saved.upper(), saved + " "):
        refused = operator.post(PATH, body | {"script_content": unsaved})
        assert (refused.status_code, "not saved" in refused.json()["detail"]) == (403, True), unsaved
        assert admin.post(PATH, body | {"script_content": unsaved}).status_code == 202
    other_deps = body | {"script_content": saved, "script_deps": "six==1.17.0"}
    assert operator.post(PATH, other_deps).status_code == 403
    assert AuditEntry.objects.filter(username="acme-operator").count() == 1


def test_what_was_canceled_is_in_the_audit_log_once(admin: Caller) -> None:
    test_id = begin(admin, "pass")
    for _ in range(2):
        admin.post(f"{PATH}/{test_id}/cancel")
    entry = AuditEntry.objects.get(action="cancel_test")
    assert (entry.username, entry.tenant_id, entry.changes) == ("acme-admin", "acme", {"test": ["", test_id]})


def test_a_foreign_test_does_not_exist(admin: Caller) -> None:
    test_id = begin(admin, "pass")
    stranger = member("admin", "other")
    for call in (
        stranger.get(f"{PATH}/{test_id}"),
        stranger.get(f"{PATH}/{test_id}/lines"),
        stranger.post(f"{PATH}/{test_id}/cancel"),
        admin.get(f"{PATH}/unknown"),
    ):
        assert call.status_code == 404


def test_without_redis_the_caller_is_told_so(admin: Caller, redis_server: Any) -> None:
    redis_server.stop()
    try:
        answer = admin.post(PATH, {"tenant_id": "acme", "script_content": "pass"})
    finally:
        redis_server.start()
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_a_tenant_has_few_tests_at_once_and_the_next_when_one_has_ended(admin: Caller) -> None:
    begun = [begin(admin, "result = 1") for _ in range(trials.MAX_OF_A_TENANT)]
    body = {"tenant_id": "acme", "script_content": "result = 1", "stream": True}
    refused = admin.post(PATH, body)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    assert member("admin", "other").post(PATH, body | {"tenant_id": "other"}).status_code == 202
    admin.post(f"{PATH}/{begun[0]}/cancel")
    assert admin.post(PATH, body).status_code == 202


def test_tests_that_nobody_took_hold_no_place(admin: Caller, redis: Redis) -> None:
    for _ in range(trials.MAX_OF_A_TENANT):
        redis.delete(f"platform:trial:{begin(admin, 'result = 1')}:alive")
    begin(admin, "result = 1")
