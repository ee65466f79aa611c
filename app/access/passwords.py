"""Passwords: what makes a good one, and hashes: scrypt for new ones, bcrypt of the legacy system until its next login.

The common ones are a list of Django; `common-passwords.toml` says which, and its licence.
"""

from __future__ import annotations

import gzip
import secrets
import unicodedata
from functools import cache
from pathlib import Path

import bcrypt
from flask_babel import gettext as _
from werkzeug.security import check_password_hash, generate_password_hash

from app.core.types import NO_PASSWORD

COMMON = Path(__file__).with_name("common-passwords.txt.gz")

_BCRYPT_BYTES = 72  # bcrypt never looked further; the library refuses longer input
SHORTEST = 12
LONGEST = 200


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


def problem(plain: str, *names: str) -> str:
    """What is wrong with a new password, as a sentence; "" when it will do.

    Length counts, not the kind of characters. `names` are those of the person: user name, e-mail, full name.
    """
    if len(plain) < SHORTEST:
        return _("At least %(least)s characters.", least=SHORTEST)
    if len(plain) > LONGEST:
        return _("At most %(most)s characters.", most=LONGEST)
    if _bare(plain) in {form for name in names for form in (_bare(name), _bare(name.partition("@")[0]))}:
        return _("The password must not be the user name, the e-mail or the own name.")
    if is_common(plain):
        return _("This is one of the passwords that are tried first. Choose another one.")
    return ""


def is_common(plain: str) -> bool:
    """Whether it is on the list of common passwords, or one of them several times over; in any case of letters."""
    folded = unicodedata.normalize("NFKC", plain).casefold()
    if folded in _common():
        return True
    return any(
        len(folded) % size == 0 and folded[:size] * (len(folded) // size) == folded
        for size in range(1, len(folded) // 2 + 1)
        if size < 4 or folded[:size] in _common()
    )


@cache
def _common() -> frozenset[str]:
    """Loaded when the first password is set: logging in does not need it."""
    return frozenset(gzip.decompress(COMMON.read_bytes()).decode().casefold().split("\n"))


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
