"""Encryption of stored credentials: AES-256-GCM with a key id and a purpose.

Sealed text is `v1:<key id>:<base64 of nonce and ciphertext>`. The purpose
(table and column) is authenticated but not stored, so a token moved into
another column does not open. Keys come from `ENCRYPTION_KEYS`; the first one
seals, all of them open, so a key can be replaced without a pause.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class VaultError(RuntimeError):
    """A secret cannot be sealed or opened: no key, a lost key, or altered text."""


class Vault:
    """Seals and opens short texts. `keys` maps key id to 32 raw bytes, the first one seals."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = {name: AESGCM(key) for name, key in keys.items()}
        self._sealing = next(iter(self._keys), None)

    def seal(self, plain: str, purpose: str) -> str:
        if self._sealing is None:
            raise VaultError("No encryption key is set: give ENCRYPTION_KEYS.")
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._keys[self._sealing].encrypt(nonce, plain.encode(), purpose.encode())
        return f"v1:{self._sealing}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, purpose: str) -> str:
        version, _, rest = sealed.partition(":")
        key_id, _, body = rest.partition(":")
        if version != "v1" or key_id not in self._keys:
            raise VaultError(f"Secret of {purpose} was sealed with a key that is not here.")
        try:
            raw = base64.b64decode(body, validate=True)
            return self._keys[key_id].decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode()).decode()
        except (InvalidTag, ValueError) as broken:  # ValueError: not even base64, or too short
            raise VaultError(f"Secret of {purpose} was altered or belongs elsewhere.") from broken


_current = Vault({})


def configure(keys: Mapping[str, bytes]) -> None:
    """Set the keys of this process; called once by `create_app` and by commands."""
    global _current
    _current = Vault(keys)


def current() -> Vault:
    return _current


class Veiled:
    """A secret in memory: only `reveal()` gives it away, never str(), repr() or a template."""

    __slots__ = ("_plain",)
    _plain: str

    def __init__(self, plain: str) -> None:
        self._plain = plain

    def reveal(self) -> str:
        return self._plain

    def __bool__(self) -> bool:
        return bool(self._plain)

    def __eq__(self, other: object) -> bool:
        try:
            return isinstance(other, Veiled) and other.reveal() == self.reveal()
        except VaultError:  # what cannot be opened is like nothing else
            return self is other

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __repr__(self) -> str:
        return "Veiled(set)" if self else "Veiled(empty)"


class Sealed(Veiled):
    """A secret as it rests, opened when it is needed: a row whose key is lost can be read, and given another secret."""

    __slots__ = ("_purpose", "_sealed")

    def __init__(self, sealed: str, purpose: str) -> None:
        self._sealed, self._purpose = sealed, purpose

    def reveal(self) -> str:
        """Raises VaultError."""
        return current().open(self._sealed, self._purpose)

    def __bool__(self) -> bool:
        return True
