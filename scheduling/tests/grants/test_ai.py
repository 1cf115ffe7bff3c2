"""ai: whose endpoint, whose key, and what it cost."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from common.http import CancelSwitch, Policy
from scheduling.clients.ai import AiNotConfiguredError, AiRefusedError, Endpoint
from scheduling.execution import Spent
from scheduling.grants.ai import Ai
from scheduling.tests import make
from tenants.models import TenantConfig
from testing.servers.openai import KEY, OpenAi

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[OpenAi]:
    with OpenAi("deepseek-chat", "own-model") as running:
        yield running


@pytest.fixture
def hidden() -> list[str]:
    return []


def ai(hidden: list[str], general: Endpoint, tenant: str | None = "acme", spent: Spent | None = None) -> Ai:
    def policy(seconds: float) -> Policy:
        return Policy(allowed_networks=(ip_network("127.0.0.0/8"),), total_seconds=seconds)

    return Ai(tenant, general, policy, CancelSwitch(), hidden.append, spent or Spent())


def configure(**values: str) -> None:
    for key, value in values.items():
        TenantConfig.objects.create(tenant=make.tenant(), app_code="ai", config_key=key, value=value)


def test_the_operators_endpoint_serves_all(server: OpenAi, hidden: list[str]) -> None:
    for tenant in ("acme", None):
        assert (
            ai(hidden, Endpoint(server.base_url, KEY), tenant).ai("hi", None, "deepseek-chat").work()
            == "You said: hi"
        )
    assert KEY in hidden


def test_tokens_add_up(server: OpenAi, hidden: list[str]) -> None:
    spent = Spent()
    granted = ai(hidden, Endpoint(server.base_url, KEY), spent=spent)
    granted.ai("one", None, "deepseek-chat").work()
    granted.ai("two", "system", "deepseek-chat").work()
    assert spent.tokens == 24


def test_a_tenants_own_endpoint_comes_first(server: OpenAi, hidden: list[str]) -> None:
    configure(base_url=server.base_url, api_key=KEY, models='{"deepseek-chat": "own-model"}')
    ai(hidden, Endpoint("http://127.0.0.1:1/v1", "general")).ai("hi", None, "deepseek-chat").work()
    assert server.requests[0]["model"] == "own-model"


def test_a_tenants_own_key_works_at_the_operators_address(server: OpenAi, hidden: list[str]) -> None:
    configure(api_key=KEY)
    assert ai(hidden, Endpoint(server.base_url, "sk-operators")).ai("hi", None, "deepseek-chat").work()


def test_the_operators_key_never_goes_to_a_tenants_address(server: OpenAi, hidden: list[str]) -> None:
    configure(base_url=server.base_url)
    with pytest.raises(AiRefusedError, match="401"):
        ai(hidden, Endpoint("http://127.0.0.1:1/v1", KEY)).ai("hi", None, "deepseek-chat").work()
    assert KEY not in hidden


def test_another_tenants_settings_are_not_used(server: OpenAi, hidden: list[str]) -> None:
    configure(base_url=server.base_url, api_key=KEY)
    with pytest.raises(AiNotConfiguredError):
        ai(hidden, Endpoint(""), make.tenant("other").code).ai("hi", None, "deepseek-chat").work()


def test_without_an_endpoint_the_error_says_what_to_do(hidden: list[str]) -> None:
    with pytest.raises(AiNotConfiguredError, match="AI_BASE_URL"):
        ai(hidden, Endpoint("")).ai("hi", None, "deepseek-chat").work()


@pytest.mark.parametrize("models", ["no JSON", "[]", '{"a": 1}', "[" * 20_000])
def test_a_wrong_map_of_models_is_named(server: OpenAi, hidden: list[str], models: str) -> None:
    configure(models=models)
    with pytest.raises(AiNotConfiguredError, match="models"):
        ai(hidden, Endpoint(server.base_url, KEY)).ai("hi", None, "deepseek-chat").work()
