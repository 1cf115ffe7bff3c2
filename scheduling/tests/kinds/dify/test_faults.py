"""What goes wrong between us and Dify, and what may be done next.

Hand-made where a comment says so; 1.12 and 1.13 differ from the recorded 1.15 in the ways shown here.
"""

import socket
import threading

import pytest

from common.http import CancelSwitch, Client, Policy
from scheduling.kinds.dify.client import (
    AddressNotAllowedError,
    AuthFailedError,
    CanceledError,
    DifyClient,
    DifyError,
    MisconfiguredError,
    ModelFailedError,
    OutcomeUnknownError,
    Patience,
    RateLimitedError,
    RefusedError,
    RunNotFoundError,
    RunRequest,
    TimedOutError,
    UnansweredError,
    UnreachableError,
    WrongBaseUrlError,
)
from testing.servers.dify_replay import PING, Answer, DifyReplay, replays, says, streams, transcript

from .app import KEY, LOCAL, QUICK, Told, client_of, run_against

HTML = b"<html><body>nginx</body></html>"
BLOCKING = RunRequest(user="sched-1", response_mode="blocking")


def error(status: int, code: str, message: str = "told") -> dict[str, object]:
    return {"status": status, "code": code, "message": message}


# Hand-made: proxies, and codes that no transcript has.
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (says(200, HTML), WrongBaseUrlError),
        (says(404, HTML), WrongBaseUrlError),
        (says(405, HTML), WrongBaseUrlError),
        (says(301, HTML, "Location: https://elsewhere.example/"), WrongBaseUrlError),
        (says(308, b"", "Location: /login"), WrongBaseUrlError),
        (says(413, HTML), MisconfiguredError),
        (says(403, HTML), AuthFailedError),
        (says(429, HTML), RateLimitedError),
        (says(429, error(429, "rate_limit_error")), RateLimitedError),
        (says(400, error(400, "too_many_requests")), RateLimitedError),
        (
            says(400, error(400, "invalid_param", "Too many requests. Please try again later.")),
            RateLimitedError,
        ),
        (says(400, error(400, "provider_quota_exceeded")), ModelFailedError),
        (says(400, error(400, "provider_not_initialize")), ModelFailedError),
        (says(400, error(400, "model_currently_not_support")), ModelFailedError),
        (says(400, error(400, "completion_request_error")), ModelFailedError),
        (says(400, error(400, "app_unavailable")), MisconfiguredError),
        (says(415, error(415, "unsupported_media_type")), MisconfiguredError),
        (says(500, error(500, "unknown")), OutcomeUnknownError),
        (says(502, HTML), OutcomeUnknownError),
        (says(503, HTML), OutcomeUnknownError),
        (says(504, HTML), OutcomeUnknownError),
        (says(200, {"something": "else"}), OutcomeUnknownError),
        (says(200, {"data": {"status": "running"}, "workflow_run_id": "r1"}), OutcomeUnknownError),
        (says(404, error(404, "not_found"), compressed=True), MisconfiguredError),
    ],
)
@pytest.mark.parametrize("mode", ["streaming", "blocking"])
def test_an_answer_that_is_no_run(answer: Answer, expected: type[DifyError], mode: str) -> None:
    request = RunRequest(user="u", response_mode=mode)  # type: ignore[arg-type]
    with pytest.raises(DifyError) as caught:
        run_against(answer, request)
    assert type(caught.value) is expected


def test_a_refusal_keeps_difys_word_and_message() -> None:
    with pytest.raises(RefusedError, match="Workflow not published") as caught:
        run_against(replays(transcript("err_unpublished_streaming")))
    assert caught.value.code == "invalid_param"


def test_nothing_can_have_started_without_a_connection() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = DifyClient(f"http://127.0.0.1:{unused.getsockname()[1]}", KEY, LOCAL)
        with pytest.raises(UnreachableError):
            client.run(BLOCKING, Told(), 5)


