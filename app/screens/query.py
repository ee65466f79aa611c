"""Reading rows for screens: a page of a list, one record, names, counts. Always through `visible`.

A list costs two statements whatever the table's size: the page (ids first,
inside an index, then the 25 rows with the names of what they point to) and a
count that stops at 10,000.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask_babel import gettext as _
from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    String,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.selectable import LateralFromClause

from app.core.db import session_factory
from app.core.errors import NotFound
from app.core.scope import within
from app.core.statements import prepared
from app.core.types import Choice, Timestamp
from app.core.viewer import Viewer, visible
from app.screens.fields import Field
from app.screens.filters import Active, Compared, compared, condition
from app.screens.locale import TEXTS
from app.screens.resolve import Resolved

COUNT_CAP = 10_000
FIND_CAP = 1_000
OFFSET_CAP = 100_000
PICKS = 30
OWN_NAME = "its own name"
_TYPED, _FILTER = "typed", "filter_"
NAMED = 200  # names asked for at once: PostgreSQL answers with 1,664 columns at most
PICK_PAGES = 100
_NAME_DEPTH = 2
_MOST_KEPT_NAMES = 30

FETCHED = 200  # rows of a file at once; with more of them alive, the garbage collector looks longer than they take

Screens = Mapping[str, Resolved]
Columns = Mapping[str | None, Sequence[Any]]
"""Values of several rows by the name of their column."""
Beside = list[LateralFromClause]
"""What is joined to a question."""


@dataclass(frozen=True)
class Order:
    """Which field a list is ordered by."""

    name: str
    descending: bool = False


@dataclass(frozen=True)
class Listing:
    """What is asked of a list. `page` starts at 1."""

    filters: tuple[Active, ...] = ()
    search: str = ""
    order: Order | None = None
    page: int = 1
    size: int = 25


def name_of(screens: Screens, target: str, key: Any, viewer: Viewer, depth: int = 0) -> ColumnElement[str]:
    """SQL of the name of the record of `target` whose id is `key`; NULL when it may not be known."""
    named = _naming(screens, target, key, viewer, depth)
    return null().cast(String) if named is None else named.scalar_subquery()


def _naming(screens: Screens, target: str, key: Any, viewer: Viewer, depth: int) -> Select[Any] | None:
    """The question for this name; None when it may not be known."""
    screen = screens[target]
    row = aliased(screen.model)
    parts: list[ColumnElement[Any]] = []
    readable = screen.names(viewer)
    if not readable and not viewer.sees(screen.module):
        return None
    for name in readable:
        f = screen.fields[name]
        column = getattr(row, f.attribute)
        if f.targets and depth < _NAME_DEPTH:
            parts += [name_of(screens, table, column, viewer, depth + 1) for table in f.targets]
        elif f.kind.name == "choice":
            parts.append(case({value: _(label) for value, label in f.picks()}, value=column, else_=column))
        elif f.kind.name == "datetime":
            parts.append(func.to_char(column, "YYYY-MM-DD HH24:MI"))
        elif f.kind.name == "date":
            parts.append(func.to_char(column, "YYYY-MM-DD"))
        else:
            parts.append(func.nullif(column.cast(String), ""))
    joined = func.concat_ws(" · " if any(screen.fields[n].targets for n in screen.name) else " ", *parts)
    own = row.id.cast(String)
    named = select((func.coalesce(func.nullif(joined, ""), own) if parts else own).label("name")).where(row.id == key)
    return named.correlate_except(row)


def names_of(session: Session, screens: Screens, viewer: Viewer, wanted: Sequence[tuple[Field, Any]]) -> list[str]:
    """The names behind foreign keys, in one statement for each NAMED of them; "" where there is none."""
    return names_in(session, screens, viewer, [(f.targets, key) for f, key in wanted])


def names_in(
    session: Session, screens: Screens, viewer: Viewer, wanted: Sequence[tuple[tuple[str, ...], Any]]
) -> list[str]:
    """The names of records by the tables they may be of and their keys; as `names_of` asks for them."""
    if len(wanted) > NAMED:
        parts = [wanted[i : i + NAMED] for i in range(0, len(wanted), NAMED)]
        return [name for part in parts for name in names_in(session, screens, viewer, part)]
    if not wanted:
        return []
    kinds = tuple((tables, isinstance(key, int)) for tables, key in wanted)

    def made() -> Any:
        return select(*(_named(screens, viewer, i, *kind) for i, kind in enumerate(kinds)))

    key = (names_in, kinds, viewer.stamp, TEXTS.spoken().code)
    asked = prepared(screens, key, made) if len(kinds) <= _MOST_KEPT_NAMES else made()
    found = session.execute(asked, {f"key_{i}": key for i, (_tables, key) in enumerate(wanted)}).one()
    return [name or "" for name in found]


def _named(screens: Screens, viewer: Viewer, i: int, tables: tuple[str, ...], number: bool) -> ColumnElement[str]:
    key = bindparam(f"key_{i}", type_=Integer() if number else String())
    names = [name_of(screens, table, key, viewer) for table in tables]
    return (func.coalesce(*names) if len(names) > 1 else names[0]).label(f"n{i}")


def _selected(screens: Screens, screen: Resolved, fields: Iterable[Field], viewer: Viewer) -> list[ColumnElement[Any]]:
    """The columns of the fields, then the names of what they point to as `<field>__name`.

    For the same rights and language they are the same SQL: making it takes longer than asking with it.
    """
    wanted = tuple(fields)
    key = (_selected, screen.table, tuple(f.name for f in wanted), viewer.stamp, TEXTS.spoken().code)
    return prepared(screens, key, lambda: _columns(screens, screen, wanted, viewer))


def _columns(
    screens: Screens,
    screen: Resolved,
    fields: Sequence[Field],
    viewer: Viewer,
    beside: Beside | None = None,
) -> list[ColumnElement[Any]]:
    """With `beside`, for a file, names are joined from there: a database remembers those that it has looked up.

    Choices are then the texts, and moments the UTC without a zone, that they are in the database.
    """
    columns: dict[str, ColumnElement[Any]] = {"id": screen.model.id}
    for f in fields:
        for attribute, column in zip(f.attributes, f.columns, strict=True):
            value = getattr(screen.model, attribute)
            if beside is not None and isinstance(column.type, Choice | Timestamp):
                value = type_coerce(value, column.type.impl_instance)
            columns[column.name] = value.label(column.name)
        if f.currency and screen.reads(viewer, f.currency):
            columns[f.currency] = getattr(screen.model, f.currency)
        if f.targets:
            key = getattr(screen.model, f.attribute)
            names = [_name_beside(screens, table, key, viewer, beside) for table in f.targets]
            columns[f"{f.name}__name"] = (func.coalesce(*names) if len(names) > 1 else names[0]).label(
                f"{f.name}__name"
            )
    for name in ("is_active",) if screen.active and screen.reads(viewer, "is_active") else ():
        columns[name] = getattr(screen.model, name)
    if beside is None:
        columns["row_version"] = screen.model.row_version.label("row_version")
    return list(columns.values())


def _name_beside(screens: Screens, target: str, key: Any, viewer: Viewer, beside: Beside | None) -> ColumnElement[str]:
    named = None if beside is None else _naming(screens, target, key, viewer, 0)
    if beside is None or named is None:
        return name_of(screens, target, key, viewer)
    beside.append(named.lateral(f"named_{len(beside)}"))
    return beside[-1].c.name


def whose(viewer: Viewer) -> Hashable:
    """What a statement depends on besides its table: person, countries and rights, and the language of names."""
    return viewer.user_id, viewer.behind, viewer.countries, viewer.stamp, TEXTS.spoken().code


def narrowed(screen: Resolved, viewer: Viewer, listing: Listing, by: Sequence[Compared] | None = None) -> Select[Any]:
    """Ids of the rows that a list is about, not yet ordered or cut.

    `by` are its filters as parts of a statement that is kept, with the parameters `_given` names.
    """
    query = visible(screen.model, viewer).with_only_columns(screen.model.id)
    if by is None:
        query = query.where(*(condition(screen, active) for active in listing.filters))
    else:
        query = query.where(*(part.condition(screen, f"{_FILTER}{n}") for n, part in enumerate(by)))
    if listing.search:
        query = query.where(_search(screen, viewer, listing.search))
    return query


def _search(screen: Resolved, viewer: Viewer, typed: str) -> ColumnElement[bool]:
    """Rows that begin with what was typed (index), or hold all its words where no index is declared.

    What the viewer may not read is not searched: a hit would tell it.
    """
    wanted = _tidy(typed)
    if screen.find:
        found = []
        for names in screen.find:
            if not all(_searchable(screen, viewer, name) for name in names):
                continue
            folded = _folded(screen, names)
            start = func.fold(bindparam(_TYPED, wanted))
            found.append(
                select(screen.model.id)
                .where(folded >= start, folded < start.concat(chr(0x10FFFF)))
                .limit(FIND_CAP)
                .correlate(None)
            )
        if not found:
            return false()
        return screen.model.id.in_(union_all(*(part.subquery().select() for part in found)))
    readable = [name for name in screen.search if _searchable(screen, viewer, name)]
    columns = [getattr(screen.model, screen.fields[name].attribute).cast(String) for name in readable]
    haystack = func.fold(func.concat_ws(" ", *(columns or [screen.model.id.cast(String)])))
    hits = [haystack.contains(func.fold(_like(word)), autoescape=False, escape="\\") for word in wanted.split()]
    result = hits[0]
    for hit in hits[1:]:
        result = result & hit
    return result


def _searchable(screen: Resolved, viewer: Viewer, name: str) -> bool:
    """Where the module is closed, a record may be looked for by its public name only."""
    return screen.reads(viewer, name) if viewer.sees(screen.module) else name in screen.names(viewer)


def _folded(screen: Resolved, names: tuple[str, ...]) -> ColumnElement[str]:
    """The very expression of the index, so that the planner knows it again."""
    columns = [getattr(screen.model, screen.fields[name].attribute) for name in names]
    return func.fold(*columns).collate("C")


def _like(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def ordering(screens: Screens, screen: Resolved, viewer: Viewer, order: Order | None) -> list[ColumnElement[Any]]:
    """ORDER BY with the id as tie-break, so that pages never overlap."""
    name, descending = (order.name, order.descending) if order else screen.order
    if not screen.reads(viewer, name):
        name = "id"  # the order of a hidden column would tell its values
    terms = order_columns(screens, screen, viewer, name)
    if name != "id":
        terms.append(screen.model.id)
    # The default order runs along an index; NULLS LAST would not.
    directed = [term.desc() if descending else term.asc() for term in terms]
    return directed if order is None else [term.nulls_last() for term in directed[:-1]] + directed[-1:]


def order_columns(screens: Screens, screen: Resolved, viewer: Viewer, name: str) -> list[Any]:
    """What is compared when a list is ordered by a field: its columns, or the name of what it points to."""
    f = screen.fields[name]
    if not f.targets:
        return [getattr(screen.model, attribute) for attribute in reversed(f.attributes)]
    names = [name_of(screens, table, getattr(screen.model, f.attribute), viewer) for table in f.targets]
    return [func.coalesce(*names) if len(names) > 1 else names[0]]


def named(row: Row[Any]) -> Mapping[str, Any]:
    """A row by column names."""
    return cast(Mapping[str, Any], row._mapping)


def page_of(
    session: Session,
    screens: Screens,
    screen: Resolved,
    viewer: Viewer,
    listing: Listing,
    fields: Sequence[Field],
) -> list[Mapping[str, Any]]:
    """The rows of one page as mappings of column names, one more than the page size when there are more."""

    by = _by(screen, listing)

    def made() -> Any:
        return _page(screens, screen, viewer, listing, fields, by)

    if by is None:
        return [named(row) for row in session.execute(made(), _given(listing, ()))]
    names = tuple(f.name for f in fields)
    order = (listing.order, listing.page, listing.size, bool(listing.search))
    key = (page_of, screen.table, names, order, _shapes(by), whose(viewer))
    return [named(row) for row in session.execute(prepared(screens, key, made), _given(listing, by))]


def _by(screen: Resolved, listing: Listing) -> tuple[Compared, ...] | None:
    """The filters of a list whose statement fits all others of its kind: what was typed are its values; else None."""
    if listing.search and not screen.find:
        return None
    found = [compared(active) for active in listing.filters]
    return None if None in found else cast(tuple[Compared, ...], tuple(found))


def _shapes(by: Sequence[Compared]) -> Hashable:
    return tuple(part.shape for part in by)


def _given(listing: Listing, by: Sequence[Compared]) -> dict[str, Any]:
    """The parameters of a statement for this list."""
    typed = {_TYPED: _tidy(listing.search)} if listing.search else {}
    return {**typed, **{f"{_FILTER}{n}": part.value for n, part in enumerate(by)}}


def _tidy(typed: str) -> str:
    return " ".join(typed.split())


def _page(
    screens: Screens, screen: Resolved, viewer: Viewer, listing: Listing, fields: Sequence[Field],
    by: Sequence[Compared] | None = None, *only: ColumnElement[bool],
) -> Any:  # fmt: skip
    terms = ordering(screens, screen, viewer, listing.order)
    ids = (
        narrowed(screen, viewer, listing, by)
        .where(*only)
        .order_by(*terms)
        .limit(listing.size + 1)
        .offset((listing.page - 1) * listing.size)
        .subquery()
    )
    return select(*_selected(screens, screen, fields, viewer)).join(ids, ids.c.id == screen.model.id).order_by(*terms)


def among(
    session: Session, screens: Screens, screen: Resolved, viewer: Viewer, ids: Any, fields: Sequence[Field],
    *more: ColumnElement[Any],
) -> list[Mapping[str, Any]]:  # fmt: skip
    """The rows whose keys a subquery gives in its column `id`, with `more` of its columns beside; in one statement."""
    asked = select(*_selected(screens, screen, fields, viewer), *more).join(ids, ids.c.id == screen.model.id)
    return [named(row) for row in session.execute(asked, execution_options={"viewer": viewer})]


def children_of(
    session: Session, screens: Screens, child: Any, viewer: Viewer, key: Any, size: int, fields: Sequence[Field]
) -> list[Mapping[str, Any]]:
    """The first rows of `child.table` that point to a record by `child.column`, one more than `size` if there are."""
    screen = screens[child.table]

    def made() -> Any:
        pointing = getattr(screen.model, screen.fields[child.column].attribute)
        only = pointing == bindparam("key", type_=pointing.type)
        return _page(screens, screen, viewer, Listing(size=size), fields, None, only)

    names = tuple(f.name for f in fields)
    place = (children_of, child.table, child.column, size, names, whose(viewer))
    return [named(row) for row in session.execute(prepared(screens, place, made), {"key": key})]


def count_of(session: Session, screen: Resolved, viewer: Viewer, listing: Listing) -> int:
    """How many rows the list has; COUNT_CAP + 1 stands for "more than that"."""

    by = _by(screen, listing)

    def made() -> Any:
        some = narrowed(screen, viewer, listing, by).limit(COUNT_CAP + 1).subquery()
        return select(func.count()).select_from(some)

    if by is None:
        return session.scalar(made(), _given(listing, ())) or 0
    asked = prepared(screen, (count_of, bool(listing.search), _shapes(by), whose(viewer)), made)
    return session.scalar(asked, _given(listing, by)) or 0


def all_of(
    screens: Screens, screen: Resolved, viewer: Viewer, listing: Listing, fields: Sequence[Field]
) -> Select[Any]:
    """The question for all rows of a list, with choices and moments as the database has them. Raises BadQuery."""
    ids = narrowed(screen, viewer, listing).subquery()
    beside: Beside = []
    question = select(*_columns(screens, screen, fields, viewer, beside)).join(ids, ids.c.id == screen.model.id)
    for name in beside:
        question = question.outerjoin(name, true())
    return question.order_by(*ordering(screens, screen, viewer, listing.order))


def streamed(question: Select[Any], viewer: Viewer) -> Iterator[Columns]:
    """The rows, some hundred at a time, by column: what is done with a column is then decided once for all of them.

    They are fetched in a session of their own: an answer may outlive its request.
    """
    names = [column.key for column in question.selected_columns]
    with session_factory() as session:
        session.info["viewer"] = viewer
        walled = within(session, question, viewer)
        streaming = {"stream_results": True, "max_row_buffer": FETCHED}
        found = session.connection().execute(walled, execution_options=streaming)
        for rows in found.partitions(FETCHED):
            yield dict(zip(names, zip(*rows, strict=True), strict=True))


def key_of(screen: Resolved, given: str) -> Any:
    """The key as the database has it. Raises NotFound for what cannot be one."""
    if not hasattr(screen.model.id.type, "length"):  # a serial key
        if not given.isdecimal() or len(given) > 9:
            raise NotFound
        return int(given)
    if not given or len(given) > 100:
        raise NotFound
    return given


def record_of(
    session: Session, screens: Screens, screen: Resolved, viewer: Viewer, key: str, fields: Sequence[Field]
) -> Mapping[str, Any]:
    """One row as a mapping of column names, its own name as OWN_NAME. Raises NotFound."""
    known = key_of(screen, key)
    wanted = tuple(fields)

    def made() -> Any:
        this = bindparam("key", type_=screen.model.id.type)
        allowed = visible(screen.model, viewer).with_only_columns(screen.model.id).where(screen.model.id == this)
        name = name_of(screens, screen.table, screen.model.id, viewer).label(OWN_NAME)
        return select(*_selected(screens, screen, wanted, viewer), name).where(screen.model.id.in_(allowed))

    names = tuple(f.name for f in wanted)
    asked = prepared(screens, (record_of, screen.table, names, whose(viewer)), made)
    row = session.execute(asked, {"key": known}).one_or_none()
    if row is None:
        raise NotFound
    return named(row)


def fetch(session: Session, screen: Resolved, viewer: Viewer, key: str) -> Any:
    """The mapped row itself, to be changed. Raises NotFound."""
    this = bindparam("key", type_=screen.model.id.type)
    asked = prepared(
        screen, (fetch, whose(viewer)), lambda: visible(screen.model, viewer).where(screen.model.id == this)
    )
    given = {"key": key_of(screen, key)}
    row = session.scalars(asked, given, execution_options={"viewer": viewer}).one_or_none()
    if row is None:
        raise NotFound
    return row


def own_name(session: Session, screens: Screens, screen: Resolved, viewer: Viewer, key: Any) -> str:
    """The name of one record of this screen, whose key may be as it stands in an address."""
    return names_in(session, screens, viewer, [((screen.table,), key_of(screen, str(key)))])[0]


def child_counts(session: Session, screens: Screens, viewer: Viewer, children: Sequence[Any], key: Any) -> list[int]:
    """How many records each tab has, capped at 1,000, in one statement."""
    if not children:
        return []
    kinds = tuple((child.table, child.column) for child in children)
    asked = prepared(
        screens,
        (child_counts, kinds, isinstance(key, int), whose(viewer)),
        lambda: _counting(screens, viewer, children, number=isinstance(key, int)),
    )
    return list(session.execute(asked, {"key": key}).one())


def _counting(screens: Screens, viewer: Viewer, children: Sequence[Any], *, number: bool) -> Select[Any]:
    key = bindparam("key", type_=Integer() if number else String())
    counts = []
    for i, child in enumerate(children):
        other = screens[child.table]
        some = (
            visible(other.model, viewer)
            .with_only_columns(other.model.id)
            .where(getattr(other.model, other.fields[child.column].attribute) == key)
            .limit(FIND_CAP + 1)
            .subquery()
        )
        counts.append(select(func.count()).select_from(some).scalar_subquery().label(f"c{i}"))
    return select(*counts)


@dataclass(frozen=True)
class Before:
    """Where a page of a stream begins: before this moment and, at it, before this key; `including` all of it."""

    at: datetime
    key: Any
    including: bool = False


def older_than(place: Before | None, at: Any, key: Any) -> ColumnElement[bool]:
    """The condition that goes with the order `at DESC, key DESC`."""
    if place is None:
        return cast(ColumnElement[bool], at.is_not(None))
    if place.key is not None:
        return tuple_(at, key) < tuple_(literal(place.at, at.type), literal(place.key, key.type))
    return cast(ColumnElement[bool], at <= place.at if place.including else at < place.at)


def latest(
    session: Session, screens: Screens, screen: Resolved, viewer: Viewer, columns: Sequence[str], key: Any, date: str,
    fields: Sequence[Field], *, before: Before | None, most: int, about: Mapping[str, str] | None = None,
) -> list[Mapping[str, Any]]:  # fmt: skip
    """The newest rows by `date` of which one of the `columns` points to `key`; in one statement.

    `about` are the values of columns that point there together, without a foreign key.
    """
    model = screen.model
    at = getattr(model, screen.fields[date].attribute)
    points = [getattr(model, screen.fields[name].attribute) == key for name in columns]
    if about:
        points.append(and_(*(getattr(model, screen.fields[name].attribute) == said for name, said in about.items())))
    ids = (
        visible(model, viewer)
        .with_only_columns(model.id)
        .where(or_(*points), older_than(before, at, model.id))
        .order_by(at.desc(), model.id.desc())
        .limit(most)
        .subquery()
    )
    question = select(*_selected(screens, screen, fields, viewer)).join(ids, ids.c.id == model.id)
    return [named(row) for row in session.execute(question.order_by(at.desc(), model.id.desc()))]


def picks_of(
    session: Session, screens: Screens, f: Field, viewer: Viewer, typed: str, page: int = 1
) -> tuple[list[tuple[Any, str]], bool]:
    """A page of records to choose from, by the beginning of what is typed; and whether there are more."""
    found: list[tuple[Any, str]] = []
    more = False
    for table in f.targets:
        screen = screens[table]
        known = screen.names(viewer)
        if not known and not viewer.sees(screen.module):
            continue
        listing = Listing(search=typed, size=PICKS)
        ids = narrowed(screen, viewer, listing)
        if screen.active:
            ids = ids.where(screen.model.is_active)
        first = [getattr(screen.model, screen.fields[n].attribute) for n in known if not screen.fields[n].targets]
        terms = first if len(screens[table].find) == 0 or typed else ordering(screens, screen, viewer, None)
        order = [*terms, screen.model.id]
        picked = ids.order_by(*order).offset((page - 1) * PICKS).limit(PICKS + 1).subquery()
        query = select(screen.model.id, name_of(screens, table, screen.model.id, viewer).label("name")).join(
            picked, picked.c.id == screen.model.id
        )
        rows = session.execute(query.order_by(*order)).all()
        more = more or len(rows) > PICKS
        found += [(row[0], row[1]) for row in rows[:PICKS]]
    return sorted(found, key=lambda pair: (pair[1] or "").casefold()), more
