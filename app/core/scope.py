"""The wall between countries: what is read and written through any session stays within the viewer's countries.

Two walls say the same. Here, below every statement of the ORM and every
flush, where the paths of `core.paths` become conditions; and in the database,
where row-level security looks at the setting `indexus.countries` that is made
here before the first statement which needs it. Without a viewer nothing is
read or written: jobs and commands say `system_scope(reason)`.

A select over Core tables (`Model.__table__`) passes the first wall and meets
the second only; the application uses mapped classes.

A select with `execution_options(settled=frozenset({"deals"}))` finds of these
tables only rows that say their country themselves. An index that has the
country then answers alone, and the planner knows that it does; for the rows
without one the same is asked again. With `by_row=True` the country of a customer
is looked up for each row that the wall of the database let through, which is
what sums of many rows want: a join would go through all customers beside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar, cast

from flask_babel import gettext as _
from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    event,
    false,
    func,
    inspect,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import (
    ORMExecuteState,
    Session,
    SessionTransaction,
    class_mapper,
    with_loader_criteria,
)

from app.core import statements
from app.core.db import APPLICATION_ROLE, Base
from app.core.errors import Forbidden
from app.core.paths import Reach, path_of, targets
from app.core.policies import SETTING, policies
from app.core.viewer import SYSTEM_USER, Viewer, visible, who_acts

S = TypeVar("S")
ACTOR = "indexus.user_id"  # read by triggers that write down who did it
EVERYWHERE_ROLE = "indexus_everywhere"


class ForeignCountry(Forbidden):
    """A row of a country that is not the editor's, or one that leads there."""

    def default(self) -> str:
        return _("This belongs to a country that is not yours, or to all countries.")


def viewer_in(session: Session) -> Viewer:
    """Who acts in this session: the one of its transaction, else of the block, else of the request."""
    found: Viewer | None = session.info.get("by") or session.info.get("viewer")
    return found or who_acts()


# Reading --------------------------------------------------------------------


@event.listens_for(Session, "do_orm_execute")
def _stay_within(state: ORMExecuteState) -> None:
    """Put the viewer's countries below a statement."""
    tables = _tables_of(state)
    exempt = _exempt(tables)
    if state.is_column_load and exempt:
        return  # such as the columns of the very person by whom the viewer is found
    viewer: Viewer = state.execution_options.get("viewer") or viewer_in(state.session)
    if not exempt:
        tell_database(state.session, viewer)
    tables = walled(tables, viewer)
    if not tables or state.is_column_load:
        return
    if (state.is_insert or state.is_update) and walled(_written(state), viewer):
        _demand_harmless(state, viewer)
    if not (state.is_select or state.is_update or state.is_delete):
        return
    options = state.execution_options if state.is_select else {}
    state.statement = _fenced(
        state.statement, tables, viewer, change=state.is_update or state.is_delete,
        settled=options.get("settled", frozenset()), by_row=options.get("by_row", False),
    )  # fmt: skip


def _fenced(
    statement: S, tables: frozenset[str], viewer: Viewer, *, change: bool, settled: frozenset[str] = frozenset(),
    by_row: bool = False,
) -> S:  # fmt: skip
    """The statement with the wall in front of each of these tables."""
    reach = reach_of(viewer)
    if reach is not None and by_row:
        reach = replace(reach, by_row=True)

    def made() -> Any:
        near = replace(reach, settled=True) if reach is not None else None
        reaches = ((name, near if name in settled else reach) for name in sorted(tables))
        options = [found for name, its in reaches if (found := _criteria(name, its, change))]
        return statement.options(*options) if options else statement  # type: ignore[attr-defined]  # all of the ORM's

    return statements.derived(statement, (tables, reach, change, settled), made)


def within(session: Session, question: Select[Any], viewer: Viewer) -> Select[Any]:
    """A select with both walls, to be asked on the connection of the session: rows are then no objects of the ORM.

    Making those out of a hundred thousand rows takes longer than fetching them. The listener above does the same for
    everything that is asked through the session.
    """
    tell_database(session, viewer)
    return _fenced(question, walled(statements.tables_in(question), viewer), viewer, change=False)


def _written(state: ORMExecuteState) -> frozenset[str]:
    statement: Any = state.statement
    return frozenset([str(statement.table.name)])


def walled(tables: frozenset[str], viewer: Viewer) -> frozenset[str]:
    """The tables of which this viewer may not reach every row."""
    if not viewer.everywhere:
        return tables
    return frozenset() if viewer.user_id == SYSTEM_USER else tables & _private()


@lru_cache(maxsize=1)
def _private() -> frozenset[str]:
    return frozenset(name for name, table in Base.metadata.tables.items() if path_of(table).private)


def _demand_harmless(state: ORMExecuteState, viewer: Viewer) -> None:
    """Rows are made and moved by flushes, which look at each; a statement can do neither. Raises ForeignCountry."""
    statement: Any = state.statement
    table: Table = statement.table
    reach = reach_of(viewer)
    if reach is not None and path_of(table).writes(table, table, reach) is None:
        return
    if state.is_insert or isinstance(state.parameters, list | tuple):
        raise ForeignCountry
    given = [
        *(statement._values or {}),
        *(state.parameters or {}),
    ]
    leading = {*path_of(table).names(), *path_of(table).parents()}
    leading |= {c.name for c in table.columns if c.foreign_keys or "polymorphic" in c.info or c.primary_key}
    if leading & {getattr(column, "name", column) for column in given}:
        raise ForeignCountry


