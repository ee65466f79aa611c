"""What somebody can ask of his own chat. That nobody sees the talks of others is seen to below (`Private`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, cast, exists, func, literal, or_, select, true, tuple_
from sqlalchemy.orm import Session

from app.access.merging import ADMIN
from app.access.models import Role, RoleModulePermission, User, UserRole
from app.core.errors import NotFound
from app.core.types import Timestamp
from app.core.viewer import SYSTEM_USER, Viewer, visible
from app.work.models import ChatMessage

MODULE = ChatMessage.__tablename__
SIZE = 40  # messages of a page
TALKS = 200
FOUND = 30
PICKS = 30
MANY = 100  # unread messages are not counted beyond
# Who somebody talks with is known to him, wherever the other one works by now: names come from the table itself.
_PEOPLE, _ROLES, _HELD, _RIGHTS = (model.__table__.c for model in (User, Role, UserRole, RoleModulePermission))


@dataclass(frozen=True)
class Person:
    """Somebody one talks with. `open`: may be written to now; `known`: there are messages already."""

    id: str
    name: str
    active: bool
    open: bool
    known: bool


@dataclass(frozen=True)
class Talk:
    """A line of the list of talks: with whom, the last message, and how many are unread."""

    id: str
    name: str
    active: bool
    last: str
    at: datetime
    mine: bool
    unread: int


@dataclass(frozen=True)
class Messages:
    """A page of a talk, oldest first, and whether there are more on either side."""

    rows: Sequence[ChatMessage]
    older: bool
    newer: bool


@dataclass(frozen=True)
class Hit:
    """A message that was searched for, and with whom it was."""

    message: ChatMessage
    person_id: str
    name: str


def waiting(me: Any) -> Select[Any]:
    """A row for each message that nobody has read yet of those sent to `me`, MANY at most."""
    return select(literal(1)).where(ChatMessage.receiver_id == me, ~ChatMessage.is_read).limit(MANY)


def unread(session: Session, viewer: Viewer) -> int:
    """How many messages wait for this viewer; MANY stands for "that or more"."""
    asked = select(func.count()).select_from(waiting(viewer.user_id).subquery())
    return session.scalar(asked, execution_options=_by(viewer)) or 0


def talks(session: Session, viewer: Viewer) -> list[Talk]:
    """The newest first, with their last message. One statement, whose work grows with colleagues, not with messages."""
    me = viewer.user_id
    last = (
        select(ChatMessage.id, ChatMessage.content, ChatMessage.created_at, ChatMessage.sender_id)
        .where(*_between(me, _PEOPLE.id))
        .order_by(ChatMessage.created_at.desc(), ChatMessage.id.desc())
        .limit(1)
        .lateral("last")
    )
    waiting = (
        select(ChatMessage.sender_id, func.count().label("number"))
        .where(ChatMessage.receiver_id == me, ~ChatMessage.is_read)
        .group_by(ChatMessage.sender_id)
        .subquery("waiting")
    )
    asked = (
        select(
            _PEOPLE.id, _PEOPLE.full_name, _PEOPLE.is_active, last.c.content, last.c.created_at,
            (last.c.sender_id == me).label("mine"), func.coalesce(waiting.c.number, 0).label("unread"),
        )
        .select_from(User.__table__)
        .join(last, true())
        .outerjoin(waiting, waiting.c.sender_id == _PEOPLE.id)
        .where(_PEOPLE.id != me)
        .order_by(last.c.created_at.desc(), last.c.id.desc())
        .limit(TALKS)
    )  # fmt: skip
    return [Talk(*row) for row in session.execute(asked, execution_options=_by(viewer))]


def person(session: Session, viewer: Viewer, key: str) -> Person:
    """A colleague this viewer may write to, or has talked with. Raises NotFound."""
    known = exists(select(literal(1)).select_from(ChatMessage).where(*_between(viewer.user_id, _PEOPLE.id)))
    asked = select(
        _PEOPLE.id, _PEOPLE.full_name, _PEOPLE.is_active, _reachable(viewer).label("open"), known.label("known")
    ).where(_PEOPLE.id == key[:100], _PEOPLE.id != viewer.user_id)
    row = session.execute(asked, execution_options=_by(viewer)).one_or_none()
    if row is None or not (row.open or row.known):
        raise NotFound
    return Person(*row)


def colleagues(session: Session, viewer: Viewer, typed: str) -> list[Row[Any]]:
    """(id, name, e-mail) of people to write to, by any part of name or e-mail; one more than PICKS when there are."""
    asked = select(_PEOPLE.id, _PEOPLE.full_name, _PEOPLE.email).where(_reachable(viewer))
    for word in typed.split()[:8]:
        hay = func.fold(_PEOPLE.full_name + " " + _PEOPLE.username + " " + _PEOPLE.email)
        asked = asked.where(func.strpos(hay, func.fold(word)) > 0)
    asked = asked.order_by(_PEOPLE.full_name, _PEOPLE.id).limit(PICKS + 1)
    return list(session.execute(asked, execution_options=_by(viewer)).all())


def messages(
    session: Session, viewer: Viewer, other: str, *, before: str = "", after: str = "", at: str = ""
) -> Messages:
    """A page of the talk with `other`: the newest, or beside or around the message with this id. Raises NotFound."""
    if at:
        place = _place(session, viewer, other, at)
        older = _page(session, viewer, other, place, SIZE // 2, down=True, inclusive=True)
        newer = _page(session, viewer, other, place, SIZE // 2, down=False)
        rows = [*reversed(older[: SIZE // 2]), *newer[: SIZE // 2]]
        return Messages(rows, len(older) > SIZE // 2, len(newer) > SIZE // 2)
    if after:
        found = _page(session, viewer, other, _place(session, viewer, other, after), SIZE, down=False)
        return Messages(found[:SIZE], False, len(found) > SIZE)
    place = _place(session, viewer, other, before) if before else None
    found = _page(session, viewer, other, place, SIZE, down=True)
    return Messages(found[:SIZE][::-1], len(found) > SIZE, bool(before))


def message(session: Session, viewer: Viewer, other: str, key: str) -> ChatMessage:
    """One message of the talk. Raises NotFound."""
    found = session.scalars(_talk(viewer, other).where(ChatMessage.id == key[:100])).one_or_none()
    if found is None:
        raise NotFound
    return found


def read_until(session: Session, viewer: Viewer, other: str) -> str:
    """The id of the newest message of this viewer that `other` has read; "" for none."""
    asked = _talk(viewer, other).with_only_columns(ChatMessage.id).where(
        ChatMessage.sender_id == viewer.user_id, ChatMessage.is_read
    )  # fmt: skip
    return session.scalar(asked.order_by(ChatMessage.created_at.desc(), ChatMessage.id.desc()).limit(1)) or ""


def search(session: Session, viewer: Viewer, words: Sequence[str], before: str = "") -> list[Hit]:
    """Own messages that hold all words, without regard to accents and case, the newest first.

    One more than FOUND when there are more. Raises NotFound.
    """
    me = viewer.user_id
    other = case((ChatMessage.sender_id == me, ChatMessage.receiver_id), else_=ChatMessage.sender_id)
    asked = (
        visible(ChatMessage, viewer)
        .add_columns(_PEOPLE.id, _PEOPLE.full_name)
        .join(User.__table__, _PEOPLE.id == other)
        .where(_taking_part(me))
    )
    for word in words:
        like = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        asked = asked.where(func.fold(ChatMessage.content).contains(func.fold(like), escape="\\"))
    if before:
        place = session.execute(
            visible(ChatMessage, viewer).with_only_columns(ChatMessage.created_at, ChatMessage.id)
            .where(ChatMessage.id == before[:100])
        ).one_or_none()  # fmt: skip
        if place is None:
            raise NotFound
        asked = asked.where(_order() < _at(place))
    asked = asked.order_by(ChatMessage.created_at.desc(), ChatMessage.id.desc()).limit(FOUND + 1)
    return [Hit(*row) for row in session.execute(asked).all()]


def sent_since(session: Session, viewer: Viewer, moment: datetime) -> int:
    """How many messages this viewer has written after `moment`."""
    mine = select(func.count()).select_from(ChatMessage).where(
        ChatMessage.sender_id == viewer.user_id, ChatMessage.created_at > moment
    )  # fmt: skip
    return session.scalar(mine, execution_options=_by(viewer)) or 0


# Parts of questions -----------------------------------------------------------


def _by(viewer: Viewer) -> dict[str, Any]:
    return {"viewer": viewer}


def _between(me: str, other: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The messages of two people, the very expressions of the index."""
    sender, receiver = ChatMessage.sender_id, ChatMessage.receiver_id
    return (
        func.least(sender, receiver) == func.least(me, other),
        func.greatest(sender, receiver) == func.greatest(me, other),
    )


