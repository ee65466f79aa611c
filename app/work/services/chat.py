"""What can be done in a chat: send a message, and say that messages were seen."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy import select, text, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core import live
from app.core.errors import Conflict, DomainError, TooManyTries
from app.core.viewer import Viewer, visible
from app.work.models import ChatMessage
from app.work.queries import chat as queries
from app.work.rules.chat import LONGEST, MOST_PER_MINUTE, is_key, tidy

TOPIC = "chat"
_MINUTE = timedelta(minutes=1)
_IN_TURN = text("SELECT pg_advisory_xact_lock(hashtext('chat:' || :who))")


class UnfitMessage(DomainError):
    """Empty, or too long."""

    status = 422


class CannotBeWrittenTo(DomainError):
    """Whoever left, works in other countries by now or has no chat reads nothing any more."""

    status = 409


class TooFast(TooManyTries):
    def default(self) -> str:
        return _("You write faster than anybody reads: at most %(most)s messages a minute.", most=MOST_PER_MINUTE)


class OtherMessage(Conflict):
    """The id that a client made is that of another message."""

    def default(self) -> str:
        return _("This message was sent before with other words. Reload the page.")


def send(session: Session, viewer: Viewer, to: queries.Person, *, key: str, words: str, now: datetime) -> ChatMessage:
    """A new message of the viewer, or the one that an earlier try with this `key` has made.

    `key` is a UUID made by the client, the same at every try. Messages of one person are written in turn, so that
    two tries at once make one. Raises UnfitMessage, CannotBeWrittenTo, TooFast, OtherMessage.
    """
    content = tidy(words)
    if not content:
        raise UnfitMessage(_("Write something first."))
    if len(content) > LONGEST:
        most, has = format_decimal(LONGEST), format_decimal(len(content))
        raise UnfitMessage(_("A message has at most %(most)s characters; this one has %(has)s.", most=most, has=has))
    if not is_key(key):
        raise UnfitMessage(_("The message has no valid number. Reload the page."))
    session.connection().execute(_IN_TURN, {"who": viewer.user_id})
    known = session.scalars(visible(ChatMessage, viewer).where(ChatMessage.id == key)).one_or_none()
    if known is not None:
        if (known.sender_id, known.receiver_id, known.content) != (viewer.user_id, to.id, content):
            raise OtherMessage
        return known
    _demand_open(to)
    if queries.sent_since(session, viewer, now - _MINUTE) >= MOST_PER_MINUTE:
        raise TooFast(int(_MINUTE.total_seconds()))
    message = ChatMessage(id=key, sender_id=viewer.user_id, receiver_id=to.id, content=content, created_at=now)
    session.add(message)
    try:
        session.flush()
    except IntegrityError as taken:  # by a message that is not the viewer's to know of
        raise OtherMessage from taken
    _tell(session, viewer.user_id, to.id)
    return message


def _demand_open(to: queries.Person) -> None:
    """Raises CannotBeWrittenTo."""
    if not to.active:
        raise CannotBeWrittenTo(_("%(name)s does not work here any more and reads no messages.", name=to.name))
    if not to.open:
        raise CannotBeWrittenTo(_("%(name)s cannot be reached by chat any more.", name=to.name))


def see(session: Session, viewer: Viewer, upto: ChatMessage) -> int:
    """The viewer has seen what `upto`'s sender wrote to him, to this message; gives how many were new."""
    if upto.receiver_id != viewer.user_id:
        return 0
    waiting = (
        select(ChatMessage.id)
        .where(
            ChatMessage.receiver_id == viewer.user_id,
            ChatMessage.sender_id == upto.sender_id,
            ~ChatMessage.is_read,
            tuple_(ChatMessage.created_at, ChatMessage.id) <= tuple_(upto.created_at, upto.id),
        )
        .order_by(ChatMessage.id)
        .with_for_update()  # in one order, whoever else marks them
    )
    keys = list(session.scalars(waiting, execution_options={"viewer": viewer}))
    if not keys:
        return 0
    seen = update(ChatMessage).where(ChatMessage.id.in_(keys)).values(is_read=True)
    session.execute(seen, execution_options={"viewer": viewer, "synchronize_session": False})
    _tell(session, viewer.user_id, upto.sender_id)
    return len(keys)


def _tell(session: Session, *people: str) -> None:
    for user_id in people:
        live.ping(session, user_id, TOPIC)
