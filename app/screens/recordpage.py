"""Filling the page of one record, with its related records as tabs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from flask_babel import gettext as _

from app.core.paths import path_of
from app.core.viewer import AUDIT, EXPORT
from app.screens import address, inline, ownforms, query, quickedit, timeline, trail
from app.screens.cells import cell_of
from app.screens.listpage import columns_of, list_fields, rows_of
from app.screens.locale import helped, said, within
from app.screens.look import Look
from app.screens.page import Aside, Cell, Column, Extra, Link, RecordPage, Row, ShownField, ShownSection, Tab
from app.screens.resolve import Child, Resolved

_FACTS = 5
_BADGES = 3
_TAB_ROWS = 10
_TAB_COLUMNS = 6
MOST_TABS = 16  # with more, only tables that have rows here

Beside = Callable[[Look, Any], tuple[tuple[Link, ...], tuple[Aside, ...]]]
_beside: list[Beside] = []


def show_beside(part: Beside) -> None:
    """On every record's page `part` adds acts and sections of another domain; said once, when the house is built."""
    if part not in _beside:
        _beside.append(part)


_extras: dict[str, Callable[[Look, Any], Extra]] = {}


def show_on(table: str, extra: Callable[[Look, Any], Extra]) -> None:
    """On the pages of the records of one table stands `extra` as well; said once, when the house is built."""
    _extras[table] = extra


def record_page(look: Look, key: str, *, tabs: bool = True) -> RecordPage:
    """`/<table>/show/<id>`; without `tabs` nothing but the record itself. Raises NotFound."""
    screen = look.screen
    fields = address.visible_fields(screen, look.viewer, secrets=True)
    row = query.record_of(look.session, look.screens, screen, look.viewer, key, fields)
    links = look.links
    shown = {
        f.name: ShownField(f.name, said(f.label), cell_of(row, f, short=False, links=links), helped(f.help), f.wide)
        for f in fields
    }
    inactive = look.tells_active and not row["is_active"]
    may_edit = look.may_edit() and query.may_be_changed(row)
    parts = [part(look, row["id"]) for part in _beside] if tabs else []
    own = _extras.get(screen.table) if tabs else None
    extra = own(look, row["id"]) if own is not None else Extra()
    return RecordPage(
        table=screen.table,
        id=str(row["id"]),
        title=row[query.OWN_NAME] or "",
        one=_(screen.one),
        many=_(screen.many),
        list_href=address.list_href(screen.table),
        badges=_badges(screen, shown),
        facts=_facts(screen, shown),
        sections=_shown_sections(screen, shown),
        tabs=tabs_of(look, row["id"], closed=not query.may_be_changed(row)) if tabs else (),
        edit_href=ownforms.edit_href(screen.table, row["id"]) if may_edit else "",
        delete_href=address.page_href(screen.table, "delete", row["id"]) if may_edit else "",
        delete_verb=_("Deactivate") if screen.active and not inactive else _("Delete"),
        delete_question=_question(screen, inactive=inactive),
        version=row["row_version"],
        links=trail.link_of(look, row)
        + tuple(
            Link(_(link.text), link.href.format(id=quote(str(row["id"]), safe="")), link.icon)
            for link in screen.links
            if look.may_follow(link, row["id"])
        ),
        inactive=inactive,
        pdf_href=f"{address.show_href(screen.table, row['id'])}/print.pdf" if look.viewer.sees(EXPORT) else "",
        acts=tuple(act for acts, _asides in parts for act in acts),
        asides=(*extra.asides, *(aside for _acts, asides in parts for aside in asides)),
        above=extra.above,
        styles=extra.styles,
        scripts=extra.scripts,
        quick=frozenset(f.name for f in quickedit.fields(look)) if tabs and may_edit else frozenset(),
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


def child_tabs(look: Look, key: Any) -> list[tuple[Child, int]]:
    """The related records that this viewer may know of, with how many there are; in one statement."""
    screen, viewer = look.screen, look.viewer
    children = [c for c in screen.children if viewer.sees(look.screens[c.table].module)]
    children = [c for c in children if look.at(c.table).reads(c.column)]
    counts = query.child_counts(look.session, look.screens, viewer, children, key)
    return [
        (c, n)
        for c, n in zip(children, counts, strict=True)
        if n or len(children) <= MOST_TABS or look.screens[c.table].inside == screen.table
    ]


def tabs_of(look: Look, key: Any, *, closed: bool) -> tuple[Tab, ...]:
    """Related records: counts in one statement, the rows of the first tab at once, the others on demand.

    `closed`: the viewer's countries do not let him change the record itself.
    """
    told = timeline.tells(look)
    tabs = [
        tab_of(look, child, key, count, rows=position == 0, closed=closed)
        for position, (child, count) in enumerate(child_tabs(look, key))
    ]
    if told:
        href = f"{address.show_href(look.screen.table, key)}/timeline"
        tabs.insert(0, Tab(key="timeline", title=_("Timeline"), count="", load_href=href, icon="timeline"))
    if look.viewer.sees(AUDIT) and look.screen.module != AUDIT:
        href = f"{address.show_href(look.screen.table, key)}/history"
        tabs.append(Tab(key="history", title=_("History"), count="", load_href=href, icon="history"))
    return tuple(tabs)


def tab_of(
    look: Look, child: Child, key: Any, count: int | None, *, rows: bool, closed: bool, most: int = _TAB_ROWS
) -> Tab:
    """One tab; what a `closed` record decides over is not added beneath it, for the wall would refuse it."""
    there = look.at(child.table)
    adds = not (closed and path_of(there.screen.model.__table__).leans() == child.column)
    other = there.screen
    title = f"{_(other.many)} ({within(_(child.label))})" if child.label else _(other.many)
    columns: tuple[Column, ...] = ()
    lines: tuple[Row, ...] = ()
    if rows:
        fields = [f for f in list_fields(there) if f.name != child.column][:_TAB_COLUMNS]
        found = query.children_of(look.session, look.screens, child, look.viewer, key, most, fields)
        columns = columns_of(other, fields, None, None)
        lines = rows_of(there, found[:most], fields)
    return Tab(
        key=child.key,
        title=title,
        count="" if count is None else f"{query.FIND_CAP}+" if count > query.FIND_CAP else str(count),
        columns=columns,
        rows=lines,
        all_href=address.filtered_href(other.table, [("eq", child.column, str(key))])
        + ("&all=1" if other.active else ""),
        add_href=f"{ownforms.add_href(other.table)}?{child.column}={key}" if adds and there.may_add() else "",
        load_href=f"{address.show_href(look.screen.table, key)}/tab/{child.key}",
        icon=other.icon,
        short_href=f"{address.page_href(other.table, 'add')}?{inline.FIELD}={child.column}&{child.column}={key}"
        if adds and inline.offered(look, child)
        else "",
        delete_verb=_("Deactivate") if other.active else _("Delete"),
        delete_question=_question(other, inactive=False),
        back=f"{address.show_href(look.screen.table, key)}#tab-{child.key}",
    )
