"""Filling the forms of any table: what may be typed, what was typed, what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core.paths import Own, Owns, path_of
from app.core.types import Country
from app.core.viewer import Right
from app.screens import address, merge, ownforms, query, switch
from app.screens.cells import cell_of
from app.screens.fields import Field
from app.screens.forms import KindField, ScreenForm, stored_value
from app.screens.judge import differs
from app.screens.look import Look
from app.screens.page import Change, FormPage, FormSection
from app.screens.readers import Invalid
from app.screens.write import only_country, writable

_LONGEST = 2_000  # characters of a text that is chosen


def form_of(look: Look) -> ScreenForm:
    """The form of this screen for this viewer; hidden fields are not on it, read-only ones cannot be changed."""
    screen, viewer = look.screen, look.viewer
    fields = [f for f in screen.editable() if screen.reads(viewer, f.name)]
    may = {f.name for f in writable(screen, viewer)}
    options = {f.name: address.page_href(screen.table, "pick", f.name) for f in fields if f.targets}
    form = ScreenForm(fields, frozenset(f.name for f in fields if f.name not in may), options)
    for name, (other, values) in screen.when.items():
        controller = form._fields.get(other)
        # A choice that may only be read is drawn as text; nobody can fold by it.
        if (
            name in form._fields
            and controller is not None
            and (not controller.readonly or controller.kind == "boolean")
        ):
            form._fields[name].when = (other, values)
    for f in fields:
        _offer_missing(look, form._fields[f.name])
    path = path_of(screen.model.__table__)
    if isinstance(path, Own | Owns) and path.column in form._fields and not viewer.everywhere:
        form._fields[path.column].only = viewer.countries  # others could be chosen, but not saved
    return form


def _offer_missing(look: Look, bound: KindField) -> None:
    """A picker leads to the form of the other table, for who may add there; what was typed becomes its name."""
    if bound.readonly or len(bound.spec.targets) != 1:
        return
    there = look.at(bound.spec.targets[0])
    if not there.may_add() or ownforms.has(there.screen.table):
        return
    texts = [n for n in there.screen.name if there.screen.fields[n].kind.name in ("string", "email")]
    may = [n for n in texts if there.screen.right(look.viewer, n) is Right.editable]
    bound.add_href = address.page_href(there.screen.table, "add")
    # Of people the words are given name and family name; of a hospital with its town they are all the name.
    bound.add_name = " ".join(may if set(may) >= {"first_name", "last_name"} else may[:1])
    bound.add_country = there.screen.country


def form_page(
    look: Look, form: ScreenForm, *, row: Any = None, version: str = "", general: Sequence[str] = (),
    changes: Sequence[Change] = (), back: str = "", form_key: str = "", base: str = "", faster: str = "",
) -> FormPage:  # fmt: skip
    screen = look.screen
    name_pickers(look, form, row)
    new = row is None
    sections = tuple(
        FormSection(_(title) if title else "", tuple(form._fields[n] for n in names if n in form._fields))
        for title, names in screen.sections
    )
    hidden = [f for f in screen.editable() if f.required and f.name not in form._fields]
    home = address.list_href(screen.table) if new else address.show_href(screen.table, row.id)
    action = address.page_href(screen.table, "add") if new else address.page_href(screen.table, "edit", row.id)
    return FormPage(
        table=screen.table,
        title=_("New: %(what)s", what=_(screen.one)) if new else form.row_name,
        one=_(screen.one),
        many=_(screen.many),
        action=action,
        check_href=f"{action}/check",
        back_href=back or home,
        list_href=address.list_href(screen.table),
        sections=tuple(s for s in sections if s.fields),
        verb=_("Create") if new else _("Save"),
        version=version,
        form_key=form_key,
        errors=form.problems(),
        general=tuple(general),
        changes=tuple(changes),
        base=base,
        faster=faster,
        is_new=new,
        missing=tuple(_(f.label) for f in hidden) if new else (),
    )


def name_pickers(look: Look, form: ScreenForm, row: Any) -> None:
    """Give every picker the name of its current record, the form that of the row; every amount its currency.

    One statement.
    """
    pickers: list[KindField] = [b for b in form._fields.values() if b.spec.targets and b.data not in (None, "")]
    wanted = [(b.spec.targets, b.data) for b in pickers]
    own = [] if row is None else [((look.screen.table,), row.id)]
    names = query.names_in(look.session, look.screens, look.viewer, [*wanted, *own])
    for bound, name in zip(pickers, names, strict=False):
        bound.current = (str(bound.data), name or (str(bound.data) if bound.given else _("(no access)")))
    for bound in form._fields.values():
        if bound.spec.targets and bound.process_errors:
            bound.current = (bound.text, bound.text)  # what was typed cannot be a key
    for bound in form._fields.values():
        if bound.spec.currency and row is not None:
            bound.currency = str(getattr(row, bound.spec.currency) or "")
    form.row_name = names[-1] if own else ""


def changes_of(
    look: Look, form: ScreenForm, row: Any, base: merge.Base | None = None, merged: merge.Merged | None = None
) -> tuple[Change, ...]:
    """What differs between what was typed and what somebody else has saved meanwhile.

    Without `merged` (the form does not say what it was opened with) each difference is to be chosen.
    """
    links: dict[str, str] = {}
    changes = []
    for name, bound in form._fields.items():
        theirs = stored_value(row, bound.spec)
        if (
            bound.readonly
            or bound.spec.secret
            or (merged is None and (not bound.given or not differs(theirs, bound.data)))
        ):
            continue
        taken = merged is not None and name in merged.taken
        if merged is not None and name not in merged.asked and not taken:
            continue
        mine = bound.text if bound.process_errors else _as_text(look, bound.spec, bound.data, links, row)
        changes.append(
            Change(
                name=name,
                label=str(bound.label.text),
                before=_before(look, bound, base, links, row),
                mine=mine,
                theirs=_as_text(look, bound.spec, theirs, links, row),
                take="mine" if merged is None or name in merged.mine else merge.THEIRS,
                merged=taken,
            )
        )
    return tuple(changes)


def _before(look: Look, bound: KindField, base: merge.Base | None, links: Mapping[str, str], row: Any) -> str | None:
    """What a form was opened with, as people read it; None where it does not tell."""
    spec, kept = bound.spec, (base or {}).get(bound.name)
    try:
        if isinstance(kept, list) and spec.kind.name == "partial_date":
            value = spec.kind.assemble([str(part) for part in kept])  # type: ignore[attr-defined]  # PartialDate has it
            value = value if any(part is not None for part in value) else None
        elif isinstance(kept, list):
            value = spec.kind.parse([str(item) for item in kept], spec)
        elif isinstance(kept, str) and not kept.startswith(merge.DIGEST):
            value = spec.kind.parse([kept], spec)
        else:
            return None
    except Invalid:
        return None  # no form of ours has carried this
    return _as_text(look, spec, value, links, row)


def _as_text(look: Look, f: Field, value: Any, links: Mapping[str, str], row: Any) -> str:
    columns = dict(zip((c.name for c in f.columns), value if isinstance(value, tuple) else (value,), strict=False))
    if f.kind.name == "partial_date" and value is None:
        return ""
    if f.targets:
        name = query.names_of(look.session, look.screens, look.viewer, [(f, value)])[0] if value else ""
        columns[f"{f.name}__name"] = name
    if f.currency:
        columns[f.currency] = getattr(row, f.currency)
    text = cell_of(columns, f, short=False, links=links).text  # who chooses between two texts must see how they differ
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def stored_values(row: Any, form: ScreenForm) -> dict[str, Any]:
    return {spec.name: stored_value(row, spec) for spec in form.specs}


def prefilled(look: Look, form: ScreenForm, arguments: MultiDict[str, str]) -> dict[str, Any]:
    """What a new record starts with: defaults, then what the address asks for; what does not fit is left out."""
    start: dict[str, Any] = {}
    given = only_country(look.screen, look.viewer) or _chosen_country(look, form, arguments)
    for spec in form.specs:
        start[spec.name] = given.get(spec.name, spec.default)
        if spec.name in arguments:
            try:
                start[spec.name] = spec.kind.read(arguments[spec.name], spec)
            except Invalid:
                continue
    return start


def _chosen_country(look: Look, form: ScreenForm, arguments: MultiDict[str, str]) -> dict[str, Any]:
    """The country of a new record as it is chosen for all pages; one that belongs to another record goes by that."""
    name, code = look.screen.country, switch.chosen(look.viewer)
    if not code or name not in form._fields or form._fields[name].readonly:
        return {}
    return {} if any(spec.targets and spec.name in arguments for spec in form.specs) else {name: Country(code)}
