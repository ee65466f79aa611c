"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for when it is lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyotp
import segno
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.access.models import User, UserRecoveryCode, UserSecondFactor
from app.core import audit
from app.core.vault import Veiled
from app.core.viewer import SYSTEM

STEP = 30  # seconds
DRIFT = 1  # steps by which a phone's clock may be early or late
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
_BY_SYSTEM: dict[str, Any] = {"viewer": SYSTEM, "synchronize_session": False}


@dataclass(frozen=True)
class Status:
    """How it stands. `secret` is there only while the enrolment waits for its first code."""

    since: datetime | None = None
    codes_left: int = 0
    secret: Veiled | None = None

    @property
    def on(self) -> bool:
        return self.since is not None


def status(session: Session, user: User) -> Status:
    factor = _factor(session, user.id)
    if factor is None:
        return Status()
    if factor.confirmed_at is None:
        return Status(secret=factor.secret)
    unused = select(func.count()).where(UserRecoveryCode.user_id == user.id, UserRecoveryCode.used_at.is_(None))
    return Status(factor.confirmed_at, session.scalar(unused, execution_options=_BY_SYSTEM) or 0)


def is_on(session: Session, user: User) -> bool:
    """Whether a login of this person asks for a code."""
    confirmed = select(UserSecondFactor.user_id).where(
        UserSecondFactor.user_id == user.id, UserSecondFactor.confirmed_at.is_not(None)
    )
    return session.scalar(confirmed, execution_options=_BY_SYSTEM) is not None


def begin(session: Session, user: User, *, now: datetime) -> None:
    """Start the enrolment with a new secret, unless one is in use: that is switched off first."""
    secret = Veiled(pyotp.random_base32())
    begun = insert(UserSecondFactor).values(user_id=user.id, secret=secret, created_at=now)
    anew = begun.on_conflict_do_update(
        index_elements=[UserSecondFactor.user_id],
        set_={"secret": begun.excluded.secret, "created_at": now},
        where=UserSecondFactor.confirmed_at.is_(None),
    )
    session.execute(anew, execution_options=_BY_SYSTEM)


def confirm(session: Session, user: User, code: str, *, now: datetime) -> list[str]:
    """Switch it on by a right code of the app; gives the recovery codes, [] when the code is wrong."""
    factor = _factor(session, user.id)
    if factor is None or factor.confirmed_at is not None:
        return []
    step = _step_of(factor.secret, code, now)
    if step is None:
        return []
    confirmed = update(UserSecondFactor).where(UserSecondFactor.user_id == user.id)
    session.execute(confirmed.values(confirmed_at=now, last_used_step=step), execution_options=_BY_SYSTEM)
    _note(session, user, "second_factor_on")
    return renew_codes(session, user, now=now)


def verify(session: Session, user: User, code: str, *, now: datetime) -> bool:
    """Whether this code of the app, or recovery code, opens now. Each opens once, also for two tries at once."""
    plain = code.replace(" ", "").replace("-", "").lower()
    if len(plain) > 6:
        used = (
            update(UserRecoveryCode)
            .where(
                UserRecoveryCode.user_id == user.id,
                UserRecoveryCode.code_hash == _hashed(user, plain),
                UserRecoveryCode.used_at.is_(None),
            )
            .values(used_at=now)
            .returning(UserRecoveryCode.id)
        )
        return session.scalar(used, execution_options=_BY_SYSTEM) is not None
    factor = _factor(session, user.id)
    step = None if factor is None or factor.confirmed_at is None else _step_of(factor.secret, plain, now)
    if step is None:
        return False
    # A code somebody looked at over the shoulder, and every older one, is worth nothing any more.
    taken = (
        update(UserSecondFactor)
        .where(UserSecondFactor.user_id == user.id, UserSecondFactor.last_used_step < step)
        .values(last_used_step=step)
        .returning(UserSecondFactor.user_id)
    )
    return session.scalar(taken, execution_options=_BY_SYSTEM) is not None


def renew_codes(session: Session, user: User, *, now: datetime) -> list[str]:
    """New recovery codes in place of all old ones, to be shown once."""
    session.execute(delete(UserRecoveryCode).where(UserRecoveryCode.user_id == user.id), execution_options=_BY_SYSTEM)
    codes = [_new_code() for _place in range(RECOVERY_CODES)]
    rows = [
        {"user_id": user.id, "code_hash": _hashed(user, code.replace("-", "")), "created_at": now} for code in codes
    ]
    session.execute(insert(UserRecoveryCode).values(rows), execution_options=_BY_SYSTEM)
    _note(session, user, "recovery_codes")
    return codes


def switch_off(session: Session, user: User) -> bool:
    """Forget app and recovery codes; False when there was nothing."""
    session.execute(delete(UserRecoveryCode).where(UserRecoveryCode.user_id == user.id), execution_options=_BY_SYSTEM)
    gone = delete(UserSecondFactor).where(UserSecondFactor.user_id == user.id).returning(UserSecondFactor.user_id)
    was_on = session.scalar(gone, execution_options=_BY_SYSTEM) is not None
    if was_on:
        _note(session, user, "second_factor_off")
    return was_on


def _note(session: Session, user: User, event: str) -> None:
    """The audit trail sees no changes of tables beyond the document by itself."""
    said = {"event": event, "rights": True}
    audit.note(session, audit.UPDATE, entity_type="users", entity_id=user.id, entity_name=user.full_name, details=said)


def picture(secret: Veiled, user: User, issuer: str) -> str:
    """The QR code that an authenticator app scans, as a data URI of an SVG."""
    address = pyotp.TOTP(secret.reveal()).provisioning_uri(name=user.email, issuer_name=issuer)
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=5, border=3, light="white", xmldecl=False)
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.getvalue()).decode()}"


def spoken_key(secret: Veiled) -> str:
    """The key in groups of four, for typing it in."""
    plain = secret.reveal()
    return " ".join(plain[place : place + 4] for place in range(0, len(plain), 4))


def _factor(session: Session, user_id: str) -> UserSecondFactor | None:
    wanted = select(UserSecondFactor).where(UserSecondFactor.user_id == user_id)
    return session.scalar(wanted, execution_options={"viewer": SYSTEM, "populate_existing": True})


def _step_of(secret: Veiled, code: str, now: datetime) -> int | None:
    """The time step whose code this is; None for none near `now`. All are compared, so the time tells nothing."""
    typed = code.replace(" ", "")
    if len(typed) != 6 or not typed.isascii() or not typed.isdigit():
        return None
    app, current = pyotp.TOTP(secret.reveal()), int(now.timestamp()) // STEP
    steps = range(current - DRIFT, current + DRIFT + 1)
    right = [step for step in steps if hmac.compare_digest(app.generate_otp(step), typed)]
    return right[-1] if right else None


def _new_code() -> str:
    """Sixteen letters or digits, about 79 bits: a plain hash keeps them."""
    return "-".join("".join(secrets.choice(_LETTERS) for _letter in range(4)) for _group in range(4))


def _hashed(user: User, plain: str) -> Veiled:
    return Veiled(hashlib.sha256(f"{user.id}:{plain}".encode()).hexdigest())
