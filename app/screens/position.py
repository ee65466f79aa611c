"""Where a record stands in the list one came from: the record before it, the one after it, and the way back.

The address of a record carries the list as `in=<query of the list>`. Neighbours are found by key, not by counting rows
away, in two statements whatever the list's size; also when the record has left the list meanwhile, from the place it
would have there now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, false, func, literal, or_, select, tuple_
from werkzeug.datastructures import MultiDict

from app.core.errors import BadQuery
from app.core.viewer import visible
from app.screens import address, listpage, query
from app.screens.look import Look
from app.screens.query import COUNT_CAP, Listing


@dataclass(frozen=True)
class Place:
    """A record's place in a list. `keep` is appended to addresses of the same record; `text` is "12 of 340"."""

    keep: str
    back_href: str
    text: str = ""
    previous_href: str = ""
    next_href: str = ""


@dataclass(frozen=True)
class Term:
    """One term of an order, and where empty values come."""

    column: Any
    descending: bool
    nullable: bool
    nulls_first: bool

    def ordered(self, *, backwards: bool) -> ColumnElement[Any]:
        term = self.column.asc() if self.descending == backwards else self.column.desc()
        if not self.nullable:
            return term
        return term.nulls_first() if self.nulls_first != backwards else term.nulls_last()

    def beyond(self, value: Any, *, backwards: bool) -> ColumnElement[bool]:
        """Values that come after this one; before it when `backwards`."""
        nulls_before = self.nulls_first != backwards
        if value is None:
            return self.column.is_not(None) if nulls_before else false()
        typed = literal(value, self.column.type)
        further = self.column > typed if self.descending == backwards else self.column < typed
        return further if not self.nullable or nulls_before else or_(further, self.column.is_(None))

    def same(self, value: Any) -> ColumnElement[bool]:
        return self.column.is_(None) if value is None else self.column == literal(value, self.column.type)


def list_of(arguments: MultiDict[str, str]) -> MultiDict[str, str] | None:
    """The query of the list that an address of a record names; None without one."""
    given = arguments.get(address.IN_LIST)
    if given is None or len(given) > address.LONGEST_LIST:
        return None
    return MultiDict(parse_qsl(given, keep_blank_values=True, max_num_fields=200))


def kept(arguments: MultiDict[str, str]) -> str:
    """What addresses of the same record have to carry along."""
    return "?" + urlencode({address.IN_LIST: arguments[address.IN_LIST]}) if list_of(arguments) is not None else ""


def back_of(look: Look, arguments: MultiDict[str, str]) -> str:
    """The list that an address of a record names, as it was; the whole one without a name."""
    asked = list_of(arguments)
    base = address.list_href(look.screen.table)
    return f"{base}?{urlencode(list(asked.items(multi=True)))}" if asked else base


def place_of(look: Look, key: Any, arguments: MultiDict[str, str], page: str = "show") -> Place | None:
    """The place of one record, for addresses of `page`; None where no list is named, or none this viewer may ask for.

    A list that makes no sense, or asks for what this viewer may not read, is no reason not to show a record.
    """
    try:
        asked = list_of(arguments)
        if asked is None:
            return None
        listing = listpage.shown_listing(look, asked)
        found = _around(look, key, listing)  # its order is in the query, also where it is a kept one
    except (BadQuery, ValueError):
        return None
    if found is None:
        return None
    previous, following, before, total, inside = found
    keep = kept(arguments)
    table = look.screen.table
    if before <= COUNT_CAP:
        asked.poplist("page")
        number = before // listing.size + 1
        if number > 1:
            asked["page"] = str(number)
    pairs = urlencode(list(asked.items(multi=True)))
    return Place(
        keep=keep,
        back_href=f"{address.list_href(table)}{'?' + pairs if pairs else ''}#row-{key}",
        text=_text(before, total) if inside else _("No longer in this list"),
        previous_href=address.page_href(table, page, previous) + keep if previous is not None else "",
        next_href=address.page_href(table, page, following) + keep if following is not None else "",
    )


def _text(before: int, total: int) -> str:
    if before > COUNT_CAP:
        return str(listpage.count_text(total))
    return str(_("%(number)s of %(total)s", number=listpage.count_text(before + 1), total=listpage.count_text(total)))


def _around(look: Look, key: Any, listing: Listing) -> tuple[Any, Any, int, int, bool] | None:
    """(id before, id after, rows before, all rows, whether the record itself is in the list); rows are capped."""
    terms = terms_of(look, listing)
    model, viewer = look.screen.model, look.viewer
    known = query.key_of(look.screen, str(key))
    named = [term.column.label(f"t{number}") for number, term in enumerate(terms)]
    values = look.session.execute(
        visible(model, viewer).with_only_columns(*named).where(model.id == known)
    ).one_or_none()
    if values is None:
        return None
    rows = query.narrowed(look.screen, viewer, listing)
    after, before = (rows.where(_beyond(terms, values, backwards=way)) for way in (False, True))
    asked = [
        before.order_by(*(term.ordered(backwards=True) for term in terms)).limit(1).scalar_subquery().label("before"),
        after.order_by(*(term.ordered(backwards=False) for term in terms)).limit(1).scalar_subquery().label("after"),
        select(func.count()).select_from(before.limit(COUNT_CAP + 1).subquery()).scalar_subquery().label("rank"),
        select(func.count()).select_from(rows.limit(COUNT_CAP + 1).subquery()).scalar_subquery().label("total"),
        rows.where(model.id == known).exists().label("inside"),
    ]
    found = look.session.execute(select(*asked).execution_options(viewer=viewer)).one()
    return found[0], found[1], found[2], found[3], bool(found[4])


def terms_of(look: Look, listing: Listing) -> list[Term]:
    """The order of the list, term by term, as `query.ordering` has it."""
    order = listing.order
    name, descending = (order.name, order.descending) if order else look.screen.order
    if not look.reads(name):
        name = "id"
    f = look.screen.fields[name]
    plain = not f.targets
    nullable = [bool(c.nullable) for c in reversed(f.columns)] if plain else [True]
    # As PostgreSQL has it where nothing is said: empty values are larger than all others.
    nulls_first = descending and order is None
    columns = query.order_columns(look.screens, look.screen, look.viewer, name)
    terms = [
        Term(column, descending, may_be_empty, nulls_first)
        for column, may_be_empty in zip(columns, nullable, strict=True)
    ]
    return terms if name == "id" else [*terms, Term(look.screen.model.id, descending, False, False)]


def _beyond(terms: Sequence[Term], values: Sequence[Any], *, backwards: bool) -> ColumnElement[bool]:
    """Rows that come after these values in the order of the terms; before them when `backwards`."""
    if len(terms) > 1 and not any(term.nullable for term in terms):
        # One comparison of rows, which an index over the same columns answers.
        left = tuple_(*(term.column for term in terms))
        right = tuple_(*(literal(v, term.column.type) for term, v in zip(terms, values, strict=True)))
        return left > right if terms[0].descending == backwards else left < right
    ways = []
    for number, term in enumerate(terms):
        equal = [other.same(value) for other, value in zip(terms[:number], values, strict=False)]
        ways.append(and_(*equal, term.beyond(values[number], backwards=backwards)))
    return or_(*ways)
