"""`/lists/<table>/...` and `/searches/<id>/...`: what somebody keeps for a list. Everything here changes something."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from flask import current_app, flash, jsonify, redirect, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _
from flask_login import login_required
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict

from app.core.db import current_session, transaction
from app.core.errors import BadQuery, Forbidden, NotFound
from app.core.faults import wants_json
from app.core.guard import same_site_referrer
from app.core.viewer import current_viewer
from app.screens import address, atlas, switch, wishes
from app.screens.look import Look
from app.work.models import SavedSearch
from app.work.queries import searches as queries
from app.work.rules import searches as rules
from app.work.services import searches as services
from app.work.views import kept

_UNDO_SECONDS = 3_600


class ListWishesView(BaseView):
    """How a list looks for the person who is logged in, and new searches of it."""

    route_base = "/lists"

    @expose("/<table>/columns", methods=["POST"])
    @login_required
    def columns(self, table: str) -> Any:
        """The chosen columns in their order; without any, the list is again as everybody has it."""
        look = look_at(table)
        known = {f.name for f in wishes.choosable(look)}
        chosen = [name for name in dict.fromkeys(request.form.getlist("columns")) if name in known]
        reset = request.form.get("reset") == "1"
        if not chosen and not reset:
            raise BadQuery(_("Choose at least one column."))
        with transaction(by=look.viewer) as session:
            if reset:
                services.forget(session, look.viewer, table)
            else:
                services.wish(session, look.viewer, table, columns=chosen[: wishes.MOST_COLUMNS])
        asked = query_of(request.form.get("query", ""), "columns")
        if kept.VIEW in asked and not reset:
            asked["columns"] = ",".join(chosen)  # the open search says its own columns: they are changed, not it
        return redirect(address.list_href(table) + _text(asked))

    @expose("/<table>/remember", methods=["POST"])
    @login_required
    def remember(self, table: str) -> Any:
        """The order or the size of a page, as it was just chosen."""
        look = look_at(table)
        asked = MultiDict({k: v for k, v in request.form.items() if k in ("order", "page_size") and v})
        listing = address.listing_of(look.screen, look.viewer, asked)  # refuses what makes no sense
        with transaction(by=look.viewer) as session:
            services.wish(
                session, look.viewer, table, sort=asked.get("order"),
                page_size=listing.size if "page_size" in asked else None,
            )  # fmt: skip
        return jsonify(kept=True)

    @expose("/<table>/searches", methods=["POST"])
    @login_required
    def save(self, table: str) -> Any:
        look = look_at(table)
        if not look.viewer.may_add(queries.SEARCHES):
            raise Forbidden
        asked = kept.asked_of(look, query_of(request.form.get("query", "")))
        marks = {name: request.form.get(name) == "1" for name in ("default", "shared")}
        with transaction(by=look.viewer) as session:
            made = services.save(session, look.viewer, table, asked, name=request.form.get("name", ""), **marks)
        return _opened(look, made, _("“%(name)s” is saved.", name=made.name))

    @expose("/<table>/searches/<key>/copy", methods=["POST"])
    @login_required
    def copy(self, table: str, key: str) -> Any:
        """A search that a colleague shares becomes one of one's own, without what one may not ask for."""
        look = look_at(table)
        if not look.viewer.may_add(queries.SEARCHES):
            raise Forbidden
        found = queries.shared(look.session, look.viewer, table, key)
        if found is None:
            raise NotFound
        pairs, _lost = kept.pairs_of(look, rules.read(found.filters))
        asked = kept.asked_of(look, MultiDict(pairs))
        with transaction(by=look.viewer) as session:
            made = services.save(session, look.viewer, table, asked, name=found.name)
        return _opened(look, made, _("“%(name)s” is now one of your searches.", name=made.name))


