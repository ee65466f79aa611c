"""What the models promise: relations, versions, defaults, uniques, and what the database refuses."""

from __future__ import annotations

import itertools
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, ForeignKey, UniqueConstraint, event, func, inspect, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session, class_mapper
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from app.access.models import User
from app.core.db import session_factory
from app.core.errors import Unprocessable
from app.core.types import Country, utc_now
from app.core.viewer import SYSTEM, system_scope
from app.products.models import MarketProductInstance
from app.screens import write
from app.screens.fields import Field, fields_of
from app.tables import ALL, MODELS
from app.work.models import Task
from tests.conftest import make_user
from tests.smallest import LOGS, TOGETHER, plain_value, smallest, values_for

TABLES = sorted(MODELS)
KEYS = sorted((key for name in MODELS for key in ALL[name].foreign_keys), key=lambda key: key.parent.__str__())
CHANGEABLE = [name for name in TABLES if name not in LOGS]
UNIQUES = sorted(
    (c for name in MODELS for c in ALL[name].constraints if isinstance(c, UniqueConstraint)),
    key=lambda c: str(c.name),
)
DEFAULTS = [name for name in TABLES if "default_within" in ALL[name].info]
POLYMORPHIC = [name for name in TABLES if any("polymorphic" in c.info for c in ALL[name].columns)]
PARTIAL_DATES = [(n, f.name) for n in TABLES for f in fields_of(MODELS[n]).values() if f.kind.name == "partial_date"]
FINDS = [name for name in TABLES if ALL[name].info.get("find")]

UNIQUE, FOREIGN, CHECK = "23505", "23503", "23514"


@contextmanager
def refused(session: Session, state: str, constraint: str = "") -> Iterator[None]:
    """The block is refused by the database for this reason; what it did is undone."""
    with pytest.raises(IntegrityError) as caught, session.begin_nested():
        yield
    assert caught.value.orig.sqlstate == state, caught.value  # type: ignore[union-attr]
    assert constraint in str(caught.value.orig.diag.constraint_name)  # type: ignore[union-attr]


def on(session: Session, statement: str, **values: Any) -> Any:
    """Raw SQL, as a person with `psql` would write it."""
    return session.execute(text(statement), values)


def attribute_of(table: str, column: str) -> str:
    return str(class_mapper(MODELS[table]).get_property_by_column(ALL[table].c[column]).key)


@pytest.mark.usefixtures("app")
def test_the_database_is_told_anew_who_reads_in_every_transaction_of_a_session(engine: Engine) -> None:
    """What was told is over with the transaction: else a record that was just saved would not be found again."""
    with Session(engine) as session, system_scope("tests"):
        roles = []
        for end in (session.commit, session.rollback, session.commit):
            session.scalars(select(MODELS["customers"]).limit(1)).all()
            roles.append(session.connection().scalar(text("SELECT current_user")))
            end()

    assert roles == ["indexus_everywhere"] * 3


# Relations ------------------------------------------------------------------


def relation_of(key: ForeignKey) -> Any:
    """The relation from child to parent along a foreign key."""
    mapper = class_mapper(MODELS[key.parent.table.name])
    (found,) = [r for r in mapper.relationships if r.direction.name == "MANYTOONE" and r.local_columns == {key.parent}]
    return found


@pytest.mark.parametrize("key", KEYS, ids=lambda key: str(key.parent))
def test_a_foreign_key_is_a_relation_in_both_directions(session: Session, key: ForeignKey) -> None:
    child_table, parent_table = key.parent.table.name, key.column.table.name
    relation = relation_of(key)
    (back,) = relation._reverse_property
    parent = smallest(session, parent_table)
    child = smallest(session, child_table, **{attribute_of(child_table, key.parent.name): parent.id})
    session.expire_all()

    assert (getattr(child, relation.key), list(getattr(parent, back.key))) == (parent, [child])
    assert (relation.back_populates, back.back_populates) == (back.key, relation.key)
    assert (back.parent.local_table.name, back.passive_deletes, back.uselist) == (parent_table, "all", True)


