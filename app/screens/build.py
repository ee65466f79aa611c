"""Screens as Flask-AppBuilder views: the only file that knows ModelView and ModelRestApi.

FAB gives routes, permissions and its place in the application; reading,
saving and drawing are this package's. Every request starts at the same two
questions: who looks (`current_viewer`) and may they (`has_access`, `protect`,
which end in `access.door`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from flask import Response, flash, jsonify, redirect, render_template, request
from flask_appbuilder import AppBuilder, ModelRestApi, ModelView
from flask_appbuilder.api import expose as expose_api
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name, protect
from flask_babel import gettext as _
from markupsafe import Markup

from app.core.db import current_session, transaction
from app.core.errors import BadQuery, Conflict, DomainError, Forbidden, InUse, NotFound, Unprocessable
from app.core.scope import ForeignCountry, may_change
from app.core.viewer import current_viewer
from app.screens import address, charts, export, formpage, history, listpage, query, recordpage, rest, trail, write
from app.screens.forms import ScreenForm
from app.screens.look import Look
from app.screens.page import Link
from app.screens.resolve import Resolved
from app.screens.shell import crumbs

_FAB_ROUTES = {"action", "action_post", "api", "api_read", "api_get", "api_create", "api_update", "api_delete",
               "api_column_add", "api_column_edit", "api_readvalues", "download"}  # fmt: skip
MOST_NESTED = 64


class ScreenView(ModelView):
    """The pages of one table. `screen` and `screens` are set by `register`."""

    screen: ClassVar[Resolved]
    screens: ClassVar[Mapping[str, Resolved]]
    exclude_route_methods = _FAB_ROUTES
    related_views = _related_views = ()

    def _init_properties(self) -> None:
        """Nothing is derived by FAB: `resolve` has done it."""

    def _init_forms(self) -> None:
        """Forms are made per request, because they differ by viewer."""

    def _init_titles(self) -> None:
        """Titles are translated per request."""

    def look(self) -> Look:
        return Look(self.screens, current_session(), current_viewer(), self.screen)

    @expose("/list/")
    @has_access
    def list(self) -> str:
        page = listpage.list_page(self.look(), request.args)
        crumbs(Link(page.title))
        return render_template("screens/list.html", page=page)

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> str:
        look = self.look()
        page = recordpage.record_page(look, pk)
        crumbs(Link(page.many, page.list_href), Link(page.title))
        drawn = render_template("screens/record.html", page=page)
        trail.note_view(look, page.id, page.title)
        return drawn

    @expose("/show/<pk>/tab/<key>", methods=["GET"])
    @has_access
    @permission_name("show")
    def tab(self, pk: str, key: str) -> str:
        look = self.look()
        record = query.fetch(look.session, self.screen, look.viewer, pk)
        child = next((c for c in self.screen.children if c.key == key), None)
        if child is None or not look.viewer.sees(self.screens[child.table].module):
            raise NotFound
        if not look.at(child.table).reads(child.column):
            raise NotFound
        return render_template("screens/_tab.html", tab=recordpage.tab_of(look, child, record.id, None, rows=True))

    @expose("/show/<pk>/history", methods=["GET"])
    @has_access
    @permission_name("show")
    def history(self, pk: str) -> str:
        """What happened to the record, for those who may look into the audit trail."""
        look = self.look()
        record = query.fetch(look.session, self.screen, look.viewer, pk)
        page = history.history_page(look, record.id, request.args.get("page", ""))
        return render_template("screens/_history.html", page=page)

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        look = self.look()
        write.demand_changeable(self.screen)
        form = formpage.form_of(look)
        form.fill(formpage.prefilled(look, form, request.args), request.form if request.method == "POST" else None)
        trail.note_forged(look, None, request.form)
        if request.method == "GET":
            return self._form(look, form)
        if not form.validate():
            return self._form(look, form, status=422)
        try:
            with transaction(by=look.viewer) as session:
                row = write.add(session, self.screens, self.screen, look.viewer, form.values())
                key = row.id
        except (Unprocessable, InUse, ForeignCountry) as refused:
            return self._form(look, form, refused=refused, status=403 if isinstance(refused, Forbidden) else 422)
        self._say(look, key, _("created"))
        return redirect(address.show_href(self.screen.table, key))

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        look = self.look()
        write.demand_changeable(self.screen)
        row = query.fetch(look.session, self.screen, look.viewer, pk)
        if not may_change(look.session, look.viewer, self.screen.model, row.id):
            raise ForeignCountry
        form = formpage.form_of(look)
        form.fill(formpage.stored_values(row, form), request.form if request.method == "POST" else None)
        trail.note_forged(look, row.id, request.form)
        if request.method == "GET":
            drawn = self._form(look, form, row=row, version=row.row_version)
            trail.note_view(look, row.id, query.own_name(look.session, self.screens, self.screen, look.viewer, row.id))
            return drawn
        version = request.form.get("version", "")
        if not form.validate():
            return self._form(look, form, row=row, version=version, status=422)
        key = row.id
        try:
            with transaction(by=look.viewer) as session:
                write.change(session, self.screens, self.screen, look.viewer, row, form.values(), version)
        except Conflict as lost:
            row = query.fetch(look.session, self.screen, look.viewer, pk)
            look.session.refresh(row)
            changes = formpage.changes_of(look, form, row)
            return self._form(look, form, row=row, version=row.row_version, refused=lost, changes=changes, status=409)
        except (Unprocessable, InUse, ForeignCountry) as refused:
            row = query.fetch(look.session, self.screen, look.viewer, pk)
            status = 403 if isinstance(refused, Forbidden) else 422
            return self._form(look, form, row=row, version=version, refused=refused, status=status)
        self._say(look, key, _("saved"))
        return redirect(address.show_href(self.screen.table, key))

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: str) -> Any:
        look = self.look()
        write.demand_changeable(self.screen)
        row = query.fetch(look.session, self.screen, look.viewer, pk)
        name = query.own_name(look.session, self.screens, self.screen, look.viewer, row.id)
        try:
            with transaction(by=look.viewer) as session:
                done = write.remove(session, self.screens, self.screen, look.viewer, row, request.form.get("version"))
        except (InUse, Conflict, Unprocessable, Forbidden) as refused:
            flash(refused.sentence, "danger")
            return redirect(address.show_href(self.screen.table, pk))
        said = (
            _("“%(name)s” is deactivated.", name=name)
            if done == "deactivated"
            else _("“%(name)s” is deleted.", name=name)
        )
        flash(said, "success")
        return redirect(address.list_href(self.screen.table))

    @expose("/chart/", methods=["GET"])
    @has_access
    def chart(self) -> str:
        page = charts.chart_page(self.look(), request.args)
        crumbs(Link(page.many, page.list_href), Link(_("Charts")))
        return render_template("screens/chart.html", page=page)

    @expose("/chart/<int:number>.json", methods=["GET"])
    @has_access
    @permission_name("chart")
    def chart_numbers(self, number: int) -> Response:
        return jsonify(charts.chart_data(self.look(), number, request.args))

    @expose("/export.csv", methods=["GET"])
    @has_access
    @permission_name("export")
    def export_csv(self) -> Response:
        pieces = export.csv_of(self.look(), request.args)
        answer = Response(pieces, mimetype="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="{self.screen.table}.csv"'
        return answer

    @expose("/pick/<name>", methods=["GET"])
    @has_access
    @permission_name("list")
    def pick(self, name: str) -> Response:
        """Records to choose from for one foreign key, by what is typed; a page at most."""
        look = self.look()
        f = self.screen.fields.get(name)
        if f is None or not f.targets or not look.reads(name):
            raise NotFound
        found = query.picks_of(look.session, self.screens, f, look.viewer, request.args.get("q", "").strip()[:100])
        results = [{"id": str(key), "text": text} for key, text in found[: query.PICKS]]
        return jsonify(results=results, more=len(found) > query.PICKS)

    def _form(
        self, look: Look, form: ScreenForm, *, row: Any = None, version: str = "", refused: DomainError | None = None,
        changes: Any = (), status: int = 200,
    ) -> Any:  # fmt: skip
        """The form again, with what was typed and what is wrong with it."""
        general: list[str] = []
        if isinstance(refused, Unprocessable):
            general = refused.general
            for name, messages in refused.fields.items():
                if name in form._fields:
                    form._fields[name].errors = [*form._fields[name].errors, *messages]
                else:
                    f = self.screen.fields.get(name)
                    general += [f"{_(f.label)}: {message}" if f else message for message in messages]
        elif refused is not None:
            general = [refused.sentence]
        page = formpage.form_page(look, form, row=row, version=version, general=general, changes=changes)
        last = Link(page.title) if page.is_new else Link(_("Edit"))
        between = () if page.is_new else (Link(page.title, page.back_href),)
        crumbs(Link(page.many, page.list_href), *between, last)
        return render_template("screens/form.html", page=page), status

    def _say(self, look: Look, key: Any, what: str) -> None:
        name = query.own_name(look.session, self.screens, self.screen, look.viewer, key)
        href = address.show_href(self.screen.table, key)
        flash(Markup('<a href="{}">{}</a> {}').format(href, name, what), "success")


class ScreenApi(ModelRestApi):
    """The REST resource of one table at `/api/v1/<table>/`; JWT only, so there is nothing to forge from a page."""

    screen: ClassVar[Resolved]
    screens: ClassVar[Mapping[str, Resolved]]
    allow_browser_login = False

    def __init__(self) -> None:
        super(ModelRestApi, self).__init__()  # FAB's own schemas are not needed: `rest` reads and writes

    def create_blueprint(self, appbuilder: AppBuilder, *args: Any, **kwargs: Any) -> Any:
        return super(ModelRestApi, self).create_blueprint(appbuilder, *args, **kwargs)

    def add_api_spec(self, api_spec: Any) -> None:
        """`openapi` writes the description of all resources."""

    def look(self) -> Look:
        return Look(self.screens, current_session(), current_viewer(), self.screen)

    @expose_api("/", methods=["GET"])
    @protect()
    @permission_name("get")
    def get_list(self) -> Response:
        return jsonify(rest.list_answer(self.look(), rest.read_query(request.args.get("q"))))

    @expose_api("/_info", methods=["GET"])
    @protect()
    @permission_name("info")
    def info(self) -> Response:
        return jsonify(rest.info_answer(self.look()))

    @expose_api("/<pk>", methods=["GET"])
    @protect()
    @permission_name("get")
    def get(self, pk: str) -> Response:
        look, answer = self.look(), self._record(pk, 200)
        key = query.key_of(self.screen, pk)
        trail.note_view(look, key, query.own_name(look.session, self.screens, self.screen, look.viewer, key))
        return answer

    @expose_api("/", methods=["POST"])
    @protect()
    @permission_name("post")
    def post(self) -> Response:
        look = self.look()
        write.demand_changeable(self.screen)
        body = _body()
        trail.note_forged(look, None, body)
        values = rest.loaded(look, body, new=True)
        with transaction(by=look.viewer) as session:
            key = write.add(session, self.screens, self.screen, look.viewer, values).id
        answer = self._record(str(key), 201)
        answer.headers["Location"] = f"{self.route_base}/{key}"
        return answer

    @expose_api("/<pk>", methods=["PUT"])
    @protect()
    @permission_name("put")
    def put(self, pk: str) -> Response:
        look = self.look()
        write.demand_changeable(self.screen)
        row = query.fetch(look.session, self.screen, look.viewer, pk)
        version = _if_match(required=True)
        body = _body()
        trail.note_forged(look, row.id, body)
        values = rest.loaded(look, body, new=False)
        with transaction(by=look.viewer) as session:
            write.change(session, self.screens, self.screen, look.viewer, row, values, version)
        return self._record(pk, 200)

    @expose_api("/<pk>", methods=["DELETE"])
    @protect()
    @permission_name("delete")
    def delete(self, pk: str) -> Response:
        look = self.look()
        write.demand_changeable(self.screen)
        row = query.fetch(look.session, self.screen, look.viewer, pk)
        with transaction(by=look.viewer) as session:
            done = write.remove(session, self.screens, self.screen, look.viewer, row, _if_match(required=False))
        return jsonify(message="OK", done=done)

    def _record(self, key: str, status: int) -> Response:
        asked = rest.read_query(request.args.get("q")) if request.method == "GET" else {}
        answer, version = rest.record_answer(self.look(), key, asked)
        response = jsonify(answer)
        response.status_code = status
        response.headers["ETag"] = f'"{version}"'
        return response


class PreconditionRequired(DomainError):
    """A change over REST that does not say which version it is about."""

    status = 428

    def default(self) -> str:
        return _("Send If-Match with the ETag of the record as you read it, or * to overwrite whatever is there.")


def _if_match(*, required: bool) -> str | None:
    """The version a REST change is about; None for "whatever is there"."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        if required:
            raise PreconditionRequired
        return None
    return None if given == "*" else given.removeprefix("W/").strip('"')