def _tables_of(state: ORMExecuteState) -> frozenset[str]:
    return statements.tables_of(state.statement, lambda: _looked_up(state))


def _looked_up(state: ORMExecuteState) -> frozenset[str]:
    statement: Any = state.statement
    found = set(statements.tables_in(statement))
    if state.is_update or state.is_delete:
        found.add(str(statement.table.name))
    if statement._with_options:  # what is loaded along is not in the statement yet
        for name in list(found):
            model = _models().get(name)
            if model is not None:
                found |= {
                    cast(Table, relation.mapper.local_table).name for relation in class_mapper(model).relationships
                }
    return frozenset(found)


def _exempt(tables: Iterable[str]) -> bool:
    """Whether no policy of the database is met on the way; text statements are never exempt."""
    names = set(tables)
    return bool(names) and not names & _behind_walls()


@lru_cache(maxsize=4096)
def _criteria(name: str, reach: Reach | None, change: bool) -> Any:
    model = _models().get(name)
    if model is None:
        return None
    table = class_mapper(model).local_table
    if reach is None:
        return with_loader_criteria(model, false(), include_aliases=True)
    path = path_of(table)  # type: ignore[arg-type]
    rule = (path.writes if change else path.reads)(table, table, reach)  # type: ignore[arg-type]
    return None if rule is None else with_loader_criteria(model, rule, include_aliases=True)


def reach_of(viewer: Viewer) -> Reach | None:
    """What a restricted viewer reaches; None for nobody, who reaches nothing at all."""
    if not viewer.user_id:
        return None
    return Reach(tuple(sorted(viewer.countries or ())), viewer.user_id, bool(viewer.behind))


@lru_cache(maxsize=1)
def _models() -> dict[str, type[Any]]:
    return {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}  # type: ignore[attr-defined]


def wall(model: type[Any], viewer: Viewer) -> str:
    """The first wall in front of one table as SQL over its own name, for a statement that is written as text.

    It says what `visible` and the listener above say together; "" where this viewer may know of every row. Raises
    CompileError for a rule with a value that cannot stand in a text; of the tables only the log has one.
    """
    name = str(model.__tablename__)
    narrowed = visible(model, viewer).whereclause
    told = [] if narrowed is None else [_as_text(name, narrowed)]
    if name in walled(frozenset([name]), viewer):
        told.append(_wall_of(name, reach_of(viewer)))
    return " AND ".join(f"({rule})" for rule in told if rule)


@lru_cache(maxsize=4096)
def _wall_of(name: str, reach: Reach | None) -> str:
    table = Base.metadata.tables[name]
    rule = false() if reach is None else path_of(table).reads(table, table, reach)
    return "" if rule is None else _as_text(name, rule)