@pytest.mark.parametrize(
    "key",
    [k for k in KEYS if k.parent.table.name not in LOGS and (k.parent.table.name, k.parent.name) not in TOGETHER],
    ids=lambda key: str(key.parent),
)
def test_a_child_moves_from_parent_to_parent(session: Session, key: ForeignKey) -> None:
    child_table, parent_table = key.parent.table.name, key.column.table.name
    relation = relation_of(key)
    (back,) = relation._reverse_property
    attribute = attribute_of(child_table, key.parent.name)
    parent, other = smallest(session, parent_table), smallest(session, parent_table)
    child = smallest(session, child_table, **{attribute: parent.id})
    session.expire_all()

    setattr(child, relation.key, other)
    session.flush()
    session.expire_all()

    assert getattr(child, attribute) == other.id
    assert (list(getattr(parent, back.key)), list(getattr(other, back.key))) == ([], [child])


@pytest.mark.parametrize("key", KEYS, ids=lambda key: str(key.parent))
def test_what_happens_to_a_child_is_decided_by_the_database_alone(session: Session, key: ForeignKey) -> None:
    table, attribute = key.parent.table.name, attribute_of(key.parent.table.name, key.parent.name)
    parent = smallest(session, key.column.table.name)
    child = smallest(session, table, **{attribute: parent.id})
    child_id = child.id
    session.expire_all()
    assert getattr(parent, next(iter(relation_of(key)._reverse_property)).key) == [child]  # loaded or not: the same

    if key.ondelete is None:
        with refused(session, FOREIGN, f"fk_{table}_{key.parent.name}"):
            session.delete(parent)
    else:
        session.delete(parent)
        session.flush()

    session.expire_all()
    kept = on(session, f'SELECT "{key.parent.name}" FROM "{table}" WHERE id = :id', id=child_id).scalars().all()
    assert kept == {None: [parent.id] if key.ondelete is None else [], "CASCADE": [], "SET NULL": [None]}[key.ondelete]


# Row versions ---------------------------------------------------------------


@pytest.mark.parametrize("table", CHANGEABLE)
def test_a_lost_update_is_noticed(session: Session, table: str) -> None:
    row = smallest(session, table)
    session.commit()
    session.refresh(row)
    session.commit()
    seen = row.row_version
    with session_factory() as somebody:
        on(somebody, f'UPDATE "{table}" SET id = id WHERE id = :id', id=row.id)
        somebody.commit()

    flag_modified(row, next(f.attribute for f in fields_of(MODELS[table]).values() if not f.readonly and not f.secret))
    with pytest.raises(StaleDataError):
        session.commit()

    session.rollback()
    session.expire_all()
    assert row.row_version != seen


def test_a_deletion_of_what_somebody_changed_meanwhile_is_noticed(session: Session) -> None:
    row = smallest(session, "tasks")
    session.commit()
    with session_factory() as somebody:
        somebody.get_one(Task, row.id).title = "Call her back today"
        somebody.commit()

    session.delete(row)
    with pytest.raises(StaleDataError):
        session.commit()

    session.rollback()
    assert session.scalar(select(Task.title)) == "Call her back today"


def test_one_person_saves_as_often_as_needed(session: Session) -> None:
    row = smallest(session, "tasks")
    versions = []

    for title in ("first", "second", "third"):
        row.title = title
        session.commit()
        versions.append(row.row_version)

    assert len(set(versions)) == 3
    assert row.row_version == str(on(session, "SELECT xmin FROM tasks").scalar_one())


# One default per scope -------------------------------------------------------


