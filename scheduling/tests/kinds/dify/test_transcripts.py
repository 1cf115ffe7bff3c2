"""Every recorded answer of Dify 1.15.0 goes through the client, over a real socket.

What each must end as was written from the specification and the recorded bodies, never by running the client.
"""

from datetime import UTC, datetime
from typing import Any

import pytest

from common.http import UploadFile
from scheduling.kinds.dify.client import (
    AuthFailedError,
    DifyClient,
    DifyError,
    MisconfiguredError,
    OutcomeUnknownError,
    RateLimitedError,
    RunNotFoundError,
    RunRequest,
    UnansweredError,
    WrongBaseUrlError,
)
from testing.servers.dify_replay import (
    DifyReplay,
    Transcript,
    replays,
    replays_gzipped,
    transcript,
    transcripts,
)

from .app import Told, client_of

RUNS: dict[str, str | type[DifyError]] = {
    "chat_bad_conversation": "succeeded",
    "chat_blocking": "succeeded",
    "chat_streaming": "succeeded",
    "crash_api_sigkill_mid_stream": OutcomeUnknownError,
    "crash_no_worker_blocking": "succeeded",
    "crash_no_worker_streaming": OutcomeUnknownError,
    "crash_worker_sigkill_mid_run": OutcomeUnknownError,
    "disc_blocking_client_closes_at_4s": OutcomeUnknownError,
    "disc_streaming_client_closes_at_4s": OutcomeUnknownError,
    "err_404_path": WrongBaseUrlError,
    "err_405": MisconfiguredError,
    "err_api_disabled": AuthFailedError,
    "err_bad_json": MisconfiguredError,
    "err_bad_key": AuthFailedError,
    "err_bad_response_mode": MisconfiguredError,
    "err_chat_app_on_workflow": MisconfiguredError,
    "err_empty_body_json": MisconfiguredError,
    "err_input_too_long_blocking": MisconfiguredError,
    "err_input_too_long_streaming": "failed",
    "err_input_wrong_type_blocking": MisconfiguredError,
    "err_input_wrong_type_streaming": "failed",
    "err_inputs_not_object": MisconfiguredError,
    "err_missing_required_input_blocking": MisconfiguredError,
    "err_missing_required_input_streaming": "failed",
    "err_no_content_type": MisconfiguredError,
    "err_no_inputs": MisconfiguredError,
    "err_no_key": AuthFailedError,
    "err_no_user": MisconfiguredError,
    "err_number_bad_blocking": MisconfiguredError,
    "err_number_bad_streaming": "failed",
    "err_select_bad_option_blocking": MisconfiguredError,
    "err_select_bad_option_streaming": "failed",
    "err_unpublished_blocking": MisconfiguredError,
    "err_unpublished_streaming": MisconfiguredError,
    "err_workflow_app_on_chat": MisconfiguredError,
    "err_workflow_app_on_completion": MisconfiguredError,
    "err_workflow_id_bad": MisconfiguredError,
    "err_workflow_id_unknown": MisconfiguredError,
    "err_wrong_prefix": WrongBaseUrlError,
    "err_wrong_scheme": AuthFailedError,
    "ev_resume_after_finish": "succeeded",
    "ev_resume_no_snapshot": OutcomeUnknownError,
    "ev_resume_no_user": MisconfiguredError,
    "ev_resume_with_snapshot": OutcomeUnknownError,
    "ev_resume_wrong_user": MisconfiguredError,
    "ev_stream_cut_at_4s": OutcomeUnknownError,
    "fail_blocking": "failed",
    "fail_branch_blocking": "partial-succeeded",
    "fail_branch_streaming": "partial-succeeded",
    "fail_streaming": "failed",
    "file_run_blocking": "succeeded",
    "file_run_missing_streaming": "failed",
    "file_run_other_user": MisconfiguredError,
    "human_blocking": "paused",
    "human_streaming": "paused",
    "iteration_streaming": "succeeded",
    "limit429_0_streaming": RateLimitedError,
    "limit429_1_streaming": RateLimitedError,
    "limit429_2_blocking": "succeeded",
    "limit429b_0_blocking": "succeeded",
    "limit429b_1_blocking": RateLimitedError,
    "limit429b_2_streaming": RateLimitedError,
    "llm_blocking": MisconfiguredError,
    "llm_streaming": "failed",
    "loop_streaming": "succeeded",
    "ok_blocking": "succeeded",
    "ok_by_workflow_id": "succeeded",
    "ok_extra_input": "succeeded",
    "ok_gzip": "succeeded",
    "ok_no_response_mode": "succeeded",
    "ok_streaming": "succeeded",
    "ok_trace_id": "succeeded",
    "partial_blocking": "partial-succeeded",
    "partial_streaming": "partial-succeeded",
    "retry_streaming": "failed",
    "slow25_streaming": "succeeded",
    "stop_streaming": "failed",
    "unicode_separators_streaming": "succeeded",
}
DETAILS: dict[str, str | type[DifyError]] = {
    "crash_api_detail_final": "succeeded",
    "crash_worker_detail_2s_after_kill": "running",
    "crash_worker_detail_after_stream_eof": "running",
    "disc_detail_after_20s": "succeeded",
    "disc_detail_immediately": "running",
    "err_run_detail_not_uuid": UnansweredError,
    "err_run_detail_unknown": RunNotFoundError,
    "ev_detail": "succeeded",
    "fail_run_detail": "failed",
    "human_run_detail": "paused",
    "ok_run_detail": "succeeded",
    "ok_run_detail_other_apps_key": RunNotFoundError,
    "stop_run_detail_after_0": "running",
    "stop_run_detail_after_1": "stopped",
    "stop_run_detail_after_2": "stopped",
    "stop_run_detail_final": "stopped",
}
LOGS: dict[str, list[str]] = {
    "crash_killed_run_after_worker_restart": ["running"],
    "crash_late_execution_logs_after_worker_restart": ["succeeded"],
    "crash_logs_by_user": ["running"],
    "crash_noworker_logs_by_user": [],
    "disc_logs_by_user_finished": ["succeeded"],
    "disc_logs_by_user_running": ["running"],
    "logs": ["succeeded"] * 2,
    "logs_by_user": ["succeeded"] * 5,
    "logs_failed": ["failed"] * 2,
}
# What is asked, and what comes: the result's telling part, or the error.
QUESTIONS: dict[str, tuple[str, Any]] = {
    "info": ("info", ("ok: report", "workflow", "1.15.0")),
    "chat_info": ("info", ("chatflow", "advanced-chat", "1.15.0")),
    "meta": ("info", ("", "", "1.15.0")),
    "site": ("info", ("", "", "1.15.0")),
    "root_index": ("info", WrongBaseUrlError),
    "parameters": ("parameters", ["start_time*", "end_time*", "kind", "limit", "note"]),
    "parameters_file_app": ("parameters", ["start_time*", "end_time*", "doc*", "docs"]),
    "stop_call": ("stop", None),
    "crash_stop_call_dead_worker": ("stop", None),
    "err_stop_unknown_task": ("stop", None),
    "err_stop_no_user": ("stop", MisconfiguredError),
    "file_upload": ("upload", ("aa947d5b-ca12-4815-b94e-8daf8d0026aa", "日报.txt", 12)),
    "file_upload_nofile": ("upload", MisconfiguredError),
}
# The ids must have been told before the connection was lost: recovery goes by them.
IDS_SEEN = {
    "crash_api_sigkill_mid_stream": "43c1ed07-3c51-47d4-9b19-71e76c8fd3e2",
    "crash_worker_sigkill_mid_run": "e73ff699-9027-4c7c-abff-149ae5a304b9",
    "disc_streaming_client_closes_at_4s": "6204115f-a22e-462d-82ee-952ef3007eb5",
    "ev_stream_cut_at_4s": "134c01a6-8af8-48a0-9bfa-f603d6fb01a1",
    "crash_no_worker_streaming": "",
    "disc_blocking_client_closes_at_4s": "",
}
STREAMED = [name for name in RUNS if b"text/event-stream" in transcript(name).answer]


