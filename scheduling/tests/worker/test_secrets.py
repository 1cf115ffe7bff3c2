"""Nothing secret of a Dify run reaches a row: not by its lines, its error, its outputs or its message."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.forms.models import model_to_dict

from notifications import outbox
from notifications.models import Delivery, DeliveryStatus, NotifyChannel
from scheduling.models import Run
from scheduling.tests import make
from scheduling.tests.worker.dify_task import KEY, NO_INPUTS, dify_task, finished, node, run_of
from scheduling.worker.attempt import attempt
from testing.servers.dify_replay import Answer, DifyReplay, says, streams

pytestmark = pytest.mark.django_db(transaction=True)
OTHER_KEY = "app-zyxwvutsrqponmlkjihg"
SIGNED = "https://files.example/f/1/file-preview?timestamp=17&nonce=n0nce&sign=s1gnatureOfAFile"
USER = "somebody-in-particular"
SECRETS = (KEY, OTHER_KEY, "s1gnatureOfAFile", USER)


def kept_of(*answers: Answer) -> tuple[str, str]:
    """All that the run's and its lines' rows hold, and how the run ended."""
    with DifyReplay(NO_INPUTS, *answers) as dify:
        run = run_of(dify_task(dify))
        attempt(run.trace_id)
    run = Run.objects.get(pk=run.pk)
    lines = list(run.lines.values_list("text", flat=True))
    return json.dumps([model_to_dict(run), lines], default=str, ensure_ascii=False), run.status


def test_keys_signed_addresses_and_the_user_are_masked_in_a_runs_success() -> None:
    outputs = {
        "text": f"see {SIGNED} and {OTHER_KEY}",
        "files": [{"url": SIGNED}],
        "raw": json.dumps({"sys.user_id": USER}),
        "sys.user_id": USER,
        "nested": {"sys.user_id": USER},
    }
    user = json.dumps({"sys.user_id": USER})
    text = {"event": "text_chunk", "data": {"text": f"{SIGNED}\n{user}\n{KEY}\n"}}
    kept, status = kept_of(
        streams(*node(f"Ask {OTHER_KEY}", f"401 for {KEY}"), text, finished("succeeded", outputs=outputs))
    )
    assert status == "success"
    assert [secret for secret in SECRETS if secret in kept] == []
    assert "file-preview" in kept


def test_and_in_its_failure() -> None:
    error = f"Bearer {KEY} was refused at {SIGNED}: {json.dumps({'sys.user_id': USER})}"
    kept, status = kept_of(streams(finished("failed", error=error)))
    assert status == "failed"
    assert [secret for secret in SECRETS if secret in kept] == []


def test_and_in_a_refusal_that_repeats_the_key() -> None:
    kept, status = kept_of(says(401, {"code": "unauthorized", "message": f"{KEY} is invalid"}))
    assert status == "failed"
    assert KEY not in kept


def test_a_link_that_dify_signed_is_sent_whole_and_kept_without_its_signature() -> None:
    channel = NotifyChannel.objects.create(
        tenant=make.tenant(),
        channel_name="ops",
        channel_type="dingtalk_bot",
        webhook_url="https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef",
    )
    outputs = {"text": f"see {SIGNED} and {OTHER_KEY} and {channel.webhook_url}"}
    with DifyReplay(NO_INPUTS, streams(finished("succeeded", outputs=outputs))) as dify:
        run = run_of(dify_task(dify, notify_channels=[channel.pk]))
        attempt(run.trace_id)
    delivery = Delivery.objects.get()
    assert SIGNED in delivery.full_message["content"]
    assert OTHER_KEY not in delivery.full_message["content"]
    assert "0123456789abcdef" not in delivery.full_message["content"]
    assert "s1gnatureOfAFile" not in json.dumps(delivery.message)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {Delivery._meta.db_table}")
        assert "s1gnatureOfAFile" not in str(cursor.fetchall())
    Delivery.objects.update(status="sending")
    delivery.refresh_from_db()
    outbox.close(delivery, DeliveryStatus.SENT)
    delivery.refresh_from_db()
    assert delivery.sealed == ""
