"""What the door reads off a request: its cookie, where it comes from, and how often somebody has tried."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask import current_app, request
from flask import session as cookie
from flask_login import current_user

from app.access import limits, sessions
from app.access.models import User
from app.core.db import transaction
from app.core.errors import TooManyTries
from app.core.viewer import SYSTEM

CLAIM = "sid"  # the session, in cookies and tokens
CHOSE = "chose"  # that the language in the cookie is the wish of whoever is about to log in
WAITING = "waiting"  # the login that waits for its code, in cookies


def person() -> User:
    """Whoever is logged in, also while an administrator looks through the eyes of somebody else."""
    found: User = current_user._get_current_object()
    return found


def own_session() -> str:
    """The id of the session behind this request's cookie; "" without one."""
    return str(cookie.get(CLAIM, ""))


def asks_by_itself() -> bool:
    """Whether a page asks without anybody's doing: an event stream, or what a script looks after (`X-Quiet`)."""
    return request.path == "/live/" or "X-Quiet" in request.headers


def fresh_cookie() -> None:
    """Nothing of the visit before stays but the language, and whether it was just chosen."""
    kept = {name: cookie[name] for name in ("locale", CHOSE) if name in cookie}
    cookie.clear()
    cookie.update(kept)


def settle_language(user: User) -> None:
    """Whoever logs in reads on in the own language; one chosen at the door becomes it. Call within a transaction."""
    if cookie.pop(CHOSE, False):
        user.language = cookie["locale"]
    elif user.language in current_app.config["LANGUAGES"]:
        cookie["locale"] = user.language


def address() -> str:
    return limits.network_of(request.remote_addr or "")


def origin() -> sessions.Origin:
    return sessions.Origin(request.remote_addr or "", request.user_agent.string)


def key_of(kind: str, what: str) -> str:
    return limits.key_of(kind, what, str(current_app.secret_key))


def count(keys: Iterable[str], now: datetime, limit: limits.Limit = limits.PASSWORDS) -> None:
    """Count a try at each of these. Raises TooManyTries, and counts nothing then."""
    with transaction(by=SYSTEM) as session:
        for key in keys:
            wait = limits.admit(session, key, limit, now=now)
            if wait:
                raise TooManyTries(wait)


def may_count(keys: Iterable[str], now: datetime) -> bool:
    try:
        count(keys, now)
    except TooManyTries:
        return False
    return True
