"""The letter of the day: what is unread, for those who want it by e-mail.

It leaves the house and stays in the log of messages, so it names no customer
and no task: it says what happened, how urgent it is, and leads to it. The
rights and the language are those of the reader on that morning.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import format_date, format_datetime
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.door import viewer_of
from app.access.models import NotificationDigest, User
from app.communication import services as communication
from app.communication.rules import Draft
from app.core.events import publish
from app.core.links import absolute
from app.core.mail import letters
from app.core.viewer import SYSTEM_USER, Viewer
from app.screens.locale import language_of, speaking, zone_of
from app.work.notifying import queries, reading
from app.work.notifying.delivery import MODULE
from app.work.notifying.events import DigestDue
from app.work.notifying.reading import Line

HOUR, LATEST = 6, 10  # o'clock in the zone of the person; later than the second no letter of that morning begins
MOST = 30


def begin(session: Session, *, now: datetime) -> int:
    """Publish the morning of everybody who wants the letter and has something unread; gives how many were looked at.

    The zone is that of the only country of a person, of head office for several: nobody says where he sits.
    """
    wanted = select(User).where(User.notification_digest == NotificationDigest.daily, User.is_active)
    mornings = 0
    for user in session.scalars(wanted.where(User.id != SYSTEM_USER).order_by(User.id)):
        there = now.astimezone(ZoneInfo(zone_of(user.assigned_countries)))
        if HOUR <= there.hour < LATEST:
            day = there.date().isoformat()
            publish(session, DigestDue(user.id, day), once=f"digest:{user.id}:{day}")
            mornings += 1
    return mornings


def write(session: Session, user_id: str, day: str, *, now: datetime) -> bool:
    """Write the letter of a person and a day, unless nothing is unread or he has changed his mind."""
    user = session.get(User, user_id)
    if user is None or not user.is_active or user.notification_digest is not NotificationDigest.daily:
        return False
    viewer = viewer_of(session, user)
    if not viewer.sees(MODULE):
        return False
    language = language_of(user.language, user.assigned_countries)
    with speaking(language, zone_of(user.assigned_countries)):
        lines = _lines(session, viewer)
        if not lines:
            return False
        # Of more than fit into a letter nobody looks through all to say which of them are still the reader's to know.
        count = queries.unread(session, viewer) if len(lines) == MOST else len(lines)
        letter = _letter(lines, min(count, queries.MOST_COUNTED - 1), language, datetime.fromisoformat(day))
    draft = Draft(user.email, letter.subject, letter.text, language, letter.html, letter=True, automatic=True)
    communication.write_email(session, draft, user=user, reference=f"digest:{user.id}:{day}", now=now)
    return True


def _lines(session: Session, viewer: Viewer) -> Sequence[Line]:
    """What is unread and still this person's to know."""
    rows = queries.newest(session, viewer, MOST, only_unread=True)
    return [line for line in reading.lines(session, viewer, rows) if not line.gone]


def _letter(lines: Sequence[Line], count: int, language: str, day: datetime) -> letters.Letter:
    told = [
        {"title": line.neutral, "when": format_datetime(line.at, "short"), "urgency": line.urgency if line.tone else "",
         "href": absolute(f"/notifications/{line.key}/open")}
        for line in lines
    ]  # fmt: skip
    return letters.write(
        "digest", language, lines=told, count=count,
        day=format_date(day, "medium", rebase=False), all_href=absolute("/notifications/?state=unread"),
        rules_href=absolute("/notifications/rules/"), sender_name=letters.APP_NAME,
    )  # fmt: skip
