"""Screens as Flask-AppBuilder views: the only file that knows ModelView, as `resource` alone knows ModelRestApi.

FAB gives routes, permissions and its place in the application; reading,
saving and drawing are this package's. Every request starts at the same two
questions: who looks (`current_viewer`) and may they (`has_access`, `protect`,
which end in `access.door`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import Response, flash, jsonify, redirect, render_template, request
from flask_appbuilder import AppBuilder, ModelView
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from markupsafe import Markup

from app.core.db import current_session, transaction
from app.core.errors import Conflict, DomainError, Forbidden, InUse, NotFound, Unprocessable
from app.core.idempotency import Answer, InProgress, OtherContent, once
from app.core.scope import ForeignCountry, may_change
from app.core.types import utc_now
from app.core.viewer import current_viewer
from app.screens import (
    address,
    charts,
    export,
    formcheck,
    formpage,
    history,
    inline,
    listpage,
    merge,
    ownforms,
    position,
    printout,
    query,
    recordpage,
    sheets,
    switch,
    timeline,
    trail,
    write,
)
from app.screens import once as doors
from app.screens.fielddoors import FieldDoors
from app.screens.forms import ScreenForm
from app.screens.look import Look
from app.screens.page import Link
from app.screens.resolve import Resolved
from app.screens.resource import ScreenApi
from app.screens.shell import crumbs

_FAB_ROUTES = {"action", "action_post", "api", "api_read", "api_get", "api_create", "api_update", "api_delete",
               "api_column_add", "api_column_edit", "api_readvalues", "download"}  # fmt: skip


def _in_panel() -> bool:
    """Whether the form of a new record is drawn inside of another form (panel.js)."""
    return "X-Panel" in request.headers


class ScreenView(FieldDoors, ModelView):
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
    def list(self) -> Any:
        look = self.look()
        if home := switch.opening(look, request.args):
            return redirect(home)
        page = listpage.list_page(look, request.args)
        crumbs(Link(page.title))
        return render_template("screens/list.html", page=page)

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> str:
        look = self.look()
        page = recordpage.record_page(look, pk)
        place = position.place_of(look, page.id, request.args)
        crumbs(Link(page.many, place.back_href if place else page.list_href), Link(page.title))
        drawn = render_template("screens/record.html", page=page, place=place)
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
        (count,) = query.child_counts(look.session, self.screens, look.viewer, [child], record.id)
        closed = not may_change(look.session, look.viewer, self.screen.model, record.id)
        tab = recordpage.tab_of(look, child, record.id, count, rows=True, closed=closed)
        return render_template("screens/_tab.html", tab=tab)

    @expose("/show/<pk>/history", methods=["GET"])
    @has_access
    @permission_name("show")
    def history(self, pk: str) -> str:
        """What happened to the record, for those who may look into the audit trail."""
        look = self.look()
        record = query.fetch(look.session, self.screen, look.viewer, pk)
        page = history.history_page(look, record.id, request.args.get("page", ""))
        return render_template("screens/_history.html", page=page)

    @expose("/show/<pk>/timeline", methods=["GET"])
    @has_access
    @permission_name("show")
    def timeline(self, pk: str) -> str:
        """What happened around the record; `before` is where the page before ended, `short` for beside the record."""
        look = self.look()
        record = query.fetch(look.session, self.screen, look.viewer, pk)
        size = timeline.SHORT if "short" in request.args else timeline.SIZE
        kind, before = request.args.get("kind", ""), request.args.get("before", "")
        page = timeline.timeline_page(look, record.id, kind, before, size=size)
        return render_template("screens/_timeline.html", page=page, short="short" in request.args)

    @expose("/show/<pk>/print.pdf", methods=["GET"])
    @has_access
    @permission_name("export")
    def print_pdf(self, pk: str) -> Response:
        made, page = printout.record_pdf(self.look(), pk, now=utc_now())
        answer = Response(made, mimetype="application/pdf")
        answer.headers.set("Content-Disposition", "inline", filename=f"{self.screen.table}-{page.id}.pdf")
        return answer

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        look = self.look()
        write.demand_changeable(self.screen)
        if request.method == "GET" and ownforms.has(self.screen.table) and not (_in_panel() or inline.column()):
            return redirect(ownforms.add_href(self.screen.table) + address.keeping(request.args).rstrip("?"))
        form = formpage.form_of(look)
        form.fill(formpage.prefilled(look, form, request.args), request.form if request.method == "POST" else None)
        trail.note_forged(look, None, request.form)
        if request.method == "GET":
            return self._form(look, form)
        asked = doors.by_form(look.viewer)
        odd = formcheck.judged(look, form, None).warnings
        if not form.validate():
            return self._form(look, form, status=422)

        def act() -> Answer:
            row = write.add(look.session, self.screens, self.screen, look.viewer, form.values())
            return Answer(302, address.show_href(self.screen.table, row.id), {"id": row.id})

        try:
            with transaction(by=look.viewer) as session:
                done = once(session, asked, act, now=utc_now())
        except (Unprocessable, InUse, ForeignCountry, InProgress, OtherContent) as refused:
            status = refused.status if isinstance(refused, Forbidden | InProgress) else 422
            return self._form(look, form, refused=refused, status=status)
        if _in_panel():
            name = query.own_name(look.session, self.screens, self.screen, look.viewer, done.body["id"])
            return jsonify(id=done.body["id"], text=name or str(done.body["id"]))
        said = _("was created already; nothing was made twice") if done.repeated else _("created")
        if inline.column():
            name = query.own_name(look.session, self.screens, self.screen, look.viewer, done.body["id"])
            return inline.made(look, done.body["id"], f"{name or _(self.screen.one)} {said}")
        self._say(look, done.body["id"], said, odd)
        return redirect(done.location)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        look = self.look()
        write.demand_changeable(self.screen)
        row = query.fetch(look.session, self.screen, look.viewer, pk)
        if not may_change(look.session, look.viewer, self.screen.model, row.id):
            raise ForeignCountry
        if request.method == "GET" and ownforms.has(self.screen.table):
            return redirect(ownforms.edit_href(self.screen.table, row.id))
        form = formpage.form_of(look)
        form.fill(formpage.stored_values(row, form), request.form if request.method == "POST" else None)
        trail.note_forged(look, row.id, request.form)
        if request.method == "GET":
            drawn = self._form(look, form, row=row, version=row.row_version)
            trail.note_view(look, row.id, form.row_name)
            return drawn
        version = request.form.get("version", "")
        merge.take(form, row, merge.chosen(form, request.form))
        taken: tuple[str, ...] = ()
        base = merge.read_base(request.form.get(merge.FIELD, ""))
        if base is not None and version != row.row_version:
            merged = merge.three_way(self.screen, form, row, base)
            changes = formpage.changes_of(look, form, row, base, merged)
            merge.take(form, row, merged.taken)
            version, taken = row.row_version, merged.taken
            if merged.asked:
                return self._form(look, form, row=row, version=version, refused=Conflict(), changes=changes, status=409)
        if not form.validate():
            return self._form(look, form, row=row, version=version, status=422)
        key = row.id
        odd = formcheck.new_doubts(look, form, row)
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
        self._say(look, key, _("saved"), odd)
        if taken:
            names = ", ".join(_(self.screen.fields[name].label) for name in taken)
            flash(_("Meanwhile somebody else changed %(fields)s. Both changes are kept.", fields=names), "info")
        return redirect(address.show_href(self.screen.table, key) + position.kept(request.args))

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
            return redirect(address.show_href(self.screen.table, pk) + position.kept(request.args))
        said = (
            _("“%(name)s” is deactivated.", name=name)
            if done == "deactivated"
            else _("“%(name)s” is deleted.", name=name)
        )
        flash(said, "success")
        return redirect(inline.back(request.form, position.back_of(look, request.args)))

    @expose("/chart/", methods=["GET"])
    @has_access
    def chart(self) -> Any:
        look = self.look()
        if home := switch.opening(look, request.args, "chart/"):
            return redirect(home)
        page = charts.chart_page(look, request.args)
        crumbs(Link(page.many, page.list_href), Link(_("Charts")))
        return render_template("screens/chart.html", page=page)

    @expose("/chart/<int:number>.json", methods=["GET"])
    @has_access
    @permission_name("chart")
    def chart_numbers(self, number: int) -> Response:
        return jsonify(charts.chart_data(self.look(), number, request.args))

    @expose("/chart/<int:number>.csv", methods=["GET"])
    @has_access
    @permission_name("export")
    def chart_csv(self, number: int) -> Response:
        answer = Response(charts.chart_csv(self.look(), number, request.args), mimetype="text/csv; charset=utf-8")
        name = f"{self.screen.table}-chart-{number}.csv"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    @expose("/export.csv", methods=["GET"])
    @has_access
    @permission_name("export")
    def export_csv(self) -> Response:
        pieces = export.csv_of(self.look(), request.args)
        answer = Response(pieces, mimetype="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="{self.screen.table}.csv"'
        return answer

    @expose("/export.xlsx", methods=["GET"])
    @has_access
    @permission_name("export")
    def export_xlsx(self) -> Response:
        answer = Response(sheets.workbook_of(self.look(), request.args), mimetype=sheets.TYPE)
        answer.headers["Content-Disposition"] = f'attachment; filename="{self.screen.table}.xlsx"'
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
        page = max(1, min(request.args.get("page", 1, type=int), query.PICK_PAGES))
        typed = request.args.get("q", "").strip()[:100]
        found, more = query.picks_of(look.session, self.screens, f, look.viewer, typed, page)
        results = [{"id": str(key), "text": text} for key, text in found]
        return jsonify(results=results, more=more and page < query.PICK_PAGES)

    def _form(
        self, look: Look, form: ScreenForm, *, row: Any = None, version: str = "", refused: DomainError | None = None,
        changes: Any = (), status: int = 200,
    ) -> Any:  # fmt: skip
        """The form again, with what was typed and what is wrong with it."""
        general: list[str] = []
        key = "" if row is not None else doors.sent_key() or doors.new_key()  # nothing was made yet under the one sent
        if isinstance(refused, Unprocessable):
            general = refused.general
            for name, messages in refused.fields.items():
                if name in form._fields:
                    form._fields[name].errors = [*form._fields[name].errors, *messages]
                else:
                    f = self.screen.fields.get(name)
                    general += [f"{_(f.label)}: {message}" if f else message for message in messages]
        elif isinstance(refused, OtherContent):
            general = [self._used_up(look, refused.done.body["id"])]
            key = doors.new_key()
        elif refused is not None and not changes:  # the questions of a conflict say it themselves
            general = [refused.sentence]
        formcheck.mark(look, form, row)
        base = ""
        if row is not None:
            same = row.row_version == version
            base = merge.base_text(form, row) if same else request.form.get(merge.FIELD, "")
        faster = history.who_was_faster(look, row.id) if changes else ""
        page = formpage.form_page(
            look, form, row=row, version=version, general=general, changes=changes, form_key=key, base=base,
            faster=faster,
        )  # fmt: skip
        if row is None and inline.column():
            return render_template("screens/_short.html", form=inline.form_of(form, look, page)), status
        place = None if page.is_new else position.place_of(look, row.id, request.args, "edit")
        last = Link(page.title) if page.is_new else Link(_("Edit"))
        between = () if page.is_new else (Link(page.title, page.back_href + (place.keep if place else "")),)
        crumbs(Link(page.many, place.back_href if place else page.list_href), *between, last)
        template = "screens/_panel.html" if _in_panel() else "screens/form.html"
        return render_template(template, page=page, place=place), status

    def _say(self, look: Look, key: Any, what: str, odd: formcheck.Said | None = None) -> None:
        flash(Markup("{} {}").format(self._link(look, key), what), "success")
        if doubts := formcheck.doubts(look, odd or {}):
            flash(doubts, "warning")

    def _used_up(self, look: Look, key: Any) -> str:
        sentence = _("This form was sent before with other values. Open that record to change it, or create once more"
                     " to make another one:")  # fmt: skip
        return Markup("{} {}").format(sentence, self._link(look, key))

    def _link(self, look: Look, key: Any) -> Markup:
        name = query.own_name(look.session, self.screens, self.screen, look.viewer, key) or _(self.screen.one)
        return Markup('<a href="{}">{}</a>').format(address.show_href(self.screen.table, key), name)


def register(appbuilder: AppBuilder, screens: Mapping[str, Resolved]) -> None:
    """One view and one REST resource for each screen."""
    trail.install(screens)
    for table, screen in screens.items():
        shared = {"screen": screen, "screens": screens, "class_permission_name": screen.module}
        name = screen.model.__name__
        appbuilder.add_view_no_menu(type(f"{name}View", (ScreenView,), {**shared, "route_base": f"/{table}"}))
        appbuilder.add_api(type(f"{name}Api", (ScreenApi,), {**shared, "resource_name": table}))
