"""`/imports/`: from an upload over columns and preview to a batch; each file for its owner alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Flask, Response, current_app, flash, redirect, render_template, request
from flask import session as cookie
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import format_decimal, get_locale
from flask_babel import gettext as _
from flask_login import login_required

from app.batches.errors import NotNow
from app.batches.models import Batch, BatchState
from app.core.db import current_session, transaction
from app.core.errors import Forbidden, NotFound
from app.core.types import utc_now
from app.core.viewer import current_viewer
from app.imports import chosen as choices
from app.imports import examining, pages, queries, sample, services
from app.imports.cells import Cell, text_of
from app.imports.chosen import Chosen, Known
from app.imports.columns import Target, keys_of, targets_of
from app.imports.errors import NothingToImport, Unreadable
from app.imports.limits import MOST_BYTES, MOST_ROWS
from app.imports.models import ImportFile
from app.imports.plain import DELIMITERS, ENCODINGS, OTHERS
from app.imports.reading import Wish, too_large
from app.screens import address, write
from app.screens.export import in_pieces
from app.screens.look import Look
from app.screens.page import Link
from app.screens.shell import crumbs

_ROOM = MOST_BYTES + 64 * 1024  # the file, and what a form adds to it


def install(app: Flask) -> None:
    """Files may be larger than other requests: for who is logged in, at the one door that takes them."""

    @app.url_value_preprocessor
    def room_for_files(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if endpoint == "ImportsView.upload" and cookie.get("_user_id"):
            request.max_content_length = _ROOM


def look_at(table: str) -> Look:
    """The table through the viewer's eyes. Raises NotFound, Forbidden, AppendOnly."""
    screens, viewer = current_app.extensions["screens"], current_viewer()
    screen = screens.get(table)
    if screen is None or not viewer.sees(screen.module):
        raise NotFound
    look = Look(screens, current_session(), viewer, screen)
    write.demand_changeable(screen)
    if viewer.behind or not look.may_import():
        raise Forbidden
    return look


def file_at(key: str, *, whole: bool = False) -> tuple[Look, ImportFile]:
    """A file of the viewer and its table. Raises NotFound, FileGone, Forbidden when the right went meanwhile."""
    file = queries.own_file(current_session(), current_viewer(), key, now=utc_now(), whole=whole)
    return look_at(file.table_name), file


