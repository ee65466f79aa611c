"""Filling pages: list, record and form of any table, as this viewer may see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.core.viewer import Right, Viewer
from app.screens import address, query
from app.screens.cells import cell_of, choices_of
from app.screens.fields import Field
from app.screens.filters import Active, operators_of
from app.screens.forms import KindField, ScreenForm, stored_value
from app.screens.kinds import Invalid
from app.screens.page import (
    Cell,
    Change,
    Chip,
    Column,
    Filterable,
    FormPage,
    FormSection,
    Link,
    ListPage,
    Paging,
    RecordPage,
    Row,
    ShownField,
    ShownSection,
    Tab,
)  # fmt: skip
from app.screens.query import COUNT_CAP, Listing, Screens
from app.screens.resolve import Child, Resolved
from app.screens.write import writable

_FACTS = 5
_BADGES = 3
_TAB_ROWS = 10
_TAB_COLUMNS = 6


@dataclass(frozen=True)
class Look:
    """One look at one table: who looks, through which session, at which screen."""

    screens: Screens
    session: Session
    viewer: Viewer
    screen: Resolved

    def at(self, table: str) -> Look:
        return Look(self.screens, self.session, self.viewer, self.screens[table])

    def links(self) -> dict[str, str]:
        """Addresses of records this viewer may open, by table."""
        return {t: f"/{t}/show/" for t, s in self.screens.items() if self.viewer.sees(s.module)}

    def may_edit(self) -> bool:
        return self.viewer.may_edit(self.screen.module)


def list_page(look: Look, arguments: MultiDict[str, str]) -> ListPage:
    """`/<table>/list/`. Raises BadQuery."""
    screen = look.screen
    # Without a wish, inactive records stay out of sight; the wish is part of the address.
    hiding = screen.active and "all" not in arguments and not any(k.endswith("_is_active") for k in arguments)
    listing = address.listing_of(screen, look.viewer, arguments)
    shown = with_active_only(screen, listing) if hiding else listing
    fields = list_fields(look)
    found = query.page_of(look.session, look.screens, screen, look.viewer, shown, fields)
    total = _total(look, shown, found)
    base = address.list_href(screen.table)
    return ListPage(
        table=screen.table,
        title=_(screen.many),
        one=_(screen.one),
        columns=_columns(screen, fields, arguments, listing),
        rows=tuple(_row(look, row, fields) for row in found[: listing.size]),
        paging=_paging(arguments, listing, total, len(found), base),
        query=listing.search,
        query_hint=_hint(screen),
        chips=chips_of(look, listing.filters, arguments, base),
        filterables=_filterables(look),
        keep=address.kept_pairs(arguments),
        clear_href=base,
        add_href=address.page_href(screen.table, "add") if look.viewer.may_add(screen.module) else "",
        export_href=address.page_href(screen.table, "export.csv") + address.keeping(arguments),
        chart_href=address.page_href(screen.table, "chart/") + address.keeping(arguments, q=None, order=None),
        toggle=_toggle(screen, arguments, base, hiding=hiding),
        can_delete=look.may_edit(),
        delete_verb=_("Deactivate") if screen.active else _("Delete"),
    )


def with_active_only(screen: Resolved, listing: Listing) -> Listing:
    only = Active(screen.fields["is_active"], "eq", ("1",))
    return Listing((*listing.filters, only), listing.search, listing.order, listing.page, listing.size)


def list_fields(look: Look) -> list[Field]:
    """The columns of a list this viewer may read."""
    screen = look.screen
    return [screen.fields[n] for n in screen.columns if look.viewer.field(screen.module, n) is not Right.hidden]


def short_list(
    look: Look, listing: Listing, columns: Sequence[str], rows: int
) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    """The first rows of a list with chosen columns, for other pages."""
    screen = look.screen
    fields = [screen.fields[n] for n in columns if look.viewer.field(screen.module, n) is not Right.hidden]
    cut = Listing(listing.filters, listing.search, listing.order, 1, rows)
    found = query.page_of(look.session, look.screens, screen, look.viewer, cut, fields)
    return _columns(screen, fields, None, None), tuple(_row(look, row, fields) for row in found[:rows])


def _total(look: Look, listing: Listing, found: Sequence[object]) -> int:
    """How many rows there are; counted only when the page itself does not tell."""
    before = (listing.page - 1) * listing.size
    if found and len(found) <= listing.size:
        return before + len(found)
    if not found and listing.page == 1:
        return 0
    return query.count_of(look.session, look.screen, look.viewer, listing)


def count_text(total: int) -> str:
    return f"{format_decimal(COUNT_CAP)}+" if total > COUNT_CAP else str(format_decimal(total))


def _columns(
    screen: Resolved, fields: Iterable[Field], arguments: MultiDict[str, str] | None, listing: Listing | None
) -> tuple[Column, ...]:
    columns = []
    for f in fields:
        sort, way = "", ""
        if arguments is not None and listing is not None and f.kind.sortable:
            current = (listing.order.name, listing.order.descending) if listing.order else screen.order
            way = ("desc" if current[1] else "asc") if current[0] == f.name else ""
            sort = address.list_href(screen.table) + address.keeping(
                arguments, order=f.name if way != "asc" else f"-{f.name}"
            )
        columns.append(Column(f.name, _(f.label), f.kind.name, _(f.help) if f.help else "", sort, way))
    return tuple(columns)


def _row(look: Look, row: Mapping[str, Any], fields: Sequence[Field]) -> Row:
    table, key = look.screen.table, row["id"]
    links = look.links()
    cells = tuple(cell_of(row, f, short=True, links=links) for f in fields)
    edit = look.may_edit()
    return Row(
        id=str(key),
        name=" ".join(cell.text for cell, f in zip(cells, fields, strict=True) if f.name in look.screen.name)
        or str(key),
        href=address.show_href(table, key),
        cells=cells,
        edit_href=address.page_href(table, "edit", key) if edit else "",
        delete_href=address.page_href(table, "delete", key) if edit else "",
        inactive=look.screen.active and not row["is_active"],
        version=row["row_version"],
    )


def _paging(arguments: MultiDict[str, str], listing: Listing, total: int, found: int, base: str) -> Paging:
    page, size = listing.page, listing.size
    last = max(1, -(-min(total, COUNT_CAP) // size))
    more = found > size

    def to(number: int) -> str:
        return base + address.keeping(arguments, page=number)

    first_row = (page - 1) * size + 1 if found else 0
    return Paging(
        page=page,
        first_row=first_row,
        last_row=first_row + min(found, size) - 1 if found else 0,
        total=count_text(total),
        page_size=size,
        first_href=to(1) if page > 1 else "",
        previous_href=to(min(page - 1, last if not found else page - 1)) if page > 1 else "",
        next_href=to(page + 1) if more else "",
        last_href=to(last) if more and total <= COUNT_CAP and page < last else "",
        sizes=tuple((n, base + address.keeping(arguments, page_size=n)) for n in address.SIZES),
    )


def _hint(screen: Resolved) -> str:
    names = [n for group in screen.find for n in group] if screen.find else list(screen.search)
    labels = [_(screen.fields[n].label).lower() for n in dict.fromkeys(names)][:4]
    return _("Search by %(fields)s", fields=", ".join(labels)) if labels else _("Search")


def _toggle(screen: Resolved, arguments: MultiDict[str, str], base: str, *, hiding: bool) -> Link | None:
    if not screen.active:
        return None
    if hiding:
        return Link(_("Show inactive"), base + address.keeping(arguments, all="1"), "eye")
    if "all" in arguments:
        return Link(_("Hide inactive"), base + address.keeping(arguments, all=None), "eye-off")
    return None


def chips_of(look: Look, filters: Sequence[Active], arguments: MultiDict[str, str], base: str) -> tuple[Chip, ...]:
    """Each filter in force as a sentence, with the address without it. One statement for all names."""
    wanted = [(f.field, v) for f in filters if f.field.targets and f.operator not in ("none", "some")
              for raw in f.values for v in raw.split(",") if v]  # fmt: skip
    known = dict(
        zip(
            ((f.name, k) for f, k in wanted),
            query.names_of(look.session, look.screens, look.viewer, _typed(wanted)),
            strict=True,
        )
    )
    chips = []
    for active in filters:
        f = active.field
        labels = {choice.value: choice.label for choice in choices_of(f)}
        operator = next((o.label for o in operators_of(f) if o.name == active.operator), active.operator)
        values = [v.strip() for raw in active.values for v in (raw.split(",") if f.targets or labels else [raw])]
        texts = [known.get((f.name, v)) or labels.get(v, v) for v in values]
        sentence = f"{_(f.label)} {operator}"
        if active.operator not in ("none", "some"):
            sentence += " " + ", ".join(texts)
        parameters = [k for k in arguments if k.startswith("_flt_") and k.endswith(f"_{f.name}")]
        parameter = next((k for k in parameters if arguments.getlist(k) == list(active.values)), parameters[0])
        chips.append(Chip(sentence, base + address.without(arguments, parameter)))
    return tuple(chips)


def _typed(wanted: Sequence[tuple[Field, str]]) -> list[tuple[Field, Any]]:
    typed = []
    for f, key in wanted:
        try:
            typed.append((f, f.kind.read(key, f)))
        except Invalid:
            typed.append((f, None))
    return typed


def _filterables(look: Look) -> tuple[Filterable, ...]:
    return tuple(
        Filterable(
            f.name, _(f.label), f.kind.name, operators_of(f), choices_of(f),
            address.page_href(look.screen.table, "pick", f.name) if f.targets else "",
        )
        for f in address.visible_fields(look.screen, look.viewer) if f.kind.operators
    )  # fmt: skip


def record_page(look: Look, key: str) -> RecordPage:
    """`/<table>/show/<id>`. Raises NotFound."""
    screen = look.screen
    fields = address.visible_fields(screen, look.viewer, secrets=True)
    row = query.record_of(look.session, look.screens, screen, look.viewer, key, fields)
    links = look.links()
    shown = {
        f.name: ShownField(
            f.name, _(f.label), cell_of(row, f, short=False, links=links), _(f.help) if f.help else "", f.wide
        )
        for f in fields
    }
    inactive = screen.active and not row["is_active"]
    return RecordPage(
        table=screen.table,
        id=str(row["id"]),
        title=query.own_name(look.session, look.screens, screen, look.viewer, row["id"]),
        one=_(screen.one),
        many=_(screen.many),
        list_href=address.list_href(screen.table),
        badges=_badges(screen, shown),
        facts=_facts(screen, shown),
        sections=_shown_sections(screen, shown),
        tabs=tabs_of(look, row["id"]),
        edit_href=address.page_href(screen.table, "edit", row["id"]) if look.may_edit() else "",
        delete_href=address.page_href(screen.table, "delete", row["id"]) if look.may_edit() else "",
        delete_verb=_("Deactivate") if screen.active and not inactive else _("Delete"),
        delete_question=_question(screen, inactive=inactive),
        version=row["row_version"],
        inactive=inactive,
    )


def _question(screen: Resolved, *, inactive: bool) -> str:
    if screen.active and not inactive:
        return _("It stays in the system and in history, but can no longer be chosen.")
    return _("This cannot be undone.")


def _badges(screen: Resolved, shown: Mapping[str, ShownField]) -> tuple[Cell, ...]:
    kinds = [n for n in shown if screen.fields[n].kind.name == "choice" and not shown[n].empty]
    kinds.sort(key=lambda n: "status" not in n)
    return tuple(shown[n].cell for n in kinds[:_BADGES])


def _facts(screen: Resolved, shown: Mapping[str, ShownField]) -> tuple[ShownField, ...]:
    """What the list shows first, except the name and what the badges already say."""
    quiet = ("choice", "text", "html", "json", "boolean", "secret")
    names = [
        n for n in screen.columns if n in shown and n not in screen.name and screen.fields[n].kind.name not in quiet
    ]
    return tuple(shown[n] for n in names if not shown[n].empty)[:_FACTS]


def _shown_sections(screen: Resolved, shown: Mapping[str, ShownField]) -> tuple[ShownSection, ...]:
    sections = [
        ShownSection(_(title) if title else "", tuple(shown[n] for n in names if n in shown))
        for title, names in screen.sections
    ]
    system = tuple(shown[n] for n in ("created_at", "updated_at") if n in shown)
    return tuple(s for s in (*sections, ShownSection(_("System"), system)) if s.fields)


def tabs_of(look: Look, key: Any) -> tuple[Tab, ...]:
    """Related records: counts in one statement, the rows of the first tab at once, the others on demand."""
    screen, viewer = look.screen, look.viewer
    children = [c for c in screen.children if viewer.sees(look.screens[c.table].module)]
    children = [c for c in children if viewer.field(look.screens[c.table].module, c.column) is not Right.hidden]
    counts = query.child_counts(look.session, look.screens, viewer, children, key)
    kept = [
        (c, n)
        for c, n in zip(children, counts, strict=True)
        if n or len(children) <= 8 or look.screens[c.table].inside == screen.table
    ]
    tabs = []
    for position, (child, count) in enumerate(kept):
        tabs.append(tab_of(look, child, key, count, rows=position == 0))
    return tuple(tabs)


def tab_of(look: Look, child: Child, key: Any, count: int | None, *, rows: bool) -> Tab:
    there = look.at(child.table)
    other = there.screen
    title = f"{_(other.many)} ({_(child.label).lower()})" if child.label else _(other.many)
    columns: tuple[Column, ...] = ()
    lines: tuple[Row, ...] = ()
    if rows:
        only = Active(other.fields[child.column], "eq", (str(key),))
        fields = [f for f in list_fields(there) if f.name != child.column][:_TAB_COLUMNS]
        found = query.page_of(look.session, look.screens, other, look.viewer, Listing((only,), size=_TAB_ROWS), fields)
        columns = _columns(other, fields, None, None)
        lines = tuple(_row(there, row, fields) for row in found[:_TAB_ROWS])
    return Tab(
        key=child.key,
        title=title,
        count="" if count is None else f"{query.FIND_CAP}+" if count > query.FIND_CAP else str(count),
        columns=columns,
        rows=lines,
        all_href=address.filtered_href(other.table, [("eq", child.column, str(key))])
        + ("&all=1" if other.active else ""),
        add_href=f"{address.page_href(other.table, 'add')}?{child.column}={key}"
        if look.viewer.may_add(other.module)
        else "",
        load_href=f"{address.show_href(look.screen.table, key)}/tab/{child.key}",
        icon=other.icon,
    )


def form_of(look: Look) -> ScreenForm:
    """The form of this screen for this viewer; hidden fields are not on it, read-only ones cannot be changed."""
    screen, viewer = look.screen, look.viewer
    fields = [f for f in screen.editable() if viewer.field(screen.module, f.name) is not Right.hidden]
    may = {f.name for f in writable(screen, viewer)}
    options = {f.name: address.page_href(screen.table, "pick", f.name) for f in fields if f.targets}
    return ScreenForm(fields, frozenset(f.name for f in fields if f.name not in may), options)


def form_page(
    look: Look, form: ScreenForm, *, row: Any = None, version: str = "", general: Sequence[str] = (),
    changes: Sequence[Change] = (), back: str = "",
) -> FormPage:  # fmt: skip
    screen = look.screen
    name_pickers(look, form, row)
    new = row is None
    sections = tuple(
        FormSection(_(title) if title else "", tuple(form._fields[n] for n in names if n in form._fields))
        for title, names in screen.sections
    )
    hidden = [f for f in screen.editable() if f.required and f.name not in form._fields]
    name = "" if new else query.own_name(look.session, look.screens, screen, look.viewer, row.id)
    home = address.list_href(screen.table) if new else address.show_href(screen.table, row.id)
    return FormPage(
        table=screen.table,
        title=_("New: %(what)s", what=_(screen.one)) if new else name,
        one=_(screen.one),
        many=_(screen.many),
        action=address.page_href(screen.table, "add") if new else address.page_href(screen.table, "edit", row.id),
        back_href=back or home,
        list_href=address.list_href(screen.table),
        sections=tuple(s for s in sections if s.fields),
        verb=_("Create") if new else _("Save"),
        version=version,
        errors=form.problems(),
        general=tuple(general),
        changes=tuple(changes),
        is_new=new,
        missing=tuple(_(f.label) for f in hidden) if new else (),
    )


def name_pickers(look: Look, form: ScreenForm, row: Any) -> None:
    """Give every picker the name of its current record (one statement), every amount its currency."""
    pickers: list[KindField] = [b for b in form._fields.values() if b.spec.targets and b.data not in (None, "")]
    names = query.names_of(look.session, look.screens, look.viewer, [(b.spec, b.data) for b in pickers])
    for bound, name in zip(pickers, names, strict=True):
        bound.current = (str(bound.data), name or str(bound.data))
    for bound in form._fields.values():
        if bound.spec.currency and row is not None:
            bound.currency = str(getattr(row, bound.spec.currency) or "")


def changes_of(look: Look, form: ScreenForm, row: Any) -> tuple[Change, ...]:
    """What differs between what was typed and what somebody else has saved meanwhile."""
    links: dict[str, str] = {}
    changes = []
    for bound in form._fields.values():
        theirs = stored_value(row, bound.spec)
        if bound.readonly or not bound.given or theirs == bound.data or bound.spec.secret:
            continue
        texts = []
        for value in (bound.data, theirs):
            texts.append(_as_text(look, bound.spec, value, links, row))
        changes.append(Change(str(bound.label.text), texts[0], texts[1]))
    return tuple(changes)


def _as_text(look: Look, f: Field, value: Any, links: Mapping[str, str], row: Any) -> str:
    columns = dict(zip((c.name for c in f.columns), value if isinstance(value, tuple) else (value,), strict=False))
    if f.kind.name == "partial_date" and value is None:
        return ""
    if f.targets:
        name = query.names_of(look.session, look.screens, look.viewer, [(f, value)])[0] if value else ""
        columns[f"{f.name}__name"] = name
    if f.currency:
        columns[f.currency] = getattr(row, f.currency)
    return cell_of(columns, f, short=True, links=links).text


def stored_values(row: Any, form: ScreenForm) -> dict[str, Any]:
    return {spec.name: stored_value(row, spec) for spec in form.specs}


def prefilled(form: ScreenForm, arguments: MultiDict[str, str]) -> dict[str, Any]:
    """What a new record starts with: defaults, then what the address asks for; what does not fit is left out."""
    start: dict[str, Any] = {}
    for spec in form.specs:
        start[spec.name] = spec.default
        if spec.name in arguments:
            try:
                start[spec.name] = spec.kind.read(arguments[spec.name], spec)
            except Invalid:
                continue
    return start
