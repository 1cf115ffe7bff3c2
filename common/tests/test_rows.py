"""What a statement put together once finds and changes is what a QuerySet would."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from common.rows import Rows
from tenants.models import Tenant

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def tenant() -> Tenant:
    return Tenant.objects.create(code="acme", name="Acme", max_running=3, alert_webhook="https://a.example/b")


def test_a_row_is_found_by_all_its_values(tenant: Tenant) -> None:
    rows = Rows(Tenant)
    assert rows.find(code="acme", is_enabled=True) == tenant
    assert rows.find(code="acme", is_enabled=False) is None
    assert rows.find(pk=tenant.pk) == tenant


def test_a_row_is_read_as_a_queryset_reads_it(tenant: Tenant) -> None:
    found = Rows(Tenant).find(code="acme")
    expected = Tenant.objects.get(code="acme")
    assert found
    assert vars(found) | {"_state": None} == vars(expected) | {"_state": None}
    assert found.alert_webhook == "https://a.example/b"  # ciphertext in the database
    assert found.created_at.tzinfo


def test_columns_that_were_left_out_are_read_when_they_are_asked_for(tenant: Tenant) -> None:
    found = Rows(Tenant, only=["max_running"]).find(code="acme")
    assert found
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert found.max_running == 3
        assert not asked.captured_queries
        assert found.name == "Acme"
    assert len(asked.captured_queries) == 1


def test_a_row_is_changed_where_it_is_as_expected(tenant: Tenant) -> None:
    rows = Rows(Tenant)
    assert rows.update({"pk": tenant.pk, "name": "Acme"}, name="New", max_running=None, created_at=LATER) == 1
    assert rows.update({"pk": tenant.pk, "name": "Acme"}, name="Newer") == 0
    tenant.refresh_from_db()
    assert (tenant.name, tenant.max_running, tenant.created_at) == ("New", None, LATER)


def test_an_unchanged_row_counts_too(tenant: Tenant) -> None:
    assert Rows(Tenant).update({"pk": tenant.pk}, name="Acme") == 1


def test_a_row_is_locked_where_the_database_has_locks(tenant: Tenant) -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        Rows(Tenant).find(lock=True, code="acme")
    said = asked.captured_queries[0]["sql"]
    assert said.endswith("FOR UPDATE") is connection.features.has_select_for_update


def test_a_column_that_is_none_is_refused() -> None:
    with pytest.raises(FieldDoesNotExist):
        Rows(Tenant).update({"pk": 1}, nmae="typo")
