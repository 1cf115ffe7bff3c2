"""An OpenAI-compatible chat endpoint: one question, one text.

AiError
├── AiNotConfiguredError     there is no endpoint, or none that can be called
├── AiRefusedError         it refused: key, model, quota, length; its own message is in the text
└── AiUnansweredError      no usable answer in time: the same question may be asked again
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common import http
from common.redact import MAX_UNCUT


class AiError(Exception):
    pass


class AiNotConfiguredError(AiError):
    pass


class AiRefusedError(AiError):
    pass


class AiUnansweredError(AiError):
    pass


@dataclass(frozen=True)
class Endpoint:
    """`base_url` is the part before `/chat/completions`; `models` maps scripts' names of models to the endpoint's."""

    base_url: str
    api_key: str = ""
    models: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Completion:
    """`tokens` counts prompt and answer together; None where the endpoint sends no count."""

    text: str
    tokens: int | None


def complete(
    endpoint: Endpoint,
    client: http.Client,
    prompt: str,
    *,
    model: str,
    system: str | None = None,
    switch: http.CancelSwitch | None = None,
) -> Completion:
    """Ask one question and return the answer. Raises AiError, and http.CanceledError by the switch."""
    messages = [{"role": "system", "content": system}] if system else []
    body = {
        "model": endpoint.models.get(model, model),
        "messages": [*messages, {"role": "user", "content": prompt}],
        "stream": False,
    }
    headers = {"Authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else {}
    url = f"{endpoint.base_url.rstrip('/')}/chat/completions"
    try:
        answer = client.request("POST", url, headers=headers, json=body, switch=switch)
    except http.CanceledError:
        raise
    except (http.InvalidUrlError, http.InvalidHeaderError, http.AddressRefusedError) as error:
        raise AiNotConfiguredError(f"The AI endpoint can't be called: {error}") from error
    except http.HttpError as error:
        raise AiUnansweredError(f"The AI endpoint gave no answer: {error}") from error
    return _completion(answer)


def _completion(answer: http.Response) -> Completion:
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not answer.is_success:
        raise _refusal(answer.status, _error_text(body) or answer.text[:MAX_UNCUT])
    try:
        content = body["choices"][0]["message"]["content"]
    except (TypeError, LookupError) as error:
        raise AiUnansweredError(
            "The AI endpoint's answer is no chat completion: does its address end as it should (often in /v1)?"
        ) from error
    return Completion(_text(content), _tokens(body))


def _refusal(status: int, words: str) -> AiError:
    text = f"The AI endpoint answered HTTP {status}: {words}"
    if status in (408, 429) or status >= 500:
        return AiUnansweredError(text)
    hint = " (does its address end as it should, often in /v1?)" if status in (404, 405) else ""
    return AiRefusedError(text + hint)


def _error_text(body: Any) -> str:
    """Return the error's message: {"error": {"message"}} as OpenAI has it, {"error": "…"} or {"message"} elsewhere."""
    if not isinstance(body, dict):
        return ""
    error = body.get("error") or body
    words = error.get("message") if isinstance(error, dict) else error
    return str(words or "")[:MAX_UNCUT]


def _text(content: Any) -> str:
    """Return the content as one text. Some endpoints send it in parts; one that refuses sends null."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return "" if content is None else str(content)


def _tokens(body: Mapping[str, Any]) -> int | None:
    usage = body.get("usage")
    total = usage.get("total_tokens") if isinstance(usage, dict) else None
    return total if isinstance(total, int) and 0 <= total < 1 << 31 else None