def test_no_transcript_is_left_out() -> None:
    told = [*RUNS, *DETAILS, *LOGS, *QUESTIONS]
    assert sorted(told) == [recorded.name for recorded in transcripts()]
    assert len(told) == 116


@pytest.mark.parametrize("name", RUNS)
def test_a_recorded_run_ends_as_it_must(name: str) -> None:
    recorded = transcript(name)
    with DifyReplay(replays(recorded)) as server:
        assert end_of_run(client_of(server), recorded) == RUNS[name]


@pytest.mark.parametrize("name", STREAMED)
def test_a_stream_split_at_every_byte_ends_the_same(name: str) -> None:
    recorded = transcript(name)
    with DifyReplay(replays(recorded).split(1)) as server:
        assert end_of_run(client_of(server), recorded) == RUNS[name]


@pytest.mark.parametrize("name", [n for n in STREAMED if isinstance(RUNS[n], str)])
def test_a_compressed_stream_ends_the_same(name: str) -> None:
    recorded = transcript(name)
    with DifyReplay(replays_gzipped(recorded)) as server:
        assert end_of_run(client_of(server), recorded) == RUNS[name]


@pytest.mark.parametrize("name", ["ok_streaming", "chat_streaming", "human_streaming", "llm_streaming"])
def test_a_stream_at_its_own_pace_ends_the_same(name: str) -> None:
    recorded = transcript(name)
    with DifyReplay(replays(recorded, scale=0.2)) as server:
        assert end_of_run(client_of(server), recorded) == RUNS[name]


