"""Filling the list of any table, as this viewer may see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import current_app
from flask_babel import format_decimal
from flask_babel import gettext as _
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.core.viewer import EXPORT
from app.screens import address, ownforms, query, quickedit, switch, wishes
from app.screens.beyond import more_fields
from app.screens.cells import cell_of, choices_of
from app.screens.chips import chips_of
from app.screens.fields import Field
from app.screens.filters import LABELS, Active, operators_of, sets_of
from app.screens.locale import TEXTS, helped, said, within
from app.screens.look import Look
from app.screens.page import Cell, Column, Filterable, Link, ListPage, Many, Operator, Paging, Row
from app.screens.query import COUNT_CAP, Listing
from app.screens.resolve import Resolved

OfMany = Callable[[Look], tuple[Many, ...]]
_of_many: list[OfMany] = []
_MOST_TOLD = 1_000
_told: dict[tuple[str, tuple[str, ...], str], Markup] = {}


def act_on_many(part: OfMany) -> None:
    """On every list `part` says what can be done with many rows; said once, when the house is built."""
    if part not in _of_many:
        _of_many.append(part)


def list_page(look: Look, arguments: MultiDict[str, str]) -> ListPage:
    """`/<table>/list/`. Raises BadQuery."""
    screen, arguments = look.screen, switch.said(look, arguments)
    hiding = hides_inactive(look, arguments)
    wish = wishes.wish_of(look)
    listing = wishes.wished(look, address.listing_of(screen, look.viewer, arguments), arguments, wish)
    shown = with_active_only(screen, listing) if hiding else listing
    chosen = wishes.columns_asked(look, arguments, wish)
    fields = chosen or list_fields(look)
    order = wishes.order_text(listing.order)
    saved = wishes.saved_of(look, arguments, wish)
    found = query.page_of(look.session, look.screens, screen, look.viewer, shown, fields)
    total = _total(look, shown, found)
    base = address.list_href(screen.table)
    keep = address.in_list(arguments, order=order, page_size=str(wish.size or ""))
    return ListPage(
        table=screen.table,
        title=_(screen.many),
        one=_(screen.one),
        columns=columns_of(screen, fields, arguments, listing),
        rows=rows_of(look, found[: listing.size], fields, keep),
        paging=_paging(arguments, listing, total, len(found), base),
        query=listing.search,
        query_hint=hint(screen),
        chips=chips_of(look, listing.filters, arguments, base),
        filterables=filterables(look),
        keep=address.kept_pairs(arguments),
        clear_href=switch.everything(look, saved.all_href or base),
        add_href=ownforms.add_href(screen.table) if look.may_add() else "",
        export_href=address.page_href(screen.table, "export.csv") + _taken_along(arguments, chosen, order)
        if look.viewer.sees(EXPORT)
        else "",
        workbook_href=address.page_href(screen.table, "export.xlsx") + _taken_along(arguments, chosen, order)
        if look.viewer.sees(EXPORT)
        else "",
        import_href=address.import_href(screen.table) if look.may_import() else "",
        chart_href=address.page_href(screen.table, "chart/") + address.keeping(arguments, q=None, order=None),
        toggle=_toggle(screen, arguments, base, hiding=hiding),
        links=tuple(Link(_(link.text), link.href, link.icon) for link in screen.list_links if look.may_follow(link)),
        can_delete=look.may_edit(),
        quick=quickedit.columns(look),
        delete_verb=_("Deactivate") if screen.active else _("Delete"),
        many=tuple(act for part in _of_many for act in part(look)) if found else (),
        many_query=address.keeping(arguments),
        many_total=total,
        message=saved.left_out,
        choices=wishes.chooser(look, fields),
        saved=saved,
        asked=address.keeping(arguments, columns=None).removeprefix("?"),
    )


def _taken_along(arguments: MultiDict[str, str], chosen: Sequence[Field], order: str) -> str:
    """The query of a file that holds what the list shows: chosen columns and kept order are said, not remembered."""
    changed: dict[str, str] = {"columns": ",".join(f.name for f in chosen)} if chosen else {}
    return address.keeping(arguments, **changed, **({"order": order} if order else {}))


def hides_inactive(look: Look, arguments: MultiDict[str, str]) -> bool:
    """Without a wish, inactive records stay out of sight; the wish is part of the address."""
    return look.tells_active and "all" not in arguments and not any(k.endswith("_is_active") for k in arguments)


def shown_listing(look: Look, arguments: MultiDict[str, str]) -> Listing:
    """The rows that a list under this address is about. Raises BadQuery."""
    listing = address.listing_of(look.screen, look.viewer, arguments)
    return with_active_only(look.screen, listing) if hides_inactive(look, arguments) else listing


def with_active_only(screen: Resolved, listing: Listing) -> Listing:
    only = Active(screen.fields["is_active"], "eq", ("1",))
    return Listing((*listing.filters, only), listing.search, listing.order, listing.page, listing.size)


def list_fields(look: Look) -> list[Field]:
    """The columns of a list this viewer may read."""
    screen = look.screen
    return [screen.fields[n] for n in screen.columns if look.reads(n)]


def short_list(
    look: Look, listing: Listing, columns: Sequence[str], rows: int
) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    """The first rows of a list with chosen columns, for other pages."""
    screen = look.screen
    fields = [screen.fields[n] for n in columns if look.reads(n)]
    cut = Listing(listing.filters, listing.search, listing.order, 1, rows)
    found = query.page_of(look.session, look.screens, screen, look.viewer, cut, fields)
    return columns_of(screen, fields, None, None), rows_of(look, found[:rows], fields)


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


def columns_of(
    screen: Resolved, fields: Sequence[Field], arguments: MultiDict[str, str] | None, listing: Listing | None
) -> tuple[Column, ...]:
    columns: list[Column] = []
    merged = _merged(screen, fields)
    for f in fields[merged - 1 :]:
        sort, way = "", ""
        if arguments is not None and listing is not None and f.kind.sortable:
            current = (listing.order.name, listing.order.descending) if listing.order else screen.order
            way = ("desc" if current[1] else "asc") if current[0] == f.name else ""
            sort = address.list_href(screen.table) + address.keeping(
                arguments, order=f.name if way != "asc" else f"-{f.name}"
            )
        label, about = (_("Name"), "") if merged > 1 and not columns else (said(f.label), helped(f.help))
        columns.append(Column(f.name, label, f.kind.name, about, sort, way))
    return tuple(columns)


def rows_of(look: Look, rows: Sequence[Mapping[str, Any]], fields: Sequence[Field], keep: str = "") -> tuple[Row, ...]:
    """Rows as a list shows them; `keep` is the query by which their addresses know the list they came from."""
    screen, links = look.screen, look.links
    may_edit, tells_active, merged = look.may_edit(), look.tells_active, _merged(look.screen, fields)
    naming = [place for place, f in enumerate(fields) if f.name in screen.name]
    change, behind = f"/{screen.table}/edit/", keep
    if ownforms.has(screen.table):
        change, behind = ownforms.edit_href(screen.table, ""), ""
    made = []
    for row in rows:
        key = quote(str(row["id"]), safe="")
        cells = tuple(cell_of(row, f, short=True, links=links) for f in fields)
        edit = may_edit and query.may_be_changed(row)
        name = " ".join(cells[place].text for place in naming if cells[place].text)
        made.append(
            Row(
                id=str(row["id"]),
                name=name or str(row["id"]),
                href=f"/{screen.table}/show/{key}{keep}",
                cells=(Cell("string", name), *cells[merged:]) if merged > 1 else cells,
                edit_href=f"{change}{key}{behind}" if edit else "",
                delete_href=f"/{screen.table}/delete/{key}{keep}" if edit else "",
                inactive=tells_active and not row["is_active"],
                version=row["row_version"],
            )
        )
    return tuple(made)


def _merged(screen: Resolved, fields: Sequence[Field]) -> int:
    """How many of the first columns are parts of one name, such as first and last name; they share a column."""
    parts = len(screen.name)
    plain = all(f.kind.name == "string" for f in fields[:parts])
    return parts if parts > 1 and plain and tuple(f.name for f in fields[:parts]) == screen.name else 1


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


def hint(screen: Resolved) -> str:
    """What the search of a list looks at, as its box says it."""
    names = [n for group in screen.find for n in group] if screen.find else list(screen.search)
    labels = [within(_(screen.fields[n].label)) for n in dict.fromkeys(names)][:4]
    return _("Search by %(fields)s", fields=", ".join(labels)) if labels else _("Search")


def _toggle(screen: Resolved, arguments: MultiDict[str, str], base: str, *, hiding: bool) -> Link | None:
    if not screen.active:
        return None
    if hiding:
        return Link(_("Show inactive"), base + address.keeping(arguments, all="1"), "eye")
    if "all" in arguments:
        return Link(_("Hide inactive"), base + address.keeping(arguments, all=None), "eye-off")
    return None


def filterables(look: Look) -> Markup:
    """The columns one can filter by, as JSON for the filter builder; "" for none.

    It is a good part of what a list has to say, and the same for all who may filter by the same columns.
    """
    screen = look.screen
    offered = [*address.visible_fields(screen, look.viewer), *more_fields(screen, look.viewer)]
    fields = [f for f in offered if f.kind.operators]
    sets = sets_of(screen.table, look.viewer)
    key = (screen.table, (*(f.name for f in fields), *sets), TEXTS.spoken().code)
    if key not in _told:
        if len(_told) >= _MOST_TOLD:
            _told.clear()
        columns = [
            Filterable(
                f.name, said(f.label), f.kind.name, operators_of(f), choices_of(f),
                address.page_href(screen.table, "pick", f.name) if f.targets else "",
            )
            for f in fields
        ]  # fmt: skip
        columns += [
            Filterable("id", str(one.label), "relation", (Operator(name, str(LABELS["eq"])),), (), one.options_href)
            for name, one in sets.items()
        ]
        _told[key] = htmlsafe_json_dumps(columns, dumps=current_app.json.dumps) if columns else Markup("")
    return _told[key]
