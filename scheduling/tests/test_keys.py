"""Keys that scripts ask for are compared character by character on every database."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.models import UniqueConstraint

from common.fields import KeyField
from scheduling.grants.vars import Vars
from scheduling.models import Calendar, DataSource, ScriptVar
from scheduling.models.calendar import calendar_key
from scheduling.models.source import source_key
from tenants.models import Secret, TenantConfig

ALIKE = ("k", "K", "é", "e", "a", "a ", "ß", "ss")
# A row of the history without a task is nobody's second run.
MAY_BE_NULL = {"one_run_per_due_time"}


@pytest.mark.django_db
def test_variables_whose_keys_look_alike_are_different() -> None:
    variables = Vars(1, None)
    for key in ALIKE:
        variables.set_var(key, f"of {key}", "tenant")
    assert [variables.get_var(key, None, "tenant") for key in ALIKE] == [f"of {key}" for key in ALIKE]
    variables.del_var("k", "tenant")
    assert variables.get_var("K", None, "tenant") == "of K"


@pytest.mark.django_db
def test_sources_and_calendars_whose_names_look_alike_are_different() -> None:
    for name in ("shop", "Shop"):
        DataSource.objects.create(name=name, dsn="sqlite:////x.db", scope_key=source_key(None, name))
        Calendar.objects.create(code=name, scope_key=calendar_key(None, name))
    assert DataSource.objects.get(scope_key=source_key(None, "Shop")).name == "Shop"
    assert Calendar.objects.get(code="shop").code == "shop"


def test_every_key_of_a_script_is_compared_so() -> None:
    keys = {
        Secret: ("secret_key", "scope_key"),
        TenantConfig: ("app_code", "config_key"),
        ScriptVar: ("var_key", "scope_key"),
        DataSource: ("name", "scope_key"),
        Calendar: ("code", "scope_key"),
    }
    for model, names in keys.items():
        assert all(isinstance(model._meta.get_field(name), KeyField) for name in names), model


def test_nothing_is_unique_by_a_column_that_may_be_null() -> None:
    """NULL equals nothing: the database would take two rows."""
    ours = {"tenants", "notifications", "scheduling"}
    loose = {
        constraint.name
        for model in apps.get_models()
        if model._meta.app_label in ours
        for constraint in model._meta.constraints
        if isinstance(constraint, UniqueConstraint)
        and any(model._meta.get_field(name).null for name in constraint.fields)
    }
    assert loose <= MAY_BE_NULL