def _taking_part(me: str) -> ColumnElement[bool]:
    return or_(ChatMessage.sender_id == me, ChatMessage.receiver_id == me)


def _talk(viewer: Viewer, other: str) -> Select[Any]:
    return visible(ChatMessage, viewer).where(*_between(viewer.user_id, other))


def _place(session: Session, viewer: Viewer, other: str, key: str) -> Row[Any]:
    """Where a message stands in the talk. Raises NotFound."""
    asked = _talk(viewer, other).with_only_columns(ChatMessage.created_at, ChatMessage.id)
    found = session.execute(asked.where(ChatMessage.id == key[:100])).one_or_none()
    if found is None:
        raise NotFound
    return found


def _order() -> Any:
    return tuple_(ChatMessage.created_at, ChatMessage.id)


def _at(place: Row[Any]) -> Any:
    return tuple_(literal(place.created_at, Timestamp), literal(place.id))


def _page(
    session: Session,
    viewer: Viewer,
    other: str,
    place: Row[Any] | None,
    size: int,
    *,
    down: bool,
    inclusive: bool = False,
) -> list[ChatMessage]:
    """Messages from a place on, back in time (`down`) or forward; one more than `size` when there are."""
    asked = _talk(viewer, other).limit(size + 1)
    if place is not None and down:
        asked = asked.where(_order() <= _at(place) if inclusive else _order() < _at(place))
    elif place is not None:
        asked = asked.where(_order() > _at(place))
    terms = (ChatMessage.created_at, ChatMessage.id)
    return list(session.scalars(asked.order_by(*(term.desc() if down else term.asc() for term in terms))).all())


def _reachable(viewer: Viewer) -> ColumnElement[bool]:
    """Whether a person can be written to: active, in a country of the viewer, and with a role that shows the chat."""
    countries = cast(list(viewer.countries or ()), _PEOPLE.assigned_countries.type)
    held = or_(_ROLES.id == _PEOPLE.role_id, _ROLES.id.in_(select(_HELD.role_id).where(_HELD.user_id == _PEOPLE.id)))
    shown = exists(
        select(literal(1)).where(
            _RIGHTS.role_id == _ROLES.id, _RIGHTS.module_key == MODULE, _RIGHTS.access == "visible"
        )
    )
    chats = exists(select(literal(1)).where(held, _ROLES.is_active, or_(_ROLES.legacy_role == ADMIN, shown)))
    return (
        _PEOPLE.is_active
        & (_PEOPLE.id != SYSTEM_USER)
        & (_PEOPLE.id != viewer.user_id)
        & _PEOPLE.assigned_countries.op("&&")(countries)
        & chats
    )
