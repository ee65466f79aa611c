"""What can be done to an account."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.access import passwords
from app.access.models import User
from app.core.vault import Veiled


def set_password(session: Session, user: User, plain: str, *, initial: bool) -> None:
    """Replace the password; all sessions of the person end with it (migration 0002).

    An `initial` password was chosen by somebody else: nothing opens before the person replaces it.
    """
    user.password_hash = Veiled(passwords.hashed(plain))
    user.must_change_password = initial
    session.flush()
