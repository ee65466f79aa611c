"""`/rights/`: roles, the permission matrix of each, and two of them side by side."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_login import login_required

from app.access.guard_rights import RefusedRight
from app.access.merging import ADMIN
from app.access.models import Role
from app.access.modules import Module, modules
from app.access.rights import matrix, queries, rules, services
from app.core.db import current_session, transaction
from app.core.errors import BadQuery, Conflict, Forbidden
from app.core.viewer import Right, Viewer, current_viewer
from app.screens.page import Link
from app.screens.shell import crumbs

ROLES, USERS = "roles", "users"


def seeing(*keys: str) -> Viewer:
    """The viewer, when he sees all of these modules. Raises Forbidden."""
    viewer = current_viewer()
    if not all(viewer.sees(key) for key in keys):
        raise Forbidden
    return viewer


class RightsView(BaseView):
    """Who may do what: for people who see roles; changed by those who may edit them."""

    route_base = "/rights"
    default_view = "list"

    @expose("/")
    @login_required
    def list(self) -> str:
        viewer, session = seeing(ROLES), current_session()
        known = modules()
        roles = queries.roles(session)
        given = queries.given_of(session, [role.id for role in roles])
        counts = queries.holder_counts(session, viewer)
        lines = [
            {
                "role": role,
                "everything": given[role.id].everything,
                "holders": counts.get(role.id, 0),
                "modules": sum(key in known for key in given[role.id].modules),
                "hidden": sum(right is Right.hidden for right in given[role.id].fields.values()),
                "readonly": sum(right is Right.readonly for right in given[role.id].fields.values()),
            }
            for role in roles
        ]
        crumbs(Link(_("Roles and permissions")))
        return render_template(
            "access/rights/list.html", lines=lines, total=len(known), may_add=viewer.may_add(ROLES), tab="roles"
        )

    @expose("/<role_id>")
    @login_required
    def matrix(self, role_id: str) -> str:
        viewer, session = seeing(ROLES), current_session()
        role, known = queries.role_of(session, role_id), modules()
        state = matrix.state_of(session, role, known, queries.version_of(session, role))
        people = queries.holders(session, viewer, role.id)
        crumbs(Link(_("Roles and permissions"), "/rights/"), Link(role.name))
        return render_template(
            "access/rights/matrix.html",
            role=role,
            everything=role.legacy_role == ADMIN,
            locked=_locked(viewer, role, {holder.id for holder in people}),
            groups=matrix.grouped(known),
            catalogue=matrix.catalogue(known),
            state=state,
            people=people,
            sees_users=viewer.sees(USERS),
            others=[other for other in queries.roles(session) if other.id != role.id],
            tab="roles",
        )

    @expose("/<role_id>/state.json")
    @login_required
    def state(self, role_id: str) -> Response:
        """What the role gives now: to copy from it, and to go on after somebody else has changed it."""
        seeing(ROLES)
        session = current_session()
        role = queries.role_of(session, role_id)
        return jsonify(matrix.state_of(session, role, modules(), queries.version_of(session, role)))

    @expose("/<role_id>/preview", methods=["POST"])
    @login_required
    def preview(self, role_id: str) -> Response:
        """What these changes would mean for whom. Writes nothing."""
        viewer, session, known = seeing(ROLES), current_session(), modules()
        role = queries.role_of(session, role_id)
        changes = rules.read(_sent().get("changes"), known)
        people = queries.holders(session, viewer, role.id)
        return jsonify(matrix.preview(session, role, changes, people, known))

    @expose("/<role_id>/save", methods=["POST"])
    @login_required
    def save(self, role_id: str) -> Any:
        viewer, known, sent = current_viewer(), modules(), _sent()
        if not (viewer.may_edit(ROLES) and viewer.everywhere):
            raise Forbidden
        changes = rules.read(sent.get("changes"), known)
        try:
            with transaction(by=viewer) as session:
                role = queries.role_of(session, role_id)
                services.change_permissions(session, role, changes, version=str(sent.get("version")))
        except Conflict:
            return jsonify(message=_("Somebody else has changed this role since you opened it.")), 409
        except RefusedRight as refused:
            about = set(refused.about)
            keys = [c.key for c in changes if (c.module, c.name) in about or (c.module, "") in about] if about else []
            return jsonify(message=refused.sentence, refused=keys), refused.status
        return jsonify(saved=len(changes), state=self._state(role_id, known))

    def _state(self, role_id: str, known: dict[str, Module]) -> dict[str, Any]:
        session = current_session()
        role = queries.role_of(session, role_id)
        return matrix.state_of(session, role, known, queries.version_of(session, role))

    @expose("/compare")
    @login_required
    def compare(self) -> str:
        seeing(ROLES)
        session, known = current_session(), modules()
        roles = queries.roles(session)
        keys = [key for name in ("a", "b") if (key := request.args.get(name, ""))]
        pair = [queries.role_of(session, key) for key in keys]
        everything = request.args.get("all") == "1"
        found: list[matrix.Compared] = []
        if len(pair) == 2:
            given = queries.given_of(session, [role.id for role in pair])
            found = matrix.compared(given[pair[0].id], given[pair[1].id], known)
        differing = sum(not line.same for module in found for line in module.lines)
        crumbs(Link(_("Roles and permissions"), "/rights/"), Link(_("Compare")))
        return render_template(
            "access/rights/compare.html", roles=roles, pair=pair, found=found, all=everything, differing=differing,
            a=request.args.get("a", ""), b=request.args.get("b", ""), tab="compare",
        )  # fmt: skip


def _locked(viewer: Viewer, role: Role, holders: set[str]) -> str:
    """Why this viewer cannot change the matrix; "" when he can."""
    if role.legacy_role == ADMIN:
        return _("Administrators may do everything, whatever stands below. There is nothing to set for this role.")
    if not viewer.may_edit(ROLES):
        return _("You may look at this, but not change it.")
    if not viewer.everywhere:
        return _("Roles hold in all countries, so only somebody who works in all countries may change them.")
    if not viewer.everything and viewer.user_id in holders:
        return _("You hold this role yourself: somebody else must change it.")
    return ""


def _sent() -> dict[str, Any]:
    """The JSON object of the request. Raises BadQuery."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadQuery(_("The body must be a JSON object."))
    return body
