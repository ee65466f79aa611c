"""Doors of a table to single fields: checked while a form is filled, changed in place in a list.

They have the rights of the form they belong to, and its rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from flask import Response, jsonify, render_template, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.db import transaction
from app.core.errors import Conflict, Forbidden, NotFound, Unprocessable
from app.core.scope import ForeignCountry, may_change
from app.screens import formcheck, formpage, merge, query, quickedit, trail, write
from app.screens.cells import cell_of
from app.screens.fields import Field
from app.screens.forms import ScreenForm
from app.screens.look import Look
from app.screens.page import Cell
from app.screens.resolve import Resolved


class FieldDoors:
    """Part of the view of a table (`build.ScreenView`)."""

    screen: ClassVar[Resolved]

    if TYPE_CHECKING:

        def look(self) -> Look: ...  # the view has it

    @expose("/add/check", methods=["POST"])
    @has_access
    @permission_name("add")
    def check_new(self) -> Response:
        """What is wrong or odd with a form that is being filled."""
        look = self.look()
        write.demand_changeable(self.screen)
        form = formpage.form_of(look)
        form.fill(formpage.prefilled(look, form, request.args), request.form)
        return jsonify(formcheck.answer(look, form, None, request.form.getlist("checked")))

    @expose("/edit/<pk>/check", methods=["POST"])
    @has_access
    @permission_name("edit")
    def check(self, pk: str) -> Response:
        """The same for a record that may be changed."""
        look = self.look()
        row = self._changeable(look, pk)
        form = formpage.form_of(look)
        form.fill(formpage.stored_values(row, form), request.form)
        return jsonify(formcheck.answer(look, form, row, request.form.getlist("checked")))

    @expose("/field/<pk>/<name>", methods=["GET"])
    @has_access
    @permission_name("edit")
    def field(self, pk: str, name: str) -> str:
        """The control of one field, to be changed where it is read."""
        look = self.look()
        row = self._changeable(look, pk)
        form = self._one_field(look, name)
        form.fill(formpage.stored_values(row, form))
        formpage.name_pickers(look, form, row)
        formcheck.mark(look, form, row)
        base = merge.base_text(form, row)
        return render_template(
            "screens/_quick.html", field=form._fields[name], version=row.row_version, base=base, action=request.path
        )

    @expose("/field/<pk>/<name>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def change_field(self, pk: str, name: str) -> Any:
        """One field is saved; the answer holds the cell as it is drawn now, and what undoing it would send."""
        look = self.look()
        row = self._changeable(look, pk)
        trail.note_forged(look, row.id, {name: ""})
        form = self._one_field(look, name)
        if token := request.form.get(quickedit.UNDO):
            return self._taken_back(look, row, self.screen.fields[name], token)
        bound = form._fields[name]
        form.fill(formpage.stored_values(row, form), quickedit.only(request.form, name))
        version, base = request.form.get("version", ""), merge.read_base(request.form.get(merge.FIELD, ""))
        if version != row.row_version:
            merged = merge.three_way(self.screen, form, row, base) if base is not None else None
            if merged is None or merged.asked:
                return self._conflict(look, row, name)
            version = row.row_version
        if not bound.validate(form):
            raise Unprocessable({name: [str(error) for error in bound.errors]})
        before = {attribute: getattr(row, attribute) for attribute in bound.spec.attributes}
        odd = formcheck.new_doubts(look, form, row)
        try:
            with transaction(by=look.viewer) as session:
                write.change(session, look.screens, self.screen, look.viewer, row, form.values(), version)
        except Conflict:
            look.session.rollback()
            return self._conflict(look, self._changeable(look, pk), name)
        row = self._reread(look, pk)
        return jsonify(
            message=_("%(field)s is saved.", field=_(bound.spec.label)),
            warning=" ".join(odd.get(name, ())),
            cell=self._drawn(look, row.id, name),
            version=row.row_version,
            undo={quickedit.UNDO: quickedit.taken_along(look, row, bound.spec, before)},
        )

    def _taken_back(self, look: Look, row: Any, f: Field, token: str) -> Any:
        """The value that stood there before, whatever its rule says of it now; not over what came after.

        Raises TooLate, Forbidden.
        """
        before = quickedit.read(look, row, f, token)
        if quickedit.state(look, row, f) != before.after:
            return self._changed_again(look, row, f.name)
        pk, version = str(row.id), row.row_version
        try:
            with transaction(by=look.viewer) as session:
                write.put(session, look.screens, self.screen, look.viewer, row, before.values, version, as_it_was=True)
                write.flush(session, look.screens, self.screen)
        except Conflict:
            look.session.rollback()
            return self._changed_again(look, self._changeable(look, pk), f.name)
        row = self._reread(look, pk)
        return jsonify(message=_("Undone."), cell=self._drawn(look, row.id, f.name), version=row.row_version)

    def _reread(self, look: Look, pk: str) -> Any:
        row = query.fetch(look.session, self.screen, look.viewer, pk)
        look.session.refresh(row)
        return row

    def _changeable(self, look: Look, pk: str) -> Any:
        """The record, when this viewer may change it at all. Raises AppendOnly, NotFound, ForeignCountry."""
        write.demand_changeable(self.screen)
        row = query.fetch(look.session, self.screen, look.viewer, pk)
        if not may_change(look.session, look.viewer, self.screen.model, row.id):
            raise ForeignCountry
        return row

    def _one_field(self, look: Look, name: str) -> ScreenForm:
        """The form, when this field of it may be changed in place. Raises NotFound, Forbidden."""
        f = self.screen.fields.get(name)
        if f is None or not look.reads(name):
            raise NotFound
        if f not in quickedit.fields(look):
            raise Forbidden(_("This field cannot be changed here."))
        return formpage.form_of(look)

    def _conflict(self, look: Look, row: Any, name: str) -> Any:
        """Somebody was faster: what stands there now, so that one can choose."""
        theirs = self._read(look, row, name)
        return self._refused(
            look, row, name, _("Somebody else has changed this record: it now says “%(value)s”.", value=theirs), theirs
        )

    def _changed_again(self, look: Look, row: Any, name: str) -> Any:
        """What was to be taken back is not what stands there any more; nothing is chosen over it."""
        now = self._read(look, row, name)
        said = _("This was changed again since: it now says “%(value)s” and stays so.", value=now)
        return self._refused(look, row, name, said, now)

    def _refused(self, look: Look, row: Any, name: str, said: str, theirs: str) -> Any:
        answer = jsonify(message=said, theirs=theirs, cell=self._drawn(look, row.id, name), version=row.row_version)
        answer.status_code = Conflict.status
        return answer

    def _read(self, look: Look, row: Any, name: str) -> str:
        cell = self._cell(look, row.id, name)
        return (", ".join(part[0] for part in cell.parts) if cell.parts else cell.text) or _("Empty")

    def _cell(self, look: Look, key: Any, name: str) -> Cell:
        f = self.screen.fields[name]
        values = query.record_of(look.session, look.screens, self.screen, look.viewer, str(key), [f])
        return cell_of(values, f, short=True, links=look.links)

    def _drawn(self, look: Look, key: Any, name: str) -> str:
        return render_template("screens/_cell.html", c=self._cell(look, key, name))