def test_a_private_address_is_said_to_be_one() -> None:
    with pytest.raises(AddressNotAllowedError):
        DifyClient("http://127.0.0.1:9", KEY, Policy()).run(BLOCKING, Told(), 5)


def test_a_key_that_no_header_can_carry_is_misconfigured() -> None:
    with pytest.raises(MisconfiguredError):
        DifyClient("http://127.0.0.1:9", "app-密钥", LOCAL).info()


@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize("offset", [0, 20, 400, 1000, 3000, 9000])
def test_a_stream_cut_anywhere_is_unknown(offset: int, ending: str) -> None:
    answer = replays(transcript("ok_streaming")).until(offset, ending)  # type: ignore[arg-type]
    with pytest.raises(OutcomeUnknownError):
        run_against(answer)


def test_a_stream_cut_after_its_final_event_is_known() -> None:
    whole = replays(transcript("ok_streaming"))
    assert run_against(whole.until(whole.size - 5)).status == "succeeded"


def test_a_blocking_call_cut_before_its_answer_is_unknown() -> None:
    with pytest.raises(OutcomeUnknownError):
        run_against(replays(transcript("ok_blocking")).until(100), BLOCKING)


def test_silence_after_the_first_events_is_unknown_and_not_failed() -> None:
    told = Told()
    with pytest.raises(OutcomeUnknownError):
        run_against(
            replays(transcript("ok_streaming")).until(3000, "stall"),
            told=told,
            patience=Patience(idle_seconds=2),
        )
    assert told.run_id == "ea8856c4-1493-4c12-8731-73bbe93ba964"


def test_no_first_event_at_all_is_unknown() -> None:
    with pytest.raises(OutcomeUnknownError):
        run_against(streams(PING, ending="stall"), patience=QUICK)
    with pytest.raises(OutcomeUnknownError):
        run_against(Answer((), "stall"), patience=QUICK)


def test_pings_are_no_first_event() -> None:
    head, *_ = streams().pieces
    pings = [(0.05 * n, b"d\r\n" + PING + b"\r\n") for n in range(200)]
    with pytest.raises(OutcomeUnknownError):
        run_against(Answer((head, *pings), "stall"), patience=QUICK)


def test_a_frame_beyond_the_cap_leaves_the_outcome_to_run_detail() -> None:
    started = {"event": "workflow_started", "workflow_run_id": "r1", "task_id": "t1", "data": {}}
    told = Told()
    with pytest.raises(OutcomeUnknownError, match="frame"):
        run_against(streams(started, *[b"x" * 1_000_000] * 34, ending="stall"), told=told)
    assert told.run_id == "r1"


def test_the_tasks_own_time_ends_a_run() -> None:
    with pytest.raises(TimedOutError):
        run_against(replays(transcript("ok_streaming")).until(3000, "stall"), timeout_seconds=0.5)
    with pytest.raises(TimedOutError):
        run_against(Answer((), "stall"), BLOCKING, timeout_seconds=0.5)


@pytest.mark.parametrize("answer", [Answer((), "stall"), streams(PING, ending="stall")])
def test_a_run_is_canceled_whatever_it_waits_for(answer: Answer) -> None:
    switch = CancelSwitch()
    with DifyReplay(answer) as server:
        timer = threading.Timer(0.1, switch.cancel)
        timer.start()
        with pytest.raises(CanceledError):
            client_of(server).run(RunRequest(user="u"), Told(), 30, switch)
        timer.join()


# Hand-made from here: what 1.12 and 1.13 do differently.

STARTED = {
    "event": "workflow_started",
    "workflow_run_id": "r1",
    "task_id": "t1",
    "data": {"workflow_id": "w1"},
}


def finish(status: str, **data: object) -> dict[str, object]:
    return {"event": "workflow_finished", "workflow_run_id": "r1", "data": {"status": status, **data}}


def test_1_12_sends_no_first_ping() -> None:
    assert run_against(streams(STARTED, finish("succeeded"))).status == "succeeded"


