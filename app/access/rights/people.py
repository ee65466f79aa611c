"""Pages about one person: roles, countries and account; why he sees something or not; looking through his eyes."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access import second_factor, viewing
from app.access.door import viewer_of
from app.access.guard_rights import RefusedRight, administers, demand_no_stronger
from app.access.models import User, UserAuthMethod, UserRole
from app.access.modules import modules, screens
from app.access.rights import matrix, queries, services
from app.access.rights import why as reasons
from app.access.rights.views import ROLES, USERS, seeing
from app.core import audit
from app.core.db import current_session, transaction
from app.core.errors import Conflict, DomainError, Forbidden, NotFound, Unprocessable
from app.core.scope import ForeignCountry, may_change
from app.core.types import Country
from app.core.viewer import SYSTEM, SYSTEM_USER, Right, Viewer, current_viewer, visible
from app.screens.page import Link
from app.screens.query import PICKS
from app.screens.shell import crumbs

_FIELDS = ("role_id", "assigned_countries", "is_active", "user_roles.role_id")


class PeopleView(BaseView):
    """`/rights/user/<id>`, `/rights/why`, `/rights/view-as/<id>`."""

    route_base = "/rights"
    default_view = "why"

    # One person -------------------------------------------------------------

    @expose("/user/<user_id>", methods=["GET", "POST"])
    @login_required
    def user(self, user_id: str) -> Any:
        viewer = seeing(USERS, ROLES)
        person = _person(viewer, user_id)
        if request.method == "GET":
            return self._page(viewer, person)
        if not _editable(viewer, person):
            raise Forbidden
        try:
            with transaction(by=viewer) as session:
                services.change_person(session, person, by=viewer.user_id, **_wanted(viewer, person))
        except Conflict:
            sentence = _("Somebody else has changed this person meanwhile. What stands below is the newest state.")
            return self._page(viewer, _person(viewer, user_id), sentence), 409
        except (RefusedRight, ForeignCountry) as refused:
            return self._page(viewer, _person(viewer, user_id), refused.sentence), refused.status
        flash(_("Saved. It holds from the next click of %(name)s.", name=person.full_name), "success")
        return redirect(f"/rights/user/{user_id}")

    def _page(self, viewer: Viewer, person: User, refused: str = "") -> str:
        session = current_session()
        session.refresh(person)
        held = select(UserRole.role_id).where(UserRole.user_id == person.id)
        crumbs(Link(_("Users"), "/users/list/"), Link(person.full_name, f"/users/show/{person.id}"), Link(_("Access")))
        may_edit = viewer.may_edit(USERS)
        local = person.auth_method is UserAuthMethod.local
        return render_template(
            "access/rights/user.html",
            person=person,
            refused=refused,
            roles=queries.roles(session),
            beside=set(session.scalars(held)),
            countries=[country.value for country in Country],
            mine=set(viewer.countries or ()),
            editable=_editable(viewer, person),
            locked=_locked(viewer, person),
            effective=matrix.effective(session, person.id, modules()),
            may_edit=may_edit and may_change(session, viewer, User, person.id),
            local=local,
            stronger=_stronger(session, viewer, person),
            second_factor=second_factor.status(session, person).on if local else False,
            may_watch=viewing.may_watch(session, viewer, person),
            own=person.id == viewer.user_id,
        )

    # Why ----------------------------------------------------------------------

    @expose("/why", methods=["GET"])
    @login_required
    def why(self) -> Any:
        viewer, session, known = seeing(USERS, ROLES), current_session(), modules()
        asked = {name: request.args.get(name, "").strip() for name in ("user", "table", "record", "field")}
        person, verdict, errors, question = None, None, {}, None
        crumbs(Link(_("Roles and permissions"), "/rights/"), Link(_("Why")))
        if asked["user"]:
            person = _person(viewer, asked["user"])
        try:
            table, key = _record(viewer, asked)
            asked["table"] = table
            if person is not None and table:
                question = self._question(person, table, key, asked["field"])
                verdict = reasons.explain(session, question)
        except Unprocessable as unfit:
            errors = unfit.fields
        screen = screens().get(asked["table"])
        fields = reasons.fields_for(screen, known[screen.module]) if screen else {}
        page = render_template(
            "access/rights/why.html", person=person, asked=asked, verdict=verdict, errors=errors, fields=fields,
            tables=_tables(), tab="why", may_watch=person is not None and viewing.may_watch(session, viewer, person),
        )  # fmt: skip
        return page, 422 if errors else 200

    def _question(self, person: User, table: str, key: Any, field: str) -> reasons.Question:
        known, there = modules(), screens()
        screen = there.get(table)
        module = known[screen.module if screen else table]
        if field and not any(f.key == field for f in module.fields):
            raise Unprocessable({"field": [_("There is no such field in this module.")]})
        eyes = viewer_of(current_session(), person)
        return reasons.Question(person, eyes, module, there, screen, key, field)

    @expose("/why/fields.json", methods=["GET"])
    @login_required
    def fields(self) -> Response:
        """Fields to choose from, for the table that is chosen or pasted."""
        seeing(USERS, ROLES)
        table = request.args.get("table", "")
        if record := request.args.get("record", "").strip():
            try:
                table = reasons.pasted(record, table)[0]
            except Unprocessable:
                table = ""
        screen = screens().get(table)
        found = reasons.fields_for(screen, modules()[screen.module]) if screen else {}
        return jsonify(table=table if screen else "", fields=[[key, label] for key, label in found.items()])

    @expose("/people", methods=["GET"])
    @login_required
    def people(self) -> Response:
        """People to choose from, by any part of name or e-mail."""
        viewer, session = seeing(USERS, ROLES), current_session()
        words = request.args.get("q", "").strip()[:100].split()
        asked = visible(User, viewer).where(User.id != SYSTEM_USER)
        for word in words:
            hay = func.fold(User.full_name + " " + User.username + " " + User.email)
            asked = asked.where(func.strpos(hay, func.fold(word)) > 0)
        found = session.scalars(asked.order_by(User.is_active.desc(), User.full_name, User.id).limit(PICKS + 1)).all()
        lines = [{"id": user.id, "text": f"{user.full_name} · {user.email}"} for user in found[:PICKS]]
        return jsonify(results=lines, more=len(found) > PICKS)

    # View as ------------------------------------------------------------------

    @expose("/view-as/<user_id>", methods=["POST"])
    @login_required
    def view_as(self, user_id: str) -> Any:
        viewer = current_viewer()
        if not viewer.everything:
            raise Forbidden
        person = _person(viewer, user_id)
        if not viewing.may_watch(current_session(), viewer, person):
            raise Forbidden(_("Nobody looks through the eyes of this person."))
        with transaction(by=viewer) as session:
            _note_viewing(session, person, "view_as")
        viewing.start(person)
        return redirect("/")

    @expose("/view-as/stop", methods=["POST"])
    @login_required
    def stop_viewing(self) -> Any:
        own, user_id = current_viewer(), viewing.stop()
        with transaction(by=own) as session:
            if own.behind and (person := session.get(User, user_id, execution_options={"viewer": SYSTEM})):
                _note_viewing(session, person, "view_as_stopped")
        return redirect(f"/rights/user/{user_id}" if user_id else "/")


def _note_viewing(session: Session, person: User, what: str) -> None:
    name, details = person.full_name, {"event": what}
    audit.note(session, "view", entity_type=USERS, entity_id=person.id, entity_name=name, details=details)


def _person(viewer: Viewer, user_id: str) -> User:
    """Raises NotFound."""
    asked = visible(User, viewer).where(User.id == user_id[:100])
    person = current_session().scalars(asked).one_or_none()
    if person is None:
        raise NotFound
    return person


def _editable(viewer: Viewer, person: User) -> set[str]:
    """Which of roles, countries and account this viewer may change of this person."""
    if _locked(viewer, person):
        return set()
    return {name for name in _FIELDS if viewer.field(USERS, name) is Right.editable}


def _locked(viewer: Viewer, person: User) -> str:
    """Why nothing can be changed here; "" when something can."""
    if not viewer.may_edit(USERS):
        return _("You may look at this, but not change it.")
    if person.id == SYSTEM_USER:
        return _("This account belongs to the system itself and stays as it is.")
    if person.id == viewer.user_id:
        return _("Nobody changes his own rights: another administrator must do it.")
    if not may_change(current_session(), viewer, User, person.id):
        return _("This person also works in countries that are not yours.")
    if not viewer.everything and administers(current_session(), person):
        return _("Only an administrator changes the access of an administrator.")
    return ""


def _stronger(session: Session, viewer: Viewer, person: User) -> str:
    """Why this viewer does not look after the login of a person who may do more; "" when he may."""
    try:
        demand_no_stronger(session, viewer, person)
    except RefusedRight as refused:
        return refused.sentence
    return ""


def _wanted(viewer: Viewer, person: User) -> dict[str, Any]:
    """What the form asks for; what this viewer may not change stays. Raises Unprocessable, Forbidden."""
    form, session, may = request.form, current_session(), _editable(viewer, person)
    known = {role.id for role in queries.roles(session)}
    held = set(session.scalars(select(UserRole.role_id).where(UserRole.user_id == person.id)))
    primary = form.get("role_id") or None if "role_id" in may else person.role_id
    others = set(form.getlist("roles")) if "user_roles.role_id" in may else held
    countries = set(form.getlist("countries")) if "assigned_countries" in may else set(person.assigned_countries)
    active = form.get("is_active") == "1" if "is_active" in may else person.is_active
    if not ({primary, *others} - {None}) <= known or not countries <= {country.value for country in Country}:
        raise Unprocessable({}, [_("There is no such role or country.")])
    return {
        "primary": primary, "others": others, "countries": countries, "active": active,
        "version": form.get("version", ""),
    }  # fmt: skip


def _record(viewer: Viewer, asked: dict[str, str]) -> tuple[str, Any]:
    """The table (or module) and the record that are asked about. Raises Unprocessable."""
    table, text = asked["table"], asked["record"]
    there = screens()
    if not text:
        if table and table not in there and table not in modules():
            raise Unprocessable({"record": [_("There is no such table.")]})
        return table, None
    table, given = reasons.pasted(text, table)
    if table not in there:
        raise Unprocessable({"record": [_("There is no such table.")]})
    try:
        return table, reasons.known_record(current_session(), viewer, there[table], given)
    except DomainError as unknown:
        raise Unprocessable({"record": [unknown.sentence]}) from unknown


def _tables() -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be asked about: every table under the heading of its module's group."""
    there = screens()
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for group in matrix.grouped(modules()):
        lines = []
        for module in group.modules:
            lines += [(table, _(there[table].many)) for table in module.tables] or [(module.key, _(module.label))]
        found.append((group.title, lines))
    return found
