"""`/chat/`: talks between colleagues. The page asks for fragments; what is new it hears by `live:chat`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from flask import Response, jsonify, redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import format_date, format_datetime, format_time, get_timezone
from flask_babel import gettext as _
from flask_login import login_required

from app.core.db import current_session, transaction
from app.core.errors import BadQuery, DomainError, Forbidden
from app.core.faults import wants_json
from app.core.types import new_key, utc_now
from app.core.viewer import Right, Viewer, current_viewer
from app.screens.page import Link
from app.screens.people import initials
from app.screens.shell import crumbs
from app.work.models import ChatMessage
from app.work.queries import chat as queries
from app.work.rules.chat import LONGEST, Part, linked, snippet, tidy
from app.work.services import chat as services

_READ = ("sender_id", "receiver_id", "content", "created_at")
_LONGEST_SEARCH = 100
_WORDS = 8


@dataclass(frozen=True)
class Bubble:
    """One message as it is drawn; `day` is a key, `day_text` what people call it."""

    id: str
    mine: bool
    parts: Sequence[Part]
    time: str
    moment: str
    day: str
    day_text: str
    read: bool


@dataclass(frozen=True)
class Line:
    """One line of the list of talks, or of what was found."""

    href: str
    name: str
    initials: str
    parts: Sequence[Part]
    mine: bool
    when: str
    moment: str
    unread: int = 0
    active: bool = True
    current: bool = False


class ChatView(BaseView):
    """The talks of whoever is logged in; of nobody else, whatever his rights."""

    route_base = "/chat"
    default_view = "overview"

    @expose("/", methods=["GET"])
    @login_required
    def overview(self) -> str:
        viewer = chatting()
        crumbs(Link(_("Chat")))
        return self._page(viewer, None)

    @expose("/<user_id>", methods=["GET"])
    @login_required
    def talk(self, user_id: str) -> str:
        viewer = chatting()
        person = queries.person(current_session(), viewer, user_id)
        crumbs(Link(_("Chat"), "/chat/"), Link(person.name))
        return self._page(viewer, person)

    @expose("/<user_id>", methods=["POST"])
    @login_required
    def send(self, user_id: str) -> Any:
        """A message from the form: `id` is made by the client and the same at every try."""
        viewer = chatting()
        if not may_write(viewer):
            raise Forbidden
        key, words = request.form.get("id", ""), request.form.get("text", "")
        try:
            with transaction(by=viewer) as session:
                to = queries.person(session, viewer, user_id)
                message = services.send(session, viewer, to, key=key, words=words, now=utc_now())
        except DomainError as refused:
            if wants_json():
                raise
            person = queries.person(current_session(), viewer, user_id)
            return self._page(viewer, person, text=words, refused=refused.sentence), refused.status
        if not wants_json():
            return redirect(f"/chat/{quote(user_id, safe='')}")
        return jsonify(id=message.id, html=_drawn(viewer, [message]))

    @expose("/<user_id>/messages", methods=["GET"])
    @login_required
    def messages(self, user_id: str) -> Response:
        """Messages before or after the one with the given id, drawn, with what the other one has read."""
        viewer, session = chatting(), current_session()
        before, after = request.args.get("before", ""), request.args.get("after", "")
        if before and after:
            raise BadQuery
        person = queries.person(session, viewer, user_id)
        page = queries.messages(session, viewer, person.id, before=before, after=after)
        read = queries.read_until(session, viewer, person.id) if _marks(viewer) else ""
        return jsonify(html=_drawn(viewer, page.rows), older=page.older, newer=page.newer, read=read)

    @expose("/<user_id>/read", methods=["POST"])
    @login_required
    def read(self, user_id: str) -> Response:
        """What was written to me, to the message `upto`, was on my screen."""
        viewer = chatting()
        with transaction(by=viewer) as session:
            upto = queries.message(session, viewer, user_id, request.form.get("upto", ""))
            services.see(session, viewer, upto)
        return jsonify(unread=queries.unread(current_session(), viewer))

    @expose("/talks", methods=["GET"])
    @login_required
    def talks(self) -> str:
        """The list of talks, drawn; `with` is the one that is open."""
        lines = _talk_lines(chatting(), request.args.get("with", ""))
        return render_template("work/chat/_talks.html", lines=lines)

    @expose("/unread.json", methods=["GET"])
    @login_required
    def unread(self) -> Response:
        return jsonify(unread=queries.unread(current_session(), chatting()))

    @expose("/people", methods=["GET"])
    @login_required
    def people(self) -> Response:
        """Colleagues to write to, by any part of name or e-mail."""
        viewer = chatting()
        found = queries.colleagues(current_session(), viewer, request.args.get("q", "").strip()[:_LONGEST_SEARCH])
        lines = [{"id": row.id, "text": f"{row.full_name} · {row.email}"} for row in found[: queries.PICKS]]
        return jsonify(results=lines, more=False)

    @expose("/search", methods=["GET"])
    @login_required
    def search(self) -> str:
        viewer = chatting()
        typed = tidy(request.args.get("q", ""))[:_LONGEST_SEARCH]
        words = typed.split()[:_WORDS]
        found = queries.search(current_session(), viewer, words, request.args.get("before", "")) if words else []
        crumbs(Link(_("Chat"), "/chat/"), Link(_("Search")))
        lines = [_hit_line(viewer, hit, words) for hit in found[: queries.FOUND]]
        more = found[queries.FOUND - 1].message.id if len(found) > queries.FOUND else ""
        return self._page(viewer, None, typed=typed, lines=lines, more=more, searching=True)

    def _page(self, viewer: Viewer, person: queries.Person | None, **more: Any) -> str:
        session, page, at = current_session(), None, request.args.get("at", "")
        if person is not None:
            page = queries.messages(session, viewer, person.id, at=at)
        lines = more.pop("lines", None)
        return render_template(
            "work/chat/page.html",
            person=person,
            initials=initials(person.name) if person else "",
            bubbles=[_bubble(viewer, row) for row in page.rows] if page else [],
            older=page.older if page else False,
            newer=page.newer if page else False,
            at=at,
            lines=_talk_lines(viewer, person.id if person else "") if lines is None else lines,
            read=queries.read_until(session, viewer, person.id) if person and _marks(viewer) else "",
            why_closed=_why_closed(viewer, person),
            longest=LONGEST,
            key=new_key(),
            me=viewer.user_id,
            **more,
        )


def chatting() -> Viewer:
    """The viewer, when he has a chat. Raises Forbidden."""
    viewer = current_viewer()
    if not reads(viewer):
        raise Forbidden
    return viewer


def may_write(viewer: Viewer) -> bool:
    writes = (viewer.field(queries.MODULE, name) is Right.editable for name in ("receiver_id", "content"))
    return viewer.may_add(queries.MODULE) and all(writes)


def reads(viewer: Viewer) -> bool:
    return all(viewer.field(queries.MODULE, name) is not Right.hidden for name in _READ)


def _marks(viewer: Viewer) -> bool:
    """Whether this viewer may know what was read."""
    return viewer.field(queries.MODULE, "is_read") is not Right.hidden


def _why_closed(viewer: Viewer, person: queries.Person | None) -> str:
    """Why nothing can be written here; "" when something can."""
    if person is None:
        return ""
    if not may_write(viewer):
        return _("You may read your messages, but not write any.")
    if not person.active:
        return _("%(name)s does not work here any more and reads no messages.", name=person.name)
    if not person.open:
        return _("%(name)s cannot be reached by chat any more.", name=person.name)
    return ""


# Drawing --------------------------------------------------------------------


def _drawn(viewer: Viewer, rows: Sequence[ChatMessage]) -> str:
    return render_template("work/chat/_messages.html", bubbles=[_bubble(viewer, row) for row in rows])


def _bubble(viewer: Viewer, message: ChatMessage) -> Bubble:
    day = _local(message.created_at).date()
    return Bubble(
        id=message.id,
        mine=message.sender_id == viewer.user_id,
        parts=linked(message.content),
        time=format_time(message.created_at, "short"),
        moment=format_datetime(message.created_at, "full"),
        day=day.isoformat(),
        day_text=_day_text(message.created_at),
        read=message.is_read and _marks(viewer),
    )


def _talk_lines(viewer: Viewer, current: str) -> list[Line]:
    return [
        Line(
            href=f"/chat/{quote(talk.id, safe='')}",
            name=talk.name,
            initials=initials(talk.name),
            parts=[Part(" ".join(talk.last[:200].split()))],
            mine=talk.mine,
            when=_when(talk.at),
            moment=format_datetime(talk.at, "full"),
            unread=talk.unread,
            active=talk.active,
            current=talk.id == current,
        )
        for talk in queries.talks(current_session(), viewer)
    ]


def _hit_line(viewer: Viewer, hit: queries.Hit, words: list[str]) -> Line:
    return Line(
        href=f"/chat/{quote(hit.person_id, safe='')}?at={hit.message.id}#m-{hit.message.id}",
        name=hit.name,
        initials=initials(hit.name),
        parts=snippet(hit.message.content, words),
        mine=hit.message.sender_id == viewer.user_id,
        when=_when(hit.message.created_at),
        moment=format_datetime(hit.message.created_at, "full"),
    )


def _local(moment: datetime) -> datetime:
    """In the viewer's zone."""
    return moment.astimezone(get_timezone() or UTC)


def _day_text(moment: datetime) -> str:
    day, today = _local(moment).date(), _local(utc_now()).date()
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    return str(format_date(day, "full"))


def _when(moment: datetime) -> str:
    """As short as a list has room for: the time today, else the day."""
    if _local(moment).date() == _local(utc_now()).date():
        return str(format_time(moment, "short"))
    return str(format_date(_local(moment).date(), "short"))
