from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from tenants import tokens
from tenants.models import Tenant

pytestmark = pytest.mark.django_db


def create(*arguments: str) -> str:
    out = StringIO()
    call_command("create_token", "ci", *arguments, stdout=out)
    return out.getvalue().strip()


def test_it_prints_a_valid_token() -> None:
    admin = User.objects.create_superuser("admin")
    found = tokens.find(create(), timezone.now())
    assert found is not None
    assert (found.user, found.name, found.expires_at) == (admin, "ci", None)


def test_it_narrows_what_the_token_may_do() -> None:
    User.objects.create_user("kim")
    acme = Tenant.objects.create(code="acme", name="Acme")
    plain = create("--user", "kim", "--tenant", "acme", "--role", "viewer", "--days", "7")
    found = tokens.find(plain, timezone.now())
    assert found is not None
    assert found.expires_at is not None
    assert (found.user.username, found.tenant, found.role) == ("kim", acme, "viewer")
    assert tokens.find(plain, found.expires_at) is None


@pytest.mark.parametrize("wrong", [["--user", "nobody"], ["--tenant", "none"]])
def test_who_is_unknown_gets_none(wrong: list[str]) -> None:
    User.objects.create_superuser("admin")
    with pytest.raises(CommandError, match="does not exist"):
        create(*wrong)