class SearchesView(BaseView):
    """The own saved searches, one at a time."""

    route_base = "/searches"

    @expose("/<key>/rename", methods=["POST"])
    @login_required
    def rename(self, key: str) -> Any:
        look, search = _mine(key)
        with transaction(by=look.viewer) as session:
            services.rename(session, search, request.form.get("name", ""))
        return _opened(look, search, _("“%(name)s” is renamed.", name=search.name))

    @expose("/<key>/mark", methods=["POST"])
    @login_required
    def mark(self, key: str) -> Any:
        """Default or not, shared or not."""
        look, search = _mine(key)
        marks = {name: request.form[name] == "1" for name in ("default", "shared") if name in request.form}
        with transaction(by=look.viewer) as session:
            services.mark(session, search, **marks)
        return _opened(look, search, _("“%(name)s” is changed.", name=search.name))

    @expose("/<key>/update", methods=["POST"])
    @login_required
    def update(self, key: str) -> Any:
        look, search = _mine(key)
        asked = kept.asked_of(look, query_of(request.form.get("query", "")))
        with transaction(by=look.viewer) as session:
            services.change(session, search, asked)
        return _opened(look, search, _("“%(name)s” is changed.", name=search.name))

    @expose("/<key>/delete", methods=["POST"])
    @login_required
    def delete(self, key: str) -> Any:
        look, search = _mine(key)
        with transaction(by=look.viewer) as session:
            left = services.delete(session, search)
        said = _("“%(name)s” is deleted.", name=left["name"])
        href = _on_the_page(look, f"{address.list_href(look.screen.table)}?{kept.VIEW}={kept.ALL}")
        if wants_json():
            return jsonify(said=said, href=href, undo=_signer().dumps({**left, "user_id": look.viewer.user_id}))
        flash(said, "success")
        return redirect(href)

    @expose("/restore", methods=["POST"])
    @login_required
    def restore(self) -> Any:
        """Undo of a deletion, by what it gave; for its owner alone, and as long as the list is open to him."""
        try:
            left = _signer().loads(request.form.get("undo", ""), max_age=_UNDO_SECONDS)
        except BadData as wrong:
            raise BadQuery(_("This can no longer be undone.")) from wrong
        look = look_at(left["module"])
        if left.pop("user_id") != look.viewer.user_id:
            raise NotFound
        if not look.viewer.may_edit(queries.SEARCHES):
            raise Forbidden
        with transaction(by=look.viewer) as session:
            found = services.restore(session, look.viewer, left)
        return _opened(look, found, _("“%(name)s” is back.", name=found.name))


def look_at(table: str) -> Look:
    """Raises NotFound: for lists that are not there, and for those this person may not open."""
    viewer, screens = current_viewer(), atlas.known()
    screen = screens.get(table)
    if screen is None or not viewer.sees(screen.module):
        raise NotFound
    return Look(screens, current_session(), viewer, screen)


def query_of(text: str, *without: str) -> MultiDict[str, str]:
    """The query of a list as a form sends it. Raises BadQuery."""
    try:
        pairs = parse_qsl(text.removeprefix("?"), keep_blank_values=True, max_num_fields=200)
    except ValueError as wrong:
        raise BadQuery(_("Too many filters.")) from wrong
    return MultiDict([(k, v) for k, v in pairs if k not in ("page", *without)])


def _mine(key: str) -> tuple[Look, SavedSearch]:
    """One's own search, and the list it is of. Raises NotFound, Forbidden."""
    viewer = current_viewer()
    found = queries.own(current_session(), viewer, key) if viewer.sees(queries.SEARCHES) else None
    if found is None:
        raise NotFound
    if not viewer.may_edit(queries.SEARCHES):
        raise Forbidden
    return look_at(found.module), found


def _opened(look: Look, search: SavedSearch, said: str) -> Any:
    flash(said, "success")
    found = kept.href_of(look, search.id, rules.read(search.filters)) or address.list_href(look.screen.table)
    return redirect(_on_the_page(look, found))


def _on_the_page(look: Look, href: str) -> str:
    """An address of the list; of another page of these rows, such as the board of deals, where one comes from there.

    Such a page has the same tabs and stays open.
    """
    there = same_site_referrer().partition("?")[0]
    if switch.table_of(there) != look.screen.table:
        return href
    return there + href.removeprefix(address.list_href(look.screen.table))


def _text(asked: MultiDict[str, str]) -> str:
    return address.keeping(asked) if asked else ""


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key, salt="saved search")  # type: ignore[arg-type]  # it is set