def _as_text(name: str, rule: ColumnElement[bool]) -> str:
    """The condition of a select from this one table, so that what looks further knows the row it looks from.

    Ids and codes of countries stand in the text, quoted; a colon would begin a parameter.
    """
    asked: Select[Any] = select(literal_column("1")).select_from(Base.metadata.tables[name]).where(rule)
    dialect = postgresql.dialect(paramstyle="named")
    told = str(asked.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    start, condition = told.split("WHERE ", 1)
    if start.split() != ["SELECT", "1", "FROM", name]:
        raise AssertionError(f"The wall of {name} stands before more than its table: {start}")
    return condition.replace(":", "\\:")


# The database's own wall ----------------------------------------------------


def tell_database(session: Session, viewer: Viewer) -> None:
    """Say to row-level security whose countries count, once per transaction and viewer.

    For whom no country is closed another role acts: its policy is always true, so it costs nothing.
    """
    role = EVERYWHERE_ROLE if viewer.everywhere else APPLICATION_ROLE
    countries = "" if viewer.everywhere else ",".join(sorted(viewer.countries or ()))
    told = (role, countries, viewer.behind or viewer.user_id or "")
    connection = session.connection()  # begins the transaction if none runs, and what the last one was told is over
    if session.info.get("told") != told:
        connection.execute(_TELL, {"role": role, "countries": countries, "actor": told[2]})
        session.info["told"] = told


def tell_again(session: Session) -> None:
    """Say to the database who acts, after a statement that looked with other eyes and before one that it walls by
    itself or whose doer its triggers write down."""
    tell_database(session, viewer_in(session))


_TELL = text(
    f"SELECT set_config('role', :role, true), set_config('{SETTING}', :countries, true),"
    f" set_config('{ACTOR}', :actor, true)"
)


@event.listens_for(Session, "after_begin")
def _untold(session: Session, transaction: SessionTransaction, connection: Any) -> None:
    session.info.pop("told", None)


@event.listens_for(Session, "after_soft_rollback")
def _untold_again(session: Session, previous: SessionTransaction) -> None:
    session.info.pop("told", None)


# Writing --------------------------------------------------------------------


@event.listens_for(Session, "before_flush")
def _only_own_rows_change(session: Session, context: object, instances: object) -> None:
    """What is changed or removed must have been the editor's before."""
    if not (session.new or session.dirty or session.deleted):
        return
    viewer = viewer_in(session)
    with session.no_autoflush:
        tell_database(session, viewer)
        changed = [row for row in session.dirty if session.is_modified(row)]
        _demand_writable(session, viewer, [*changed, *session.deleted])


@event.listens_for(Session, "after_flush")
def _only_own_rows_come_about(session: Session, context: object) -> None:
    """What is now there must be the editor's, and lead to nothing that he may not know of."""
    viewer = viewer_in(session)
    with session.no_autoflush:
        rows = [*session.new, *(row for row in session.dirty if session.is_modified(row))]
        _demand_writable(session, viewer, rows)
        if not viewer.everywhere:
            _demand_visible(session, viewer, rows)


def _demand_writable(session: Session, viewer: Viewer, rows: Iterable[Any]) -> None:
    """Raises ForeignCountry unless all rows, as they are in the database now, may be changed by the viewer."""
    keys: dict[Table, set[Any]] = defaultdict(set)
    for row in rows:
        if not walled(frozenset([row.__tablename__]), viewer):
            continue
        keys[inspect(row).mapper.local_table].add(inspect(row).identity[0] if inspect(row).identity else row.id)
    reach = reach_of(viewer)
    for table, ids in keys.items():
        rule = false() if reach is None else path_of(table).writes(table, table, reach)
        if rule is not None:
            _demand(session, table, ids, rule)


def _demand_visible(session: Session, viewer: Viewer, rows: Iterable[Any]) -> None:
    """Raises ForeignCountry when a foreign key of these rows, changed just now, leads out of the viewer's countries."""
    keys: dict[Table, set[Any]] = defaultdict(set)
    for row in rows:
        state = inspect(row)
        for column in state.mapper.local_table.columns:
            if not column.foreign_keys and "polymorphic" not in column.info:
                continue
            attribute = state.mapper.get_property_by_column(column).key
            value = getattr(row, attribute)
            if value is None or not state.attrs[attribute].history.has_changes():
                continue
            kind = getattr(row, column.info["polymorphic"]) if "polymorphic" in column.info else ""
            for target, only in targets(column.table, column.name):
                if not kind or (only == "service") == (kind == "service"):
                    keys[target].add(value)
    reach = reach_of(viewer)
    for table, ids in keys.items():
        rule = false() if reach is None else path_of(table).reads(table, table, reach)
        if rule is not None:
            _demand(session, table, ids, rule)


def _demand(session: Session, table: Table, ids: set[Any], rule: ColumnElement[bool]) -> None:
    fitting = select(func.count()).select_from(table).where(table.c.id.in_(ids), rule)
    if session.connection().scalar(fitting) != len(ids):
        raise ForeignCountry


# Asking ---------------------------------------------------------------------


def may_change(session: Session, viewer: Viewer, model: type[Any], key: Any) -> bool:
    """Whether the viewer's countries let him change this row."""
    table = class_mapper(model).local_table
    reach = reach_of(viewer)
    if not walled(frozenset([model.__tablename__]), viewer):
        return True
    tell_database(session, viewer)
    rule = false() if reach is None else path_of(table).writes(table, table, reach)  # type: ignore[arg-type]
    if rule is None:
        return True
    return bool(session.connection().scalar(select(func.count()).select_from(table).where(table.c.id == key, rule)))


def change_rule(model: type[Any], viewer: Viewer) -> ColumnElement[bool] | None:
    """Which rows the viewer's countries let him change, as a column beside them; None where that is all of them."""
    if not walled(frozenset([model.__tablename__]), viewer):
        return None
    table, reach = class_mapper(model).local_table, reach_of(viewer)
    return false() if reach is None else path_of(table).writes(table, table, reach)  # type: ignore[arg-type]


def changeable(session: Session, viewer: Viewer, model: type[Any], keys: Sequence[Any]) -> set[Any]:
    """Which of these rows the viewer's countries let him change."""
    table = class_mapper(model).local_table
    reach = reach_of(viewer)
    if not walled(frozenset([model.__tablename__]), viewer):
        return set(keys)
    tell_database(session, viewer)
    rule = false() if reach is None else path_of(table).writes(table, table, reach)  # type: ignore[arg-type]
    asked = select(table.c.id).where(table.c.id.in_(keys), *([] if rule is None else [rule]))
    return set(session.connection().scalars(asked))


@lru_cache(maxsize=1)
def _behind_walls() -> frozenset[str]:
    """Tables with a policy, and those whose path leads through one of them."""
    tables = Base.metadata.tables
    walled = frozenset(policies(tables))

    def leads(table: Table) -> bool:
        parents = (target for name in path_of(table).parents() for target, _kind in targets(table, name))
        return table.name in walled or any(leads(parent) for parent in parents)

    return frozenset(name for name, table in tables.items() if leads(table))