class ImportsView(BaseView):
    """Upload, columns, preview, start."""

    route_base = "/imports"
    default_view = "new"

    @expose("/<table>/", methods=["GET"])
    @login_required
    def new(self, table: str) -> str:
        return self._new(look_at(table))

    @expose("/<table>/upload", methods=["POST"])
    @login_required
    def upload(self, table: str) -> Any:
        look, now = look_at(table), utc_now()
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            return self._new(look, _("Choose a file first.")), 422
        raw = sent.stream.read(MOST_BYTES + 1)
        try:
            if len(raw) > MOST_BYTES:
                raise Unreadable(too_large())
            with transaction(by=look.viewer) as session:
                file = services.take_in(session, look.viewer, table, raw, sent.filename, now=now)
                key = file.id
        except Unreadable as refused:
            return self._new(look, refused.sentence), 422
        return redirect(f"/imports/file/{key}")

    def _new(self, look: Look, refused: str = "") -> str:
        screen = look.screen
        crumbs(Link(_(screen.many), address.list_href(screen.table)), Link(_("Import")))
        return render_template(
            "imports/new.html",
            table=screen.table,
            many=_(screen.many),
            refused=refused,
            left_over=queries.waiting(look.session, look.viewer, screen.table, now=utc_now()),
            most_megabytes=MOST_BYTES // 1024**2,
            most_rows=format_decimal(MOST_ROWS),
        )

    @expose("/<table>/template.csv", methods=["GET"])
    @login_required
    def template(self, table: str) -> Response:
        look = look_at(table)
        answer = Response(sample.template_of(look), mimetype="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="{look.screen.table}-template.csv"'
        return answer

    @expose("/file/<key>", methods=["GET"])
    @login_required
    def columns(self, key: str) -> str:
        look, file = file_at(key)
        targets = targets_of(look)
        chosen, known = examining.kept_choice(look, file, targets), False
        if chosen is None:
            before = queries.remembered(look.session, look.viewer, file.table_name, file.headings)
            known = before is not None
            chosen = before or choices.proposed(look, file.headings, targets)
            chosen = choices.allowed(look, chosen, targets, len(file.headings))
        return self._columns(look, file, chosen, targets, known=known)

    @expose("/file/<key>/read", methods=["POST"])
    @login_required
    def read(self, key: str) -> Any:
        """The same file with another encoding, delimiter or sheet."""
        look, file = file_at(key, whole=True)
        wish = Wish(
            _one_of("encoding", (*ENCODINGS, *OTHERS)), _one_of("delimiter", DELIMITERS), _one_of("sheet", file.sheets)
        )
        try:
            with transaction(by=look.viewer) as session:
                services.read_again(session, file, wish)
        except Unreadable as refused:
            flash(refused.sentence, "danger")
        return redirect(f"/imports/file/{key}")

    @expose("/file/<key>/columns", methods=["POST"])
    @login_required
    def choose(self, key: str) -> Any:
        look, file = file_at(key)
        targets = targets_of(look)
        chosen = _sent(file)
        problem = _problem(look, chosen, targets)
        if problem:
            shown = choices.allowed(look, chosen, targets, len(file.headings))
            return self._columns(look, file, shown, targets, refused=problem), 422
        with transaction(by=look.viewer) as session:
            services.choose(session, look.viewer, file, chosen, now=utc_now())
            held = choices.allowed(look, chosen, targets, len(file.headings))
            examining.begin(look, file, held, language=str(get_locale()), now=utc_now())
        return redirect(f"/imports/file/{key}/preview")

    def _columns(
        self, look: Look, file: ImportFile, chosen: Chosen, targets: dict[str, Target], *, known: bool = False,
        refused: str = "",
    ) -> str:  # fmt: skip
        page = pages.mapping_page(look, file, chosen, targets, known=known)
        self._crumbs(look, file, Link(_("Columns")))
        return render_template("imports/columns.html", page=page, refused=refused, title=_("Import: columns"))

    @expose("/file/<key>/preview", methods=["GET"])
    @login_required
    def preview(self, key: str) -> Any:
        """What the rows would do; how far it is while they are still looked at."""
        look, file, chosen, targets = _checked(key)
        batch = examining.batch_of(look.session, file)
        if batch is not None and batch.state in queries.STARTED:
            return redirect(f"/batches/{batch.id}")
        if chosen is None or batch is None or not examining.holds(batch, chosen):
            if batch is not None and batch.error:
                flash(batch.error, "danger")
            return redirect(f"/imports/file/{key}")
        if batch.state is BatchState.examining:
            self._crumbs(look, file, Link(_("Preview")))
            page = pages.examining_page(look, file, batch)
            return render_template("imports/examining.html", page=page, title=_("Import: preview"))
        return self._preview(look, file, chosen, targets, batch)

    def _preview(
        self, look: Look, file: ImportFile, chosen: Chosen, targets: dict[str, Target], batch: Batch,
        refused: str = "",
    ) -> str:  # fmt: skip
        page = pages.preview_page(look, file, chosen, targets, batch)
        self._crumbs(look, file, Link(_("Preview")))
        return render_template("imports/preview.html", page=page, refused=refused, title=_("Import: preview"))

    @expose("/file/<key>/stop", methods=["POST"])
    @login_required
    def stop(self, key: str) -> Any:
        """No more of looking at the rows: what was chosen can be changed."""
        look, file = file_at(key)
        with transaction(by=look.viewer) as session:
            services.forget_examination(session, file)
        return redirect(f"/imports/file/{key}")

    @expose("/file/<key>/errors.csv", methods=["GET"])
    @login_required
    def errors(self, key: str) -> Any:
        """The rows that cannot be taken, as they stood in the file, each with what is wrong."""
        look, file, chosen, _targets = _checked(key)
        batch = examining.batch_of(look.session, file)
        if chosen is None or batch is None or batch.state is not BatchState.prepared:
            raise NotFound
        pieces = _error_file(file, examining.wrong_cells(look.session, file, batch))
        answer = Response("".join(pieces), mimetype="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="{file.table_name}-errors.csv"'
        return answer

    @expose("/file/<key>/run", methods=["POST"])
    @login_required
    def run(self, key: str) -> Any:
        """Have done what was looked at; what was not, or failed since, is looked at anew before."""
        look, file, chosen, targets = _checked(key)
        if chosen is None:
            return redirect(f"/imports/file/{key}")
        batch = examining.batch_of(look.session, file)
        if batch is None or (batch.state not in queries.STARTED and not examining.holds(batch, chosen)):
            with transaction(by=look.viewer):
                batch = examining.begin(look, file, chosen, language=str(get_locale()), now=utc_now())
        if batch.state is BatchState.examining:
            return redirect(f"/imports/file/{key}/preview")
        if batch.state is BatchState.prepared:
            batch_id = batch.id
            try:
                with transaction(by=look.viewer) as session:
                    services.start(session, batch, leave_out=request.form.get("leave_out") == "1", now=utc_now())
            except NothingToImport as refused:
                look, file, chosen, targets = _checked(key)
                batch = examining.batch_of(look.session, file)
                assert chosen is not None and batch is not None
                return self._preview(look, file, chosen, targets, batch, refused.sentence), 422
            except NotNow:
                pass  # sent twice: it is done once
            return redirect(f"/batches/{batch_id}")
        return redirect(f"/batches/{batch.id}")

    @expose("/file/<key>/remove", methods=["POST"])
    @login_required
    def remove(self, key: str) -> Any:
        viewer = current_viewer()
        file = queries.own_file(current_session(), viewer, key, now=utc_now())
        table, name = file.table_name, file.file_name
        with transaction(by=viewer) as session:
            services.remove(session, file)
        flash(_("“%(name)s” is removed; nothing was imported from it.", name=name), "success")
        return redirect(f"/imports/{table}/")

    def _crumbs(self, look: Look, file: ImportFile, last: Link) -> None:
        screen = look.screen
        crumbs(
            Link(_(screen.many), address.list_href(screen.table)), Link(_("Import"), f"/imports/{screen.table}/"), last
        )


def _checked(key: str) -> tuple[Look, ImportFile, Chosen | None, dict[str, Target]]:
    look, file = file_at(key)
    targets = targets_of(look)
    return look, file, examining.kept_choice(look, file, targets), targets


def _one_of(name: str, known: Any) -> str:
    given = request.form.get(name, "")
    return given if given in known else ""


def _sent(file: ImportFile) -> Chosen:
    columns = tuple(request.form.get(f"column-{place}", "") for place in range(len(file.headings)))
    known = Known(request.form["known"]) if request.form.get("known") in set(Known) else Known.create
    key = request.form.get("key", "") if known is not Known.create else ""
    return Chosen(columns, known, key, filled=request.form.get("filled") == "1")


def _problem(look: Look, chosen: Chosen, targets: dict[str, Target]) -> str:
    """Why this choice cannot be taken; "" when it can. Raises Forbidden for fields that were never offered."""
    used = [name for name in chosen.columns if name]
    if any(name not in targets for name in used) or (chosen.updates and not look.may_edit()):
        raise Forbidden
    if not used:
        return _("Choose a field for at least one column.")
    twice = next((name for name in used if used.count(name) > 1), None)
    if twice:
        return _("“%(field)s” was chosen for two columns. Choose it once.", field=targets[twice].label)
    fields = [targets[name] for name in used]
    for target in fields:
        if target.part and any(not other.part and other.field is target.field for other in fields):
            return _("“%(field)s” was chosen as a whole and in parts. Choose one of them.", field=_(target.field.label))
    if chosen.known is not Known.create and (chosen.key not in used or chosen.key not in keys_of(look, targets)):
        return _("Choose a key that one of the columns is mapped to.")
    if "id" in used and chosen.key != "id":
        return _("An ID only finds records to update: choose it as the key, or ignore its column.")
    if not chosen.creates:
        return ""
    mapped = {target.field.name for target in fields}
    missing = [f for f in look.screen.editable() if f.required and f.name not in mapped]
    if missing and chosen.known is not Known.both and not _given_by_country(look, missing):
        return _("New records need these fields, too: %(fields)s.", fields=", ".join(_(f.label) for f in missing))
    return ""


def _given_by_country(look: Look, missing: Any) -> bool:
    """Whether what is missing is the country, of which the viewer has only one."""
    given = write.only_country(look.screen, look.viewer)
    return all(f.attribute in given for f in missing)


def _error_file(file: ImportFile, wrong: Iterable[tuple[int, list[Cell], str]]) -> Iterator[str]:
    rows = ((*_texts(cells, len(file.headings)), number, " ".join(note.split("\n"))) for number, cells, note in wrong)
    pieces = in_pieces((*file.headings, _("Row"), _("Error")), rows, delimiter=file.delimiter or ";")
    return (piece for piece, _count in pieces)


def _texts(cells: list[Cell], width: int) -> list[str]:
    return ([text_of(cell) for cell in cells] + [""] * width)[:width]
