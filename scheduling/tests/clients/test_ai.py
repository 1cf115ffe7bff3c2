"""One question to an OpenAI-compatible endpoint, over a real socket."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from common import http
from scheduling.clients.ai import (
    AiNotConfiguredError,
    AiRefusedError,
    AiUnansweredError,
    Completion,
    Endpoint,
    complete,
)
from testing.servers.openai import KEY, OpenAi

POLICY = http.Policy(allowed_networks=(ip_network("127.0.0.0/8"),))


@pytest.fixture
def server() -> Iterator[OpenAi]:
    with OpenAi() as running:
        yield running


def ask(server: OpenAi, prompt: str = "hello", *, policy: http.Policy = POLICY, **how: Any) -> Completion:
    endpoint = Endpoint(how.pop("base_url", server.base_url), how.pop("api_key", KEY), how.pop("models", {}))
    return complete(endpoint, http.Client(policy), prompt, **{"model": "deepseek-chat"} | how)


def test_the_text_and_its_tokens_come_back(server: OpenAi) -> None:
    assert ask(server) == Completion("You said: hello", 12)


def test_a_system_prompt_goes_first(server: OpenAi) -> None:
    ask(server, system="Be brief.")
    assert server.requests[0]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hello"},
    ]


def test_a_models_name_is_mapped_to_the_endpoints(server: OpenAi) -> None:
    server.models = ("qwen-plus",)
    ask(server, models={"deepseek-chat": "qwen-plus"})
    assert server.requests[0]["model"] == "qwen-plus"


def test_a_slash_at_the_addresss_end_does_no_harm(server: OpenAi) -> None:
    assert ask(server, base_url=server.base_url + "/").tokens == 12


def test_a_wrong_key_is_said_in_the_endpoints_words(server: OpenAi) -> None:
    with pytest.raises(AiRefusedError, match="401: Incorrect API key"):
        ask(server, api_key="sk-wrong")


def test_an_unknown_model_is_said_in_the_endpoints_words(server: OpenAi) -> None:
    with pytest.raises(AiRefusedError, match="`other` does not exist"):
        ask(server, model="other")


def test_a_wrong_address_comes_with_a_hint(server: OpenAi) -> None:
    with pytest.raises(AiRefusedError, match="/v1"):
        ask(server, base_url=server.base_url.removesuffix("/v1"))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_told_apart(server: OpenAi, status: int) -> None:
    server.then = (status, {"error": {"message": "Rate limit reached"}})
    with pytest.raises(AiUnansweredError, match="Rate limit"):
        ask(server)


@pytest.mark.parametrize(
    ("body", "words"),
    [({"error": "a text"}, "a text"), ({"message": "at the top"}, "at the top"), (b"<h1>no</h1>", "<h1>no")],
)
def test_errors_in_other_shapes_are_read(server: OpenAi, body: Any, words: str) -> None:
    server.then = (400, body)
    with pytest.raises(AiRefusedError, match=words):
        ask(server)


@pytest.mark.parametrize(
    "body", [{}, [], None, "x", {"choices": []}, {"choices": [{"message": None}]}, b"no JSON"]
)
def test_an_answer_that_is_no_completion_is_refused(server: OpenAi, body: Any) -> None:
    server.then = (200, body)
    with pytest.raises(AiUnansweredError, match="no chat completion"):
        ask(server)


@pytest.mark.parametrize(
    ("content", "text"), [(None, ""), ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab")]
)
def test_a_refusal_is_empty_and_parts_are_joined(server: OpenAi, content: Any, text: str) -> None:
    server.then = (200, {"choices": [{"message": {"content": content}}]})
    assert ask(server) == Completion(text, None)


def test_a_private_address_is_refused(server: OpenAi) -> None:
    with pytest.raises(AiNotConfiguredError, match="address"):
        ask(server, policy=http.Policy())
    assert not server.requests


def test_nobody_listening_is_no_answer(server: OpenAi) -> None:
    with pytest.raises(AiUnansweredError):
        ask(server, base_url="http://127.0.0.1:1/v1")


def test_the_switch_ends_the_wait(server: OpenAi) -> None:
    switch = http.CancelSwitch()

    def cancel() -> None:
        server.hanging.wait()
        switch.cancel()

    threading.Thread(target=cancel).start()
    with pytest.raises(http.CanceledError):
        ask(server, "hang", switch=switch)
