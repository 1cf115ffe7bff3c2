"""The error responses of Dify, and of the proxies in front of it, as our errors."""

from common.http import Response
from common.redact import MAX_UNCUT

from .errors import (
    AuthFailedError,
    DifyError,
    MisconfiguredError,
    ModelFailedError,
    RateLimitedError,
    UnansweredError,
    WrongBaseUrlError,
)
from .payload import parse, text

RATE_CODES = frozenset({"rate_limit_error", "too_many_requests"})
MODEL_CODES = frozenset(
    {
        "provider_not_initialize",
        "provider_quota_exceeded",
        "model_currently_not_support",
        "completion_request_error",
    }
)
WRONG_BASE_URL = "no Dify API answers at this URL: is it the address of the server, with or without /v1?"


def is_rate_limit(status: int, code: str, message: str) -> bool:
    """Return whether this is a rate limit. The app's limit of concurrent runs is a 400, though Dify's docs say 429."""
    return status == 429 or code in RATE_CODES or (status == 400 and message.startswith("Too many requests"))


def refusal(answer: Response) -> DifyError:
    """Return the error for a response that is not the expected JSON with a 2xx."""
    body = parse(answer.content) or {}
    code, message = text(body, "code"), text(body, "message")[:MAX_UNCUT]
    told = f"HTTP {answer.status}: {message}" if message else f"HTTP {answer.status}"
    if is_rate_limit(answer.status, code, message):
        return RateLimitedError(told)
    if answer.status >= 500 or answer.status == 408:
        return UnansweredError(told)
    if answer.status in (401, 403):
        return AuthFailedError(told, code)
    if not body and answer.status != 413:
        return WrongBaseUrlError(f"{WRONG_BASE_URL} ({told})")
    if code == "app_unavailable" or message == "Workflow not published":
        return MisconfiguredError(f"The app is not published: publish it in Dify first. ({told})", code)
    if code in MODEL_CODES:
        return ModelFailedError(told, code)
    return MisconfiguredError(told, code)
