"""Password hashes: scrypt for new ones, bcrypt of the legacy system accepted and replaced at the next login."""

from __future__ import annotations

import secrets
from functools import cache

import bcrypt
from werkzeug.security import check_password_hash, generate_password_hash

from app.core.types import NO_PASSWORD

_BCRYPT_BYTES = 72  # bcrypt never looked further; the library refuses longer input
SHORTEST = 12


def hashed(plain: str) -> str:
    return generate_password_hash(plain, method="scrypt")


def matches(plain: str, stored: str) -> bool:
    """True when `plain` is the password behind `stored`, whichever system made the hash."""
    try:
        if stored.startswith("$2"):
            return bcrypt.checkpw(plain.encode()[:_BCRYPT_BYTES], stored.encode())
        return stored != NO_PASSWORD and stored.startswith("scrypt:") and check_password_hash(stored, plain)
    except ValueError:  # a cut or mistyped hash from an import: nobody's password
        return False


def outdated(stored: str) -> bool:
    """True for a hash that should be replaced now that the plain password is at hand."""
    return not stored.startswith("scrypt:")


@cache
def _decoy() -> str:
    """Nobody's hash; made at its first use, because hashing is slow on purpose."""
    return hashed(secrets.token_hex(8))


def waste_time(plain: str) -> None:
    """Check against nobody's hash, so that an unknown name takes as long as a wrong password."""
    check_password_hash(_decoy(), plain)