def elsewhere(session: Session, table: str, row: Any) -> dict[str, Any] | None:
    """Scope values of another scope than that of `row`; None where there is only one for all."""
    for name in ALL[table].info["default_within"]:
        f = fields_of(MODELS[table])[name]
        if f.targets:
            return {name: smallest(session, f.targets[0]).id}
        if f.choices:
            return {name: next(choice for choice in f.choices if choice != getattr(row, name))}
        return {name: f"other {getattr(row, name)}"[:10]}
    return None


def beside(session: Session, table: str, row: Any, **given: Any) -> Any:
    """Another row in the scope of `row`."""
    numbered = {"version_number": next(_numbers)} if table == "contract_template_versions" else {}
    return smallest(session, table, **{**in_scope_of(table, row), **numbered, **given})


_numbers = itertools.count(2)


def in_scope_of(table: str, row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ALL[table].info["default_within"]}


def defaults_of(session: Session, table: str) -> set[Any]:
    """Ids of the defaults, as the database has them."""
    return set(on(session, f'SELECT id FROM "{table}" WHERE is_default').scalars())


@pytest.mark.parametrize("table", DEFAULTS)
def test_a_new_default_takes_over_in_its_scope_only(session: Session, table: str) -> None:
    first = smallest(session, table, is_default=True)
    other_scope = elsewhere(session, table, first)
    apart = [] if other_scope is None else [beside(session, table, first, **other_scope, is_default=True)]
    ordinary = beside(session, table, first, is_default=False)
    assert defaults_of(session, table) == {row.id for row in [first, *apart]}

    added = beside(session, table, first, is_default=True)
    after_adding = defaults_of(session, table)
    ordinary.is_default = True
    session.commit()

    assert after_adding == {row.id for row in [added, *apart]}
    assert defaults_of(session, table) == {row.id for row in [ordinary, *apart]}


@pytest.mark.parametrize("table", DEFAULTS)
def test_the_row_that_was_the_default_knows_it_and_can_be_changed_at_once(session: Session, table: str) -> None:
    old = smallest(session, table, is_default=True)
    session.commit()

    old.is_default = False
    new = beside(session, table, old, is_default=True)
    flag_modified(old, "created_at")
    session.commit()

    session.expire_all()
    assert (old.is_default, new.is_default) == (False, True)


@pytest.mark.parametrize("table", DEFAULTS)
def test_the_database_refuses_a_second_default(session: Session, table: str) -> None:
    first = smallest(session, table, is_default=True)
    second = beside(session, table, first, is_default=False)

    with refused(session, UNIQUE, f"one_default_{table}"):
        on(session, f'UPDATE "{table}" SET is_default = true WHERE id = :id', id=second.id)


def test_a_default_that_moves_to_another_scope_takes_over_there(session: Session) -> None:
    here = smallest(session, "invoice_layouts", country_code=Country.SK, is_default=True)
    smallest(session, "invoice_layouts", country_code=Country.CZ, is_default=True)

    here.country_code = Country.CZ
    session.commit()

    assert defaults_of(session, "invoice_layouts") == {here.id}


# Uniques ----------------------------------------------------------------------


every_unique = pytest.mark.parametrize("constraint", UNIQUES, ids=lambda constraint: str(constraint.name))


def same_again(session: Session, constraint: UniqueConstraint) -> dict[str, Any]:
    """Values of a row that equals one that is there in the columns of the constraint, and only in them."""
    table = constraint.table.name
    fields = {f.columns[0].name: f for f in fields_of(MODELS[table]).values()}
    given = {f.attribute: _some(session, f) for f in (fields[c.name] for c in constraint.columns) if f.nullable}
    given |= {"token": "the same device"} if table == "mobile_push_tokens" else {}
    first = smallest(session, table, **given)
    same = {fields[c.name].attribute: getattr(first, fields[c.name].attribute) for c in constraint.columns}
    return values_for(session, table, **(same | given))


def _some(session: Session, f: Field) -> Any:
    return smallest(session, f.targets[0]).id if f.targets else plain_value(f)


