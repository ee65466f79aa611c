"""Rows of a chosen country: the declared path of each table, walked from its end to its beginning."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from flask import Flask
from sqlalchemy import Column, Table, inspect, select
from sqlalchemy.orm import Session, class_mapper

from app.access.models import Role, RoleModulePermission, User
from app.core.paths import GLOBAL, Mailbox, Own, Owner, Owns, Path, People, Through, path_of
from app.core.types import Country
from app.core.viewer import AUDIT, EXPORT, IMPORT
from app.screens.fields import Field, fields_of
from app.screens.resolve import Resolved
from app.tables import MODELS
from tests.conftest import make_user
from tests.smallest import NARROWER, values_for

HOME, ABROAD = "SK", "CZ"
_numbers = itertools.count(100)
CANARY = "Zvonohra"  # stands in the texts of rows that must not be seen


def table_of(name: str) -> Table:
    table = class_mapper(MODELS[name]).local_table
    assert isinstance(table, Table)
    return table


def path(name: str) -> Path:
    return path_of(table_of(name))


def placed_tables() -> list[str]:
    """The tables whose rows belong to countries."""
    return sorted(name for name in MODELS if path(name) is not GLOBAL)


def ways(name: str) -> list[tuple[str, int]]:
    """Every way in which a row of this table gets to its country: (table, how many turns before are left empty)."""
    return [(name, turn) for turn in range(len(turns(path(name))))]


def turns(way: Path | None) -> list[Path]:
    found = []
    while way is not None:
        found.append(way)
        way = way.otherwise if isinstance(way, Own | Through) else None
    return found


def deciding(name: str) -> set[str]:
    """The columns by which a row of this table gets to its country, whatever the way."""
    found: set[str] = set()
    for turn in turns(path(name)):
        if isinstance(turn, Own | Mailbox | People):
            found.add(turn.column)
        elif isinstance(turn, Owns):
            found |= {turn.column, turn.seat} - {""}
        elif isinstance(turn, Through):
            found |= {turn.column, *turn.also}
        elif isinstance(turn, Owner):
            found |= set(turn.columns)
    return found


def placed(session: Session, name: str, country: str, turn: int = 0, /, **given: Any) -> Any:
    """A flushed row that belongs to `country` by the way number `turn`; all it needs is of that country, too."""
    row = MODELS[name](**placed_values(session, name, country, turn, **given))
    session.add(row)
    session.flush()
    return row


def placed_values(session: Session, name: str, country: str, turn: int = 0, /, **given: Any) -> dict[str, Any]:
    values = {**_steered(session, name, country, turn, given), **given}
    if name == "deals":
        values |= _standing(session, country, values)
    for f in fields_of(MODELS[name]).values():
        if f.required and f.targets and f.attribute not in values:
            values[f.attribute] = parent_in(session, f, country)
    return values_for(session, name, **values)


def _standing(session: Session, country: str, values: dict[str, Any]) -> dict[str, Any]:
    """A deal stands in a stage of its own pipeline."""
    if "stage_id" in values or "pipeline_id" in values:
        return {}
    stage = placed(session, "pipeline_stages", country)
    return {"stage_id": stage.id, "pipeline_id": stage.pipeline_id}


def parent_in(session: Session, f: Field, country: str, target: str = "") -> Any:
    """The id of a record of that country to which this field can point."""
    target = target or f.targets[0]
    for turn in turns(path(target)):
        column = getattr(turn, "column", "")
        if isinstance(turn, Own) and table_of(target).c[column].unique:
            model = MODELS[target]
            known = session.scalar(select(model.id).where(getattr(model, column) == country))
            if known is not None:
                return known
    return placed(session, target, country).id


def _steered(session: Session, name: str, country: str, turn: int, given: dict[str, Any]) -> dict[str, Any]:
    fields = fields_of(MODELS[name])
    values: dict[str, Any] = {}
    for number, way in enumerate(turns(path(name))[: turn + 1]):
        last = number == turn
        if isinstance(way, Own):
            values[attribute(name, way.column)] = Country(country) if last else None
        elif isinstance(way, Owns):
            values[attribute(name, way.column)] = [country]
            if way.seat:
                values[attribute(name, way.seat)] = Country(country)
        elif isinstance(way, People):
            values[attribute(name, way.column)] = [country]
        elif isinstance(way, Owner | Through):
            columns = way.columns if isinstance(way, Owner) else (way.column, *way.also)
            for column in columns:
                key = attribute(name, column)
                if key not in given:
                    values[key] = parent_in(session, fields[column], country) if last else None
            # What is private is known to its people alone: in the home country `home` is one of them.
            if way.private and country == HOME and (person := _at_home(session)):
                values[attribute(name, columns[0])] = given.get(attribute(name, columns[0]), person)
        elif isinstance(way, Mailbox):
            values[attribute(name, way.column)] = mailbox_in(session, way, country)
    return values


def _at_home(session: Session) -> str | None:
    return session.scalar(select(User.id).where(User.username == "home"))


def mailbox_in(session: Session, way: Mailbox, country: str) -> str:
    model = MODELS[way.table]
    known = session.scalar(select(model.email).where(model.country_code == country))
    return known or placed(session, way.table, country).email


def attribute(name: str, column: str) -> str:
    return str(class_mapper(MODELS[name]).get_property_by_column(table_of(name).c[column]).key)


def marked(name: str) -> dict[str, Any]:
    """The canary for every text of a row that takes it and does not decide about its country."""
    found = {}
    for f in fields_of(MODELS[name]).values():
        takes = f.kind.name in ("string", "text", "html") and (f.length is None or f.length >= len(CANARY) + 4)
        # An entry about a kind of record that nobody knows is known of by nobody.
        takes = takes and "names_table" not in f.column.info and (name, f.name) not in NARROWER
        if takes and not f.readonly and f.name not in deciding(name) and not f.name.startswith("working_hours"):
            found[f.attribute] = f"{CANARY} {next(_numbers)} {f.name}"[: f.length]  # texts may be unique
    return found


def foreign_keys() -> Iterator[tuple[str, str, str]]:
    """(table, column, target) of every foreign key of the 99 tables, those that `instance_type` decides included."""
    for name in sorted(MODELS):
        for f in fields_of(MODELS[name]).values():
            for target in f.targets:
                yield name, f.name, target


def kind_for(name: str, f: Field, target: str) -> dict[str, Any]:
    """What else must be set so that a field points to `target`: its kind, where it can point to two tables."""
    kind = column_of(name, f.name).info.get("polymorphic")
    if not kind:
        return {}
    choices = fields_of(MODELS[name])[kind].choices
    assert choices is not None
    service = target == "market_product_services"
    return {kind: next(choice for choice in choices if (choice.value == "service") == service)}


def column_of(name: str, column: str) -> Column[Any]:
    return table_of(name).c[column]


def clerk(session: Session, app: Flask, name: str, *countries: str) -> User:
    """Somebody who may do everything with all modules, in these countries."""
    modules = {screen.module for screen in screens_of(app).values()} | {EXPORT, IMPORT, AUDIT}
    role = Role(name=f"Everything for {name}")
    role.role_module_permissions = [
        RoleModulePermission(module_key=module, access="visible", can_add=True, can_edit=True)
        for module in sorted(modules)
    ]
    user = make_user(session, name, role=role, assigned_countries=list(countries))
    session.commit()
    return user


def screens_of(app: Flask) -> dict[str, Resolved]:
    found: dict[str, Resolved] = app.extensions["screens"]
    return found


def image(session: Session, name: str, key: Any) -> dict[str, Any] | None:
    """All columns of a row as the database has them, row version included; None when it is gone."""
    session.commit()  # a request may have changed whose eyes the connection has
    session.scalar(select(MODELS[name].id).limit(1))
    table = table_of(name)
    row = session.connection().execute(select(table).where(table.c.id == key)).mappings().one_or_none()
    return None if row is None else dict(row)


def everything_in(session: Session, name: str) -> list[tuple[Any, ...]]:
    """Id and version of every row of a table: changes with every write."""
    session.commit()
    model = MODELS[name]
    return sorted(tuple(row) for row in session.execute(select(model.id, model.row_version)))


def mapped(row: Any) -> str:
    return str(inspect(row).mapper.local_table.name)
