"""`/batches/`: many rows of a list are chosen, changed, and taken back; and how far one's own batches are."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from flask import Response, current_app, flash, jsonify, redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_login import login_required
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.batches import bulk, pages, services, undoing
from app.batches.changes import Do
from app.batches.errors import CannotUndo, NotNow, RowRefused
from app.batches.models import Batch, BatchKind, BatchState
from app.core import audit
from app.core.db import current_session, transaction
from app.core.errors import BadQuery, DomainError, Forbidden, NotFound, Unprocessable
from app.core.guard import same_site_referrer
from app.core.types import utc_now
from app.core.viewer import current_viewer
from app.screens import address, write
from app.screens.export import small_file
from app.screens.look import Look
from app.screens.page import Link
from app.screens.shell import crumbs


class BatchesView(BaseView):
    """Own batches only: those of others are not there, whoever asks."""

    route_base = "/batches"
    default_view = "list"

    @expose("/", methods=["GET"])
    @login_required
    def list(self) -> str:
        crumbs(Link(_("My batches")))
        found = pages.recent(_look_at(next(iter(current_app.extensions["screens"]))), now=utc_now())
        return render_template("batches/list.html", batches=found)

    @expose("/select", methods=["POST"])
    @login_required
    def select(self) -> Any:
        """From a list: rows were chosen, and what to do with them."""
        look = _look_at(request.form.get("table", ""))
        do = _asked_for(look)
        listed = MultiDict(parse_qsl(request.form.get("query", "").lstrip("?")[:4000], keep_blank_values=True))
        try:
            with transaction(by=look.viewer) as session:
                everything = request.form.get("all") == "1"
                rows = bulk.matching(look, do, listed) if everything else bulk.chosen(look, do, _keys())
                batch = services.prepare(
                    session, look, rows, kind=BatchKind.bulk, todo={"do": do.value}, now=utc_now()
                )  # fmt: skip
                if do is not Do.edit:
                    bulk.plan(look, batch, {"do": do.value})
                key, count = batch.id, len(rows)
        except Unprocessable as refused:
            flash(" ".join(refused.general) or refused.sentence, "danger")
            return redirect(same_site_referrer() or address.list_href(look.screen.table))
        _say_other_count(count)
        field = request.form.get("field", "")
        return redirect(
            f"/batches/{key}/edit" + (f"?field={field}" if field in look.screen.fields else "")
            if do is Do.edit
            else f"/batches/{key}"
        )

    @expose("/<key>/edit", methods=["GET", "POST"])
    @login_required
    def edit(self, key: str) -> Any:
        """Which fields, and which values."""
        look, batch = _own(key)
        if batch.state is not BatchState.prepared or batch.kind is not BatchKind.bulk:
            raise NotNow
        if Do.edit not in bulk.offered(look):
            raise Forbidden
        if request.method == "GET":
            return _drawn_form(look, batch, pages.form(look, None, request.args.get("field", "")))
        if forged := pages.forged(look, request.form):
            audit.denied(look.viewer, {"fields": forged}, entity_type=look.screen.table)
            raise Forbidden
        typed = pages.form(look, request.form)
        if typed.errors:
            return _drawn_form(look, batch, typed), 422
        with transaction(by=look.viewer):
            bulk.plan(look, batch, typed.todo)
        return redirect(f"/batches/{key}")

    @expose("/<key>", methods=["GET"])
    @login_required
    def show(self, key: str) -> Any:
        """The preview of what is prepared; afterwards how far it is and what came of it."""
        look, batch = _own(key)
        if batch.state not in (BatchState.examining, BatchState.prepared):
            return _drawn(look, batch)
        if batch.kind is not BatchKind.bulk:
            return redirect(pages.preview_href(batch))
        if batch.todo.get("do") == Do.edit and not batch.todo.get("fields"):
            return redirect(f"/batches/{key}/edit")
        return _drawn_preview(look, batch)

    @expose("/<key>/state", methods=["GET"])
    @login_required
    def state(self, key: str) -> Response:
        """How far it is, for the script of its page."""
        look, batch = _own(key)
        told = pages.told(look, batch, now=utc_now())
        return jsonify(state=told.state, label=told.label, busy=told.busy, percent=told.percent,
                       progress=format_decimal(told.progress), total=format_decimal(told.total))  # fmt: skip

    @expose("/<key>/run", methods=["POST"])
    @login_required
    def run(self, key: str) -> Any:
        look, batch = _own(key)
        if batch.kind is not BatchKind.bulk:
            raise NotFound
        if batch.state is not BatchState.prepared:
            return redirect(f"/batches/{key}")  # sent twice: it is done once
        now = utc_now()
        try:
            with transaction(by=look.viewer) as session:
                count = bulk.numbers(session, batch)["change"]
                if count <= services.AT_ONCE:
                    services.do(look, batch, now=now)
                else:
                    services.ask(session, batch)
        except NotNow:
            return redirect(f"/batches/{key}")
        except (RowRefused, Forbidden) as refused:
            look, batch = _own(key)
            return _drawn_preview(look, batch, refused), refused.status
        if count > services.AT_ONCE:
            return redirect(f"/batches/{key}")
        look, batch = _own(key)
        _say_done(look, batch)
        return redirect(address.list_href(look.screen.table))

    @expose("/<key>/cancel", methods=["POST"])
    @login_required
    def cancel(self, key: str) -> Any:
        look, batch = _own(key)
        was, table = batch.state, batch.table_name
        try:
            with transaction(by=look.viewer) as session:
                services.cancel(session, batch, now=utc_now())
        except NotNow as late:
            flash(late.sentence, "danger")
            return redirect(f"/batches/{key}")
        return redirect(address.list_href(table) if was is BatchState.prepared else f"/batches/{key}")

    @expose("/<key>/undo", methods=["POST"])
    @login_required
    def undo(self, key: str) -> Any:
        """Take it back; when some rows cannot be, their list is shown, and the others can be taken back alone."""
        look, batch = _own(key)
        others, now = request.form.get("others") == "1", utc_now()
        large = batch.total > services.AT_ONCE
        try:
            with transaction(by=look.viewer) as session:
                if large and not others and (blocked := undoing.changed_later(look, batch)):
                    raise CannotUndo(blocked)
                if large:
                    services.ask_undo(session, batch, others=others, now=now)
                else:
                    services.undo(look, batch, others=others, now=now)
        except CannotUndo as refused:
            look, batch = _own(key)
            return _drawn(look, batch, refused), refused.status
        except DomainError as refused:
            flash(refused.sentence, "danger")
            return redirect(f"/batches/{key}")
        if not large:
            look, batch = _own(key)
            flash(
                _(
                    "Undone: %(result)s.",
                    result=pages.result({n: c for n, c in batch.counts.items() if n in ("undone", "kept")}),
                ),
                "success",
            )
        return redirect(f"/batches/{key}")

    @expose("/<key>/left-out.csv", methods=["GET"])
    @login_required
    def left_out(self, key: str) -> Response:
        """The rows that were left out, with the reasons."""
        look, batch = _own(key)
        rows = [(_("Row"), _("Record"), _("Reason")), *pages.left_out(look, batch)]
        answer = Response(small_file(rows), mimetype="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = 'attachment; filename="left-out.csv"'
        return answer


def _look_at(table: str) -> Look:
    """Raises NotFound."""
    screens = current_app.extensions["screens"]
    if table not in screens:
        raise NotFound
    return Look(screens, current_session(), current_viewer(), screens[table])


def _own(key: str) -> tuple[Look, Batch]:
    """A batch of the viewer, of a table that he still sees. Raises NotFound."""
    session, viewer = current_session(), current_viewer()
    batch = services.own_batch(session, viewer, key)
    look = _look_at(batch.table_name)
    if not viewer.sees(look.screen.module):
        raise NotFound
    return look, batch


def _asked_for(look: Look) -> Do:
    """What is to be done with many rows, as far as the viewer may. Raises NotFound, Forbidden, AppendOnly, BadQuery."""
    if not look.viewer.sees(look.screen.module):
        raise NotFound
    if not look.viewer.may_edit(look.screen.module):
        raise Forbidden
    write.demand_changeable(look.screen)
    given = request.form.get("do", "")
    if given not in set(Do):
        raise BadQuery
    if Do(given) not in bulk.offered(look):
        raise Forbidden
    return Do(given)


def _keys() -> list[str]:
    """The chosen rows: one field each, or one field with all of them."""
    return [*request.form.getlist("id"), *(key for key in request.form.get("ids", "").split(",") if key)]


def _say_other_count(count: int) -> None:
    """Between looking at a list and choosing all of it, it may have become another one."""
    expected = request.form.get("expected", "")
    if expected.isdecimal() and len(expected) < 9 and int(expected) != count:
        said = _(
            "The list has changed: %(count)s records instead of %(expected)s.",
            count=format_decimal(count),
            expected=format_decimal(int(expected)),
        )
        flash(said, "warning")


def _say_done(look: Look, batch: Batch) -> None:
    told = pages.told(look, batch, now=utc_now())
    said = Markup.escape(f"{told.what}: {told.result}.")
    button = render_template("batches/_undo.html", batch=told, small=True) if told.can_undo else ""
    flash(said + Markup(" ") + Markup(button), "success")


def _drawn_form(look: Look, batch: Batch, typed: pages.Typed) -> str:
    title = _("Change %(count)s records", count=format_decimal(batch.total))
    crumbs(Link(_(look.screen.many), address.list_href(look.screen.table)), Link(title))
    return render_template(
        "batches/edit.html", title=title, batch=batch, typed=typed, many=_(look.screen.many),
        list_href=address.list_href(look.screen.table),
    )  # fmt: skip


def _drawn_preview(look: Look, batch: Batch, refused: DomainError | None = None) -> str:
    title = _("Look before it happens")
    crumbs(Link(_(look.screen.many), address.list_href(look.screen.table)), Link(title))
    page = pages.preview(look, batch)
    return render_template(
        "batches/preview.html", title=title, batch=batch, page=page, many=_(look.screen.many),
        refused=refused.sentence if refused else "", at_once=services.AT_ONCE,
        list_href=address.list_href(look.screen.table), can_edit=batch.todo.get("do") == Do.edit,
    )  # fmt: skip


def _drawn(look: Look, batch: Batch, refused: CannotUndo | None = None) -> str:
    told = pages.told(look, batch, now=utc_now())
    crumbs(Link(_("My batches"), "/batches/"), Link(told.what))
    shown = (
        [(one.name, one.why, address.show_href(batch.table_name, one.key)) for one in refused.blocked[:100]]
        if refused
        else []
    )
    left = pages.left_out(look, batch)[:1] if batch.state in (BatchState.done, BatchState.failed) else []
    return render_template(
        "batches/batch.html", batch=told, refused=refused.sentence if refused else "", blocked=shown,
        blocked_count=len(refused.blocked) if refused else 0, has_left_out=bool(left),
        can_others=refused is not None and len(refused.blocked) < batch.total,
    )  # fmt: skip
