import pytest

from common.crypto import InvalidKeyError, Keyring, UndecryptableError, hash_token, new_key


def test_a_secret_comes_back_and_is_not_in_what_is_stored() -> None:
    keyring = Keyring([new_key()])
    stored = keyring.encrypt("密码 s3cret")
    assert keyring.decrypt(stored) == "密码 s3cret"
    assert "s3cret" not in stored


def test_the_same_secret_is_stored_differently_each_time() -> None:
    keyring = Keyring([new_key()])
    assert keyring.encrypt("same") != keyring.encrypt("same")


def test_an_old_key_still_opens_what_it_closed() -> None:
    old, new = new_key(), new_key()
    stored = Keyring([old]).encrypt("kept")
    assert Keyring([new, old]).decrypt(stored) == "kept"


def test_after_rotation_the_old_key_can_go() -> None:
    old, new = new_key(), new_key()
    rotated = Keyring([new, old]).rotate(Keyring([old]).encrypt("kept"))
    assert Keyring([new]).decrypt(rotated) == "kept"


@pytest.mark.parametrize("damage", [lambda text: text[:-2] + "AA", lambda text: "", lambda text: "plain"])
def test_a_changed_value_is_not_opened(damage: object) -> None:
    keyring = Keyring([new_key()])
    stored = damage(keyring.encrypt("x"))  # type: ignore[operator]
    with pytest.raises(UndecryptableError):
        keyring.decrypt(stored)
    with pytest.raises(UndecryptableError):
        keyring.rotate(stored)


def test_a_foreign_key_opens_nothing() -> None:
    with pytest.raises(UndecryptableError):
        Keyring([new_key()]).decrypt(Keyring([new_key()]).encrypt("x"))


@pytest.mark.parametrize("key", ["", "short", "ä" * 44, "A" * 43])
def test_a_bad_key_is_named_by_its_place_and_not_shown(key: str) -> None:
    with pytest.raises(InvalidKeyError, match="key 2 of ENCRYPTION_KEYS") as caught:
        Keyring([new_key(), key])
    assert not key or key not in str(caught.value)


def test_no_key_at_all_is_said() -> None:
    with pytest.raises(InvalidKeyError, match="ENCRYPTION_KEYS is empty"):
        Keyring([])


def test_which_key_opens_a_value_is_counted_from_one() -> None:
    old, new = new_key(), new_key()
    keyring = Keyring([new, old])
    assert keyring.key_of(Keyring([old]).encrypt("x")) == 2
    assert keyring.key_of(keyring.encrypt("x")) == 1
    with pytest.raises(UndecryptableError):
        keyring.key_of(Keyring([new_key()]).encrypt("x"))


def test_a_tokens_hash_is_its_own() -> None:
    assert hash_token("tok-1") == hash_token("tok-1") != hash_token("tok-2")
    assert len(hash_token("ä\udcff")) == 64
