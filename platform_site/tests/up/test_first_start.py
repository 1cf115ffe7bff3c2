from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from platform_site.config.data_dir import (
    BASE_DIR,
    data_dir,
    make_keys,
    prepare,
    read_file,
    write_file,
    write_file_once,
)
from platform_site.config.env import Reader, SettingError
from platform_site.up.first_start import make_login
from tenants import tokens
from tenants.models import Tenant


def test_the_data_dir_is_the_same_from_wherever_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    assert data_dir(Reader({})) == BASE_DIR / ".data"
    assert data_dir(Reader({"PLATFORM_DATA_DIR": "data/a"})) == BASE_DIR / "data" / "a"
    assert data_dir(Reader({"PLATFORM_DATA_DIR": "~/data"})) == Path("/home/me/data")
    assert data_dir(Reader({"PLATFORM_DATA_DIR": "/srv/data"})) == Path("/srv/data")


def test_keys_are_made_once_and_are_the_owners(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    make_keys(folder)
    first = {path.name: path.read_text() for path in folder.iterdir()}
    make_keys(folder)
    assert {path.name: path.read_text() for path in folder.iterdir()} == first
    assert set(first) == {"secret-key", "encryption-keys"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_is_kept_whole_and_leaves_no_draft(tmp_path: Path) -> None:
    write_file(tmp_path, "name", "old")
    write_file(tmp_path, "name", "new")
    assert read_file(tmp_path, "name") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["name"]
    assert write_file_once(tmp_path, "name", "newer") == "new"


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        SettingError, match=r"^PLATFORM_DATA_DIR: .*/file/data can't be written: Not a directory$"
    ):
        prepare(tmp_path / "file" / "data")


@pytest.mark.django_db
def test_the_first_login_is_a_superuser_with_a_token_and_a_tenant(tmp_path: Path) -> None:
    password = make_login(tmp_path)
    admin = User.objects.get()
    assert (admin.username, admin.is_superuser, admin.check_password(password)) == ("admin", True, True)
    assert read_file(tmp_path, "admin-password") == password
    found = tokens.find(read_file(tmp_path, "api-token"), timezone.now())
    assert found is not None
    assert (found.user, found.tenant) == (admin, None)
    assert Tenant.objects.get().code == "default"


@pytest.mark.django_db
def test_a_database_with_users_gets_none(tmp_path: Path) -> None:
    User.objects.create_user("somebody")
    assert make_login(tmp_path) == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_a_start_killed_before_the_rows_goes_on_with_the_same_password(tmp_path: Path) -> None:
    write_file(tmp_path, "admin-password", "printed already")
    assert make_login(tmp_path) == "printed already"
    assert User.objects.get().check_password("printed already")
