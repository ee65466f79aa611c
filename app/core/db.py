"""The database: base class of all tables, session, and the one transaction there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import (
    CheckConstraint,
    Engine,
    FetchedValue,
    Index,
    MetaData,
    Table,
    create_engine,
    event,
    text,
    update,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Session,
    mapped_column,
    scoped_session,
    sessionmaker,
)
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from app.core.types import Choice, ChoiceList, RowVersion
from app.core.viewer import Viewer, acting, with_reason

APPLICATION_ROLE = "indexus_app"

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table. `row_version` is PostgreSQL's `xmin`: a lost update raises StaleDataError."""

    metadata = MetaData(naming_convention=NAMES)

    if TYPE_CHECKING:
        id: Any
        row_version: str

    def __init_subclass__(cls, **kw: Any) -> None:
        version = mapped_column("xmin", RowVersion, system=True, server_default=FetchedValue())
        cls.row_version = version  # type: ignore[assignment]  # the mapping turns it into the value
        cls.__mapper_args__ = {"version_id_col": version, "version_id_generator": False}
        super().__init_subclass__(**kw)
        table = cast(Table, cls.__table__)
        _add_choice_checks(table)
        _add_indexes_by_meaning(table)


session_factory: sessionmaker[Session] = sessionmaker(expire_on_commit=False)
current_session: scoped_session[Session] = scoped_session(session_factory)


def connect(url: str, **options: Any) -> Engine:
    """Make the engine of this process and bind the session to it. `url` names psycopg."""
    engine = create_engine(url, **options)
    event.listen(engine, "connect", _act_as_application)
    current_session.remove()
    session_factory.configure(bind=engine)
    return engine


def _act_as_application(connection: Any, record: object) -> None:
    """Give up the rights of an owner: row-level security holds for the application's role only."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {APPLICATION_ROLE}")
    connection.commit()


@contextmanager
def transaction(*, by: Viewer) -> Iterator[Session]:
    """The only commit. `by` is who acts; everything is undone when the block raises."""
    session, by = current_session(), with_reason(by)
    session.info["by"] = by
    try:
        with acting(by):
            yield session
            session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("by", None)


@event.listens_for(Session, "before_flush")
def _one_default_per_scope(session: Session, context: object, instances: object) -> None:
    """Where a table has one default per scope, a new default takes over from the old one."""
    for row in [*session.new, *session.dirty]:
        table = row.__table__
        scope = table.info.get("default_within")
        if scope is None or not row.is_default or not session.is_modified(row):
            continue
        kind = type(row)
        others = update(kind).where(kind.is_default.is_(True), kind.id != row.id)
        for name in scope:
            others = others.where(getattr(kind, name).is_not_distinct_from(getattr(row, name)))
        with session.no_autoflush:
            taken = session.execute(
                others.values(is_default=False).returning(kind.id, kind.row_version),
                execution_options={"synchronize_session": False},
            )
        for key, version in taken.all():
            _note_loss(session.identity_map.get(identity_key(kind, key)), version)
            session.info.setdefault("beside", []).append((table.name, key, {"is_default": {"old": True, "new": False}}))


def also_changed(session: Session) -> list[tuple[str, Any, dict[str, Any]]]:
    """What statements changed beside the rows of this flush: (table, id, changes), for the audit trail."""
    found: list[tuple[str, Any, dict[str, Any]]] = session.info.pop("beside", [])
    return found


def _note_loss(row: Any, version: str) -> None:
    """A row that is also in memory knows that it is no default any more, and can still be changed."""
    if row is not None:
        set_committed_value(row, "is_default", False)
        set_committed_value(row, "row_version", version)


def _add_choice_checks(table: Table) -> None:
    """The database takes only the members of an enum.

    Ordinary constraints of the table: bound to their type (`_type_bound`) they would be left out of migrations.
    """
    for column in table.columns:
        if isinstance(column.type, Choice | ChoiceList):
            table.append_constraint(CheckConstraint(column.type.condition(column.name), name=column.name))


def _add_indexes_by_meaning(table: Table) -> None:
    """Indexes that follow from `info`: one B-tree per thing a clerk types the beginning of, one default per scope.

    `find` is what the search of a list looks at; `seek`, `dial` (telephone numbers), `later` (second and third words)
    and `ending` (of numbers) the search over all tables too.
    """
    for names in (*table.info.get("find", ()), *((name,) for name in table.info.get("seek", ()))):
        expression = text(f'({find_expression(names)}) COLLATE "C"')
        Index(f"find_{table.name}_{'_'.join(names)}", expression, _table=table)
    for name in table.info.get("dial", ()):
        Index(f"dial_{table.name}_{name}", text(f'(dial("{name}")) COLLATE "C"'), _table=table)
    for name in table.info.get("later", ()):
        for nth in LATER:
            words = f'later("{name}", {nth})'
            Index(
                f"later_{table.name}_{name}_{nth}", text(f'({words}) COLLATE "C"'), _table=table,
                postgresql_where=text(f"({words}) IS NOT NULL"),
            )  # fmt: skip
    for name in table.info.get("ending", ()):
        Index(f"ending_{table.name}_{name}", text(f'(ending("{name}")) COLLATE "C"'), _table=table)
    scope = table.info.get("default_within")
    if scope is not None:
        columns = [table.c[name] for name in scope] or [table.c.is_default]
        Index(f"one_default_{table.name}", *columns, unique=True, postgresql_where=text("is_default"))


def partial_date_check(prefix: str) -> CheckConstraint:
    """A day, month and year that may be incomplete: a year alone, a month without a day; no day without a month."""
    day, month, year = (f'"{prefix}_{part}"' for part in ("day", "month", "year"))
    return CheckConstraint(
        f"{month} BETWEEN 1 AND 12 AND {day} BETWEEN 1 AND 31 AND {year} BETWEEN 1900 AND 2200"
        f" AND ({day} IS NULL OR {month} IS NOT NULL)",
        name=f"{prefix}_parts",
    )


LATER = (2, 3)
"""Which words of a field, beside its first, are looked for by themselves."""


def find_expression(names: tuple[str, ...]) -> str:
    """SQL of the folded text of one column, or of two with a blank between; the same in the index and in the query."""
    columns = ", ".join(f'"{name}"' for name in names)
    return f"fold({columns})"
