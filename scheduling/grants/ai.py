"""The grant `ai`: it asks the tenant's own endpoint, else the operator's."""

from __future__ import annotations

import json
from collections.abc import Callable

from common.http import CancelSwitch, Client, Policy
from sandbox.host.calls import Later
from scheduling.clients.ai import AiNotConfiguredError, Endpoint, complete
from scheduling.execution import Spent
from tenants.models import TenantConfig

APP_CODE = "ai"
SECONDS = 120.0
MISSING = (
    "ai() is not configured: the operator has to set AI_BASE_URL and AI_API_KEY, or the "
    "tenant's administrator the tenant settings base_url and api_key of the app 'ai'"
)


class Ai:
    """`policy` makes a policy that lasts so many seconds; `hide` masks the key."""

    def __init__(
        self,
        tenant_id: str | None,
        general: Endpoint,
        policy: Callable[[float], Policy],
        switch: CancelSwitch,
        hide: Callable[[str], None],
        spent: Spent,
    ) -> None:
        self.tenant_id, self.general, self.policy = tenant_id, general, policy
        self.switch, self.hide, self.spent = switch, hide, spent

    def ai(self, prompt: str, system: str | None, model: str) -> Later:
        endpoint = self._endpoint()
        if not endpoint.base_url:
            raise AiNotConfiguredError(MISSING)
        self.hide(endpoint.api_key)
        return Later(lambda: self._ask(endpoint, prompt, system, model))

    def _ask(self, endpoint: Endpoint, prompt: str, system: str | None, model: str) -> str:
        completion = complete(
            endpoint,
            Client(self.policy(SECONDS)),
            str(prompt),
            model=str(model),
            system=None if system is None else str(system),
            switch=self.switch,
        )
        self.spent.add(completion.tokens)
        return completion.text

    def _endpoint(self) -> Endpoint:
        if self.tenant_id is None:
            return self.general
        rows = TenantConfig.objects.filter(tenant_id=self.tenant_id, app_code=APP_CODE)
        own = {row.config_key: row.value for row in rows if row.value}
        models = {**self.general.models, **_models(own.get("models", "{}"))}
        if "base_url" in own:
            # The operator's key is not for an address that a tenant has chosen.
            return Endpoint(own["base_url"], own.get("api_key", ""), models)
        return Endpoint(self.general.base_url, own.get("api_key", self.general.api_key), models)


def _models(text: str) -> dict[str, str]:
    try:
        models = json.loads(text)
    except (ValueError, RecursionError):
        models = None
    if not isinstance(models, dict) or not all(isinstance(name, str) for name in models.values()):
        raise AiNotConfiguredError(
            "the tenant setting 'models' of the app 'ai' must be a JSON object of texts"
        )
    return models
