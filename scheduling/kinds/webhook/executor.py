"""The webhook executor. A 2xx is a success if it meets the task's condition.

The `result` of a JSON response becomes the run's message.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from common import http, json_values
from common.redact import mask_url
from scheduling.execution import CANCELED, Occasion, Outcome, RunContext, failed, is_over, success
from scheduling.kinds.template_names import TIME_FORMAT, names_of
from scheduling.kinds.webhook.body import JSON, content_type, json_problem
from scheduling.kinds.webhook.success_condition import UnmetError, parse_condition
from scheduling.templates import TemplateError, render

SHOWN, SAID = 2000, 500  # characters of a response that go into the log, and into an error
# Bytes of a response that are read: enough for the largest result, written in escapes.
MAX_JSON = 4 * json_values.RESULT_BYTES


@dataclass(frozen=True)
class WebhookConfig:
    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body_template: str = ""
    success_condition: str = ""
    secret: str = ""
    window_time_format: str = TIME_FORMAT


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return the value of X-Platform-Signature: HMAC-SHA256 over "timestamp.body".

    Vector: secret "s3cret", timestamp 1700000000, body b'{"a":1}' gives
    sha256=1698a50bc74d1ff1db85c4e0a5297c2ad9fdba245d5737cdb789e4cc6e098940.
    """
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


class WebhookExecutor:
    """`client` makes a client whose requests end after so many seconds: those left when the request is sent."""

    def __init__(
        self,
        config: WebhookConfig,
        occasion: Occasion,
        client: Callable[[float], http.Client],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.config, self.occasion, self.client, self.clock = config, occasion, client, clock

    def execute(self, context: RunContext) -> Outcome:
        try:
            body = self._body(partial(is_over, context))
        except TemplateError as error:
            return failed(error.error_code, f"The body template can't be rendered: {error}")
        if problem := body_problem(body, self._headers(body)):
            return failed("config_error", problem)
        context.line(f"{self.config.method} {self._host()}, {len(body)} bytes")
        if (seconds := context.seconds_left) <= 0:
            return failed("timeout", "The task's time limit was over before the webhook was called.")
        try:
            answer = self.client(seconds).request(
                self.config.method,
                self.config.url,
                headers=self._headers(body),
                data=body,
                switch=context.switch,
            )
        except http.HttpError as error:
            return _failure(error)
        context.line(f"HTTP {answer.status}")
        context.line(context.cut(answer.text, SHOWN), "stdout")
        return _outcome(answer, self.config.success_condition, context)

    def _body(self, is_over: Callable[[], bool]) -> bytes:
        if self.config.body_template:
            names = names_of(self.occasion, self.config.window_time_format)
            return render(self.config.body_template, names, self.occasion.tenant_id, is_over).encode()
        told = ("task_id", "task_name", "trace_id", "due_at", "window_start", "window_end", "params")
        values = asdict(self.occasion)
        return json.dumps({name: values[name] for name in told}, ensure_ascii=False).encode()

    def _headers(self, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": JSON, "Idempotency-Key": self.occasion.trace_id}
        if self.config.secret:
            timestamp = int(self.clock())
            headers["X-Platform-Timestamp"] = str(timestamp)
            headers["X-Platform-Signature"] = signature(self.config.secret, timestamp, body)
        own = {name.lower() for name in self.config.headers}
        return {n: v for n, v in headers.items() if n.lower() not in own} | dict(self.config.headers)

    def _host(self) -> str:
        return self.config.url.split("://", 1)[-1].split("/", 1)[0].rsplit("@", 1)[-1]


def body_problem(body: str | bytes, headers: Mapping[str, str]) -> str:
    """Return why a body can't be sent under these headers; "" if it can."""
    if not (why := json_problem(body, headers)):
        return ""
    return (
        f"The body is not JSON, but its Content-Type is {content_type(headers)}: {why}. In the template write values "
        "as {{ name|tojson }}, without quotes around them, or set another Content-Type among the headers."
    )


def _outcome(answer: http.Response, condition: str, context: RunContext) -> Outcome:
    if not answer.is_success:
        return failed("http_status", _refusal(answer, context))
    value = result = None
    unsaid = ""
    try:
        value = _json(answer)
        result = _result(value)
    except _UnfitError as unfit:
        unsaid = str(unfit)
        context.line(unsaid)
    if problem := _why_unmet(condition, value, answer, context):
        return failed("webhook_failed", problem)
    return success(unsaid=unsaid) if unsaid else success(result, message=result)


def _why_unmet(condition: str, value: Any, answer: http.Response, context: RunContext) -> str:
    """Return what the success condition expects and what came instead; "" where it is met, or there is none."""
    try:
        if condition:
            parse_condition(condition).require(value, context.cut)
    except UnmetError as unmet:
        expected = f"The webhook answered HTTP {answer.status}, but not as its success condition expects"
        return f"{expected} ({condition}): {unmet}. The answer: {context.cut(answer.text, SAID)}"
    return ""


def _refusal(answer: http.Response, context: RunContext) -> str:
    said = [f"The webhook answered HTTP {answer.status}"]
    if 300 <= answer.status < 400:
        said.append("redirects are not followed")
        if target := answer.headers.get("Location"):
            said.append(f"this one leads to {context.cut(mask_url(target), SAID)}")
    if text := context.cut(answer.text, SAID):
        said.append(text)
    return ": ".join(said)


class _UnfitError(Exception):
    """The call has succeeded, but its result is not usable; the text says why."""


def _json(answer: http.Response) -> Any:
    """Return the response's JSON, None where it is none. Raises _UnfitError where it is too large or too deep."""
    if len(answer.content) > MAX_JSON:
        if not answer.content.lstrip().startswith(b"{"):
            return None
        raise _UnfitError(
            f"The webhook's answer takes {len(answer.content):,} bytes; only {MAX_JSON:,} are read, "
            "so it gives no result."
        )
    try:
        return answer.json()
    except json_values.TooDeepError as error:
        raise _UnfitError(f"The webhook's answer {error}") from None
    except ValueError:
        return None


def _result(value: Any) -> Any:
    """Return the answer's `result`; None where it has none or is no object. Raises _UnfitError."""
    result = value.get("result") if isinstance(value, dict) else None
    if unfit := json_values.why_unfit(result):
        raise _UnfitError(f"The webhook's result {unfit}")
    return result


def _failure(error: http.HttpError) -> Outcome:
    match error:
        case http.CanceledError():
            return CANCELED
        case http.AddressRefusedError():
            hint = "The operator can allow a network with OUTBOUND_ALLOWED_NETWORKS."
            return failed("address_refused", f"{error} {hint}")
        case http.InvalidUrlError() | http.InvalidHeaderError() | http.TooManyRedirectsError():
            return failed("config_error", str(error))
        case http.DeadlineExceededError() | http.ReadTimeoutError():
            return failed("timeout", f"The webhook did not answer in time: {error}")
        case http.ResponseTooLargeError():
            return failed("response_too_large", str(error))
        case _:
            return failed("connect_error", str(error))