@every_unique
def test_a_unique_is_kept_by_the_database(session: Session, constraint: UniqueConstraint) -> None:
    values = same_again(session, constraint)

    # PostgreSQL keeps 63 letters of a name.
    with refused(session, UNIQUE, str(constraint.name)[:50]):
        session.add(MODELS[constraint.table.name](**values))


def by_hand(constraint: UniqueConstraint) -> bool:
    """Whether a person can fill in what is unique."""
    names = {c.name for c in constraint.columns}
    return names <= {
        c.name for f in fields_of(MODELS[constraint.table.name]).values() if not f.internal for c in f.columns
    }


@pytest.mark.parametrize("constraint", [c for c in UNIQUES if by_hand(c)], ids=lambda constraint: str(constraint.name))
def test_a_value_that_is_taken_is_said_at_its_fields(
    app: Flask, session: Session, constraint: UniqueConstraint
) -> None:
    screens, screen = app.extensions["screens"], app.extensions["screens"][constraint.table.name]
    fillable = {name for f in write.writable(screen, SYSTEM) for name in f.attributes}
    values = {name: value for name, value in same_again(session, constraint).items() if name in fillable}

    with app.test_request_context(), system_scope("tests"), pytest.raises(Unprocessable) as caught:
        write.add(session, screens, screen, SYSTEM, values)

    assert set(caught.value.fields) == {c.name for c in constraint.columns}
    assert caught.value.general == []


@pytest.mark.parametrize(("name", "email"), [("Petra", "other@example.com"), ("other", "PETRA@example.com")])
def test_users_differ_by_more_than_capital_letters(session: Session, name: str, email: str) -> None:
    make_user(session, "petra")

    with refused(session, UNIQUE, "uq_users_lower_"):
        session.add(User(username=name, email=email, full_name="P", password_hash="!"))


# What a price, option, discount or VAT rate belongs to ------------------------


TARGETS = [("market_product_instances", 0), ("market_product_services", 1)]
every_target = pytest.mark.parametrize(("target", "spelling"), TARGETS, ids=[t for t, _ in TARGETS])


def kinds_of(table: str) -> list[Any]:
    """[spelling for a market product, spelling for a service]"""
    choices = fields_of(MODELS[table])["instance_type"].choices
    assert choices is not None
    return list(choices)


def test_both_spellings_of_a_market_product_are_covered() -> None:
    spellings = {table: [str(kind) for kind in kinds_of(table)] for table in POLYMORPHIC}

    assert spellings == {
        "instance_discounts": ["market", "service"],
        "instance_payment_options": ["market", "service"],
        "instance_prices": ["market", "service"],
        "instance_vat_rates": ["market_instance", "service"],
    }


@every_target
@pytest.mark.parametrize("table", POLYMORPHIC)
def test_a_target_must_be_there_and_of_the_right_kind(session: Session, table: str, target: str, spelling: int) -> None:
    kind, other_kind = kinds_of(table)[spelling], kinds_of(table)[1 - spelling]
    there = smallest(session, target)
    row = smallest(session, table, instance_id=there.id, instance_type=kind)

    for column, value in (("instance_id", "nowhere"), ("instance_type", other_kind.value)):
        with refused(session, FOREIGN, f"fk_{table}_instance_id"):
            on(session, f'UPDATE "{table}" SET {column} = :value WHERE id = :id', value=value, id=row.id)
    values = values_for(session, table, instance_id=there.id, instance_type=other_kind)
    with refused(session, FOREIGN, f"fk_{table}_instance_id"):
        session.add(MODELS[table](**values))


