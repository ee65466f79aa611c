"""Why the countries of somebody let him see a row or not."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session, class_mapper

from app.core.paths import Reach, path_of, targets
from app.core.scope import reach_of, tell_database, walled
from app.core.viewer import SYSTEM, Viewer


class Step(NamedTuple):
    """A row on the way to a country: the path from it in words, and whether it is open to the viewer."""

    table: str
    key: Any
    path: str
    open: bool


def explain(session: Session, viewer: Viewer, model: type[Any], key: Any) -> list[Step]:
    """Why the countries of `viewer` let him see a row or not, step by step.

    Reads with the system's eyes: only for those who may ask about others' rights.
    """
    steps: list[Step] = []
    seen: set[tuple[str, Any]] = set()

    def follow(table: Table, row_key: Any) -> None:
        if row_key is None or (table.name, row_key) in seen:
            return
        seen.add((table.name, row_key))
        path = path_of(table)
        reach = reach_of(viewer) or Reach(())
        rule = path.reads(table, table, reach) if walled(frozenset([table.name]), viewer) else None
        asked = select(func.count()).select_from(table).where(table.c.id == row_key, *([] if rule is None else [rule]))
        steps.append(Step(table.name, row_key, path.describe(), bool(session.connection().scalar(asked))))
        for name in path.parents():
            parent_key = session.connection().scalar(select(table.c[name]).where(table.c.id == row_key))
            for target, _only in targets(table, name):
                found = select(func.count()).select_from(target).where(target.c.id == parent_key)
                if session.connection().scalar(found):
                    follow(target, parent_key)

    tell_database(session, SYSTEM)
    follow(class_mapper(model).local_table, key)  # type: ignore[arg-type]
    return steps