@pytest.mark.parametrize("name", IDS_SEEN)
def test_the_ids_are_told_before_the_connection_is_lost(name: str) -> None:
    recorded, told = transcript(name), Told()
    with DifyReplay(replays(recorded)) as server, pytest.raises(OutcomeUnknownError):
        client_of(server).run(request_of(recorded), told, 60)
    assert told.run_id == IDS_SEEN[name]


@pytest.mark.parametrize(
    "name",
    ["ok_streaming", "ok_by_workflow_id", "ok_blocking", "chat_streaming", "chat_blocking", "ok_trace_id"],
)
def test_the_request_is_the_recorded_one(name: str) -> None:
    recorded = transcript(name)
    with DifyReplay(replays(recorded)) as server:
        end_of_run(client_of(server), recorded)
    sent = server.requests[0]
    assert (sent.method, sent.path) == (recorded.request.method, recorded.request.path.partition("?")[0])
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["authorization"].startswith("Bearer app-")
    assert sent.headers.get("x-trace-id") == recorded.request.headers.get("x-trace-id")
    wanted = recorded.request.json()
    assert {name: sent.json().get(name) for name in wanted if name != "trace_id"} == {
        name: value for name, value in wanted.items() if name != "trace_id"
    }


@pytest.mark.parametrize("name", DETAILS)
def test_a_recorded_run_detail_is_read(name: str) -> None:
    recorded = transcript(name)
    with DifyReplay(replays(recorded)) as server:
        client = client_of(server)
        run_id = recorded.request.path.rpartition("/")[2]
        expected = DETAILS[name]
        if isinstance(expected, str):
            detail = client.run_detail(run_id)
            assert (detail.status, detail.ids.run_id) == (expected, run_id)
        else:
            with pytest.raises(expected):
                client.run_detail(run_id)
    assert server.requests[0].path == recorded.request.path


@pytest.mark.parametrize("name", LOGS)
def test_a_recorded_log_is_read(name: str) -> None:
    recorded = transcript(name)
    user = recorded.request.path.partition("session_id=")[2] or "sched-1"
    with DifyReplay(replays(recorded)) as server:
        runs = client_of(server).logs(user, datetime(2026, 11, 21, tzinfo=UTC))
    assert [run.status for run in runs] == LOGS[name]


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_recorded_question_is_answered(name: str) -> None:
    call, expected = QUESTIONS[name]
    with DifyReplay(replays(transcript(name))) as server:
        client = client_of(server)
        if isinstance(expected, type):
            with pytest.raises(expected):
                ASK[call](client)
        else:
            assert ASK[call](client) == expected


def _info(client: DifyClient) -> object:
    info = client.info()
    return info.name, info.mode, info.server_version


def _parameters(client: DifyClient) -> object:
    return [field.name + "*" * field.is_required for field in client.parameters()]


def _upload(client: DifyClient) -> object:
    uploaded = client.upload(UploadFile("日报.txt", "hello 文件".encode(), "text/plain"), "sched-1")
    return uploaded.id, uploaded.name, uploaded.size


ASK = {
    "info": _info,
    "parameters": _parameters,
    "stop": lambda client: client.stop("workflow", "task-1", "sched-1"),
    "upload": _upload,
}


def end_of_run(client: DifyClient, recorded: Transcript) -> str | type[DifyError]:
    try:
        return client.run(request_of(recorded), Told(), 60).status
    except DifyError as error:
        return type(error)


def request_of(recorded: Transcript) -> RunRequest:
    """The call that was recorded, as far as the client can make it at all."""
    path = recorded.request.path.partition("?")[0]
    body = recorded.request.body
    given = recorded.request.json() if body.startswith(b"{") and body.endswith(b"}") and b'"' in body else {}
    inputs = given.get("inputs")
    parts = path.split("/")
    return RunRequest(
        user=given.get("user", "sched-1"),
        inputs=inputs if isinstance(inputs, dict) else {},
        app_type={"chat-messages": "chat", "completion-messages": "completion"}.get(parts[-1], "workflow"),  # type: ignore[arg-type]
        response_mode="streaming" if given.get("response_mode") == "streaming" else "blocking",
        workflow_id=parts[3] if len(parts) == 5 else "",
        query=given.get("query", ""),
        trace_id=recorded.request.headers.get("x-trace-id", ""),
    )
