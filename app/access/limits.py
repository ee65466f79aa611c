"""How often somebody may guess: counted in PostgreSQL, for all web machines together.

One conditional statement per try decides, so forty tries at once are no more
than forty one after the other. There is no counter that could be lost, hang or
be reset while the database itself answers.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from app.access.models import LoginTries
from app.core.viewer import SYSTEM

_FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """At most `most` within any stretch of `window`."""

    most: int
    window: timedelta


PASSWORDS = Limit(5, timedelta(minutes=1))
CODES = (Limit(5, timedelta(minutes=1)), Limit(20, timedelta(hours=1)))  # of a million, and three are right

_TRY = text(
    """
    INSERT INTO login_tries AS known (key, tries) VALUES (:key, ARRAY[CAST(:now AS timestamp)])
    ON CONFLICT (key) DO UPDATE SET tries =
        ARRAY(SELECT past FROM unnest(known.tries) AS past WHERE past > :since ORDER BY past)
        || CAST(:now AS timestamp)
    WHERE (SELECT count(*) FROM unnest(known.tries) AS past WHERE past > :since) < :most
    RETURNING 1
    """
).execution_options(viewer=SYSTEM)
_OLDEST = text(
    "SELECT min(past) FROM login_tries, unnest(tries) AS past WHERE key = :key AND past > :since"
).execution_options(viewer=SYSTEM)
_UNDO = text(
    "UPDATE login_tries SET tries = array_remove(tries, CAST(:now AS timestamp)) WHERE key = ANY(:keys)"
).execution_options(viewer=SYSTEM)


def key_of(kind: str, what: str, secret: str) -> str:
    """What is counted, without saying what it is: a mistyped name may be a password."""
    return hmac.new(secret.encode(), f"{kind}:{what}".encode(), hashlib.sha256).hexdigest()


def folded_name(typed: str) -> str:
    """A typed name as it is counted: the same for every way to write it."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def network_of(address: str) -> str:
    """An address as it is counted: who has one IPv6 address has all of its /64."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # a socket file in front has none
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def admit(session: Session, key: str, limit: Limit, *, now: datetime) -> int:
    """Count a try. 0: it may go on; else the seconds after which the next one may. A refused try is not counted."""
    since = _plain(now - limit.window)
    asked = {"key": key, "now": _plain(now), "since": since, "most": limit.most}
    if session.execute(_TRY, asked).first() is not None:
        return 0
    oldest = session.execute(_OLDEST, {"key": key, "since": since}).scalar()
    wait = limit.window if oldest is None else oldest + limit.window - _plain(now)
    return max(1, int(wait.total_seconds()) + 1)


def take_back(session: Session, keys: list[str], *, now: datetime) -> None:
    """The try that began at `now` was no guess: people who log in do not shut out others at their address."""
    session.execute(_UNDO, {"keys": keys, "now": _plain(now)})


def forget_old(session: Session, *, now: datetime) -> None:
    """Remove what nobody counts any more."""
    old = text("NOT EXISTS (SELECT FROM unnest(tries) AS past WHERE past > :since)").bindparams(
        since=_plain(now - _FORGOTTEN)
    )
    session.execute(delete(LoginTries).where(old), execution_options={"viewer": SYSTEM, "synchronize_session": False})


def _plain(moment: datetime) -> datetime:
    """UTC without zone, as the columns have it."""
    return moment.replace(tzinfo=None)