@every_target
@pytest.mark.parametrize("table", POLYMORPHIC)
def test_a_target_in_use_stays_until_nobody_uses_it(session: Session, table: str, target: str, spelling: int) -> None:
    there = smallest(session, target)
    row = smallest(session, table, instance_id=there.id, instance_type=kinds_of(table)[spelling])

    for statement in ("DELETE FROM {} WHERE id = :id", "UPDATE {} SET id = 'moved' WHERE id = :id"):
        with refused(session, FOREIGN, f"fk_{table}_instance_id"):
            on(session, statement.format(target), id=there.id)
    session.delete(row)
    session.flush()
    session.delete(there)
    session.flush()

    assert session.get(MODELS[target], there.id) is None


def test_a_target_of_the_other_kind_with_the_same_id_does_not_hold_one(session: Session) -> None:
    there = smallest(session, "market_product_instances", id="same")
    service = smallest(session, "market_product_services", id="same")
    smallest(session, "instance_prices", instance_id="same", instance_type="market")

    session.delete(service)
    session.flush()

    assert session.get(MarketProductInstance, there.id) is not None


def test_a_target_cannot_go_while_somebody_is_pointing_to_it(engine: Engine, session: Session) -> None:
    """Two connections at once: the deletion waits for the price, and is refused when it is there."""
    failed: list[IntegrityError] = []
    with committed_target(engine) as key, engine.connect() as pricing:
        pricing.execute(_EVERYWHERE)
        pricing.execute(
            text("INSERT INTO instance_prices (instance_id, name, price) VALUES (:id, 'x', 1)"), {"id": key}
        )
        deletion = threading.Thread(target=lambda: failed.extend(_refusal(engine, key)))
        deletion.start()
        waits = _waits_for_a_lock(engine)
        pricing.commit()
        deletion.join(10)

    assert waits
    assert [error.orig.sqlstate for error in failed] == [FOREIGN]  # type: ignore[union-attr]


_EVERYWHERE = text("SET LOCAL ROLE indexus_everywhere")


@contextmanager
def committed_target(engine: Engine) -> Iterator[str]:
    """A market product that other connections see; removed afterwards with its prices."""
    key = "market product of two connections"
    with engine.begin() as connection:
        connection.execute(_EVERYWHERE)
        connection.execute(text("INSERT INTO products (id, name) VALUES (:id, 'x')"), {"id": key})
        connection.execute(
            text("INSERT INTO market_product_instances (id, product_id, name) VALUES (:id, :id, 'x')"),
            {"id": key},
        )
    try:
        yield key
    finally:
        with engine.begin() as connection:
            connection.execute(_EVERYWHERE)
            for table, column in (("instance_prices", "instance_id"), ("market_product_instances", "id"), ("products", "id")):  # fmt: skip
                connection.execute(text(f"DELETE FROM {table} WHERE {column} = :id"), {"id": key})


def _refusal(engine: Engine, key: str) -> list[IntegrityError]:
    try:
        with engine.begin() as connection:
            connection.execute(_EVERYWHERE)
            connection.execute(text("DELETE FROM market_product_instances WHERE id = :id"), {"id": key})
    except IntegrityError as error:
        return [error]
    return []


def _waits_for_a_lock(engine: Engine) -> bool:
    """Whether a deletion waits, looked at for at most five seconds."""
    question = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND query LIKE 'DELETE FROM market_product_instances%'"
    )
    deadline = datetime.now(UTC) + timedelta(seconds=5)
    while datetime.now(UTC) < deadline:
        with engine.connect() as connection:
            connection.execute(text("RESET ROLE"))  # whose connection waits is for its own login to see
            if connection.scalar(question):
                return True
    return False


# Partial dates ------------------------------------------------------------------


