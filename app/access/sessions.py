"""Sessions kept by the server: a cookie or token opens something only while its session lives.

That a session ends with its account, password or role is seen to by triggers
of the database (migration 0002), whichever door the change comes through.
What a person or an administrator ends is ended here.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, event, inspect, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.access import granted
from app.access.models import EndReason, SessionKind, User, UserSession
from app.core.db import transaction
from app.core.live import SESSION, ping
from app.core.statements import standing
from app.core.types import new_key
from app.core.viewer import SYSTEM, acting

log = logging.getLogger(__name__)

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
FOR_THE_CODE = timedelta(minutes=5)
CODES = 5  # tries of one login
_NOTED_EVERY = timedelta(minutes=1)
_KEPT = timedelta(days=90)
_ENDING = ("is_active", "password_hash", "auth_method", "role_id")
# A session is found before anybody's rights are known.
_BY_SYSTEM: dict[str, Any] = {"viewer": SYSTEM, "synchronize_session": False}


@dataclass(frozen=True)
class Origin:
    """Where a request comes from."""

    ip: str = ""
    user_agent: str = ""


def begin(session: Session, user: User, kind: SessionKind, origin: Origin, *, now: datetime) -> str:
    """A new session with an id that nobody can guess; gives the id."""
    made = UserSession(
        id=new_key(),
        user_id=user.id,
        kind=kind,
        created_at=now,
        last_seen_at=now,
        expires_at=now + (FOR_THE_CODE if kind is SessionKind.pending else LONGEST),
        ip=origin.ip[:64],
        user_agent=origin.user_agent[:400],
    )
    session.add(made)
    session.flush()
    return made.id


def alive(now: Any, idle: Any = None) -> ColumnElement[bool]:
    """Neither ended, nor idle for too long, nor past its time; `idle` is the moment before which it grew idle."""
    seen = UserSession.last_seen_at > (now - IDLE if idle is None else idle)
    return and_(UserSession.ended_at.is_(None), seen, UserSession.expires_at > now)


# Asked by every request, so made once.
_PERSON = standing(
    select(User, UserSession.last_seen_at, granted.told())
    .join(UserSession, UserSession.user_id == User.id)
    .where(
        UserSession.id == bindparam("key"), UserSession.kind == bindparam("kind"),
        User.id == bindparam("person"), User.is_active,
        alive(bindparam("now"), bindparam("idle")),
    )
)  # fmt: skip


def person_of(
    session: Session, key: str, user_key: str, kind: SessionKind, *, now: datetime, quietly: bool = False
) -> tuple[User, granted.Rows] | None:
    """Whose session this is, while it lives and the account is active, and what his roles give.

    One statement, and once a minute a second.

    `quietly` is for what a page asks by itself: it keeps no session from growing idle.
    """
    asked = {"key": key, "kind": kind, "person": user_key, "now": now, "idle": now - IDLE}
    found = session.execute(_PERSON, asked, execution_options=_BY_SYSTEM).one_or_none()
    if found is None:
        return None
    user, seen, told = found
    if seen <= now - _NOTED_EVERY and not quietly:
        _note_seen(key, now)
    return user, granted.rows_of(told)


def _note_seen(key: str, now: datetime) -> None:
    """Keep the session from growing idle. A request goes on when this fails, and never waits for another one.

    Nobody is asked who acts: that is being found out.
    """
    free = select(UserSession.id).where(UserSession.id == key).with_for_update(skip_locked=True).scalar_subquery()
    noted = update(UserSession).where(UserSession.id == free).values(last_seen_at=now)
    try:
        with acting(SYSTEM), transaction(by=SYSTEM) as session:
            session.execute(noted, execution_options=_BY_SYSTEM)
    except SQLAlchemyError as error:
        log.warning("a session could not be noted as seen: %s", type(error).__name__)


def end(session: Session, key: str, why: EndReason, *, now: datetime, user_id: str | None = None) -> bool:
    """End one session (of `user_id`, when given); False when there is none to end."""
    mine = [] if user_id is None else [UserSession.user_id == user_id]
    return bool(_end(session, why, now, UserSession.id == key, *mine))


def end_all(session: Session, user_id: str, why: EndReason, *, now: datetime, but: str = "") -> int:
    """End the sessions of a person, except `but`; gives how many."""
    return _end(session, why, now, UserSession.user_id == user_id, UserSession.id != but)


def _end(session: Session, why: EndReason, now: datetime, *which: ColumnElement[bool]) -> int:
    ended = update(UserSession).where(UserSession.ended_at.is_(None), *which).values(ended_at=now, end_reason=why)
    gone = session.execute(ended.returning(UserSession.kind, UserSession.user_id), execution_options=_BY_SYSTEM).all()
    for user_id in {row.user_id for row in gone if row.kind is SessionKind.web}:
        ping(session, user_id, SESSION)
    return sum(row.kind is not SessionKind.pending for row in gone)


@event.listens_for(Session, "after_flush")
def _look_again(session: Session, context: object) -> None:
    """Where a trigger may have ended sessions, open pages find out at once."""
    for row in session.dirty:
        if isinstance(row, User) and any(inspect(row).attrs[name].history.has_changes() for name in _ENDING):
            ping(session, row.id, SESSION)


def live(session: Session, user_id: str, *, now: datetime) -> Sequence[UserSession]:
    """The open sessions of a person, the newest request first."""
    mine = select(UserSession).where(
        UserSession.user_id == user_id, UserSession.kind != SessionKind.pending, alive(now)
    )
    return session.scalars(mine.order_by(UserSession.last_seen_at.desc()), execution_options=_BY_SYSTEM).all()


def may_try_code(session: Session, key: str, *, now: datetime) -> User | None:
    """Whose login waits here, counting this as one of its tries; None when it is over.

    One conditional UPDATE: of many tries at once no more than CODES come through.
    """
    waiting = (UserSession.id == key, UserSession.kind == SessionKind.pending, alive(now))
    counted = (
        update(UserSession)
        .where(*waiting, UserSession.code_tries < CODES)
        .values(code_tries=UserSession.code_tries + 1)
        .returning(UserSession.user_id)
    )
    user_id = session.scalar(counted, execution_options=_BY_SYSTEM)
    if user_id is None:
        return None
    person = select(User).where(User.id == user_id, User.is_active)
    return session.scalar(person, execution_options=_BY_SYSTEM)


def tries_left(session: Session, key: str, *, now: datetime) -> int:
    """How many codes a waiting login still takes; 0 when it is over."""
    waiting = select(UserSession.code_tries).where(
        UserSession.id == key, UserSession.kind == SessionKind.pending, alive(now)
    )
    tried = session.scalar(waiting, execution_options=_BY_SYSTEM)
    return 0 if tried is None else max(0, CODES - tried)


def forget_old(session: Session, *, now: datetime) -> None:
    """Remove sessions that were over long ago; they hold addresses of people."""
    past = or_(UserSession.ended_at < now - _KEPT, UserSession.expires_at < now - _KEPT)
    session.execute(delete(UserSession).where(past), execution_options=_BY_SYSTEM)


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def device(user_agent: str) -> tuple[str, str]:
    """Browser or program, and system, as people call them; "" for what is not known."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    if not browser:
        program = re.match(r"[\w.+-]{1,40}", user_agent)
        browser = program[0] if program and program[0] != "Mozilla" else ""
    return browser, system