def test_1_13_ends_a_run_with_a_missing_input_without_a_word() -> None:
    """A ping, then silence and a clean end at 302 s."""
    with pytest.raises(OutcomeUnknownError, match="ended before the run"):
        run_against(streams(PING))


@pytest.mark.parametrize("ending", ["close", "stall"])
def test_1_13_sends_nothing_after_an_error_event(ending: str) -> None:
    told = {"event": "error", "workflow_run_id": None, **error(400, "provider_quota_exceeded", "no quota")}
    result = run_against(streams(PING, STARTED, told, ending=ending), patience=Patience(closing_seconds=0.1))  # type: ignore[arg-type]
    assert (result.status, result.error, result.error_code) == (
        "failed",
        "no quota",
        "provider_quota_exceeded",
    )


def test_an_error_event_is_final_even_if_the_connection_is_cut_then() -> None:
    told = {"event": "error", **error(500, "unknown", "broken")}
    whole = streams(STARTED, told)
    assert run_against(whole.until(whole.size - 5)).error == "broken"


def test_a_rate_limit_told_inside_the_stream_is_a_rate_limit() -> None:
    told = {"event": "error", **error(429, "rate_limit_error", "slow down")}
    with pytest.raises(RateLimitedError, match="slow down"):
        run_against(streams(PING, told))


def test_a_run_is_stopped_in_the_stream_of_other_versions() -> None:
    result = run_against(streams(STARTED, finish("stopped")))
    assert (result.status, result.was_stopped) == ("stopped", True)


def test_1_12_knows_no_run_by_nulls() -> None:
    nulls = dict.fromkeys(["id", "workflow_id", "status", "inputs", "outputs", "error", "total_steps"])
    with DifyReplay(says(200, nulls)) as server, pytest.raises(RunNotFoundError):
        client_of(server).run_detail("877b13d9-a10a-46ed-9e10-34d00e4256fa")


def test_outputs_sent_as_a_json_string_are_read() -> None:
    with DifyReplay(says(200, {"id": "r1", "status": "succeeded", "outputs": '{"x": "日"}'})) as server:
        assert client_of(server).run_detail("r1").outputs == {"x": "日"}


def test_a_server_too_old_for_a_mode_fits_any_app() -> None:
    with DifyReplay(says(200, {"name": "old", "description": "", "tags": []})) as server:
        info = client_of(server).info()
    assert info.fits("workflow")
    assert info.fits("chat")


def test_a_question_without_a_usable_answer_is_unanswered() -> None:
    with DifyReplay(says(502, HTML), says(200, {}).until(30)) as server:
        client = client_of(server)
        for _ in range(2):
            with pytest.raises(UnansweredError):
                client.run_detail("r1")


@pytest.mark.parametrize(
    ("app_type", "path"),
    [
        ("workflow", "/v1/workflows/tasks/t%2F1/stop"),
        ("chat", "/v1/chat-messages/t%2F1/stop"),
        ("completion", "/v1/completion-messages/t%2F1/stop"),
    ],
)
def test_each_kind_of_app_is_stopped_at_its_own_path(app_type: str, path: str) -> None:
    with DifyReplay(says(200, {"result": "success"})) as server:
        client_of(server).stop(app_type, "t/1", "sched-1")  # type: ignore[arg-type]
    assert (server.requests[0].path, server.requests[0].json()) == (path, {"user": "sched-1"})


def test_the_connection_is_made_by_whom_the_caller_says() -> None:
    policies: list[Policy] = []

    def connect(policy: Policy) -> Client:
        policies.append(policy)
        return Client(policy)

    with DifyReplay(replays(transcript("ok_streaming"))) as server:
        DifyClient(server.url, KEY, LOCAL, connect=connect).run(RunRequest(user="u"), Told(), 1260)
    policy = policies[0]
    assert (policy.connect_seconds, policy.read_seconds, policy.total_seconds) == (10, 310, 1260)
    assert (policy.max_redirects, policy.allowed_networks) == (0, LOCAL.allowed_networks)