@pytest.mark.parametrize(("table", "prefix"), PARTIAL_DATES, ids=lambda value: value)
def test_a_partial_date_is_one_that_can_be(session: Session, table: str, prefix: str) -> None:
    row = smallest(session, table)
    columns = ", ".join(f'"{prefix}_{part}" = :{part}' for part in ("day", "month", "year"))

    def write(day: int | None, month: int | None, year: int | None) -> None:
        on(
            session,
            f'UPDATE "{table}" SET {columns} WHERE id = :id',
            day=day,
            month=month,
            year=year,
            id=row.id,
        )

    good = [
        (None, None, None),
        (None, None, 1900),
        (None, 12, 2200),
        (31, 1, 2026),
        (1, 1, None),
        (None, 6, None),
    ]
    bad = [(0, 1, 2026), (32, 1, 2026), (1, 0, 2026), (1, 13, 2026), (1, 1, 1899), (1, 1, 2201),
           (None, 13, None), (None, None, 26), (5, None, 2026), (5, None, None)]  # fmt: skip
    for parts in good:
        write(*parts)
    for parts in bad:
        with refused(session, CHECK, f"ck_{table}_{prefix}_parts"):
            write(*parts)


def test_every_partial_date_of_the_schema_is_known() -> None:
    triples = {
        (table.name, c.name.removesuffix("_day"))
        for table in ALL.values()
        for c in table.columns
        if c.name.endswith("_day") and {c.name[:-3] + "month", c.name[:-3] + "year"} <= set(table.c.keys())
    }

    assert set(PARTIAL_DATES) == triples
    assert len(triples) == 13


# Search without accents -----------------------------------------------------------


ALPHABETS = {
    "Slovak": "aáäbcčdďeéfghiíjklĺľmnňoóôpqrŕsštťuúvwxyýzž",
    "Czech": "aábcčdďeéěfghiíjklmnňoópqrřsštťuúůvwxyýzž",
    "Hungarian": "aábcdeéfghiíjklmnoóöőpqrstuúüűvwxyz",
    "Romanian": "aăâbcdefghiîjklmnopqrsșştțţuvwxyz",
    "Italian": "aàbcdeéèfghiìîjklmnoòópqrstuùúvwxyz",
    "German": "aäbcdefghijklmnoöpqrsßtuüvwxyz",
    "English": "abcdefghijklmnopqrstuvwxyz",
}


