"""What scripts may call, and what of other tenants they don't see."""

import pytest

from common.redact import Masker
from scheduling.grants.secrets import Secrets
from scheduling.grants.tenants import Tenants
from scheduling.grants.vars import Vars, VarsCopy
from scheduling.tests import make
from tenants.models import Secret, TenantConfig

pytestmark = pytest.mark.django_db


class TestVars:
    def test_a_value_is_kept_for_the_next_run(self) -> None:
        task = make.task()
        Vars(task.pk, "acme").set_var("n", {"a": [1]}, "task")
        assert Vars(task.pk, "acme").get_var("n", None, "task") == {"a": [1]}

    def test_setting_again_replaces(self) -> None:
        variables = Vars(make.task().pk, "acme")
        variables.set_var("n", 1, "task")
        variables.set_var("n", 2, "task")
        assert variables.get_var("n", None, "task") == 2

    def test_a_missing_one_gives_the_default(self) -> None:
        assert Vars(make.task().pk, "acme").get_var("n", 7, "task") == 7

    def test_another_task_does_not_see_it_unless_shared(self) -> None:
        one, two = Vars(make.task().pk, "acme"), Vars(make.task().pk, "acme")
        one.set_var("mine", 1, "task")
        one.set_var("ours", 2, "tenant")
        assert two.get_var("mine", None, "task") is None
        assert two.get_var("ours", None, "tenant") == 2

    def test_another_tenant_does_not_see_what_is_shared(self) -> None:
        make.tenant("other")
        Vars(make.task().pk, "acme").set_var("ours", 2, "tenant")
        assert Vars(make.task().pk, "other").get_var("ours", None, "tenant") is None

    def test_deleting_forgets(self) -> None:
        variables = Vars(make.task().pk, "acme")
        variables.set_var("n", 1, "task")
        variables.del_var("n", "task")
        assert variables.get_var("n", None, "task") is None

    def test_more_than_64_levels_are_refused(self) -> None:
        deep: object = "end"
        for _ in range(65):
            deep = [deep]
        with pytest.raises(ValueError, match="64 levels"):
            Vars(make.task().pk, "acme").set_var("n", deep, "task")

    def test_more_than_64_kib_is_refused(self) -> None:
        with pytest.raises(ValueError, match="64 KiB"):
            Vars(make.task().pk, "acme").set_var("n", "x" * 65536, "task")

    @pytest.mark.parametrize(("key", "value"), [("n", {"a": ["x s3cret"]}), ("s3cret", 1)])
    @pytest.mark.parametrize("kind", [Vars, VarsCopy])
    def test_a_secret_is_not_taken(self, kind: type[Vars], key: str, value: object) -> None:
        variables = kind(make.task().pk, "acme", Masker(["s3cret"]).holds)
        with pytest.raises(ValueError, match="contains a secret") as refused:
            variables.set_var(key, value, "task")
        assert "s3cret" not in str(refused.value)
        assert variables.get_var(key, None, "task") is None
        variables.set_var("n", "public", "task")

    @pytest.mark.parametrize(("key", "scope"), [("", "task"), ("x" * 101, "task"), ("n", "world")])
    def test_a_wrong_key_or_scope_is_refused(self, key: str, scope: str) -> None:
        with pytest.raises(ValueError, match=r"key|scope"):
            Vars(make.task().pk, "acme").get_var(key, None, scope)


class TestSecrets:
    def read(self, tenant: str | None, key: str = "k") -> tuple[str, list[str]]:
        hidden: list[str] = []
        return Secrets(tenant, hidden.append).get_secret(key), hidden

    def test_a_tenants_own_comes_before_a_shared_one(self) -> None:
        Secret.objects.create(secret_key="k", value="global", is_shared=True)
        Secret.objects.create(secret_key="k", value="own", tenant=make.tenant())
        assert self.read("acme") == ("own", ["own"])

    def test_a_shared_one_is_read_where_there_is_no_own(self) -> None:
        make.tenant()
        Secret.objects.create(secret_key="k", value="global", is_shared=True)
        assert self.read("acme")[0] == "global"

    def test_a_global_one_that_is_not_shared_stays_global(self) -> None:
        make.tenant()
        Secret.objects.create(secret_key="k", value="global")
        assert self.read(None)[0] == "global"
        with pytest.raises(LookupError):
            self.read("acme")

    def test_another_tenants_secret_does_not_exist(self) -> None:
        Secret.objects.create(secret_key="k", value="theirs", tenant=make.tenant("other"))
        with pytest.raises(LookupError, match="no secret"):
            self.read("acme")


class TestTenants:
    @pytest.fixture(autouse=True)
    def configs(self) -> None:
        for code in ("acme", "other"):
            tenant = make.tenant(code)
            TenantConfig.objects.create(tenant=tenant, app_code="crm", config_key="url", value=f"at {code}")
        TenantConfig.objects.create(
            tenant=make.tenant("acme"), app_code="crm", config_key="key", value="hidden-key", is_secret=True
        )

    def test_a_tenants_task_sees_its_own_tenant_only(self) -> None:
        mine = Tenants("acme", lambda value: None)
        assert mine.get_tenants() == [{"code": "acme", "name": "Acme"}]
        assert mine.get_all_tenant_configs("crm", "url") == {"acme": "at acme"}
        assert mine.get_tenant_config("other", "crm", "url") is None

    def test_a_global_task_sees_all(self) -> None:
        everybody = Tenants(None, lambda value: None)
        assert everybody.get_all_tenant_configs("crm", "url") == {"acme": "at acme", "other": "at other"}

    def test_a_secret_value_is_masked_once_it_is_handed_out(self) -> None:
        hidden: list[str] = []
        assert Tenants("acme", hidden.append).get_tenant_config("acme", "crm", "key") == "hidden-key"
        assert hidden == ["hidden-key"]