def _body() -> Any:
    """The JSON body. Raises BadQuery for what is no JSON, holds a name twice or is nested too deeply."""
    if not request.is_json:
        raise BadQuery(_("The body must be JSON, with Content-Type application/json."))
    try:
        body = json.loads(request.get_data(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as broken:
        raise BadQuery(_("The body is not valid JSON.")) from broken
    if _depth(body) > MOST_NESTED:
        raise BadQuery(_("The body is nested too deeply."))
    return body


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _depth(value: Any) -> int:
    """How deeply lists and objects are nested; walked without recursion."""
    deepest, stack = 0, [(value, 1)]
    while stack:
        item, level = stack.pop()
        deepest = max(deepest, level)
        if isinstance(item, dict):
            stack.extend((v, level + 1) for v in item.values())
        elif isinstance(item, list):
            stack.extend((v, level + 1) for v in item)
    return deepest


def register(appbuilder: AppBuilder, screens: Mapping[str, Resolved]) -> None:
    """One view and one REST resource for each screen."""
    trail.install(screens)
    for table, screen in screens.items():
        shared = {"screen": screen, "screens": screens, "class_permission_name": screen.module}
        name = screen.model.__name__
        appbuilder.add_view_no_menu(type(f"{name}View", (ScreenView,), {**shared, "route_base": f"/{table}"}))
        appbuilder.add_api(type(f"{name}Api", (ScreenApi,), {**shared, "resource_name": table}))