def without_accents(letters: str) -> str:
    """The base letters, by Unicode's own decomposition."""
    apart = unicodedata.normalize("NFD", letters.lower().replace("ß", "ss"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@pytest.mark.parametrize("language", ALPHABETS)
@pytest.mark.parametrize("written", [str.lower, str.upper], ids=["small", "capital"])
def test_letters_of_every_language_are_found_without_their_accents(
    session: Session, language: str, written: Callable[[str], str]
) -> None:
    letters = written(ALPHABETS[language].replace("ß", "")) + ALPHABETS[language][-1]
    letters += "ßẞ" if language == "German" else ""

    folded = session.scalar(select(func.fold(letters)))

    assert folded == without_accents(letters)
    assert folded.isascii()


def test_fold_leaves_digits_signs_and_nothing_alone(session: Session) -> None:
    assert session.scalar(select(func.fold("  O'Neill-2 (SK) +421 %_\\ "))) == "  o'neill-2 (sk) +421 %_\\ "
    assert session.scalar(select(func.fold(None))) is None


@pytest.mark.parametrize("table", FINDS)
def test_the_quick_search_of_a_list_runs_along_its_indexes(
    client: FlaskClient, session: Session, engine: Engine, table: str
) -> None:
    smallest(session, table)
    session.commit()

    asked = questions_of(engine, lambda: client.get(f"/{table}/list/", query_string={"q": "Kováčová Já"}))

    wanted = [f"find_{table}_{'_'.join(names)}" for names in ALL[table].info["find"]]
    assert asked
    for statement, values in asked:
        plan = plan_of(session, statement, values)
        assert [name for name in wanted if f" on {name} " not in plan and f" using {name} " not in plan] == [], plan


def test_a_search_finds_names_by_their_beginning_whatever_the_accents(client: FlaskClient, session: Session) -> None:
    row = smallest(session, "customers", first_name="Jürgen", last_name="Ľuptáková-Großmann")
    session.commit()

    found = {
        typed: f"/customers/show/{row.id}" in client.get("/customers/list/", query_string={"q": typed}).text
        for typed in (
            "luptakova",
            "ĽUPTÁKOVÁ",
            "luptakova-grossmann jur",
            "Jürgen Lup",
            "  jurgen   lup ",
            "uptakova",
        )
    }

    assert found == {**dict.fromkeys(found, True), "uptakova": False}


def questions_of(engine: Engine, act: Callable[[], Any]) -> list[tuple[str, Any]]:
    """The statements with a folded text that the act sends, with their values."""
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        if "fold(" in statement:
            asked.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert act().status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return asked


def plan_of(session: Session, statement: str, values: Any) -> str:
    """How PostgreSQL goes about it when reading everything is no choice, as in a large table."""
    connection = session.connection()
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", values))


# Times and JSON ----------------------------------------------------------------------


def test_times_come_back_aware_and_in_utc(session: Session) -> None:
    row = smallest(session, "tasks", due_date=datetime(2026, 3, 31, 14, 30, tzinfo=timezone(timedelta(hours=2))))
    naive = smallest(session, "tasks", due_date=datetime(2026, 3, 31, 12, 30))
    session.commit()
    session.expire_all()

    stored = on(session, "SELECT DISTINCT due_date::text FROM tasks".replace("::", r"\:\:")).scalars().all()

    assert stored == ["2026-03-31 12:30:00"]
    assert row.due_date == naive.due_date == datetime(2026, 3, 31, 12, 30, tzinfo=UTC)
    assert row.due_date.tzinfo is UTC
    assert row.created_at.tzinfo is UTC
    assert abs(utc_now() - row.created_at) < timedelta(minutes=1)


def test_a_change_moves_the_time_of_the_last_change(session: Session) -> None:
    row = smallest(session, "tasks")
    on(session, "UPDATE tasks SET updated_at = '2020-01-01'")
    session.expire_all()

    row.title = "Call her back"
    session.commit()

    session.expire_all()
    assert abs(utc_now() - row.updated_at) < timedelta(minutes=1)


TYPED = {
    ("notification_rules", "trigger_config")
}  # JSON of a shape of its own, see `tests/notifications/test_rules.py`
JSON_TEXTS = [
    (n, f.attribute) for n in TABLES for f in fields_of(MODELS[n]).values() if f.json_text and (n, f.name) not in TYPED
]


@pytest.mark.parametrize(("table", "attribute"), JSON_TEXTS, ids=lambda value: value)
def test_json_in_a_text_column_is_kept_as_given_and_checked(session: Session, table: str, attribute: str) -> None:
    for good in ('{"a":  [1, null]}', '"text"', "0", "[]"):
        row = smallest(session, table, **{attribute: good})
        session.expire(row)
        assert getattr(row, attribute) == good
    for bad in ("", "{a: 1}", "[1,]", "NaN", '{"a": Infinity}', "'text'"):
        values = values_for(session, table, **{attribute: bad})
        with pytest.raises(StatementError, match="JSON"), session.begin_nested():
            session.add(MODELS[table](**values))


def test_an_unknown_choice_is_refused_before_it_is_sent(session: Session) -> None:
    values = values_for(session, "customers", country="PL")

    with pytest.raises(StatementError, match="'PL' is not a valid Country"), session.begin_nested():
        session.add(MODELS["customers"](**values))
        session.flush()


def test_a_choice_comes_back_as_a_member(session: Session) -> None:
    row = smallest(session, "customers", country="SK")
    session.expire_all()

    assert row.country is Country.SK


def test_every_key_is_made_by_the_program_and_by_the_database(app: Flask, session: Session) -> None:
    by_program = smallest(session, "products")
    by_database = on(session, "INSERT INTO products (name) VALUES ('x') RETURNING id").scalar_one()

    assert len(by_program.id) == len(by_database) == 36
    assert inspect(by_program).persistent
