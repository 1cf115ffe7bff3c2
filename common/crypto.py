"""Secrets at rest: texts encrypted with keys that rotate, and tokens of which only a hash is kept.

CryptoError
├── InvalidKeyError       ENCRYPTION_KEYS is empty or holds no Fernet key
└── UndecryptableError    none of the keys fits, or the text was changed
"""

import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

UNDECRYPTABLE = (
    "a value in the database can't be decrypted by any of the keys: put back the key it was encrypted with"
)


class CryptoError(Exception):
    pass


class InvalidKeyError(CryptoError):
    pass


class UndecryptableError(CryptoError):
    pass


def is_encrypted(stored: str) -> bool:
    """Return whether a stored text is ciphertext. It may be clear text that a program of another system wrote.

    Each ciphertext begins with Fernet's version and the zeros before a time of this century.
    """
    return stored.startswith("gAAAAA")


def new_key() -> str:
    return Fernet.generate_key().decode()


class Keyring:
    """Encrypts with the first key and decrypts with any: rotation puts a new key in front."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise InvalidKeyError("ENCRYPTION_KEYS is empty: at least one key is required")
        self._keys = [_fernet(position, key) for position, key in enumerate(keys, 1)]
        self._fernet = MultiFernet(self._keys)

    def encrypt(self, text: str) -> str:
        return self._fernet.encrypt(text.encode("utf-8", "surrogatepass")).decode()

    def decrypt(self, encrypted: str) -> str:
        """Return the clear text. Raises UndecryptableError."""
        try:
            return self._fernet.decrypt(encrypted).decode("utf-8", "surrogatepass")
        except InvalidToken as error:
            raise UndecryptableError(UNDECRYPTABLE) from error

    def key_of(self, encrypted: str) -> int:
        """Return which key opens the ciphertext, counted from 1. Raises UndecryptableError."""
        for position, key in enumerate(self._keys, 1):
            try:
                key.decrypt(encrypted)
            except InvalidToken:
                continue
            return position
        raise UndecryptableError(UNDECRYPTABLE)

    def rotate(self, encrypted: str) -> str:
        """Return the same text encrypted with the first key. Raises UndecryptableError."""
        try:
            return self._fernet.rotate(encrypted).decode()
        except InvalidToken as error:
            raise UndecryptableError(UNDECRYPTABLE) from error


def _fernet(position: int, key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError as error:
        # The key itself must not be in the message, which ends up in logs.
        raise InvalidKeyError(
            f"key {position} of ENCRYPTION_KEYS is not 32 bytes in URL-safe base64"
        ) from error


def hash_token(token: str) -> str:
    """Return the hash in hexadecimal. Plain SHA-256 is enough: API tokens are random and long, unlike passwords."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
